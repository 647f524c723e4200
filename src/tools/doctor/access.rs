//! What GitHub lets us do, by asking for it: the repository, its workflows, runs and deployments.

use serde_json::Value;

use crate::host::{Answered, Http, Reply};
use crate::time::Millis;
use crate::tools::github::{Api, Workflow, encoded, is_limit, repository_url, request, text};
use crate::tools::http::header;
use crate::tools::instant::http_instant;
use crate::tools::letters::bounded;

/// Asks for the repository. Read by [`granted`].
#[must_use]
pub fn ask_repository(api: &Api) -> Http {
    request(api, repository_url(api))
}

/// Asks for the workflows, a hundred at most. Read by [`granted`], then by [`workflows`].
#[must_use]
pub fn ask_workflows(api: &Api) -> Http {
    request(api, repository_url(api) + "/actions/workflows?per_page=100")
}

/// Asks for one deployment. Read by [`granted`].
#[must_use]
pub fn ask_deployments(api: &Api) -> Http {
    request(api, repository_url(api) + "/deployments?per_page=1")
}

/// Asks for one run of a workflow (its file's name) on a branch. Read by [`granted`], then by
/// [`count`].
#[must_use]
pub fn ask_runs(api: &Api, file: &str, branch: &str) -> Http {
    let tail = format!("/actions/workflows/{}/runs?branch={}&per_page=1", encoded(file), encoded(branch));
    request(api, repository_url(api) + &tail)
}

/// How many there are, of a list's answer.
#[must_use]
pub fn count(body: &Value) -> u64 {
    body.get("total_count").and_then(Value::as_u64).unwrap_or(0)
}

/// Why GitHub does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessDenied {
    /// 401: the token is not accepted.
    Token,
    /// 403: a permission is missing; the one that GitHub names, or nothing.
    Permission(String),
    /// 404: it is not there, or not to be seen with this token.
    Hidden,
    /// Too many requests.
    Limited,
    /// Another status.
    Status(u16),
    /// No answer; how far it got, and the system's words.
    Unreached(String),
}

/// The answer's body, or why there is none.
pub fn granted(reply: &Reply) -> Result<Value, AccessDenied> {
    let answered = match reply {
        Reply::Answered(answered) => answered,
        Reply::Unreached { phase, text } => {
            return Err(AccessDenied::Unreached(format!("{phase:?}: {}", bounded(text, 120)).to_lowercase()));
        }
        _ => return Err(AccessDenied::Unreached("?".to_owned())),
    };
    match answered.status {
        200 => serde_json::from_str(&answered.body).map_err(|_| AccessDenied::Unreached("unreadable".to_owned())),
        401 => Err(AccessDenied::Token),
        429 => Err(AccessDenied::Limited),
        403 if is_limit(answered) => Err(AccessDenied::Limited),
        403 => {
            let wanted = answered.headers.get("x-accepted-github-permissions");
            Err(AccessDenied::Permission(bounded(wanted.map_or("", String::as_str), 100)))
        }
        404 => Err(AccessDenied::Hidden),
        status => Err(AccessDenied::Status(status)),
    }
}

/// A workflow of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedWorkflow {
    /// Its name.
    pub name: String,
    /// Its file's name.
    pub file: String,
    /// `active`, or how it was switched off.
    pub state: String,
}

/// The workflows of the answer to [`ask_workflows`].
#[must_use]
pub fn workflows(body: &Value) -> Vec<ListedWorkflow> {
    let one = |value: &Value| {
        let path = text(value, "path")?;
        let file = path.rsplit('/').next().unwrap_or(&path).to_owned();
        Some(ListedWorkflow { name: text(value, "name")?, file, state: text(value, "state")? })
    };
    body.get("workflows").and_then(Value::as_array).into_iter().flatten().filter_map(one).collect()
}

/// Those that a setting names: one, mostly; two workflows may share a name.
#[must_use]
pub fn named<'a>(all: &'a [ListedWorkflow], wanted: &Workflow) -> Vec<&'a ListedWorkflow> {
    all.iter()
        .filter(|one| match wanted {
            Workflow::File(file) => one.file == *file,
            Workflow::Name(name) => one.name == *name,
        })
        .collect()
}

/// Requests left, of how many, and when they are counted anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Left.
    pub left: u64,
    /// In all.
    pub limit: u64,
    /// When they are counted anew.
    pub reset: Millis,
}

/// The rate that an answer tells; every answer of the API does.
#[must_use]
pub fn rate(answered: &Answered) -> Option<Rate> {
    let number = |name: &str| header(answered, name)?.parse::<u64>().ok();
    Some(Rate {
        left: number("x-ratelimit-remaining")?,
        limit: number("x-ratelimit-limit")?,
        reset: Millis(number("x-ratelimit-reset")?.saturating_mul(1000)),
    })
}

/// By how many milliseconds this machine's clock (`now`) is ahead (negative: behind) of the
/// server's; both the second that `Date` counts in and the answer's way are in our favour.
#[must_use]
pub fn skew_ms(answered: &Answered, now: Millis) -> Option<i64> {
    // Not through `header`: a date has a comma.
    let server = http_instant(answered.headers.get("date")?)?;
    let sent = now.0.saturating_sub(answered.ms);
    let (earliest, latest) = (sent, now.0);
    let (from, to) = (server.0, server.0 + 1000);
    if latest < from {
        return Some(-i64::try_from(from - latest).ok()?);
    }
    i64::try_from(earliest.saturating_sub(to)).ok()
}

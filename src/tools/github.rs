//! GitHub's Actions API: how to ask for runs, jobs and logs, and what each answer proves.
//!
//! An answer is a page, "nothing new", "ask later" or "will not tell"; it never proves that there
//! is no run. Which run counts, and what it means, is `ci_run` and `verdict`.

use serde_json::Value;

use crate::host::{Answered, Http, Keep, Phase, Reply};
use crate::machine::verdict::Denial;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::ci_job::Job;
use crate::tools::ci_run::WorkflowRun;
use crate::tools::http::{header, origin, retry_after};
use crate::tools::letters::bounded;
use crate::tools::secret::Secret;

/// Time for one request, in milliseconds; GitHub itself gives up after 10 s.
pub const LIMIT_MS: u64 = 10_000;
/// Bytes kept of a list.
pub const LIST_CAP: u64 = 4 * 1024 * 1024;
/// Bytes kept of a job's log: the last ones.
pub const LOG_CAP: u64 = 4 * 1024 * 1024;
/// What to wait, in milliseconds, where GitHub limits us without saying for how long.
const LIMITED_MS: u64 = 60_000;

/// Where to ask, about which repository, as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// `GITHUB_API_URL`, such as `https://api.github.com`.
    pub url: String,
    /// `owner/name`.
    pub repository: String,
    /// None: anonymous, which public repositories allow (60 requests an hour).
    pub token: Option<Secret>,
}

/// Which workflow decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workflow {
    /// A file name below `.github/workflows/`.
    File(String),
    /// A workflow's `name:`.
    Name(String),
}

impl Workflow {
    /// Reads the setting: what ends in `.yml` or `.yaml` is a file, with or without
    /// `.github/workflows/` before it; anything else is a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let path = text.strip_prefix("./").unwrap_or(text);
        let file = path.strip_prefix(".github/workflows/").unwrap_or(path);
        if file.ends_with(".yml") || file.ends_with(".yaml") {
            Self::File(file.to_owned())
        } else {
            Self::Name(text.to_owned())
        }
    }
}

/// Asks for the runs of one commit; with the `etag` of the last page, "nothing new" costs nothing.
#[must_use]
pub fn list_runs(api: &Api, workflow: &Workflow, sha: &Sha, etag: Option<&str>) -> Http {
    let mut request = request(api, list_url(api, workflow, &format!("head_sha={sha}")));
    let printable = |etag: &&str| etag.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(etag) = etag.filter(printable) {
        request.headers.push(("If-None-Match".to_owned(), etag.to_owned()));
    }
    request
}

/// Asks for a branch's newest runs of any commit, for when the search by commit lags behind.
#[must_use]
pub fn list_recent_runs(api: &Api, workflow: &Workflow, branch: &str) -> Http {
    request(api, list_url(api, workflow, &format!("branch={}", encoded(branch))))
}

/// Asks for the next page that a list's answer names; none on the last page, or when the link
/// leads to another server.
#[must_use]
pub fn next_page(api: &Api, answered: &Answered) -> Option<Http> {
    let url = answered.headers.get("link")?.split(',').find_map(|piece| {
        let (url, parameters) = piece.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(str::trim);
        parameters.any(|one| one == "rel=\"next\"" || one == "rel=next").then_some(url)
    })?;
    let same = origin(url)? == origin(&api.url)?;
    same.then(|| request(api, url.to_owned()))
}

/// Asks for the jobs of one attempt of a run.
#[must_use]
pub fn list_jobs(api: &Api, run_id: u64, attempt: u64) -> Http {
    let tail = format!("/actions/runs/{run_id}/attempts/{attempt}/jobs?per_page=100");
    request(api, repository_url(api) + &tail)
}

/// Asks for a job's log. The answer is a redirect to another server, valid for one minute: go
/// there with [`redirected`](crate::tools::http::redirected), which leaves our token behind.
#[must_use]
pub fn fetch_log(api: &Api, job_id: u64) -> Http {
    let url = format!("{}/actions/jobs/{job_id}/logs", repository_url(api));
    Http { cap: LOG_CAP, keep: Keep::Tail, ..request(api, url) }
}

fn list_url(api: &Api, workflow: &Workflow, filter: &str) -> String {
    let list = match workflow {
        Workflow::File(file) => format!("workflows/{}/runs", encoded(file)),
        Workflow::Name(_) => "runs".to_owned(),
    };
    let repository = repository_url(api);
    format!("{repository}/actions/{list}?{filter}&exclude_pull_requests=true&per_page=100")
}

pub(crate) fn repository_url(api: &Api) -> String {
    let parts: Vec<String> = api.repository.split('/').map(encoded).collect();
    format!("{}/repos/{}", api.url.trim_end_matches('/'), parts.join("/"))
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn encoded(part: &str) -> String {
    part.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

pub(crate) fn request(api: &Api, url: String) -> Http {
    let mut headers = vec![
        ("User-Agent".to_owned(), "mangetamain-deploy".to_owned()),
        ("Accept".to_owned(), "application/vnd.github+json".to_owned()),
        ("X-GitHub-Api-Version".to_owned(), "2022-11-28".to_owned()),
    ];
    if let Some(token) = &api.token {
        headers.push(("Authorization".to_owned(), format!("Bearer {}", token.expose())));
    }
    Http { method: "GET".to_owned(), url, headers, body: None, limit_ms: LIMIT_MS, cap: LIST_CAP, keep: Keep::Head }
}

/// What asking for a list brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Listing<T> {
    /// A page of it.
    Page(Page<T>),
    /// Nothing changed since the `etag`.
    Unchanged,
    /// No answer yet: nothing is proven.
    Later {
        /// Wait at least so many milliseconds; 0: ask again at the usual pace.
        ms: u64,
        /// What stood in the way.
        why: Setback,
    },
    /// GitHub will not tell until somebody mends it.
    Denied(Denial),
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// In GitHub's order, newest first.
    pub items: Vec<T>,
    /// How many there are on all pages together.
    pub total: u64,
    /// For the next time the same page is asked for.
    pub etag: Option<String>,
    /// Asks for the next page.
    pub next: Option<Box<Http>>,
}

/// Why an answer must be asked for again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Setback {
    /// Status 429, or 403 that says so.
    #[error("GitHub limits the number of requests")]
    Limited,
    /// A status that proves nothing, 5xx mostly.
    #[error("GitHub answered with status {0}")]
    Status(u16),
    /// A refusal, by one that has told before.
    #[error("{0}")]
    Denied(Denial),
    /// No answer.
    #[error("GitHub was not reached ({phase:?}: {text})")]
    Unreached {
        /// How far the request got.
        phase: Phase,
        /// The system's sentence.
        text: String,
    },
    /// The body is longer than what we keep, or was cut off.
    #[error("GitHub's answer is not whole")]
    Truncated,
    /// The body is not what the API promises.
    #[error("GitHub's answer cannot be read")]
    Unreadable,
    /// The host answered something else, such as that a signal came.
    #[error("the question to GitHub was not carried out")]
    NotAsked,
}

/// Reads the answer to [`list_runs`], [`list_recent_runs`] or a next page of theirs.
#[must_use]
pub fn listed(api: &Api, reply: &Reply, now: Millis) -> Listing<WorkflowRun> {
    listing(api, reply, now, |body| read_items(body, "workflow_runs", WorkflowRun::read))
}

/// Reads the answer to [`list_jobs`] or a next page of it.
#[must_use]
pub fn listed_jobs(api: &Api, reply: &Reply, now: Millis) -> Listing<Job> {
    listing(api, reply, now, |body| read_items(body, "jobs", Job::read))
}

/// Reads the answer at the end of [`fetch_log`]'s redirects; none unless a log came.
#[must_use]
pub fn fetched_log(reply: &Reply) -> Option<&str> {
    match reply {
        Reply::Answered(answered) if answered.status == 200 => Some(&answered.body),
        _ => None,
    }
}

pub(crate) fn listing<T>(api: &Api, reply: &Reply, now: Millis, read: impl Fn(&Value) -> Option<Vec<T>>) -> Listing<T> {
    let answered = match reply {
        Reply::Answered(answered) => answered,
        Reply::Unreached { phase, text } => {
            let why = Setback::Unreached { phase: *phase, text: bounded(text, 200) };
            return Listing::Later { ms: 0, why };
        }
        _ => {
            return Listing::Later { ms: 0, why: Setback::NotAsked };
        }
    };
    let wait = retry_after(answered, now);
    match answered.status {
        200 => page(api, answered, read),
        304 => Listing::Unchanged,
        401 => Listing::Denied(Denial::Token),
        403 if !is_limit(answered) => {
            let wanted = answered.headers.get("x-accepted-github-permissions");
            Listing::Denied(match wanted {
                Some(wanted) => Denial::Permission(bounded(wanted, 200)),
                None => message(answered).map_or_else(|| Denial::Permission(String::new()), Denial::Barred),
            })
        }
        403 | 429 => Listing::Later { ms: wait.unwrap_or(LIMITED_MS), why: Setback::Limited },
        404 => Listing::Denied(Denial::Repository),
        // https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        301 | 307 | 308 => Listing::Denied(Denial::Moved),
        400 | 410 => Listing::Denied(Denial::Version(answered.status)),
        status => Listing::Later { ms: wait.unwrap_or(0), why: Setback::Status(status) },
    }
}

/// What GitHub says of a refusal, at most 200 characters.
fn message(answered: &Answered) -> Option<String> {
    let body: Value = serde_json::from_str(&answered.body).ok()?;
    text(&body, "message").filter(|message| !message.is_empty()).map(|message| bounded(&message, 200))
}

fn page<T>(api: &Api, answered: &Answered, read: impl Fn(&Value) -> Option<Vec<T>>) -> Listing<T> {
    if !answered.whole {
        return Listing::Later { ms: 0, why: Setback::Truncated };
    }
    let body: Option<Value> = serde_json::from_str(&answered.body).ok();
    let Some((items, body)) = body.and_then(|body| Some((read(&body)?, body))) else {
        return Listing::Later { ms: 0, why: Setback::Unreadable };
    };
    let counted = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Listing::Page(Page {
        total: body.get("total_count").and_then(Value::as_u64).unwrap_or(counted),
        items,
        etag: answered.headers.get("etag").cloned(),
        next: next_page(api, answered).map(Box::new),
    })
}

/// Every item or none: one that cannot be read could be the newest.
fn read_items<T>(body: &Value, key: &str, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    body.get(key)?.as_array()?.iter().map(read).collect()
}

/// Is this 403 a rate limit? GitHub says so in a header, or in where its documentation is.
pub(crate) fn is_limit(answered: &Answered) -> bool {
    let told = answered.headers.contains_key("retry-after") || header(answered, "x-ratelimit-remaining") == Some("0");
    let body: Value = serde_json::from_str(&answered.body).unwrap_or_default();
    let says = |key: &str, word: &str| body.get(key).and_then(Value::as_str).is_some_and(|text| text.contains(word));
    told || says("documentation_url", "rate-limit") || says("message", "rate limit")
}

/// A text under a key; none when it is absent, null or not a text.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// `html_url`, only when it is an address that cannot end a link or a tag around it.
pub(crate) fn page_url(value: &Value) -> Option<String> {
    let url = text(value, "html_url")?;
    let harmless = |byte: u8| byte.is_ascii_graphic() && !b"<>()[]\"'`\\|{}^".contains(&byte);
    (url.len() <= 1000 && url.bytes().all(harmless) && origin(&url).is_some()).then_some(url)
}

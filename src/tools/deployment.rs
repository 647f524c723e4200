//! GitHub's deployments: how to make one and say how it stands, and what each answer proves. When that is
//! done, and for which deploy, is for `deployments`.

use serde_json::{Value, json};

use crate::host::{Http, Reply};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::github::{Api, Listing, Setback, encoded, is_limit, listing, repository_url, request, text};
use crate::tools::letters::bounded;

/// Letters of a description (GitHub's OpenAPI description, create-deployment-status).
const DESCRIPTION: usize = 140;
/// Who made it, as its payload says.
const BY: &str = "mangetamain-deploy";
/// Deployments looked at.
const LOOKED_AT: usize = 20;

/// How a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentState {
    /// It is under way.
    InProgress,
    /// It is live.
    Success,
    /// It did not come about.
    Failure,
    /// Whoever was at it was told to stop; the next run goes on with it.
    Error,
    /// Something else has taken its place.
    Inactive,
}

impl DeploymentState {
    fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Inactive => "inactive",
        }
    }
}

/// A deployment to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What is deployed.
    pub sha: Sha,
    /// Where; GitHub's name is ours.
    pub environment: String,
    /// When it was asked for: with this it is found again.
    pub since: Millis,
    /// One line.
    pub description: String,
    /// Whether end users work there.
    pub audience: Audience,
    /// Whether it goes forward or back.
    pub task: Task,
}

/// Whether a deployment goes forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Something new goes live.
    Deploy,
    /// Something older goes live again.
    Rollback,
}

/// Who works with an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The team.
    Team,
    /// End users. GitHub makes what was replaced there inactive only when told to.
    Users,
}

/// A deployment, as GitHub lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: u64,
    /// When it was asked for, where it is one of ours.
    pub since: Option<Millis>,
    /// For whom it is.
    pub audience: Audience,
}

/// Asks for the newest deployments of an environment.
#[must_use]
pub fn list(api: &Api, environment: &str) -> Http {
    let query = format!("?environment={}&per_page={LOOKED_AT}", encoded(environment));
    request(api, repository_url(api) + "/deployments" + &query)
}

/// Reads the answer to [`list`], newest first.
#[must_use]
pub fn listed(api: &Api, reply: &Reply, now: Millis) -> Listing<Found> {
    listing(api, reply, now, |body| body.as_array()?.iter().map(found).collect())
}

fn found(value: &Value) -> Option<Found> {
    let payload = value.get("payload");
    // An object comes back as one, or as its text.
    let parsed = payload.and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let payload = parsed.as_ref().or(payload);
    let ours = payload.filter(|payload| text(payload, "by").as_deref() == Some(BY));
    let is_production = value.get("production_environment").and_then(Value::as_bool) == Some(true);
    Some(Found {
        id: value.get("id")?.as_u64()?,
        since: ours.and_then(|payload| payload.get("since")?.as_u64()).map(Millis),
        audience: if is_production { Audience::Users } else { Audience::Team },
    })
}

/// Makes a deployment. Without the first two of its settings GitHub might merge the default branch into it,
/// or refuse it because CI has not spoken.
#[must_use]
pub fn create(api: &Api, wanted: &Wanted) -> Http {
    let body = json!({
        "ref": wanted.sha.as_str(),
        "auto_merge": false,
        "required_contexts": [],
        "task": match wanted.task {
            Task::Deploy => "deploy",
            Task::Rollback => "rollback",
        },
        "environment": wanted.environment,
        "description": bounded(&wanted.description, DESCRIPTION),
        "production_environment": wanted.audience == Audience::Users,
        "payload": { "by": BY, "since": wanted.since.0 },
    });
    posting(api, "/deployments".to_owned(), &body)
}

/// Says how a deployment stands; `log_url` and `url` are left out when they are not known.
#[must_use]
pub fn stand(api: &Api, id: u64, standing: DeploymentState, log_url: Option<&str>, url: Option<&str>) -> Http {
    let mut body = json!({ "state": standing.word() });
    if let Some(map) = body.as_object_mut() {
        map.extend(log_url.map(|url| ("log_url".to_owned(), json!(url))));
        map.extend(url.map(|url| ("environment_url".to_owned(), json!(url))));
    }
    posting(api, format!("/deployments/{id}/statuses"), &body)
}

/// Asks how a deployment stands and stood, newest first.
#[must_use]
pub fn list_standings(api: &Api, id: u64) -> Http {
    request(api, format!("{}/deployments/{id}/statuses?per_page=5", repository_url(api)))
}

/// Reads the answer to [`list_standings`]: each state's word, and the page that it names.
#[must_use]
pub fn standings(api: &Api, reply: &Reply, now: Millis) -> Listing<(String, String)> {
    let one = |value: &Value| {
        let page = text(value, "log_url").filter(|url| !url.is_empty()).or_else(|| text(value, "target_url"));
        Some((text(value, "state")?, page.unwrap_or_default()))
    };
    listing(api, reply, now, |body| body.as_array()?.iter().map(one).collect())
}

fn posting(api: &Api, path: String, body: &Value) -> Http {
    let mut request = request(api, repository_url(api) + &path);
    request.method = "POST".to_owned();
    request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    request.body = Some(body.to_string());
    request
}

/// What became of a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It is there.
    Done {
        /// Its id.
        id: Option<u64>,
    },
    /// The token may not do that.
    Forbidden,
    /// There is none of this id, or no repository that the token may see: GitHub's sentence.
    Missing(String),
    /// GitHub does not take it: the status, and its sentence.
    Refused(u16, String),
    /// It may be there or not.
    Unknown(Setback),
}

/// Reads the answer to [`create`] or [`stand`].
#[must_use]
pub fn made(reply: &Reply) -> Made {
    let answered = match reply {
        Reply::Answered(answered) => answered,
        Reply::Unreached { phase, text } => {
            return Made::Unknown(Setback::Unreached { phase: *phase, text: text.clone() });
        }
        _ => return Made::Unknown(Setback::NotAsked),
    };
    let body: Value = serde_json::from_str(&answered.body).unwrap_or_default();
    let said = || bounded(&text(&body, "message").unwrap_or_default(), 120);
    match answered.status {
        201 => Made::Done { id: body.get("id").and_then(Value::as_u64) },
        401 => Made::Forbidden,
        404 => Made::Missing(said()),
        403 if !is_limit(answered) => Made::Forbidden,
        403 | 429 => Made::Unknown(Setback::Limited),
        status @ 500..=599 => Made::Unknown(Setback::Status(status)),
        status => Made::Refused(status, said()),
    }
}

//! Where a run comes from: the runner's variables and the event's payload, read once.

use serde_json::Value as Json;

use crate::host::Start;
use crate::sha::Sha;
use crate::tools::letters::shortened;

/// Where a run comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// `action`, `command` or `watcher`.
    pub door: String,
    /// Base URL of the REST API.
    pub api_url: String,
    /// Base URL of the site.
    pub server_url: String,
    /// `owner/name`; empty outside a workflow.
    pub repository: String,
    /// The workflow run's id.
    pub run_id: Option<u64>,
    /// The run's attempt.
    pub attempt: u64,
    /// Who caused it.
    pub actor: String,
    /// The event's name.
    pub event_name: String,
    /// The event's payload, for `workflow_run`.
    pub event: Option<String>,
    /// The commit that the run is about: the one whose CI ended on `workflow_run`, never the
    /// default branch's head that `GITHUB_SHA` names there.
    pub sha: Option<Sha>,
    /// The file of the running workflow, as `owner/name/.github/workflows/x.yml@ref`.
    pub workflow_ref: String,
    /// The checkout, if any.
    pub workspace: String,
    /// The running workflow's name; outside text.
    pub workflow: String,
    /// The running job's id.
    pub job: String,
    /// The branch or tag; that of the pull request on one. Outside text.
    pub branch: String,
    /// What the run is about.
    pub change: Change,
    /// Whether the payload says that everybody can read the repository.
    pub public: Option<bool>,
    /// The process.
    pub pid: u32,
}

/// The commit or pull request that a run is about, as the payload tells; all texts are outside texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The commit; on a pull request its own head, not the merge that is tested.
    pub sha: Option<Sha>,
    /// First line of the commit's message, or the pull request's title; may be empty.
    pub subject: String,
    /// A login with `@`, or a name; may be empty.
    pub author: String,
    /// The other repository that a pull request comes from.
    pub fork: Option<String>,
}

impl Change {
    fn of(payload: &Json) -> Self {
        let text = |place: &str| payload.pointer(place).and_then(Json::as_str).filter(|text| !text.is_empty());
        let sha = |place: &str| text(place).and_then(|sha| Sha::parse(sha).ok());
        let line = |place: &str| {
            let line = text(place).unwrap_or_default().lines().next().unwrap_or_default();
            shortened(line, 200)
        };
        if payload.get("pull_request").is_some() {
            let (from, to) = (text("/pull_request/head/repo/full_name"), text("/repository/full_name"));
            return Self {
                sha: sha("/pull_request/head/sha"),
                subject: line("/pull_request/title"),
                author: text("/pull_request/user/login").map(|login| format!("@{login}")).unwrap_or_default(),
                // A fork that was deleted has no repository.
                fork: (from != to).then(|| from.unwrap_or("a deleted fork").to_owned()),
            };
        }
        let commit = if payload.get("workflow_run").is_some() { "/workflow_run/head_commit" } else { "/head_commit" };
        let login = text(&format!("{commit}/author/username")).map(|login| format!("@{login}"));
        Self {
            sha: sha(&format!("{commit}/id")),
            subject: line(&format!("{commit}/message")),
            author: login.unwrap_or_else(|| line(&format!("{commit}/author/name"))),
            fork: None,
        }
    }
}

impl Origin {
    /// Reads the start and the payload.
    #[must_use]
    pub fn of(start: &Start, event: Option<&str>) -> Self {
        let variable = |name: &str| start.env.get(name).map(String::as_str).unwrap_or_default().to_owned();
        let or = |text: String, default: &str| {
            if text.is_empty() { default.to_owned() } else { text }
        };
        let event_name = variable("GITHUB_EVENT_NAME");
        let payload: Json = event.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let head = payload.pointer("/workflow_run/head_sha").and_then(Json::as_str).unwrap_or_default();
        let sha = match event_name.as_str() {
            "workflow_run" => Sha::parse(head).ok(),
            _ => Sha::parse(&variable("GITHUB_SHA")).ok(),
        };
        Self {
            door: start.door.clone(),
            api_url: or(variable("GITHUB_API_URL"), "https://api.github.com"),
            server_url: or(variable("GITHUB_SERVER_URL"), "https://github.com"),
            repository: variable("GITHUB_REPOSITORY"),
            run_id: variable("GITHUB_RUN_ID").parse().ok(),
            attempt: variable("GITHUB_RUN_ATTEMPT").parse().unwrap_or(1),
            actor: or(variable("GITHUB_TRIGGERING_ACTOR"), &or(variable("GITHUB_ACTOR"), &variable("USER"))),
            event: event.map(str::to_owned).filter(|_| event_name == "workflow_run"),
            event_name,
            sha,
            workflow: variable("GITHUB_WORKFLOW"),
            job: or(variable("GITHUB_JOB"), "job"),
            branch: or(variable("GITHUB_HEAD_REF"), &variable("GITHUB_REF_NAME")),
            change: Change::of(&payload),
            workflow_ref: variable("GITHUB_WORKFLOW_REF"),
            workspace: or(variable("GITHUB_WORKSPACE"), &start.folder),
            public: payload.pointer("/repository/private").and_then(Json::as_bool).map(|private| !private),
            pid: start.pid,
        }
    }

    /// The page of the workflow run; none outside a workflow.
    #[must_use]
    pub fn run_url(&self) -> Option<String> {
        let id = self.run_id.filter(|_| !self.repository.is_empty())?;
        Some(format!("{}/{}/actions/runs/{id}", self.server_url.trim_end_matches('/'), self.repository))
    }

    /// Who acts, in a few words, for the lock and the ledger.
    #[must_use]
    pub fn run(&self) -> String {
        match self.run_id {
            Some(id) => format!("run {id}.{}", self.attempt),
            None => format!("{} on the machine", if self.actor.is_empty() { "someone" } else { &self.actor }),
        }
    }
}

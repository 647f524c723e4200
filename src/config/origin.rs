//! Where a run comes from: the runner's variables and the event's payload, read once.

use serde_json::Value as Json;

use crate::host::Start;
use crate::sha::Sha;

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
    /// Whether the payload says that everybody can read the repository.
    pub public: Option<bool>,
    /// The process.
    pub pid: u32,
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

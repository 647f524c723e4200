//! Which run of the CI answers our question, and what it says.
//!
//! Matched on our side, field by field, whatever the server's filters did: a run of a fork, of a
//! pull request, of another branch, commit or workflow never counts, nor does our own.

use serde_json::Value;

use crate::machine::entry;
use crate::machine::verdict::{Verdict, conclude};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::github::{Workflow, page_url, text};
use crate::tools::instant::instant;
use crate::tools::letters::bounded;

/// A workflow run, as the API and the `workflow_run` event describe it; absent and null alike
/// are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRun {
    /// Its id; a re-run keeps it.
    pub id: u64,
    /// From 1; a re-run counts up.
    pub attempt: u64,
    /// What started it, `push` for one.
    pub event: Option<String>,
    /// Branch of the commit.
    pub branch: Option<String>,
    /// The commit.
    pub sha: Option<Sha>,
    /// The workflow's file, at times with `@` and a ref after it.
    pub path: Option<String>,
    /// The workflow's name.
    pub name: Option<String>,
    /// `completed`, or a word for not yet.
    pub status: Option<String>,
    /// None until it ended.
    pub conclusion: Option<String>,
    /// Its page, http or https.
    pub url: Option<String>,
    /// `owner/name` of where the commit comes from.
    pub head_repository: Option<String>,
    /// When this attempt began, to the second.
    pub started_at: Option<Millis>,
}

impl WorkflowRun {
    /// Reads a run from JSON; none when it has no numeric id.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let started_at = text(value, "run_started_at").or_else(|| text(value, "created_at"));
        Some(Self {
            id: value.get("id")?.as_u64()?,
            attempt: value.get("run_attempt").and_then(Value::as_u64).unwrap_or(1),
            event: text(value, "event"),
            branch: text(value, "head_branch"),
            sha: text(value, "head_sha").and_then(|sha| Sha::parse(&sha).ok()),
            path: text(value, "path"),
            name: text(value, "name"),
            status: text(value, "status"),
            conclusion: text(value, "conclusion"),
            url: page_url(value),
            head_repository: value.get("head_repository").and_then(|home| text(home, "full_name")),
            started_at: started_at.and_then(|at| instant(&at)),
        })
    }

    /// What the ledger keeps of it.
    #[must_use]
    pub fn fact(&self) -> entry::CiRun {
        let url = self.url.clone().unwrap_or_default();
        entry::CiRun { id: self.id, attempt: self.attempt, url, started: self.started_at }
    }

    /// Whether it is a newer run, or a newer attempt, of the same workflow.
    #[must_use]
    pub fn supersedes(&self, other: &Self) -> bool {
        self.file() == other.file() && self.order() > other.order()
    }

    fn order(&self) -> Order {
        (self.started_at, self.id, self.attempt, self.is_completed())
    }

    /// The workflow's file, without a ref after it.
    fn file(&self) -> &str {
        self.path.as_deref().unwrap_or("").split('@').next().unwrap_or("")
    }

    fn is_completed(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }
}

/// Whose CI we ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The commit.
    pub sha: Sha,
    /// The branch that is deployed.
    pub branch: String,
    /// The workflow that decides.
    pub workflow: Workflow,
    /// `owner/name`; case does not count.
    pub repository: String,
    /// `GITHUB_RUN_ID` of the run we are part of, so as not to wait for ourselves.
    pub own_run: Option<u64>,
    /// Our run is one of that workflow and of that commit: what an older one came to is no word on it.
    pub is_of_ci: bool,
}

/// What there is to see of a commit's CI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The newest run that counts has ended.
    Settled {
        /// What it proves.
        verdict: Verdict,
        /// The run.
        run: WorkflowRun,
    },
    /// The newest run that counts has not ended.
    Running {
        /// The run.
        run: WorkflowRun,
    },
    /// No run counts, so far.
    NoRun,
}

/// Why a run does not answer the question; foreign text is cut at 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// The payload is not that of a `workflow_run` event.
    #[error("the event's payload cannot be read")]
    Unreadable,
    /// The event tells of something else than the run's end.
    #[error("the event says {0:?}, not \"completed\"")]
    NotCompleted(String),
    /// The run is our own.
    #[error("it is this very run")]
    OwnRun,
    /// The run is older than our own, which is one of CI, too.
    #[error("it is older than this very run, which is CI of the same commit")]
    Older,
    /// Another workflow, by its file or its name.
    #[error("the run is of another workflow ({0:?}): where that is its CI, set `ci-workflow`")]
    OtherWorkflow(String),
    /// The commit comes from another repository, or from one that was deleted (empty).
    #[error("the run's commit comes from another repository ({0:?})")]
    Fork(String),
    /// Started by a pull request or by anything else that outsiders can cause.
    #[error("the run was started by {0:?}; only push, schedule and dispatches count")]
    OtherTrigger(String),
    /// Another branch.
    #[error("the run is on another branch ({0:?})")]
    OtherBranch(String),
    /// Another commit.
    #[error("the run is of another commit ({0})")]
    OtherSha(String),
}

/// What started a run that would count but for that.
#[must_use]
pub fn other_trigger(runs: &[WorkflowRun], question: &Question) -> Option<String> {
    let of_commit = runs.iter().filter(|run| run.sha.as_ref() == Some(&question.sha));
    of_commit.into_iter().find_map(|run| match mismatch(run, question) {
        Some(Ignored::OtherTrigger(event)) => Some(event),
        _ => None,
    })
}

/// Whether a run that would count is the one that asks.
#[must_use]
pub fn is_own_run(runs: &[WorkflowRun], question: &Question) -> bool {
    let others = Question { own_run: None, ..question.clone() };
    runs.iter().any(|run| question.own_run == Some(run.id) && mismatch(run, &others).is_none())
}

/// Picks the newest run that counts (by start, then id, then attempt; the order of `runs` does
/// not matter) and says what it proves. One that ended without an answer, cancelled for one, takes back none of another
/// run. Where several workflows have the name that is asked for, each of them has to succeed.
#[must_use]
pub fn judge(runs: &[WorkflowRun], question: &Question) -> Look {
    let counting = || runs.iter().filter(|run| mismatch(run, question).is_none());
    let mut files: Vec<&str> = counting().map(WorkflowRun::file).collect();
    files.sort_unstable();
    files.dedup();
    let looks = files.iter().filter_map(|file| newest(counting().filter(|run| run.file() == *file))).map(look);
    looks.max_by_key(weight).unwrap_or(Look::NoRun)
}

/// The newest attempt of the newest run that has answered or may still do so; where there is none, of the newest. One that
/// waits for a person's approval may do so for weeks: what another run has answered is not kept waiting for it.
fn newest<'a>(runs: impl Iterator<Item = &'a WorkflowRun> + Clone) -> Option<&'a WorkflowRun> {
    let last = |run: &WorkflowRun| !runs.clone().any(|other| other.id == run.id && other.order() > run.order());
    let is_held = |run: &WorkflowRun| run.status.as_deref() == Some("waiting");
    let answers = |run: &WorkflowRun| {
        !is_held(run) && !matches!(look(run), Look::Settled { verdict: Verdict::Inconclusive(_), .. })
    };
    runs.clone().filter(|run| last(run)).max_by_key(|run| (answers(run), run.order()))
}

/// Which of several workflows' answers counts: what fails, then what is to come, then what gave none; of equals the newest.
fn weight(look: &Look) -> (u8, Option<Order>) {
    match look {
        Look::Settled { verdict: Verdict::Failure(_), run } => (4, Some(run.order())),
        Look::Running { run } => (3, Some(run.order())),
        Look::Settled { verdict: Verdict::Inconclusive(_), run } => (2, Some(run.order())),
        Look::Settled { verdict: Verdict::Success, run } => (1, Some(run.order())),
        Look::NoRun => (0, None),
    }
}

/// Start, id, attempt, and whether it has ended.
type Order = (Option<Millis>, u64, u64, bool);

/// Reads the run out of a `workflow_run` event's payload, whatever the question: its commit is
/// the one to ask about.
pub fn event_run(payload: &str) -> Result<WorkflowRun, Ignored> {
    let payload: Value = serde_json::from_str(payload).map_err(|_| Ignored::Unreadable)?;
    let run = payload.get("workflow_run").and_then(WorkflowRun::read).ok_or(Ignored::Unreadable)?;
    match text(&payload, "action").as_deref() {
        Some("completed") => Ok(run),
        other => Err(Ignored::NotCompleted(bounded(other.unwrap_or(""), 100))),
    }
}

/// When the run of a `workflow_run` event's payload was changed last: with type `completed`, when it ended. To the second.
#[must_use]
pub fn ended_at(payload: &str) -> Option<Millis> {
    let payload: Value = serde_json::from_str(payload).ok()?;
    instant(&text(payload.get("workflow_run")?, "updated_at")?)
}

/// Reads what a `workflow_run` event (type `completed`) says, or why it does not count.
pub fn from_event(payload: &str, question: &Question) -> Result<Look, Ignored> {
    let run = event_run(payload)?;
    match mismatch(&run, question) {
        Some(ignored) => Err(ignored),
        None => Ok(look(&run)),
    }
}

/// The one table of what makes a run not count.
fn mismatch(run: &WorkflowRun, question: &Question) -> Option<Ignored> {
    let seen = |text: &Option<String>| bounded(text.as_deref().unwrap_or(""), 100);
    let home = run.head_repository.as_deref().unwrap_or("");
    if question.own_run == Some(run.id) {
        Some(Ignored::OwnRun)
    } else if !is_of(run, &question.workflow) {
        let by_file = matches!(question.workflow, Workflow::File(_));
        Some(Ignored::OtherWorkflow(seen(if by_file { &run.path } else { &run.name })))
    } else if !home.eq_ignore_ascii_case(&question.repository) {
        Some(Ignored::Fork(seen(&run.head_repository)))
    } else if !is_ours(run.event.as_deref()) {
        Some(Ignored::OtherTrigger(seen(&run.event)))
    } else if run.branch.as_deref() != Some(question.branch.as_str()) {
        Some(Ignored::OtherBranch(seen(&run.branch)))
    } else if run.sha.as_ref() != Some(&question.sha) {
        Some(Ignored::OtherSha(run.sha.as_ref().map(Sha::to_string).unwrap_or_default()))
    } else if question.is_of_ci && question.own_run.is_some_and(|own| run.id < own) {
        Some(Ignored::Older)
    } else {
        None
    }
}

fn is_of(run: &WorkflowRun, workflow: &Workflow) -> bool {
    match workflow {
        Workflow::Name(name) => run.name.as_ref() == Some(name),
        Workflow::File(file) => run.file().strip_prefix(".github/workflows/") == Some(file),
    }
}

/// Events that only people with write access to the repository can cause.
fn is_ours(event: Option<&str>) -> bool {
    matches!(event, Some("push" | "schedule" | "workflow_dispatch" | "repository_dispatch"))
}

fn look(run: &WorkflowRun) -> Look {
    match run.conclusion.as_deref() {
        Some(conclusion) if run.is_completed() => Look::Settled { verdict: conclude(conclusion), run: run.clone() },
        _ => Look::Running { run: run.clone() },
    }
}

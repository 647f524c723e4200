//! What a CI conclusion proves: the one table, and the words for every answer that nobody gave.
//!
//! Decides only between proven good, proven bad and not proven. What to do about each (wait,
//! roll back, keep) is decided elsewhere.

use serde::{Deserialize, Serialize};

use crate::tools::letters::bounded;

/// What the CI says about a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The CI succeeded: the only verdict that validates.
    Success,
    /// The CI failed: the only verdict that is ground for a rollback by itself.
    Failure(FailureKind),
    /// Nobody gave an answer that proves anything.
    Inconclusive(Doubt),
}

/// In which way the CI failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A job failed.
    Failed,
    /// A job ran longer than GitHub allows it to.
    TimedOut,
    /// The workflow could not be started.
    StartupFailed,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// The run was cancelled, by a person or by a newer run of its concurrency group.
    Cancelled,
    /// Nothing in the run was executed.
    Skipped,
    /// The run ended neither well nor badly.
    Neutral,
    /// GitHub gave the run up.
    Stale,
    /// The run waits for a person.
    ActionRequired,
    /// A conclusion that is not in the table; at most 60 characters of it.
    Unknown(String),
    /// No run of the workflow exists for the commit; in ledgers from before the next one only.
    NoRun,
    /// No run of the workflow exists for the commit, with what GitHub says of the workflow.
    NoRunOf(Unseen),
    /// GitHub refuses to tell.
    Denied(Denial),
    /// GitHub did not answer; the last reason seen.
    Unreachable(String),
    /// The time that the settings give the CI has passed.
    Expired,
}

/// A workflow of which no run was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unseen {
    /// As in the settings.
    pub workflow: String,
    /// The branch that is deployed.
    pub branch: String,
    /// What GitHub says of it.
    pub seen: Absence,
}

/// What GitHub says of a workflow of which no run was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// It knows none of that file or name.
    Unknown,
    /// It is switched off; GitHub's word for how, at most 60 characters.
    Off(String),
    /// It has a run of it for the commit, started by an event that does not count (`merge_group`, `pull_request`); at most
    /// 100 characters of its name.
    OtherTrigger(String),
    /// Its only run for the commit is the one that this job is part of.
    OwnRun,
    /// Nothing that tells why.
    Idle,
}

/// Why GitHub refuses to tell; asking again changes nothing until somebody mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Denial {
    /// Status 401.
    #[error("GitHub does not accept the token: it has expired, was revoked or is mistyped")]
    Token,
    /// Status 403 that is not a rate limit, with what GitHub says it wants (may be empty).
    #[error(
        "the token may not read this (GitHub wants: {}): grant `actions: read`",
        if .0.is_empty() { "not said" } else { .0 }
    )]
    Permission(String),
    /// The same for a reason of its own (an allow list of addresses, single sign-on), in GitHub's words.
    #[error("GitHub refuses: {0}")]
    Barred(String),
    /// Status 404.
    #[error("repository or workflow not found, or the repository is private and the token cannot see it")]
    Repository,
    /// Status 400 or 410: the API no longer takes requests of our version.
    #[error("GitHub refuses API version 2022-11-28 (status {0}): update this action")]
    Version(u16),
    /// Status 301, 307 or 308: the repository was renamed, or given to another owner.
    #[error("the repository has another address by now: `git remote set-url origin` to that one")]
    Moved,
}

impl Verdict {
    /// True for success only.
    #[must_use]
    pub fn validates(&self) -> bool {
        matches!(self, Self::Success)
    }

    /// True where something is proven, either way.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.validates() || self.condemns()
    }

    /// True where nobody answered in time: silence, which is ground to undo where a setting says so.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Inconclusive(Doubt::Expired | Doubt::Unreachable(_)))
    }

    /// True where no run of the workflow exists.
    #[must_use]
    pub fn has_no_run(&self) -> bool {
        matches!(self, Self::Inconclusive(Doubt::NoRun | Doubt::NoRunOf(_)))
    }

    /// True for a proven failure only.
    #[must_use]
    pub fn condemns(&self) -> bool {
        matches!(self, Self::Failure(_))
    }
}

/// Reads a workflow run's `conclusion` (GitHub REST, version 2022-11-28); exact lower-case words.
#[must_use]
pub fn conclude(conclusion: &str) -> Verdict {
    match conclusion {
        "success" => Verdict::Success,
        "failure" => Verdict::Failure(FailureKind::Failed),
        "timed_out" => Verdict::Failure(FailureKind::TimedOut),
        "startup_failure" => Verdict::Failure(FailureKind::StartupFailed),
        "cancelled" => Verdict::Inconclusive(Doubt::Cancelled),
        "skipped" => Verdict::Inconclusive(Doubt::Skipped),
        "neutral" => Verdict::Inconclusive(Doubt::Neutral),
        "stale" => Verdict::Inconclusive(Doubt::Stale),
        "action_required" => Verdict::Inconclusive(Doubt::ActionRequired),
        other => Verdict::Inconclusive(Doubt::Unknown(bounded(other, 60))),
    }
}

//! What a promote will do and what its checklist found, as data. The sentences stand in `fr/promote`
//! and `en/promote`; what was found is for `steps::checklist`.

use super::site::Symptom;
use crate::environment::Environment;
use crate::failure::reason::{Silence, Unsaved};
use crate::machine::entry::{CiRun, Relation};
use crate::machine::verdict::{Doubt, Verdict};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::backup::{BackupName, Lacking, Need, Room};
use crate::tools::git::CommitFacts;

/// What will happen, before it happens; the same for a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// What is to go live.
    pub sha: Sha,
    /// The environment that has validated it.
    pub from: Side,
    /// The environment that gets it.
    pub to: Side,
    /// The commits between the two; none: not known here.
    pub commits: Option<Commits>,
    /// How containers take the new version: the way, what decided it.
    pub strategy: Option<(String, String)>,
    /// What is saved first.
    pub saving: Saving,
    /// The checklist, in order.
    pub checks: Vec<Check>,
}

/// One of the two environments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its name in messages.
    pub label: String,
    /// What is live there; none: not known here.
    pub live: Option<Sha>,
    /// The first line of that commit's message; an outside text.
    pub subject: String,
    /// Since when.
    pub since: Option<Millis>,
    /// Whether what is live there is validated, and well.
    pub is_validated: bool,
}

/// Commits between what is live and what is to go live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commits {
    /// All of them.
    pub total: u64,
    /// The newest; outside texts.
    pub shown: Vec<CommitFacts>,
}

/// What is saved before anything is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saving {
    /// Nothing, as set.
    Nothing,
    /// These paths.
    Paths {
        /// Absolute.
        paths: Vec<String>,
        /// What the backup needs.
        need: Need,
        /// What is free where it goes.
        room: Room,
        /// The folder that it goes to.
        folder: String,
        /// Where the way back would find too little room.
        lacking: Option<Lacking>,
    },
    /// That cannot be done; what was seen.
    Impossible(Unsaved),
}

/// One line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it leads to.
    pub verdict: CheckResult,
    /// What was found.
    pub found: Found,
}

/// What a line of the checklist leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckResult {
    /// It holds.
    Holds,
    /// It does not hold, and a person has overridden it.
    Forced,
    /// It could not be asked, which is no refusal.
    Unasked,
    /// It does not hold: nothing is promoted.
    Refused,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The other environment's ledger says that the SHA is validated.
    Validated {
        /// The CI run.
        run: Option<CiRun>,
        /// When it was validated; when it was found healthy, where CI of a newer one had ended first.
        at: Millis,
    },
    /// That ledger is not on this machine, and GitHub says that its CI succeeded.
    Succeeded(CiRun),
    /// It is not validated.
    NotValidated {
        /// What was seen.
        why: NotValidatedReason,
        /// What is validated there.
        last: Option<Sha>,
    },
    /// The other environment is live with it, and answers well in so many milliseconds; none: it was not asked.
    Live(Option<u64>),
    /// Whether it is live there is not known here.
    LiveUnknown,
    /// Something else is live there.
    LiveElsewhere(Sha),
    /// Something is being put live there.
    Busy(String),
    /// Something was, and nobody is at it any more.
    Unfinished(String),
    /// It does not answer well.
    Unhealthy(Symptom),
    /// No window is open; so many are set.
    NotFrozen(usize),
    /// A window is open.
    Frozen {
        /// As it was written.
        window: String,
        /// By its clock.
        now: String,
    },
    /// The SHA failed in this environment before.
    Quarantined,
    /// How it stands to what is live.
    Age(Option<Relation>),
    /// Where a failure goes back to.
    Target(Sha),
    /// There is nothing to go back to.
    NoTarget,
    /// The files of this backup belong to what is live, and putting them back failed.
    Unrestored(BackupName),
    /// There is room for the backup.
    Room,
    /// There is not.
    NoRoom(Need, Room),
    /// There is none to put files back.
    NoRoomBack(Lacking),
    /// Nothing is saved, as set.
    NoBackup,
    /// It cannot be saved.
    NotSavable(Unsaved),
}

impl Found {
    /// Whether it says that the SHA failed: not only that nothing speaks for it.
    #[must_use]
    pub fn condemns(&self) -> bool {
        let Self::NotValidated { why, .. } = self else {
            return false;
        };
        why.condemns()
    }
}

/// Why a SHA does not count as validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotValidatedReason {
    /// The ledger knows nothing of it.
    Unknown,
    /// It was live, and CI has not spoken.
    Awaited,
    /// It was live, and this run of CI succeeded, says GitHub; the ledger has not heard that.
    Unheard(u64),
    /// It was live, and CI gave no verdict.
    Unanswered(Doubt),
    /// It failed there.
    Failed,
    /// GitHub names no successful run; what it said.
    Api(Silence),
}

impl NotValidatedReason {
    /// Whether it failed.
    #[must_use]
    pub fn condemns(&self) -> bool {
        matches!(self, Self::Failed | Self::Api(Silence::RunEnded(_, Verdict::Failure(_))))
    }
}

impl Promotion {
    /// Whether nothing stands in the way.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.checks.iter().all(|check| check.verdict != CheckResult::Refused)
    }
}

/// Which words name an environment in capitals, whatever its label.
#[must_use]
pub fn capitals(name: &str) -> String {
    name.to_uppercase()
}

/// The name of the place where people work: `PRODUCTION` for an environment that is labelled `PROD`.
#[must_use]
pub fn headline_label(with: &Environment) -> &str {
    if with.label == "PROD" { "PRODUCTION" } else { &with.label }
}

//! Lines of the log about CI, as data.

use crate::environment::Watch;
use crate::failure::Failure;
use crate::failure::rebuff::Rebuff;
use crate::machine::verdict::{Denial, Doubt};
use crate::messages::Ground;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::ci_run::Ignored;
use crate::tools::github::Setback;

/// Of CI, and who follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ci {
    /// Nobody follows it: `watch: none`.
    NotFollowed,
    /// Who follows it, why, and until when.
    Followed(Sha, Watch, Ground, Millis),
    /// A watcher was started: its process, and its log file.
    Watcher(u32, String),
    /// No watcher could be started.
    NoWatcher(Rebuff),
    /// The folder of a watcher's log cannot be made.
    NoLog(String, Rebuff),
    /// Another watcher goes on: who.
    Beside(String),
    /// The lock by which others see that CI is followed could not be taken: which, and why.
    Unlocked(String, Rebuff),
    /// Nothing is known of this environment here: it may be another machine than the one that deploys; the runner's name.
    NothingHere(String),
    /// Something newer is live and has a watcher of its own.
    Newer,
    /// The watcher that followed it is gone.
    Unfollowed(Sha),
    /// GitHub gave no answer on this SHA.
    NoAnswer(Sha, Unanswered),
    /// GitHub gave no answer yet.
    Later(Setback),
    /// There is no run yet.
    NoRun,
    /// The run is there: its status, attempt and address.
    Run(Option<String>, u64, String),
    /// This event settles nothing.
    Ignored(Ignored),
    /// Whether it has failed what is live since, where that was promoted from, cannot be read.
    UnknownSince(Sha, Box<Failure>),
    /// A later attempt of the run has spoken already.
    Outdated,
    /// It has succeeded before, and validated the SHA then.
    Already(Sha),
    /// It succeeded, and the rollback point does not move.
    NotForward,
    /// It succeeded, and the SHA stays quarantined for what was seen of it here.
    Broken,
    /// CI succeeded for what is live, and was never found healthy.
    Unwell,
    /// It succeeded when run again: the quarantine is over.
    Lifted,
    /// It failed, and something else is live.
    FailedElsewhere,
    /// The same of what was the rollback point; what that is now.
    PointBack(Option<Sha>),
    /// It failed for what was live, which nobody followed: this run has gone back to another one.
    WentBack(Sha, Sha),
    /// There is no verdict, and the SHA is not live; whether it was here.
    NoVerdict(Doubt, bool),
    /// There is no verdict, and there was one before.
    Stands(Doubt),
}

/// Why GitHub did not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// For now.
    Later(Setback),
    /// At all.
    Denied(Denial),
}

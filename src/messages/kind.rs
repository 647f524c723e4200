//! Which notice an outcome is.

use super::ending::Left;
use crate::failure::reason::Attempt;
use crate::machine::entry::{Because, Refusal};
use crate::machine::verdict::Doubt;
use crate::sha::Sha;

/// Which notice.
#[derive(Debug, Clone, PartialEq)]
pub enum NoticeKind {
    /// A deploy goes ahead.
    Started,
    /// A promote goes ahead: everything is checked and saved.
    Promoting {
        /// Commits between what is live and what is to be live, when known.
        commits: Option<u64>,
        /// The backup's name.
        backup: Option<String>,
    },
    /// A promoted SHA is live and healthy.
    Promoted,
    /// The same, and where it comes from it has failed meanwhile.
    Recanted,
    /// A promote was not confirmed; what was typed instead.
    Unconfirmed(String),
    /// It is live and healthy; CI has not spoken.
    Deployed {
        /// From the request to here, milliseconds.
        ms: u64,
    },
    /// It was live already, and is healthy.
    Unchanged,
    /// Something newer is live.
    Superseded,
    /// It may not be deployed.
    Refused(Refusal),
    /// It is live, unhealthy, and stays.
    Unhealthy(String),
    /// It could not be done; what was live stays.
    Failed(String),
    /// It could not be done, and there is nothing left to go back to.
    Stuck(String),
    /// No automatic rollback: guarded paths differ.
    Guarded {
        /// Which.
        paths: Vec<String>,
        /// Why it would have been gone back from.
        because: Because,
        /// What was seen; may be empty.
        why: String,
    },
    /// Something older is live again.
    RolledBack {
        /// What was undone.
        undone: Option<Sha>,
        /// Why.
        because: Because,
        /// What was seen; may be empty.
        why: String,
        /// How long the undone SHA was live, when it was.
        exposed_ms: Option<u64>,
    },
    /// CI succeeded.
    Validated,
    /// CI gave no answer that counts.
    Unvalidated {
        /// Why.
        doubt: Doubt,
        /// A newer version takes its place next.
        is_replaced: bool,
    },
    /// CI succeeded, and what is live is ill: it is not validated.
    Unwell,
    /// The run was told to stop.
    Interrupted {
        /// The signal's name.
        signal: String,
        /// What was being done.
        attempt: Attempt,
        /// What that leaves.
        left: Left,
    },
    /// Another run holds the lock, and this one has waited for as long as it may; who that is.
    Busy(String),
    /// A watcher had to give up for a reason that is not CI's.
    Unsettled(GivenUp),
    /// A newer version has replaced it before its CI gave a verdict.
    Replaced {
        /// Which.
        by: Sha,
        /// That its CI gave no verdict; none: it has not spoken.
        doubt: Option<Doubt>,
    },
    /// CI failed, but something else is live; whether it was the rollback point.
    Condemned {
        /// It was.
        was_point: bool,
    },
    /// A re-run of CI succeeded: the quarantine is over, and what it may be worth, its deploy is to show.
    Lifted,
    /// A run that is gone had begun it, and it is over with that.
    Dropped {
        /// A person has put the work tree elsewhere since; else nothing had changed yet.
        is_moved: bool,
        /// Nothing takes its place: whoever wants it runs it again.
        is_last: bool,
    },
    /// CI failed, and it is live and stays.
    Cornered(Stays),
    /// CI succeeded on what is live, and the rollback point stays where it is.
    Aside {
        /// The branch has lost it; else a newer one is validated, or git could not tell.
        is_lost: bool,
    },
}

/// Why a version that CI failed stays live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stays {
    /// There is nothing to go back to.
    Alone,
    /// The way back to this one did not come about.
    Blocked(Sha),
    /// A person put it there all the same; this one is what can be gone back to.
    Wanted(Sha),
}

impl NoticeKind {
    /// Whether it names what is live.
    #[must_use]
    pub fn says_live(&self) -> bool {
        matches!(
            self,
            Self::Superseded
                | Self::Refused(_)
                | Self::Unconfirmed(_)
                | Self::Unhealthy(_)
                | Self::Unsettled(_)
                | Self::Failed(_)
                | Self::Stuck(_)
                | Self::Guarded { .. }
                | Self::Condemned { .. }
                | Self::Lifted
                | Self::Dropped { .. }
                | Self::Unwell
                | Self::Interrupted { .. }
        )
    }

    /// Whether it tells of a deploy that may have been forced, or is what stays of one.
    #[must_use]
    pub(super) fn shows_force(&self) -> bool {
        let is_begun = matches!(self, Self::Started | Self::Promoting { .. });
        is_begun || matches!(self, Self::Deployed { .. } | Self::Promoted | Self::Validated | Self::Unhealthy(_))
    }

    /// Whether it leads to CI's page.
    #[must_use]
    pub fn says_ci(&self) -> bool {
        !matches!(
            self,
            Self::Started
                | Self::Unchanged
                | Self::Superseded
                | Self::Replaced { .. }
                | Self::Promoting { .. }
                | Self::Promoted
                | Self::Recanted
                | Self::Unconfirmed(_)
                | Self::Busy(_)
                | Self::Refused(Refusal::Unready { .. })
        )
    }
}

/// Why CI's word, or what follows from it, was not waited for to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// What stood in the way.
    pub why: String,
    /// It was of an event, which no later run has.
    pub by_event: bool,
    /// CI is known to have failed.
    pub has_failed: bool,
    /// The ledger cannot be read any more.
    pub is_unread: bool,
}

//! What the modes that change something share at their beginning: the lock is held by now.

use super::pick_up::pick_up;
use super::settle;
use crate::drive::{can_be_undone, recover};
use crate::failure::Failure;
use crate::host::Host;
use crate::machine::Fact;
use crate::machine::entry::Forward;
use crate::machine::verdict::Verdict;
use crate::messages::ending::Ending;
use crate::messages::log::Line;
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::{Trouble, evidence};
use crate::tools::ci_run::WorkflowRun;

/// With the lock held: reads what is so now, and finishes or undoes what was left unfinished.
pub async fn begin<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    open(session).await?;
    recover(session).await
}

/// As [`begin`], with CI's newest word on this SHA: where that is a failure, what is left of its deploy is undone, not put
/// live first; and where it takes a failure back that an earlier run had written down, it is finished.
pub async fn begin_after<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    said: Option<(Verdict, WorkflowRun)>,
) -> Result<(), Failure> {
    open(session).await?;
    if let Some((verdict, run)) = said.filter(|_| can_be_undone(&session.ledger.state, sha)) {
        let forward = match verdict {
            Verdict::Success if session.ledger.state.has_failed_ci(sha) => Some(settle::forward(session, sha).await?),
            Verdict::Failure(_) => Some(Forward::No),
            _ => None,
        };
        if let Some(forward) = forward {
            session.add(Fact::Ci { sha: sha.clone(), verdict, run: Some(run.fact()), forward }).await;
            session.write().await?;
        }
    }
    recover(session).await
}

/// With the lock held: reads what is so now.
pub async fn open<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    session.read_again().await?;
    // A run that follows CI itself opens it twice.
    if session.ledger.set_aside > session.known_aside.replace(session.ledger.set_aside) {
        session.warn(&Line::SetAside(session.ledger.set_aside)).await;
    }
    evidence::heed(session).await
}

/// What could not even be looked at.
pub fn refuse(sha: &Sha, trouble: Trouble) -> Result<Done, Failure> {
    match trouble {
        Trouble::Stop(failure) => Err(failure),
        Trouble::Fault { why, .. } => Ok(Done::badly(Word::Failed, sha, Ending::Reason(why))),
    }
}

/// What was to be replaced, and is not, still stands without a verdict.
pub async fn settle_what_stays<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<(), Failure> {
    match session.live().as_ref() == Some(sha) {
        true => Ok(()),
        false => pick_up(session, None).await,
    }
}

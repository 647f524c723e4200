//! What a request came to that did not put its SHA live for good, for the run that asked for it.

use super::settle;
use crate::host::Host;
use crate::machine::entry::Refusal;
use crate::machine::state::Ended;
use crate::machine::{Ask, Outcome};
use crate::messages::ending::Ending;
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;

/// How a request for this SHA failed: `ended` is that request, or the way back that followed it.
pub fn badly<H: Host>(session: &Session<'_, H>, sha: &Sha, ended: &Ended) -> Done {
    let state = &session.ledger.state;
    let (word, ending) = match (&ended.ask, &ended.outcome) {
        (_, Outcome::Refused { why: Refusal::OffBranch }) => {
            (Word::Failed, Ending::OffBranch(sha.clone(), session.with.branch.clone()))
        }
        (_, Outcome::Refused { why: Refusal::Quarantined }) => (Word::Failed, Ending::Quarantined(sha.clone())),
        (_, Outcome::Refused { why: Refusal::Unready { why } }) => {
            let is_live = state.is_live(sha);
            (Word::Failed, Ending::Unready { sha: sha.clone(), why: why.clone(), is_live })
        }
        (_, Outcome::Superseded) => (Word::Superseded, Ending::Superseded),
        (_, Outcome::Unhealthy { why }) => {
            let (is_barred, why) = (state.is_quarantined(sha), why.clone());
            (Word::Unhealthy, Ending::Unhealthy { sha: sha.clone(), why, is_barred })
        }
        (Ask::Rollback { to, because, .. }, Outcome::RolledBack) => {
            (Word::RolledBack, Ending::not_stayed(state, sha, to, because))
        }
        (Ask::Rollback { to, .. }, Outcome::Stuck { why }) => (Word::Failed, Ending::not_back(state, sha, to, why)),
        (_, Outcome::Guarded { paths }) => {
            let command = settle::by_hand(session.with, &ended.ask);
            let (why, paths) = (state.failure_of(sha), paths.clone());
            (Word::Failed, Ending::Guarded { sha: sha.clone(), why, paths, command })
        }
        (_, Outcome::Failed { why } | Outcome::Stuck { why }) => (Word::Failed, Ending::Told(why.clone())),
        (_, Outcome::Deployed | Outcome::Unchanged | Outcome::RolledBack | Outcome::Interrupted) => {
            (Word::Failed, Ending::NotCarriedOut)
        }
    };
    Done::badly(word, sha, ending)
}

//! What is known of a version that is live, and whose check found it ill: when that was, and what it answers now.

use crate::machine::{Outcome, State};
use crate::sha::Sha;
use crate::time::Millis;

/// What is known of a version that is live, and whose check found it ill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ill {
    /// What was seen; may be empty.
    pub why: String,
    /// When: it may have come round since.
    pub at: Millis,
    /// Whether its site answers well now, else what it answers; none where it was not asked again.
    pub now: Option<Result<(), String>>,
    /// It is quarantined: only who forces it can have it checked again.
    pub is_barred: bool,
}

impl Ill {
    /// What the ledger knows; none of what is not live, or not ill.
    #[must_use]
    pub fn of(state: &State, sha: &Sha) -> Option<Self> {
        let live = state.live.as_ref().filter(|_| state.is_ill(sha))?;
        // A request that came after it was put live, and was refused or not carried out, says nothing of it.
        let seen = state.history.iter().rev().filter(|ended| ended.ask.target() == sha).find_map(|ended| {
            let why = match &ended.outcome {
                Outcome::Unhealthy { why } => why,
                Outcome::Stuck { why } | Outcome::Failed { why } if ended.since <= live.since => why,
                _ => return None,
            };
            Some((why.clone(), ended.at))
        });
        let (why, at) = seen.unwrap_or((String::new(), live.since));
        Some(Self { why, at, now: None, is_barred: state.is_quarantined(sha) })
    }

    /// Whether its site has been asked again, and answers well.
    #[must_use]
    pub fn is_well_again(&self) -> bool {
        self.now == Some(Ok(()))
    }
}

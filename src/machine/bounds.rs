//! What the state forgets: only what the newest SHAs and requests add is kept, so that a snapshot stays small.

use super::state::{Record, State};
use crate::sha::Sha;

/// SHAs whose records are kept beside those that are live, validated or awaited.
const RECORDS_KEPT: usize = 60;
/// Validated SHAs kept as rollback targets.
const VALIDATED_KEPT: usize = 20;
/// Ended requests kept for `status`.
const HISTORY_KEPT: usize = 10;
/// Names of backups kept that could not be put back, and that nothing removes.
const SPARED_KEPT: usize = 50;

impl State {
    /// Forgets what is over the bounds.
    pub(super) fn forget_old(&mut self) {
        let validated = self.validated.len().saturating_sub(VALIDATED_KEPT);
        self.validated.drain(..validated);
        let history = self.history.len().saturating_sub(HISTORY_KEPT);
        self.history.drain(..history);
        let spared = self.spared.len().saturating_sub(SPARED_KEPT);
        self.spared.drain(..spared);
        while self.records.len() > RECORDS_KEPT + self.validated.len() {
            let needed = |sha: &Sha| {
                self.is_live(sha)
                    || self.baseline.as_ref() == Some(sha)
                    || self.operation.as_ref().is_some_and(|operation| operation.ask.target() == sha)
                    || self.watch.as_ref().is_some_and(|watch| watch.sha == *sha)
                    || self.was_point(sha)
            };
            // Sorted, as most are not needed: the first of them is looked for, and no other.
            let mut by_age: Vec<(&Sha, &Record)> = self.records.iter().collect();
            by_age.sort_by_key(|(_, record)| (record.quarantine.is_some(), record.seq));
            match by_age.into_iter().find(|(sha, _)| !needed(sha)).map(|(sha, _)| sha.clone()) {
                Some(sha) => drop(self.records.remove(&sha)),
                None => return,
            }
        }
    }
}

//! What requests and people say about the versions that can be gone back to: who is to blame where none is well, and
//! which a person has turned away from.

use super::entry::{Ask, Because, Files, Outcome};
use super::operation::Operation;
use super::request::Force;
use super::state::{Ended, Quarantine, State};
use crate::sha::Sha;

impl State {
    /// A way back has come to its end: which versions are not to blame for that.
    ///
    /// - Only one that was well has failed: it may be to blame itself, and stays quarantined.
    /// - Several have failed, one after the other: the machine is to blame, or what stands behind the site. Those that
    ///   were well can be gone back to when that is mended.
    /// - What is undone counts among the several where it had failed here. So does a target that was live already and is
    ///   no better for being put in place anew.
    /// - The baseline is not to blame while nothing else was ever validated: it was at work before anybody asked it by
    ///   these settings, and a file that they ask for may have come with what is undone.
    pub(super) fn acquit(&mut self, operation: &Operation) {
        let undoes_failure = undoes_failure(&operation.ask) || is_put_anew(operation);
        let target = operation.ask.target();
        if self.is_first_refuge(target) {
            self.absolve(target);
        }
        let tried = operation.tried.iter().chain([target]).filter(|sha| self.was_point(sha));
        let tried: Vec<Sha> = tried.cloned().collect();
        for sha in tried.iter().filter(|_| undoes_failure || tried.len() > 1) {
            self.absolve(sha);
        }
    }

    fn absolve(&mut self, sha: &Sha) {
        let record = self.record(sha);
        record.quarantine = record.quarantine.filter(|why| *why != Quarantine::Broken);
    }

    /// Whether the newest request for a version that came to an end found it ill. One that failed before it had changed
    /// anything says nothing of it.
    #[must_use]
    pub fn was_ill(&self, sha: &Sha) -> bool {
        let broken_at = self.records.get(sha).and_then(|record| record.broken_at);
        let found_ill = |ended: &Ended| match ended.outcome {
            Outcome::Unhealthy { .. } => true,
            Outcome::Failed { .. } | Outcome::Stuck { .. } => broken_at.is_some_and(|at| at >= ended.since),
            _ => false,
        };
        self.history.iter().rev().find(|ended| ended.ask.target() == sha).is_some_and(found_ill)
    }

    /// Whether a person gives a version another try that failed here: what is live then is not what they go back from.
    #[must_use]
    pub fn is_retried(&self, ask: &Ask) -> bool {
        !ask.is_forward() && ask.is_forced() && self.is_quarantined(ask.target())
    }

    /// The request that goes back once more from a SHA that CI has failed, where going back from it was begun and stuck, and
    /// it may still run.
    #[must_use]
    pub fn back_again(&self, sha: &Sha) -> Option<Ask> {
        let live = self.live.as_ref().map(|live| live.sha.clone());
        let to = live.filter(|to| self.may_run(sha) && self.has_failed_ci(sha) && self.may_be_point(to))?;
        let (undo, because, files, force) = (Some(sha.clone()), Because::Ci, Files::Remade, Force::Obey);
        Some(Ask::Rollback { to, undo, because, files, force })
    }

    /// Whether a live SHA is left alone because a person put it there, not because a way back from it failed.
    #[must_use]
    pub fn is_wanted(&self, sha: &Sha) -> bool {
        let Some(live) = self.live.as_ref().filter(|live| live.sha == *sha && self.left_alone.as_ref() == Some(sha))
        else {
            return false;
        };
        let has_put = |ended: &&Ended| {
            ended.ask.target() == sha && matches!(ended.outcome, Outcome::Deployed | Outcome::RolledBack)
        };
        let has_failed = |ended: &Ended| match &ended.ask {
            Ask::Rollback { undo, because, .. } => *because != Because::Person && undo.as_ref() == Some(sha),
            _ => false,
        };
        let mut newer = self.history.iter().rev().take_while(|ended| ended.at >= live.since && !has_put(ended));
        !newer.any(has_failed)
    }

    /// Whether a person has gone back to a SHA that no request forward has put live, as far as the history goes.
    #[must_use]
    pub fn came_back_only(&self, sha: &Sha) -> bool {
        let goes_live = |outcome: &Outcome| matches!(outcome, Outcome::Deployed | Outcome::Unhealthy { .. });
        let its = || self.history.iter().filter(|ended| ended.ask.target() == sha);
        let is_by_hand = |ended: &Ended| {
            matches!(ended.ask, Ask::Rollback { because: Because::Person, .. }) && ended.outcome == Outcome::RolledBack
        };
        its().any(is_by_hand) && !its().any(|ended| ended.ask.is_forward() && goes_live(&ended.outcome))
    }

    /// A person who goes back from a version has found something wrong with it; not one who takes that back, or who
    /// goes forward by `rollback`.
    pub(super) fn turn_away(&mut self, ask: &Ask) {
        if let Ask::Rollback { to, undo: Some(undo), because: Because::Person, .. } = ask
            && !self.is_retried(ask)
        {
            self.turn_away_from(undo, to);
        }
    }

    /// What was well until then is no more, and guarded paths keep it from being gone back from: nothing else was tried
    /// that would say whose fault it is.
    pub(super) fn acquit_guarded(&mut self, ask: &Ask) {
        if let Ask::Rollback { undo: Some(undo), .. } = ask
            && undoes_failure(ask)
            && self.was_point(undo)
        {
            self.absolve(undo);
        }
    }

    /// As [`turn_away`](Self::turn_away), with git and no request: what is known to be a way back has taken the place of
    /// what is live.
    pub(super) fn turn_away_by_hand(&mut self, to: &Sha) {
        let is_way_back = self.is_first_refuge(to) || self.was_point(to);
        if let Some(live) = self.live.as_ref().map(|live| live.sha.clone()).filter(|live| is_way_back && live != to) {
            self.turn_away_from(&live, to);
        }
    }

    fn turn_away_from(&mut self, undo: &Sha, to: &Sha) {
        let mut from_there = self.validated.iter().skip_while(|one| one.sha != *undo);
        let is_forward = from_there.any(|one| one.sha == *to);
        if !is_forward && !self.is_undone(to) {
            self.record(undo).undone = true;
        }
    }
}

/// Whether it puts in place anew what was live.
fn is_put_anew(operation: &Operation) -> bool {
    matches!(operation.ask, Ask::Rollback { undo: None, .. }) && operation.from.as_ref() == Some(operation.ask.target())
}

/// Whether it goes back from what failed here by itself.
fn undoes_failure(ask: &Ask) -> bool {
    matches!(ask, Ask::Rollback { because: Because::Unhealthy | Because::Broken, .. })
}

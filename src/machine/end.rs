//! What the end of a request changes.

use super::entry::{Ask, Because, Entry, Files, Outcome, Step};
use super::known::Known;
use super::operation::Operation;
use super::state::{Quarantine, Record, State};
use super::verdict::Verdict;
use crate::time::Millis;

impl State {
    /// The request under way is over.
    pub(super) fn end(&mut self, outcome: &Outcome, entry: &Entry) {
        let Some(operation) = self.operation.take() else {
            return;
        };
        self.close(&operation, outcome, entry);
        self.note_unrestored(&operation, outcome);
        match outcome {
            Outcome::Deployed | Outcome::RolledBack => self.went_live(&operation, entry.at),
            Outcome::Unchanged => self.stayed(&operation, entry.at),
            Outcome::Unhealthy { .. } | Outcome::Stuck { .. } | Outcome::Guarded { .. } | Outcome::Failed { .. } => {
                self.went_badly(&operation, outcome, entry.at);
            }
            Outcome::Superseded | Outcome::Refused { .. } | Outcome::Interrupted => {}
        }
    }

    /// Its version is live and well, or nothing is checked.
    fn went_live(&mut self, operation: &Operation, at: Millis) {
        let target = operation.ask.target();
        self.turn_away(&operation.ask);
        self.go_live(target, at, Known::checked(operation));
        if matches!(operation.ask, Ask::Rollback { because: Because::Person, .. }) && self.is_unanswered(target) {
            // Whoever goes back to it knows that CI was silent.
            self.left_alone = Some(target.clone());
        }
        let record = self.record(target);
        record.promoted = operation.promotes(record.promoted);
        record.healthy_at = Some(at);
        record.with = None;
        if operation.ask.is_forward() || operation.ask.is_forced() {
            // Only what is forced gets here with a quarantine: being healthy answers that it was broken; CI's own word
            // stands until CI takes it back.
            record.quarantine = record.quarantine.filter(|why| *why == Quarantine::Ci);
            if record.quarantine.is_some() {
                // The word that the person overrode is no ground to undo what they asked for.
                self.left_alone = Some(target.clone());
            }
        }
        self.follow_anew(operation, at);
    }

    /// Its version was live already, and is well.
    fn stayed(&mut self, operation: &Operation, at: Millis) {
        let target = operation.ask.target();
        if operation.ask.is_forward() {
            self.take_check(operation);
        }
        if self.live.as_ref().is_some_and(|live| live.known_by == Known::Ill) {
            self.go_live(target, at, Known::checked(operation));
        }
        let record = self.record(target);
        record.promoted = operation.promotes(record.promoted);
        record.healthy_at = Some(at);
        self.follow_anew(operation, at);
    }

    /// After a deploy or a promote: forgets that CI gave no answer, and validates where CI has succeeded already. Only what
    /// goes forward has asked anew where its SHA stands; a rollback validates nothing.
    fn follow_anew(&mut self, operation: &Operation, at: Millis) {
        if operation.ask.is_forward() {
            forget_doubt(self.record(operation.ask.target()));
            self.validate_when_judged(operation.ask.target(), at);
        }
    }

    /// Notes whether the files of a backup should stand here and may not.
    fn note_unrestored(&mut self, operation: &Operation, outcome: &Outcome) {
        let failed = operation.failed.as_ref().is_some_and(|fault| fault.step == Step::Restore);
        match (&operation.ask, outcome) {
            (Ask::Rollback { files: Files::Restored(name), .. }, Outcome::Stuck { .. }) if failed => {
                self.unrestored = Some(name.clone());
            }
            // The deploy command of another version has made its own. What it does not make is in the backup alone.
            (Ask::Rollback { to, .. }, Outcome::RolledBack)
                if operation.ran_command()
                    && self.unrestored.as_ref().is_some_and(|name| name.short_sha() != to.short()) =>
            {
                self.spare_unrestored();
            }
            (Ask::Rollback { files: Files::Restored(name), .. }, Outcome::RolledBack) => {
                self.unrestored = None;
                self.spared.retain(|spared| spared != name);
            }
            // What a person forced over it they have looked at.
            (_, Outcome::Deployed) => self.unrestored = None,
            _ => {}
        }
    }

    /// The backup that could not be put back stays for people, whatever becomes of the site.
    fn spare_unrestored(&mut self) {
        let name = self.unrestored.take();
        self.spared.extend(name.filter(|name| !self.spared.contains(name)));
    }

    fn went_badly(&mut self, operation: &Operation, outcome: &Outcome, at: Millis) {
        if operation.touched() {
            self.go_wrong(operation, at);
            if matches!(outcome, Outcome::Stuck { .. }) {
                self.acquit(operation);
            }
        } else if matches!(outcome, Outcome::Unhealthy { .. }) {
            // Nothing was changed: what is live was asked, and is ill.
            self.go_live(operation.ask.target(), at, Known::Ill);
        }
        if matches!(outcome, Outcome::Guarded { .. }) {
            self.acquit_guarded(&operation.ask);
        }
        if operation.is_automatic() {
            self.left_alone = self.live.as_ref().map(|live| live.sha.clone());
        }
    }

    /// What a request has put in place that went wrong; people had it from when it was put in place, not from when it was
    /// found to be ill.
    pub(super) fn go_wrong(&mut self, operation: &Operation, at: Millis) {
        let target = operation.ask.target();
        // A second reset that came to nothing leaves what the first one wrote.
        let is_mixed = self.live.as_ref().is_some_and(|live| live.known_by == Known::Mixed && live.sha == *target);
        match operation.from.as_ref().filter(|_| operation.only_wrote()) {
            Some(from) => self.go_live(from, at, Known::Mixed),
            None if is_mixed && operation.only_reset() => {}
            None => {
                self.go_live(target, operation.began_at.unwrap_or(at), Known::put(operation));
                self.quarantine_failed(operation, at);
            }
        }
    }
}

/// A SHA that is deployed again is followed anew: that CI gave no answer the last time is no ground now.
fn forget_doubt(record: &mut Record) {
    record.ci = record.ci.take().filter(|(verdict, _)| !matches!(verdict, Verdict::Inconclusive(_)));
}

//! What a fact changes: the state changes by `apply` alone. What the end of a request changes stands in `end`, what is
//! forgotten in `bounds`.

use std::collections::BTreeMap;

use super::entry::{Ask, Checkup, CiRun, Entry, Fact, Forward, Outcome, Step};
use super::known::Known;
use super::operation::{Operation, StepFailure, kept_by};
use super::state::{Ended, Live, Quarantine, Record, State, Validated, Watched};
use super::verdict::Verdict;
use crate::environment::Environment;
use crate::sha::Sha;
use crate::time::Millis;

impl State {
    /// Adds one entry.
    pub fn apply(&mut self, entry: &Entry) {
        if let Fact::Snapshot { state } = &entry.fact {
            *self = (**state).clone();
            self.seq = entry.seq;
            return;
        }
        self.seq = entry.seq;
        match &entry.fact {
            Fact::Baseline { sha } => {
                self.baseline = Some(sha.clone());
                self.go_live(sha, entry.at, Known::Baseline);
            }
            Fact::Found { sha } => {
                self.turn_away_by_hand(sha);
                self.go_live(sha, entry.at, Known::Found);
                // A person put it there; what failed before is no ground to undo that.
                self.left_alone = Some(sha.clone()).filter(|sha| self.is_quarantined(sha) || self.is_unanswered(sha));
            }
            Fact::Asked { ask, with } => self.ask(ask, with, entry),
            Fact::Fetched { commit, placed, relation, forward } => {
                let record = self.record(&commit.sha);
                record.commit = Some(commit.clone());
                record.forward = Some(*forward);
                self.operate(|operation| operation.fetched = Some((*placed, *relation)));
            }
            Fact::Compared { guarded } => self.operate(|operation| operation.guarded = Some(guarded.clone())),
            Fact::Began { step } => {
                self.operate(|operation| {
                    operation.began = Some(*step);
                    operation.commanded |= *step == Step::Command;
                    operation.began_at.get_or_insert(entry.at);
                    // It was of what stood there before.
                    operation.checkup = None;
                });
                if let Some(with) = self.operation.as_ref().filter(|_| step.touches()).map(|one| one.with.clone()) {
                    self.adopt(*with);
                }
            }
            Fact::Did { step, note, kept, .. } => self.operate(|operation| {
                operation.done.push(*step);
                match step {
                    Step::Restore => operation.restored = Some(kept_by(*step, note, kept).join(", ")),
                    Step::Keep => operation.keep(kept_by(*step, note, kept)),
                    _ => {}
                }
            }),
            Fact::Failed { step, why, touched, blame } => self.operate(|operation| {
                operation.failed =
                    Some(StepFailure { step: *step, why: why.clone(), touched: *touched, blame: *blame });
            }),
            Fact::Applied { strategy, files, had, beside, .. } => {
                self.note_files(files, had);
                self.note_beside(beside);
                self.operate(|operation| operation.applied = Some(*strategy));
            }
            Fact::Checked { health, images, .. } => {
                if matches!(health, Checkup::Healthy(_)) {
                    self.note_images(images);
                }
                self.operate(|operation| operation.checkup = Some(health.clone()));
            }
            Fact::Ended { outcome } => self.end(outcome, entry),
            Fact::Ci { sha, verdict, run, forward } => self.hear(sha, verdict, run.as_ref(), *forward, entry.at),
            Fact::Dropped { sha } => {
                self.validated.retain(|one| one.sha != *sha);
                if let Some(record) = self.records.get_mut(sha) {
                    record.forward = Some(Forward::Lost);
                }
            }
            Fact::Watching { sha, how, until } => {
                self.watch = Some(Watched { sha: sha.clone(), how: *how, since: entry.at, until: *until });
            }
            Fact::Resumed => self.operate(|operation| operation.resume(entry.at)),
            Fact::Stopped { .. } => self.operate(|operation| operation.stopped = true),
            Fact::Snapshot { .. } => {}
        }
        self.forget_old();
    }

    fn operate(&mut self, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = &mut self.operation {
            change(operation);
        }
    }

    /// Compose files of the version that is put live, and of the one before it. A run that goes on with it finds containers
    /// of both.
    fn note_files(&mut self, files: &[String], had: &[String]) {
        let Some(operation) = &self.operation else {
            return;
        };
        let (target, is_first) = (operation.ask.target().clone(), operation.applied.is_none());
        let from = operation.from.clone().filter(|_| is_first && !had.is_empty());
        if let Some(from) = from {
            self.record(&from).files = had.to_vec();
        }
        if self.records.get(&target).is_none_or(|record| record.files != files) {
            self.record(&target).files = files.to_vec();
        }
    }

    fn note_beside(&mut self, beside: &[String]) {
        let Some(target) = self.operation.as_ref().map(|operation| operation.ask.target().clone()) else {
            return;
        };
        if self.records.get(&target).map_or(!beside.is_empty(), |record| record.beside != beside) {
            self.record(&target).beside = beside.to_vec();
        }
    }

    fn note_images(&mut self, images: &BTreeMap<String, String>) {
        let Some(target) = self.operation.as_ref().map(|operation| operation.ask.target().clone()) else {
            return;
        };
        if self.records.get(&target).map_or(!images.is_empty(), |record| record.images != *images) {
            self.record(&target).images.clone_from(images);
        }
    }

    pub(super) fn record(&mut self, sha: &Sha) -> &mut Record {
        let seq = self.seq;
        let record = self.records.entry(sha.clone()).or_default();
        record.seq = seq;
        record
    }

    pub(super) fn go_live(&mut self, sha: &Sha, at: Millis, known: Known) {
        let is_applied = known.is_applied();
        if let Some(live) = self.live.as_mut().filter(|live| live.sha == *sha) {
            (live.known_by, live.is_applied) = (known, is_applied);
            return;
        }
        self.left_alone = None;
        if let Some(record) = self.records.get_mut(sha) {
            record.undone = false;
        }
        if let Some(before) = self.live.take() {
            self.pass_on(before, sha, known);
        }
        self.live = Some(Live { sha: sha.clone(), since: at, known_by: known, is_applied });
    }

    /// Whether what is live has worked: files that another request wrote beside it take nothing of that back.
    fn came_to_work(&self, live: &Live) -> bool {
        let was_well = || self.records.get(&live.sha).is_some_and(|record| record.healthy_at.is_some());
        let was_first = || self.baseline.as_ref() == Some(&live.sha);
        live.known_by.is_well() || live.known_by.is_uncertain() && (was_well() || was_first())
    }

    /// What is live gives way to `next`: it is `previous`, unless it never came to work itself.
    fn pass_on(&mut self, before: Live, next: &Sha, known: Known) {
        if self.came_to_work(&before) {
            self.earlier = self.previous.replace(before.sha).filter(|_| !known.is_well());
        } else if self.previous.as_ref() == Some(next) {
            self.previous = self.earlier.take();
        }
    }

    fn ask(&mut self, ask: &Ask, with: &Environment, entry: &Entry) {
        // What is live and never came to work keeps its settings nowhere else.
        let ill = self.live.as_ref().is_some_and(|live| !live.known_by.is_well());
        let reach = self.with.as_ref().filter(|_| ill).and_then(|with| with.compose.clone());
        // A request that follows from another one takes its place: the first is over with it.
        let before = self.operation.take();
        if let Some(before) = &before {
            if before.touched() {
                // Known at once to be ill, but people had it from when it was put in place, and have it until the
                // request that follows has put something else there.
                self.go_wrong(before, entry.at);
            }
            self.close(before, &Outcome::Failed { why: before.failing() }, entry);
        }
        // Of a request that is refused, or changes nothing, what is live has nothing: see `adopt`.
        self.with.get_or_insert_with(|| Box::new(with.clone()));
        let mut operation = Operation::asked(ask, with, entry, self.live.as_ref().map(|live| live.sha.clone()));
        if let Some(before) = &before {
            operation.follow(before);
        }
        operation.reach = operation.reach.or(reach);
        self.operation = Some(operation);
    }

    /// What is live is about to be made with these settings, or was found healthy with them. What was healthy with
    /// others remembers those: it is gone back to as it was (a compose file that moved, a new health path).
    fn adopt(&mut self, with: Environment) {
        let Some(before) = self.with.replace(Box::new(with)).filter(|before| self.with.as_ref() != Some(before)) else {
            return;
        };
        let live = self.live.as_ref().map(|live| live.sha.clone());
        let unsettled = self.unsettled();
        // Found ill once since, it was well with those settings all the same.
        let was_validated = |sha: &Sha| self.validated.iter().any(|validated| validated.sha == *sha);
        let is_target = |sha: &Sha, is_healthy: bool| {
            was_validated(sha) || (is_healthy && (live.as_ref() == Some(sha) || unsettled.contains(sha)))
        };
        for (sha, record) in &mut self.records {
            if record.with.is_none() && is_target(sha, record.healthy_at.is_some()) {
                record.with = Some(before.clone());
            }
        }
    }

    /// What is live was found healthy with the settings of a request that changed nothing: they count from here on, but
    /// for those that only what is made anew would follow.
    pub(super) fn take_check(&mut self, operation: &Operation) {
        if let Some(before) = self.with.clone() {
            let Environment { compose, deploy_command, command_limit_ms, .. } = *before;
            self.adopt(Environment { compose, deploy_command, command_limit_ms, ..(*operation.with).clone() });
            self.record(operation.ask.target()).with = None;
        }
    }

    /// A SHA that failed here is quarantined, and no longer known to be healthy. What the machine failed at
    /// says nothing about the SHA.
    pub(super) fn quarantine_failed(&mut self, operation: &Operation, at: Millis) {
        if operation.spares_version() {
            return;
        }
        let record = self.record(operation.ask.target());
        // CI's word stands until CI takes it back.
        record.quarantine = record.quarantine.filter(|why| *why == Quarantine::Ci).or(Some(Quarantine::Broken));
        record.broken_at = Some(at);
        record.healthy_at = None;
    }

    pub(super) fn close(&mut self, operation: &Operation, outcome: &Outcome, entry: &Entry) {
        self.history.push(Ended {
            ask: operation.ask.clone(),
            outcome: outcome.clone(),
            since: operation.since,
            at: entry.at,
            by: operation.by.clone(),
        });
    }

    fn hear(&mut self, sha: &Sha, verdict: &Verdict, run: Option<&CiRun>, forward: Forward, at: Millis) {
        if self.knows_later(sha, run) {
            return;
        }
        let record = self.record(sha);
        let judged = record.ci.as_ref().is_some_and(|(verdict, _)| verdict.judges());
        let is_mended = run.is_some_and(|run| record.is_mended_by(run));
        match verdict {
            // No answer takes no earlier answer back.
            Verdict::Inconclusive(_) if judged => {}
            _ => record.ci = Some((verdict.clone(), run.cloned())),
        }
        record.forward = Some(forward);
        match verdict {
            Verdict::Success => {
                let is_broken = record.is_broken() && !is_mended;
                record.quarantine = record.quarantine.filter(|_| is_broken).map(|_| Quarantine::Broken);
                self.left_alone = self.left_alone.take().filter(|alone| alone != sha);
                self.validate_when_judged(sha, at);
                if forward == Forward::Yes {
                    self.is_newest_again(sha);
                }
            }
            Verdict::Failure(_) => {
                let is_news = !judged && record.quarantine.is_none();
                record.quarantine = Some(Quarantine::Ci);
                if is_news {
                    // Who left it alone while CI was silent did not know.
                    self.left_alone = self.left_alone.take().filter(|alone| alone != sha);
                }
            }
            Verdict::Inconclusive(_) => {}
        }
        if self.watch.as_ref().is_some_and(|watch| watch.sha == *sha) {
            self.watch = None;
        }
    }

    /// A point that had failed for a while is newer than what was the point meanwhile.
    fn is_newest_again(&mut self, sha: &Sha) {
        if let Some(at) = self.validated.iter().position(|one| one.sha == *sha) {
            let one = self.validated.remove(at);
            self.validated.push(one);
        }
    }

    /// Validates a SHA that was healthy here, whose CI succeeded, and that moves the point forward.
    pub(super) fn validate_when_judged(&mut self, sha: &Sha, at: Millis) {
        let Some(record) = self.records.get(sha) else {
            return;
        };
        let Some((Verdict::Success, run)) = &record.ci else {
            return;
        };
        let fits = record.healthy_at.is_some() && record.quarantine.is_none() && record.forward == Some(Forward::Yes);
        if fits && !self.was_point(sha) {
            let run = run.clone();
            self.validated.push(Validated { sha: sha.clone(), at, run });
            self.has_validated = true;
        }
    }
}

//! What an environment's facts add up to. `apply` is the only place where a fact changes the
//! state; `fold(entries)` is all there is to know about an environment. Bounded: only what the
//! newest SHAs and requests add is kept, so that a snapshot stays small.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{
    Ask, Because, Checkup, CiRun, Commit, Entry, Fact, Forward, Outcome, Placed, Relation, Step, Touched,
};
use super::verdict::Verdict;
use crate::environment::{Environment, Watch};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::strategy::Strategy;

/// SHAs whose records are kept beside those that are live, validated or awaited.
const RECORDS_KEPT: usize = 60;
/// Validated SHAs kept as rollback targets.
const VALIDATED_KEPT: usize = 20;
/// Ended requests kept for `status`.
const HISTORY_KEPT: usize = 10;

/// One environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Entries so far.
    pub seq: u64,
    /// What was live when the action first ran here.
    pub baseline: Option<Sha>,
    /// What is live, as far as the ledger knows.
    pub live: Option<Live>,
    /// What was live before that.
    pub previous: Option<Sha>,
    /// The request that is not over.
    pub operation: Option<Operation>,
    /// What is known of each SHA.
    pub records: BTreeMap<Sha, Record>,
    /// Validated SHAs, oldest first; each is ahead of the one before it.
    pub validated: Vec<Validated>,
    /// Whose CI is being followed.
    pub watch: Option<Watched>,
    /// The live SHA for which an automatic rollback was tried and did not come about.
    pub left_alone: Option<Sha>,
    /// The settings of the newest request.
    pub with: Option<Box<Environment>>,
    /// The newest ended requests, oldest first.
    pub history: Vec<Ended>,
}

/// What is live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The SHA.
    pub sha: Sha,
    /// Since when.
    pub since: Millis,
    /// The fact that says so.
    pub known_by: String,
}

/// A request under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// What was asked.
    pub ask: Ask,
    /// With which settings.
    pub with: Box<Environment>,
    /// Since when.
    pub since: Millis,
    /// By whom.
    pub by: String,
    /// What was live then.
    pub from: Option<Sha>,
    /// Where the commit stands, once fetched.
    pub fetched: Option<(Placed, Relation)>,
    /// Guarded paths that differ, once compared.
    pub guarded: Option<Vec<String>>,
    /// The step that changes the machine and has begun.
    pub began: Option<Step>,
    /// When it began.
    pub began_at: Option<Millis>,
    /// Steps that are done.
    pub done: Vec<Step>,
    /// How containers took the new version.
    pub applied: Option<Strategy>,
    /// The step that failed.
    pub failed: Option<Fault>,
    /// What the check came to.
    pub checkup: Option<Checkup>,
    /// Targets already tried in this incident.
    pub tried: Vec<Sha>,
    /// A later run than the one that asked has found it unfinished.
    pub resumed: bool,
    /// That run found that what is live may have changed already.
    #[serde(default)]
    pub half_done: bool,
}

/// A step that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which.
    pub step: Step,
    /// What was attempted, seen, and what to do.
    pub why: String,
    /// Whether what is live may have changed.
    pub touched: Touched,
}

/// What is known of a SHA.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The entry that last spoke of it.
    pub seq: u64,
    /// The commit.
    pub commit: Option<Commit>,
    /// When it last went live here and was healthy.
    pub healthy_at: Option<Millis>,
    /// What CI said last.
    pub ci: Option<(Verdict, Option<CiRun>)>,
    /// Whether validating it moves the rollback point forward, as last asked.
    pub forward: Option<Forward>,
    /// Why it is not deployed again without `force`.
    pub quarantine: Option<Quarantine>,
}

/// Why a SHA is not deployed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quarantine {
    /// Its CI failed.
    Ci,
    /// It was unhealthy here, or could not be put live.
    Broken,
}

/// A validated SHA with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validated {
    /// The SHA.
    pub sha: Sha,
    /// When.
    pub at: Millis,
    /// The CI run.
    pub run: Option<CiRun>,
}

/// A SHA whose CI is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The SHA.
    pub sha: Sha,
    /// By whom.
    pub how: Watch,
    /// Since when.
    pub since: Millis,
    /// Until when it is waited for.
    pub until: Millis,
}

/// An ended request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// What was asked.
    pub ask: Ask,
    /// How it ended.
    pub outcome: Outcome,
    /// When it was asked.
    pub since: Millis,
    /// When it ended.
    pub at: Millis,
    /// By whom.
    pub by: String,
}

/// The state after these entries.
pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> State {
    let mut state = State::default();
    for entry in entries {
        state.apply(entry);
    }
    state
}

impl State {
    /// The newest SHA that CI validated here and that has not failed since.
    #[must_use]
    pub fn last_validated(&self) -> Option<&Validated> {
        self.validated.iter().rev().find(|validated| !self.is_quarantined(&validated.sha))
    }

    /// Whether a SHA failed here and nothing has lifted that.
    #[must_use]
    pub fn is_quarantined(&self, sha: &Sha) -> bool {
        self.records.get(sha).is_some_and(|record| record.quarantine.is_some())
    }

    /// Where an automatic rollback may go: the newest validated SHA that is not among `avoid`; before
    /// anything was validated, the baseline.
    #[must_use]
    pub fn rollback_target(&self, avoid: &[Sha]) -> Option<&Sha> {
        let usable = |sha: &&Sha| !avoid.contains(sha) && !self.is_quarantined(sha);
        if self.validated.is_empty() {
            return self.baseline.as_ref().filter(usable);
        }
        self.validated.iter().rev().map(|validated| &validated.sha).find(usable)
    }

    /// Whether a later attempt of this run has spoken already: events can arrive in any order.
    #[must_use]
    pub fn knows_later(&self, sha: &Sha, run: Option<&CiRun>) -> bool {
        let known = self.records.get(sha).and_then(|record| record.ci.as_ref()).and_then(|(_, known)| known.as_ref());
        known.zip(run).is_some_and(|(known, run)| known.id == run.id && known.attempt > run.attempt)
    }

    /// Deployed SHAs that CI has neither validated nor failed, newest first.
    #[must_use]
    pub fn unsettled(&self) -> Vec<Sha> {
        let open = |record: &Record| {
            let judged = matches!(record.ci, Some((Verdict::Success | Verdict::Failure(_), _)));
            record.healthy_at.is_some() && !judged && record.quarantine.is_none()
        };
        let mut found: Vec<(&Sha, u64)> =
            self.records.iter().filter(|(_, record)| open(record)).map(|(sha, record)| (sha, record.seq)).collect();
        found.sort_by_key(|(_, seq)| std::cmp::Reverse(*seq));
        found.into_iter().map(|(sha, _)| sha.clone()).collect()
    }

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
                self.go_live(sha, entry.at, "baseline");
            }
            Fact::Found { sha } => {
                self.go_live(sha, entry.at, "found in the work tree");
                // A person put it there; what failed before is no ground to undo that.
                self.left_alone = Some(sha.clone()).filter(|sha| self.is_quarantined(sha));
            }
            Fact::Asked { ask, with } => self.ask(ask, with, entry),
            Fact::Fetched { commit, placed, relation, forward } => {
                let record = self.record(&commit.sha);
                record.commit = Some(commit.clone());
                record.forward = Some(*forward);
                self.operate(|operation| operation.fetched = Some((*placed, *relation)));
            }
            Fact::Compared { guarded } => self.operate(|operation| operation.guarded = Some(guarded.clone())),
            Fact::Began { step } => self.operate(|operation| {
                operation.began = Some(*step);
                operation.began_at.get_or_insert(entry.at);
            }),
            Fact::Did { step, .. } => self.operate(|operation| operation.done.push(*step)),
            Fact::Failed { step, why, touched } => self.operate(|operation| {
                operation.failed = Some(Fault { step: *step, why: why.clone(), touched: *touched });
            }),
            Fact::Applied { strategy, .. } => self.operate(|operation| operation.applied = Some(*strategy)),
            Fact::Checked { health, .. } => self.operate(|operation| operation.checkup = Some(health.clone())),
            Fact::Ended { outcome } => self.end(outcome, entry),
            Fact::Ci { sha, verdict, run, forward } => self.hear(sha, verdict, run.as_ref(), *forward, entry.at),
            Fact::Watching { sha, how, until } => {
                self.watch = Some(Watched { sha: sha.clone(), how: *how, since: entry.at, until: *until });
            }
            Fact::Resumed => self.operate(|operation| {
                operation.half_done = operation.touched();
                operation.resumed = true;
            }),
            Fact::Stopped { .. } | Fact::Snapshot { .. } => {}
        }
        self.forget_old();
    }

    fn operate(&mut self, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = &mut self.operation {
            change(operation);
        }
    }

    fn record(&mut self, sha: &Sha) -> &mut Record {
        let seq = self.seq;
        let record = self.records.entry(sha.clone()).or_default();
        record.seq = seq;
        record
    }

    fn go_live(&mut self, sha: &Sha, at: Millis, known_by: &str) {
        if self.live.as_ref().is_some_and(|live| live.sha == *sha) {
            return;
        }
        self.left_alone = None;
        self.previous = self.live.take().map(|live| live.sha);
        self.live = Some(Live { sha: sha.clone(), since: at, known_by: known_by.to_owned() });
    }

    fn ask(&mut self, ask: &Ask, with: &Environment, entry: &Entry) {
        // A request that follows from another one takes its place: the first is over with it.
        let before = self.operation.take();
        let mut tried = Vec::new();
        if let Some(before) = before {
            tried = before.tried.clone();
            tried.push(before.ask.target().clone());
            if before.touched() {
                // Until the request that follows has put something else in its place.
                self.go_live(before.ask.target(), entry.at, "put in place, not healthy");
                self.quarantine_failed(&before);
            }
            let why = before.failing();
            self.close(&before, &Outcome::Failed { why }, entry);
        }
        self.with = Some(Box::new(with.clone()));
        self.operation = Some(Operation {
            ask: ask.clone(),
            with: Box::new(with.clone()),
            since: entry.at,
            by: entry.by.clone(),
            from: self.live.as_ref().map(|live| live.sha.clone()),
            fetched: None,
            guarded: None,
            began: None,
            began_at: None,
            done: Vec::new(),
            applied: None,
            failed: None,
            checkup: None,
            tried,
            resumed: false,
            half_done: false,
        });
    }

    /// A SHA that failed here is quarantined, and no longer known to be healthy.
    fn quarantine_failed(&mut self, operation: &Operation) {
        let record = self.record(operation.ask.target());
        record.quarantine = Some(Quarantine::Broken);
        record.healthy_at = None;
    }

    fn close(&mut self, operation: &Operation, outcome: &Outcome, entry: &Entry) {
        self.history.push(Ended {
            ask: operation.ask.clone(),
            outcome: outcome.clone(),
            since: operation.since,
            at: entry.at,
            by: operation.by.clone(),
        });
    }

    fn end(&mut self, outcome: &Outcome, entry: &Entry) {
        let Some(operation) = self.operation.take() else {
            return;
        };
        let target = operation.ask.target().clone();
        self.close(&operation, outcome, entry);
        match outcome {
            Outcome::Deployed | Outcome::RolledBack => {
                self.go_live(&target, entry.at, "deployed and healthy");
                let record = self.record(&target);
                record.healthy_at = Some(entry.at);
                if matches!(operation.ask, Ask::Deploy { .. }) {
                    // Only a forced deploy gets here with a quarantine: being healthy answers
                    // that it was broken; CI's own word stands until CI takes it back.
                    record.quarantine = record.quarantine.filter(|why| *why == Quarantine::Ci);
                    if record.quarantine.is_some() {
                        // The word that the person overrode is no ground to undo what they asked for.
                        self.left_alone = Some(target.clone());
                    }
                    self.validate_when_judged(&target, entry.at);
                }
            }
            Outcome::Unchanged => {
                self.record(&target).healthy_at = Some(entry.at);
                // Only a deploy has asked anew where its SHA stands; a rollback validates nothing.
                if matches!(operation.ask, Ask::Deploy { .. }) {
                    self.validate_when_judged(&target, entry.at);
                }
            }
            Outcome::Unhealthy { .. } | Outcome::Stuck { .. } | Outcome::Guarded { .. } | Outcome::Failed { .. } => {
                if operation.touched() {
                    self.go_live(&target, entry.at, "put in place, not healthy");
                    self.quarantine_failed(&operation);
                }
                if operation.is_automatic() {
                    self.left_alone = self.live.as_ref().map(|live| live.sha.clone());
                }
            }
            Outcome::Superseded | Outcome::Refused { .. } | Outcome::Interrupted => {}
        }
    }

    fn hear(&mut self, sha: &Sha, verdict: &Verdict, run: Option<&CiRun>, forward: Forward, at: Millis) {
        if self.knows_later(sha, run) {
            return;
        }
        let record = self.record(sha);
        let judged = matches!(record.ci, Some((Verdict::Success | Verdict::Failure(_), _)));
        match verdict {
            // No answer takes no earlier answer back.
            Verdict::Inconclusive(_) if judged => {}
            _ => record.ci = Some((verdict.clone(), run.cloned())),
        }
        record.forward = Some(forward);
        match verdict {
            Verdict::Success => {
                let again = run.is_some_and(|run| run.attempt > 1);
                record.quarantine = record.quarantine.filter(|why| *why == Quarantine::Broken && !again);
                self.left_alone = self.left_alone.take().filter(|alone| alone != sha);
                self.validate_when_judged(sha, at);
            }
            Verdict::Failure(_) => record.quarantine = Some(Quarantine::Ci),
            Verdict::Inconclusive(_) => {}
        }
        if self.watch.as_ref().is_some_and(|watch| watch.sha == *sha) {
            self.watch = None;
        }
    }

    /// Validates a SHA that was healthy here, whose CI succeeded, and that moves the point forward.
    fn validate_when_judged(&mut self, sha: &Sha, at: Millis) {
        let Some(record) = self.records.get(sha) else {
            return;
        };
        let Some((Verdict::Success, run)) = &record.ci else {
            return;
        };
        let fits = record.healthy_at.is_some() && record.quarantine.is_none() && record.forward == Some(Forward::Yes);
        let known = self.validated.iter().any(|validated| validated.sha == *sha);
        if fits && !known {
            let run = run.clone();
            self.validated.push(Validated { sha: sha.clone(), at, run });
        }
    }

    fn forget_old(&mut self) {
        let validated = self.validated.len().saturating_sub(VALIDATED_KEPT);
        self.validated.drain(..validated);
        let history = self.history.len().saturating_sub(HISTORY_KEPT);
        self.history.drain(..history);
        while self.records.len() > RECORDS_KEPT + self.validated.len() {
            let needed = |sha: &Sha| {
                self.live.as_ref().is_some_and(|live| live.sha == *sha)
                    || self.baseline.as_ref() == Some(sha)
                    || self.operation.as_ref().is_some_and(|operation| operation.ask.target() == sha)
                    || self.watch.as_ref().is_some_and(|watch| watch.sha == *sha)
                    || self.validated.iter().any(|validated| validated.sha == *sha)
            };
            let droppable = self.records.iter().filter(|(sha, _)| !needed(sha));
            let oldest = droppable.min_by_key(|(_, record)| (record.quarantine.is_some(), record.seq));
            match oldest.map(|(sha, _)| sha.clone()) {
                Some(sha) => drop(self.records.remove(&sha)),
                None => return,
            }
        }
    }
}

impl Operation {
    /// Whether what is live may have changed by now.
    #[must_use]
    pub fn touched(&self) -> bool {
        match &self.failed {
            _ if self.half_done => true,
            Some(fault) if self.done.iter().all(|step| !step.touches()) => fault.touched == Touched::Live,
            _ => self.began.is_some_and(Step::touches),
        }
    }

    /// What went wrong, one text.
    #[must_use]
    pub fn failing(&self) -> String {
        match (&self.failed, &self.checkup) {
            (Some(fault), _) => fault.why.clone(),
            (None, Some(Checkup::Unhealthy(why))) => why.clone(),
            _ => String::new(),
        }
    }

    /// Whether it followed from what was so, without a person asking.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        matches!(&self.ask, Ask::Rollback { because, .. } if *because != Because::Person)
    }

    /// Why a rollback would follow.
    #[must_use]
    pub fn because(&self) -> Because {
        if self.failed.is_some() { Because::Broken } else { Because::Unhealthy }
    }
}

impl Step {
    /// Whether this step changes what is live.
    #[must_use]
    pub fn touches(self) -> bool {
        matches!(self, Self::Reset | Self::Command | Self::Compose)
    }

    /// Whether this step changes anything on the machine, so that the ledger must say first that it begins.
    #[must_use]
    pub fn changes(self) -> bool {
        self.touches() || self == Self::Keep
    }
}

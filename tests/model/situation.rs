//! One situation: what the machine sees, what is on disk, what really stands on the machine, and what
//! may still come. What can follow is `steps` (the machine goes on) and `arrivals` (from outside).

use mangetamain_deploy::machine::operation::Operation;
use mangetamain_deploy::machine::{Ask, Decision, Entry, Fact, Outcome, State, Step, decide};
use mangetamain_deploy::time::Millis;

use super::site::{EFFECTS, Site};
use super::size::Size;
use super::{arrivals, fingerprint, steps};
use crate::story::{decision, sha};

/// What has been told of a commit's CI.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Heard {
    /// Attempts that have been told, a bit each.
    pub told: u8,
    /// The newest of them that proved something.
    pub newest: u8,
    /// What it proved.
    pub word: Option<bool>,
    /// No answer came in time.
    pub expired: bool,
}

#[derive(Clone)]
pub struct Situation {
    pub state: State,
    /// What stands on disk: what the next run would read, were this one killed now.
    pub written: State,
    /// Facts that are written with the next write.
    pub pending: Vec<Fact>,
    pub site: Site,
    pub left: Size,
    /// Pushes that have arrived, a bit each.
    pub pushed: u8,
    pub heard: [Heard; 4],
    /// SHAs that a person put live, a bit each.
    pub by_hand: u8,
    /// Those of them whose CI had been silent until the time was up.
    pub in_silence: u8,
    /// Validated SHAs at the moment when what is live went live, a bit each.
    pub validated_then: u8,
    /// What is live was put there by a rollback.
    pub went_back: bool,
    /// An automatic rollback has met a mishap, or guarded paths.
    pub hindered: bool,
    /// How the last request ended: what is live may not be whole.
    pub unsure: bool,
    /// Where a promote reads: the SHAs that are validated there, a bit each.
    pub elsewhere: u8,
    /// They were when this promote looked last.
    pub proven: bool,
}

/// A step of a story, with what the machine decides before and after it.
pub struct Moment<'a> {
    pub before: &'a Situation,
    pub decided: &'a Decision,
    pub after: &'a Situation,
    pub then: Decision,
    pub cause: Cause,
}

impl Moment<'_> {
    /// Nothing is left to do after it.
    pub fn rests(&self) -> bool {
        matches!(self.then, Decision::Rest | Decision::Wait(..))
    }
}

/// A next situation, and what happened on the way.
pub struct Next {
    pub label: String,
    pub situation: Situation,
    pub cause: Cause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The machine went on by itself.
    Machine,
    /// Its run was killed, and another one came.
    Killed,
    /// Something came from outside.
    Outside,
}

pub const fn bit(commit: usize) -> u8 {
    1 << commit
}

impl Situation {
    pub fn first(size: Size) -> Self {
        let mut first = Self {
            state: State::default(),
            written: State::default(),
            pending: Vec::new(),
            site: Site::first(),
            left: size,
            pushed: 0,
            heard: [Heard::default(); 4],
            by_hand: 0,
            in_silence: 0,
            validated_then: 0,
            went_back: false,
            hindered: false,
            unsure: false,
            elsewhere: 0xff,
            proven: false,
        };
        first.add(Fact::Baseline { sha: sha(0) });
        first.write();
        first
    }

    pub fn add(&mut self, fact: Fact) {
        let was = self.live();
        let back = self.state.operation.as_ref().is_some_and(|one| !one.ask.is_forward());
        if self.left.crashes > 0 {
            self.pending.push(fact.clone());
        }
        fold(&mut self.state, fact);
        if self.live() != was {
            self.validated_then = self.usable();
            self.went_back = back;
        }
    }

    pub fn write(&mut self) {
        if self.left.crashes > 0 {
            self.written = self.state.clone();
            self.pending.clear();
        }
    }

    pub fn with(&self, facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut next = self.clone();
        facts.into_iter().for_each(|fact| next.add(fact));
        next
    }

    /// The number of what is live, as far as the machine knows.
    pub fn live(&self) -> Option<usize> {
        self.state.live.as_ref().map(|live| crate::story::number(&live.sha))
    }

    /// Validated SHAs that have not failed since, a bit each.
    pub fn usable(&self) -> u8 {
        let good = self.state.validated.iter().filter(|one| !self.state.is_quarantined(&one.sha));
        good.fold(0, |bits, one| bits | bit(crate::story::number(&one.sha)))
    }

    /// All that tells this situation from another, in a number.
    pub fn key(&self) -> u128 {
        fingerprint::of(self)
    }

    pub fn decided(&self) -> Decision {
        decide(&self.state, Millis(0))
    }

    /// Everything that can come next, where this is what the machine decides.
    pub fn next(&self, decided: &Decision) -> Vec<Next> {
        let label = decision(decided);
        let mut all = match decided.clone() {
            Decision::Do(step) => steps::carried_out(self, step),
            Decision::End(outcome) => {
                let mut next = self.with([Fact::Ended { outcome }]);
                next.unsure = steps::leaves_unsure(&self.state).unwrap_or(next.unsure);
                next.write();
                vec![machine(label, next)]
            }
            Decision::Ask(ask, with) => {
                let next = self.asked(Fact::Asked { ask, with });
                vec![machine(label, next)]
            }
            Decision::Wait(..) | Decision::Rest => return outside(arrivals::all(self)),
        };
        all.extend(self.killed());
        all.extend(outside(arrivals::at_any_moment(self)));
        all
    }

    /// A request is written, by a person or as what follows.
    pub fn asked(&self, fact: Fact) -> Self {
        let mut next = self.with([fact]);
        next.unsure |= self.state.operation.as_ref().is_some_and(Operation::touched);
        next.site.begin();
        next.proven = false;
        next.write();
        next
    }

    /// What every run looks at first: the work tree is believed over the ledger.
    pub fn surveyed(&self) -> Self {
        match self.site.tree {
            Some(tree) if Some(tree) != self.live() => {
                let mut next = self.with([Fact::Found { sha: sha(tree) }]);
                next.unsure = true;
                next
            }
            _ => self.clone(),
        }
    }

    /// The run is killed here: nothing that it had not written is known any more, or, where it was just
    /// writing, the first lines of that. The next run, of whatever mode, goes on with what it reads.
    fn killed(&self) -> Vec<Next> {
        if self.left.crashes == 0 {
            return Vec::new();
        }
        let read = |lines: usize| {
            let mut next = self.clone();
            next.left.crashes -= 1;
            next.state = self.written.clone();
            self.pending.iter().take(lines).for_each(|fact| fold(&mut next.state, fact.clone()));
            next.resume();
            let label = if lines == 0 { "killed".to_owned() } else { format!("killed, {lines} lines written") };
            Next { label: format!("{label}; the next run comes"), situation: next, cause: Cause::Killed }
        };
        let mut all: Vec<Next> = (0..=self.pending.len()).map(read).collect();
        if self.left.hands > 0 && self.written.operation.is_some() {
            let moved = |commit| self.moved_meanwhile(commit);
            all.extend((0..=self.left.pushes).filter_map(moved));
        }
        all
    }

    pub fn is_put_by_hand(&mut self, commit: usize) {
        self.by_hand |= bit(commit);
        self.in_silence |= if self.heard[commit].expired { bit(commit) } else { 0 };
    }

    /// Before the next run comes, a person puts something else there: what was begun is void.
    fn moved_meanwhile(&self, commit: usize) -> Option<Next> {
        let operation = self.written.operation.as_ref()?;
        if [Some(operation.ask.target()), operation.from.as_ref()].contains(&Some(&sha(commit))) {
            return None;
        }
        let mut next = self.clone();
        next.left.crashes -= 1;
        next.left.hands -= 1;
        next.state = self.written.clone();
        next.resume();
        next.add(Fact::Ended { outcome: Outcome::Interrupted });
        next.add(Fact::Found { sha: sha(commit) });
        next.write();
        next.site.put(commit);
        next.is_put_by_hand(commit);
        next.unsure = false;
        let label = format!("killed; a person moves the work tree to {commit}; the next run comes");
        Some(Next { label, situation: next, cause: Cause::Killed })
    }

    /// The step that had begun is killed with its run, before, in or after its effect.
    pub fn killed_in(&self, step: Step, target: usize, saved: usize) -> Vec<Next> {
        if self.left.crashes == 0 {
            return Vec::new();
        }
        let cut = |effect| {
            let mut next = self.clone();
            next.left.crashes -= 1;
            next.site.carry_out(step, target, saved, effect);
            next.resume();
            let label = format!("killed in {step:?}, effect {effect:?}; the next run comes").to_lowercase();
            Next { label, situation: next, cause: Cause::Killed }
        };
        EFFECTS.map(cut).into()
    }

    /// Another run reads the ledger, with the lock: what it finds unfinished is gone on with.
    fn resume(&mut self) {
        self.pending.clear();
        self.site.unsaved = true;
        if self.state.operation.is_some() {
            self.add(Fact::Resumed);
            // What was proven then may be so no more.
            self.proven = false;
        }
    }
}

pub fn machine(label: String, situation: Situation) -> Next {
    Next { label, situation, cause: Cause::Machine }
}

fn outside(all: Vec<(String, Situation)>) -> Vec<Next> {
    all.into_iter().map(|(label, situation)| Next { label, situation, cause: Cause::Outside }).collect()
}

fn fold(state: &mut State, fact: Fact) {
    state.apply(&Entry { seq: 0, at: Millis(0), by: String::new(), fact });
    state.history.clear();
    for record in state.records.values_mut() {
        // What people read is nothing that the machine sees.
        record.commit = None;
    }
}

/// What a request asks for, and whether it follows from another.
pub fn follows(before: &Situation, after: &Situation) -> Option<Ask> {
    let operation = after.state.operation.as_ref()?;
    let is_new = before.state.operation.as_ref().is_none_or(|one| one.ask != operation.ask);
    is_new.then(|| operation.ask.clone())
}

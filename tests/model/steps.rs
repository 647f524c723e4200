//! The machine goes on: every way in which a step can come out, with what it leaves on the machine.

use mangetamain_deploy::machine::entry::{Blame, Checkup, CiRun, Placed, Touched};
use mangetamain_deploy::machine::operation::Operation;
use mangetamain_deploy::machine::state::State;
use mangetamain_deploy::machine::{Ask, Fact, Files, Step};

use super::site::{EFFECTS, Effect};
use super::situation::{Next, Situation, bit, machine};
use crate::story::{did, fetched, forward, number, sha, verdict};

/// A step under way.
struct Way<'a> {
    begun: Situation,
    operation: &'a Operation,
    step: Step,
    target: usize,
    /// Of what a backup is that may be put back.
    saved: usize,
    all: Vec<Next>,
}

pub fn carried_out(now: &Situation, step: Step) -> Vec<Next> {
    let mut begun = now.clone();
    if step.changes() {
        begun.add(Fact::Began { step });
        begun.write();
    }
    let operation = now.state.operation.as_ref().unwrap();
    let target = number(operation.ask.target());
    let saved = match &operation.ask {
        Ask::Rollback { files: Files::Restored(name), .. } => (0..4).find(|one| sha(*one).short() == name.short_sha()),
        _ => None,
    };
    let saved = saved.unwrap_or(target);
    let mut way = Way { begun, operation, step, target, saved, all: Vec::new() };
    way.done();
    if now.left.mishaps > 0 {
        way.refused();
        way.unknown();
    }
    if step.changes() {
        let killed = way.begun.killed_in(step, target, saved);
        way.all.extend(killed);
    }
    way.all
}

impl Way<'_> {
    fn add(&mut self, label: &str, mut next: Situation) {
        let word = format!("{:?} of {}: {label}", self.step, self.target).to_lowercase();
        if self.operation.is_automatic() && next.left.mishaps < self.begun.left.mishaps {
            next.hindered = true;
        }
        self.all.push(machine(word, next));
    }

    fn done(&mut self) {
        let (begun, target) = (&self.begun, self.target);
        let mut next = match self.step {
            Step::Fetch => begun.with([fetched(&begun.state, target, Placed::OnBranch)]),
            Step::Checklist | Step::Prove => match begun.elsewhere & bit(target) {
                0 => return self.unready(),
                _ => self.read_elsewhere(),
            },
            Step::Compare => begun.with([Fact::Compared { guarded: Vec::new() }]),
            Step::Check if !self.is_proof() => return self.checked(false),
            Step::Check => return self.checked(true),
            _ => begun.clone(),
        };
        next.site.carry_out(self.step, target, self.saved, Effect::Whole);
        next.add(did(self.step));
        self.add("done", next);
    }

    /// What speaks for the SHA elsewhere becomes a fact here.
    fn read_elsewhere(&self) -> Situation {
        let mut next = self.begun.clone();
        let known = next.state.records.get(&sha(self.target)).is_some_and(|record| record.ci.is_some());
        if self.step == Step::Checklist && !known {
            let run = CiRun { id: self.target as u64, attempt: 1, url: String::new(), started: None };
            let forward = forward(&next.state, self.target);
            next.add(Fact::Ci { sha: sha(self.target), verdict: verdict("success"), run: Some(run), forward });
        }
        let heard = &mut next.heard[self.target];
        (heard.told, heard.newest, heard.word) = (1, 1, Some(true));
        next.proven = self.step == Step::Prove;
        next
    }

    fn unready(&mut self) {
        let next = self.begun.with([self.failed(Touched::Nothing, Blame::Machine)]);
        self.add("it is not validated there", next);
    }

    /// A green answer counts only where the new version gives it: containers that were started since. Where
    /// nothing was changed, whatever runs answers, and which version that is, the check cannot tell.
    fn is_proof(&self) -> bool {
        let site = &self.begun.site;
        match self.operation.began {
            None => site.runs.is_some(),
            Some(_) => site.runs == Some(self.target) && site.fresh,
        }
    }

    fn checked(&mut self, can_be_healthy: bool) {
        let text = self.begun.left.text();
        if can_be_healthy {
            let next = self.begun.with([
                Fact::Checked { health: Checkup::Healthy(text), ms: 0, images: Default::default() },
                did(Step::Check),
            ]);
            self.add("healthy", next);
        } else {
            let next = self.begun.with([
                Fact::Checked { health: Checkup::Unhealthy(text), ms: 0, images: Default::default() },
                did(Step::Check),
            ]);
            self.add("not the new version", next);
        }
    }

    fn failed(&self, touched: Touched, blame: Blame) -> Fact {
        Fact::Failed { step: self.step, why: self.begun.left.text(), touched, blame }
    }

    fn mishap(&mut self, label: &str, facts: Vec<Fact>, effect: Effect) {
        let mut next = self.begun.with(facts);
        next.left.mishaps -= 1;
        next.site.carry_out(self.step, self.target, self.saved, effect);
        self.add(label, next);
    }

    /// It was not done, and that is known.
    fn refused(&mut self) {
        let text = self.begun.left.text();
        match self.step {
            Step::Check => {
                let health = Checkup::Unhealthy(text);
                self.mishap(
                    "unhealthy",
                    vec![Fact::Checked { health, ms: 0, images: Default::default() }, did(Step::Check)],
                    Effect::Nothing,
                );
            }
            Step::Fetch => {
                let aside = fetched(&self.begun.state, self.target, Placed::OffBranch);
                self.mishap("it is on no branch of ours", vec![aside, did(Step::Fetch)], Effect::Nothing);
            }
            Step::Compare => {
                let guarded = Fact::Compared { guarded: vec![text] };
                self.mishap("guarded paths differ", vec![guarded, did(Step::Compare)], Effect::Nothing);
            }
            Step::Compose => {
                self.mishap("says that it is done, and started nothing", vec![did(Step::Compose)], Effect::Nothing);
            }
            _ => {}
        }
        let fact = self.failed(Touched::Nothing, Blame::Machine);
        self.mishap("refused, nothing touched", vec![fact], Effect::Nothing);
    }

    /// It failed or did not answer: it may have happened, wholly or by half.
    fn unknown(&mut self) {
        if !self.step.touches() {
            return;
        }
        if self.step == Step::Reset {
            let fact = self.failed(Touched::Files, Blame::Machine);
            self.mishap("files are written, and HEAD has not moved", vec![fact], Effect::Half);
        }
        for effect in EFFECTS {
            for blame in [Blame::Version, Blame::Machine] {
                let fact = self.failed(Touched::Live, blame);
                self.mishap(&format!("not known, {blame:?}'s fault, effect {effect:?}"), vec![fact], effect);
            }
        }
    }
}

/// Whether a request that ends leaves it open what stands on the machine; none: as it was before.
pub fn leaves_unsure(state: &State) -> Option<bool> {
    let operation = state.operation.as_ref().filter(|one| one.touched())?;
    Some(!matches!(operation.checkup, Some(Checkup::Healthy(_))))
}

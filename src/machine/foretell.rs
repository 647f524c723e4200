//! What a request would do as things stand: the machine itself is asked, with each step done and well.

use std::collections::BTreeMap;

use super::decide::{Decision, decide};
use super::entry::{Ask, Checkup, Commit, Entry, Fact, Forward, Outcome, Placed, Relation, Step};
use super::state::State;
use crate::environment::Environment;
use crate::time::Millis;

/// The steps of a request, in their order, and how it ends; `place` is where its commit stands.
#[must_use]
pub fn foretell(
    state: &State,
    ask: &Ask,
    with: &Environment,
    place: (Placed, Relation),
    now: Millis,
) -> (Vec<Step>, Outcome) {
    let mut state = state.clone();
    tell(&mut state, Fact::Asked { ask: ask.clone(), with: Box::new(with.clone()) }, now);
    let mut steps = Vec::new();
    loop {
        match decide(&state, now) {
            Decision::Do(step) => {
                steps.push(step);
                if step == Step::Fetch {
                    tell(&mut state, fetched(ask, place), now);
                }
                for fact in done(step) {
                    tell(&mut state, fact, now);
                }
            }
            Decision::End(outcome) => return (steps, outcome),
            // What has an operation is never at rest.
            Decision::Ask(..) | Decision::Wait(..) | Decision::Rest => return (steps, Outcome::Interrupted),
        }
    }
}

/// What will be so once what is under way is over, and all that follows from it; each step done and well. A request of
/// which nothing is fetched yet is over with its run: it is not foretold here.
#[must_use]
pub fn settled(state: &State, now: Millis) -> State {
    let mut state = state.clone();
    loop {
        match decide(&state, now) {
            Decision::Do(Step::Fetch) | Decision::Wait(..) | Decision::Rest => return state,
            Decision::Do(step) => {
                for fact in done(step) {
                    tell(&mut state, fact, now);
                }
            }
            Decision::End(outcome) => tell(&mut state, Fact::Ended { outcome }, now),
            Decision::Ask(ask, with) => tell(&mut state, Fact::Asked { ask, with }, now),
        }
    }
}

/// What will be so once the request under way is over like this.
#[must_use]
pub fn ended(state: &State, outcome: &Outcome, now: Millis) -> State {
    let mut state = state.clone();
    tell(&mut state, Fact::Ended { outcome: outcome.clone() }, now);
    state
}

/// What is so where these facts are told, too.
#[must_use]
pub fn hearing(state: &State, facts: Vec<Fact>, now: Millis) -> State {
    let mut state = state.clone();
    for fact in facts {
        tell(&mut state, fact, now);
    }
    state
}

fn tell(state: &mut State, fact: Fact, at: Millis) {
    let seq = state.seq;
    state.apply(&Entry { seq, at, by: String::new(), fact });
}

/// What a fetch finds: the commit that is asked for, which stands there.
fn fetched(ask: &Ask, (placed, relation): (Placed, Relation)) -> Fact {
    let (author, subject) = (String::new(), String::new());
    let commit = Commit { sha: ask.target().clone(), author, subject, committed: None };
    Fact::Fetched { commit, placed, relation, forward: Forward::No }
}

/// What a step that goes well adds, beside what a fetch finds.
fn done(step: Step) -> Vec<Fact> {
    let found = match step {
        Step::Compare => Some(Fact::Compared { guarded: Vec::new() }),
        Step::Check => Some(Fact::Checked { health: Checkup::Healthy(String::new()), ms: 0, images: BTreeMap::new() }),
        _ => None,
    };
    let did = Fact::Did { step, ms: 0, note: String::new(), kept: Vec::new() };
    let began = step.changes().then_some(Fact::Began { step });
    began.into_iter().chain(found).chain([did]).collect()
}

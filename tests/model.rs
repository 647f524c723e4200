//! Every order of things, breadth first, on the shipped `decide` and `apply`: three pushes arriving in
//! any order, each step done, failed or cut off by a crash, CI of each SHA succeeding, failing or
//! saying nothing, at any moment between requests. Times and history are left out of a state, so that
//! equal situations are one.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mangetamain_deploy::config::Force;
use mangetamain_deploy::environment::Environment;
use mangetamain_deploy::machine::entry::{Checkup, Commit, Forward, Placed, Relation, Touched};
use mangetamain_deploy::machine::verdict::{Doubt, Verdict, conclude};
use mangetamain_deploy::machine::{Ask, Because, Decision, Entry, Fact, Outcome, State, Step, decide};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;

fn sha(number: usize) -> Sha {
    Sha::parse(&format!("{number:040x}")).unwrap()
}

fn place(sha: &Sha) -> usize {
    usize::from_str_radix(sha.as_str(), 16).unwrap()
}

fn environment() -> Environment {
    serde_json::from_value(serde_json::json!({
        "name": "preprod", "label": "PREPROD", "app-path": "/app", "branch": "main",
        "compose": { "file": "/app/c.yml", "services": [], "strategy": "restart" },
        "deploy-command": [], "url": null, "on-unhealthy": "rollback", "guard-paths": [],
        "health": { "urls": [], "status": [200], "contains": null, "json": null, "attempts": 1, "interval-ms": 1, "timeout-ms": 1, "grace-ms": 0 },
        "ci": { "workflow": "ci.yml", "watch": "event", "delay-ms": 1, "interval-ms": 1, "timeout-ms": 1, "on-timeout": "keep" },
        "state-folder": "/s", "rollback-point-file": "/s/p", "log-folder": "/tmp", "lock-timeout-ms": 1, "mention": null, "locale": "fr"
    }))
    .unwrap()
}

#[derive(Clone)]
struct Situation {
    state: State,
    pushed: BTreeSet<usize>,
    heard: BTreeSet<usize>,
    crashes: u8,
}

impl Situation {
    fn with(&self, fact: Fact) -> Self {
        let mut next = self.clone();
        next.state.apply(&Entry { seq: 0, at: Millis(0), by: String::new(), fact });
        next.state.history.clear();
        next
    }

    fn key(&self) -> String {
        format!("{}{:?}{:?}{}", serde_json::to_string(&self.state).unwrap(), self.pushed, self.heard, self.crashes)
    }
}

fn fetched(state: &State, target: &Sha) -> Fact {
    let live = state.live.as_ref().map_or(0, |live| place(&live.sha));
    let relation = match place(target).cmp(&live) {
        std::cmp::Ordering::Less => Relation::Older,
        std::cmp::Ordering::Equal => Relation::Same,
        std::cmp::Ordering::Greater => Relation::Newer,
    };
    let commit = Commit { sha: target.clone(), author: String::new(), subject: String::new() };
    Fact::Fetched { commit, placed: Placed::OnBranch, relation, forward: forward(state, target) }
}

fn forward(state: &State, sha: &Sha) -> Forward {
    let ahead = state.validated.last().is_none_or(|last| place(&last.sha) <= place(sha));
    if ahead { Forward::Yes } else { Forward::No }
}

/// Every way in which a step can come out.
fn outcomes(situation: &Situation, step: Step) -> Vec<Situation> {
    let begun = if step.changes() { situation.with(Fact::Began { step }) } else { situation.clone() };
    let did = Fact::Did { step, ms: 0, note: String::new() };
    let failed = |touched| Fact::Failed { step, why: "broken".to_owned(), touched };
    let target = situation.state.operation.as_ref().unwrap().ask.target().clone();
    let mut next = match step {
        Step::Fetch => vec![begun.with(fetched(&begun.state, &target)).with(did), begun.with(failed(Touched::Nothing))],
        Step::Compare => vec![begun.with(Fact::Compared { guarded: Vec::new() }).with(did)],
        Step::Check => [Checkup::Healthy(String::new()), Checkup::Unhealthy("no answer".to_owned())]
            .map(|health| begun.with(Fact::Checked { health, ms: 0 }))
            .to_vec(),
        Step::Keep => vec![begun.with(did), begun.with(failed(Touched::Nothing))],
        _ => vec![begun.with(did), begun.with(failed(Touched::Live))],
    };
    if situation.crashes > 0 {
        let mut crashed = begun.with(Fact::Resumed);
        crashed.crashes -= 1;
        next.push(crashed);
    }
    next
}

/// Everything that can come from outside while no request is under way.
fn arrivals(situation: &Situation, pushes: usize) -> Vec<Situation> {
    let mut next = Vec::new();
    for number in (1..=pushes).filter(|number| !situation.pushed.contains(number)) {
        let ask = Ask::Deploy { sha: sha(number), force: Force::Obey };
        let mut pushed = situation.with(Fact::Asked { ask, with: Box::new(environment()) });
        pushed.pushed.insert(number);
        next.push(pushed);
    }
    for number in (1..=pushes).filter(|number| !situation.heard.contains(number)) {
        for verdict in [conclude("success"), conclude("failure"), Verdict::Inconclusive(Doubt::Cancelled)] {
            let sha = sha(number);
            let forward = forward(&situation.state, &sha);
            let mut heard = situation.with(Fact::Ci { sha, verdict, run: None, forward });
            heard.heard.insert(number);
            next.push(heard);
        }
    }
    next
}

fn successors(situation: &Situation, pushes: usize) -> Vec<Situation> {
    match decide(&situation.state, Millis(0)) {
        Decision::Do(step) => outcomes(situation, step),
        Decision::End(outcome) => vec![situation.with(Fact::Ended { outcome })],
        Decision::Ask(ask, with) => vec![situation.with(Fact::Asked { ask, with })],
        Decision::Wait(..) | Decision::Rest => arrivals(situation, pushes),
    }
}

/// The rules that hold in every situation, each by its sentence.
fn broken_rule(before: &Situation, after: &Situation) -> Option<&'static str> {
    let state = &after.state;
    let places: Vec<usize> = state.validated.iter().map(|one| place(&one.sha)).collect();
    if !places.is_sorted() {
        return Some("last-validated only moves forward");
    }
    let succeeded = |sha: &Sha| {
        state.records.get(sha).and_then(|record| record.ci.as_ref()).is_some_and(|(verdict, _)| verdict.validates())
    };
    if !state.validated.iter().all(|one| succeeded(&one.sha)) {
        return Some("last-validated only names a SHA whose CI succeeded");
    }
    let asked = state.operation.as_ref().filter(|_| {
        before.state.operation.as_ref().map(|one| &one.ask) != state.operation.as_ref().map(|one| &one.ask)
    });
    match asked.map(|operation| &operation.ask) {
        Some(Ask::Rollback { to, .. }) if state.is_quarantined(to) => {
            Some("a SHA that failed is never a rollback target")
        }
        Some(Ask::Rollback { to, undo, .. }) if undo.as_ref() == Some(to) => Some("a rollback goes somewhere else"),
        Some(Ask::Rollback { because: Because::Person, .. }) => Some("nobody asked"),
        _ => None,
    }
}

struct Explored {
    situations: usize,
    reached: BTreeMap<&'static str, usize>,
}

fn explore(pushes: usize, crashes: u8) -> Explored {
    let state = State::default();
    let start = Situation { state, pushed: BTreeSet::new(), heard: BTreeSet::new(), crashes }
        .with(Fact::Baseline { sha: sha(0) });
    let mut seen = BTreeSet::from([start.key()]);
    let mut queue = VecDeque::from([start]);
    let mut reached = BTreeMap::new();
    while let Some(situation) = queue.pop_front() {
        match decide(&situation.state, Millis(0)) {
            Decision::End(Outcome::RolledBack) => *reached.entry("rolled back").or_insert(0) += 1,
            Decision::End(Outcome::Stuck { .. }) => *reached.entry("stuck").or_insert(0) += 1,
            Decision::End(Outcome::Superseded) => *reached.entry("superseded").or_insert(0) += 1,
            Decision::End(Outcome::Interrupted) => *reached.entry("interrupted").or_insert(0) += 1,
            _ if !situation.state.validated.is_empty() => *reached.entry("validated").or_insert(0) += 1,
            _ => {}
        }
        for next in successors(&situation, pushes) {
            if let Some(rule) = broken_rule(&situation, &next) {
                panic!("{rule}\nbefore: {:#?}\nafter: {:#?}", situation.state, next.state);
            }
            if seen.insert(next.key()) {
                queue.push_back(next);
            }
        }
    }
    Explored { situations: seen.len(), reached }
}

#[test]
fn the_rules_hold_in_every_order_of_two_pushes_their_ci_and_a_crash() {
    let explored = explore(2, 1);
    println!("{} situations, {:?}", explored.situations, explored.reached);
    for good in ["rolled back", "stuck", "superseded", "interrupted", "validated"] {
        assert!(explored.reached.contains_key(good), "{good} is never reached: {:?}", explored.reached);
    }
    // Pinned: a change here is a change of what can happen, and wants a look.
    assert_eq!(explored.situations, 17_934);
}

//! One situation: what the machine sees, what is on disk, and what may still come.

use mangetamain_deploy::config::Force;
use mangetamain_deploy::environment::Environment;
use mangetamain_deploy::machine::entry::{Blame, Checkup, CiRun, Placed, Touched};
use mangetamain_deploy::machine::verdict::Verdict;
use mangetamain_deploy::machine::{Ask, Because, Decision, Entry, Fact, Files, State, Step, decide};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::BackupName;

use crate::story::{decision, did, environment, fetched, forward, number, sha, verdict};

/// How much may happen.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub pushes: usize,
    /// Runs that are killed.
    pub crashes: u8,
    /// Steps that fail, versions that turn out unhealthy.
    pub mishaps: u8,
    /// CI runs that are run again and say something else.
    pub reruns: u8,
    /// Things that a person does.
    pub hands: u8,
    /// Promotes; where there are some, nothing else comes from outside.
    pub promotes: u8,
}

#[derive(Clone)]
pub struct Situation {
    pub state: State,
    /// What the next run would read, were this one killed now.
    pub written: State,
    pub left: Size,
    /// Pushes that have arrived, from 1.
    pub pushed: Vec<bool>,
    /// What CI said of each SHA, as told: attempts, and whether the last word that counts was good.
    pub heard: Vec<(u64, Option<bool>)>,
    /// SHAs that a person put live.
    pub by_hand: Vec<usize>,
    /// An automatic rollback has met a mishap.
    pub hindered: bool,
}

/// A next situation, and what happened on the way.
pub struct Next {
    pub label: String,
    pub situation: Situation,
    /// The machine went on by itself; else something came from outside.
    pub by_machine: bool,
}

impl Situation {
    pub fn first(size: Size) -> Self {
        let mut first = Self {
            state: State::default(),
            written: State::default(),
            left: size,
            // Where people promote, nothing is pushed.
            pushed: vec![size.promotes > 0; size.pushes + 1],
            heard: vec![(0, None); size.pushes + 1],
            by_hand: Vec::new(),
            hindered: false,
        };
        first.add(Fact::Baseline { sha: sha(0) });
        first.write();
        first
    }

    fn add(&mut self, fact: Fact) {
        self.state.apply(&Entry { seq: 0, at: Millis(0), by: String::new(), fact });
        self.state.history.clear();
        for record in self.state.records.values_mut() {
            // What people read is nothing that the machine sees.
            record.commit = None;
        }
    }

    fn write(&mut self) {
        if self.left.crashes > 0 {
            self.written = self.state.clone();
        }
    }

    fn with(&self, facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut next = self.clone();
        facts.into_iter().for_each(|fact| next.add(fact));
        next
    }

    /// All that tells this situation from another.
    pub fn key(&self) -> String {
        let mut key = seen(&self.state);
        if self.left.crashes > 0 {
            key.push_str(&seen(&self.written));
        }
        let Size { crashes, mishaps, reruns, hands, promotes, .. } = self.left;
        key.push_str(&format!(
            "{crashes}{mishaps}{reruns}{hands}{promotes}{:?}{:?}{:?}{}",
            self.pushed, self.heard, self.by_hand, self.hindered
        ));
        key
    }

    pub fn next(&self) -> Vec<Next> {
        let decided = decide(&self.state, Millis(0));
        let label = decision(&decided);
        let mut all = match decided {
            Decision::Do(step) => self.carried_out(step),
            Decision::End(outcome) => {
                let mut next = self.with([Fact::Ended { outcome }]);
                next.write();
                vec![(label, next)]
            }
            Decision::Ask(ask, with) => {
                let mut next = self.with([Fact::Asked { ask, with }]);
                next.write();
                vec![(label, next)]
            }
            Decision::Wait(..) | Decision::Rest => {
                return self
                    .arrivals()
                    .into_iter()
                    .map(|(label, situation)| Next { label, situation, by_machine: false })
                    .collect();
            }
        };
        if self.left.crashes > 0 {
            let mut killed = self.clone();
            killed.left.crashes -= 1;
            killed.state = self.written.clone();
            if killed.state.operation.is_some() {
                killed.add(Fact::Resumed);
            }
            all.push(("killed; the next run comes".to_owned(), killed));
        }
        all.into_iter().map(|(label, situation)| Next { label, situation, by_machine: true }).collect()
    }

    /// Every way in which a step can come out.
    fn carried_out(&self, step: Step) -> Vec<(String, Self)> {
        let mut begun = self.clone();
        if step.changes() {
            begun.add(Fact::Began { step });
            begun.write();
        }
        let operation = self.state.operation.as_ref().unwrap();
        let target = number(operation.ask.target());
        let automatic = operation.is_automatic();
        let word = format!("{step:?} of {target}").to_lowercase();
        let done = match step {
            Step::Fetch => begun.with([fetched(&begun.state, target, Placed::OnBranch), did(step)]),
            // What speaks for the SHA elsewhere becomes a fact here.
            Step::Checklist => {
                let run = CiRun { id: target as u64, attempt: 1, url: String::new(), started: None };
                let forward = forward(&begun.state, target);
                let known = begun.state.records.get(&sha(target)).is_some_and(|record| record.ci.is_some());
                let fact = Fact::Ci { sha: sha(target), verdict: verdict("success"), run: Some(run), forward };
                let mut done = begun.with(Some(fact).filter(|_| !known).into_iter().chain([did(step)]));
                done.heard[target] = (1, Some(true));
                done
            }
            Step::Compare => begun.with([Fact::Compared { guarded: Vec::new() }, did(step)]),
            Step::Check => begun.with([Fact::Checked { health: Checkup::Healthy(String::new()), ms: 0 }]),
            _ => begun.with([did(step)]),
        };
        let mut all = vec![(format!("{word}: done"), done)];
        if self.left.mishaps == 0 {
            return all;
        }
        let mut mishap = |label: &str, fact: Fact| {
            let mut next = begun.with([fact]);
            next.left.mishaps -= 1;
            next.hindered |= automatic;
            all.push((format!("{word}: {label}"), next));
        };
        let failed = |touched, blame| Fact::Failed { step, why: String::new(), touched, blame };
        if step == Step::Check {
            mishap("unhealthy", Fact::Checked { health: Checkup::Unhealthy(String::new()), ms: 0 });
        } else {
            mishap("refused, nothing touched", failed(Touched::Nothing, Blame::Machine));
        }
        if step.touches() {
            mishap("failed, live may have changed", failed(Touched::Live, Blame::Version));
            mishap("the machine failed, live may have changed", failed(Touched::Live, Blame::Machine));
        }
        all
    }

    /// Everything that can come from outside while no request is under way.
    fn arrivals(&self) -> Vec<(String, Self)> {
        let mut all = Vec::new();
        let pushes = self.left.pushes;
        if self.pushed.first() == Some(&true) {
            let promotes = (1..=pushes).flat_map(|commit| [Force::Obey, Force::Override].map(|force| (commit, force)));
            let left = promotes.filter(|_| self.left.promotes > 0);
            return left.map(|(commit, force)| self.promote(commit, force)).collect();
        }
        for commit in (1..=pushes).filter(|commit| !self.pushed[*commit]) {
            let mut next = self.asked(Ask::Deploy { sha: sha(commit), force: Force::Obey });
            next.pushed[commit] = true;
            all.push((format!("push of {commit}"), next));
        }
        for commit in 1..=pushes {
            all.extend(self.ci(commit));
        }
        if self.left.hands > 0 {
            for commit in 0..=pushes {
                for force in [true, false] {
                    all.extend(self.hand(commit, force));
                }
                all.extend(self.moved(commit));
            }
        }
        all
    }

    /// A person promotes a SHA that another environment has validated.
    fn promote(&self, commit: usize, force: Force) -> (String, Self) {
        let live = self.state.live.as_ref().map_or_else(|| sha(commit), |live| live.sha.clone());
        let backup = Some(BackupName::new(Millis(0), &live));
        let with = Environment { deploy_command: vec![String::new()], ..settings() };
        let mut next =
            self.with([Fact::Asked { ask: Ask::Promote { sha: sha(commit), force, backup }, with: Box::new(with) }]);
        next.write();
        next.left.promotes -= 1;
        (format!("promote of {commit}, {force:?}").to_lowercase(), next)
    }

    fn asked(&self, ask: Ask) -> Self {
        let mut next = self.with([Fact::Asked { ask, with: Box::new(settings()) }]);
        next.write();
        next
    }

    fn ci(&self, commit: usize) -> Vec<(String, Self)> {
        let (attempt, word) = self.heard[commit];
        let words: &[&str] = match (attempt, word) {
            (0, _) => &["success", "failure", "cancelled"],
            (1, Some(true)) if self.left.reruns > 0 => &["failure"],
            (1, Some(false)) if self.left.reruns > 0 => &["success"],
            (1, None) if self.left.reruns > 0 => &["success", "failure"],
            _ => &[],
        };
        let told = |word: &&str| {
            let run = CiRun { id: commit as u64, attempt: attempt + 1, url: String::new(), started: None };
            let verdict = verdict(word);
            let good = match &verdict {
                Verdict::Success => Some(true),
                Verdict::Failure(_) => Some(false),
                Verdict::Inconclusive(_) => self.heard[commit].1,
            };
            let forward = forward(&self.state, commit);
            let mut next = self.with([Fact::Ci { sha: sha(commit), verdict, run: Some(run), forward }]);
            next.write();
            next.heard[commit] = (attempt + 1, good);
            next.left.reruns -= u8::from(attempt > 0);
            (format!("CI of {commit}, attempt {}: {word}", attempt + 1), next)
        };
        words.iter().map(told).collect()
    }

    /// A person moves the work tree, past the action.
    fn moved(&self, commit: usize) -> Option<(String, Self)> {
        if self.state.live.as_ref().is_some_and(|live| live.sha == sha(commit)) {
            return None;
        }
        let mut next = self.with([Fact::Found { sha: sha(commit) }]);
        next.write();
        next.left.hands -= 1;
        next.by_hand.push(commit);
        Some((format!("a person moves the work tree to {commit}"), next))
    }

    /// What a person may do: force a deploy, or roll back (`mode: rollback` refuses quarantined targets).
    fn hand(&self, commit: usize, force: bool) -> Option<(String, Self)> {
        let live = self.state.live.as_ref().map(|live| live.sha.clone());
        if !force && self.state.is_quarantined(&sha(commit)) {
            return None;
        }
        let ask = match force {
            true => Ask::Deploy { sha: sha(commit), force: Force::Override },
            false => Ask::Rollback {
                to: sha(commit),
                undo: live.filter(|live| *live != sha(commit)),
                because: Because::Person,
                files: Files::Remade,
            },
        };
        let mut next = self.asked(ask);
        next.left.hands -= 1;
        next.by_hand.push(commit);
        Some((
            if force { format!("a person forces {commit}") } else { format!("a person rolls back to {commit}") },
            next,
        ))
    }
}

fn settings() -> Environment {
    let mut with = environment();
    // Short, because it is copied a million times.
    for text in
        [&mut with.label, &mut with.branch, &mut with.state_folder, &mut with.rollback_point_file, &mut with.log_folder]
    {
        text.clear();
    }
    with
}

/// What the machine can see of a state, short.
fn seen(state: &State) -> String {
    let mut key = String::with_capacity(160);
    let one = |sha: Option<&mangetamain_deploy::sha::Sha>| sha.map_or(9, number);
    key.push_str(&format!(
        "{}{}{}|",
        one(state.live.as_ref().map(|live| &live.sha)),
        one(state.left_alone.as_ref()),
        state.with.is_some()
    ));
    for (sha, record) in &state.records {
        let (ci, attempt) = match &record.ci {
            None => ('-', 0),
            Some((verdict, run)) => {
                let word = if verdict.validates() {
                    's'
                } else if verdict.condemns() {
                    'f'
                } else {
                    'i'
                };
                (word, run.as_ref().map_or(0, |run| run.attempt))
            }
        };
        key.push_str(&format!(
            "{}{ci}{attempt}{}{:?}{:?};",
            number(sha),
            record.healthy_at.is_some(),
            record.forward,
            record.quarantine
        ));
    }
    for one in &state.validated {
        key.push_str(&format!("v{}", number(&one.sha)));
    }
    if let Some(operation) = &state.operation {
        key.push_str(&format!(
            "|{:?}{}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{}{}",
            operation.ask,
            one(operation.from.as_ref()),
            operation.fetched,
            operation.guarded,
            operation.began,
            operation.done,
            operation.failed.as_ref().map(|fault| (fault.step, fault.touched)),
            operation.checkup,
            operation.tried.iter().map(number).collect::<Vec<_>>(),
            operation.resumed,
            operation.half_done
        ));
    }
    key
}

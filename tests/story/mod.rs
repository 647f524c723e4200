//! A story in a few words, told to the shipped `apply` and `decide`: commits are numbers, a greater
//! number is later on the branch. Facts are only written where the machine asks for them (`go`), or
//! where a word of the story says so.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mangetamain_deploy::environment::{Environment, Otherwise, Watch};
use mangetamain_deploy::machine::entry::{Blame, Checkup, CiRun, Commit, Forward, Placed, Relation, Touched};
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::verdict::{Doubt, Verdict, conclude};
use mangetamain_deploy::machine::{Ask, Because, Decision, Entry, Fact, Files, State, Step, decide};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::BackupName;

/// Its number stands in its first seven digits, too: no two commits look alike anywhere.
pub fn sha(number: usize) -> Sha {
    Sha::parse(&format!("{number:07x}{number:033x}")).unwrap()
}

pub fn number(sha: &Sha) -> usize {
    usize::from_str_radix(&sha.as_str()[7..], 16).unwrap()
}

pub fn environment() -> Environment {
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

/// How what is live stands to a commit, on a branch without side branches.
pub fn relation(state: &State, target: usize) -> Relation {
    let live = state.live.as_ref().map(|live| number(&live.sha));
    match live.map(|live| target.cmp(&live)) {
        None | Some(std::cmp::Ordering::Greater) => Relation::Newer,
        Some(std::cmp::Ordering::Equal) => Relation::Same,
        Some(std::cmp::Ordering::Less) => Relation::Older,
    }
}

pub fn forward(state: &State, target: usize) -> Forward {
    let ahead = state.validated.last().is_none_or(|last| number(&last.sha) <= target);
    if ahead { Forward::Yes } else { Forward::No }
}

pub fn fetched(state: &State, target: usize, placed: Placed) -> Fact {
    let (author, subject) = ("Ada".to_owned(), format!("commit {target}"));
    let commit = Commit { sha: sha(target), author, subject, committed: None };
    Fact::Fetched { commit, placed, relation: relation(state, target), forward: forward(state, target) }
}

pub fn did(step: Step) -> Fact {
    Fact::Did { step, ms: 5, note: String::new(), kept: Vec::new() }
}

pub fn verdict(word: &str) -> Verdict {
    match word {
        "expired" => Verdict::Inconclusive(Doubt::Expired),
        "no-run" => Verdict::Inconclusive(Doubt::NoRun),
        "unreachable" => Verdict::Inconclusive(Doubt::Unreachable("status 500".to_owned())),
        word => conclude(word),
    }
}

/// A ledger in the making.
#[derive(Clone, Default)]
pub struct Story {
    pub state: State,
    pub entries: Vec<Entry>,
    pub with: Option<Environment>,
    clock: u64,
}

impl Story {
    pub fn add(&mut self, fact: Fact) {
        self.clock += 10;
        let entry = Entry { seq: self.state.seq + 1, at: Millis(self.clock), by: "run 1.1".to_owned(), fact };
        self.state.apply(&entry);
        self.entries.push(entry);
    }

    pub fn next(&self) -> Decision {
        decide(&self.state, Millis(self.clock))
    }

    fn target(&self) -> usize {
        self.state.operation.as_ref().map(|operation| number(operation.ask.target())).expect("a request is under way")
    }

    fn settings(&self) -> Box<Environment> {
        Box::new(self.with.clone().unwrap_or_else(environment))
    }

    /// Does what the machine asks for until nothing is to be done; these commits are unhealthy.
    pub fn go(&mut self, unhealthy: &[usize]) {
        for _ in 0..200 {
            match self.next() {
                Decision::Do(step) => self.carry_out(step, unhealthy),
                Decision::End(outcome) => self.add(Fact::Ended { outcome }),
                Decision::Ask(ask, with) => self.add(Fact::Asked { ask, with }),
                Decision::Wait(..) | Decision::Rest => return,
            }
        }
        panic!("the machine never comes to rest: {:#?}", self.state);
    }

    /// One decision only.
    pub fn once(&mut self, unhealthy: &[usize]) {
        match self.next() {
            Decision::Do(step) => self.carry_out(step, unhealthy),
            Decision::End(outcome) => self.add(Fact::Ended { outcome }),
            Decision::Ask(ask, with) => self.add(Fact::Asked { ask, with }),
            Decision::Wait(..) | Decision::Rest => {}
        }
    }

    fn carry_out(&mut self, step: Step, unhealthy: &[usize]) {
        if step.changes() {
            self.add(Fact::Began { step });
        }
        let target = self.target();
        match step {
            Step::Fetch => self.add(fetched(&self.state, target, Placed::OnBranch)),
            Step::Compare => self.add(Fact::Compared { guarded: Vec::new() }),
            Step::Check => {
                let health = match unhealthy.contains(&target) {
                    true => Checkup::Unhealthy("status 500".to_owned()),
                    false => Checkup::Healthy("started since".to_owned()),
                };
                return self.add(Fact::Checked { health, ms: 5, images: Default::default() });
            }
            _ => {}
        }
        self.add(did(step));
    }

    fn until(&mut self, wanted: Step) {
        for _ in 0..20 {
            match self.next() {
                Decision::Do(step) if step == wanted => return,
                Decision::Rest | Decision::Wait(..) => panic!("{wanted:?} does not come"),
                _ => self.once(&[]),
            }
        }
        panic!("{wanted:?} does not come");
    }

    /// One sentence of the story.
    pub fn tell(&mut self, words: &str) {
        let words: Vec<&str> = words.split_whitespace().collect();
        let of = |at: usize| words[at].parse::<usize>().unwrap();
        let numbers = |from: usize| words[from..].iter().map(|word| word.parse().unwrap()).collect::<Vec<usize>>();
        match words[0] {
            "baseline" => self.add(Fact::Baseline { sha: sha(of(1)) }),
            "found" => self.add(Fact::Found { sha: sha(of(1)) }),
            "deploy" | "force" => {
                let force = if words[0] == "force" { Force::Override } else { Force::Obey };
                self.add(Fact::Asked { ask: Ask::Deploy { sha: sha(of(1)), force }, with: self.settings() });
            }
            "promote" => self.promote(&words, of(1)),
            "rollback" => {
                let undo = self.state.live.as_ref().map(|live| live.sha.clone()).filter(|live| *live != sha(of(1)));
                let force = if words.contains(&"forced") { Force::Override } else { Force::Obey };
                let (to, files) = (sha(of(1)), Files::Remade);
                let ask = Ask::Rollback { to, undo, because: Because::Person, files, force };
                self.add(Fact::Asked { ask, with: self.settings() });
            }
            "off-branch" => self.add(fetched(&self.state, self.target(), Placed::OffBranch)),
            "guarded" => {
                self.until(Step::Compare);
                self.add(Fact::Compared { guarded: vec!["migrations/1.sql".to_owned()] });
                self.add(did(Step::Compare));
            }
            "go" => self.go(&numbers(1)),
            "once" => self.once(&numbers(1)),
            // The machine is brought to the point where this step is next.
            "until" => self.until(step(words[1])),
            // The ledger says that the step begins; nothing more.
            "began" => {
                self.until(step(words[1]));
                self.add(Fact::Began { step: step(words[1]) });
            }
            "failed" => {
                let step = step(words[1]);
                self.until(step);
                if step.changes() {
                    self.add(Fact::Began { step });
                }
                let touched = if words[2] == "live" { Touched::Live } else { Touched::Nothing };
                let blame = if words.get(3) == Some(&"machine") { Blame::Machine } else { Blame::Version };
                self.add(Fact::Failed { step, why: "broken".to_owned(), touched, blame });
            }
            "dropped" => self.add(Fact::Dropped { sha: sha(of(1)) }),
            "resumed" => self.add(Fact::Resumed),
            "ci" => {
                let attempt = words.get(3).map_or(1, |attempt| attempt.parse().unwrap());
                let run = CiRun { id: 100 + of(1) as u64, attempt, url: String::new(), started: None };
                let forward = forward(&self.state, of(1));
                self.add(Fact::Ci { sha: sha(of(1)), verdict: verdict(words[2]), run: Some(run), forward });
            }
            "watching" => {
                let until = Millis(self.clock + words[2].parse::<u64>().unwrap());
                self.add(Fact::Watching { sha: sha(of(1)), how: Watch::Event, until });
            }
            "with-command" => self.changed().deploy_command = vec!["./deploy.sh".to_owned()],
            "keep-unhealthy" => self.changed().on_unhealthy = Otherwise::Keep,
            "rollback-on-timeout" => self.changed().ci.on_timeout = Otherwise::Rollback,
            "later" => self.clock += words[1].parse::<u64>().unwrap(),
            other => panic!("{other:?} is no word of a story"),
        }
    }

    /// `promote 2 saved forced`: CI has spoken for it elsewhere, which the checklist writes down.
    fn promote(&mut self, words: &[&str], commit: usize) {
        let force = if words.contains(&"forced") { Force::Override } else { Force::Obey };
        let live = self.state.live.as_ref().map_or_else(|| sha(commit), |live| live.sha.clone());
        let backup = words.contains(&"saved").then(|| BackupName::new(Millis(0), &live));
        self.add(Fact::Asked { ask: Ask::Promote { sha: sha(commit), force, backup }, with: self.settings() });
        self.until(Step::Checklist);
        self.tell(&format!("ci {commit} success"));
    }

    fn changed(&mut self) -> &mut Environment {
        self.with.get_or_insert_with(environment)
    }

    pub fn of(text: &str) -> Self {
        let mut story = Self::default();
        for sentence in text.split(';').map(str::trim).filter(|sentence| !sentence.is_empty()) {
            story.tell(sentence);
        }
        story
    }

    /// What is so at the end, in one line.
    pub fn told(&self) -> String {
        let one = |sha: Option<&Sha>| sha.map_or("-".to_owned(), |sha| number(sha).to_string());
        let list = |all: Vec<String>| if all.is_empty() { "-".to_owned() } else { all.join(",") };
        let state = &self.state;
        let validated = state.validated.iter().map(|one| number(&one.sha).to_string()).collect();
        let bad = state.records.iter().filter(|(_, record)| record.quarantine.is_some());
        format!(
            "live {} point {} validated {} quarantined {} next {}",
            one(state.live.as_ref().map(|live| &live.sha)),
            one(state.last_validated().map(|one| &one.sha)),
            list(validated),
            list(bad.map(|(sha, _)| number(sha).to_string()).collect()),
            decision(&self.next()),
        )
    }
}

pub fn step(word: &str) -> Step {
    match word {
        "fetch" => Step::Fetch,
        "checklist" => Step::Checklist,
        "compare" => Step::Compare,
        "backup" => Step::Backup,
        "prove" => Step::Prove,
        "restore" => Step::Restore,
        "keep" => Step::Keep,
        "reset" => Step::Reset,
        "command" => Step::Command,
        "compose" => Step::Compose,
        "check" => Step::Check,
        other => panic!("{other:?} is no step"),
    }
}

/// A decision in a few words.
pub fn decision(decision: &Decision) -> String {
    match decision {
        Decision::Do(step) => format!("do {step:?}").to_lowercase(),
        Decision::End(outcome) => {
            let text = format!("{outcome:?}");
            format!("end {}", text.split([' ', '{']).next().unwrap_or_default()).to_lowercase()
        }
        Decision::Ask(Ask::Rollback { to, undo, because, files, .. }, _) => {
            let undone = undo.as_ref().map_or("-".to_owned(), |sha| number(sha).to_string());
            let files = match files {
                Files::Remade => String::new(),
                Files::Kept => ", files kept".to_owned(),
                Files::Restored(name) => format!(", files of {}", name.short_sha()),
            };
            format!("rollback {undone} to {} because {because:?}{files}", number(to)).to_lowercase()
        }
        Decision::Ask(Ask::Promote { sha, .. }, _) => format!("ask promote {}", number(sha)),
        Decision::Ask(Ask::Deploy { sha, .. }, _) => format!("ask deploy {}", number(sha)),
        Decision::Wait(sha, _) => format!("wait {}", number(sha)),
        Decision::Rest => "rest".to_owned(),
    }
}

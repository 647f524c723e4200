//! What must be live, told a second time and more simply: read from the ledger's JSON without the types,
//! `apply` or `decide` that ship. It knows what a request may have changed and what CI's words are worth, and
//! nothing of what comes next or how anything comes about.

use std::collections::{BTreeMap, BTreeSet};

use mangetamain_deploy::machine::State;
use serde_json::Value;

/// Validated ones that are remembered.
const KEPT: usize = 20;
const TOUCHING: [&str; 4] = ["reset", "command", "restore", "compose"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bad {
    Ci,
    Broken,
}

/// A request that is not over.
#[derive(Debug, Default)]
struct Open {
    target: String,
    is_forward: bool,
    /// Whoever asked knows what has been said of it.
    is_forced: bool,
    is_automatic: bool,
    /// What is live may have changed; and: a step that changes it is known to be done.
    touched: bool,
    sure: bool,
    machines_fault: bool,
    /// What it undoes had failed by itself.
    after_failure: bool,
    /// What was tried before in this incident.
    tried: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Reference {
    live: String,
    baseline: String,
    validated: Vec<String>,
    bad: BTreeMap<String, Bad>,
    healthy: BTreeSet<String>,
    forward: BTreeSet<String>,
    /// CI's last proven word: good or not, and of which attempt (when it began, its run, its number).
    words: BTreeMap<String, (bool, [u64; 3])>,
    /// What a person or a rollback that did not come about left where it is.
    spared: String,
    /// When a SHA was found broken here.
    broken_at: BTreeMap<String, u64>,
    /// When the fact that is read was written.
    now: u64,
    open: Option<Open>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The name of a variant, and what is in it.
fn variant(value: &Value) -> (&str, &Value) {
    match value {
        Value::String(name) => (name, &Value::Null),
        Value::Object(fields) => fields.iter().next().map_or(("", &Value::Null), |(name, inner)| (name, inner)),
        _ => ("", &Value::Null),
    }
}

impl Reference {
    pub fn of(ledger: &str) -> Self {
        let mut reference = Self::default();
        for line in ledger.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            if let Ok(entry) = serde_json::from_str::<Value>(line) {
                reference.now = entry["at"].as_u64().unwrap_or_default();
                reference.add(&entry["fact"]);
            }
        }
        reference
    }

    fn add(&mut self, fact: &Value) {
        let (name, inner) = variant(fact);
        match name {
            "baseline" => {
                self.live = text(&inner["sha"]);
                self.baseline.clone_from(&self.live);
            }
            "found" => {
                self.live = text(&inner["sha"]);
                self.spared = if self.bad.contains_key(&self.live) { self.live.clone() } else { String::new() };
            }
            "asked" => self.ask(&inner["ask"]),
            "fetched" => self.heed(&text(&inner["commit"]["sha"]), &inner["forward"]),
            "ci" => self.hear(inner),
            "dropped" => self.validated.retain(|one| *one != text(&inner["sha"])),
            "ended" => self.end(variant(&inner["outcome"]).0),
            _ => self.work(name, inner),
        }
    }

    /// Facts of the request under way.
    fn work(&mut self, name: &str, inner: &Value) {
        let Some(open) = &mut self.open else { return };
        let touches = TOUCHING.contains(&inner["step"].as_str().unwrap_or_default());
        match name {
            "began" if touches => open.touched = true,
            "did" if touches => open.sure = true,
            "failed" => {
                open.machines_fault =
                    inner["blame"] == "machine" || inner["blame"] == "person" || inner["step"] == "restore";
                open.touched = if open.sure { open.touched } else { inner["touched"] == "live" };
            }
            "resumed" => open.sure |= open.touched,
            _ => {}
        }
    }

    fn ask(&mut self, ask: &Value) {
        let mut tried = Vec::new();
        if let Some(before) = self.open.take() {
            self.fail(&before);
            tried = before.tried;
            tried.push(before.target);
        }
        let (name, inner) = variant(ask);
        self.open = Some(Open {
            target: text(if name == "rollback" { &inner["to"] } else { &inner["sha"] }),
            is_forward: name != "rollback",
            is_forced: inner["force"] == "override",
            is_automatic: name == "rollback" && inner["because"] != "person",
            after_failure: ["unhealthy", "broken"].iter().any(|why| inner["because"] == *why),
            tried,
            ..Open::default()
        });
    }

    fn go_live(&mut self, sha: &str) {
        if self.live != sha {
            self.spared.clear();
        }
        sha.clone_into(&mut self.live);
    }

    /// A request that ended badly after it had touched what is live.
    fn fail(&mut self, open: &Open) {
        if !open.touched {
            return;
        }
        self.go_live(&open.target);
        if !open.machines_fault {
            self.bad.insert(open.target.clone(), Bad::Broken);
            self.broken_at.insert(open.target.clone(), self.now);
            self.healthy.remove(&open.target);
        }
    }

    fn end(&mut self, outcome: &str) {
        let Some(open) = self.open.take() else { return };
        match outcome {
            "deployed" | "rolled-back" | "unchanged" => {
                if outcome != "unchanged" {
                    self.go_live(&open.target);
                }
                self.healthy.insert(open.target.clone());
                if outcome != "unchanged" && (open.is_forward || open.is_forced) {
                    if self.bad.get(&open.target) == Some(&Bad::Broken) {
                        self.bad.remove(&open.target);
                    }
                    if self.bad.contains_key(&open.target) {
                        self.spared.clone_from(&open.target);
                    }
                }
                if open.is_forward {
                    self.validate(&open.target);
                }
            }
            "unhealthy" | "stuck" | "guarded" | "failed" => {
                self.fail(&open);
                if outcome == "stuck" && open.touched {
                    self.acquit(&open);
                }
                if open.is_automatic {
                    self.spared.clone_from(&self.live);
                }
            }
            _ => {}
        }
    }

    /// Several that failed one after the other: none of them that was well is to blame.
    fn acquit(&mut self, open: &Open) {
        if self.validated.is_empty() && open.target == self.baseline {
            self.bad.remove(&open.target);
        }
        let tried = open.tried.iter().chain([&open.target]).filter(|sha| self.validated.contains(sha));
        let tried: Vec<String> = tried.cloned().collect();
        for sha in tried.iter().filter(|_| open.after_failure || tried.len() > 1) {
            if self.bad.get(sha) == Some(&Bad::Broken) {
                self.bad.remove(sha);
            }
        }
    }

    fn heed(&mut self, sha: &str, forward: &Value) {
        match forward == "yes" {
            true => self.forward.insert(sha.to_owned()),
            false => self.forward.remove(sha),
        };
    }

    fn hear(&mut self, fact: &Value) {
        let (sha, run) = (text(&fact["sha"]), &fact["run"]);
        let place = ["started", "id", "attempt"].map(|name| run[name].as_u64().unwrap_or(0));
        if self.words.get(&sha).is_some_and(|(_, known)| place != [0; 3] && *known > place) {
            return;
        }
        self.heed(&sha, &fact["forward"]);
        match variant(&fact["verdict"]).0 {
            "success" => {
                let known = self.words.insert(sha.clone(), (true, place));
                // A re-run that began before it broke here, or that had spoken before, says nothing of that.
                let is_old = place[0] > 0 && self.broken_at.get(&sha).is_some_and(|at| place[0] < *at);
                let is_told = known.is_some_and(|(good, known)| good && known[1..] == place[1..]);
                let is_mended = place[2] > 1 && !is_old && !is_told;
                let is_broken = self.broken_at.contains_key(&sha) && !self.healthy.contains(&sha);
                match self.bad.get(&sha) {
                    Some(Bad::Ci) if is_broken && !is_mended => drop(self.bad.insert(sha.clone(), Bad::Broken)),
                    Some(Bad::Broken) if !is_mended => {}
                    _ => drop(self.bad.remove(&sha)),
                }
                if self.spared == sha {
                    self.spared.clear();
                }
                self.validate(&sha);
            }
            "failure" => {
                self.words.insert(sha.clone(), (false, place));
                self.bad.insert(sha, Bad::Ci);
            }
            _ => {}
        }
    }

    fn validate(&mut self, sha: &str) {
        let good = self.words.get(sha).is_some_and(|(good, _)| *good);
        let fits = good && self.healthy.contains(sha) && self.forward.contains(sha) && !self.bad.contains_key(sha);
        if fits && !self.validated.iter().any(|one| one == sha) {
            self.validated.push(sha.to_owned());
            self.validated.drain(..self.validated.len().saturating_sub(KEPT));
        }
    }

    /// Where what failed would be gone back from to.
    fn refuge(&self) -> Option<&String> {
        let usable = |sha: &&String| **sha != self.live && !self.bad.contains_key(*sha);
        if self.validated.is_empty() {
            return Some(&self.baseline).filter(usable);
        }
        self.validated.iter().rev().find(usable)
    }

    /// Whether the state that the shipped machine reads from the same ledger agrees; and, once nobody is at
    /// work, whether what is live may stay.
    pub fn agrees(&self, state: &State) -> Result<(), String> {
        let live = state.live.as_ref().map(|live| live.sha.to_string()).unwrap_or_default();
        let validated: Vec<String> = state.validated.iter().map(|one| one.sha.to_string()).collect();
        let is_bad = state.records.iter().filter(|(_, record)| record.quarantine.is_some());
        let bad: Vec<String> = is_bad.map(|(sha, _)| sha.to_string()).collect();
        let told = (&live, &validated, &bad);
        let wanted: (&String, &Vec<String>, &Vec<String>) =
            (&self.live, &self.validated, &self.bad.keys().cloned().collect());
        if told != wanted {
            return Err(format!("the reference says (live, validated, bad) {wanted:?}, the machine {told:?}"));
        }
        Ok(())
    }

    /// Once nothing is left to do: what CI failed is not live where there is somewhere to go back to.
    pub fn at_rest(&self) -> Result<(), String> {
        let failed = self.words.get(&self.live).is_some_and(|(good, _)| !good);
        match self.refuge().filter(|_| failed && self.spared != self.live && self.open.is_none()) {
            Some(refuge) => Err(format!("CI of {} failed: the reference says that {refuge} must be live", self.live)),
            None => Ok(()),
        }
    }
}

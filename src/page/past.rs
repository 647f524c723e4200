//! What the ledger says of the past: how long each SHA was live, how it came there, and what was found
//! wrong with it. The shipped `apply` folds the entries; this file only writes down when what it says
//! changes. What that amounts to in figures is for `figures`.

use std::collections::BTreeMap;

use crate::machine::entry::Commit;
use crate::machine::state::Quarantine;
use crate::machine::verdict::Verdict;
use crate::machine::{Ask, Because, Entry, Fact, Outcome, State};
use crate::sha::Sha;
use crate::time::Millis;

/// How lines begin their facts that say nothing of the past: most of a ledger. Quotes of a text would be escaped.
pub const IDLE: [&str; 9] = [
    r#""fact":{"snapshot":"#,
    r#""fact":{"compared":"#,
    r#""fact":{"applied":"#,
    r#""fact":{"checked":"#,
    r#""fact":{"watching":"#,
    r#""fact":{"did":{"step":"fetch""#,
    r#""fact":{"did":{"step":"compare""#,
    r#""fact":{"did":{"step":"keep""#,
    r#""fact":{"did":{"step":"check""#,
];

/// A time during which a SHA was live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The SHA.
    pub sha: Sha,
    /// The commit, where the ledger tells of it.
    pub commit: Option<Commit>,
    /// Since when; of one that did not come up healthy: when it began to be put in place.
    pub from: Millis,
    /// Until when; none: it is live.
    pub to: Option<Millis>,
    /// How it came there.
    pub way: Way,
    /// When it was validated here, if it was.
    pub validated: Option<Millis>,
    /// What was found wrong with it.
    pub fault: Option<Defect>,
}

impl Stay {
    /// Whether it did not come up healthy.
    fn is_ill(&self) -> bool {
        self.fault.is_some_and(|fault| fault.kind == DefectKind::Unhealthy)
    }
}

/// How a SHA came to be live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It was, when the action first ran, or when the part of the ledger begins that was read.
    Before,
    /// Somebody put it there, beside the action.
    Found,
    /// It was live and ill, and was put in place again, well.
    Again,
    /// By `deploy`.
    Deployed,
    /// By `promote`.
    Promoted,
    /// By a rollback that nobody had to ask for.
    RolledBack,
    /// By a rollback that a person asked for.
    RolledBackByHand,
}

impl Way {
    /// Whether something new was brought by it.
    #[must_use]
    pub fn is_change(self) -> bool {
        matches!(self, Self::Deployed | Self::Promoted)
    }

    /// Whether it went back.
    #[must_use]
    pub fn is_back(self) -> bool {
        matches!(self, Self::RolledBack | Self::RolledBackByHand)
    }

    fn of(ask: &Ask) -> Self {
        match ask {
            Ask::Deploy { .. } => Self::Deployed,
            Ask::Promote { .. } => Self::Promoted,
            Ask::Rollback { because: Because::Person, .. } => Self::RolledBackByHand,
            Ask::Rollback { .. } => Self::RolledBack,
        }
    }
}

/// What was found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defect {
    /// What.
    pub kind: DefectKind,
    /// Since when it was known.
    pub known: Millis,
}

/// What can be wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefectKind {
    /// Its CI failed.
    Ci,
    /// It did not come up healthy, or could not be put in place whole.
    Unhealthy,
    /// A person went back from it.
    ByHand,
}

/// What a ledger says of the past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Oldest first; the last one is what is live.
    pub stays: Vec<Stay>,
    /// When the first entry was written that was read.
    pub from: Option<Millis>,
}

/// What these entries say of the past.
pub fn past<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Past {
    let mut fold = Fold::default();
    for entry in entries {
        fold.add(entry);
    }
    fold.past
}

/// The entries so far.
#[derive(Debug, Default)]
pub struct Fold {
    state: State,
    past: Past,
    /// The newest stay of each SHA.
    newest: BTreeMap<Sha, usize>,
}

/// What a request was, whose end comes with this entry.
struct Over {
    ask: Ask,
    since: Millis,
    began: Option<Millis>,
}

impl Fold {
    /// Adds one entry. What was folded already says nothing new, and is passed over.
    pub fn add(&mut self, entry: &Entry) {
        if matches!(entry.fact, Fact::Snapshot { .. }) {
            return;
        }
        self.past.from.get_or_insert(entry.at);
        let over = match (&entry.fact, &self.state.operation) {
            (Fact::Asked { .. } | Fact::Ended { .. }, Some(operation)) => {
                Some(Over { ask: operation.ask.clone(), since: operation.since, began: operation.began_at })
            }
            _ => None,
        };
        self.state.apply(entry);
        self.follow(entry, over.as_ref());
        match &entry.fact {
            Fact::Ended { outcome } => {
                self.undone(outcome, over.as_ref());
                self.judge(entry.at);
            }
            Fact::Asked { .. } => self.judge(entry.at),
            Fact::Ci { sha, verdict, .. } => self.heard(&sha.clone(), verdict, entry.at),
            _ => {}
        }
    }

    /// What was gathered.
    #[must_use]
    pub fn done(self) -> Past {
        self.past
    }

    /// Writes down that something else is live.
    fn follow(&mut self, entry: &Entry, over: Option<&Over>) {
        let Some(live) = &self.state.live else {
            return;
        };
        let stays = &mut self.past.stays;
        let is_well = matches!(
            &entry.fact,
            Fact::Ended { outcome: Outcome::Deployed | Outcome::RolledBack | Outcome::Unchanged }
        );
        let again = stays.last().filter(|last| last.sha == live.sha);
        if again.is_some_and(|last| !(is_well && last.is_ill() && live.known_by.is_well())) {
            return;
        }
        let began = over.and_then(|over| over.began).filter(|_| !is_well);
        let since = if again.is_some() { entry.at } else { began.unwrap_or(live.since) };
        let from = since.max(stays.last().map_or(Millis(0), |last| last.from));
        let way = match (&entry.fact, over) {
            _ if again.is_some() => Way::Again,
            (Fact::Found { .. }, _) => Way::Found,
            (_, Some(over)) => Way::of(&over.ask),
            _ => Way::Before,
        };
        let fault = (over.is_some() && !is_well).then_some(Defect { kind: DefectKind::Unhealthy, known: entry.at });
        if let Some(last) = stays.last_mut() {
            last.to = Some(from);
        }
        let commit = self.state.records.get(&live.sha).and_then(|record| record.commit.clone());
        self.newest.insert(live.sha.clone(), stays.len());
        stays.push(Stay { sha: live.sha.clone(), commit, from, to: None, way, validated: None, fault });
    }

    /// A person who went back from a version found something wrong with it; who went forward, by a rollback that takes
    /// another one back, blames nothing.
    fn undone(&mut self, outcome: &Outcome, over: Option<&Over>) {
        let Some(Over { ask: Ask::Rollback { undo: Some(undo), because: Because::Person, .. }, since, .. }) = over
        else {
            return;
        };
        if *outcome == Outcome::RolledBack
            && self.state.is_undone(undo)
            && let Some(stay) = self.newest.get(undo).and_then(|at| self.past.stays.get_mut(*at))
        {
            stay.fault.get_or_insert(Defect { kind: DefectKind::ByHand, known: *since });
        }
    }

    /// What the state says of what is live.
    fn judge(&mut self, at: Millis) {
        let Some(stay) = self.past.stays.last_mut() else {
            return;
        };
        if self.state.was_point(&stay.sha) {
            stay.validated.get_or_insert(at);
        }
        if let Some(why) = self.state.records.get(&stay.sha).and_then(|record| record.quarantine) {
            let kind = match why {
                Quarantine::Ci => DefectKind::Ci,
                Quarantine::Broken => DefectKind::Unhealthy,
            };
            stay.fault.get_or_insert(Defect { kind, known: at });
        }
    }

    /// What CI said of a SHA that is live, or was.
    fn heard(&mut self, sha: &Sha, verdict: &Verdict, at: Millis) {
        let Some(stay) = self.newest.get(sha).and_then(|place| self.past.stays.get_mut(*place)) else {
            return;
        };
        match verdict {
            Verdict::Failure(_) => drop(stay.fault.get_or_insert(Defect { kind: DefectKind::Ci, known: at })),
            // A later green run of its CI takes the red one back, unless that has led to something.
            Verdict::Success if stay.to.is_none() && !self.state.is_quarantined(sha) => {
                stay.fault = stay.fault.take().filter(|fault| fault.kind != DefectKind::Ci);
            }
            _ => {}
        }
        if self.state.was_point(sha) {
            stay.validated.get_or_insert(at);
        }
    }
}

//! A disk that loses what the kernel had not written yet when power was lost. What our own process writes it
//! has on the disk before it is told (`Command::Append` and `Command::Replace`); git and containers have not.

use std::collections::{BTreeMap, BTreeSet};

use mangetamain_deploy::machine::{Entry, Fact, Outcome};

use super::world::{STATE, World};

/// So long the kernel may keep what nobody asks it to write, milliseconds: vm.dirty_expire_centisecs and
/// vm.dirty_writeback_centisecs, by default 30 s and 5 s (Documentation/admin-guide/sysctl/vm.rst).
const AFLOAT_MS: u64 = 35_000;

fn is_afloat(since: u64, now: u64) -> bool {
    now < since + AFLOAT_MS
}

/// What is not on the disk.
#[derive(Default)]
pub struct Disk {
    /// The repository as it stands there, and since when another one is wanted.
    repository: Option<(u64, Repository)>,
    /// When files of the work tree were written last.
    files_at: Option<u64>,
    /// Lines of the ledger when files of the work tree were lost.
    lost_at: Option<usize>,
}

/// What a repository holds, its files aside.
struct Repository {
    head: String,
    fetched: BTreeSet<usize>,
    tip: Option<usize>,
    refs: BTreeMap<String, String>,
}

impl World {
    /// git is about to change the repository, and asks no disk to write that.
    pub fn repository_afloat(&mut self) {
        let (head, fetched, tip, refs) = (self.head.clone(), self.fetched.clone(), self.tip, self.refs.clone());
        let now = self.now;
        // What was wanted earlier has been written by now.
        self.disk.repository.take_if(|(since, _)| !is_afloat(*since, now));
        self.disk.repository.get_or_insert((now, Repository { head, fetched, tip, refs }));
    }

    /// git has written files of the work tree: there is no setting by which it asks for these.
    pub fn files_afloat(&mut self) {
        self.disk.files_at = Some(self.now);
    }

    /// The machine goes down at once. Half of the time the kernel had written all.
    pub fn lose_power(&mut self) {
        let now = self.now;
        let files = self.disk.files_at.take().is_some_and(|since| is_afloat(since, now));
        let repository = self.disk.repository.take().filter(|(since, _)| is_afloat(*since, now));
        if !self.dice.chance(50) {
            return;
        }
        if let Some((_, Repository { head, fetched, tip, refs })) = repository {
            (self.head, self.fetched, self.tip, self.refs) = (head, fetched, tip, refs);
        }
        if files {
            self.files_of = format!("what is left of {}", self.files_of);
            self.dirty = true;
            self.disk.lost_at = Some(self.ledger().lines().count());
        }
    }

    /// Whether files that were lost could not have been put back yet: nothing was put in place since.
    pub fn is_excused(&self) -> bool {
        let placed = |line: &str| {
            let entry = serde_json::from_str::<Entry>(line);
            entry.is_ok_and(|one| matches!(one.fact, Fact::Ended { outcome: Outcome::Deployed | Outcome::RolledBack }))
        };
        self.disk.lost_at.is_some_and(|lines| !self.ledger().lines().skip(lines).any(placed))
    }

    /// The ledger, as it stands on the disk.
    pub fn ledger(&self) -> &str {
        self.files.get(&format!("{STATE}/ledger.jsonl")).map_or("", String::as_str)
    }
}

//! What somebody had to hear of and Discord did not take, be it that it was down or that the webhook was gone: kept in
//! a file of the state folder, and told by the next run. One that is lost costs that message and nothing else.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::Ticket;
use super::saved::Saved;
use crate::host::{Command, Host, Keep, Reply};
use crate::time::Millis;

/// After so long it is no news any more, milliseconds: 7 days.
const LIFE_MS: u64 = 7 * 24 * 3_600_000;
/// What a run is about to tell it has told by then, milliseconds.
const AT_WORK_MS: u64 = 60_000;
/// So many of the newest are kept: a day's news of a team that pushes on while Discord is down.
const KEPT: usize = 20;
/// Bytes read of the file: more than `KEPT` messages at Discord's limits.
const CAP: u64 = 1024 * 1024;

/// A message as it is told late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// When it was news.
    pub at: Millis,
    /// With a line that says so.
    #[serde(flatten)]
    pub text: Saved,
    /// Runs that had no clear answer to it: it may be there.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unclear: u8,
    /// The process that is about to tell it itself, as long as it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<u32>,
}

/// Runs that tell what may be there: once too often is better than never.
const UNCLEAR_RUNS: u8 = 3;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_none(count: &u8) -> bool {
    *count == 0
}

/// What is not told yet, each with the ticket of its message.
#[derive(Debug, Default)]
pub(super) struct Untold {
    path: String,
    all: Vec<(Ticket, Late)>,
    /// What this run is about to add to that.
    announced: Option<Late>,
    /// What of the file is this run's to strike: what earlier runs have left, and what it has written itself.
    written: Vec<Late>,
}

impl Late {
    /// Whether it is the same message.
    fn is(&self, other: &Self) -> bool {
        (self.at, &self.text) == (other.at, &other.text)
    }

    fn is_in(&self, all: &[Self]) -> bool {
        all.iter().any(|one| one.is(self))
    }
}

impl Untold {
    /// Kept in this file; nowhere, when it is empty.
    pub fn at(path: String) -> Self {
        Self { path, ..Self::default() }
    }

    /// From now on this is to be told.
    pub fn add(&mut self, ticket: Ticket, late: Late) {
        if !self.path.is_empty() {
            self.all.push((ticket, late));
        }
        self.announced = None;
    }

    /// It was told.
    pub fn strike(&mut self, ticket: Ticket) {
        self.all.retain(|(known, _)| *known != ticket);
    }

    /// Nobody can say whether it was told.
    pub fn doubt(&mut self, ticket: Ticket) {
        self.all.iter_mut().filter(|(known, _)| *known == ticket).for_each(|(_, late)| late.unclear += 1);
        self.all.retain(|(_, late)| late.unclear < UNCLEAR_RUNS);
    }

    /// This is about to be told, and stands in the file as long as it is not.
    pub fn announce(&mut self, late: Late) {
        self.announced = Some(late).filter(|_| !self.path.is_empty());
    }

    fn wanted(&self) -> Vec<Late> {
        self.all.iter().map(|(_, late)| late).chain(&self.announced).cloned().collect()
    }

    /// The file holds these of those now; what is missing another run has told.
    fn has_written(&mut self, stays: Vec<Late>, wanted: &[Late]) {
        self.all.retain(|(_, late)| !late.is_in(wanted) || late.is_in(&stays));
        self.written = stays;
    }

    /// What is still to be told of this.
    pub fn of(&self, ticket: Ticket) -> Option<Saved> {
        self.all.iter().find(|(known, _)| *known == ticket).map(|(_, late)| late.text.clone())
    }

    /// What earlier runs have left, oldest first, as far as it is news.
    pub async fn recall<H: Host>(&mut self, host: &H, now: Millis) -> Vec<Late> {
        self.written = abandoned(host, read(host, &self.path).await, now).await;
        self.written.iter().filter(|one| one.at <= now && now.since(one.at) < LIFE_MS).cloned().collect()
    }
}

/// Those of these that no process is about to tell: its number may be another's by then, so that it counts for a short time.
async fn abandoned<H: Host>(host: &H, mut all: Vec<Late>, now: Millis) -> Vec<Late> {
    let process = |one: &Late| one.process.filter(|_| now.since(one.at) < AT_WORK_MS);
    let paths: Vec<String> = all.iter().filter_map(|one| Some(format!("/proc/{}", process(one)?))).collect();
    if paths.is_empty() {
        return all;
    }
    let Reply::Stats { stats } = host.perform(Command::Stat { paths }).await else {
        return all;
    };
    let mut at_work = stats.into_iter().map(|seen| seen.is_some());
    all.retain(|one| process(one).is_none() || !at_work.next().unwrap_or(false));
    all
}

/// Writes the file, when there is news. Another run may have written meanwhile: what it has added stays, and what it has
/// told does not come back.
pub(super) async fn write<H: Host>(host: &H, untold: &RefCell<Untold>) {
    // No borrow is held over an await.
    let (path, written, wanted) = {
        let untold = untold.borrow();
        (untold.path.clone(), untold.written.clone(), untold.wanted())
    };
    if written == wanted {
        return;
    }
    let mut all = read(host, &path).await;
    let stays = |one: &&Late| !one.is_in(&written) || one.is_in(&all);
    let stays: Vec<Late> = wanted.iter().filter(stays).cloned().collect();
    all.retain(|one| !one.is_in(&written));
    all.extend(stays.iter().cloned());
    put(host, path, all).await;
    untold.borrow_mut().has_written(stays, &wanted);
}

async fn put<H: Host>(host: &H, path: String, mut all: Vec<Late>) {
    all.sort_by_key(|one| one.at);
    let newest = all.get(all.len().saturating_sub(KEPT)..).unwrap_or_default();
    let command = match newest {
        [] => Command::Remove { path },
        _ => Command::Replace { path, text: format!("{}\n", serde_json::to_string(newest).unwrap_or_default()) },
    };
    host.perform(command).await;
}

async fn read<H: Host>(host: &H, path: &str) -> Vec<Late> {
    if path.is_empty() {
        return Vec::new();
    }
    let command = Command::Read { path: path.to_owned(), cap: CAP, keep: Keep::Head };
    match host.perform(command).await {
        Reply::Text { text, .. } => serde_json::from_str(&text).unwrap_or_default(),
        _ => Vec::new(),
    }
}

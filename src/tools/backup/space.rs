//! The room that the way back needs: what is saved is copied once more before it is swapped, beside each path, or,
//! where a path is filled in place, beside the backup.

use std::collections::BTreeMap;

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, ended, output, refused};

use super::{CAP, Need, QUESTION_LIMIT_MS, Room, ask};

/// Room that must be left beside what is put back.
const MARGIN: u64 = 1024 * 1024;

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Where it is mounted.
    pub at: String,
    /// What is free on it.
    pub room: Room,
}

/// A file system on which the way back would find too little room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Where it is mounted.
    pub at: String,
    /// What the way back needs on it, together with a backup that is made first.
    pub need: Need,
    /// What is free on it.
    pub room: Room,
}

/// How much is free where each of these is, and on which file system is it? Read by [`disks_told`].
#[must_use]
pub fn free_each(paths: &[String]) -> Run {
    let from = paths.iter().map(String::as_str);
    ask("df", ["-B1", "--output=avail,iavail,target", "--"].into_iter().chain(from), "/", QUESTION_LIMIT_MS)
}

/// The file systems of so many paths, in their order.
pub fn disks_told(reply: &Reply, paths: usize) -> Result<Vec<Disk>, ProcessError> {
    let lines: Vec<&str> = output(reply, CAP)?.lines().skip(1).collect();
    let disks: Option<Vec<Disk>> = lines.iter().map(|line| disk(line)).collect();
    disks.filter(|disks| disks.len() == paths).ok_or(ProcessError::Unreadable)
}

fn disk(line: &str) -> Option<Disk> {
    let (bytes, rest) = line.trim_start().split_once(' ')?;
    let (entries, at) = rest.trim_start().split_once(' ')?;
    let entries = entries.parse().ok().filter(|entries| *entries > 0);
    Some(Disk { at: at.trim_start().to_owned(), room: Room { bytes: bytes.parse().ok()?, entries } })
}

/// The first number of each NUL-terminated entry, by the name that follows it; see [`super::used`].
pub fn used_each(reply: &Reply) -> Result<BTreeMap<String, u64>, ProcessError> {
    let ran = ended(reply)?;
    if ran.stdout.is_empty() {
        return Err(refused(ran));
    }
    let read = |entry: &str| {
        let (number, name) = entry.split_once('\t')?;
        Some((name.to_owned(), number.trim().parse().ok()?))
    };
    ran.stdout.split_terminator('\0').map(|entry| read(entry).ok_or(ProcessError::Unreadable)).collect()
}

/// The first file system that has too little room for what is `saved` on `backup` and all copies that go to it. Each
/// copy: where it goes, its bytes, its files and folders.
#[must_use]
pub fn lacking(backup: &Disk, saved: Need, copies: &[(&Disk, u64, u64)]) -> Option<Lacking> {
    let mut needs: BTreeMap<&str, (Need, Room)> = BTreeMap::new();
    for (disk, bytes, entries) in copies {
        let first = || {
            let need = if disk.at == backup.at { saved } else { Need { bytes: MARGIN, entries: 0 } };
            (need, disk.room)
        };
        let (need, _) = needs.entry(&disk.at).or_insert_with(first);
        need.bytes = need.bytes.saturating_add(bytes.saturating_add(bytes / 50));
        need.entries = need.entries.saturating_add(*entries);
    }
    let short = needs.into_iter().find(|(_, (need, room))| !need.fits(room));
    short.map(|(at, (need, room))| Lacking { at: at.to_owned(), need, room })
}

/// The same where nothing is saved before.
#[must_use]
pub fn lacking_alone(backup: &Disk, copies: &[(&Disk, u64, u64)]) -> Option<Lacking> {
    lacking(backup, Need { bytes: MARGIN, entries: 0 }, copies)
}

//! What coreutils and findutils answer about a backup, and what that proves. Exit codes, numbers and
//! NUL-separated names only: no English is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{CAP, SIZES_CAP};
use crate::host::Reply;
use crate::tools::process::{ProcessError, ended, output, refused};

/// What is free on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that this user may still write.
    pub bytes: u64,
    /// Files and folders that may still be made; none: the file system has no such limit.
    pub entries: Option<u64>,
}

/// What a backup needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Bytes, with a margin.
    pub bytes: u64,
    /// Files and folders.
    pub entries: u64,
}

/// Room that must be left when a backup is complete: logs and the site need some too.
const MARGIN: u64 = 64 * 1024 * 1024;

impl Need {
    /// The need of what takes so many bytes in so many files and folders. Other file systems round
    /// differently: a fiftieth more.
    #[must_use]
    pub fn of(bytes: u64, entries: u64) -> Self {
        Self { bytes: bytes + bytes / 50 + MARGIN, entries: entries + 100 }
    }

    /// Whether there is room for it.
    #[must_use]
    pub fn fits(&self, room: &Room) -> bool {
        self.bytes <= room.bytes && room.entries.is_none_or(|entries| self.entries <= entries)
    }
}

/// The first number of each NUL-terminated entry, added up. A file that vanished meanwhile makes `du` end
/// badly, and takes nothing from what it told.
pub fn used(reply: &Reply) -> Result<u64, ProcessError> {
    let ran = ended(reply)?;
    let number = |entry: &str| entry.split('\t').next()?.trim().parse::<u64>().ok();
    if ran.stdout.is_empty() {
        return Err(refused(ran));
    }
    ran.stdout
        .split_terminator('\0')
        .map(|entry| number(entry).ok_or(ProcessError::Unreadable))
        .try_fold(0_u64, |sum, number| Ok(sum.saturating_add(number?)))
}

/// What is free: the numbers of the last line.
pub fn room(reply: &Reply) -> Result<Room, ProcessError> {
    let line = output(reply, CAP)?.trim_end().lines().last().unwrap_or_default();
    let mut numbers = line.split_whitespace();
    let bytes = numbers.next().and_then(|word| word.parse().ok()).ok_or(ProcessError::Unreadable)?;
    // Where inodes are made as needed, df tells `-` or 0.
    let entries = numbers.next().and_then(|word| word.parse().ok()).filter(|entries| *entries > 0);
    Ok(Room { bytes, entries })
}

/// NUL-terminated names.
pub fn named(reply: &Reply) -> Result<Vec<String>, ProcessError> {
    Ok(output(reply, CAP)?.split_terminator('\0').map(str::to_owned).collect())
}

/// How many numbers, and their sum.
pub fn added_up(reply: &Reply) -> Result<(u64, u64), ProcessError> {
    let numbers =
        output(reply, SIZES_CAP)?.lines().map(|line| line.parse::<u64>().map_err(|_| ProcessError::Unreadable));
    numbers.into_iter().try_fold((0, 0_u64), |(count, sum), number| Ok((count + 1, sum.saturating_add(number?))))
}

/// Names that stand in one of two lists only; a name in both stands there with different facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differing {
    /// In the list of the world.
    pub world: BTreeSet<String>,
    /// In the list of the copy.
    pub copy: BTreeSet<String>,
}

impl Differing {
    fn told(text: &str, end: char, name: impl Fn(&str) -> Option<String>) -> Result<Self, ProcessError> {
        let mut all = Self::default();
        for entry in text.split_terminator(end) {
            let (side, entry) = match entry.strip_prefix('\t') {
                Some(entry) => (&mut all.copy, entry),
                None => (&mut all.world, entry),
            };
            side.insert(name(entry).ok_or(ProcessError::Unreadable)?);
        }
        Ok(all)
    }
}

/// Files whose sums differ, or that are missing on one side.
pub fn sums_told(reply: &Reply) -> Result<Differing, ProcessError> {
    Differing::told(output(reply, CAP)?, '\n', sum_line)
}

/// A line of sha256sum: 64 digits, two more characters, the name; a backslash before it says that line
/// breaks and backslashes in the name are escaped.
fn sum_line(line: &str) -> Option<String> {
    let (line, escaped) = line.strip_prefix('\\').map_or((line, false), |rest| (rest, true));
    let name = line.get(66..)?;
    if !escaped {
        return Some(name.to_owned());
    }
    let mut plain = String::new();
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next()? {
                'n' => '\n',
                'r' => '\r',
                other => other,
            },
            letter => letter,
        });
    }
    Some(plain)
}

/// Entries whose kind, rights or link differ, or that are missing on one side. An entry is `kind rights
/// name`, a line break, and what a link points to.
pub fn entries_told(reply: &Reply) -> Result<Differing, ProcessError> {
    let name = |entry: &str| entry.rsplit_once('\n')?.0.splitn(3, ' ').nth(2).map(str::to_owned);
    Differing::told(output(reply, CAP)?, '\0', name)
}

/// Differences between the world and its copy, each explained or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The world has changed there since the backup began.
    pub changed: BTreeSet<String>,
    /// Nothing explains them: the copy is not what was there.
    pub unexplained: BTreeSet<String>,
}

impl Differences {
    /// Parts what differs by what has changed in the world since the backup began.
    pub fn add(&mut self, differing: Differing, changed: &[String]) {
        let known: BTreeSet<&str> = changed.iter().map(String::as_str).collect();
        // What was removed has no time any more, but the folder that it was in has changed.
        let removed = |name: &str| {
            !differing.world.contains(name)
                && name.match_indices('/').any(|(at, _)| name.get(..at).is_some_and(|folder| known.contains(folder)))
        };
        for name in differing.world.iter().chain(&differing.copy) {
            let is_explained = known.contains(name.as_str()) || removed(name);
            let side = if is_explained { &mut self.changed } else { &mut self.unexplained };
            side.insert(name.clone());
        }
    }
}

/// Bytes for people: `1.5 GiB`, `64.0 MiB`, `512 B`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = BTreeMap::from([(30, "GiB"), (20, "MiB"), (10, "KiB")]);
    for (power, unit) in units.iter().rev() {
        if bytes >> power > 0 {
            return format!("{}.{} {unit}", bytes >> power, (bytes >> (power - 10)) % 1024 * 10 / 1024);
        }
    }
    format!("{bytes} B")
}

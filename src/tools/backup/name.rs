//! What backups are called, and by their names alone: which is the newest, which have outlived their use,
//! which were being made or removed when a run ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sha::Sha;
use crate::time::{Millis, utc};

/// Ends the name of a backup that is being made.
pub const PARTIAL: &str = ".partial";
/// Ends the name of a backup that is being removed.
const REMOVED: &str = ".removed";
/// Follows the name of what is replaced, or of the backup by which it is, in that of what is kept of it.
pub const REPLACED: &str = ".replaced-";
/// Ends the name of what a restore notes while it is under way.
pub const BEGUN: &str = ".begun";

/// A backup's name: when it was asked for (UTC), and the SHA whose files it holds, such as
/// `20260131T134507Z-acfdb42`. It cannot be a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupName(String);

impl BackupName {
    /// The name of a backup asked for at this time, of what was live then.
    #[must_use]
    pub fn new(at: Millis, live: &Sha) -> Self {
        let digits: String = utc(at).chars().filter(char::is_ascii_digit).collect();
        let (date, time) = digits.split_at(8);
        Self(format!("{date}T{time}Z-{}", live.short()))
    }

    /// Reads a name; none when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = b"00000000T000000Z-fffffff";
        let fits = |(byte, wanted): (u8, &u8)| match wanted {
            b'0' => byte.is_ascii_digit(),
            b'f' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            other => byte == *other,
        };
        (text.len() == shape.len() && text.bytes().zip(shape).all(fits)).then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits of the SHA whose files it holds.
    #[must_use]
    pub fn short_sha(&self) -> &str {
        self.0.rsplit_once('-').map_or("", |(_, sha)| sha)
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BackupName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is not a backup's name"))
    }
}

impl From<BackupName> for String {
    fn from(name: BackupName) -> Self {
        name.0
    }
}

/// The newest of these names first; what is no backup is left out.
#[must_use]
pub fn newest_first(names: &[String]) -> Vec<BackupName> {
    let mut found: Vec<BackupName> = names.iter().filter_map(|name| BackupName::parse(name)).collect();
    found.sort_by(|one, other| other.cmp(one));
    found
}

/// Of these, the newest first, those that are not kept: all but the `keep` newest, this one, and the newest one of each
/// of these SHAs.
#[must_use]
pub fn outlived(all: &[BackupName], keep: u64, this: &BackupName, live: &[Sha]) -> Vec<BackupName> {
    let needed: Vec<&BackupName> =
        live.iter().filter_map(|sha| all.iter().find(|one| one.short_sha() == sha.short())).collect();
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    all.iter().skip(keep).filter(|one| *one != this && !needed.contains(one)).cloned().collect()
}

/// Names of what was being made, removed or put back when a run ended, each with the backup's; the one under this name is
/// not among them. What a restore has kept is no left-over.
#[must_use]
pub fn left_over(names: &[String], this: &BackupName) -> Vec<(String, BackupName)> {
    let noted = |name: &str| Some(name.strip_suffix(BEGUN)?.split_once(REPLACED)?.0.to_owned());
    let stem = |name: &String| {
        let stem = name.strip_suffix(PARTIAL).or_else(|| name.strip_suffix(REMOVED)).map(str::to_owned);
        BackupName::parse(&stem.or_else(|| noted(name))?)
    };
    let found = names.iter().filter_map(|name| Some((name.clone(), stem(name)?)));
    found.filter(|(_, stem)| stem != this).collect()
}

/// The name of a backup while it is removed: a run that is killed meanwhile leaves no half of one.
#[must_use]
pub fn removal_of(path: &str) -> String {
    format!("{path}{REMOVED}")
}

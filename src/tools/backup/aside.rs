//! How what stands in a folder is taken out of it, the folder itself and what is mounted below it left where they are:
//! all of it, or only what stands elsewhere too.

use crate::host::{Command, Reply, Run};
use crate::tools::path::parent;
use crate::tools::process::{ProcessError, output};

use super::{BackupLocation, CAP, LONG_LIMIT_MS, QUESTION_LIMIT_MS, ask};

/// What holds anything: of sockets, pipes and devices nothing could be kept, and `diff` would wait for them.
const HOLDING: [&str; 7] = ["(", "-type", "f", "-o", "-type", "l", ")"];

impl BackupLocation {
    /// Empty a folder, and leave it; what is mounted on these folders below it is emptied too, and left.
    #[must_use]
    pub fn empty(&self, folder: &str, mounts: &[String]) -> Run {
        let below = below(folder, mounts);
        self.locked("find", below.iter().map(String::as_str).chain(["-delete"]), "/")
    }

    /// A list of what stands in a folder and is no folder, each with when it changed (in any way), its number in the file
    /// system and its size, into `into`: of all, or of what has not changed since that moment. Read by [`newest_told`].
    #[must_use]
    pub fn list_standing(&self, folder: &str, mounts: &[String], since: Option<&str>, into: &str) -> Command {
        self.list(folder, mounts, since, "%C@ %i %s %P\\0", into)
    }

    /// A list of what is to be in a copy of a folder, each with its kind and its size, into `into`: what is no folder,
    /// and, where a moment is given, has not changed since.
    #[must_use]
    pub fn list_copied(&self, folder: &str, mounts: &[String], since: Option<&str>, into: &str) -> Command {
        self.list(folder, mounts, since, "%y %s %P\\0", into)
    }

    fn list(&self, folder: &str, mounts: &[String], since: Option<&str>, form: &str, into: &str) -> Command {
        let below = racing(folder, mounts);
        let unchanged = since.into_iter().flat_map(|since| ["!", "-newerct", since]);
        let test = ["!", "-type", "d"].into_iter().chain(unchanged).chain(["-printf", form]);
        let run = self.locked("find", below.iter().map(String::as_str).chain(test), "/");
        Command::Save { path: into.to_owned(), run }
    }

    /// Sort such a list in place.
    #[must_use]
    pub fn sort_standing(&self, list: &str) -> Run {
        self.locked("sort", ["-z", "-o", list, "--", list], "/")
    }

    /// Remove what is no folder and has not changed in any way since that moment.
    #[must_use]
    pub fn remove_unchanged(&self, folder: &str, mounts: &[String], since: &str) -> Run {
        let below = racing(folder, mounts);
        let test = ["!", "-type", "d", "!", "-newerct", since, "-delete"];
        self.locked("find", below.iter().map(String::as_str).chain(test), "/")
    }

    /// Remove files and links that stand below `root` too, under its whole path, with the same content.
    #[must_use]
    pub fn remove_same(&self, folder: &str, mounts: &[String], root: &str) -> Run {
        let (below, copy) = (racing(folder, mounts), format!("{root}{{}}"));
        let test = ["-exec", "diff", "-q", "--no-dereference", "--", "{}", &copy, ";", "-delete"];
        self.locked("find", below.iter().map(String::as_str).chain(HOLDING).chain(test), "/")
    }

    /// Remove folders with nothing in them; one that gets something meanwhile is left.
    #[must_use]
    pub fn remove_empty_folders(&self, folder: &str, mounts: &[String]) -> Run {
        let below = racing(folder, mounts);
        self.locked("find", below.iter().map(String::as_str).chain(["-type", "d", "-empty", "-delete"]), "/")
    }
}

/// Bytes at the end of a sorted list that hold its last entry: no path is longer.
pub const LAST_ENTRY: u64 = 8 * 1024;

/// When the newest in a sorted list had changed, as `find` takes it: a moment of the clock that the listed files have,
/// which is not ours where a disk is another machine's. None of a list of another form.
#[must_use]
pub fn newest_told(end_of_list: &str) -> Option<String> {
    let last = end_of_list.strip_suffix('\0')?.rsplit('\0').next()?;
    let (moment, _) = last.split_once(' ')?;
    let (seconds, parts) = moment.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(seconds) && is_number(parts)).then(|| format!("@{moment}"))
}

/// What stands in the second list only. Read by [`is_something_left`].
#[must_use]
pub fn came(before: &str, now: &str) -> Run {
    ask("comm", ["-z", "-13", "--", before, now], "/", QUESTION_LIMIT_MS)
}

/// A file or a link that stands in a folder, one of them. Read by [`is_something_left`].
#[must_use]
pub fn first_left(folder: &str, mounts: &[String]) -> Run {
    let below = racing(folder, mounts);
    let args = below.iter().map(String::as_str).chain(HOLDING).chain(["-printf", "%p\\0", "-quit"]);
    ask("find", args, "/", QUESTION_LIMIT_MS)
}

/// What [`BackupLocation::copy_beside`] has renamed in a folder since this file was written. Read by [`named`](super::named).
#[must_use]
pub fn renamed(folder: &str, mounts: &[String], since: &str) -> Run {
    let below = racing(folder, mounts);
    let test = ["-name", "*.~[0-9]*~", "-cnewer", since, "-printf", "%p\\0"];
    ask("find", below.iter().map(String::as_str).chain(HOLDING).chain(test), "/", QUESTION_LIMIT_MS)
}

/// Whether anything was told.
pub fn is_something_left(reply: &Reply) -> Result<bool, ProcessError> {
    output(reply, CAP).map(|told| !told.is_empty())
}

/// Is the one file the same as the other, byte for byte? Exit code 0: yes.
#[must_use]
pub fn is_same_file(one: &str, other: &str) -> Run {
    ask("diff", ["-q", "--no-dereference", "--", one, other], "/", LONG_LIMIT_MS)
}

/// Where `find` looks: at all below a folder, but for mount points and the folders that lead to them.
fn below(folder: &str, mounts: &[String]) -> Vec<String> {
    let left = left_standing(folder, mounts);
    let mut args = vec![folder.to_owned(), "-mindepth".to_owned(), "1".to_owned()];
    let is_any_left = !left.is_empty();
    for (at, path) in left.into_iter().enumerate() {
        args.extend([if at == 0 { "(" } else { "-o" }.to_owned(), "-path".to_owned(), path]);
    }
    if is_any_left {
        args.extend([")", "-o"].map(str::to_owned));
    }
    args
}

/// The same, while others remove there too.
fn racing(folder: &str, mounts: &[String]) -> Vec<String> {
    let mut args = below(folder, mounts);
    args.insert(1, "-ignore_readdir_race".to_owned());
    args
}

/// Mount points below a folder and the folders that lead to them, as patterns that match nothing else.
fn left_standing(folder: &str, mounts: &[String]) -> Vec<String> {
    let mut left = Vec::new();
    for mount in mounts {
        let mut at = mount.as_str();
        while at.len() > folder.len() {
            left.push(at.to_owned());
            at = parent(at);
        }
    }
    left.sort();
    left.dedup();
    let special = |letter: char| "*?[]\\".contains(letter);
    let plain =
        |path: &String| path.chars().flat_map(|one| special(one).then_some('\\').into_iter().chain([one])).collect();
    left.iter().map(plain).collect()
}

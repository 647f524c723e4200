//! Backups: what they are called, how coreutils and findutils are told to make, compare, verify and
//! remove one, and which are kept. What an answer proves is in `backup/answers.rs`; in which order, and
//! whether at all, is not decided here.
//!
//! ```text
//! <folder>/<name>/files/srv/app/…   the saved paths, whole, as they stood
//! <folder>/<name>/SHA256SUMS        of every file: cd files && sha256sum -c ../SHA256SUMS
//! <folder>/<name>/manifest.json     SHA, time, size, count, what was left out or changed meanwhile
//! <folder>/<name>/owners            of files that whoever saved them cannot give back: user and group, path
//! ```
//!
//! Names of files never pass through us: they may hold line breaks, or be no UTF-8 at all. `find`
//! hands them on, and lists stand in files that `sort` and `comm` compare.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::{Command, Run};
use crate::sha::Sha;
use crate::tools::secret::withheld;

mod answers;
mod aside;
mod name;
mod space;
mod way;

pub use answers::*;
pub use aside::{LAST_ENTRY, came, first_left, is_same_file, is_something_left, newest_told, renamed};
pub use name::{BEGUN, BackupName, PARTIAL, REPLACED, left_over, newest_first, outlived, removal_of};
pub use space::*;
pub use way::*;

/// Limit for copying, hashing or removing a backup, in milliseconds.
const LONG_LIMIT_MS: u64 = 2 * 3_600_000;
/// Limit for a question, which may be about each of a million files, in milliseconds.
pub const QUESTION_LIMIT_MS: u64 = 10 * 60_000;
/// Bytes of an answer that are kept.
pub const CAP: u64 = 8 * 1024 * 1024;
/// The same of a line for each file: some millions of files.
pub const SIZES_CAP: u64 = 64 * 1024 * 1024;

/// What a backup says of itself (`manifest.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its name.
    pub name: BackupName,
    /// The environment.
    pub environment: String,
    /// The SHA that was live: the one that the files belong to.
    pub sha: Sha,
    /// The SHA that was promoted then.
    pub before: Sha,
    /// When it was complete, UTC.
    pub at: String,
    /// The saved paths.
    pub paths: Vec<String>,
    /// Regular files in it.
    pub files: u64,
    /// Their sizes added up, bytes.
    pub bytes: u64,
    /// Sockets, pipes and devices, which are not saved; the first few.
    pub skipped: Vec<String>,
    /// What changed while it was read; the first few.
    pub changed: Vec<String>,
}

/// One backup, made or to be made.
#[derive(Debug, Clone)]
pub struct BackupLocation {
    /// The folder of all backups.
    pub folder: String,
    /// Its name.
    pub name: BackupName,
    /// The environment's lock: what changes files holds it too.
    pub lock: String,
}

impl BackupLocation {
    /// Where it stands once it is complete.
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    /// Where it stands while it is made.
    #[must_use]
    pub fn partial(&self) -> String {
        format!("{}{PARTIAL}", self.whole())
    }

    /// A file or folder of it, while it is made.
    #[must_use]
    pub fn part(&self, name: &str) -> String {
        format!("{}/{name}", self.partial())
    }

    /// Where the saved form of a path stands in the complete backup.
    #[must_use]
    pub fn saved(&self, path: &str) -> String {
        format!("{}/files{path}", self.whole())
    }

    /// Its manifest.
    #[must_use]
    pub fn manifest(&self) -> String {
        format!("{}/manifest.json", self.whole())
    }

    /// Copy the paths, with owners, rights, times, links and empty folders. Its exit code proves
    /// nothing: a file that vanishes meanwhile is a fault to `cp`. The lists tell.
    #[must_use]
    pub fn copy(&self, paths: &[String]) -> Run {
        let from = paths.iter().map(String::as_str);
        let files = self.part("files");
        let args = ["-a", "--parents", "--reflink=auto", "--"].into_iter().chain(from).chain([files.as_str()]);
        self.locked("cp", args, "/")
    }

    /// Take sockets, pipes and devices out of the copy, and name them. Read by [`named`].
    #[must_use]
    pub fn drop_special(&self) -> Run {
        let args = ["files", "(", "-type", "s", "-o", "-type", "p", "-o", "-type", "b", "-o", "-type", "c", ")"];
        self.locked("find", args.into_iter().chain(["-printf", "%P\\0", "-delete"]), &self.partial())
    }

    /// The sums of all files below these paths, into `into`: of the world, or of the copy.
    #[must_use]
    pub fn sums(&self, side: Side, paths: &[String], into: &str) -> Command {
        let paths = relative(paths);
        let args = paths.iter().map(String::as_str).chain(["-type", "f", "-exec", "sha256sum", "--", "{}", "+"]);
        Command::Save { path: self.part(into), run: self.locked("find", args, &self.root(side)) }
    }

    /// Is everything below these paths the same as in the copy, byte for byte? One question for each path;
    /// exit code 0: yes.
    #[must_use]
    pub fn same(&self, paths: &[String]) -> Vec<Run> {
        let one = |path: &String| {
            let copy = format!("{}{path}", self.part("files"));
            ask("diff", ["-rq", "--no-dereference", "--", path, copy.as_str()], "/", LONG_LIMIT_MS)
        };
        paths.iter().map(one).collect()
    }

    /// A list of all entries below these paths (kind, rights, name, what a link points to), into `into`.
    #[must_use]
    pub fn entries(&self, side: Side, paths: &[String], into: &str) -> Command {
        let paths = relative(paths);
        let kinds = ["-ignore_readdir_race", "(", "-type", "f", "-o", "-type", "d", "-o", "-type", "l", ")"];
        let args = paths.iter().map(String::as_str).chain(kinds).chain(["-printf", "%y %m %p\\n%l\\0"]);
        Command::Save { path: self.part(into), run: self.locked("find", args, &self.root(side)) }
    }

    /// Whose each entry is that `test` holds for, into the list of owners; as [`give_back`](Self::give_back) takes it.
    #[must_use]
    pub fn list_owners(&self, paths: &[String], test: &[String]) -> Command {
        let kinds = ["-ignore_readdir_race", "(", "-type", "f", "-o", "-type", "d", "-o", "-type", "l", ")"];
        let all = paths.iter().map(String::as_str).chain(kinds).chain(test.iter().map(String::as_str));
        let run = self.locked("find", all.chain(["-printf", "%U:%G\\0%p\\0"]), "/");
        Command::Save { path: self.part("owners"), run }
    }

    /// The list of owners of the complete backup; there is none where its files were its maker's own.
    #[must_use]
    pub fn owners(&self) -> String {
        format!("{}/owners", self.whole())
    }

    /// Give each entry of the list of owners back to its owner; root alone can.
    #[must_use]
    pub fn give_back(&self) -> Run {
        let list = self.owners();
        self.locked("xargs", ["-0", "-n", "2", "-a", list.as_str(), "chown", "-h", "--"], "/")
    }

    /// Which entries of the world have changed in any way since the backup began? Read by [`named`].
    #[must_use]
    pub fn changed_since_begun(&self, paths: &[String]) -> Run {
        let (paths, begun) = (relative(paths), self.part("begun"));
        let args =
            paths.iter().map(String::as_str).chain(["-ignore_readdir_race", "-cnewer", &begun, "-printf", "%p\\0"]);
        ask("find", args, "/", LONG_LIMIT_MS)
    }

    /// Sort a list in place; lines, or entries that end with NUL.
    #[must_use]
    pub fn sort(&self, list: &str, ends: Ends) -> Run {
        let args = ends.option().into_iter().chain(["-o", list, "--", list]);
        self.locked("sort", args, &self.partial())
    }

    /// What stands in one of two sorted lists only. Read by [`sums_told`] or [`entries_told`].
    #[must_use]
    pub fn differing(&self, ours: &str, theirs: &str, ends: Ends) -> Run {
        let args = ends.option().into_iter().chain(["-3", "--", ours, theirs]);
        ask("comm", args, &self.partial(), QUESTION_LIMIT_MS)
    }

    /// The size of each file in the copy, one a line. Read by [`added_up`].
    #[must_use]
    pub fn sizes(&self) -> Run {
        let run = ask("find", ["files", "-type", "f", "-printf", "%s\\n"], &self.partial(), QUESTION_LIMIT_MS);
        Run { cap: SIZES_CAP, ..run }
    }

    /// Have everything of the file system that holds it reach the disk.
    #[must_use]
    pub fn flush(&self) -> Run {
        ask("sync", ["--file-system", "--", "."], &self.partial(), LONG_LIMIT_MS)
    }

    /// Have everything of the file system that holds a folder reach the disk.
    #[must_use]
    pub fn flush_to(&self, folder: &str) -> Run {
        ask("sync", ["--file-system", "--", folder], "/", LONG_LIMIT_MS)
    }

    /// Give it its name: from here on it is a backup.
    #[must_use]
    pub fn complete(&self) -> Vec<Run> {
        vec![self.rename(&self.partial(), &self.whole()), self.flush_folder(&self.folder)]
    }

    /// Rename; refused where something stands.
    #[must_use]
    pub fn rename(&self, from: &str, to: &str) -> Run {
        self.locked("mv", ["-T", "-n", "--", from, to], "/")
    }

    /// Have the names in a folder reach the disk.
    #[must_use]
    pub fn flush_folder(&self, folder: &str) -> Run {
        ask("sync", ["--", folder], "/", QUESTION_LIMIT_MS)
    }

    /// Make what is in a folder ours to remove: in one that is read-only, nobody but root can.
    #[must_use]
    pub fn unprotect(&self, path: &str) -> Run {
        self.locked("chmod", ["-R", "u+rwX", "--", path], "/")
    }

    /// Remove a folder with all that is in it.
    #[must_use]
    pub fn remove(&self, path: &str) -> Run {
        self.locked("rm", ["-rf", "--one-file-system", "--", path], "/")
    }

    /// Does the complete backup still hold what it held? Exit code 0: yes.
    #[must_use]
    pub fn verify(&self) -> Run {
        let args = ["--check", "--strict", "--quiet", "--", "../SHA256SUMS"];
        ask("sha256sum", args, &format!("{}/files", self.whole()), LONG_LIMIT_MS)
    }

    /// Copy one saved or live thing to a place where nothing stands.
    #[must_use]
    pub fn copy_to(&self, from: &str, to: &str) -> Run {
        self.locked("cp", ["-a", "-T", "--reflink=auto", "--", from, to], "/")
    }

    /// The same where something may stand: a file that is in the way is renamed where it is, so that there has to be room
    /// for both, and one that cannot be is left. Found by [`renamed`].
    #[must_use]
    pub fn copy_beside(&self, from: &str, to: &str) -> Run {
        self.locked("cp", ["-a", "-T", "--backup=numbered", "--reflink=auto", "--", from, to], "/")
    }

    fn root(&self, side: Side) -> String {
        match side {
            Side::World => "/".to_owned(),
            Side::Copy => self.part("files"),
        }
    }

    fn locked<'a>(&self, program: &str, args: impl IntoIterator<Item = &'a str>, folder: &str) -> Run {
        Run { under_lock: Some(self.lock.clone()), ..ask(program, args, folder, LONG_LIMIT_MS) }
    }
}

/// Which of the two that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What stands there now.
    World,
    /// What was copied.
    Copy,
}

/// How the entries of a list end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// With a line break.
    Line,
    /// With NUL.
    Nul,
}

impl Ends {
    fn option(self) -> Option<&'static str> {
        (self == Self::Nul).then_some("-z")
    }
}

/// How much space do these paths take? Read by [`used`].
#[must_use]
pub fn measure(paths: &[String]) -> Run {
    let from = paths.iter().map(String::as_str);
    ask("du", ["-s", "-0", "-B1", "--"].into_iter().chain(from), "/", QUESTION_LIMIT_MS)
}

/// How many files and folders are in these paths? Read by [`used`].
#[must_use]
pub fn count(paths: &[String]) -> Run {
    let from = paths.iter().map(String::as_str);
    ask("du", ["-s", "-0", "--inodes", "--"].into_iter().chain(from), "/", QUESTION_LIMIT_MS)
}

/// How much is free where this folder is? Read by [`room`].
#[must_use]
pub fn free(folder: &str) -> Run {
    ask("df", ["-B1", "--output=avail,iavail", "--", folder], "/", QUESTION_LIMIT_MS)
}

/// Is something mounted exactly there? Exit code 0: yes.
#[must_use]
pub fn is_mounted(path: &str) -> Run {
    ask("mountpoint", ["-q", "--", path], "/", QUESTION_LIMIT_MS)
}

/// May we write in that folder? Exit code 0: yes.
#[must_use]
pub fn is_writable(folder: &str) -> Run {
    ask("test", ["-w", folder], "/", QUESTION_LIMIT_MS)
}

/// Paths as they stand in the lists, the same in the world and in the copy; none begins with a dash.
fn relative(paths: &[String]) -> Vec<String> {
    paths.iter().map(|path| format!(".{path}")).collect()
}

fn ask<'a>(program: &str, args: impl IntoIterator<Item = &'a str>, folder: &str, limit_ms: u64) -> Run {
    Run {
        program: program.to_owned(),
        args: args.into_iter().map(str::to_owned).collect(),
        folder: Some(folder.to_owned()),
        env: BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]),
        drop: withheld(&["POSIXLY_CORRECT"]),
        limit_ms,
        cap: CAP,
        under_lock: None,
        noted_in: None,
    }
}

//! What can be seen of a work tree, of containers and of a site.

use std::collections::BTreeMap;

use crate::failure::reason::Shared;
use crate::sha::Sha;
use crate::tools::compose::Volume;
use crate::tools::health::Unwell;
use crate::tools::process::ProcessError;

/// Seen of a work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// No `app-path`: nothing is put live here.
    None,
    /// Nothing stands there; the folder to clone to, where it is known that the site is a folder of the repository.
    Missing { path: String, remote: String, clone: Option<String> },
    /// It is a file.
    File { path: String },
    /// It is no work tree of git's.
    NoRepository { path: String },
    /// git does not trust the folder's owner.
    Distrusted { path: String, owner: String, user: String },
    /// Another environment keeps its ledger about it.
    Taken { path: String, name: String, state_folder: String, file: String },
    /// Another environment of the configuration is set to be live in the same clone.
    Together { path: String, name: String },
    /// This environment's state is in another folder than it was.
    Left { path: String, state_folder: String, state_dir: String, file: String },
    /// It has no commit.
    Empty { path: String },
    /// It is there.
    There { top: String, head: Sha, subject: String },
    /// A question to git was not answered.
    Unanswered { fault: ProcessError },
    /// All folders can be written to.
    Writable,
    /// One cannot.
    Denied { path: String, owner: String, top: String, user: String },
    /// A lock of git's was left; whoever has it open.
    IndexLock { path: String, held_by: Option<String> },
    /// Of its remote.
    Remote(Remote),
    /// Of what stands in it.
    Content(Content),
}

/// Seen of a work tree's remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// `origin` is the repository of this run, or nothing says what it should be.
    Own { url: String },
    /// `origin` is another repository.
    Other { url: String, wanted: String },
    /// No `origin`.
    None { path: String },
    /// A password or token stands in the address.
    Secret { path: String },
    /// The branch is there.
    Branch { branch: String, tip: Sha },
    /// The remote has no such branch.
    NoBranch { branch: String },
    /// The remote cannot be reached or read.
    Unreachable { path: String, branch: String, fault: ProcessError },
}

/// Seen of what stands in a work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// History ends early.
    Shallow { path: String },
    /// Commits of this machine that are not at the remote.
    Unpushed { path: String, branch: String, count: u64 },
    /// Tracked files were changed by hand.
    Changed { path: String, count: usize, first: String },
    /// Submodules are as they should be.
    Submodules(usize),
    /// Some are not there or not at their commit.
    SubmodulesOff { path: String, names: Vec<String> },
    /// Files of LFS, and git-lfs.
    Lfs(usize),
    /// In the place of one of them its pointer stands: in which repository.
    Pointer { path: String, file: String },
    /// Files of LFS, and no git-lfs.
    NoLfs(usize),
    /// A glob of `guard-paths` that means no file of what is checked out.
    Idle(String),
    /// The deploy command's program.
    Command(String),
    /// It is not there, or not to be run.
    NoCommand { program: String, executable: bool },
}

/// Seen of the compose file and its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Containers {
    /// No compose file: no container step.
    None,
    /// No compose file, and these containers run by one of this work tree.
    Unset { names: Vec<String>, file: String },
    /// Nothing can be asked without an engine or compose.
    NotAsked,
    /// The compose file is not there.
    NoFile { path: String, nearby: Vec<String> },
    /// It can be read; its services.
    File { path: String, services: Vec<String> },
    /// Compose refuses it.
    Refused { path: String, words: String },
    /// A service that it does not have.
    NoService { service: String, nearest: Option<String>, known: Vec<String> },
    /// A question was not answered.
    Unanswered { fault: ProcessError },
    /// Another site's containers are in the same compose project, and the next deploy would take them for its own.
    Shared { found: Shared, file: String, ours: Vec<String> },
    /// The compose file's containers are of several projects.
    Projects { projects: BTreeMap<String, Vec<String>> },
    /// No container yet: the first deploy makes them.
    NoneYet,
    /// No container, and a restart would make none.
    NoneForRestart { command: String },
    /// All run.
    Run { names: Vec<String> },
    /// One does not.
    Down { name: String, status: String, exit: i64, command: String },
    /// One says itself that it is unhealthy.
    Ailing { name: String },
    /// All heed being stopped.
    Heed,
    /// One does not.
    Ignores { service: String, program: String, seconds: i64, certain: bool },
    /// One keeps data in a volume that nobody has named; its project.
    Unnamed { service: String, volume: Volume, project: String },
    /// They come back after a reboot.
    ComeBack,
    /// They do not.
    StayAway { services: Vec<String> },
}

/// Seen of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// No address.
    None,
    /// It answers as expected.
    Well { url: String, ms: u64 },
    /// It does not.
    Badly { url: String, unwell: Unwell },
    /// A command brings a version live, and no answer tells which one it is of.
    Unproven,
    /// It leads from one place to the next for ever.
    Circles { url: String, hops: usize },
}

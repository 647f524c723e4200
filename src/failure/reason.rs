//! Why a step did not come about, as data: what was attempted, what was seen, what to do next. The words
//! stand in `messages::reason`; what other programs said is kept as they said it.

use std::collections::BTreeMap;

use super::Failure;
pub use super::mend::Mend;
use super::rebuff::Rebuff;
use crate::machine::verdict::{Denial, Verdict};
use crate::sha::Sha;
use crate::tools::backup::{Lacking, Room};
use crate::tools::github::Setback;
use crate::tools::process::ProcessError;

/// Why a step did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Something stood in the way.
    Fault {
        /// What was attempted.
        attempt: Attempt,
        /// What was seen.
        seen: Box<Obstacle>,
        /// What to do next.
        mend: Mend,
    },
    /// The checklist of a promote does not hold; what of it, as it was told.
    Unready(String),
}

impl Reason {
    /// Whether the work tree, or the state, is another environment's.
    #[must_use]
    pub fn is_of_another(&self) -> bool {
        let Self::Fault { seen, .. } = self else {
            return false;
        };
        matches!(**seen, Obstacle::Astray(Astray::OwnedBy(..) | Astray::StateOf(..)))
    }
}

/// What was being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// Looking at the work tree.
    Tree,
    /// Looking whose work tree it is.
    Owner,
    /// Fetching the commit.
    Fetch,
    /// Fetching the history that a shallow clone lacks.
    Deepen,
    /// Fetching LFS files.
    FetchLfs,
    /// Comparing two commits.
    Commits,
    /// Comparing with the last validated commit.
    Validated,
    /// Saving local changes.
    Keep,
    /// Resetting the work tree.
    Reset,
    /// Updating submodules.
    Submodules,
    /// Checking LFS files.
    CheckLfs,
    /// Putting back the machine's own files that this ref keeps.
    PutBack(String),
    /// Running this program, the deploy command.
    Command(String),
    /// Restarting containers.
    Containers,
    /// Checking the site that is deployed.
    Site,
    /// Checking all sites.
    Sites,
    /// Preparing a promote.
    Promote,
    /// Measuring what a backup needs.
    Measure,
    /// Making the backup.
    Backup,
    /// Putting files back from it.
    Restore,
    /// Choosing the rollback's target.
    Target,
    /// Waiting for a person's answer.
    Answer,
    /// Asking GitHub for the CI run.
    CiRun,
    /// Following CI.
    FollowCi,
    /// Reading why CI failed.
    Digest,
    /// Telling GitHub of the deploy.
    Deployment,
    /// Waiting for the lock.
    Lock,
    /// Waiting for the watcher before.
    Watcher,
    /// Reading this file.
    Read(String),
}

/// What was seen instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A program's end.
    Ended(ProcessError),
    /// The end of this program.
    Program(String, ProcessError),
    /// A file or folder of ours cannot be used.
    Failure(Failure),
    /// The host did not do what was asked.
    Rebuff(Rebuff),
    /// The deploy command took too long: its limit in milliseconds, its last lines.
    TooLong(u64, String),
    /// It ended with this exit code; its last lines.
    Exit(i32, String),
    /// It was ended by this signal, where that is known; its last lines.
    Signal(Option<String>, String),
    /// There is no such program.
    NoProgram,
    /// A script's first line names a program that is not on this machine.
    NoInterpreter,
    /// No compose answers on this machine.
    NoCompose,
    /// Another site's containers are in the same compose project, and would be made anew as this one's.
    Shared(Shared),
    /// The compose file's containers are of several projects, by name, and compose would see to those of one.
    Projects(BTreeMap<String, Vec<String>>),
    /// A path cannot be written.
    Unwritten(String, Rebuff),
    /// A file of ours that cannot be read: path and why.
    Unreadable(String, String),
    /// Nothing is validated, and there is no baseline.
    NothingValidated,
    /// Nothing was live before.
    NothingBefore,
    /// Somebody has gone back by hand from what was live before.
    Undone(Sha),
    /// The SHA failed here.
    Quarantined(Sha),
    /// It was never live here, and is no older than what is.
    NotBack(Sha),
    /// Containers were started with this file of variables, which is gone.
    NoEnvFile(String),
    /// Digits that name no commit, or more than one.
    Ambiguous(String),
    /// A whole SHA that names no commit of this clone.
    NotHere(Sha),
    /// Something is wrong with the work tree, or with a commit.
    Astray(Astray),
    /// Something is wrong with a backup.
    Unsaved(Unsaved),
    /// GitHub is no witness for a SHA.
    Silence(Silence),
}

/// What is wrong with the work tree, or with a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Astray {
    /// The remote has no such branch.
    NoBranch(String),
    /// The remote does not know the commit.
    NotKnown(Sha),
    /// git says that it is done, but HEAD is something else.
    HeadIs(Sha),
    /// git refused after it had written files.
    HalfWritten(ProcessError),
    /// A lock of git's stands there, and who holds it cannot be told, or it cannot be removed.
    LockStands {
        /// The lock.
        lock: String,
        /// What came instead.
        seen: Rebuff,
    },
    /// A lock of git's is held.
    LockHeld {
        /// The lock.
        lock: String,
        /// The process.
        pid: u32,
        /// Its name.
        name: String,
    },
    /// An LFS pointer stands where the file itself should.
    Pointer(String),
    /// The work tree is another environment's: path, that environment, its folder of state.
    OwnedBy(String, String, String),
    /// The state is another clone's: its folder, that clone.
    StateOf(String, String),
    /// What was asked for is a tag, of this commit.
    TagOf(Sha),
    /// The compose file will not be there, or not what is asked of it: its path, and what.
    NoComposeFile(String, Missing),
    /// The version has no such folder.
    NoAppPath(String),
    /// A submodule has local changes.
    DirtySubmodule(String),
    /// Another repository stands in the way.
    Repository(String),
    /// A file in the way cannot be saved: its name is not UTF-8.
    OddName(String),
    /// The work tree stands elsewhere after all.
    TreeAt(Sha),
    /// The SHA is not on this branch.
    OffBranch(Sha, String),
}

/// What a compose file will lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It is neither in the version nor on this machine.
    Nowhere,
    /// What is live has it, and the version does not: the reset deletes it.
    Removed,
    /// It has no such service.
    Service(String),
}

/// Containers that are not ours, in the compose project that ours are in, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The project.
    pub project: String,
    /// Those that its next `up` would make anew as ours, by name.
    pub containers: Vec<String>,
    /// The compose file that the first of them was made of.
    pub file: String,
}

/// Why GitHub is no witness for a SHA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The other environment's ledger is elsewhere, and no repository is known.
    NothingToAsk,
    /// A run of CI ended, but not well.
    RunEnded(u64, Verdict),
    /// A run of CI is under way.
    RunUnderWay(u64),
    /// GitHub knows no run of this workflow.
    NoRunOf(String),
    /// GitHub did not answer.
    GitHubLater(Setback),
    /// GitHub will not tell.
    GitHubDenied(Denial),
}

/// What is wrong with a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaved {
    /// A path that cannot be saved.
    Unsavable(String, Unfit),
    /// A path that holds, maybe by way of a link, this folder of ours.
    HoldsOurs(String, String),
    /// A folder that cannot be written.
    Unwritable(String),
    /// What these paths need could not be measured.
    Unmeasured(String, ProcessError),
    /// How much is free there could not be asked.
    RoomUnknown(String, ProcessError),
    /// A finished backup could not be given its name.
    Unnamed(String),
    /// Copies differ from what stands there.
    Unlike {
        /// How many.
        count: usize,
        /// The first few.
        names: Vec<String>,
        /// What is free in the backup's folder.
        left: Option<(Room, String)>,
        /// The copying program's last lines; may be empty.
        words: String,
    },
    /// A backup holds the files of another SHA: its name, that SHA, the wanted one.
    OtherFiles(String, Sha, Sha),
    /// A backup is another environment's: its name, that environment.
    OfAnother(String, String),
    /// A folder in which another environment keeps its backups.
    Shared(String, String),
    /// The same, of an environment of the same name: this one, maybe, before its state was copied elsewhere.
    SharedWithOld {
        /// The folder of backups.
        folder: String,
        /// Where that environment keeps its state.
        state_folder: String,
        /// What says so.
        file: String,
    },
    /// Two paths of which one should be gone.
    BothStand(String, String),
    /// A path could not be swapped for another.
    NotSwapped(String, String),
    /// A disk on which a backup would find too little room to be put back.
    NoRoomBack(Lacking),
    /// There is no backup in this folder.
    NoBackupIn(String),
    /// There is none of this name in this folder; the newest that there are.
    Absent(String, String, Vec<String>),
    /// No backup was named.
    NoBackup,
}

/// Why a path cannot be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing stands there.
    Nothing,
    /// It is a symbolic link.
    Link,
    /// It is something else that is no file or folder, or not ours to look at.
    Other,
}

impl From<ProcessError> for Obstacle {
    fn from(fault: ProcessError) -> Self {
        Self::Ended(fault)
    }
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Rebuff> for Obstacle {
    fn from(seen: Rebuff) -> Self {
        Self::Rebuff(seen)
    }
}

impl From<Astray> for Obstacle {
    fn from(seen: Astray) -> Self {
        Self::Astray(seen)
    }
}

impl From<Silence> for Obstacle {
    fn from(seen: Silence) -> Self {
        Self::Silence(seen)
    }
}

impl From<Unsaved> for Obstacle {
    fn from(seen: Unsaved) -> Self {
        Self::Unsaved(seen)
    }
}

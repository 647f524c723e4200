//! What a person can do about what stood in the way, as data; the words stand in `messages::reason`.

use crate::sha::Sha;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Nothing that is known.
    Unknown,
    /// Is this a work tree of ours?
    OwnTree(String),
    /// Run the job on the site's machine, not on one of GitHub's.
    RunsOn,
    /// Install git.
    InstallGit,
    /// Make a first commit.
    FirstCommit,
    /// Give this environment a clone of its own; or, where that one is no more, remove this file.
    OwnClone {
        /// This environment.
        name: String,
        /// The other one.
        other: String,
        /// The file that names it.
        file: String,
    },
    /// Give this environment a name or state of its own; or, where the other clone is no more, remove this file.
    OwnState {
        /// This environment.
        name: String,
        /// The file that names it, in the other clone.
        file: String,
    },
    /// Give the commit.
    GiveCommit(Sha),
    /// Forget branches that are gone at the remote, in this work tree: one of them stands in the way of another.
    PruneRemote(String),
    /// Forget what was kept under this ref: its object is damaged.
    ForgetKept(String),
    /// Find out why the disk takes no writes.
    Remount,
    /// Keep the folder, or name another one.
    KeepAppPath,
    /// Own this folder.
    OwnFolder(String),
    /// Name the remote.
    NameRemote,
    /// Reach the remote.
    ReachRemote,
    /// Push again.
    PushAgain,
    /// Make the clone whole.
    Unshallow,
    /// Be allowed to read LFS files.
    ReadLfs,
    /// Set the branch that is deployed.
    SetBranch,
    /// Name a branch.
    NameBranch,
    /// Put local changes away by hand.
    PutAway,
    /// Look at the work tree.
    LookAtTree,
    /// Disk space, rights and locks.
    FreeTree,
    /// Take these files back by hand: the command.
    TakeBack(String),
    /// Remove git's lock.
    RemoveLock,
    /// Wait for who holds it.
    AwaitHolder,
    /// Reach the submodules.
    ReachSubmodules,
    /// Install git-lfs.
    InstallLfs,
    /// Run the deploy command by hand.
    RunCommand,
    /// Leave the work tree where it stands.
    LeaveHead,
    /// Give its path.
    GivePath,
    /// Give a script a first line that names what is there.
    FirstLine,
    /// Make it executable.
    MakeExecutable,
    /// Run compose by hand.
    RunCompose,
    /// The same, and ask the engine.
    AskEngine,
    /// Name the compose file, or the service, that is there: the setting, and those that may be meant.
    NameOfCompose(&'static str, Vec<String>),
    /// Install compose.
    InstallCompose,
    /// Give the compose project a name of its own.
    OwnProject {
        /// The compose file.
        file: String,
        /// Containers that keep the name that the project has now.
        ours: Vec<String>,
    },
    /// Have the runner's user own the files in this folder.
    OwnFiles(String),
    /// End the projects that are not this site's.
    OneProject,
    /// Put a file of variables back, or start the project anew without it.
    PutEnvFileBack,
    /// Deploy it, or promote it.
    DeployIt,
    /// Mend it, or save elsewhere.
    SaveElsewhere,
    /// Copy nothing from this backup; the version whose files another one holds, short, and the command that takes it.
    OtherBackup(Option<(String, String)>),
    /// Put files back by hand.
    RestoreByHand,
    /// Free room on that disk.
    FreeRoom,
    /// Leave `backup` out.
    LeaveBackupOut,
    /// Leave `to` out.
    LeaveToOut,
    /// Give `to`.
    GiveTo,
    /// Give `backup`.
    GiveBackup,
    /// Choose another SHA.
    ChooseAnother,
    /// Give more digits.
    MoreDigits,
    /// Fetch it, or deploy it.
    FetchIt,
    /// Take a commit of the branch.
    OfTheBranch,
}

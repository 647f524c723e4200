//! What the log says of the work tree, as data.

use crate::sha::Sha;

/// Of the work tree and what git keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// The first run finds this SHA.
    Baseline(Sha),
    /// Somebody has moved it: where it stands, and what the ledger said where that matters.
    Moved(Sha, Option<Sha>),
    /// What `previous` means where somebody has moved it: the SHA, and where it stands.
    Previous(Sha, Sha),
    /// The clone is made whole.
    Shallow,
    /// Local changes of this folder are saved under these refs.
    Saved(String, Vec<String>),
    /// What a reset that failed had written is saved under these refs.
    HalfWritten(Vec<String>),
    /// The same, found by a later run.
    Mixed(Vec<String>),
    /// Files that git was told not to look at, and looks at again.
    Shown(Vec<String>),
    /// A validated SHA is on the branch no more.
    Dropped(Sha),
    /// What CI has spoken of is on the branch no more.
    Lost(Sha),
    /// A lock of a git that is dead.
    StaleLock(String),
    /// The folder of a submodule that this version has no more, and whether it is removed.
    LeftBehind(String, bool),
    /// Submodules that do not stand at this version's commit.
    Astray(Vec<String>),
    /// Files that a failed reset had added, removed again.
    Unwritten(Vec<String>),
}

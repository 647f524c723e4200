//! What can be seen of the state's folders and files.

use crate::failure::rebuff::Rebuff;
use crate::sha::Sha;
use crate::tools::backup::{Lacking, Need, Room};
use crate::tools::process::ProcessError;

/// Seen of the state's folders and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Of the folder.
    Folder(Folder),
    /// Of the rollback point's plain file.
    Point(Point),
    /// No ledger yet.
    NoLedger,
    /// The ledger; how many entries, and what is live.
    Ledger { entries: u64, live: Option<Sha>, validated: Option<Sha> },
    /// CI has failed what is live since, in the environment that it was promoted from.
    FailedSince { live: Sha, from: String, selection: String },
    /// Lines of it were set aside.
    SetAside { path: String, count: u64 },
    /// It cannot be read, or what was left could not be finished.
    Trouble(String),
    /// Nobody is at work.
    Idle,
    /// Somebody is.
    Held { holder: String },
    /// Something was left unfinished.
    Unfinished { selection: String, by: String },
    /// A watcher is at work, or nothing waits for CI.
    Watcher { holder: String },
    /// CI is awaited, and nobody is there to see it.
    Unwatched { selection: String, sha: Sha },
    /// Watchers can write their logs.
    Logs { path: String },
    /// They cannot.
    NoLogs { path: String, user: String },
    /// A log's name is taken by somebody else.
    LogTaken { path: String, owner: String },
}

/// Seen of the state's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// It can be written, and keeps what is written.
    Works { path: String },
    /// It is not there, and can be made.
    ToMake { path: String },
    /// It cannot be made, or not even be seen, in the folder above it.
    CannotMake { path: String, parent: String, owner: String, user: String },
    /// It is not ours to write to.
    Denied { path: String, owner: String, user: String },
    /// Others may look into it or write there.
    Open { path: String, mode: u32 },
    /// A file could not be written, renamed or taken away.
    Broken { path: String, seen: Rebuff },
    /// A question was not answered.
    Unanswered { path: String, fault: ProcessError },
}

/// Seen of what a promote needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promote {
    /// The environment that validates, and what it has validated.
    From { from: String, sha: Sha },
    /// It has validated nothing yet.
    NothingValidated { from: String },
    /// It is not known on this machine.
    Elsewhere { from: String },
    /// It is the environment itself.
    Itself { from: String },
    /// Nothing is saved.
    NothingSaved,
    /// Files of a backup were not put back.
    Unrestored { name: String },
    /// Nothing stands at a path that is to be saved.
    Missing { path: String },
    /// It is a symbolic link.
    Link { path: String },
    /// It, or something in it, cannot be read.
    Unreadable { path: String, owner: String, user: String },
    /// It, or something in it, is another's: its owner would be lost.
    Foreign { path: String, owner: String, user: String },
    /// Whether all of it can be read was not told.
    NotRead { fault: ProcessError },
    /// Backups cannot be written.
    FolderDenied { folder: String, user: String },
    /// What one backup needs, and what is free for it.
    Backup { need: Need, room: Room, folder: String },
    /// Where putting files back would find too little room.
    NoWayBack(Lacking),
    /// That could not be told in time.
    NotMeasured { fault: ProcessError },
    /// A freeze holds now.
    Frozen { window: String, now: String },
    /// None does, of so many.
    Open { windows: usize },
}

/// Seen of the rollback point's plain file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// It says what the ledger says.
    Agrees { path: String, sha: Sha },
    /// It says something else.
    Off { path: String, selection: String, seen: String, wanted: Sha },
    /// A file of an older pipeline.
    Takeover { path: String, options: String, sha: Sha },
    /// A file there that names no commit.
    Garbled { path: String },
}

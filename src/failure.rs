//! What can go wrong, by whose fault it is: a `Problem` is in the inputs, a `Failure` in the
//! world, a bug (ours) panics. They never mix. Every text says what was attempted, what was seen
//! and what to do next; what is live now is added by `report`, which knows it.

pub mod mend;
pub mod problem;
pub mod reason;
pub mod rebuff;

use std::fmt;

pub use self::problem::{Problem, TOLD};
use self::reason::Attempt;
use self::rebuff::Rebuff;
use crate::environment::Locale;
use crate::host::Reply;
use crate::messages;
use crate::tools::process::ProcessError;

/// The world did not do what was asked. In words it stands in `messages::reason`; as a text it is English, for
/// the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The run was told to stop.
    Stopped {
        /// The signal's name.
        signal: String,
        /// What was being done.
        attempt: Attempt,
    },
    /// Another run holds the environment.
    Locked {
        /// The environment's name.
        environment: String,
        /// Who holds it, as the holder wrote it.
        holder: String,
        /// For how long we waited, milliseconds.
        waited_ms: u64,
    },
    /// The deploy command of a run that was killed still runs.
    Left {
        /// Who that is, as holders of a lock are told.
        holder: String,
        /// Its process, which leads a group of its own.
        process: u32,
    },
    /// What is unfinished, or to be gone back from, needs something that this run does not have.
    Lacking {
        /// What.
        why: Box<reason::Reason>,
    },
    /// Somebody is at a terminal whose environment this is not.
    NotTheirs {
        /// Who that is; none: root, who may do all.
        user: Option<String>,
        /// The user whose it is.
        owner: String,
    },
    /// A file or folder of ours cannot be used.
    Disk {
        /// What was to be done with it.
        deed: Deed,
        /// Absolute path.
        path: String,
        /// What came instead.
        seen: Rebuff,
    },
    /// The ledger holds an entry that this version does not understand.
    Newer {
        /// The ledger.
        path: String,
        /// The last entry that was understood.
        after: u64,
    },
    /// The status page could not be written.
    Page {
        /// Its path.
        path: String,
        /// What came instead.
        seen: Rebuff,
    },
    /// The path of the status page is none of a file.
    NoPage {
        /// The path, as it was given.
        path: String,
        /// What stands there.
        why: NoFile,
    },
    /// It stands there, but only its owner may read it.
    Closed {
        /// Its path.
        path: String,
        /// How `chmod` ended.
        fault: ProcessError,
    },
}

/// What stands where a file was to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFile {
    /// A folder.
    Folder,
    /// A device, a pipe, a socket.
    Device,
    /// A link that leads nowhere.
    Nowhere,
}

/// What was to be done with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Read it.
    Read,
    /// Write it.
    Write,
    /// Lock it.
    Lock,
    /// Make it.
    Make,
}

impl Failure {
    /// Whether the ledger at this path cannot be read.
    #[must_use]
    pub fn is_unread(&self, ledger: &str) -> bool {
        match self {
            Self::Newer { path, .. } | Self::Disk { deed: Deed::Read, path, .. } => path == ledger,
            _ => false,
        }
    }
}

/// A signal becomes a failure of what was attempted, everything else is the reply.
pub fn unless_stopped(reply: Reply, attempt: &Attempt) -> Result<Reply, Failure> {
    match reply {
        Reply::Cancelled { signal } => Err(Failure::Stopped { signal, attempt: attempt.clone() }),
        reply => Ok(reply),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&messages::reason::failure(self, Locale::En))
    }
}

//! What can go wrong, by whose fault it is: a `Problem` is in the inputs, a `Failure` in the
//! world, a bug (ours) panics. They never mix. Every text says what was attempted, what was seen
//! and what to do next; what is live now is added by `report`, which knows it.

use std::fmt;

use crate::machine::verdict::bounded;

/// Problems told at once: whoever has more mends these first.
pub const TOLD: usize = 50;

/// One thing wrong with the inputs, found before anything was touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: an input's name or a key of the configuration file.
    pub place: String,
    /// What stands there; never a secret.
    pub value: Option<String>,
    /// What is accepted.
    pub accepted: String,
    /// The nearest known name, for an unknown one.
    pub nearest: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bounded(&self.place, 200))?;
        if let Some(value) = &self.value {
            let short: String = value.chars().take(80).collect();
            write!(f, " = {short:?}")?;
        }
        write!(f, ": {}", self.accepted)?;
        if let Some(nearest) = &self.nearest {
            write!(f, " Did you mean `{nearest}`?")?;
        }
        Ok(())
    }
}

/// The world did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The run was told to stop.
    #[error("stopped by {signal} while {attempt}; what was begun is finished or undone by the next run")]
    Stopped {
        /// The signal's name.
        signal: String,
        /// What was being done.
        attempt: String,
    },
    /// Another run holds the environment.
    #[error("waited {waited} for the lock of {environment}, held by {holder}; run again when that run has ended")]
    Locked {
        /// The environment's name.
        environment: String,
        /// Who holds it, as the holder wrote it.
        holder: String,
        /// For how long we waited.
        waited: String,
    },
    /// A file or folder of ours cannot be used.
    #[error(
        "could not {attempt} {path}: {seen}; give the runner's user that right, or choose another folder with `state-dir`"
    )]
    Disk {
        /// Verb.
        attempt: &'static str,
        /// Absolute path.
        path: String,
        /// What the system said.
        seen: String,
    },
    /// The ledger holds an entry that this version does not understand.
    #[error(
        "could not go on from {path}: after entry {after} stands one that this version does not know, so a newer version wrote it; use that version (or a newer one) on this machine, nothing was changed"
    )]
    Newer {
        /// The ledger.
        path: String,
        /// The last entry that was understood.
        after: u64,
    },
    /// A step could not be done.
    #[error("{attempt}: {seen}; {mend}")]
    Step {
        /// What was being done.
        attempt: String,
        /// What was seen.
        seen: String,
        /// What to do next.
        mend: String,
    },
}

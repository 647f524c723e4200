//! What can go wrong, by whose fault it is: a `Problem` is in the inputs, a `Failure` in the
//! world, a bug (ours) panics. They never mix. Every text says what was attempted, what was seen
//! and what to do next; what is live now is added by `report`, which knows it.

pub mod reason;

use std::fmt;

use self::reason::Attempt;
use crate::environment::Locale;
use crate::machine::verdict::bounded;
use crate::messages;

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
    /// A file or folder of ours cannot be used.
    Disk {
        /// What was to be done with it.
        deed: Deed,
        /// Absolute path.
        path: String,
        /// What the system said; none: nothing stands there.
        seen: Option<String>,
    },
    /// The ledger holds an entry that this version does not understand.
    Newer {
        /// The ledger.
        path: String,
        /// The last entry that was understood.
        after: u64,
    },
    /// The status page could not be made; its reader is the one who runs the command.
    Step {
        /// What was being done.
        attempt: String,
        /// What was seen.
        seen: String,
        /// What to do next.
        mend: String,
    },
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&messages::reason::failure(self, Locale::En))
    }
}

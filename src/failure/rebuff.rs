//! What came instead of what the host was asked for, as data. The words stand in `messages::reason`.

use crate::host::Reply;

/// What came instead of what the host was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuff {
    /// `ENOTOURS`: this path is a link, no plain file, or somebody else's file.
    NotOurs(String),
    /// `EFOREIGN`: this folder is another user's.
    Foreign(String),
    /// `ENOFLOCK`: the program that takes locks is not installed.
    NoFlock,
    /// `EFLOCK`: it failed; its words, or how it ended.
    Flock(String),
    /// `ENOTHELD`: this lock, under which a process was to run, is not ours.
    NotHeld(String),
    /// `ENOFOLDER`: there is no such folder to run a process in.
    NoFolder(String),
    /// `EWATCHER`: the watcher ended, or was ended, before it was ready; its exit code or signal.
    Watcher(String),
    /// The system said no.
    System {
        /// An errno name.
        code: String,
        /// Its sentence.
        words: String,
    },
    /// Nothing stands there.
    Nothing,
    /// We were told to stop, by this signal.
    Stopped(String),
    /// An answer that belongs to another question.
    Odd,
}

impl From<Reply> for Rebuff {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Refused { code, text } => Self::refused(code, text),
            Reply::Missing => Self::Nothing,
            Reply::Cancelled { signal } => Self::Stopped(signal),
            _ => Self::Odd,
        }
    }
}

impl Rebuff {
    /// A refusal, by its code: with one of the host's own comes what it is about, with one of the system's its
    /// sentence.
    #[must_use]
    pub fn refused(code: String, text: String) -> Self {
        match code.as_str() {
            "ENOTOURS" => Self::NotOurs(text),
            "EFOREIGN" => Self::Foreign(text),
            "ENOFLOCK" => Self::NoFlock,
            "EFLOCK" => Self::Flock(text),
            "ENOTHELD" => Self::NotHeld(text),
            "ENOFOLDER" => Self::NoFolder(text),
            "EWATCHER" => Self::Watcher(text),
            // Node begins its sentences with the code.
            _ => {
                let words = text.strip_prefix(&format!("{code}: ")).unwrap_or(&text).to_owned();
                Self::System { code, words }
            }
        }
    }
}

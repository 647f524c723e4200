//! What the end of any process proves: it did what it was asked, it said no, or we do not know.
//!
//! The words a program wrote are kept for people, a few lines only, and nothing is decided by them.

use crate::host::{Ran, Reply};

/// Characters kept of a line that a program wrote.
const WIDTH: usize = 300;

/// Why an answer proves nothing, or that the program said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// There is no such program: nothing happened.
    #[error("it is not installed, or not in PATH")]
    Absent,
    /// It could not be started: nothing happened.
    #[error("it could not be started ({code})")]
    NotStarted {
        /// An errno name.
        code: String,
    },
    /// The folder that it should run in does not exist: nothing happened.
    #[error("its folder does not exist")]
    NoFolder,
    /// We were told to stop while it ran: it may have happened.
    #[error("stopped by {signal} while it was at work")]
    Cancelled {
        /// The signal's name.
        signal: String,
    },
    /// It took longer than allowed: it may have happened.
    #[error("it did not end within its limit")]
    TimedOut,
    /// Somebody else killed it: it may have happened.
    #[error("it was killed by {signal}")]
    Killed {
        /// The signal's name, or `?`.
        signal: String,
    },
    /// The program itself said no.
    #[error("it ended with exit code {exit}{}", said(.tail))]
    Refused {
        /// The exit code.
        exit: i32,
        /// The last lines of stderr, five at most, after the first that says what is wrong; for people only.
        tail: String,
    },
    /// The answer is not in the form that was asked for, or was too long.
    #[error("it answered something that cannot be read")]
    Unreadable,
}

/// What a program said, after its exit code; many say nothing.
fn said(tail: &str) -> String {
    if tail.is_empty() { String::new() } else { format!(": {tail}") }
}

/// It happened: exit code 0.
pub fn done(reply: &Reply) -> Result<(), ProcessError> {
    let ran = ended(reply)?;
    if ran.exit == Some(0) { Ok(()) } else { Err(refused(ran)) }
}

/// The process ended by itself; what its exit code means is still open.
pub(in crate::tools) fn ended(reply: &Reply) -> Result<&Ran, ProcessError> {
    match reply {
        Reply::Ran(ran) if ran.timed_out => Err(ProcessError::TimedOut),
        Reply::Ran(ran) if ran.exit.is_none() => {
            Err(ProcessError::Killed { signal: ran.signal.clone().unwrap_or_else(|| "?".to_string()) })
        }
        Reply::Ran(ran) => Ok(ran),
        Reply::Missing => Err(ProcessError::Absent),
        Reply::Refused { code, .. } if code == "ENOFOLDER" => Err(ProcessError::NoFolder),
        Reply::Refused { code, .. } => Err(ProcessError::NotStarted { code: code.clone() }),
        Reply::Cancelled { signal } => Err(ProcessError::Cancelled { signal: signal.clone() }),
        _ => Err(ProcessError::Unreadable),
    }
}

/// What it wrote, when it ended with exit code 0 and wrote less than `cap` bytes: the host keeps
/// the last ones, so a full answer may have lost its beginning.
pub(in crate::tools) fn output(reply: &Reply, cap: u64) -> Result<&str, ProcessError> {
    let ran = ended(reply)?;
    match ran.exit {
        Some(0) if (ran.stdout.len() as u64) < cap => Ok(&ran.stdout),
        Some(0) => Err(ProcessError::Unreadable),
        _ => Err(refused(ran)),
    }
}

/// The fault of a program that ended with another exit code than was hoped for.
pub(in crate::tools) fn refused(ran: &Ran) -> ProcessError {
    let lines: Vec<&str> =
        ran.stderr.lines().map(|line| discreet(line.trim_end())).filter(|line| !line.is_empty()).collect();
    let (before, last) = lines.split_at(lines.len().saturating_sub(5));
    // git's advice may be longer than five lines, and stands after what is wrong.
    let first = lines.iter().position(|line| ["fatal:", "error:"].iter().any(|word| line.starts_with(word)));
    let kept = first.and_then(|at| before.get(at)).into_iter().chain(last);
    let tail = kept.map(|line| line.chars().take(WIDTH).collect::<String>()).collect::<Vec<_>>().join("\n");
    ProcessError::Refused { exit: ran.exit.unwrap_or(-1), tail }
}

/// A line without what compose shows of an env file's values: one that holds a `$` is read as if it named a variable, and
/// what compose takes for the name, or for the whole template, is a part of a secret.
fn discreet(line: &str) -> &str {
    if line.contains("variable is not set. Defaulting to a blank") {
        return "";
    }
    // What follows these words is a piece of the file, in whichever message they stand.
    for words in ["unterminated quoted value", "unexpected character"] {
        let at = line.find(words).filter(|_| words.starts_with("unterminated") || line.contains(" in variable name"));
        if let Some(told) = at.and_then(|at| line.get(..at + words.len())) {
            return told;
        }
    }
    let is_env_file = line.contains("failed to read ");
    let ends = [": Invalid template", ": required variable", ": invalid interpolation"];
    let end = ends.iter().filter_map(|end| line.find(end)).min().filter(|_| is_env_file);
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// Which process it is: what no other one has until the machine starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Its number.
    pub pid: u32,
    /// When it was started, in ticks since the machine was.
    pub began: u64,
}

/// Reads `/proc/<pid>/stat`; none of a process that has ended, and whose parent has not asked for it yet.
#[must_use]
pub fn identity(stat: &str) -> Option<Identity> {
    // The name, in brackets, may hold spaces and brackets.
    let (pid, rest) = stat.split_once(" (")?;
    let mut fields = rest.rsplit_once(") ")?.1.split_ascii_whitespace();
    let is_over = ["Z", "X"].contains(&fields.next()?);
    let began = fields.nth(18)?;
    if is_over { None } else { Some(Identity { pid: pid.parse().ok()?, began: began.parse().ok()? }) }
}

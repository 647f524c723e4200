//! Sentences of `doctor` in English: the screen's own words, and one line for each finding.

mod access;
mod app;
mod machine;
mod state;

pub(super) use app::{no_compose_file, of_compose};

use crate::messages::finding::{FindingLine, FindingSeen, Level, Section};
use crate::messages::reason::with_words;
use crate::time::span;
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

/// What lets a user write in a folder. Whose it is already, and who cannot, has no use for `chown`.
fn writable(owner: &str, user: &str, path: &str) -> String {
    let path = word(path);
    match owner == user {
        true => format!("mounted read-only? findmnt -T {path}, dmesg; else: chmod -R u+w {path}"),
        false => format!("sudo chown -R {} {path}", word(user)),
    }
}

/// The level in front of a line.
#[must_use]
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Skipped => "skip",
        Level::Warn => "WARN",
        Level::Fail => "FAIL",
    }
}

/// The headline of a place.
#[must_use]
pub fn place(place: &Section) -> String {
    match place {
        Section::Machine => "machine".to_owned(),
        Section::Runner => "runner".to_owned(),
        Section::Access => "GitHub and Discord".to_owned(),
        Section::Environment(_, name) => format!("environment {name}"),
    }
}

/// The whole in one line.
#[must_use]
pub fn sum([fails, warns, oks, skipped]: [usize; 4], ms: u64) -> String {
    let many = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    format!(
        "doctor: {}, {}, {oks} ok, {} ({})",
        many(fails, "failed", "failed"),
        many(warns, "warning", "warnings"),
        many(skipped, "skipped", "skipped"),
        span(ms)
    )
}

/// What comes after the sum when nothing failed, and when something did.
#[must_use]
pub fn verdict(fails: usize) -> &'static str {
    if fails == 0 { "Nothing here keeps the other modes from working." } else { "To mend, in this order:" }
}

/// Head of the summary's tables: level, check, finding, mend.
pub const HEADS: [&str; 4] = ["", "Check", "Finding", "Mend"];
/// What is said when the run was told to stop before it had seen everything.
pub const STOPPED: &str = "stopped before the end; nothing was changed";

/// A finding's line.
#[must_use]
pub fn line(seen: &FindingSeen) -> FindingLine {
    match seen {
        FindingSeen::Machine(seen) => machine::machine(seen),
        FindingSeen::Engine(seen) => machine::engine(seen),
        FindingSeen::Runner(seen) => machine::runner(seen),
        FindingSeen::Access(seen) => access::access(seen),
        FindingSeen::Tree(seen) => app::tree(seen),
        FindingSeen::Containers(seen) => app::containers(seen),
        FindingSeen::State(seen) => state::state(seen),
        FindingSeen::Site(seen) => app::site(seen),
        FindingSeen::Promote(seen) => state::promote(seen),
    }
}

fn fault(fault: &ProcessError) -> String {
    match fault {
        ProcessError::Absent => "is not installed, or not in PATH".to_owned(),
        ProcessError::NoFolder => "could not be started: its folder does not exist".to_owned(),
        ProcessError::NotStarted { code } => format!("could not be started ({code})"),
        ProcessError::Cancelled { signal } => format!("stopped by {signal}"),
        ProcessError::TimedOut => "no answer within 10 s".to_owned(),
        ProcessError::Killed { signal } => format!("killed by {signal}"),
        ProcessError::Refused { exit, tail } => {
            with_words(&format!("exit code {exit}"), ": ", &tail.replace('\n', " | "))
        }
        ProcessError::Unreadable => "answered something that cannot be read".to_owned(),
    }
}

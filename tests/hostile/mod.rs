//! What must hold of every answer to hostile input, whatever the bytes: one function a parser. Driven
//! by proptest in `tests/hostile_*.rs` and by libFuzzer in `fuzz/`. A check reads the first byte as a
//! choice where there is one to make, and the rest as text.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, missing_docs)]

pub mod answers;
pub mod config;
pub mod ledger;
pub mod programs;
pub mod words;

use mangetamain_deploy::host::{Answered, Ran, Reply};

/// The bytes as the host hands them over: lossy UTF-8.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A choice among so many, and the rest.
pub fn chosen(bytes: &[u8], among: usize) -> (usize, &[u8]) {
    match bytes.split_first() {
        Some((first, rest)) => (usize::from(*first) % among.max(1), rest),
        None => (0, bytes),
    }
}

/// A program that ended well and wrote this.
pub fn wrote(stdout: &str) -> Reply {
    let stderr = String::new();
    Reply::Ran(Ran { exit: Some(0), signal: None, timed_out: false, stdout: stdout.to_owned(), stderr, ms: 1 })
}

/// A program that ended badly and wrote this to its standard error.
pub fn failed(stderr: &str) -> Reply {
    let stdout = String::new();
    Reply::Ran(Ran { exit: Some(1), signal: None, timed_out: false, stdout, stderr: stderr.to_owned(), ms: 1 })
}

/// A server's answer, with headers as `name: value` lines before an empty one.
pub fn answered(status: u16, text: &str) -> Answered {
    let (head, body) = text.split_once("\n\n").unwrap_or(("", text));
    let pairs = head.lines().filter_map(|line| line.split_once(": "));
    let headers = pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answered { status, headers, body: body.to_owned(), whole: true, location: None, certificate_ends_ms: None, ms: 1 }
}

/// Letters that act instead of showing: control characters, and those that turn or hide text.
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A check of one parser: its name, and what takes the bytes.
pub type Check = (&'static str, fn(&[u8]));

/// Every check by its name: that of its fuzz target, and of its folder in `fuzz/corpus`.
pub const CHECKS: [Check; 21] = [
    ("arguments", config::arguments),
    ("compose_file", programs::compose_file),
    ("discord", answers::discord),
    ("docker_output", programs::docker_output),
    ("event", answers::event),
    ("file", config::file),
    ("git_output", programs::git_output),
    ("health_log", programs::health_log),
    ("job_log", answers::job_log),
    ("jobs", answers::jobs),
    ("ledger", ledger::ledger),
    ("machine_output", programs::machine_output),
    ("message", words::message),
    ("needs", config::needs),
    ("redirect", answers::redirect),
    ("runs", answers::runs),
    ("secret", words::secret),
    ("setting", config::setting),
    ("site", answers::site),
    ("spoken", words::spoken),
    ("start", config::start),
];

/// The check of this name.
pub fn check(name: &str) -> fn(&[u8]) {
    CHECKS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no check {name}")).1
}

//! Why CI failed, in English; `fr::digest` says the same.

use crate::machine::verdict::FailureKind;
use crate::time::span;

/// The heading over failing jobs.
pub const HEADING: &str = "Why CI failed";

/// The heading over commits.
pub fn commits(total: u64) -> String {
    format!("Commits since the last validated one: {total}")
}

/// Commits that are not shown.
pub fn more(left: u64) -> String {
    format!("… and {left} more")
}

/// Where else what failed is live.
pub fn elsewhere(labels: &str) -> String {
    format!("🚨 Still live elsewhere: {labels} (`rollback` with `to: previous` goes back there)")
}

/// How a run ended in which no job failed.
pub fn ended(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::StartupFailed => "The run could not start: see the workflow's file",
        FailureKind::TimedOut => "The run took too long: GitHub stopped it",
        FailureKind::Failed => "A job failed",
    }
}

/// How long a version that failed has been live.
pub fn still_live(ms: u64) -> String {
    format!("Live for: {}", span(ms))
}

/// That GitHub did not tell its jobs, and why.
pub fn unread(why: &str) -> String {
    format!("Its jobs could not be read: {why}")
}

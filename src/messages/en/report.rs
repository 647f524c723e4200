//! Of a run's jobs, in English; `fr::report` says the same.

use super::counted;
use crate::messages::report::{FailedRun, Words, named};

/// The summary's words.
pub const WORDS: Words = Words {
    heads: ["Job", "Result", "Time"],
    results: ["✅ succeeded", "❌ failed", "⛔ cancelled", "⏭️ skipped", "❔ unknown result"],
    tolerated: ", tolerated (optional)",
    frame: "What failed",
};

/// The summary's title.
pub fn title(jobs: usize, bad: usize) -> String {
    match bad {
        0 => format!("{}, nothing to report", counted(jobs as u64, "job", "jobs")),
        _ => format!("{bad} of {} did not succeed", counted(jobs as u64, "job", "jobs")),
    }
}

/// The message, the headline first.
pub fn lines(run: &FailedRun, author: Option<String>, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = vec![format!("❌ {} ({}) - Failed", quote(&run.workflow), quote(&run.branch))];
    lines.extend(run.sha.as_ref().map(|sha| format!("SHA: {}", sha.short())));
    lines.extend(author.map(|author| format!("Author: {author}")));
    lines.extend((!run.subject.is_empty()).then(|| format!("Message: {}", quote(&run.subject))));
    lines.extend(named(&run.failed, quote).map(|names| format!("Failed: {names}")));
    lines.extend(named(&run.cancelled, quote).map(|names| format!("Cancelled: {names}")));
    lines.extend(named(&run.skipped, quote).map(|names| format!("Skipped: {names}")));
    lines.extend(run.url.as_ref().map(|url| format!("Run: <{url}>")));
    lines
}

//! Of a run's jobs, in English; `fr::report` says the same.

use super::ci::unanswered;
use super::counted;
use crate::messages::log::Jobs;
use crate::messages::report::{FailedRun, Mend, Words, named};
use crate::time::span;
use crate::tools::needs::JobResult;

/// The summary's words.
pub const WORDS: Words = Words {
    heads: ["Job", "Result", "Time"],
    results: ["✅ succeeded", "❌ failed", "⛔ cancelled", "⏭️ skipped", "❔ unknown result"],
    tolerated: ", tolerated (optional)",
    frame: "What failed",
    span,
};

/// The summary's title.
pub fn title(jobs: usize, bad: usize) -> String {
    match bad {
        0 => format!("{}, nothing to report", counted(jobs as u64, "job", "jobs")),
        _ => format!("{} did not succeed", counted(bad as u64, "required job", "required jobs")),
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

/// A line of the log in words.
pub fn jobs(told: &Jobs) -> String {
    match told {
        Jobs::Plan => {
            "plan (dry run; nothing is asked, nothing is sent): the summary, and a message of what failed".to_owned()
        }
        Jobs::Ended(name, is_optional, result) => {
            format!("{name}{}: {}", if *is_optional { " (optional)" } else { "" }, ended(result))
        }
        Jobs::Unlisted(why) => {
            format!("no links, times and log lines: {} (`permissions: actions: read`)", unanswered(why))
        }
        Jobs::NoWebhook(None) => {
            "Discord is not told: `discord-webhook` is not set (at a terminal: DISCORD_WEBHOOK_URL)".to_owned()
        }
        Jobs::NoWebhook(Some(fork)) => format!(
            "Discord is not told: this run is of a pull request from {fork}: GitHub gives such a run no secrets, and so no `discord-webhook`"
        ),
    }
}

/// A job's result as the end of a sentence about it.
pub fn ended(result: &JobResult) -> String {
    match result {
        JobResult::Success => "succeeded".to_owned(),
        JobResult::Failure => "failed".to_owned(),
        JobResult::Cancelled => "was cancelled".to_owned(),
        JobResult::Skipped => "was skipped".to_owned(),
        JobResult::Unknown(word) => format!("ended with the unknown result {word:?}"),
    }
}

/// Why the step fails; `bad` names what did not succeed.
pub fn failure(looked_at: usize, bad: &str, mend: Mend, url: &str) -> String {
    let jobs = counted(looked_at as u64, "job", "jobs");
    let mend = match mend {
        Mend::Correct => "Mend it and push, or run the failed jobs again",
        Mend::RunAgain => "Run the cancelled run again",
        Mend::Tolerate => "A job that may be skipped belongs in `optional`",
    };
    format!("looked at {jobs}: {bad}. {mend}{url}")
}

/// After what cut the report short.
pub const STOPPED: &str = "; the jobs' results stand as they are";

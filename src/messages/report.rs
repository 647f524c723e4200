//! What people are told of a workflow run's jobs, as data, and its frame for Discord, log and summary.
//! The sentences stand in `fr` and `en`.

use super::{Digest, Failing, digest, en, fr, notice_author, reason};
use crate::config::NeededJob;
use crate::environment::Locale;
use crate::failure::Failure;
use crate::host::Host;
use crate::machine::verdict::FailureKind;
use crate::report::cell;
use crate::sha::Sha;
use crate::tools::discord::Message;
use crate::tools::markdown;
use crate::tools::needs::JobResult;
use crate::voice::Voice;

/// Jobs named in one line of a message; the rest is counted.
const NAMED: usize = 15;

/// A run with a job that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedRun {
    /// The workflow's name; outside text.
    pub workflow: String,
    /// The branch; outside text.
    pub branch: String,
    /// The commit.
    pub sha: Option<Sha>,
    /// A login with `@`, or a name; outside text.
    pub author: String,
    /// The commit's first line, or the pull request's title; outside text.
    pub subject: String,
    /// Jobs that failed.
    pub failed: Vec<String>,
    /// Jobs that were cancelled.
    pub cancelled: Vec<String>,
    /// Jobs that were skipped.
    pub skipped: Vec<String>,
    /// The run's page.
    pub url: Option<String>,
    /// Failing jobs and steps with their last lines.
    pub digest: Option<Digest>,
}

/// One job in the summary's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The job.
    pub job: NeededJob,
    /// Its page.
    pub url: Option<String>,
    /// How long it took, milliseconds.
    pub ms: Option<u64>,
}

/// The words of the summary in one language.
#[derive(Debug)]
pub struct Words {
    /// The column heads.
    pub heads: [&'static str; 3],
    /// Success, failure, cancelled, skipped, and an unknown word.
    pub results: [&'static str; 5],
    /// Behind the result of a job whose failure is tolerated.
    pub tolerated: &'static str,
    /// The frame around failing jobs.
    pub frame: &'static str,
    /// A length of time.
    pub span: fn(u64) -> String,
}

/// What helps where jobs did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mend {
    /// One failed.
    Correct,
    /// None failed, and one was cancelled.
    RunAgain,
    /// They were skipped only.
    Tolerate,
}

fn words(locale: Locale) -> &'static Words {
    match locale {
        Locale::Fr => &fr::report::WORDS,
        Locale::En => &en::report::WORDS,
    }
}

/// The run as lines, outside texts passed through `quote`; the first line is the headline.
#[must_use]
pub fn lines(run: &FailedRun, locale: Locale, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let author = if run.author.is_empty() { None } else { Some(notice_author(&run.author, quote)) };
    match locale {
        Locale::Fr => fr::report::lines(run, author, quote),
        Locale::En => en::report::lines(run, author, quote),
    }
}

/// The run for the log.
#[must_use]
pub fn log_text(run: &FailedRun, locale: Locale) -> String {
    let mut text = lines(run, locale, &|text| text.to_owned()).join("\n");
    text.extend(run.digest.iter().map(|digest| digest::log_text(digest, locale)));
    text
}

/// The run for Discord; it calls nobody.
#[must_use]
pub fn discord<H: Host>(run: &FailedRun, locale: Locale, voice: &Voice<'_, H>) -> Message {
    let content = lines(run, locale, &|text| markdown::neutral(&voice.cleaned(text))).join("\n");
    let told = run.digest.as_ref().filter(|digest| !digest.is_empty());
    let embed = told.map(|digest| digest::framed(digest, words(locale).frame, locale, voice));
    Message { content, embed, ring: None }
}

/// What made the run fail, for the summary; empty where nothing is known of it.
#[must_use]
pub fn explained<H: Host>(Failing { jobs, more }: Failing, locale: Locale, voice: &Voice<'_, H>) -> String {
    let told = Digest {
        url: String::new(),
        kind: FailureKind::Failed,
        jobs,
        more_jobs: more,
        unread: None,
        commits: None,
        live_ms: None,
        elsewhere: Vec::new(),
    };
    if told.is_empty() { String::new() } else { digest::summary(&told, words(locale).frame, locale, voice) }
}

/// Names for one line; none when there are none.
pub(super) fn named(names: &[String], quote: &dyn Fn(&str) -> String) -> Option<String> {
    let mut text = names.iter().take(NAMED).map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(" (+ {})", names.len() - NAMED));
    }
    (!names.is_empty()).then_some(text)
}

/// A job's result in words.
#[must_use]
pub fn result(result: &JobResult, locale: Locale) -> &'static str {
    let [success, failure, cancelled, skipped, unknown] = words(locale).results;
    match result {
        JobResult::Success => success,
        JobResult::Failure => failure,
        JobResult::Cancelled => cancelled,
        JobResult::Skipped => skipped,
        JobResult::Unknown(_) => unknown,
    }
}

/// A job's result as the end of a sentence about it.
#[must_use]
pub fn ended(result: &JobResult, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::report::ended(result),
        Locale::En => en::report::ended(result),
    }
}

/// Why the step fails: which of so many jobs did not succeed, and what to do then.
#[must_use]
pub fn failure(looked_at: usize, bad: &[&NeededJob], url: Option<&str>, locale: Locale) -> String {
    let list: Vec<String> = bad.iter().map(|job| format!("{} {}", job.id, ended(&job.result, locale))).collect();
    let mend = match bad.iter().map(|job| &job.result).min() {
        Some(JobResult::Cancelled) => Mend::RunAgain,
        Some(JobResult::Skipped) => Mend::Tolerate,
        _ => Mend::Correct,
    };
    let url = url.map(|url| format!(" ({url})")).unwrap_or_default();
    match locale {
        Locale::Fr => fr::report::failure(looked_at, &list.join(", "), mend, &url),
        Locale::En => en::report::failure(looked_at, &list.join(", "), mend, &url),
    }
}

/// That the report was cut short.
#[must_use]
pub fn stopped(why: &Failure, locale: Locale) -> String {
    let tail = match locale {
        Locale::Fr => fr::report::STOPPED,
        Locale::En => en::report::STOPPED,
    };
    format!("{}{tail}", reason::failure(why, locale))
}

/// The summary: one headline, one row for each job.
#[must_use]
pub fn summary(rows: &[Row], bad: usize, locale: Locale) -> String {
    let words = words(locale);
    let title = match locale {
        Locale::Fr => fr::report::title(rows.len(), bad),
        Locale::En => en::report::title(rows.len(), bad),
    };
    let mark = if bad == 0 { "✅" } else { "❌" };
    let mut text = format!("### {mark} {title}\n\n| {} |\n| --- | --- | ---: |\n", words.heads.join(" | "));
    for Row { job, url, ms } in rows {
        let name = url.as_ref().map_or_else(|| cell(&job.id), |url| format!("[{}]({url})", cell(&job.id)));
        let word = match &job.result {
            JobResult::Unknown(word) => format!("{} ({})", result(&job.result, locale), cell(word)),
            known => result(known, locale).to_owned(),
        };
        let tolerated = if job.is_optional && job.result != JobResult::Success { words.tolerated } else { "" };
        text.push_str(&format!("| {name} | {word}{tolerated} | {} |\n", ms.map_or("-".to_owned(), words.span)));
    }
    text
}

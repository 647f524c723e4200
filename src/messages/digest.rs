//! Why CI failed, framed for Discord, for the log and for the summary: failing jobs with their links and
//! lines, the commits since what was validated, how long the version has been live. The sentences stand
//! in `fr` and `en`; what failed is for `steps::digest`.

use super::log::Unanswered;
use super::promotion::Commits;
use super::{en, fr};
use crate::environment::Locale;
use crate::host::Host;
use crate::machine::verdict::FailureKind;
use crate::report::{cell, fenced};
use crate::tools::discord::{DESCRIPTION_LIMIT, Embed};
use crate::tools::markdown;
use crate::voice::Voice;

/// Colour of a framed part that tells of a failure (0xRRGGBB).
pub(super) const RED: u32 = 0xD7_3A_49;
/// UTF-16 units of a job's and its step's name together.
const LABEL: usize = 120;
/// Fewer UTF-16 units of a job's lines than this tell nothing.
const LEAST: usize = 60;
/// UTF-16 units of a commit's author and of its subject.
const WIDTH: usize = 80;

/// The jobs that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failing {
    /// The first few, with what their logs tell.
    pub jobs: Vec<DigestJob>,
    /// How many more there are.
    pub more: u64,
}

/// Why CI failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The run's page.
    pub url: String,
    /// In which way it failed.
    pub kind: FailureKind,
    /// Failing jobs, the first few.
    pub jobs: Vec<DigestJob>,
    /// How many more there are.
    pub more_jobs: u64,
    /// Why GitHub did not tell which jobs there are, or not of all.
    pub unread: Option<Unanswered>,
    /// The commits since the last validated one, where both are known here.
    pub commits: Option<Commits>,
    /// How long the version has been live, when it still is.
    pub live_ms: Option<u64>,
    /// The labels of other environments of this machine in which it is live.
    pub elsewhere: Vec<String>,
}

impl Digest {
    /// Whether there is nothing in it but the link.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
            && self.kind == FailureKind::Failed
            && self.unread.is_none()
            && self.live_ms.is_none()
            && self.elsewhere.is_empty()
            && self.commits.as_ref().is_none_or(|all| all.total == 0)
    }
}

/// A failing job; all texts are outside texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestJob {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
    /// The failing step.
    pub step: Option<String>,
    /// Of that step's log, the first lines that tell of an error, else the last ones.
    pub lines: Vec<String>,
}

/// The heading over failing jobs.
pub(crate) fn heading(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::digest::HEADING,
        Locale::En => en::digest::HEADING,
    }
}

/// How long the version has been live, and the commits since what was validated, newest first.
pub(super) fn facts(digest: &Digest, locale: Locale, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    // Jobs that failed say it themselves.
    lines.extend((digest.jobs.is_empty() && digest.kind != FailureKind::Failed).then(|| match locale {
        Locale::Fr => fr::digest::ended(digest.kind).to_owned(),
        Locale::En => en::digest::ended(digest.kind).to_owned(),
    }));
    lines.extend(digest.unread.as_ref().map(|why| match locale {
        Locale::Fr => fr::digest::unread(&quote(&fr::ci::unanswered(why))),
        Locale::En => en::digest::unread(&quote(&en::ci::unanswered(why))),
    }));
    lines.extend(digest.live_ms.map(|ms| match locale {
        Locale::Fr => fr::digest::still_live(ms),
        Locale::En => en::digest::still_live(ms),
    }));
    lines.extend((!digest.elsewhere.is_empty()).then(|| {
        let labels = quote(&digest.elsewhere.join(", "));
        match locale {
            Locale::Fr => fr::digest::elsewhere(&labels),
            Locale::En => en::digest::elsewhere(&labels),
        }
    }));
    let Some(commits) = digest.commits.as_ref().filter(|commits| commits.total > 0) else {
        return lines;
    };
    lines.push(match locale {
        Locale::Fr => fr::digest::commits(commits.total),
        Locale::En => en::digest::commits(commits.total),
    });
    let short = |text: &str| quote(&markdown::fitted(text, WIDTH));
    lines.extend(
        commits
            .shown
            .iter()
            .map(|one| format!("• {} {} - {}", one.sha.short(), short(&one.author), short(&one.subject))),
    );
    let left = commits.total.saturating_sub(commits.shown.len() as u64);
    lines.extend(more(left, locale));
    lines
}

fn label(job: &DigestJob) -> String {
    job.step.as_ref().map_or_else(|| job.name.clone(), |step| format!("{} › {step}", job.name))
}

/// The failing jobs in Discord's markdown: each with its link, and its share of what `room` (UTF-16 units)
/// is left for lines.
pub(super) fn jobs<H: Host>(digest: &Digest, locale: Locale, voice: &Voice<'_, H>, room: usize) -> String {
    let head = |job: &DigestJob| {
        let label = markdown::fitted(&voice.cleaned(&label(job)), LABEL);
        match &job.url {
            Some(url) => format!("❌ {}\n", markdown::link(&label, url)),
            None => format!("❌ {}\n", markdown::neutral(&label)),
        }
    };
    let heads: Vec<String> = digest.jobs.iter().map(head).collect();
    let used: usize = heads.iter().map(|head| markdown::length(head) + "```\n\n```\n".len()).sum();
    let more = more(digest.more_jobs, locale).map(|line| format!("{line}\n")).unwrap_or_default();
    let share = room.saturating_sub(used + markdown::length(&more)) / heads.len().max(1);
    let mut text = String::new();
    for (job, head) in digest.jobs.iter().zip(&heads) {
        text.push_str(head);
        if !job.lines.is_empty() && share >= LEAST {
            let body = markdown::in_fence(&voice.cleaned(&job.lines.join("\n")));
            text.push_str(&format!("```\n{}\n```\n", markdown::fitted(&body, share)));
        }
    }
    text + &more
}

/// What is left out of a list of which the first few are shown.
fn more(left: u64, locale: Locale) -> Option<String> {
    (left > 0).then(|| match locale {
        Locale::Fr => fr::digest::more(left),
        Locale::En => en::digest::more(left),
    })
}

/// The digest as a frame of its own; the facts first, as what is cut is cut at the end.
pub(super) fn framed<H: Host>(digest: &Digest, title: &str, locale: Locale, voice: &Voice<'_, H>) -> Embed {
    let quote = |text: &str| markdown::neutral(&voice.cleaned(text));
    let mut description = facts(digest, locale, &quote).join("\n");
    if !description.is_empty() {
        description.push('\n');
    }
    let room = DESCRIPTION_LIMIT.saturating_sub(markdown::length(&description));
    description.push_str(&jobs(digest, locale, voice, room));
    Embed { title: title.to_owned(), description, url: Some(digest.url.clone()), colour: Some(RED), fields: Vec::new() }
}

/// The digest for the log.
pub(super) fn log_text(digest: &Digest, locale: Locale) -> String {
    let facts = facts(digest, locale, &|text| text.to_owned());
    let mut text: String = facts.iter().map(|line| format!("\n{line}")).collect();
    for job in &digest.jobs {
        text.push_str(&format!("\n  ✗ {}", label(job)));
        text.extend(job.url.as_ref().map(|url| format!(" {url}")));
        text.extend(job.lines.iter().map(|line| format!("\n    {line}")));
    }
    text.extend(more(digest.more_jobs, locale).map(|line| format!("\n  {line}")));
    text
}

/// The digest for the summary, in GitHub's markdown.
#[must_use]
pub fn summary<H: Host>(digest: &Digest, title: &str, locale: Locale, voice: &Voice<'_, H>) -> String {
    let mut text = format!("\n#### {title}\n\n");
    for line in facts(digest, locale, &|text| cell(&voice.redact(text))) {
        match line.strip_prefix("• ") {
            Some(item) => text.push_str(&format!("- {item}\n")),
            None => text.push_str(&format!("{line}\n\n")),
        }
    }
    for job in &digest.jobs {
        let label = cell(&voice.redact(&label(job)));
        let head = job.url.as_ref().map_or_else(|| label.clone(), |url| format!("[{label}]({url})"));
        text.push_str(&format!("\n❌ {head}\n"));
        if !job.lines.is_empty() {
            text.push_str(&format!("\n```\n{}\n```\n", fenced(&voice.cleaned(&job.lines.join("\n")))));
        }
    }
    text.extend(more(digest.more_jobs, locale).map(|line| format!("\n{line}\n")));
    text
}

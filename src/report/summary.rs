//! The job's summary of a run on one environment: what is live and whether that is good, when each phase
//! was, what was chosen and why, what failed. Within the runner's limit whatever happens.

use super::{Done, cell, fenced};
use crate::host::Host;
use crate::machine::known::Known;
use crate::machine::standing::Standing;
use crate::machine::{State, Step};
use crate::messages::ending::{Ending, Since, ending, sentence};
use crate::messages::{digest, summary_words};
use crate::session::{Phase, Session};

/// Bytes of a summary; with more than 1,048,576 the runner drops it whole.
pub const LIMIT: usize = 900_000;
/// Letters of an environment's name in the chart.
const LABEL: usize = 40;
/// A chart of less than this shows parts of seconds, milliseconds.
const SHORT_MS: u64 = 10_000;

/// The words of the summary in one language.
#[derive(Debug)]
pub struct Words {
    /// Before what is live, its colon included.
    pub live: &'static str,
    /// Live and validated; live and its CI awaited; live, and something says that it is bad; not certain; nothing known.
    pub standings: [&'static str; 5],
    /// A check finds the site ill.
    pub down: &'static str,
    /// Before the last validated SHA, likewise.
    pub validated: &'static str,
    /// Before the result, likewise.
    pub result: &'static str,
    /// Heads of the table of phases.
    pub phases: [&'static str; 3],
    /// What the phases are called.
    pub step: fn(Step) -> &'static str,
    /// The last row of that table.
    pub total: &'static str,
    /// Heads of the table of what was chosen.
    pub choices: [&'static str; 3],
    /// Before the reason of a failure.
    pub why: &'static str,
    /// Where something was cut.
    pub cut: &'static str,
    /// So many milliseconds.
    pub span: fn(u64) -> String,
}

/// The summary as Markdown.
pub fn summary<H: Host>(session: &Session<'_, H>, done: &Done, ms: u64) -> String {
    let words = summary_words(session.with.locale);
    let mut text = headline(session, done, words);
    text.push_str(&format!("\n{} `{}` ({})\n", words.result, done.word.text(), (words.span)(ms)));
    // The reason first: who opens a failed run looks for it.
    if let Some(failure) = done.failure.as_ref().map(|why| sentence(&ending(why, session.with.locale))) {
        text.push_str(&format!("\n**{}**\n\n```\n{}\n```\n", words.why, fenced(&session.voice.cleaned(&failure))));
    }
    if let Some(told) = session.digest.borrow().as_ref().filter(|told| !told.is_empty()) {
        let locale = session.with.locale;
        text.push_str(&digest::summary(told, digest::heading(locale), locale, session.voice));
    }
    if !session.done.is_empty() {
        text.push_str(&chart(&session.with.label, &session.done, words));
        text.push_str(&table(&session.done, words));
    }
    text.push_str(&choices(&session.choices.borrow(), words));
    fitted(session.voice.redact(&text), words.cut)
}

fn headline<H: Host>(session: &Session<'_, H>, done: &Done, words: &Words) -> String {
    let state = &session.ledger.state;
    let since = session.since.get();
    // What another run is doing is not known here: the ledger was read before it was waited for.
    let is_locked = done.failure.as_deref().is_some_and(Ending::is_locked_out);
    let standing = match standing(state, session.has_failed_since.get() == Some(true)) {
        _ if is_locked || since == Since::Unread => LiveStatus::Uncertain,
        standing => standing,
    };
    let is_down = since == Since::Ill;
    let mark = match standing {
        _ if done.failure.is_some() || is_down => "❌",
        standing => standing.mark(),
    };
    first_line(mark, &session.with.label, state, (standing, is_down), words)
}

/// What is live in an environment, whether that is good, and whether a check finds the site ill.
pub(crate) fn first_line(
    mark: &str,
    label: &str,
    state: &State,
    (standing, is_down): (LiveStatus, bool),
    words: &Words,
) -> String {
    let live = state.live.as_ref().map_or("-".to_owned(), |live| format!("`{}`", live.sha.short()));
    let validated = state.last_validated().map_or("-".to_owned(), |one| format!("`{}`", one.sha.short()));
    let standing = words.standings.get(standing as usize).copied().filter(|standing| !standing.is_empty());
    let seen: Vec<&str> = standing.into_iter().chain(is_down.then_some(words.down)).collect();
    let seen = if seen.is_empty() { String::new() } else { format!(" ({})", seen.join(", ")) };
    let label = cell(label);
    format!("### {mark} {label} - {} {live}{seen} · {} {validated}\n", words.live, words.validated)
}

/// Whether what is live is good, as far as anybody knows; in the order of [`Words::standings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LiveStatus {
    /// CI has said yes.
    Validated,
    /// CI has not spoken.
    Awaited,
    /// Something says that it is not.
    Bad,
    /// It may be something else that is live.
    Uncertain,
    /// Nothing is known to be live.
    Unknown,
}

impl LiveStatus {
    /// What stands first.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Bad => "❌",
            Self::Uncertain => "⚠️",
            Self::Validated | Self::Awaited | Self::Unknown => "✅",
        }
    }
}

/// What the ledger says of it, and whether CI has failed it since where it was promoted from.
pub(crate) fn standing(state: &State, has_failed_since: bool) -> LiveStatus {
    let Some(live) = &state.live else {
        return LiveStatus::Unknown;
    };
    if state.operation.as_ref().is_some_and(|operation| operation.touched()) || live.known_by.is_uncertain() {
        return LiveStatus::Uncertain;
    }
    match state.standing(&live.sha, has_failed_since) {
        _ if live.known_by == Known::Ill => LiveStatus::Bad,
        Standing::Failed => LiveStatus::Bad,
        Standing::Validated => LiveStatus::Validated,
        Standing::Unvalidated => LiveStatus::Awaited,
    }
}

/// When each phase was, as a Mermaid chart. Names in it are letters, digits, blanks, dashes, full stops and
/// commas, as a colon, a semicolon or a hash means something there.
#[must_use]
pub fn chart(label: &str, phases: &[Phase], words: &Words) -> String {
    let Some(first) = phases.iter().map(|phase| phase.began).min() else {
        return String::new();
    };
    let last = phases.iter().map(|phase| phase.began.since(first) + phase.ms).max().unwrap_or_default();
    // Minutes and seconds say nothing of what takes seconds.
    let axis = if last < SHORT_MS { "%S.%L" } else { "%M:%S" };
    let section = plain_name(label, LABEL);
    let mut text = format!("\n```mermaid\ngantt\n    dateFormat x\n    axisFormat {axis}\n    section {section}\n");
    for phase in phases {
        let from = phase.began.since(first);
        // A bar without a length is not drawn.
        let to = from + phase.ms.max(1);
        let name = plain_name(&format!("{} {}", (words.step)(phase.step), (words.span)(phase.ms)), LABEL + 20);
        let kind = if phase.failed { "crit, " } else { "" };
        text.push_str(&format!("    {name} :{kind}{from}, {to}\n"));
    }
    text.push_str("```\n");
    text
}

fn plain_name(text: &str, limit: usize) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || [' ', '-', '.', ','].contains(&letter);
    let name: String = text.chars().filter(|letter| kept(*letter)).take(limit).collect();
    let name = name.trim();
    if name.is_empty() { "-".to_owned() } else { name.to_owned() }
}

fn table(phases: &[Phase], words: &Words) -> String {
    let mut text = format!("\n| {} |\n| --- | ---: | ---: |\n", words.phases.join(" | "));
    for phase in phases {
        let mark = if phase.failed { "❌ " } else { "" };
        text.push_str(&format!(
            "| {mark}{} | {} | {} |\n",
            cell((words.step)(phase.step)),
            (words.span)(phase.ms),
            phase.processes
        ));
    }
    let (ms, processes) = phases.iter().fold((0, 0), |sum, one| (sum.0 + one.ms, sum.1 + one.processes));
    text.push_str(&format!("| **{}** | {} | {processes} |\n", words.total, (words.span)(ms)));
    text
}

fn choices(choices: &[(&'static str, String, String)], words: &Words) -> String {
    if choices.is_empty() {
        return String::new();
    }
    let mut text = format!("\n| {} |\n| --- | --- | --- |\n", words.choices.join(" | "));
    for (what, chosen, why) in choices {
        text.push_str(&format!("| `{what}` | {} | {} |\n", cell(chosen), cell(why)));
    }
    text
}

/// At most [`LIMIT`] bytes; a block that the cut leaves open is closed.
#[must_use]
pub fn fitted(mut text: String, cut: &str) -> String {
    if text.len() <= LIMIT {
        return text;
    }
    let mut end = LIMIT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    if !text.lines().filter(|line| line.starts_with("```")).count().is_multiple_of(2) {
        text.push_str("\n```\n");
    }
    text.push_str(&format!("\n{cut}\n"));
    text
}

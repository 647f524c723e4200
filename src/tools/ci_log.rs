//! What a failing step's log tells, out of a job's log: no timestamps, colours, progress bars,
//! markers or control characters.
//!
//! What is left is still foreign text: whoever shows it makes it harmless for that place.

use crate::tools::ci_error::{Line, first_errors};
use crate::tools::ci_job::Step;
use crate::tools::instant::leading_instant;
use crate::tools::letters::{shortened, unescaped};

/// Characters kept of a line.
const WIDTH: usize = 300;

struct LogLine {
    /// Seconds since 1970.
    at: Option<u64>,
    marker: Marker,
    text: String,
}

impl LogLine {
    fn said(&self) -> Line<'_> {
        Line { text: &self.text, is_marked: self.marker == Marker::Error }
    }

    /// Whether it says that a step failed.
    fn is_end(&self) -> bool {
        self.marker == Marker::Error && self.text.starts_with("Process completed")
    }

    /// Whether it is one of what the runner says a step runs with, behind the line that begins with `Run`.
    fn is_of_header(&self) -> bool {
        self.text.starts_with("shell: ") || self.text == "with:" || self.text == "env:"
    }
}

/// What the runner put at a line's beginning, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    None,
    Error,
    /// The runner's own words on what a step runs stood here: script, shell and environment.
    Begins,
}

/// What tells most of why `step` failed, in at most `lines` lines of at most 300 characters: those that tell of an
/// error, where any is recognised, else the last ones. Empty when the log holds nothing of the step.
#[must_use]
pub fn telling(log: &str, step: Option<&Step>, lines: usize) -> Vec<String> {
    let all = of_step(log, step);
    let found = first_errors(&all.iter().map(LogLine::said).collect::<Vec<_>>(), lines);
    if found.is_empty() { last(all, lines) } else { found }
}

/// The last `lines` lines; the first and the last are not blank.
fn last(mut all: Vec<LogLine>, lines: usize) -> Vec<String> {
    let end = all.iter().rposition(|line| !line.text.is_empty()).map_or(0, |at| at + 1);
    all.truncate(end);
    let kept = all.split_off(end.saturating_sub(lines));
    kept.into_iter().map(|line| line.text).skip_while(String::is_empty).collect()
}

/// The step's lines, by its times, up to the one that says that it failed; without times all those before the log's last
/// `##[error]Process completed`.
fn of_step(log: &str, step: Option<&Step>) -> Vec<LogLine> {
    let mut all = read(log);
    let stamped = all.iter().any(|line| line.at.is_some());
    let window = step.and_then(window).filter(|_| stamped);
    if let Some((from, to)) = window {
        all.retain(|line| line.at.is_some_and(|at| from <= at && at <= to));
    }
    let earlier = step.map_or(0, |step| step.earlier);
    if let Some(begin) = window.and_then(|(from, _)| beginning(&all, from, earlier)) {
        all.drain(..=begin);
        if let Some(end) = all.iter().position(LogLine::is_end) {
            all.truncate(end);
            return all;
        }
    }
    if let Some(end) = all.iter().rposition(LogLine::is_end) {
        all.truncate(end);
    } else if let Some(last) = all.iter().rposition(|line| line.marker == Marker::Error) {
        all.truncate(last + 1);
    }
    all
}

/// Where the step begins, of those that began in its first second, as its times are whole seconds: so many ran before it.
fn beginning(all: &[LogLine], from: u64, earlier: usize) -> Option<usize> {
    let begins = |(_, line): &(usize, &LogLine)| line.marker == Marker::Begins && line.at == Some(from);
    let places: Vec<usize> = all.iter().enumerate().filter(begins).map(|(place, _)| place).collect();
    places.get(earlier).or(places.last()).copied()
}

/// The step's first and last second.
fn window(step: &Step) -> Option<(u64, u64)> {
    Some((step.started_at?.0 / 1000, step.completed_at?.0 / 1000))
}

fn read(log: &str) -> Vec<LogLine> {
    let mut last = None;
    let mut lines: Vec<LogLine> = Vec::new();
    // Where the group that is open began, if that may be the runner's.
    let mut group = None;
    for raw in log.split('\n') {
        let raw = raw.trim_start_matches('\u{feff}');
        let (at, rest) = match leading_instant(raw) {
            Some((at, rest)) => (Some(at.0 / 1000), rest.strip_prefix(' ').unwrap_or(rest)),
            None => (last, raw),
        };
        last = at;
        let shown = rest.rsplit('\r').map(|text| unescaped(text).trim_end().to_owned()).find(|text| !text.is_empty());
        let (name, text) = unmarked(shown.as_deref().unwrap_or(""));
        match name {
            "group" => group = text.starts_with("Run ").then_some(lines.len()),
            "endgroup" => {
                without_header(&mut lines, group.take());
                continue;
            }
            _ => {}
        }
        let marker = if name == "error" { Marker::Error } else { Marker::None };
        lines.push(LogLine { at, marker, text: shortened(text, WIDTH) });
    }
    lines
}

/// Takes away what the runner says of a step before it runs: it is in the workflow, and holds the environment.
fn without_header(lines: &mut Vec<LogLine>, group: Option<usize>) {
    let Some(begin) = group else { return };
    let own = lines.get(begin..).unwrap_or_default();
    // A program may name a group of its own `Run`, too.
    if own.len() > 1 && !own.iter().any(LogLine::is_of_header) {
        return;
    }
    let at = own.first().and_then(|line| line.at);
    lines.truncate(begin);
    lines.push(LogLine { at, marker: Marker::Begins, text: String::new() });
}

/// The runner's marker at the start of a line, such as `error` of `##[error]`, and the rest.
fn unmarked(text: &str) -> (&str, &str) {
    let found = text.trim_start().strip_prefix("##[").and_then(|after| after.split_once(']'));
    match found {
        Some((name, rest)) if name.bytes().all(|byte| byte.is_ascii_lowercase()) => (name, rest),
        _ => ("", text),
    }
}

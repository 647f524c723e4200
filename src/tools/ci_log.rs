//! What a failing step's log tells, out of a job's log: no timestamps, colours, progress bars,
//! markers or control characters.
//!
//! What is left is still foreign text: whoever shows it makes it harmless for that place.

use crate::tools::ci_error::first_errors;
use crate::tools::ci_job::Step;
use crate::tools::instant::leading_instant;
use crate::tools::letters::{shortened, unescaped};

/// Characters kept of a line.
const WIDTH: usize = 300;

struct LogLine {
    /// Seconds since 1970.
    at: Option<u64>,
    error: bool,
    text: String,
}

impl AsRef<str> for LogLine {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// What tells most of why `step` failed, in at most `lines` lines of at most 300 characters: the first ones that tell of
/// an error, where any is recognised, else the last ones. Empty when the log holds nothing of the step.
#[must_use]
pub fn telling(log: &str, step: Option<&Step>, lines: usize) -> Vec<String> {
    let all = of_step(log, step);
    let found = first_errors(&all, lines);
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
    if let Some((from, to)) = step.and_then(window).filter(|_| stamped) {
        all.retain(|line| line.at.is_some_and(|at| from <= at && at <= to));
    }
    let ends = |line: &LogLine| line.error && line.text.starts_with("Process completed");
    if let Some(end) = all.iter().rposition(ends) {
        all.truncate(end);
    } else if let Some(last) = all.iter().rposition(|line| line.error) {
        all.truncate(last + 1);
    }
    all
}

/// The step's first and last second.
fn window(step: &Step) -> Option<(u64, u64)> {
    Some((step.started_at?.0 / 1000, step.completed_at?.0 / 1000))
}

fn read(log: &str) -> Vec<LogLine> {
    let mut last = None;
    let mut lines = Vec::new();
    for raw in log.split('\n') {
        let raw = raw.trim_start_matches('\u{feff}');
        let (at, rest) = match leading_instant(raw) {
            Some((at, rest)) => (Some(at.0 / 1000), rest.strip_prefix(' ').unwrap_or(rest)),
            None => (last, raw),
        };
        last = at;
        let shown = rest.rsplit('\r').map(|text| unescaped(text).trim_end().to_owned()).find(|text| !text.is_empty());
        let (marker, text) = unmarked(shown.as_deref().unwrap_or(""));
        if marker != "endgroup" {
            lines.push(LogLine { at, error: marker == "error", text: shortened(text, WIDTH) });
        }
    }
    lines
}

/// The runner's marker at the start of a line, such as `error` of `##[error]`, and the rest.
fn unmarked(text: &str) -> (&str, &str) {
    let found = text.trim_start().strip_prefix("##[").and_then(|after| after.split_once(']'));
    match found {
        Some((name, rest)) if name.bytes().all(|byte| byte.is_ascii_lowercase()) => (name, rest),
        _ => ("", text),
    }
}

//! What `doctor` shows: one screen in the job's log or on the terminal, the summary, and what failed
//! with its mends, in the order in which to mend it.

use std::collections::BTreeMap;

use super::Visit;
use crate::host::{Host, Publication};
use crate::messages::colon;
use crate::messages::doctor as words;
use crate::messages::finding::{Finding, FindingLine, Level};
use crate::modes::status;
use crate::paint::{Paint, Tint};
use crate::report::cell;
use crate::voice::Voice;

/// Shows the findings, sorted by place.
pub(super) async fn show<H: Host>(
    visit: &Visit<'_, H>,
    voice: &Voice<'_, H>,
    findings: &[Finding],
    ms: u64,
    stopped: bool,
) -> Publication {
    let locale = visit.config.manner.locale;
    let lines: Vec<(&Finding, FindingLine)> =
        findings.iter().map(|one| (one, told(words::line(locale, &one.seen), voice))).collect();
    let count = |level| findings.iter().filter(|one| one.level == level).count();
    let fails = count(Level::Fail);
    let sum = words::sum(locale, [fails, count(Level::Warn), count(Level::Ok), count(Level::Skipped)], ms);
    let mut text = screen(visit, &lines);
    text.push_str(&format!("\n{sum}\n"));
    if fails == 0 && !stopped {
        text.push_str(&format!("{}\n", words::verdict(locale, fails)));
    }
    let failure = match (stopped, fails) {
        (true, _) => Some(words::stopped(locale).to_owned()),
        (false, 0) => None,
        (false, _) => Some(failure(visit, &lines)),
    };
    let terminal = if visit.in_job() { String::new() } else { text.clone() };
    if visit.in_job() {
        voice.say(&text).await;
    }
    let word = match (stopped, fails) {
        (true, _) => "cancelled",
        (false, 0) => "ok",
        (false, _) => "failed",
    };
    let views = visit.subjects.iter().map(|subject| &subject.view);
    let outputs = BTreeMap::from([
        ("result".to_owned(), word.to_owned()),
        ("duration-ms".to_owned(), ms.to_string()),
        ("state".to_owned(), status::json(views)),
    ]);
    let summary = summary(visit, &lines, &sum);
    let exit = i32::from(failure.is_some());
    Publication { outputs, summary, terminal, failure, exit }
}

/// Outside words are made harmless here, once for every place that they go to.
fn told<H: Host>(line: FindingLine, voice: &Voice<'_, H>) -> FindingLine {
    let safe = |text: String| voice.cleaned(&text).replace('\n', " ");
    FindingLine { check: line.check, seen: safe(line.seen), mend: safe(line.mend) }
}

fn screen<H>(visit: &Visit<'_, H>, lines: &[(&Finding, FindingLine)]) -> String {
    let locale = visit.config.manner.locale;
    let paint = Paint { is_coloured: visit.config.manner.is_coloured };
    let mut text = String::new();
    let mut place = None;
    for (finding, line) in lines {
        if place != Some(&finding.place) {
            let gap = if place.is_some() { "\n" } else { "" };
            let name = paint.text(Tint::Strong, &words::place(locale, &finding.place));
            text.push_str(&format!("{gap}{name}\n"));
            place = Some(&finding.place);
        }
        let level = words::level(locale, finding.level);
        let level = paint.text(tint(finding.level), &format!("{level:<6}"));
        text.push_str(&format!("  {level} {:<15} {}\n", line.check, line.seen));
        if let Some(mend) = mend(finding, line) {
            text.push_str(&format!("  {:<6} {:<15} → {mend}\n", "", ""));
        }
    }
    text
}

fn tint(level: Level) -> Tint {
    match level {
        Level::Ok => Tint::Good,
        Level::Skipped => Tint::Quiet,
        Level::Warn => Tint::Warn,
        Level::Fail => Tint::Bad,
    }
}

/// A mend is told where there is something to mend.
fn mend<'a>(finding: &Finding, line: &'a FindingLine) -> Option<&'a str> {
    let bad = matches!(finding.level, Level::Warn | Level::Fail);
    Some(line.mend.as_str()).filter(|mend| bad && !mend.is_empty())
}

fn failure<H>(visit: &Visit<'_, H>, lines: &[(&Finding, FindingLine)]) -> String {
    let locale = visit.config.manner.locale;
    let failed: Vec<_> = lines.iter().filter(|(finding, _)| finding.level == Level::Fail).collect();
    let mut text = words::verdict(locale, failed.len()).to_owned();
    for (number, (finding, line)) in failed.into_iter().enumerate() {
        let place = words::place(locale, &finding.place);
        text.push_str(&format!("\n{:>2}. {place}, {}{}{}", number + 1, line.check, colon(locale), line.seen));
        if let Some(mend) = mend(finding, line) {
            text.push_str(&format!("\n    → {mend}"));
        }
    }
    text
}

fn summary<H>(visit: &Visit<'_, H>, lines: &[(&Finding, FindingLine)], sum: &str) -> String {
    let locale = visit.config.manner.locale;
    let worst = lines.iter().map(|(finding, _)| finding.level).max();
    let mark = |level| match level {
        Level::Ok => "✅",
        Level::Skipped => "➖",
        Level::Warn => "⚠️",
        Level::Fail => "❌",
    };
    let head = if worst == Some(Level::Fail) { "❌" } else { "✅" };
    let mut text = format!("### {head} {}\n", cell(sum));
    let mut place = None;
    for (finding, line) in lines {
        if place != Some(&finding.place) {
            let [level, check, seen, mend] = words::heads(locale);
            let name = cell(&words::place(locale, &finding.place));
            text.push_str(&format!("\n**{name}**\n\n|{level}|{check}|{seen}|{mend}|\n|-|-|-|-|\n"));
            place = Some(&finding.place);
        }
        let mend = mend(finding, line).map_or(String::new(), cell);
        text.push_str(&format!("|{}|{}|{}|{mend}|\n", mark(finding.level), line.check, cell(&line.seen)));
    }
    text
}

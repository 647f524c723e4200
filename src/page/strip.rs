//! Seven days by hour, as a row of small drawings, one a day. What an hour was shows in its form as well as
//! in its colour: a full cell, a half one, a cross, a dot.

use super::Hand;
use super::html::{Html, element};
use super::week::{DAYS, Hour, Week};
use crate::time::Millis;
use crate::tools::health_log::DAY_MS;

/// A cell's width and height in units of the drawing.
const CELL: usize = 10;
const HEIGHT: usize = 28;

/// One target's week.
pub(super) fn strip(week: &Week, hand: &Hand<'_>) -> Html {
    let days: Html = (0..DAYS).map(|day| one(week, day, hand)).collect();
    let told = |tenths: usize| {
        let share = hand.words.tenths(u64::try_from(tenths).unwrap_or(0));
        element("p").class("quiet").text(&(hand.words.uptime)(&share, week.checks)).done()
    };
    let all = share(week).map(told).unwrap_or_default();
    all.and(&element("div").class("days").with(&days).done())
}

/// How many checks found it up, in tenths of a percent; all of them only where none failed.
fn share(week: &Week) -> Option<usize> {
    let rounded = (week.up * 1000 + week.checks / 2).checked_div(week.checks)?;
    Some(if week.up < week.checks { rounded.min(999) } else { rounded })
}

fn one(week: &Week, day: usize, hand: &Hand<'_>) -> Html {
    let begin = Millis(week.begin.0 + day as u64 * DAY_MS);
    let name = hand.words.weekday(begin);
    let hours: Vec<Hour> = week.hours.iter().skip(day * 24).take(24).copied().collect();
    let count = |wanted: Hour| hours.iter().filter(|hour| **hour == wanted).count();
    let counts = [Hour::Unchecked, Hour::Up, Hour::Slow, Hour::Down].map(count);
    let told = (hand.words.day_told)(&name, counts);
    let frame = format!("0 0 {} {HEIGHT}", 24 * CELL);
    let drawing = element("svg")
        .attribute("viewBox", &frame)
        .attribute("preserveAspectRatio", "none")
        .attribute("role", "img")
        .attribute("aria-label", &told)
        .with(&cells(&hours))
        .done();
    element("div").class("day").with(&element("span").class("quiet").text(&name).done()).with(&drawing).done()
}

/// The cells, one path for each kind.
fn cells(hours: &[Hour]) -> Html {
    let kinds = [(Hour::Unchecked, "unchecked"), (Hour::Up, "up"), (Hour::Slow, "slow"), (Hour::Down, "down")];
    let paths = kinds.into_iter().filter_map(|(kind, class)| {
        let own = hours.iter().enumerate().filter(|(_, hour)| **hour == kind);
        let path: String = own.map(|(at, _)| cell(kind, at * CELL)).collect();
        (!path.is_empty()).then(|| element("path").class(class).attribute("d", &path).alone())
    });
    paths.collect()
}

fn cell(kind: Hour, x: usize) -> String {
    match kind {
        Hour::Unchecked => format!("M{} 13h4v2h-4z", x + 3),
        Hour::Up => format!("M{} 2h8v24h-8z", x + 1),
        Hour::Slow => format!("M{} 14h8v12h-8z", x + 1),
        Hour::Down => format!("M{} 2l9 24M{} 2l-9 24", x + 1, x + 10),
    }
}

/// What the cells mean.
pub(super) fn legend(hand: &Hand<'_>) -> Html {
    let kinds = [Hour::Up, Hour::Slow, Hour::Down, Hour::Unchecked];
    let words = hand.words.hours;
    let items: Html = kinds
        .into_iter()
        .map(|kind| {
            let drawing = element("svg").attribute("viewBox", "0 0 11 28").attribute("aria-hidden", "true");
            let word = words.get(kind as usize).copied().unwrap_or_default();
            element("li").with(&drawing.with(&cells(&[kind])).done()).text(word).done()
        })
        .collect();
    let note = element("p").class("quiet").text(hand.words.hours_note).done();
    element("ul").class("legend").with(&items).done().and(&note)
}

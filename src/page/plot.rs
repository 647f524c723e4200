//! How long a target took to answer, hour by hour: a line with gaps where nobody looked or nothing answered.
//! Only the line is drawn; what is written stands beside it as text, so that it keeps its size.

use super::Hand;
use super::html::{Html, element, text};
use super::week::{DAYS, Week};
use crate::messages::colon;

const HOURS: usize = DAYS * 24;
const HEIGHT: u64 = 100;

/// One target's answer times; nothing where none is known.
pub(super) fn plot(week: &Week, hand: &Hand<'_>) -> Html {
    let words = hand.words;
    let (Some(usual), Some(slowest)) = (week.usual_ms, week.slowest_ms) else {
        return Html::default();
    };
    let highest = week.times.iter().flatten().copied().max().unwrap_or(1);
    let top = nice(highest);
    let summed = (words.times)(&words.span(usual), &words.span(slowest));
    let told = format!("{}{}{summed}", words.heads[1], colon(words.locale));
    let grid = element("path").class("grid").attribute("d", &grid()).alone();
    let line = element("path").class("line").attribute("d", &line(&week.times, top)).alone();
    let drawing = element("svg")
        .attribute("viewBox", &format!("0 0 {HOURS} {HEIGHT}"))
        .attribute("preserveAspectRatio", "none")
        .attribute("role", "img")
        .attribute("aria-label", &told)
        .with(&grid)
        .with(&line)
        .done();
    let scale = element("div")
        .class("scale")
        .attribute("aria-hidden", "true")
        .with(&element("span").text(&words.span(top)).done())
        .with(&element("span").text("0").done())
        .done();
    let caption = element("figcaption").class("quiet").with(&text(&told)).done();
    element("figure").class("plot").with(&caption).with(&scale).with(&drawing).done()
}

/// The next number of the form 1, 2 or 5 times ten to a power.
fn nice(highest: u64) -> u64 {
    let mut step = 10;
    loop {
        for factor in [1, 2, 5] {
            if factor * step >= highest {
                return factor * step;
            }
        }
        if step > u64::MAX / 100 {
            return highest;
        }
        step *= 10;
    }
}

/// A line for each day's beginning, one at half the height, and the frame's foot and head.
fn grid() -> String {
    let days: String = (1..DAYS).map(|day| format!("M{} 0v{HEIGHT}", day * 24)).collect();
    format!("M0 0h{HOURS}M0 {}h{HOURS}M0 {HEIGHT}h{HOURS}{days}", HEIGHT / 2)
}

/// The line: each hour's median in its middle; an hour alone is a short stroke.
fn line(times: &[Option<u64>], top: u64) -> String {
    let mut path = String::new();
    let mut is_on = false;
    for (hour, time) in times.iter().enumerate() {
        let Some(ms) = time else {
            is_on = false;
            continue;
        };
        let y = HEIGHT - (ms * HEIGHT / top.max(1)).min(HEIGHT);
        if is_on {
            path.push_str(&format!("L{hour}.5 {y}"));
        } else {
            path.push_str(&format!("M{hour} {y}h.5"));
        }
        is_on = true;
    }
    path
}

//! The stays as a band over time: how long each version was live, what was wrong with it, and marks where
//! something was deployed or went back. Only forms are drawn, placed in percent, so that the drawing fits
//! any width; the same stands in words in the table below it.

use super::Hand;
use super::figures::SPAN_MS;
use super::html::{Html, element, text};
use super::past::{Past, Stay};
use crate::time::Millis;
use crate::tools::health_log::DAY_MS;

/// So many stays are shown at most: more cannot be told apart.
const STAYS: usize = 120;
/// Fewer days than this look as if more had happened.
const LEAST_MS: u64 = DAY_MS;

/// Patterns that tell a band's kinds apart without colour; once a page.
pub(super) fn patterns() -> Html {
    let pattern = |id: &str, class: &'static str, path: &str| {
        element("pattern")
            .attribute("id", id)
            .attribute("width", "6")
            .attribute("height", "6")
            .attribute("patternUnits", "userSpaceOnUse")
            .with(&element("rect").class(class).attribute("width", "6").attribute("height", "6").alone())
            .with(&element("path").class("ink").attribute("d", path).alone())
            .done()
    };
    let open = pattern("open", "ground open", "M1 1h2v2h-2zM4 4h2v2h-2z");
    let failed = pattern("failed", "ground failed", "M-1 7 7-1M-1 1 1-1M5 7 7 5");
    element("defs").with(&open).with(&failed).done()
}

/// The band with its axis and its legend.
pub(super) fn timeline(past: &Past, hand: &Hand<'_>) -> Html {
    let stays = shown(past, hand.now);
    let Some(first) = stays.first() else {
        return Html::default();
    };
    let longest = Millis(hand.now.0.saturating_sub(SPAN_MS));
    let latest = Millis(hand.now.0.saturating_sub(LEAST_MS));
    let since = first.from.max(longest);
    let begin = since.min(latest);
    let axis = Axis { begin, end: hand.now };
    // What failed is drawn last: it is short, and not to be hidden.
    let (failed, well): (Vec<&Stay>, Vec<&Stay>) = stays.iter().partition(|stay| stay.fault.is_some());
    let bands: Html = well.iter().chain(&failed).map(|stay| band(stay, &axis)).collect();
    let marks: Html = stays.iter().filter(|stay| stay.from >= begin).map(|stay| mark(stay, &axis)).collect();
    let told = (hand.words.timeline_told)(&hand.words.date(since), stays.len(), failed.len());
    let drawing = element("svg")
        .class("timeline")
        .attribute("role", "img")
        .attribute("aria-label", &told)
        .with(&ticks(&axis))
        .with(&bands)
        .with(&marks)
        .done();
    let caption = element("figcaption").class("quiet").text(&told).done();
    let figure = element("figure").with(&caption).with(&drawing).with(&dates(&axis, hand)).done();
    figure.and(&legend(hand))
}

/// The newest stays, as far as they are in the span.
fn shown(past: &Past, now: Millis) -> Vec<&Stay> {
    let longest = Millis(now.0.saturating_sub(SPAN_MS));
    let mut newest: Vec<&Stay> =
        past.stays.iter().rev().take_while(|stay| stay.to.is_none_or(|to| to > longest)).take(STAYS).collect();
    newest.reverse();
    newest
}

/// From points in time to hundredths of a percent of the width.
struct Axis {
    begin: Millis,
    end: Millis,
}

impl Axis {
    fn place(&self, at: Millis) -> u64 {
        at.clamp(self.begin, self.end).since(self.begin).saturating_mul(10_000) / self.end.since(self.begin).max(1)
    }

    /// The first midnights of days, at most eight, evenly.
    fn days(&self) -> Vec<Millis> {
        let first = self.begin.0.div_ceil(DAY_MS);
        let count = (self.end.0 / DAY_MS + 1).saturating_sub(first).max(1);
        let step = count.div_ceil(7).max(1);
        (0..count).step_by(usize::try_from(step).unwrap_or(1)).map(|day| Millis((first + day) * DAY_MS)).collect()
    }
}

fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

fn band(stay: &Stay, axis: &Axis) -> Html {
    let from = axis.place(stay.from);
    // What was live only for moments is to be seen all the same.
    let width = axis.place(stay.to.unwrap_or(axis.end)).saturating_sub(from).max(40);
    let class = match (stay.fault, stay.validated) {
        (Some(_), _) => "band failed",
        (None, Some(_)) => "band validated",
        (None, None) => "band open",
    };
    let rect = |class: &'static str, y: &str, height: &str| {
        element("rect")
            .class(class)
            .attribute("x", &percent(from))
            .attribute("y", y)
            .attribute("width", &percent(width))
            .attribute("height", height)
            .alone()
    };
    let exposed = if stay.fault.is_some() { rect("exposure", "61", "5") } else { Html::default() };
    rect(class, "31", "26").and(&exposed)
}

/// A dot where something was deployed, a triangle to the left where it went back.
fn mark(stay: &Stay, axis: &Axis) -> Html {
    let (class, y, path) = match stay.way {
        way if way.is_change() => ("deployed", "8", DEPLOYED),
        way if way.is_back() => ("back", "21", BACK),
        _ => return Html::default(),
    };
    let path = element("path").class(class).attribute("d", path).alone();
    element("svg").attribute("x", &percent(axis.place(stay.from))).attribute("y", y).with(&path).done()
}

const DEPLOYED: &str = "M0-5A5 5 0 0 1 0 5 5 5 0 0 1 0-5z";
const BACK: &str = "M5-6v12L-6 0z";

fn ticks(axis: &Axis) -> Html {
    let tick = |day: &Millis| {
        let x = percent(axis.place(*day));
        element("line")
            .class("grid")
            .attribute("x1", &x)
            .attribute("x2", &x)
            .attribute("y1", "0")
            .attribute("y2", "70")
            .alone()
    };
    axis.days().iter().filter(|day| **day < axis.end).map(tick).collect()
}

/// The days' names under the band.
fn dates(axis: &Axis, hand: &Hand<'_>) -> Html {
    let name = |day: &Millis| {
        let label = text(&hand.words.date(*day));
        let label = element("text").attribute("x", "3").attribute("y", "12").with(&label).done();
        element("svg").attribute("x", &percent(axis.place(*day))).with(&label).done()
    };
    // One that would begin at the very end would be cut off.
    let days: Html = axis.days().iter().filter(|day| axis.place(**day) < 9_300).map(name).collect();
    element("svg").class("dates").attribute("aria-hidden", "true").with(&days).done()
}

fn legend(hand: &Hand<'_>) -> Html {
    let [validated, open, failed, deployed, back, exposure] = hand.words.marks;
    let rect = |class: &'static str| {
        element("rect").class(class).attribute("width", "16").attribute("height", "12").attribute("y", "2").alone()
    };
    let thin =
        element("rect").class("exposure").attribute("width", "16").attribute("height", "5").attribute("y", "6").alone();
    let placed = |class: &'static str, path: &str| {
        let path = element("path").class(class).attribute("d", path).alone();
        element("svg").attribute("x", "8").attribute("y", "8").with(&path).done()
    };
    let all = [
        (rect("band validated"), validated),
        (rect("band open"), open),
        (rect("band failed"), failed),
        (placed("deployed", DEPLOYED), deployed),
        (placed("back", BACK), back),
        (thin, exposure),
    ];
    let items: Html = all
        .into_iter()
        .map(|(drawing, word)| {
            let svg = element("svg").attribute("viewBox", "0 0 16 16").attribute("aria-hidden", "true");
            element("li").with(&svg.with(&drawing).done()).text(word).done()
        })
        .collect();
    element("ul").class("legend").with(&items).done()
}

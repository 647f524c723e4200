//! Deployments and figures as tables: what the drawings show, in words.

use super::Hand;
use super::figures::{Figures, SPAN_MS, exposure, figures as of};
use super::html::{Html, element, text};
use super::overview::version;
use super::past::{DefectKind, Past, Stay, Way};
use crate::time::Millis;
use crate::tools::letters::shortened;

/// Rows of the table of deployments that are there at once.
const ROWS: usize = 10;
/// And those that unfold.
const OLDER: usize = 40;

/// The newest stays, the newest first.
pub(super) fn deployments(past: &Past, hand: &Hand<'_>) -> Html {
    let heads: Html = hand.words.table.iter().map(|head| head_cell("col", head)).collect();
    let rows = |from, most| past.stays.iter().rev().skip(from).take(most).map(|stay| row(stay, hand)).collect();
    let all = past.stays.len();
    let caption = (hand.words.shown)(all.min(ROWS), all);
    let newest = table("deployments", &caption, &heads, &rows(0, ROWS));
    let folded = all.saturating_sub(ROWS).min(OLDER);
    if folded == 0 {
        return newest;
    }
    let summary = element("summary").text(&(hand.words.older)(folded, all - ROWS)).done();
    let older = table("deployments", "", &heads, &rows(ROWS, OLDER));
    newest.and(&element("details").with(&summary).with(&older).done())
}

fn table(class: &'static str, caption: &str, heads: &Html, rows: &Html) -> Html {
    let caption = element("caption").class("quiet").text(caption).done();
    let head = element("thead").with(&element("tr").with(heads).done()).done();
    let body = element("tbody").with(rows).done();
    element("table").class(class).with(&caption).with(&head).with(&body).done()
}

fn head_cell(scope: &str, words: &str) -> Html {
    element("th").attribute("scope", scope).text(words).done()
}

/// A cell that says on a narrow screen which column it belongs to.
fn cell(head: &str, inside: &Html) -> Html {
    element("td").attribute("data-head", head).with(inside).done()
}

fn row(stay: &Stay, hand: &Hand<'_>) -> Html {
    let words = hand.words;
    let [when, what, how, result, span] = words.table;
    let mut about = version(&stay.sha, hand);
    if let Some(commit) = &stay.commit {
        let subject = shortened(&commit.subject, 100);
        let author = shortened(&commit.author, 40);
        about = about
            .and(&text(" "))
            .and(&element("span").class("subject").text(&subject).done())
            .and(&element("span").class("quiet").text(&format!(" {author}")).done());
    }
    let length = words.span(exposure(stay, hand.now));
    let length = if stay.to.is_none() { format!("{length}, {}", words.still) } else { length };
    element("tr")
        .with(&cell(when, &text(&words.moment(stay.from))))
        .with(&cell(what, &about))
        .with(&cell(how, &text(way(stay.way, hand))))
        .with(&cell(result, &ending(stay, hand)))
        .with(&cell(span, &text(&length)))
        .done()
}

fn way(way: Way, hand: &Hand<'_>) -> &'static str {
    let [before, found, again, deployed, promoted, back, by_hand] = hand.words.ways;
    match way {
        Way::Before => before,
        Way::Found => found,
        Way::Again => again,
        Way::Deployed => deployed,
        Way::Promoted => promoted,
        Way::RolledBack => back,
        Way::RolledBackByHand => by_hand,
    }
}

fn ending(stay: &Stay, hand: &Hand<'_>) -> Html {
    let [validated, awaited, replaced] = hand.words.results;
    let [ci, unhealthy, by_hand] = hand.words.faults;
    let (mark, class, word) = match (stay.fault, stay.validated) {
        (Some(fault), _) => {
            let word = match fault.kind {
                DefectKind::Ci => ci,
                DefectKind::Unhealthy => unhealthy,
                DefectKind::ByHand => by_hand,
            };
            ("✗ ", "word bad", word)
        }
        (None, Some(_)) => ("✓ ", "word good", validated),
        (None, None) if stay.to.is_none() => ("… ", "word", awaited),
        (None, None) => ("– ", "word", replaced),
    };
    element("span").class(class).text(mark).text(word).done()
}

/// The figures of the last four weeks beside those of the four before, with their definitions.
pub(super) fn figures(past: &Past, hand: &Hand<'_>) -> Html {
    let ends = [hand.now, Millis(hand.now.0.saturating_sub(SPAN_MS))];
    let [lately, before] = ends.map(|end| of(past, end, hand.now).map(|found| told(&found, hand)));
    let heads: Html = hand.words.figure_heads.iter().map(|head| head_cell("col", head)).collect();
    let [_, now_head, then_head, definition_head] = hand.words.figure_heads;
    let value = |of: &Option<[String; 5]>, at: usize| {
        of.as_ref().and_then(|all| all.get(at).cloned()).unwrap_or_else(|| "–".to_owned())
    };
    let names = hand.words.figures.iter().zip(hand.words.definitions).enumerate();
    let rows: Html = names
        .map(|(at, (name, definition))| {
            let strong = element("strong").text(&value(&lately, at)).done();
            element("tr")
                .with(&head_cell("row", name))
                .with(&cell(now_head, &strong))
                .with(&cell(then_head, &text(&value(&before, at))))
                .with(&cell(definition_head, &element("span").class("quiet").text(definition).done()))
                .done()
        })
        .collect();
    table("figures", "", &heads, &rows)
}

fn told(found: &Figures, hand: &Hand<'_>) -> [String; 5] {
    let words = hand.words;
    let span = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), |ms| words.span(ms));
    let rate = match found.changes {
        0 => "–".to_owned(),
        all => format!("{} / {all} ({} %)", found.failed, (found.failed * 100 + all / 2) / all),
    };
    let exposure = if found.exposure_ms == 0 { "0".to_owned() } else { words.span(found.exposure_ms) };
    [words.tenths(found.weekly_tenths), span(found.lead_ms), rate, span(found.restore_ms), exposure]
}

//! The status page: from what is so (state, past, health) to one HTML file, without a script and without
//! anything from elsewhere. This file frames the page and its sections; what is so is found by
//! `modes::status`, every word stands in `messages::page`.

pub mod figures;
pub mod html;
mod overview;
pub mod past;
mod plot;
mod strip;
mod tables;
mod timeline;
pub mod verdict;
pub mod week;

use std::borrow::Cow;

use html::{Html, element, style};

use crate::environment::Locale;
use crate::machine::State;
use crate::messages::page::Words;
use crate::sha::Sha;
use crate::time::Millis;
use past::{Defect, DefectKind, Past};
use week::Target;

/// The style sheet.
const SHEET: &str = include_str!("page.css");
/// Its SHA-256, as the page's policy names it; a test compares.
pub const SHEET_HASH: &str = "sha256-UwMzVivlEBZlgLkvR02SPLQuA5jZsNwJ8MWAMyZTE50=";
/// Targets drawn of an environment; those that are down come first.
const TARGETS: usize = 12;

/// Everything that the page is about.
#[derive(Debug, Clone)]
pub struct Page {
    /// When it was made.
    pub made: Millis,
    /// Its language.
    pub locale: Locale,
    /// The page of the repository, where it is known: commits are linked then.
    pub repository_url: Option<String>,
    /// In the order of the configuration file.
    pub environments: Vec<Shown>,
}

/// One environment.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Its key.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// Where people find it.
    pub url: Option<String>,
    /// What is so.
    pub state: State,
    /// What was.
    pub past: Past,
    /// Its sites.
    pub targets: Vec<Target>,
    /// Who holds its lock.
    pub lock: Option<String>,
    /// Where the work tree stands, when that is not what the ledger says is live.
    pub moved: Option<Sha>,
    /// CI has failed what is live since, where it was promoted from.
    pub has_failed_since: bool,
    /// What could not be read, or not be finished.
    pub problem: Option<String>,
    /// Unreadable lines of its ledger.
    pub set_aside: u64,
}

/// What every part of the page needs to know.
struct Hand<'a> {
    words: &'static Words,
    now: Millis,
    repository_url: Option<&'a str>,
}

/// The page.
#[must_use]
pub fn html(page: &Page) -> String {
    let words = Words::of(page.locale);
    let hand = Hand { words, now: page.made, repository_url: page.repository_url.as_deref() };
    let body = element("body").with(&header(&hand)).with(&main(page, &hand)).done();
    let page = element("html").attribute("lang", lang(page.locale)).with(&head(words)).with(&body).done();
    format!("<!doctype html>\n{}\n", page.as_str())
}

/// The language's name in HTML.
fn lang(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => "fr",
        Locale::En => "en",
    }
}

fn head(words: &Words) -> Html {
    let meta = |name, content: &str| element("meta").attribute("name", name).attribute("content", content).alone();
    let policy = format!("default-src 'none'; style-src '{SHEET_HASH}'; base-uri 'none'; form-action 'none'");
    element("head")
        .with(&element("meta").attribute("charset", "utf-8").alone())
        .with(&element("meta").attribute("http-equiv", "Content-Security-Policy").attribute("content", &policy).alone())
        .with(&meta("viewport", "width=device-width, initial-scale=1"))
        .with(&meta("referrer", "no-referrer"))
        .with(&meta("color-scheme", "light dark"))
        .with(&meta("robots", "noindex"))
        .with(&element("title").text(words.title).done())
        .with(&style(SHEET))
        .done()
}

fn header(hand: &Hand<'_>) -> Html {
    let made = format!("{} {} UTC", hand.words.made, hand.words.moment(hand.now));
    element("header")
        .with(&element("h1").text(hand.words.title).done())
        .with(&element("p").class("quiet").text(&made).done())
        .done()
}

fn main(page: &Page, hand: &Hand<'_>) -> Html {
    if page.environments.is_empty() {
        return element("main").with(&element("p").text(hand.words.nothing).done()).done();
    }
    let cards: Html = page.environments.iter().map(|shown| overview::card(shown, hand)).collect();
    let sections: Html = page.environments.iter().map(|shown| section(shown, hand)).collect();
    let marks = element("svg").class("marks").attribute("aria-hidden", "true").with(&timeline::patterns()).done();
    element("main").with(&marks).with(&element("ul").class("cards").with(&cards).done()).with(&sections).done()
}

fn section(shown: &Shown, hand: &Hand<'_>) -> Html {
    let id = format!("env-{}", shown.name);
    let mut section = element("section")
        .attribute("aria-labelledby", &id)
        .with(&element("h2").attribute("id", &id).text(&shown.label).done())
        .with(&overview::facts(shown, hand));
    if !shown.targets.is_empty() {
        section = section.with(&heading(hand.words.heads[0])).with(&targets(shown, hand));
    }
    if !shown.past.stays.is_empty() {
        let past = drawn(shown, hand.now);
        section = section
            .with(&heading(hand.words.heads[2]))
            .with(&timeline::timeline(&past, hand))
            .with(&tables::deployments(&past, hand))
            .with(&heading(hand.words.heads[3]))
            .with(&tables::figures(&shown.past, hand));
    }
    section.done()
}

/// The past as it is drawn. That CI has failed what is live stands in the ledger of the environment that it was promoted
/// from, and so in no figure of this one.
fn drawn(shown: &Shown, now: Millis) -> Cow<'_, Past> {
    let mut past = Cow::Borrowed(&shown.past);
    if shown.has_failed_since
        && let Some(live) = past.to_mut().stays.last_mut()
    {
        live.fault.get_or_insert(Defect { kind: DefectKind::Ci, known: now });
    }
    past
}

fn heading(text: &str) -> Html {
    element("h3").text(text).done()
}

fn targets(shown: &Shown, hand: &Hand<'_>) -> Html {
    let mut all: Vec<&Target> = shown.targets.iter().collect();
    all.sort_by_key(|target| verdict::ill(target, &shown.state) != Some(verdict::Ill::Now));
    let rest = all.len().saturating_sub(TARGETS);
    let drawn: Html = all
        .iter()
        .take(TARGETS)
        .map(|target| {
            element("div")
                .class("target")
                .with(&element("h4").with(&html::link(&target.url, &target.url)).done())
                .with(&strip::strip(&target.week, hand))
                .with(&plot::plot(&target.week, hand))
                .done()
        })
        .collect();
    let more = if rest > 0 { element("p").text(&(hand.words.more)(rest)).done() } else { Html::default() };
    drawn.and(&strip::legend(hand)).and(&more)
}

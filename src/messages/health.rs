//! What people are told of health checks, as data, and its frame for Discord, log and summary. The
//! sentences stand in `fr` and `en`; when something is told is for `tools::health_news`.

use super::card::{AMBER, GREEN, RED, in_frame};
use super::reason::failure;
use super::site::{Symptom, symptom};
use super::{colon, en, fr};
use crate::environment::{Environment, Locale, Style};
use crate::failure::Failure;
use crate::host::Host;
use crate::report::cell;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::discord::{Mention, Message};
use crate::tools::health_log::{CheckRecord, TargetStatus};
use crate::tools::health_news::Missed;
use crate::tools::http::origin;
use crate::tools::markdown;
use crate::voice::Voice;

/// Targets told in one message; the rest is counted.
const TARGETS: usize = 10;

/// What is told of an environment's targets: one kind, one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertKind {
    /// They do not answer as they should.
    Down,
    /// They answer as another version than the live one.
    Stale,
    /// They go up and down.
    Flapping,
    /// They are well again.
    Recovered,
    /// They answer as the live version again.
    Fresh,
    /// They have flapped, and are well.
    Steady,
    /// Their certificates end soon.
    Certificate,
}

/// One target of an alert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertTarget {
    /// As in the settings.
    pub url: String,
    /// What was seen; none when it is well.
    pub why: Option<Symptom>,
    /// Not well for so many milliseconds, when it is not only since now.
    pub down_ms: Option<u64>,
    /// How often it changed within a day.
    pub changes: usize,
    /// When its certificate ends, and in how many days.
    pub certificate: Option<(Millis, u64)>,
}

/// Something to tell of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The environment's name in messages.
    pub label: String,
    /// What.
    pub kind: AlertKind,
    /// Of which targets.
    pub targets: Vec<AlertTarget>,
    /// What is live there.
    pub live: Option<Sha>,
    /// What to run on the machine, in order.
    pub commands: Vec<String>,
    /// The page of the run that checked.
    pub run_url: Option<String>,
}

/// Something to tell of the checking itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watchfulness {
    /// Nothing could be reached from here.
    Blind {
        /// A target that could not be reached.
        url: String,
        /// What was seen of it.
        why: Symptom,
        /// When the last check was.
        last: Option<Millis>,
    },
    /// Something can be reached again, which people wait to hear; for how long nothing could, milliseconds.
    Sighted(u64),
    /// Checks were missed.
    Missed(Missed),
}

/// One target in the summary's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The environment's name in messages.
    pub label: String,
    /// As in the settings.
    pub url: String,
    /// What it was found to be; none: it has no URL.
    pub standing: Option<TargetStatus>,
    /// Time of its answer, milliseconds.
    pub ms: Option<u64>,
    /// The median of the day before, milliseconds.
    pub usual_ms: Option<u64>,
    /// Days left of its certificate.
    pub certificate_days: Option<u64>,
    /// What was seen; none when it is well.
    pub why: Option<Symptom>,
}

/// The words of the summary in one language.
#[derive(Debug)]
pub struct Words {
    /// The column heads.
    pub heads: [&'static str; 6],
    /// Up, down, stale, busy, blind, and no URL.
    pub standings: [&'static str; 6],
}

/// The alert as lines, outside texts passed through `quote`; the first line is the headline.
#[must_use]
pub fn lines(alert: &Alert, locale: Locale, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    type Target = fn(AlertKind, &AlertTarget, &dyn Fn(&str) -> String) -> String;
    let label = quote(&alert.label);
    let (headline, target, rest, more): (_, Target, _, fn(usize) -> String) = match locale {
        Locale::Fr => {
            (fr::health::headline(alert.kind, &label), fr::health::target, fr::health::rest(alert), fr::health::more)
        }
        Locale::En => {
            (en::health::headline(alert.kind, &label), en::health::target, en::health::rest(alert), en::health::more)
        }
    };
    let mut lines = vec![headline];
    lines.extend(alert.targets.iter().take(TARGETS).map(|one| target(alert.kind, one, quote)));
    lines.extend(alert.targets.len().checked_sub(TARGETS).filter(|left| *left > 0).map(more));
    lines.extend(rest);
    lines.extend(alert.run_url.as_ref().map(|url| format!("Run: <{url}>")));
    lines
}

/// The alert for Discord; the mention is called for what is down only.
#[must_use]
pub fn discord<H: Host>(alert: &Alert, with: &Environment, voice: &Voice<'_, H>) -> Message {
    let lines = lines(alert, with.locale, &|text| markdown::neutral(&voice.cleaned(text)));
    let mention = with.mention.as_deref().filter(|_| alert.kind == AlertKind::Down);
    Message { ring: mention.and_then(|text| Mention::parse(text).ok()), ..shown(lines, with.style, colour(alert.kind)) }
}

/// As grave as it is.
fn colour(kind: AlertKind) -> u32 {
    match kind {
        AlertKind::Down => RED,
        AlertKind::Stale | AlertKind::Flapping | AlertKind::Certificate => AMBER,
        AlertKind::Recovered | AlertKind::Fresh | AlertKind::Steady => GREEN,
    }
}

fn shown(lines: Vec<String>, style: Style, colour: u32) -> Message {
    match style {
        Style::Text => Message { content: lines.join("\n"), ..Message::default() },
        Style::Embed => in_frame(lines, colour),
    }
}

/// What is told of the checking itself, as lines.
#[must_use]
pub fn watchfulness(told: &Watchfulness, locale: Locale, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match locale {
        Locale::Fr => fr::health::watchfulness(told, quote),
        Locale::En => en::health::watchfulness(told, quote),
    }
}

/// The same for Discord.
#[must_use]
pub fn discord_watchfulness<H: Host>(
    told: &Watchfulness,
    locale: Locale,
    style: Style,
    voice: &Voice<'_, H>,
) -> Message {
    let colour = if matches!(told, Watchfulness::Sighted(_)) { GREEN } else { AMBER };
    shown(watchfulness(told, locale, &|text| markdown::neutral(&voice.cleaned(text))), style, colour)
}

/// An address of the settings, as a link without a preview where it can be one.
pub(super) fn address(url: &str, quote: &dyn Fn(&str) -> String) -> String {
    let harmless = |byte: u8| byte.is_ascii_graphic() && !b"<>\\".contains(&byte);
    if origin(url).is_some() && url.bytes().all(harmless) { format!("<{url}>") } else { quote(url) }
}

/// That so many targets of so many are not healthy.
#[must_use]
pub fn failed(count: usize, ill: usize, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::health::failed(count, ill),
        Locale::En => en::health::failed(count, ill),
    }
}

/// One of them, after so many tries.
#[must_use]
pub fn failed_target(name: &str, line: &CheckRecord, tries: u32, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::health::failed_target(name, line, tries),
        Locale::En => en::health::failed_target(name, line, tries),
    }
}

/// That the checks were cut short.
#[must_use]
pub fn unjudged(why: &Failure, locale: Locale) -> String {
    let tail = match locale {
        Locale::Fr => fr::health::UNJUDGED,
        Locale::En => en::health::UNJUDGED,
    };
    format!("{}{tail}", failure(why, locale))
}

/// What to do then; `option`: what the commands need so as to find the state, `backs`: what is gone back with.
#[must_use]
pub fn what_to_do(option: &str, backs: &[String], locale: Locale) -> String {
    let commands = backs.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
    match locale {
        Locale::Fr => fr::health::what_to_do(option, &commands),
        Locale::En => en::health::what_to_do(option, &commands),
    }
}

/// The summary: one headline, one row for each target; `unread` are environments of which nothing is known, and why.
#[must_use]
pub fn summary(rows: &[Row], unread: &[String], locale: Locale) -> String {
    let count =
        |wanted: fn(TargetStatus) -> bool| rows.iter().filter_map(|row| row.standing).filter(|s| wanted(*s)).count();
    let (up, down, stale) = (
        count(|one| one == TargetStatus::Up),
        count(|one| one == TargetStatus::Down),
        count(|one| one == TargetStatus::Stale),
    );
    let unknown = count(|one| !one.is_judged());
    let (words, title) = match locale {
        Locale::Fr => (&fr::health::WORDS, fr::health::title(up, down, stale, unknown)),
        Locale::En => (&en::health::WORDS, en::health::title(up, down, stale, unknown)),
    };
    let mark = match (down, stale, unknown, up) {
        (0, 0, 0, 1..) if unread.is_empty() => "✅",
        (0, 0, ..) => "⚠️",
        (0, ..) => "🟠",
        _ => "❌",
    };
    let mut text =
        format!("### {mark} {title}\n\n| {} |\n| --- | --- | --- | ---: | ---: | ---: |\n", words.heads.join(" | "));
    for row in rows {
        let ms = |ms: Option<u64>| ms.map_or("-".to_owned(), |ms| format!("{ms} ms"));
        let days = row.certificate_days.map_or("-".to_owned(), |days| {
            let soon = if days < 14 { "⚠️ " } else { "" };
            format!("{soon}{days}")
        });
        let why = row
            .why
            .as_ref()
            .map(|found| format!("{}{}", colon(locale), cell(&symptom(found, locale))))
            .unwrap_or_default();
        text.push_str(&format!(
            "| {} | {} | {}{why} | {} | {} | {days} |\n",
            cell(&row.label),
            cell(&row.url),
            standing(words, row.standing),
            ms(row.ms),
            ms(row.usual_ms)
        ));
    }
    for why in unread {
        text.push_str(&format!("\n⚠️ {}\n", cell(why)));
    }
    text
}

fn standing(words: &Words, standing: Option<TargetStatus>) -> &'static str {
    let [up, down, stale, busy, blind, nothing] = words.standings;
    match standing {
        Some(TargetStatus::Up) => up,
        Some(TargetStatus::Down) => down,
        Some(TargetStatus::Stale) => stale,
        Some(TargetStatus::Busy) => busy,
        Some(TargetStatus::Blind) => blind,
        None => nothing,
    }
}

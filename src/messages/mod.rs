//! What people are told: one notice, rendered for Discord, the log and the summary. Every sentence
//! stands in `fr` and `en`; this file only chooses and frames. Outside texts are made harmless for
//! the place they go to.

pub mod card;
pub mod digest;
pub(crate) mod doctor;
mod en;
pub mod ending;
pub(crate) mod finding;
mod fr;
pub mod health;
pub mod help;
pub mod holder;
pub mod ill;
mod judged;
pub mod kind;
pub mod log;
pub mod notice;
pub mod page;
pub mod problem;
pub mod promotion;
pub mod reason;
pub mod report;
pub mod site;
pub mod status;

pub use digest::{Digest, DigestJob, Failing};
pub use notice::{Before, Notice, NoticeKind, Open, follows_promote};

use crate::environment::{Environment, Locale, Watch};
use crate::host::Host;
use crate::machine::operation::Operation;
use crate::machine::{Ask, Step};
use crate::report::summary::Words;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::discord::{CONTENT_LIMIT, Mention, Message};
use crate::tools::markdown;
use crate::tools::strategy::StrategyReason;
use crate::voice::Voice;
use promotion::Promotion;

/// The notice as lines, outside texts passed through `quote`; the first line is the headline.
#[must_use]
pub fn lines(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match with.locale {
        Locale::Fr => fr::lines(notice, with, quote),
        Locale::En => en::lines(notice, with, quote),
    }
}

/// Why what was on its way forward was undone when a person asked to go back.
#[must_use]
pub fn recalled(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::RECALLED,
        Locale::En => en::RECALLED,
    }
}

/// Why a promote was undone whose run ended before anything was started with its version.
#[must_use]
pub fn unpromoted(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::UNPROMOTED,
        Locale::En => en::UNPROMOTED,
    }
}

/// Why a deploy was undone that CI failed before it was finished.
#[must_use]
pub fn condemned(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::CONDEMNED,
        Locale::En => en::CONDEMNED,
    }
}

/// Why a step that no run survives is undone.
#[must_use]
pub fn deadly_step(step: Step, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::ending::deadly(step),
        Locale::En => en::ending::deadly(step),
    }
}

/// What a message says that Discord takes only now.
#[must_use]
pub fn late(at: Millis, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::late(at),
        Locale::En => en::late(at),
    }
}

/// The notice for the log, in the language of who looks on.
#[must_use]
pub fn log_text(notice: &Notice, with: &Environment, locale: Locale) -> String {
    let quote: &dyn Fn(&str) -> String = &|text| text.to_owned();
    let lines = match locale {
        Locale::Fr => fr::lines(notice, with, quote),
        Locale::En => en::lines(notice, with, quote),
    };
    let mut text = lines.join("\n");
    text.extend(notice.digest.iter().map(|digest| digest::log_text(digest, locale)));
    text
}

/// The notice as one plain message.
#[must_use]
pub fn discord<H: Host>(notice: &Notice, with: &Environment, voice: &Voice<'_, H>) -> Message {
    let quote = |text: &str| markdown::neutral(&voice.cleaned(text));
    let ring = with.mention.as_deref().filter(|_| notice.is_critical()).and_then(|text| Mention::parse(text).ok());
    let room = CONTENT_LIMIT - ring.map_or(0, |ring| markdown::length(&ring.text()) + 1);
    let fits = |content: &String| markdown::length(content) <= room;
    let content = fitting(notice, with, &quote, &|lines| lines.join("\n"), &fits);
    let told = notice.digest.as_ref().filter(|digest| !digest.is_empty());
    let embed = told.map(|one| digest::framed(one, digest::heading(with.locale), with.locale, voice));
    Message { content, embed, ring }
}

/// The notice's lines as `shape` makes a message of them. What does not fit is cut at its end, and a command that is cut
/// is another command: where not all fit, none stands there, and the message says where they do.
fn fitting<T>(
    notice: &Notice,
    with: &Environment,
    quote: &dyn Fn(&str) -> String,
    shape: &dyn Fn(Vec<String>) -> T,
    fits: &dyn Fn(&T) -> bool,
) -> T {
    let whole = shape(lines(notice, with, quote));
    if notice.by_hand.is_empty() || fits(&whole) {
        return whole;
    }
    let mut left = lines(&Notice { by_hand: Vec::new(), ..notice.clone() }, with, quote);
    let where_they_are = match with.locale {
        Locale::Fr => fr::promote::BY_HAND_IN_LOG,
        Locale::En => en::promote::BY_HAND_IN_LOG,
    };
    // Before what may be long.
    left.insert(left.len().min(2), where_they_are.to_owned());
    shape(left)
}

/// An author's name; a login keeps its `@`, unless that would read as a call to everybody.
fn notice_author(author: &str, quote: &dyn Fn(&str) -> String) -> String {
    let login = author.strip_prefix('@').filter(|login| {
        let plain = login.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !matches!(*login, "everyone" | "here")
    });
    login.map_or_else(|| quote(author), |login| format!("@{login}"))
}

/// The words of the job's summary.
#[must_use]
pub fn summary_words(locale: Locale) -> &'static Words {
    match locale {
        Locale::Fr => &fr::SUMMARY,
        Locale::En => &en::SUMMARY,
    }
}

/// What stands between a name and what is said of it.
pub(crate) fn colon(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => " : ",
        Locale::En => ": ",
    }
}

/// What decided between restarting containers and making them anew, for the summary.
#[must_use]
pub fn strategy(reason: &StrategyReason, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::strategy(reason),
        Locale::En => reason.to_string(),
    }
}

/// Why somebody follows CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The setting says so.
    Set,
    /// The setting says so, and the watcher has no token of its own.
    Tokenless,
    /// The workflow is triggered by the end of another.
    Trigger,
    /// A token outlives the job.
    Token,
    /// The repository is public.
    Public,
    /// There is nothing else to do.
    Nothing,
}

/// Who follows CI.
#[must_use]
pub fn follower(how: Watch, locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::follower(how),
        Locale::En => en::follower(how),
    }
}

/// Why that one follows it.
#[must_use]
pub fn ground(why: Ground, locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::ground(why),
        Locale::En => en::ground(why),
    }
}

/// A request in one line, for GitHub's page of deployments.
#[must_use]
pub fn deployment(operation: &Operation) -> String {
    let undone = match &operation.ask {
        Ask::Rollback { to, undo, .. } => {
            undo.as_ref().or(operation.from.as_ref()).filter(|undone| *undone != to).map(Sha::short)
        }
        Ask::Deploy { .. } | Ask::Promote { .. } => None,
    };
    match (&operation.ask, operation.with.locale) {
        (Ask::Deploy { .. }, Locale::Fr) => fr::DEPLOY.to_owned(),
        (Ask::Deploy { .. }, Locale::En) => en::DEPLOY.to_owned(),
        (Ask::Promote { .. }, Locale::Fr) => fr::promote::PROMOTE.to_owned(),
        (Ask::Promote { .. }, Locale::En) => en::promote::PROMOTE.to_owned(),
        (Ask::Rollback { .. }, Locale::Fr) => fr::rollback(undone),
        (Ask::Rollback { .. }, Locale::En) => en::rollback(undone),
    }
}

/// What a promote will do and what its checklist found, as lines.
#[must_use]
pub fn plan(promotion: &Promotion, with: &Environment, locale: Locale) -> Vec<String> {
    let quote = |text: &str| text.to_owned();
    match locale {
        Locale::Fr => fr::promote::plan(promotion, with, &quote),
        Locale::En => en::promote::plan(promotion, with, &quote),
    }
}

/// The lines of the checklist that stand in the way.
#[must_use]
pub fn refusals(promotion: &Promotion, with: &Environment) -> Vec<String> {
    let quote = |text: &str| text.to_owned();
    let refused = promotion.checks.iter().filter(|check| check.verdict == promotion::CheckResult::Refused);
    let line = |check: &promotion::Check| match with.locale {
        Locale::Fr => fr::promote::checked(check, promotion, &quote),
        Locale::En => en::promote::checked(check, promotion, &quote),
    };
    refused.map(line).collect()
}

/// Commands for a person, in a block that a message and a log both show as it is.
fn by_hand(title: &str, notice: &Notice) -> Vec<String> {
    let colon = if title.ends_with(" :") { " :" } else { ":" };
    let text = title.strip_suffix(colon).unwrap_or(title);
    match &notice.by_hand_to {
        Some(to) => in_block(&format!("{text} (→ {}){colon}", to.short()), &notice.by_hand),
        None => in_block(title, &notice.by_hand),
    }
}

/// Commands for a person below a title; nothing where there are none.
fn in_block(title: &str, commands: &[String]) -> Vec<String> {
    if commands.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![title.to_owned(), "```".to_owned()];
    lines.extend(commands.iter().map(|command| markdown::in_fence(command)));
    lines.push("```".to_owned());
    lines
}

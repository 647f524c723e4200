//! Why something did not come about, in words; the sentences stand in `fr` and `en`.

use super::{en, fr};
use crate::environment::Locale;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Obstacle, Reason};
use crate::failure::rebuff::Rebuff;
use crate::tools::github::Setback;
use crate::tools::shell::word;

/// Why a step did not come about.
#[must_use]
pub fn reason(why: &Reason, locale: Locale) -> String {
    match why {
        Reason::Unready(told) => told.clone(),
        Reason::Fault { attempt, seen, mend } => match locale {
            Locale::Fr => {
                let (attempt, seen) = (fr::reason::attempt(attempt), fr::reason::obstacle(seen));
                then(&format!("{attempt} : {seen}"), &fr::reason::mend(mend))
            }
            Locale::En => {
                let (attempt, seen) = (en::reason::attempt(attempt), en::reason::obstacle(seen));
                then(&format!("{attempt}: {seen}"), &en::reason::mend(mend))
            }
        },
    }
}

/// A sentence, which may end with another program's words and their full stop, and the next one.
pub(super) fn then(before: &str, next: &str) -> String {
    let before = before.trim_end();
    let stop = if before.ends_with(['.', '?', '!', '…']) { "" } else { "." };
    format!("{before}{stop} {next}").trim_end().to_owned()
}

/// What was seen, and what a program said, which may be nothing.
pub(super) fn with_words(seen: &str, between: &str, words: &str) -> String {
    let words = words.trim_end();
    if words.is_empty() { seen.to_owned() } else { format!("{seen}{between}{words}") }
}

/// The command that starts a workflow for what a branch stands at.
pub(super) fn start(workflow: &str, branch: &str) -> String {
    format!("gh workflow run {} --ref {}", word(workflow), word(branch))
}

/// A failure of the world.
#[must_use]
pub fn failure(failure: &Failure, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::reason::failure(failure),
        Locale::En => en::reason::failure(failure),
    }
}

/// What was seen.
#[must_use]
pub fn obstacle(seen: &Obstacle, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::reason::obstacle(seen),
        Locale::En => en::reason::obstacle(seen),
    }
}

/// What came instead of what the host was asked for.
#[must_use]
pub fn rebuff(seen: &Rebuff, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::reason::rebuff(seen),
        Locale::En => en::reason::rebuff(seen),
    }
}

/// What was being done.
#[must_use]
pub fn attempt(attempt: &Attempt, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::reason::attempt(attempt),
        Locale::En => en::reason::attempt(attempt),
    }
}

/// Why GitHub gave no answer that can be used.
#[must_use]
pub fn setback(why: &Setback, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::reason::setback(why),
        Locale::En => why.to_string(),
    }
}

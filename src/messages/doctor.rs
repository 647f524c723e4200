//! Which language `doctor` speaks: the same words from `fr` and `en`.

use super::finding::{FindingLine, FindingSeen, Level, Section};
use super::{en, fr};
use crate::environment::Locale;

/// A finding's line.
pub(crate) fn line(locale: Locale, seen: &FindingSeen) -> FindingLine {
    match locale {
        Locale::Fr => fr::doctor::line(seen),
        Locale::En => en::doctor::line(seen),
    }
}

/// The level in front of a line.
pub(crate) fn level(locale: Locale, level: Level) -> &'static str {
    match locale {
        Locale::Fr => fr::doctor::level(level),
        Locale::En => en::doctor::level(level),
    }
}

/// The headline of a place.
pub(crate) fn place(locale: Locale, place: &Section) -> String {
    match locale {
        Locale::Fr => fr::doctor::place(place),
        Locale::En => en::doctor::place(place),
    }
}

/// The whole in one line: how many failed, warned, are well and were skipped, and how long it took.
pub(crate) fn sum(locale: Locale, counts: [usize; 4], ms: u64) -> String {
    match locale {
        Locale::Fr => fr::doctor::sum(counts, ms),
        Locale::En => en::doctor::sum(counts, ms),
    }
}

/// What comes after the sum, by how many failed.
pub(crate) fn verdict(locale: Locale, fails: usize) -> &'static str {
    match locale {
        Locale::Fr => fr::doctor::verdict(fails),
        Locale::En => en::doctor::verdict(fails),
    }
}

/// Heads of the summary's tables.
pub(crate) fn heads(locale: Locale) -> [&'static str; 4] {
    match locale {
        Locale::Fr => fr::doctor::HEADS,
        Locale::En => en::doctor::HEADS,
    }
}

/// What is said when the run was told to stop.
pub(crate) fn stopped(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::doctor::STOPPED,
        Locale::En => en::doctor::STOPPED,
    }
}

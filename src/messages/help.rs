//! The frame of `--help`, and which language says it; `fr::help` and `en::help` fill the same table.

use super::{en, fr};
use crate::environment::Locale;
use crate::settings::{Mode, ValueKind};

/// Names with their sentences.
pub type List = &'static [(&'static str, &'static str)];

/// The words of a language.
#[derive(Debug)]
pub struct Words {
    /// Headings: name, synopsis, modes, settings, environment, files, exit codes, examples.
    pub heads: [&'static str; 8],
    /// What it is for.
    pub purpose: &'static str,
    /// A mode in one sentence.
    pub mode: fn(Mode) -> &'static str,
    /// Where settings come from.
    pub settings: &'static str,
    /// Variables that are read.
    pub variables: List,
    /// Files that are used.
    pub files: List,
    /// Exit codes.
    pub exit: List,
    /// Before a default.
    pub default: &'static str,
    /// Options in a usage line.
    pub usage: &'static str,
    /// What a value looks like; not of choices and flags, whose words are the same in each language.
    pub shape: fn(ValueKind) -> &'static str,
    /// What `completions` is for.
    pub completions: &'static str,
    /// What `MODE --help` is for.
    pub explain: &'static str,
}

impl Words {
    /// Those of a language.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Fr => &fr::help::WORDS,
            Locale::En => &en::help::WORDS,
        }
    }
}

/// A setting's sentence, or a flag's: `own` is the English one.
#[must_use]
pub fn sentence(locale: Locale, input: &str, own: &'static str) -> &'static str {
    let french = || fr::settings::SENTENCES.iter().find(|(name, _)| *name == input);
    match locale {
        Locale::Fr => french().map_or(own, |(_, sentence)| sentence),
        Locale::En => own,
    }
}

/// A default as it is shown: `own` is the English one.
#[must_use]
pub fn told(locale: Locale, own: &'static str) -> &'static str {
    let french = || fr::settings::DEFAULTS.iter().find(|(name, _)| *name == own);
    match locale {
        Locale::Fr => french().map_or(own, |(_, text)| text),
        Locale::En => own,
    }
}

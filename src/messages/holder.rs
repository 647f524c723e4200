//! Who holds a lock, and who asked for something, in words. Both are written in English where they are kept, for
//! whoever finds them there; nobody decides by them. What is not of that form is told as it was written.

use super::{en, fr};
use crate::environment::Locale;
use crate::time::{Millis, utc};

/// What somebody who holds a lock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work<'a> {
    /// Follows CI of a SHA.
    Watching(&'a str),
    /// Checks sites.
    Health,
    /// Runs the deploy command.
    Command,
    /// Puts a SHA live.
    Deploying(&'a str),
    /// Promotes a SHA.
    Promoting(&'a str),
    /// Goes back, as a person asked.
    GoingBack,
    /// Does what CI's word on a SHA leads to.
    Settling(&'a str),
    /// Finishes what a dead run left; the mode that came upon it, where it is an onlooker.
    Finishing(Option<&'a str>),
}

/// Who holds a lock, read from what the holder wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// Nothing yet.
    Unnamed,
    /// A run of ours: who, what it does, its process and since when.
    Run {
        /// A run of a workflow, or a person.
        who: &'a str,
        /// What it does.
        work: Work<'a>,
        /// Its process.
        process: &'a str,
        /// UTC.
        since: &'a str,
    },
    /// Something else.
    Told(&'a str),
}

/// What stands for a holder that has written nothing yet.
pub const UNNAMED: &str = "another run";

impl<'a> Holder<'a> {
    /// Reads what stands in the lock.
    #[must_use]
    pub fn read(text: &'a str) -> Self {
        if text == UNNAMED { Self::Unnamed } else { Self::run(text).unwrap_or(Self::Told(text)) }
    }

    fn run(text: &'a str) -> Option<Self> {
        let (first, rest) = text.strip_suffix(" UTC)")?.split_once(" (")?;
        let (rest, since) = rest.rsplit_once(", since ")?;
        let (second, process) = rest.rsplit_once(", process ")?;
        let (who, work) = match first.strip_prefix("watcher of ") {
            Some(sha) => (second, Work::Watching(sha)),
            None if first == "health" => (second, Work::Health),
            None if first == "deploy-command" => (second, Work::Command),
            None => (first, work(second)?),
        };
        Some(Self::Run { who, work, process, since })
    }
}

/// What a run of ours writes of itself; read by [`Holder::read`].
#[must_use]
pub fn holding(first: &str, second: &str, process: u32, since: Millis) -> String {
    format!("{first} ({second}, process {process}, since {} UTC)", utc(since))
}

fn work(text: &str) -> Option<Work<'_>> {
    if let Some(rest) = text.strip_suffix("finishing what was left") {
        return Some(Work::Finishing(rest.strip_suffix(", ")));
    }
    match text.split_once(' ')? {
        ("deploy", sha) => Some(Work::Deploying(sha)),
        ("promote", sha) => Some(Work::Promoting(sha)),
        ("settling", sha) => Some(Work::Settling(sha)),
        ("rollback", "by hand") => Some(Work::GoingBack),
        _ => None,
    }
}

/// Who holds a lock, from what the holder wrote; it may have written nothing yet. Who has waited writes a second line.
#[must_use]
pub fn known(holder: &str) -> String {
    let line = holder.trim().lines().last().unwrap_or_default().trim();
    if line.is_empty() { UNNAMED.to_owned() } else { line.chars().take(200).collect() }
}

/// Who holds a lock.
#[must_use]
pub fn holder(text: &str, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::holder::holder(&Holder::read(text)),
        Locale::En => en::holder::holder(&Holder::read(text)),
    }
}

/// Who asked for something.
#[must_use]
pub fn who(text: &str, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::holder::who(text),
        Locale::En => text.to_owned(),
    }
}

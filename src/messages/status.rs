//! Requests and how they ended, in a few words, for `status` on a terminal and on the page; `fr::status` and
//! `en::status` say the same.

use super::{en, fr};
use crate::environment::Locale;
use crate::machine::known::Known;
use crate::machine::standing::Standing;
use crate::machine::{Ask, Outcome};
use crate::page::week::Target;
use crate::sha::Sha;
use crate::time::{Millis, utc};
use crate::tools::shell::word;

/// Letters of a reason where it stands in a line with other things.
const WIDTH: usize = 100;

/// What a terminal's lines are made of.
#[derive(Debug)]
pub struct Rows {
    /// A problem.
    pub problem: &'static str,
    /// What is live.
    pub live: &'static str,
    /// The work tree, where it stands elsewhere.
    pub tree: &'static str,
    /// The newest check of a target.
    pub health: &'static str,
    /// The last validated one.
    pub validated: &'static str,
    /// Whose CI is awaited.
    pub pending: &'static str,
    /// A request that is not over, and nobody is at it.
    pub unfinished: &'static str,
    /// A request that somebody is at.
    pub under_way: &'static str,
    /// The lock.
    pub lock: &'static str,
    /// The watcher.
    pub watcher: &'static str,
    /// What failed.
    pub quarantine: &'static str,
    /// What a person went back from.
    pub undone: &'static str,
    /// Files of a backup that are not put back.
    pub files: &'static str,
    /// Unreadable lines.
    pub set_aside: &'static str,
    /// Files of this backup were not put back.
    pub unrestored: fn(&str) -> String,
    /// Validated, not validated, and failed: what is live.
    pub standings: [&'static str; 3],
    /// Nobody holds the lock.
    pub free: &'static str,
    /// No watcher.
    pub nobody: &'static str,
    /// Nothing is known of what is live.
    pub unknown: &'static str,
    /// CI should have answered.
    pub time_is_up: &'static str,
    /// No environment: whether there is a configuration file, and the folder of state.
    pub nothing: fn(bool, &str) -> String,
    /// Since when, how many milliseconds ago, how it is known, and whether a check has found it ill since.
    pub live_since: fn(&str, u64, (Known, bool)) -> String,
    /// The work tree was moved by hand, to this commit.
    pub moved: fn(&str) -> String,
    /// Each validated one has failed since; the newest of them.
    pub none_left: fn(&str) -> String,
    /// Nothing validated; what was live at first.
    pub baseline: fn(&str) -> String,
    /// So many milliseconds are left.
    pub left: fn(u64) -> String,
    /// Whose CI, until when, what is left.
    pub awaited: fn(&str, &str, &str) -> String,
    /// A way back that follows from what is so, and did not come about.
    pub due: fn(&str) -> String,
    /// That nobody follows CI of what is live.
    pub unfollowed: fn(&str) -> String,
    /// What was asked, since when, by whom.
    pub unfinished_since: fn(&str, &str, &str) -> String,
    /// In so many milliseconds, and who asked: after how a request ended.
    pub took: fn(u64, &str) -> String,
}

impl Rows {
    /// Those of a language.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Fr => &fr::status::ROWS,
            Locale::En => &en::status::ROWS,
        }
    }

    /// What has been said of a version, in a word.
    #[must_use]
    pub fn standing(&self, standing: Standing) -> &'static str {
        let [validated, unvalidated, failed] = self.standings;
        match standing {
            Standing::Validated => validated,
            Standing::Unvalidated => unvalidated,
            Standing::Failed => failed,
        }
    }
}

/// What was asked.
#[must_use]
pub fn asked(locale: Locale, ask: &Ask) -> String {
    match locale {
        Locale::Fr => fr::status::asked(ask),
        Locale::En => en::status::asked(ask),
    }
}

/// What an operator waits for; outside texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited<'a> {
    /// CI of a SHA: the status of its run, or why there is no answer; empty while there is no run.
    Ci(&'a Sha, &'a str),
    /// The environment's lock, and who has it.
    Lock(&'a str),
    /// A site that answers well; what it does instead.
    Health(&'a str),
}

/// The line of a terminal while it waits; the time first, as a narrow terminal cuts the end.
#[must_use]
pub fn waits(locale: Locale, what: &Awaited<'_>, until: Millis) -> String {
    let until = utc(until);
    let clock = until.split_once(' ').map_or(until.as_str(), |(_, clock)| clock);
    match locale {
        Locale::Fr => fr::status::waits(what, clock),
        Locale::En => en::status::waits(what, clock),
    }
}

/// What a yes leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Another version takes the place of what is live.
    Replace,
    /// What is live is put in place anew.
    Anew,
    /// It is checked, and put in place anew where it is ill.
    Check,
}

/// The question before production goes back: environment, what is live, what is to be, with which backup's files.
#[must_use]
pub fn question(locale: Locale, label: &str, live: &str, to: &str, means: Means, backup: Option<&str>) -> String {
    match locale {
        Locale::Fr => fr::status::question(label, live, to, means, backup),
        Locale::En => en::status::question(label, live, to, means, backup),
    }
}

/// That it was not confirmed: there was nobody to ask.
#[must_use]
pub fn unasked(locale: Locale, name: &str) -> String {
    match locale {
        Locale::Fr => fr::status::unasked(name),
        Locale::En => en::status::unasked(name),
    }
}

/// That it was not confirmed: the answer was no.
#[must_use]
pub fn declined(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::status::DECLINED,
        Locale::En => en::status::DECLINED,
    }
}

/// That it was confirmed, and is not what was asked about any more; what is live by now.
#[must_use]
pub fn changed(locale: Locale, live: Option<&Sha>) -> String {
    let live = live.map_or("?", Sha::short);
    match locale {
        Locale::Fr => fr::status::changed(live),
        Locale::En => en::status::changed(live),
    }
}

/// How it ended.
#[must_use]
pub fn ended(locale: Locale, outcome: &Outcome) -> String {
    match locale {
        Locale::Fr => fr::status::ended(outcome),
        Locale::En => en::status::ended(outcome),
    }
}

/// That so many lines of a ledger cannot be read.
#[must_use]
pub fn set_aside(locale: Locale, lines: u64) -> String {
    match locale {
        Locale::Fr => fr::status::set_aside(lines),
        Locale::En => en::status::set_aside(lines),
    }
}

/// That a ledger holds so many lines that cannot be read, and no other.
#[must_use]
pub fn foreign(locale: Locale, path: &str, lines: u64) -> String {
    match locale {
        Locale::Fr => fr::status::foreign(path, lines),
        Locale::En => en::status::foreign(path, lines),
    }
}

/// A folder that this user may not look into.
#[derive(Debug, Clone, Copy)]
pub struct Closed<'a> {
    /// The folder, as far down as it can be seen.
    pub folder: &'a str,
    /// Whose it is, where that is known.
    pub owner: Option<&'a str>,
    /// The folder of all state.
    pub state_dir: &'a str,
}

impl Closed<'_> {
    /// The command that its owner's rights are enough for.
    #[must_use]
    pub fn command(&self) -> String {
        let owner = self.owner.map_or_else(|| "…".to_owned(), word);
        format!("sudo -u {owner} mangetamain-deploy status --state-dir {}", word(self.state_dir))
    }
}

/// That a folder of state is closed to this user, and what to run.
#[must_use]
pub fn closed(locale: Locale, closed: &Closed<'_>) -> String {
    match locale {
        Locale::Fr => fr::status::closed(closed),
        Locale::En => en::status::closed(closed),
    }
}

/// What the newest check found a target to be, and when; `past`: ill, before what is live was found well.
#[must_use]
pub fn checked(locale: Locale, target: &Target, past: bool, now: Millis) -> String {
    match locale {
        Locale::Fr => fr::status::checked(target, past, now),
        Locale::En => en::status::checked(target, past, now),
    }
}

/// The first line of a text, cut between words where it is long, with a mark that says so.
pub(super) fn first(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    // One letter more: what it begins with tells whether the last word is whole.
    let begin: String = line.chars().take(WIDTH + 1).collect();
    if begin.chars().count() <= WIDTH {
        return begin;
    }
    let words = begin.rsplit_once(' ').map(|(words, _)| words).filter(|words| words.chars().count() >= WIDTH / 2);
    let kept = words.map_or_else(|| begin.chars().take(WIDTH).collect(), str::to_owned);
    format!("{}…", kept.trim_end_matches([' ', ',', ':', ';']))
}

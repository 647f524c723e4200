//! How an operator's terminal is spoken to: in which language, with colour or without, with lines that are
//! written over, as JSON; and whether its person has agreed beforehand. Never what is done.

use super::Config;
use super::args::is_given;
use super::reader::Reader;
use crate::environment::{Environment, Locale};
use crate::host::Start;

/// How an operator's terminal is spoken to; elsewhere plainly, in the language of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// The language of what only this terminal shows.
    pub locale: Locale,
    /// The language of the log: that of a person who looks on, else the one that logs are searched in.
    pub log: Locale,
    /// Whether it shows colours.
    pub is_coloured: bool,
    /// Whether a line can be written over by the next one.
    pub is_live: bool,
    /// Whether a program reads it (`--json`).
    pub is_json: bool,
    /// Whether its person has agreed beforehand (`--yes`).
    pub is_agreed: bool,
    /// The terminal that an answer can come from.
    pub keyboard: Option<String>,
}

impl Manner {
    /// Of this start; `settled` is the language that input or file name.
    #[must_use]
    pub fn of(start: &Start, settled: Option<Locale>) -> Self {
        let is_command = start.door == "command";
        let said = |name: &str| is_command && is_given(&start.args, name);
        let terminal = |at: usize| start.open.get(at).filter(|place| is_command && is_terminal(place)).cloned();
        let variable = |name: &str| start.env.get(name).map_or("", String::as_str);
        let is_json = said("json");
        let is_live = terminal(1).is_some() && !is_json && variable("TERM") != "dumb";
        let locale = settled.unwrap_or(if is_command { spoken(start) } else { Locale::Fr });
        Self {
            locale,
            log: if is_command { locale } else { Locale::En },
            // https://no-color.org: present and not empty.
            is_coloured: is_live && variable("NO_COLOR").is_empty(),
            is_live,
            is_json,
            is_agreed: said("yes"),
            keyboard: terminal(0),
        }
    }
}

impl Config {
    /// The language of what is written for whoever reads this run: the person's at a terminal, else that of the team
    /// whose environment it is about.
    #[must_use]
    pub fn read_in(&self, with: &Environment) -> Locale {
        if self.origin.door == "command" { self.manner.locale } else { with.locale }
    }
}

/// A terminal, and one that can be opened by its name.
fn is_terminal(place: &str) -> bool {
    let number = place.strip_prefix("/dev/pts/").or_else(|| place.strip_prefix("/dev/tty"));
    place == "/dev/console" || number.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The language of the person, as POSIX has it: the first of these that is set decides. Where none is, that
/// of the settings' default.
#[must_use]
pub fn spoken(start: &Start) -> Locale {
    let set = |name: &&str| start.env.get(*name).filter(|value| !value.is_empty());
    match ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set) {
        Some(value) if !value.starts_with("fr") => Locale::En,
        _ => Locale::Fr,
    }
}

impl Reader<'_> {
    /// The language of this run: that of the environment that it names, else the one for all.
    pub(super) fn named_locale(&mut self) -> Option<Locale> {
        let name = self.given("environment").unwrap_or_default().to_owned();
        let keys = self.file.environments.get(&name).cloned().unwrap_or_default();
        self.settled_locale(&name, &keys)
    }

    /// The language, where an input or the file names one.
    pub(super) fn settled_locale(&mut self, name: &str, keys: &super::file::Keys) -> Option<Locale> {
        match self.text("locale", name, keys).as_deref() {
            Some("en") => Some(Locale::En),
            Some(_) => Some(Locale::Fr),
            None => None,
        }
    }
}

//! What every setting is read with: where its raw text stands, which of several places wins, and
//! what is wrong with it. What the settings add up to is for `environment` and `request`.

use std::collections::BTreeSet;

use super::file::{File, Keys};
use super::value::{self, Value};
use crate::environment::{Environment, Locale};
use crate::failure::Problem;
use crate::failure::problem::{Form, Needed, Wrong};
use crate::host::Start;
use crate::settings::{self, Mode, SETTINGS, ValueKind};

/// Reads one start; problems are gathered, so that all of them can be told at once.
pub(super) struct Reader<'a> {
    pub(super) start: &'a Start,
    pub(super) file: File,
    /// The file has problems of its own: what it may well hold is not told to be missing.
    pub(super) unread: bool,
    pub(super) problems: Vec<Problem>,
    /// Problems unless the ledger has what is missing.
    pub(super) lacking: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// One that has read nothing yet.
    pub(super) fn of(start: &'a Start, file: File) -> Self {
        Self { start, file, unread: false, problems: Vec::new(), lacking: Vec::new() }
    }
}

impl Reader<'_> {
    /// Another environment, as the file has it: but for the state's folder, the inputs are about the one that was named.
    pub(super) fn elsewhere(&mut self, name: &str) -> Option<Environment> {
        self.file.environments.get(name)?;
        let mut start = self.start.clone();
        start.inputs.retain(|name, _| name == "state-dir");
        let mut reader = Reader { unread: self.unread, ..Reader::of(&start, self.file.clone()) };
        let environment = reader.environment(name, None);
        let problems = std::mem::take(&mut reader.problems);
        self.problems.extend(problems);
        environment
    }

    /// Those that the file lists before this one; what is wrong with one of them is told where it is asked about.
    pub(super) fn before(&mut self, name: &str) -> Vec<Environment> {
        let told = self.problems.len();
        let listed = self.listed();
        let before = listed.iter().take_while(|one| *one != name);
        let before = before.filter_map(|one| self.elsewhere(one)).collect();
        self.problems.truncate(told);
        before
    }

    pub(super) fn given(&self, input: &str) -> Option<&str> {
        self.start.inputs.get(input).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Refuses what is one environment's own where `health` is about several, or about whichever have a state: each has
    /// its address in the file, or in its ledger.
    pub(super) fn refuse_of_one(&mut self, mode: Option<Mode>, names: &[String]) {
        if mode != Some(Mode::Health) || names.len() == 1 || self.given("environment").is_some() {
            return;
        }
        // What a good answer holds may be the same for all that the file lists.
        let own: &[&str] = match names.is_empty() {
            true => &["url", "health-url", "health-status", "health-contains", "health-json"],
            false => &["url", "health-url"],
        };
        for input in own {
            if self.given(input).is_some() {
                self.refuse(input, Wrong::OfOne);
            }
        }
    }

    pub(super) fn refuse(&mut self, place: &str, wrong: Wrong) {
        let value = self.given(place).map(str::to_owned);
        self.problems.push(Problem { value, ..Problem::at(place, wrong) });
    }

    pub(super) fn unknown_inputs(&mut self) {
        let names: Vec<String> = self.start.inputs.keys().cloned().collect();
        for name in names.iter().filter(|name| settings::by_input(name).is_none()) {
            let known = SETTINGS.iter().map(|setting| setting.input);
            let nearest = settings::nearest(name, known).map(str::to_owned);
            self.problems.push(Problem { nearest, ..Problem::at(name.clone(), Wrong::UnknownInput) });
        }
    }

    pub(super) fn mode(&mut self) -> Option<Mode> {
        let Some(word) = self.given("mode").map(str::to_owned) else {
            self.refuse("mode", Wrong::Missing(Needed::Mode));
            return None;
        };
        let mode = Mode::ALL.into_iter().find(|mode| mode.word() == word);
        if mode.is_none() {
            let nearest =
                settings::nearest(&word.to_lowercase(), Mode::ALL.iter().map(|mode| mode.word())).map(str::to_owned);
            self.problems.push(Problem { nearest, ..Problem::of("mode", word, Wrong::Unlike(Form::Mode)) });
        }
        mode
    }

    pub(super) fn names(&mut self, mode: Option<Mode>) -> Vec<String> {
        if mode == Some(Mode::Report) {
            // It is about a run, not about an environment: a mistake in one must not keep it silent.
            return Vec::new();
        }
        if let Some(name) = self.given("environment").map(str::to_owned) {
            if let Err(form) = value::read(ValueKind::Name, &name, "") {
                self.refuse("environment", Wrong::Unlike(form));
                return Vec::new();
            }
            return vec![name];
        }
        if matches!(mode, Some(Mode::Deploy | Mode::Watch | Mode::Rollback | Mode::Promote)) {
            self.refuse("environment", Wrong::Missing(Needed::Environment));
        }
        self.file.environments.keys().cloned().collect()
    }

    /// The settings of an environment that an input or the file gives, by the input's name.
    pub(super) fn all_given(&self, name: &str) -> BTreeSet<&'static str> {
        let keys = self.file.environments.get(name).cloned().unwrap_or_default();
        SETTINGS.iter().map(|one| one.input).filter(|input| self.raw(input, name, &keys).is_some()).collect()
    }

    /// The raw text of a setting, and where it stands.
    pub(super) fn raw(&self, input: &str, name: &str, keys: &Keys) -> Option<(String, String)> {
        if let Some(text) = self.given(input) {
            return Some((input.to_owned(), text.to_owned()));
        }
        let key = settings::by_input(input)?.key?;
        let present = |text: &&String| !text.trim().is_empty();
        if let Some(text) = keys.get(key).filter(present) {
            return Some((format!("environments.{name}.{key}"), text.clone()));
        }
        let text = self.file.defaults.get(key).filter(present)?;
        Some((format!("defaults.{key}"), text.clone()))
    }

    pub(super) fn value(&mut self, input: &str, name: &str, keys: &Keys) -> Option<Value> {
        let (place, text) = self.raw(input, name, keys)?;
        let kind = settings::by_input(input)?.kind;
        let home = self.start.env.get("HOME").map_or("", String::as_str);
        match value::read(kind, &text, home) {
            Ok(value) => Some(value),
            Err(form) => {
                let is_secret = kind == ValueKind::Secret || form == Form::UrlOpen;
                let value = (!is_secret).then_some(text);
                self.problems.push(Problem { value, ..Problem::at(place, Wrong::Unlike(form)) });
                None
            }
        }
    }

    pub(super) fn text(&mut self, input: &str, name: &str, keys: &Keys) -> Option<String> {
        match self.value(input, name, keys) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn lines(&mut self, input: &str, name: &str, keys: &Keys) -> Vec<String> {
        match self.value(input, name, keys) {
            Some(Value::Lines(lines)) => lines,
            _ => Vec::new(),
        }
    }

    pub(super) fn number(&mut self, input: &str, name: &str, keys: &Keys, default: u64) -> u64 {
        match self.value(input, name, keys) {
            Some(Value::Number(number)) => number,
            _ => default,
        }
    }

    pub(super) fn flag(&mut self, input: &str) -> bool {
        matches!(self.value(input, "", &Keys::new()), Some(Value::Flag(true)))
    }

    pub(super) fn locale(&mut self, name: &str, keys: &Keys) -> Locale {
        self.settled_locale(name, keys).unwrap_or(Locale::Fr)
    }
}

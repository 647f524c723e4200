//! The configuration file: YAML to a flat list of dotted keys for each environment, or every
//! problem at once. What a value means is for `value`; which wins is for `config`.
//!
//! ```yaml
//! defaults:            # for every environment
//!   locale: fr
//! environments:
//!   preprod:
//!     app-path: ~/site
//!     health: { contains: Hello }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::failure::problem::{Misshapen, Wrong};
use crate::failure::rebuff::Rebuff;
use crate::failure::{Problem, TOLD};
use crate::settings::{self, SETTINGS, Setting, ValueKind};
use crate::tools::yaml;

/// Dotted key to raw text.
pub type Keys = BTreeMap<String, String>;

/// Settings that name a place which an environment keeps something of its own in.
const OWN_PLACES: [&str; 2] = ["rollback-point-file", "backup.dir"];

/// The file, flat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Keys that hold for every environment.
    pub defaults: Keys,
    /// Keys of each environment.
    pub environments: BTreeMap<String, Keys>,
}

/// Reads the file's text: what could be read of it, and every problem; `name` is the file's name for
/// the problems.
#[must_use]
pub fn read(name: &str, text: &str) -> (File, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut file = File::default();
    if text.trim().is_empty() {
        return (file, problems);
    }
    let top = match yaml::read(text) {
        Ok(Json::Object(top)) => top,
        Ok(Json::Null) => return (file, problems),
        Ok(_) => return (file, vec![misshapen(name, Misshapen::NoMapping)]),
        Err(error) => return (file, vec![misshapen(name, Misshapen::NoYaml(error))]),
    };
    for (key, value) in &top {
        match key.as_str() {
            "defaults" => flatten("defaults", "", value, &mut file.defaults, &mut problems),
            "environments" => read_environments(value, &mut file, &mut problems),
            _ => problems.push(Problem {
                nearest: settings::nearest(key, ["defaults", "environments"].into_iter()).map(str::to_owned),
                ..Problem::at(key.clone(), Wrong::UnknownTop)
            }),
        }
    }
    problems.extend(shared(&file));
    problems.truncate(TOLD);
    (file, problems)
}

/// Places that two environments would write to, from `defaults` or each by itself: the rollback point of one would be
/// the other's, and the newest backup, too.
fn shared(file: &File) -> impl Iterator<Item = Problem> {
    let is_left_to = |key: &str| file.environments.values().filter(|own| !own.contains_key(key)).count() > 1;
    let left = OWN_PLACES.into_iter().filter(move |key| file.defaults.contains_key(*key) && is_left_to(key));
    let named = OWN_PLACES
        .into_iter()
        .flat_map(|key| named_again(file, key).map(move |name| format!("environments.{name}.{key}")));
    left.map(|key| format!("defaults.{key}")).chain(named).map(|place| Problem::at(place, Wrong::Shared))
}

/// Environments that name a place of theirs as one before them has it.
fn named_again<'a>(file: &'a File, key: &'a str) -> impl Iterator<Item = &'a String> {
    let mut taken = BTreeSet::new();
    let places =
        file.environments.iter().filter_map(move |(name, own)| Some((name, own.get(key)?.trim_end_matches('/'))));
    places.filter(move |(_, place)| !taken.insert(*place)).map(|(name, _)| name)
}

/// The problem of a file of which only a part was read: what it may say after that must not be missed.
#[must_use]
pub fn too_large(name: &str, cap: u64) -> Problem {
    misshapen(name, Misshapen::TooLarge(cap))
}

/// The problem of a file that is there, and that nobody knows the content of.
#[must_use]
pub fn unreadable(name: &str, seen: Rebuff) -> Problem {
    misshapen(name, Misshapen::Unreadable(seen))
}

fn read_environments(value: &Json, file: &mut File, problems: &mut Vec<Problem>) {
    let Json::Object(environments) = value else {
        problems.push(misshapen("environments", Misshapen::Environments));
        return;
    };
    for (name, keys) in environments {
        let place = format!("environments.{name}");
        if super::value::read(ValueKind::Name, name, "").is_err() {
            problems.push(misshapen(&place, Misshapen::EnvironmentName));
            continue;
        }
        let mut flat = Keys::new();
        flatten(&place, "", keys, &mut flat, problems);
        file.environments.insert(name.clone(), flat);
    }
}

fn misshapen(place: &str, how: Misshapen) -> Problem {
    Problem::at(place, Wrong::File(how))
}

fn flatten(place: &str, prefix: &str, value: &Json, flat: &mut Keys, problems: &mut Vec<Problem>) {
    match value {
        _ if problems.len() >= TOLD => {}
        Json::Null if prefix.is_empty() || !section(prefix).is_empty() => {}
        Json::Object(children) => {
            for (key, child) in children {
                let dotted = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(place, &dotted, child, flat, problems);
            }
        }
        _ if prefix.is_empty() => problems.push(misshapen(place, Misshapen::Settings)),
        leaf if prefix == "backup" => match text_of(leaf).as_deref() {
            Some("none") => drop(flat.insert("backup.paths".to_owned(), "none".to_owned())),
            _ => problems.push(misshapen(&format!("{place}.backup"), Misshapen::Backup)),
        },
        Json::Array(words) if prefix == "deploy-command" && odd_word(words).is_some() => {
            let wrong = odd_word(words).map(Misshapen::Argument);
            problems.extend(wrong.map(|wrong| misshapen(&format!("{place}.{prefix}"), wrong)));
        }
        leaf => match SETTINGS.iter().find(|setting| setting.key == Some(prefix)) {
            Some(_) => match text_of(leaf) {
                Some(text) => drop(flat.insert(prefix.to_owned(), text)),
                None => problems.push(misshapen(&format!("{place}.{prefix}"), Misshapen::Text)),
            },
            None if !section(prefix).is_empty() => {
                problems.push(misshapen(&format!("{place}.{prefix}"), Misshapen::Section(section(prefix))));
            }
            None => problems.push(unknown(place, prefix)),
        },
    }
}

/// The settings that stand below this key; none: it is no section.
fn section(key: &str) -> Vec<String> {
    let keys = SETTINGS.iter().filter_map(|setting| setting.key);
    let is_below = |one: &&str| one.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    keys.filter(is_below).map(str::to_owned).collect()
}

fn unknown(place: &str, key: &str) -> Problem {
    let never = settings::by_input(key).filter(|setting| setting.key.is_none()).or_else(|| below(key));
    let wrong = match never {
        Some(setting) if setting.kind == ValueKind::Secret => Wrong::SecretWritten,
        Some(_) => Wrong::InputOnly,
        None => Wrong::UnknownKey,
    };
    let keys = SETTINGS.iter().filter_map(|setting| setting.key);
    let nearest = if never.is_some() { None } else { settings::nearest(key, keys).map(str::to_owned) };
    Problem { nearest, ..Problem::at(format!("{place}.{key}"), wrong) }
}

/// The secret that is meant by a key within a section: `discord.webhook`, `github.token`.
fn below(key: &str) -> Option<&'static Setting> {
    let (_, last) = key.rsplit_once('.')?;
    let named = [key.replace('.', "-"), last.to_owned()];
    named.iter().filter_map(|name| settings::by_input(name)).find(|setting| setting.kind == ValueKind::Secret)
}

/// The first word of a command, counted from 1, that would not reach the program as it is: words are read as lines, which
/// have no blanks at their ends, and are none where they are empty.
fn odd_word(words: &[Json]) -> Option<usize> {
    let is_odd = |word: &Json| {
        let text = text_of(word).unwrap_or_default();
        let line = text.strip_suffix('\n').unwrap_or(&text);
        line.is_empty() || line != line.trim() || line.contains('\n')
    };
    words.iter().position(is_odd).map(|at| at + 1)
}

fn text_of(leaf: &Json) -> Option<String> {
    match leaf {
        Json::Null => Some(String::new()),
        Json::String(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => Some(number.to_string()),
        Json::Array(items) => {
            let lines: Option<Vec<String>> = items.iter().map(text_of).collect();
            lines.map(|lines| lines.join("\n"))
        }
        Json::Object(_) => None,
    }
}

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

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::failure::{Problem, TOLD};
use crate::settings::{self, Kind, SETTINGS};
use crate::tools::yaml;

/// Dotted key to raw text.
pub type Keys = BTreeMap<String, String>;

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
        Ok(_) => return (file, vec![unreadable(name, "the top level is not a mapping")]),
        Err(error) => return (file, vec![unreadable(name, &error.to_string())]),
    };
    for (key, value) in &top {
        match key.as_str() {
            "defaults" => flatten("defaults", "", value, &mut file.defaults, &mut problems),
            "environments" => read_environments(value, &mut file, &mut problems),
            _ => problems.push(Problem {
                place: key.clone(),
                value: None,
                accepted: "is not known at the top level: `defaults` and `environments` are.".to_owned(),
                nearest: settings::nearest(key, ["defaults", "environments"].into_iter()).map(str::to_owned),
            }),
        }
    }
    problems.truncate(TOLD);
    (file, problems)
}

fn unreadable(name: &str, seen: &str) -> Problem {
    let first: Vec<&str> = seen.lines().filter(|line| !line.trim().is_empty()).take(6).collect();
    Problem {
        place: name.to_owned(),
        value: None,
        accepted: format!("is not YAML that can be read: {}", first.join(" | ")),
        nearest: None,
    }
}

/// The problem of a file of which only a part was read: what it may say after that must not be missed.
#[must_use]
pub fn too_large(name: &str, cap: u64) -> Problem {
    misplaced(name, &format!("is larger than the {cap} bytes that are read of a configuration file."))
}

fn read_environments(value: &Json, file: &mut File, problems: &mut Vec<Problem>) {
    let Json::Object(environments) = value else {
        problems.push(misplaced("environments", "must be a mapping of names to settings."));
        return;
    };
    for (name, keys) in environments {
        let place = format!("environments.{name}");
        if super::value::read(Kind::Name, name, "").is_err() {
            problems.push(misplaced(&place, "has a name that cannot be a folder's name."));
            continue;
        }
        let mut flat = Keys::new();
        flatten(&place, "", keys, &mut flat, problems);
        file.environments.insert(name.clone(), flat);
    }
}

fn misplaced(place: &str, accepted: &str) -> Problem {
    Problem { place: place.to_owned(), value: None, accepted: accepted.to_owned(), nearest: None }
}

fn flatten(place: &str, prefix: &str, value: &Json, flat: &mut Keys, problems: &mut Vec<Problem>) {
    match value {
        _ if problems.len() >= TOLD => {}
        Json::Null if prefix.is_empty() => {}
        Json::Object(children) => {
            for (key, child) in children {
                let dotted = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(place, &dotted, child, flat, problems);
            }
        }
        _ if prefix.is_empty() => problems.push(misplaced(place, "must be a mapping of settings.")),
        leaf if prefix == "backup" => match text_of(leaf).as_deref() {
            Some("none") => drop(flat.insert("backup.paths".to_owned(), "none".to_owned())),
            _ => problems
                .push(misplaced(&format!("{place}.backup"), "must be `none`, or hold `paths`, `dir` and `keep`.")),
        },
        leaf => match SETTINGS.iter().find(|setting| setting.key == Some(prefix)) {
            Some(_) => match text_of(leaf) {
                Some(text) => drop(flat.insert(prefix.to_owned(), text)),
                None => {
                    problems.push(misplaced(&format!("{place}.{prefix}"), "must be text, a number or a list of these."))
                }
            },
            None => problems.push(unknown(place, prefix)),
        },
    }
}

fn unknown(place: &str, key: &str) -> Problem {
    let never = settings::by_input(key).filter(|setting| setting.key.is_none());
    let accepted = match never {
        Some(setting) if setting.kind == Kind::Secret => {
            "is a secret and never stands in a file: give it as an input, from `secrets`. Change it now, since it has been written down."
        }
        Some(_) => "is an input only: it cannot stand in the configuration file.",
        None => "is not a known setting.",
    };
    let keys = SETTINGS.iter().filter_map(|setting| setting.key);
    Problem {
        place: format!("{place}.{key}"),
        value: None,
        accepted: accepted.to_owned(),
        nearest: if never.is_some() { None } else { settings::nearest(key, keys).map(str::to_owned) },
    }
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

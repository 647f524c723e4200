//! Texts that a compose file itself gives to containers (`configs:` with `content:`; these and `secrets:` with
//! `environment:`), each of which has a copy. For another text `up` makes no container anew (seen with 2.26, whose hash is
//! of the service alone), and a restart keeps the old one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::compose_file::{listed, variables};

/// The texts of compose files, and who has a copy of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inline {
    /// Texts, each with the variables that stand in it; one that is a variable as a whole has none: where that comes from
    /// compose's environment, it may be another one in each run.
    texts: BTreeMap<String, BTreeSet<String>>,
    /// The configs and secrets of each service that has some; it may be another file that says what they are.
    used: BTreeMap<String, BTreeSet<String>>,
}

impl Inline {
    /// Those of one compose file.
    #[must_use]
    pub fn read(document: &Map<String, Value>) -> Self {
        let entries = |section| document.get(section).and_then(Value::as_object).into_iter().flatten();
        let text = |(name, given): (&String, &Value)| {
            let named = match given.get("content").and_then(Value::as_str) {
                Some(text) => variables(text).into_iter().collect(),
                None => given.get("environment").map(|_| BTreeSet::new())?,
            };
            Some((name.clone(), named))
        };
        let uses = |(name, service): (&String, &Value)| {
            let used = used_by(service);
            (!used.is_empty()).then(|| (name.clone(), used))
        };
        let texts = entries("configs").chain(entries("secrets")).filter_map(text).collect();
        Self { texts, used: entries("services").filter_map(uses).collect() }
    }

    /// Adds those of another file of the same project.
    pub fn add(&mut self, more: Self) {
        self.texts.extend(more.texts);
        for (service, used) in more.used {
            self.used.entry(service).or_default().extend(used);
        }
    }

    /// The services that use a text; where the files have not changed, only those whose text takes a value from one of
    /// these variables.
    #[must_use]
    pub fn services(&self, has_changed: bool, variables: &BTreeSet<String>) -> BTreeSet<String> {
        let is_other = |text| {
            self.texts.get(text).is_some_and(|named| has_changed || named.iter().any(|name| variables.contains(name)))
        };
        let users = self.used.iter().filter(|(_, used)| used.iter().any(is_other));
        users.map(|(service, _)| service.clone()).collect()
    }
}

fn used_by(service: &Value) -> BTreeSet<String> {
    let name = |entry: &Value| entry.get("source").unwrap_or(entry).as_str().map(str::to_owned);
    let entries = ["configs", "secrets"].into_iter().flat_map(|section| listed(service.get(section)));
    entries.filter_map(name).collect()
}

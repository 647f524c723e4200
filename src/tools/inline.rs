//! Texts that stand in a compose file itself and are copied into containers (`configs:` with `content:`). For another text
//! `up` makes no container anew (seen with 2.26, whose hash is of the service alone), and a restart keeps the old one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::compose_file::{listed, variables};

/// The configs of compose files that are texts, and who uses configs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inline {
    /// Configs that are texts, each with the variables that it takes values from.
    texts: BTreeMap<String, BTreeSet<String>>,
    /// The configs of each service that has some; it may be another file that says what they are.
    used: BTreeMap<String, BTreeSet<String>>,
}

impl Inline {
    /// Those of one compose file.
    #[must_use]
    pub fn read(document: &Map<String, Value>) -> Self {
        let entries = |section| document.get(section).and_then(Value::as_object).into_iter().flatten();
        let text = |(name, config): (&String, &Value)| {
            let text = config.get("content").and_then(Value::as_str)?;
            Some((name.clone(), variables(text).into_iter().collect()))
        };
        let uses = |(name, service): (&String, &Value)| {
            let configs = configs_of(service);
            (!configs.is_empty()).then(|| (name.clone(), configs))
        };
        Self {
            texts: entries("configs").filter_map(text).collect(),
            used: entries("services").filter_map(uses).collect(),
        }
    }

    /// Adds those of another file of the same project.
    pub fn add(&mut self, more: Self) {
        self.texts.extend(more.texts);
        for (service, configs) in more.used {
            self.used.entry(service).or_default().extend(configs);
        }
    }

    /// The services that use a text; where the files have not changed, only those whose text takes a value from one of
    /// these variables.
    #[must_use]
    pub fn services(&self, has_changed: bool, variables: &BTreeSet<String>) -> BTreeSet<String> {
        let is_other = |config| {
            self.texts.get(config).is_some_and(|named| has_changed || named.iter().any(|name| variables.contains(name)))
        };
        let users = self.used.iter().filter(|(_, configs)| configs.iter().any(is_other));
        users.map(|(service, _)| service.clone()).collect()
    }
}

fn configs_of(service: &Value) -> BTreeSet<String> {
    let name = |entry: &Value| entry.get("source").unwrap_or(entry).as_str().map(str::to_owned);
    listed(service.get("configs")).into_iter().filter_map(name).collect()
}

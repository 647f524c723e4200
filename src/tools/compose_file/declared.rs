//! What a compose file says of its project as a whole.

use std::collections::BTreeSet;

use serde_json::Value;

use super::wanted;
use crate::tools::yaml;

/// What a compose file says of its project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Its `name:`, as it is written.
    pub name: Option<String>,
    /// The services asked for and those that they need; none: some stand in other files, or cannot be read.
    pub services: Option<BTreeSet<String>>,
}

/// Reads what a compose file says of its project. Its name is found where the rest is not understood, too: it is
/// a line of its own.
#[must_use]
pub fn declared(yaml: &str, services: &[String]) -> Declared {
    let Ok(Value::Object(document)) = yaml::read(yaml) else {
        let name = yaml.lines().find_map(|line| line.strip_prefix("name:"));
        let bare = |name: &str| name.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
        return Declared { name: name.map(bare), services: None };
    };
    let name = document.get("name").and_then(Value::as_str).map(str::to_owned);
    let all = document.get("services").and_then(Value::as_object).filter(|_| !document.contains_key("include"));
    let names = |all| wanted(all, services).into_iter().map(str::to_owned).collect();
    Declared { name, services: all.map(names) }
}

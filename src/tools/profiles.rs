//! Services that run only in a profile, as compose files have them: compose leaves them alone unless they are named.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compose_file::{listed, literal};
use super::path::absolute;

/// What one compose file says of profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profiles {
    /// Its services that run only in a profile.
    pub services: BTreeSet<String>,
    /// Compose files whose services are its own, too; absolute.
    pub included: BTreeSet<String>,
    /// Its services that have a profile where the service that they extend has one: theirs, the other one's compose file
    /// (absolute) and its name there.
    pub extended: BTreeSet<(String, String, String)>,
}

/// Reads the compose file at `path`, whose relative paths begin in `folder`; both absolute.
#[must_use]
pub fn profiles(yaml: &str, path: &str, folder: &str) -> Profiles {
    let Ok(document) = super::yaml::read(yaml) else {
        return Profiles::default();
    };
    let mut found = Profiles::default();
    let file = |text: &Value| text.as_str().and_then(literal).map(|text| absolute(folder, &text));
    for included in listed(document.get("include")) {
        let paths = listed(Some(included.get("path").unwrap_or(included)));
        found.included.extend(paths.into_iter().filter_map(file));
    }
    let services = document.get("services").and_then(Value::as_object);
    for (name, service) in services.into_iter().flatten() {
        if !listed(service.get("profiles")).is_empty() {
            found.services.insert(name.clone());
        }
        if let Some(extends) = service.get("extends") {
            let base = extends.get("service").unwrap_or(extends).as_str();
            let place = extends.get("file").map_or_else(|| Some(path.to_owned()), file);
            found.extended.extend(base.zip(place).map(|(base, place)| (name.clone(), place, base.to_owned())));
        }
    }
    found
}

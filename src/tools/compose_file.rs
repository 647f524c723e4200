//! What a compose file refers to: the files and folders whose change `restart` cannot pick up,
//! and those that it can.
//!
//! Not a compose implementation: no variables, no merging of files. What cannot be told (a path
//! made of a variable, a tag such as `!reset`, broken YAML) is said to be so, never guessed. The
//! compose files that this one includes or extends are named for the caller to read as well.

mod declared;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub use declared::{Declared, declared};

use super::inline::Inline;
use super::path::absolute;

/// What a compose file refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum References {
    /// It could be read.
    Read(Box<Referenced>),
    /// It is no YAML mapping, or uses what is not understood here.
    Unreadable,
}

/// Absolute paths, without `.` and `..`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referenced {
    /// Files that take part in how containers are made: `.env`, env files, Dockerfiles.
    pub files: BTreeSet<String>,
    /// Compose files that this one includes or extends, not read yet. Whoever reads one hands it
    /// to [`References::follow`]; until then its whole folder counts as a build context.
    pub further: BTreeSet<String>,
    /// The folder that paths of such a file are relative to, where it is not its own.
    pub folders: BTreeMap<String, String>,
    /// Folders that images are built from.
    pub contexts: BTreeSet<String>,
    /// Paths that hold a variable or a home folder, as they are written.
    pub unknown: BTreeSet<String>,
    /// Variables that its services take values from, by name.
    pub variables: BTreeSet<String>,
    /// Its services that must have a container, without those of files in `further`.
    pub services: BTreeSet<String>,
    /// Services that those asked for need beside them, not as jobs that end; whether they have to be well, too.
    pub needed: BTreeMap<String, bool>,
    /// Its services of which compose makes no container by itself (`replicas: 0`, a profile).
    pub idle: BTreeSet<String>,
    /// Of `further`, those whose services are its own, too.
    pub included: BTreeSet<String>,
    /// Whether one of its services starts only once another one is well, or has done its work.
    pub waits: bool,
    /// Its texts that are copied into containers.
    pub inline: Inline,
    /// Services in whose network or processes each service is, where it is in another one's.
    pub joined: BTreeMap<String, BTreeSet<String>>,
}

impl References {
    /// Names other compose files of the same project, to be followed like those that this one names itself.
    #[must_use]
    pub fn beside<'a>(mut self, files: impl Iterator<Item = &'a String>) -> Self {
        if let Self::Read(referenced) = &mut self {
            referenced.further.extend(files.cloned());
        }
        self
    }

    /// Adds what `path`, one of `further`, refers to itself.
    #[must_use]
    pub fn follow(self, path: &str, itself: Self) -> Self {
        match (self, itself) {
            (Self::Read(mut all), Self::Read(more)) => {
                all.files.extend(more.files);
                all.contexts.extend(more.contexts);
                all.folders.extend(more.folders);
                all.unknown.extend(more.unknown);
                all.variables.extend(more.variables);
                all.waits |= more.waits;
                all.inline.add(more.inline);
                for (service, of) in more.joined {
                    all.joined.entry(service).or_default().extend(of);
                }
                // A file beside the first one has the last word on how many there are.
                all.services.retain(|service| !more.idle.contains(service));
                all.needed.retain(|service, _| !more.idle.contains(service));
                if all.included.contains(path) {
                    all.services.extend(more.services);
                    all.included.extend(more.included);
                }
                let new = more.further.into_iter().filter(|file| !all.files.contains(file));
                all.further.extend(new);
                all.further.remove(path);
                all.files.insert(path.to_string());
                Self::Read(all)
            }
            _ => Self::Unreadable,
        }
    }
}

/// Reads a compose file that stands in `folder` (absolute), as far as these services and what
/// they depend on go; no services: all of them.
#[must_use]
pub fn references(yaml: &str, folder: &str, services: &[String]) -> References {
    let Ok(Value::Object(document)) = super::yaml::read(yaml) else {
        return References::Unreadable;
    };
    let nothing = Map::new();
    let all = document.get("services").and_then(Value::as_object).unwrap_or(&nothing);
    let mut reader = Reader { folder, found: Referenced::default() };
    reader.found.files.insert(absolute(folder, ".env"));
    for included in listed(document.get("include")) {
        reader.include(included, services.is_empty());
    }
    for name in wanted(all, services) {
        if let Some(service) = all.get(name) {
            reader.service(service);
            let is_restarted = |name: &str| services.is_empty() || services.iter().any(|asked| asked == name);
            reader.found.waits |= is_restarted(name) && awaited(service).any(is_restarted);
            let is_asked = services.iter().any(|asked| asked == name);
            if is_asked || services.is_empty() && is_started(service) {
                reader.found.services.insert(name.to_owned());
            }
            if !is_started(service) {
                reader.found.idle.insert(name.to_owned());
            }
        }
    }
    reader.found.needed = needed(all, services);
    reader.found.inline = Inline::read(&document);
    let joined = |service| joined(service).map(str::to_owned).collect();
    reader.found.joined = all.iter().map(|(name, service)| (name.clone(), joined(service))).collect();
    for section in ["configs", "secrets", "networks", "volumes"].iter().filter_map(|section| document.get(*section)) {
        reader.shared(section);
    }
    References::Read(Box::new(reader.found))
}

/// The services asked for and those they need, by name.
fn wanted<'a>(all: &'a Map<String, Value>, services: &'a [String]) -> BTreeSet<&'a str> {
    if services.is_empty() {
        return all.keys().map(String::as_str).collect();
    }
    let mut open: Vec<&str> = services.iter().map(String::as_str).collect();
    let mut names = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !names.insert(name) {
            continue;
        }
        let Some(service) = all.get(name) else {
            continue;
        };
        open.extend(needs(service).into_iter().map(|(name, _)| name));
        let extended = service.get("extends");
        let same_file = extended.is_some_and(|extended| extended.get("file").is_none());
        let other = extended.map(|extended| extended.get("service").unwrap_or(extended));
        open.extend(other.filter(|_| same_file).and_then(Value::as_str));
    }
    names
}

/// What these services need beside them, by name, as [`Referenced::needed`] has it.
fn needed(all: &Map<String, Value>, services: &[String]) -> BTreeMap<String, bool> {
    let mut needed = BTreeMap::new();
    let mut open: Vec<&str> = services.iter().map(String::as_str).collect();
    while let Some(service) = open.pop().and_then(|name| all.get(name)) {
        for (name, need) in needs(service) {
            let is_known = needed.contains_key(name) || services.iter().any(|asked| asked == name);
            let condition = need.and_then(|need| need.get("condition")).and_then(Value::as_str);
            let is_optional = need.and_then(|need| need.get("required")).is_some_and(|required| required == "false");
            let is_job = condition == Some("service_completed_successfully");
            if !is_known && !is_optional && !is_job && all.get(name).is_some_and(is_started) {
                needed.insert(name.to_owned(), condition == Some("service_healthy"));
                open.push(name);
            }
        }
    }
    needed
}

/// What a service depends on, with what is said of it.
fn needs(service: &Value) -> Vec<(&str, Option<&Value>)> {
    let mut all: Vec<(&str, Option<&Value>)> = match service.get("depends_on") {
        Some(Value::Object(map)) => map.iter().map(|(name, need)| (name.as_str(), Some(need))).collect(),
        other => names_in(other).into_iter().map(|name| (name, None)).collect(),
    };
    all.extend(joined(service).map(|name| (name, None)));
    all
}

/// Services that have to be well, to have done their work, or to run, before it starts.
fn awaited(service: &Value) -> impl Iterator<Item = &str> {
    let needs = service.get("depends_on").and_then(Value::as_object);
    let is_awaited = |need: &Value| need.get("condition").is_some_and(|condition| condition != "service_started");
    let named = needs.into_iter().flatten().filter(move |(_, need)| is_awaited(need)).map(|(name, _)| name.as_str());
    named.chain(joined(service))
}

/// Services whose network or processes it shares: 1.29 starts both at once, and cannot join what does not run.
fn joined(service: &Value) -> impl Iterator<Item = &str> {
    let keys = ["network_mode", "ipc", "pid"].into_iter();
    keys.filter_map(|key| service.get(key)?.as_str()?.strip_prefix("service:"))
}

/// Whether compose makes containers of a service by itself, as far as that can be told.
fn is_started(service: &Value) -> bool {
    let is_variable = |count: &Value| count.as_str().is_some_and(|count| count.contains('$'));
    let is_none = |path| service.pointer(path).is_some_and(|count| *count == "0" || is_variable(count));
    let elsewhere = service.get("provider").is_some() || !listed(service.get("profiles")).is_empty();
    !elsewhere && !is_none("/scale") && !is_none("/deploy/replicas")
}

/// A list's texts, or a mapping's keys.
fn names_in(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::Object(map)) => map.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A list's entries, or the one entry that stands for a list.
pub(super) fn listed(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

struct Reader<'a> {
    folder: &'a str,
    found: Referenced,
}

impl Reader<'_> {
    /// The absolute path, or none and a note that it cannot be told.
    fn path(&mut self, base: &str, text: &str) -> Option<String> {
        let path = literal(text).map(|text| absolute(base, &text));
        if path.is_none() {
            self.found.unknown.insert(text.to_string());
        }
        path
    }

    fn file(&mut self, base: &str, value: Option<&Value>) {
        if let Some(path) = value.and_then(Value::as_str).and_then(|text| self.path(base, text)) {
            self.found.files.insert(path);
        }
    }

    fn compose_file(&mut self, value: Option<&Value>) {
        let Some(text) = value.and_then(Value::as_str) else {
            return;
        };
        if text.contains("://") {
            self.found.unknown.insert(text.to_string());
        } else if let Some(path) = self.path(self.folder, text) {
            self.found.further.insert(path);
        }
    }

    /// A file that is included, with its services where all are asked for; of several paths one changes what another says.
    fn include(&mut self, included: &Value, is_whole: bool) {
        let paths = listed(Some(included.get("path").unwrap_or(included)));
        for path in &paths {
            self.compose_file(Some(path));
        }
        if let ([path], true) = (&paths[..], is_whole) {
            let path = path.as_str().and_then(literal).map(|text| absolute(self.folder, &text));
            self.found.included.extend(path);
        }
        for file in listed(included.get("env_file")) {
            self.file(self.folder, Some(file));
        }
        if let Some(text) = included.get("project_directory").and_then(Value::as_str)
            && let Some(folder) = self.path(self.folder, text)
        {
            let files = paths.iter().filter_map(|path| path.as_str().and_then(literal));
            let files = files.map(|file| (absolute(self.folder, &file), folder.clone()));
            self.found.folders.extend(files.collect::<Vec<_>>());
        }
    }

    fn service(&mut self, service: &Value) {
        for key in ["env_file", "label_file"] {
            for file in listed(service.get(key)) {
                self.file(self.folder, Some(file.get("path").unwrap_or(file)));
            }
        }
        self.variables(service);
        for key in ["/environment", "/build/args"] {
            self.handed_on(service.pointer(key));
        }
        self.file(self.folder, service.pointer("/credential_spec/file"));
        self.compose_file(service.pointer("/extends/file"));
        self.build(service.get("build"));
    }

    /// What services share: a secret or a config may be a variable, or hold some.
    fn shared(&mut self, section: &Value) {
        self.variables(section);
        let each = section.as_object().into_iter().flat_map(Map::values);
        let named = each.filter_map(|one| one.get("environment").and_then(Value::as_str));
        self.found.variables.extend(named.map(str::to_owned));
    }

    /// Those that stand in its texts.
    fn variables(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.found.variables.extend(variables(text)),
            Value::Array(list) => list.iter().for_each(|value| self.variables(value)),
            Value::Object(map) => map.values().for_each(|value| self.variables(value)),
            _ => {}
        }
    }

    /// Those that are named without a value: each has the value that compose finds in its own environment.
    fn handed_on(&mut self, given: Option<&Value>) {
        let names: Vec<&str> = match given {
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).filter(|name| !name.contains('=')).collect()
            }
            Some(Value::Object(map)) => {
                map.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.as_str()).collect()
            }
            _ => Vec::new(),
        };
        self.found.variables.extend(names.into_iter().map(str::to_owned));
    }

    fn build(&mut self, build: Option<&Value>) {
        let Some(build) = build.filter(|build| !build.is_null()) else {
            return;
        };
        let written = build.as_str().or_else(|| build.get("context").and_then(Value::as_str));
        let context = self.context(written.unwrap_or("."));
        for place in additional(build.get("additional_contexts")) {
            self.context(place);
        }
        if build.get("dockerfile_inline").is_none()
            && let Some(context) = context
        {
            let default = Value::from("Dockerfile");
            self.file(&context, Some(build.get("dockerfile").unwrap_or(&default)));
        }
    }

    fn context(&mut self, text: &str) -> Option<String> {
        // Somewhere else (a repository, an image, another service): nothing of ours changes it.
        let elsewhere = ["git@", "github.com/", "service:"].iter().any(|start| text.starts_with(start));
        if elsewhere || text.contains("://") {
            return None;
        }
        let path = self.path(self.folder, text)?;
        self.found.contexts.insert(path.clone());
        Some(path)
    }
}

/// The variables of a text: `$NAME`, `${NAME}`, `${NAME:-...}`; `$$` is a dollar.
pub(super) fn variables(text: &str) -> Vec<String> {
    let text = text.replace("$$", "");
    let starts = text.split('$').skip(1).map(|rest| rest.strip_prefix('{').unwrap_or(rest));
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let names = starts.map(|rest| rest.split(|letter| !is_part(letter)).next().unwrap_or_default().to_owned());
    names.filter(|name| !name.is_empty() && !name.starts_with(|letter: char| letter.is_ascii_digit())).collect()
}

/// The place of each additional context, written as a mapping or as `name=place`.
fn additional(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Object(map)) => map.values().filter_map(Value::as_str).collect(),
        Some(Value::Array(list)) => {
            let entries = list.iter().filter_map(|entry| entry.as_str()?.split_once('='));
            entries.map(|(_, place)| place).collect()
        }
        _ => Vec::new(),
    }
}

/// The text that compose takes a value for; none when it depends on a variable or a home folder.
pub(super) fn literal(text: &str) -> Option<String> {
    let text = text.replace("$$", "\0");
    let told = !text.contains('$') && !text.starts_with('~');
    told.then(|| text.replace('\0', "$"))
}

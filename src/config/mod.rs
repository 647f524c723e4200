//! Raw text to a [`Config`], or every [`Problem`] at once, before anything is touched. An input
//! wins over the file, the file's environment over its defaults, these over the built-in default.
//! Parses, never does.

pub mod args;
pub mod file;
mod origin;
pub mod value;

use std::collections::BTreeMap;

pub use origin::Origin;

use crate::environment::{Ci, Compose, ComposeStrategy, Environment, Health, Locale, Otherwise, Watch};
use crate::failure::Problem;
use crate::host::Start;
use crate::settings::{self, Kind, Mode, SETTINGS};
use crate::sha::Sha;
use crate::tools::secret::Secret;
use file::{File, Keys};
use value::Value;

/// A run, fully understood.
#[derive(Debug, Clone)]
pub struct Config {
    /// What to do.
    pub mode: Mode,
    /// The environments it is about, in the file's order.
    pub environments: Vec<Environment>,
    /// Folder that holds one folder for each environment.
    pub state_dir: String,
    /// Language of summaries.
    pub locale: Locale,
    /// What was asked beside the settings of an environment.
    pub request: Request,
    /// Secrets; never stored, never shown.
    pub secrets: Secrets,
    /// Where the run comes from.
    pub origin: Origin,
    /// The configuration file's text, for a watcher that starts from it.
    pub file: Option<String>,
    /// The inputs as given, for a watcher that starts from them.
    pub inputs: BTreeMap<String, String>,
}

/// What was asked beside the settings of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The commit.
    pub sha: Option<Sha>,
    /// Where a rollback goes.
    pub to: Target,
    /// Whether quarantine, age and freeze are obeyed.
    pub force: Force,
    /// Whether anything may change.
    pub intent: Intent,
}

/// Where a rollback goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The newest validated SHA.
    LastValidated,
    /// What was live before what is live.
    Previous,
    /// 7 to 40 digits.
    Digits(String),
}

/// Whether quarantine, age and freeze are obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Force {
    /// They are.
    Obey,
    /// They are not; it is told everywhere.
    Override,
}

/// Whether anything may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Do it.
    Act,
    /// Print the plan.
    DryRun,
}

/// Secrets of a run.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// Discord webhook URL.
    pub webhook: Option<Secret>,
    /// GitHub token that ends with the job.
    pub token: Option<Secret>,
    /// GitHub token that outlives the job.
    pub watch_token: Option<Secret>,
}

const DEFAULT_FILE: &str = ".github/mangetamain-deploy.yml";

/// The configuration file to read, absolute.
#[must_use]
pub fn file_path(start: &Start) -> String {
    let named = start.inputs.get("config").map(|text| text.trim()).filter(|text| !text.is_empty());
    let home = start.env.get("HOME").map_or("", String::as_str);
    let workspace = start.env.get("GITHUB_WORKSPACE").map_or(start.folder.as_str(), String::as_str);
    let path = named.unwrap_or(DEFAULT_FILE);
    match path.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None if path.starts_with('/') => path.to_owned(),
        None => format!("{workspace}/{path}"),
    }
}

/// Reads everything; `text` is the configuration file's text, `event` the event's payload.
pub fn read(start: &Start, text: Option<&str>, event: Option<&str>) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader { start, file: File::default(), unread: false, problems: Vec::new() };
    match (text, reader.given("config")) {
        (Some(text), _) => match file::read(&file_path(start), text) {
            Ok(file) => reader.file = file,
            Err(problems) => {
                reader.unread = true;
                reader.problems.extend(problems);
            }
        },
        (None, Some(_)) => reader.refuse("config", "names a file that does not exist."),
        (None, None) => {}
    }
    reader.unknown_inputs();
    let mode = reader.mode();
    let names = reader.names(mode);
    let origin = Origin::of(start, event);
    let environments: Vec<Environment> = names.iter().filter_map(|name| reader.environment(name, mode)).collect();
    let request = reader.request(mode, &origin);
    let secrets = reader.secrets();
    let keys = Keys::new();
    let state_dir = reader.text("state-dir", "", &keys).unwrap_or_else(|| "/var/app-state".to_owned());
    let locale = reader.locale(&keys);
    match mode {
        Some(mode) if reader.problems.is_empty() => {
            let inputs = start.inputs.clone();
            let file = text.map(str::to_owned);
            Ok(Config { mode, environments, state_dir, locale, request, secrets, origin, file, inputs })
        }
        _ => Err(each_once(reader.problems)),
    }
}

/// A setting that is read in two places is told once.
fn each_once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut once: Vec<Problem> = Vec::new();
    for problem in problems {
        if !once.contains(&problem) {
            once.push(problem);
        }
    }
    once
}

struct Reader<'a> {
    start: &'a Start,
    file: File,
    /// The file has problems of its own: what it may well hold is not told to be missing.
    unread: bool,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn given(&self, input: &str) -> Option<&str> {
        self.start.inputs.get(input).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn refuse(&mut self, place: &str, accepted: &str) {
        let value = self.given(place).map(str::to_owned);
        self.problems.push(Problem { place: place.to_owned(), value, accepted: accepted.to_owned(), nearest: None });
    }

    fn unknown_inputs(&mut self) {
        let names: Vec<String> = self.start.inputs.keys().cloned().collect();
        for name in names.iter().filter(|name| settings::by_input(name).is_none()) {
            let known = SETTINGS.iter().map(|setting| setting.input);
            self.problems.push(Problem {
                place: name.clone(),
                value: None,
                accepted: "is not a known input.".to_owned(),
                nearest: settings::nearest(name, known).map(str::to_owned),
            });
        }
    }

    fn mode(&mut self) -> Option<Mode> {
        let Some(word) = self.given("mode").map(str::to_owned) else {
            self.refuse("mode", "is required: deploy, watch, rollback, promote, health, report, status or doctor.");
            return None;
        };
        let mode = Mode::ALL.into_iter().find(|mode| mode.word() == word);
        if mode.is_none() {
            self.problems.push(Problem {
                place: "mode".to_owned(),
                value: Some(word.clone()),
                accepted: "must be deploy, watch, rollback, promote, health, report, status or doctor.".to_owned(),
                nearest: settings::nearest(&word, Mode::ALL.iter().map(|mode| mode.word())).map(str::to_owned),
            });
        }
        mode
    }

    fn names(&mut self, mode: Option<Mode>) -> Vec<String> {
        if let Some(name) = self.given("environment").map(str::to_owned) {
            if let Err(accepted) = value::read(Kind::Name, &name, "") {
                self.refuse("environment", &accepted);
                return Vec::new();
            }
            return vec![name];
        }
        if matches!(mode, Some(Mode::Deploy | Mode::Watch | Mode::Rollback | Mode::Promote)) {
            self.refuse("environment", "is required: the environment's name, such as preprod.");
        }
        self.file.environments.keys().cloned().collect()
    }

    /// The raw text of a setting, and where it stands.
    fn raw(&self, input: &str, name: &str, keys: &Keys) -> Option<(String, String)> {
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

    fn value(&mut self, input: &str, name: &str, keys: &Keys) -> Option<Value> {
        let (place, text) = self.raw(input, name, keys)?;
        let kind = settings::by_input(input)?.kind;
        let home = self.start.env.get("HOME").map_or("", String::as_str);
        match value::read(kind, &text, home) {
            Ok(value) => Some(value),
            Err(accepted) => {
                let value = (kind != Kind::Secret).then_some(text);
                self.problems.push(Problem { place, value, accepted, nearest: None });
                None
            }
        }
    }

    fn text(&mut self, input: &str, name: &str, keys: &Keys) -> Option<String> {
        match self.value(input, name, keys) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn lines(&mut self, input: &str, name: &str, keys: &Keys) -> Vec<String> {
        match self.value(input, name, keys) {
            Some(Value::Lines(lines)) => lines,
            _ => Vec::new(),
        }
    }

    fn number(&mut self, input: &str, name: &str, keys: &Keys, default: u64) -> u64 {
        match self.value(input, name, keys) {
            Some(Value::Number(number)) => number,
            _ => default,
        }
    }

    fn flag(&mut self, input: &str) -> bool {
        matches!(self.value(input, "", &Keys::new()), Some(Value::Flag(true)))
    }

    fn locale(&mut self, keys: &Keys) -> Locale {
        match self.text("locale", "", keys).as_deref() {
            Some("en") => Locale::En,
            _ => Locale::Fr,
        }
    }

    fn environment(&mut self, name: &str, mode: Option<Mode>) -> Option<Environment> {
        let keys = self.file.environments.get(name).cloned().unwrap_or_default();
        let before = self.problems.len();
        let app_path = self.text("app-path", name, &keys).unwrap_or_default();
        let places = matches!(mode, Some(Mode::Deploy | Mode::Watch | Mode::Rollback | Mode::Promote));
        if places && app_path.is_empty() && self.problems.len() == before && !self.unread {
            self.refuse("app-path", "is required: the git work tree on this machine, or a folder in one.");
        }
        let state_dir = self.text("state-dir", name, &keys).unwrap_or_else(|| "/var/app-state".to_owned());
        let state_folder = format!("{state_dir}/{name}");
        let point = self.text("rollback-point-file", name, &keys);
        let url = self.text("url", name, &keys);
        let environment = Environment {
            name: name.to_owned(),
            label: self.text("label", name, &keys).unwrap_or_else(|| name.to_uppercase()),
            app_path,
            branch: self.branch(name, &keys),
            compose: self.compose(name, &keys),
            deploy_command: self.lines("deploy-command", name, &keys),
            health: self.health(name, &keys, mode, url.as_deref()),
            url,
            on_unhealthy: self.otherwise("on-unhealthy", name, &keys, Otherwise::Rollback),
            guard_paths: self.lines("guard-paths", name, &keys),
            ci: self.ci(name, &keys),
            rollback_point_file: point.unwrap_or_else(|| format!("{state_folder}/last-validated-sha.txt")),
            state_folder,
            log_folder: self.text("log-dir", name, &keys).unwrap_or_else(|| "/tmp".to_owned()),
            lock_timeout_ms: self.number("lock-timeout", name, &keys, 600_000),
            mention: self.mention(name, &keys),
            locale: self.locale(&keys),
        };
        (self.problems.len() == before).then_some(environment)
    }

    fn mention(&mut self, name: &str, keys: &Keys) -> Option<String> {
        let text = self.text("discord-mention", name, keys)?;
        if crate::tools::discord::Mention::parse(&text).is_err() {
            self.problems.push(Problem {
                place: "discord-mention".to_owned(),
                value: Some(text),
                accepted: "must be a role or user id, `role:ID`, `user:ID` or `everyone`.".to_owned(),
                nearest: None,
            });
            return None;
        }
        Some(text)
    }

    fn branch(&mut self, name: &str, keys: &Keys) -> String {
        let branch = self.text("branch", name, keys).unwrap_or_else(|| "main".to_owned());
        // git's own rules (git-check-ref-format), as far as they keep a name from being anything else.
        let bad = |c: char| c.is_whitespace() || "~^:?*[\\".contains(c);
        if branch.starts_with(['-', '/', '.']) || branch.ends_with('/') || branch.contains("..") || branch.contains(bad)
        {
            let accepted = "must be the name of a branch.".to_owned();
            self.problems.push(Problem {
                place: "branch".to_owned(),
                value: Some(branch.clone()),
                accepted,
                nearest: None,
            });
        }
        branch
    }

    fn compose(&mut self, name: &str, keys: &Keys) -> Option<Compose> {
        let file = self.text("compose-file", name, keys);
        let mut services = self.lines("compose-service", name, keys);
        services.retain(|service| service != "all");
        if let Some(bad) = services.iter().find(|service| value::read(Kind::Name, service, "").is_err()).cloned() {
            let accepted = "must be names of services.".to_owned();
            self.problems.push(Problem {
                place: "compose-service".to_owned(),
                value: Some(bad),
                accepted,
                nearest: None,
            });
        }
        let strategy = match self.text("compose-strategy", name, keys).as_deref() {
            Some("restart") => ComposeStrategy::Restart,
            Some("up") => ComposeStrategy::Up,
            Some("recreate") => ComposeStrategy::Recreate,
            _ => ComposeStrategy::Auto,
        };
        Some(Compose { file: file?, services, strategy })
    }

    fn health(&mut self, name: &str, keys: &Keys, mode: Option<Mode>, url: Option<&str>) -> Health {
        let mut urls = self.lines("health-url", name, keys);
        if urls.is_empty() {
            urls.extend(url.map(str::to_owned));
        }
        let attempts = if mode == Some(Mode::Promote) { 5 } else { 3 };
        let status = match self.value("health-status", name, keys) {
            Some(Value::Statuses(codes)) if !codes.is_empty() => codes,
            _ => vec![200],
        };
        let json = match self.value("health-json", name, keys) {
            Some(Value::Pair(key, value)) => Some((key, value)),
            _ => None,
        };
        Health {
            urls,
            status,
            contains: self.text("health-contains", name, keys),
            json,
            attempts: u32::try_from(self.number("health-attempts", name, keys, attempts)).unwrap_or(3),
            interval_ms: self.number("health-interval", name, keys, 10_000),
            timeout_ms: self.number("health-timeout", name, keys, 10_000),
            grace_ms: self.number("health-grace", name, keys, 30_000),
        }
    }

    fn ci(&mut self, name: &str, keys: &Keys) -> Ci {
        let watch = match self.text("watch", name, keys).as_deref() {
            Some("detached") => Watch::Detached,
            Some("inline") => Watch::Inline,
            Some("event") => Watch::Event,
            Some("none") => Watch::None,
            _ => Watch::Auto,
        };
        Ci {
            workflow: self.text("ci-workflow", name, keys).unwrap_or_else(|| "ci.yml".to_owned()),
            watch,
            delay_ms: self.number("ci-delay", name, keys, 30_000),
            interval_ms: self.number("ci-interval", name, keys, 10_000).max(100),
            timeout_ms: self.number("ci-timeout", name, keys, 300_000),
            on_timeout: self.otherwise("on-timeout", name, keys, Otherwise::Keep),
        }
    }

    fn otherwise(&mut self, input: &str, name: &str, keys: &Keys, default: Otherwise) -> Otherwise {
        match self.text(input, name, keys).as_deref() {
            Some("rollback") => Otherwise::Rollback,
            Some("keep") => Otherwise::Keep,
            _ => default,
        }
    }

    fn request(&mut self, mode: Option<Mode>, origin: &Origin) -> Request {
        let given = self.text("sha", "", &Keys::new()).and_then(|text| Sha::parse(&text).ok());
        let sha = given.or_else(|| origin.sha.clone());
        if matches!(mode, Some(Mode::Deploy | Mode::Watch)) && sha.is_none() && self.given("sha").is_none() {
            self.refuse("sha", "is required outside a workflow: the commit's 40 digits.");
        }
        let to = match self.text("to", "", &Keys::new()).as_deref() {
            None | Some("last-validated") => Target::LastValidated,
            Some("previous") => Target::Previous,
            Some(digits) => {
                if !(7..=40).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    self.refuse("to", "must be last-validated, previous, or a SHA of 7 to 40 digits.");
                }
                Target::Digits(digits.to_ascii_lowercase())
            }
        };
        let force = if self.flag("force") { Force::Override } else { Force::Obey };
        let intent = if self.flag("dry-run") { Intent::DryRun } else { Intent::Act };
        Request { sha, to, force, intent }
    }

    fn secrets(&mut self) -> Secrets {
        let keys = Keys::new();
        let mut secret = |input: &str| {
            let variable = self.start.env.get(args::variable(input)).filter(|_| self.start.door == "command");
            let text = self.text(input, "", &keys).or_else(|| variable.cloned());
            text.filter(|text| !text.trim().is_empty())
        };
        let webhook = secret("discord-webhook");
        let token = secret("token").map(Secret::new);
        let watch_token = secret("watch-token").map(Secret::new);
        let webhook = webhook.and_then(|text| match crate::tools::discord::webhook(&text) {
            Ok(webhook) => Some(webhook),
            Err(why) => {
                let accepted = why.to_string();
                self.problems.push(Problem {
                    place: "discord-webhook".to_owned(),
                    value: None,
                    accepted,
                    nearest: None,
                });
                None
            }
        });
        Secrets { webhook, token, watch_token }
    }
}

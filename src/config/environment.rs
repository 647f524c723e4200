//! One environment's settings, from the file and the inputs.

use super::file::Keys;
use super::reader::Reader;
use super::value::{self, Value};
use crate::environment::{Backup, Ci, Compose, ComposeStrategy, Environment, Health, Otherwise, Shown, Style, Watch};
use crate::failure::Problem;
use crate::failure::problem::{Form, Needed, Wrong};
use crate::settings::{Mode, STATE_DIR, ValueKind};
use crate::tools::path::is_within;

impl Reader<'_> {
    pub(super) fn environment(&mut self, name: &str, mode: Option<Mode>) -> Option<Environment> {
        let keys = self.file.environments.get(name).cloned().unwrap_or_default();
        let before = self.problems.len();
        let app_path = self.text("app-path", name, &keys).unwrap_or_default();
        let places = matches!(mode, Some(Mode::Deploy | Mode::Watch | Mode::Rollback | Mode::Promote));
        if places && app_path.is_empty() && self.problems.len() == before && !self.unread {
            self.lack("app-path", Needed::Tree, mode);
        }
        let state_dir = self.text("state-dir", name, &keys).unwrap_or_else(|| STATE_DIR.to_owned());
        let state_folder = format!("{state_dir}/{name}");
        let point = self.text("rollback-point-file", name, &keys);
        let url = self.text("url", name, &keys);
        let promote_from = self.text("promote-from", name, &keys).unwrap_or_else(|| "preprod".to_owned());
        if mode == Some(Mode::Promote) && promote_from == name {
            self.refuse("promote-from", Wrong::SameEnvironment);
        }
        let environment = Environment {
            name: name.to_owned(),
            label: self.text("label", name, &keys).unwrap_or_else(|| name.to_uppercase()),
            app_path,
            top: String::new(),
            branch: self.branch(name, &keys),
            compose: self.compose(name, &keys, mode),
            deploy_command: self.lines("deploy-command", name, &keys),
            command_limit_ms: self.number("deploy-command-timeout", name, &keys, 900_000),
            health: self.health(name, &keys, mode, url.as_deref()),
            url,
            on_unhealthy: self.otherwise("on-unhealthy", name, &keys, Otherwise::Rollback),
            guard_paths: self.lines("guard-paths", name, &keys),
            ci: self.ci(name, &keys),
            promote_from,
            freeze: self.lines("freeze", name, &keys),
            backup: self.backup(name, &keys, mode, &state_folder),
            rollback_point_file: point.unwrap_or_else(|| format!("{state_folder}/last-validated-sha.txt")),
            state_folder,
            log_folder: self.text("log-dir", name, &keys).unwrap_or_else(|| "/tmp".to_owned()),
            lock_timeout_ms: self.number("lock-timeout", name, &keys, 600_000),
            mention: self.mention(name, &keys),
            style: match self.text("discord-style", name, &keys).as_deref() {
                Some("text") => Style::Text,
                _ => Style::Embed,
            },
            deployments: match self.text("github-deployments", name, &keys).as_deref() {
                Some("off") => Shown::Off,
                _ => Shown::Auto,
            },
            locale: self.locale(name, &keys),
        };
        (self.problems.len() == before || mode == Some(Mode::Doctor)).then_some(environment)
    }

    /// Nothing names the work tree, say. Whoever goes back, or settles what was deployed, may leave that to the ledger; so
    /// may who deploys at a terminal.
    fn lack(&mut self, place: &str, what: Needed, mode: Option<Mode>) {
        let missing = Problem::at(place, Wrong::Missing(what));
        match mode {
            Some(Mode::Watch | Mode::Rollback) => self.lacking.push(missing),
            Some(Mode::Deploy) if self.start.door == "command" => self.lacking.push(missing),
            _ => self.problems.push(missing),
        }
    }

    fn backup(&mut self, name: &str, keys: &Keys, mode: Option<Mode>, state_folder: &str) -> Backup {
        let paths = self.lines("backup-paths", name, keys);
        let folder = self.text("backup-dir", name, keys).unwrap_or_else(|| format!("{state_folder}/backups"));
        let keep = self.number("backup-keep", name, keys, 10);
        if mode == Some(Mode::Promote) && self.raw("backup-paths", name, keys).is_none() && !self.unread {
            self.refuse("backup-paths", Wrong::Missing(Needed::BackupPaths));
        }
        for (at, path) in paths.iter().enumerate() {
            let others = paths.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, path)| path);
            let wrong = match others.into_iter().find(|other| is_within(path, other)) {
                _ if is_within(&folder, path) => Wrong::HoldsBackups(folder.clone()),
                _ if is_within(state_folder, path) => Wrong::HoldsState(state_folder.to_owned()),
                Some(outer) => Wrong::SavedTwice(outer.clone()),
                None => continue,
            };
            let place = self.raw("backup-paths", name, keys).map_or_else(String::new, |(place, _)| place);
            self.problems.push(Problem::of(place, path.clone(), wrong));
        }
        Backup { paths, folder, keep }
    }

    pub(super) fn mention(&mut self, name: &str, keys: &Keys) -> Option<String> {
        let text = self.text("discord-mention", name, keys)?;
        if crate::tools::discord::Mention::parse(&text).is_err() {
            self.problems.push(Problem::of("discord-mention", text, Wrong::Unlike(Form::Mention)));
            return None;
        }
        Some(text)
    }

    pub(super) fn branch(&mut self, name: &str, keys: &Keys) -> String {
        let branch = self.text("branch", name, keys).unwrap_or_else(|| "main".to_owned());
        // git's own rules (git-check-ref-format), as far as they keep a name from being anything else.
        let bad = |c: char| c.is_whitespace() || "~^:?*[\\".contains(c);
        if branch.starts_with(['-', '/', '.']) || branch.ends_with('/') || branch.contains("..") || branch.contains(bad)
        {
            self.problems.push(Problem::of("branch", branch.clone(), Wrong::Unlike(Form::Branch)));
        }
        branch
    }

    /// Without a file where the ledger is to say which.
    pub(super) fn compose(&mut self, name: &str, keys: &Keys, mode: Option<Mode>) -> Option<Compose> {
        let file = self.text("compose-file", name, keys);
        // A container's label would tell of two files, none of which is this one.
        let parted = file.as_ref().filter(|file| file.contains(','));
        self.problems.extend(parted.map(|file| Problem::of("compose-file", file, Wrong::Unlike(Form::PathUnparted))));
        let mut services = self.lines("compose-service", name, keys);
        services.retain(|service| service != "all");
        let bad = services.iter().find(|service| value::read(ValueKind::Name, service, "").is_err()).cloned();
        let is_bad = bad.is_some();
        self.problems.extend(bad.map(|bad| Problem::of("compose-service", bad, Wrong::Unlike(Form::Services))));
        let strategy = match self.text("compose-strategy", name, keys).as_deref() {
            Some("restart") => ComposeStrategy::Restart,
            Some("up") => ComposeStrategy::Up,
            Some("recreate") => ComposeStrategy::Recreate,
            _ => ComposeStrategy::Auto,
        };
        // In the file's `defaults` it may be meant for other environments.
        let is_said = !services.is_empty() && self.given("compose-service").is_some()
            || strategy != ComposeStrategy::Auto && self.given("compose-strategy").is_some();
        if file.is_none() && is_said && !is_bad {
            self.lack("compose-file", Needed::ComposeFile, mode);
            return Some(Compose { file: String::new(), services, strategy });
        }
        Some(Compose { file: file?, services, strategy })
    }

    pub(super) fn health(&mut self, name: &str, keys: &Keys, mode: Option<Mode>, url: Option<&str>) -> Health {
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
            interval_ms: self.number("health-interval", name, keys, 10_000).max(100),
            timeout_ms: self.number("health-timeout", name, keys, 10_000),
            grace_ms: self.number("health-grace", name, keys, 30_000),
        }
    }

    pub(super) fn ci(&mut self, name: &str, keys: &Keys) -> Ci {
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

    pub(super) fn otherwise(&mut self, input: &str, name: &str, keys: &Keys, default: Otherwise) -> Otherwise {
        match self.text(input, name, keys).as_deref() {
            Some("rollback") => Otherwise::Rollback,
            Some("keep") => Otherwise::Keep,
            _ => default,
        }
    }
}

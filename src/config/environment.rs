//! One environment's settings, from the file and the inputs.

use super::file::Keys;
use super::reader::Reader;
use super::value::{self, Value};
use crate::environment::{Ci, Compose, ComposeStrategy, Environment, Health, Otherwise, Watch};
use crate::failure::Problem;
use crate::settings::{Kind, Mode};

impl Reader<'_> {
    pub(super) fn environment(&mut self, name: &str, mode: Option<Mode>) -> Option<Environment> {
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

    pub(super) fn mention(&mut self, name: &str, keys: &Keys) -> Option<String> {
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

    pub(super) fn branch(&mut self, name: &str, keys: &Keys) -> String {
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

    pub(super) fn compose(&mut self, name: &str, keys: &Keys) -> Option<Compose> {
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
            interval_ms: self.number("health-interval", name, keys, 10_000),
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

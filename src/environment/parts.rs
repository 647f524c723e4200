//! How settings are taken over from other settings, one by one.

use super::{Compose, Environment};

/// How one setting, by its input's name, is taken over from other settings.
type Part = (&'static str, fn(&mut Environment, &Environment));

/// All that make an environment, but for its name, its work tree and the folder of its state.
pub const PARTS: &[Part] = &[
    ("label", |all, own| all.label.clone_from(&own.label)),
    ("branch", |all, own| all.branch.clone_from(&own.branch)),
    ("compose-file", |all, own| {
        all.compose = match (&own.compose, all.compose.take()) {
            (Some(own), Some(known)) => Some(Compose { file: own.file.clone(), ..known }),
            (own, _) => own.clone(),
        };
    }),
    ("compose-service", |all, own| all.of_compose(own, |all, own| all.services.clone_from(&own.services))),
    ("compose-strategy", |all, own| all.of_compose(own, |all, own| all.strategy = own.strategy)),
    ("deploy-command", |all, own| all.deploy_command.clone_from(&own.deploy_command)),
    ("deploy-command-timeout", |all, own| all.command_limit_ms = own.command_limit_ms),
    ("url", |all, own| {
        // Where nothing else is named, it is what is asked.
        if all.health.urls.iter().eq(all.url.iter()) {
            all.health.urls.clone_from(&own.health.urls);
        }
        all.url.clone_from(&own.url);
    }),
    ("health-url", |all, own| all.health.urls.clone_from(&own.health.urls)),
    ("health-status", |all, own| all.health.status.clone_from(&own.health.status)),
    ("health-contains", |all, own| all.health.contains.clone_from(&own.health.contains)),
    ("health-json", |all, own| all.health.json.clone_from(&own.health.json)),
    ("health-attempts", |all, own| all.health.attempts = own.health.attempts),
    ("health-interval", |all, own| all.health.interval_ms = own.health.interval_ms),
    ("health-timeout", |all, own| all.health.timeout_ms = own.health.timeout_ms),
    ("health-grace", |all, own| all.health.grace_ms = own.health.grace_ms),
    ("on-unhealthy", |all, own| all.on_unhealthy = own.on_unhealthy),
    ("guard-paths", |all, own| all.guard_paths.clone_from(&own.guard_paths)),
    ("ci-workflow", |all, own| all.ci.workflow.clone_from(&own.ci.workflow)),
    ("watch", |all, own| all.ci.watch = own.ci.watch),
    ("ci-delay", |all, own| all.ci.delay_ms = own.ci.delay_ms),
    ("ci-interval", |all, own| all.ci.interval_ms = own.ci.interval_ms),
    ("ci-timeout", |all, own| all.ci.timeout_ms = own.ci.timeout_ms),
    ("on-timeout", |all, own| all.ci.on_timeout = own.ci.on_timeout),
    ("promote-from", |all, own| all.promote_from.clone_from(&own.promote_from)),
    ("freeze", |all, own| all.freeze.clone_from(&own.freeze)),
    ("backup-paths", |all, own| all.backup.paths.clone_from(&own.backup.paths)),
    ("backup-dir", |all, own| all.backup.folder.clone_from(&own.backup.folder)),
    ("backup-keep", |all, own| all.backup.keep = own.backup.keep),
    ("rollback-point-file", |all, own| all.rollback_point_file.clone_from(&own.rollback_point_file)),
    ("log-dir", |all, own| all.log_folder.clone_from(&own.log_folder)),
    ("lock-timeout", |all, own| all.lock_timeout_ms = own.lock_timeout_ms),
    ("discord-mention", |all, own| all.mention.clone_from(&own.mention)),
    ("discord-style", |all, own| all.style = own.style),
    ("github-deployments", |all, own| all.deployments = own.deployments),
    ("locale", |all, own| all.locale = own.locale),
];

impl Environment {
    fn of_compose(&mut self, own: &Self, take: fn(&mut Compose, &Compose)) {
        if let (Some(all), Some(own)) = (&mut self.compose, &own.compose) {
            take(all, own);
        }
    }
}

//! The commands with which a person undoes a promote on the machine, filled in: ssh, cd, git reset,
//! files, compose, curl. Told where an automatic way did not come about, or a person may want more.

use std::collections::BTreeMap;

use super::restore::{half_copies, saved_paths};
use super::saving::stats;
use super::ways::{PathWay, ways};
use super::{apply, neighbours};
use crate::environment::{Compose as Settings, ComposeStrategy, Environment};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::machine::{Ask, Files, Outcome};
use crate::messages::{Kind, Notice, follows_promote};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::{Place, Way};
use crate::tools::compose::{
    Compose, Orphans, Project, Remembered, Version, ours, project_files, project_given, project_name, shares_folder,
};
use crate::tools::process::done;
use crate::tools::secret::withheld;
use crate::tools::shell::{line, word};
use crate::tools::strategy::Strategy;

/// The notice with the commands, where it tells of something that a person may have to undo. Asked for
/// while the request is still under way.
pub async fn add<H: Host>(session: &Session<'_, H>, mut notice: Notice, outcome: &Outcome) -> Notice {
    let state = &session.ledger.state;
    let Some(operation) = &state.operation else {
        return notice;
    };
    let promotes = follows_promote(state);
    let told = match &notice.kind {
        Kind::Guarded { .. } | Kind::Stuck(_) | Kind::Unhealthy(_) => true,
        Kind::RolledBack { .. } => promotes,
        Kind::Failed(_) => promotes && operation.touched(),
        _ => false,
    };
    if !told {
        return notice;
    }
    // Back to what was live before the promote; while its undoing is told, that is the target.
    let (to, backup) = match &operation.ask {
        Ask::Promote { backup, .. } => (operation.from.clone(), backup.clone().filter(|_| operation.ran_command())),
        Ask::Rollback { to, files: Files::Restored(name), .. } => (Some(to.clone()), Some(name.clone())),
        Ask::Rollback { to, .. } => (Some(to.clone()), None),
        Ask::Deploy { .. } => (state.rollback_target(std::slice::from_ref(&notice.sha)).cloned(), None),
    };
    let restored = matches!(outcome, Outcome::RolledBack);
    let backup = backup.filter(|_| !restored);
    let place = backup.map(|name| Place { folder: operation.with.backup_folder(), name, lock: String::new() });
    if let Some(to) = to {
        notice.by_hand = commands(session, &operation.with, &to, place.as_ref()).await;
    }
    notice
}

async fn commands<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    to: &Sha,
    place: Option<&Place>,
) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(machine(session).await.map(|name| format!("ssh {}", word(&name))));
    all.push(format!("cd {}", word(&with.app_path)));
    all.push(format!("git reset --hard {to}"));
    if let Some(place) = place {
        all.extend(files(session, with, place).await);
    } else if !with.deploy_command.is_empty() && !matches!(follows(session), Some(Files::Kept | Files::Restored(_))) {
        let words: Vec<String> = with.deploy_command.iter().map(|one| word(one)).collect();
        all.push(format!("DEPLOY_SHA={to} DEPLOY_ENVIRONMENT={} {}", with.name, words.join(" ")));
    }
    if let Some(settings) = &with.compose {
        all.extend(containers(session, with, settings).await.iter().map(line));
    }
    all.extend(with.health.urls.iter().map(|url| format!("curl -fsS {}", word(url))));
    all
}

/// How files come back: what half copies take is freed first, since the disk may be full; then as the automatic way
/// does it, so that nothing live is touched before the copy is whole, and nothing of the new version stays.
async fn files<H: Host>(session: &Session<'_, H>, with: &Environment, place: &Place) -> Vec<String> {
    let paths = &saved_paths(session, with, place).await;
    let mut left = Vec::new();
    for path in paths {
        left.extend(half_copies(session, path).await.iter().map(|one| word(one)));
    }
    let found = ways(session.host, with.compose.as_ref(), paths).await.unwrap_or_default();
    let free = (!left.is_empty()).then(|| format!("rm -rf -- {}", left.join(" ")));
    let owners = stats(session, vec![place.owners()]).await.into_iter().flatten();
    let owners = owners.map(|_| format!("sudo {}", line(&place.give_back())));
    free.into_iter().chain(found.iter().map(|one| put_back(one, place))).chain(owners).collect()
}

fn put_back(PathWay { path, way }: &PathWay, place: &Place) -> String {
    let [saved, live, fresh, bad] =
        [&place.saved(path), path, &format!("{path}.restored"), &format!("{path}.bad")].map(|path| word(path));
    match way {
        Way::Rename => format!(
            "rm -rf -- {fresh} && cp -a -T -- {saved} {fresh} && mv -T -- {live} {bad} && mv -T -- {fresh} {live}"
        ),
        Way::InPlace(mounts) => {
            let empty = line(&place.empty(path, mounts));
            format!("test ! -d {live} || {empty} && cp -a -T -- {saved} {live}")
        }
    }
}

/// How containers take what then stands there: as this request had them take its version where that was a
/// restart, the way back being the same; else so that nothing is missed, whatever differs.
async fn containers<H: Host>(session: &Session<'_, H>, with: &Environment, settings: &Settings) -> Vec<Run> {
    let compose = compose(session, with).await;
    let project = project(session, &compose, settings).await;
    let applied = session.ledger.state.operation.as_ref().and_then(|operation| operation.applied);
    match (settings.strategy, applied) {
        (ComposeStrategy::Restart, _) | (ComposeStrategy::Auto, Some(Strategy::Restart)) => {
            vec![compose.restart(&project)]
        }
        (ComposeStrategy::Recreate, _) => compose.recreate(&project),
        // `up` leaves a container as it is into which changed code is only mounted.
        (ComposeStrategy::Auto | ComposeStrategy::Up, _) => vec![compose.up(&project), compose.restart(&project)],
    }
}

/// The project, as far as the engine tells of it: orphans are left alone where it does not answer.
async fn project<H: Host>(session: &Session<'_, H>, compose: &Compose, settings: &Settings) -> Project {
    let file = std::slice::from_ref(&settings.file);
    let all = apply::containers(session).await.ok();
    let mine = ours(all.as_deref().unwrap_or_default(), file, &settings.services);
    let named = match project_name(&mine) {
        Some(name) => Some(name),
        None => neighbours::name(session, compose, settings).await,
    };
    let keep = || Orphans::Keep { others: Vec::new() };
    let orphans = all.as_ref().map_or_else(keep, |all| shares_folder(all, file, named.as_deref()));
    let files = project_files(&mine, &settings.file);
    let given = project_given(&mine, &files);
    Project {
        files,
        given,
        name: project_name(&mine),
        services: settings.services.clone(),
        orphans,
        anew: false,
        lock: None,
    }
}

/// What the request under way does with files; a promote that never ran its command kept them.
fn follows<H: Host>(session: &Session<'_, H>) -> Option<Files> {
    let operation = session.ledger.state.operation.as_ref()?;
    match &operation.ask {
        Ask::Rollback { files, .. } => Some(files.clone()),
        Ask::Promote { .. } if !operation.ran_command() => Some(Files::Kept),
        _ => None,
    }
}

/// The machine's own name, for ssh.
async fn machine<H: Host>(session: &Session<'_, H>) -> Option<String> {
    let run = Run {
        program: "uname".to_owned(),
        args: vec!["-n".to_owned()],
        folder: None,
        env: BTreeMap::new(),
        drop: withheld(&[]),
        limit_ms: 10_000,
        cap: 1_000,
        under_lock: None,
    };
    let reply = session.host.perform(Command::Run(run)).await;
    let told = match (done(&reply), reply) {
        (Ok(()), Reply::Ran(ran)) => Some(ran.stdout.trim().to_owned()),
        _ => None,
    };
    told.or_else(|| session.env.get("RUNNER_NAME").cloned()).filter(|name| !name.is_empty())
}

/// The compose that this machine was found to have.
async fn compose<H: Host>(session: &Session<'_, H>, with: &Environment) -> Compose {
    let read = Command::Read { path: format!("{}/compose.json", with.state_folder), cap: 64 * 1024, keep: Keep::Head };
    let remembered = match session.host.perform(read).await {
        Reply::Text { text, .. } => serde_json::from_str::<Remembered>(&text).ok(),
        _ => None,
    };
    let usual = || Compose {
        program: vec!["docker".to_owned(), "compose".to_owned()],
        version: Version { major: 2, minor: 0, text: String::new() },
    };
    remembered.map_or_else(usual, |known| known.compose)
}

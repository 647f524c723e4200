//! The commands with which a person undoes a promote on the machine, filled in: ssh, cd, git reset,
//! files, compose, curl. Told where an automatic way did not come about, or a person may want more.

mod paths;

use std::collections::{BTreeMap, BTreeSet};

use self::paths::PathCommands;
use super::as_started::wanted;
use super::choice::{Present, Started, waits};
use super::profile::in_profile;
use super::restore::{half_copies, manifest};
use super::standing::stats;
use super::ways::ways;
use super::which::{detect, remembered};
use super::{Trouble, came_with, engine, images, modules, neighbours};
use crate::environment::{Compose as Settings, ComposeStrategy, Environment};
use crate::failure::reason::{Obstacle, Reason};
use crate::host::{Command, Host, Reply, Run};
use crate::machine::entry::Checkup;
use crate::machine::operation::Operation;
use crate::machine::{Ask, Files, Outcome, State, ended};
use crate::messages::{Before, Notice, NoticeKind, follows_promote};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::{BackupLocation, Manifest};
use crate::tools::compose::{
    Compose, Given, Orphans, Project, Version, ours, project_files, project_given, project_name, shares_folder,
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
        NoticeKind::Guarded { .. } | NoticeKind::Stuck(_) | NoticeKind::Unhealthy(_) => true,
        NoticeKind::RolledBack { .. } => promotes,
        NoticeKind::Failed(_) => promotes && operation.touched(),
        _ => false,
    };
    if matches!(notice.kind, NoticeKind::Unchanged) && notice.goes_back {
        notice.before = way_back(state).cloned().map(Before::Version);
    }
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
    if matches!(operation.ask, Ask::Deploy { .. }) && to.is_none() {
        let from = operation.from.as_ref().filter(|from| **from != notice.sha && !state.is_quarantined(from));
        notice.before = from.cloned().map(Before::Version);
        return notice;
    }
    let restored = matches!(outcome, Outcome::RolledBack);
    let is_ill = matches!(operation.checkup, Some(Checkup::Unhealthy(_)));
    if let Some(ill) = notice.live.clone().filter(|live| is_ill && to.as_ref() == Some(live)) {
        return further_back(session, notice, operation, outcome, ill).await;
    }
    let backup = backup.filter(|_| !restored);
    let place = backup.map(|name| BackupLocation { folder: operation.with.backup_folder(), name, lock: String::new() });
    if let Some(to) = to {
        let compose = compose(session).await;
        // As the machine itself goes back there.
        let with = state.settings_for(&to, &operation.with);
        notice.lacks_compose = with.compose.is_some() && compose.is_none();
        notice.by_hand = commands(session, &with, &to, place.as_ref(), compose).await;
        notice.by_hand_to = Some(to);
    }
    notice
}

/// The notice of a version that is live, ill, and where the way back would lead: to put it in place again mends
/// nothing, so it names what was there before; where there is nothing, what can be done once the obstacle is mended.
async fn further_back<H: Host>(
    session: &Session<'_, H>,
    mut notice: Notice,
    operation: &Operation,
    outcome: &Outcome,
    ill: Sha,
) -> Notice {
    let state = &session.ledger.state;
    let after = ended(state, outcome, session.now().await);
    let mut avoid = operation.tried.clone();
    avoid.push(ill.clone());
    let undone = Some(notice.of.clone()).filter(|of| !avoid.contains(of) && !state.is_quarantined(of));
    // What a person went back from was not found to be ill: after all others it is better than what is.
    let undone = undone.filter(|of| !operation.is_automatic() && !state.was_ill(of));
    avoid.push(notice.of.clone());
    // Put in place anew, and ill as it was before: what stands in its way still does, and any other would meet it, too.
    let is_again = state.was_ill(&ill);
    let next = good_but_for(state, &avoid).filter(|next| !is_again && !state.was_ill(next));
    // Where something else is in place by now, `previous` names that.
    let is_previous = next.is_some() && next == state.previous.as_ref() && !operation.touched();
    let (before, target) = match next.cloned().or(undone.filter(|_| !is_again)) {
        Some(sha) if is_previous => (Before::Version(sha), "previous".to_owned()),
        Some(sha) => (Before::Version(sha.clone()), sha.to_string()),
        None => {
            // All that was tried failed by the same obstacle: without it the first of them is what should be live.
            let is_good = |one: &&Sha| (**one != notice.of || after.was_point(one)) && !after.is_quarantined(one);
            let back = operation.tried.iter().find(is_good).unwrap_or(&ill);
            let force = if after.is_quarantined(back) { " --force" } else { "" };
            (Before::Nothing, format!("{back}{force}"))
        }
    };
    let command = format!("{} --to {target}", operation.with.command("rollback"));
    let lead = machine(session).await.map(|name| format!("ssh {}", word(&name)));
    notice.by_hand = lead.into_iter().chain([command]).collect();
    Notice { before: Some(before), ..notice }
}

/// One chain, so that the first line that fails is the last one that runs, whatever shell it is pasted into. Only what
/// leads to the machine stands apart.
async fn commands<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    to: &Sha,
    place: Option<&BackupLocation>,
    compose: Option<Compose>,
) -> Vec<String> {
    let mut chain = vec![format!("cd {}", word(with.clone_folder()))];
    let inside = (with.clone_folder() != with.app_path).then(|| format!("cd {}", word(&with.app_path)));
    let reset = [Some(format!("git reset --hard {to}")), modules::by_hand(session, to).await, inside];
    let reset = reset.into_iter().flatten().collect::<Vec<_>>().join(" && ");
    let copies = match place {
        Some(place) => files(session, with, place).await,
        None => None,
    };
    if let Some((copied, swapped)) = copies {
        chain.extend(copied.into_iter().chain([reset]).chain(swapped));
    } else {
        chain.push(reset);
        // Without a backup to trust the old version's own command makes its files.
        let is_kept = place.is_none() && matches!(follows(session), Some(Files::Kept | Files::Restored(_)));
        if !with.deploy_command.is_empty() && !is_kept && !came_later(session, with, to).await {
            let words: Vec<String> = with.deploy_command.iter().map(|one| word(one)).collect();
            chain.push(format!("DEPLOY_SHA={to} DEPLOY_ENVIRONMENT={} {}", with.name, words.join(" ")));
        }
    }
    if let Some(settings) = &with.compose {
        let compose = compose.unwrap_or_else(usual);
        chain.extend(images::by_hand(session, to).await);
        chain.extend(containers(session, &compose, settings, to).await.iter().map(line));
    }
    chain.extend(with.health.urls.iter().map(|url| crate::tools::health::by_hand(url)));
    if let Some((_, before)) = chain.split_last_mut() {
        before.iter_mut().for_each(|line| line.push_str(" &&"));
    }
    let lead = machine(session).await.map(|name| format!("ssh {}", word(&name)));
    lead.into_iter().chain(chain).collect()
}

/// Whether the deploy command's own file came with what is undone: the old version was at work without.
async fn came_later<H: Host>(session: &Session<'_, H>, with: &Environment, to: &Sha) -> bool {
    match session.ledger.state.operation.as_ref().and_then(came_with::undone) {
        Some(later) => matches!(came_with::file(session, with, later, to, false).await, Ok(Some(_))),
        None => false,
    }
}

/// How files come back, as the automatic way does it: first the backup is read again, what half copies take is freed,
/// since the disk may be full, and everything is copied; then it takes the place of what stands there, and nothing of
/// the new version stays. None of a backup that is not trusted.
async fn files<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    place: &BackupLocation,
) -> Option<(Vec<String>, Vec<String>)> {
    let Manifest { paths, files, .. } = manifest(session, place).await.ok()?;
    if session.distrusted.borrow().as_ref() == Some(&place.name) {
        return None;
    }
    let found = ways(session.host, with.compose.as_ref(), &paths).await.unwrap_or_default();
    let standing = stats(session, paths.clone()).await;
    let kinds = standing.into_iter().map(|stat| stat.map(|stat| stat.kind)).chain(std::iter::repeat(None));
    let backs: Vec<PathCommands> =
        found.iter().zip(kinds).map(|(one, kind)| PathCommands::of(one, kind.as_deref(), place)).collect();
    let mut left: Vec<String> = backs.iter().flat_map(|one| one.beside.clone()).collect();
    for path in &paths {
        left.extend(half_copies(session, path).await);
    }
    let folders: BTreeSet<&str> = backs.iter().flat_map(|one| &one.needed).map(String::as_str).collect();
    let mut first = Vec::new();
    // Of no file there is no sum, and a list without one is none to `sha256sum`.
    if files > 0 {
        let run = place.verify();
        first.push(format!("env -C {} {}", word(run.folder.as_deref().unwrap_or("/")), line(&run)));
    }
    first.extend((!left.is_empty()).then(|| format!("rm -rf -- {}", words(left.iter().map(String::as_str)))));
    first.extend((!folders.is_empty()).then(|| format!("mkdir -p -- {}", words(folders))));
    let (copied, swapped): (Vec<_>, Vec<_>) = backs.into_iter().map(|one| (one.copied, one.swapped)).unzip();
    let owners = stats(session, vec![place.owners()]).await.into_iter().flatten();
    let owners = owners.map(|_| format!("sudo {}", line(&place.give_back())));
    first.extend(copied.into_iter().flatten());
    Some((first, swapped.into_iter().flatten().chain(owners).collect()))
}

fn words<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    all.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

/// How containers take what then stands there, those of a profile that run among them.
async fn containers<H: Host>(session: &Session<'_, H>, compose: &Compose, settings: &Settings, to: &Sha) -> Vec<Run> {
    let (project, beside, absent) = project(session, compose, settings, to).await;
    let mut all = taking(session, compose, settings, &project);
    let of = |services| Project { services, orphans: Orphans::Keep { others: Vec::new() }, ..project.clone() };
    if !beside.is_empty() {
        all.extend(taking(session, compose, settings, &of(beside)));
    }
    if !absent.is_empty() {
        all.push(compose.up(&of(absent)));
    }
    all
}

/// As this request had them take its version where that was a restart, the way back being the same; else so that nothing
/// is missed, whatever differs.
fn taking<H: Host>(session: &Session<'_, H>, compose: &Compose, settings: &Settings, project: &Project) -> Vec<Run> {
    let applied = session.ledger.state.operation.as_ref().and_then(|operation| operation.applied);
    match (settings.strategy, applied) {
        (ComposeStrategy::Restart, _) | (ComposeStrategy::Auto, Some(Strategy::Restart)) => again(compose, project),
        (ComposeStrategy::Recreate, _) => compose.recreate(project),
        // `up` leaves a container as it is into which changed code is only mounted.
        (ComposeStrategy::Auto | ComposeStrategy::Up, _) => {
            [vec![compose.up(project)], again(compose, project)].concat()
        }
    }
}

/// The same containers again, in their order where one waits for another.
fn again(compose: &Compose, project: &Project) -> Vec<Run> {
    match project.waits {
        true => vec![compose.stop(project), compose.start(project)],
        false => vec![compose.restart(project)],
    }
}

/// The project as this version was started, as far as the engine and the ledger tell: orphans are left alone where the
/// engine does not answer. And the services beside it, those of a profile that run: those that have a container, and
/// those that have none any more.
async fn project<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    settings: &Settings,
    to: &Sha,
) -> (Project, Vec<String>, Vec<String>) {
    let file = std::slice::from_ref(&settings.file);
    let all = engine::containers(session).await.ok();
    let mine = ours(all.as_deref().unwrap_or_default(), file, &settings.services);
    let named = match project_name(&mine) {
        Some(name) => Some(name),
        None => neighbours::name(session, compose, settings).await,
    };
    let keep = || Orphans::Keep { others: Vec::new() };
    let orphans = all.as_ref().map_or_else(keep, |all| shares_folder(all, file, named.as_deref()));
    let files = wanted(session, Some(to), &mine, settings).unwrap_or_else(|| project_files(&mine, &settings.file));
    let given = project_given(&mine, &files);
    let waits = waits(session, settings, Started { files: &files, given: &given }).await;
    let present =
        Present { all: all.as_deref().unwrap_or_default(), mine: &mine, known: None, moved: &BTreeMap::new() };
    let started = in_profile(session, settings, &files, present).await.started;
    let is_there = |service: &String| mine.iter().any(|one| one.belongs.service == *service);
    let (beside, absent) = started.into_iter().partition(is_there);
    let (name, services) = (project_name(&mine), settings.services.clone());
    (Project { files, given, name, services, orphans, anew: false, waits, lock: None }, beside, absent)
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
        noted_in: None,
    };
    let reply = session.host.perform(Command::Run(run)).await;
    let told = match (done(&reply), reply) {
        (Ok(()), Reply::Ran(ran)) => Some(ran.stdout.trim().to_owned()),
        _ => None,
    };
    told.or_else(|| session.env.get("RUNNER_NAME").cloned()).filter(|name| !name.is_empty())
}

/// What a rollback by hand from what is live would be let to.
pub fn way_back(state: &State) -> Option<&Sha> {
    good_but_for(state, std::slice::from_ref(&state.live.as_ref()?.sha))
}

/// What was live before, where that came to work and no person went back from it, else the newest validated one; none
/// of these.
fn good_but_for<'a>(state: &'a State, avoid: &[Sha]) -> Option<&'a Sha> {
    let usable = |sha: &&Sha| !avoid.contains(sha) && !state.is_quarantined(sha) && !state.is_undone(sha);
    state.previous.as_ref().filter(usable).or_else(|| state.rollback_target(avoid).filter(usable))
}

/// What shows why containers do not answer.
pub async fn logs<H: Host>(host: &H, with: &Environment, settings: &Settings) -> String {
    line(&found(host, with).await.logs(&plain(settings)))
}

/// What starts the containers again.
pub async fn restart<H: Host>(host: &H, with: &Environment, settings: &Settings) -> String {
    line(&found(host, with).await.restart(&plain(settings)))
}

/// The project as its settings name it; no container is asked how it was started.
fn plain(settings: &Settings) -> Project {
    Project {
        files: vec![settings.file.clone()],
        given: Given::default(),
        name: None,
        services: settings.services.clone(),
        orphans: Orphans::Keep { others: Vec::new() },
        anew: false,
        waits: false,
        lock: None,
    }
}

/// The compose that this machine was found to have; nobody is asked.
async fn found<H: Host>(host: &H, with: &Environment) -> Compose {
    remembered(host, &with.state_folder).await.map_or_else(usual, |known| known.compose)
}

/// The compose that this machine has; none: it was asked, and has none.
async fn compose<H: Host>(session: &Session<'_, H>) -> Option<Compose> {
    match detect(session.host, session.env, &session.with.state_folder).await {
        Ok(compose) => Some(compose),
        Err(Trouble::Fault { why: Reason::Fault { seen, .. }, .. }) if *seen == Obstacle::NoCompose => None,
        Err(_) => Some(usual()),
    }
}

/// What stands for a compose that nobody could be asked about.
fn usual() -> Compose {
    let version = Version { major: 2, minor: 0, text: String::new() };
    Compose { program: ["docker", "compose"].map(str::to_owned).to_vec(), version }
}

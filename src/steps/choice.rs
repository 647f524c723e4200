//! Which way containers get a version: what changed, what the compose file refers to, what stands beside git.
//! What follows from that is for `strategy` to say.

use std::collections::{BTreeMap, BTreeSet};

use super::Trouble;
use super::apply::inspection;
use super::neighbours::real;
use super::restore::saved_paths;
use super::saving::stats;
use super::survey::repository;
use crate::environment::{Compose as Settings, ComposeStrategy};
use crate::failure::reason::Attempt;
use crate::host::{Command, Host, Keep, Reply, Run, Stat};
use crate::machine::operation::Operation;
use crate::machine::{Ask, Files};
use crate::messages;
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::backup::Place;
use crate::tools::compose::{Container, Given, Listed, ask_images, images_told, remade};
use crate::tools::compose_file::{References, references};
use crate::tools::git::{Git, paths_told, prefix_told, spelled};
use crate::tools::path::{absolute, is_within, parent};
use crate::tools::secret::{names, withheld};
use crate::tools::strategy::{Evidence, Reason, Strategy, choose_auto};

const ATTEMPT: &Attempt = &Attempt::Containers;
/// Compose files that include one another, at most.
const FILES: usize = 20;
/// Variables that are the same in every run on a machine.
const LASTING: [&str; 12] =
    ["HOME", "USER", "LOGNAME", "SHELL", "PATH", "PWD", "HOSTNAME", "LANG", "TZ", "XDG_*", "DOCKER_*", "COMPOSE_*"];

/// Absolute paths that differ between what runs and what will run, as `reader`'s commits say; none when that is
/// not known.
pub async fn changed_paths<H: Host>(
    session: &Session<'_, H>,
    reader: &Git,
    from: Option<&Sha>,
    to: &Sha,
) -> Result<Option<Vec<String>>, Trouble> {
    let Some(from) = from.filter(|_| session.ledger.state.is_applied()) else {
        return Ok(None);
    };
    let git = repository(session).await?;
    let reply = session.run(reader.changed_paths(from, to), ATTEMPT).await?;
    let top = git.top.clone().unwrap_or_else(|| git.work_tree.clone());
    let Ok(paths) = paths_told(&reply) else {
        return Ok(None);
    };
    let mut all: Vec<String> = paths.iter().map(|path| format!("{top}/{path}")).collect();
    if !is_within(&git.work_tree, &top) {
        // A link leads here, and the compose file may be named by way of it.
        let prefix = prefix_told(&session.run(git.prefix(), ATTEMPT).await?).unwrap_or_default();
        all.extend(paths.iter().filter_map(|path| spelled(&git.work_tree, &prefix, path)));
    }
    Ok(Some(all))
}

/// The way, and what decides it; nothing does where it is set.
pub async fn strategy<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    started: (&[String], &Given),
    changed: Option<Vec<String>>,
    (mine, known): (&[Listed], Option<Vec<Container>>),
) -> (Strategy, Option<Reason>) {
    let set = match settings.strategy {
        ComposeStrategy::Restart => Strategy::Restart,
        ComposeStrategy::Up => Strategy::Up,
        ComposeStrategy::Recreate => Strategy::Recreate,
        ComposeStrategy::Auto => return automatic(session, settings, started, changed, (mine, known)).await,
    };
    if set == Strategy::Restart && has_run_command(session) {
        for image in new_images(session, inspected(session, mine, known).await.as_deref()).await {
            session.warn(&Line::Containers(Containers::OldImage(image))).await;
        }
    }
    (set, None)
}

async fn automatic<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    started: (&[String], &Given),
    changed: Option<Vec<String>>,
    (mine, known): (&[Listed], Option<Vec<Container>>),
) -> (Strategy, Option<Reason>) {
    let references = through_links(session, settings, read_references(session, settings, started).await).await;
    let known = inspected(session, mine, known).await;
    let outside_changed = outside(session, settings, &references, known.as_deref()).await;
    let mut evidence = Evidence {
        changed,
        compose_file: settings.file.clone(),
        references,
        outside_changed,
        new_images: Vec::new(),
        services: mine.iter().map(|one| one.belongs.service.clone()).collect(),
        commanded: has_run_command(session),
        variables: varying(session.env),
    };
    if evidence.commanded && choose_auto(&evidence).0 == Strategy::Restart {
        evidence.new_images = new_images(session, known.as_deref()).await;
    }
    let (strategy, reason) = choose_auto(&evidence);
    let told = messages::strategy(&reason, session.with.locale);
    session.chose("compose-strategy", &strategy.to_string(), &told);
    (strategy, Some(reason))
}

/// What is known of our containers; none when that cannot be told.
async fn inspected<H: Host>(
    session: &Session<'_, H>,
    mine: &[Listed],
    known: Option<Vec<Container>>,
) -> Option<Vec<Container>> {
    match known {
        Some(known) => Some(known),
        None => inspection(session, mine).await.ok(),
    }
}

/// Variables that may have another value in the next run: what a step or a machine sets, without what says who and
/// where we are, and what compose does not inherit from us.
fn varying(env: &BTreeMap<String, String>) -> BTreeSet<String> {
    let lasting = withheld(&LASTING);
    env.keys().filter(|name| !names(&lasting, name)).cloned().collect()
}

/// Whether the deploy command has run for what goes live, or would: nothing else of a deploy can change an image.
fn has_run_command<H: Host>(session: &Session<'_, H>) -> bool {
    let operation = session.ledger.state.operation.as_ref();
    operation.map_or(!session.with.deploy_command.is_empty(), Operation::ran_command)
}

/// Images that the deploy command has built or pulled anew: their names mean others now than those that containers
/// of ours were made of.
async fn new_images<H: Host>(session: &Session<'_, H>, known: Option<&[Container]>) -> Vec<String> {
    let known = known.unwrap_or_default();
    let mut names: Vec<String> =
        known.iter().map(|one| one.image_name.clone()).filter(|name| !name.is_empty()).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Vec::new();
    }
    let reply = session.host.perform(Command::Run(ask_images(&names))).await;
    images_told(&reply, &names).map(|told| remade(known, &told)).unwrap_or_default()
}

async fn read_references<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    (files, given): (&[String], &Given),
) -> References {
    // Of the project's own files paths are relative to its folder, by itself the first one's; of those that they
    // name to their own.
    let folder = given.folder.as_deref().or(files.first().map(|first| parent(first)));
    let base = |path: &str| match folder {
        Some(folder) if files.iter().any(|file| file == path) => folder.to_owned(),
        _ => parent(path).to_owned(),
    };
    let mut all = match read_compose_file(session, &settings.file, &base(&settings.file), &settings.services).await {
        Some(first) => first.beside(files.iter().filter(|file| **file != settings.file)),
        None => return References::Unreadable,
    };
    if let References::Read(referenced) = &mut all {
        referenced.files.extend(given.env_files.iter().cloned());
    }
    for _ in 0..FILES {
        let References::Read(referenced) = &all else {
            break;
        };
        let Some(path) = referenced.further.first().cloned() else {
            break;
        };
        let Some(itself) = read_compose_file(session, &path, &base(&path), &[]).await else {
            break;
        };
        all = all.follow(&path, itself);
    }
    all
}

/// Names where links lead among what containers are made of, too: git tells of a file by its own name, and a link is
/// as old as it was when what it leads to changes.
async fn through_links<H: Host>(session: &Session<'_, H>, settings: &Settings, mut all: References) -> References {
    let References::Read(referenced) = &mut all else {
        return all;
    };
    let files = referenced.files.iter().chain([&settings.file]);
    let paths: Vec<(String, bool)> = files
        .map(|file| (file.clone(), true))
        .chain(referenced.contexts.iter().map(|folder| (folder.clone(), false)))
        .collect();
    let stats = stats(session, paths.iter().map(|(path, _)| path.clone()).collect()).await;
    for ((path, is_file), stat) in paths.into_iter().zip(stats) {
        if stat.is_some_and(|stat| stat.kind == "link") {
            let real = real(session.host, &path).await;
            if is_file {
                referenced.files.insert(real)
            } else {
                referenced.contexts.insert(real)
            };
        }
    }
    all
}

async fn read_compose_file<H: Host>(
    session: &Session<'_, H>,
    path: &str,
    folder: &str,
    services: &[String],
) -> Option<References> {
    let command = Command::Read { path: path.to_owned(), cap: 1024 * 1024, keep: Keep::Head };
    let Reply::Text { text, .. } = session.host.perform(command).await else {
        return None;
    };
    Some(references(&text, folder, services))
}

/// Files that containers are made with and git does not track (`.env`, mostly): changed when they are younger
/// than a container (starting it again takes none of them in), or were just put back, as old as they were.
async fn outside<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    references: &References,
    known: Option<&[Container]>,
) -> Vec<String> {
    let (References::Read(referenced), Some(containers)) = (references, known) else {
        return Vec::new();
    };
    let mut paths: Vec<String> = referenced.files.iter().cloned().collect();
    // Where git has it, its diff tells; it may be another clone's, or made by the deploy command.
    paths.push(settings.file.clone());
    if containers.is_empty() {
        return Vec::new();
    }
    let oldest = containers.iter().filter_map(|one| one.created).min().unwrap_or(Millis(0));
    let restored = restored(session).await;
    let stats = match session.host.perform(Command::Stat { paths: paths.clone() }).await {
        Reply::Stats { stats } => stats,
        _ => return Vec::new(),
    };
    let is_put_back = |path: &String| restored.iter().any(|folder| is_within(path, folder));
    let changed = |path: &String, stat: &Stat| stat.modified_ms > oldest.0 || is_put_back(path);
    let found =
        paths.into_iter().zip(stats).filter(|(path, stat)| stat.as_ref().is_some_and(|stat| changed(path, stat)));
    untracked(session, found.map(|(path, _)| path).collect()).await
}

/// The paths that the request under way has put back from a backup: those that the backup holds, whatever would be
/// saved today.
pub async fn restored<H: Host>(session: &Session<'_, H>) -> Vec<String> {
    match &session.ledger.state.operation {
        Some(Operation { ask: Ask::Rollback { files: Files::Restored(name), .. }, with, .. }) => {
            let place = Place { folder: with.backup_folder(), name: name.clone(), lock: session.with.lock() };
            saved_paths(session, with, &place).await
        }
        _ => Vec::new(),
    }
}

/// Those that git does not track: what changed of the others is git's to tell, and the reset before this step
/// has written them anew. Where git does not answer, none of them counts as tracked.
async fn untracked<H: Host>(session: &Session<'_, H>, paths: Vec<String>) -> Vec<String> {
    let Ok(git) = repository(session).await else {
        return paths;
    };
    let folders = [Some(&git.work_tree), git.top.as_ref()];
    let is_inside = |path: &&str| folders.into_iter().flatten().any(|folder| is_within(path, folder));
    let asked: Vec<&str> = paths.iter().map(String::as_str).filter(is_inside).collect();
    if asked.is_empty() {
        return paths;
    }
    // Told as seen from the folder in which it is asked.
    let run = git.command(&[&["ls-files", "-z", "--"], &asked[..]].concat());
    let reply = session.host.perform(Command::Run(Run { folder: Some(git.work_tree.clone()), ..run })).await;
    let told = paths_told(&reply).unwrap_or_default();
    let tracked: Vec<String> = told.iter().map(|path| absolute(&git.work_tree, path)).collect();
    paths.into_iter().filter(|path| !tracked.contains(path)).collect()
}

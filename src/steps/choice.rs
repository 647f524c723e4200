//! Which way containers get a version: what changed, what the compose file refers to, what stands beside git.
//! What follows from that is for `strategy` to say.

use std::collections::{BTreeMap, BTreeSet};

use super::Trouble;
use super::differences::between;
use super::engine::inspection;
use super::images::Named;
use super::neighbours::real;
use super::outside::{self, Outside};
use super::restore::saved_paths;
use super::standing::{read, stats};
use super::survey::repository;
use crate::environment::{Compose as Settings, ComposeStrategy};
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::operation::Operation;
use crate::machine::{Ask, Files};
use crate::messages;
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::BackupLocation;
use crate::tools::compose::{Container, Given, Listed, ours, project_files};
use crate::tools::compose_file::{References, references};
use crate::tools::git::{Git, prefix_told, spelled};
use crate::tools::path::{is_within, parent};
use crate::tools::secret::{names, withheld};
use crate::tools::strategy::{Evidence, Strategy, StrategyReason, choose_auto, rewritten};

const ATTEMPT: &Attempt = &Attempt::Containers;
/// Compose files that include one another, at most.
pub(super) const FILES: usize = 20;
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
    let told = between(session, reader, from, to, ATTEMPT).await?;
    let Ok(told) = told else {
        return Ok(None);
    };
    let mut all: Vec<String> = told.changed.iter().map(|path| git.at_top(path)).collect();
    if !is_within(&git.work_tree, git.top()) {
        // A link leads here, and the compose file may be named by way of it.
        let prefix = prefix_told(&session.run(git.prefix(), ATTEMPT).await?).unwrap_or_default();
        all.extend(told.changed.iter().filter_map(|path| spelled(&git.work_tree, &prefix, path)));
    }
    Ok(Some(all))
}

/// The way that was chosen.
#[derive(Debug)]
pub struct ChosenWay {
    /// Which.
    pub strategy: Strategy,
    /// What decides it; nothing does where it is set.
    pub reason: Option<StrategyReason>,
    /// What an `up` takes in beside git.
    pub outside: Outside,
    /// Whether a service starts only once another one is well, or has done its work.
    pub waits: bool,
    /// Services to be made anew where `up` has left them alone: see [`rewritten`].
    pub rewritten: BTreeSet<String>,
    /// Services in whose network or processes each service is.
    pub joined: BTreeMap<String, BTreeSet<String>>,
}

impl ChosenWay {
    /// A way that needs no look at what the compose file refers to.
    #[must_use]
    pub fn of(strategy: Strategy, reason: Option<StrategyReason>) -> Self {
        Self {
            strategy,
            reason,
            outside: Outside::default(),
            waits: false,
            rewritten: BTreeSet::new(),
            joined: BTreeMap::new(),
        }
    }

    /// The same way, with what follows from what the compose files refer to.
    fn seen(self, evidence: &Evidence) -> Self {
        let References::Read(referenced) = &evidence.references else {
            return self;
        };
        let joined = referenced.joined.clone();
        Self { waits: referenced.waits, rewritten: rewritten(evidence), joined, ..self }
    }

    /// These services, and all that are in the network or the processes of one of them: made anew or restarted alone, it
    /// would leave them without.
    #[must_use]
    pub fn with_joined(&self, mut services: BTreeSet<String>) -> Vec<String> {
        loop {
            let is_in =
                |(name, of): &(&String, &BTreeSet<String>)| !services.contains(*name) && !of.is_disjoint(&services);
            let more: Vec<String> = self.joined.iter().filter(is_in).map(|(name, _)| name.clone()).collect();
            if more.is_empty() {
                return services.into_iter().collect();
            }
            services.extend(more);
        }
    }
}

/// What compose was started with, or is to be.
#[derive(Debug, Clone, Copy)]
pub struct Started<'a> {
    /// The compose files.
    pub files: &'a [String],
    /// What it was given beside them.
    pub given: &'a Given,
}

/// Containers, before anything is done to them.
#[derive(Debug, Clone, Copy)]
pub struct Present<'a> {
    /// All that compose made on this machine.
    pub all: &'a [Listed],
    /// Ours.
    pub mine: &'a [Listed],
    /// What is known of ours; none: not asked yet.
    pub known: Option<&'a [Container]>,
    /// Images that ours run, by names that mean others by now.
    pub moved: &'a Named,
}

/// The way, and what decides it.
pub async fn strategy<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    started: Started<'_>,
    changed: Option<Vec<String>>,
    present: Present<'_>,
) -> ChosenWay {
    let set = match settings.strategy {
        ComposeStrategy::Restart => Strategy::Restart,
        ComposeStrategy::Up => Strategy::Up,
        ComposeStrategy::Recreate => Strategy::Recreate,
        ComposeStrategy::Auto => return automatic(session, settings, started, changed, present).await,
    };
    let choice = ChosenWay::of(set, None);
    match set {
        Strategy::Restart => {
            for image in present.moved.keys() {
                session.warn(&Line::Containers(Containers::OldImage(image.clone()))).await;
            }
            ChosenWay { waits: waits(session, settings, started).await, ..choice }
        }
        Strategy::Up => {
            let (evidence, _) = evidence(session, settings, started, changed, present).await;
            choice.seen(&evidence)
        }
        // compose itself starts them in their order.
        Strategy::Recreate => choice,
    }
}

/// Whether a service of these compose files starts only once another one is well, or has done its work.
pub async fn waits<H: Host>(session: &Session<'_, H>, settings: &Settings, started: Started<'_>) -> bool {
    matches!(read_references(session, settings, started).await, References::Read(referenced) if referenced.waits)
}

async fn automatic<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    started: Started<'_>,
    changed: Option<Vec<String>>,
    present: Present<'_>,
) -> ChosenWay {
    let gone = changed.as_deref().and_then(|changed| gone(settings, started.files, present.mine, changed));
    let (evidence, outside) = evidence(session, settings, started, changed, present).await;
    let (strategy, reason) = match gone {
        Some(path) => (Strategy::Up, StrategyReason::ComposeFile { path }),
        None => choose_auto(&evidence),
    };
    let told = messages::strategy(&reason, session.with.locale);
    session.chose("compose-strategy", &strategy.to_string(), &told);
    ChosenWay { outside, ..ChosenWay::of(strategy, Some(reason)) }.seen(&evidence)
}

/// What a choice rests on, and what stands beside git.
async fn evidence<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    started: Started<'_>,
    changed: Option<Vec<String>>,
    present: Present<'_>,
) -> (Evidence, Outside) {
    let references = through_links(session, settings, read_references(session, settings, started).await).await;
    let known = inspected(session, present).await;
    let outside = outside::look(session, settings, &references, known.as_deref()).await;
    let evidence = Evidence {
        changed,
        compose_file: settings.file.clone(),
        down: down(settings, &references, present.all),
        references,
        outside_changed: outside.changed.clone(),
        new_images: present.moved.keys().cloned().collect(),
        services: present.mine.iter().map(|one| one.belongs.service.clone()).collect(),
        commanded: has_run_command(session),
        variables: varying(session.env),
    };
    (evidence, outside)
}

/// A compose file that containers were started with, and that this version has no more: what it said of them is over.
fn gone(settings: &Settings, files: &[String], mine: &[Listed], changed: &[String]) -> Option<String> {
    let is_gone = |file: &String| !files.contains(file) && changed.contains(file);
    project_files(mine, &settings.file).into_iter().find(is_gone)
}

/// Services that those asked for need, and of which no container runs. One that ended well may have been a job.
fn down(settings: &Settings, references: &References, all: &[Listed]) -> BTreeSet<String> {
    let References::Read(referenced) = references else {
        return BTreeSet::new();
    };
    let is_down = |(service, is_well): &(&String, &bool)| {
        let found = ours(all, std::slice::from_ref(&settings.file), std::slice::from_ref(*service));
        found.iter().all(|one| one.is_down() && (**is_well || !one.ended_well()))
    };
    referenced.needed.iter().filter(is_down).map(|(service, _)| service.clone()).collect()
}

/// What is known of our containers; none when that cannot be told.
async fn inspected<H: Host>(session: &Session<'_, H>, present: Present<'_>) -> Option<Vec<Container>> {
    match present.known {
        Some(known) => Some(known.to_vec()),
        None => inspection(session, present.mine).await.ok(),
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

async fn read_references<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    Started { files, given }: Started<'_>,
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
        let folder = referenced.folders.get(&path).cloned().unwrap_or_else(|| base(&path));
        let Some(itself) = read_compose_file(session, &path, &folder, &[]).await else {
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
    let text = read(session.host, path).await?;
    Some(references(&text, folder, services))
}

/// The paths that the request under way has put back from a backup: those that the backup holds, whatever would be
/// saved today.
pub async fn restored<H: Host>(session: &Session<'_, H>) -> Vec<String> {
    match &session.ledger.state.operation {
        Some(Operation { ask: Ask::Rollback { files: Files::Restored(name), .. }, with, .. }) => {
            let place = BackupLocation { folder: with.backup_folder(), name: name.clone(), lock: session.with.lock() };
            saved_paths(session, with, &place).await
        }
        _ => Vec::new(),
    }
}

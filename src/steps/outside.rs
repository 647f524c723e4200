//! Files that containers are made with and git does not track (`.env`, mostly): whether one has changed since it was
//! taken in.
//!
//! A container that is started again takes none of them in, so one that is younger than a container has changed.
//! But `up` leaves a container alone to which the change means nothing: without a memory of what the last `up` has
//! seen, a database that is never made anew would make every later deploy an `up`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::choice::restored;
use super::survey::repository;
use crate::environment::Compose as Settings;
use crate::host::{Command, Host, Keep, Reply, Run, Stat};
use crate::session::Session;
use crate::time::Millis;
use crate::tools::compose::Container;
use crate::tools::compose_file::{Referenced, References};
use crate::tools::git::paths_told;
use crate::tools::path::{absolute, is_within};

/// What stands beside git and is younger than a container.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// What no `up` has taken in yet.
    pub changed: Vec<String>,
    /// All of it, as it was seen.
    seen: BTreeMap<String, FileStamp>,
}

/// What tells a file from itself after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FileStamp {
    size: u64,
    modified_ms: u64,
}

/// What an `up` has taken in. Only a cache: without it one more `up` takes the files in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Taken {
    file: String,
    services: Vec<String>,
    /// When it was done: who makes a container later, does so with what is there then.
    at: Millis,
    files: BTreeMap<String, FileStamp>,
}

/// Looks at the files that these references name.
pub async fn look<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    references: &References,
    known: Option<&[Container]>,
) -> Outside {
    let (References::Read(referenced), Some(containers)) = (references, known) else {
        return Outside::default();
    };
    let Some(oldest) = containers.iter().map(|one| one.created.unwrap_or(Millis(0))).min() else {
        return Outside::default();
    };
    let restored = restored(session).await;
    let is_put_back = |path: &String| restored.iter().any(|folder| is_within(path, folder));
    let mut seen = stats(session, settings, referenced).await;
    seen.retain(|path, mark| mark.modified_ms > oldest.0 || is_put_back(path));
    let outside = untracked(session, seen.keys().cloned().collect()).await;
    seen.retain(|path, _| outside.contains(path));
    if seen.is_empty() {
        return Outside::default();
    }
    let taken = taken(session, settings, containers).await;
    let is_taken = |path: &&String| taken.get(*path) == seen.get(*path) && !is_put_back(path);
    let changed = seen.keys().filter(|path| !is_taken(path)).cloned().collect();
    Outside { changed, seen }
}

async fn stats<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    referenced: &Referenced,
) -> BTreeMap<String, FileStamp> {
    // Where git has the compose file, its diff tells; it may be another clone's, or made by the deploy command.
    let paths: Vec<String> = referenced.files.iter().chain([&settings.file]).cloned().collect();
    let Reply::Stats { stats } = session.host.perform(Command::Stat { paths: paths.clone() }).await else {
        return BTreeMap::new();
    };
    let mark = |stat: Stat| FileStamp { size: stat.size, modified_ms: stat.modified_ms };
    paths.into_iter().zip(stats).filter_map(|(path, stat)| Some((path, mark(stat?)))).collect()
}

fn memory<H>(session: &Session<'_, H>) -> String {
    format!("{}/taken-in.json", session.with.state_folder)
}

/// What the last `up` of these services has taken in; nothing, where somebody has made a container since.
async fn taken<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    containers: &[Container],
) -> BTreeMap<String, FileStamp> {
    let read = Command::Read { path: memory(session), cap: 256 * 1024, keep: Keep::Head };
    let Reply::Text { text, .. } = session.host.perform(read).await else {
        return BTreeMap::new();
    };
    let taken: Taken = serde_json::from_str(&text).unwrap_or_default();
    let is_same = taken.file == settings.file && taken.services == settings.services;
    let is_last = containers.iter().all(|one| one.created.is_some_and(|created| created <= taken.at));
    if is_same && is_last { taken.files } else { BTreeMap::new() }
}

/// An `up` has taken in what was seen before it.
pub async fn remember<H: Host>(session: &Session<'_, H>, settings: &Settings, outside: Outside) {
    if outside.seen.is_empty() {
        return;
    }
    let at = session.now().await;
    let Settings { file, services, .. } = settings.clone();
    if let Ok(text) = serde_json::to_string(&Taken { file, services, at, files: outside.seen }) {
        // A disk that refuses it costs time, nothing else.
        let _ = session.host.perform(Command::Replace { path: memory(session), text }).await;
    }
}

/// Those that git does not track: what changed of the others is git's to tell, and the reset before this step
/// has written them anew. Where git does not answer, none of them counts as tracked.
async fn untracked<H: Host>(session: &Session<'_, H>, paths: Vec<String>) -> Vec<String> {
    let Ok(git) = repository(session).await else {
        return paths;
    };
    let is_inside = |path: &&str| git.roots().any(|folder| is_within(path, folder));
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

//! Services of a profile, which compose leaves alone unless they are named: those that somebody has started go on with
//! every version, and come back where a version has ended them.

use std::collections::BTreeSet;

use super::choice::{FILES, Present};
use super::engine::inspection;
use super::standing::read;
use super::{came_with, neighbours};
use crate::environment::Compose as Settings;
use crate::host::Host;
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::compose::Container;
use crate::tools::path::parent;
use crate::tools::profiles::profiles;

/// The services of a profile, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InProfile {
    /// Those that are started with the others.
    pub started: Vec<String>,
    /// Those that are left alone.
    pub left: BTreeSet<String>,
}

/// Which of them are to be started: those that run, and those that a version has ended. A tool that has done its work is
/// not to run again, and what a person has stopped or removed of a version that is well stays so.
pub async fn in_profile<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    files: &[String],
    Present { mine, known, .. }: Present<'_>,
) -> InProfile {
    // Who names services has named them all.
    if !settings.services.is_empty() {
        return InProfile::default();
    }
    let profiled = declared(session.host, files).await;
    let found = match known {
        _ if !mine.iter().any(|one| profiled.contains(&one.belongs.service)) => Vec::new(),
        Some(known) => known.to_vec(),
        None => inspection(session, mine).await.unwrap_or_default(),
    };
    // Between two crashes it does not run, and is meant to.
    let is_on = |one: &&Container| one.runs() || one.status == "restarting";
    let mut started: BTreeSet<String> = found.iter().filter(is_on).map(|one| one.belongs.service.clone()).collect();
    started.extend(missing(session, settings, &found).await);
    started.retain(|service| profiled.contains(service));
    let left = profiled.difference(&started).cloned().collect();
    InProfile { started: started.into_iter().collect(), left }
}

/// Those that run no more and are to: what this request itself has chosen, in a run that ended; else those that ran with
/// what it undoes, or with what is live where that is ill, and were ended by that.
async fn missing<H: Host>(session: &Session<'_, H>, settings: &Settings, found: &[Container]) -> BTreeSet<String> {
    let state = &session.ledger.state;
    let Some(operation) = &state.operation else {
        return BTreeSet::new();
    };
    let target = beside(session, operation.ask.target());
    if operation.applied.is_some() {
        return target;
    }
    let undone = came_with::undone(operation).filter(|_| !operation.ask.is_forward());
    let dropped = match undone {
        Some(undone) => dropped(session, settings, undone, &target).await,
        None => BTreeSet::new(),
    };
    let is_well = state.is_well();
    let ill = operation.from.as_ref().filter(|_| !is_well);
    // Of what ended well, a tool has done its work; what ran with the version before, too, was more than that.
    let is_over = |one: &&Container| match is_well {
        true => one.finished() || one.was_stopped(),
        false => one.finished() && !target.contains(&one.belongs.service),
    };
    let is_ended = |service: &String| {
        let mut own = found.iter().filter(|one| one.belongs.service == *service).peekable();
        match own.peek() {
            None => !is_well || dropped.contains(service),
            Some(_) => !own.any(|one| is_over(&one)),
        }
    };
    let noted = undone.into_iter().chain(ill).flat_map(|sha| beside(session, sha)).chain(dropped.iter().cloned());
    noted.filter(is_ended).collect()
}

/// Those of `target` that the version which is undone has ended by having them no more.
async fn dropped<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    undone: &Sha,
    target: &BTreeSet<String>,
) -> BTreeSet<String> {
    let all: BTreeSet<String> = target.difference(&beside(session, undone)).cloned().collect();
    let had = if all.is_empty() { None } else { neighbours::services_at(session, undone, settings, &[]).await };
    // Where that cannot be told, it is one that a person has ended.
    had.map(|had| all.difference(&had).cloned().collect()).unwrap_or_default()
}

/// Those that were started with this version.
fn beside<H: Host>(session: &Session<'_, H>, sha: &Sha) -> BTreeSet<String> {
    let record = session.ledger.state.records.get(sha);
    record.map(|record| record.beside.iter().cloned().collect()).unwrap_or_default()
}

/// Services of these compose files, the first of which stands in the project's folder, that run only in a profile; with
/// those of files that they include, and by way of what they extend.
pub async fn declared<'a, H: Host>(host: &H, files: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    let own: Vec<&String> = files.into_iter().collect();
    let folder = own.first().map(|first| parent(first).to_owned()).unwrap_or_default();
    let mut open: Vec<(String, String)> = own.into_iter().map(|file| (file.clone(), folder.clone())).collect();
    let (mut all, mut extended, mut seen) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    while let Some((path, folder)) = open.pop().filter(|_| seen.len() < FILES) {
        if !seen.insert(path.clone()) {
            continue;
        }
        let Some(text) = read(host, &path).await else {
            continue;
        };
        let found = profiles(&text, &path, &folder);
        all.extend(found.services);
        extended.extend(found.extended);
        open.extend(found.included.into_iter().map(|file| (file.clone(), parent(&file).to_owned())));
    }
    for (service, file, base) in extended {
        let text = if all.contains(&service) { None } else { read(host, &file).await };
        if text.is_some_and(|text| profiles(&text, &file, parent(&file)).services.contains(&base)) {
            all.insert(service);
        }
    }
    all
}

/// Without those that compose had no reason to start: of a profile, and ended before (a tool that once ran).
pub async fn expected<H: Host>(
    session: &Session<'_, H>,
    found: Vec<Container>,
    is_before: impl Fn(&Container) -> bool,
) -> Vec<Container> {
    let is_odd = |one: &Container| !one.runs() && is_before(one);
    if !found.iter().any(is_odd) {
        return found;
    }
    let profiled = declared(session.host, found.iter().flat_map(|one| &one.belongs.files)).await;
    let operation = session.ledger.state.operation.as_ref().filter(|one| one.applied.is_some());
    let started = operation.map(|one| beside(session, one.ask.target())).unwrap_or_default();
    let is_left = |one: &Container| profiled.contains(&one.belongs.service) && !started.contains(&one.belongs.service);
    found.into_iter().filter(|one| !(is_odd(one) && is_left(one))).collect()
}

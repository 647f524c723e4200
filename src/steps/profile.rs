//! Services of a profile, which compose leaves alone unless they are named: those that somebody has started go on with
//! every version, and come back where a version has ended them.

use std::collections::BTreeSet;

use super::came_with;
use super::choice::FILES;
use super::engine::inspection;
use super::standing::read;
use crate::environment::Compose as Settings;
use crate::host::Host;
use crate::machine::{Ask, Because};
use crate::session::Session;
use crate::tools::compose::{Container, Listed};
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

/// Which of them are to be started: those that run, and those that ran with what this request undoes or goes on with.
pub async fn in_profile<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    files: &[String],
    mine: &[Listed],
    known: Option<&[Container]>,
) -> InProfile {
    // Who names services has named them all.
    if !settings.services.is_empty() {
        return InProfile::default();
    }
    let profiled = declared(session.host, files).await;
    let noted = noted(session);
    if !mine.iter().any(|one| profiled.contains(&one.belongs.service)) && profiled.is_disjoint(&noted) {
        return InProfile { started: Vec::new(), left: profiled };
    }
    // Between two crashes it does not run, and is meant to.
    let is_on = |one: &&Container| one.runs() || one.status == "restarting";
    let on = |all: &[Container]| -> BTreeSet<String> {
        all.iter().filter(is_on).map(|one| one.belongs.service.clone()).collect()
    };
    let mut started = match known {
        Some(known) => on(known),
        None => inspection(session, mine).await.map(|all| on(&all)).unwrap_or_default(),
    };
    started.extend(noted);
    started.retain(|service| profiled.contains(service));
    let left = profiled.difference(&started).cloned().collect();
    InProfile { started: started.into_iter().collect(), left }
}

/// Those that ran with what this request undoes and with what it goes back to, with what is live where that is ill, and by
/// this request before its run ended. What a person has stopped of a version that is well stays so.
fn noted<H: Host>(session: &Session<'_, H>) -> BTreeSet<String> {
    let state = &session.ledger.state;
    let Some(operation) = &state.operation else {
        return BTreeSet::new();
    };
    let is_wanted = matches!(&operation.ask, Ask::Rollback { because: Because::Person, .. }) && state.is_well();
    let goes_back = !operation.ask.is_forward() && !is_wanted;
    let undone = came_with::undone(operation).filter(|_| goes_back);
    let ill = operation.from.as_ref().filter(|_| !state.is_well());
    let target = Some(operation.ask.target()).filter(|_| goes_back || operation.applied.is_some());
    let records = undone.into_iter().chain(ill).chain(target).filter_map(|sha| state.records.get(sha));
    records.flat_map(|record| record.beside.iter().cloned()).collect()
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
    let noted = noted(session);
    let is_left = |one: &Container| profiled.contains(&one.belongs.service) && !noted.contains(&one.belongs.service);
    found.into_iter().filter(|one| !(is_odd(one) && is_left(one))).collect()
}

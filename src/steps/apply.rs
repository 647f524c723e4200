//! Have containers take the new version: choose the way, and have compose go it. What compose leaves undone is
//! `afterwards`'s.

use std::collections::BTreeSet;

use futures_util::future::join;

use super::afterwards::{Took, follow};
use super::as_started::{files, given, reached};
use super::choice::{ChosenWay, Present, Started, changed_paths, strategy};
use super::engine::{containers_awaited, inspection, run};
use super::images::{self, Named};
use super::in_order::start_again;
use super::neighbours::LeftBehind;
use super::profile::{InProfile, in_profile};
use super::survey::repository;
use super::which::detect;
use super::{Trouble, ahead, neighbours, outside, unset, volumes};
use crate::environment::{Compose as Settings, Locale};
use crate::host::{Host, Reply, Run};
use crate::machine::Fact;
use crate::machine::operation::Operation;
use crate::messages::log::{Containers, Did, Line, chosen};
use crate::session::Session;
use crate::tools::compose::{
    Compose, Container, Listed, Orphans, Project, ours, project_files, project_name, removal, shares_folder, undeclared,
};
use crate::tools::strategy::{Strategy, StrategyReason};

/// What is done to the containers, and what that rests on.
pub(super) struct Plan {
    /// Which compose does it.
    pub(super) compose: Compose,
    /// The environment's, with the services that it reaches.
    pub(super) settings: Settings,
    /// What compose is told.
    pub(super) project: Project,
    /// The way.
    pub(super) choice: ChosenWay,
    /// Our containers, as they were before.
    pub(super) mine: Vec<Listed>,
    /// Absolute paths that differ between what ran and what will run; none: not known.
    pub(super) changed: Option<Vec<String>>,
    /// What is known of our containers; none: not asked yet.
    known: Option<Vec<Container>>,
    /// Services of a profile.
    pub(super) in_profile: InProfile,
    /// Containers that were made of a compose file that is gone.
    left_behind: LeftBehind,
    /// Where services are named, containers of those that were named before.
    former: Vec<Listed>,
    /// The compose files that what is live was started with, where that is news.
    had: Vec<String>,
}

impl Plan {
    /// All containers that may have to go.
    fn standing(&self) -> Vec<Listed> {
        [self.mine.as_slice(), self.left_behind.inside.as_slice(), self.former.as_slice()].concat()
    }

    /// These services, with those of `running` that would be cut off without them.
    pub(super) fn with_joined(&self, services: BTreeSet<String>, running: &BTreeSet<String>) -> Vec<String> {
        let all = self.choice.with_joined(services.clone());
        all.into_iter().filter(|service| services.contains(service) || running.contains(service)).collect()
    }
}

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let Some(settings) = operation.with.compose.clone() else {
        return Ok(Did::Nothing);
    };
    let plan = plan(session, operation, settings).await?;
    announce(session, &plan).await?;
    let mut unnamed = Vec::new();
    if plan.choice.strategy != Strategy::Restart {
        unnamed = volumes::unnamed(session, &plan.standing(), plan.known.as_deref()).await;
        remove_undeclared(session, &plan).await?;
    }
    let began = session.now().await;
    let done = carry_out(session, &plan).await;
    // Also where it failed half way: who goes back makes a container anew that is removed by now.
    volumes::tell_left(session, unnamed).await;
    done?;
    let took = Took { since: operation.began_at.unwrap_or(began), ms: session.now().await.since(began) };
    follow(session, &plan, took).await?;
    Ok(Did::Applied(plan.choice.strategy, plan.choice.reason))
}

/// Looks at what stands there, and says what to do about it. Nothing is changed but which images names mean, on the way
/// back.
async fn plan<H: Host>(session: &Session<'_, H>, operation: &Operation, settings: Settings) -> Result<Plan, Trouble> {
    let settings = reached(session, settings).await;
    let git = repository(session).await?;
    let changed = changed_paths(session, &git, operation.from.as_ref(), operation.ask.target());
    let (ahead, changed) = join(ahead::told(session), changed).await;
    let had = ahead.as_ref().map(|ahead| had(session, &ahead.listed, &settings)).unwrap_or_default();
    // A command of the version's own may have removed or made containers since, or installed another compose.
    let ahead = ahead.filter(|_| !operation.ran_command());
    let compose = match ahead.as_ref().and_then(|ahead| ahead.compose.clone()) {
        Some(compose) => compose,
        None => detect(session.host, session.env, &session.with.state_folder).await?,
    };
    let (all, known) = match ahead {
        Some(ahead) => (ahead.listed, Some(ahead.ours)),
        None => (containers_awaited(session).await?, None),
    };
    let changed = changed?;
    let mine = ours(&all, std::slice::from_ref(&settings.file), &settings.services);
    let files = files(session, &mine, &had, &settings).await;
    let given = given(session, &mine, &files).await;
    let (known, moved) = by_name(session, operation, &mine, known).await?;
    let present = Present { all: &all, mine: &mine, known: known.as_deref(), moved: &moved };
    let in_profile = in_profile(session, &settings, &files, present).await;
    let (name, named) = names(session, &compose, &settings, &all, &mine).await;
    let left_behind = neighbours::left_behind(session, &all, &settings, named.as_deref()).await?;
    let choice = match left_behind.all.first().and_then(|one| one.belongs.files.first()) {
        Some(path) => ChosenWay::of(Strategy::Up, Some(StrategyReason::Moved { path: path.clone() })),
        None => strategy(session, &settings, Started { files: &files, given: &given }, changed.clone(), present).await,
    };
    let is_other = |one: &&Listed| left_behind.inside.iter().all(|left| left.id != one.id);
    let others: Vec<Listed> = all.iter().filter(is_other).cloned().collect();
    let project = Project {
        // Who names services leaves the others alone, whatever the file says of them by now: they may be another site's.
        orphans: match settings.services.is_empty() {
            true => shares_folder(&others, &files, named.as_deref()),
            false => Orphans::Keep { others: Vec::new() },
        },
        files,
        given,
        name,
        services: settings.services.clone(),
        anew: !left_behind.all.is_empty(),
        waits: choice.waits,
        lock: Some(session.with.lock()),
    };
    let former = match choice.strategy {
        // Nothing goes.
        Strategy::Restart => Vec::new(),
        Strategy::Up | Strategy::Recreate => former(session, operation, &all, &settings).await,
    };
    Ok(Plan { compose, settings, project, choice, mine, changed, known, in_profile, left_behind, former, had })
}

/// Images that our containers run, by names that mean others; on the way back names are given back first. With what was
/// learnt of the containers for that.
async fn by_name<H: Host>(
    session: &Session<'_, H>,
    operation: &Operation,
    mine: &[Listed],
    known: Option<Vec<Container>>,
) -> Result<(Option<Vec<Container>>, Named), Trouble> {
    if !images::may_differ(session) {
        return Ok((known, Named::new()));
    }
    let known = match known {
        Some(known) => Some(known),
        None => inspection(session, mine).await.ok(),
    };
    let containers = known.as_deref().unwrap_or_default();
    images::put_back(session, operation).await?;
    let moved = images::moved(session, containers).await;
    Ok((known, moved))
}

/// Containers of the services that what is live was made with, and of those that these need, where services are named: a
/// version may have no more of one. The others may be another site's.
async fn former<H: Host>(
    session: &Session<'_, H>,
    operation: &Operation,
    all: &[Listed],
    settings: &Settings,
) -> Vec<Listed> {
    let before = session.ledger.state.with.as_ref().and_then(|with| with.compose.as_ref());
    let before = before.filter(|before| before.file == settings.file && !before.services.is_empty());
    let (Some(before), Some(from), false) = (before, &operation.from, settings.services.is_empty()) else {
        return Vec::new();
    };
    let named = neighbours::services_at(session, from, before, &before.services).await;
    let named: Vec<String> = named.map_or_else(|| before.services.clone(), |named| named.into_iter().collect());
    ours(all, std::slice::from_ref(&before.file), &named)
}

/// Says what is about to be done, and keeps it.
async fn announce<H: Host>(session: &mut Session<'_, H>, plan: &Plan) -> Result<(), Trouble> {
    let ChosenWay { strategy, reason, .. } = &plan.choice;
    let version = plan.compose.version.text.clone();
    session.log(&Line::Containers(Containers::Way(version, *strategy, reason.clone()))).await;
    let files = Some(plan.project.files.clone()).filter(|files| files.len() > 1).unwrap_or_default();
    let reason = chosen(reason.as_ref(), Locale::En);
    let beside = plan.in_profile.started.clone();
    session.add(Fact::Applied { strategy: *strategy, reason, files, had: plan.had.clone(), beside }).await;
    session.write().await?;
    if let (Strategy::Up | Strategy::Recreate, Orphans::Keep { others }) = (strategy, &plan.project.orphans)
        && !others.is_empty()
    {
        session.log(&Line::Containers(Containers::OrphansKept(others.clone()))).await;
    }
    Ok(())
}

/// The project's name, where containers tell it; and the one that it has then: without them compose takes it from the
/// file, or from the folder.
async fn names<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    settings: &Settings,
    all: &[Listed],
    mine: &[Listed],
) -> (Option<String>, Option<String>) {
    let told = match project_name(mine) {
        Some(name) => Some(name),
        None => neighbours::name_before(session, all, settings).await,
    };
    match told {
        Some(name) => (Some(name.clone()), Some(name)),
        None => (None, neighbours::name(session, compose, settings).await),
    }
}

/// The compose files that containers of what is live were started with, where that is news: several, or others than the
/// ledger has.
fn had<H: Host>(session: &Session<'_, H>, all: &[Listed], settings: &Settings) -> Vec<String> {
    let mine = ours(all, std::slice::from_ref(&settings.file), &settings.services);
    let live = session.ledger.state.live.as_ref().and_then(|live| session.ledger.state.records.get(&live.sha));
    let is_known = live.is_some_and(|record| !record.files.is_empty());
    let files = if mine.is_empty() { Vec::new() } else { project_files(&mine, &settings.file) };
    if files.len() > 1 || is_known { files } else { Vec::new() }
}

/// Has compose do it.
async fn carry_out<H: Host>(session: &Session<'_, H>, plan: &Plan) -> Result<(), Trouble> {
    let Plan { compose, project, choice, .. } = plan;
    let reply = match choice.strategy {
        Strategy::Restart => restart(session, plan).await?,
        Strategy::Up => run(session, compose.up(project)).await?,
        Strategy::Recreate => {
            let mut reply = Reply::Done;
            for command in compose.recreate(project) {
                reply = run(session, command).await?;
            }
            reply
        }
    };
    unset::tell(session, &project.files, &reply, choice.strategy).await;
    make_in_profile(session, plan).await?;
    if choice.strategy != Strategy::Restart {
        outside::remember(session, &plan.settings, choice.outside.clone()).await;
    }
    Ok(())
}

/// Starts the same containers again, those of a profile with the others, in the order of what waits for what.
async fn restart<H: Host>(session: &Session<'_, H>, plan: &Plan) -> Result<Reply, Trouble> {
    let Plan { compose, in_profile, mine, .. } = plan;
    let mut project = plan.project.clone();
    let beside: Vec<String> = in_profile.started.iter().filter(|name| has_container(plan, name)).cloned().collect();
    // compose leaves those of a profile alone unless they are named, and then all have to be, but for those that it no
    // longer knows.
    let declared = if beside.is_empty() { None } else { neighbours::services(session.host, &project.files).await };
    if let Some(declared) = &declared {
        let services: BTreeSet<&String> = mine.iter().map(|one| &one.belongs.service).collect();
        let is_started = |name: &&String| !in_profile.left.contains(*name) && declared.contains(*name);
        project.services = services.into_iter().filter(is_started).cloned().collect();
    }
    if !beside.is_empty() {
        session.log(&Line::Containers(Containers::InProfile(beside.clone()))).await;
    }
    let reply = match project.waits {
        true => {
            let is_later =
                |name: &String| in_profile.left.contains(name) || (declared.is_none() && beside.contains(name));
            let started: Vec<Listed> = mine.iter().filter(|one| !is_later(&one.belongs.service)).cloned().collect();
            let before = inspection(session, &started).await?;
            start_again(session, compose, &project, before).await?
        }
        false => run(session, compose.restart(&project)).await?,
    };
    match declared {
        None if !beside.is_empty() => run(session, compose.restart(&Project { services: beside, ..project })).await,
        _ => Ok(reply),
    }
}

fn has_container(plan: &Plan, service: &str) -> bool {
    plan.mine.iter().any(|one| one.belongs.service == service)
}

/// Services of a profile that have no container, or not that of this version.
async fn make_in_profile<H: Host>(session: &Session<'_, H>, plan: &Plan) -> Result<(), Trouble> {
    let is_restart = plan.choice.strategy == Strategy::Restart;
    let services = plan.in_profile.started.iter().filter(|service| !(is_restart && has_container(plan, service)));
    let services: Vec<String> = services.cloned().collect();
    if services.is_empty() {
        return Ok(());
    }
    session.log(&Line::Containers(Containers::InProfile(services.clone()))).await;
    // The others, orphans among them, have had their turn.
    let orphans = Orphans::Keep { others: Vec::new() };
    run(session, plan.compose.up(&Project { services, orphans, ..plan.project.clone() })).await?;
    Ok(())
}

/// Where orphans have to be kept, since another site's containers are in the project, compose removes none: those of
/// our own files go by name. One that stays would keep its port, and count as ours and not running.
async fn remove_undeclared<H: Host>(session: &Session<'_, H>, plan: &Plan) -> Result<(), Trouble> {
    let Plan { project, .. } = plan;
    if project.orphans == Orphans::Remove {
        return Ok(());
    }
    let Some(declared) = neighbours::services(session.host, &project.files).await else {
        return Ok(());
    };
    let standing = plan.standing();
    let left = undeclared(&standing, &declared);
    if left.is_empty() {
        return Ok(());
    }
    session.log(&Line::Containers(Containers::Removing(left.iter().map(|one| one.name.clone()).collect()))).await;
    let ids: Vec<String> = left.iter().map(|one| one.id.clone()).collect();
    for command in removal(&ids) {
        run(session, Run { under_lock: project.lock.clone(), ..command }).await?;
    }
    Ok(())
}

//! Have containers take the new version: choose the way, run it, and make sure that nothing still runs the
//! old code.

use futures_util::future::join;

use super::as_started::{files, given, reached, running_in_profiles};
use super::choice::{Choice, Present, changed_paths, restored, strategy};
use super::in_order::start_again;
use super::outside::Outside;
use super::spelled::{belong, respell};
use super::survey::repository;
use super::which::detect;
use super::{Trouble, ahead, broken, machines, neighbours, outside, unset, volumes};
use crate::environment::{Compose as Settings, Locale};
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend};
use crate::host::{Host, Reply, Run};
use crate::machine::Fact;
use crate::messages::log::{Containers, Did, Line, chosen};
use crate::session::Session;
use crate::time::Millis;
use crate::tools::compose::{
    Changed, Compose, Container, During, Listed, Orphans, Project, SLOW_MS, inspect, inspected, list_containers,
    listed, ours, outdated, project_files, project_name, removal, shares_folder, slow_stops, undeclared,
};
use crate::tools::process::{ProcessError, done};
use crate::tools::strategy::{Reason, Strategy};

pub(super) const ATTEMPT: &Attempt = &Attempt::Containers;
pub(super) const MEND: Mend = Mend::RunCompose;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Did, Trouble> {
    let Some(operation) = session.ledger.state.operation.clone() else {
        return Ok(Did::Nothing);
    };
    let Some(settings) = operation.with.compose.clone() else {
        return Ok(Did::Nothing);
    };
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
        None => (containers(session).await?, None),
    };
    let changed = changed?;
    let mine = ours(&all, std::slice::from_ref(&settings.file), &settings.services);
    let files = files(session, (&mine, &had), &settings).await;
    let given = given(session, &mine, &files).await;
    let beside = running_in_profiles(session, &settings, &files, (&mine, known.as_deref())).await;
    let (name, named) = names(session, &compose, &settings, (&all, &mine)).await;
    let left_behind = neighbours::left_behind(session, &all, &settings, named.as_deref()).await?;
    let Choice { strategy, reason, outside, waits } =
        match left_behind.all.first().and_then(|one| one.belongs.files.first()) {
            Some(path) => {
                let reason = Some(Reason::Moved { path: path.clone() });
                Choice { strategy: Strategy::Up, reason, outside: Outside::default(), waits: false }
            }
            None => {
                let present = Present { all: &all, mine: &mine, known: known.as_deref() };
                strategy(session, &settings, (&files, &given), changed.clone(), present).await
            }
        };
    session.log(&Line::Containers(Containers::Way(compose.version.text.clone(), strategy, reason.clone()))).await;
    let several = Some(files.clone()).filter(|files| files.len() > 1).unwrap_or_default();
    session.add(Fact::Applied { strategy, reason: chosen(reason.as_ref(), Locale::En), files: several, had }).await;
    session.write().await?;
    let is_other = |one: &&Listed| left_behind.inside.iter().all(|left| left.id != one.id);
    let others: Vec<Listed> = all.iter().filter(is_other).cloned().collect();
    let orphans = shares_folder(&others, &files, named.as_deref());
    if let (Strategy::Up | Strategy::Recreate, Orphans::Keep { others }) = (strategy, &orphans) {
        session.log(&Line::Containers(Containers::OrphansKept(others.clone()))).await;
    }
    let project = Project {
        files,
        given,
        name,
        services: settings.services.clone(),
        orphans,
        anew: !left_behind.all.is_empty(),
        waits,
        lock: Some(session.with.lock()),
    };
    let mut unnamed = Vec::new();
    if strategy != Strategy::Restart {
        let standing = [mine.as_slice(), left_behind.inside.as_slice()].concat();
        unnamed = volumes::unnamed(session, &standing, known.as_deref()).await;
        remove_undeclared(session, &settings, &project, standing).await?;
    }
    let began = session.now().await;
    let done = carry_out(session, &compose, (&project, beside), strategy, &mine).await;
    // Also where it failed half way: who goes back makes a container anew that is removed by now.
    volumes::tell_left(session, unnamed).await;
    done?;
    if strategy != Strategy::Restart {
        outside::remember(session, &settings, outside).await;
    }
    let ms = session.now().await.since(began);
    let took = Took { strategy, since: operation.began_at.unwrap_or(began), ms };
    afterwards(session, (&compose, &project, &settings), took, (mine, changed)).await?;
    Ok(Did::Applied(strategy, reason))
}

/// The project's name, where containers tell it; and the one that it has then: without them compose takes it from the
/// file, or from the folder.
async fn names<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    settings: &Settings,
    (all, mine): (&[Listed], &[Listed]),
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

/// Has compose do it.
async fn carry_out<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    (project, beside): (&Project, Vec<String>),
    strategy: Strategy,
    mine: &[Listed],
) -> Result<(), Trouble> {
    let mut reply = Reply::Done;
    if strategy == Strategy::Restart && project.waits {
        reply = start_again(session, compose, project, mine).await?;
    } else {
        for command in commands(compose, project, strategy) {
            reply = run(session, command).await?;
        }
    }
    unset::tell(session, &project.files, &reply, strategy).await;
    start_beside(session, compose, (project, beside), strategy).await
}

/// Services of a profile, which compose leaves alone unless they are named.
async fn start_beside<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    (project, services): (&Project, Vec<String>),
    strategy: Strategy,
) -> Result<(), Trouble> {
    if services.is_empty() {
        return Ok(());
    }
    session.log(&Line::Containers(Containers::InProfile(services.clone()))).await;
    // The others, orphans among them, have had their turn.
    let orphans = Orphans::Keep { others: Vec::new() };
    let project = Project { services, orphans, ..project.clone() };
    let again = if strategy == Strategy::Restart { compose.restart(&project) } else { compose.up(&project) };
    run(session, again).await?;
    Ok(())
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

/// How containers were started.
struct Took {
    strategy: Strategy,
    /// When what they are of began to be put in place.
    since: Millis,
    /// How long compose took.
    ms: u64,
}

/// What compose leaves undone or unsaid; `mine` is what ran before, `changed` what differs.
async fn afterwards<H: Host>(
    session: &Session<'_, H>,
    (compose, project, settings): (&Compose, &Project, &Settings),
    took: Took,
    (mine, changed): (Vec<Listed>, Option<Vec<String>>),
) -> Result<(), Trouble> {
    if took.strategy == Strategy::Restart {
        // Of a restart the time is the stop's; `up` may have built for as long, and what waits is told of where it stops.
        if took.ms >= SLOW_MS
            && !project.waits
            && let Ok(containers) = inspection(session, &mine).await
        {
            tell_slow_stop(session, took.ms, &containers).await;
        }
        *session.restarted.borrow_mut() = mine;
        return Ok(());
    }
    session.restarted.borrow_mut().clear();
    // What is undone may have had more of them by its compose file.
    if session.ledger.state.operation.as_ref().is_some_and(|operation| operation.ask.is_forward()) {
        tell_fewer(session, &mine).await;
    }
    let git = repository(session).await?;
    // By its own name, and by that of a link that may lead there.
    let tree: Vec<String> = git.roots().map(str::to_owned).collect();
    let changed = match &changed {
        Some(paths) => Changed::Paths(paths),
        None => Changed::Below(&tree),
    };
    restart_outdated(session, compose, project, settings, took.since, changed).await
}

/// Where orphans have to be kept, since another site's containers are in the project, compose removes none: those of
/// our own files go by name. One that stays would keep its port, and count as ours and not running.
async fn remove_undeclared<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    project: &Project,
    mine: Vec<Listed>,
) -> Result<(), Trouble> {
    if project.orphans == Orphans::Remove || !settings.services.is_empty() {
        return Ok(());
    }
    let Some(declared) = neighbours::services(session.host, &project.files).await else {
        return Ok(());
    };
    let left = undeclared(&mine, &declared);
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

/// Services that have fewer containers than before: people had scaled them by hand.
async fn tell_fewer<H: Host>(session: &Session<'_, H>, before: &[Listed]) {
    let count = |all: &[Listed], service: &str| all.iter().filter(|one| one.belongs.service == service).count();
    let mut services: Vec<&String> = before.iter().map(|one| &one.belongs.service).collect();
    services.sort();
    services.dedup();
    services.retain(|service| count(before, service) > 1);
    if services.is_empty() {
        return;
    }
    let Ok(now) = containers(session).await else {
        return;
    };
    let project = before.first().map(|one| one.belongs.project.clone());
    let now: Vec<Listed> = now.into_iter().filter(|one| Some(&one.belongs.project) == project.as_ref()).collect();
    for service in services {
        let (had, has) = (count(before, service), count(&now, service));
        if has > 0 && has < had {
            session.warn(&Line::Containers(Containers::Fewer(service.clone(), had, has))).await;
        }
    }
}

fn commands(compose: &Compose, project: &Project, strategy: Strategy) -> Vec<Run> {
    match strategy {
        Strategy::Restart => vec![compose.restart(project)],
        Strategy::Up => vec![compose.up(project)],
        Strategy::Recreate => compose.recreate(project),
    }
}

/// Carries out one of compose's commands.
pub(super) async fn run<H: Host>(session: &Session<'_, H>, command: Run) -> Result<Reply, Trouble> {
    let reply = session.run(command, ATTEMPT).await?;
    let Err(seen) = done(&reply).map_err(trouble) else {
        return Ok(reply);
    };
    // An engine that does not even list its containers would have refused any version.
    Err(if containers(session).await.is_ok() { seen } else { machines(seen) })
}

pub(super) fn trouble(seen: ProcessError) -> Trouble {
    match seen {
        ProcessError::Cancelled { signal } => Trouble::Stop(Failure::Stopped { signal, attempt: ATTEMPT.to_owned() }),
        seen => broken(ATTEMPT, seen, MEND),
    }
}

/// All containers that compose made on this machine.
pub async fn containers<H: Host>(session: &Session<'_, H>) -> Result<Vec<Listed>, Trouble> {
    let reply = session.run(list_containers(), ATTEMPT).await?;
    let mut all = listed(&reply).map_err(|seen| match seen {
        ProcessError::Cancelled { .. } => trouble(seen),
        seen => machines(broken(ATTEMPT, seen, Mend::AskEngine)),
    })?;
    if let Some(settings) = session.settings().compose {
        respell(session.host, &mut all, &settings.file).await;
    }
    Ok(all)
}

/// What is known of these containers.
pub async fn inspection<H: Host>(session: &Session<'_, H>, listed: &[Listed]) -> Result<Vec<Container>, Trouble> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = listed.iter().map(|one| one.id.clone()).collect();
    let reply = session.run(inspect(&ids), ATTEMPT).await?;
    let mut found = inspected(&reply).map_err(trouble)?;
    belong(&mut found, listed);
    Ok(found)
}

/// `up` leaves a container alone whose image and settings are the same, even when code mounted into
/// it has changed: the process would go on with the old code.
async fn restart_outdated<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    project: &Project,
    settings: &Settings,
    began: Millis,
    changed: Changed<'_>,
) -> Result<(), Trouble> {
    let all = containers(session).await?;
    let mine = ours(&all, std::slice::from_ref(&settings.file), &settings.services);
    let during = During { began, now: session.now().await };
    let mut found = inspection(session, &mine).await?;
    volumes::add_devices(session, &mut found, during).await;
    let mut services = outdated(&found, during, changed);
    // A folder that was swapped for its backup: whoever sees it by a mount of its own still has the other one.
    services.extend(outdated(&found, during, Changed::Below(&restored(session).await)));
    services.sort();
    services.dedup();
    if services.is_empty() {
        return Ok(());
    }
    session.log(&Line::Containers(Containers::Restarting(services.clone()))).await;
    let name = project_name(&mine);
    run(session, compose.restart(&Project { services, name, ..project.clone() })).await?;
    Ok(())
}

/// What keeps containers from stopping at once, where compose took so long for it (milliseconds).
pub(super) async fn tell_slow_stop<H: Host>(session: &Session<'_, H>, ms: u64, containers: &[Container]) {
    if ms < SLOW_MS {
        return;
    }
    for advice in slow_stops(ms, containers) {
        session.warn(&Line::Containers(Containers::SlowStop(ms, advice))).await;
    }
}

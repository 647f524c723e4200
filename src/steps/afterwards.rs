//! What compose leaves undone or unsaid once it has given containers a version: old code that goes on, a stop that took
//! long, services that have fewer containers than before.

use std::collections::BTreeSet;

use super::Trouble;
use super::apply::Plan;
use super::choice::restored;
use super::engine::{containers, containers_awaited, inspection, run};
use super::in_order::start_again;
use super::survey::repository;
use super::volumes;
use crate::host::Host;
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::time::Millis;
use crate::tools::compose::{
    Changed, Container, During, Listed, Orphans, Project, SLOW_MS, ours, outdated, project_name, slow_stops,
};
use crate::tools::strategy::Strategy;

/// How long it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// When what they are of began to be put in place.
    pub(super) since: Millis,
    /// How long compose took, milliseconds.
    pub(super) ms: u64,
}

/// Says it, and does what is left to do.
pub(super) async fn follow<H: Host>(session: &Session<'_, H>, plan: &Plan, took: Took) -> Result<(), Trouble> {
    if plan.choice.strategy == Strategy::Restart {
        // Of a restart the time is the stop's; `up` may have built for as long, and what waits is told of where it stops.
        if took.ms >= SLOW_MS
            && !plan.project.waits
            && let Ok(containers) = inspection(session, &plan.mine).await
        {
            tell_slow_stop(session, took.ms, &containers).await;
        }
        *session.restarted.borrow_mut() = plan.mine.clone();
        return Ok(());
    }
    session.restarted.borrow_mut().clear();
    // What is undone may have had more of them by its compose file.
    if session.ledger.state.operation.as_ref().is_some_and(|operation| operation.ask.is_forward()) {
        tell_fewer(session, &plan.mine).await;
    }
    let mut standing = look(session, plan, took.since).await?;
    make_anew(session, plan, &mut standing).await?;
    restart_outdated(session, plan, standing).await
}

/// Our containers after an `up`.
struct Standing {
    /// What compose is told of them.
    project: Project,
    /// All that are left as they are.
    found: Vec<Container>,
    /// The services of our compose file of which a container runs, or did before: those that nobody asked for, too.
    running: BTreeSet<String>,
    /// The time in which they may have been started.
    during: During,
}

async fn look<H: Host>(session: &Session<'_, H>, plan: &Plan, since: Millis) -> Result<Standing, Trouble> {
    let all = containers_awaited(session).await?;
    let mine = ours(&all, std::slice::from_ref(&plan.settings.file), &plan.settings.services);
    let found = inspection(session, &mine).await?;
    let running =
        ours(&all, std::slice::from_ref(&plan.settings.file), &[]).into_iter().chain(plan.mine.iter().cloned());
    let running = running.filter(|one| !one.is_down()).map(|one| one.belongs.service).collect();
    // A tool that once ran is not to run again.
    let is_left = |one: &Container| plan.in_profile.left.contains(&one.belongs.service);
    Ok(Standing {
        // The others, orphans among them, have had their turn.
        project: Project {
            name: project_name(&mine),
            orphans: Orphans::Keep { others: Vec::new() },
            ..plan.project.clone()
        },
        found: found.into_iter().filter(|one| !is_left(one)).collect(),
        running,
        during: During { began: since, now: session.now().await },
    })
}

/// Makes containers anew that hold a text which may be another one by now.
async fn make_anew<H: Host>(
    session: &Session<'_, H>,
    plan: &Plan,
    Standing { project, found, running, during }: &mut Standing,
) -> Result<(), Trouble> {
    let holds_text =
        |one: &&Container| plan.choice.rewritten.contains(&one.belongs.service) && one.is_from_before(*during);
    let services: BTreeSet<String> = found.iter().filter(holds_text).map(|one| one.belongs.service.clone()).collect();
    if services.is_empty() {
        return Ok(());
    }
    let services = plan.with_joined(services, running);
    found.retain(|one| !services.contains(&one.belongs.service));
    session.log(&Line::Containers(Containers::Renewing(services.clone()))).await;
    run(session, plan.compose.up(&Project { services, anew: true, ..project.clone() })).await?;
    Ok(())
}

/// `up` leaves a container alone whose image and settings are the same, even when code mounted into
/// it has changed: the process would go on with the old code.
async fn restart_outdated<H: Host>(
    session: &Session<'_, H>,
    plan: &Plan,
    Standing { project, mut found, running, during }: Standing,
) -> Result<(), Trouble> {
    volumes::add_devices(session, &mut found, during).await;
    let git = repository(session).await?;
    // By its own name, and by that of a link that may lead there.
    let tree: Vec<String> = git.roots().map(str::to_owned).collect();
    let changed = match &plan.changed {
        Some(paths) => Changed::Paths(paths),
        None => Changed::Below(&tree),
    };
    let mut services = outdated(&found, during, changed);
    // A folder that was swapped for its backup: whoever sees it by a mount of its own still has the other one.
    services.extend(outdated(&found, during, Changed::Below(&restored(session).await)));
    if services.is_empty() {
        return Ok(());
    }
    let services = plan.with_joined(services.into_iter().collect(), &running);
    session.log(&Line::Containers(Containers::Restarting(services.clone()))).await;
    found.retain(|one| services.contains(&one.belongs.service));
    let in_order = plan.choice.waits && services.len() > 1;
    let project = Project { services, ..project };
    match in_order {
        true => start_again(session, &plan.compose, &project, found).await?,
        false => run(session, plan.compose.restart(&project)).await?,
    };
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

/// What keeps containers from stopping at once, where compose took so long for it (milliseconds).
pub(super) async fn tell_slow_stop<H: Host>(session: &Session<'_, H>, ms: u64, containers: &[Container]) {
    if ms < SLOW_MS {
        return;
    }
    for advice in slow_stops(ms, containers) {
        session.warn(&Line::Containers(Containers::SlowStop(ms, advice))).await;
    }
}

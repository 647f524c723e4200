//! The compose file and its containers: whether it can be read, whether they run, stop quickly, and
//! come back after a reboot.

use futures_util::future::{join, join_all};

use super::engine::Engine;
use super::{Subject, Visit, ask};
use crate::environment::{Compose as Settings, ComposeStrategy};
use crate::host::Host;
use crate::messages::finding::{Containers, Finding, FindingSeen};
use crate::settings::nearest;
use crate::steps::spelled::respell;
use crate::steps::{neighbours, profile};
use crate::tools::compose::{
    Compose, Container, Listed, NAME_VARIABLE, Volume, inspect, inspected, list_containers, listed, near, ours,
    projects, services_told,
};
use crate::tools::compose_file::declared;
use crate::tools::doctor::signal::{OnTerm, ask_first_processes, first_processes, on_term};
use crate::tools::git::{Git, place_found};
use crate::tools::path::{is_within, parent};
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>, subject: &Subject, engine: &Engine) -> Vec<Finding> {
    let Some(settings) = &subject.with.compose else {
        let found = unset(visit, subject).await.map(|seen| subject.warn(FindingSeen::Containers(seen)));
        return vec![found.unwrap_or_else(|| subject.skipped(FindingSeen::Containers(Containers::None)))];
    };
    // Which one is a problem of the configuration, and told as that.
    if subject.with.lacks_compose_file() {
        return Vec::new();
    }
    let (file, containers) =
        join(file(visit, subject, settings, engine), running(visit, subject, settings, engine)).await;
    [file, containers].concat()
}

/// Containers that run by a compose file of the work tree, where no deploy restarts any: its sites would go on with
/// the old version.
async fn unset<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Option<Containers> {
    let with = &subject.with;
    // A deploy command may do it.
    if with.app_path.is_empty() || !with.deploy_command.is_empty() {
        return None;
    }
    let git = Git::at(&with.app_path, &visit.start.env);
    let (all, place) = join(ask::run(visit.host, list_containers()), ask::run(visit.host, git.place())).await;
    let top = place_found(&place).ok()?.top;
    let is_inside = |file: &String| is_within(file, &top) || is_within(file, &with.app_path);
    let mut all = listed(&all).ok()?;
    all.retain(|one| !one.belongs.oneoff && one.belongs.files.iter().any(is_inside));
    let ids: Vec<String> = all.iter().map(|one| one.id.clone()).collect();
    if ids.is_empty() {
        return None;
    }
    let mut running = inspected(&ask::run(visit.host, inspect(&ids)).await).ok()?;
    running.retain(Container::runs);
    let file = running.first()?.belongs.files.first()?.clone();
    running.retain(|one| one.belongs.files.contains(&file));
    Some(Containers::Unset { names: running.into_iter().map(|one| one.name).collect(), file })
}

async fn file<H: Host>(visit: &Visit<'_, H>, subject: &Subject, settings: &Settings, engine: &Engine) -> Vec<Finding> {
    let path = settings.file.clone();
    match ask::spots(visit.host, std::slice::from_ref(&path)).await {
        Ok(spots) if !spots.contains_key(&path) => {
            let nearby = near(ask::names(visit.host, parent(&path)).await);
            return vec![subject.fail(FindingSeen::Containers(Containers::NoFile { path, nearby }))];
        }
        _ => {}
    }
    let Some(compose) = &engine.compose else {
        return Vec::new();
    };
    match services_told(&ask::run(visit.host, compose.services(&path)).await) {
        Ok(known) => services(subject, settings, path, known),
        Err(ProcessError::Refused { tail, .. }) => {
            let words = tail.lines().last().unwrap_or_default().chars().take(300).collect();
            vec![subject.fail(FindingSeen::Containers(Containers::Refused { path, words }))]
        }
        Err(fault) => vec![subject.fail(FindingSeen::Containers(Containers::Unanswered { fault }))],
    }
}

fn services(subject: &Subject, settings: &Settings, path: String, known: Vec<String>) -> Vec<Finding> {
    let unknown = |service: &&String| !known.contains(service);
    let lacking: Vec<Finding> = settings
        .services
        .iter()
        .filter(unknown)
        .map(|service| {
            let near = nearest(service, known.iter().map(String::as_str)).map(str::to_owned);
            let seen = Containers::NoService { service: service.clone(), nearest: near, known: known.clone() };
            subject.fail(FindingSeen::Containers(seen))
        })
        .collect();
    if lacking.is_empty() {
        vec![subject.ok(FindingSeen::Containers(Containers::File { path, services: known }))]
    } else {
        lacking
    }
}

async fn running<H: Host>(
    visit: &Visit<'_, H>,
    subject: &Subject,
    settings: &Settings,
    engine: &Engine,
) -> Vec<Finding> {
    if !engine.answers {
        return vec![subject.skipped(FindingSeen::Containers(Containers::NotAsked))];
    }
    let unanswered = |fault| vec![subject.fail(FindingSeen::Containers(Containers::Unanswered { fault }))];
    let mut all = match listed(&ask::run(visit.host, list_containers()).await) {
        Ok(all) => all,
        Err(fault) => return unanswered(fault),
    };
    respell(visit.host, &mut all, &settings.file).await;
    let mine = ours(&all, std::slice::from_ref(&settings.file), &settings.services);
    let projects = Some(projects(&mine)).filter(|projects| projects.len() > 1);
    if let Some(projects) = projects {
        return vec![subject.fail(FindingSeen::Containers(Containers::Projects { projects }))];
    }
    let shared = shared(visit, subject, settings, engine, &all, &mine).await;
    if mine.is_empty() {
        return shared.into_iter().chain([none(subject, settings, engine.compose.as_ref())]).collect();
    }
    let ids: Vec<String> = mine.iter().map(|one| one.id.clone()).collect();
    let (found, first) =
        join(ask::run(visit.host, inspect(&ids)), ask::run(visit.host, ask_first_processes(&ids))).await;
    let mut found = match inspected(&found) {
        Ok(found) => found,
        Err(fault) => return unanswered(fault),
    };
    let profiled = profile::declared(visit.host, [&settings.file]).await;
    // A tool that somebody ran once: nothing starts it again.
    found.retain(|one| one.runs() || !profiled.contains(&one.belongs.service));
    let mut findings: Vec<Finding> = shared.into_iter().chain(state(subject, &found)).collect();
    findings.extend(stopping(visit, subject, &found, &first_processes(&first).unwrap_or_default()).await);
    findings.extend(unnamed(subject, &found));
    findings.push(reboot(subject, &found));
    findings
}

/// Another site's containers that the next deploy would take for its own.
async fn shared<H: Host>(
    visit: &Visit<'_, H>,
    subject: &Subject,
    settings: &Settings,
    engine: &Engine,
    all: &[Listed],
    mine: &[Listed],
) -> Option<Finding> {
    let compose = engine.compose.as_ref().filter(|_| neighbours::is_odd(all, mine, &settings.file))?;
    let git = Git::at(&subject.with.app_path, &visit.start.env);
    let git = match place_found(&ask::run(visit.host, git.place()).await) {
        Ok(place) => git.placed(&place),
        Err(_) => git,
    };
    let tree: Vec<&str> = git.roots().collect();
    // Of a file that is not there, that is said: nothing is to be written into it.
    let text = ask::text(visit.host, &settings.file).await?;
    let declared = Some(declared(&text, &settings.services));
    let variable = Some(visit.variable(NAME_VARIABLE).to_owned());
    let naming = neighbours::named(visit.host, variable, &settings.file, declared).await;
    let found = neighbours::shared(visit.host, compose, settings, all, &tree, naming).await?;
    let ours = mine.iter().map(|one| one.name.clone()).collect();
    Some(subject.fail(FindingSeen::Containers(Containers::Shared { found, file: settings.file.clone(), ours })))
}

fn none(subject: &Subject, settings: &Settings, compose: Option<&Compose>) -> Finding {
    if settings.strategy == ComposeStrategy::Restart {
        let program = compose.map_or("docker compose".to_owned(), |compose| compose.program.join(" "));
        let command = format!("{program} -f {} up -d", word(&settings.file));
        return subject.fail(FindingSeen::Containers(Containers::NoneForRestart { command }));
    }
    subject.skipped(FindingSeen::Containers(Containers::NoneYet))
}

fn state(subject: &Subject, found: &[Container]) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for one in found.iter().filter(|one| !one.runs() && !one.finished()) {
        let command = format!("docker logs --tail 50 {}", word(&one.name));
        let (name, status) = (one.name.clone(), one.status.clone());
        all.push(subject.fail(FindingSeen::Containers(Containers::Down { name, status, exit: one.exit, command })));
    }
    for one in found.iter().filter(|one| one.runs() && one.health.as_deref() == Some("unhealthy")) {
        all.push(subject.fail(FindingSeen::Containers(Containers::Ailing { name: one.name.clone() })));
    }
    let names: Vec<String> = found.iter().filter(|one| one.runs()).map(|one| one.name.clone()).collect();
    if all.is_empty() && !names.is_empty() {
        all.push(subject.ok(FindingSeen::Containers(Containers::Run { names })));
    }
    all
}

async fn stopping<H: Host>(
    visit: &Visit<'_, H>,
    subject: &Subject,
    found: &[Container],
    first: &[(String, u32)],
) -> Vec<Finding> {
    let running: Vec<&Container> = found.iter().filter(|one| one.runs()).collect();
    let asked = running.iter().map(|one| async {
        let pid = first.iter().find(|(id, pid)| *id == one.id && *pid > 0).map(|(_, pid)| *pid);
        let status = match pid {
            Some(pid) => ask::text(visit.host, &format!("/proc/{pid}/status")).await,
            None => None,
        };
        on_term(one.init, &one.program, status.as_deref())
    });
    let answers = join_all(asked).await;
    let mut all = Vec::new();
    for (one, answer) in running.iter().zip(&answers) {
        let certain = match answer {
            OnTerm::Heeded | OnTerm::Unknown => continue,
            OnTerm::Dropped => true,
            OnTerm::LikelyDropped => false,
        };
        let (service, program) = (one.belongs.service.clone(), one.program.clone());
        let seconds = one.stop_seconds();
        all.push(subject.warn(FindingSeen::Containers(Containers::Ignores { service, program, seconds, certain })));
    }
    if all.is_empty() && !answers.is_empty() && answers.iter().all(|answer| *answer == OnTerm::Heeded) {
        all.push(subject.ok(FindingSeen::Containers(Containers::Heed)));
    }
    all
}

/// Data that only the container of today finds again.
fn unnamed(subject: &Subject, found: &[Container]) -> Vec<Finding> {
    let seen = |one: &Container, volume: &Volume| {
        let (service, project) = (one.belongs.service.clone(), one.belongs.project.clone());
        subject.warn(FindingSeen::Containers(Containers::Unnamed { service, volume: volume.clone(), project }))
    };
    let all = found.iter().flat_map(|one| one.volumes.iter().map(move |volume| (one, volume)));
    all.filter(|(_, volume)| volume.is_unnamed()).map(|(one, volume)| seen(one, volume)).collect()
}

fn reboot(subject: &Subject, found: &[Container]) -> Finding {
    let stays = |one: &&Container| matches!(one.policy.as_str(), "" | "no" | "on-failure") && !one.finished();
    let mut services: Vec<String> = found.iter().filter(stays).map(|one| one.belongs.service.clone()).collect();
    services.sort();
    services.dedup();
    if services.is_empty() {
        subject.ok(FindingSeen::Containers(Containers::ComeBack))
    } else {
        subject.warn(FindingSeen::Containers(Containers::StayAway { services }))
    }
}

//! The runner and this job: whether a watcher would outlive the job and the runner's restart, and
//! whether something of ours stands where the runner empties folders.

use futures_util::future::join;

use super::{Visit, ask};
use crate::environment::Watch;
use crate::host::{Host, Run};
use crate::messages::finding::{Finding, FindingSeen, Level, Runner, Section};
use crate::steps::survey::is_hosted;
use crate::tools::doctor::unit::{self, Unit};
use crate::tools::path::is_within;
use crate::tools::process::{ProcessError, done};
use crate::tools::question::question;
use crate::tools::secret::withheld;

const TRACKING: &str = "RUNNER_TRACKING_ID";
/// Where the runner mounts its folders into a job's container (actions/runner, ContainerInfo.cs).
const IN_CONTAINER: &str = "/__w/";

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>) -> Vec<Finding> {
    let mut all = Vec::new();
    if visit.in_job() {
        all.extend(place(visit));
        let (tracked, folders) = join(tracking(visit), folders(visit)).await;
        all.push(tracked);
        all.extend(folders);
    } else {
        all.push((Level::Skipped, Runner::Outside));
    }
    all.extend(service(visit).await);
    let finding = |(level, seen)| Finding { place: Section::Runner, level, seen: FindingSeen::Runner(seen) };
    all.into_iter().map(finding).collect()
}

/// Whether a watcher is wanted that outlives the job.
fn is_detached<H>(visit: &Visit<'_, H>) -> bool {
    let watches = |how| visit.subjects.iter().any(|subject| subject.with.ci.watch == how);
    watches(Watch::Detached) || (watches(Watch::Auto) && visit.config.secrets.watch_token.is_some())
}

/// The runner kills, at the job's end, whatever carries its tracking id: tried with a process that is
/// started as a watcher would be.
async fn tracking<H: Host>(visit: &Visit<'_, H>) -> (Level, Runner) {
    let id = visit.variable(TRACKING);
    if id.is_empty() {
        return (Level::Ok, Runner::Untracked);
    }
    let asked = question("printenv", &[TRACKING]);
    let reply = ask::run(visit.host, Run { drop: withheld(&[TRACKING]), ..asked }).await;
    match done(&reply) {
        // printenv ends with 1 when there is no such variable.
        Err(ProcessError::Refused { exit: 1, .. }) if id.starts_with("github_") => (Level::Ok, Runner::Tracked),
        Err(ProcessError::Refused { exit: 1, .. }) => (Level::Warn, Runner::TrackingSet(id.chars().take(60).collect())),
        Ok(()) => (Level::Fail, Runner::TrackingStays { fault: None }),
        Err(fault) => (Level::Warn, Runner::TrackingStays { fault: Some(fault) }),
    }
}

fn place<H>(visit: &Visit<'_, H>) -> Option<(Level, Runner)> {
    if is_hosted(&visit.start.env) {
        return Some((Level::Fail, Runner::Hosted));
    }
    visit.variable("RUNNER_TEMP").starts_with(IN_CONTAINER).then_some((Level::Warn, Runner::InContainer))
}

async fn folders<H: Host>(visit: &Visit<'_, H>) -> Vec<(Level, Runner)> {
    let (temp, workspace) = (visit.variable("RUNNER_TEMP").to_owned(), visit.variable("GITHUB_WORKSPACE").to_owned());
    let mut all = Vec::new();
    let named: Vec<String> = [&temp, &workspace].into_iter().filter(|path| path.starts_with('/')).cloned().collect();
    if let Ok(spots) = ask::spots(visit.host, &named).await {
        let denied = |path: &&String| spots.get(*path).is_some_and(|spot| !spot.writable);
        all.extend(named.iter().filter(denied).map(|path| (Level::Fail, Runner::FolderDenied { path: path.clone() })));
    }
    for subject in &visit.subjects {
        let with = &subject.with;
        // A work tree there survives a job, but not actions/checkout's cleaning.
        let backups = with.backup_folder();
        let paths = [
            ("state-dir", &with.state_folder, Level::Fail),
            ("backup-dir", &backups, Level::Fail),
            ("log-dir", &with.log_folder, Level::Warn),
            ("app-path", &with.app_path, Level::Warn),
        ];
        for (setting, path, level) in paths {
            if let Some(folder) = named.iter().find(|folder| is_within(path, folder)) {
                let (path, folder) = (path.clone(), folder.clone());
                all.push((level, Runner::Emptied { setting, path, folder }));
            }
        }
    }
    if all.is_empty() && !temp.is_empty() {
        all.push((Level::Ok, Runner::Folders { temp }));
    }
    all
}

async fn service<H: Host>(visit: &Visit<'_, H>) -> Vec<(Level, Runner)> {
    let mut units = match unit::told(&ask::run(visit.host, unit::ask()).await) {
        Ok(units) => units,
        Err(_) => unit_files(visit.host).await,
    };
    let cgroup = ask::text(visit.host, "/proc/self/cgroup").await.unwrap_or_default();
    if let Some(own) = unit::own(&cgroup) {
        units.retain(|unit| unit.name == own);
    }
    if units.is_empty() {
        return vec![(Level::Skipped, Runner::NoUnit)];
    }
    let bad = if is_detached(visit) { Level::Fail } else { Level::Warn };
    let judged = |unit: Unit| match unit.kill_mode.as_str() {
        "process" | "none" => (Level::Ok, Runner::UnitSpares { name: unit.name }),
        mode => (bad, Runner::UnitKills { name: unit.name.clone(), mode: mode.to_owned() }),
    };
    units.into_iter().map(judged).collect()
}

/// Where systemd does not answer, its files do.
async fn unit_files<H: Host>(host: &H) -> Vec<Unit> {
    let mut units = Vec::new();
    for name in ask::names(host, unit::FOLDER).await.into_iter().filter(|name| unit::is_runner(name)) {
        let mut texts: Vec<String> = ask::text(host, &format!("{}/{name}", unit::FOLDER)).await.into_iter().collect();
        let added = format!("{}/{name}.d", unit::FOLDER);
        for file in ask::names(host, &added).await.iter().filter(|file| file.ends_with(".conf")) {
            texts.extend(ask::text(host, &format!("{added}/{file}")).await);
        }
        units.extend(unit::of_files(&name, &texts));
    }
    units
}

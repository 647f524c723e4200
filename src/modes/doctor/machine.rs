//! The machine itself: the configuration that is read on it, Node, git, flock, room on its disks. The
//! clock is judged where GitHub's answer is (`access`).

use std::collections::BTreeMap;

use futures_util::future::join3;

use super::{Visit, ask};
use crate::config::file_path;
use crate::host::Host;
use crate::messages::finding::{Finding, FindingSeen, Level, Machine, Section};
use crate::tools::doctor::disk::{self, Disk, FEW_FILES};
use crate::tools::doctor::program::{ask_flock, ask_git, first_line, git_version, node_major};
use crate::tools::process::ProcessError;
use crate::tools::spot::nearest;

/// The oldest Node that runs the bundle.
const NODE: u32 = 20;
/// The oldest git with all that is asked of it (`rev-parse --is-shallow-repository` came with 2.15,
/// and actions/checkout itself wants 2.18).
const GIT: (u32, u32) = (2, 18);
/// The first git that takes settings from its environment (`GIT_CONFIG_COUNT`; git 2.31 release notes).
const GIT_WITH_TOKEN: (u32, u32) = (2, 31);
/// Less free room than this, in bytes, and a build or a backup fails; less than the second, and it soon
/// will.
const ROOM: (u64, u64) = (200 << 20, 2 << 30);
/// The same in files.
const FILES: (u64, u64) = (1_000, FEW_FILES);
/// Where docker keeps images and containers, unless it is told otherwise.
const DOCKER: &str = "/var/lib/docker";

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>) -> Vec<Finding> {
    let host = visit.host;
    let (git, flock, disks) = join3(ask::run(host, ask_git()), ask::run(host, ask_flock()), disks(visit)).await;
    let mut all = configuration(visit);
    all.push(node(&visit.start.node, &visit.start.platform));
    if visit.start.platform != "linux" {
        all.push((Level::Warn, Machine::Platform(visit.start.platform.clone())));
    }
    all.push(match git_version(&git) {
        Ok((major, minor, version)) => git_judged((major, minor), version),
        Err(fault) => absent("git", "git", fault),
    });
    all.push(match first_line(&flock) {
        // It says its own name first.
        Ok(said) => (Level::Ok, Machine::Flock(said.strip_prefix("flock from ").unwrap_or(&said).to_owned())),
        Err(fault) => absent("flock", "util-linux", fault),
    });
    all.extend(disks);
    let finding = |(level, seen)| Finding { place: Section::Machine, level, seen: FindingSeen::Machine(seen) };
    all.into_iter().map(finding).collect()
}

fn configuration<H>(visit: &Visit<'_, H>) -> Vec<(Level, Machine)> {
    let config = visit.config;
    let mut all: Vec<(Level, Machine)> =
        config.problems.iter().map(|problem| (Level::Fail, Machine::Problem(problem.clone()))).collect();
    all.extend(visit.misnamed.iter().map(|(level, problem)| (*level, Machine::Problem(problem.clone()))));
    let is_unread = config.problems.iter().any(|problem| problem.wrong.hides_all());
    let path = file_path(visit.start);
    let environments: Vec<String> = visit.subjects.iter().map(|subject| subject.with.name.clone()).collect();
    if environments.is_empty() && all.is_empty() {
        all.push((Level::Fail, Machine::NoEnvironment { path, state_dir: config.state_dir.clone() }));
    } else if config.file.is_none() && !is_unread {
        all.push((Level::Ok, Machine::NoFile { path, environments }));
    } else if all.is_empty() {
        all.push((Level::Ok, Machine::File { path, environments }));
    }
    all
}

fn node(version: &str, platform: &str) -> (Level, Machine) {
    match node_major(version) {
        Some(major) if major < NODE => (Level::Fail, Machine::NodeOld { version: version.to_owned() }),
        _ => (Level::Ok, Machine::Node { version: version.to_owned(), platform: platform.to_owned() }),
    }
}

fn git_judged(version: (u32, u32), text: String) -> (Level, Machine) {
    if version < GIT {
        (Level::Fail, Machine::GitOld(text))
    } else if version < GIT_WITH_TOKEN {
        (Level::Warn, Machine::GitTokenless(text))
    } else {
        (Level::Ok, Machine::Git(text))
    }
}

fn absent(program: &'static str, package: &'static str, fault: ProcessError) -> (Level, Machine) {
    let seen = match fault {
        ProcessError::Absent => Machine::Absent { program, package },
        fault => Machine::Unanswered { program, fault },
    };
    (Level::Fail, seen)
}

/// Room where something is written: work trees, state, and what docker builds.
async fn disks<H: Host>(visit: &Visit<'_, H>) -> Vec<(Level, Machine)> {
    let mut wanted: Vec<(&'static str, String)> = Vec::new();
    for subject in &visit.subjects {
        wanted.push(("app-path", subject.with.app_path.clone()));
        wanted.push(("state-dir", subject.with.state_folder.clone()));
        let saves = !subject.with.backup.paths.is_empty();
        wanted.extend(saves.then(|| ("backup-dir", subject.with.backup_folder())));
        wanted.extend(subject.with.compose.iter().map(|_| ("docker", DOCKER.to_owned())));
    }
    wanted.retain(|(_, path)| !path.is_empty());
    let paths: Vec<String> = wanted.iter().map(|(_, path)| path.clone()).collect();
    let unanswered = |program, fault| vec![(Level::Warn, Machine::Unanswered { program, fault })];
    let spots = match ask::spots(visit.host, &paths).await {
        Ok(spots) => spots,
        Err(fault) => return unanswered("find", fault),
    };
    // What is not there yet will be made on the disk of what is above it.
    let there: Vec<String> = paths.iter().filter_map(|path| Some(nearest(path, &spots)?.0)).collect();
    if there.is_empty() || there.len() != wanted.len() {
        return Vec::new();
    }
    let disks = match disk::told(&ask::run(visit.host, disk::ask(&there)).await, &there) {
        Ok(disks) => disks,
        Err(fault) => return unanswered("df", fault),
    };
    let mut by_mount: BTreeMap<String, (Disk, Vec<&'static str>)> = BTreeMap::new();
    for (disk, (what, _)) in disks.into_iter().zip(wanted) {
        let holds = &mut by_mount.entry(disk.mount.clone()).or_insert_with(|| (disk, Vec::new())).1;
        if !holds.contains(&what) {
            holds.push(what);
        }
    }
    by_mount.into_values().map(|(disk, holds)| (room(&disk), Machine::Disk { disk, holds })).collect()
}

fn room(disk: &Disk) -> Level {
    let short = |bytes: u64, files: u64| disk.free < bytes || (disk.files > 0 && disk.files_free < files);
    if short(ROOM.0, FILES.0) {
        Level::Fail
    } else if short(ROOM.1, FILES.1) {
        Level::Warn
    } else {
        Level::Ok
    }
}

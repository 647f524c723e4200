//! How each path of a backup is put back, found out from what holds on to it: what is mounted on it or below it, and
//! the containers that see it and are not started again with it.

use crate::environment::Compose as Settings;
use crate::failure::reason::Attempt;
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::tools::backup::{
    Way, held_by, is_mounted, is_writable, mount_points, mounts_below, real_path, real_path_told, seen_by,
};
use crate::tools::compose::{Container, ids_told, inspect, inspected, list_running};
use crate::tools::path::parent;
use crate::tools::process::done;

const ATTEMPT: &Attempt = &Attempt::Restore;
/// A question's limit, milliseconds: a dead network disk must not hold up the rest.
const LIMIT_MS: u64 = 30_000;

/// One path, and how it is put back.
#[derive(Debug, Clone)]
pub struct PathWay {
    /// The path.
    pub path: String,
    /// How.
    pub way: Way,
}

/// The way of each path. Containers of `compose` are started again after it.
pub async fn ways<H: Host>(host: &H, compose: Option<&Settings>, paths: &[String]) -> Result<Vec<PathWay>, Failure> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let read = Command::Read { path: "/proc/self/mountinfo".to_owned(), cap: 4 * 1024 * 1024, keep: Keep::Head };
    let points = match host.perform(read).await {
        Reply::Text { text, .. } => mount_points(&text),
        _ => Vec::new(),
    };
    let containers = running(host).await?;
    let is_restarted = |one: &Container| compose.is_some_and(|settings| is_of(one, settings));
    // Their folders stay as they are, too: a container that runs on would go on with one that was made anew beside its own.
    let held = held_by(&containers, &is_restarted);
    let points = [points, held].concat();
    let mut all = Vec::new();
    for path in paths {
        let real = real_path_told(&ask(host, real_path(path)).await?, path);
        let is_ours = done(&ask(host, is_writable(parent(path))).await?).is_ok();
        let is_mount = done(&ask(host, is_mounted(path)).await?).is_ok();
        let below = mounts_below(&points, path, &real);
        let is_seen = !seen_by(&containers, &real, &is_restarted).is_empty();
        let way = match is_ours && !is_mount && below.is_empty() && !is_seen {
            true => Way::Rename,
            false => Way::InPlace(below),
        };
        all.push(PathWay { path: path.clone(), way });
    }
    Ok(all)
}

fn is_of(one: &Container, settings: &Settings) -> bool {
    let is_chosen = settings.services.is_empty() || settings.services.contains(&one.belongs.service);
    is_chosen && !one.belongs.oneoff && one.belongs.files.contains(&settings.file)
}

/// All that run on this machine; none where no engine answers.
async fn running<H: Host>(host: &H) -> Result<Vec<Container>, Failure> {
    match ids_told(&ask(host, list_running()).await?) {
        Ok(ids) if !ids.is_empty() => Ok(inspected(&ask(host, inspect(&ids)).await?).unwrap_or_default()),
        _ => Ok(Vec::new()),
    }
}

async fn ask<H: Host>(host: &H, run: Run) -> Result<Reply, Failure> {
    let reply = host.perform(Command::Run(Run { limit_ms: run.limit_ms.min(LIMIT_MS), ..run })).await;
    unless_stopped(reply, ATTEMPT)
}

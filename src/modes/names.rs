//! Names of environments that nobody knows, told with the nearest that somebody does: one that was asked for, and
//! the one that a promote comes from. With a mistyped one of these, the other environment would count as one on
//! another machine, whose word is not asked.

use super::is_logged_apart;
use crate::config::{Config, file_path};
use crate::environment::{Environment, Locale, ledger_in};
use crate::failure::Problem;
use crate::failure::problem::Wrong;
use crate::host::{Command, Host, Publication, Reply, Start};
use crate::messages::problem::refusal;
use crate::report;
use crate::settings::{Mode, nearest};
use crate::voice::Voice;

/// The problem with the name that was asked for: the file lists environments, and neither it nor a folder of state
/// knows that one; or there is no such list, and others have state here.
pub(super) async fn asked<H: Host>(start: &Start, config: &Config, host: &H) -> Option<Problem> {
    let name = config.inputs.get("environment")?.trim();
    if name.is_empty() || config.listed.iter().any(|one| one == name) {
        return None;
    }
    let kept = kept(host, config).await;
    if kept.iter().any(|one| one == name) {
        return None;
    }
    if !config.listed.is_empty() {
        return Some(config.unlisted(&file_path(start), name));
    }
    let near = nearest(name, kept.iter().map(String::as_str)).map(str::to_owned);
    let wrong = Wrong::Unkept { folder: config.state_dir.clone(), known: kept };
    let is_first = matches!(&wrong, Wrong::Unkept { known, .. } if known.is_empty());
    (!is_first).then(|| Problem { nearest: near, ..Problem::of("environment", name, wrong) })
}

/// What is missing of an environment that the ledger does not know either. Of a mistyped one nothing is: what its
/// right name stands for is there; and what was never deployed cannot be gone back from, or followed.
pub(super) async fn lacking<H: Host>(start: &Start, config: &Config, host: &H) -> Vec<Problem> {
    let is_of_known = matches!(config.mode, Mode::Rollback | Mode::Watch) && config.listed.is_empty();
    match asked(start, config, host).await.filter(|problem| problem.nearest.is_some() || is_of_known) {
        Some(problem) => vec![problem],
        None => config.lacking.clone(),
    }
}

/// The problem with the name that a promote to this environment comes from: nobody knows it, and a near one is known.
pub(super) async fn source<H: Host>(config: &Config, host: &H, with: &Environment) -> Option<Problem> {
    let from = with.promote_from.as_str();
    if config.listed.iter().any(|one| one == from) {
        return None;
    }
    let kept = kept(host, config).await;
    if kept.iter().any(|one| one == from) {
        return None;
    }
    let mut known: Vec<String> = config.listed.iter().chain(&kept).filter(|one| **one != with.name).cloned().collect();
    known.sort();
    known.dedup();
    let near = nearest(from, known.iter().map(String::as_str))?.to_owned();
    let wrong = Wrong::Unsourced { folder: config.state_dir.clone(), known };
    Some(Problem { nearest: Some(near), ..Problem::of("promote-from", from, wrong) })
}

/// Ends a run for problems that only a look at the machine could find.
pub(super) async fn refused<H: Host>(config: &Config, host: &H, problems: &[Problem]) -> Publication {
    if is_logged_apart(config) {
        Voice::new(host, super::secrets(config)).say(refusal(problems, Locale::En)).await;
    }
    report::refused(problems, config.manner.locale)
}

/// Environments with a ledger in the folder of state.
async fn kept<H: Host>(host: &H, config: &Config) -> Vec<String> {
    let Reply::Names { names } = host.perform(Command::List { path: config.state_dir.clone() }).await else {
        return Vec::new();
    };
    let paths = names.iter().map(|name| ledger_in(&format!("{}/{name}", config.state_dir))).collect();
    match host.perform(Command::Stat { paths }).await {
        Reply::Stats { stats } => {
            names.into_iter().zip(stats).filter_map(|(name, seen)| seen.is_some().then_some(name)).collect()
        }
        // What is there and cannot be looked at counts.
        _ => names,
    }
}

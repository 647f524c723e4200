//! Before a backup: whether its paths can be saved, what it needs, and what is free where it goes.
//! Changes nothing.

use futures_util::future::try_join3;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Unfit, Unsaved};
use crate::host::{Command, Host, Reply, Stat};
use crate::messages::promotion::Saving;
use crate::session::Session;
use crate::tools::backup::{Need, count, free, is_writable, measure, room, used};
use crate::tools::process::done;

const ATTEMPT: &Attempt = &Attempt::Measure;

/// What will be saved, with figures.
pub async fn foreseen<H: Host>(session: &Session<'_, H>, with: &Environment) -> Result<Saving, Failure> {
    let paths = &with.backup.paths;
    if paths.is_empty() {
        return Ok(Saving::Nothing);
    }
    if let Some(why) = unsavable(session, paths).await {
        return Ok(Saving::Impossible(why));
    }
    let Some(folder) = standing(session, &with.backup.folder).await else {
        return Ok(Saving::Impossible(Unsaved::Unsavable(with.backup.folder.clone(), Unfit::Nothing)));
    };
    let ask = |run| session.run(run, ATTEMPT);
    if done(&ask(is_writable(&folder)).await?).is_err() {
        return Ok(Saving::Impossible(Unsaved::Unwritable(folder)));
    }
    let (bytes, entries, disk) = try_join3(ask(measure(paths)), ask(count(paths)), ask(free(&folder))).await?;
    Ok(match (used(&bytes), used(&entries), room(&disk)) {
        (Ok(bytes), Ok(entries), Ok(room)) => {
            let (paths, folder) = (paths.clone(), with.backup.folder.clone());
            Saving::Paths { paths, need: Need::of(bytes, entries), room, folder }
        }
        (Err(fault), ..) | (_, Err(fault), _) => Saving::Impossible(Unsaved::Unmeasured(paths.join(", "), fault)),
        (_, _, Err(fault)) => Saving::Impossible(Unsaved::RoomUnknown(folder, fault)),
    })
}

/// Why one of these paths cannot be saved.
pub async fn unsavable<H: Host>(session: &Session<'_, H>, paths: &[String]) -> Option<Unsaved> {
    let stats = stats(session, paths.to_vec()).await;
    let fits = |stat: &Option<Stat>| match stat.as_ref().map(|stat| stat.kind.as_str()) {
        None => Some(Unfit::Nothing),
        Some("file" | "folder") => None,
        Some("link") => Some(Unfit::Link),
        Some(_) => Some(Unfit::Other),
    };
    paths.iter().zip(&stats).find_map(|(path, stat)| fits(stat).map(|why| Unsaved::Unsavable(path.clone(), why)))
}

/// The folder itself, or the nearest one above it that exists.
async fn standing<H: Host>(session: &Session<'_, H>, folder: &str) -> Option<String> {
    let mut all = vec![folder.to_owned()];
    all.extend(folder.rmatch_indices('/').map(|(at, _)| folder.get(..at.max(1)).unwrap_or("/").to_owned()));
    let stats = stats(session, all.clone()).await;
    all.into_iter().zip(stats).find(|(_, stat)| stat.is_some()).map(|(folder, _)| folder)
}

/// What stands at these paths.
pub async fn stats<H: Host>(session: &Session<'_, H>, paths: Vec<String>) -> Vec<Option<Stat>> {
    match session.host.perform(Command::Stat { paths }).await {
        Reply::Stats { stats } => stats,
        _ => Vec::new(),
    }
}

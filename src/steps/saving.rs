//! Before a backup: whether its paths can be saved, what it needs, and what is free where it goes.
//! Changes nothing.

use std::collections::BTreeMap;

use futures_util::future::try_join3;

use super::owner::of_backups;
use super::standing::stats;
use super::ways::{PathWay, ways};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Unfit, Unsaved};
use crate::host::{Host, Reply, Stat};
use crate::messages::promotion::Saving;
use crate::session::Session;
use crate::tools::backup::{
    BackupLocation, Lacking, Need, count, disks_told, free, free_each, is_writable, lacking, lacking_alone, measure,
    real_paths, real_paths_told, room, used, used_each,
};
use crate::tools::path::{is_within, parent};
use crate::tools::process::done;

const ATTEMPT: &Attempt = &Attempt::Measure;

/// What will be saved, with figures.
pub async fn foreseen<H: Host>(session: &Session<'_, H>, with: &Environment) -> Result<Saving, Failure> {
    let paths = &with.backup.paths;
    if paths.is_empty() {
        return Ok(Saving::Nothing);
    }
    if let Some(why) = unsavable(session, with, paths).await? {
        return Ok(Saving::Impossible(why));
    }
    if let Some(why) = of_backups(session, &with.backup.folder).await {
        return Ok(Saving::Impossible(why));
    }
    let Some(folder) = standing(session, &with.backup.folder).await else {
        return Ok(Saving::Impossible(Unsaved::Unsavable(with.backup.folder.clone(), Unfit::Nothing)));
    };
    let ask = |run| session.run(run, ATTEMPT);
    if done(&ask(is_writable(&folder)).await?).is_err() {
        return Ok(Saving::Impossible(Unsaved::Unwritable(folder)));
    }
    let ways = ways(session.host, with.compose.as_ref(), paths);
    let asked = try_join3(ask(measure(paths)), ask(count(paths)), ask(free(&folder)));
    let places = places(&folder, paths);
    let ((bytes, entries, disk), each, ways) = try_join3(asked, ask(free_each(&places)), ways).await?;
    Ok(match (used(&bytes), used(&entries), room(&disk)) {
        (Ok(all), Ok(files), Ok(room)) => {
            let need = Need::of(all, files);
            let lacking = way_back(need, &ways, &bytes, &entries, &each);
            let (paths, folder) = (paths.clone(), with.backup.folder.clone());
            Saving::Paths { paths, need, room, folder, lacking }
        }
        (Err(fault), ..) | (_, Err(fault), _) => Saving::Impossible(Unsaved::Unmeasured(paths.join(", "), fault)),
        (_, _, Err(fault)) => Saving::Impossible(Unsaved::RoomUnknown(folder, fault)),
    })
}

/// The folder that backups go to, and where the way back writes: of these [`way_back`] and [`lacking_back`] want to know
/// the file systems. Before a backup these are the saved paths; they stand beside what takes their place.
#[must_use]
pub fn places(folder: &str, paths: &[String]) -> Vec<String> {
    std::iter::once(folder.to_owned()).chain(paths.iter().cloned()).collect()
}

/// Where the way back would find too little room, beside a backup that needs `need`: by what `du` told of `bytes` and
/// of `entries`, and `df` of [`places`]. None too where that cannot be told.
#[must_use]
pub fn way_back(need: Need, ways: &[PathWay], bytes: &Reply, entries: &Reply, disks: &Reply) -> Option<Lacking> {
    let (bytes, entries) = (used_each(bytes).ok()?, used_each(entries).ok()?);
    let disks = disks_told(disks, ways.len() + 1).ok()?;
    let (backup, beside) = disks.split_first()?;
    let of = |all: &BTreeMap<String, u64>, path: &String| all.get(path).copied().unwrap_or_default();
    let copies: Vec<_> = ways
        .iter()
        .zip(beside)
        .map(|(one, disk)| {
            let disk = if one.way.is_in_place() { backup } else { disk };
            (disk, of(&bytes, &one.path), of(&entries, &one.path))
        })
        .collect();
    lacking(backup, need, &copies)
}

/// Where a backup that stands would find too little room to be put back. None too where that cannot be told.
pub async fn lacking_back<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    place: &BackupLocation,
    paths: &[String],
) -> Result<Option<Lacking>, Failure> {
    let ways = ways(session.host, with.compose.as_ref(), paths).await?;
    let beside: Vec<String> = ways
        .iter()
        .map(|PathWay { path, way }| if way.is_in_place() { path.clone() } else { parent(path).to_owned() })
        .collect();
    let saved = paths.iter().map(|path| place.saved(path));
    let live = ways.iter().filter(|one| one.way.is_in_place()).map(|one| one.path.clone());
    let measured: Vec<String> = saved.chain(live).collect();
    let ask = |run| session.run(run, ATTEMPT);
    let places = places(&place.folder, &beside);
    let (bytes, entries, each) =
        try_join3(ask(measure(&measured)), ask(count(&measured)), ask(free_each(&places))).await?;
    let (Ok(bytes), Ok(entries), Ok(disks)) = (used_each(&bytes), used_each(&entries), disks_told(&each, places.len()))
    else {
        return Ok(None);
    };
    let of = |path: &str| [&bytes, &entries].map(|all| all.get(path).copied().unwrap_or_default());
    let Some((backup, beside)) = disks.split_first() else {
        return Ok(None);
    };
    let mut copies = Vec::new();
    for (PathWay { path, way }, disk) in ways.iter().zip(beside) {
        let [saved, files] = of(&place.saved(path));
        if way.is_in_place() {
            let [live, live_files] = of(path);
            copies.push((backup, live, live_files));
            // What is emptied gives its room.
            copies.push((disk, saved.saturating_sub(live), files.saturating_sub(live_files)));
        } else {
            copies.push((disk, saved, files));
        }
    }
    Ok(lacking_alone(backup, &copies))
}

/// Why one of these paths cannot be saved.
pub async fn unsavable<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    paths: &[String],
) -> Result<Option<Unsaved>, Failure> {
    let stats = stats(session, paths.to_vec()).await;
    let fits = |stat: &Option<Stat>| match stat.as_ref().map(|stat| stat.kind.as_str()) {
        None => Some(Unfit::Nothing),
        Some("file" | "folder") => None,
        Some("link") => Some(Unfit::Link),
        Some(_) => Some(Unfit::Other),
    };
    let unfit = paths.iter().zip(&stats).find_map(|(path, stat)| fits(stat).map(|why| (path, why)));
    match unfit {
        Some((path, why)) => Ok(Some(Unsaved::Unsavable(path.clone(), why))),
        None => holding_ours(session, with, paths).await,
    }
}

/// A path that holds what is ours, whatever links lead there: with it the ledger would go back. By their names alone
/// the settings have told them apart.
pub async fn holding_ours<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    paths: &[String],
) -> Result<Option<Unsaved>, Failure> {
    let ours = [session.with.state_folder.clone(), with.backup_folder()];
    let all: Vec<String> = ours.iter().chain(paths).cloned().collect();
    let reply = session.run(real_paths(&all), ATTEMPT).await?;
    let told = real_paths_told(&reply, all.len()).unwrap_or(all);
    let (real_ours, real) = told.split_at(ours.len());
    let found = ours.iter().zip(real_ours).find_map(|(mine, leads)| {
        let holds = paths.iter().zip(real).find(|(_, real)| is_within(leads, real))?;
        Some(Unsaved::HoldsOurs(holds.0.clone(), mine.clone()))
    });
    Ok(found)
}

/// The folder itself, or the nearest one above it that exists.
async fn standing<H: Host>(session: &Session<'_, H>, folder: &str) -> Option<String> {
    let mut all = vec![folder.to_owned()];
    all.extend(folder.rmatch_indices('/').map(|(at, _)| folder.get(..at.max(1)).unwrap_or("/").to_owned()));
    let stats = stats(session, all.clone()).await;
    all.into_iter().zip(stats).find(|(_, stat)| stat.is_some()).map(|(folder, _)| folder)
}

//! Save what a promote could damage: copied beside, compared with what was there, on the disk, and only
//! then given its name. A copy that differs from what was there, without anything that explains it,
//! is no backup. Nothing that is live is touched.

use futures_util::future::{try_join_all, try_join4};

use super::saving::unsavable;
use super::standing::stats;
use super::trust::with_environments;
use super::{Trouble, fault, owner};
use crate::failure::reason::{Attempt, Mend, Obstacle, Unsaved};
use crate::failure::{Deed, Failure, unless_stopped};
use crate::host::{Command, Host, Reply, Run};
use crate::ledger::make_folder;
use crate::machine::operation::Operation;
use crate::machine::{Ask, State};
use crate::messages::log::{Backup, Did, Line};
use crate::session::{Session, last_lines};
use crate::time::utc;
use crate::tools::backup::{
    BackupLocation, BackupName, Differences, Differing, Ends, Manifest, QUESTION_LIMIT_MS, Side, added_up,
    entries_told, free, left_over, named, outlived, removal_of, room, sums_told,
};
use crate::tools::process::done;
use crate::tools::spot::{find_foreign, find_unreadable, first_found};
use crate::tools::user::{ask_user, user_told};

const ATTEMPT: &Attempt = &Attempt::Backup;
const MEND: Mend = Mend::SaveElsewhere;
/// Names told of what was skipped, has changed or differs.
const SHOWN: usize = 20;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let Some(place) = place(session, operation) else {
        return Ok(Did::Nothing);
    };
    if stats(session, vec![place.manifest()]).await.iter().any(Option::is_some) {
        if !operation.resumed {
            return Ok(Did::BackedUpBefore(place.name.to_string()));
        }
        // The site has gone on writing since the run that made it was killed.
        put_away(session, &place, &place.name).await?;
    }
    let made = make(session, &place, operation).await;
    if let Err(Trouble::Fault { .. }) = &made {
        // Best effort: what is left is swept by the next promote.
        session.run(place.remove(&place.partial()), ATTEMPT).await?;
    }
    let manifest = made?;
    let removed = prune(session, &place, operation).await?;
    let name = place.name.to_string();
    if !manifest.skipped.is_empty() {
        session.warn(&Line::Backup(Backup::Skipped(name.clone(), manifest.skipped))).await;
    }
    if !manifest.changed.is_empty() {
        session.warn(&Line::Backup(Backup::Changed(name.clone(), manifest.changed))).await;
    }
    Ok(Did::BackedUp(name, manifest.bytes, manifest.files, removed))
}

/// The backup of the promote under way, if it makes one.
#[must_use]
pub fn place<H: Host>(session: &Session<'_, H>, operation: &Operation) -> Option<BackupLocation> {
    let Ask::Promote { backup: Some(name), .. } = &operation.ask else {
        return None;
    };
    Some(BackupLocation { folder: operation.with.backup.folder.clone(), name: name.clone(), lock: session.with.lock() })
}

/// A promote that was over before its backup was complete leaves nothing behind.
pub async fn discard<H: Host>(session: &Session<'_, H>, operation: &Operation) -> Result<(), Failure> {
    let Some(place) = place(session, operation) else {
        return Ok(());
    };
    if stats(session, vec![place.partial()]).await.iter().any(Option::is_some) {
        session.log(&Line::Backup(Backup::Incomplete(place.partial()))).await;
        session.run(place.remove(&place.partial()), ATTEMPT).await?;
    }
    Ok(())
}

async fn make<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    operation: &Operation,
) -> Result<Manifest, Trouble> {
    let paths = &operation.with.backup.paths;
    if let Some(why) = unsavable(session, &operation.with, paths).await? {
        return Err(fault(ATTEMPT, why, MEND));
    }
    if let Some(why) = owner::of_backups(session, &place.folder).await {
        return Err(fault(ATTEMPT, why, MEND));
    }
    let disk = |failure: Failure| fault(ATTEMPT, failure, MEND);
    make_folder(session.host, &place.folder).await.map_err(disk)?;
    owner::claim_backups(session, &place.folder).await.map_err(disk)?;
    required(session, place.remove(&place.partial())).await?;
    make_folder(session.host, &place.part("files")).await.map_err(disk)?;
    write(session, place.part("begun"), utc(operation.since)).await?;
    let copied = session.run(place.copy(paths), ATTEMPT).await?;
    let skipped = named(&required(session, place.drop_special()).await?).map_err(|seen| fault(ATTEMPT, seen, MEND))?;
    let mut differences = compare(session, place, paths).await?;
    // What came meanwhile is told as changed, and so would be what is written to and cannot be read.
    if done(&copied).is_err() {
        differences.unexplained.extend(unreadable(session, paths).await?);
    }
    if !differences.unexplained.is_empty() {
        return Err(unlike(session, place, &differences, &copied).await?);
    }
    tell_foreign(session, place, paths).await?;
    let sizes = required(session, place.sizes()).await?;
    let (files, bytes) = added_up(&sizes).map_err(|seen| fault(ATTEMPT, seen, MEND))?;
    let live = operation.from.clone().unwrap_or_else(|| operation.ask.target().clone());
    let manifest = Manifest {
        name: place.name.clone(),
        environment: operation.with.name.clone(),
        sha: live,
        before: operation.ask.target().clone(),
        at: format!("{} UTC", utc(session.now().await)),
        paths: paths.clone(),
        files,
        bytes,
        skipped: skipped.iter().take(SHOWN).map(|path| format!("/{path}")).collect(),
        changed: differences.changed.iter().take(SHOWN).map(|path| path.trim_start_matches('.').to_owned()).collect(),
    };
    // Plain data: it always has a JSON text.
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    write(session, place.part("manifest.json"), format!("{text}\n")).await?;
    required(session, place.flush()).await?;
    for run in place.complete() {
        required(session, run).await?;
    }
    // Where something had its name, the rename was skipped, and what stands there is another one.
    match stats(session, vec![place.manifest(), place.partial()]).await.as_slice() {
        [Some(_), None] => Ok(manifest),
        _ => Err(fault(ATTEMPT, Unsaved::Unnamed(place.partial()), MEND)),
    }
}

/// What the copying program may have left out, as this user may not read it.
async fn unreadable<H: Host>(session: &Session<'_, H>, paths: &[String]) -> Result<Option<String>, Failure> {
    let first = Run { limit_ms: QUESTION_LIMIT_MS, ..find_unreadable(paths) };
    Ok(first_found(&session.run(first, ATTEMPT).await?).ok().flatten().map(|(_, path)| path))
}

/// Files of others: whoever saves them can copy them, and can give the copies to nobody. Whose they were is kept.
async fn tell_foreign<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    paths: &[String],
) -> Result<(), Trouble> {
    let Ok(user) = user_told(&session.run(ask_user(), ATTEMPT).await?) else {
        return Ok(());
    };
    let test = user.foreign();
    if test.is_empty() {
        return Ok(());
    }
    let first = Run { limit_ms: QUESTION_LIMIT_MS, ..find_foreign(paths, &test) };
    let Ok(Some((owner, path))) = first_found(&session.run(first, ATTEMPT).await?) else {
        return Ok(());
    };
    done(&save(session, place.list_owners(paths, &test)).await?).map_err(|seen| fault(ATTEMPT, seen, MEND))?;
    session.warn(&Line::Backup(Backup::Foreign { owner, path, user: user.name, list: place.owners() })).await;
    Ok(())
}

/// Compares the copy, read again, with what stands there: every byte, and a list of all entries.
async fn compare<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    paths: &[String],
) -> Result<Differences, Trouble> {
    let unreadable = |seen| fault(ATTEMPT, seen, MEND);
    let (copy, listed, listed_copy, same) = try_join4(
        save(session, place.sums(Side::Copy, paths, "SHA256SUMS")),
        save(session, place.entries(Side::World, paths, "world.entries")),
        save(session, place.entries(Side::Copy, paths, "copy.entries")),
        is_same(session, place, paths),
    )
    .await?;
    for reply in [&copy, &listed, &listed_copy] {
        done(reply).map_err(unreadable)?;
    }
    let lists = [("SHA256SUMS", Ends::Line), ("world.entries", Ends::Nul), ("copy.entries", Ends::Nul)];
    try_join_all(lists.map(|(list, ends)| required(session, place.sort(list, ends)))).await?;
    let sums = if same { Differing::default() } else { differing_sums(session, place, paths).await? };
    let entries = required(session, place.differing("world.entries", "copy.entries", Ends::Nul)).await?;
    // Asked last: it has to explain whatever was seen before.
    let changed = session.run(place.changed_since_begun(paths), ATTEMPT).await?;
    let changed = named(&changed).map_err(unreadable)?;
    let mut differences = Differences::default();
    differences.add(sums, &changed);
    differences.add(entries_told(&entries).map_err(unreadable)?, &changed);
    for list in ["world.sums", "world.entries", "copy.entries", "begun"] {
        session.host.perform(Command::Remove { path: place.part(list) }).await;
    }
    Ok(differences)
}

/// Whether every file is the same, byte for byte: twice as quick as sums, and nearly always the end of it.
async fn is_same<H: Host>(session: &Session<'_, H>, place: &BackupLocation, paths: &[String]) -> Result<bool, Failure> {
    for run in place.same(paths) {
        if done(&session.run(run, ATTEMPT).await?).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Which files differ. A file of the world that cannot be read, or is gone by now, is in its list no more,
/// and so differs.
async fn differing_sums<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    paths: &[String],
) -> Result<Differing, Trouble> {
    save(session, place.sums(Side::World, paths, "world.sums")).await?;
    required(session, place.sort("world.sums", Ends::Line)).await?;
    let sums = required(session, place.differing("world.sums", "SHA256SUMS", Ends::Line)).await?;
    sums_told(&sums).map_err(|seen| fault(ATTEMPT, seen, MEND))
}

async fn save<H: Host>(session: &Session<'_, H>, command: Command) -> Result<Reply, Failure> {
    unless_stopped(session.host.perform(command).await, ATTEMPT)
}

/// The copy is not what was there: the words of `cp`, and what is free, tell people why.
async fn unlike<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    differences: &Differences,
    copied: &Reply,
) -> Result<Trouble, Failure> {
    let names = differences.unexplained.iter().take(5).map(|path| path.trim_start_matches('.').to_owned()).collect();
    let left = room(&session.run(free(&place.folder), ATTEMPT).await?);
    let left = left.ok().map(|room| (room, place.folder.clone()));
    let words = match copied {
        Reply::Ran(ran) if ran.exit != Some(0) => last_lines(ran, 5),
        _ => String::new(),
    };
    let count = differences.unexplained.len();
    let seen = Unsaved::Unlike { count, names, left, words };
    Ok(fault(ATTEMPT, seen, MEND))
}

async fn required<H: Host>(session: &Session<'_, H>, run: Run) -> Result<Reply, Trouble> {
    super::required(session, run, ATTEMPT, |program, seen| fault(ATTEMPT, Obstacle::Program(program, seen), MEND)).await
}

async fn write<H: Host>(session: &Session<'_, H>, path: String, text: String) -> Result<(), Trouble> {
    match session.host.perform(Command::Replace { path: path.clone(), text }).await {
        Reply::Done => Ok(()),
        other => Err(fault(ATTEMPT, crate::ledger::disk(Deed::Write, &path, other), MEND)),
    }
}

/// Removes backups of this environment that are not kept any more, and what dead runs left. A list that cannot be read
/// removes nothing.
async fn prune<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    operation: &Operation,
) -> Result<usize, Failure> {
    let reply = session.host.perform(Command::List { path: place.folder.clone() }).await;
    let Reply::Names { names } = reply else {
        session.warn(&Line::Backup(Backup::NotListed(place.folder.clone()))).await;
        return Ok(0);
    };
    let live: Vec<_> = operation.from.iter().cloned().chain([operation.ask.target().clone()]).collect();
    // What could not be put back is all that is left of it: what stands there now is another version's.
    let State { unrestored, spared, .. } = &session.ledger.state;
    let all = with_environments(session, &place.folder, &names).await;
    let ours: Vec<BackupName> = all.iter().filter(|one| one.is_of(session.with)).map(|one| one.name.clone()).collect();
    let mut removed = 0;
    for name in outlived(&ours, operation.with.backup.keep, &place.name, &live)
        .into_iter()
        .filter(|name| unrestored.as_ref() != Some(name) && !spared.contains(name))
    {
        removed += usize::from(put_away(session, place, &name).await?);
    }
    for (name, of) in left_over(&names, &place.name) {
        if all.iter().any(|one| one.name == of && one.is_of_another(session.with)) {
            continue;
        }
        remove(session, place, &format!("{}/{name}", place.folder)).await?;
    }
    Ok(removed)
}

/// Removes a complete backup; whether it is gone.
async fn put_away<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    name: &BackupName,
) -> Result<bool, Failure> {
    let whole = format!("{}/{name}", place.folder);
    let going = removal_of(&whole);
    // What a run that was killed had begun to remove: it would have the rename skipped.
    if stats(session, vec![going.clone()]).await.iter().any(Option::is_some) {
        remove(session, place, &going).await?;
    }
    session.run(place.rename(&whole, &going), ATTEMPT).await?;
    let is_removed = remove(session, place, &going).await?;
    Ok(is_removed && stats(session, vec![whole]).await == [None])
}

/// Whether it is gone.
async fn remove<H: Host>(session: &Session<'_, H>, place: &BackupLocation, path: &str) -> Result<bool, Failure> {
    session.run(place.unprotect(path), ATTEMPT).await?;
    Ok(done(&session.run(place.remove(path), ATTEMPT).await?).is_ok())
}

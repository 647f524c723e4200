//! Fill a path in place where it cannot be swapped. What stands there is copied to a folder beside the backup; then what
//! that copy holds is removed, and no more: what has come or changed meanwhile is kept in a folder of its own first.
//! So nothing is removed that is not kept, whenever a run is killed; what cannot be kept is renamed where it stands.
//! Whether a path is filled in place is `ways`'s.

use super::restore::{ATTEMPT, MEND, clear, free, required, stand};
use super::standing::{existing, stats};
use super::{Trouble, broken};
use crate::failure::reason::{Obstacle, Reason, Unsaved};
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::ledger::make_folder;
use crate::messages::log::{Backup, Line, NAMED};
use crate::session::Session;
use crate::tools::backup::{
    BEGUN, BackupLocation, LAST_ENTRY, PARTIAL, QUESTION_LIMIT_MS, came, first_left, is_same_file, is_something_left,
    named, newest_told, renamed,
};
use crate::tools::path::{cut, parent};
use crate::tools::process::done;
use crate::tools::spot::{find_undeletable, first_found};

/// How often it is looked again for what came while the rest was kept; what is written all the time is left.
const LOOKS: usize = 3;

/// One path that is filled in place.
pub(super) struct Filling<'a> {
    pub(super) path: &'a str,
    /// Its form in the backup.
    pub(super) saved: &'a str,
    /// Folders below it on which something is mounted.
    pub(super) mounts: &'a [String],
    /// The folder in which this request keeps what stood there, by its whole path; further ones have a number.
    pub(super) root: &'a str,
    /// A killed run may have begun to fill it.
    pub(super) is_resumed: bool,
}

/// Holds a list of each path, written before it is copied: what it names, and has not changed since, is as the copy has
/// it. What was moved there since, with all that is in it, may not have changed either, and is not on the list.
fn begun(root: &str) -> String {
    format!("{root}{BEGUN}")
}

/// One of the lists that are made while a path is filled.
fn list_of(one: &Filling<'_>, name: &str) -> String {
    format!("{}/{name}{}", begun(one.root), one.path)
}

/// That of the first copy: a later run still needs it.
fn first_list(one: &Filling<'_>) -> String {
    list_of(one, "first")
}

/// All folders in which a request has kept something, the oldest first.
async fn roots<H: Host>(session: &Session<'_, H>, root: &str) -> Vec<String> {
    let names = match session.host.perform(Command::List { path: parent(root).to_owned() }).await {
        Reply::Names { names } => names,
        _ => Vec::new(),
    };
    let numbered = |name: String| {
        let path = format!("{}/{name}", parent(root));
        let number = match path.strip_prefix(root)? {
            "" => 1,
            rest => rest.strip_prefix('-')?.parse::<usize>().ok()?,
        };
        Some((number, path))
    };
    let mut found: Vec<(usize, String)> = names.into_iter().filter_map(numbered).collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// Where what stood at a path is kept, the oldest first.
pub(super) async fn kept<H: Host>(session: &Session<'_, H>, path: &str, root: &str) -> Vec<String> {
    let all = roots(session, root).await.iter().map(|root| format!("{root}{path}")).collect();
    existing(session.host, all).await
}

/// Copies what stands there; nothing live is touched yet.
pub(super) async fn prepare<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
) -> Result<(), Trouble> {
    let roots = roots(session, one.root).await;
    for root in &roots {
        clear(session, place, &partial(root, one.path)).await?;
    }
    let [path] = stand(session, [one.path]).await;
    if !path || !kept(session, one.path, one.root).await.is_empty() {
        return Ok(());
    }
    is_ours_to_empty(session, one.path).await?;
    let list = first_list(one);
    list_standing(session, place, one, None, &list).await?;
    copy(session, place, one, one.root, &list).await?;
    name(session, place, one, one.root).await
}

/// Puts what was saved in the place of what stands there. Returns what is renamed where it stood, since it could not be
/// set aside; some of it where it is much.
pub(super) async fn put<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
) -> Result<Vec<String>, Trouble> {
    let kinds = stats(session, [one.saved, one.path].map(str::to_owned).to_vec()).await;
    let kinds: Vec<Option<String>> = kinds.into_iter().map(|stat| stat.map(|stat| stat.kind)).collect();
    let is_free = match kinds.as_slice() {
        [Some(saved), Some(_)] if saved == "folder" => set_aside(session, place, one).await?,
        [_, Some(_)] => set_file_aside(session, place, one).await.map(|()| true)?,
        _ => true,
    };
    let copy = if is_free { place.copy_to(one.saved, one.path) } else { place.copy_beside(one.saved, one.path) };
    required(session, copy).await?;
    required(session, place.flush_to(one.path)).await?;
    if is_free {
        return Ok(Vec::new());
    }
    let found = named(&session.run(renamed(one.path, one.mounts, &first_list(one)), ATTEMPT).await?);
    let found = found.unwrap_or_default();
    // A name of that form may be the version's own, and was just put back.
    let own = found.iter().map(|path| path.replacen(one.path, one.saved, 1)).collect();
    let own = stats(session, own).await;
    let renamed = found.into_iter().zip(own).filter(|(_, own)| own.is_none());
    Ok(renamed.map(|(path, _)| path).take(NAMED).collect())
}

/// Forgets what stood there before the copies, once all is put back or cannot be.
pub(super) async fn end<H: Host>(session: &Session<'_, H>, place: &BackupLocation, root: &str) -> Result<(), Failure> {
    free(session, place, &begun(root)).await
}

/// Lists what stands there, sorted, in a new file: all, or what has not changed since that moment.
async fn list_standing<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
    since: Option<&str>,
    into: &str,
) -> Result<(), Trouble> {
    save(session, place, place.list_standing(one.path, one.mounts, since, into), into).await
}

/// Writes a list to a new file, and sorts it.
async fn save<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    list: Command,
    into: &str,
) -> Result<(), Trouble> {
    make_folder(session.host, parent(into)).await.map_err(|seen| broken(ATTEMPT, seen, MEND))?;
    clear(session, place, into).await?;
    let listed = unless_stopped(session.host.perform(list).await, ATTEMPT)?;
    done(&listed).map_err(|seen| broken(ATTEMPT, Obstacle::Program("find".to_owned(), seen), MEND))?;
    required(session, place.sort_standing(into)).await
}

/// The end of such a list; none where there is no list.
async fn end_of<H: Host>(session: &Session<'_, H>, list: &str) -> Option<String> {
    let read = Command::Read { path: list.to_owned(), cap: LAST_ENTRY, keep: Keep::Tail };
    match session.host.perform(read).await {
        Reply::Text { text, .. } => Some(text),
        _ => None,
    }
}

/// Removes what the copy below `root` holds, made after this list was: by when it changed where that tells, or else each
/// as it is compared.
async fn remove_kept<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
    root: &str,
    list: &str,
) -> Result<(), Trouble> {
    let end = end_of(session, list).await;
    if end.as_ref().is_some_and(String::is_empty) {
        return Ok(());
    }
    if let Some(since) = end.as_deref().and_then(newest_told) {
        let now = list_of(one, "now");
        list_standing(session, place, one, Some(&since), &now).await?;
        let came = session.run(came(list, &now), ATTEMPT).await?;
        if matches!(is_something_left(&came), Ok(false)) {
            return required(session, place.remove_unchanged(one.path, one.mounts, &since)).await;
        }
    }
    required(session, place.remove_same(one.path, one.mounts, root)).await
}

/// Whether what stands there may be written over: it is kept, or came within the moment of the last look.
async fn set_aside<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
) -> Result<bool, Trouble> {
    let (path, mounts) = (one.path, one.mounts);
    if let Some(first) = kept(session, path, one.root).await.into_iter().next() {
        let root = first.strip_suffix(path).unwrap_or(&first);
        remove_kept(session, place, one, root, &first_list(one)).await?;
    }
    if one.is_resumed {
        let saved = one.saved.strip_suffix(path).unwrap_or(one.saved);
        required(session, place.remove_same(path, mounts, saved)).await?;
    }
    let mut is_free = true;
    for _ in 0..LOOKS {
        // With its files away the site waits: what cannot be set aside stays where it is.
        match set_rest_aside(session, place, one).await {
            Err(Trouble::Stop(failure)) => Err(failure)?,
            Ok(true) => {}
            Ok(false) => break,
            Err(Trouble::Fault { why, .. }) => {
                if let Reason::Fault { seen, .. } = why {
                    session.warn(&Line::Backup(Backup::LeftThere(path.to_owned(), seen))).await;
                }
                is_free = false;
                break;
            }
        }
    }
    session.run(place.remove_empty_folders(path, mounts), ATTEMPT).await?;
    Ok(is_free)
}

/// Keeps what is left there in a further folder, and removes it. Whether there was anything.
async fn set_rest_aside<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
) -> Result<bool, Trouble> {
    if !holds_any(session, one.path, one.mounts).await? {
        return Ok(false);
    }
    let (root, list) = (next_root(session, one.root).await, list_of(one, "rest"));
    list_standing(session, place, one, None, &list).await?;
    let copied = copy(session, place, one, &root, &list).await;
    // What came and went meanwhile is nothing to keep.
    if copied.is_err() || !holds_any(session, &partial(&root, one.path), &[]).await? {
        free(session, place, &root).await?;
        return copied.map(|()| true);
    }
    name(session, place, one, &root).await?;
    remove_kept(session, place, one, &root, &list).await?;
    Ok(true)
}

async fn holds_any<H: Host>(session: &Session<'_, H>, folder: &str, mounts: &[String]) -> Result<bool, Failure> {
    let left = session.run(first_left(folder, mounts), ATTEMPT).await?;
    Ok(!matches!(is_something_left(&left), Ok(false)))
}

/// A file is written over: what stands there is the backup's own, or is kept as it is now.
async fn set_file_aside<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
) -> Result<(), Trouble> {
    let mut held = vec![one.saved.to_owned()];
    held.extend(kept(session, one.path, one.root).await);
    for copy in &held {
        if done(&session.run(is_same_file(one.path, copy), ATTEMPT).await?).is_ok() {
            return Ok(());
        }
    }
    let (root, list) = (next_root(session, one.root).await, list_of(one, "rest"));
    list_standing(session, place, one, None, &list).await?;
    copy(session, place, one, &root, &list).await?;
    name(session, place, one, &root).await
}

async fn next_root<H: Host>(session: &Session<'_, H>, root: &str) -> String {
    let taken = roots(session, root).await;
    let last = taken.last().and_then(|last| last.strip_prefix(root)?.strip_prefix('-')?.parse::<usize>().ok());
    match taken.is_empty() {
        true => root.to_owned(),
        false => format!("{root}-{}", last.unwrap_or(1) + 1),
    }
}

fn partial(root: &str, path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    format!("{root}{}/{}{PARTIAL}", parent(path).trim_end_matches('/'), cut(base))
}

/// Copies what stands there, once it is listed.
async fn copy<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
    root: &str,
    list: &str,
) -> Result<(), Trouble> {
    let partial = partial(root, one.path);
    make_folder(session.host, parent(&partial)).await.map_err(|seen| broken(ATTEMPT, seen, MEND))?;
    clear(session, place, &partial).await?;
    let copied = required(session, place.copy_to(one.path, &partial)).await;
    match copied {
        // To `cp` it is a fault when a file is gone by the time that it comes to it.
        Err(Trouble::Fault { .. }) if holds_all(session, place, one, &partial, list).await? => Ok(()),
        copied => copied,
    }
}

/// Whether a copy of a folder holds all that was on the list, stands there still and has not changed.
async fn holds_all<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
    copy: &str,
    list: &str,
) -> Result<bool, Failure> {
    let is_folder = stats(session, vec![copy.to_owned()]).await.into_iter().flatten().any(|stat| stat.kind == "folder");
    let Some(end) = end_of(session, list).await else {
        return Ok(false);
    };
    let Some(since) = newest_told(&end).filter(|_| is_folder) else {
        return Ok(is_folder && end.is_empty());
    };
    let [there, here] = ["there", "here"].map(|name| list_of(one, name));
    let lists = [
        (place.list_copied(copy, &[], None, &here), &here),
        (place.list_copied(one.path, one.mounts, Some(&since), &there), &there),
    ];
    for (listing, into) in lists {
        match save(session, place, listing, into).await {
            Err(Trouble::Stop(failure)) => return Err(failure),
            Err(Trouble::Fault { .. }) => return Ok(false),
            Ok(()) => {}
        }
    }
    let missing = session.run(came(&here, &there), ATTEMPT).await?;
    Ok(matches!(is_something_left(&missing), Ok(false)))
}

/// Gives a copy its name: from here on it is kept.
async fn name<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
    root: &str,
) -> Result<(), Trouble> {
    let (partial, to) = (partial(root, one.path), format!("{root}{}", one.path));
    let folder = parent(&to);
    required(session, place.flush_to(folder)).await?;
    required(session, place.rename(&partial, &to)).await?;
    required(session, place.flush_folder(folder)).await
}

/// Frees what a copy in vain takes.
pub(super) async fn discard<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    one: &Filling<'_>,
) -> Result<(), Failure> {
    free(session, place, &partial(one.root, one.path)).await
}

/// Whether all can be removed that stands in a folder that is filled in place: with half of it gone it is neither version.
async fn is_ours_to_empty<H: Host>(session: &Session<'_, H>, path: &str) -> Result<(), Trouble> {
    let first = Run { limit_ms: QUESTION_LIMIT_MS, ..find_undeletable(path) };
    match first_found(&session.run(first, ATTEMPT).await?) {
        Ok(Some((_, folder))) => Err(broken(ATTEMPT, Unsaved::Unwritable(folder), MEND)),
        _ => Ok(()),
    }
}

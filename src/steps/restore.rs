//! Put files back from a backup. Everything is copied beside first, and then swapped by renames, so that
//! a path holds the old files or the new ones, whole; what they replace is kept beside. Where a path
//! cannot be swapped (something is mounted there, a container goes on with it, or its folder is not ours) it is
//! kept elsewhere and filled in place (`in_place`). Each part looks at what stands there first, so a killed run is gone on with.

use super::in_place::{self, Filling};
use super::standing::{existing, stats};
use super::survey::repository;
use super::trust::{ours, trusted};
use super::ways::{PathWay, ways};
use super::{Trouble, broken, fault};
use crate::environment::Environment;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle, Unsaved};
use crate::failure::{Deed, Failure};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::machine::operation::Operation;
use crate::machine::{Ask, Files};
use crate::messages::log::{Backup, Did, Line};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::{BackupLocation, BackupName, Manifest, PARTIAL, REPLACED, Way};
use crate::tools::git::sha_told;
use crate::tools::path::{cut, parent};
use crate::tools::process::done;
use crate::tools::shell::line;
use crate::tools::user::{ask_user, user_told};

pub(super) const ATTEMPT: &Attempt = &Attempt::Restore;
pub(super) const MEND: Mend = Mend::RestoreByHand;
/// Other backups that are named where one is missing.
const SHOWN: usize = 3;

/// One path, and where its parts stand.
struct Swap {
    path: String,
    saved: String,
    fresh: String,
    /// Where it goes when it is renamed away.
    kept: String,
    /// The folder in which it is kept when it is filled in place.
    root: String,
    way: Way,
    is_resumed: bool,
}

impl Swap {
    fn partial(&self) -> String {
        format!("{}{PARTIAL}", self.fresh)
    }

    /// None where it is swapped.
    fn filling(&self) -> Option<Filling<'_>> {
        let Way::InPlace(mounts) = &self.way else {
            return None;
        };
        let (path, saved, root) = (self.path.as_str(), self.saved.as_str(), self.root.as_str());
        Some(Filling { path, saved, mounts, root, is_resumed: self.is_resumed })
    }
}

/// Carries out the step; the note names what is kept of what was replaced.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let Ask::Rollback { to, files: Files::Restored(name), .. } = &operation.ask else {
        return Ok(Did::Nothing);
    };
    let folder = operation.with.backup_folder();
    let place = BackupLocation { folder, name: name.clone(), lock: session.with.lock() };
    let manifest = manifest(session, &place).await?;
    if manifest.sha != *to {
        let seen = Unsaved::OtherFiles(name.to_string(), manifest.sha.clone(), to.clone());
        return Err(broken(ATTEMPT, seen, MEND));
    }
    let ways = ways(session.host, operation.with.compose.as_ref(), &manifest.paths).await?;
    let swaps = swaps(session, &place, &ways, operation).await;
    // What is back already stays as it is: the site has written to it since.
    let mut renamed = Vec::new();
    if operation.restored.is_none() {
        verify(session, &place, &manifest).await?;
        renamed = put_all(session, &place, &swaps).await?;
    }
    is_at(session, to).await?;
    Ok(Did::Restored([kept(session, &swaps).await, renamed].concat()))
}

/// Returns what is renamed where it stood.
async fn put_all<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    swaps: &[Swap],
) -> Result<Vec<String>, Trouble> {
    let put = prepare_and_put(session, place, swaps).await;
    // Who goes on with a run that was stopped needs it.
    if !matches!(put, Err(Trouble::Stop(_))) {
        for filling in swaps.iter().filter_map(Swap::filling).take(1) {
            in_place::end(session, place, filling.root).await?;
        }
    }
    put
}

async fn prepare_and_put<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    swaps: &[Swap],
) -> Result<Vec<String>, Trouble> {
    if let Err(trouble) = prepare_all(session, place, swaps).await {
        if let Trouble::Fault { .. } = &trouble {
            discard(session, place, swaps).await?;
        }
        return Err(trouble);
    }
    let mut renamed = Vec::new();
    for swap in swaps {
        match swap.filling() {
            Some(filling) => renamed.extend(in_place::put(session, place, &filling).await?),
            None => put(session, place, swap).await?,
        }
    }
    give_back(session, place).await?;
    Ok(renamed)
}

/// All that is kept of what was replaced, by whichever run of this request.
async fn kept<H: Host>(session: &Session<'_, H>, swaps: &[Swap]) -> Vec<String> {
    let mut all = existing(session.host, swaps.iter().map(|swap| swap.kept.clone()).collect()).await;
    for swap in swaps {
        all.extend(in_place::kept(session, &swap.path, &swap.root).await);
    }
    all
}

/// Whether a backup still holds what was saved, byte for byte.
pub async fn verify<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    manifest: &Manifest,
) -> Result<(), Trouble> {
    // Of no file there is no sum, and a list without one is none to `sha256sum`.
    if manifest.files > 0 {
        trusted(session, place, required(session, place.verify()).await).await?;
    }
    Ok(())
}

/// What a backup says of itself.
pub async fn manifest<H: Host>(session: &Session<'_, H>, place: &BackupLocation) -> Result<Manifest, Trouble> {
    let path = place.manifest();
    let read = Command::Read { path: path.clone(), cap: 1024 * 1024, keep: Keep::Head };
    let read = match session.host.perform(read).await {
        Reply::Text { text, .. } => serde_json::from_str(&text)
            .map_err(|seen| broken(ATTEMPT, Obstacle::Unreadable(path.clone(), seen.to_string()), MEND)),
        // A name that was mistyped, or a backup that somebody has removed: not one that is damaged.
        Reply::Missing if stats(session, vec![place.whole()]).await.iter().all(Option::is_none) => {
            let others = ours(session, &place.folder).await.into_iter().take(SHOWN).map(|name| name.to_string());
            let seen = Unsaved::Absent(place.name.to_string(), place.folder.clone(), others.collect());
            return Err(fault(ATTEMPT, seen, Mend::LeaveBackupOut));
        }
        other => Err(broken(ATTEMPT, crate::ledger::disk(Deed::Read, &path, other), MEND)),
    };
    let manifest: Manifest = trusted(session, place, read).await?;
    if manifest.environment != session.with.name {
        let seen = Unsaved::OfAnother(place.name.to_string(), manifest.environment);
        return Err(fault(ATTEMPT, seen, Mend::LeaveBackupOut));
    }
    Ok(manifest)
}

/// The paths that a backup holds; where it does not say, those that are saved today.
pub async fn saved_paths<H: Host>(session: &Session<'_, H>, with: &Environment, place: &BackupLocation) -> Vec<String> {
    manifest(session, place).await.map_or_else(|_| with.backup.paths.clone(), |manifest| manifest.paths)
}

/// Names by the request, of which two may come within a second, so that what an earlier one left beside is not taken
/// for ours; a later run goes on by the same name. Where an earlier version of this program has begun, that is the
/// second alone.
async fn swaps<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    ways: &[PathWay],
    operation: &Operation,
) -> Vec<Swap> {
    let name = BackupName::new(operation.since, operation.ask.target());
    let second = name.as_str().split('Z').next().unwrap_or_default();
    let by = |stamp: &str| ways.iter().map(|one| swap(place, one, stamp, operation)).collect::<Vec<_>>();
    let earlier = by(&format!("{second}Z"));
    let names = earlier.iter().flat_map(|one| [&one.fresh, &one.kept, &one.root].map(String::clone)).collect();
    if operation.resumed && stats(session, names).await.iter().any(Option::is_some) {
        return earlier;
    }
    by(&format!("{second}.{:03}Z", operation.since.0 % 1000))
}

fn swap(place: &BackupLocation, PathWay { path, way }: &PathWay, stamp: &str, operation: &Operation) -> Swap {
    Swap {
        saved: place.saved(path),
        fresh: format!("{}{stamp}", beside(path)),
        kept: format!("{}{REPLACED}{stamp}", named_like(path, "")),
        root: format!("{}{REPLACED}{stamp}", place.whole()),
        is_resumed: operation.resumed,
        path: path.clone(),
        way: way.clone(),
    }
}

/// How the names of copies beside a path begin.
fn beside(path: &str) -> String {
    format!("{}.restored-", named_like(path, "."))
}

/// Beside a path, what begins so and goes on with its name.
pub(super) fn named_like(path: &str, begins: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    format!("{}/{begins}{}", parent(path).trim_end_matches('/'), cut(base))
}

/// Half copies that runs have left beside a path, on a full disk say; none where its folder cannot be read.
pub async fn half_copies<H: Host>(session: &Session<'_, H>, path: &str) -> Vec<String> {
    let (folder, start) = (parent(path), beside(path));
    match session.host.perform(Command::List { path: folder.to_owned() }).await {
        Reply::Names { names } => names
            .iter()
            .map(|name| format!("{}/{name}", folder.trim_end_matches('/')))
            .filter(|one| one.starts_with(&start) && one.ends_with(PARTIAL))
            .collect(),
        _ => Vec::new(),
    }
}

/// Removes them, of all these paths: they take room.
pub async fn clear_half_copies<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    paths: &[String],
) -> Result<(), Trouble> {
    for path in paths {
        for left in half_copies(session, path).await {
            clear(session, place, &left).await?;
        }
    }
    Ok(())
}

async fn prepare_all<H: Host>(session: &Session<'_, H>, place: &BackupLocation, swaps: &[Swap]) -> Result<(), Trouble> {
    let paths: Vec<String> = swaps.iter().map(|swap| swap.path.clone()).collect();
    clear_half_copies(session, place, &paths).await?;
    for swap in swaps {
        match swap.filling() {
            Some(filling) => in_place::prepare(session, place, &filling).await?,
            None => prepare(session, place, swap).await?,
        }
    }
    Ok(())
}

/// Removes what a run has left half done, with its read-only folders; nothing may stand there.
pub(super) async fn clear<H: Host>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    path: &str,
) -> Result<(), Trouble> {
    let [is_there] = stand(session, [path]).await;
    if !is_there {
        return Ok(());
    }
    session.run(place.unprotect(path), ATTEMPT).await?;
    required(session, place.remove(path)).await
}

/// The same where it may as well be left.
pub(super) async fn free<H: Host>(session: &Session<'_, H>, place: &BackupLocation, path: &str) -> Result<(), Failure> {
    match clear(session, place, path).await {
        Err(Trouble::Stop(failure)) => Err(failure),
        Ok(()) | Err(Trouble::Fault { .. }) => Ok(()),
    }
}

/// Frees what was copied in vain: nothing is swapped yet, and a full disk stops more than us. What an interrupted
/// swap still needs stays.
async fn discard<H: Host>(session: &Session<'_, H>, place: &BackupLocation, swaps: &[Swap]) -> Result<(), Failure> {
    for swap in swaps {
        if let Some(filling) = swap.filling() {
            in_place::discard(session, place, &filling).await?;
            continue;
        }
        free(session, place, &swap.partial()).await?;
        let [kept] = stand(session, [&swap.kept]).await;
        if !kept {
            free(session, place, &swap.fresh).await?;
        }
    }
    Ok(())
}

pub(super) async fn stand<H: Host, const N: usize>(session: &Session<'_, H>, paths: [&str; N]) -> [bool; N] {
    let found = stats(session, paths.map(str::to_owned).to_vec()).await;
    std::array::from_fn(|at| found.get(at).is_some_and(Option::is_some))
}

/// Copies beside; what is live is not touched yet.
async fn prepare<H: Host>(session: &Session<'_, H>, place: &BackupLocation, swap: &Swap) -> Result<(), Trouble> {
    let [fresh, kept] = stand(session, [&swap.fresh, &swap.kept]).await;
    if fresh || kept {
        return Ok(());
    }
    let (partial, folder) = (swap.partial(), parent(&swap.fresh));
    clear(session, place, &partial).await?;
    required(session, place.copy_to(&swap.saved, &partial)).await?;
    required(session, place.flush_to(folder)).await?;
    required(session, place.rename(&partial, &swap.fresh)).await?;
    required(session, place.flush_folder(folder)).await
}

/// Swaps one path.
async fn put<H: Host>(session: &Session<'_, H>, place: &BackupLocation, swap: &Swap) -> Result<(), Trouble> {
    let folder = parent(&swap.path);
    let [fresh, kept, path] = stand(session, [&swap.fresh, &swap.kept, &swap.path]).await;
    if !fresh {
        return Ok(());
    }
    if path && kept {
        let seen = Unsaved::BothStand(swap.path.clone(), swap.kept.clone());
        return Err(broken(ATTEMPT, seen, MEND));
    }
    if path {
        required(session, place.rename(&swap.path, &swap.kept)).await?;
    }
    required(session, place.rename(&swap.fresh, &swap.path)).await?;
    required(session, place.flush_folder(folder)).await?;
    match stand(session, [&swap.fresh, &swap.path]).await {
        [false, true] => Ok(()),
        _ => Err(broken(ATTEMPT, Unsaved::NotSwapped(swap.path.clone(), swap.fresh.clone()), MEND)),
    }
}

/// Files whose owners the backup keeps, as its maker could not: root gives them back, others tell how it is done. The
/// way back goes on all the same: mostly the site is well without.
async fn give_back<H: Host>(session: &Session<'_, H>, place: &BackupLocation) -> Result<(), Failure> {
    let [listed] = stand(session, [&place.owners()]).await;
    if !listed {
        return Ok(());
    }
    let is_root = user_told(&session.run(ask_user(), ATTEMPT).await?).is_ok_and(|user| user.uid == 0);
    if !is_root || done(&session.run(place.give_back(), ATTEMPT).await?).is_err() {
        session.warn(&Line::Backup(Backup::NotGivenBack(line(&place.give_back())))).await;
    }
    Ok(())
}

/// The work tree may have been among the paths: it must stand at the SHA that goes live.
async fn is_at<H: Host>(session: &Session<'_, H>, to: &Sha) -> Result<(), Trouble> {
    let git = repository(session).await?;
    let reply = session.run(git.head(), ATTEMPT).await?;
    match sha_told(&reply) {
        Ok(head) if head == *to => Ok(()),
        Ok(head) => Err(broken(ATTEMPT, Astray::TreeAt(head), MEND)),
        Err(seen) => Err(broken(ATTEMPT, seen, MEND)),
    }
}

pub(super) async fn required<H: Host>(session: &Session<'_, H>, run: Run) -> Result<(), Trouble> {
    let trouble = |program, seen| broken(ATTEMPT, Obstacle::Program(program, seen), MEND);
    super::required(session, run, ATTEMPT, trouble).await.map(drop)
}

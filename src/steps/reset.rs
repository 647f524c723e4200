//! Put the work tree at exactly the SHA, submodules and LFS files included, and prove it.

use futures_util::future::try_join;

use super::fetch::with_credentials;
use super::standing::exists;
use super::survey::repository;
use super::{
    Trouble, broken, fault, git_fault, inside, locks, machines, modules, put_back, strays, told_by_git, touched_live,
    wrote,
};
use crate::failure::reason::{Astray, Attempt, Mend};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::machine::operation::Operation;
use crate::messages::log::{Did, Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Git, ProcessError, done, is_lfs_pointer, paths_told, sha_told, submodules_told};

const ATTEMPT: &Attempt = &Attempt::Reset;
/// LFS files looked at; more than a web app has.
pub const LFS_LOOKED_AT: usize = 500;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let target = operation.ask.target();
    let git = repository(session).await?;
    let reset = reset_unlocked(session, &git, target).await?;
    let (head, lfs) = try_join(session.run(git.head(), ATTEMPT), session.run(git.lfs_paths(), ATTEMPT)).await?;
    match (reset, sha_told(&head)) {
        (Ok(()), Ok(head)) if head == *target => {}
        (Ok(()), Ok(head)) => {
            return Err(machines(broken(ATTEMPT, Astray::HeadIs(head), Mend::LookAtTree)));
        }
        (Ok(()), Err(seen)) => return Err(machines(broken(ATTEMPT, seen, Mend::LookAtTree))),
        (Err(seen), head) => return Err(not_reset(session, &git, seen, head.ok(), target).await),
    }
    let app_path = &operation.with.app_path;
    if app_path != git.top() && !exists(session, app_path.clone()).await {
        // As with a compose file: the settings and the version do not fit, and neither is to blame.
        return Err(machines(broken(ATTEMPT, Astray::NoAppPath(app_path.clone()), Mend::KeepAppPath)));
    }
    let back = Box::pin(put_back::perform(session, &git, target)).await?;
    if let Some(from) = operation.from.as_ref().filter(|from| *from != target) {
        Box::pin(modules::leave(session, &git, from, target)).await?;
    }
    // A git that cannot answer this (older than 2.13) is no reason to stop a deploy.
    let lfs = paths_told(&lfs).unwrap_or_default();
    if exists(session, git.at_top(".gitmodules")).await {
        submodules(session, &git, target).await?;
        no_pointers_below(session, &git).await?;
    }
    if pointer(session, &git, &lfs).await.is_some() {
        fill_pointers(session, &git, target).await?;
        no_pointers(session, &git, lfs).await?;
    }
    Ok(Did::Reset(target.clone(), back))
}

/// Resets; again where another git has taken the index between the look at its lock and the reset, as an editor does
/// every few seconds.
async fn reset_unlocked<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    target: &Sha,
) -> Result<Result<(), ProcessError>, Trouble> {
    let until = session.now().await.plus(locks::HELD_MS);
    loop {
        locks::free_all(session, git, ATTEMPT).await?;
        let reset = done(&session.run(git.reset_hard(target), ATTEMPT).await?);
        if !reset.as_ref().is_err_and(is_index_held) || session.now().await >= until {
            return Ok(reset);
        }
        session.sleep(locks::HELD_STEP_MS, ATTEMPT).await?;
    }
}

/// Whether git could not have the index: it takes that before it writes anything.
fn is_index_held(seen: &ProcessError) -> bool {
    matches!(seen, ProcessError::Refused { tail, .. } if tail.contains("index.lock': File exists"))
}

/// git moves HEAD last. Where HEAD has not moved, files may still be half written (a full disk, a filter that
/// fails, a git that was ended at its limit): only a work tree in which nothing differs proves that nothing has
/// changed, and that what was live still is.
async fn not_reset<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    seen: ProcessError,
    head: Option<Sha>,
    target: &Sha,
) -> Trouble {
    let is_denied = matches!(&seen, ProcessError::Refused { tail, .. } if tail.contains("Permission denied"));
    let mend = if is_denied { Mend::OwnFiles(git.top().to_owned()) } else { Mend::FreeTree };
    let mend = told_by_git(&seen).unwrap_or(mend);
    let unmoved = head.filter(|head| Some(head) == session.live().as_ref() && head != target);
    match (seen, unmoved) {
        (ProcessError::Cancelled { signal }, _) => git_fault(ATTEMPT, ProcessError::Cancelled { signal }, mend),
        (seen @ (ProcessError::Absent | ProcessError::NotStarted { .. } | ProcessError::NoFolder), Some(_)) => {
            fault(ATTEMPT, seen, mend)
        }
        (seen, Some(_)) if is_index_held(&seen) => fault(ATTEMPT, seen, mend),
        (seen, Some(head)) => match strays::clear(session, git, &head, target).await {
            Ok(false) => fault(ATTEMPT, seen, mend),
            Ok(true) => wrote(machines(broken(ATTEMPT, Astray::HalfWritten(seen), mend))),
            Err(failure) => Trouble::Stop(failure),
        },
        (seen, _) => machines(broken(ATTEMPT, seen, mend)),
    }
}

/// What fails here fails by git, the disk or a remote that does not answer: no fault of the version's, though what
/// is live has changed. A pinned commit that nobody pushed looks the same to us, and can still be pushed.
async fn submodules<H: Host>(session: &Session<'_, H>, git: &Git, target: &Sha) -> Result<(), Trouble> {
    let git = with_credentials(session, git.clone()).await.map_err(touched_live)?;
    let links = modules::ready(session, &git, target).await.map_err(touched_live)?;
    of_submodules(session, git.submodules_sync()).await?;
    inside::save(session, &git, &links).await.map_err(touched_live)?;
    of_submodules(session, git.submodules_update()).await
}

async fn of_submodules<H: Host>(session: &Session<'_, H>, run: Run) -> Result<(), Trouble> {
    let reply = session.run(run, &Attempt::Submodules).await?;
    done(&reply).map_err(|seen| touched_live(git_fault(&Attempt::Submodules, seen, Mend::ReachSubmodules)))
}

/// Has the files of LFS in every submodule, too: one that stands where it is to be is not written again by git.
async fn no_pointers_below<H: Host>(session: &Session<'_, H>, git: &Git) -> Result<(), Trouble> {
    let told = submodules_told(&session.run(git.submodules(), &Attempt::CheckLfs).await?);
    let told = told.unwrap_or_default();
    let mut astray = Vec::new();
    for (path, _) in told.iter().filter(|(_, stands)| !stands) {
        // One that was never fetched is left out on purpose.
        astray.extend(exists(session, format!("{}/.git", git.at_top(path))).await.then(|| path.clone()));
    }
    if !astray.is_empty() {
        session.warn(&Line::Tree(Tree::Astray(astray))).await;
    }
    for (path, _) in told {
        let below = git.submodule(&path);
        let files = paths_told(&session.run(below.lfs_paths(), &Attempt::CheckLfs).await?).unwrap_or_default();
        let files: Vec<String> = files.into_iter().map(|file| format!("{path}/{file}")).collect();
        if pointer(session, git, &files).await.is_some() {
            if let Ok(head) = sha_told(&session.run(below.head(), &Attempt::CheckLfs).await?) {
                fill_pointers(session, &below, &head).await?;
            }
            no_pointers(session, git, files).await?;
        }
    }
    Ok(())
}

/// A clone that was made before git-lfs was there has pointers that no reset replaces, since they have not changed. Where
/// git does not know of LFS, files in their place would count as changed by hand. What cannot be had is found by the look
/// after this.
async fn fill_pointers<H: Host>(session: &Session<'_, H>, git: &Git, target: &Sha) -> Result<(), Trouble> {
    let attempt = &Attempt::FetchLfs;
    if done(&session.run(git.lfs_is_set_up(), attempt).await?).is_err() {
        return Ok(());
    }
    let git = with_credentials(session, git.clone()).await.map_err(touched_live)?;
    session.run(git.lfs_fetch(target), attempt).await?;
    session.run(git.lfs_checkout(), &Attempt::CheckLfs).await?;
    Ok(())
}

/// Without git-lfs a checkout leaves pointer texts behind and says nothing.
async fn no_pointers<H: Host>(session: &Session<'_, H>, git: &Git, paths: Vec<String>) -> Result<(), Trouble> {
    match pointer(session, git, &paths).await {
        Some(path) => Err(machines(broken(&Attempt::CheckLfs, Astray::Pointer(path), Mend::InstallLfs))),
        None => Ok(()),
    }
}

/// The first of these files, as seen from the top folder, in whose place a pointer stands.
async fn pointer<H: Host>(session: &Session<'_, H>, git: &Git, paths: &[String]) -> Option<String> {
    for path in paths.iter().take(LFS_LOOKED_AT) {
        let command = Command::Read { path: git.at_top(path), cap: 200, keep: Keep::Head };
        let reply = session.host.perform(command).await;
        if matches!(&reply, Reply::Text { text, .. } if is_lfs_pointer(text)) {
            return Some(path.clone());
        }
    }
    None
}

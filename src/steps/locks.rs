//! Lock files that a killed git left behind, in the way of what comes next: they are removed, but none that a
//! process can still need. Where git takes which lock is written here; when to look is its caller's.

use super::standing::{existing, exists};
use super::survey::place;
use super::{Trouble, fault};
use crate::failure::reason::{Astray, Attempt, Mend};
use crate::host::{Command, Host, Keep, Reply};
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::time::Millis;
use crate::tools::git::Git;

/// How long gits of somebody else's (an editor's `git status`, say) may hold locks, milliseconds.
pub(super) const HELD_MS: u64 = 10_000;
/// Between two looks at that, milliseconds.
pub(super) const HELD_STEP_MS: u64 = 250;
/// Locks in a submodule's repository that its update needs.
const MODULE_LOCKS: [&str; 4] = ["index.lock", "HEAD.lock", "config.lock", "shallow.lock"];

/// The lock of the index: whatever saves local changes needs it.
pub async fn free_index<H: Host>(session: &Session<'_, H>, git: &Git, attempt: &Attempt) -> Result<(), Trouble> {
    let (_, place) = place(session).await?;
    let locks = existing(session.host, vec![format!("{}/index.lock", place.git_dir)]).await;
    free(session, git, attempt, locks).await
}

/// Every lock that a reset needs, those of submodules too, before anything is written. Where one of these stands git
/// writes all files first, and fails at HEAD.
pub async fn free_all<H: Host>(session: &Session<'_, H>, git: &Git, attempt: &Attempt) -> Result<(), Trouble> {
    let (_, place) = place(session).await?;
    let own = &place.git_dir;
    let modules = format!("{own}/modules");
    let mut paths = vec![modules.clone(), format!("{own}/index.lock"), format!("{own}/HEAD.lock")];
    paths.push(format!("{}/config.lock", place.shared()));
    paths.extend(branch(session, own).await.map(|name| format!("{}/{name}.lock", place.shared())));
    let (folders, mut locks): (Vec<String>, Vec<String>) =
        existing(session.host, paths).await.into_iter().partition(|path| *path == modules);
    locks.extend(below(session, folders).await);
    free(session, git, attempt, locks).await
}

/// The locks that a fetch of this branch needs; whether one stood there.
pub async fn free_fetch<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    attempt: &Attempt,
    branch: &str,
) -> Result<bool, Trouble> {
    let (_, place) = place(session).await?;
    let names = [format!("refs/remotes/origin/{branch}"), "shallow".to_owned()];
    let locks = existing(session.host, names.map(|name| format!("{}/{name}.lock", place.shared())).to_vec()).await;
    let is_any = !locks.is_empty();
    free(session, git, attempt, locks).await?;
    Ok(is_any)
}

/// The branch that is checked out, as git writes it down; none where a commit is.
async fn branch<H: Host>(session: &Session<'_, H>, git_dir: &str) -> Option<String> {
    let question = Command::Read { path: format!("{git_dir}/HEAD"), cap: 4096, keep: Keep::Head };
    let Reply::Text { text, .. } = session.host.perform(question).await else {
        return None;
    };
    text.trim_end().strip_prefix("ref: ").map(str::to_owned)
}

/// The locks in the repositories of submodules, in these folders and below.
async fn below<H: Host>(session: &Session<'_, H>, mut folders: Vec<String>) -> Vec<String> {
    let mut locks = Vec::new();
    while let Some(folder) = folders.pop() {
        let Reply::Names { names } = session.host.perform(Command::List { path: folder.clone() }).await else {
            continue;
        };
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if !has("HEAD") {
            // No repository: a submodule's name may hold a `/`.
            folders.extend(names.iter().map(|name| format!("{folder}/{name}")));
            continue;
        }
        let locked = MODULE_LOCKS.iter().filter(|name| has(name));
        locks.extend(locked.map(|name| format!("{folder}/{name}")));
        folders.extend(has("modules").then(|| format!("{folder}/modules")));
    }
    locks
}

/// Removes locks that are there; an error where one may still be needed.
async fn free<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    attempt: &Attempt,
    locks: Vec<String>,
) -> Result<(), Trouble> {
    if locks.is_empty() {
        return Ok(());
    }
    let until = session.now().await.plus(HELD_MS);
    for lock in locks {
        free_one(session, git, attempt, lock, until).await?;
    }
    Ok(())
}

/// Removes a lock file that is there, but only when no process can still need it.
async fn free_one<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    attempt: &Attempt,
    lock: String,
    until: Millis,
) -> Result<(), Trouble> {
    loop {
        let folder = git.at_top("").trim_end_matches('/').to_owned();
        let question = Command::Processes { file: lock.clone(), folder };
        let holders = match session.host.perform(question).await {
            Reply::Processes { processes } => processes,
            other => {
                let seen = Astray::LockStands { lock, seen: other.into() };
                return Err(fault(attempt, seen, Mend::RemoveLock));
            }
        };
        let Some((pid, name)) = holders.first() else {
            session.warn(&Line::Tree(Tree::StaleLock(lock.clone()))).await;
            return match session.host.perform(Command::Remove { path: lock.clone() }).await {
                Reply::Done | Reply::Missing => Ok(()),
                other => Err(fault(attempt, Astray::LockStands { lock, seen: other.into() }, Mend::RemoveLock)),
            };
        };
        if session.now().await >= until {
            let seen = Astray::LockHeld { lock, pid: *pid, name: name.clone() };
            return Err(fault(attempt, seen, Mend::AwaitHolder));
        }
        session.sleep(HELD_STEP_MS, attempt).await?;
        if !exists(session, lock.clone()).await {
            return Ok(());
        }
    }
}

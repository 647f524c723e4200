//! Submodules, where a version brings one, moves it or has it no more: which folder is git's own left-over, and what
//! in it is somebody's. In a repository without any, no command is run.

use super::differences::between;
use super::keep::{self, ATTEMPT, MEND, ask, trouble};
use super::standing::exists;
use super::survey::{place, repository};
use super::{Trouble, fault};
use crate::failure::reason::Astray;
use crate::host::{Command, Host, Keep, Reply};
use crate::machine::Step;
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{
    Answer, Dirty, DirtyKind, Git, Link, ProcessError, answered, dirty_told, done, hidden_told, links_told,
    module_named, paths_told,
};

/// Bytes of a `.git` file that are read: a path.
const NAME_CAP: u64 = 8192;

/// Repositories that stand where the target writes. A reset leaves the folder of a submodule that a version has no
/// more: where the target has one there, that is not in the way, and git takes it over, unless somebody changed
/// files in it.
pub(super) async fn pass<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    repositories: &[String],
    target: &Sha,
) -> Result<(), Trouble> {
    let paths: Vec<String> = repositories.iter().map(|path| path.trim_end_matches('/').to_owned()).collect();
    let links = links_at(session, git, target, &paths).await?;
    for (path, told) in paths.iter().zip(repositories) {
        let is_link = links.iter().any(|link| link.path == *path);
        if !is_link || module(session, git, path).await?.is_none() {
            return Err(fault(ATTEMPT, Astray::Repository(told.clone()), MEND));
        }
        if is_unused(session, git, path).await? {
            continue;
        }
        let dirty = ask(session, git.submodule(path).dirty()).await?;
        if !dirty_told(&dirty).map_err(trouble)?.is_empty() {
            return Err(fault(ATTEMPT, Astray::DirtySubmodule(path.clone()), MEND));
        }
    }
    Ok(())
}

/// What git says of the work tree. It says nothing where the first clone of a submodule was broken off in its first
/// moments; then what it says without that clone.
pub(super) async fn looked<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    commits: [&Sha; 2],
    dirty: Reply,
) -> Result<Reply, Trouble> {
    let modules = format!("{}/modules", place(session).await?.1.git_dir);
    if done(&dirty).is_ok() || !exists(session, modules).await {
        return Ok(dirty);
    }
    let mut is_changed = false;
    for sha in commits {
        is_changed |= forget_half_made(session, git, &links(session, git, sha).await?).await?;
    }
    if is_changed { ask(session, git.dirty()).await } else { Ok(dirty) }
}

/// Before git brings the submodules to where this commit wants them: which those are.
pub(super) async fn ready<H: Host>(session: &Session<'_, H>, git: &Git, target: &Sha) -> Result<Vec<Link>, Trouble> {
    let links = links(session, git, target).await?;
    forget_half_made(session, git, &links).await?;
    Ok(links)
}

/// The command that brings submodules to this commit's own by hand, after the reset; none where it has none.
pub(super) async fn by_hand<H: Host>(session: &Session<'_, H>, to: &Sha) -> Option<String> {
    let git = repository(session).await.ok()?;
    let has_any = exists(session, format!("{}/modules", place(session).await.ok()?.1.git_dir)).await;
    let links = if has_any { links(session, &git, to).await.ok()? } else { Vec::new() };
    (!links.is_empty()).then(|| "git submodule update --init --recursive --force".to_owned())
}

/// Removes the folders of submodules that `from` had and the target has not: git leaves them, and what is in one would be
/// served for ever. One that holds anything of somebody's is left, and told.
pub(super) async fn leave<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    from: &Sha,
    target: &Sha,
) -> Result<(), Trouble> {
    if !exists(session, format!("{}/modules", place(session).await?.1.git_dir)).await {
        return Ok(());
    }
    let Ok(told) = between(session, git, from, target, ATTEMPT).await? else {
        return Ok(());
    };
    // What cannot be removed is told: the version itself is in place.
    for path in &told.removed {
        let inside = format!("{path}/");
        let is_taken_over = told.changed.iter().any(|other| other.starts_with(&inside));
        if is_taken_over || module(session, git, path).await?.is_none() {
            continue;
        }
        let is_gone = is_untouched(session, &git.submodule(path)).await?
            && done(&ask(session, git.clear(&git.at_top(path))).await?).is_ok();
        let line = Line::Tree(Tree::LeftBehind(path.clone(), is_gone));
        if is_gone { session.log(&line).await } else { session.warn(&line).await }
    }
    Ok(())
}

/// Whether nothing in a submodule is changed, hidden from git, or not git's own. One that has others in it is not looked
/// through.
async fn is_untouched<H: Host>(session: &Session<'_, H>, inside: &Git) -> Result<bool, Trouble> {
    if exists(session, format!("{}/.gitmodules", inside.work_tree)).await {
        return Ok(false);
    }
    let dirty = dirty_told(&ask(session, inside.dirty()).await?);
    let hidden = hidden_told(&ask(session, inside.hidden()).await?);
    let others = paths_told(&ask(session, inside.untracked()).await?);
    let is_clean = dirty.is_ok_and(|dirty| dirty.is_empty()) && hidden.is_ok_and(|hidden| hidden.is_empty());
    Ok(is_clean && others.is_ok_and(|others| others.is_empty()))
}

/// Submodules with changed files of their own, which bringing them to another commit would destroy: only a person can
/// tell what they are for. But where a reset was broken off before, they may be its own: then they are saved in the
/// submodule.
pub(super) async fn settle<H: Host>(session: &Session<'_, H>, git: &Git, dirty: &[Dirty]) -> Result<(), Trouble> {
    for one in dirty.iter().filter(|one| one.kind == DirtyKind::SubmoduleDirty) {
        if is_unused(session, git, &one.path).await? {
            continue;
        }
        let inside = git.submodule(&one.path);
        let below = dirty_told(&ask(session, inside.dirty()).await?).map_err(trouble)?;
        // A stash holds neither of the others.
        let can_stash = below.iter().all(|one| matches!(one.kind, DirtyKind::File | DirtyKind::Submodule));
        if !can_stash || !is_broken_off(session) {
            return Err(fault(ATTEMPT, Astray::DirtySubmodule(one.path.clone()), MEND));
        }
        if let Some(name) = keep::stash(session, &inside).await? {
            session.warn(&Line::Tree(Tree::Saved(inside.work_tree, vec![name]))).await;
        }
    }
    Ok(())
}

/// Whether a reset began before this one that did not come to its end: a killed run's, or that of what is undone.
fn is_broken_off<H: Host>(session: &Session<'_, H>) -> bool {
    let operation = session.ledger.state.operation.as_ref();
    operation.is_some_and(|operation| operation.half_done || operation.failed_before == Some(Step::Reset))
}

/// Whether git has never put a file of the submodule's in place: it was cloned, and the clone was broken off.
async fn is_unused<H: Host>(session: &Session<'_, H>, git: &Git, path: &str) -> Result<bool, Trouble> {
    Ok(match module(session, git, path).await? {
        Some(module) => !exists(session, format!("{module}/index")).await,
        None => false,
    })
}

/// Removes what a first clone left that was broken off before it had a commit: git would neither make it whole nor
/// do without. It holds nothing of anybody's, as no file of it was ever in place. Whether there was any.
async fn forget_half_made<H: Host>(session: &Session<'_, H>, git: &Git, links: &[Link]) -> Result<bool, Trouble> {
    let mut is_changed = false;
    for link in links {
        let Some(module) = module(session, git, &link.path).await? else {
            continue;
        };
        if exists(session, format!("{module}/index")).await || is_begun(session, git, &module).await? {
            continue;
        }
        // Somebody's own clone, in its first moments.
        let question = Command::Processes { file: module.clone(), folder: place(session).await?.1.top };
        if !matches!(session.host.perform(question).await, Reply::Processes { processes } if processes.is_empty()) {
            continue;
        }
        session.warn(&Line::Tree(Tree::StaleLock(module.clone()))).await;
        done(&ask(session, git.clear(&module)).await?).map_err(trouble)?;
        // Last: it is what leads here again.
        session.host.perform(Command::Remove { path: format!("{}/.git", git.at_top(&link.path)) }).await;
        is_changed = true;
    }
    Ok(is_changed)
}

/// Whether there is a repository, and a commit that somebody may have made in it. That git did not answer is no no.
async fn is_begun<H: Host>(session: &Session<'_, H>, git: &Git, folder: &str) -> Result<bool, Trouble> {
    match done(&ask(session, git.is_repository(folder)).await?) {
        Ok(()) => {}
        Err(ProcessError::Refused { exit: 128, .. }) => return Ok(false),
        Err(seen) => return Err(trouble(seen)),
    }
    let answer = answered(&ask(session, git.has_branches(folder)).await?).map_err(trouble)?;
    Ok(answer == Answer::Yes)
}

/// The repository that git keeps for the submodule at this path, by the `.git` file that stands there.
pub(super) async fn module<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    path: &str,
) -> Result<Option<String>, Trouble> {
    let modules = format!("{}/modules", place(session).await?.1.git_dir);
    let folder = git.at_top(path);
    let command = Command::Read { path: format!("{folder}/.git"), cap: NAME_CAP, keep: Keep::Head };
    Ok(match session.host.perform(command).await {
        Reply::Text { text, .. } => module_named(&text, &folder, &modules),
        _ => None,
    })
}

async fn links<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha) -> Result<Vec<Link>, Trouble> {
    links_told(&ask(session, git.links(sha)).await?).map_err(trouble)
}

pub(super) async fn links_at<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    sha: &Sha,
    paths: &[String],
) -> Result<Vec<Link>, Trouble> {
    let mut links = Vec::new();
    for run in git.links_at(sha, paths) {
        links.extend(links_told(&ask(session, run).await?).map_err(trouble)?);
    }
    Ok(links)
}

//! What is somebody's own in a submodule is saved in that submodule, before git brings it to another commit or a
//! version puts files of its own in its place: commits that nothing names, and files that are not tracked.

use super::modules::{links_at, module};
use super::standing::exists;
use super::standing::stats;
use super::survey::place;
use super::{Trouble, git_fault, keep};
use crate::failure::reason::{Attempt, Mend};
use crate::host::Host;
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Answer, Git, Link, ProcessError, answered, differences_told, done, places_written, sha_told};

const ATTEMPT: &Attempt = &Attempt::Submodules;
const MEND: Mend = Mend::ReachSubmodules;

/// Saves what is in the way of these submodules' own commits, with access to their remotes.
pub(super) async fn save<H: Host>(session: &Session<'_, H>, git: &Git, links: &[Link]) -> Result<(), Trouble> {
    for link in links {
        if module(session, git, &link.path).await?.is_none() {
            continue;
        }
        let inside = git.submodule(&link.path);
        let Some(head) = head(session, &inside).await?.filter(|head| *head != link.pin) else {
            continue;
        };
        let mut refs = Vec::new();
        if !is_pinned(session, git, &link.path, &head).await? {
            refs.extend(keep::name_head(session, &inside).await?);
        }
        fetch(session, &inside, &link.pin).await?;
        let told = session.run(inside.differences(&head, &link.pin), ATTEMPT).await?;
        let added = differences_told(&told).map_err(trouble)?.added;
        refs.extend(files(session, &inside, added, &link.pin).await?);
        tell(session, inside, refs).await;
    }
    Ok(())
}

/// Saves what is in the way of files that the target has where a submodule stands: git asks nobody of those.
pub(super) async fn save_replaced<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    added: &[String],
    target: &Sha,
) -> Result<(), Trouble> {
    if added.is_empty() || !exists(session, format!("{}/modules", place(session).await?.1.git_dir)).await {
        return Ok(());
    }
    let places = places_written(added);
    let stats = stats(session, places.iter().map(|place| format!("{}/.git", git.at_top(place))).collect()).await;
    for place in places.iter().zip(stats).filter_map(|(place, stat)| stat.map(|_| place)) {
        let folder = format!("{place}/");
        let below: Vec<String> =
            added.iter().filter_map(|path| path.strip_prefix(&folder).map(str::to_owned)).collect();
        if below.is_empty() || module(session, git, place).await?.is_none() {
            continue;
        }
        let inside = git.submodule(place);
        let refs = files(session, &inside, below, target).await?;
        tell(session, inside, Vec::from_iter(refs)).await;
    }
    Ok(())
}

async fn tell<H: Host>(session: &Session<'_, H>, inside: Git, refs: Vec<String>) {
    if !refs.is_empty() {
        session.warn(&Line::Tree(Tree::Saved(inside.work_tree, refs))).await;
    }
}

/// Saves those of these paths at which something stands that is not tracked. The ref.
async fn files<H: Host>(
    session: &Session<'_, H>,
    inside: &Git,
    paths: Vec<String>,
    target: &Sha,
) -> Result<Option<String>, Trouble> {
    let files = keep::overwritten(session, inside, paths, &[], false, target).await?;
    match files.is_empty() {
        true => Ok(None),
        false => keep::keep_files(session, inside, &files, target).await.map(Some),
    }
}

/// What is checked out in a submodule; none where nothing is yet.
async fn head<H: Host>(session: &Session<'_, H>, inside: &Git) -> Result<Option<Sha>, Trouble> {
    match sha_told(&session.run(inside.head(), ATTEMPT).await?) {
        Ok(head) => Ok(Some(head)),
        Err(ProcessError::Refused { .. }) => Ok(None),
        Err(seen) => Err(trouble(seen)),
    }
}

/// Whether what was live had the submodule there: then its remote has that commit, though no branch may.
async fn is_pinned<H: Host>(session: &Session<'_, H>, git: &Git, path: &str, head: &Sha) -> Result<bool, Trouble> {
    let Some(from) = session.ledger.state.operation.as_ref().and_then(|operation| operation.from.clone()) else {
        return Ok(false);
    };
    let links = links_at(session, git, &from, &[path.to_owned()]).await?;
    Ok(links.iter().any(|link| link.pin == *head))
}

/// Which files it has can be told only of a commit that is here: fetched as git itself would, by branches first.
async fn fetch<H: Host>(session: &Session<'_, H>, inside: &Git, pin: &Sha) -> Result<(), Trouble> {
    if is_here(session, inside, pin).await? {
        return Ok(());
    }
    let by_branches = done(&session.run(inside.fetch_module(), ATTEMPT).await?);
    if by_branches.is_ok() && is_here(session, inside, pin).await? {
        return Ok(());
    }
    done(&session.run(inside.fetch_pin(pin), ATTEMPT).await?).map_err(trouble)
}

async fn is_here<H: Host>(session: &Session<'_, H>, inside: &Git, pin: &Sha) -> Result<bool, Trouble> {
    let answer = answered(&session.run(inside.has_commit(pin), ATTEMPT).await?).map_err(trouble)?;
    Ok(answer == Answer::Yes)
}

fn trouble(fault: ProcessError) -> Trouble {
    git_fault(ATTEMPT, fault, MEND)
}

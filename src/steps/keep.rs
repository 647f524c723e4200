//! Nothing a person could still need is destroyed: local changes of tracked files, and untracked or
//! ignored files that the reset would overwrite, are saved under a named ref first.

use std::rc::Rc;

use futures_util::future::try_join4;

use super::differences::between;
use super::standing::stats;
use super::survey::place;
use super::{Trouble, fault, git_fault, inside, locks, modules, owner};
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle};
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply, Run};
use crate::machine::Step;
use crate::machine::known::Known;
use crate::machine::operation::Operation;
use crate::messages::log::{Did, Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{
    Differences, Dirty, DirtyKind, Git, Hidden, Kept, KeptFacts, ProcessError, dirty_told, done, folders_of_odd,
    hidden_told, in_the_way, kept_message, kept_ref, names_told, odd_in_the_way, places_written, sha_told,
    standing_told, stash_told,
};

pub(super) const ATTEMPT: &Attempt = &Attempt::Keep;
pub(super) const MEND: Mend = Mend::PutAway;

/// Carries out the step; the note names the refs.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let target = operation.ask.target();
    let (git, place) = place(session).await?;
    // What was begun before another environment has taken over the work tree is not gone on with.
    owner::refuse(session, &place).await?;
    let mut refs = Vec::from_iter(keep_commits(session, &git).await?);
    // Asked at once: the work tree mostly stands at what is live.
    let live = session.live().unwrap_or_else(|| target.clone());
    let differences = differ(session, &git, &live, target);
    let (dirty, head, differences, hidden) =
        try_join4(ask(session, git.dirty()), ask(session, git.head()), differences, ask(session, git.hidden())).await?;
    let head = sha_told(&head).map_err(trouble)?;
    let hidden = hidden_told(&hidden).map_err(trouble)?;
    let dirty = modules::looked(session, &git, [&head, target], dirty).await?;
    let dirty =
        if show(session, &git, hidden, &head, target).await? { ask(session, git.dirty()).await? } else { dirty };
    let dirty = forget_intended(session, &git, dirty_told(&dirty).map_err(trouble)?).await?;
    let differences = if head == live { differences } else { differ(session, &git, &head, target).await? };
    let added = differences.added.clone();
    modules::settle(session, &git, &dirty).await?;
    refuse_odd(session, &git, &added).await?;
    let unmerged = dirty.iter().any(|one| one.kind == DirtyKind::Unmerged);
    if dirty.iter().any(|one| one.kind == DirtyKind::File) && !unmerged {
        refs.extend(stash(session, &git).await?);
    }
    inside::save_replaced(session, &git, &added, target).await?;
    let files = overwritten(session, &git, added, &dirty, unmerged, target).await?;
    if !files.is_empty() {
        refs.push(keep_files(session, &git, &files, target).await?);
    }
    if !refs.is_empty() && is_mixed(session, &head) {
        // Nobody's changes, as those were saved before that reset began; of a later run nobody knows.
        match is_undone_at_once(session) {
            true => session.log(&Line::Tree(Tree::HalfWritten(refs))).await,
            false => session.warn(&Line::Tree(Tree::Mixed(refs))).await,
        }
        return Ok(Did::Nothing);
    }
    if !refs.is_empty() {
        session.warn(&Line::Tree(Tree::Saved(git.work_tree, refs.clone()))).await;
    }
    Ok(Did::Saved(refs))
}

/// Whether a reset has failed half way, and nothing was put in place since: files are written, and HEAD stands where it
/// stood.
fn is_mixed<H: Host>(session: &Session<'_, H>, head: &Sha) -> bool {
    let live = session.ledger.state.live.as_ref();
    live.is_some_and(|live| live.known_by == Known::Mixed && live.sha == *head)
}

/// Whether the request under way follows from that reset, in the same run.
fn is_undone_at_once<H: Host>(session: &Session<'_, H>) -> bool {
    let operation = session.ledger.state.operation.as_ref();
    operation.is_some_and(|operation| operation.failed_before == Some(Step::Reset) && !operation.resumed)
}

/// Files that a person told git not to look at (`update-index --assume-unchanged` or `--skip-worktree`, to edit them
/// in peace): git keeps no edit of them, and its reset writes over it, or fails. Where it would, git is told to look
/// again. Whether it was. What does not stand there is of a sparse checkout, and stays away.
async fn show<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    hidden: Vec<Hidden>,
    head: &Sha,
    target: &Sha,
) -> Result<bool, Trouble> {
    if hidden.is_empty() {
        return Ok(false);
    }
    let differences = differ(session, git, head, target).await?;
    let is_written = |one: &Hidden| one.is_assumed || differences.changed.contains(&one.path);
    let paths: Vec<String> = hidden.into_iter().filter(is_written).map(|one| one.path).collect();
    let standing = stats(session, paths.iter().map(|path| git.at_top(path)).collect()).await;
    let paths: Vec<String> =
        paths.into_iter().zip(standing).filter(|(_, stat)| stat.is_some()).map(|(path, _)| path).collect();
    if paths.is_empty() {
        return Ok(false);
    }
    locks::free_index(session, git, ATTEMPT).await?;
    for run in git.show_hidden(&paths) {
        done(&ask(session, run).await?).map_err(trouble)?;
    }
    session.warn(&Line::Tree(Tree::Shown(paths))).await;
    Ok(true)
}

/// Files that a person only told git of (`git add -N`): it can stash nothing while it knows them so, and its reset
/// would delete them. They are not tracked any more afterwards, and are treated as such. What differs then.
async fn forget_intended<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    dirty: Vec<Dirty>,
) -> Result<Vec<Dirty>, Trouble> {
    let intended = dirty.iter().filter(|one| one.kind == DirtyKind::Intended);
    let paths: Vec<String> = intended.map(|one| one.path.clone()).collect();
    if paths.is_empty() {
        return Ok(dirty);
    }
    locks::free_index(session, git, ATTEMPT).await?;
    for run in git.forget_intended(&paths) {
        done(&ask(session, run).await?).map_err(trouble)?;
    }
    dirty_told(&ask(session, git.dirty()).await?).map_err(trouble)
}

/// git's fault while it asks what is to be kept.
pub(super) fn trouble(fault: ProcessError) -> Trouble {
    git_fault(ATTEMPT, fault, MEND)
}

/// A question of the step that keeps what is a person's.
pub(super) async fn ask<H: Host>(session: &Session<'_, H>, run: Run) -> Result<Reply, Trouble> {
    Ok(session.run(run, ATTEMPT).await?)
}

async fn differ<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    from: &Sha,
    to: &Sha,
) -> Result<Rc<Differences>, Trouble> {
    between(session, git, from, to, ATTEMPT).await?.map_err(trouble)
}

/// Commits that were made on the machine, and that nothing would name after the reset. What came from the
/// remote needs no question.
async fn keep_commits<H: Host>(session: &Session<'_, H>, git: &Git) -> Result<Option<String>, Trouble> {
    let state = &session.ledger.state;
    let fetched = |sha: &Sha| state.records.get(sha).is_some_and(|record| record.commit.is_some());
    if state.live.as_ref().is_some_and(|live| fetched(&live.sha)) {
        return Ok(None);
    }
    name_head(session, git).await
}

/// Names what is checked out, where nothing that a reset leaves alone does.
pub(super) async fn name_head<H: Host>(session: &Session<'_, H>, git: &Git) -> Result<Option<String>, Trouble> {
    if !names_told(&ask(session, git.holders()).await?).map_err(trouble)?.is_empty() {
        return Ok(None);
    }
    let head = sha_told(&ask(session, git.head()).await?).map_err(trouble)?;
    let name = kept_ref(Kept::Commits, session.now().await);
    done(&ask(session, git.save_ref(&name, &head)).await?).map_err(trouble)?;
    Ok(Some(name))
}

pub(super) async fn stash<H: Host>(session: &Session<'_, H>, git: &Git) -> Result<Option<String>, Trouble> {
    // A reset that was killed leaves both: files that differ, and the lock that a stash needs.
    locks::free_index(session, git, ATTEMPT).await?;
    let reply = ask(session, git.create_stash()).await?;
    let Some(commit) = stash_told(&reply).map_err(trouble)? else {
        return Ok(None);
    };
    let name = kept_ref(Kept::Stash, session.now().await);
    let reply = ask(session, git.save_ref(&name, &commit)).await?;
    done(&reply).map_err(trouble)?;
    Ok(Some(name))
}

/// A name that is not UTF-8 cannot be looked at from here: git alone can tell that nothing has it.
async fn refuse_odd<H: Host>(session: &Session<'_, H>, git: &Git, added: &[String]) -> Result<(), Trouble> {
    for run in git.standing(&folders_of_odd(added)) {
        let standing = standing_told(&ask(session, run).await?).map_err(trouble)?;
        let all = [standing.repositories, standing.files].concat();
        if let Some(path) = odd_in_the_way(added, &all) {
            return Err(fault(ATTEMPT, Astray::OddName(path), MEND));
        }
    }
    Ok(())
}

/// Files that are not tracked and stand where the target's files go, and files in a conflict.
pub(super) async fn overwritten<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    added: Vec<String>,
    dirty: &[Dirty],
    unmerged: bool,
    target: &Sha,
) -> Result<Vec<String>, Trouble> {
    session.stood.take();
    let mut files: Vec<String> = Vec::new();
    if unmerged {
        files.extend(dirty.iter().map(|one| one.path.clone()));
    }
    let mut written: Vec<String> = dirty.iter().map(|one| one.path.clone()).collect();
    written.extend(added);
    if written.is_empty() {
        return Ok(files);
    }
    let places = places_written(&written);
    let paths = places.iter().map(|place| git.at_top(place)).collect();
    let stats = match session.host.perform(Command::Stat { paths }).await {
        Reply::Stats { stats } => stats,
        other => return Err(fault(ATTEMPT, Rebuff::from(other), MEND)),
    };
    let stood = places.iter().zip(&stats).filter_map(|(place, stat)| Some((place.clone(), stat.clone()?)));
    session.stood.replace(Some(stood.collect()));
    let blocking = in_the_way(&written, &places, &stats);
    for run in git.standing(&blocking).into_iter().filter(|_| !blocking.is_empty()) {
        let standing = standing_told(&ask(session, run).await?).map_err(trouble)?;
        modules::pass(session, git, &standing.repositories, target).await?;
        files.extend(standing.files);
    }
    Ok(files)
}

pub(super) fn index<H: Host>(session: &Session<'_, H>) -> String {
    format!("{}/index", session.with.state_folder)
}

fn message<H: Host>(session: &Session<'_, H>) -> String {
    format!("{}.message", index(session))
}

/// Whether it is the name of a file that `forget` takes away.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    matches!(name, "index" | "index.lock" | "index.message")
}

/// Takes away what a run left that was killed in here: the lock is ours, so nobody is at work with it.
pub async fn forget<H: Host>(session: &Session<'_, H>) {
    for path in [index(session), format!("{}.lock", index(session)), message(session)] {
        session.host.perform(Command::Remove { path }).await;
    }
}

/// What is written beside the files, so that they can be put back as they were. Nothing where an earlier run
/// was killed in the reset: then what stands there may be the target's own, or half of it.
async fn facts<H: Host>(session: &Session<'_, H>, git: &Git, files: &[String], target: &Sha) -> Option<KeptFacts> {
    if session.ledger.state.operation.as_ref().is_none_or(|operation| operation.half_done) {
        return None;
    }
    let places = places_written(files);
    let stats = stats(session, places.iter().map(|place| git.at_top(place)).collect()).await;
    Some(KeptFacts::of(target, &places, &stats))
}

pub(super) async fn keep_files<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    files: &[String],
    target: &Sha,
) -> Result<String, Trouble> {
    let now = session.now().await;
    let index = index(session);
    forget(session).await;
    for run in git.keep_files(&index, files) {
        done(&ask(session, run).await?).map_err(trouble)?;
    }
    let head = sha_told(&ask(session, git.head()).await?).map_err(trouble)?;
    let tree = sha_told(&ask(session, git.write_tree(&index)).await?).map_err(trouble)?;
    let (path, text) = (message(session), kept_message(facts(session, git, files, target).await.as_ref()));
    match session.host.perform(Command::Replace { path: path.clone(), text }).await {
        Reply::Done => {}
        other => return Err(fault(ATTEMPT, Obstacle::Unwritten(path, other.into()), MEND)),
    }
    let commit = sha_told(&ask(session, git.commit_tree(&tree, &head, &path)).await?).map_err(trouble)?;
    let name = kept_ref(Kept::Files, now);
    done(&ask(session, git.save_ref(&name, &commit)).await?).map_err(trouble)?;
    forget(session).await;
    Ok(name)
}

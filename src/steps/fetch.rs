//! Fetch the exact SHA, and prove where it stands: on the branch, and before or after what is live.
//! Nothing that is live is touched.

use futures_util::future::try_join4;

use super::survey::{place, repository};
use super::{Trouble, ahead, fault, git_fault, locks};
use crate::failure::reason::{Astray, Attempt, Mend};
use crate::host::{Host, Reply, Run};
use crate::machine::entry::{Commit, Forward, Placed, Relation};
use crate::machine::operation::Operation;
use crate::machine::{Ask, Decision, Fact, Step, decide};
use crate::messages::log::{Did, Line, Tree};
use crate::messages::{Notice, NoticeKind};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{
    Answer, Credentials, Git, ProcessError, Shallow, answered, commit_facts_told, done, listed_tip, remote_url_told,
    sha_told,
};
use crate::tools::letters::shortened;

const ATTEMPT: &Attempt = &Attempt::Fetch;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let sha = operation.ask.target().clone();
    let live = session.live();
    ahead::begin(session);
    let arrive = arrive(session, &sha, live.as_ref(), &operation.with.branch);
    let Arrived { commit, placed, relation } = ahead::beside(session, arrive).await?;
    let forward = forward(session, &sha, live.as_ref(), relation).await?;
    let did = Did::Fetched(sha.clone(), commit.subject.clone());
    session.add(Fact::Fetched { commit, placed, relation, forward }).await;
    announce(session, &sha).await;
    Ok(did)
}

/// A commit that is here now, and where it stands.
struct Arrived {
    commit: Commit,
    placed: Placed,
    relation: Relation,
}

async fn arrive<H: Host>(
    session: &Session<'_, H>,
    sha: &Sha,
    live: Option<&Sha>,
    branch: &str,
) -> Result<Arrived, Trouble> {
    let git = with_credentials(session, repository(session).await?).await?;
    fetch(session, &git, sha, branch).await?;
    let (has_lfs, tip, commit, relation) = try_join4(
        // The longest first.
        names_lfs(session, &git, sha),
        ask_sha(session, &git, branch),
        commit(session, &git, sha),
        relation(session, &git, sha, live),
    )
    .await?;
    if commit.sha != *sha {
        return Err(fault(ATTEMPT, Astray::TagOf(commit.sha.clone()), Mend::GiveCommit(commit.sha)));
    }
    let on_branch = is_ancestor(session, &git, sha, &tip).await?;
    if has_lfs && on_branch && relation != Relation::Same {
        lfs(session, &git, sha).await?;
    }
    let placed = if on_branch { Placed::OnBranch } else { Placed::OffBranch };
    // A branch that was put back before what is live has not been overtaken by it: it has left it.
    let is_left = match live.filter(|_| relation == Relation::Older && on_branch) {
        Some(live) => !is_ancestor(session, &git, live, &tip).await?,
        None => false,
    };
    let relation = if is_left { Relation::Diverged } else { relation };
    Ok(Arrived { commit, placed, relation })
}

/// A deploy is told once it is known that it goes ahead: a superseded one is no news.
async fn announce<H: Host>(session: &Session<'_, H>, sha: &Sha) {
    let state = &session.ledger.state;
    let deploy = state.operation.as_ref().filter(|operation| matches!(operation.ask, Ask::Deploy { .. }));
    if deploy.is_some_and(|deploy| decide(state, deploy.since) == Decision::Do(Step::Compare)) {
        session.tell(Notice::about(state, sha, NoticeKind::Started)).await;
    }
}

pub(super) async fn with_credentials<H: Host>(session: &Session<'_, H>, mut git: Git) -> Result<Git, Trouble> {
    let Some(token) = &session.config.secrets.token else {
        return Ok(git);
    };
    let known = session.remote.borrow().clone();
    let url = match known {
        Some(url) => url,
        None => {
            let reply = session.run(git.remote_url(), ATTEMPT).await?;
            remote_url_told(&reply).map_err(|fault| git_fault(ATTEMPT, fault, Mend::NameRemote))?
        }
    };
    git.credentials = Credentials::of(url.as_deref(), &session.config.origin.server_url, token);
    session.remote.replace(Some(url));
    Ok(git)
}

/// Asks beforehand what a fetch needs to know and nothing but a person changes. What cannot be told now is
/// asked again, and told, by whoever needs it.
pub async fn prepare<H: Host>(session: &Session<'_, H>) {
    if let Ok(git) = repository(session).await {
        let _ = with_credentials(session, git).await;
    }
}

/// Asks the remote; once more where a lock stood in the way that a git left which was killed.
async fn unlocked<H: Host>(session: &Session<'_, H>, git: &Git, run: Run, branch: &str) -> Result<Reply, Trouble> {
    let reply = session.run(run.clone(), ATTEMPT).await?;
    if done(&reply).is_ok() || !locks::free_fetch(session, git, ATTEMPT, branch).await? {
        return Ok(reply);
    }
    Ok(session.run(run, ATTEMPT).await?)
}

async fn fetch<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha, branch: &str) -> Result<(), Trouble> {
    let reply = unlocked(session, git, git.fetch_sha(sha, branch), branch).await?;
    if let Err(first) = done(&reply) {
        // Refused for one of two reasons that only asking again tells apart.
        let reply = session.run(git.fetch_branch(branch), ATTEMPT).await?;
        if let Err(second) = done(&reply) {
            return Err(no_branch(session, git, branch, first, second).await?);
        }
        let reply = session.run(git.has_commit(sha), ATTEMPT).await?;
        if done(&reply).is_err() {
            return Err(fault(ATTEMPT, Astray::NotKnown(sha.clone()), Mend::PushAgain));
        }
    }
    let shallow = place(session).await?.1.shallow;
    if shallow == Shallow::Yes {
        session.log(&Line::Tree(Tree::Shallow)).await;
        let reply = unlocked(session, git, git.unshallow(branch), branch).await?;
        done(&reply).map_err(|fault| git_fault(&Attempt::Deepen, fault, Mend::Unshallow))?;
        session.repository.borrow_mut().take();
    }
    Ok(())
}

/// Why nothing of the branch could be fetched: the remote has no such branch, has another name, or is out of reach.
async fn no_branch<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    branch: &str,
    first: ProcessError,
    second: ProcessError,
) -> Result<Trouble, Trouble> {
    // A git that was ended or found no time would find none for this question either.
    if matches!(second, ProcessError::Refused { .. }) {
        let reply = session.run(git.list_branch(branch), ATTEMPT).await?;
        if listed_tip(&reply) == Ok(None) {
            return Ok(fault(ATTEMPT, Astray::NoBranch(branch.to_owned()), Mend::SetBranch));
        }
    }
    let is_named = remote_url_told(&session.run(git.remote_url(), ATTEMPT).await?) != Ok(None);
    let mend = match &first {
        // `release` was a branch, and `release/1` is one by now.
        ProcessError::Refused { tail, .. } if tail.contains("cannot lock ref") && tail.contains("' exists") => {
            Mend::PruneRemote(git.top().to_owned())
        }
        _ if is_named => Mend::ReachRemote,
        _ => Mend::NameRemote,
    };
    Ok(git_fault(ATTEMPT, first, mend))
}

/// LFS files come now, while there is a token for the remote: a reset has none, and would stop in the
/// middle. Without git-lfs the reset leaves pointers, which are found then.
async fn lfs<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha) -> Result<(), Trouble> {
    let attempt = &Attempt::FetchLfs;
    if done(&session.run(git.lfs_version(), attempt).await?).is_err() {
        return Ok(());
    }
    let reply = session.run(git.lfs_fetch(sha), attempt).await?;
    done(&reply).map_err(|fault| git_fault(attempt, fault, Mend::ReadLfs))
}

async fn names_lfs<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha) -> Result<bool, Trouble> {
    Ok(answered(&session.run(git.names_lfs(sha), ATTEMPT).await?) == Ok(Answer::Yes))
}

async fn ask_sha<H: Host>(session: &Session<'_, H>, git: &Git, branch: &str) -> Result<Sha, Trouble> {
    let reply = session.run(git.branch_tip(branch), ATTEMPT).await?;
    sha_told(&reply).map_err(|fault| git_fault(ATTEMPT, fault, Mend::NameBranch))
}

async fn commit<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha) -> Result<Commit, Trouble> {
    let reply = session.run(git.commit_facts(sha), ATTEMPT).await?;
    let facts = commit_facts_told(&reply).map_err(|fault| git_fault(ATTEMPT, fault, Mend::Unknown))?;
    let short = |text: String| shortened(&text, 200);
    // The event knows the author's login, too; whoever caused the run may be somebody else.
    let change = &session.config.origin.change;
    let told = Some(&change.author).filter(|_| change.sha.as_ref() == Some(sha));
    let known = session.ledger.state.records.get(sha).and_then(|record| Some(&record.commit.as_ref()?.author));
    let login = [told, known].into_iter().flatten().find(|author| author.starts_with('@'));
    let (author, subject) = (login.cloned().unwrap_or_else(|| short(facts.author)), short(facts.subject));
    Ok(Commit { sha: facts.sha, author, subject, committed: Some(facts.committed_ms) })
}

/// Whether `older` is an ancestor of `newer`, or the same.
pub(crate) async fn is_ancestor<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    older: &Sha,
    newer: &Sha,
) -> Result<bool, Trouble> {
    if older == newer {
        return Ok(true);
    }
    let reply = session.run(git.is_ancestor(older, newer), ATTEMPT).await?;
    let answer = answered(&reply).map_err(|fault| git_fault(&Attempt::Commits, fault, Mend::Unknown))?;
    Ok(answer == Answer::Yes)
}

/// How a commit stands to what is live; Err when one of them is not here.
pub(crate) async fn relation<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    sha: &Sha,
    live: Option<&Sha>,
) -> Result<Relation, Trouble> {
    let Some(live) = live else {
        return Ok(Relation::Newer);
    };
    if live == sha {
        return Ok(Relation::Same);
    }
    if is_ancestor(session, git, live, sha).await? {
        return Ok(Relation::Newer);
    }
    Ok(if is_ancestor(session, git, sha, live).await? { Relation::Older } else { Relation::Diverged })
}

async fn forward<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    live: Option<&Sha>,
    relation: Relation,
) -> Result<Forward, Trouble> {
    let validated = session.ledger.state.validated.last().map(|validated| &validated.sha);
    let is_known = validated == live && matches!(relation, Relation::Newer | Relation::Same);
    if is_known { Ok(Forward::Yes) } else { super::forward::perform(session, sha).await }
}

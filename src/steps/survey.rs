//! What is really there before anything is asked: the repository, and the SHA that the work tree
//! stands at. A first run takes it as the baseline; a later one believes it over the ledger.

use futures_util::future::try_join;

use super::{Trouble, ahead, fetch, git_fault, owner};
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend};
use crate::host::Host;
use crate::machine::operation::Operation;
use crate::machine::{Fact, Step};
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Git, RepositoryLayout, place_found, sha_told};

const ATTEMPT: &Attempt = &Attempt::Tree;

/// The repository of this run's environment, found once.
pub async fn repository<H: Host>(session: &Session<'_, H>) -> Result<Git, Trouble> {
    Ok(place(session).await?.0)
}

/// The repository, and where it lives.
pub async fn place<H: Host>(session: &Session<'_, H>) -> Result<(Git, RepositoryLayout), Trouble> {
    let settings = session.settings();
    let known = session.repository.borrow().clone();
    if let Some(known) = known.filter(|(git, _)| git.work_tree == settings.app_path) {
        return Ok(known);
    }
    let mend = Mend::OwnTree(settings.app_path.clone());
    let git = Git::at(&settings.app_path, session.env);
    let reply = session.run(git.place(), ATTEMPT).await?;
    let place = place_found(&reply).map_err(|fault| git_fault(ATTEMPT, fault, mend))?;
    let mut git = git.placed(&place);
    git.lock = Some(session.with.lock());
    *session.repository.borrow_mut() = Some((git.clone(), place.clone()));
    Ok((git, place))
}

/// What is live; where nothing is known of that, where the work tree stands. None: git does not tell.
pub async fn live_or_head<H: Host>(session: &Session<'_, H>, git: &Git) -> Result<Option<Sha>, Failure> {
    match session.live() {
        Some(live) => Ok(Some(live)),
        None => Ok(sha_told(&session.run(git.head(), ATTEMPT).await?).ok()),
    }
}

/// Compares the work tree with the ledger, and adds what the ledger did not know. While a request
/// is under way the work tree is in its hands, and says nothing.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<(), Trouble> {
    survey(session, AfterSurvey::Unknown).await
}

/// The same; beside it, asks what the fetch that follows needs to know.
pub async fn before_fetch<H: Host>(session: &mut Session<'_, H>) -> Result<(), Trouble> {
    survey(session, AfterSurvey::Fetch).await
}

#[derive(PartialEq)]
enum AfterSurvey {
    Fetch,
    Unknown,
}

async fn survey<H: Host>(session: &mut Session<'_, H>, next: AfterSurvey) -> Result<(), Trouble> {
    if session.ledger.state.operation.is_some() {
        return Ok(());
    }
    let bare = Git::at(&session.settings().app_path, session.env);
    let head = async { Ok::<_, Trouble>(session.run(bare.head(), ATTEMPT).await?) };
    let tree = async {
        let (_, place) = place(session).await?;
        if next == AfterSurvey::Fetch {
            fetch::prepare(session).await;
        }
        Ok(place)
    };
    let (place, reply) = ahead::beside(session, try_join(tree, head)).await?;
    owner::claim(session, &place).await?;
    let head = sha_told(&reply).map_err(|fault| git_fault(ATTEMPT, fault, Mend::FirstCommit))?;
    match session.live() {
        None => {
            session.log(&Line::Tree(Tree::Baseline(head.clone()))).await;
            session.add(Fact::Baseline { sha: head }).await;
        }
        Some(live) if live != head => {
            session.warn(&Line::Tree(Tree::Moved(head.clone(), Some(live)))).await;
            session.add(Fact::Found { sha: head }).await;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Where the work tree stands, when that is neither where the unfinished request found it nor where it may
/// have put it. Asked before that request goes on; a git that does not answer proves nothing.
pub async fn moved_meanwhile<H: Host>(session: &Session<'_, H>) -> Result<Option<Sha>, Failure> {
    let Some(operation) = session.ledger.state.operation.clone().filter(Operation::touched) else {
        return Ok(None);
    };
    let git = match repository(session).await {
        Ok(git) => git,
        Err(Trouble::Stop(failure)) => return Err(failure),
        Err(Trouble::Fault { .. }) => return Ok(None),
    };
    let head = sha_told(&session.run(git.head(), ATTEMPT).await?).ok();
    let is_past_reset = matches!(operation.began, Some(Step::Command | Step::Restore | Step::Compose));
    let expected =
        |head: &Sha| head == operation.ask.target() || (!is_past_reset && operation.from.as_ref() == Some(head));
    Ok(head.filter(|head| !expected(head)))
}

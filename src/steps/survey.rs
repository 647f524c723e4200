//! What is really there before anything is asked: the repository, and the SHA that the work tree
//! stands at. A first run takes it as the baseline; a later one believes it over the ledger.

use std::collections::BTreeMap;

use futures_util::future::try_join;

use super::{Trouble, ahead, fetch, git_fault, owner};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend};
use crate::host::Host;
use crate::machine::operation::Operation;
use crate::machine::{Fact, Step};
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Git, ProcessError, RepositoryLayout, place_found, sha_told};
use crate::tools::path::is_within;

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
    let git = Git::at(&settings.app_path, session.env);
    let reply = session.run(git.place(), ATTEMPT).await?;
    let place = match (place_found(&reply), renamed(session, &settings)) {
        (Ok(place), _) => place,
        (Err(ProcessError::NoFolder), Some(top)) => {
            let reply = session.run(Git::at(&top, session.env).place(), ATTEMPT).await?;
            place_found(&reply).map_err(|fault| git_fault(ATTEMPT, fault, Mend::OwnTree(top)))?
        }
        (Err(fault), _) => {
            let is_elsewhere = fault == ProcessError::NoFolder && is_hosted(session.env);
            let mend = if is_elsewhere { Mend::RunsOn } else { Mend::OwnTree(settings.app_path) };
            return Err(git_fault(ATTEMPT, fault, mend));
        }
    };
    let mut git = git.placed(&place);
    git.lock = Some(session.with.lock());
    *session.repository.borrow_mut() = Some((git.clone(), place.clone()));
    Ok((git, place))
}

/// Whether this is one of GitHub's machines, as their runners say.
/// <https://docs.github.com/actions/reference/workflows-and-actions/variables#default-environment-variables>
#[must_use]
pub fn is_hosted(env: &BTreeMap<String, String>) -> bool {
    env.get("RUNNER_ENVIRONMENT").is_some_and(|kind| kind == "github-hosted")
}

/// The clone that a folder is to come to with a version: one of this environment's, known by its ledger.
fn renamed<H: Host>(session: &Session<'_, H>, settings: &Environment) -> Option<String> {
    let known = session.ledger.state.with.as_deref();
    let tops = [Some(settings), known].into_iter().flatten().map(|with| &with.top);
    tops.filter(|top| !top.is_empty() && is_within(&settings.app_path, top)).map(String::clone).next()
}

/// These settings, with the clone that they are about, as the ledger keeps them.
pub fn located<H: Host>(session: &Session<'_, H>, with: Environment) -> Box<Environment> {
    let known = session.repository.borrow();
    let top = known.as_ref().filter(|(git, _)| git.work_tree == with.app_path).map(|(git, _)| git.top().to_owned());
    Box::new(Environment { top: top.unwrap_or_else(|| with.top.clone()), ..with })
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
    let head = match sha_told(&reply) {
        Err(ProcessError::NoFolder) => sha_told(&session.run(repository(session).await?.head(), ATTEMPT).await?),
        head => head,
    };
    let head = head.map_err(|fault| git_fault(ATTEMPT, fault, Mend::FirstCommit))?;
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

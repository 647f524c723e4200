//! Whether validating a SHA moves the rollback point forward. A validated SHA that the branch has lost (it
//! was rewritten) is no measure, and no rollback target any more: the ledger is told.

use super::fetch::is_ancestor;
use super::survey::repository;
use super::{Trouble, git_fault};
use crate::failure::reason::{Attempt, Mend};
use crate::host::Host;
use crate::machine::Fact;
use crate::machine::entry::Forward;
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Answer, Git, answered, sha_told};

const ATTEMPT: &Attempt = &Attempt::Validated;

/// Asks git; what is not known is no.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Forward, Trouble> {
    while let Some(validated) = session.ledger.state.measure().cloned() {
        let git = repository(session).await?;
        match stands(session, &git, &validated, sha).await {
            Ok(Stands::Before) => return Ok(Forward::Yes),
            Ok(Stands::Elsewhere) => return Ok(Forward::No),
            Ok(Stands::Nowhere) => {}
            // A fresh clone of a branch that was rewritten has never seen it, and git calls that an error.
            Err(trouble) => {
                if is_here(session, &git, &validated).await? {
                    return Err(trouble);
                }
            }
        }
        session.warn(&Line::Tree(Tree::Dropped(validated.clone()))).await;
        session.add(Fact::Dropped { sha: validated.clone() }).await;
        session.write().await?;
        super::point::write(session).await;
    }
    Ok(Forward::Yes)
}

/// Whether the branch, as it was last fetched, has lost this SHA: it was rewritten. What CI says of it moves nothing.
pub async fn is_lost<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<bool, Trouble> {
    let git = repository(session).await?;
    match sha_told(&session.run(git.branch_tip(&session.settings().branch), ATTEMPT).await?) {
        Ok(tip) => Ok(!is_ancestor(session, &git, sha, &tip).await?),
        Err(_) => Ok(false),
    }
}

/// Where a validated SHA is.
enum Stands {
    /// Before the one that is asked about, or of another branch than what is live now.
    Before,
    /// On the branch, and not before it; or nobody knows.
    Elsewhere,
    /// On the branch no more.
    Nowhere,
}

async fn stands<H: Host>(session: &Session<'_, H>, git: &Git, validated: &Sha, sha: &Sha) -> Result<Stands, Trouble> {
    if is_ancestor(session, git, validated, sha).await? {
        return Ok(Stands::Before);
    }
    let branch = session.settings().branch;
    // Of a branch that is only tried the one before has lost nothing, and is what is gone back to.
    let state = &session.ledger.state;
    let is_live = |sha: &Sha| state.is_live(sha);
    let noted = state.records.get(validated).and_then(|record| record.with.as_ref());
    let own = noted.or(state.with.as_ref().filter(|_| is_live(validated)));
    let own = own.map_or_else(|| branch.clone(), |with| with.branch.clone());
    let is_put = state.operation.as_ref().is_some_and(|operation| operation.ask.target() == sha) || is_live(sha);
    let tip = sha_told(&session.run(git.branch_tip(&own), ATTEMPT).await?);
    let Ok(tip) = tip else {
        return Ok(Stands::Elsewhere);
    };
    Ok(match is_ancestor(session, git, validated, &tip).await? {
        true if own == branch || !is_put => Stands::Elsewhere,
        true => Stands::Before,
        false => Stands::Nowhere,
    })
}

async fn is_here<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha) -> Result<bool, Trouble> {
    let reply = session.run(git.has_commit(sha), ATTEMPT).await?;
    let answer = answered(&reply).map_err(|fault| git_fault(ATTEMPT, fault, Mend::Unknown))?;
    Ok(answer == Answer::Yes)
}

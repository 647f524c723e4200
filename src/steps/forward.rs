//! Whether validating a SHA moves the rollback point forward. A validated SHA that the branch has lost (it
//! was rewritten) is no measure, and no rollback target any more: the ledger is told.

use super::Trouble;
use super::fetch::is_ancestor;
use super::survey::repository;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::Fact;
use crate::machine::entry::Forward;
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::sha_told;

const ATTEMPT: &Attempt = &Attempt::Validated;

/// Asks git; what is not known is no.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Forward, Trouble> {
    while let Some(validated) = session.ledger.state.validated.last().map(|one| one.sha.clone()) {
        let git = repository(session).await?;
        if is_ancestor(session, &git, &validated, sha).await? {
            return Ok(Forward::Yes);
        }
        let tip = sha_told(&session.run(git.branch_tip(&session.settings().branch), ATTEMPT).await?);
        let Ok(tip) = tip else {
            return Ok(Forward::No);
        };
        if is_ancestor(session, &git, &validated, &tip).await? {
            return Ok(Forward::No);
        }
        let text = format!("{} was validated, and is on the branch no more: no rollback goes there", validated.short());
        session.warn(&text).await;
        session.add(Fact::Dropped { sha: validated.clone() }).await;
        super::point::forget(session, &validated).await;
    }
    Ok(Forward::Yes)
}

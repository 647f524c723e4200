//! Where a dry run reads commits: production's own clone has not fetched what it would get, and the work tree
//! that promotes come from has it, on this machine. Nothing is fetched, and nothing is written in either.

use super::Trouble;
use super::evidence::Evidence;
use super::survey::repository;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Answer, Git, answered, place_found};

const ATTEMPT: &Attempt = &Attempt::Promote;

/// The repository that knows this commit: this environment's own, else the other's; where neither does, its own.
pub async fn of<H: Host>(session: &Session<'_, H>, sha: &Sha, evidence: &Evidence) -> Result<Git, Trouble> {
    let own = repository(session).await?;
    if has(session, &own, sha).await? {
        return Ok(own);
    }
    let kept = evidence.state.as_ref().and_then(|state| state.with.as_deref());
    let Some(from) = session.config.from.as_deref().or(kept).filter(|from| !from.app_path.is_empty()) else {
        return Ok(own);
    };
    let other = Git::at(&from.app_path, session.env);
    let Ok(place) = place_found(&session.run(other.place(), ATTEMPT).await?) else {
        return Ok(own);
    };
    let other = other.placed(&place);
    Ok(if has(session, &other, sha).await? { other } else { own })
}

async fn has<H: Host>(session: &Session<'_, H>, git: &Git, sha: &Sha) -> Result<bool, Trouble> {
    Ok(answered(&session.run(git.has_commit(sha), ATTEMPT).await?) == Ok(Answer::Yes))
}

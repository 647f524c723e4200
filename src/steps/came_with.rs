//! Files that a deploy command names and that came with the version that is undone: a version from before them was at
//! work without the command, and goes live again without it.

use super::Trouble;
use super::differences::between;
use super::neighbours::in_repository;
use super::standing::exists;
use super::survey::repository;
use crate::environment::Environment;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::Ask;
use crate::machine::operation::Operation;
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::path::absolute;

/// What this request puts something earlier in place of.
pub fn undone(operation: &Operation) -> Option<&Sha> {
    match &operation.ask {
        Ask::Rollback { undo, .. } => undo.as_ref().or(operation.from.as_ref()),
        Ask::Deploy { sha, .. } | Ask::Promote { sha, .. } => Some(sha),
    }
}

/// Which file of `later` the deploy command names that `earlier` does not have, as it is written there; none where this
/// command has made `earlier`, or git does not tell. `is_reset`: whether the work tree is at `earlier` already.
pub async fn file<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    later: &Sha,
    earlier: &Sha,
    is_reset: bool,
) -> Result<Option<String>, Trouble> {
    let words = paths(&with.deploy_command);
    if words.is_empty() || later == earlier || was_made(session, earlier) {
        return Ok(None);
    }
    let git = repository(session).await?;
    let Ok(told) = between(session, &git, later, earlier, &Attempt::Commits).await? else {
        return Ok(None);
    };
    // The first word that means a file is the command's own: what follows may be written by it.
    for word in words.into_iter().filter(|_| !told.removed.is_empty()) {
        let path = absolute(&with.app_path, word);
        let stands = exists(session, path.clone()).await;
        // Not git's in the earlier one, and put back by the reset.
        if is_reset && stands {
            return Ok(None);
        }
        let tracked = in_repository(session, &path).await?;
        if tracked.is_some_and(|path| told.removed.contains(&path)) {
            return Ok(Some(word.clone()));
        }
        if stands {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The words of a command that may be paths: neither flags nor a program that is looked up.
fn paths(command: &[String]) -> Vec<&String> {
    let is_path = |(at, word): &(usize, &String)| !word.starts_with('-') && (*at > 0 || word.contains('/'));
    command.iter().enumerate().filter(is_path).map(|(_, word)| word).filter(|word| !word.contains('\n')).collect()
}

/// Whether a version was put live here: by its own settings, and so by its own command.
fn was_made<H: Host>(session: &Session<'_, H>, sha: &Sha) -> bool {
    let state = &session.ledger.state;
    let is_healthy = state.records.get(sha).is_some_and(|record| record.healthy_at.is_some());
    is_healthy && state.baseline.as_ref() != Some(sha)
}

//! Files that a deploy command names and that came with the version that is undone: a version from before them was at
//! work without the command, and goes live again without it.

use super::Trouble;
use super::differences::between;
use super::neighbours::in_repository;
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

/// Which file of `later` the deploy command names that `earlier` does not have, as it is written there; none where git
/// does not tell.
pub async fn file<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    (later, earlier): (&Sha, &Sha),
) -> Result<Option<String>, Trouble> {
    // Neither a flag nor a program that is looked up.
    let is_path = |word: &&String, is_program: bool| !word.starts_with('-') && (!is_program || word.contains('/'));
    let words = with.deploy_command.iter().enumerate().filter(|(at, word)| is_path(word, *at == 0));
    let words: Vec<&String> = words.map(|(_, word)| word).filter(|word| !word.contains('\n')).collect();
    if words.is_empty() || later == earlier {
        return Ok(None);
    }
    let git = repository(session).await?;
    let Ok(told) = between(session, &git, (later, earlier), &Attempt::Commits).await? else {
        return Ok(None);
    };
    for word in words.into_iter().filter(|_| !told.removed.is_empty()) {
        let path = in_repository(session, &absolute(&with.app_path, word)).await?;
        if path.is_some_and(|path| told.removed.contains(&path)) {
            return Ok(Some(word.clone()));
        }
    }
    Ok(None)
}

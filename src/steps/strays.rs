//! After a reset that failed before git moved HEAD: whether it has written anything, and the files that only its target
//! has are removed again. They would count as the machine's own from then on, and come back with a later rollback.

use futures_util::future::try_join;

use super::standing::stats;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::messages::log::{Line, Tree};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Git, differences_told, dirty_told, places_written, strays};

const ATTEMPT: &Attempt = &Attempt::Reset;

/// Whether a tracked file differs from HEAD, or one was written that only the target has; true when that is not known.
/// What was written so is gone afterwards. Whatever stood in its place was saved just before.
pub async fn clear<H: Host>(session: &Session<'_, H>, git: &Git, head: &Sha, target: &Sha) -> Result<bool, Failure> {
    let ask = |run| session.run(run, ATTEMPT);
    let (dirty, added) = try_join(ask(git.dirty()), ask(git.differences(head, target))).await?;
    let (Ok(dirty), Ok(added)) = (dirty_told(&dirty), differences_told(&added).map(|told| told.added)) else {
        return Ok(true);
    };
    if added.is_empty() {
        return Ok(!dirty.is_empty());
    }
    let places = places_written(&added);
    let stats = stats(session, places.iter().map(|place| git.at_top(place)).collect()).await;
    let Some(stood) = session.stood.take().filter(|_| stats.len() == places.len()) else {
        return Ok(true);
    };
    let strays = strays(&added, &places, &stats, &stood);
    for run in git.remove_strays(&strays, &stood) {
        ask(run).await?;
    }
    if !strays.is_empty() {
        session.log(&Line::Tree(Tree::Unwritten(strays.clone()))).await;
    }
    Ok(!dirty.is_empty() || !strays.is_empty())
}

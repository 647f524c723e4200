//! What a dead watcher left: a live SHA whose CI nobody follows is looked at once, by whatever runs next.

use super::watch::{question, settle_locked};
use crate::environment::Watch;
use crate::failure::Failure;
use crate::host::{Command, Host, Reply};
use crate::machine::State;
use crate::machine::state::Watched;
use crate::machine::verdict::{Doubt, Verdict};
use crate::session::Session;
use crate::steps::look::{Memory, Seen, look};
use crate::steps::{Trouble, survey};
use crate::time::Millis;

/// A SHA whose CI nobody follows any more (its watcher died, or the run that deployed it before it could
/// say who follows) is looked at once, by whatever runs next. The lock must be held.
pub async fn pick_up<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    let now = session.now().await;
    let Some(watch) = session.ledger.state.watch.clone().or_else(|| unfollowed(&session.ledger.state)) else {
        return Ok(());
    };
    look_at_tree(session).await?;
    if session.live().as_ref() != Some(&watch.sha) || is_followed(session, watch.how, watch.until, now).await {
        return Ok(());
    }
    let Some(api) = session.api().await else {
        return Ok(());
    };
    session.say(format!("nobody follows CI of {} any more: looking once", watch.sha.short())).await;
    let seen = look(session, &api, &question(session, &api, &watch.sha), &mut Memory::default()).await?;
    let over = now >= watch.until;
    match seen {
        Seen::Settled(verdict, run) => settle_locked(session, &watch.sha, verdict, Some(&run)).await.map(drop),
        Seen::NoRun if over => {
            settle_locked(session, &watch.sha, Verdict::Inconclusive(Doubt::NoRun), None).await.map(drop)
        }
        _ if over => settle_locked(session, &watch.sha, Verdict::Inconclusive(Doubt::Expired), None).await.map(drop),
        _ => Ok(()),
    }
}

/// The live SHA, when it was deployed to be followed and the ledger does not say by whom.
fn unfollowed(state: &State) -> Option<Watched> {
    let live = state.live.as_ref()?;
    let ci = &state.with.as_ref()?.ci;
    let record = state.records.get(&live.sha)?;
    let is_open = record.healthy_at.is_some() && record.ci.is_none() && record.quarantine.is_none();
    let until = live.since.plus(ci.timeout_ms);
    (is_open && ci.watch != Watch::None && state.operation.is_none()).then(|| Watched {
        sha: live.sha.clone(),
        how: Watch::Inline,
        since: live.since,
        until,
    })
}

async fn is_followed<H: Host>(session: &Session<'_, H>, how: Watch, until: Millis, now: Millis) -> bool {
    match how {
        // The event has its own time: only past the deadline is it looked for.
        Watch::Event => now < until,
        _ => matches!(
            session.host.perform(Command::Peek { path: session.with.watcher_lock() }).await,
            Reply::Held { .. }
        ),
    }
}

/// Whether the live SHA's CI has still to be followed by somebody.
#[must_use]
pub fn is_open(state: &State) -> bool {
    state.watch.is_some() || unfollowed(state).is_some()
}

/// What a person put there by hand is live, whatever the ledger says. A work tree that cannot be
/// looked at changes nothing.
pub(super) async fn look_at_tree<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    if session.live().is_none() {
        return Ok(());
    }
    match survey::perform(session).await {
        Err(Trouble::Stop(failure)) => Err(failure),
        Ok(()) | Err(Trouble::Fault { .. }) => Ok(()),
    }
}

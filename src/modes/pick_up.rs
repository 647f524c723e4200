//! What nobody follows: CI of a live SHA whose watcher died, or had no answer in time, is looked at once, by
//! whatever runs next.

use super::question::question;
use super::settle::{AfterSettling, settle_locked};
use super::visit::held;
use crate::environment::Watch;
use crate::failure::Failure;
use crate::failure::reason::Reason;
use crate::host::Host;
use crate::machine::State;
use crate::machine::state::Watched;
use crate::machine::verdict::{Doubt, Verdict};
use crate::messages::log::{Ci, Line, Unanswered};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::look::{CiLook, Memory, look};
use crate::steps::{Trouble, owner, survey, unseen};
use crate::time::Millis;

/// How long a SHA that CI has not judged is asked about once nobody waits for it any more, milliseconds. A late
/// run, or one that is run again, comes within days; but a commit that CI never runs for (a change of words only,
/// say) stays without an answer, and GitHub is not to be asked about it by every check for ever.
const ASKED_MS: u64 = 7 * 24 * 3_600_000;
/// How long such a look takes at most, by and large, milliseconds: whoever looks came for something else.
pub(super) const LOOK_MS: u64 = 10_000;

/// Looks once at CI of a live SHA that nobody follows any more. The lock must be held.
///
/// Where `next` is about to take its place, only what judges it is written down: that a version stays live without a
/// verdict, or is gone back from for want of one, is no news a moment before it is replaced; that CI does not run is. Where
/// it is not replaced after all, its run asks again in the end.
pub async fn pick_up<H: Host>(session: &mut Session<'_, H>, next: Option<&Sha>) -> Result<(), Failure> {
    let now = session.now().await;
    if !is_open(&session.ledger.state, now) {
        return Ok(());
    }
    if look_at_tree(session).await?.is_some() {
        return Ok(());
    }
    let Some(watch) = of_live(&session.ledger.state, now) else {
        return Ok(());
    };
    if is_followed(session, watch.how, watch.until, now).await {
        return Ok(());
    }
    let Some(api) = session.api().await? else {
        return Ok(());
    };
    session.log(&Line::Ci(Ci::Unfollowed(watch.sha.clone()))).await;
    let mut memory = Memory::until(now.plus(LOOK_MS));
    let seen = look(session, &api, &question(session, &api, &watch.sha), &mut memory).await?;
    if let Some(why) = unanswered(&seen) {
        session.log(&Line::Ci(Ci::NoAnswer(watch.sha.clone(), why))).await;
    }
    let over = now >= watch.until;
    let is_replaced = next.is_some_and(|next| *next != watch.sha);
    match seen {
        CiLook::Settled(verdict, _) if is_replaced && !verdict.judges() => Ok(()),
        CiLook::Settled(verdict, run) => {
            settle_locked(session, &watch.sha, verdict, Some(&run), AfterSettling::Nothing).await.map(drop)
        }
        // CI that runs for no version at all would never be told of, where each is replaced by the next.
        CiLook::NoRun if over => {
            let doubt = unseen::no_run(session, &api, &question(session, &api, &watch.sha)).await?;
            let then = if is_replaced { AfterSettling::Replace } else { AfterSettling::Nothing };
            settle_locked(session, &watch.sha, Verdict::Inconclusive(doubt), None, then).await.map(drop)
        }
        _ if over && !is_replaced => {
            settle_locked(session, &watch.sha, Verdict::Inconclusive(Doubt::Expired), None, AfterSettling::Nothing)
                .await
                .map(drop)
        }
        _ => Ok(()),
    }
}

/// Why GitHub did not tell, where it did not.
fn unanswered(seen: &CiLook) -> Option<Unanswered> {
    match seen {
        CiLook::Later { why, .. } => Some(Unanswered::Later(why.clone())),
        CiLook::Denied(denial) => Some(Unanswered::Denied(denial.clone())),
        CiLook::Settled(..) | CiLook::Running(_) | CiLook::NoRun => None,
    }
}

/// The live SHA, when its CI is still to be followed.
fn of_live(state: &State, now: Millis) -> Option<Watched> {
    state.awaited().cloned().or_else(|| unfollowed(state, now))
}

/// The live SHA, when it was deployed to be followed, and the ledger does not say by whom, or says that there
/// was no answer.
fn unfollowed(state: &State, now: Millis) -> Option<Watched> {
    let live = state.live.as_ref()?;
    let ci = &state.with.as_ref()?.ci;
    let record = state.records.get(&live.sha)?;
    // What was there before the first deploy, or came by hand, was never put to CI's judgement.
    record.commit.as_ref()?;
    let healthy_at = record.healthy_at?;
    if ci.watch == Watch::None || state.operation.is_some() || record.quarantine.is_some() {
        return None;
    }
    // Nor was what only a person's way back has put there: a deploy of it that was refused is none.
    if state.came_back_only(&live.sha) {
        return None;
    }
    let newest = healthy_at.max(live.since);
    let (since, until) = match &record.ci {
        None => (live.since, live.since.plus(ci.timeout_ms)),
        // That there was no answer was told: only an answer is news now, more silence is none.
        Some((verdict, _)) if !verdict.judges() && is_recent(newest, now) => (newest, newest.plus(ASKED_MS)),
        Some(_) => return None,
    };
    Some(Watched { sha: live.sha.clone(), how: Watch::Inline, since, until })
}

/// Whether CI of what went live then may still answer.
pub(super) fn is_recent(live_at: Millis, now: Millis) -> bool {
    now.since(live_at) < ASKED_MS
}

/// Whether somebody will read what CI says: a watcher that is at work, or the run of the event, which has its time.
pub(super) async fn is_followed<H: Host>(session: &Session<'_, H>, how: Watch, until: Millis, now: Millis) -> bool {
    match how {
        // The event has its own time: only past the deadline is it looked for.
        Watch::Event => now < until,
        _ => held(session.host, session.with.watcher_lock()).await.is_some(),
    }
}

/// Whether the live SHA's CI has still to be followed by somebody.
#[must_use]
pub fn is_open(state: &State, now: Millis) -> bool {
    state.watch.is_some() || unfollowed(state, now).is_some()
}

/// What a person put there by hand is live, whatever the ledger says, and so is what stands there where the state is
/// lost. A work tree that cannot be looked at changes nothing; one that another environment has taken over is no more
/// this one's to change, which is the fault that is told.
pub(super) async fn look_at_tree<H: Host>(session: &mut Session<'_, H>) -> Result<Option<Reason>, Failure> {
    // One that no run of ours was ever at is another pipeline's.
    if session.live().is_none() && !owner::has_claimed(session).await {
        return Ok(None);
    }
    match survey::perform(session).await {
        Err(Trouble::Stop(failure)) => Err(failure),
        Err(Trouble::Fault { why, .. }) => Ok(Some(why).filter(Reason::is_of_another)),
        Ok(()) => Ok(None),
    }
}

//! Following one SHA: CI is asked at intervals until it has spoken or the time is up.

use crate::environment::Ci as Settings;
use crate::failure::reason::Attempt;
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Reply};
use crate::ledger::make_folder;
use crate::machine::state::Watched;
use crate::machine::verdict::{Doubt, Verdict};
use crate::messages::ending::Ending;
use crate::messages::holder::{holding, known};
use crate::messages::log::{Ci, Line};
use crate::messages::reason::setback;
use crate::messages::status::Awaited;
use crate::modes::pick_up::is_recent;
use crate::modes::question::question;
use crate::modes::settle::{settle, settle_if};
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::look::{CiLook, Memory, look};
use crate::steps::unseen;
use crate::time::Millis;
use crate::tools::ci_run::WorkflowRun;
use crate::tools::github::{Api, Setback};
use crate::tools::letters::bounded;

/// Older SHAs without a verdict that are asked about beside the newest.
const OLDER: usize = 3;

/// Refusals in a row that a GitHub which has told before is not believed.
const REFUSALS: u32 = 3;

/// Follows one SHA until CI has spoken or the time is up, and settles it.
pub async fn follow<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Done, Failure> {
    let Some(api) = session.api().await? else {
        return Ok(Done::badly(Word::Pending, sha, Ending::NoRepository));
    };
    take_over(session, sha).await?;
    let done = until_settled(session, &api, sha).await;
    session.host.perform(Command::Unlock { path: session.with.watcher_lock() }).await;
    done
}

/// One watcher an environment: the one before sees that something newer is followed and ends by its
/// next look, which is waited for.
async fn take_over<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<(), Failure> {
    make_folder(session.host, &session.with.state_folder).await?;
    let (origin, now) = (&session.config.origin, session.now().await);
    let holder = holding(&format!("watcher of {}", sha.short()), &origin.run(), origin.pid, now);
    let wait_ms = session.with.ci.interval_ms.saturating_mul(2).saturating_add(5_000);
    let take = |wait_ms| Command::Lock { path: session.with.watcher_lock(), holder: holder.clone(), wait_ms };
    let mut reply = session.host.perform(take(0)).await;
    if let Reply::Held { holder } = &reply {
        session.log(&Line::Waiting(known(holder), wait_ms)).await;
        reply = session.host.perform(take(wait_ms)).await;
    }
    match unless_stopped(reply, &Attempt::Watcher)? {
        Reply::Held { holder } => {
            session.log(&Line::Ci(Ci::Beside(known(&holder)))).await;
            Ok(())
        }
        Reply::Locked => Ok(()),
        // CI is followed all the same: who comes meanwhile cannot see that, and follows it, too.
        other => {
            session.warn(&Line::Ci(Ci::Unlocked(session.with.watcher_lock(), other.into()))).await;
            Ok(())
        }
    }
}

async fn until_settled<H: Host>(session: &mut Session<'_, H>, api: &Api, sha: &Sha) -> Result<Done, Failure> {
    let ci = session.with.ci.clone();
    let mut followed = session.ledger.state.watch.clone().filter(|watch| watch.sha == *sha);
    let (since, until) = bounds(followed.as_ref(), session.now().await, &ci);
    let mut memory = Memory::until(until);
    let (mut told, mut running, mut has_asked_older, mut patience) = (None, None, false, 0);
    loop {
        let seen = look(session, api, &question(session, api, sha), &mut memory).await?;
        let seen = believed(seen, &mut patience);
        let now = session.now().await;
        if let Some((verdict, run)) = answer(session, api, sha, &seen, now.since(since)).await? {
            return settle(session, sha, verdict, run).await;
        }
        tell_change(session, &seen, &mut told).await;
        if let CiLook::Running(run) = &seen {
            running = Some(run.clone());
        }
        if now >= until {
            return match &seen {
                CiLook::Later { why, .. } => {
                    let doubt = Doubt::Unreachable(setback(why, session.with.locale));
                    settle(session, sha, Verdict::Inconclusive(doubt), None).await
                }
                _ => settle(session, sha, Verdict::Inconclusive(Doubt::Expired), running.as_deref()).await,
            };
        }
        if !has_asked_older {
            settle_older(session, api, sha).await?;
            has_asked_older = true;
        }
        let left = until.since(session.now().await);
        session.waits(&Awaited::Ci(sha, &said(session, &seen)), until).await;
        session.sleep(pause(&seen, ci.interval_ms).min(left.max(1)), &Attempt::FollowCi).await?;
        if taken_over(session, sha, &mut followed).await? {
            session.log(&Line::Ci(Ci::Newer)).await;
            return Ok(Done::well(Word::Superseded, sha));
        }
    }
}

/// A refusal by a GitHub that has told before is believed only once it has come several times: a proxy may answer in its
/// place, or GitHub be in trouble, for a moment. `patience`: how many more are not.
fn believed(seen: CiLook, patience: &mut u32) -> CiLook {
    match seen {
        CiLook::Denied(denial) if *patience > 0 => {
            *patience -= 1;
            CiLook::Later { ms: 0, why: Setback::Denied(denial) }
        }
        CiLook::Settled(..) | CiLook::Running(_) | CiLook::NoRun => {
            *patience = REFUSALS;
            seen
        }
        CiLook::Denied(_) | CiLook::Later { .. } => seen,
    }
}

/// Since when a SHA is followed, and until when.
fn bounds(followed: Option<&Watched>, now: Millis, ci: &Settings) -> (Millis, Millis) {
    let latest = now.plus(ci.timeout_ms);
    match followed {
        // A clock that was set back since must not make it wait for longer than the settings say.
        Some(watch) => (watch.since.min(now), watch.until.min(latest)),
        None => (now, latest),
    }
}

/// What settles it at once, after having followed it for `ms`: CI's word, or that none is to be had.
async fn answer<'a, H: Host>(
    session: &mut Session<'_, H>,
    api: &Api,
    sha: &Sha,
    seen: &'a CiLook,
    ms: u64,
) -> Result<Option<(Verdict, Option<&'a WorkflowRun>)>, Failure> {
    let doubt = match seen {
        CiLook::Settled(verdict, run) => {
            // One of the older ones may be what is gone back to.
            settle_older(session, api, sha).await?;
            return Ok(Some((verdict.clone(), Some(&**run))));
        }
        CiLook::Denied(denial) => unseen::denied(session, api, &question(session, api, sha), denial.clone()).await?,
        CiLook::NoRun if ms >= session.with.ci.delay_ms => {
            unseen::no_run(session, api, &question(session, api, sha)).await?
        }
        CiLook::NoRun | CiLook::Running(_) | CiLook::Later { .. } => return Ok(None),
    };
    Ok(Some((Verdict::Inconclusive(doubt), None)))
}

/// One line a change, not one a look.
async fn tell_change<H: Host>(session: &Session<'_, H>, seen: &CiLook, told: &mut Option<Line>) {
    let now = match seen {
        CiLook::Running(run) => line(run),
        CiLook::Later { why, .. } => Ci::Later(why.clone()),
        _ => Ci::NoRun,
    };
    let now = Line::Ci(now);
    if told.as_ref() != Some(&now) {
        session.log(&now).await;
        *told = Some(now);
    }
}

/// What this is waiting for, as far as GitHub tells it.
fn said<H: Host>(session: &Session<'_, H>, seen: &CiLook) -> String {
    match seen {
        CiLook::Running(run) => run.status.clone().unwrap_or_default(),
        CiLook::Later { why, .. } => setback(why, session.config.manner.locale),
        _ => String::new(),
    }
}

/// How long to wait before the next look, milliseconds.
fn pause(seen: &CiLook, interval_ms: u64) -> u64 {
    match seen {
        CiLook::Later { ms, .. } => interval_ms.max(*ms),
        _ => interval_ms,
    }
}

/// What a run of CI is at.
pub(super) fn line(run: &WorkflowRun) -> Ci {
    let status = run.status.as_deref().map(|status| bounded(status, 60));
    Ci::Run(status, run.attempt, run.url.clone().unwrap_or_default())
}

/// Whether a detached watcher's SHA is no longer the one that is followed, or is followed anew, with a time of its own.
async fn taken_over<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    followed: &mut Option<Watched>,
) -> Result<bool, Failure> {
    if session.config.origin.door != "watcher" {
        return Ok(false);
    }
    session.read_again().await?;
    let Some(watch) = &session.ledger.state.watch else {
        return Ok(false);
    };
    Ok(watch.sha != *sha || followed.get_or_insert_with(|| watch.clone()).until != watch.until)
}

/// A late result of an older SHA still counts: as a rollback target, or for quarantine. Not that of the
/// live one, where a person went back to it: a watcher acts on its own SHA only.
async fn settle_older<H: Host>(session: &mut Session<'_, H>, api: &Api, sha: &Sha) -> Result<(), Failure> {
    session.read_again().await?;
    let (state, now) = (&session.ledger.state, session.now().await);
    let record = |one: &Sha| state.records.get(one);
    let is_live = |one: &Sha| state.is_live(one);
    let is_old = |one: &Sha| !record(one).and_then(|known| known.healthy_at).is_some_and(|at| is_recent(at, now));
    let has_no_run = |one: &Sha| {
        let known = record(one).and_then(|record| record.ci.as_ref());
        known.is_some_and(|(verdict, _)| verdict.has_no_run())
    };
    let mut older = state.unsettled();
    older.retain(|one| one != sha && !is_live(one) && !is_old(one));
    // One without a run mostly stays without: it does not take the place of one whose run goes on.
    older.sort_by_key(has_no_run);
    for one in older.into_iter().take(OLDER) {
        let now = session.now().await;
        let seen = look(session, api, &question(session, api, &one), &mut Memory::until(now)).await?;
        if let CiLook::Settled(verdict @ (Verdict::Success | Verdict::Failure(_)), run) = seen {
            // What stands in the way of that is for the next run to see: the newest is still followed.
            if let Err(stop @ Failure::Stopped { .. }) =
                settle_if(session, &one, verdict, Some(&run), |live| live != Some(&one)).await
            {
                return Err(stop);
            }
        }
    }
    Ok(())
}

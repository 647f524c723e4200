//! `watch`: settle a deployed SHA by its CI. By event, what the event says is judged, and GitHub is asked, for ten seconds
//! at most, where one run may not be all; otherwise CI is asked at intervals until it has spoken or the time is up. Follows without the
//! lock, settles with it.

use super::deploy::begin;
use super::pick_up::{LOOK_MS, is_recent};
use super::question::question;
use super::settle::{settle, settle_if};
use crate::config::Intent;
use crate::drive::{is_unfinished, lock, unlock};
use crate::environment::Environment;
use crate::failure::reason::Attempt;
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Reply};
use crate::ledger::make_folder;
use crate::machine::state::Watched;
use crate::machine::verdict::{Doubt, Verdict};
use crate::messages::ending::Ending;
use crate::messages::holder::{holding, known};
use crate::messages::log::{Ci, Line, Plan};
use crate::messages::reason::setback;
use crate::messages::status::Awaited;
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::look::{Memory, Seen, look};
use crate::steps::unseen;
use crate::tools::ci_run::{Ignored, Look, Question, WorkflowRun, from_event};
use crate::tools::github::{Api, Workflow};
use crate::tools::letters::bounded;

/// Older SHAs without a verdict that are asked about beside the newest.
const OLDER: usize = 3;
/// The shortest pause between two looks of an event, milliseconds.
const SHORTEST_MS: u64 = 500;

/// Runs the mode.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    let Some(sha) = session.config.request.sha.clone() else {
        return Ok(Done { word: Word::Failed, sha: None, failure: Some(Box::new(Ending::NoSha)) });
    };
    if session.config.request.intent == Intent::DryRun {
        session.log(&Line::Plan(Plan::Watch(session.with.ci.workflow.clone(), sha.clone()))).await;
        return Ok(Done::well(Word::Ok, &sha));
    }
    if is_unfinished(session).await {
        lock(session, "finishing what was left").await?;
        let finished = begin(session).await;
        unlock(session).await;
        finished?;
    }
    match session.config.origin.event.clone() {
        Some(event) => by_event(session, &sha, &event).await,
        None if session.config.origin.door == "watcher" => {
            open_log(session, &sha).await;
            follow(session, &sha).await
        }
        None => follow(session, &sha).await,
    }
}

/// The log of a watcher of this SHA.
#[must_use]
pub fn log_path(with: &Environment, sha: &Sha) -> String {
    format!("{}/ci-watcher-{sha}.log", with.log_folder)
}

async fn open_log<H: Host>(session: &Session<'_, H>, sha: &Sha) {
    let path = log_path(session.with, sha);
    session.voice.log_to(&path);
    let link = format!("{}/ci-watcher-LATEST.log", session.with.log_folder);
    session.host.perform(Command::Link { path: link, target: path }).await;
}

async fn by_event<H: Host>(session: &mut Session<'_, H>, sha: &Sha, event: &str) -> Result<Done, Failure> {
    let Some(api) = session.api().await? else {
        return Ok(Done::badly(Word::Failed, sha, Ending::NoRepository));
    };
    let question = question(session, &api, sha);
    match from_event(event, &question) {
        Ok(Look::Settled { verdict, run }) if is_all(&verdict, &question) => {
            settle(session, sha, verdict, Some(&run)).await
        }
        Ok(Look::Settled { verdict, run }) => held_against_others(session, &api, &question, (verdict, run)).await,
        Ok(_) => Ok(Done::well(Word::Pending, sha)),
        // Green, and nobody's CI is heard: whoever set the trigger is to see it.
        Err(ignored @ (Ignored::OtherWorkflow(_) | Ignored::OtherSha(_))) => {
            session.warn(&Line::Ci(Ci::Ignored(ignored))).await;
            Ok(Done::well(Word::Pending, sha))
        }
        Err(ignored) => {
            session.log(&Line::Ci(Ci::Ignored(ignored))).await;
            Ok(Done::well(Word::Pending, sha))
        }
    }
}

/// What one run came to is held against what GitHub shows now: an event may have waited for the machine, and the newest
/// attempt counts. Where GitHub does not tell, the event does.
async fn held_against_others<H: Host>(
    session: &mut Session<'_, H>,
    api: &Api,
    question: &Question,
    (verdict, run): (Verdict, WorkflowRun),
) -> Result<Done, Failure> {
    let sha = &question.sha;
    let until = session.now().await.plus(LOOK_MS);
    let mut memory = Memory::until(until);
    let mut seen = look(session, api, question, &mut memory).await?;
    // A failure is not kept waiting.
    while let Seen::Later { ms, .. } = &seen
        && !verdict.condemns()
    {
        let ms = (*ms).max(SHORTEST_MS);
        if session.now().await.plus(ms) >= until {
            break;
        }
        session.sleep(ms, &Attempt::CiRun).await?;
        seen = look(session, api, question, &mut memory).await?;
    }
    let (verdict, run) = match seen {
        // Only a success that is newer takes a failure back: that list may lack the event's own run yet, and what still
        // runs, or was cancelled, proves nothing.
        Seen::Settled(Verdict::Success, other) if verdict.condemns() && other.supersedes(&run) => {
            (Verdict::Success, *other)
        }
        _ if verdict.condemns() => (verdict, run),
        // Its end brings an event of its own. GitHub's list may still show what the event says is over.
        Seen::Running(other) if (other.id, other.attempt) != (run.id, run.attempt) => {
            session.log(&Line::Ci(line(&other))).await;
            return Ok(Done::well(Word::Pending, sha));
        }
        Seen::Settled(verdict, run) => (verdict, *run),
        // One success of several would be no proof.
        Seen::Later { why, .. } if verdict == Verdict::Success => {
            session.warn(&Line::Ci(Ci::Later(why))).await;
            return Ok(Done::well(Word::Pending, sha));
        }
        Seen::Denied(denial) if verdict == Verdict::Success => {
            let doubt = unseen::denied(session, api, question, denial).await?;
            return settle(session, sha, Verdict::Inconclusive(doubt), Some(&run)).await;
        }
        _ => (verdict, run),
    };
    settle(session, sha, verdict, Some(&run)).await
}

/// Whether what one run came to is all that there is to know. Where it gave no answer, another one may; one that failed
/// may have been run again since; and of several workflows of one name each has a say.
fn is_all(verdict: &Verdict, question: &Question) -> bool {
    *verdict == Verdict::Success && matches!(question.workflow, Workflow::File(_))
}

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
    let began = session.now().await;
    let ci = session.with.ci.clone();
    let mut followed = session.ledger.state.watch.clone().filter(|watch| watch.sha == *sha);
    let (since, until) = match &followed {
        // A clock that was set back since must not make it wait for longer than the settings say.
        Some(watch) => (watch.since.min(began), watch.until.min(began.plus(ci.timeout_ms))),
        None => (began, began.plus(ci.timeout_ms)),
    };
    let mut memory = Memory::until(until);
    let mut told = None;
    let mut older = Older::Unasked;
    let mut running = None;
    loop {
        let seen = look(session, api, &question(session, api, sha), &mut memory).await?;
        let now = session.now().await;
        let said = match &seen {
            Seen::Running(run) => run.status.clone().unwrap_or_default(),
            Seen::Later { why, .. } => setback(why, session.config.manner.locale),
            _ => String::new(),
        };
        let pause = match seen {
            Seen::Settled(verdict, run) => {
                // One of them may be what is gone back to.
                settle_older(session, api, sha).await?;
                return settle(session, sha, verdict, Some(&run)).await;
            }
            Seen::Denied(denial) => {
                let doubt = unseen::denied(session, api, &question(session, api, sha), denial).await?;
                return settle(session, sha, Verdict::Inconclusive(doubt), None).await;
            }
            Seen::NoRun if now.since(since) >= ci.delay_ms => {
                let doubt = unseen::no_run(session, api, &question(session, api, sha)).await?;
                return settle(session, sha, Verdict::Inconclusive(doubt), None).await;
            }
            Seen::NoRun => changed(session, &mut told, Ci::NoRun, ci.interval_ms).await,
            Seen::Running(run) => {
                let pause = changed(session, &mut told, line(&run), ci.interval_ms).await;
                running = Some(run);
                pause
            }
            Seen::Later { ms, why } if now >= until => {
                changed(session, &mut told, Ci::Later(why.clone()), ms).await;
                let seen = setback(&why, session.with.locale);
                return settle(session, sha, Verdict::Inconclusive(Doubt::Unreachable(seen)), None).await;
            }
            Seen::Later { ms, why } => changed(session, &mut told, Ci::Later(why), ms.max(ci.interval_ms)).await,
        };
        if now >= until {
            return settle(session, sha, Verdict::Inconclusive(Doubt::Expired), running.as_deref()).await;
        }
        if older == Older::Unasked {
            settle_older(session, api, sha).await?;
            older = Older::Asked;
        }
        let left = until.since(session.now().await);
        session.waits(&Awaited::Ci(sha, &said), until).await;
        session.sleep(pause.min(left.max(1)), &Attempt::FollowCi).await?;
        if taken_over(session, sha, &mut followed).await? {
            session.log(&Line::Ci(Ci::Newer)).await;
            return Ok(Done::well(Word::Superseded, sha));
        }
    }
}

fn line(run: &WorkflowRun) -> Ci {
    let status = run.status.as_deref().map(|status| bounded(status, 60));
    Ci::Run(status, run.attempt, run.url.clone().unwrap_or_default())
}

/// One line a change, not one a look.
async fn changed<H: Host>(session: &Session<'_, H>, told: &mut Option<Line>, now: Ci, pause: u64) -> u64 {
    let now = Line::Ci(now);
    if told.as_ref() != Some(&now) {
        session.log(&now).await;
        *told = Some(now);
    }
    pause
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

/// Whether a watch has asked about older SHAs: at its first look and at its end, not at each.
#[derive(PartialEq)]
enum Older {
    Unasked,
    Asked,
}

/// A late result of an older SHA still counts: as a rollback target, or for quarantine. Not that of the
/// live one, where a person went back to it: a watcher acts on its own SHA only.
async fn settle_older<H: Host>(session: &mut Session<'_, H>, api: &Api, sha: &Sha) -> Result<(), Failure> {
    session.read_again().await?;
    let (state, now) = (&session.ledger.state, session.now().await);
    let record = |one: &Sha| state.records.get(one);
    let is_live = |one: &Sha| state.live.as_ref().is_some_and(|live| live.sha == *one);
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
        if let Seen::Settled(verdict @ (Verdict::Success | Verdict::Failure(_)), run) = seen {
            settle_if(session, &one, verdict, Some(&run), |live| live != Some(&one)).await?;
        }
    }
    Ok(())
}

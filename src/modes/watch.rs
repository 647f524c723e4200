//! `watch`: settle a deployed SHA by its CI. By event, what the event says is judged, and GitHub is asked, for ten seconds
//! at most, where one run may not be all; otherwise CI is asked at intervals until it has spoken or the time is up. Follows without the
//! lock, settles with it.

mod follow;

use super::beginning::begin_after;
use super::pick_up::LOOK_MS;
use super::question::{question, settled};
use super::settle::settle;
use crate::config::Intent;
use crate::drive::{can_be_undone, is_unfinished, lock, unlock};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Command, Host};
use crate::machine::verdict::Verdict;
use crate::messages::ending::Ending;
use crate::messages::log::{Ci, Line, Plan};
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::look::{CiLook, Memory, look};
use crate::steps::unseen;
use crate::tools::ci_run::{Ignored, Look, Question, WorkflowRun, ended_at, from_event};
use crate::tools::github::{Api, Workflow};
pub use follow::follow;
use follow::line;

/// The shortest pause between two looks of an event, milliseconds.
const SHORTEST_MS: u64 = 500;

/// How long after the end of CI its event tells all that there is to know, milliseconds: a run takes that long to be run
/// again and to fail.
const FRESH_MS: u64 = 60_000;

/// Runs the mode.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    let Some(sha) = session.config.request.sha.clone() else {
        return Ok(Done::at_once(Ending::NoSha));
    };
    if session.config.request.intent == Intent::DryRun {
        session.log(&Line::Plan(Plan::Watch(session.with.ci.workflow.clone(), sha.clone()))).await;
        return Ok(Done::well(Word::Ok, &sha));
    }
    if is_unfinished(session).await {
        let said = match can_be_undone(&session.ledger.state, &sha) {
            true => said(session, &sha).await?,
            false => None,
        };
        lock(session, "finishing what was left").await?;
        let finished = begin_after(session, &sha, said).await;
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

/// What CI has come to by now, as the event tells it, or else GitHub; none: it has not, or nobody knows.
async fn said<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Option<(Verdict, WorkflowRun)>, Failure> {
    let Some(api) = session.api().await? else {
        return Ok(None);
    };
    let question = question(session, &api, sha);
    let Some(event) = &session.config.origin.event else {
        return glance(session, &api, &question).await;
    };
    let Ok(Look::Settled { verdict, run }) = from_event(event, &question) else {
        return Ok(None);
    };
    Ok(Some(match verdict {
        Verdict::Success => unless_failed_since(session, &api, &question, event, run).await?,
        verdict => unless_green_since(session, &api, &question, verdict, run).await?,
    }))
}

/// What CI has come to, as GitHub tells it within [`LOOK_MS`].
async fn glance<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
) -> Result<Option<(Verdict, WorkflowRun)>, Failure> {
    settled(session, api, question, Memory::until(session.now().await.plus(LOOK_MS))).await
}

/// What an event says that tells of no success is held against what GitHub shows now: a newer run may have succeeded.
async fn unless_green_since<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    verdict: Verdict,
    run: WorkflowRun,
) -> Result<(Verdict, WorkflowRun), Failure> {
    Ok(match glance(session, api, question).await? {
        Some((Verdict::Success, other)) if other.supersedes(&run) => (Verdict::Success, other),
        _ => (verdict, run),
    })
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
    if session.ledger.state.seq == 0 {
        let runner = session.env.get("RUNNER_NAME").cloned().unwrap_or_default();
        session.warn(&Line::Ci(Ci::NothingHere(runner))).await;
    }
    let question = question(session, &api, sha);
    match from_event(event, &question) {
        Ok(Look::Settled { verdict, run }) if is_all(&verdict, &question) => {
            let (verdict, run) = unless_failed_since(session, &api, &question, event, run).await?;
            settle(session, sha, verdict, Some(&run)).await
        }
        Ok(Look::Settled { verdict, run }) => held_against_others(session, &api, &question, verdict, run).await,
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

/// A success that had to wait for the machine is held against what GitHub shows now: CI may have been run again, and have
/// failed, and that event may never be heard. Where GitHub does not tell, the event does.
async fn unless_failed_since<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    event: &str,
    run: WorkflowRun,
) -> Result<(Verdict, WorkflowRun), Failure> {
    let now = session.now().await;
    if ended_at(event).is_some_and(|at| now.since(at) < FRESH_MS) {
        return Ok((Verdict::Success, run));
    }
    Ok(match glance(session, api, question).await? {
        Some((verdict @ Verdict::Failure(_), other)) if other.supersedes(&run) => (verdict, other),
        _ => (Verdict::Success, run),
    })
}

/// What one run came to is held against what GitHub shows now: an event may have waited for the machine, and the newest
/// attempt counts. Where GitHub does not tell, the event does.
async fn held_against_others<H: Host>(
    session: &mut Session<'_, H>,
    api: &Api,
    question: &Question,
    verdict: Verdict,
    run: WorkflowRun,
) -> Result<Done, Failure> {
    let sha = &question.sha;
    let until = session.now().await.plus(LOOK_MS);
    let mut memory = Memory::until(until);
    let mut seen = look(session, api, question, &mut memory).await?;
    // A failure is not kept waiting.
    while let CiLook::Later { ms, .. } = &seen
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
        CiLook::Settled(Verdict::Success, other) if verdict.condemns() && other.supersedes(&run) => {
            (Verdict::Success, *other)
        }
        _ if verdict.condemns() => (verdict, run),
        // Its end brings an event of its own. GitHub's list may still show what the event says is over.
        CiLook::Running(other) if (other.id, other.attempt) != (run.id, run.attempt) => {
            session.log(&Line::Ci(line(&other))).await;
            return Ok(Done::well(Word::Pending, sha));
        }
        CiLook::Settled(verdict, run) => (verdict, *run),
        // One success of several would be no proof.
        CiLook::Later { why, .. } if verdict == Verdict::Success => {
            session.warn(&Line::Ci(Ci::Later(why))).await;
            return Ok(Done::well(Word::Pending, sha));
        }
        CiLook::Denied(denial) if verdict == Verdict::Success => {
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

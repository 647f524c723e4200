//! What a run says last when it could not do what it was there for: when it gives up, is stopped, or fails.

use super::pick_up;
use super::question::question;
use crate::config::Intent;
use crate::environment::Watch;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::operation::Operation;
use crate::machine::state::Ended;
use crate::machine::verdict::{Verdict, conclude};
use crate::machine::{Ask, Outcome};
use crate::messages::ending::{Ending, Left, Since, untouched};
use crate::messages::kind::GivenUp;
use crate::messages::log::{Line, Spared};
use crate::messages::{self, Notice, NoticeKind, Open};
use crate::outbox;
use crate::report::{Done, Word};
use crate::session::Session;
use crate::settings::Mode;
use crate::sha::Sha;
use crate::tools::ci_run::{event_run, from_event};

/// Tells people of a run that could not read the ledger: it knows nothing, and did nothing.
pub(super) async fn unread<H: Host>(session: &Session<'_, H>, failure: Failure) {
    session.since.set(Since::Unread);
    let webhook = session.config.secrets.webhook.as_ref();
    let told = async { give_up(session, &Err(failure)).await };
    outbox::beside(session.host, session.outbox, webhook, told).await;
    for lost in session.outbox.lost() {
        session.warn(&Line::Untold(lost, Spared::Deploy)).await;
    }
}

/// What could not even begin is told as well: nobody reads how a detached watcher ends, or a job that a push or the
/// end of CI has started. Whoever goes back by hand, or sits at a terminal, sees it.
pub(super) async fn give_up<H: Host>(session: &Session<'_, H>, result: &Result<Done, Failure>) {
    let config = session.config;
    let locale = session.with.locale;
    let has_followed = config.mode == Mode::Watch || has_deployed(session);
    let is_deploy = matches!(config.mode, Mode::Deploy | Mode::Promote) && !has_followed;
    // What CI said is written down, and only what follows from it is left: that any run can do.
    let is_noted = matches!(result, Err(Failure::Lacking { .. }));
    let (why, is_busy) = match result {
        Err(Failure::Stopped { signal, attempt }) => {
            let left = left(session, attempt).await;
            return interrupted(session, signal.clone(), attempt.clone(), left).await;
        }
        Err(Failure::Locked { holder, .. }) if is_deploy => (messages::holder::holder(holder, locale), true),
        Err(failure) if session.since.get() == Since::Unread && !session.has_locked.get() => {
            (untouched(failure, locale), false)
        }
        Err(failure) => (messages::reason::failure(failure, locale), false),
        Ok(done) => match done.failure.as_deref() {
            Some(Ending::Reason(why)) => (messages::reason::reason(why, locale), false),
            _ => return,
        },
    };
    let Some(sha) = &config.request.sha else {
        return;
    };
    let state = &session.ledger.state;
    let is_unread = session.since.get() == Since::Unread;
    let kind = match config.mode {
        _ if config.request.intent == Intent::DryRun || config.origin.door == "command" => return,
        Mode::Watch if config.origin.door != "watcher" && !is_concerned(session, sha).await => return,
        _ if has_followed => NoticeKind::Unsettled(GivenUp {
            why,
            by_event: config.mode == Mode::Watch && config.origin.event.is_some() && !is_noted,
            has_failed: has_failed(session, sha),
            is_unread,
        }),
        _ if is_busy => NoticeKind::Busy(why),
        _ if is_deploy => NoticeKind::Failed(why),
        _ => return,
    };
    let mut notice = Notice::about(state, sha, kind);
    notice.promotes = config.mode == Mode::Promote;
    notice.open = Open::of(state, session.ledger.is_ahead).filter(|_| matches!(notice.kind, NoticeKind::Failed(_)));
    if is_unread || state.operation.as_ref().is_some_and(Operation::touched) {
        // What was begun is neither finished nor undone, or others have gone on: nothing is certain.
        notice.live = None;
    }
    session.tell(notice).await;
}

/// Whether this run has deployed what is live, and follows its CI since.
fn has_deployed<H: Host>(session: &Session<'_, H>) -> bool {
    let state = &session.ledger.state;
    let Some(sha) = state.awaited().map(|watch| &watch.sha) else {
        return false;
    };
    let is_good = |outcome: &Outcome| matches!(outcome, Outcome::Deployed | Outcome::Unchanged);
    let run = session.config.origin.run();
    let is_own = |ended: &Ended| ended.ask.target() == sha && ended.by == run && is_good(&ended.outcome);
    session.config.mode == Mode::Deploy && session.has_locked.get() && state.history.last().is_some_and(is_own)
}

/// Whether CI of a SHA is this environment's: an event may be of what was never here. Where nobody can read what was, the
/// event has to be of a run that would count.
async fn is_concerned<H: Host>(session: &Session<'_, H>, sha: &Sha) -> bool {
    let state = &session.ledger.state;
    if state.seq > 0 || session.since.get() != Since::Unread {
        return state.was_here(sha);
    }
    let Some(event) = &session.config.origin.event else {
        return true;
    };
    match session.api().await {
        Ok(Some(api)) => from_event(event, &question(session, &api, sha)).is_ok(),
        _ => false,
    }
}

/// Whether CI of a SHA is known to have failed: by the event that this is the run of, or by what was written.
fn has_failed<H: Host>(session: &Session<'_, H>, sha: &Sha) -> bool {
    let record = session.ledger.state.records.get(sha);
    let known = record.and_then(|record| record.ci.as_ref()).map(|(verdict, _)| verdict.clone());
    let event = session.config.origin.event.as_deref().and_then(|event| event_run(event).ok());
    let told =
        event.filter(|run| run.sha.as_ref() == Some(sha)).and_then(|run| run.conclusion.as_deref().map(conclude));
    matches!(told.or(known), Some(Verdict::Failure(_)))
}

/// Who is told that a deploy has begun is told that it was interrupted. A watcher is stopped by the one that takes its
/// place, or with the machine, and goes on with the next run; a plan has begun nothing.
async fn interrupted<H: Host>(session: &Session<'_, H>, signal: String, attempt: Attempt, left: Left) {
    let config = session.config;
    let is_plan = config.request.intent == Intent::DryRun;
    if is_plan || config.origin.door == "watcher" || attempt == Attempt::Lock {
        return;
    }
    let state = &session.ledger.state;
    let is_deploy = matches!(config.mode, Mode::Deploy | Mode::Promote);
    let looks_at_ci = follows(&attempt) || attempt == Attempt::CiRun;
    let sha = match (left, &state.operation) {
        (Left::Begun | Left::Unchanged, Some(operation)) => Some(operation.ask.target()),
        (Left::Unfollowed, _) => config.request.sha.as_ref(),
        // Where nothing was told yet there is nothing to take back; and what only follows CI no more has been told.
        (Left::Nothing, _) if is_deploy && !looks_at_ci && session.outbox.is_used() => config.request.sha.as_ref(),
        _ => None,
    };
    let Some(sha) = sha else {
        return;
    };
    let mut notice = Notice::about(state, sha, NoticeKind::Interrupted { signal, attempt, left });
    if let Some(operation) = state.operation.as_ref().filter(|_| matches!(left, Left::Begun | Left::Unchanged)) {
        notice.promotes = messages::follows_promote(state);
        notice.goes_back = matches!(operation.ask, Ask::Rollback { .. });
        if let Ask::Rollback { undo: Some(undone), .. } = &operation.ask {
            let of_undone = Notice::about(state, undone, notice.kind.clone());
            (notice.of, notice.commit, notice.ci_url) = (of_undone.sha, of_undone.commit, of_undone.ci_url);
        }
        if operation.touched() {
            (notice.live, notice.is_applied) = (None, false);
        }
    }
    session.show_interrupted();
    session.tell(notice).await;
}

/// Whether it is CI that was followed, or was about to be.
pub(super) fn follows(attempt: &Attempt) -> bool {
    matches!(attempt, Attempt::FollowCi | Attempt::Watcher)
}

/// What a run leaves that was told to stop meanwhile: what it only waited for, or asked a person about, is another's.
async fn left<H: Host>(session: &Session<'_, H>, attempt: &Attempt) -> Left {
    let is_at_work = session.has_locked.get() && *attempt != Attempt::Lock && !follows(attempt);
    match &session.ledger.state.operation {
        Some(operation) if is_at_work && operation.is_droppable() => Left::Unchanged,
        Some(_) if is_at_work => Left::Begun,
        // Where another request is under way, whoever is at it reads what CI said.
        None if is_unfollowed(session, attempt).await => Left::Unfollowed,
        _ => Left::Nothing,
    }
}

/// Whether nobody follows CI of what this run was about: neither a watcher that it has not come to replace, nor the event
/// of CI's end, where this is not the run of that event.
async fn is_unfollowed<H: Host>(session: &Session<'_, H>, attempt: &Attempt) -> bool {
    let config = session.config;
    let is_its = config.mode == Mode::Watch || (config.mode == Mode::Deploy && *attempt != Attempt::Lock);
    let asked = config.request.sha.as_ref();
    let Some(watched) = session.ledger.state.awaited().filter(|watched| is_its && Some(&watched.sha) == asked) else {
        return false;
    };
    let is_event = config.mode == Mode::Watch && config.origin.event.is_some();
    let how = if is_event { Watch::Inline } else { watched.how };
    !pick_up::is_followed(session, how, watched.until, session.now().await).await
}

pub(super) async fn failed<H: Host>(session: &Session<'_, H>, failure: &Failure) -> Done {
    let sha = session.config.request.sha.clone();
    let (word, ending) = match failure.clone() {
        Failure::Stopped { signal, attempt } => {
            let left = left(session, &attempt).await;
            (Word::Cancelled, Ending::Stopped { signal, attempt, left })
        }
        other => (Word::Failed, Ending::Failure(other)),
    };
    Done { word, sha, failure: Some(Box::new(ending)) }
}

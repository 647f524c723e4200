//! One file a mode: what it asks of the machine, and how its outcome is told.

pub mod deploy;
pub mod doctor;
mod ended;
pub mod health;
mod names;
pub mod pick_up;
mod plan;
pub mod promote;
mod question;
pub mod report;
pub mod rollback;
mod settle;
pub mod status;
mod stranger;
pub mod visit;
pub mod watch;

use crate::config::{Config, Intent};
use crate::deployments;
use crate::environment::{Environment, Locale, Watch};
use crate::failure::problem::{Needed, Wrong};
use crate::failure::reason::Attempt;
use crate::failure::{Failure, Problem};
use crate::host::{Host, Publication, Start};
use crate::ledger::Ledger;
use crate::machine::operation::Operation;
use crate::machine::{Ask, State};
use crate::messages::ending::{Ending, Left, ending, untouched, whole};
use crate::messages::log::{Jobs, Line, Spared};
use crate::messages::{self, Notice, NoticeKind, Open};
use crate::outbox::{self, Outbox};
use crate::report::{Done, Word, not_run, publication};
use crate::session::{Session, now};
use crate::settings::Mode;
use crate::tools::git::basic;
use crate::voice::Voice;

/// Runs the mode that was asked for.
pub async fn perform<H: Host>(start: &Start, config: &Config, host: &H) -> Publication {
    match config.mode {
        Mode::Status => status::perform(start, config, host).await,
        Mode::Health => Box::pin(health::perform(start, config, host)).await,
        Mode::Report => Box::pin(report::perform(config, host)).await,
        Mode::Doctor => Box::pin(doctor::perform(start, config, host)).await,
        Mode::Deploy | Mode::Watch | Mode::Rollback | Mode::Promote => match config.environments.first() {
            // Boxed, here and in `status`: the engine compiles a function when it is first called, and a
            // mode must not pay for the code of the others.
            Some(with) if config.mode == Mode::Promote => {
                if let Some(problem) = names::source(config, host, with).await {
                    return names::refused(config, host, &[problem]).await;
                }
                Box::pin(on_one(start, config, with, host)).await
            }
            Some(with) => Box::pin(on_one(start, config, with, host)).await,
            None => not_run(config, &ending(&Ending::NoEnvironment, config.manner.locale)),
        },
    }
}

/// Secrets of a run, in every form in which they could appear in a text.
#[must_use]
pub fn secrets(config: &Config) -> Vec<String> {
    let all = [&config.secrets.webhook, &config.secrets.token, &config.secrets.watch_token];
    let mut texts: Vec<String> = all.into_iter().flatten().map(|secret| secret.expose().to_owned()).collect();
    texts.extend(config.secrets.webhook.as_ref().and_then(|webhook| own_token(webhook.expose())));
    texts.extend([&config.secrets.token, &config.secrets.watch_token].into_iter().flatten().map(basic));
    texts
}

/// The webhook's own token: a URL may be shown without its host, with an API version, or with a message of its own. It is
/// the last long part of its path; `?thread_id=`, a `/` or `/slack` may follow.
fn own_token(webhook: &str) -> Option<String> {
    let path = webhook.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').find(|part| part.len() >= 16).map(str::to_owned)
}

async fn on_one<H: Host>(start: &Start, config: &Config, with: &Environment, host: &H) -> Publication {
    let began = now(host).await;
    let is_plan = config.request.intent == Intent::DryRun;
    let outbox = Outbox::remembering(with.cards(), if is_plan { String::new() } else { with.untold() });
    let voice = Voice::new(host, secrets(config));
    let ledger = match Ledger::read(host, &with.ledger(), &config.origin.run()).await {
        Ok(ledger) => ledger,
        Err(failure) => {
            let failure = stranger::explained(config, with, host, failure).await;
            if is_logged_apart(config) {
                voice.say(untouched(&failure, Locale::En)).await;
            }
            return not_run(config, &untouched(&failure, config.manner.locale));
        }
    };
    let asked = with;
    let with = &settings(config, asked, &ledger.state);
    if with.app_path.is_empty() {
        return names::refused(config, host, &names::lacking(start, config, host).await).await;
    }
    if asked.lacks_compose_file() && (with.compose.is_none() || with.lacks_compose_file()) {
        let is_of_compose = |one: &&Problem| one.wrong == Wrong::Missing(Needed::ComposeFile);
        let lacking: Vec<Problem> = config.lacking.iter().filter(is_of_compose).cloned().collect();
        return names::refused(config, host, &lacking).await;
    }
    if let Some(failure) = Box::pin(stranger::refusal(config, with, host)).await {
        return not_run(config, &messages::reason::failure(&failure, config.manner.locale));
    }
    let mut session = Session::new(host, config, (with, &start.env), ledger, (&outbox, &voice));
    let webhook = config.secrets.webhook.as_ref();
    let page = session.page();
    let work = outbox::beside(host, &outbox, webhook, async {
        let mut result = match config.mode {
            Mode::Watch => Box::pin(watch::perform(&mut session)).await,
            Mode::Rollback => Box::pin(rollback::perform(&mut session)).await,
            Mode::Promote => Box::pin(promote::perform(&mut session)).await,
            _ => Box::pin(deploy::perform(&mut session)).await,
        };
        if matches!(&result, Err(Failure::Stopped { attempt, .. }) if follows(attempt)) {
            // While CI was followed others may have put something else live; what cannot be read now was read before.
            let _ = session.read_again().await;
        }
        if let Err(failure) = result {
            result = Err(Box::pin(stranger::explained(config, with, host, failure)).await);
        }
        give_up(&session, &result).await;
        result
    });
    let result = deployments::beside(host, &outbox.deployments, page, work).await;
    session.tell_of_deployments().await;
    for lost in outbox.lost() {
        session.warn(&Line::Untold(lost, Spared::Deploy)).await;
    }
    if session.is_untold.get() {
        session.log(&Line::Jobs(Jobs::NoWebhook(None))).await;
    }
    let done = match result {
        Ok(done) => done,
        Err(failure) => failed(&session, &failure).await,
    };
    // Of what went live just now nothing older counts.
    if done.failure.is_some() || config.mode == Mode::Watch {
        session.is_found_ill.set(visit::is_found_ill(host, with, &session.ledger.state).await);
    }
    if let Some(why) = done.failure.as_ref().filter(|_| is_logged_apart(config)) {
        session.say(whole(why, (&session.ledger.state, session.is_found_ill.get()), Locale::En)).await;
    }
    let ms = now(host).await.since(began);
    let state = status::json(&[status::View::of(&session)]);
    publication(&session, &done, ms, state)
}

/// The settings of a run: an operator names the environment, not all of its settings once more, unless a file has
/// them; and what was deployed with them is followed, and gone back from, with them.
fn settings(config: &Config, with: &Environment, state: &State) -> Environment {
    let is_bare = config.origin.door == "command" && !config.listed.contains(&with.name);
    let is_partial = is_bare || matches!(config.mode, Mode::Rollback | Mode::Watch);
    let known = state.with.as_deref().filter(|_| is_partial);
    let is_given = |input: &str| config.given.contains(input);
    known.map_or_else(|| with.clone(), |known| with.completed(known, is_given))
}

/// Whether the log says in English what people are told in another language: who searches logs, or these pages,
/// finds it in one. A person at a terminal is not told twice.
fn is_logged_apart(config: &Config) -> bool {
    config.manner.locale != Locale::En && config.origin.door != "command"
}

/// What could not even begin is told as well: nobody reads how a detached watcher ends, or a job that a push or the
/// end of CI has started. Whoever goes back by hand, or sits at a terminal, sees it.
async fn give_up<H: Host>(session: &Session<'_, H>, result: &Result<Done, Failure>) {
    let config = session.config;
    let locale = session.with.locale;
    let is_deploy = matches!(config.mode, Mode::Deploy | Mode::Promote);
    let why = match result {
        Err(Failure::Stopped { signal, attempt }) => {
            let stopped = (signal.clone(), attempt.clone(), left(session, attempt).await);
            return interrupted(session, stopped).await;
        }
        Err(Failure::Locked { holder, .. }) if is_deploy => messages::holder::holder(holder, locale),
        Err(failure) => messages::reason::failure(failure, locale),
        Ok(done) => match done.failure.as_deref() {
            Some(Ending::Reason(why)) => messages::reason::reason(why, locale),
            _ => return,
        },
    };
    let Some(sha) = &config.request.sha else {
        return;
    };
    let state = &session.ledger.state;
    let kind = match config.mode {
        _ if config.request.intent == Intent::DryRun || config.origin.door == "command" => return,
        // An event may be of what was never here.
        Mode::Watch if config.origin.door != "watcher" && !state.was_here(sha) => return,
        Mode::Watch => NoticeKind::Unsettled { why, by_event: config.origin.event.is_some() },
        _ if is_deploy && matches!(result, Err(Failure::Locked { .. })) => NoticeKind::Busy(why),
        _ if is_deploy => NoticeKind::Failed(why),
        _ => return,
    };
    let mut notice = Notice::about(state, sha, kind);
    notice.promotes = config.mode == Mode::Promote;
    notice.open = Open::of(state, session.ledger.is_ahead).filter(|_| matches!(notice.kind, NoticeKind::Failed(_)));
    if state.operation.as_ref().is_some_and(Operation::touched) {
        // What was begun is neither finished nor undone: nothing is certain.
        notice.live = None;
    }
    session.tell(notice).await;
}

/// Who is told that a deploy has begun is told that it was interrupted. A watcher is stopped by the one that takes its
/// place, or with the machine, and goes on with the next run; a plan has begun nothing.
async fn interrupted<H: Host>(session: &Session<'_, H>, (signal, attempt, left): (String, Attempt, Left)) {
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
fn follows(attempt: &Attempt) -> bool {
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

async fn failed<H: Host>(session: &Session<'_, H>, failure: &Failure) -> Done {
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

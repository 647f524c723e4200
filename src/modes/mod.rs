//! A file for each mode: what it asks of the machine, and how its outcome is told; and what several of them share
//! (`beginning`, `pick_up`, `settle`, `visit` and others).

mod beginning;
pub mod deploy;
pub mod doctor;
mod ended;
pub mod health;
mod last_word;
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

use crate::config::{Config, Intent, file_path};
use crate::deployments;
use crate::environment::{Environment, Locale};
use crate::failure::problem::{Needed, Wrong};
use crate::failure::{Failure, Problem};
use crate::host::{Host, Publication, Start};
use crate::ledger::Ledger;
use crate::machine::State;
use crate::messages;
use crate::messages::ending::{Ending, Since, ending, untouched, whole};
use crate::messages::log::{Jobs, Line, Spared};
use crate::outbox::{self, Outbox};
use crate::report::{Done, not_run, publication};
use crate::session::{Session, now};
use crate::settings::Mode;
use crate::steps::evidence;
use crate::time::Millis;
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
            Some(with) => {
                if config.mode == Mode::Promote
                    && let Some(problem) = names::source(config, host, with).await
                {
                    return names::refused(config, host, &[problem]).await;
                }
                Box::pin(on_one(start, config, with, host)).await
            }
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
            let unread = Ledger::unread(&with.ledger(), &config.origin.run());
            let session = Session::new(host, config, (with, &start.env), unread, (&outbox, &voice));
            return without_ledger(&session, failure).await;
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
    // A watcher was handed what the job had read.
    if config.file.is_some() && config.origin.door != "watcher" {
        session.log(&Line::Configured(file_path(start))).await;
    }
    let page = session.page();
    let work = outbox::beside(host, &outbox, config.secrets.webhook.as_ref(), to_its_end(&mut session));
    let result = deployments::beside(host, &outbox.deployments, page, work).await;
    session.tell_of_deployments().await;
    for lost in outbox.lost() {
        session.warn(&Line::Untold(lost, Spared::Deploy)).await;
    }
    if session.is_untold.get() {
        session.log(&Line::Jobs(Jobs::NoWebhook(None))).await;
    }
    published(&session, result, began).await
}

/// Nothing is known of the environment: nothing is done, and people are told.
async fn without_ledger<H: Host>(session: &Session<'_, H>, failure: Failure) -> Publication {
    let config = session.config;
    let failure = stranger::explained(config, session.with, session.host, failure).await;
    if is_logged_apart(config) {
        session.say(untouched(&failure, Locale::En)).await;
    }
    let publication = not_run(config, &untouched(&failure, config.manner.locale));
    Box::pin(last_word::unread(session, failure)).await;
    publication
}

/// The mode itself, with what is to be said where it could not do what it was there for.
async fn to_its_end<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    let (config, with, host) = (session.config, session.with, session.host);
    let mut result = match config.mode {
        Mode::Watch => Box::pin(watch::perform(session)).await,
        Mode::Rollback => Box::pin(rollback::perform(session)).await,
        Mode::Promote => Box::pin(promote::perform(session)).await,
        _ => Box::pin(deploy::perform(session)).await,
    };
    if matches!(&result, Err(Failure::Stopped { attempt, .. }) if last_word::follows(attempt)) {
        // While CI was followed others may have put something else live; what cannot be read now was read before.
        let _ = session.read_again().await;
    }
    if result.as_ref().is_err_and(|failure| failure.is_unread(&with.ledger())) {
        session.since.set(Since::Unread);
    }
    if let Err(failure) = result {
        result = Err(Box::pin(stranger::explained(config, with, host, failure)).await);
    }
    last_word::give_up(session, &result).await;
    result
}

/// How it ended, and what is live then, beside what the ledger says of that.
async fn published<H: Host>(session: &Session<'_, H>, result: Result<Done, Failure>, began: Millis) -> Publication {
    let done = match result {
        Ok(done) => done,
        Err(failure) => last_word::failed(session, &failure).await,
    };
    // Of what went live just now nothing older counts.
    if done.failure.is_some() || session.config.mode == Mode::Watch {
        session.since.set(since(session).await);
    }
    session.has_failed_since.set(evidence::has_failed_live(session).await.ok().flatten());
    if let Some(why) = done.failure.as_ref().filter(|_| is_logged_apart(session.config)) {
        session.say(whole(why, &session.ledger.state, session.known_since(), Locale::En)).await;
    }
    let ms = session.now().await.since(began);
    let state = status::json(&[status::View::of(session)]);
    publication(session, &done, ms, state)
}

/// What is known of what is live beside the ledger.
async fn since<H: Host>(session: &Session<'_, H>) -> Since {
    if session.since.get() == Since::Unread {
        return Since::Unread;
    }
    match visit::is_found_ill(session.host, session.with, &session.ledger.state).await {
        true => Since::Ill,
        false => Since::Known,
    }
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

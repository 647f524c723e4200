//! `deploy`: put an exact SHA live at once, then have its CI followed.

use futures_util::future::join;

use super::beginning::{begin_after, refuse, settle_what_stays};
use super::pick_up::{LOOK_MS, pick_up};
use super::question::{is_of_ci, question, settled};
use super::{ended, plan, settle, watch};
use crate::config::Intent;
use crate::drive::{can_be_undone, drive, lock, unlock};
use crate::environment::Watch;
use crate::failure::Failure;
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Keep, Reply, Start};
use crate::ledger::make_folder;
use crate::machine::request::Force;
use crate::machine::verdict::Verdict;
use crate::machine::{Ask, Fact, Outcome};
use crate::messages::ending::Ending;
use crate::messages::log::{Ci, Line};
use crate::messages::{self, Ground};
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::look::Memory;
use crate::steps::standing::stats;
use crate::steps::{ahead, survey};
use crate::tools::ci_run::WorkflowRun;
use crate::tools::secret::{names, withheld};
use crate::tools::trigger::awaited;

/// What a watcher must not inherit beside secrets: by the first the runner kills when the job ends, the others
/// name files and folders that the next job wipes: what writes there would fail, `deploy-command` too.
const JOB_ONLY: [&str; 8] = [
    "RUNNER_TRACKING_ID",
    "NODE_OPTIONS",
    "RUNNER_TEMP",
    "GITHUB_ENV",
    "GITHUB_OUTPUT",
    "GITHUB_PATH",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
];

/// How long GitHub has to say that CI has failed what is to be deployed, milliseconds: a deploy does not wait for it.
const GLANCE_MS: u64 = 3_000;

/// Runs the mode.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    let Some(sha) = session.config.request.sha.clone() else {
        return Ok(Done::at_once(Ending::NoSha));
    };
    if session.config.request.intent == Intent::DryRun {
        return plan::of_deploy(session, &sha).await;
    }
    let purpose = format!("deploy {}", sha.short());
    let said = match can_be_undone(&session.ledger.state, &sha) {
        true => said_already(session, &sha).await?,
        false => None,
    };
    // Beside the lock, which starts a program too.
    join(lock(session, &purpose), survey::repository(session)).await.0?;
    let next = under_lock(session, &sha, said).await;
    unlock(session).await;
    match next? {
        AfterDeploy::Over(done) => Ok(done),
        AfterDeploy::Watch(done, how) => follow(session, &sha, done, how).await,
    }
}

enum AfterDeploy {
    Over(Done),
    Watch(Done, Watch),
}

async fn under_lock<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    said: Option<(Verdict, WorkflowRun)>,
) -> Result<AfterDeploy, Failure> {
    begin_after(session, sha, said).await?;
    pick_up(session, Some(sha)).await?;
    ahead::begin(session);
    if let Err(trouble) = survey::before_fetch(session).await {
        return refuse(sha, trouble).map(AfterDeploy::Over);
    }
    look_again(session, sha).await?;
    let ask = Ask::Deploy { sha: sha.clone(), force: session.config.request.force };
    session.add(Fact::Asked { ask, with: survey::located(session, session.with.clone()) }).await;
    session.write().await?;
    drive(session).await?;
    match outcome(session, sha) {
        Ok(done) => {
            settle_what_stays(session, sha).await?;
            Ok(AfterDeploy::Over(done))
        }
        Err(done) => hand_over(session, sha, done).await,
    }
}

/// CI of a quarantined SHA may have been run again until it was green, and no event told us; and it may have failed another
/// one already: that is not put live to be gone back from.
async fn look_again<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<(), Failure> {
    let state = &session.ledger.state;
    let seen = match state.is_quarantined(sha) {
        _ if session.config.request.force == Force::Override => None,
        true => told_of(session, sha, Memory::default()).await?.filter(|(verdict, _)| *verdict == Verdict::Success),
        false if state.is_live(sha) || !asks_first(session) => None,
        // It is not put live anyway.
        false if settle::is_overtaken(session, sha).await == Some(true) => None,
        false => said_already(session, sha).await?.filter(|(verdict, _)| verdict.condemns()),
    };
    if let Some((verdict, run)) = seen {
        settle::settle_locked(session, sha, verdict, Some(&run), settle::AfterSettling::Deploy).await?;
    }
    Ok(())
}

/// What CI has come to on a SHA, as GitHub tells it now.
async fn told_of<H: Host>(
    session: &Session<'_, H>,
    sha: &Sha,
    memory: Memory,
) -> Result<Option<(Verdict, WorkflowRun)>, Failure> {
    match session.api().await? {
        Some(api) => settled(session, &api, &question(session, &api, sha), memory).await,
        None => Ok(None),
    }
}

/// CI's word on what is to be deployed, where this run does not come before CI: looked for once, and not for long.
async fn said_already<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Option<(Verdict, WorkflowRun)>, Failure> {
    if !asks_first(session) {
        return Ok(None);
    }
    let until = session.now().await.plus(GLANCE_MS);
    told_of(session, sha, Memory::until(until)).await
}

/// Whether GitHub is asked first what CI has said already.
pub(super) fn asks_first<H: Host>(session: &Session<'_, H>) -> bool {
    let is_followed = session.with.ci.watch != Watch::None;
    let is_forced = session.config.request.force == Force::Override;
    is_followed && !is_forced && !comes_first(session) && !is_of_ci(session)
}

/// Whether this is the run of the push itself, in its first attempt: CI has begun with it.
fn comes_first<H: Host>(session: &Session<'_, H>) -> bool {
    let origin = &session.config.origin;
    origin.event_name == "push" && origin.attempt <= 1
}

/// How the request ended; Err: it is live, and its CI is still to speak.
fn outcome<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Done, Done> {
    let state = &session.ledger.state;
    let Some(ended) = state.history.last() else {
        return Ok(Done::badly(Word::Failed, sha, Ending::NotCarriedOut));
    };
    match ended.outcome {
        // What only counts as validated is looked at again: its success may move the point now.
        Outcome::Deployed | Outcome::Unchanged if state.may_be_point(sha) => Ok(Done::well(Word::Validated, sha)),
        // Forced against CI's word: there is nothing left to wait for.
        Outcome::Deployed if state.is_quarantined(sha) => Ok(Done::well(Word::Deployed, sha)),
        Outcome::Deployed => Err(Done::well(Word::Deployed, sha)),
        Outcome::Unchanged => Err(Done::well(Word::Unchanged, sha)),
        Outcome::Superseded => Ok(Done::well(Word::Superseded, sha)),
        // It stays: its CI can still be ground to undo it.
        Outcome::Unhealthy { .. } if state.records.get(sha).is_none_or(|record| record.ci.is_none()) => {
            Err(ended::badly(session, sha, ended))
        }
        _ => Ok(ended::badly(session, sha, ended)),
    }
}

/// Notes in the ledger who follows CI, while the lock is still held.
async fn hand_over<H: Host>(session: &mut Session<'_, H>, sha: &Sha, done: Done) -> Result<AfterDeploy, Failure> {
    let (how, why) = choose(session).await;
    if session.with.ci.watch == Watch::Auto {
        let locale = session.with.locale;
        session.chose("watch", messages::follower(how, locale), messages::ground(why, locale));
    }
    if how == Watch::None {
        session.log(&Line::Ci(Ci::NotFollowed)).await;
        return Ok(AfterDeploy::Over(done));
    }
    let until = session.now().await.plus(session.with.ci.timeout_ms);
    session.add(Fact::Watching { sha: sha.clone(), how, until }).await;
    session.write().await?;
    session.log(&Line::Ci(Ci::Followed(sha.clone(), how, why, until))).await;
    Ok(AfterDeploy::Watch(done, how))
}

async fn follow<H: Host>(session: &mut Session<'_, H>, sha: &Sha, done: Done, how: Watch) -> Result<Done, Failure> {
    match how {
        Watch::Event => {
            let Some(settled) = settled_before(session, sha).await? else {
                return Ok(done);
            };
            return Ok(with_verdict(done, settled));
        }
        Watch::Detached => match watched(session, sha).await {
            Ok(pid) => {
                let log = watch::log_path(session.with, sha);
                session.log(&Line::Ci(Ci::Watcher(pid, log))).await;
                return Ok(done);
            }
            Err(seen) => {
                session.warn(&Line::Ci(Ci::NoWatcher(seen))).await;
            }
        },
        _ => {}
    }
    let followed = watch::follow(session, sha).await?;
    Ok(with_verdict(done, followed))
}

/// Whatever CI says makes an unhealthy version no better, as long as it stays.
fn with_verdict(done: Done, judged: Done) -> Done {
    if done.failure.is_some() && judged.word != Word::RolledBack { done } else { judged }
}

/// The event that tells of CI comes once, when CI ends. On the push that is later than the deploy; a deploy that is
/// run again, by hand, or on that very event may come after it: CI is looked at once.
async fn settled_before<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Option<Done>, Failure> {
    if comes_first(session) {
        return Ok(None);
    }
    match told_of(session, sha, Memory::until(session.now().await.plus(LOOK_MS))).await? {
        Some((verdict, run)) => settle::settle(session, sha, verdict, Some(&run)).await.map(Some),
        None => Ok(None),
    }
}

/// Who follows CI, and why.
async fn choose<H: Host>(session: &Session<'_, H>) -> (Watch, Ground) {
    let lasting = session.config.secrets.watch_token.is_some();
    match session.with.ci.watch {
        Watch::Auto if has_trigger(session).await => (Watch::Event, Ground::Trigger),
        Watch::Auto if lasting => (Watch::Detached, Ground::Token),
        Watch::Auto if session.config.origin.public == Some(true) => (Watch::Detached, Ground::Public),
        Watch::Auto => (Watch::Inline, Ground::Nothing),
        Watch::Detached if !lasting => (Watch::Detached, Ground::Tokenless),
        how => (how, Ground::Set),
    }
}

/// Whether the running workflow's own file, as deployed, is also triggered by the end of another.
async fn has_trigger<H: Host>(session: &Session<'_, H>) -> bool {
    let reference = &session.config.origin.workflow_ref;
    let Some(file) = reference
        .split('@')
        .next()
        .and_then(|path| Some(path.get(path.find("/.github/workflows/")? + 1..)?.to_owned()))
    else {
        return false;
    };
    let Ok(git) = survey::repository(session).await else {
        return false;
    };
    for folder in [git.top(), session.config.origin.workspace.as_str()] {
        let command = Command::Read { path: format!("{folder}/{file}"), cap: 256 * 1024, keep: Keep::Head };
        if let Reply::Text { text, .. } = session.host.perform(command).await {
            return awaited(&text).is_some();
        }
    }
    false
}

/// A watcher, and the folder of its log: nobody would be told of a log that is not there.
async fn watched<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<u32, Rebuff> {
    let folder = session.with.log_folder.clone();
    if stats(session, vec![folder.clone()]).await.iter().all(Option::is_none)
        && let Err(Failure::Disk { path, seen, .. }) = make_folder(session.host, &folder).await
    {
        session.warn(&Line::Ci(Ci::NoLog(path, seen))).await;
    }
    detach(session, sha).await
}

async fn detach<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<u32, Rebuff> {
    let mut inputs = session.config.inputs.clone();
    inputs.extend(
        [("mode", "watch"), ("watch", "inline"), ("sha", sha.as_str())]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    for name in ["token", "watch-token", "dry-run", "force"] {
        inputs.remove(name);
    }
    if let Some(token) = &session.config.secrets.watch_token {
        inputs.insert("token".to_owned(), token.expose().to_owned());
    }
    // On an operator's terminal it came by a variable, which the watcher does not inherit.
    if let Some(webhook) = &session.config.secrets.webhook {
        inputs.insert("discord-webhook".to_owned(), webhook.expose().to_owned());
    }
    let drop = withheld(&JOB_ONLY);
    let mut env = session.env.clone();
    env.retain(|name, _| {
        !names(&drop, name) && !matches!(name.as_str(), "GITHUB_EVENT_NAME" | "GITHUB_EVENT_PATH" | "GITHUB_SHA")
    });
    let start = Start {
        door: "watcher".to_owned(),
        inputs,
        env,
        folder: "/".to_owned(),
        file: session.config.file.clone(),
        log: Some(watch::log_path(session.with, sha)),
        ..Start::default()
    };
    match session.host.perform(Command::Detach { start: Box::new(start), drop }).await {
        Reply::Detached { pid } => Ok(pid),
        other => Err(other.into()),
    }
}

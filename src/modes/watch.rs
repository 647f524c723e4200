//! `watch`: settle a deployed SHA by its CI. By event, what the event says is judged; otherwise CI is
//! asked at intervals until it has spoken or the time is up. Follows without the lock, settles
//! with it.

use super::deploy::begin;
use super::pick_up::{is_recent, look_at_tree};
use super::question::question;
use crate::config::Intent;
use crate::drive::{drive, is_unfinished, lock, make_folder, unlock};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Command, Host, Reply};
use crate::ledger::Ledger;
use crate::machine::entry::{self, Because, Forward};
use crate::machine::state::{Record, Watched};
use crate::machine::verdict::{Doubt, Verdict};
use crate::machine::{Ask, Fact, Outcome, State};
use crate::messages::ending::{Ending, Then};
use crate::messages::log::{Ci, Line, Plan};
use crate::messages::reason::setback;
use crate::messages::status::Awaited;
use crate::messages::{Kind, Notice};
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::digest;
use crate::steps::look::{Memory, Seen, look};
use crate::steps::unseen;
use crate::time::utc;
use crate::tools::ci_run::{CiRun, Ignored, Look, from_event};
use crate::tools::github::Api;
use crate::tools::letters::bounded;
use crate::tools::shell::word;

/// Older SHAs without a verdict that are asked about beside the newest.
const OLDER: usize = 3;

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
    let Some(api) = session.api().await else {
        return Ok(Done::badly(Word::Failed, sha, Ending::NoRepository));
    };
    match from_event(event, &question(session, &api, sha)) {
        Ok(Look::Settled { verdict, run }) => settle(session, sha, verdict, Some(&run)).await,
        Ok(_) => Ok(Done::well(Word::Pending, sha)),
        // Green, and nobody's CI is heard: whoever set the trigger is to see it.
        Err(ignored @ Ignored::OtherWorkflow(_)) => {
            session.warn(&Line::Ci(Ci::Ignored(ignored))).await;
            Ok(Done::well(Word::Pending, sha))
        }
        Err(ignored) => {
            session.log(&Line::Ci(Ci::Ignored(ignored))).await;
            Ok(Done::well(Word::Pending, sha))
        }
    }
}

/// Follows one SHA until CI has spoken or the time is up, and settles it.
pub async fn follow<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Done, Failure> {
    let Some(api) = session.api().await else {
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
    let at = utc(session.now().await);
    let holder = format!(
        "watcher of {} ({}, process {}, since {at} UTC)",
        sha.short(),
        session.config.origin.run(),
        session.config.origin.pid
    );
    let wait_ms = session.with.ci.interval_ms.saturating_mul(2).saturating_add(5_000);
    let command = Command::Lock { path: session.with.watcher_lock(), holder, wait_ms };
    match session.host.perform(command).await {
        Reply::Cancelled { signal } => Err(Failure::Stopped { signal, attempt: Attempt::Watcher }),
        Reply::Held { holder } => {
            session.log(&Line::Ci(Ci::Beside(crate::drive::known(&holder)))).await;
            Ok(())
        }
        _ => Ok(()),
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
            Seen::Running(run) => changed(session, &mut told, line(&run), ci.interval_ms).await,
            Seen::Later { ms, why } if now >= until => {
                changed(session, &mut told, Ci::Later(why.clone()), ms).await;
                let seen = setback(&why, session.with.locale);
                return settle(session, sha, Verdict::Inconclusive(Doubt::Unreachable(seen)), None).await;
            }
            Seen::Later { ms, why } => changed(session, &mut told, Ci::Later(why), ms.max(ci.interval_ms)).await,
        };
        if now >= until {
            return settle(session, sha, Verdict::Inconclusive(Doubt::Expired), None).await;
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

fn line(run: &CiRun) -> Ci {
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
    session.ledger = Ledger::read(session.host, &session.with.ledger(), &session.config.origin.run()).await?;
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
    session.ledger = Ledger::read(session.host, &session.with.ledger(), &session.config.origin.run()).await?;
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

/// Writes what CI said, and lets the machine do what follows from it.
pub async fn settle<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    run: Option<&CiRun>,
) -> Result<Done, Failure> {
    settle_if(session, sha, verdict, run, |_| true).await
}

/// The same, where it is still wanted in view of what is live by then.
async fn settle_if<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    run: Option<&CiRun>,
    is_wanted: impl Fn(Option<&Sha>) -> bool,
) -> Result<Done, Failure> {
    lock(session, &format!("settling {}", sha.short())).await?;
    let done = async {
        begin(session).await?;
        look_at_tree(session).await?;
        match is_wanted(session.live().as_ref()) {
            true => settle_locked(session, sha, verdict, run).await,
            false => Ok(Done::well(Word::Superseded, sha)),
        }
    }
    .await;
    unlock(session).await;
    done
}

pub(super) async fn settle_locked<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    run: Option<&CiRun>,
) -> Result<Done, Failure> {
    let was_live = session.live().as_ref() == Some(sha);
    // Not their number: the oldest is forgotten when another comes.
    let is_in = |state: &State| state.validated.iter().any(|one| one.sha == *sha);
    let was_validated = is_in(&session.ledger.state);
    let run = run.map(CiRun::fact);
    let known = session.ledger.state.records.get(sha).and_then(|record| record.ci.clone());
    if session.ledger.state.knows_later(sha, run.as_ref()) {
        session.log(&Line::Ci(Ci::Outdated)).await;
        note(session, sha, known.clone(), known).await?;
        drive(session).await?;
        return Ok(Done::well(Word::Superseded, sha));
    }
    let is_news = note(session, sha, Some((verdict.clone(), run)), known.clone()).await?;
    let ended_before = session.ledger.state.history.last().cloned();
    drive(session).await?;
    let state = &session.ledger.state;
    let followed = state.history.last().filter(|ended| Some(*ended) != ended_before.as_ref()).cloned();
    let deployed = state.records.get(sha).is_some_and(|record| record.commit.is_some());
    let is_validated = is_in(state);
    // No answer takes no earlier answer back.
    let stands = known.map(|(verdict, _)| verdict).filter(Verdict::judges);
    if let Some(ended) = &followed {
        return Ok(after_rollback(session.with, sha, &ended.ask, &ended.outcome));
    }
    let kind = match &verdict {
        Verdict::Success if is_validated && !was_validated => Some(Kind::Validated),
        Verdict::Failure(_) if was_live => Some(Kind::Cornered(session.way_back(sha))),
        Verdict::Failure(_) if deployed => Some(Kind::Condemned),
        Verdict::Inconclusive(doubt) if was_live && stands.is_none() => Some(Kind::Unvalidated(doubt.clone())),
        _ => None,
    };
    if let Some(kind) = kind.filter(|_| is_news) {
        let notice = Notice::about(&session.ledger.state, sha, kind);
        let notice = digest::add(session, notice).await;
        session.tell(notice).await;
    }
    let verdict = match (verdict, stands) {
        (Verdict::Inconclusive(doubt), Some(stands)) => {
            session.log(&Line::Ci(Ci::Stands(doubt))).await;
            stands
        }
        (verdict, _) => verdict,
    };
    Ok(settled(session, sha, verdict, (was_live, is_validated)).await)
}

/// What CI said, and in which run.
type Said = (Verdict, Option<entry::CiRun>);

/// Writes what CI said, where that is news; and where it is known already but waited for, as that ends the wait. Whether it is news.
async fn note<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    told: Option<Said>,
    known: Option<Said>,
) -> Result<bool, Failure> {
    let is_news = told != known;
    let is_awaited = session.ledger.state.watch.as_ref().is_some_and(|watch| watch.sha == *sha);
    if let Some((verdict, run)) = told.filter(|_| is_news || is_awaited) {
        let forward = forward(session, sha).await?;
        session.add(Fact::Ci { sha: sha.clone(), verdict, run, forward }).await;
        session.write().await?;
    }
    Ok(is_news)
}

/// How a SHA that was only noted ends a run, and why, in the log.
async fn settled<H: Host>(
    session: &Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    (was_live, is_validated): (bool, bool),
) -> Done {
    match verdict {
        Verdict::Success if is_validated => Done::well(Word::Validated, sha),
        Verdict::Success => {
            session.log(&Line::Ci(Ci::NotForward)).await;
            Done::well(if was_live { Word::Deployed } else { Word::Superseded }, sha)
        }
        Verdict::Failure(_) if was_live => Done::badly(Word::Failed, sha, Ending::Cornered(session.way_back(sha))),
        Verdict::Failure(_) => {
            session.log(&Line::Ci(Ci::FailedElsewhere)).await;
            Done::well(Word::Superseded, sha)
        }
        Verdict::Inconclusive(doubt) if !was_live => doubted(session, sha, doubt).await,
        Verdict::Inconclusive(doubt) => Done::badly(Word::Pending, sha, Ending::Unvalidated(sha.clone(), doubt)),
    }
}

/// CI gave no answer on a SHA that is not live. Where no deploy ever asked for it, a person mistyped it: that must not
/// look like a success. An event comes for every commit of the branch, and paths can keep one from being deployed.
async fn doubted<H: Host>(session: &Session<'_, H>, sha: &Sha, doubt: Doubt) -> Done {
    let state = &session.ledger.state;
    let is_recorded = |record: &Record| record.commit.is_some() || record.healthy_at.is_some();
    let was_found = [&state.baseline, &state.previous].contains(&&Some(sha.clone()));
    let was_here = was_found || state.records.get(sha).is_some_and(is_recorded);
    if !was_here && session.config.origin.event.is_none() {
        return Done::badly(Word::Pending, sha, Ending::NeverDeployed(sha.clone(), doubt));
    }
    session.log(&Line::Ci(Ci::NoVerdict(doubt, was_here))).await;
    Done::well(Word::Superseded, sha)
}

fn after_rollback(with: &Environment, sha: &Sha, ask: &Ask, outcome: &Outcome) -> Done {
    let because = match ask {
        Ask::Rollback { because: Because::Timeout, .. } => Because::Timeout,
        _ => Because::Ci,
    };
    let (word, then) = match outcome {
        Outcome::RolledBack => (Word::RolledBack, Then::RolledBack(ask.target().clone())),
        Outcome::Guarded { paths } => {
            let command = format!(
                "mangetamain-deploy rollback --environment {} --app-path {} --to {}",
                with.name,
                word(&with.app_path),
                ask.target()
            );
            (Word::Failed, Then::Guarded(paths.clone(), command))
        }
        Outcome::Failed { why } | Outcome::Stuck { why } | Outcome::Unhealthy { why } => {
            (Word::Failed, Then::Stayed(why.clone()))
        }
        _ => (Word::Failed, Then::Unknown),
    };
    Done::badly(word, sha, Ending::ByCi { sha: sha.clone(), because, then })
}

async fn forward<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Forward, Failure> {
    match crate::steps::forward::perform(session, sha).await {
        Ok(forward) => Ok(forward),
        Err(crate::steps::Trouble::Stop(failure)) => Err(failure),
        // Not known is no.
        Err(crate::steps::Trouble::Fault { .. }) => Ok(Forward::No),
    }
}

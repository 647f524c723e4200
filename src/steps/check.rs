//! Check the site: every URL, all tries, and the proof that it is the new version that answers. A
//! green answer of the old one does not count.

use futures_util::future::join;

use super::engine::{containers_awaited, inspection};
use super::images::{Named, run_by};
use super::{Trouble, profile, site};
use crate::environment::{Compose, Environment, Locale};
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::Fact;
use crate::machine::entry::Checkup;
use crate::machine::operation::Operation;
use crate::messages::log::{Containers, Did, Line, Runs};
use crate::messages::site::{Symptom, symptom};
use crate::messages::status::Awaited;
use crate::parallel::all;
use crate::session::Session;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::compose::{Container, During, Proof, ours, proof};
use crate::tools::health::ProvenBy;
use crate::tools::strategy::Strategy;

const ATTEMPT: &Attempt = &Attempt::Site;
/// Time between tries during the grace, milliseconds: they do not count, so they may come quickly.
const GRACE_STEP_MS: u64 = 250;
/// The longest of them.
const GRACE_STEP_MAX_MS: u64 = 1_000;
/// How long containers must run undisturbed, those of [`to_soak`], milliseconds.
const SOAK_MS: u64 = 3_000;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let began = session.now().await;
    let seen = tries(session, operation).await?;
    let ms = session.now().await.since(began);
    let (health, did, images) = match seen {
        Ok((runs, images)) => (Checkup::Healthy(Did::Runs(runs).text(Locale::En)), Did::Runs(runs), images),
        // People read it where their language is spoken, the log has its own.
        Err(found) => (Checkup::Unhealthy(symptom(&found, operation.with.locale)), Did::Unhealthy(found), Named::new()),
    };
    session.add(Fact::Checked { health, ms, images }).await;
    Ok(did)
}

/// Ok: what proves the version, and the images that it runs; Err: what was seen last, a trouble where that was nothing.
async fn tries<H: Host>(
    session: &Session<'_, H>,
    operation: &Operation,
) -> Result<Result<(Runs, Named), Symptom>, Trouble> {
    let health = &operation.with.health;
    // Without a restart there is nothing to be patient with.
    let grace = if operation.touched() { health.grace_ms } else { 0 };
    let began = session.now().await;
    let (mut counted, mut step, mut told) = (0, GRACE_STEP_MS, None);
    let mut soak = None;
    // Counted beside the clock: that may be set back meanwhile.
    let mut slept = 0;
    loop {
        let (seen, fault) = match once(session, operation).await {
            Ok(seen) => (seen, None),
            // An engine that is started again by somebody answers a moment later.
            Err(Trouble::Fault { why, touched, blame }) => {
                (Err(Symptom::NotTold(why.clone())), Some(Trouble::Fault { why, touched, blame }))
            }
            Err(stop) => return Err(stop),
        };
        let seen = match seen {
            Ok((by, marks, images)) => {
                let now = began.plus(session.now().await.since(began).max(slept));
                left_to_soak(operation, &mut soak, marks, now).map(|left| ((by, images), left))
            }
            Err(why) => {
                soak = None;
                Err(why)
            }
        };
        let found = match seen {
            Ok((by, 0)) => return Ok(Ok(by)),
            Ok((_, left)) => {
                say_why(session, operation, soak.as_ref(), left).await;
                session.sleep(left, ATTEMPT).await?;
                slept += left;
                continue;
            }
            Err(found) => found,
        };
        let waited = session.now().await.since(began).max(slept);
        let in_grace = waited < grace;
        if !in_grace {
            counted += 1;
        }
        if told.as_ref() != Some(&found) {
            let tried = (!in_grace).then_some((counted, health.attempts));
            session.log(&Line::Containers(Containers::NotHealthy(waited, tried, found.clone()))).await;
            told = Some(found.clone());
        }
        if counted >= health.attempts {
            return fault.map_or(Ok(Err(found)), Err);
        }
        let pause = if in_grace { step.min(grace - waited).min(health.interval_ms) } else { health.interval_ms };
        step = (step * 2).min(GRACE_STEP_MAX_MS);
        let tries = u64::from(health.attempts.saturating_sub(counted)) * health.interval_ms;
        let seen = symptom(&found, session.config.manner.locale);
        let until = session.now().await.plus(grace.saturating_sub(waited) + tries);
        session.waits(&Awaited::Health(&seen), until).await;
        session.sleep(pause, ATTEMPT).await?;
        slept += pause;
    }
}

/// Which containers there are, since when they run, and how often docker started them again.
#[derive(Debug, Clone, PartialEq)]
struct ContainerStamp {
    id: String,
    name: String,
    started: Option<Millis>,
    restarts: u64,
}

/// Those that must run undisturbed before they count. Where no site is asked, "it runs" alone is true between
/// two crashes as well: all of them. Beside a site that answers, those that docker has started again by itself
/// since this deploy began: mostly none.
fn to_soak(operation: &Operation, found: &[Container], now: Millis) -> Vec<ContainerStamp> {
    let Some(began) = operation.began_at.filter(|_| operation.touched()) else {
        return Vec::new();
    };
    let is_asked = !operation.with.health.urls.is_empty();
    let must = |one: &&Container| !is_asked || one.started_again(During { began, now });
    let mark = |one: &Container| ContainerStamp {
        id: one.id.clone(),
        name: one.name.clone(),
        started: one.started,
        restarts: one.restarts,
    };
    found.iter().filter(must).map(mark).collect()
}

/// How long these have still to run undisturbed, milliseconds; Err: some were started again.
fn left_to_soak(
    operation: &Operation,
    soak: &mut Option<(Millis, Vec<ContainerStamp>)>,
    marks: Vec<ContainerStamp>,
    now: Millis,
) -> Result<u64, Symptom> {
    if marks.is_empty() {
        return Ok(0);
    }
    let (since, before) = soak.take().unwrap_or_else(|| (now, marks.clone()));
    let new: Vec<String> = marks.iter().filter(|mark| !before.contains(mark)).map(|mark| mark.name.clone()).collect();
    if new.is_empty() {
        *soak = Some((since, marks));
        return Ok(whole_soak(operation).saturating_sub(now.since(since)));
    }
    *soak = Some((now, marks));
    Err(Symptom::StartedAgain(new))
}

fn whole_soak(operation: &Operation) -> u64 {
    SOAK_MS.min(operation.with.health.interval_ms)
}

/// The site answers already: says once what is waited for.
async fn say_why<H: Host>(
    session: &Session<'_, H>,
    operation: &Operation,
    soak: Option<&(Millis, Vec<ContainerStamp>)>,
    left: u64,
) {
    let Some((_, marks)) = soak.filter(|_| !operation.with.health.urls.is_empty() && left == whole_soak(operation))
    else {
        return;
    };
    let names = marks.iter().map(|mark| mark.name.clone()).collect();
    session.log(&Line::Containers(Containers::StartedAgain(names, left))).await;
}

/// One try. Ok: what proves the version, the containers that must run undisturbed, and the images that it runs where a
/// command may move their names; Err: what was seen.
async fn once<H: Host>(
    session: &Session<'_, H>,
    operation: &Operation,
) -> Result<Result<(Runs, Vec<ContainerStamp>, Named), Symptom>, Trouble> {
    let with = &operation.with;
    let sha = operation.ask.target();
    let asked = all(with.health.urls.iter().map(|url| ask(session, with, url, sha)));
    // The program first: it is the longer of the two, and is at work while the other is set up.
    let (found, answers) = join(ours_now(session, with.compose.as_ref()), asked).await;
    let mut by_body = !with.health.urls.is_empty();
    for answer in answers {
        match answer? {
            Err(found) => return Ok(Err(found)),
            Ok(ProvenBy::Body) => {}
            Ok(ProvenBy::Nothing) => by_body = false,
        }
    }
    let (found, now) = (found?, session.now().await);
    let began = operation.began_at.filter(|_| operation.touched());
    let is_before = |one: &Container| began.is_none_or(|began| one.started.is_some_and(|started| started < began));
    let found = match found {
        Some(found) => Some(profile::expected(session, found, is_before).await),
        None => None,
    };
    let containers = found.as_deref().unwrap_or_default();
    let marks = to_soak(operation, containers, now);
    let images = if with.deploy_command.is_empty() { Named::new() } else { run_by(containers) };
    Ok(by_containers(operation, found, by_body, now).map(|by| (by, marks, images)))
}

/// Asks one URL whether it is well and, where it can tell, live with this SHA. Err: what was seen.
pub async fn ask<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    url: &str,
    sha: &Sha,
) -> Result<Result<ProvenBy, Symptom>, Failure> {
    let seen = site::ask(session.host, &with.health, url, Some(sha), ATTEMPT).await?;
    Ok(seen
        .result
        .map(|well| well.version)
        .map_err(|badly| Symptom::AnswerAt { url: url.to_owned(), unwell: badly.why }))
}

fn by_containers(
    operation: &Operation,
    found: Option<Vec<Container>>,
    by_body: bool,
    now: Millis,
) -> Result<Runs, Symptom> {
    let Some(found) = found else {
        return Ok(if by_body { Runs::ByBody } else { Runs::ByTree });
    };
    let waits = |one: &&Container| one.runs() && matches!(one.health.as_deref(), Some("starting" | "unhealthy"));
    if let Some(one) = found.iter().find(waits).filter(|_| operation.with.health.urls.is_empty()) {
        let said = one.health.as_deref().unwrap_or_default();
        return Err(Symptom::OwnCheck { name: one.name.clone(), said: said.to_owned() });
    }
    // Nothing was restarted: what runs is what ran.
    let Some(began) = operation.began_at.filter(|_| operation.touched()) else {
        return match proof(&found, During::EVER) {
            Proof::NotRunning(names) => Err(Symptom::NotRunning(names)),
            _ => Ok(Runs::AsBefore),
        };
    };
    match proof(&found, During { began, now }) {
        Proof::Fresh => Ok(Runs::Fresh),
        // `up` leaves alone what is the same in both versions, and what is not was restarted.
        Proof::Stale(_) if operation.applied != Some(Strategy::Restart) => Ok(Runs::Unchanged),
        Proof::Stale(_) if by_body => Ok(Runs::ByBody),
        Proof::Stale(names) => Err(Symptom::Old(names)),
        Proof::NotRunning(names) => Err(Symptom::NotRunning(names)),
        Proof::Nothing => Err(Symptom::NoContainer),
    }
}

/// Our containers as they are now; those that were only restarted need not be looked for again.
async fn ours_now<H: Host>(
    session: &Session<'_, H>,
    compose: Option<&Compose>,
) -> Result<Option<Vec<Container>>, Trouble> {
    let Some(compose) = compose else {
        return Ok(None);
    };
    let restarted = session.restarted.borrow().clone();
    if !restarted.is_empty()
        && let Ok(found) = inspection(session, &restarted).await
    {
        return Ok(Some(found));
    }
    match listed_now(session, compose).await {
        Ok(found) => Ok(Some(found)),
        Err(Trouble::Stop(failure)) => Err(Trouble::Stop(failure)),
        // One of them may have gone between the two questions.
        Err(Trouble::Fault { .. }) => listed_now(session, compose).await.map(Some),
    }
}

async fn listed_now<H: Host>(session: &Session<'_, H>, compose: &Compose) -> Result<Vec<Container>, Trouble> {
    let all = containers_awaited(session).await?;
    inspection(session, &ours(&all, std::slice::from_ref(&compose.file), &compose.services)).await
}

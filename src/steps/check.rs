//! Check the site: every URL, all tries, and the proof that it is the new version that answers. A
//! green answer of the old one does not count.

use futures_util::future::join;

use super::apply::{containers, inspection};
use super::{Trouble, site};
use crate::environment::{Compose, Environment};
use crate::failure::Failure;
use crate::host::Host;
use crate::machine::Fact;
use crate::machine::entry::Checkup;
use crate::machine::state::Operation;
use crate::parallel::all;
use crate::session::Session;
use crate::sha::Sha;
use crate::time::{Millis, span};
use crate::tools::compose::{Container, During, Proof, ours, proof};
use crate::tools::health::ProvenBy;
use crate::tools::strategy::Strategy;

const ATTEMPT: &str = "checking the site";
/// Time between tries during the grace, milliseconds: they do not count, so they may come quickly.
const GRACE_STEP_MS: u64 = 250;
/// The longest of them.
const GRACE_STEP_MAX_MS: u64 = 1_000;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<String, Trouble> {
    let Some(operation) = session.ledger.state.operation.clone() else {
        return Ok(String::new());
    };
    let began = session.now().await;
    let health = tries(session, &operation).await?;
    let ms = session.now().await.since(began);
    let note = match &health {
        Checkup::Healthy(by) => by.clone(),
        Checkup::Unhealthy(why) => format!("UNHEALTHY: {why}"),
    };
    session.add(Fact::Checked { health, ms }).await;
    Ok(note)
}

async fn tries<H: Host>(session: &Session<'_, H>, operation: &Operation) -> Result<Checkup, Trouble> {
    let health = &operation.with.health;
    // Without a restart there is nothing to be patient with.
    let grace = if operation.touched() { health.grace_ms } else { 0 };
    let began = session.now().await;
    let (mut counted, mut step, mut told) = (0, GRACE_STEP_MS, String::new());
    loop {
        let why = match once(session, operation).await? {
            Ok(by) => return Ok(Checkup::Healthy(by)),
            Err(why) => why,
        };
        let waited = session.now().await.since(began);
        let in_grace = waited < grace;
        if !in_grace {
            counted += 1;
        }
        if why != told {
            let left = if in_grace {
                "in the grace, not counted".to_owned()
            } else {
                format!("try {counted} of {}", health.attempts)
            };
            session.say(format!("not healthy after {} ({left}): {why}", span(waited))).await;
            told.clone_from(&why);
        }
        if counted >= health.attempts {
            return Ok(Checkup::Unhealthy(why));
        }
        let pause = if in_grace { step.min(grace - waited).min(health.interval_ms.max(1)) } else { health.interval_ms };
        step = (step * 2).min(GRACE_STEP_MAX_MS);
        session.sleep(pause, ATTEMPT).await?;
    }
}

/// One try. Ok: what proves the version; Err: what was seen.
async fn once<H: Host>(session: &Session<'_, H>, operation: &Operation) -> Result<Result<String, String>, Trouble> {
    let with = &operation.with;
    let sha = operation.ask.target();
    let asked = all(with.health.urls.iter().map(|url| ask(session, with, url, sha)));
    let (answers, found) = join(asked, ours_now(session, with.compose.as_ref())).await;
    let mut by_body = !with.health.urls.is_empty();
    for answer in answers {
        match answer? {
            Err(why) => return Ok(Err(why)),
            Ok(ProvenBy::Body) => {}
            Ok(ProvenBy::Nothing) => by_body = false,
        }
    }
    Ok(by_containers(operation, found?, by_body, session.now().await))
}

/// Asks one URL whether it is well and, where it can tell, live with this SHA. Err: what was seen.
pub async fn ask<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    url: &str,
    sha: &Sha,
) -> Result<Result<ProvenBy, String>, Failure> {
    let seen = site::ask(session.host, &with.health, url, Some(sha), ATTEMPT).await?;
    Ok(seen.result.map(|well| well.version).map_err(|badly| format!("{url}: {}", badly.why)))
}

fn by_containers(
    operation: &Operation,
    found: Option<Vec<Container>>,
    by_body: bool,
    now: Millis,
) -> Result<String, String> {
    let Some(found) = found else {
        let by = if by_body {
            "the answer holds the SHA"
        } else {
            "the work tree is at the SHA; no process of ours to restart"
        };
        return Ok(by.to_owned());
    };
    // Nothing was restarted: what runs is what ran.
    let Some(began) = operation.began_at.filter(|_| operation.touched()) else {
        return match proof(&found, During::EVER) {
            Proof::NotRunning(names) => Err(format!("{} not running", names.join(", "))),
            _ => Ok("it answers; nothing was restarted".to_owned()),
        };
    };
    match proof(&found, During { began, now }) {
        Proof::Fresh => Ok("started since this deploy began".to_owned()),
        // `up` leaves alone what is the same in both versions, and what is not was restarted.
        Proof::Stale(_) if operation.applied != Some(Strategy::Restart) => {
            Ok("up left only unchanged containers running".to_owned())
        }
        Proof::Stale(_) if by_body => Ok("the answer holds the SHA".to_owned()),
        Proof::Stale(names) => {
            Err(format!("{} runs since before this deploy: the old version answers", names.join(", ")))
        }
        Proof::NotRunning(names) => Err(format!("{} not running (docker logs tells why)", names.join(", "))),
        Proof::Nothing => Err("no container of this compose file exists".to_owned()),
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
    let all = containers(session).await?;
    inspection(session, &ours(&all, std::slice::from_ref(&compose.file), &compose.services)).await.map(Some)
}

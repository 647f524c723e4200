//! What a step asks docker and compose for, and what their failure means for it.

use super::spelled::{belong, respell};
use super::{Trouble, broken, fault, machines};
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend};
use crate::host::{Host, Reply, Run};
use crate::messages::log::Line;
use crate::session::Session;
use crate::tools::compose::{Container, Listed, inspect, inspected, list_containers, listed};
use crate::tools::process::{ProcessError, done};

pub(super) const ATTEMPT: &Attempt = &Attempt::Containers;
pub(super) const MEND: Mend = Mend::RunCompose;

/// How long an engine that is away is waited for, milliseconds: an upgrade of its package restarts it.
const AWAY_MS: u64 = 60_000;
/// Between two looks at that, milliseconds.
const AWAY_STEP_MS: u64 = 1_000;
/// What docker, compose 1 and compose 2 say where no engine is there.
const AWAY: [&str; 4] = [
    "Cannot connect to the Docker daemon",
    "Couldn't connect to Docker daemon",
    "error during connect",
    "Is the docker daemon running?",
];
/// What compose fails with that is the engine's, the registry's or the disk's doing, whatever the version.
const NOT_THE_VERSIONS: [&str; 6] = [
    "dial unix /",
    "toomanyrequests",
    "TLS handshake timeout",
    "i/o timeout",
    "Temporary failure in name resolution",
    "no space left on device",
];

/// Carries out one of compose's commands; once more where the engine was away, and has come back.
pub(super) async fn run<H: Host>(session: &Session<'_, H>, command: Run) -> Result<Reply, Trouble> {
    let mut reply = session.run(command.clone(), ATTEMPT).await?;
    if is_away(&reply) && awaited(session).await? {
        reply = session.run(command, ATTEMPT).await?;
    }
    let Err(seen) = done(&reply) else {
        return Ok(reply);
    };
    let is_outside = says(&seen, &AWAY) || says(&seen, &NOT_THE_VERSIONS);
    // An engine that does not even list its containers would have refused any version.
    let is_the_versions = !is_outside && containers(session).await.is_ok();
    Err(if is_the_versions { trouble(seen) } else { machines(trouble(seen)) })
}

fn says(seen: &ProcessError, words: &[&str]) -> bool {
    matches!(seen, ProcessError::Refused { tail, .. } if words.iter().any(|one| tail.contains(one)))
}

/// Waits for an engine that is away; whether it has come back.
async fn awaited<H: Host>(session: &Session<'_, H>) -> Result<bool, Failure> {
    if session.is_engine_gone.get() {
        return Ok(false);
    }
    session.log(&Line::AwaitsEngine(AWAY_MS)).await;
    for _ in 0..AWAY_MS / AWAY_STEP_MS {
        session.sleep(AWAY_STEP_MS, ATTEMPT).await?;
        if !is_away(&session.run(list_containers(), ATTEMPT).await?) {
            return Ok(true);
        }
    }
    session.is_engine_gone.set(true);
    Ok(false)
}

/// Asks docker; once more where the engine was away, and has come back.
pub(super) async fn patient<H: Host>(session: &Session<'_, H>, command: Run) -> Result<Reply, Trouble> {
    let reply = session.run(command.clone(), ATTEMPT).await?;
    match is_away(&reply) && awaited(session).await? {
        true => Ok(session.run(command, ATTEMPT).await?),
        false => Ok(reply),
    }
}

/// The same, where nothing may go on without an answer.
pub(super) async fn answered<H: Host>(session: &Session<'_, H>, command: Run) -> Result<Reply, Trouble> {
    let reply = patient(session, command).await?;
    match done(&reply) {
        Err(seen) if says(&seen, &AWAY) => Err(machines(trouble(seen))),
        _ => Ok(reply),
    }
}

fn is_away(reply: &Reply) -> bool {
    done(reply).is_err_and(|seen| says(&seen, &AWAY))
}

/// The same as [`containers`], where something is done to them: an engine that is away is waited for.
pub(super) async fn containers_awaited<H: Host>(session: &Session<'_, H>) -> Result<Vec<Listed>, Trouble> {
    read(session, &patient(session, list_containers()).await?).await
}

fn trouble(seen: ProcessError) -> Trouble {
    match seen {
        ProcessError::Cancelled { signal } => Trouble::Stop(Failure::Stopped { signal, attempt: ATTEMPT.to_owned() }),
        seen => broken(ATTEMPT, seen, MEND),
    }
}

/// Of a question: it has changed nothing.
pub(super) fn asked(seen: ProcessError) -> Trouble {
    match seen {
        ProcessError::Cancelled { .. } => trouble(seen),
        seen => fault(ATTEMPT, seen, Mend::AskEngine),
    }
}

/// All containers that compose made on this machine.
pub async fn containers<H: Host>(session: &Session<'_, H>) -> Result<Vec<Listed>, Trouble> {
    read(session, &session.run(list_containers(), ATTEMPT).await?).await
}

async fn read<H: Host>(session: &Session<'_, H>, reply: &Reply) -> Result<Vec<Listed>, Trouble> {
    let mut all = listed(reply).map_err(asked)?;
    if let Some(settings) = session.settings().compose {
        respell(session.host, &mut all, &settings.file).await;
    }
    Ok(all)
}

/// What is known of these containers.
pub async fn inspection<H: Host>(session: &Session<'_, H>, listed: &[Listed]) -> Result<Vec<Container>, Trouble> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = told(session, listed.iter().map(|one| one.id.clone()).collect()).await?;
    belong(&mut found, listed);
    Ok(found)
}

/// How these containers are by now; not which services they are of.
pub(super) async fn again<H: Host>(session: &Session<'_, H>, before: &[Container]) -> Result<Vec<Container>, Trouble> {
    told(session, before.iter().map(|one| one.id.clone()).collect()).await
}

async fn told<H: Host>(session: &Session<'_, H>, ids: Vec<String>) -> Result<Vec<Container>, Trouble> {
    inspected(&patient(session, inspect(&ids)).await?).map_err(asked)
}

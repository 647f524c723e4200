//! What a step asks docker and compose for, and what their failure means for it.

use super::spelled::{belong, respell};
use super::{Trouble, broken, fault, machines};
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend};
use crate::host::{Host, Reply, Run};
use crate::session::Session;
use crate::tools::compose::{Container, Listed, inspect, inspected, list_containers, listed};
use crate::tools::process::{ProcessError, done};

pub(super) const ATTEMPT: &Attempt = &Attempt::Containers;
pub(super) const MEND: Mend = Mend::RunCompose;

/// Carries out one of compose's commands.
pub(super) async fn run<H: Host>(session: &Session<'_, H>, command: Run) -> Result<Reply, Trouble> {
    let reply = session.run(command, ATTEMPT).await?;
    let Err(seen) = done(&reply).map_err(trouble) else {
        return Ok(reply);
    };
    // An engine that does not even list its containers would have refused any version.
    Err(if containers(session).await.is_ok() { seen } else { machines(seen) })
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
    let reply = session.run(list_containers(), ATTEMPT).await?;
    let mut all = listed(&reply).map_err(asked)?;
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
    inspected(&session.run(inspect(&ids), ATTEMPT).await?).map_err(asked)
}

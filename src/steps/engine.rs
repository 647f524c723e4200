//! What a step asks docker and compose for, and what their failure means for it.

use super::spelled::{belong, respell};
use super::{Trouble, broken, machines};
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

pub(super) fn trouble(seen: ProcessError) -> Trouble {
    match seen {
        ProcessError::Cancelled { signal } => Trouble::Stop(Failure::Stopped { signal, attempt: ATTEMPT.to_owned() }),
        seen => broken(ATTEMPT, seen, MEND),
    }
}

/// All containers that compose made on this machine.
pub async fn containers<H: Host>(session: &Session<'_, H>) -> Result<Vec<Listed>, Trouble> {
    let reply = session.run(list_containers(), ATTEMPT).await?;
    let mut all = listed(&reply).map_err(|seen| match seen {
        ProcessError::Cancelled { .. } => trouble(seen),
        seen => machines(broken(ATTEMPT, seen, Mend::AskEngine)),
    })?;
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
    let ids: Vec<String> = listed.iter().map(|one| one.id.clone()).collect();
    let reply = session.run(inspect(&ids), ATTEMPT).await?;
    let mut found = inspected(&reply).map_err(trouble)?;
    belong(&mut found, listed);
    Ok(found)
}

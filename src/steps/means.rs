//! What this run needs of the machine to put any version in place: compose, and the deploy command's program. One that
//! lacks them (a shell with a thinner PATH than the runner's) begins no way back, and goes on with nothing: it would
//! change the files, and leave the containers as they are.

use super::{Trouble, program, which};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend, Obstacle, Reason};
use crate::host::Host;
use crate::session::Session;

/// Refuses to go on without them. Nothing was touched.
pub async fn ensure<H: Host>(session: &Session<'_, H>, with: &Environment) -> Result<(), Failure> {
    match lacking(session, with).await {
        Some(why) => Err(Failure::Lacking { why: Box::new(why) }),
        None => Ok(()),
    }
}

async fn lacking<H: Host>(session: &Session<'_, H>, with: &Environment) -> Option<Reason> {
    if with.compose.is_some()
        && let Err(Trouble::Fault { why, .. }) =
            which::detect(session.host, session.env, &session.with.state_folder).await
        && is_without_compose(&why)
    {
        return Some(why);
    }
    let program = with.deploy_command.first()?;
    let (attempt, mend) = (Attempt::Command(program.clone()), Mend::GivePath);
    let is_nowhere = program::is_nowhere(session, with, program).await;
    is_nowhere.then(|| Reason::Fault { attempt, seen: Box::new(Obstacle::NoProgram), mend })
}

fn is_without_compose(why: &Reason) -> bool {
    matches!(why, Reason::Fault { seen, .. } if **seen == Obstacle::NoCompose)
}

//! What this run needs of the machine to put any version in place: compose, and the deploy command's program. One that
//! lacks them (a shell with a thinner PATH than the runner's) begins no way back, and goes on with nothing: it would
//! change the files, and leave the containers as they are. Nothing is touched here.

use super::{Trouble, program, which};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend, Obstacle, Reason};
use crate::host::Host;
use crate::machine::entry::{Blame, Touched};
use crate::session::Session;
use crate::settings::Mode;

/// Refuses what a person asks for.
pub async fn refuse<H: Host>(session: &Session<'_, H>, with: &Environment) -> Result<(), Trouble> {
    let touched = Touched::Nothing;
    lacking(session, with).await.map_or(Ok(()), |why| Err(Trouble::Fault { why, touched, blame: Blame::Machine }))
}

/// Leaves what follows from facts, or was begun by another run, to one that has what it takes. A run that was asked for
/// something, and has what that takes, gets to it whatever becomes of this: the tool may be gone for good.
pub async fn ensure<H: Host>(session: &Session<'_, H>, with: &Environment) -> Result<(), Failure> {
    let Some(why) = lacking(session, with).await else { return Ok(()) };
    let is_asked = matches!(session.config.mode, Mode::Deploy | Mode::Promote | Mode::Rollback);
    if is_asked && lacking(session, session.with).await.is_none() {
        return Ok(());
    }
    Err(Failure::Lacking { why: Box::new(why) })
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

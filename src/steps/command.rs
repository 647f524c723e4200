//! Run the team's own deploy command: an argument list, never a shell. A run that is killed leaves it running: see `left`.

use std::collections::BTreeMap;

use super::left::outlast;
use super::survey::repository;
use super::{Trouble, broken, came_with, git_fault, machines, program, touched_live};
use crate::failure::Failure;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle};
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply, Run};
use crate::machine::Ask;
use crate::machine::operation::Operation;
use crate::messages::log::{Did, Line};
use crate::session::{Session, last_lines};
use crate::sha::Sha;
use crate::tools::git::sha_told;
use crate::tools::secret::withheld;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let Some((program, args)) = operation.with.deploy_command.split_first() else {
        return Ok(Did::Nothing);
    };
    if let (Ask::Rollback { to, .. }, Some(later)) = (&operation.ask, came_with::undone(operation))
        && let Some(file) = came_with::file(session, &operation.with, later, to, true).await?
    {
        session.warn(&Line::NoCommand { file, later: later.clone(), to: to.clone() }).await;
        return Ok(Did::Nothing);
    }
    let attempt = Attempt::Command(program.clone());
    let env = BTreeMap::from([
        ("DEPLOY_SHA".to_owned(), operation.ask.target().to_string()),
        ("DEPLOY_ENVIRONMENT".to_owned(), operation.with.name.clone()),
    ]);
    let note = session.with.command_note();
    // One that was killed left it.
    session.host.perform(Command::Remove { path: note.clone() }).await;
    let run = Run {
        program: program.clone(),
        args: args.to_vec(),
        folder: Some(operation.with.app_path.clone()),
        env,
        // By the last the runner finds, at the end of a job, what it kills: also a service that stays.
        drop: withheld(&["GIT_*", "RUNNER_TRACKING_ID"]),
        limit_ms: operation.with.command_limit_ms,
        cap: 64 * 1024,
        // It may start a service that stays, and would inherit the lock; where this run is killed, nobody takes that back.
        under_lock: None,
        noted_in: Some(note.clone()),
    };
    let reply = session.run(run, &attempt).await;
    if is_over(&reply) {
        session.host.perform(Command::Remove { path: note }).await;
    } else if reply.is_ok() {
        // Its time is over, and it could not be ended: who reads of the way back is told what may write beside it.
        outlast(session).await?;
    }
    match reply? {
        Reply::Ran(ran) if ran.timed_out => Err(broken(
            &attempt,
            Obstacle::TooLong(operation.with.command_limit_ms, last_lines(&ran, 10)),
            Mend::RunCommand,
        )),
        Reply::Ran(ran) if ran.exit == Some(0) => in_place(session, &attempt, operation.ask.target()).await,
        Reply::Ran(ran) => {
            let tail = last_lines(&ran, 10);
            let seen = match ran.exit {
                Some(code) => Obstacle::Exit(code, tail),
                None => Obstacle::Signal(ran.signal, tail),
            };
            Err(broken(&attempt, seen, Mend::RunCommand))
        }
        // The command changed nothing, but the reset before it has; and its program is the version's own.
        Reply::Missing if program::stands(session, &operation.with, program).await => {
            Err(broken(&attempt, Obstacle::NoInterpreter, Mend::FirstLine))
        }
        // What stands in no folder of PATH is this machine's: another run may find it.
        Reply::Missing if !program.contains('/') => {
            Err(machines(broken(&attempt, Obstacle::NoProgram, Mend::GivePath)))
        }
        Reply::Missing => Err(broken(&attempt, Obstacle::NoProgram, Mend::GivePath)),
        Reply::Refused { code, text } => Err(broken(&attempt, Rebuff::refused(code, text), Mend::MakeExecutable)),
        other => Err(broken(&attempt, Rebuff::from(other), Mend::RunCommand)),
    }
}

/// Whether nothing of the command is left that was seen. One that was not ours to end (sudo's) may live on: the next run
/// finds it by its note, and waits for it.
fn is_over(reply: &Result<Reply, Failure>) -> bool {
    match reply {
        Ok(Reply::Ran(ran)) => ran.exit.is_some() || ran.signal.is_some(),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// A command that pulls or checks out puts another version in place than the one that is then checked and
/// judged. That is this machine's doing: no version is to blame for it.
async fn in_place<H: Host>(session: &Session<'_, H>, attempt: &Attempt, target: &Sha) -> Result<Did, Trouble> {
    let git = repository(session).await?;
    let head = sha_told(&session.run(git.head(), attempt).await?);
    let head = head.map_err(|fault| touched_live(git_fault(attempt, fault, Mend::LookAtTree)))?;
    match head == *target {
        true => Ok(Did::Nothing),
        false => Err(machines(broken(attempt, Astray::HeadIs(head), Mend::LeaveHead))),
    }
}

//! Run the team's own deploy command: an argument list, never a shell. A run that is killed leaves it running: whoever
//! finds that waits for its end, or it would write over what is put in place after it.

use std::collections::BTreeMap;

use super::survey::repository;
use super::{Trouble, broken, git_fault, machines, touched_live};
use crate::failure::Failure;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle};
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply, Run};
use crate::machine::Step;
use crate::messages::holder::known;
use crate::messages::log::{Did, Line};
use crate::messages::status::Awaited;
use crate::session::{Session, last_lines};
use crate::sha::Sha;
use crate::time::utc;
use crate::tools::git::sha_told;
use crate::tools::secret::withheld;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Did, Trouble> {
    let Some(operation) = session.ledger.state.operation.clone() else {
        return Ok(Did::Nothing);
    };
    let Some((program, args)) = operation.with.deploy_command.split_first() else {
        return Ok(Did::Nothing);
    };
    let attempt = Attempt::Command(program.clone());
    let env = BTreeMap::from([
        ("DEPLOY_SHA".to_owned(), operation.ask.target().to_string()),
        ("DEPLOY_ENVIRONMENT".to_owned(), operation.with.name.clone()),
    ]);
    let lock = hold(session).await;
    let run = Run {
        program: program.clone(),
        args: args.to_vec(),
        folder: Some(operation.with.app_path.clone()),
        env,
        // By the last the runner finds, at the end of a job, what it kills: also a service that stays.
        drop: withheld(&["GIT_*", "RUNNER_TRACKING_ID"]),
        limit_ms: operation.with.command_limit_ms,
        cap: 64 * 1024,
        // Not the environment's: it may start a service that stays, and inherits it; where this run is killed meanwhile
        // nobody takes it back.
        under_lock: lock.clone(),
    };
    let reply = session.run(run, &attempt).await;
    if let Some(path) = lock {
        session.host.perform(Command::Unlock { path }).await;
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
        Reply::Missing => Err(broken(&attempt, Obstacle::NoProgram, Mend::GivePath)),
        Reply::Refused { code, text } => Err(broken(&attempt, Rebuff::refused(code, text), Mend::MakeExecutable)),
        other => Err(broken(&attempt, Rebuff::from(other), Mend::RunCommand)),
    }
}

/// Takes the command's own lock; none where that cannot be had: what has it was waited for before.
async fn hold<H: Host>(session: &Session<'_, H>) -> Option<String> {
    let path = session.with.command_lock();
    let origin = &session.config.origin;
    let at = utc(session.now().await);
    let holder = format!("deploy-command ({}, process {}, since {at} UTC)", origin.run(), origin.pid);
    let command = Command::Lock { path: path.clone(), holder, wait_ms: 0 };
    (session.host.perform(command).await == Reply::Locked).then_some(path)
}

/// Waits for a command that a run has left which was killed, as long as that run would have let it work. What holds
/// on for longer is a service that it has started, or hangs: it is told.
pub async fn outlast<H: Host>(session: &Session<'_, H>) -> Result<(), Failure> {
    let Some(operation) = session.ledger.state.operation.as_ref().filter(|one| one.began == Some(Step::Command)) else {
        return Ok(());
    };
    let path = session.with.command_lock();
    let take = |wait_ms: u64| Command::Lock { path: path.clone(), holder: String::new(), wait_ms };
    let Reply::Held { holder } = ended(session, take(0)).await? else {
        return Ok(());
    };
    let (holder, now) = (known(&holder), session.now().await);
    let left = operation.began_at.unwrap_or(now).plus(operation.with.command_limit_ms).since(now);
    let wait_ms = left.min(session.with.lock_timeout_ms);
    if wait_ms > 0 {
        session.log(&Line::Waiting(holder.clone(), wait_ms)).await;
        session.waits(&Awaited::Lock(&holder), now.plus(wait_ms)).await;
        if !matches!(ended(session, take(wait_ms)).await?, Reply::Held { .. }) {
            return Ok(());
        }
    }
    if wait_ms < left {
        return Err(Failure::Locked { environment: session.with.name.clone(), holder, waited_ms: wait_ms });
    }
    session.warn(&Line::Outlasted(holder)).await;
    Ok(())
}

/// Asks for the lock, and gives it back at once.
async fn ended<H: Host>(session: &Session<'_, H>, take: Command) -> Result<Reply, Failure> {
    let reply = session.host.perform(take).await;
    match &reply {
        Reply::Cancelled { signal } => {
            let attempt = Attempt::Lock;
            return Err(Failure::Stopped { signal: signal.clone(), attempt });
        }
        Reply::Locked => {
            session.host.perform(Command::Unlock { path: session.with.command_lock() }).await;
        }
        _ => {}
    }
    Ok(reply)
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

//! How each step is carried out: which commands in which order, and which facts come of it. What
//! comes next is `machine::decide`'s; what an answer proves is `tools`'s.

mod afterwards;
pub mod ahead;
pub mod apply;
pub mod as_started;
pub mod backup;
pub mod by_hand;
pub mod came_with;
pub mod check;
pub mod checklist;
pub mod choice;
pub mod command;
pub mod compare;
pub mod compose_file;
pub mod differences;
pub mod digest;
pub mod engine;
pub mod evidence;
pub mod fetch;
pub mod foreseen;
pub mod forward;
pub mod images;
pub mod in_order;
mod in_place;
pub mod inside;
pub mod keep;
pub mod left;
pub mod locks;
pub mod look;
pub mod means;
pub mod modules;
pub mod neighbours;
pub mod outside;
pub mod owner;
pub mod point;
pub mod profile;
pub mod program;
pub mod put_back;
pub mod reader;
pub mod reset;
pub mod restore;
pub mod saving;
pub mod site;
pub mod spelled;
pub mod standing;
pub mod strays;
pub mod survey;
pub mod trust;
pub mod unseen;
pub mod unset;
pub mod volumes;
pub mod ways;
pub mod which;

use crate::environment::Locale;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend, Obstacle, Reason};
use crate::host::{Host, Reply, Run};
use crate::machine::entry::{Blame, Checkup, Touched};
use crate::machine::{Fact, Step};
use crate::messages::log::{Line, title};
use crate::messages::reason::reason;
use crate::session::{Phase, Session};
use crate::tools::process::{ProcessError, done};

/// Why a step did not come about.
#[derive(Debug)]
pub enum Trouble {
    /// The run cannot go on (it was told to stop, its own disk refuses): the step is neither done nor failed.
    Stop(Failure),
    /// The step failed.
    Fault {
        /// What was attempted, what was seen, what to do next.
        why: Reason,
        /// Whether what is live may have changed.
        touched: Touched,
        /// Whose fault it is.
        blame: Blame,
    },
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Stop(failure)
    }
}

/// A step that failed before anything had changed.
pub(crate) fn fault(attempt: &Attempt, seen: impl Into<Obstacle>, mend: Mend) -> Trouble {
    let why = Reason::Fault { attempt: attempt.clone(), seen: Box::new(seen.into()), mend };
    Trouble::Fault { why, touched: Touched::Nothing, blame: Blame::Machine }
}

/// A step that failed and may have changed what is live.
pub(crate) fn broken(attempt: &Attempt, seen: impl Into<Obstacle>, mend: Mend) -> Trouble {
    let why = Reason::Fault { attempt: attempt.clone(), seen: Box::new(seen.into()), mend };
    Trouble::Fault { why, touched: Touched::Live, blame: Blame::Version }
}

/// The same trouble, and it is the machine's fault.
pub(crate) fn machines(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Fault { why, touched, .. } => Trouble::Fault { why, touched, blame: Blame::Machine },
        stop => stop,
    }
}

/// The same trouble of a step that only asks: nothing has changed by it, and no version is to blame.
fn only_asked(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Fault { why, .. } => Trouble::Fault { why, touched: Touched::Nothing, blame: Blame::Machine },
        stop => stop,
    }
}

/// The same trouble, and what is live may have changed: by this step, or by the reset before it.
pub(crate) fn touched_live(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Fault { why, blame, .. } => Trouble::Fault { why, touched: Touched::Live, blame },
        stop => stop,
    }
}

/// The same trouble, and all that it has changed is files of the work tree.
pub(crate) fn wrote(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Fault { why, blame, .. } => Trouble::Fault { why, touched: Touched::Files, blame },
        stop => stop,
    }
}

/// git's fault while `attempt`; a signal is no fault of the step.
pub(crate) fn git_fault(attempt: &Attempt, fault_of_git: ProcessError, mend: Mend) -> Trouble {
    match fault_of_git {
        ProcessError::Cancelled { signal } => Trouble::Stop(Failure::Stopped { signal, attempt: attempt.to_owned() }),
        // Whatever was asked of it, and whatever else would help.
        ProcessError::Absent => {
            fault(attempt, Obstacle::Program("git".to_owned(), ProcessError::Absent), Mend::InstallGit)
        }
        seen => {
            let mend = told_by_git(&seen).unwrap_or(mend);
            fault(attempt, seen, mend)
        }
    }
}

/// What git's own words say better than what it was asked for.
fn told_by_git(seen: &ProcessError) -> Option<Mend> {
    let ProcessError::Refused { tail, .. } = seen else { return None };
    if tail.contains("Read-only file system") {
        return Some(Mend::Remount);
    }
    let (_, rest) = tail.split_once("bad object refs/mangetamain-deploy/")?;
    let name = rest.split_whitespace().next()?;
    Some(Mend::ForgetKept(format!("refs/mangetamain-deploy/{name}")))
}

/// Runs what has to succeed; where it does not, `trouble` says by its program and what was seen what that is.
async fn required<H: Host>(
    session: &Session<'_, H>,
    run: Run,
    attempt: &Attempt,
    trouble: impl FnOnce(String, ProcessError) -> Trouble,
) -> Result<Reply, Trouble> {
    let program = run.program.clone();
    let reply = session.run(run, attempt).await?;
    match done(&reply) {
        Ok(_) => Ok(reply),
        Err(seen) => Err(trouble(program, seen)),
    }
}

/// Carries out a step of the request under way and adds what came of it; an error only where the run cannot go on.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, step: Step) -> Result<(), Failure> {
    let Some(operation) = &session.ledger.state.operation.clone() else {
        return Ok(());
    };
    let (began, started) = (session.now().await, session.host.started());
    session.voice.open(title(step, session.config.manner.log));
    // Boxed, each: the engine compiles a function whole when it is first called, and a step must not pay for
    // the code of the others.
    let note = match step {
        Step::Fetch => Box::pin(fetch::perform(session, operation)).await,
        Step::Checklist => Box::pin(checklist::perform(session, operation)).await,
        Step::Compare => Box::pin(compare::perform(session, operation)).await.map_err(only_asked),
        Step::Backup => Box::pin(backup::perform(session, operation)).await,
        Step::Prove => Box::pin(checklist::prove(session, operation)).await,
        Step::Keep => Box::pin(keep::perform(session, operation)).await,
        Step::Reset => Box::pin(reset::perform(session, operation)).await,
        Step::Command => Box::pin(command::perform(session, operation)).await,
        Step::Restore => Box::pin(restore::perform(session, operation)).await.map_err(machines),
        Step::Compose => Box::pin(apply::perform(session, operation)).await,
        Step::Check => Box::pin(check::perform(session, operation)).await.map_err(only_asked),
    };
    let ms = session.now().await.since(began);
    session.voice.close().await;
    let operation = session.ledger.state.operation.as_ref();
    let is_ill = operation.is_some_and(|one| matches!(one.checkup, Some(Checkup::Unhealthy(_))));
    let failed = note.is_err() || (step == Step::Check && is_ill);
    session.done.push(Phase { step, began, ms, processes: session.host.started() - started, failed });
    match note {
        Ok(note) => {
            let (words, kept) = (note.text(Locale::En), note.kept().to_vec());
            session.log(&Line::Done(step, ms, note)).await;
            session.add(Fact::Did { step, ms, note: words, kept }).await;
            Ok(())
        }
        Err(Trouble::Stop(failure)) => Err(failure),
        Err(Trouble::Fault { why, touched, blame }) => {
            // What a checklist refuses is the run's own last word.
            let line = Line::Failed(step, ms, why.clone());
            let is_told = matches!(why, Reason::Unready(_));
            if is_told {
                session.log(&line).await
            } else {
                session.warn(&line).await
            }
            // The ledger's words are for people: in their language.
            let why = reason(&why, session.settings().locale);
            session.add(Fact::Failed { step, why, touched, blame }).await;
            Ok(())
        }
    }
}

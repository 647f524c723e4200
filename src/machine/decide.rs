//! What comes next. The one function that decides, forward and after a crash alike: it sees
//! nothing but the state and the clock, and does nothing.

use super::entry::{Ask, Because, Blame, Checkup, Files, Outcome, Placed, Refusal, Relation, Step};
use super::operation::Operation;
use super::request::Force;
use super::state::State;
use super::verdict::Verdict;
use crate::environment::{Environment, Otherwise};
use crate::sha::Sha;
use crate::time::Millis;

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Carry out this step of the request under way.
    Do(Step),
    /// Write that the request is over.
    End(Outcome),
    /// Write this request, which follows from what is so.
    Ask(Ask, Box<Environment>),
    /// CI of the live SHA has not answered: look again, until this time.
    Wait(Sha, Millis),
    /// Nothing is to be done.
    Rest,
}

/// What comes next in this state.
#[must_use]
pub fn decide(state: &State, now: Millis) -> Decision {
    match &state.operation {
        Some(operation) if is_void(operation) => Decision::End(Outcome::Interrupted),
        Some(operation) => match &operation.ask {
            Ask::Deploy { sha, force } => next_of_deploy(state, operation, sha, *force),
            Ask::Promote { sha, force, .. } => next_of_promote(state, operation, sha, *force),
            Ask::Rollback { .. } if is_there(state, operation) => check_only(operation),
            Ask::Rollback { to, because, .. } => next_of_rollback(state, operation, to, because),
        },
        None => settle(state, now),
    }
}

/// Nobody waits any more for a person's request that had changed nothing when its run ended. What
/// follows from facts (an automatic rollback) is still true, and goes on.
fn is_void(operation: &Operation) -> bool {
    operation.resumed && operation.is_droppable()
}

/// Whether what a person wants back is live and at work already, as far as is known. Then it is only checked. If that
/// check finds it ill, it is put in place anew: that is what a person who asks for it wants.
fn is_there(state: &State, operation: &Operation) -> bool {
    let Ask::Rollback { to, undo: None, files: Files::Remade | Files::Kept, force: Force::Obey, .. } = &operation.ask
    else {
        return false;
    };
    let is_ill = matches!(operation.checkup, Some(Checkup::Unhealthy(_)));
    let is_live = operation.from.as_ref() == Some(to) && state.is_well();
    is_live && operation.began.is_none() && !is_ill
}

fn next_of_deploy(state: &State, operation: &Operation, sha: &Sha, force: Force) -> Decision {
    let obey = force == Force::Obey;
    if operation.fetched.is_none() && operation.failed.is_none() {
        if obey && state.is_quarantined(sha) {
            return Decision::End(Outcome::Refused { why: Refusal::Quarantined });
        }
        return Decision::Do(Step::Fetch);
    }
    match operation.fetched {
        Some((Placed::OffBranch, _)) => {
            return Decision::End(Outcome::Refused { why: Refusal::OffBranch });
        }
        Some((_, Relation::Older)) if obey => return Decision::End(Outcome::Superseded),
        Some((_, Relation::Same)) if obey && state.is_well() => return check_only(operation),
        _ => {}
    }
    if let Some(fault) = &operation.failed {
        return match operation.touched() {
            true => undo(state, operation, sha),
            false => Decision::End(Outcome::Failed { why: fault.why.clone() }),
        };
    }
    go_forward(state, operation, sha)
}

fn next_of_promote(state: &State, operation: &Operation, sha: &Sha, force: Force) -> Decision {
    let obey = force == Force::Obey;
    if let Some(fault) = &operation.failed {
        return match fault.step {
            _ if operation.touched() => undo(state, operation, sha),
            Step::Checklist | Step::Prove => {
                Decision::End(Outcome::Refused { why: Refusal::Unready { why: fault.why.clone() } })
            }
            _ => Decision::End(Outcome::Failed { why: fault.why.clone() }),
        };
    }
    let relation = match operation.fetched {
        None => return Decision::Do(Step::Fetch),
        Some((Placed::OffBranch, _)) => return Decision::End(Outcome::Refused { why: Refusal::OffBranch }),
        Some((Placed::OnBranch, relation)) => relation,
    };
    if !operation.done.contains(&Step::Checklist) {
        return Decision::Do(Step::Checklist);
    }
    match relation {
        _ if obey && state.is_quarantined(sha) && !operation.touched() => {
            return Decision::End(Outcome::Refused { why: Refusal::Quarantined });
        }
        Relation::Older if obey => return Decision::End(Outcome::Superseded),
        Relation::Same if obey && state.is_well() => return check_only(operation),
        _ => {}
    }
    go_forward(state, operation, sha)
}

/// The steps of what puts something new live, up to its check, and what that leads to.
fn go_forward(state: &State, operation: &Operation, sha: &Sha) -> Decision {
    match &operation.checkup {
        None => Decision::Do(next_step(operation)),
        Some(Checkup::Healthy(_)) => Decision::End(Outcome::Deployed),
        Some(Checkup::Unhealthy(why)) if operation.with.on_unhealthy == Otherwise::Keep => {
            Decision::End(Outcome::Unhealthy { why: why.clone() })
        }
        Some(Checkup::Unhealthy(_)) => undo(state, operation, sha),
    }
}

/// The SHA is live and at work already: nothing is changed, but whether it is well is still asked.
fn check_only(operation: &Operation) -> Decision {
    match (&operation.checkup, &operation.failed) {
        (Some(Checkup::Healthy(_)), _) => Decision::End(Outcome::Unchanged),
        (Some(Checkup::Unhealthy(why)), _) => Decision::End(Outcome::Unhealthy { why: why.clone() }),
        (None, Some(fault)) => Decision::End(Outcome::Failed { why: fault.why.clone() }),
        (None, None) => Decision::Do(Step::Check),
    }
}

fn next_step(operation: &Operation) -> Step {
    if operation.guarded.is_none() {
        return Step::Compare;
    }
    let mut steps = Vec::new();
    if let Ask::Promote { backup, .. } = &operation.ask {
        steps.extend(backup.as_ref().map(|_| Step::Backup));
        steps.push(Step::Prove);
    }
    steps.extend([Step::Keep, Step::Reset]);
    let files = match &operation.ask {
        Ask::Rollback { files, .. } => files,
        _ => &Files::Remade,
    };
    match files {
        Files::Remade if operation.with.deploy_command.is_empty() => {}
        Files::Remade => steps.push(Step::Command),
        Files::Restored(_) => steps.push(Step::Restore),
        Files::Kept => {}
    }
    if operation.with.compose.is_some() {
        steps.push(Step::Compose);
    }
    let is_open = |step: &Step| !operation.done.contains(step);
    steps.into_iter().find(is_open).unwrap_or(Step::Check)
}

/// A request went wrong after it had touched what is live: go back, or say that there is nowhere to go.
/// Where the machine is at fault, one way back is tried and no other: none would do better.
fn undo(state: &State, operation: &Operation, sha: &Sha) -> Decision {
    let goes_back = !operation.ask.is_forward() && !state.is_retried(&operation.ask);
    if operation.spares_version() && goes_back {
        return Decision::End(Outcome::Stuck { why: operation.failing() });
    }
    let (undone, because) = match &operation.ask {
        Ask::Rollback { undo: Some(undone), because, .. } if goes_back => (undone.clone(), because.clone()),
        // It is undone itself, for what was seen of it, whoever asked for it; or for what CI said of it meanwhile.
        Ask::Deploy { force: Force::Obey, .. } if state.has_failed_ci(sha) => (sha.clone(), Because::Ci),
        _ => (sha.clone(), operation.because()),
    };
    let mut avoid = [operation.tried.as_slice(), &[sha.clone(), undone.clone()]].concat();
    if goes_back {
        // Back along the validated ones, never to what came after the target.
        let at = state.validated.iter().position(|one| one.sha == *sha);
        avoid.extend(state.validated.iter().skip(at.unwrap_or(usize::MAX)).map(|one| one.sha.clone()));
    }
    let Some(to) = way_back(state, operation, &avoid) else {
        return Decision::End(Outcome::Stuck { why: operation.failing() });
    };
    let with = state.settings_for(to, &operation.with);
    let files = files_for(operation, to);
    Decision::Ask(Ask::Rollback { to: to.clone(), undo: Some(undone), because, files, force: Force::Obey }, with)
}

/// Where to go back to. A promote puts back what it found, validated or not: people were content with it. So does what
/// is recalled, where nothing is validated.
fn way_back<'a>(state: &'a State, operation: &'a Operation, avoid: &[Sha]) -> Option<&'a Sha> {
    let found = operation.from.as_ref().filter(|from| !avoid.contains(from));
    let is_recalled = operation.failed.as_ref().is_some_and(|fault| fault.blame == Blame::Person);
    match operation.ask {
        Ask::Promote { .. } => {
            found.filter(|from| !state.is_quarantined(from)).or_else(|| state.rollback_target(avoid))
        }
        // Though CI has failed it: it stood there, and half of another one is no better.
        _ => state.rollback_target(avoid).or(found.filter(|_| is_recalled)),
    }
}

/// What becomes of the files beside git where what `operation` has done is undone. What stands there, and what a backup
/// holds, are the files of what was live then, and of nothing else.
fn files_for(operation: &Operation, to: &Sha) -> Files {
    match &operation.ask {
        Ask::Promote { .. } if operation.from.as_ref() != Some(to) => Files::Remade,
        Ask::Promote { .. } if !operation.ran_command() => Files::Kept,
        Ask::Promote { backup: Some(name), .. } => Files::Restored(name.clone()),
        _ => Files::Remade,
    }
}

fn next_of_rollback(state: &State, operation: &Operation, to: &Sha, because: &Because) -> Decision {
    if let Some(fault) = &operation.failed {
        if fault.step == Step::Restore && operation.touched() {
            // Another SHA with these files would be a mixture.
            return Decision::End(Outcome::Stuck { why: fault.why.clone() });
        }
        return match operation.touched() || !operation.tried.is_empty() {
            true => undo(state, operation, to),
            false => Decision::End(Outcome::Failed { why: fault.why.clone() }),
        };
    }
    // What a person named, or what undoes what they recalled, they may have; where it falls back to is the machine's own
    // choice again.
    let is_wanted = operation.recalls || (*because == Because::Person && operation.tried.is_empty());
    let guarded = operation.guarded.as_ref().filter(|paths| !paths.is_empty());
    if let Some(paths) = guarded.filter(|_| !is_wanted && operation.began.is_none()) {
        return Decision::End(Outcome::Guarded { paths: paths.clone() });
    }
    match &operation.checkup {
        Some(Checkup::Healthy(_)) => Decision::End(Outcome::RolledBack),
        // What was ill before anything began is what this is to mend.
        Some(Checkup::Unhealthy(_)) if operation.began.is_some() => undo(state, operation, to),
        _ => Decision::Do(next_step(operation)),
    }
}

/// No request is under way: does what CI said of the live SHA ask for one?
fn settle(state: &State, now: Millis) -> Decision {
    let (Some(live), Some(with)) = (&state.live, &state.with) else {
        return Decision::Rest;
    };
    if state.left_alone.as_ref() == Some(&live.sha) {
        return Decision::Rest;
    }
    let ci = state.records.get(&live.sha).and_then(|record| record.ci.as_ref());
    let because = match ci.map(|(verdict, _)| verdict) {
        Some(Verdict::Failure(_)) => Some(Because::Ci),
        Some(verdict) if verdict.is_silence() && with.ci.on_timeout == Otherwise::Rollback => Some(Because::Timeout),
        _ => None,
    };
    if let Some(because) = because {
        let undo = Some(live.sha.clone());
        return match state.rollback_target(std::slice::from_ref(&live.sha)) {
            Some(to) => {
                let files = Files::Remade;
                let with = state.settings_for(to, with);
                let force = Force::Obey;
                Decision::Ask(Ask::Rollback { to: to.clone(), undo, because, files, force }, with)
            }
            None => Decision::Rest,
        };
    }
    match state.awaited() {
        Some(watch) if now < watch.until => Decision::Wait(live.sha.clone(), watch.until),
        _ => Decision::Rest,
    }
}

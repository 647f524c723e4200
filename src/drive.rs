//! The one loop: decide, write the intent, perform, write the fact. The only place where the order
//! "ledger before effect" lives, and the only one that takes the environment's lock.

use crate::failure::reason::Attempt;
use crate::failure::{Deed, Failure, unless_stopped};
use crate::host::{Command, Host, Reply};
use crate::ledger::{disk, make_folder};
use crate::machine::entry::{Blame, Touched};
use crate::machine::operation::Operation;
use crate::machine::{Ask, Decision, Fact, Outcome, State, Step, decide};
use crate::messages::holder::{holding, known};
use crate::messages::log::{Line, Resume};
use crate::messages::notice::Judged;
use crate::messages::status::Awaited;
use crate::messages::{Before, Notice, NoticeKind, condemned, deadly_step, recalled, unpromoted};
use crate::session::Session;
use crate::settings::Mode;
use crate::sha::Sha;
use crate::steps;

/// Goes on until nothing is to be done or only time can tell. The lock must be held.
pub async fn drive<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    loop {
        let now = session.now().await;
        match decide(&session.ledger.state, now) {
            Decision::Do(step) => {
                if step.touches() {
                    session.show_begun();
                }
                if step.changes() {
                    session.add(Fact::Began { step }).await;
                    session.write().await?;
                }
                match steps::perform(session, step).await {
                    Ok(()) => {}
                    Err(failure) => return Err(stop(session, failure).await),
                }
            }
            Decision::End(outcome) => {
                if let Err(failure) = end(session, outcome).await {
                    return Err(stop(session, failure).await);
                }
            }
            Decision::Ask(ask, with) => {
                // A way back that this run cannot go to its end is left to one that can.
                if session.ledger.state.operation.is_none() {
                    session.write().await?;
                    steps::means::ensure(session, &with).await?;
                }
                // What goes back ends what was under way.
                session.show_ended(&Outcome::Interrupted);
                let replaced = session.ledger.state.operation.as_ref().and_then(|operation| match &operation.ask {
                    Ask::Deploy { sha, .. } | Ask::Promote { sha, .. } => Notice::replaced(&session.ledger.state, sha),
                    Ask::Rollback { .. } => None,
                });
                // Asked before that: its command may have made or removed containers.
                session.ahead.take();
                session.add(Fact::Asked { ask, with }).await;
                session.write().await?;
                if let Some(notice) = replaced {
                    session.amend(&notice).await;
                }
            }
            Decision::Wait(..) | Decision::Rest => return settle_files(session).await,
        }
    }
}

async fn end<H: Host>(session: &mut Session<'_, H>, outcome: Outcome) -> Result<(), Failure> {
    let notice = Notice::ended(&session.ledger.state, &outcome, session.now().await);
    let target = session.ledger.state.operation.as_ref().map(|operation| operation.ask.target().clone());
    let from = session.ledger.state.operation.as_ref().and_then(|operation| operation.from.clone());
    let goes_live = matches!(outcome, Outcome::Deployed | Outcome::Unhealthy { .. });
    let goes_back = outcome == Outcome::RolledBack;
    let replaced = target.filter(|_| goes_live).and_then(|by| Notice::replaced(&session.ledger.state, &by));
    let notice = match notice.and_then(|notice| dropped(session, notice)) {
        Some(notice) => Some(Box::pin(steps::by_hand::add(session, notice, &outcome)).await),
        None => None,
    };
    if let Some(operation) = session.ledger.state.operation.clone().filter(|operation| !operation.touched()) {
        steps::backup::discard(session, &operation).await?;
    }
    session.show_ended(&outcome);
    // Asked for this request: what follows it may come much later.
    session.ahead.take();
    session.add(Fact::Ended { outcome }).await;
    session.write().await?;
    if let Some(mut notice) = notice {
        // With what it says written: whoever fails it there sees it here, or is seen.
        if notice.kind == NoticeKind::Promoted && steps::evidence::is_recanted(session, &notice.sha).await {
            let before = from.filter(|from| *from != notice.sha).map_or(Before::Nothing, Before::Version);
            notice = Notice { kind: NoticeKind::Recanted, before: Some(before), ..notice };
        }
        // It had served people well, and is gone back to all the same.
        if goes_back && steps::evidence::failed_live(session).await.as_ref() == Some(&notice.sha) {
            notice.judged = Judged::Failed;
        }
        notice.is_followed = matches!(decide(&session.ledger.state, session.now().await), Decision::Ask(..));
        Box::pin(steps::digest::tell(session, notice)).await;
    }
    if let Some(notice) = replaced {
        session.amend(&notice).await;
    }
    Ok(())
}

/// What was dropped, as this run tells it: one that deploys the same anew has news of that, and one that deploys
/// another takes its place. A run that was told to stop has said so itself.
fn dropped<H: Host>(session: &Session<'_, H>, mut notice: Notice) -> Option<Notice> {
    let config = session.config;
    let deploys = matches!(config.mode, Mode::Deploy | Mode::Promote);
    if let NoticeKind::Dropped { is_last, .. } = &mut notice.kind {
        *is_last = !deploys;
        let is_anew = deploys && config.request.sha.as_ref() == Some(&notice.sha);
        return (!is_anew && !session.was_stopped.get()).then_some(notice);
    }
    Some(notice)
}

/// The ledger keeps where the run was stopped; a request that had changed nothing is over with it.
async fn stop<H: Host>(session: &mut Session<'_, H>, failure: Failure) -> Failure {
    if let Failure::Stopped { signal, .. } = &failure {
        session.add(Fact::Stopped { signal: signal.clone() }).await;
        let operation = session.ledger.state.operation.as_ref();
        // What a backup left is removed by the run that ends its promote: here there is no time for that.
        let may_be_saved = |operation: &Operation| {
            matches!(operation.ask, Ask::Promote { backup: Some(_), .. }) && operation.done.contains(&Step::Checklist)
        };
        if operation.is_some_and(|operation| operation.is_droppable() && !may_be_saved(operation)) {
            session.add(Fact::Ended { outcome: Outcome::Interrupted }).await;
        }
    }
    // The first failure is the one to tell.
    let _ = session.write().await;
    failure
}

/// Files that follow from the state are written again where they differ: a crash between the ledger
/// and them leaves nothing to mend by hand. What is live, and the way back, need none of them.
async fn settle_files<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    session.write().await?;
    steps::point::write(session).await;
    Ok(())
}

/// Takes the environment's lock, saying for whom it waits.
pub async fn lock<H: Host>(session: &Session<'_, H>, purpose: &str) -> Result<(), Failure> {
    let with = session.with;
    make_folder(session.host, &with.state_folder).await?;
    let own = holder(session, purpose).await;
    let take = |wait_ms: u64| Command::Lock { path: with.lock(), holder: own.clone(), wait_ms };
    match unless_stopped(session.host.perform(take(0)).await, &Attempt::Lock)? {
        Reply::Locked => {
            session.has_locked.set(true);
            sweep(session).await;
            return Ok(());
        }
        Reply::Held { holder } => {
            let name = known(&holder);
            session.log(&Line::Waiting(name.clone(), with.lock_timeout_ms)).await;
            session.waits(&Awaited::Lock(&name), session.now().await.plus(with.lock_timeout_ms)).await;
        }
        other => return Err(disk(Deed::Lock, &with.lock(), other)),
    }
    let reply = session.host.perform(take(with.lock_timeout_ms.max(1))).await;
    match unless_stopped(reply, &Attempt::Lock)? {
        Reply::Locked => {
            session.has_locked.set(true);
            // Held since now, not since it was first asked for.
            let text = format!("\n{}", holder(session, purpose).await);
            session.host.perform(Command::Append { path: with.lock(), text }).await;
            // Whoever held it may have made a shallow clone whole, say.
            session.repository.take();
            session.remote.take();
            sweep(session).await;
            Ok(())
        }
        Reply::Held { holder } => Err(Failure::Locked {
            environment: with.name.clone(),
            holder: known(&holder),
            waited_ms: with.lock_timeout_ms,
        }),
        other => Err(disk(Deed::Lock, &with.lock(), other)),
    }
}

/// Removes what a run that was killed or stopped had written in the state folder: the index that it kept files with,
/// and what was to be renamed to another file, whose name ends with the process's number. One that is at work may still
/// rename its own: the memory of messages is written without the lock.
async fn sweep<H: Host>(session: &Session<'_, H>) {
    let folder = &session.with.state_folder;
    let Reply::Names { names } = session.host.perform(Command::List { path: folder.clone() }).await else {
        return;
    };
    let pid = |name: &str| {
        let (_, pid) = name.strip_suffix(".tmp")?.rsplit_once('.')?;
        pid.parse::<u32>().ok()
    };
    let left: Vec<(u32, &String)> = names.iter().filter_map(|name| Some((pid(name)?, name))).collect();
    if names.iter().any(|name| steps::keep::is_ours(name)) {
        steps::keep::forget(session).await;
    }
    if left.is_empty() {
        return;
    }
    let paths = left.iter().map(|(pid, _)| format!("/proc/{pid}")).collect();
    let Reply::Stats { stats } = session.host.perform(Command::Stat { paths }).await else {
        return;
    };
    for ((_, name), _) in left.iter().zip(stats).filter(|(_, seen)| seen.is_none()) {
        session.host.perform(Command::Remove { path: format!("{folder}/{name}") }).await;
    }
}

/// Gives the lock back.
pub async fn unlock<H: Host>(session: &Session<'_, H>) {
    session.host.perform(Command::Unlock { path: session.with.lock() }).await;
}

async fn holder<H: Host>(session: &Session<'_, H>, purpose: &str) -> String {
    let origin = &session.config.origin;
    holding(&origin.run(), purpose, origin.pid, session.now().await)
}

/// Whether something is left to do now: a request under way, or one that follows from what is so.
pub async fn is_unfinished<H: Host>(session: &Session<'_, H>) -> bool {
    let now = session.now().await;
    !matches!(decide(&session.ledger.state, now), Decision::Wait(..) | Decision::Rest)
}

/// Somebody has put the work tree elsewhere since the run that was killed: it is theirs now, and what was
/// begun is void.
async fn void_when_moved<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    let Some(head) = steps::survey::moved_meanwhile(session).await? else {
        return Ok(());
    };
    session.warn(&Line::Void(head.clone())).await;
    session.show_ended(&Outcome::Interrupted);
    let begun = session.ledger.state.operation.as_ref().filter(|operation| operation.ask.is_forward());
    if let Some(sha) = begun.map(|operation| operation.ask.target().clone()) {
        let kind = NoticeKind::Dropped { is_moved: true, is_last: false };
        session.tell(Notice { live: Some(head.clone()), ..Notice::about(&session.ledger.state, &sha, kind) }).await;
    }
    session.add(Fact::Ended { outcome: Outcome::Interrupted }).await;
    session.add(Fact::Found { sha: head }).await;
    session.write().await
}

/// Finishes or undoes what an earlier run left unfinished, and says so. The lock must be held.
pub async fn recover<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    let locale = session.settings().locale;
    let deadly = session.ledger.state.operation.as_ref().and_then(Operation::deadly);
    let undone = match deadly {
        // It may as well be the machine; but what is not condemned is deployed again by whoever runs the job again.
        Some(step) => Some((step, deadly_step(step, locale), Blame::Version)),
        // Who confirmed it did so then, not whenever somebody comes by; and what the site has written since is in no
        // backup.
        None if is_to_be_left(&session.ledger.state) => {
            Some((Step::Reset, unpromoted(locale).to_owned(), Blame::Machine))
        }
        // CI's word quarantines it already: nothing was seen of it here.
        None => {
            failed_meanwhile(&session.ledger.state).map(|step| (step, condemned(locale).to_owned(), Blame::Machine))
        }
    };
    resume(session, if undone.is_some() { Resume::Undo } else { Resume::GoOn }).await?;
    if let Some((step, why, blame)) = undone.filter(|_| session.ledger.state.operation.is_some()) {
        session.add(Fact::Failed { step, why, touched: Touched::Live, blame }).await;
    }
    drive(session).await
}

/// Where CI has failed what is on its way forward, and that can be undone: the step that it had come to.
fn failed_meanwhile(state: &State) -> Option<Step> {
    let operation = state.operation.as_ref()?;
    let target = operation.ask.target();
    let is_open = operation.failed.is_none() && state.has_failed_ci(target);
    operation.began.filter(|_| is_open && can_be_undone(state, target))
}

/// Whether a deploy of this SHA, unforced, has begun to change what is live, and there is a way back from it by itself.
/// Where paths are guarded, or nothing is validated, half of a version would stay: the way forward has a whole one.
#[must_use]
pub fn can_be_undone(state: &State, sha: &Sha) -> bool {
    // Not a promote: what a site has written since its files were backed up would go with them.
    let is_its = |ask: &Ask| matches!(ask, Ask::Deploy { sha: one, .. } if one == sha) && !ask.is_forced();
    let operation = state.operation.as_ref().filter(|operation| is_its(&operation.ask) && operation.touched());
    operation.is_some_and(|operation| operation.with.guard_paths.is_empty())
        && state.rollback_target(std::slice::from_ref(sha)).is_some()
}

/// Whether what is under way is a promote of which nothing was started, and the way back leads to what was live then:
/// one to anything else is no better than the way forward.
fn is_to_be_left(state: &State) -> bool {
    let operation = state.operation.as_ref().filter(|one| matches!(one.ask, Ask::Promote { .. }) && one.is_untaken());
    operation.is_some_and(|operation| {
        let from = operation.from.as_ref().filter(|from| *from != operation.ask.target());
        // Where paths are guarded, the way back may need a person's decision: the way forward has it.
        from.is_some_and(|from| !state.is_quarantined(from)) && operation.with.guard_paths.is_empty()
    })
}

/// As [`recover`], for a person who asks to go back: what was on its way forward is undone, not finished, whoever
/// cancelled it. Whether that has put another version live.
pub async fn take_back<H: Host>(session: &mut Session<'_, H>) -> Result<bool, Failure> {
    let is_forward = session.ledger.state.operation.as_ref().is_some_and(|one| one.ask.is_forward());
    resume(session, if is_forward { Resume::Undo } else { Resume::GoOn }).await?;
    let is_recalled = recall(session).await;
    drive(session).await?;
    Ok(is_recalled && has_gone_back(&session.ledger.state))
}

/// Whether the newest request that is over was a way back, and came to its end.
#[must_use]
pub fn has_gone_back(state: &State) -> bool {
    state.history.last().is_some_and(|ended| ended.outcome == Outcome::RolledBack)
}

/// Has what is on its way forward undone, where it has begun to change what is live. Whether there is such a thing.
pub async fn recall<H: Host>(session: &mut Session<'_, H>) -> bool {
    let begun = session.ledger.state.operation.as_ref().filter(|one| one.ask.is_forward() && one.touched());
    let begun = begun.filter(|one| one.failed.is_none()).map(|one| one.began.unwrap_or(Step::Reset));
    if let Some(step) = begun {
        let why = recalled(session.settings().locale).to_owned();
        session.add(Fact::Failed { step, why, touched: Touched::Live, blame: Blame::Person }).await;
    }
    begun.is_some()
}

async fn resume<H: Host>(session: &mut Session<'_, H>, then: Resume) -> Result<(), Failure> {
    let Some(operation) = &session.ledger.state.operation else {
        return Ok(());
    };
    let then = if operation.is_droppable() { Resume::Drop } else { then };
    let state = &session.ledger.state;
    let needed = match (then, &operation.from) {
        (Resume::Drop, _) => None,
        (Resume::Undo, Some(from)) => Some(state.settings_for(from, &operation.with)),
        _ => Some(operation.with.clone()),
    };
    if let Some(with) = needed {
        steps::means::ensure(session, &with).await?;
    }
    session.was_stopped.set(operation.stopped);
    session.warn(&Line::Resumed(operation.ask.clone(), operation.by.clone(), then)).await;
    steps::left::outlast(session).await?;
    steps::keep::forget(session).await;
    session.add(Fact::Resumed).await;
    void_when_moved(session).await
}

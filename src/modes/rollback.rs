//! `rollback`: a person puts an older SHA live again.

mod consent;

use super::beginning::open;
use super::ended;
use super::pick_up::pick_up;
use super::plan;
use super::visit::{elsewhere, held};
use crate::config::{BackupChoice, Intent, Target};
use crate::drive::{drive, has_gone_back, lock, recall, take_back, unlock};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle, Unsaved};
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply};
use crate::machine::entry::Because;
use crate::machine::request::Force;
use crate::machine::state::Ended;
use crate::machine::{Ask, Fact, Files, Outcome, settled};
use crate::messages::ending::Ending;
use crate::messages::log::{Line, Tree};
use crate::messages::status as words;
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::compose_file::{self, Candidate};
use crate::steps::evidence::{failed_live, foresee as foresee_ci, heed};
use crate::steps::fetch::is_ancestor;
use crate::steps::restore::{clear_half_copies, manifest, verify};
use crate::steps::saving::{holding_ours, lacking_back};
use crate::steps::survey;
use crate::steps::trust::with_environments;
use crate::steps::{Trouble, fault};
use crate::steps::{means, program};
use crate::tools::backup::{BackupLocation, Manifest};
use crate::tools::git::{Git, resolved, sha_told};
use consent::{Agreed, Consent};

/// Runs the mode.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    // What is foreseen is not so yet: neither is it told as what is live.
    let ledger = session.ledger.state.operation.is_some().then(|| session.ledger.clone());
    foresee_ci(session).await;
    let planned = plan_or_ask(session).await;
    if let Some(ledger) = ledger {
        session.ledger = ledger;
    }
    let agreed = match planned? {
        Planned::Over(done) => return Ok(done),
        Planned::Ahead(agreed) => agreed,
    };
    let under_way = session.ledger.state.operation.as_ref().and_then(|operation| in_doubt(&operation.ask)).cloned();
    lock(session, "rollback by hand").await?;
    let done = under_lock(session, agreed, under_way).await;
    unlock(session).await;
    done
}

/// The version that a request under way puts live, or goes back from by itself: whoever asks to go back meanwhile may
/// mean that one.
fn in_doubt(ask: &Ask) -> Option<&Sha> {
    match ask {
        Ask::Deploy { sha, .. } | Ask::Promote { sha, .. } => Some(sha),
        Ask::Rollback { because: Because::Person, .. } => None,
        Ask::Rollback { undo, .. } => undo.as_ref(),
    }
}

/// What comes of a plan, or of a question.
enum Planned {
    /// A dry run has told its plan, or a person does not agree.
    Over(Done),
    /// It goes ahead; with what a person was asked about, where one was.
    Ahead(Option<Agreed>),
}

async fn plan_or_ask<H: Host>(session: &mut Session<'_, H>) -> Result<Planned, Failure> {
    if session.config.request.intent == Intent::DryRun {
        return dry_run(session).await.map(Planned::Over);
    }
    Ok(match consent::asked(session).await? {
        Consent::Unneeded => Planned::Ahead(None),
        Consent::Given(agreed) => Planned::Ahead(Some(agreed)),
        Consent::Refused(why) => Planned::Over(cancelled(why)),
    })
}

fn cancelled(why: String) -> Done {
    Done { word: Word::Cancelled, ..Done::at_once(Ending::Told(why)) }
}

/// Refuses what the version to go back to will not have, and a person has named.
async fn are_present<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    version: Candidate<'_>,
) -> Result<(), Trouble> {
    compose_file::ensure_services_present(session, with, version).await?;
    // What is live already is only looked at.
    match session.live().as_ref() == Some(version.sha) {
        true => Ok(()),
        false => program::ensure_present(session, with, version).await,
    }
}

/// Refuses what this run cannot put in place. What is live already, and well, is only looked at.
async fn refuse_lacking<H: Host>(session: &Session<'_, H>, to: &Sha, with: &Environment) -> Result<(), Trouble> {
    match session.live().as_ref() == Some(to) && session.ledger.state.is_well() {
        true => Ok(()),
        false => means::refuse(session, with).await,
    }
}

async fn dry_run<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    let first = foresee(session).await;
    let (to, files) = match aim(session, first.as_ref().is_some_and(|first| first.is_undone)).await {
        Ok(chosen) => chosen,
        Err(trouble) => return refuse_unnamed(trouble),
    };
    let with = settings(session, &to);
    let possible = async {
        is_restorable(session, &files, &with).await?;
        refuse_lacking(session, &to, &with).await?;
        match files == Files::Remade {
            true => are_present(session, &with, Candidate::own(&to)).await,
            false => Ok(()),
        }
    };
    let possible = possible.await;
    let planned = plan::of_rollback(session, first.as_ref(), &to, files, &with).await;
    match possible {
        Ok(()) => Ok(planned),
        Err(trouble) => refuse_unnamed(trouble),
    }
}

/// `under_way`: what was on its way forward, or back from by itself, when this was asked for.
async fn under_lock<H: Host>(
    session: &mut Session<'_, H>,
    agreed: Option<Agreed>,
    under_way: Option<Sha>,
) -> Result<Done, Failure> {
    open(session).await?;
    let is_taken_back = take_back(session).await?;
    pick_up(session, None).await?;
    if let Err(trouble) = survey::perform(session).await {
        return refuse_unnamed(trouble);
    }
    // Its own run has gone back from it while this one waited.
    let has_come_back = |sha: Sha| session.ledger.state.rolled_back_to(&sha).cloned() == session.live();
    let is_undone = is_taken_back || under_way.is_some_and(has_come_back);
    let (to, files) = match aim(session, is_undone).await {
        Ok(chosen) => chosen,
        Err(trouble) => return refuse_unnamed(trouble),
    };
    if agreed.is_some_and(|agreed| !agreed.covers(&to, &files, session.live().as_ref(), is_taken_back)) {
        let why = words::changed(session.config.manner.locale, session.live().as_ref());
        return Ok(cancelled(why));
    }
    // Before anything is touched: what is live may be well.
    let with = settings(session, &to);
    if let Err(trouble) = proven(session, &files, &with).await {
        return refuse_unnamed(trouble);
    }
    if let Err(trouble) = refuse_lacking(session, &to, &with).await {
        return refuse_unnamed(trouble);
    }
    let undo = session.live().filter(|live| *live != to);
    if is_taken_back && undo.is_none() && files == Files::Remade {
        return Ok(Done::well(Word::RolledBack, &to));
    }
    let force = session.config.request.force;
    let ask = Ask::Rollback { to: to.clone(), undo, because: Because::Person, files, force };
    session.add(Fact::Asked { ask, with: survey::located(session, with) }).await;
    session.write().await?;
    drive(session).await?;
    // What was spared while it was live is no way back any more.
    heed(session).await?;
    Ok(match session.ledger.state.history.last() {
        None => Done::badly(Word::Failed, &to, Ending::NotCarriedOut),
        Some(Ended { outcome: Outcome::Unchanged, .. }) => Done::well(Word::Unchanged, &to),
        Some(ended) if *ended.ask.target() != to => ended::badly(session, &to, ended),
        Some(Ended { outcome: Outcome::RolledBack, .. }) => Done::well(Word::RolledBack, &to),
        Some(Ended { outcome: Outcome::Failed { why } | Outcome::Stuck { why }, .. }) => {
            Done::badly(Word::Failed, &to, Ending::NotRolledBack(to.clone(), why.clone()))
        }
        Some(ended) => ended::badly(session, &to, ended),
    })
}

/// With which settings it is put live again: as it was when it was healthy here, but for what a person typed just now.
fn settings<H: Host>(session: &Session<'_, H>, to: &Sha) -> Environment {
    // What was live when this run began may be so no more: its settings are not those of what is.
    let newest = super::settings(session.config, session.with, &session.ledger.state);
    let own = session.ledger.state.settings_for(to, &newest);
    newest.completed(&own, |input| session.config.is_typed(input))
}

/// A plan and a question begin where the work tree stands: where a person moved it, `previous` is another one than
/// the ledger says. And they begin after what a killed run left unfinished, which is told: it is finished or undone
/// first. Nothing is written; with the lock it is looked at again.
async fn foresee<H: Host>(session: &mut Session<'_, H>) -> Option<First> {
    let Some(operation) = session.ledger.state.operation.clone() else {
        let tree = Git::at(&session.with.app_path, session.env);
        if let Some(head) = elsewhere(session.host, Some(&tree), &session.ledger.state).await {
            session.log(&Line::Tree(Tree::Moved(head.clone(), None))).await;
            session.add(Fact::Found { sha: head }).await;
        }
        return None;
    };
    let (by, sha) = (operation.by.clone(), operation.ask.target().clone());
    let goes_back = !operation.ask.is_forward() && in_doubt(&operation.ask).is_some();
    if let Some(holder) = held(session.host, session.with.lock()).await {
        // A run is at it, and this one waits for its end: a good one is what is foreseen.
        let outcome = if operation.ask.is_forward() { Outcome::Deployed } else { Outcome::RolledBack };
        session.add(Fact::Ended { outcome }).await;
        return Some(First { by, sha, is_undone: goes_back, holder: Some(holder) });
    }
    session.add(Fact::Resumed).await;
    if let Ok(Some(head)) = survey::moved_meanwhile(session).await {
        session.add(Fact::Ended { outcome: Outcome::Interrupted }).await;
        session.add(Fact::Found { sha: head }).await;
        return None;
    }
    let is_recalled = recall(session).await;
    session.ledger.state = settled(&session.ledger.state, session.now().await);
    let is_undone = (is_recalled || goes_back) && has_gone_back(&session.ledger.state);
    Some(First { by, sha, is_undone, holder: None })
}

/// What is over before anything else begins.
pub(super) struct First {
    /// Who began it.
    pub(super) by: String,
    /// What it is about.
    pub(super) sha: Sha,
    /// It was on its way forward and is undone, or a way back that nobody asked for: another version is live then.
    pub(super) is_undone: bool,
    /// Who is at it, as the lock says; none: its run is gone, and it is finished or undone by this one.
    pub(super) holder: Option<String>,
}

/// Where it goes, once what was under way is over: was that undone, it is what `previous` is about, and what was
/// before it is live again. So it is where none is validated.
async fn aim<H: Host>(session: &Session<'_, H>, is_undone: bool) -> Result<(Sha, Files), Trouble> {
    let request = &session.config.request;
    let is_there = match request.to {
        Target::LastValidated => session.ledger.state.rollback_target(&[]).is_none(),
        _ => request.to == Target::Previous,
    };
    match session.live().filter(|_| is_undone && is_there && request.backup.is_none()) {
        Some(live) => Ok((live, Files::Remade)),
        None => chosen(session).await,
    }
}

fn refuse_unnamed(trouble: Trouble) -> Result<Done, Failure> {
    match trouble {
        Trouble::Stop(failure) => Err(failure),
        Trouble::Fault { why, .. } => Ok(Done::at_once(Ending::Reason(why))),
    }
}

/// Where it goes, and what becomes of the files that git does not look after.
async fn chosen<H: Host>(session: &Session<'_, H>) -> Result<(Sha, Files), Trouble> {
    let Some(choice) = &session.config.request.backup else {
        return Ok((target(session, None).await?, Files::Remade));
    };
    let folder = session.with.backup_folder();
    let name = match choice {
        BackupChoice::Named(name) => name.clone(),
        BackupChoice::Latest => match session.host.perform(Command::List { path: folder.clone() }).await {
            // One that cannot be read is tried, and found to be damaged: an older one is not taken instead unasked.
            Reply::Names { names } => {
                let all = with_environments(session, &folder, &names).await;
                all.into_iter().find(|one| !one.is_of_another(session.with)).map(|one| one.name)
            }
            Reply::Missing => None,
            other => return Err(fault(ATTEMPT, Rebuff::from(other), Mend::LeaveBackupOut)),
        }
        .ok_or_else(|| fault(ATTEMPT, Unsaved::NoBackupIn(folder.clone()), Mend::LeaveBackupOut))?,
    };
    let place = BackupLocation { folder, name: name.clone(), lock: session.with.lock() };
    let manifest = manifest(session, &place).await?;
    let to = target(session, Some(&manifest.sha)).await?;
    if to != manifest.sha {
        let seen = Unsaved::OtherFiles(name.to_string(), manifest.sha, to);
        return Err(fault(ATTEMPT, seen, Mend::LeaveToOut));
    }
    Ok((to, Files::Restored(name)))
}

/// Whether the chosen backup can be put back, and is whole.
async fn proven<H: Host>(session: &Session<'_, H>, files: &Files, with: &Environment) -> Result<(), Trouble> {
    let Some((place, manifest)) = backup(session, files).await? else {
        return Ok(());
    };
    clear_half_copies(session, &place, &manifest.paths).await?;
    is_restorable(session, files, with).await?;
    verify(session, &place, &manifest).await
}

/// Whether the chosen backup can be put back: it takes nothing of ours with it, and has the room that it needs.
async fn is_restorable<H: Host>(session: &Session<'_, H>, files: &Files, with: &Environment) -> Result<(), Trouble> {
    let Some((place, manifest)) = backup(session, files).await? else {
        return Ok(());
    };
    if let Some(why) = holding_ours(session, with, &manifest.paths).await? {
        return Err(fault(&Attempt::Restore, why, Mend::LeaveBackupOut));
    }
    match lacking_back(session, with, &place, &manifest.paths).await? {
        Some(lacking) => Err(fault(&Attempt::Restore, Unsaved::NoRoomBack(lacking), Mend::FreeRoom)),
        None => Ok(()),
    }
}

/// The chosen backup, if any, and what it says of itself.
async fn backup<H: Host>(
    session: &Session<'_, H>,
    files: &Files,
) -> Result<Option<(BackupLocation, Manifest)>, Trouble> {
    let Files::Restored(name) = files else {
        return Ok(None);
    };
    let place = BackupLocation { folder: session.with.backup_folder(), name: name.clone(), lock: session.with.lock() };
    let manifest = manifest(session, &place).await?;
    Ok(Some((place, manifest)))
}

const ATTEMPT: &Attempt = &Attempt::Target;

async fn target<H: Host>(session: &Session<'_, H>, of_backup: Option<&Sha>) -> Result<Sha, Trouble> {
    let state = &session.ledger.state;
    let sha = match &session.config.request.to {
        // Where all of them have failed since, the newest is told as the one that has.
        Target::LastValidated => {
            let failed = failed_live(session).await;
            let is_other = |sha: &&Sha| failed.as_ref() != Some(*sha);
            let is_good = |sha: &&Sha| is_other(sha) && !state.is_quarantined(sha) && !state.is_undone(sha);
            let before = || [&state.previous, &state.baseline].into_iter().flatten().find(is_good);
            state
                .rollback_target(failed.as_slice())
                .or_else(|| failed.as_ref().and_then(|_| before()))
                .or_else(|| state.validated.last().map(|one| &one.sha).filter(is_other))
                .or_else(|| state.baseline.as_ref().filter(|sha| state.is_first_refuge(sha)))
                .cloned()
                .ok_or_else(|| fault(ATTEMPT, Obstacle::NothingValidated, Mend::GiveTo))?
        }
        Target::Previous => previous(session).await?,
        Target::Digits(digits) => named(session, digits).await?,
        Target::OfBackup => of_backup.cloned().ok_or_else(|| fault(ATTEMPT, Unsaved::NoBackup, Mend::GiveBackup))?,
    };
    if state.is_quarantined(&sha) && session.config.request.force == Force::Obey {
        return Err(fault(ATTEMPT, Obstacle::Quarantined(sha), Mend::ChooseAnother));
    }
    Ok(sha)
}

/// What was live before what is live. Where a person moved the work tree, that is what this machine had put live:
/// they may mean another one. Of two who go back at once the second one would bring back what the first one undid.
async fn previous<H: Host>(session: &Session<'_, H>) -> Result<Sha, Trouble> {
    let state = &session.ledger.state;
    let sha = state.previous.clone().ok_or_else(|| fault(ATTEMPT, Obstacle::NothingBefore, Mend::GiveTo))?;
    if state.is_undone(&sha) {
        return Err(fault(ATTEMPT, Obstacle::Undone(sha), Mend::GiveTo));
    }
    if let Some(live) = state.live.as_ref().filter(|live| live.is_found()) {
        session.log(&Line::Tree(Tree::Previous(sha.clone(), live.sha.clone()))).await;
    }
    Ok(sha)
}

async fn named<H: Host>(session: &Session<'_, H>, digits: &str) -> Result<Sha, Trouble> {
    let git = survey::repository(session).await?;
    let unknown = || match Sha::parse(digits) {
        Ok(sha) => fault(ATTEMPT, Obstacle::NotHere(sha), Mend::FetchIt),
        Err(_) => fault(ATTEMPT, Obstacle::Ambiguous(digits.to_owned()), Mend::MoreDigits),
    };
    let run = git.resolve_short(digits).ok_or_else(unknown)?;
    let reply = session.run(run, ATTEMPT).await?;
    let sha = resolved(&reply, digits).ok().flatten().ok_or_else(unknown)?;
    let reply = session.run(git.branch_tip(&session.with.branch), ATTEMPT).await?;
    // A machine that never fetched has no branch to compare with; then only what was live here counts.
    let on_branch = match sha_told(&reply) {
        Ok(tip) => is_ancestor(session, &git, &sha, &tip).await?,
        Err(_) => session.ledger.state.records.contains_key(&sha),
    };
    if !on_branch && session.ledger.state.baseline.as_ref() != Some(&sha) {
        let seen = Astray::OffBranch(sha, session.with.branch.clone());
        return Err(fault(ATTEMPT, seen, Mend::OfTheBranch));
    }
    if let Some(live) = session.live().filter(|_| !session.ledger.state.was_live(&sha))
        && !is_ancestor(session, &git, &sha, &live).await?
    {
        // Forward leads a deploy or a promote only: nothing has been asked of this one.
        return Err(fault(ATTEMPT, Obstacle::NotBack(sha), Mend::DeployIt));
    }
    Ok(sha)
}

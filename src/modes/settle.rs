//! What follows from CI's word on a SHA: it is written down with the lock held, and the machine does what it asks for.

mod here;

use self::here::{Former, Here, Said, kind, stays};
use super::beginning::begin_after;
use super::pick_up::look_at_tree;
use crate::drive::{drive, lock, unlock};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::entry::{Because, Forward, Relation};
use crate::machine::verdict::{Doubt, Verdict};
use crate::machine::{Ask, Fact, Files, Outcome, State};
use crate::messages::ending::{Ending, Then};
use crate::messages::log::{Ci, Line, Tree};
use crate::messages::site::symptom;
use crate::messages::{Notice, NoticeKind};
use crate::parallel::all;
use crate::report::{Done, Word};
use crate::session::Session;
use crate::settings::Mode;
use crate::sha::Sha;
use crate::steps::fetch::relation;
use crate::steps::{self, Trouble, check, digest, survey};
use crate::tools::ci_run::WorkflowRun;
use crate::tools::shell::word;

/// Writes what CI said, and lets the machine do what follows from it.
pub async fn settle<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    run: Option<&WorkflowRun>,
) -> Result<Done, Failure> {
    settle_if(session, sha, verdict, run, |_| true).await
}

/// The same, where it is still wanted in view of what is live by then.
pub(super) async fn settle_if<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    run: Option<&WorkflowRun>,
    is_wanted: impl Fn(Option<&Sha>) -> bool,
) -> Result<Done, Failure> {
    lock(session, &format!("settling {}", sha.short())).await.map_err(still_following)?;
    let done = async {
        begin_after(session, sha, run.cloned().map(|run| (verdict.clone(), run))).await?;
        if let Some(why) = look_at_tree(session).await? {
            return Ok(Done::badly(Word::Failed, sha, Ending::Reason(why)));
        }
        match is_wanted(session.live().as_ref()) {
            true => settle_locked(session, sha, verdict, run, AfterSettling::Nothing).await,
            false => Ok(Done::well(Word::Superseded, sha)),
        }
    }
    .await;
    unlock(session).await;
    done
}

/// Whoever waits for the lock with CI's word in hand has followed CI, and nobody does any more.
fn still_following(failure: Failure) -> Failure {
    match failure {
        Failure::Stopped { signal, attempt: Attempt::Lock } => Failure::Stopped { signal, attempt: Attempt::FollowCi },
        other => other,
    }
}

/// What this run does with the SHA once CI's word on it is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterSettling {
    /// It is put live, and is told of then.
    Deploy,
    /// Another is to be put live in its place.
    Replace,
    /// What follows from that word, and nothing else.
    Nothing,
}

pub(super) async fn settle_locked<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    run: Option<&WorkflowRun>,
    next: AfterSettling,
) -> Result<Done, Failure> {
    let was = Former::of(&session.ledger.state, sha);
    let run = run.map(WorkflowRun::fact);
    if session.ledger.state.knows_later(sha, run.as_ref()) {
        session.log(&Line::Ci(Ci::Outdated)).await;
        note(session, sha, was.said.clone(), was.said).await?;
        session.write().await?;
        drive(session).await?;
        return Ok(Done::well(Word::Superseded, sha));
    }
    let was_stuck = session.ledger.state.may_run(sha);
    let is_news = note(session, sha, Some((verdict.clone(), run)), was.said.clone()).await?;
    if was.is_point && verdict.condemns() {
        note_passed_over(session).await?;
    }
    // At once: where the failure stood alone, the way back would lead past these.
    session.write().await?;
    let ended_before = session.ledger.state.history.last().cloned();
    drive(session).await?;
    if was_stuck && matches!(verdict, Verdict::Failure(_)) && session.ledger.state.operation.is_none() {
        again(session, sha).await?;
    }
    let state = &session.ledger.state;
    let followed = state.history.last().filter(|ended| Some(*ended) != ended_before.as_ref()).cloned();
    if let Some(ended) = &followed {
        if let (Ask::Rollback { to, because: Because::Ci, .. }, Outcome::RolledBack) = (&ended.ask, &ended.outcome)
            && !is_own(session, sha)
        {
            session.warn(&Line::Ci(Ci::WentBack(sha.clone(), to.clone()))).await;
        }
        return Ok(after_rollback(session.with, sha, &ended.ask, &ended.outcome));
    }
    let here = Here::of(state, sha, was, next);
    if let Some(kind) = kind(state, sha, &verdict, &here).filter(|_| is_news) {
        tell(session, sha, kind, &here).await;
    }
    let verdict = match (verdict, here.stands()) {
        (Verdict::Inconclusive(doubt), Some(stands)) => {
            session.log(&Line::Ci(Ci::Stands(doubt))).await;
            stands.clone()
        }
        (verdict, _) => verdict,
    };
    Ok(settled(session, sha, verdict, &here).await)
}

/// CI has failed the rollback point. What succeeded while that one was newer moved nothing then, and is nearer than the point
/// before it: each that is newer than the one before is the point in turn.
async fn note_passed_over<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    for (sha, run) in session.ledger.state.passed_over() {
        if forward(session, &sha).await? == Forward::Yes {
            session.add(Fact::Ci { sha, verdict: Verdict::Success, run, forward: Forward::Yes }).await;
        }
    }
    Ok(())
}

/// Goes back from it once more, where that was begun, was stuck, and it may still run: whatever stood in the way may be
/// gone, and whoever runs the job again wants that.
async fn again<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<(), Failure> {
    let state = &session.ledger.state;
    let Some(ask) = state.back_again(sha) else {
        return Ok(());
    };
    let newest = state.with.as_deref().unwrap_or(session.with);
    let with = state.settings_for(ask.target(), newest);
    steps::means::ensure(session, &with).await?;
    session.add(Fact::Asked { ask, with }).await;
    session.write().await?;
    drive(session).await
}

/// Tells people.
async fn tell<H: Host>(session: &Session<'_, H>, sha: &Sha, kind: NoticeKind, here: &Here) {
    // What is on its way to be live is told of then.
    let ends_alert = here.ends_alert && !here.is_next;
    let mut notice = Notice { ends_alert, ..Notice::about(&session.ledger.state, sha, kind) };
    let is_good = matches!(notice.kind, NoticeKind::Lifted | NoticeKind::Validated);
    if is_good && !notice.is_live() && !here.is_next {
        notice.is_overtaken = is_overtaken(session, sha).await;
    }
    let notice = asked_again(session, notice).await;
    digest::tell(session, with_way_back(session, notice)).await;
}

/// Whether what is live is newer; none where git cannot tell.
pub(super) async fn is_overtaken<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Option<bool> {
    let git = survey::repository(session).await.ok()?;
    let relation = relation(session, &git, sha, session.live().as_ref()).await.ok()?;
    Some(relation == Relation::Older)
}

/// Whether this run is about that SHA: how it fails says what became of it.
fn is_own<H: Host>(session: &Session<'_, H>, sha: &Sha) -> bool {
    let config = session.config;
    matches!(config.mode, Mode::Watch | Mode::Deploy) && config.request.sha.as_ref() == Some(sha)
}

/// Whether it says that what is live was found ill.
fn tells_ill(notice: &Notice) -> bool {
    matches!(notice.kind, NoticeKind::Unwell | NoticeKind::Unvalidated { .. }) && notice.ill.is_some()
}

/// The notice with what the site answers now, where it tells of what was found ill: CI may take an hour, and the site
/// may have come round. One try of each address; it is told, and changes nothing.
async fn asked_again<H: Host>(session: &Session<'_, H>, mut notice: Notice) -> Notice {
    let (with, sha) = (session.with, notice.sha.clone());
    if !tells_ill(&notice) || with.health.urls.is_empty() {
        return notice;
    }
    let answers = all(with.health.urls.iter().map(|url| check::ask(session, with, url, &sha))).await;
    // Told to stop while it asks, it tells what is known: no later run would, as what CI said is in the ledger.
    let answers: Option<Vec<_>> = answers.into_iter().map(Result::ok).collect();
    let now = answers.map(|answers| answers.into_iter().try_for_each(|answer| answer.map(drop)));
    if let Some(ill) = &mut notice.ill {
        ill.now = now.map(|now| now.map_err(|found| symptom(&found, with.locale)));
    }
    notice
}

/// The notice with the command that goes back, where it tells of what is live and ill.
fn with_way_back<H: Host>(session: &Session<'_, H>, mut notice: Notice) -> Notice {
    if tells_ill(&notice) && session.way_back(&notice.sha).is_some() {
        notice.by_hand = vec![session.with.command("rollback")];
    }
    notice
}

/// Notes what CI said, where that is news; and where it is known already but waited for, as that ends the wait.
/// Whether it is news.
async fn note<H: Host>(
    session: &mut Session<'_, H>,
    sha: &Sha,
    told: Option<Said>,
    known: Option<Said>,
) -> Result<bool, Failure> {
    let is_news = told != known;
    let is_awaited = session.ledger.state.watch.as_ref().is_some_and(|watch| watch.sha == *sha);
    if let Some((verdict, run)) = told.filter(|_| is_news || is_awaited) {
        let forward = forward(session, sha).await?;
        session.add(Fact::Ci { sha: sha.clone(), verdict, run, forward }).await;
    }
    Ok(is_news)
}

/// How a SHA that was only noted ends a run, and why, in the log.
async fn settled<H: Host>(
    session: &Session<'_, H>,
    sha: &Sha,
    verdict: Verdict,
    Here { was, is_validated, is_lifted, .. }: &Here,
) -> Done {
    match verdict {
        Verdict::Success if *is_validated => {
            if was.is_validated {
                session.log(&Line::Ci(Ci::Already(sha.clone()))).await;
            }
            Done::well(Word::Validated, sha)
        }
        Verdict::Success => {
            let state = &session.ledger.state;
            // What CI said of it is answered by this success: it is quarantined for what was seen of it here.
            let is_broken = state.is_quarantined(sha);
            let told = match is_broken {
                _ if state.is_ill(sha) => Ci::Unwell,
                _ if *is_lifted => Ci::Lifted,
                true => Ci::Broken,
                false => Ci::NotForward,
            };
            session.log(&Line::Ci(told)).await;
            Done::well(if was.is_live { Word::Deployed } else { Word::Superseded }, sha)
        }
        Verdict::Failure(_) if was.is_live => {
            Done::badly(Word::Failed, sha, Ending::Cornered(stays(&session.ledger.state, sha)))
        }
        Verdict::Failure(_) => {
            let point = session.ledger.state.last_validated().map(|one| one.sha.clone());
            let told = if was.is_point { Ci::PointBack(point) } else { Ci::FailedElsewhere };
            session.log(&Line::Ci(told)).await;
            failed_elsewhere(&session.ledger.state, sha)
        }
        Verdict::Inconclusive(doubt) if !was.is_live => doubted(session, sha, doubt).await,
        Verdict::Inconclusive(doubt) => Done::badly(Word::Pending, sha, Ending::Unvalidated(sha.clone(), doubt)),
    }
}

/// CI failed a SHA that is not live. Whoever deployed it is to see that it did not stay, also where somebody else has
/// gone back from it: only what something newer replaced needs nobody any more.
fn failed_elsewhere(state: &State, sha: &Sha) -> Done {
    let Some(to) = state.rolled_back_to(sha).cloned() else {
        return Done::well(Word::Superseded, sha);
    };
    Done::badly(Word::RolledBack, sha, Ending::ByCi { sha: sha.clone(), because: Because::Ci, then: Then::Before(to) })
}

/// CI gave no answer on a SHA that is not live. Where no deploy ever asked for it, a person mistyped it: that must not
/// look like a success. An event comes for every commit of the branch, and paths can keep one from being deployed.
async fn doubted<H: Host>(session: &Session<'_, H>, sha: &Sha, doubt: Doubt) -> Done {
    let state = &session.ledger.state;
    let was_here = state.was_here(sha);
    if !was_here && session.config.origin.event.is_none() {
        return Done::badly(Word::Pending, sha, Ending::NeverDeployed(sha.clone(), doubt));
    }
    session.log(&Line::Ci(Ci::NoVerdict(doubt, was_here))).await;
    Done::well(Word::Superseded, sha)
}

fn after_rollback(with: &Environment, sha: &Sha, ask: &Ask, outcome: &Outcome) -> Done {
    let because = match ask {
        Ask::Rollback { because: Because::Timeout, .. } => Because::Timeout,
        _ => Because::Ci,
    };
    let (word, then) = match outcome {
        Outcome::RolledBack => (Word::RolledBack, Then::RolledBack(ask.target().clone())),
        Outcome::Guarded { paths } => (Word::Failed, Then::Guarded(paths.clone(), by_hand(with, ask))),
        Outcome::Failed { why } | Outcome::Stuck { why } | Outcome::Unhealthy { why } => {
            (Word::Failed, Then::Stayed(why.clone()))
        }
        _ => (Word::Failed, Then::Unknown),
    };
    Done::badly(word, sha, Ending::ByCi { sha: sha.clone(), because, then })
}

/// The command that goes back as nothing does by itself: to the commit of this request, with its files.
pub(super) fn by_hand(with: &Environment, ask: &Ask) -> String {
    let files = match ask {
        Ask::Rollback { files: Files::Restored(name), .. } => format!(" --backup {name}"),
        _ => String::new(),
    };
    let (selection, path) = (with.selection(), word(&with.app_path));
    format!("mangetamain-deploy rollback {selection} --app-path {path} --to {}{files}", ask.target())
}

/// Whether a success of this SHA moves what is validated forward.
pub(super) async fn forward<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Forward, Failure> {
    match is_forward(session, sha).await {
        Ok(forward) => Ok(forward),
        Err(Trouble::Stop(failure)) => Err(failure),
        // Not known is no.
        Err(Trouble::Fault { .. }) => Ok(Forward::No),
    }
}

async fn is_forward<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Forward, Trouble> {
    if steps::forward::is_lost(session, sha).await? {
        session.log(&Line::Tree(Tree::Lost(sha.clone()))).await;
        return Ok(Forward::Lost);
    }
    steps::forward::perform(session, sha).await
}

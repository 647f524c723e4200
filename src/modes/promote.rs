//! `promote`: production, by hand. A SHA that another environment has validated goes live here, once a
//! person has confirmed it, what could be damaged is saved, and nothing stands in the way.

use super::beginning::{begin, refuse, settle_what_stays};
use super::ended;
use super::pick_up::pick_up;
use crate::config::{Confirmation, Intent};
use crate::drive::{drive, lock, unlock};
use crate::failure::Failure;
use crate::host::Host;
use crate::machine::entry::Relation;
use crate::machine::{Ask, Fact, Outcome};
use crate::messages::ending::Ending;
use crate::messages::log::{Line, Plan};
use crate::messages::promotion::{CheckResult, Promotion};
use crate::messages::{self, Notice, NoticeKind};
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::checklist::{self, Subject};
use crate::steps::compose_file::Candidate;
use crate::steps::fetch::relation;
use crate::steps::{Trouble, evidence, owner, reader, survey};
use crate::tools::backup::BackupName;
use crate::tools::git::Git;

/// Runs the mode.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<Done, Failure> {
    let Some(sha) = wanted(session).await? else {
        let from = &session.with.promote_from;
        let why = Ending::NothingToPromote(from.clone());
        return Ok(Done::at_once(why));
    };
    if session.config.request.intent == Intent::DryRun {
        return plan(session, &sha).await;
    }
    if let Confirmation::Missing(typed) = &session.config.request.confirm {
        let typed: String = typed.chars().take(40).collect();
        let mut notice = Notice::about(&session.ledger.state, &sha, NoticeKind::Unconfirmed(typed.clone()));
        notice.promotes = true;
        session.tell(notice).await;
        return Ok(Done::badly(Word::Cancelled, &sha, Ending::Unconfirmed(typed)));
    }
    lock(session, &format!("promote {}", sha.short())).await?;
    let done = under_lock(session, &sha).await;
    unlock(session).await;
    done
}

/// The SHA that was given; on an operator's terminal, the newest that was validated and kept.
async fn wanted<H: Host>(session: &Session<'_, H>) -> Result<Option<Sha>, Failure> {
    if let Some(sha) = &session.config.request.sha {
        return Ok(Some(sha.clone()));
    }
    let state = evidence::state(session).await?;
    Ok(state.and_then(|state| state.newest_kept().cloned()))
}

async fn under_lock<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Done, Failure> {
    begin(session).await?;
    pick_up(session, Some(sha)).await?;
    if let Err(trouble) = survey::before_fetch(session).await {
        return refuse(sha, trouble);
    }
    let now = session.now().await;
    let live = session.live().unwrap_or_else(|| sha.clone());
    let backup = (!session.with.backup.paths.is_empty()).then(|| BackupName::new(now, &live));
    let ask = Ask::Promote { sha: sha.clone(), force: session.config.request.force, backup };
    session.add(Fact::Asked { ask, with: survey::located(session, session.with.clone()) }).await;
    session.write().await?;
    drive(session).await?;
    let done = outcome(session, sha);
    settle_what_stays(session, sha).await?;
    evidence::heed(session).await?;
    Ok(done)
}

fn outcome<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Done {
    let state = &session.ledger.state;
    let Some(ended) = state.history.last() else {
        return Done::badly(Word::Failed, sha, Ending::NotCarriedOut);
    };
    match ended.outcome {
        Outcome::Deployed => Done::well(Word::Deployed, sha),
        Outcome::Unchanged => Done::well(Word::Unchanged, sha),
        _ => ended::badly(session, sha, ended),
    }
}

/// What would happen, as it stands; nothing is fetched for it.
async fn plan<H: Host>(session: &mut Session<'_, H>, sha: &Sha) -> Result<Done, Failure> {
    evidence::foresee(session).await;
    let (promotion, reader) = match foreseen(session, sha).await {
        Ok(foreseen) => foreseen,
        Err(trouble) => return refuse(sha, trouble),
    };
    session.log(&Line::Plan(Plan::Promote)).await;
    session.say(messages::plan(&promotion, session.with, session.read_in(session.with)).join("\n")).await;
    if promotion.checks.iter().any(|check| check.verdict == CheckResult::Refused) {
        session.log(&Line::Plan(Plan::Unready)).await;
    }
    super::plan::compared(session, Candidate { reader: Some(&reader), sha }).await
}

async fn foreseen<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<(Promotion, Git), Trouble> {
    let (git, place) = survey::place(session).await?;
    owner::refuse(session, &place).await?;
    let live = survey::live_or_head(session, &git).await?;
    let evidence = evidence::look(session, sha).await?;
    let reader = reader::of(session, sha, &evidence).await?;
    let relation: Option<Relation> = match relation(session, &reader, sha, live.as_ref()).await {
        Ok(relation) => Some(relation),
        Err(Trouble::Stop(failure)) => return Err(Trouble::Stop(failure)),
        // The commit is nowhere here yet.
        Err(Trouble::Fault { .. }) => None,
    };
    let subject = Subject { sha: sha.clone(), force: session.config.request.force, live, relation, reader };
    let promotion = checklist::prepare(session, &subject, &evidence).await?;
    Ok((promotion, subject.reader))
}

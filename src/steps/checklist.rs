//! What a promote will do, and whether it may: everything is asked, told line by line, and held against
//! what a person may override. Nothing is changed here; the same text is a dry run's.

use futures_util::future::try_join;

use super::evidence::{self, Evidence, Proof};
use super::survey::repository;
use super::{Trouble, check, foreseen, saving};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Reason};
use crate::host::Host;
use crate::machine::entry::{Blame, Relation, Touched};
use crate::machine::operation::Operation;
use crate::machine::request::Force;
use crate::machine::verdict::Verdict;
use crate::machine::{Ask, Fact, State};
use crate::messages::log::Did;
use crate::messages::notice::Passed;
use crate::messages::promotion::{Check, CheckResult, Commits, Found, Promotion, Saving, Side};
use crate::messages::{self, Notice, NoticeKind};
use crate::parallel::all;
use crate::session::Session;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::freeze::{frozen, local};
use crate::tools::git::{Git, commit_facts_told, commits_told, counted};
use crate::tools::health::ProvenBy;

const ATTEMPT: &Attempt = &Attempt::Promote;
/// Commits told one by one; the rest is counted.
const COMMITS: usize = 20;

/// What is asked about.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What is to go live.
    pub sha: Sha,
    /// Whether freeze, quarantine and age are obeyed.
    pub force: Force,
    /// What is live in the environment that gets it.
    pub live: Option<Sha>,
    /// How the two stand to each other, once known.
    pub relation: Option<Relation>,
    /// Where their commits are read.
    pub reader: Git,
}

/// Carries out the step: tells everything, and keeps the evidence.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let Ask::Promote { sha, force, .. } = &operation.ask else {
        return Ok(Did::Nothing);
    };
    let relation = operation.fetched.map(|(_, relation)| relation);
    let (live, reader) = (operation.from.clone(), repository(session).await?);
    let subject = Subject { sha: sha.clone(), force: *force, live, relation, reader };
    let evidence = evidence::look(session, sha).await?;
    keep(session, sha, &evidence).await;
    let promotion = prepare(session, &subject, &evidence).await?;
    session.passed.set(Passed::found(&promotion.checks));
    session.say(messages::plan(&promotion, &operation.with, session.read_in(&operation.with)).join("\n")).await;
    match promotion.is_ready() {
        true => Ok(Did::Checklist(promotion.checks.len())),
        false => Err(unready(&promotion, &operation.with)),
    }
}

fn unready(promotion: &Promotion, with: &Environment) -> Trouble {
    Trouble::Fault {
        why: Reason::Unready(messages::refusals(promotion, with).join("\n")),
        touched: Touched::Nothing,
        // Age, a freeze, an environment at work: none of that makes the version a bad one.
        blame: Blame::Machine,
    }
}

/// The evidence becomes a fact of this ledger too, so that a healthy promote validates the SHA here.
async fn keep<H: Host>(session: &mut Session<'_, H>, sha: &Sha, evidence: &Evidence) {
    if evidence.proof == Proof::Missing {
        return;
    }
    let record = session.ledger.state.records.get(sha);
    let forward = record.and_then(|record| record.forward);
    let news = (Verdict::Success, evidence.run.clone());
    let is_news = record.and_then(|record| record.ci.as_ref()) != Some(&news);
    if let Some(forward) = forward.filter(|_| is_news) {
        let (verdict, run) = news;
        session.add(Fact::Ci { sha: sha.clone(), verdict, run, forward }).await;
    }
}

/// Carries out the step `Prove`: a backup takes its time, and the other environment may have gone back. A run that
/// goes on with what another one has begun to put live asks again, too: by then it was proven, and only a failure takes
/// that back. No answer, a freeze that has begun, or what the other environment has gone on to, is no ground to undo it.
pub async fn prove<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let Ask::Promote { sha, force, backup } = &operation.ask else {
        return Ok(Did::Nothing);
    };
    let evidence = evidence::look(session, sha).await?;
    let (live, reader) = (operation.from.clone(), repository(session).await?);
    let subject = Subject { sha: sha.clone(), force: *force, live, relation: None, reader };
    let mut promotion = bare(session, &subject, &evidence);
    promotion.checks = validation(&evidence);
    promotion.checks.extend(elsewhere(&subject, &evidence));
    promotion.checks.push(freeze(&operation.with, *force, session.now().await));
    // Also in a run that goes on with it, which has seen no checklist.
    session.passed.set(session.passed.get().or(Passed::found(&promotion.checks)));
    if operation.touched() {
        promotion.checks.retain(|check| check.found.condemns());
    }
    if !promotion.is_ready() {
        return Err(unready(&promotion, &operation.with));
    }
    let is_older = operation.fetched.is_some_and(|(_, relation)| relation == Relation::Older);
    let between = operation.from.as_ref().filter(|from| *from != sha);
    let between = between.map(|from| if is_older { (sha, from) } else { (from, sha) });
    let commits = match between {
        Some((older, newer)) => counted(&session.run(subject.reader.count(older, newer), ATTEMPT).await?).ok(),
        None => None,
    };
    let kind = NoticeKind::Promoting { commits, backup: backup.as_ref().map(ToString::to_string) };
    let mut notice = Notice::about(&session.ledger.state, sha, kind);
    notice.promotes = true;
    if !operation.resumed {
        session.tell(notice).await;
    }
    Ok(Did::Nothing)
}

/// Asks everything at once.
pub async fn prepare<H: Host>(
    session: &Session<'_, H>,
    subject: &Subject,
    evidence: &Evidence,
) -> Result<Promotion, Trouble> {
    let mut promotion = bare(session, subject, evidence);
    let settings = session.settings();
    let site = async { Ok(health(session, subject, evidence).await?) };
    let disk = async { Ok::<_, Trouble>(saving::foreseen(session, &settings).await?) };
    let (health, saving) = try_join(site, disk).await?;
    let (live, reader) = (subject.live.as_ref(), &subject.reader);
    let way = foreseen::way(session, &settings, reader, live, &subject.sha);
    let (commits, strategy) = try_join(commits(session, subject), way).await?;
    promotion.commits = commits;
    promotion.strategy = strategy;
    promotion.to.subject = subject_of(session, reader, live).await?;
    promotion.from.subject = subject_of(session, reader, promotion.from.live.as_ref()).await?;
    promotion.saving = saving;
    promotion.checks = validation(evidence);
    promotion.checks.extend(elsewhere(subject, evidence));
    promotion.checks.extend(health);
    promotion.checks.push(freeze(&settings, subject.force, session.now().await));
    promotion.checks.extend(own(&session.ledger.state, subject));
    promotion.checks.extend(whole(&session.ledger.state, subject, &settings));
    promotion.checks.push(room(&promotion.saving));
    Ok(promotion)
}

/// What is known without asking anybody.
fn bare<H: Host>(session: &Session<'_, H>, subject: &Subject, evidence: &Evidence) -> Promotion {
    let settings = session.settings();
    let from = evidence.state.as_ref();
    let label = session.config.from.as_ref().map(|with| with.label.clone());
    let label = label.or_else(|| from.and_then(|state| state.with.as_ref()).map(|with| with.label.clone()));
    let since = |state: &State| state.live.as_ref().map(|live| live.since);
    let is_validated = |state: &State| {
        let live = state.live.as_ref().filter(|live| live.known_by.is_well());
        live.is_some_and(|live| state.is_validated(&live.sha))
    };
    Promotion {
        sha: subject.sha.clone(),
        from: Side {
            label: label.unwrap_or_else(|| settings.promote_from.to_uppercase()),
            live: from.and_then(|state| state.live.as_ref()).map(|live| live.sha.clone()),
            subject: String::new(),
            since: from.and_then(since),
            is_validated: from.is_some_and(is_validated),
        },
        to: Side {
            label: settings.label,
            live: subject.live.clone(),
            subject: String::new(),
            since: since(&session.ledger.state),
            is_validated: is_validated(&session.ledger.state),
        },
        commits: None,
        strategy: None,
        saving: Saving::Nothing,
        checks: Vec::new(),
    }
}

fn holds(found: Found) -> Check {
    Check { verdict: CheckResult::Holds, found }
}

fn refused(found: Found) -> Check {
    Check { verdict: CheckResult::Refused, found }
}

fn overridable(force: Force, found: Found) -> Check {
    let verdict = if force == Force::Override { CheckResult::Forced } else { CheckResult::Refused };
    Check { verdict, found }
}

fn freeze(with: &Environment, force: Force, now: Millis) -> Check {
    match frozen(&with.freeze, now).cloned() {
        Some(window) => overridable(force, Found::Frozen { now: local(&window, now), window }),
        None => holds(Found::NotFrozen(with.freeze.len())),
    }
}

fn validation(evidence: &Evidence) -> Vec<Check> {
    let verdict = if evidence.proof == Proof::Given { CheckResult::Holds } else { CheckResult::Refused };
    vec![Check { verdict, found: evidence.found.clone() }]
}

/// Whether the other environment is live with it, as its ledger says: of what is not validated that is no news, and
/// cannot be forced. An older one than what is live there is a matter of age.
fn elsewhere(subject: &Subject, evidence: &Evidence) -> Option<Check> {
    if let Some(open) = &evidence.open {
        return Some(refused(open.clone()));
    }
    let is_proven = evidence.proof == Proof::Given;
    let live = evidence.state.as_ref()?.live.as_ref().filter(|live| is_proven && live.sha != subject.sha)?;
    Some(overridable(subject.force, Found::LiveElsewhere(live.sha.clone())))
}

/// Whether the other environment answers well right now, within its time.
async fn health<H: Host>(
    session: &Session<'_, H>,
    subject: &Subject,
    evidence: &Evidence,
) -> Result<Option<Check>, Failure> {
    let kept = evidence.state.as_ref().and_then(|state| state.with.as_deref());
    let from = session.config.from.as_deref().filter(|from| !from.health.urls.is_empty()).or(kept);
    let live = evidence.state.as_ref().and_then(|state| state.live.as_ref()).map(|live| &live.sha);
    if live.is_some_and(|live| *live != subject.sha) {
        return Ok(None);
    }
    let unasked = |found| Check { verdict: CheckResult::Unasked, found };
    let Some(from) = from.filter(|from| !from.health.urls.is_empty()) else {
        let found = if live.is_some() { Found::Live(None) } else { Found::LiveUnknown };
        return Ok(Some(unasked(found)));
    };
    let began = session.now().await;
    let asked = from.health.urls.iter().map(|url| check::ask(session, from, url, &subject.sha));
    let mut by_body = true;
    for answer in all(asked).await {
        match answer? {
            Err(why) => return Ok(Some(refused(Found::Unhealthy(why)))),
            Ok(proven) => by_body &= proven == ProvenBy::Body,
        }
    }
    let ms = session.now().await.since(began);
    // Without a ledger here, only the answer itself can tell which version gives it.
    Ok(Some(if live.is_some() || by_body { holds(Found::Live(Some(ms))) } else { unasked(Found::LiveUnknown) }))
}

/// What this environment's own ledger has to say.
fn own(state: &State, subject: &Subject) -> Vec<Check> {
    let mut checks = Vec::new();
    if state.is_quarantined(&subject.sha) {
        checks.push(overridable(subject.force, Found::Quarantined));
    }
    let age = Found::Age(subject.relation);
    checks.push(match subject.relation {
        Some(Relation::Older) => overridable(subject.force, age),
        None => Check { verdict: CheckResult::Unasked, found: age },
        _ => holds(age),
    });
    let avoid = std::slice::from_ref(&subject.sha);
    let found = subject.live.as_ref().filter(|live| **live != subject.sha && !state.is_quarantined(live));
    checks.push(match found.or_else(|| state.rollback_target(avoid)) {
        Some(to) => holds(Found::Target(to.clone())),
        // Nothing new goes live: nothing has to be gone back from.
        None if subject.relation == Some(Relation::Same) && subject.force == Force::Obey => return checks,
        // Only where what is live has failed itself: a person must be able to mend that.
        None => overridable(subject.force, Found::NoTarget),
    });
    checks
}

/// What would be saved now is named after what is live, and must be its files.
fn whole(state: &State, subject: &Subject, settings: &Environment) -> Option<Check> {
    let name = state.unrestored.clone().filter(|_| !settings.backup.paths.is_empty())?;
    Some(overridable(subject.force, Found::Unrestored(name)))
}

fn room(saving: &Saving) -> Check {
    match saving {
        Saving::Nothing => Check { verdict: CheckResult::Unasked, found: Found::NoBackup },
        Saving::Impossible(why) => refused(Found::NotSavable(why.clone())),
        Saving::Paths { need, room, .. } if !need.fits(room) => refused(Found::NoRoom(*need, *room)),
        Saving::Paths { lacking: Some(lacking), .. } => refused(Found::NoRoomBack(lacking.clone())),
        Saving::Paths { .. } => holds(Found::Room),
    }
}

/// The commits between the two; those taken away when it is an older one. None: not known here.
async fn commits<H: Host>(session: &Session<'_, H>, subject: &Subject) -> Result<Option<Commits>, Trouble> {
    let Some(live) = &subject.live else {
        return Ok(None);
    };
    let git = &subject.reader;
    let (older, newer) = match subject.relation {
        Some(Relation::Older) => (&subject.sha, live),
        _ => (live, &subject.sha),
    };
    let ask = |run| session.run(run, ATTEMPT);
    let (count, list) = try_join(ask(git.count(older, newer)), ask(git.commits_between(older, newer, COMMITS))).await?;
    Ok(counted(&count).ok().zip(commits_told(&list).ok()).map(|(total, shown)| Commits { total, shown }))
}

async fn subject_of<H: Host>(session: &Session<'_, H>, git: &Git, sha: Option<&Sha>) -> Result<String, Trouble> {
    let Some(sha) = sha else {
        return Ok(String::new());
    };
    let reply = session.run(git.commit_facts(sha), ATTEMPT).await?;
    Ok(commit_facts_told(&reply).map(|facts| facts.subject).unwrap_or_default())
}

//! Whether another environment has validated a SHA: what its ledger says, and where that ledger is on
//! another machine, what GitHub says of the SHA's CI. There is no other way to a promote.

use super::look::{CiLook, Memory, look as look_at_ci};
use crate::environment::{Environment, ledger_in, lock_in};
use crate::failure::Failure;
use crate::failure::reason::Silence;
use crate::host::{Command, Host, Reply};
use crate::ledger::Ledger;
use crate::machine::entry::{CiRun, Fact, Forward};
use crate::machine::state::{Ended, Record};
use crate::machine::verdict::Verdict;
use crate::machine::{Ask, Outcome, State, hearing};
use crate::messages::log::{Ci, Line};
use crate::messages::promotion::{Found, NotValidatedReason};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::ci_run::Question;
use crate::tools::github::Workflow;
use crate::tools::path::{absolute, parent};

/// What there is to say for a SHA.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The finding, for people.
    pub found: Found,
    /// The run of CI that validated it; none and a proof: validated without a run.
    pub run: Option<CiRun>,
    /// Whether it is validated.
    pub proof: Proof,
    /// The other environment's state; none: its ledger is not on this machine.
    pub state: Option<State>,
    /// The request there that has not ended, and whether somebody is at it, as a finding.
    pub open: Option<Found>,
}

impl Evidence {
    fn given(found: Found, run: Option<CiRun>) -> Self {
        Self { found, run, proof: Proof::Given, state: None, open: None }
    }

    fn missing(why: NotValidatedReason, last: Option<Sha>) -> Self {
        Self { found: Found::NotValidated { why, last }, run: None, proof: Proof::Missing, state: None, open: None }
    }
}

/// Whether a SHA is validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It is.
    Given,
    /// It is not, or that is not known.
    Missing,
}

/// How many environments may stand one behind the other, each promoted to from the next.
const CHAIN: usize = 5;

/// The state of the environment that promotes come from, with what CI has said since where its own came from; none: its
/// ledger is not on this machine.
pub async fn state<H: Host>(session: &Session<'_, H>) -> Result<Option<State>, Failure> {
    let (mut folder, mut chain) = (folder(session), Vec::new());
    while chain.len() < CHAIN {
        let ledger = Ledger::read(session.host, &ledger_in(&folder), "").await?;
        let Some(state) = Some(ledger.state).filter(|state| state.seq > 0) else {
            break;
        };
        let before = state.with.as_ref().filter(|with| with.promote_from != with.name);
        let before = before.filter(|_| state.records.keys().any(|sha| is_promoted(&state, sha)));
        let before = before.map(|with| absolute(parent(&folder), &with.promote_from));
        chain.push(state);
        match before {
            Some(before) => folder = before,
            None => break,
        }
    }
    if chain.len() < 2 {
        return Ok(chain.pop());
    }
    let now = session.now().await;
    // What is live there, too: it is not undone, but it is not to go on from there.
    let heard = |source: State, state: State| hearing(&state, news(&state, &source, &[]), now);
    Ok(chain.into_iter().rev().reduce(heard))
}

/// Whether it has failed there by now, as far as that ledger is on this machine: CI may be run again, and the site there
/// may break, while a promote is at work. Whoever tells of that failure names this environment once it has it live.
pub async fn is_recanted<H: Host>(session: &Session<'_, H>, sha: &Sha) -> bool {
    matches!(state(session).await, Ok(Some(state)) if state.is_quarantined(sha))
}

/// Whether CI has failed what is live here since, where promotes come from; none: that ledger is not on this machine.
pub async fn has_failed_live<H: Host>(session: &Session<'_, H>) -> Result<Option<bool>, Failure> {
    let settings = session.settings();
    let own = &session.ledger.state;
    let is_its = |live: &Sha| settings.promote_from != settings.name && is_promoted(own, live);
    let Some(live) = session.live().filter(is_its) else {
        return Ok(Some(false));
    };
    Ok(state(session).await?.map(|source| source.has_failed_ci(&live)))
}

/// What is live here, where CI has failed it since where promotes come from: what a person goes back from. Where that
/// cannot be read this says so, and goes on: a way back is there when all else is broken.
pub async fn failed_live<H: Host>(session: &Session<'_, H>) -> Option<Sha> {
    let live = session.live()?;
    match has_failed_live(session).await {
        Ok(has_failed) => (has_failed == Some(true)).then_some(live),
        Err(failure) => {
            session.warn(&Line::Ci(Ci::UnknownSince(live, Box::new(failure)))).await;
            None
        }
    }
}

/// Notes what CI has said since, where promotes come from, of versions that were promoted to here: one that it failed is no
/// way back any more, and one that it has freed is again. Nothing of what is live: that is for a person to undo.
pub async fn heed<H: Host>(session: &mut Session<'_, H>) -> Result<(), Failure> {
    let news = unheard(session).await;
    if news.is_empty() {
        return Ok(());
    }
    for fact in news {
        session.add(fact).await;
    }
    session.write().await?;
    super::point::write(session).await;
    Ok(())
}

/// The same for who only looks ahead, before it has the lock: nothing is written.
pub async fn foresee<H: Host>(session: &mut Session<'_, H>) {
    let news = unheard(session).await;
    let now = session.now().await;
    session.ledger.state = hearing(&session.ledger.state, news, now);
}

/// Whether CI has said something of that since.
pub async fn has_news<H: Host>(session: &Session<'_, H>) -> bool {
    !unheard(session).await.is_empty()
}

async fn unheard<H: Host>(session: &Session<'_, H>) -> Vec<Fact> {
    let settings = session.settings();
    let own = &session.ledger.state;
    if settings.promote_from == settings.name || !own.records.keys().any(|sha| is_promoted(own, sha)) {
        return Vec::new();
    }
    match state(session).await {
        Ok(Some(source)) => news(own, &source, &spared(own)),
        // Where it cannot be read, a promote says so itself.
        _ => Vec::new(),
    }
}

/// Whether a version came here by a promote: CI is not followed here, then.
fn is_promoted(own: &State, sha: &Sha) -> bool {
    // Older ledgers keep it with the requests alone.
    let is_its = |ended: &Ended| {
        matches!(&ended.ask, Ask::Promote { sha: of, .. } if of == sha)
            && matches!(ended.outcome, Outcome::Deployed | Outcome::Unchanged)
    };
    own.records.get(sha).is_some_and(|record| record.promoted) || own.history.iter().any(is_its)
}

/// What is live here, or on its way, and where that is ill, what it replaced has served people: that is what they have been
/// told to go back to.
fn spared(own: &State) -> Vec<Sha> {
    let is_ill = own.live.as_ref().is_some_and(|live| !live.known_by.is_well());
    let target = own.operation.as_ref().map(|operation| operation.ask.target());
    let live = own.live.as_ref().map(|live| &live.sha);
    [live, target, own.previous.as_ref().filter(|_| is_ill)].into_iter().flatten().cloned().collect()
}

/// What CI has said there of versions that were promoted to here, but for those that are spared.
fn news(own: &State, source: &State, spared: &[Sha]) -> Vec<Fact> {
    let of = |(sha, record): (&Sha, &Record)| {
        let (verdict, run) = source.records.get(sha)?.ci.clone()?;
        let is_news = matches!(
            (&verdict, &record.ci),
            (Verdict::Failure(_), None | Some((Verdict::Success, _)))
                | (Verdict::Success, Some((Verdict::Failure(_), _)))
        );
        let is_late = own.knows_later(sha, run.as_ref());
        (is_news && !is_late).then(|| Fact::Ci { sha: sha.clone(), verdict, run, forward: Forward::No })
    };
    let promoted = own.records.iter().filter(|(sha, _)| is_promoted(own, sha) && !spared.contains(sha));
    promoted.filter_map(of).collect()
}

/// Where the environment that promotes come from keeps its state.
fn folder<H: Host>(session: &Session<'_, H>) -> String {
    let settings = session.settings();
    match &session.config.from {
        Some(from) => from.state_folder.clone(),
        None => absolute(parent(&settings.state_folder), &settings.promote_from),
    }
}

/// Looks for what speaks for this SHA.
pub async fn look<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Evidence, Failure> {
    let Some(mut seen) = state(session).await? else {
        return by_api(session, sha).await;
    };
    let is_held = seen.operation.is_some() && is_held(session).await;
    if seen.operation.is_some() && !is_held {
        // It may have ended between the two looks: what is open now had nobody at it.
        seen = state(session).await?.unwrap_or(seen);
    }
    let by = seen.operation.as_ref().map(|operation| operation.by.clone());
    let open = by.map(|by| if is_held { Found::Busy(by) } else { Found::Unfinished(by) });
    let told = told(session, &seen, sha).await?;
    Ok(Evidence { open, state: Some(seen), ..told })
}

/// What the ledger says; where CI has not spoken there, its event may be late, or lost: what GitHub says by now is told
/// beside that, as what to do depends on it. Only the ledger validates.
async fn told<H: Host>(session: &Session<'_, H>, state: &State, sha: &Sha) -> Result<Evidence, Failure> {
    let by_ledger = by_ledger(state, sha);
    let Found::NotValidated { why: NotValidatedReason::Awaited | NotValidatedReason::Unanswered(_), last } =
        &by_ledger.found
    else {
        return Ok(by_ledger);
    };
    let by_api = by_api(session, sha).await?;
    Ok(match by_api.found {
        Found::Succeeded(run) => Evidence::missing(NotValidatedReason::Unheard(run.id), last.clone()),
        Found::NotValidated { why: why @ NotValidatedReason::Api(Silence::RunEnded(..)), .. } => {
            Evidence::missing(why, last.clone())
        }
        _ => by_ledger,
    })
}

/// Whether somebody holds the other environment's lock.
async fn is_held<H: Host>(session: &Session<'_, H>) -> bool {
    let path = lock_in(&folder(session));
    session.host.perform(Command::Peek { path }).await != Reply::Missing
}

fn by_ledger(state: &State, sha: &Sha) -> Evidence {
    let validated = state.validated.iter().find(|one| one.sha == *sha).filter(|_| !state.is_quarantined(sha)).cloned();
    if let Some(one) = validated {
        return Evidence::given(Found::Validated { run: one.run.clone(), at: one.at }, one.run);
    }
    if let Some((at, run)) = state.late_success(sha) {
        return Evidence::given(Found::Validated { run: run.cloned(), at }, run.cloned());
    }
    let why = match state.records.get(sha).map(|record| (record.healthy_at, &record.ci)) {
        _ if state.is_quarantined(sha) => NotValidatedReason::Failed,
        Some((Some(_), Some((Verdict::Inconclusive(doubt), _)))) => NotValidatedReason::Unanswered(doubt.clone()),
        Some((Some(_), _)) => NotValidatedReason::Awaited,
        _ => NotValidatedReason::Unknown,
    };
    Evidence::missing(why, state.last_validated().map(|one| one.sha.clone()))
}

async fn by_api<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Evidence, Failure> {
    let missing = |seen: Silence| Evidence::missing(NotValidatedReason::Api(seen), None);
    let Some(api) = session.api().await? else {
        return Ok(missing(Silence::NothingToAsk));
    };
    let from: &Environment = session.config.from.as_deref().unwrap_or(session.with);
    let question = Question {
        sha: sha.clone(),
        branch: from.branch.clone(),
        workflow: Workflow::parse(&from.ci.workflow),
        repository: api.repository.clone(),
        own_run: session.config.origin.run_id,
        is_of_ci: false,
    };
    let seen = look_at_ci(session, &api, &question, &mut Memory::default()).await?;
    Ok(match seen {
        CiLook::Settled(Verdict::Success, run) => {
            let run = run.fact();
            Evidence::given(Found::Succeeded(run.clone()), Some(run))
        }
        CiLook::Settled(verdict, run) => missing(Silence::RunEnded(run.id, verdict)),
        CiLook::Running(run) => missing(Silence::RunUnderWay(run.id)),
        CiLook::NoRun => missing(Silence::NoRunOf(from.ci.workflow.clone())),
        CiLook::Later { why, .. } => missing(Silence::GitHubLater(why)),
        CiLook::Denied(denial) => missing(Silence::GitHubDenied(denial)),
    })
}

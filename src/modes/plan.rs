//! A dry run: what would be done, as things stand. The machine foretells it; nothing is fetched, nothing is written.

use super::beginning::refuse;
use super::deploy::asks_first;
use super::rollback::First;
use super::visit::held;
use crate::environment::{Environment, Watch};
use crate::failure::Failure;
use crate::host::Host;
use crate::machine::entry::{Placed, Relation};
use crate::machine::known::Known;
use crate::machine::request::Force;
use crate::machine::{Ask, Because, Files, Outcome, State, Step, foretell};
use crate::messages::log::{Line, Plan, Planned};
use crate::report::{Done, Word};
use crate::session::Session;
use crate::sha::Sha;
use crate::steps::compose_file::Candidate;
use crate::steps::fetch::relation;
use crate::steps::{Trouble, compare, compose_file, program, survey};

/// What a deploy of this SHA would do.
pub async fn of_deploy<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Done, Failure> {
    tell(session, Plan::Deploy(sha.clone(), session.with.name.clone())).await;
    if let Some(operation) = &session.ledger.state.operation {
        tell(session, first(&operation.by, operation.ask.target(), held(session.host, session.with.lock()).await))
            .await;
    }
    let known = standing(session, sha).await?;
    if known.is_none() {
        tell(session, Plan::Unfetched).await;
    }
    let force = session.config.request.force;
    let ask = Ask::Deploy { sha: sha.clone(), force };
    let steps = foretold(session, &ask, session.with, known.unwrap_or(Relation::Newer)).await;
    let state = &session.ledger.state;
    let asked = asks_first(session).then(|| session.with.ci.workflow.clone());
    if force == Force::Obey && state.is_quarantined(sha) {
        tell(session, Plan::Quarantined(asked)).await;
    } else if let Some(workflow) = asked.filter(|_| !state.is_live(sha) && known != Some(Relation::Older)) {
        tell(session, Plan::FailedAlready(workflow)).await;
    }
    match steps.contains(&Step::Compare) {
        true => compared(session, Candidate::own(sha)).await,
        false => Ok(Done::well(Word::Ok, sha)),
    }
}

/// How a dry run of what goes forward ends: refused, where the run would be for want of its compose file or a service in it.
pub(super) async fn compared<H: Host>(session: &Session<'_, H>, version: Candidate<'_>) -> Result<Done, Failure> {
    let refused = async {
        compare::ensure_folder(session, session.with, version).await?;
        compose_file::ensure_present(session, session.with, version).await?;
        compose_file::ensure_services_present(session, session.with, version).await?;
        program::ensure_present(session, session.with, version).await
    };
    match refused.await {
        Ok(()) => Ok(Done::well(Word::Ok, version.sha)),
        Err(trouble) => refuse(version.sha, trouble),
    }
}

/// What going back to this SHA would do.
pub(super) async fn of_rollback<H: Host>(
    session: &Session<'_, H>,
    first: Option<&First>,
    to: &Sha,
    files: Files,
    with: &Environment,
) -> Done {
    tell(session, Plan::Rollback(to.clone())).await;
    if let Some(First { by, sha, holder, .. }) = first {
        tell(session, self::first(by, sha, holder.clone())).await;
    }
    let undo = session.live().filter(|live| live != to);
    // That has put it live.
    if undo.is_none() && files == Files::Remade && first.is_some_and(|first| first.is_undone) {
        return Done::well(Word::Ok, to);
    }
    let force = session.config.request.force;
    let ask = Ask::Rollback { to: to.clone(), undo, because: Because::Person, files, force };
    foretold(session, &ask, with, Relation::Older).await;
    Done::well(Word::Ok, to)
}

/// What is over before it begins: what a run is at, or what one has left.
fn first(by: &str, sha: &Sha, holder: Option<String>) -> Plan {
    holder.map_or_else(|| Plan::First(by.to_owned(), sha.clone()), Plan::Awaited)
}

async fn tell<H: Host>(session: &Session<'_, H>, line: Plan) {
    session.log(&Line::Plan(line)).await;
}

/// Where the commit stands beside what is live; none: it is not here yet.
async fn standing<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<Option<Relation>, Failure> {
    let seen = async {
        let git = survey::repository(session).await?;
        let live = survey::live_or_head(session, &git).await?;
        relation(session, &git, sha, live.as_ref()).await
    };
    match seen.await {
        Ok(relation) => Ok(Some(relation)),
        Err(Trouble::Stop(failure)) => Err(failure),
        Err(Trouble::Fault { .. }) => Ok(None),
    }
}

async fn foretold<H: Host>(session: &Session<'_, H>, ask: &Ask, with: &Environment, relation: Relation) -> Vec<Step> {
    let (steps, outcome) = numbered(session, &session.ledger.state, ask, with, relation).await;
    match outcome {
        Outcome::Superseded => tell(session, Plan::Superseded).await,
        Outcome::Unchanged if ask.is_forward() => tell(session, Plan::Unchanged).await,
        Outcome::Unchanged => {
            tell(session, Plan::UnlessIll).await;
            let mut ill = session.ledger.state.clone();
            ill.live.iter_mut().for_each(|live| live.known_by = Known::Ill);
            numbered(session, &ill, ask, with, relation).await;
        }
        _ => {}
    }
    steps
}

/// The steps from this state, told by their numbers, and how they end.
async fn numbered<H: Host>(
    session: &Session<'_, H>,
    state: &State,
    ask: &Ask,
    with: &Environment,
    relation: Relation,
) -> (Vec<Step>, Outcome) {
    let (steps, outcome) = foretell(state, ask, with, (Placed::OnBranch, relation), session.now().await);
    for (at, step) in planned(state, ask, with, &steps, &outcome).into_iter().enumerate() {
        tell(session, Plan::Step(at + 1, step)).await;
    }
    (steps, outcome)
}

fn planned(state: &State, ask: &Ask, with: &Environment, steps: &[Step], outcome: &Outcome) -> Vec<Planned> {
    let is_put_live = *outcome == Outcome::Deployed;
    let mut all: Vec<Planned> = is_put_live.then(|| point(state)).into_iter().collect();
    all.extend(steps.iter().filter_map(|step| of_step(*step, ask, with)));
    if is_put_live && with.ci.watch != Watch::None {
        all.push(Planned::Follow(with.ci.workflow.clone(), with.ci.timeout_ms));
    }
    all
}

fn point(state: &State) -> Planned {
    match state.last_validated() {
        Some(one) => Planned::Point(one.sha.clone()),
        None => Planned::Baseline(state.live.as_ref().map(|live| live.sha.clone())),
    }
}

fn of_step(step: Step, ask: &Ask, with: &Environment) -> Option<Planned> {
    let health = &with.health;
    match step {
        Step::Fetch => Some(Planned::Fetch(ask.target().clone(), with.app_path.clone(), with.branch.clone())),
        Step::Reset => Some(Planned::Reset),
        Step::Command => Some(Planned::Command(with.deploy_command.join(" "))),
        Step::Restore => match ask {
            Ask::Rollback { files: Files::Restored(name), .. } => Some(Planned::Files(name.to_string())),
            _ => None,
        },
        Step::Compose => with.compose.as_ref().map(|one| Planned::Compose(one.strategy, one.file.clone())),
        Step::Check if !health.urls.is_empty() => {
            Some(Planned::Check(health.urls.clone(), health.attempts, health.interval_ms))
        }
        Step::Check => Some(if with.compose.is_some() { Planned::CheckContainers } else { Planned::CheckNothing }),
        // Of these nothing is seen where all goes well.
        Step::Compare | Step::Keep | Step::Checklist | Step::Backup | Step::Prove => None,
    }
}

//! Why GitHub shows no run of the workflow that decides: asked once, when nobody waits for one any more. Says
//! no more than GitHub's list of workflows does; what follows from "no run" is not decided here.

use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::machine::verdict::{Absence, Denial, Doubt, Unseen};
use crate::session::Session;
use crate::tools::ci_run::{Question, is_own_run, other_trigger};
use crate::tools::doctor::access::{ListedWorkflow, ask_workflows, count, granted, named, workflows};
use crate::tools::github::{Api, Listing, Workflow, list_runs, listed};
use crate::tools::letters::bounded;

/// What there is to say of a commit for which no run came.
pub async fn no_run<H: Host>(session: &Session<'_, H>, api: &Api, question: &Question) -> Result<Doubt, Failure> {
    let seen = match absence(session, api, &question.workflow).await? {
        None | Some(Absence::Idle) => ignored(session, api, question).await?.unwrap_or(Absence::Idle),
        Some(seen) => seen,
    };
    Ok(doubt(question, seen))
}

/// What there is to say where GitHub answered that it will not tell: one answer stands for a repository that
/// is hidden and for a workflow that is not there.
pub async fn denied<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    denial: Denial,
) -> Result<Doubt, Failure> {
    if denial != Denial::Repository {
        return Ok(Doubt::Denied(denial));
    }
    Ok(match absence(session, api, &question.workflow).await? {
        Some(Absence::Unknown) => doubt(question, Absence::Unknown),
        _ => Doubt::Denied(denial),
    })
}

/// A run that would count but for what started it, or for being our own; none: there is none, or GitHub does not tell.
async fn ignored<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
) -> Result<Option<Absence>, Failure> {
    let reply = session.ask(list_runs(api, &question.workflow, &question.sha, None), &Attempt::CiRun).await?;
    let Listing::Page(page) = listed(api, &reply, session.now().await) else {
        return Ok(None);
    };
    let own = || is_own_run(&page.items, question).then_some(Absence::OwnRun);
    Ok(other_trigger(&page.items, question).map(Absence::OtherTrigger).or_else(own))
}

fn doubt(question: &Question, seen: Absence) -> Doubt {
    let (Workflow::File(workflow) | Workflow::Name(workflow)) = &question.workflow;
    Doubt::NoRunOf(Unseen { workflow: workflow.clone(), branch: question.branch.clone(), seen })
}

/// None: GitHub does not tell.
async fn absence<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    workflow: &Workflow,
) -> Result<Option<Absence>, Failure> {
    let reply = session.ask(ask_workflows(api), &Attempt::CiRun).await?;
    let Ok(body) = granted(&reply) else {
        return Ok(None);
    };
    Ok(read(&workflows(&body), count(&body), workflow))
}

/// What a list of workflows, of so many in all, says of one.
fn read(listed: &[ListedWorkflow], total: u64, workflow: &Workflow) -> Option<Absence> {
    let found = named(listed, workflow);
    match found.as_slice() {
        // It may stand on a later page.
        [] if usize::try_from(total) != Ok(listed.len()) => None,
        [] => Some(Absence::Unknown),
        all if all.iter().any(|one| one.state == "active") => Some(Absence::Idle),
        [one, ..] => Some(Absence::Off(bounded(&one.state, 60))),
    }
}

//! What GitHub is asked about the CI of a SHA.

use crate::failure::Failure;
use crate::host::Host;
use crate::machine::verdict::Verdict;
use crate::session::Session;
use crate::settings::Mode;
use crate::sha::Sha;
use crate::steps::look::{CiLook, Memory, look};
use crate::tools::ci_run::{Question, WorkflowRun};
use crate::tools::github::{Api, Workflow};

/// Which runs count for this SHA: of which workflow, on which branch, in which repository.
pub(super) fn question<H>(session: &Session<'_, H>, api: &Api, sha: &Sha) -> Question {
    let kept = session.ledger.state.with.as_deref().unwrap_or(session.with);
    let config = session.config;
    // A detached watcher outlives the run that began it, and may judge that one, too.
    let own_run = config.origin.run_id.filter(|_| config.origin.door != "watcher");
    // A job that checks health, say, does not repeat which workflow decides: what was deployed is judged by the one
    // that it was deployed with.
    let says = config.given.contains("ci-workflow") || config.listed.contains(&session.with.name);
    let says = says || matches!(config.mode, Mode::Deploy | Mode::Promote);
    Question {
        sha: sha.clone(),
        branch: kept.branch.clone(),
        workflow: Workflow::parse(if says { &session.with.ci.workflow } else { &kept.ci.workflow }),
        repository: api.repository.clone(),
        own_run,
        is_of_ci: is_of_ci(session) && config.request.sha.as_ref() == Some(sha),
    }
}

/// What CI has come to, as GitHub tells it now; none: it has not, or nobody knows.
pub(super) async fn settled<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    mut memory: Memory,
) -> Result<Option<(Verdict, WorkflowRun)>, Failure> {
    Ok(match look(session, api, question, &mut memory).await? {
        CiLook::Settled(verdict, run) => Some((verdict, *run)),
        _ => None,
    })
}

/// Whether this job is part of a run of the workflow that decides.
pub(super) fn is_of_ci<H>(session: &Session<'_, H>) -> bool {
    let origin = &session.config.origin;
    match Workflow::parse(&session.with.ci.workflow) {
        Workflow::File(file) => origin.workflow_ref.contains(&format!("/.github/workflows/{file}@")),
        Workflow::Name(name) => origin.workflow == name,
    }
}

//! Which jobs of the API made the run fail. `needs` knows results by ids, the API knows names: a job whose name
//! was chosen is matched as far as it can be, and one that failed but is tolerated is not blamed.

use crate::config::NeededJob;
use crate::tools::ci_job::{Job, failing, failing_step};
use crate::tools::needs::{JobResult, is_named, is_named_after};

/// Between the name of a job that calls a workflow and those of the jobs in there.
const SEPARATOR: &str = " / ";

/// Whether a job has failed; one that still runs, as our own does, has when one of its steps has.
#[must_use]
pub fn is_bad(job: &Job) -> bool {
    let is_listed = !failing(std::slice::from_ref(job)).is_empty();
    is_listed || (job.conclusion.is_none() && failing_step(job).is_some())
}

/// The jobs that made the run fail, in the API's order; those whose failure is tolerated did not, be that by
/// `optional` or by `continue-on-error`, with which a job that failed has the result `success`.
#[must_use]
pub fn culprits<'a>(needed: &[NeededJob], known: &'a [Job]) -> Vec<&'a Job> {
    let is_blamed = |one: &NeededJob| !one.is_optional && one.result != JobResult::Success;
    let meant: Vec<Option<&NeededJob>> = known.iter().map(|job| meant(needed, job)).collect();
    let is_found = |one: &NeededJob| meant.iter().flatten().any(|other| other.id == one.id);
    let is_lost = |one: &&NeededJob| is_blamed(one) && one.result == JobResult::Failure && !is_found(one);
    // A name that says nothing of its id may be anybody's: no more of these than failures without a job.
    let mut strangers = needed.iter().filter(is_lost).count();
    let mut found = Vec::new();
    for (job, meant) in known.iter().zip(&meant).filter(|(job, _)| is_bad(job)) {
        match meant {
            Some(one) if is_blamed(one) => found.push(job),
            None if strangers > 0 => {
                strangers -= 1;
                found.push(job);
            }
            Some(_) | None => {}
        }
    }
    found
}

/// The jobs by the names that this workflow's own file gives them: of one that is called by another (`workflow_call`)
/// the API tells `CALLER / job`. Jobs of the caller have no place among ours. `own`: the running job's id.
#[must_use]
pub fn of_own_file(needed: &[NeededJob], own: &str, known: Vec<Job>) -> Vec<Job> {
    let is_ours = |name: &str| is_named(own, name) || needed.iter().any(|one| is_named(&one.id, name));
    if known.iter().any(|job| is_ours(&job.name)) {
        return known;
    }
    let behind = |name: &str| name.match_indices(SEPARATOR).map(|(at, _)| at + SEPARATOR.len()).collect::<Vec<_>>();
    let own_name = known.iter().find_map(|job| {
        let ends = behind(&job.name);
        let at = ends.into_iter().find(|at| job.name.get(*at..).is_some_and(|rest| is_named(own, rest)))?;
        job.name.get(..at).map(str::to_owned)
    });
    let Some(prefix) = own_name else {
        return known;
    };
    let inner = |job: Job| Some(Job { name: job.name.strip_prefix(&prefix)?.to_owned(), ..job });
    known.into_iter().filter_map(inner).collect()
}

/// The needed job that one of the API is: by its name, or else the one with the longest id that its name begins with.
fn meant<'n>(needed: &'n [NeededJob], job: &Job) -> Option<&'n NeededJob> {
    let named = needed.iter().find(|one| is_named(&one.id, &job.name));
    let after = || needed.iter().filter(|one| is_named_after(&one.id, &job.name));
    named.or_else(|| after().max_by_key(|one| one.id.len()))
}

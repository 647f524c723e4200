//! Why CI failed, for a notice: failing jobs and steps, and the last lines of the failing step's log.
//! Best effort and bounded: whatever cannot be had is left out, and the link to the run stays.

use crate::failure::Failure;
use crate::host::Host;
use crate::machine::entry::Because;
use crate::messages::{Digest, DigestJob, Kind, Notice};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::ci_job::{Job, failing, failing_step};
use crate::tools::ci_log::excerpt;
use crate::tools::github::{Api, Listing, fetch_log, fetched_log, list_jobs, listed_jobs};
use crate::tools::http::redirected;

const ATTEMPT: &str = "reading why CI failed";
/// Failing jobs told.
const JOBS: usize = 4;
/// Log lines told of each.
const LINES: usize = 12;
/// Redirects followed to a log.
const HOPS: usize = 3;

/// The notice with the reason of the CI failure, where it tells of one.
pub async fn add<H: Host>(session: &Session<'_, H>, mut notice: Notice) -> Notice {
    let failed: Option<Sha> = match &notice.kind {
        Kind::RolledBack { because: Because::Ci, undone, .. } => undone.clone(),
        Kind::Condemned | Kind::Cornered => Some(notice.sha.clone()),
        Kind::Guarded(_) => session.live(),
        _ => None,
    };
    let Some(failed) = failed else { return notice };
    let record = session.ledger.state.records.get(&failed);
    let Some(run) = record.and_then(|record| record.ci.as_ref()).and_then(|(_, run)| run.clone()) else {
        return notice;
    };
    let Some(api) = session.api().await else {
        return notice;
    };
    notice.ci_url = Some(run.url.clone()).filter(|url| !url.is_empty());
    let jobs = jobs(session, &api, run.id, run.attempt).await.unwrap_or_default();
    notice.digest = Some(Digest { url: run.url, jobs });
    notice
}

async fn jobs<H: Host>(session: &Session<'_, H>, api: &Api, id: u64, attempt: u64) -> Result<Vec<DigestJob>, Failure> {
    let mut request = list_jobs(api, id, attempt);
    let mut found: Vec<Job> = Vec::new();
    for _ in 0..10 {
        let reply = session.ask(request, ATTEMPT).await?;
        let now = session.now().await;
        let Listing::Page(page) = listed_jobs(api, &reply, now) else {
            break;
        };
        found.extend(page.items);
        match page.next {
            Some(next) => request = *next,
            None => break,
        }
    }
    let mut told = Vec::new();
    for job in failing(&found).into_iter().take(JOBS) {
        let step = failing_step(job);
        let log = log(session, api, job.id).await?;
        told.push(DigestJob {
            name: job.name.clone(),
            url: job.url.clone(),
            step: step.map(|step| step.name.clone()),
            lines: log.map_or_else(Vec::new, |log| excerpt(&log, step, LINES)),
        });
    }
    Ok(told)
}

async fn log<H: Host>(session: &Session<'_, H>, api: &Api, job: u64) -> Result<Option<String>, Failure> {
    let mut request = fetch_log(api, job);
    for _ in 0..HOPS {
        let reply = session.ask(request.clone(), ATTEMPT).await?;
        let next = match &reply {
            crate::host::Reply::Answered(answered) => redirected(answered, &request),
            _ => None,
        };
        match next {
            Some(next) => request = next,
            None => return Ok(fetched_log(&reply).map(str::to_owned)),
        }
    }
    Ok(None)
}

//! One look at CI: all pages, matched on our side, with what the last look learned. What a look
//! leads to is not decided here.

use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Host, Http};
use crate::machine::verdict::{Denial, Doubt, FailureKind, Verdict};
use crate::session::{Session, within};
use crate::steps::digest::jobs;
use crate::time::Millis;
use crate::tools::ci_job::was_cancelled;
use crate::tools::ci_run::{Look, Question, WorkflowRun, judge};
use crate::tools::github::{Api, Listing, Page, Setback, list_recent_runs, list_runs, listed};

const ATTEMPT: &Attempt = &Attempt::CiRun;
/// Pages of runs read for one SHA: a thousand runs.
const PAGES: usize = 10;
/// How long a rollback waits to hear of the jobs of the run that asks for it, milliseconds.
const JOBS_MS: u64 = 2_000;
/// The shortest time that a request gets, milliseconds: GitHub mostly answers within it.
const SHORTEST_MS: u64 = 1_000;

/// What is remembered from look to look.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    etag: Option<String>,
    last: Option<Look>,
    until: Option<Millis>,
}

impl Memory {
    /// Nothing yet, for looks that do not wait for an answer much longer than until then.
    #[must_use]
    pub fn until(until: Millis) -> Self {
        Self { until: Some(until), ..Self::default() }
    }
}

/// What a look saw.
#[derive(Debug, Clone, PartialEq)]
pub enum CiLook {
    /// A run has ended.
    Settled(Verdict, Box<WorkflowRun>),
    /// A run is under way.
    Running(Box<WorkflowRun>),
    /// No run counts, so far.
    NoRun,
    /// GitHub gave no answer that can be used.
    Later {
        /// Wait at least so many milliseconds.
        ms: u64,
        /// What stood in the way.
        why: Setback,
    },
    /// GitHub will not tell.
    Denied(Denial),
}

/// Looks once. Where the run failed, its jobs say whether it was cancelled.
pub async fn look<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    memory: &mut Memory,
) -> Result<CiLook, Failure> {
    Ok(match look_at_runs(session, api, question, memory).await? {
        CiLook::Settled(verdict, run) => CiLook::Settled(weigh(session, api, verdict, &run).await?, run),
        seen => seen,
    })
}

/// What a run that ended comes to: one that GitHub says has failed may have been cancelled ([`was_cancelled`]). Where
/// its jobs cannot be had soon, it counts as GitHub says.
pub async fn weigh<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    verdict: Verdict,
    run: &WorkflowRun,
) -> Result<Verdict, Failure> {
    if verdict != Verdict::Failure(FailureKind::Failed) {
        return Ok(verdict);
    }
    let until = Some(session.now().await.plus(JOBS_MS));
    let (jobs, missing) = jobs(session.host, api, run.id, run.attempt, until).await?;
    let is_cancelled = missing.is_none() && was_cancelled(&jobs);
    Ok(if is_cancelled { Verdict::Inconclusive(Doubt::Cancelled) } else { verdict })
}

async fn look_at_runs<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    memory: &mut Memory,
) -> Result<CiLook, Failure> {
    let first = list_runs(api, &question.workflow, &question.sha, memory.etag.as_deref());
    match all_pages(session, api, first, memory.until).await? {
        Ok(Some(page)) => {
            let seen = judge(&page.items, question);
            memory.etag = page.etag.filter(|_| page.next.is_none() && seen != Look::NoRun);
            memory.last = Some(seen.clone());
            match seen {
                // An unchanged empty page says nothing about what the other list will answer next time.
                Look::NoRun => unfiltered(session, api, question, memory.until).await,
                seen => Ok(of(seen)),
            }
        }
        Ok(None) => Ok(memory.last.clone().map_or(CiLook::NoRun, of)),
        Err(seen) => Ok(seen),
    }
}

/// Searches by SHA have missed runs that the plain list showed (dawidd6/action-download-artifact
/// #243): before "no run" is believed, the branch's newest runs are read too. Where GitHub does not
/// tell them, there may be a run.
async fn unfiltered<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    question: &Question,
    until: Option<Millis>,
) -> Result<CiLook, Failure> {
    let request = list_recent_runs(api, &question.workflow, &question.branch);
    Ok(match ask(session, api, request, until).await? {
        Ok(page) => of(judge(&page.map(|page| page.items).unwrap_or_default(), question)),
        Err(seen) => seen,
    })
}

/// A page of runs, none where it has not changed since its etag; or what a look saw instead.
type Answer = Result<Option<Page<WorkflowRun>>, CiLook>;

/// One page, asked with no more time than is left until then.
async fn ask<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    request: Http,
    until: Option<Millis>,
) -> Result<Answer, Failure> {
    let request = within(session.host, request, until, SHORTEST_MS).await;
    let reply = session.ask(request, ATTEMPT).await?;
    Ok(match listed(api, &reply, session.now().await) {
        Listing::Page(page) => Ok(Some(page)),
        Listing::Unchanged => Ok(None),
        Listing::Later { ms, why } => Err(CiLook::Later { ms, why }),
        Listing::Denied(denial) => Err(CiLook::Denied(denial)),
    })
}

async fn all_pages<H: Host>(
    session: &Session<'_, H>,
    api: &Api,
    first: Http,
    until: Option<Millis>,
) -> Result<Answer, Failure> {
    let mut whole = match ask(session, api, first, until).await? {
        Ok(Some(page)) => page,
        other => return Ok(other),
    };
    for _ in 1..PAGES {
        let Some(next) = whole.next.take() else {
            break;
        };
        let page = match ask(session, api, *next, until).await? {
            Ok(Some(page)) => page,
            other => return Ok(other),
        };
        whole.items.extend(page.items);
        // Several pages have no etag of their own: the next look reads them all again.
        (whole.next, whole.etag) = (page.next, None);
    }
    Ok(Ok(Some(whole)))
}

fn of(look: Look) -> CiLook {
    match look {
        Look::Settled { verdict, run } => CiLook::Settled(verdict, Box::new(run)),
        Look::Running { run } => CiLook::Running(Box::new(run)),
        Look::NoRun => CiLook::NoRun,
    }
}

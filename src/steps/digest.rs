//! Why CI failed, for a notice: failing jobs and steps, and what the failing step's log tells.
//! Best effort and bounded: whatever cannot be had is left out, and the link to the run stays.

use crate::environment::ledger_in;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Command, Host, Reply};
use crate::ledger::Ledger;
use crate::machine::entry::Because;
use crate::machine::verdict::{FailureKind, Verdict};
use crate::messages::log::Unanswered;
use crate::messages::promotion::Commits;
use crate::messages::{Digest, DigestJob, Failing, Notice, NoticeKind};
use crate::parallel::all;
use crate::session::{Session, ask, now, within};
use crate::sha::Sha;
use crate::steps::survey::repository;
use crate::time::Millis;
use crate::tools::ci_job::{Job, failing, failing_step};
use crate::tools::ci_log::telling;
use crate::tools::git::{commits_told, counted};
use crate::tools::github::{Api, Listing, fetch_log, fetched_log, list_jobs, listed_jobs};
use crate::tools::http::redirected;
use crate::tools::path::parent;

const ATTEMPT: &Attempt = &Attempt::Digest;
/// Pages of jobs read, 100 jobs each.
const PAGES: usize = 10;
/// Failing jobs told.
const JOBS: usize = 4;
/// Log lines told of each.
const LINES: usize = 12;
/// Commits told.
const COMMITS: usize = 5;
/// For all that GitHub is asked about one failure, milliseconds: the lock is held, and somebody waits to hear of it.
const PATIENCE_MS: u64 = 8_000;
/// A request gets no less, milliseconds, however late it is.
const LEAST_MS: u64 = 100;
/// Redirects followed to a log.
const HOPS: usize = 3;

/// Tells people, with why CI failed where that is what it is about. What somebody has to hear of is written down before
/// GitHub is asked: a run that is killed meanwhile leaves it to the next one.
pub async fn tell<H: Host>(session: &Session<'_, H>, notice: Notice) {
    session.remember(&notice).await;
    let notice = add(session, notice).await;
    session.tell(notice).await;
}

/// The notice with the reason of the CI failure, where it tells of one.
async fn add<H: Host>(session: &Session<'_, H>, mut notice: Notice) -> Notice {
    let failed: Option<Sha> = match &notice.kind {
        NoticeKind::RolledBack { because: Because::Ci, undone, .. } => undone.clone(),
        NoticeKind::Condemned { .. } | NoticeKind::Cornered(_) => Some(notice.sha.clone()),
        NoticeKind::Guarded { because: Because::Ci, .. } => session.live(),
        _ => None,
    };
    let Some(failed) = failed else { return notice };
    let record = session.ledger.state.records.get(&failed);
    let Some((verdict, Some(run))) = record.and_then(|record| record.ci.clone()) else {
        return notice;
    };
    let kind = match verdict {
        Verdict::Failure(kind) => kind,
        _ => FailureKind::Failed,
    };
    let Ok(Some(api)) = session.api().await else {
        return notice;
    };
    notice.ci_url = Some(run.url.clone()).filter(|url| !url.is_empty());
    let until = Some(session.now().await.plus(PATIENCE_MS));
    let (found, unread) = jobs(session.host, &api, run.id, run.attempt, until).await.unwrap_or_default();
    let Failing { jobs, more } = explained(session.host, &api, &failing(&found), until).await.unwrap_or_default();
    let commits = commits(session, &failed).await;
    let live = session.ledger.state.live.clone().filter(|live| live.sha == failed);
    let live_ms = match live {
        Some(live) => Some(session.now().await.since(live.since)),
        None => None,
    };
    let elsewhere = elsewhere(session, &failed).await;
    notice.digest = Some(Digest { url: run.url, kind, jobs, more_jobs: more, unread, commits, live_ms, elsewhere });
    notice
}

/// The labels of the environments beside this one in which a SHA is live: production, mostly, which nothing takes it from.
/// One that still follows its CI itself goes back, or tells why not.
async fn elsewhere<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Vec<String> {
    let folder = parent(&session.with.state_folder);
    let Reply::Names { names } = session.host.perform(Command::List { path: folder.to_owned() }).await else {
        return Vec::new();
    };
    let (mut found, now) = (Vec::new(), session.now().await);
    for name in names.iter().filter(|name| **name != session.with.name) {
        let Ok(ledger) = Ledger::read(session.host, &ledger_in(&format!("{folder}/{name}")), "").await else {
            continue;
        };
        let is_followed = ledger.state.watch.is_some_and(|watch| watch.sha == *sha && now < watch.until);
        let with = ledger.state.with.filter(|with| with.name == *name && !is_followed);
        let is_live = ledger.state.live.is_some_and(|live| live.sha == *sha);
        found.extend(with.filter(|_| is_live).map(|with| with.label));
    }
    found
}

/// The commits between the last validated SHA and the one that failed.
async fn commits<H: Host>(session: &Session<'_, H>, failed: &Sha) -> Option<Commits> {
    let state = &session.ledger.state;
    let from = state.last_validated().map(|one| &one.sha).filter(|sha| *sha != failed)?;
    let git = repository(session).await.ok()?;
    let count = session.run(git.count(from, failed), ATTEMPT).await.ok()?;
    let list = session.run(git.commits_between(from, failed, COMMITS), ATTEMPT).await.ok()?;
    Some(Commits { total: counted(&count).ok()?, shown: commits_told(&list).ok()? })
}

/// The jobs of one attempt of a run (its id, and which), as far as GitHub tells them until then; with what stood in the
/// way.
pub async fn jobs<H: Host>(
    host: &H,
    api: &Api,
    id: u64,
    attempt: u64,
    until: Option<Millis>,
) -> Result<(Vec<Job>, Option<Unanswered>), Failure> {
    let mut request = list_jobs(api, id, attempt);
    let mut found: Vec<Job> = Vec::new();
    for _ in 0..PAGES {
        let reply = ask(host, within(host, request, until, LEAST_MS).await, ATTEMPT).await?;
        let seen = match listed_jobs(api, &reply, now(host).await) {
            Listing::Page(page) => {
                found.extend(page.items);
                match page.next {
                    Some(next) => {
                        request = *next;
                        continue;
                    }
                    None => None,
                }
            }
            Listing::Unchanged => None,
            Listing::Later { why, .. } => Some(Unanswered::Later(why)),
            Listing::Denied(denial) => Some(Unanswered::Denied(denial)),
        };
        return Ok((found, seen));
    }
    Ok((found, None))
}

/// The first few of these jobs with their failing steps and what the logs of these tell, as far as they come until then.
pub async fn explained<H: Host>(host: &H, api: &Api, jobs: &[&Job], until: Option<Millis>) -> Result<Failing, Failure> {
    let told = jobs.iter().take(JOBS).map(async |job| {
        let step = failing_step(job);
        let log = log(host, api, job.id, until).await?;
        Ok(DigestJob {
            name: job.name.clone(),
            url: job.url.clone(),
            step: step.map(|step| step.name.clone()),
            lines: log.map_or_else(Vec::new, |log| telling(&log, step, LINES)),
        })
    });
    let more = jobs.len().saturating_sub(JOBS) as u64;
    Ok(Failing { jobs: all(told).await.into_iter().collect::<Result<_, Failure>>()?, more })
}

async fn log<H: Host>(host: &H, api: &Api, job: u64, until: Option<Millis>) -> Result<Option<String>, Failure> {
    let mut request = fetch_log(api, job);
    for _ in 0..HOPS {
        let reply = ask(host, within(host, request.clone(), until, LEAST_MS).await, ATTEMPT).await?;
        let next = match &reply {
            Reply::Answered(answered) => redirected(answered, &request),
            _ => None,
        };
        match next {
            Some(next) => request = next,
            None => return Ok(fetched_log(&reply).map(str::to_owned)),
        }
    }
    Ok(None)
}

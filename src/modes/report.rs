//! `report`: sums up what the jobs of a run came to, and tells Discord of failures only. Runs in the
//! last job of a workflow, on any runner: no environment, no state, no work tree.
//!
//! Only success is well. A required job that was cancelled or skipped makes the step fail, since
//! nobody knows what it would have said; it is no failure, so by itself it is not told.

pub mod culprits;

use std::collections::BTreeMap;

use super::secrets;
use crate::config::{Config, Intent, NeededJob};
use crate::environment::Locale;
use crate::failure::Failure;
use crate::host::{Host, Level, Publication};
use crate::machine::verdict::FailureKind;
use crate::messages::log::{Jobs, Line, Spared};
use crate::messages::report::{self as words, FailedRun, Row};
use crate::messages::{Digest, Failing};
use crate::outbox::{self, Outbox};
use crate::report::Word;
use crate::session::now;
use crate::steps::digest::{explained, jobs};
use crate::tools::ci_job::Job;
use crate::tools::github::Api;
use crate::tools::needs::{JobResult, is_named};
use crate::voice::Voice;
use culprits::{culprits, is_bad, of_own_file};

/// Runs the mode.
pub async fn perform<H: Host>(config: &Config, host: &H) -> Publication {
    let began = now(host).await;
    let outbox = Outbox::default();
    let voice = Voice::new(host, secrets(config));
    let webhook = config.secrets.webhook.as_ref();
    let (rows, failing) =
        match outbox::beside(host, &outbox, webhook, Box::pin(work(config, host, &outbox, &voice))).await {
            Ok(found) => found,
            Err(failure) => return stopped(&failure, config.manner.locale),
        };
    for lost in outbox.lost() {
        let text = Line::Untold(lost, Spared::Results).text(config.manner.log);
        voice.speak(Level::Warning, &text).await;
    }
    let ms = now(host).await.since(began);
    published(config, &voice, &rows, failing, ms)
}

/// Required jobs that did not succeed.
fn bad(config: &Config) -> Vec<&NeededJob> {
    config.jobs.iter().filter(|job| !job.is_optional && job.result != JobResult::Success).collect()
}

fn failed(config: &Config) -> bool {
    bad(config).iter().any(|job| job.result == JobResult::Failure)
}

/// The jobs, and those that made the run fail.
async fn work<H: Host>(
    config: &Config,
    host: &H,
    outbox: &Outbox,
    voice: &Voice<'_, H>,
) -> Result<(Vec<Row>, Failing), Failure> {
    let (acts, lines) = (config.request.intent == Intent::Act, config.manner.log);
    if !acts {
        voice.say(Line::Jobs(Jobs::Plan).text(lines)).await;
    }
    let (known, api) = match api(config).filter(|_| acts) {
        Some((api, id)) => (listed(host, voice, &api, id, config).await?, Some(api)),
        None => (Vec::new(), None),
    };
    let rows: Vec<Row> = config.jobs.iter().map(|job| row(job, &known)).collect();
    for Row { job, .. } in &rows {
        let ended = Jobs::Ended(job.id.clone(), job.is_optional, job.result.clone());
        voice.say(Line::Jobs(ended).text(lines)).await;
    }
    if failed(config) && acts {
        let culprits = culprits(&config.jobs, &known);
        let failing = match &api {
            Some(api) => explained(host, api, &culprits, None).await?,
            None => Failing::default(),
        };
        tell(config, outbox, voice, failing.clone()).await;
        return Ok((rows, failing));
    }
    Ok((rows, Failing::default()))
}

async fn tell<H: Host>(config: &Config, outbox: &Outbox, voice: &Voice<'_, H>, explained: Failing) {
    let run = failed_run(config, explained);
    voice.say(words::log_text(&run, config.manner.locale)).await;
    if config.secrets.webhook.is_some() {
        outbox.add(words::discord(&run, config.locale, voice));
        return;
    }
    let untold = Jobs::NoWebhook(config.origin.change.fork.clone());
    voice.say(Line::Jobs(untold).text(config.manner.log)).await;
}

fn failed_run(config: &Config, explained: Failing) -> FailedRun {
    let origin = &config.origin;
    let with = |result: JobResult| -> Vec<String> {
        config.jobs.iter().filter(|job| !job.is_optional && job.result == result).map(|job| job.id.clone()).collect()
    };
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let url = origin.run_url();
    FailedRun {
        workflow: or(&origin.workflow, "workflow"),
        branch: or(&origin.branch, "?"),
        sha: origin.change.sha.clone().or_else(|| origin.sha.clone()),
        author: or(&origin.change.author, &origin.actor),
        subject: origin.change.subject.clone(),
        failed: with(JobResult::Failure),
        cancelled: with(JobResult::Cancelled),
        skipped: with(JobResult::Skipped),
        digest: Some(Digest {
            url: url.clone().unwrap_or_default(),
            kind: FailureKind::Failed,
            jobs: explained.jobs,
            more_jobs: explained.more,
            unread: None,
            commits: None,
            live_ms: None,
            elsewhere: Vec::new(),
        }),
        url,
    }
}

fn api(config: &Config) -> Option<(Api, u64)> {
    let origin = &config.origin;
    let id = origin.run_id.filter(|_| !origin.repository.is_empty())?;
    let token = config.secrets.token.clone();
    Some((Api { url: origin.api_url.clone(), repository: origin.repository.clone(), token }, id))
}

/// Jobs of this very run, for links, times and steps: best effort.
async fn listed<H: Host>(
    host: &H,
    voice: &Voice<'_, H>,
    api: &Api,
    id: u64,
    config: &Config,
) -> Result<Vec<Job>, Failure> {
    let (known, missing) = jobs(host, api, id, config.origin.attempt, None).await?;
    if let Some(why) = missing {
        voice.say(Line::Jobs(Jobs::Unlisted(why)).text(config.manner.log)).await;
    }
    Ok(of_own_file(&config.jobs, &config.origin.job, known))
}

/// A needed job with what the API tells of it; a matrix is several jobs there.
fn row(job: &NeededJob, known: &[Job]) -> Row {
    let same: Vec<&Job> = known.iter().filter(|one| is_named(&job.id, &one.name)).collect();
    let chosen = same.iter().find(|one| is_bad(one)).or(same.first());
    let began = same.iter().filter_map(|one| one.started_at).min();
    let ended = same.iter().filter_map(|one| one.completed_at).max();
    let ran = job.result != JobResult::Skipped;
    Row {
        job: job.clone(),
        url: chosen.and_then(|one| one.url.clone()),
        ms: ended.zip(began).filter(|_| ran).map(|(ended, began)| ended.since(began)),
    }
}

fn stopped(failure: &Failure, locale: Locale) -> Publication {
    let outputs = BTreeMap::from([("result".to_owned(), Word::Cancelled.text().to_owned())]);
    Publication { outputs, failure: Some(words::stopped(failure, locale)), exit: 1, ..Publication::default() }
}

fn published<H: Host>(config: &Config, voice: &Voice<'_, H>, rows: &[Row], failing: Failing, ms: u64) -> Publication {
    let bad = bad(config);
    // A dry run shows the same, and fails nothing.
    let fails = !bad.is_empty() && config.request.intent == Intent::Act;
    let word = match bad.iter().map(|job| &job.result).min().filter(|_| fails) {
        None => Word::Ok,
        Some(JobResult::Cancelled) => Word::Cancelled,
        Some(_) => Word::Failed,
    };
    let origin = &config.origin;
    let sha = origin.change.sha.as_ref().or(origin.sha.as_ref());
    let outputs = BTreeMap::from([
        ("result".to_owned(), word.text().to_owned()),
        ("sha".to_owned(), sha.map(ToString::to_string).unwrap_or_default()),
        ("duration-ms".to_owned(), ms.to_string()),
    ]);
    let failure = fails.then(|| words::failure(rows.len(), &bad, origin.run_url().as_deref(), config.manner.locale));
    let exit = i32::from(failure.is_some());
    let mut summary = words::summary(rows, bad.len(), config.locale);
    summary.push_str(&words::explained(failing, config.locale, voice));
    let summary = voice.redact(&summary);
    Publication { outputs, summary, terminal: String::new(), failure: failure.map(|text| voice.cleaned(&text)), exit }
}

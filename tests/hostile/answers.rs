//! Answers of GitHub, Discord, the site and a log's host: what is read out of them is bounded, leads
//! to no other server with our token, and validates only the run that was asked about.

use mangetamain_deploy::environment::{Health, Locale};
use mangetamain_deploy::host::{Answered, Http, Reply};
use mangetamain_deploy::messages::site::unwell;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::ci_job::{Job, failing, failing_step};
use mangetamain_deploy::tools::ci_log::telling;
use mangetamain_deploy::tools::ci_run::{Look, Question, WorkflowRun, from_event, judge};
use mangetamain_deploy::tools::discord::{Posted, posted};
use mangetamain_deploy::tools::github::{Api, Listing, Setback, Workflow, fetch_log, listed, listed_jobs};
use mangetamain_deploy::tools::health::{Expectation, Probe, Unwell, probed};
use mangetamain_deploy::tools::http::{origin, redirected, retry_after};
use mangetamain_deploy::tools::instant::{instant, leading_instant};
use mangetamain_deploy::tools::secret::Secret;

use super::{acts, answered, chosen, text};

const STATUSES: [u16; 12] = [200, 200, 200, 200, 301, 304, 401, 403, 404, 429, 502, 999];
const NOW: Millis = Millis(1_800_000_000_000);
const SHA: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

pub fn api() -> Api {
    let token = Some(Secret::new("ghs_token_of_ours"));
    Api { url: "https://api.example".to_owned(), repository: "octo/app".to_owned(), token }
}

fn question() -> Question {
    Question {
        sha: mangetamain_deploy::sha::Sha::parse(SHA).unwrap(),
        branch: "main".to_owned(),
        workflow: Workflow::File("ci.yml".to_owned()),
        repository: "octo/app".to_owned(),
        own_run: Some(77),
        is_of_ci: false,
    }
}

fn reply(bytes: &[u8]) -> (Reply, Answered) {
    let (at, rest) = chosen(bytes, STATUSES.len());
    let answered = answered(STATUSES[at], &text(rest));
    (Reply::Answered(answered.clone()), answered)
}

/// A list of runs.
pub fn runs(bytes: &[u8]) {
    let (reply, _) = reply(bytes);
    match listed(&api(), &reply, NOW) {
        Listing::Page(page) => {
            stays_home(page.next.as_deref());
            page.items.iter().for_each(harmless_run);
            judged(&judge(&page.items, &question()), "");
        }
        other => waits(&other),
    }
}

/// The payload of a `workflow_run` event.
pub fn event(bytes: &[u8]) {
    let payload = text(bytes);
    match from_event(&payload, &question()) {
        Ok(look) => judged(&look, &payload),
        Err(ignored) => short(&ignored.to_string(), 400),
    }
}

/// Only the run that was asked about says anything.
fn judged(look: &Look, payload: &str) {
    let (Look::Settled { run, .. } | Look::Running { run }) = look else { return };
    harmless_run(run);
    let asked = question();
    assert_eq!(run.sha.as_ref(), Some(&asked.sha));
    assert_eq!(run.branch.as_deref(), Some("main"), "{payload}");
    assert!(run.head_repository.as_ref().is_some_and(|home| home.eq_ignore_ascii_case("octo/app")), "{run:?}");
    assert_ne!(run.id, 77);
    assert!(matches!(run.event.as_deref(), Some("push" | "schedule" | "workflow_dispatch" | "repository_dispatch")));
    if let Look::Settled { verdict, .. } = look {
        assert_eq!(verdict.validates(), run.conclusion.as_deref() == Some("success"));
        assert_eq!(run.status.as_deref(), Some("completed"));
    }
}

fn harmless_run(run: &WorkflowRun) {
    run.url.iter().for_each(|url| harmless_url(url));
}

fn harmless_url(url: &str) {
    assert!(origin(url).is_some() && url.len() <= 1000, "{url}");
    assert!(!url.contains(|letter: char| acts(letter) || "<>()[]\"'` \\|".contains(letter)), "{url}");
}

/// A list of jobs.
pub fn jobs(bytes: &[u8]) {
    let (reply, _) = reply(bytes);
    match listed_jobs(&api(), &reply, NOW) {
        Listing::Page(page) => {
            stays_home(page.next.as_deref());
            for job in failing(&page.items) {
                harmless_job(job);
            }
        }
        other => waits(&other),
    }
}

fn harmless_job(job: &Job) {
    short(&job.name, 200);
    job.url.iter().for_each(|url| harmless_url(url));
    failing_step(job).iter().for_each(|step| short(&step.name, 200));
    short(&fetch_log(&api(), job.id).url, 200);
}

/// One line, not long, of letters that show.
fn short(text: &str, limit: usize) {
    assert!(text.chars().count() <= limit, "{} characters", text.chars().count());
    assert!(!text.chars().any(acts), "{text:?}");
}

/// The next page is on the server that our token is for.
fn stays_home(next: Option<&Http>) {
    next.iter().for_each(|next| assert_eq!(origin(&next.url), origin("https://api.example"), "{}", next.url));
}

fn waits<T>(listing: &Listing<T>) {
    if let Listing::Later { why: Setback::Unreached { text, .. }, .. } = listing {
        short(text, 200);
    }
}

/// A redirect anywhere: our token goes with it to the same server only, and never from https to http.
pub fn redirect(bytes: &[u8]) {
    let (at, rest) = chosen(bytes, 5);
    let mut answered = answered([301, 302, 303, 307, 308][at], "");
    answered.location = Some(text(rest));
    let from = fetch_log(&api(), 1);
    if let Some(next) = redirected(&answered, &from) {
        let target = origin(&next.url).expect("an address");
        assert_eq!(target.scheme, "https");
        let told = next.headers.iter().any(|(_, value)| value.contains("ghs_token_of_ours"));
        assert_eq!(told, Some(target) == origin(&from.url), "{}", next.url);
    }
}

/// A job's log: a few short lines that show.
pub fn job_log(bytes: &[u8]) {
    let (lines, rest) = chosen(bytes, 20);
    let log = text(rest);
    let job = Job::read(&serde_json::json!({ "id": 1, "name": "t", "steps": [
        { "number": 1, "name": "s", "conclusion": "failure", "started_at": "2026-01-01T00:00:00Z", "completed_at": "2026-01-01T00:10:00Z" }
    ] }));
    for step in [None, job.as_ref().and_then(failing_step)] {
        let shown = telling(&log, step, lines);
        assert!(shown.len() <= lines);
        shown.iter().for_each(|line| short(line, 300));
    }
    instants(&log);
}

fn instants(log: &str) {
    for line in log.lines().take(50) {
        if let Some((at, rest)) = leading_instant(line) {
            assert!(line.ends_with(rest));
            let whole = line.strip_suffix(rest).filter(|_| !rest.is_empty()).unwrap_or(line);
            assert_eq!(instant(whole), Some(at));
        }
    }
}

/// What Discord answers to a message.
pub fn discord(bytes: &[u8]) {
    let (reply, answered) = reply(bytes);
    match posted(&reply, NOW) {
        Posted::Sent { id } => {
            assert!((200..300).contains(&answered.status));
            assert!(id.is_none_or(|id| id > 0));
        }
        Posted::Refused { why } => short(&why, 100),
        Posted::Gone => assert!(matches!(answered.status, 401 | 404)),
        Posted::Later { .. } => assert!(matches!(answered.status, 429 | 500..=599)),
        Posted::NoMessage => unreachable!("nothing was edited"),
        Posted::Unknown => assert!((500..600).contains(&answered.status), "it answered"),
    }
    let _ = retry_after(&answered, NOW);
}

/// What a site answers to a check.
pub fn site(bytes: &[u8]) {
    let (at, rest) = chosen(bytes, 3);
    let health = Health {
        urls: Vec::new(),
        status: vec![200],
        contains: (at != 1).then(|| "version {sha7}".to_owned()),
        json: (at != 0).then(|| ("a.0.b".to_owned(), "ok".to_owned())),
        attempts: 1,
        interval_ms: 1,
        timeout_ms: 1,
        grace_ms: 0,
    };
    let answered = answered(200, &text(rest));
    match probed(&Reply::Answered(answered.clone()), &Expectation::from(&health), Some(&question().sha)) {
        Probe::Healthy { .. } => assert!(at == 1 || answered.body.contains(&SHA[..7])),
        Probe::Unhealthy { seen, expected } => {
            let found = Unwell { seen, expected };
            [Locale::Fr, Locale::En].iter().for_each(|locale| short(&unwell(&found, *locale), 400));
        }
        other => panic!("{other:?}"),
    }
}

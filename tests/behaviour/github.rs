//! GitHub's Actions API: what is asked, and what an answer proves.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use mangetamain_deploy::host::{Answered, Http, Keep, Phase, Reply};
use mangetamain_deploy::machine::verdict::Denial;
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::ci_job::{failing, failing_step};
use mangetamain_deploy::tools::ci_run::WorkflowRun;
use mangetamain_deploy::tools::github::{
    Api, Listing, Setback, Workflow, fetch_log, fetched_log, list_jobs, list_recent_runs, list_runs, listed,
    listed_jobs, next_page,
};
use mangetamain_deploy::tools::secret::Secret;
use proptest::prelude::*;
use serde_json::json;

const SHA: &str = "acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NOW: Millis = Millis(1_767_225_600_000);

pub fn api() -> Api {
    Api {
        url: "https://api.github.com".to_owned(),
        repository: "owner/app".to_owned(),
        token: Some(Secret::new("hush")),
    }
}

pub fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Answered {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = body.to_owned();
    Answered { status, headers, body, whole: true, location: None, ms: 1, certificate_ends_ms: None }
}

fn read(status: u16, headers: &[(&str, &str)], body: &str) -> Listing<WorkflowRun> {
    listed(&api(), &Reply::Answered(answered(status, headers, body)), NOW)
}

pub fn value<'a>(request: &'a Http, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_workflow_is_a_file_by_its_ending_and_a_name_otherwise() {
    let file = |text: &str| Workflow::File(text.to_owned());
    let table = [
        ("ci.yml", file("ci.yml")),
        (" .github/workflows/ci.yaml ", file("ci.yaml")),
        ("./.github/workflows/ci.yml", file("ci.yml")),
        ("CI tests", Workflow::Name("CI tests".to_owned())),
    ];
    for (text, workflow) in table {
        assert_eq!(Workflow::parse(text), workflow, "{text:?}");
    }
}

#[test]
fn runs_are_asked_for_by_commit_and_by_branch() {
    let sha = Sha::parse(SHA).unwrap();
    let asked = list_runs(&api(), &Workflow::parse("a/ci.yml"), &sha, Some("W/\"1\""));
    let base = "https://api.github.com/repos/owner/app/actions";
    let tail = "&exclude_pull_requests=true&per_page=100";
    assert_eq!(asked.url, format!("{base}/workflows/a%2Fci.yml/runs?head_sha={SHA}{tail}"));
    assert_eq!((asked.method.as_str(), asked.limit_ms, asked.cap), ("GET", 10_000, 4 << 20));
    assert_eq!(value(&asked, "User-Agent"), Some("mangetamain-deploy"));
    assert_eq!(value(&asked, "Accept"), Some("application/vnd.github+json"));
    assert_eq!(value(&asked, "X-GitHub-Api-Version"), Some("2022-11-28"));
    assert_eq!(value(&asked, "Authorization"), Some("Bearer hush"));
    assert_eq!(value(&asked, "If-None-Match"), Some("W/\"1\""));

    let anonymous = Api { token: None, url: "https://host/api/v3/".to_owned(), ..api() };
    let asked = list_recent_runs(&anonymous, &Workflow::parse("CI"), "fix/é&x");
    let url = "https://host/api/v3/repos/owner/app/actions/runs?branch=fix%2F%C3%A9%26x";
    assert_eq!(asked.url, format!("{url}{tail}"));
    assert_eq!(value(&asked, "Authorization"), None);
    assert_eq!(value(&asked, "If-None-Match"), None);
    let asked = list_runs(&api(), &Workflow::parse("CI"), &sha, Some("a\r\nb"));
    assert_eq!(value(&asked, "If-None-Match"), None);
}

#[test]
fn jobs_and_logs_are_asked_for_by_number() {
    let base = "https://api.github.com/repos/owner/app/actions";
    let jobs = list_jobs(&api(), 10, 2);
    assert_eq!(jobs.url, format!("{base}/runs/10/attempts/2/jobs?per_page=100"));
    let log = fetch_log(&api(), 7);
    assert_eq!(log.url, format!("{base}/jobs/7/logs"));
    assert_eq!((log.cap, log.keep), (4 << 20, Keep::Tail));
    assert_eq!(fetched_log(&Reply::Answered(answered(200, &[], "text"))), Some("text"));
    assert_eq!(fetched_log(&Reply::Answered(answered(404, &[], "BlobNotFound"))), None);
}

#[test]
fn the_next_page_is_asked_for_on_the_same_server_only() {
    let next = |link: &str| next_page(&api(), &answered(200, &[("link", link)], "")).map(|request| request.url);
    let good = "https://api.github.com/repositories/1/actions/runs?page=2";
    let links = format!("<https://api.github.com/x>; rel=\"prev\", <{good}>; rel=\"next\"");
    assert_eq!(next(&links).as_deref(), Some(good));
    for bad in [
        "<https://evil.example/x>; rel=\"next\"",
        "<http://api.github.com/x>; rel=\"next\"",
        "<https://api.github.com:444/x>; rel=\"next\"",
        "<https://api.github.com@evil.example/x>; rel=\"next\"",
        "<https://api.github.com/x>; rel=\"last\"",
        "nonsense",
    ] {
        assert_eq!(next(bad), None, "{bad}");
    }
    let page = match read(200, &[("link", &links), ("etag", "e")], r#"{"workflow_runs":[]}"#) {
        Listing::Page(page) => page,
        other => panic!("{other:?}"),
    };
    assert_eq!(page.next.map(|next| next.url).as_deref(), Some(good));
    assert_eq!((page.etag.as_deref(), page.total), (Some("e"), 0));
}

#[test]
fn each_answer_of_github_proves_one_thing() {
    let later = |ms, why| Listing::Later { ms, why };
    let permission = |text: &str| Listing::Denied(Denial::Permission(text.to_owned()));
    let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1767225605")];
    let secondary = r#"{"documentation_url":"https://docs.github.com/x#secondary-rate-limits"}"#;
    let table = [
        (read(304, &[], ""), Listing::Unchanged),
        (read(401, &[], ""), Listing::Denied(Denial::Token)),
        (read(403, &[("x-accepted-github-permissions", "actions=read")], "{}"), permission("actions=read")),
        (read(403, &[("x-ratelimit-remaining", "12")], "<html>"), permission("")),
        (
            read(403, &[], r#"{"message":"`octo` has an IP allow list enabled"}"#),
            Listing::Denied(Denial::Barred("`octo` has an IP allow list enabled".to_owned())),
        ),
        (read(403, &spent, "{}"), later(5000, Setback::Limited)),
        (read(403, &[("retry-after", "30")], "{}"), later(30_000, Setback::Limited)),
        (read(403, &[], secondary), later(60_000, Setback::Limited)),
        (read(403, &[], r#"{"message":"API rate limit exceeded"}"#), later(60_000, Setback::Limited)),
        (read(429, &[], ""), later(60_000, Setback::Limited)),
        (read(404, &[], ""), Listing::Denied(Denial::Repository)),
        (read(410, &[], ""), Listing::Denied(Denial::Version(410))),
        (read(301, &[], ""), Listing::Denied(Denial::Moved)),
        (read(400, &[], ""), Listing::Denied(Denial::Version(400))),
        (read(502, &[], ""), later(0, Setback::Status(502))),
        (read(503, &[("retry-after", "2")], ""), later(2000, Setback::Status(503))),
        (read(200, &[], ""), later(0, Setback::Unreadable)),
        (read(200, &[], "{}"), later(0, Setback::Unreadable)),
        (read(200, &[], r#"{"workflow_runs":{}}"#), later(0, Setback::Unreadable)),
        (read(200, &[], r#"{"workflow_runs":[{"id":"10"}]}"#), later(0, Setback::Unreadable)),
        (read(200, &[], r#"{"workflow_runs":[{"id":-1}]}"#), later(0, Setback::Unreadable)),
    ];
    for (seen, expected) in table {
        assert_eq!(seen, expected);
    }
}

#[test]
fn an_answer_that_did_not_come_whole_proves_nothing() {
    let torn = Answered { whole: false, ..answered(200, &[], r#"{"workflow_runs":[]}"#) };
    let torn = listed(&api(), &Reply::Answered(torn), NOW);
    assert_eq!(torn, Listing::Later { ms: 0, why: Setback::Truncated });
    let reply = Reply::Unreached { phase: Phase::Timeout, text: "late".to_owned() };
    let why = Setback::Unreached { phase: Phase::Timeout, text: "late".to_owned() };
    assert_eq!(listed(&api(), &reply, NOW), Listing::Later { ms: 0, why });
    let reply = Reply::Cancelled { signal: "SIGTERM".to_owned() };
    assert_eq!(listed(&api(), &reply, NOW), Listing::Later { ms: 0, why: Setback::NotAsked });
}

#[test]
fn the_failing_jobs_and_their_first_failing_steps_are_found() {
    let step = |number: u64, conclusion: &str| {
        json!({ "number": number, "name": format!("step {number}"), "conclusion": conclusion,
                "started_at": "1970-01-01T00:00:01Z", "completed_at": null })
    };
    let body = json!({ "jobs": [
        { "id": 1, "name": "lint", "conclusion": "success", "steps": [step(1, "failure")] },
        { "id": 2, "name": "test", "conclusion": "failure", "html_url": "https://x/2",
          "steps": [step(1, "success"), step(2, "skipped"), step(3, "failure"), step(4, "failure")] },
        { "id": 3, "conclusion": "cancelled" },
        { "id": 4, "conclusion": "timed_out", "steps": null },
        { "id": 5, "conclusion": null },
    ] });
    let reply = Reply::Answered(answered(200, &[], &body.to_string()));
    let jobs = match listed_jobs(&api(), &reply, NOW) {
        Listing::Page(page) => page.items,
        other => panic!("{other:?}"),
    };
    let found: Vec<(u64, Option<&str>)> =
        failing(&jobs).iter().map(|job| (job.id, failing_step(job).map(|step| step.name.as_str()))).collect();
    assert_eq!(found, [(2, Some("step 3")), (4, None)]);
    let started = jobs[1].steps[0].started_at;
    assert_eq!((jobs[1].url.as_deref(), started), (Some("https://x/2"), Some(Millis(1000))));
}

#[test]
fn a_token_is_never_printed() {
    assert!(!format!("{:?}", api()).contains("hush"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), status in any::<u16>()) {
        let text = String::from_utf8_lossy(&bytes);
        let headers = [("link", text.as_ref()), ("retry-after", text.as_ref())];
        let _ = read(status, &headers, &text);
        let reply = Reply::Answered(answered(200, &headers, &text));
        let _ = listed_jobs(&api(), &reply, NOW);
    }
}

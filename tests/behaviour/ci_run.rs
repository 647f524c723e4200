//! Which run of the CI counts, and what it says.
#![allow(missing_docs, clippy::unwrap_used)]

use mangetamain_deploy::machine::verdict::{Doubt, FailureKind, Verdict};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::ci_run::{Ignored, Look, Question, WorkflowRun, ended_at, event_run, from_event, judge};
use mangetamain_deploy::tools::github::Workflow;
use mangetamain_deploy::tools::trigger::awaited;
use proptest::prelude::*;
use serde_json::{Value, json};

const SHA: &str = "acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn question() -> Question {
    Question {
        sha: Sha::parse(SHA).unwrap(),
        branch: "main".to_owned(),
        workflow: Workflow::parse("ci.yml"),
        repository: "Owner/App".to_owned(),
        own_run: Some(99),
        is_of_ci: false,
    }
}

/// A run that counts, changed by `change`.
fn run(change: Value) -> Value {
    let mut run = json!({
        "id": 10, "run_attempt": 1, "event": "push", "head_branch": "main", "head_sha": SHA,
        "path": ".github/workflows/ci.yml", "name": "CI", "status": "completed",
        "conclusion": "success", "html_url": "https://github.com/owner/app/actions/runs/10",
        "head_repository": { "full_name": "owner/app" },
        "run_started_at": "2026-01-01T00:00:00Z", "something_new": [1],
    });
    for (key, value) in change.as_object().unwrap() {
        run[key] = value.clone();
    }
    run
}

/// Read as a list's answer would be.
fn runs(list: &[Value]) -> Vec<WorkflowRun> {
    list.iter().filter_map(WorkflowRun::read).collect()
}

/// What is seen of these runs: a word, and the id of the run that counts.
fn seen(list: &[Value], question: &Question) -> (String, u64) {
    let mut runs = runs(list);
    let look = judge(&runs, question);
    runs.reverse();
    assert_eq!(judge(&runs, question), look, "the order of runs does not matter");
    match look {
        Look::Settled { verdict, run } => (format!("{verdict:?}"), run.id),
        Look::Running { run } => ("Running".to_owned(), run.id),
        Look::NoRun => ("NoRun".to_owned(), 0),
    }
}

fn sees(list: &[Value], word: &str, id: u64) {
    assert_eq!(seen(list, &question()), (word.to_owned(), id), "{list:?}");
}

#[test]
fn a_run_is_read_with_nulls_wrong_kinds_and_unknown_fields() {
    let found = runs(&[json!({
        "id": 1, "name": null, "event": 5, "head_sha": "short", "head_repository": null,
        "status": [], "html_url": "javascript:alert(1)", "run_attempt": null,
        "created_at": "1970-01-01T00:00:01Z", "new": {},
    })]);
    let expected = WorkflowRun {
        id: 1,
        attempt: 1,
        event: None,
        branch: None,
        sha: None,
        path: None,
        name: None,
        status: None,
        conclusion: None,
        url: None,
        head_repository: None,
        started_at: Some(Millis(1000)),
    };
    assert_eq!(found, [expected]);
}

#[test]
fn a_runs_page_must_be_an_address_that_cannot_end_a_link() {
    let url = |url: &str| runs(&[run(json!({ "html_url": url }))]).remove(0).url;
    assert_eq!(url("http://ghes:8080/o/r").as_deref(), Some("http://ghes:8080/o/r"));
    for bad in ["ftp://x/y", "//x/y", "https://x/)", "https://x/>", "https://x/ y", "https://x/é"] {
        assert_eq!(url(bad), None, "{bad}");
    }
}

#[test]
fn the_newest_run_that_counts_decides() {
    let older = run(json!({ "id": 9, "conclusion": "failure", "run_started_at": "2025-12-31T23:59:59Z" }));
    sees(&[run(json!({})), older.clone()], "Success", 10);
    let rerun = run(json!({ "id": 9, "run_attempt": 2, "conclusion": "failure",
        "run_started_at": "2026-01-01T00:00:01Z" }));
    sees(&[run(json!({})), rerun], "Failure(Failed)", 9);
    let same_second = run(json!({ "id": 11, "conclusion": "cancelled" }));
    sees(&[same_second], "Inconclusive(Cancelled)", 11);
    let undated = run(json!({ "id": 12, "run_started_at": null, "conclusion": "failure" }));
    sees(&[run(json!({})), undated], "Success", 10);
    let running = run(json!({ "id": 11, "status": "in_progress", "conclusion": null }));
    sees(&[run(json!({})), running], "Running", 11);
}

#[test]
fn a_run_that_gave_no_answer_takes_none_of_another_run_back() {
    let cancelled = run(json!({ "id": 11, "conclusion": "cancelled" }));
    for (change, word) in [
        (json!({ "conclusion": "failure" }), "Failure(Failed)"),
        (json!({}), "Success"),
        (json!({ "status": "in_progress", "conclusion": null }), "Running"),
    ] {
        sees(&[run(change), cancelled.clone()], word, 10);
    }
    let older = run(json!({ "id": 9, "conclusion": "skipped", "run_started_at": "2025-12-31T23:59:59Z" }));
    sees(&[older, cancelled.clone()], "Inconclusive(Cancelled)", 11);
    // Another attempt of the same run is its newest word.
    let again = run(json!({ "run_attempt": 2, "conclusion": "cancelled", "run_started_at": "2026-01-01T00:00:01Z" }));
    sees(&[run(json!({})), again], "Inconclusive(Cancelled)", 10);
}

#[test]
fn each_workflow_of_the_name_that_is_asked_for_has_to_succeed() {
    let by_name = Question { workflow: Workflow::Name("CI".to_owned()), ..question() };
    let other = |change: Value| {
        let mut other = run(json!({ "id": 11, "path": ".github/workflows/ci-back.yml@main" }));
        change.as_object().unwrap().iter().for_each(|(key, value)| other[key] = value.clone());
        other
    };
    for (one, two, word, id) in [
        (json!({}), json!({}), "Success", 11),
        (json!({ "conclusion": "failure" }), json!({}), "Failure(Failed)", 10),
        (json!({}), json!({ "conclusion": "failure" }), "Failure(Failed)", 11),
        (json!({ "conclusion": "failure" }), json!({ "status": "queued", "conclusion": null }), "Failure(Failed)", 10),
        (json!({ "status": "queued", "conclusion": null }), json!({}), "Running", 10),
        (json!({ "conclusion": "cancelled" }), json!({}), "Inconclusive(Cancelled)", 10),
    ] {
        assert_eq!(seen(&[run(one), other(two)], &by_name), (word.to_owned(), id));
    }
    sees(&[run(json!({})), other(json!({ "conclusion": "failure" }))], "Success", 10);
}

#[test]
fn a_run_that_has_not_ended_says_nothing_yet() {
    for change in [
        json!({ "status": "queued", "conclusion": null }),
        json!({ "status": "in_progress", "conclusion": "success" }),
        json!({ "status": "new word", "conclusion": "failure" }),
        json!({ "status": null, "conclusion": "success" }),
        json!({ "status": "completed", "conclusion": null }),
    ] {
        sees(&[run(change)], "Running", 10);
    }
}

#[test]
fn a_run_of_anything_else_does_not_count() {
    sees(&[], "NoRun", 0);
    for change in [
        json!({ "head_sha": OTHER }),
        json!({ "head_sha": null }),
        json!({ "head_branch": "Main" }),
        json!({ "head_branch": null }),
        json!({ "path": ".github/workflows/other-ci.yml" }),
        json!({ "path": ".github/workflows/sub/ci.yml" }),
        json!({ "path": "elsewhere/ci.yml" }),
        json!({ "path": null }),
        json!({ "head_repository": { "full_name": "fork/app" } }),
        json!({ "head_repository": null }),
        json!({ "event": "pull_request" }),
        json!({ "event": "pull_request_target" }),
        json!({ "event": "issue_comment" }),
        json!({ "event": null }),
        json!({ "id": 99 }),
    ] {
        sees(&[run(change)], "NoRun", 0);
    }
}

#[test]
fn what_names_the_same_thing_counts() {
    for change in [
        json!({ "path": ".github/workflows/ci.yml@refs/heads/main" }),
        json!({ "head_repository": { "full_name": "OWNER/app" } }),
        json!({ "head_sha": SHA.to_uppercase() }),
        json!({ "event": "workflow_dispatch" }),
        json!({ "event": "schedule" }),
    ] {
        sees(&[run(change)], "Success", 10);
    }
    let by_name = Question { workflow: Workflow::parse("CI"), own_run: None, ..question() };
    let other_file = json!({ "path": ".github/workflows/x.yml" });
    assert_eq!(seen(&[run(other_file)], &by_name), ("Success".to_owned(), 10));
    assert_eq!(seen(&[run(json!({ "name": "ci" }))], &by_name), ("NoRun".to_owned(), 0));
}

#[test]
fn an_event_says_what_the_list_would_or_why_it_does_not_count() {
    let payload = |action: &str, change: Value| json!({ "action": action, "workflow_run": run(change) }).to_string();
    let told = |change: Value| from_event(&payload("completed", change), &question());
    let settled = |change: Value, verdict: Verdict| {
        assert!(matches!(told(change), Ok(Look::Settled { verdict: seen, .. }) if seen == verdict));
    };
    settled(json!({}), Verdict::Success);
    settled(json!({ "conclusion": "timed_out" }), Verdict::Failure(FailureKind::TimedOut));
    settled(json!({ "conclusion": "stale" }), Verdict::Inconclusive(Doubt::Stale));
    let text = str::to_owned;
    let table = [
        (json!({ "id": 99 }), Ignored::OwnRun),
        (json!({ "path": "x.yml" }), Ignored::OtherWorkflow(text("x.yml"))),
        (json!({ "head_repository": { "full_name": "fork/app" } }), Ignored::Fork(text("fork/app"))),
        (json!({ "event": "pull_request" }), Ignored::OtherTrigger(text("pull_request"))),
        (json!({ "head_branch": "b\u{1b}".repeat(90) }), Ignored::OtherBranch("b".repeat(90))),
        (json!({ "head_sha": OTHER }), Ignored::OtherSha(text(OTHER))),
    ];
    for (change, ignored) in table {
        assert_eq!(told(change), Err(ignored));
    }
    let requested = from_event(&payload("requested", json!({})), &question());
    assert_eq!(requested, Err(Ignored::NotCompleted(text("requested"))));
    for broken in ["", "{}", "[]", r#"{"action":"completed","workflow_run":{}}"#] {
        assert_eq!(from_event(broken, &question()), Err(Ignored::Unreadable), "{broken}");
    }
    let commit = event_run(&payload("completed", json!({}))).unwrap().sha;
    assert_eq!(commit, Sha::parse(SHA).ok());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!(SHA)),
        Just(json!("completed")),
        Just(json!("success")),
        Just(json!(["x"])),
    ];
    let keys = prop::sample::select(vec![
        "id",
        "event",
        "head_sha",
        "head_branch",
        "path",
        "status",
        "conclusion",
        "html_url",
        "head_repository",
        "run_started_at",
        "run_attempt",
    ]);
    prop::collection::vec((keys, leaf), 0..4)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

proptest! {
    #[test]
    fn a_run_with_wrong_fields_never_validates_what_it_should_not(change in any_value()) {
        let run = run(change);
        let found = runs(std::slice::from_ref(&run));
        if let Look::Settled { run: chosen, verdict } = judge(&found, &question())
        {
            prop_assert_eq!(chosen.sha, Sha::parse(SHA).ok());
            prop_assert_eq!(chosen.status.as_deref(), Some("completed"));
            prop_assert_eq!(verdict.validates(), chosen.conclusion.as_deref() == Some("success"));
        }
        let payload = json!({ "action": "completed", "workflow_run": run }).to_string();
        let _ = from_event(&payload, &question());
    }

    #[test]
    fn any_payload_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = from_event(&String::from_utf8_lossy(&bytes), &question());
    }
}

#[test]
fn a_run_that_waits_for_an_approval_hides_no_answer_of_another() {
    let waits = run(json!({ "id": 11, "status": "waiting", "conclusion": null, "event": "workflow_dispatch" }));
    sees(&[run(json!({ "conclusion": "failure" })), waits.clone()], "Failure(Failed)", 10);
    sees(&[run(json!({})), waits.clone()], "Success", 10);
    sees(&[run(json!({ "status": "in_progress", "conclusion": null })), waits.clone()], "Running", 10);
    sees(&[run(json!({ "conclusion": "cancelled" })), waits.clone()], "Running", 11);
    sees(std::slice::from_ref(&waits), "Running", 11);
    let again = run(json!({ "status": "waiting", "conclusion": null, "run_attempt": 2 }));
    sees(&[run(json!({ "conclusion": "failure" })), again], "Running", 10);
}

#[test]
fn only_a_trigger_that_tells_of_a_runs_end_brings_its_event() {
    for (on, is_one) in [
        ("workflow_run", true),
        ("[push, workflow_run]", true),
        ("{ workflow_run: { workflows: [CI] } }", true),
        ("{ workflow_run: { workflows: [CI], types: completed } }", true),
        ("{ workflow_run: { workflows: [CI], types: [requested, completed] } }", true),
        ("{ workflow_run: { workflows: [CI], types: [requested] } }", false),
        ("{ workflow_run: { workflows: [CI], types: in_progress } }", false),
        ("{ push: { branches: [main] } }", false),
    ] {
        assert_eq!(awaited(&format!("on: {on}\njobs: {{}}\n")).is_some(), is_one, "{on}");
    }
}

#[test]
fn the_end_of_a_run_is_read_from_its_event_and_none_where_it_does_not_say() {
    let event = |at: &str| format!(r#"{{"action": "completed", "workflow_run": {{"id": 1, "updated_at": {at}}}}}"#);
    assert_eq!(ended_at(&event("\"1970-01-01T00:00:02Z\"")), Some(Millis(2_000)));
    assert_eq!(ended_at(&event("null")), None);
    assert_eq!(ended_at("{}"), None);
}

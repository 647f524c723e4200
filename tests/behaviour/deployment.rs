//! GitHub's deployments: how one is made and told to stand, and what each answer proves.
#![allow(missing_docs, clippy::unwrap_used)]

use mangetamain_deploy::host::{Http, Phase, Reply};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::deployment::*;
use mangetamain_deploy::tools::github::{Listing, Setback};
use serde_json::{Value, json};

use crate::github::{answered, api, value};

fn body(request: &Http) -> Value {
    serde_json::from_str(request.body.as_deref().unwrap()).unwrap()
}

fn items<T>(listing: Listing<T>) -> Vec<T> {
    match listing {
        Listing::Page(page) => page.items,
        _ => panic!("no page"),
    }
}

fn page(body: &Value) -> Reply {
    Reply::Answered(answered(200, &[], &body.to_string()))
}

#[test]
fn a_deployment_waits_for_no_ci_merges_nothing_and_says_whose_it_is() {
    let wanted = Wanted {
        sha: Sha::parse(&"a".repeat(40)).unwrap(),
        environment: "prod".to_owned(),
        since: Millis(7),
        description: "é".repeat(200),
        audience: Audience::Users,
        task: Task::Rollback,
    };
    let asked = create(&api(), &wanted);
    assert_eq!((asked.method.as_str(), value(&asked, "Content-Type")), ("POST", Some("application/json")));
    assert_eq!(asked.url, "https://api.github.com/repos/owner/app/deployments");
    let told = body(&asked);
    assert_eq!((&told["auto_merge"], &told["required_contexts"]), (&json!(false), &json!([])));
    assert_eq!((&told["ref"], &told["task"]), (&json!("a".repeat(40)), &json!("rollback")));
    assert_eq!((&told["environment"], &told["production_environment"]), (&json!("prod"), &json!(true)));
    assert_eq!(told["payload"], json!({ "by": "mangetamain-deploy", "since": 7 }));
    assert!(told["description"].as_str().unwrap().chars().count() <= 140);
    let team = create(&api(), &Wanted { audience: Audience::Team, task: Task::Deploy, ..wanted });
    assert_eq!((&body(&team)["task"], &body(&team)["production_environment"]), (&json!("deploy"), &json!(false)));
}

#[test]
fn a_deployment_stands_as_githubs_own_word_says_with_the_addresses_that_are_known() {
    let said = |standing| body(&stand(&api(), 5, standing, None, None));
    let words =
        [DeploymentState::InProgress, DeploymentState::Success, DeploymentState::Failure, DeploymentState::Inactive]
            .map(said);
    assert_eq!(words, ["in_progress", "success", "failure", "inactive"].map(|word| json!({ "state": word })));
    let asked = stand(&api(), 5, DeploymentState::Success, Some("https://log"), Some("https://site"));
    assert_eq!(asked.url, "https://api.github.com/repos/owner/app/deployments/5/statuses");
    assert_eq!(
        body(&asked),
        json!({ "state": "success", "log_url": "https://log", "environment_url": "https://site" })
    );
}

#[test]
fn ours_are_told_from_others_by_their_payload_whether_it_comes_as_an_object_or_as_text() {
    let ours = json!({ "by": "mangetamain-deploy", "since": 7 });
    let all = json!([
        { "id": 1, "payload": ours, "production_environment": true },
        { "id": 2, "payload": ours.to_string(), "production_environment": false },
        { "id": 3, "payload": { "by": "somebody", "since": 7 } },
        { "id": 4, "payload": "" },
    ]);
    let found = |id, since: Option<u64>, audience| Found { id, since: since.map(Millis), audience };
    let expected = [
        found(1, Some(7), Audience::Users),
        found(2, Some(7), Audience::Team),
        found(3, None, Audience::Team),
        found(4, None, Audience::Team),
    ];
    assert_eq!(items(listed(&api(), &page(&all), Millis(0))), expected);
    let without_id = page(&json!([{ "payload": ours }]));
    assert!(!matches!(listed(&api(), &without_id, Millis(0)), Listing::Page(_)));
}

#[test]
fn how_a_deployment_stood_is_told_with_the_page_that_it_named() {
    let all = json!([
        { "state": "success", "log_url": "https://log", "target_url": "https://old" },
        { "state": "failure", "log_url": "", "target_url": "https://old" },
        { "state": "queued" },
    ]);
    let told = items(standings(&api(), &page(&all), Millis(0)));
    let expected = [("success", "https://log"), ("failure", "https://old"), ("queued", "")];
    assert_eq!(told, expected.map(|(state, page)| (state.to_owned(), page.to_owned())));
}

#[test]
fn what_became_of_a_deployment_is_only_known_where_github_says_so() {
    let told = |status, headers: &[(&str, &str)], body: &str| made(&Reply::Answered(answered(status, headers, body)));
    assert_eq!(told(201, &[], "{\"id\":5}"), Made::Done { id: Some(5) });
    assert_eq!(told(201, &[], ""), Made::Done { id: None });
    assert_eq!([401, 403].map(|status| told(status, &[], "{}")), [Made::Forbidden, Made::Forbidden]);
    assert_eq!(told(404, &[], "{\"message\":\"Not Found\"}"), Made::Missing("Not Found".to_owned()));
    assert_eq!(told(403, &[("retry-after", "60")], "{}"), Made::Unknown(Setback::Limited));
    assert_eq!(told(502, &[], ""), Made::Unknown(Setback::Status(502)));
    let refused = Made::Refused(422, "no such ref".to_owned());
    assert_eq!(told(422, &[], "{\"message\":\"no such ref\"}"), refused);
    let text = "ECONNREFUSED".to_owned();
    let lost = Reply::Unreached { phase: Phase::Connect, text: text.clone() };
    assert_eq!(made(&lost), Made::Unknown(Setback::Unreached { phase: Phase::Connect, text }));
    assert_eq!(made(&Reply::Missing), Made::Unknown(Setback::NotAsked));
}

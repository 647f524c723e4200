//! Scenarios of GitHub's page of deployments: what it shows of deploys and rollbacks, and that it has no say.

use serde_json::{Value, json};

use super::faults::{Act, Rule, Which};
use super::scenarios::{after, like, validated};
use super::town::Town;
use super::world::{Deployment, Mood, sha};

/// Each deployment in order: its commit, its task, its states.
fn shown(town: &Town) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |deployment: &Deployment| {
        let states: Vec<String> = deployment.states.iter().map(|said| word(&said["state"])).collect();
        let commit = word(&deployment.asked["ref"]);
        format!("{} {} {}", commit.get(6..7).unwrap_or_default(), word(&deployment.asked["task"]), states.join(","))
    };
    town.seen().deployments.iter().map(one).collect()
}

#[test]
fn a_deploy_is_shown_under_way_and_then_live_with_its_pages() {
    let mut town = Town::new(301);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!(shown(&town), ["1 deploy in_progress,success"]);
    let world = town.seen();
    let deployment = &world.deployments[0];
    assert_eq!((&deployment.asked["environment"], &deployment.asked["ref"]), (&json!("preprod"), &json!(sha(one))));
    let page = "https://github.com/team/site/actions/runs/9001";
    assert_eq!(
        deployment.states[1],
        json!({ "state": "success", "log_url": page, "environment_url": "https://preprod.example" })
    );
}

#[test]
fn a_rollback_is_a_deployment_of_its_own_and_what_it_undoes_becomes_inactive() {
    let mut town = validated(302);
    let two = town.push("Break the menu", "failure");
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    let expected = [
        "1 deploy in_progress,success,inactive",
        "2 deploy in_progress,success,inactive",
        "1 rollback in_progress,success",
    ];
    assert_eq!(shown(&town), expected);
}

#[test]
fn a_version_that_does_not_come_up_is_shown_as_a_failure() {
    let mut town = validated(303);
    let two = town.push("Two", "success");
    town.world().unhealthy.insert(two);
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    let expected =
        ["1 deploy in_progress,success,inactive", "2 deploy in_progress,failure", "1 rollback in_progress,success"];
    assert_eq!(shown(&town), expected);
}

#[test]
fn what_an_unhealthy_version_replaced_becomes_inactive_where_that_stays_live() {
    let mut town = validated(310);
    let two = town.push("Two", "success");
    town.world().unhealthy.insert(two);
    let kept = [("on-unhealthy", "keep"), ("watch", "none")];
    assert_eq!(town.deployed(two, &kept), "unhealthy 1", "{}", town.story());
    assert_eq!(shown(&town), ["1 deploy in_progress,success,inactive", "2 deploy in_progress,failure"]);
}

#[test]
fn a_request_that_changes_nothing_is_no_deployment() {
    let mut town = validated(304);
    let before = shown(&town);
    assert_eq!(town.deployed(1, &[("watch", "none")]), "validated 0", "{}", town.story());
    let off = town.world().side_commit(1);
    assert_eq!(town.deployed(off, &[]), "failed 1", "{}", town.story());
    assert_eq!(shown(&town), before);
}

#[test]
fn without_the_permission_nothing_is_shown_and_one_notice_says_so() {
    let mut town = Town::new(305);
    town.world().may_deploy = false;
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    let said = town.said();
    assert_eq!(said.matches("Grant `deployments: write`").count(), 1, "{said}");
    assert_eq!(town.seen().transcript.iter().filter(|line| line.contains("/deployments")).count(), 1);
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn where_it_is_switched_off_or_there_is_no_token_github_is_not_asked_for_deployments() {
    for (name, value) in [("github-deployments", "off"), ("token", "")] {
        let mut town = Town::new(306);
        town.set(name, value);
        let one = town.push("Fix the menu", "never");
        let start = town.started("deploy", Some(one), &[("watch", "none")]);
        let start = {
            let mut start = start;
            start.env.remove("GITHUB_TOKEN");
            start
        };
        let who = town.begin(start);
        town.settle();
        assert_eq!(town.result(who), "deployed 0", "{}", town.story());
        assert!(!town.story().contains("/deployments"), "{name}: {}", town.story());
    }
}

#[test]
fn a_job_with_an_environment_is_shown_by_github_alone_but_for_its_rollback() {
    let mut town = validated(307);
    town.world().deployments.clear();
    let two = town.push("Break the menu", "failure");
    let start = town.started("deploy", Some(two), &[]);
    let page = format!("https://github.com/team/site/actions/runs/{}/job/5", start.env["GITHUB_RUN_ID"]);
    town.world().deployments.push(Deployment {
        asked: json!({ "ref": sha(two), "task": "deploy", "payload": "", "production_environment": false }),
        states: vec![json!({ "state": "in_progress", "log_url": page })],
    });
    let who = town.begin(start);
    town.settle();
    assert_eq!(town.result(who), "rolled-back 1", "{}", town.story());
    assert_eq!(shown(&town), ["2 deploy in_progress", "1 rollback in_progress,success"]);
    assert!(town.said().contains("the job's own `environment:` shows this deploy"), "{}", town.said());
}

#[test]
fn a_run_that_goes_on_with_a_killed_one_finds_its_deployment_again() {
    let mut town = validated(308);
    let two = town.push("Two", "success");
    let which = Which::Like(|command| like(command, "-p app restart"), 1);
    town.rules.push(Rule { who: None, which, act: Act::KillAfter });
    town.deploy(two, &[]);
    town.settle();
    assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story());
    let all = shown(&town);
    assert_eq!(all.iter().filter(|one| one.starts_with("2 deploy in_progress")).count(), 1, "{all:?}");
    assert!(all[1].ends_with(",success"), "{all:?}");
}

#[test]
fn a_github_that_is_down_or_talks_nonsense_neither_fails_nor_holds_up_a_deploy() {
    for mood in [Mood::Silent, Mood::Garbage, Mood::Status(500), Mood::Status(429), Mood::Status(404)] {
        let mut town = Town::new(309);
        town.world().github.push((u64::MAX, mood));
        let one = town.push("Fix the menu", "never");
        let began = town.seen().now;
        assert_eq!(town.deployed(one, &[("watch", "none")]), "deployed 0", "{}", town.story());
        assert!(town.seen().now - began < 20_000, "{}", town.story());
    }
}

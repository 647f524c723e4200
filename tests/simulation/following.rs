//! Scenarios of following CI: who does, what an answer or none leads to, watchers and events.

use mangetamain_deploy::host::Command;

use super::check;
use super::faults::{Act, Rule, Which};
use super::scenarios::{after, validated};
use super::starts::lasting;
use super::town::Town;
use super::world::{APP, Mood, sha};

#[test]
fn a_late_success_of_an_older_commit_does_not_move_the_rollback_point_back() {
    let mut town = validated(9);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 200_000, "success");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    town.pass(300_000);
    let late = town.event(two);
    let late = town.begin(late);
    town.settle();
    assert_eq!(town.result(late), "superseded 0", "{}", town.story());
    after(&town, "live 3 point 3 quarantined - running 3");
}

#[test]
fn a_late_failure_of_an_older_commit_is_recorded_and_leaves_the_newer_one_alone() {
    let mut town = validated(10);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 30_000, "failure");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    after(&town, "live 3 point 3 quarantined 2 running 3");
}

#[test]
fn when_ci_does_not_end_in_time_the_version_stays_unvalidated_with_an_alert() {
    let mut town = validated(13);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 4_000_000, "success");
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    after(&town, "live 2 point 1 quarantined - running 2");
    assert!(town.headlines().last().is_some_and(|head| head.starts_with("⚠️ PREPROD")), "{:?}", town.headlines());
    // A late result still counts whenever any later run sees it.
    town.pass(4_000_000);
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    let ledger = town.seen().files["/var/app-state/preprod/ledger.jsonl"].clone();
    let state = check::folded(&town.seen()).unwrap();
    assert_eq!(state.validated.len(), 3, "{ledger}");
}

#[test]
fn when_ci_does_not_end_in_time_a_setting_can_say_rollback() {
    let mut town = validated(14);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 4_000_000, "success");
    assert_eq!(town.deployed(two, &[("on-timeout", "rollback")]), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn a_commit_without_a_ci_run_is_inconclusive_after_the_delay() {
    let mut town = validated(15);
    let two = town.push("Two [skip ci]", "never");
    let began = town.seen().now;
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    after(&town, "live 2 point 1 quarantined - running 2");
    let took = town.seen().now - began;
    assert!((30_000..60_000).contains(&took), "{took}");
}

#[test]
fn what_github_will_not_tell_is_inconclusive_at_once_and_no_ground_for_a_rollback() {
    for status in [401, 403, 404] {
        let mut town = validated(16);
        let two = town.push("Two", "success");
        town.world().github.push((u64::MAX, Mood::Status(status)));
        let began = town.seen().now;
        assert_eq!(town.deployed(two, &[("on-timeout", "rollback")]), "pending 1", "{status} {}", town.story());
        after(&town, "live 2 point 1 quarantined - running 2");
        assert!(town.seen().now - began < 20_000, "{status}");
    }
}

#[test]
fn a_github_that_flaps_is_ridden_out() {
    for mood in [Mood::Status(500), Mood::Status(502), Mood::Garbage, Mood::Silent, Mood::Status(429)] {
        let mut town = validated(17);
        let two = town.push("Two", "failure");
        let until = town.seen().now + 90_000;
        town.world().github.push((until, mood));
        assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
        after(&town, "live 1 point 1 quarantined 2 running 1");
    }
}

#[test]
fn a_github_that_never_answers_is_no_ground_for_a_rollback() {
    let mut town = validated(18);
    let two = town.push("Two", "failure");
    town.world().github.push((u64::MAX, Mood::Silent));
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    after(&town, "live 2 point 1 quarantined - running 2");
}

#[test]
fn a_watcher_is_taken_over_by_that_of_a_newer_deploy() {
    let mut town = validated(23);
    let keep = [("watch", "detached"), lasting()];
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 4_000_000, "success");
    town.deploy(two, &keep);
    town.pass(20_000);
    let three = town.push("Three", "success");
    town.deploy(three, &keep);
    town.settle();
    after(&town, "live 3 point 3 quarantined - running 3");
    let results: Vec<String> = (1..town.processes()).map(|who| town.result(who)).collect();
    assert_eq!(results, ["deployed 0", "superseded 0", "deployed 0", "validated 0"], "{}", town.story());
    assert!(town.said().contains("a newer watcher follows by now: this one ends"), "{}", town.said());
    assert!(!town.said().contains("goes on beside this one"), "{}", town.said());
    assert!(town.seen().links.contains_key("/tmp/ci-watcher-LATEST.log"));
    assert!(
        town.seen().files[&format!("/tmp/ci-watcher-{}.log", sha(3))].contains("UTC")
            || town.seen().files[&format!("/tmp/ci-watcher-{}.log", sha(3))].contains("2026-")
    );
}

#[test]
fn a_watcher_that_died_is_picked_up_by_the_next_run_of_any_mode() {
    for next in ["status", "deploy", "rollback"] {
        let mut town = validated(24);
        let two = town.push("Two", "failure");
        let watcher = town.processes() + 1;
        town.rules.push(Rule { who: Some(watcher), which: Which::Nth(12), act: Act::KillBefore });
        town.deploy(two, &[("watch", "detached"), lasting()]);
        town.pass(120_000);
        assert_eq!(
            (town.result(watcher), town.told().as_str()),
            ("killed".to_owned(), "live 2 point 1 quarantined - running 2")
        );
        match next {
            "deploy" => drop(town.deployed(two, &[("watch", "none")])),
            mode => drop(town.mode(mode, &[])),
        }
        after(&town, "live 1 point 1 quarantined 2 running 1");
    }
}

#[test]
fn a_watcher_of_an_operator_s_own_deploy_has_the_webhook_too() {
    let mut town = validated(25);
    let two = town.push("Two", "success");
    let mut start = town.started("deploy", None, &[]);
    start.door = "command".to_owned();
    start.args = [
        "deploy",
        "--environment",
        "preprod",
        "--app-path",
        "/srv/app",
        "--watch",
        "detached",
        "--sha",
        &sha(two),
        "--health-url",
        super::world::SITE,
        "--compose-file",
        super::world::COMPOSE,
    ]
    .map(str::to_owned)
    .to_vec();
    start.env.insert("DISCORD_WEBHOOK_URL".to_owned(), super::world::DISCORD.to_owned());
    start.env.insert("WATCH_TOKEN".to_owned(), super::world::WATCH_TOKEN.to_owned());
    start.inputs.clear();
    town.begin(start);
    town.settle();
    after(&town, "live 2 point 2 quarantined - running 2");
    assert!(town.headlines().iter().any(|head| head.contains("validé par le CI")), "{:?}", town.headlines());
}

#[test]
fn by_event_the_failed_ci_of_the_live_commit_rolls_back_without_polling() {
    let mut town = validated(26);
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[("watch", "event")]), "deployed 0", "{}", town.story());
    town.pass(60_000);
    let event = town.event(two);
    let who = town.begin(event);
    town.settle();
    assert_eq!(town.result(who), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

/// A deploy of commit 2 with nothing said about who follows CI: its workflow's text, the push's payload.
fn left_to_us(workflow: &str, payload: &str, more: &[(&str, &str)]) -> (Town, String) {
    let mut town = validated(40);
    let two = town.push("Two", "success");
    let mut start = town.started("deploy", Some(two), more);
    start.inputs.remove("watch");
    start.env.insert("GITHUB_WORKFLOW_REF".to_owned(), "team/site/.github/workflows/cd.yml@refs/heads/main".to_owned());
    start.env.insert("GITHUB_EVENT_PATH".to_owned(), "/home/runner/push.json".to_owned());
    town.world().files.insert("/home/runner/push.json".to_owned(), payload.to_owned());
    town.world().files.insert(format!("{APP}/.github/workflows/cd.yml"), workflow.to_owned());
    town.begin(start);
    town.settle();
    let said = town.said();
    let line = said.lines().rfind(|line| line.contains("is followed")).unwrap_or_default();
    let how = line.split("is followed ").nth(1).and_then(|rest| rest.split(", until").next()).unwrap_or_default();
    (town, how.to_owned())
}

#[test]
fn who_follows_ci_is_chosen_by_what_is_possible() {
    let push = "on: push\njobs: {}\n";
    let both = "on:\n  push:\n  workflow_run:\n    workflows: [CI]\n    types: [completed]\njobs: {}\n";
    let (private, public) = (r#"{"repository":{"private":true}}"#, r#"{"repository":{"private":false}}"#);
    let job = "in the job (no token here outlives the job, and no workflow_run trigger was found)";
    let event = "by the workflow_run trigger (this workflow has a workflow_run trigger)";
    let token = "by a watcher that outlives the job (watch-token outlives the job)";
    let open = "by a watcher that outlives the job (the repository is public: CI can be read without a token)";
    for (workflow, payload, more, wanted, after_it) in [
        (push, private, &[][..], job, "live 2 point 2 quarantined - running 2"),
        (both, private, &[lasting()][..], event, "live 2 point 1 quarantined - running 2"),
        (push, private, &[lasting()][..], token, "live 2 point 2 quarantined - running 2"),
        (push, public, &[][..], open, "live 2 point 2 quarantined - running 2"),
        (push, "not JSON", &[][..], job, "live 2 point 2 quarantined - running 2"),
    ] {
        let (town, how) = left_to_us(workflow, payload, more);
        assert_eq!(how, wanted, "{}", town.story());
        after(&town, after_it);
    }
}

#[test]
fn where_no_watcher_can_be_started_ci_is_followed_in_the_job() {
    let mut town = validated(41);
    let detach = |command: &Command| matches!(command, Command::Detach { .. });
    town.rules.push(Rule { who: None, which: Which::Like(detach, 1), act: Act::Refuse });
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[("watch", "detached"), lasting()]), "rolled-back 1", "{}", town.story());
    assert!(town.said().contains("following CI in the job instead"), "{}", town.said());
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

#[test]
fn following_in_the_job_says_one_line_a_change_not_one_a_look() {
    let mut town = validated(42);
    let two = town.push("Two", "success");
    let before = town.seen().said.len();
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let said = town.seen().said[before..].iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    let looks = said.iter().filter(|text| text.starts_with("CI is ") || text.contains("no CI run yet")).count();
    assert!((1..=2).contains(&looks), "{said:?}");
}

#[test]
fn a_quarantined_commit_is_asked_about_once_and_goes_live_when_its_ci_was_run_again_until_green() {
    let mut town = validated(43);
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    let asked =
        |town: &Town| town.seen().transcript.iter().filter(|line| line.contains("GET https://api.github.com")).count();
    let before = asked(&town);
    assert_eq!(town.deployed(two, &[]), "failed 1", "{}", town.story());
    assert_eq!(asked(&town) - before, 1, "{}", town.story());
    town.world().ci(two, 1_000, 2_000, "success");
    town.pass(10_000);
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    after(&town, "live 2 point 2 quarantined - running 2");
}

#[test]
fn a_quarantined_commit_stays_refused_while_github_says_nothing() {
    for mood in [Mood::Silent, Mood::Garbage, Mood::Status(401), Mood::Status(503)] {
        let mut town = validated(44);
        let two = town.push("Two", "failure");
        assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
        town.world().github.push((u64::MAX, mood));
        assert_eq!(town.deployed(two, &[]), "failed 1", "{}", town.story());
        after(&town, "live 1 point 1 quarantined 2 running 1");
    }
}

#[test]
fn a_github_that_is_silent_does_not_make_ci_s_time_longer() {
    let mut town = validated(45);
    let two = town.push("Two", "success");
    town.world().github.push((u64::MAX, Mood::Silent));
    let began = town.seen().now;
    assert_eq!(town.deployed(two, &[("ci-timeout", "45s")]), "pending 1", "{}", town.story());
    assert!(town.seen().now - began < 55_000, "{}", town.story());
}

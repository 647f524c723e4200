//! Scenarios: one story each, with what is so at its end.

use mangetamain_deploy::host::Command;

use super::check;
use super::town::{Act, Rule, Town, Which, lasting};
use super::world::{DAWN, Mood, sha};

fn after(town: &Town, wanted: &str) {
    assert_eq!(town.told(), wanted, "\n{}", town.story());
    check::at_rest(&town.seen()).unwrap_or_else(|broken| panic!("{broken}\n{}", town.story()));
}

/// A town in which commit 1 is live and validated.
fn validated(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    town.world().messages.clear();
    town
}

fn like(command: &Command, words: &str) -> bool {
    matches!(command, Command::Run(run) if format!("{} {}", run.program, run.args.join(" ")).contains(words))
}

#[test]
fn a_deploy_whose_ci_succeeds_is_validated_and_becomes_the_rollback_point() {
    let mut town = Town::new(1);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    let heads = town.headlines();
    assert_eq!(heads.len(), 3, "{heads:?}");
    assert!(
        heads[0].starts_with("🚀 PREPROD") && heads[1].contains("PREPROD") && heads[2].starts_with("✅ PREPROD"),
        "{heads:?}"
    );
    assert_eq!(town.seen().files["/var/app-state/preprod/last-validated-sha.txt"], check::line(1));
}

#[test]
fn a_deploy_whose_ci_fails_is_rolled_back_and_people_learn_which_step_failed() {
    let mut town = validated(2);
    let two = town.push("Break the menu", "failure");
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
    let messages = town.seen().messages.join("\n");
    assert!(messages.contains("ROLLBACK") && messages.contains("FAILED test"), "{messages}");
}

#[test]
fn the_first_deploy_ever_that_fails_goes_back_to_what_was_live_before_the_action_came() {
    let mut town = Town::new(3);
    let one = town.push("Break the menu", "failure");
    assert_eq!(town.deployed(one, &[]), "rolled-back 1", "{}", town.story());
    after(&town, "live 0 point - quarantined 1 running 0");
    assert!(!town.seen().files.contains_key("/var/app-state/preprod/last-validated-sha.txt"));
}

#[test]
fn an_unhealthy_deploy_is_rolled_back_before_ci_has_spoken() {
    let mut town = validated(4);
    let two = town.push("Break the site", "success");
    town.world().unhealthy.insert(two);
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

#[test]
fn an_unhealthy_deploy_stays_where_the_settings_say_keep() {
    let mut town = validated(5);
    let two = town.push("Break the site", "success");
    town.world().unhealthy.insert(two);
    assert_eq!(town.deployed(two, &[("on-unhealthy", "keep")]), "unhealthy 1", "{}", town.story());
    after(&town, "live 2 point 1 quarantined 2 running 2");
}

#[test]
fn a_compose_that_fails_is_rolled_back() {
    let mut town = validated(6);
    let two = town.push("Break the container", "success");
    town.world().unstartable.insert(two);
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

#[test]
fn a_rollback_that_ends_unhealthy_goes_on_to_the_validated_sha_before() {
    let mut town = validated(7);
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0");
    let three = town.push("Three", "failure");
    town.deploy(three, &[]);
    town.pass(30_000);
    // What answered well before no longer does: the database has moved on, say.
    town.world().unhealthy.insert(two);
    town.settle();
    after(&town, "live 1 point 1 quarantined 2,3 running 1");
}

#[test]
fn an_older_commit_does_not_replace_a_newer_one() {
    let mut town = validated(8);
    let (two, three) = (town.push("Two", "success"), town.push("Three", "success"));
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.deployed(two, &[]), "superseded 0", "{}", town.story());
    after(&town, "live 3 point 3 quarantined - running 3");
    assert_eq!(town.deployed(two, &[("force", "true"), ("watch", "none")]), "deployed 0", "{}", town.story());
    assert!(town.told().starts_with("live 2 point 3"), "{}", town.told());
}

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
fn of_two_deploys_at_once_the_second_waits_and_says_for_whom() {
    let mut town = validated(11);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 200_000, "success");
    let first = town.deploy(two, &[]);
    let three = town.push("Three", "success");
    town.pass(300);
    let second = town.deploy(three, &[]);
    town.settle();
    assert_eq!(
        (town.result(first), town.result(second)),
        ("superseded 0".to_owned(), "validated 0".to_owned()),
        "{}",
        town.story()
    );
    assert!(town.said().contains("waiting for run 9002.1 (deploy c0ffee2"), "{}", town.said());
    after(&town, "live 3 point 3 quarantined - running 3");
}

#[test]
fn who_waits_for_longer_than_the_lock_time_out_gives_up_and_has_changed_nothing() {
    let mut town = validated(12);
    let two = town.push("Two", "success");
    town.world().unhealthy.insert(two);
    let first = town.deploy(two, &[]);
    town.pass(300);
    let three = town.push("Three", "success");
    let second = town.deploy(three, &[("lock-timeout", "2s")]);
    town.settle();
    assert_eq!(
        (town.result(first), town.result(second)),
        ("rolled-back 1".to_owned(), "failed 1".to_owned()),
        "{}",
        town.story()
    );
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

/// A deploy (good, or one that is rolled back) killed at every command in turn, then a run of another
/// mode. Tells how many points there were.
fn killed_everywhere(conclusion: &str, act: Act, next: &str) -> usize {
    for nth in 1.. {
        let mut town = validated(100);
        let two = town.push("Two", conclusion);
        let who = town.processes();
        town.rules.push(Rule { who: Some(who), which: Which::Nth(nth), act });
        town.deploy(two, &[]);
        town.settle();
        if town.result(who) != "killed" {
            return nth - 1;
        }
        town.pass(200_000);
        match next {
            "status" => assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story()),
            "watch" => drop(town.mode("watch", &[("sha", &sha(two))])),
            "rollback" => drop(town.mode("rollback", &[])),
            _ => drop(town.deployed(two, &[])),
        }
        let told = town.told();
        town.disturbed = false;
        check::at_rest(&town.seen())
            .unwrap_or_else(|broken| panic!("killed at {nth} ({act:?}), then {next}: {broken}\n{}", town.story()));
        let wanted = match (conclusion, next) {
            ("success", "deploy") => &["live 2 point 2 quarantined - running 2"][..],
            ("success", "rollback") => &[
                "live 1 point 1 quarantined - running 1",
                "live 2 point 2 quarantined - running 2",
                "live 1 point 2 quarantined - running 1",
            ][..],
            ("success", _) => &[
                "live 1 point 1 quarantined - running 1",
                "live 2 point 1 quarantined - running 2",
                "live 2 point 2 quarantined - running 2",
                "live 1 point 2 quarantined - running 1",
            ][..],
            (_, "deploy") => &["live 1 point 1 quarantined 2 running 1"][..],
            _ => &[
                "live 1 point 1 quarantined - running 1",
                "live 1 point 1 quarantined 2 running 1",
                "live 2 point 1 quarantined - running 2",
            ][..],
        };
        assert!(wanted.contains(&told.as_str()), "killed at {nth} ({act:?}), then {next}: {told}\n{}", town.story());
    }
    0
}

#[test]
fn killed_before_any_command_of_a_deploy_the_next_run_of_any_mode_makes_it_whole() {
    let counts: Vec<usize> = ["status", "deploy", "watch", "rollback"]
        .map(|next| killed_everywhere("success", Act::KillBefore, next))
        .into();
    assert!(counts.iter().all(|count| *count > 40), "{counts:?}");
}

#[test]
fn killed_in_the_middle_of_any_command_of_a_deploy_the_next_run_of_any_mode_makes_it_whole() {
    let counts: Vec<usize> =
        ["status", "deploy", "watch", "rollback"].map(|next| killed_everywhere("success", Act::KillHalf, next)).into();
    assert!(counts.iter().all(|count| *count > 40), "{counts:?}");
}

#[test]
fn killed_at_any_command_of_a_rollback_the_next_run_of_any_mode_makes_it_whole() {
    let mut counts = Vec::new();
    for next in ["status", "deploy", "watch", "rollback"] {
        counts.push(killed_everywhere("failure", Act::KillBefore, next));
    }
    for (act, next) in [(Act::KillHalf, "status"), (Act::KillHalf, "deploy"), (Act::KillAfter, "rollback")] {
        counts.push(killed_everywhere("failure", act, next));
    }
    assert!(counts.iter().all(|count| *count > 60), "{counts:?}");
}

#[test]
fn told_to_stop_at_any_command_a_deploy_ends_well_and_the_next_run_makes_it_whole() {
    let mut count = 0;
    for nth in 1.. {
        let mut town = validated(101);
        let two = town.push("Two", "success");
        let who = town.processes();
        town.rules.push(Rule { who: Some(who), which: Which::Nth(nth), act: Act::Stop });
        town.deploy(two, &[]);
        town.settle();
        if town.counted(who) < nth {
            break;
        }
        let result = town.result(who);
        assert!(
            ["cancelled 1", "validated 0", "failed 1"].contains(&result.as_str()),
            "stopped at {nth}: {result}\n{}",
            town.story()
        );
        assert!(town.seen().locks.is_empty(), "stopped at {nth}");
        town.mode("status", &[]);
        town.disturbed = false;
        check::at_rest(&town.seen()).unwrap_or_else(|broken| panic!("stopped at {nth}: {broken}\n{}", town.story()));
        count += 1;
    }
    assert!(count > 40, "{count}");
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
fn a_webhook_that_is_gone_fails_nothing_and_is_asked_once() {
    let mut town = Town::new(19);
    town.world().discord.push((u64::MAX, Mood::Status(404)));
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.seen().posts, 1);
    assert!(town.said().contains("Discord: the webhook is gone"), "{}", town.said());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn a_discord_that_limits_us_gets_every_message_once_it_lets_us() {
    let mut town = Town::new(20);
    let until = town.seen().now + 1_200;
    town.world().discord.push((until, Mood::Status(429)));
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.headlines().len(), 3, "{:?}", town.headlines());
}

#[test]
fn a_discord_that_is_down_delays_a_deploy_by_a_bounded_time() {
    for mood in [Mood::Silent, Mood::Garbage, Mood::Status(429), Mood::Status(500)] {
        let mut town = Town::new(21);
        town.world().discord.push((u64::MAX, mood));
        let one = town.push("Fix the menu", "success");
        let began = town.seen().now;
        assert_eq!(town.deployed(one, &[("watch", "none")]), "deployed 0", "{}", town.story());
        assert!(town.seen().now - began < 40_000);
        after(&town, "live 1 point - quarantined - running 1");
    }
}

#[test]
fn where_guarded_paths_differ_nothing_is_rolled_back_by_itself() {
    let mut town = validated(22);
    let two = town.push_paths("Move the tables", "failure", &["app.py", "migrations/7.sql"]);
    let guard = [("guard-paths", "migrations/**")];
    assert_eq!(town.deployed(two, &guard), "failed 1", "{}", town.story());
    after(&town, "live 2 point 1 quarantined 2 running 2");
    let alerts = town.headlines().iter().filter(|head| head.starts_with("🚨")).count();
    assert_eq!(alerts, 1, "{:?}", town.headlines());
    // The next run leaves it alone.
    assert_eq!(town.mode("status", &[]), "ok 0");
    after(&town, "live 2 point 1 quarantined 2 running 2");
    // A person may.
    assert_eq!(town.mode("rollback", &guard), "rolled-back 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
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
    assert!(town.said().contains("has a watcher of its own: this one ends"), "{}", town.said());
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

#[test]
fn a_commit_beside_the_branch_is_refused_before_anything_changes() {
    let mut town = validated(27);
    let side = town.world().side_commit(1);
    assert_eq!(town.deployed(side, &[]), "failed 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert_eq!(town.deployed(side, &[("force", "true")]), "failed 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn a_commit_that_failed_is_refused_until_its_ci_is_green() {
    let mut town = validated(28);
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[]), "rolled-back 1");
    assert_eq!(town.deployed(two, &[]), "failed 1", "{}", town.story());
    assert_eq!(town.deployed(two, &[("force", "true")]), "deployed 0", "{}", town.story());
    after(&town, "live 2 point 1 quarantined 2 running 2");
    // An older job that comes late is superseded, and does not undo what was forced.
    assert_eq!(town.deployed(1, &[]), "superseded 0", "{}", town.story());
    after(&town, "live 2 point 1 quarantined 2 running 2");
    town.world().ci(two, 1_000, 2_000, "success");
    town.pass(10_000);
    let event = town.event(two);
    town.begin(event);
    town.settle();
    after(&town, "live 2 point 2 quarantined - running 2");
}

#[test]
fn a_work_tree_that_was_moved_by_hand_is_believed_over_the_ledger() {
    let mut town = validated(29);
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[("watch", "event")]), "deployed 0");
    town.pass(60_000);
    {
        // Somebody puts commit 1 back by hand, and restarts.
        let mut world = town.world();
        (world.head, world.files_of) = (sha(1), sha(1));
        let now = world.now;
        let container = world.container.as_mut().unwrap();
        (container.version, container.started_at) = (sha(1), now);
    }
    let restarts = town.seen().transcript.iter().filter(|line| line.contains("restart")).count();
    let event = town.event(two);
    let who = town.begin(event);
    town.settle();
    assert_eq!(town.result(who), "superseded 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
    assert_eq!(
        town.seen().transcript.iter().filter(|line| line.contains("restart")).count(),
        restarts,
        "{}",
        town.story()
    );
}

#[test]
fn local_changes_are_saved_before_a_reset() {
    let mut town = validated(30);
    town.world().dirty = true;
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let world = town.seen();
    assert!(world.refs.keys().any(|name| name.starts_with("refs/mangetamain-deploy/stash/")), "{:?}", world.refs);
}

#[test]
fn a_hostile_commit_message_is_harmless_in_the_log_and_in_messages() {
    let mut town = validated(31);
    let subject = "::set-output name=x::y ##[add-mask]x \r::error::boom @everyone [a](http://evil.example) **b** `c`";
    let two = town.push(subject, "failure");
    town.world().commits[two].author = "\u{1b}[31m@everyone\r##[error]x".to_owned();
    assert_eq!(town.deployed(two, &[("discord-mention", "")]), "rolled-back 1", "{}", town.story());
    let world = town.seen();
    for body in &world.messages {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(json["allowed_mentions"], serde_json::json!({ "parse": [] }));
        assert!(!json["content"].as_str().unwrap().contains("@everyone"), "{body}");
        assert!(!body.contains("](http://evil.example)"), "{body}");
    }
    // Each line that was said has been looked at on its way: see `check::no_secret_in`.
    assert!(world.said.iter().any(|(_, text)| text.contains("set-output")), "{:?}", world.said);
    assert_eq!(world.messages.len(), 3);
}

#[test]
fn messages_are_english_where_the_settings_say_so() {
    let mut town = Town::new(32);
    town.set("locale", "en");
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0");
    let heads = town.headlines();
    assert!(heads[0].ends_with("Deploy started") && heads[2].ends_with("SHA validated by CI"), "{heads:?}");
}

#[test]
fn a_rollback_by_hand_puts_the_last_validated_commit_live_again_and_previous_undoes_it() {
    let mut town = validated(33);
    let two = town.push("Two", "never");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    assert_eq!(town.mode("rollback", &[]), "rolled-back 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert_eq!(town.mode("rollback", &[]), "unchanged 0", "{}", town.story());
    assert_eq!(town.mode("rollback", &[("to", "previous")]), "rolled-back 0", "{}", town.story());
    after(&town, "live 2 point 1 quarantined - running 2");
    assert_eq!(town.mode("rollback", &[("to", "c0ffee1")]), "rolled-back 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert_eq!(town.mode("rollback", &[("to", "abcdef0")]), "failed 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn a_full_disk_stops_a_deploy_before_it_touches_anything() {
    let mut town = validated(34);
    let two = town.push("Two", "success");
    town.rules.push(Rule {
        who: None,
        which: Which::Like(|command| matches!(command, Command::Append { .. }), 99),
        act: Act::Refuse,
    });
    assert_eq!(town.deployed(two, &[]), "failed 1", "{}", town.story());
    assert_eq!((town.seen().head.clone(), town.seen().locks.len()), (sha(1), 0));
    town.rules.clear();
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    after(&town, "live 2 point 2 quarantined - running 2");
}

#[test]
fn a_reset_whose_answer_is_lost_is_found_out_with_its_effect_and_without() {
    for act in [Act::LoseReply, Act::LoseEffect, Act::Refuse] {
        let mut town = validated(35);
        let two = town.push("Two", "success");
        town.rules.push(Rule { who: None, which: Which::Like(|command| like(command, "reset --hard"), 1), act });
        let result = town.deployed(two, &[]);
        let wanted = if act == Act::Refuse { "failed 1" } else { "rolled-back 1" };
        assert_eq!(result, wanted, "{act:?} {}", town.story());
        assert!(town.told().starts_with("live 1 point 1"), "{act:?} {}", town.told());
    }
}

#[test]
fn a_restart_whose_answer_is_lost_is_undone_with_its_effect_and_without() {
    for act in [Act::LoseReply, Act::LoseEffect, Act::Refuse] {
        let mut town = validated(36);
        let two = town.push("Two", "success");
        town.rules.push(Rule { who: None, which: Which::Like(|command| like(command, "-p app restart"), 1), act });
        assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{act:?} {}", town.story());
        after(&town, "live 1 point 1 quarantined 2 running 1");
    }
}

#[test]
fn a_dry_run_says_what_it_would_do_and_touches_nothing() {
    for mode in ["deploy", "watch", "rollback", "status"] {
        let mut town = validated(37);
        let two = town.push("Two", "success");
        let (files, posts) = (town.seen().files.clone(), town.seen().posts);
        town.mode(mode, &[("dry-run", "true"), ("sha", &sha(two))]);
        assert_eq!(
            (&town.seen().files, town.seen().posts, town.seen().head.as_str()),
            (&files, posts, sha(1).as_str()),
            "{mode}"
        );
    }
}

#[test]
fn a_deploy_is_quick_when_nothing_is_wrong() {
    let mut town = validated(38);
    let two = town.push("Two", "success");
    let began = town.seen().now;
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    let took = town.seen().now - began;
    // 400 to 600 ms of it is git's fetch, 1.2 to 1.8 s compose, 1.5 s the site's own start.
    assert!(took < 5_000, "{took} ms after {DAWN}: {}", town.story());
}

#[test]
fn a_restart_that_says_it_is_done_and_is_not_counts_for_nothing() {
    // With the body as proof, and with the container's start alone.
    for contains in ["{sha}", "<p>"] {
        let mut town = validated(39);
        let two = town.push("Two", "success");
        let which = Which::Like(|command| like(command, "-p app restart"), 1);
        town.rules.push(Rule { who: None, which, act: Act::Pretend });
        assert_eq!(town.deployed(two, &[("health-contains", contains)]), "rolled-back 1", "{}", town.story());
        after(&town, "live 1 point 1 quarantined 2 running 1");
    }
}

#[test]
fn the_rollback_point_s_file_goes_when_all_that_was_validated_has_failed_since() {
    let mut town = validated(40);
    town.world().ci(1, 1_000, 2_000, "failure");
    town.pass(10_000);
    let event = town.event(1);
    town.begin(event);
    town.settle();
    after(&town, "live 1 point - quarantined 1 running 1");
    assert!(!town.seen().files.contains_key("/var/app-state/preprod/last-validated-sha.txt"));
}

#[test]
fn a_reset_that_says_it_is_done_and_is_not_is_found_out_by_asking_for_head() {
    let mut town = validated(41);
    let two = town.push("Two", "success");
    let which = Which::Like(|command| like(command, "reset --hard"), 1);
    town.rules.push(Rule { who: None, which, act: Act::Pretend });
    assert_eq!(town.deployed(two, &[("health-url", super::world::SITE)]), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert!(town.said().contains("git says it is done, but HEAD is"), "{}", town.said());
}

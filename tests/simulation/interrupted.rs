//! Scenarios of runs that are killed, stopped, kept waiting or lied to, and of the run after them.

use mangetamain_deploy::host::Command;

use super::check;
use super::faults::{Act, Rule, Which};
use super::scenarios::{after, like, validated};
use super::world::sha;

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
        // Without its effect nothing has changed, as HEAD and the work tree show: there is nothing to undo.
        let wanted = if act == Act::LoseReply { "rolled-back 1" } else { "failed 1" };
        assert_eq!(result, wanted, "{act:?} {}", town.story());
        after(&town, "live 1 point 1 quarantined - running 1");
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
fn a_reset_that_says_it_is_done_and_is_not_is_found_out_by_asking_for_head() {
    let mut town = validated(41);
    let two = town.push("Two", "success");
    let which = Which::Like(|command| like(command, "reset --hard"), 1);
    town.rules.push(Rule { who: None, which, act: Act::Pretend });
    assert_eq!(town.deployed(two, &[("health-url", super::world::SITE)]), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert!(town.said().contains("git says it is done, but HEAD is"), "{}", town.said());
}

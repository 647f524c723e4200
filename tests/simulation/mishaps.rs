//! Scenarios of a bad day: an engine that is down, people who act meanwhile, a branch that is rewritten,
//! answers that come late, twice or in the wrong order.

use mangetamain_deploy::host::Command;

use super::faults::{Act, Rule, Which};
use super::scenarios::{after, like, validated};
use super::town::Town;
use super::world::{APP, STATE, sha};

const COMPOSE: Which = Which::Like(|command| like(command, " restart") || like(command, " up "), 1);

fn rule(which: Which, act: Act) -> Rule {
    Rule { who: None, which, act }
}

/// What a person does by hand: the work tree and the container at this commit.
fn by_hand(town: &mut Town, commit: usize) {
    let mut world = town.world();
    let now = world.now;
    world.head = sha(commit);
    world.files_of = sha(commit);
    if let Some(container) = &mut world.container {
        container.version = sha(commit);
        container.started_at = now;
    }
}

#[test]
fn an_engine_that_is_down_condemns_no_version_and_is_told_at_once() {
    let mut town = validated(60);
    for version in 2..=5 {
        let commit = town.push(&format!("Version {version}"), "success");
        assert_eq!(town.deployed(commit, &[]), "validated 0", "{}", town.story());
    }
    let six = town.push("Version 6", "success");
    town.rules.push(rule(Which::Like(|command| like(command, "docker"), 1_000), Act::Refuse));
    assert_eq!(town.deployed(six, &[]), "failed 1", "{}", town.story());
    assert_eq!(town.told(), "live 5 point 5 quarantined - running 5", "{}", town.story());
    town.rules.clear();
    assert_eq!(town.deployed(six, &[]), "validated 0", "{}", town.story());
    after(&town, "live 6 point 6 quarantined - running 6");
}

#[test]
fn what_a_person_put_back_after_a_killed_deploy_is_not_undone_by_the_next_run() {
    let mut town = validated(61);
    let two = town.push("Two", "success");
    town.rules.push(rule(COMPOSE, Act::KillBefore));
    town.deploy(two, &[]);
    town.settle();
    by_hand(&mut town, 1);
    town.pass(60_000);
    assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story());
    assert!(town.said().contains("by hand meanwhile: what was begun is void"), "{}", town.said());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn what_a_person_changed_after_a_killed_deploy_is_saved_before_the_next_run_goes_on() {
    let mut town = validated(62);
    let two = town.push("Two", "success");
    town.rules.push(rule(Which::Like(|command| like(command, "reset --hard"), 1), Act::KillBefore));
    town.deploy(two, &[]);
    town.settle();
    town.world().dirty = true;
    assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story());
    assert!(!town.seen().dirty && !town.seen().refs.is_empty(), "{:?}", town.seen().refs);
    assert_eq!(town.told(), "live 2 point 1 quarantined - running 2", "{}", town.story());
}

#[test]
fn a_version_whose_ci_was_too_slow_once_can_be_deployed_again() {
    let mut town = validated(63);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 400_000, "success");
    let impatient = [("on-timeout", "rollback")];
    assert_eq!(town.deployed(two, &impatient), "rolled-back 1", "{}", town.story());
    town.pass(600_000);
    assert_eq!(town.deployed(two, &impatient), "validated 0", "{}", town.story());
    after(&town, "live 2 point 2 quarantined - running 2");
}

#[test]
fn ci_that_is_silent_again_is_told_again() {
    let mut town = validated(64);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 4_000_000, "success");
    assert_eq!(town.deployed(two, &[]), "pending 1");
    town.world().messages.clear();
    assert_eq!(town.deployed(two, &[]), "pending 1");
    assert!(town.headlines().iter().any(|line| line.starts_with("⚠️")), "{:?}", town.headlines());
}

#[test]
fn a_deploy_killed_before_it_says_who_follows_ci_is_followed_by_the_next_run() {
    let mut town = validated(65);
    let two = town.push("Two", "failure");
    let watching = |command: &Command| matches!(command, Command::Append { text, .. } if text.contains("\"watching\""));
    town.rules.push(rule(Which::Like(watching, 1), Act::KillBefore));
    town.deploy(two, &[]);
    town.settle();
    town.pass(600_000);
    assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

#[test]
fn after_the_branch_was_rewritten_new_commits_are_validated_and_the_lost_one_is_no_target() {
    let mut town = validated(66);
    // 1 is dropped from the branch: 2 stands on 0.
    town.world().commits[1].pushed_at = None;
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.told(), "live 2 point 2 quarantined - running 2", "{}", town.story());
    let three = town.push("Three", "failure");
    assert_eq!(town.deployed(three, &[]), "rolled-back 1", "{}", town.story());
    assert_eq!(town.told(), "live 2 point 2 quarantined 3 running 2", "{}", town.story());
}

#[test]
fn an_automatic_rollback_waits_out_an_index_that_somebody_holds_for_a_moment() {
    let mut town = validated(67);
    let two = town.push("Two", "failure");
    let who = town.deploy(two, &[]);
    town.pass(40_000);
    town.world().files.insert(format!("{APP}/.git/index.lock"), String::new());
    town.world().index_held = 3;
    town.settle();
    assert_eq!(town.result(who), "rolled-back 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined 2 running 1");
}

#[test]
fn a_rollback_by_hand_that_falls_back_does_not_cross_guarded_paths_by_itself() {
    let mut town = validated(68);
    let guard = ("guard-paths", "migrations/**");
    let two = town.push_paths("Two", "success", &["migrations/1.sql"]);
    assert_eq!(town.deployed(two, &[guard]), "validated 0", "{}", town.story());
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[guard]), "validated 0", "{}", town.story());
    town.world().unhealthy.insert(two);
    assert_eq!(town.mode("rollback", &[guard, ("to", &sha(two))]), "failed 1", "{}", town.story());
    assert!(town.headlines().iter().any(|line| line.contains("Rollback à décider")), "{:?}", town.headlines());
    assert_eq!(town.seen().head, sha(two));
}

fn resets_to_one(command: &Command) -> bool {
    like(command, &format!("reset --hard --quiet --no-recurse-submodules {}", sha(1)))
}

#[test]
fn a_way_back_whose_reset_gives_no_answer_names_as_live_what_the_work_tree_shows() {
    for (act, wanted) in [
        (Act::LoseReply, "live 1 point 1 quarantined 2 running 2"),
        (Act::LoseEffect, "live 2 point 1 quarantined 2 running 2"),
        (Act::Refuse, "live 2 point 1 quarantined 2 running 2"),
    ] {
        let mut town = validated(69);
        let two = town.push("Two", "failure");
        town.rules.push(rule(Which::Like(resets_to_one, 1), act));
        assert_eq!(town.deployed(two, &[]), "failed 1", "{act:?} {}", town.story());
        after(&town, wanted);
        let message = town.seen().messages.last().cloned().unwrap_or_default();
        // A reset that gave no answer has not reached the containers, whatever the work tree is of.
        let doubt = if act == Act::LoseReply { "pas certain ; le clone est à " } else { "" };
        assert!(message.contains(&format!("**En ligne:** {doubt}{}", &town.seen().head[..7])), "{act:?} {message}");
    }
}

#[test]
fn what_a_killed_run_wrote_beside_a_file_of_the_state_folder_is_removed_by_the_next_that_has_the_lock() {
    let mut town = validated(70);
    let left = format!("{STATE}/messages.json.4194303.tmp");
    town.world().files.insert(left.clone(), "[".to_owned());
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    assert!(!town.seen().files.contains_key(&left), "{:?}", town.seen().files.keys());
}

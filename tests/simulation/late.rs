//! What CI says when nobody waits for it any more counts for whoever looks next; a SHA that was never deployed is
//! no success.

use super::scenarios::{after, validated};
use super::town::Town;
use super::world::sha;

const DAY: u64 = 24 * 3_600_000;

/// Commit 2 is live, CI had no answer in time, and has failed since.
fn failed_late(seed: u64) -> Town {
    let mut town = validated(seed);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 4_000_000, "failure");
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    town.pass(4_000_000);
    town
}

/// Commit 2 is live, had no CI run after the delay, and one that failed came later.
fn run_late(seed: u64) -> Town {
    let mut town = validated(seed);
    let two = town.push("Two", "never");
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    town.world().ci(two, 5_000, 60_000, "failure");
    town.pass(120_000);
    town
}

#[test]
fn a_failure_after_the_time_was_up_undoes_the_live_commit_whoever_looks_next() {
    for late in [failed_late, run_late] {
        for next in ["status", "health"] {
            let mut town = late(40);
            assert_eq!(town.told(), "live 2 point 1 quarantined - running 2");
            town.mode(next, &[]);
            after(&town, "live 1 point 1 quarantined 2 running 1");
            let told = town.headlines();
            assert!(told.last().is_some_and(|head| head.contains("ROLLBACK")), "{next}: {told:?}");
        }
    }
}

#[test]
fn a_success_after_the_time_was_up_validates_the_live_commit() {
    let mut town = validated(41);
    let two = town.push("Two", "never");
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    town.world().ci(two, 5_000, 60_000, "success");
    town.pass(120_000);
    town.mode("health", &[]);
    after(&town, "live 2 point 2 quarantined - running 2");
}

#[test]
fn silence_that_was_told_is_not_told_again_and_is_asked_about_for_a_week() {
    let mut town = validated(42);
    let two = town.push("Two [skip ci]", "never");
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    let looks = |town: &Town| town.said().matches("looking once").count();
    let mut asked = Vec::new();
    for _ in 0..9 {
        town.pass(DAY);
        town.mode("health", &[]);
        asked.push(looks(&town));
    }
    assert_eq!(asked, [1, 2, 3, 4, 5, 6, 6, 6, 6], "{}", town.said());
    let told = town.headlines();
    assert_eq!(told.iter().filter(|head| head.contains("non validé")).count(), 1, "{told:?}");
    after(&town, "live 2 point 1 quarantined - running 2");
}

#[test]
fn a_later_watch_asks_about_an_older_commit_that_had_no_run() {
    let mut town = validated(43);
    let two = town.push("Two", "never");
    assert_eq!(town.deployed(two, &[]), "pending 1", "{}", town.story());
    let three = town.push("Three", "never");
    assert_eq!(town.deployed(three, &[("watch", "none")]), "deployed 0", "{}", town.story());
    town.world().ci(two, 5_000, 60_000, "failure");
    town.world().ci(three, 5_000, 60_000, "success");
    town.pass(120_000);
    let watch = town.started("watch", Some(three), &[]);
    let who = town.begin(watch);
    town.settle();
    assert_eq!(town.result(who), "validated 0", "{}", town.story());
    after(&town, "live 3 point 3 quarantined 2 running 3");
}

#[test]
fn a_watch_of_what_was_never_deployed_here_is_no_success() {
    let mut town = validated(44);
    let two = town.push("Two", "never");
    let watch = town.started("watch", Some(two), &[]);
    let who = town.begin(watch);
    town.settle();
    assert_eq!(town.result(who), "pending 1", "{}", town.story());
    let failure = town.failure(who);
    assert!(failure.contains(&sha(two)) && failure.contains("jamais été déployé ici"), "{failure}");
    // GitHub tells of every commit of the branch, also of one that a path filter kept from being deployed.
    town.world().ci(two, 0, 1_000, "cancelled");
    town.pass(2_000);
    let event = town.event(two);
    let who = town.begin(event);
    town.settle();
    assert_eq!(town.result(who), "superseded 0", "{}", town.story());
    assert!(town.said().contains("it was never deployed here: nothing changes"), "{}", town.said());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn a_watch_of_what_is_no_longer_live_says_so() {
    let mut town = validated(45);
    let two = town.push("Two", "never");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0", "{}", town.story());
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    let watch = town.started("watch", Some(two), &[]);
    let who = town.begin(watch);
    town.settle();
    assert_eq!(town.result(who), "superseded 0", "{}", town.story());
    assert!(town.said().contains("it is not live here any more: nothing changes"), "{}", town.said());
    after(&town, "live 3 point 3 quarantined - running 3");
}

#[test]
fn a_deploy_whose_commit_failed_after_somebody_went_back_from_it_fails_and_is_told_once() {
    let mut town = validated(47);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 100_000, "failure");
    let follower = town.deploy(two, &[("watch", "inline")]);
    town.pass(20_000);
    let by_hand = town.started("rollback", None, &[("to", &sha(1))]);
    let by_hand = town.begin(by_hand);
    town.settle();
    assert_eq!(town.result(by_hand), "rolled-back 0", "{}", town.story());
    assert_eq!(town.result(follower), "rolled-back 1", "{}", town.story());
    let failure = town.failure(follower);
    assert!(failure.contains("était déjà fait") && failure.contains(&sha(1)[..7]), "{failure}");
    let told = town.headlines();
    let event = town.event(two);
    let event = town.begin(event);
    town.settle();
    assert_eq!(town.result(event), "rolled-back 1", "{}", town.story());
    assert_eq!(town.headlines(), told, "what was told is not told again");
    // From here on it is something newer that is live.
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    let late = town.event(two);
    let late = town.begin(late);
    town.settle();
    assert_eq!(town.result(late), "superseded 0", "{}", town.story());
    after(&town, "live 3 point 3 quarantined 2 running 3");
}

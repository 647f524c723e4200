//! Scenarios of what is easily got wrong: answers that come late, lists that lag, people who act while a
//! run is on its way.

use super::town::Town;
use super::world::sha;

/// A town in which commit 1 is live and validated.
fn validated(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    town.world().messages.clear();
    town
}

fn asked_github(town: &Town) -> usize {
    town.seen().transcript.iter().filter(|line| line.contains("GET https://api.github.com")).count()
}

#[test]
fn a_run_that_only_the_plain_list_shows_is_followed_to_its_end() {
    let mut town = validated(201);
    town.world().search_lags = true;
    let two = town.push("Break the menu", "failure");
    let began = town.seen().now;
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    assert!(town.seen().now - began < 120_000, "{}", town.story());
}

#[test]
fn older_commits_without_a_run_cost_a_watch_no_request() {
    let mut counts = Vec::new();
    for skipped in [0, 3] {
        let mut town = validated(202);
        for number in 0..skipped {
            let commit = town.push(&format!("Docs {number} [skip ci]"), "never");
            town.deployed(commit, &[]);
        }
        let last = town.push("Last", "never");
        town.world().ci(last, 5_000, 4_000_000, "success");
        town.world().transcript.clear();
        assert_eq!(town.deployed(last, &[]), "pending 1", "{}", town.story());
        counts.push(asked_github(&town));
    }
    assert_eq!(counts[0], counts[1], "{counts:?}");
}

#[test]
fn older_commits_whose_ci_is_under_way_are_asked_about_twice_in_a_watch() {
    let mut counts = Vec::new();
    for waiting in [0, 3] {
        let mut town = validated(203);
        for number in 0..waiting {
            let commit = town.push(&format!("Slow {number}"), "never");
            town.world().ci(commit, 1_000, 4_000_000, "success");
            town.deployed(commit, &[("watch", "none")]);
        }
        let last = town.push("Last", "never");
        town.world().ci(last, 5_000, 200_000, "success");
        town.world().transcript.clear();
        assert_eq!(town.deployed(last, &[]), "validated 0", "{}", town.story());
        counts.push(asked_github(&town));
    }
    assert!(counts[1] <= counts[0] + 2 * 3, "{counts:?}");
}

#[test]
fn a_watcher_leaves_alone_an_older_commit_to_which_a_person_went_back() {
    let mut town = validated(204);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 100_000, "failure");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    let three = town.push("Three", "never");
    town.world().ci(three, 5_000, 250_000, "success");
    let watcher = town.deploy(three, &[]);
    town.pass(20_000);
    let by_hand = town.started("rollback", None, &[("to", &sha(two))]);
    let by_hand = town.begin(by_hand);
    town.pass(20_000);
    assert_eq!(town.result(by_hand), "rolled-back 0", "{}", town.story());
    town.settle();
    assert_eq!(town.result(watcher), "validated 0", "{}", town.story());
    assert_eq!(town.told(), "live 2 point 3 quarantined - running 2", "{}", town.story());
}

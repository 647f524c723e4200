//! Scenarios of deploys and rollbacks: one story each, with what is so at its end.

use mangetamain_deploy::host::Command;

use super::check;
use super::town::Town;
use super::world::{DAWN, sha};

pub fn after(town: &Town, wanted: &str) {
    assert_eq!(town.told(), wanted, "\n{}", town.story());
    check::at_rest(&town.seen()).unwrap_or_else(|broken| panic!("{broken}\n{}", town.story()));
}

/// A town in which commit 1 is live and validated.
pub fn validated(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    town.world().messages.clear();
    town
}

pub fn like(command: &Command, words: &str) -> bool {
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
fn a_green_ci_of_what_failed_here_says_why_it_stays_quarantined() {
    let mut town = validated(4);
    let two = town.push("Break the site", "never");
    town.world().unhealthy.insert(two);
    assert_eq!(town.deployed(two, &[("watch", "event")]), "rolled-back 1", "{}", town.story());
    town.world().ci(two, 1_000, 2_000, "success");
    town.pass(10_000);
    let event = town.event(two);
    town.begin(event);
    town.settle();
    after(&town, "live 1 point 1 quarantined 2 running 1");
    let said = town.said();
    let told = said.lines().rfind(|line| line.contains("the rollback point stays")).unwrap_or_default();
    assert!(told.contains("failed here and stays quarantined, until a re-run of its CI is green"), "{said}");
    assert!(!said.contains("was never live here"), "{said}");
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
    let kept = world.refs.keys().find(|name| name.starts_with("refs/mangetamain-deploy/stash/")).cloned();
    let kept = kept.unwrap_or_else(|| panic!("{:?}", world.refs));
    assert!(world.messages.iter().any(|message| message.contains(&kept)), "people are told: {:?}", world.messages);
}

#[test]
fn a_rollback_tells_of_local_changes_that_the_deploy_which_it_undoes_put_aside() {
    let mut town = validated(31);
    town.world().dirty = true;
    let two = town.push("Two", "success");
    town.world().unhealthy.insert(two);
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    let told = town.seen().messages.last().cloned().unwrap_or_default();
    assert!(told.contains("Rollback") || told.contains("ROLLBACK"), "{told}");
    assert!(told.contains("mises de côté : refs/mangetamain-deploy/stash/"), "{told}");
}

#[test]
fn a_rollback_by_hand_puts_the_last_validated_commit_live_again_and_only_its_name_undoes_it() {
    let mut town = validated(33);
    let two = town.push("Two", "never");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    assert_eq!(town.mode("rollback", &[]), "rolled-back 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert_eq!(town.mode("rollback", &[]), "unchanged 0", "{}", town.story());
    assert_eq!(town.mode("rollback", &[("to", "previous")]), "failed 1", "{}", town.story());
    assert_eq!(town.mode("rollback", &[("to", &sha(two))]), "rolled-back 0", "{}", town.story());
    after(&town, "live 2 point 1 quarantined - running 2");
    assert_eq!(town.mode("rollback", &[("to", "c0ffee1")]), "rolled-back 0", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    assert_eq!(town.mode("rollback", &[("to", "abcdef0")]), "failed 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
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
    // 400 to 600 ms of it is git's fetch, 1.2 to 1.8 s compose, 1.5 s the site's own start, and at the end
    // GitHub's page of deployments is told.
    assert!(took < 6_000, "{took} ms after {DAWN}: {}", town.story());
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

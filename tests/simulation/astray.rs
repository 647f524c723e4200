//! Scenarios of people and set-ups that go another way than the machine: a cancelled run and a change of mind, a
//! deploy command that pulls, a clone that is made anew, a deploy after the event that it waits for.

use super::faults::{Act, Rule, Which};
use super::scenarios::{after, like, validated};
use super::town::Town;
use super::world::{COMPOSE, SITE, sha};

fn commands(town: &Town, words: &str) -> usize {
    town.seen().transcript.iter().filter(|line| line.contains(words)).count()
}

/// A deploy of a good commit that was told to stop while its containers were about to take it.
fn cancelled(seed: u64) -> (Town, usize) {
    let mut town = validated(seed);
    let two = town.push("Two", "success");
    let which = Which::Like(|command| like(command, " restart"), 1);
    town.rules.push(Rule { who: None, which, act: Act::Stop });
    let who = town.deploy(two, &[]);
    town.settle();
    assert_eq!(town.result(who), "cancelled 1", "{}", town.story());
    town.rules.clear();
    (town, two)
}

#[test]
fn who_cancels_a_deploy_and_goes_back_gets_what_was_live_before_though_its_ci_is_green() {
    for to in ["last-validated", &sha(1)] {
        let (mut town, _) = cancelled(300);
        town.pass(200_000);
        assert_eq!(town.mode("rollback", &[("to", to)]), "rolled-back 0", "{}", town.story());
        assert!(town.said().contains("was not finished: undoing it first"), "{}", town.said());
        let told = town.seen().messages.last().cloned().unwrap_or_default();
        assert!(told.contains("demandé à la main"), "{told}");
        after(&town, "live 1 point 1 quarantined - running 1");
    }
}

#[test]
fn any_other_run_finishes_a_cancelled_deploy() {
    let (mut town, two) = cancelled(301);
    town.pass(200_000);
    assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story());
    after(&town, &format!("live {two} point {two} quarantined - running {two}"));
}

#[test]
fn a_deploy_command_that_pulls_another_commit_puts_nothing_live_in_the_wrong_name() {
    let mut town = validated(302);
    let two = town.push("Two", "success");
    let three = town.push("Three", "success");
    town.world().pulled = Some(three);
    let who = town.deploy(two, &[("deploy-command", "./deploy.sh")]);
    town.settle();
    assert_eq!(town.result(who), "rolled-back 1", "{}", town.story());
    let why = town.failure(who);
    assert!(why.contains("git pull") && why.contains("c0ffee3"), "{why}");
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn in_a_fresh_clone_of_a_rewritten_branch_a_deploy_goes_through_and_what_the_branch_lost_is_no_target() {
    let mut town = validated(303);
    {
        let mut world = town.world();
        let now = world.now;
        let two = world.commit(now, "Two, in a new history", &["app.py"]);
        world.commits[two].parent = None;
        (world.head, world.files_of) = (sha(two), sha(two));
        world.fetched = [two].into();
    }
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    assert!(town.said().contains("c0ffee1 was validated, and is on the branch no more"), "{}", town.said());
    after(&town, &format!("live {three} point {three} quarantined - running {three}"));
}

/// A deploy that leaves CI to an event, as a step of a run with these variables.
fn left_to_the_event(town: &mut Town, commit: usize, env: &[(&str, &str)]) -> String {
    let mut start = town.started("deploy", Some(commit), &[("watch", "event")]);
    start.env.extend(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let who = town.begin(start);
    town.settle();
    town.result(who)
}

#[test]
fn a_deploy_that_comes_after_the_event_looks_at_ci_itself_and_puts_nothing_live_that_failed() {
    for (conclusion, wanted) in [("success", "validated 0"), ("failure", "failed 1")] {
        for env in [("GITHUB_RUN_ATTEMPT", "2"), ("GITHUB_EVENT_NAME", "workflow_dispatch")] {
            let mut town = validated(304);
            let two = town.push("Two", conclusion);
            town.pass(100_000);
            assert_eq!(left_to_the_event(&mut town, two, &[env]), wanted, "{env:?}\n{}", town.story());
        }
    }
}

#[test]
fn a_deploy_on_the_push_leaves_ci_to_the_event_and_asks_github_nothing() {
    let mut town = validated(305);
    let two = town.push("Two", "failure");
    town.world().transcript.clear();
    assert_eq!(left_to_the_event(&mut town, two, &[]), "deployed 0", "{}", town.story());
    assert_eq!(commands(&town, "/actions/"), 0, "{}", town.story());
}

#[test]
fn an_operator_who_names_only_the_environment_goes_back_with_what_the_ledger_knows() {
    let mut town = validated(306);
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let mut start = town.started("rollback", None, &[]);
    let words = ["rollback", "--environment", "preprod", "--to", "previous", "--yes"];
    (start.door, start.args) = ("command".to_owned(), words.map(str::to_owned).to_vec());
    start.inputs.clear();
    start.env.insert("LANG".to_owned(), "en_GB.UTF-8".to_owned());
    start.env.insert("MANGETAMAIN_STATE_DIR".to_owned(), "/var/app-state".to_owned());
    let who = town.begin(start);
    town.settle();
    assert_eq!(town.result(who), "rolled-back 0", "{}\n{}", town.failure(who), town.story());
    let (compose, site) =
        (commands(&town, &format!("-f {COMPOSE} -p app restart")), commands(&town, &format!("GET {SITE}")));
    assert!(compose == 3 && site >= 3, "{compose} {site}\n{}", town.story());
    after(&town, "live 1 point 2 quarantined - running 1");
}

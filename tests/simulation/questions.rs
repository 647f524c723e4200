//! Scenarios of questions that nobody answers: who only asks has changed nothing, and blames no version.

use super::faults::{Act, Rule, Which};
use super::scenarios::{after, like, validated};
use super::town::Town;
use super::world::sha;
use mangetamain_deploy::host::Command;

/// The next so many of these programs are refused.
fn unanswered(town: &mut Town, is_one: fn(&Command) -> bool, times: usize) {
    town.rules.push(Rule { who: None, which: Which::Like(is_one, times), act: Act::Refuse });
}

#[test]
fn a_check_of_what_is_live_that_cannot_ask_the_engine_leaves_it_as_it_was() {
    let mut town = validated(60);
    unanswered(&mut town, |command| like(command, "docker"), 1_000);
    let told = town.deployed(1, &[]);
    assert_eq!(told, "failed 1", "{}", town.story());
    after(&town, "live 1 point 1 quarantined - running 1");
    town.rules.clear();
    let from = town.seen().transcript.len();
    assert_eq!(town.deployed(1, &[]), "validated 0", "{}", town.story());
    let since: Vec<String> = town.seen().transcript.iter().skip(from).cloned().collect();
    assert!(!since.iter().any(|line| line.contains("git reset")), "well as it is: {since:?}");
}

#[test]
fn a_promote_of_what_is_live_that_cannot_ask_the_engine_undoes_nothing() {
    let mut town = Town::new(77);
    for (name, value) in
        [("environment", "production"), ("promote-from", "preprod"), ("confirm", "DEPLOY"), ("backup-paths", "none")]
    {
        town.set(name, value);
    }
    town.is_held = false;
    for subject in ["One", "Two"] {
        let next = town.push(subject, "success");
        town.pass(120_000);
        assert_eq!(town.mode("promote", &[("sha", &sha(next))]), "deployed 0", "{}", town.story());
    }
    unanswered(&mut town, |command| like(command, "docker ps"), 1_000);
    assert_eq!(town.mode("promote", &[("sha", &sha(2))]), "failed 1", "{}", town.story());
    assert!(town.told().ends_with("running 2"), "{}", town.told());
}

#[test]
fn a_first_deploy_that_cannot_ask_which_compose_there_is_touches_nothing() {
    let mut town = Town::new(90);
    let file = "/srv/prod/app/docker-compose.yml";
    let row = serde_json::json!(["b".repeat(64), "app-prod-1", "app", "prod", "/srv/prod/app", file, "False"]);
    town.world().engine.neighbours.push(row.to_string());
    let one = town.push("One", "success");
    let which = Which::Like(|command| like(command, "compose version"), 2);
    town.rules.push(Rule { who: None, which, act: Act::LoseEffect });
    assert_eq!(town.deployed(one, &[]), "failed 1", "{}", town.story());
    assert!(!town.seen().transcript.iter().any(|line| line.contains("git reset")), "{}", town.story());
}

#[test]
fn a_deploy_of_what_a_person_put_there_is_told_when_it_begins() {
    let mut town = validated(61);
    let two = town.push("Two", "success");
    {
        let mut world = town.world();
        world.fetched.insert(two);
        world.head = sha(two);
        world.files_of = sha(two);
    }
    assert_eq!(town.deployed(two, &[("watch", "event")]), "deployed 0", "{}", town.story());
    assert!(town.headlines().iter().any(|line| line.starts_with('🚀')), "{:?}", town.headlines());
}

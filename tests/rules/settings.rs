//! With which settings what is live was made, and with which the machine goes back.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, environment, number};
use mangetamain_deploy::environment::{Compose, ComposeStrategy, Environment};
use mangetamain_deploy::machine::{Ask, Fact};

const VALIDATED: &str = "baseline 0; deploy 1; go; ci 1 success";

/// The compose file is elsewhere, the check another one, the branch too.
fn moved() -> Environment {
    let mut with = environment();
    let (file, services) = ("/app/docker/c.yml".to_owned(), Vec::new());
    with.compose = Some(Compose { file, services, strategy: ComposeStrategy::Up });
    with.health.urls = vec!["https://new.example/health".to_owned()];
    with.deploy_command = vec!["./new.sh".to_owned()];
    with.branch = "develop".to_owned();
    with
}

fn tell(story: &mut Story, sentences: &[&str]) {
    sentences.iter().for_each(|sentence| story.tell(sentence));
}

/// The settings of the last rollback, and to which commit.
fn back(story: &Story) -> Option<(usize, Environment)> {
    story.entries.iter().rev().find_map(|entry| match &entry.fact {
        Fact::Asked { ask: Ask::Rollback { to, .. }, with } => Some((number(to), (**with).clone())),
        _ => None,
    })
}

#[test]
fn a_request_that_is_refused_or_changes_nothing_leaves_the_settings_of_what_is_live() {
    for request in [
        "deploy 1; go",
        "deploy 2; off-branch; go",
        "deploy 2; until fetch; failed fetch nothing; go",
        "deploy 2; until reset; resumed; go",
    ] {
        let mut story = Story::of(VALIDATED);
        story.with = Some(moved());
        tell(&mut story, &request.split("; ").collect::<Vec<_>>());
        assert!(story.state.operation.is_none(), "{request}");
        assert_eq!(story.state.with.as_deref(), Some(&environment()), "{request}");
    }
}

#[test]
fn the_first_request_s_settings_count_until_something_is_put_live() {
    let mut story = Story::of("baseline 0");
    story.with = Some(moved());
    tell(&mut story, &["deploy 0", "go"]);
    assert_eq!(story.state.with.as_deref(), Some(&moved()));
    story.with = None;
    tell(&mut story, &["deploy 1", "go"]);
    assert_eq!(story.state.with.as_deref(), Some(&environment()));
}

#[test]
fn an_unhealthy_version_is_gone_back_from_with_the_settings_of_the_one_before() {
    let mut story = Story::of(VALIDATED);
    story.with = Some(moved());
    tell(&mut story, &["deploy 2", "go 2"]);
    let (to, with) = back(&story).unwrap();
    let mut wanted = Environment { branch: "develop".to_owned(), ..environment() };
    wanted.compose.as_mut().unwrap().strategy = ComposeStrategy::Up;
    assert_eq!(
        (to, &with),
        (1, &wanted),
        "how it is made and checked is version 1's; how containers take it, and the rest, is the newest"
    );
    assert_eq!(story.told(), "live 1 point 1 validated 1 quarantined 2 next rest");
}

#[test]
fn so_is_one_whose_ci_fails_and_a_version_that_was_validated_with_the_new_settings_keeps_those() {
    let mut story = Story::of(VALIDATED);
    story.with = Some(moved());
    tell(&mut story, &["deploy 2", "go", "ci 2 success", "deploy 3", "go", "ci 3 failure", "go"]);
    assert_eq!(back(&story).unwrap(), (2, moved()));
    // 2 fails, too, once it is live again: then it is 1's turn, with its own.
    tell(&mut story, &["ci 2 failure", "go"]);
    let (to, with) = back(&story).unwrap();
    let file = |with: &Environment| with.compose.as_ref().unwrap().file.clone();
    assert_eq!((to, file(&with), with.health), (1, file(&environment()), environment().health));
}

#[test]
fn of_another_work_tree_the_old_settings_say_nothing() {
    let mut story = Story::of(VALIDATED);
    let elsewhere = Environment { app_path: "/srv/app".to_owned(), ..moved() };
    story.with = Some(elsewhere.clone());
    tell(&mut story, &["deploy 2", "go 2"]);
    assert_eq!(back(&story).unwrap(), (1, elsewhere));
}

#[test]
fn settings_are_kept_beside_a_version_only_where_others_are_in_use() {
    let mut story = Story::of(VALIDATED);
    tell(&mut story, &["deploy 2", "go", "ci 2 success"]);
    let kept = |story: &Story| story.state.records.values().filter(|record| record.with.is_some()).count();
    assert_eq!(kept(&story), 0);
    story.with = Some(moved());
    tell(&mut story, &["deploy 3", "go", "ci 3 success"]);
    assert_eq!(kept(&story), 2);
    tell(&mut story, &["rollback 2", "go"]);
    assert_eq!(kept(&story), 1, "what was put live anew is made with the newest settings");
}

#[test]
fn what_an_operator_leaves_out_is_as_it_was_and_what_they_name_is_not() {
    let known = moved();
    let mut bare = Environment { compose: None, deploy_command: Vec::new(), ..environment() };
    let all = bare.completed(&known);
    assert_eq!(
        (&all.compose, &all.deploy_command, &all.health),
        (&known.compose, &known.deploy_command, &known.health)
    );
    assert_eq!(all.branch, bare.branch);
    bare.health.urls = vec!["https://mine.example/".to_owned()];
    bare.compose = environment().compose;
    let all = bare.completed(&known);
    assert_eq!((&all.compose, &all.health), (&bare.compose, &bare.health));
    bare.app_path = "/elsewhere".to_owned();
    assert_eq!(bare.completed(&known), bare);
}

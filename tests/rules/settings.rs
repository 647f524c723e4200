//! With which settings what is live was made, and with which the machine goes back.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, environment, number};
use mangetamain_deploy::environment::{Compose, ComposeStrategy, Environment, PARTS};
use mangetamain_deploy::machine::{Ask, Fact};
use mangetamain_deploy::settings::{SETTINGS, by_input};

const VALIDATED: &str = "baseline 0; deploy 1; go; ci 1 success";

/// The compose file is elsewhere, the check another one, the branch too.
fn moved() -> Environment {
    let mut with = environment();
    let (file, services) = ("/app/docker/c.yml".to_owned(), Vec::new());
    with.compose = Some(Compose { file, services, strategy: ComposeStrategy::Up });
    with.health.urls = vec!["https://new.example/health".to_owned()];
    with.deploy_command = vec!["./new.sh".to_owned()];
    with.branch = "develop".to_owned();
    with.command_limit_ms = 7_000;
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
fn a_request_that_is_refused_or_comes_to_nothing_leaves_the_settings_of_what_is_live() {
    for request in [
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
fn what_is_found_healthy_with_new_settings_is_checked_with_them_from_then_on() {
    let mut story = Story::of(VALIDATED);
    story.with = Some(moved());
    tell(&mut story, &["deploy 1", "go"]);
    // No container was made of the new file, and no command ran: those are as they were.
    let Environment { compose, deploy_command, command_limit_ms, .. } = environment();
    let wanted = Environment { compose, deploy_command, command_limit_ms, ..moved() };
    assert_eq!(story.state.with.as_deref(), Some(&wanted));
    tell(&mut story, &["deploy 2", "go", "ci 2 failure", "go"]);
    let (to, with) = back(&story).unwrap();
    assert_eq!((to, &with.health, &with.deploy_command), (1, &wanted.health, &wanted.deploy_command));
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
    let mut wanted = environment();
    wanted.compose.as_mut().unwrap().strategy = ComposeStrategy::Up;
    assert_eq!(
        (to, &with),
        (1, &wanted),
        "where it is from, how it is made and checked is version 1's; how containers take it, and the rest, is the newest"
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
fn each_version_keeps_its_own_settings_however_often_they_change_after_it() {
    let mut story = Story::of(VALIDATED);
    story.with = Some(moved());
    tell(&mut story, &["deploy 2", "go", "ci 2 success"]);
    let mut third = moved();
    third.health.urls = vec!["https://third.example/".to_owned()];
    story.with = Some(third);
    tell(&mut story, &["deploy 3", "go 2 3"]);
    let (to, with) = back(&story).unwrap();
    assert_eq!((to, with.health), (1, environment().health));
}

#[test]
fn the_only_validated_version_keeps_its_settings_though_another_is_live_by_then() {
    let mut story = Story::of(VALIDATED);
    tell(&mut story, &["deploy 2", "go"]);
    story.with = Some(moved());
    tell(&mut story, &["deploy 3", "go 3"]);
    let (to, with) = back(&story).unwrap();
    assert_eq!((to, with.health), (1, environment().health));
}

#[test]
fn a_promote_that_fails_goes_back_with_the_settings_of_what_it_found_validated_or_not() {
    // 1 is live and well, and its CI succeeded; but it is behind 2.
    let mut story = Story::of("baseline 0; deploy 2; go; ci 2 success; force 1; go; ci 1 success");
    story.with = Some(moved());
    tell(&mut story, &["promote 3", "go 3"]);
    let (to, with) = back(&story).unwrap();
    assert_eq!((to, with.health), (1, environment().health));
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
    let known = Environment { guard_paths: vec!["db/**".to_owned()], ..moved() };
    let own = environment();
    assert_eq!(own.completed(&known, |_| false), known);
    assert_eq!(own.completed(&known, |_| true), own);
    let all = own.completed(&known, |input| ["branch", "health-url", "compose-file"].contains(&input));
    let mut wanted = Environment { branch: own.branch.clone(), ..known.clone() };
    wanted.health.urls.clone_from(&own.health.urls);
    wanted.compose.as_mut().unwrap().file = own.compose.as_ref().unwrap().file.clone();
    assert_eq!(all, wanted);
    let placeless = Environment { app_path: String::new(), ..own.clone() };
    assert_eq!(placeless.completed(&known, |_| false), known);
    let elsewhere = Environment { app_path: "/elsewhere".to_owned(), ..own };
    assert_eq!(elsewhere.completed(&known, |_| false), elsewhere);
}

#[test]
fn the_address_is_what_is_asked_unless_another_is_named_for_that() {
    let with = |url: &str, asked: &str| {
        let mut with = environment();
        (with.url, with.health.urls) = (Some(url.to_owned()), vec![asked.to_owned()]);
        with
    };
    let own = with("https://new.example/", "https://new.example/");
    let urls = |known: &Environment| own.completed(known, |input| input == "url").health.urls;
    assert_eq!(urls(&with("https://old.example/", "https://old.example/")), ["https://new.example/"]);
    assert_eq!(urls(&with("https://old.example/", "https://old.example/health")), ["https://old.example/health"]);
}

#[test]
fn every_setting_of_an_environment_can_be_left_out() {
    // Not settings of one, but for it: where it is, and what is asked or secret.
    let apart = ["app-path", "state-dir"];
    let missing: Vec<&str> = SETTINGS
        .iter()
        .filter(|setting| setting.key.is_some() && !apart.contains(&setting.input))
        .map(|setting| setting.input)
        .filter(|input| PARTS.iter().all(|(part, _)| part != input))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
    let unknown = PARTS.iter().filter(|(part, _)| by_input(part).is_none()).count();
    assert_eq!(unknown, 0);
}

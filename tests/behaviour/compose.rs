//! Which compose there is, and how it is told to act.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use mangetamain_deploy::host::{Ran, Reply, Run, Stat};
use mangetamain_deploy::tools::compose::*;

const FILE: &str = "/srv/app/docker-compose.yml";

fn ran(exit: i32, stdout: &str) -> Reply {
    Reply::Ran(Ran {
        exit: Some(exit),
        signal: None,
        timed_out: false,
        stdout: stdout.to_string(),
        stderr: "docker: 'compose' is not a docker command.".to_string(),
        ms: 1,
    })
}

fn timed_out(exit: Option<i32>, stdout: &str) -> Reply {
    let Reply::Ran(ran) = ran(0, stdout) else { panic!() };
    Reply::Ran(Ran { exit, timed_out: true, ..ran })
}

fn told(text: &str) -> Option<Version> {
    versioned(&ran(0, text)).unwrap()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn words(run: &Run) -> String {
    format!("{} {}", run.program, run.args.join(" "))
}

fn compose(plugin: &str, standalone: &str) -> Compose {
    choose(told(plugin), told(standalone)).unwrap()
}

fn project() -> Project {
    Project {
        files: vec![FILE.to_string()],
        given: Given::default(),
        name: None,
        services: vec![],
        orphans: Orphans::Remove,
        anew: false,
        waits: false,
        lock: Some("/state/lock".to_string()),
    }
}

// ---- which compose

#[test]
fn versions_are_read_with_their_prefixes_and_suffixes() {
    let numbers = |text: &str| told(text).map(|version| (version.major, version.minor));
    assert_eq!(numbers("1.29.2\n"), Some((1, 29)));
    assert_eq!(numbers("2.26.1-4\n"), Some((2, 26)));
    assert_eq!(numbers("v2.40.3\n"), Some((2, 40)));
    assert_eq!(numbers("5.0.0"), Some((5, 0)));
    assert_eq!(numbers("v2.20.2-desktop.1"), Some((2, 20)));
    assert_eq!(told("v2.40.3").unwrap().text, "2.40.3");
    for garbage in ["", "dev", "v", "2", "docker-compose version 1.29.2\ndocker-py 5.0.3", "1.2 3", "-1.2"] {
        assert_eq!(numbers(garbage), None, "{garbage:?}");
    }
    let long = |letters: usize| format!("2.40.{}", "1".repeat(letters - 5));
    assert_eq!((numbers(&long(60)), numbers(&long(61)), numbers(&long(90))), (Some((2, 40)), None, None));
}

#[test]
fn a_compose_that_is_not_there_is_none_and_one_that_did_not_answer_is_not_known() {
    assert_eq!(versioned(&ran(1, "2.26.1")), Ok(None));
    assert_eq!(versioned(&ran(125, "")), Ok(None));
    assert_eq!(versioned(&Reply::Missing), Ok(None));
    assert_eq!(versioned(&timed_out(Some(0), "2.26.1")), Err(ProcessError::TimedOut));
    assert_eq!(versioned(&timed_out(None, "")), Err(ProcessError::TimedOut));
    assert!(versioned(&Reply::Cancelled { signal: "SIGTERM".to_string() }).is_err());
}

#[test]
fn the_newer_line_wins_and_the_plugin_on_ties() {
    assert_eq!(compose("2.26.1", "1.29.2").program, ["docker", "compose"]);
    assert_eq!(compose("2.26.1", "2.40.0").program, ["docker", "compose"]);
    assert_eq!(compose("2.26.1", "5.0.0").program, ["docker-compose"]);
    assert_eq!(compose("", "1.29.2").program, ["docker-compose"]);
    assert_eq!(compose("5.0.0", "").program, ["docker", "compose"]);
    assert_eq!(choose(None, None), None);
}

#[test]
fn a_remembered_compose_holds_until_a_candidate_changes() {
    let env = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    let paths = candidates(&env(&[("PATH", "/usr/bin:/bin/::rel"), ("HOME", "/home/run")]));
    for path in [
        "/usr/bin/docker",
        "/usr/bin/docker-compose",
        "/bin/docker",
        "/home/run/.docker/cli-plugins/docker-compose",
        "/usr/libexec/docker/cli-plugins/docker-compose",
        "/usr/local/lib/docker/cli-plugins/docker-compose",
    ] {
        assert!(paths.contains(&path.to_string()), "{path} in {paths:?}");
    }
    assert!(paths.iter().all(|path| path.starts_with('/')));
    let other = candidates(&env(&[("DOCKER_CONFIG", "/d"), ("HOME", "/h")]));
    assert!(other.contains(&"/d/cli-plugins/docker-compose".to_string()));
    assert!(!other.iter().any(|path| path.starts_with("/h/")));

    let stat = |size| Some(Stat { size, modified_ms: 1, kind: "file".to_string(), mode: 0o644 });
    let mut stats = vec![None; paths.len()];
    stats[0] = stat(10);
    let found = compose("2.26.1", "");
    let text = serde_json::to_string(&Remembered::new(found.clone(), &paths, &stats)).unwrap();
    let kept = || serde_json::from_str::<Remembered>(&text).unwrap();
    assert_eq!(kept().still(&paths, &stats), Some(found));
    let mut replaced = stats.clone();
    replaced[0] = stat(11);
    assert_eq!(kept().still(&paths, &replaced), None);
    let mut installed = stats.clone();
    installed[1] = stat(10);
    assert_eq!(kept().still(&paths, &installed), None);
    assert_eq!(kept().still(&paths[1..], &stats[1..]), None, "another PATH is another answer");
}

// ---- commands

#[test]
fn commands_name_the_file_and_end_with_the_services() {
    let chosen = Project { name: Some("site".to_string()), services: owned(&["web", "api"]), ..project() };
    let v2 = compose("2.26.1", "");
    assert_eq!(words(&v2.restart(&project())), format!("docker compose -f {FILE} restart"));
    assert_eq!(words(&v2.restart(&chosen)), format!("docker compose -f {FILE} -p site restart web api"));
    let two = Project { files: owned(&[FILE, "/srv/app/prod.yml"]), ..project() };
    assert_eq!(words(&v2.restart(&two)), format!("docker compose -f {FILE} -f /srv/app/prod.yml restart"));
    let v1 = compose("", "1.29.2");
    let up = v1.up(&chosen);
    assert_eq!(words(&up), format!("docker-compose -f {FILE} -p site up -d --build --remove-orphans web api"));
    assert_eq!((up.folder.as_deref(), up.under_lock.as_deref()), (Some("/srv/app"), Some("/state/lock")));
    assert_eq!(up.limit_ms, 1_800_000);
    for name in ["INPUT_*", "ACTIONS_*", "COMPOSE_REMOVE_ORPHANS", "COMPOSE_IGNORE_ORPHANS"] {
        assert!(up.drop.contains(&name.to_string()));
    }
}

#[test]
fn recreating_takes_down_only_what_is_ours() {
    let v2 = compose("2.26.1", "");
    let all = |project: &Project| v2.recreate(project).iter().map(words).collect::<Vec<_>>();
    let up = format!("docker compose -f {FILE} up -d --build");
    assert_eq!(
        all(&project()),
        [format!("docker compose -f {FILE} down --remove-orphans"), format!("{up} --remove-orphans")]
    );
    let shared = Project { orphans: Orphans::Keep { others: owned(&["prod"]) }, ..project() };
    assert_eq!(all(&shared), [format!("docker compose -f {FILE} rm --stop --force"), up.clone()]);
    let chosen = Project { services: owned(&["web"]), ..project() };
    assert_eq!(
        all(&chosen),
        [format!("docker compose -f {FILE} rm --stop --force web"), format!("{up} --remove-orphans web")]
    );
}

#[test]
fn orphans_that_are_another_environment_are_not_removed() {
    let kept = Orphans::Keep { others: owned(&["app_prod_1"]) };
    let up = compose("2.26.1", "").up(&Project { orphans: kept, ..project() });
    assert_eq!(words(&up), format!("docker compose -f {FILE} up -d --build"));
}

#[test]
fn a_question_has_half_a_minute_work_half_an_hour_and_each_answer_four_mebibytes() {
    let compose = compose("2.40.3", "");
    let limits = |run: &Run| (run.limit_ms, run.cap);
    assert_eq!(limits(&compose.services(FILE)), (30_000, 4_194_304));
    assert_eq!(limits(&compose.up(&project())), (1_800_000, 4_194_304));
}

#[test]
fn a_project_is_started_again_with_the_folder_and_the_variables_that_it_was_started_with() {
    let given = Given { folder: Some("/srv".to_string()), env_files: owned(&["/srv/.env.prod", "/srv/more"]) };
    let started = Project { given, name: Some("site".to_string()), ..project() };
    let with = "--project-directory /srv --env-file /srv/.env.prod --env-file /srv/more";
    let v2 = compose("2.26.1", "");
    assert_eq!(words(&v2.restart(&started)), format!("docker compose -f {FILE} {with} -p site restart"));
    let v1 = compose("", "1.29.2");
    assert_eq!(words(&v1.restart(&started)), format!("docker-compose -f {FILE} {with} -p site restart"));
    let old = compose("", "1.24.1");
    assert_eq!(words(&old.restart(&started)), format!("docker-compose -f {FILE} -p site restart"), "it knows neither");
}

#[test]
fn the_services_of_a_file_are_told_in_order_of_their_names_or_not_at_all() {
    assert_eq!(services_told(&ran(0, "web\napi\n")), Ok(owned(&["api", "web"])));
    assert!(matches!(services_told(&ran(15, "web\n")), Err(ProcessError::Refused { exit: 15, .. })));
}

#[test]
fn variables_without_a_value_are_read_from_the_warnings_of_both_composes() {
    let said = |stderr: &str| {
        let Reply::Ran(one) = ran(0, "") else { panic!() };
        unset_variables(&Reply::Ran(Ran { stderr: stderr.to_owned(), ..one }))
    };
    // As 2.26 and 1.29 print them.
    let plugin = r#"time="2026-11-30T03:52:09Z" level=warning msg="The \"DB_PASSWORD\" variable is not set. Defaulting to a blank string.""#;
    let standalone = "The A1 variable is not set. Defaulting to a blank string.";
    assert_eq!(said(&format!("{plugin}\n{plugin}\n Container app-1  Started\n{standalone}\n")), ["A1", "DB_PASSWORD"]);
    assert_eq!(said("The a ::error:: b variable is not set. Defaulting to a blank string."), [""; 0]);
    assert_eq!(said(" Container app-1  Started\nThe volume is not set."), [""; 0]);
    assert_eq!(unset_variables(&Reply::Missing), [""; 0]);
}

#[test]
fn a_compose_file_asks_for_a_variable_in_two_forms_and_not_for_what_only_begins_like_it() {
    for text in ["a: ${KEY}", "a: ${KEY:?no}", "a: $KEY", "a: x$KEY/y", "b: ${KEY-}"] {
        assert!(asks_for(text, "KEY"), "{text}");
    }
    for text in ["a: ${KEYS}", "a: $KEY_2", "a: KEY", "a: ${MY_KEY}", ""] {
        assert!(!asks_for(text, "KEY"), "{text}");
    }
}

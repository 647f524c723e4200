//! The command line: one mode and options, as pairs of a setting's name and its text. What the texts
//! mean is `config.rs`'s.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;

use mangetamain_deploy::config;
use mangetamain_deploy::config::args::{self, Asked};
use mangetamain_deploy::host::Start;
use mangetamain_deploy::settings::{Mode, SETTINGS, ValueKind};

use crate::names::{Shelf, command};

const WEBHOOK: &str = "https://discord.com/api/webhooks/1/PlantedSecret0123456789";

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn start(inputs: &[(&str, &str)]) -> Start {
    let env = map(&[("HOME", "/home/ada"), ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567")]);
    Start { door: "action".to_owned(), inputs: map(inputs), env, folder: "/work".to_owned(), ..Start::default() }
}

/// The inputs that a deploy cannot do without.
const NEEDED: &[(&str, &str)] = &[("mode", "deploy"), ("environment", "preprod"), ("app-path", "/srv/app")];

fn asked(words: &[&str]) -> Result<Asked, Vec<String>> {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    args::read(&words).map_err(|refused| refused.problems.iter().map(ToString::to_string).collect())
}

fn run(pairs: &[(&str, &str)]) -> Result<Asked, Vec<String>> {
    Ok(Asked::Run(map(pairs)))
}

type Row<'a> = (&'a [&'a str], Result<Asked, Vec<String>>);

#[test]
fn the_command_line_is_a_mode_and_options() {
    let table: &[Row] = &[
        (&[], Ok(Asked::Help(None))),
        (&["--help"], Ok(Asked::Help(None))),
        (&["-h"], Ok(Asked::Help(None))),
        (&["deploy", "--help"], Ok(Asked::Help(Some(Mode::Deploy)))),
        (&["--help", "rollback"], Ok(Asked::Help(Some(Mode::Rollback)))),
        (&["--version"], Ok(Asked::Version)),
        (&["deploy", "--force", "true"], run(&[("mode", "deploy"), ("force", "true")])),
        (&["deploy", "--force", "false"], run(&[("mode", "deploy"), ("force", "false")])),
        (&["status"], run(&[("mode", "status")])),
        (&["deploy", "--sha", "abc", "--force"], run(&[("mode", "deploy"), ("sha", "abc"), ("force", "true")])),
        (&["deploy", "--sha=abc", "--force=false"], run(&[("mode", "deploy"), ("sha", "abc"), ("force", "false")])),
        (
            &["deploy", "--health-url", "http://a", "--health-url", "http://b"],
            run(&[("mode", "deploy"), ("health-url", "http://a\nhttp://b")]),
        ),
        (&["deploy", "--health-contains", "a=b"], run(&[("mode", "deploy"), ("health-contains", "a=b")])),
        (&["deploy", "--label", "--x"], run(&[("mode", "deploy"), ("label", "--x")])),
        (
            &["deploy", "--sha"],
            Err(vec!["--sha: needs a value after it (`--name=value` where that begins with `--`).".to_owned()]),
        ),
        (
            &["deploy", "--helth-url", "x"],
            Err(vec![
                "--helth-url: is not a known option; `--help` lists them. Did you mean `--health-url`?".to_owned(),
            ]),
        ),
        (
            &["deploy", "--helth-url", "--sha", "abc", "x"],
            Err(vec![
                "--helth-url: is not a known option; `--help` lists them. Did you mean `--health-url`?".to_owned(),
                "\"x\": is one word too many: one mode, then options.".to_owned(),
            ]),
        ),
        (
            &["status", "--html", "--json"],
            Err(vec!["--html: needs a value after it (`--name=value` where that begins with `--`).".to_owned()]),
        ),
        (&["status", "--html", "--help"], Ok(Asked::Help(Some(Mode::Status)))),
        (&["help"], Ok(Asked::Help(None))),
        (&["help", "rollback"], Ok(Asked::Help(Some(Mode::Rollback)))),
        (&["rollback", "--yes=true"], run(&[("mode", "rollback")])),
        (&["rollback", "--yes=soon"], Err(vec!["--yes = \"soon\": must be true or false.".to_owned()])),
        (
            &["deploy", "--sha", "abc", "--sha", "def"],
            Err(vec!["--sha = \"def\": is given twice: only lists are given by repeating their option.".to_owned()]),
        ),
        (
            &["status", "--jsn", "--env", "prod"],
            Err(vec![
                "--jsn: is not a known option; `--help` lists them. Did you mean `--json`?".to_owned(),
                "--env: is not a known option; `--help` lists them. Did you mean `--environment`?".to_owned(),
            ]),
        ),
        (
            &["--nothing", "deploy", "--sha", "abc"],
            Err(vec!["--nothing: is not a known option; `--help` lists them.".to_owned()]),
        ),
    ];
    for (words, wanted) in table {
        assert_eq!(&asked(words), wanted, "{words:?}");
    }
}

#[test]
fn what_names_a_version_is_no_question_for_ours() {
    let named = |word: &str| format!("{word}: is not read by `rollback`: name the version with `--to`.");
    let stray = |word: &str| format!("{word:?}: is one word too many: one mode, then options.");
    let table: &[Row] = &[
        (&["status", "--version"], Ok(Asked::Version)),
        (&["rollback", "--version", "--yes"], Ok(Asked::Version)),
        (&["deploy", "--version", "abc"], Ok(Asked::Version)),
        (&["rollback", "--version", "v1"], Err(vec![named("--version")])),
        (&["rollback", "abcdef0", "--version=v1"], Err(vec![named("\"abcdef0\""), named("--version")])),
        (&["rollback", "previous"], Err(vec![named("\"previous\"")])),
        (&["rollback", "to", "--yes", "true"], Err(vec![stray("to"), stray("true")])),
    ];
    for (words, wanted) in table {
        assert_eq!(&asked(words), wanted, "{words:?}");
    }
}

#[test]
fn a_mode_in_capitals_is_told_with_the_one_that_is_meant() {
    let problems = config::read(&start(&[("mode", "STATUS")]), None, None).unwrap_err();
    assert!(problems[0].to_string().ends_with("Did you mean `status`?"), "{problems:?}");
}

#[test]
fn agreement_can_be_given_with_its_value() {
    let agreed = |arg: &str| {
        let args = ["rollback".to_owned(), arg.to_owned()].into();
        let start = Start { door: "command".to_owned(), args, ..start(&[("mode", "status")]) };
        config::read(&start, None, None).unwrap().manner.is_agreed
    };
    assert_eq!(["--yes", "--yes=true", "--yes=false"].map(agreed), [true, true, false]);
}

#[test]
fn a_secret_is_no_option_and_is_not_told_again() {
    for words in [
        &["deploy", "--token", "ghp_Planted"][..],
        &["deploy", "--token=ghp_Planted"],
        &["deploy", "--discord-webhook", WEBHOOK],
    ] {
        let found = asked(words).unwrap_err();
        assert!(found.len() == 1 && found[0].contains("is a secret") && !found[0].contains("Planted"), "{found:?}");
    }
    let secrets = SETTINGS.iter().filter(|setting| setting.kind == ValueKind::Secret);
    for setting in secrets {
        assert!(asked(&["deploy", &format!("--{}", setting.input), "x"]).is_err());
        // From the terminal, it comes by its variable; in a job, by its input only.
        let mut from = start(NEEDED);
        from.env.insert(args::variable(setting.input).to_owned(), WEBHOOK.to_owned());
        let known = |start: &Start| {
            let secrets = config::read(start, None, None).unwrap().secrets;
            [secrets.webhook, secrets.token, secrets.watch_token].into_iter().flatten().count()
        };
        assert_eq!(known(&from), 0, "{}", setting.input);
        from.door = "command".to_owned();
        assert_eq!(known(&from), 1, "{}", setting.input);
    }
}

#[test]
fn an_option_whose_value_is_empty_is_no_option_that_was_left_out() {
    for (words, place) in [
        (&["rollback", "--environment", "preprod", "--to", ""][..], "--to"),
        (&["rollback", "--environment", "preprod", "--to="], "--to"),
        (&["status", "--html", " "], "--html"),
        (&["deploy", "--guard-paths", "a", "--guard-paths", ""], "--guard-paths"),
    ] {
        let told = asked(words).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("{place}: needs a value after it")), "{told:?}");
    }
}

#[test]
fn an_unknown_shell_is_the_only_problem_that_is_told() {
    let seen = command(&Shelf::default(), "completions ksh");
    let told = seen.failure.unwrap();
    assert!(seen.exit == 2 && told.contains("bash, zsh or fish") && !told.contains("mode"), "{told}");
}

#[test]
fn the_lines_of_a_report_speak_the_language_of_the_terminal() {
    let shelf = Shelf::default();
    let seen = command(&shelf, "report --job-status failure");
    let said = shelf.said.borrow();
    assert!(seen.exit == 1 && said.contains("- Failed\n") && said.contains("Failed: "), "{said}");
    assert!(!said.contains("chec") && !said.contains("Auteur"), "{said}");
}

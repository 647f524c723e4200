//! Configuration files that are not what they should be: one that cannot be read, one that says nothing, sections that
//! are values, and secrets in it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use mangetamain_deploy::config;
use mangetamain_deploy::host::Start;

use crate::names::{Shelf, command};

const PATH: &str = "/work/.github/mangetamain-deploy.yml";
const DEPLOY: &str = "deploy --environment preprod --app-path /srv/pre --sha 0123456789abcdef0123456789abcdef01234567 \
                      --state-dir /state --dry-run";

/// A machine on which the configuration file is there, and closed to this user.
fn closed() -> Shelf {
    let mut shelf = Shelf { closed: vec![PATH.to_owned()], ..Shelf::default() };
    shelf.kinds.insert(PATH.to_owned(), "file");
    shelf
}

#[test]
fn a_configuration_file_that_is_there_and_cannot_be_read_is_refused_and_never_taken_for_none() {
    let wanted = "/work/.github/mangetamain-deploy.yml: cannot be read: EACCES (permission denied); let this user read \
                  it, or name another file with `config`.";
    for line in [DEPLOY, "health --dry-run", "status"] {
        let seen = command(&closed(), line);
        assert_eq!(seen.exit, 2, "{line}: {:?}", seen.failure);
        assert!(seen.failure.clone().unwrap_or_default().contains(wanted), "{line}: {:?}", seen.failure);
    }
    let told = command(&closed(), &format!("{DEPLOY} --locale fr")).failure.unwrap_or_default();
    assert!(told.contains("ne peut pas être lu : EACCES"), "{told}");
    let bare = command(&closed(), "deploy --environment preprod --sha 0123456789abcdef0123456789abcdef01234567");
    let told = bare.failure.unwrap_or_default();
    assert!(told.contains(wanted) && !told.contains("app-path"), "what it may hold is not missing: {told}");
    let named = Shelf { closed: vec!["/etc/site.yml".to_owned()], ..Shelf::default() };
    let told = command(&named, "status --config /etc/site.yml").failure.unwrap_or_default();
    assert!(told.contains("/etc/site.yml: cannot be read: EACCES"), "{told}");
}

#[test]
fn doctor_tells_of_a_configuration_file_that_cannot_be_read_and_looks_at_the_rest() {
    let shelf = closed();
    let seen = command(&shelf, "doctor --state-dir /state --locale en");
    let told = shelf.said.take() + &seen.terminal + &seen.failure.clone().unwrap_or_default();
    assert!(told.contains("mangetamain-deploy.yml: cannot be read: EACCES"), "{told}");
    assert!(told.contains("git") && !told.contains("no file "), "{told}");
    assert_eq!(seen.exit, 1, "{told}");
}

#[test]
fn a_folder_that_is_closed_to_whoever_this_is_run_as_holds_no_configuration_file_that_is_known_of() {
    let shelf = Shelf { closed: vec!["/work/".to_owned()], ..Shelf::default() };
    let seen = command(&shelf, "status --state-dir /state");
    assert_eq!(seen.exit, 0, "{:?}", seen.failure);
}

fn told(file: &str) -> String {
    let inputs = [("mode", "status"), ("locale", "en")];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    match config::read(&Start { inputs, ..Start::default() }, Some(file), None) {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn a_file_that_says_nothing_is_one() {
    for file in ["# later\n", "---\n", "---\n# later\n", "~\n", "defaults:\nenvironments: {}\n"] {
        assert_eq!(told(file), "", "{file:?}");
    }
    assert!(told("- a\n").contains("the top level is not a mapping"));
}

#[test]
fn a_section_may_be_empty_and_where_it_is_a_value_its_settings_are_named() {
    let of = |section: &str| told(&format!("environments:\n  preprod:\n    app-path: /srv/pre\n    {section}\n"));
    for empty in ["health:", "compose:", "ci:", "backup:", "discord: ~"] {
        assert_eq!(of(empty), "", "{empty}");
    }
    for (section, wanted) in [
        (
            "compose: /x/docker-compose.yml",
            "compose: is a section: write its settings below it (compose.file, compose.s",
        ),
        ("health: https://x.test/", "health: is a section: write its settings below it (health.url, health.status, "),
        ("ci: none", "ci: is a section: write its settings below it (ci.workflow, ci.watch, "),
        ("health: [https://x.test/]", "health: is a section: "),
        ("backup: all", "backup: must be `none`, or hold `paths`, `dir` and `keep`"),
        ("helth: https://x.test/", "helth: is not a known setting."),
    ] {
        let told = of(section);
        assert!(told.starts_with(&format!("environments.preprod.{wanted}")), "{told}");
    }
}

#[test]
fn a_secret_in_a_section_of_the_file_is_told_as_one_and_not_repeated() {
    for section in ["discord: {webhook: HUSH}", "github: {token: HUSH}", "ci: {watch-token: HUSH}"] {
        let told = told(&format!("defaults:\n  {section}\n"));
        assert!(told.contains("is a secret and never stands in a file") && told.contains("Change it now"), "{told}");
        assert!(!told.contains("HUSH"), "{told}");
    }
}

#[test]
fn words_of_a_command_that_would_not_reach_the_program_as_they_are_are_refused() {
    let of = |words: &str| {
        told(&format!("environments:\n  preprod:\n    app-path: /srv/pre\n    deploy-command: {words}\n"))
    };
    for fine in ["[sh, -c, 'a; b']", "[make, 7, true]", "\n    - sh\n    - -c\n    - |\n      a; b"] {
        assert_eq!(of(fine), "", "{fine}");
    }
    for (words, at) in [
        ("\n    - sh\n    - -c\n    - |\n      one\n      two", 3),
        ("[x, --password, '', --force]", 3),
        ("[x, ' lead']", 2),
        ("['x ']", 1),
        ("[x, ~]", 2),
        ("[x, {a: b}]", 2),
    ] {
        let told = of(words);
        let wanted = format!("environments.preprod.deploy-command: item {at} of the list must be one line");
        assert!(told.starts_with(&wanted), "{words}: {told}");
    }
}

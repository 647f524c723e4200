//! Which process it is, by the system's own line about it.

use mangetamain_deploy::host::{Ran, Reply};
use mangetamain_deploy::tools::process::{Identity, ProcessError, done, identity};

const BEGAN: &str = "1 42 42 0 -1 4194304 115 0 0 0 0 0 0 0 20 0 1 0 7654321 2600960 128";

#[test]
fn a_process_is_known_by_its_number_and_the_time_of_its_start_whatever_it_is_called() {
    for name in ["sh", "a b", ") R 1 (", "deploy (1) x"] {
        let told = identity(&format!("42 ({name}) S {BEGAN}\n"));
        assert_eq!(told, Some(Identity { pid: 42, began: 7_654_321 }), "{name}");
    }
}

#[test]
fn what_has_ended_runs_no_more_though_nobody_has_asked_for_it_yet_and_what_is_no_such_line_is_no_process() {
    for state in ["Z", "X"] {
        assert_eq!(identity(&format!("42 (sh) {state} {BEGAN}\n")), None);
    }
    for text in ["", "42", "deploy-command (run 7.1, process 9, since T UTC)", "42 (sh) S 1 42", "x (sh) S"] {
        assert_eq!(identity(text), None, "{text:?}");
    }
}

#[test]
fn what_compose_shows_of_a_value_in_an_env_file_is_not_told() {
    let said = [
        "failed to read /srv/app/.env: Invalid template: \"Xy${Zq7kLm42\"",
        "failed to read /srv/app/.env: required variable Zq7kLm42 is missing a value: needed",
        "time=\"x\" level=warning msg=\"The \\\"Zq7kLm42\\\" variable is not set. Defaulting to a blank string.\"",
        "failed to read /srv/app/.env: line 3: unterminated quoted value \"Zq7kLm42",
        "line 3: unterminated quoted value 'Zq7kLm42",
        "failed to read /srv/app/.env: line 1: unexpected character \"{\" in variable name \"{\\\"P\\\":\\\"Zq7kLm42\\\"}\"",
        "required variable DB is missing a value: set it in .env",
    ];
    let ran =
        Ran { exit: Some(1), signal: None, timed_out: false, stdout: String::new(), stderr: said.join("\n"), ms: 1 };
    let Err(ProcessError::Refused { tail, .. }) = done(&Reply::Ran(ran)) else { panic!() };
    let kept = [
        "failed to read /srv/app/.env",
        "failed to read /srv/app/.env: line 3: unterminated quoted value",
        "line 3: unterminated quoted value",
        "failed to read /srv/app/.env: line 1: unexpected character",
        "required variable DB is missing a value: set it in .env",
    ];
    assert_eq!(tail, kept.join("\n"));
}

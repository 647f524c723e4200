//! Which lines of a job's log are worth showing.
#![allow(missing_docs)]

use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::ci_job::{Job, Step, failing_step};
use mangetamain_deploy::tools::ci_log::telling;
use mangetamain_deploy::tools::instant::{instant, leading_instant};
use proptest::prelude::*;
use serde_json::json;

const LOG: &str = "\u{feff}2026-01-01T00:00:01.0000000Z ##[group]Run setup\n\
2026-01-01T00:00:02.1234567Z setting up\n\
2026-01-01T00:00:03.0000000Z ##[error]optional thing broke\n\
2026-01-01T00:00:10.0000000Z ##[group]Run pytest\n\
2026-01-01T00:00:10.1000000Z \u{1b}[36;1mpytest -x\u{1b}[0m\n\
2026-01-01T00:00:10.2000000Z ##[endgroup]\n\
2026-01-01T00:00:11.0000000Z 10%\r50%\r100% done\r\r\n\
2026-01-01T00:00:11.0000000Z second line of the same second\n\
without a stamp\n\
2026-01-01T00:00:12.0000000Z FAILED test_a\n\
2026-01-01T00:00:12.0000000Z \n\
2026-01-01T00:00:12.5000000Z ##[error]Process completed with exit code 1.\n\
2026-01-01T00:00:12.6000000Z Post job cleanup.\n\
2026-01-01T00:00:14.0000000Z git config --unset\n";

fn step(from: &str, to: &str) -> Step {
    Step {
        name: "pytest".to_owned(),
        conclusion: Some("failure".to_owned()),
        started_at: instant(from),
        completed_at: instant(to),
        earlier: 0,
    }
}

fn shown(log: &str, step: Option<&Step>, lines: usize) -> String {
    telling(log, step, lines).join("\n")
}

#[test]
fn only_the_failing_steps_own_lines_are_shown_clean() {
    let step = step("2026-01-01T00:00:10Z", "2026-01-01T00:00:12Z");
    let expected = "Run pytest\npytest -x\n100% done\nsecond line of the same second\n\
                    without a stamp\nFAILED test_a";
    assert_eq!(shown(LOG, Some(&step), 50), expected);
    assert_eq!(shown(LOG, Some(&step), 2), "without a stamp\nFAILED test_a");
    assert_eq!(shown(LOG, Some(&step), 0), "");
}

#[test]
fn a_steps_time_may_have_an_offset() {
    let step = step("2025-12-31T16:00:01.000-08:00", "2025-12-31T16:00:03.000-08:00");
    assert_eq!(shown(LOG, Some(&step), 50), "optional thing broke", "the runner's own word counts");
    let unmarked = LOG.replace("##[error]optional", "optional");
    assert_eq!(shown(&unmarked, Some(&step), 50), "Run setup\nsetting up\noptional thing broke");
}

#[test]
fn without_a_step_the_last_lines_before_the_end_of_the_process_are_shown() {
    let log = LOG.replace("##[error]optional", "optional");
    assert_eq!(shown(&log, None, 2), "without a stamp\nFAILED test_a");
    let untimed = Step { completed_at: None, ..step("2026-01-01T00:00:01Z", "") };
    assert_eq!(shown(&log, Some(&untimed), 1), "FAILED test_a");
}

#[test]
fn without_stamps_in_the_log_the_steps_times_do_not_matter() {
    let step = step("2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z");
    let log = "one\ntwo\n##[error]Process completed with exit code 2.\ncleanup";
    assert_eq!(shown(log, Some(&step), 5), "one\ntwo");
    assert_eq!(shown("one\n##[error]broken\ncleanup", None, 5), "broken");
    assert_eq!(shown("one\ntwo\n\n", None, 5), "one\ntwo");
}

// As the runner writes it: a step's header, and what the step before said in the second in which it ended.
const SECONDS: &str = "\
2026-01-01T00:00:09.0000000Z ##[group]Run flake8 --exit-zero\n\
2026-01-01T00:00:09.0000000Z flake8 --exit-zero\n\
2026-01-01T00:00:09.0000000Z shell: /usr/bin/bash -e {0}\n\
2026-01-01T00:00:09.0000000Z env:\n\
2026-01-01T00:00:09.0000000Z   DATABASE: sqlite\n\
2026-01-01T00:00:09.0000000Z ##[endgroup]\n\
2026-01-01T00:00:10.0000000Z src/app.py:3:80: E501 line too long\n\
2026-01-01T00:00:10.2000000Z ##[group]Run ./check\n\
2026-01-01T00:00:10.2000000Z ./check\n\
2026-01-01T00:00:10.2000000Z shell: /usr/bin/bash -e {0}\n\
2026-01-01T00:00:10.2000000Z env:\n\
2026-01-01T00:00:10.2000000Z   DATABASE: sqlite\n\
2026-01-01T00:00:10.2000000Z ##[endgroup]\n\
2026-01-01T00:00:11.0000000Z one is missing\n\
2026-01-01T00:00:11.0000000Z ##[error]Process completed with exit code 1.\n";

#[test]
fn neither_the_step_before_nor_what_a_step_runs_with_is_shown() {
    let step = step("2026-01-01T00:00:10Z", "2026-01-01T00:00:11Z");
    assert_eq!(shown(SECONDS, Some(&step), 12), "one is missing");
    assert_eq!(shown(SECONDS, None, 12), "src/app.py:3:80: E501 line too long", "of which step is not known");
    let own = "##[group]Run ./check\none\ntwo\n##[endgroup]\nthree";
    assert_eq!(shown(own, None, 12), "Run ./check\none\ntwo\nthree", "a group of a program's own stays");
}

#[test]
fn of_steps_within_one_second_the_one_that_is_asked_for_is_shown() {
    let step = step("2026-01-01T00:00:10Z", "2026-01-01T00:00:10Z");
    let part = |name: &str, said: &str, end: &str| {
        format!("##[group]Run {name}\n{name}\nshell: /usr/bin/bash -e {{0}}\n##[endgroup]\n{said}\n{end}")
    };
    let failed = "##[error]Process completed with exit code 1.\n";
    let stamped =
        |log: &str| -> String { log.lines().map(|line| format!("2026-01-01T00:00:10.1000000Z {line}\n")).collect() };
    let both =
        stamped(&(part("ruff", "a.py:1:1: F401 unused", failed) + &part("send", "error: could not send", failed)));
    assert_eq!(shown(&both, Some(&step), 12), "a.py:1:1: F401 unused");
    let second = Step { earlier: 1, ..step.clone() };
    for end in ["", failed] {
        let log = part("flake8", "a.py:1:1: E501 too long", end) + &part("pytest", "E   assert 1 == 2", failed);
        assert_eq!(shown(&stamped(&log), Some(&second), 12), "E   assert 1 == 2", "tolerated: {end:?}");
    }
    let many = Step { earlier: 9, ..step };
    assert_eq!(shown(&both, Some(&many), 12), "error: could not send", "what cannot be counted is the last");
}

#[test]
fn steps_that_began_with_another_are_counted_but_for_the_runner_s_own_and_what_was_skipped() {
    let step = |name: &str, conclusion: &str| json!({"name": name, "conclusion": conclusion, "started_at": "2026-01-01T00:00:10Z"});
    let steps =
        [step("Set up job", "success"), step("flake8", "success"), step("mypy", "skipped"), step("pytest", "failure")];
    let job = Job::read(&json!({"id": 1, "steps": steps})).unwrap_or_else(|| unreachable!());
    assert_eq!(failing_step(&job).map(|step| (step.name.as_str(), step.earlier)), Some(("pytest", 1)));
}

#[test]
fn a_steps_time_limit_is_told_before_what_could_be_overcome() {
    let log = "ConnectionError: retrying (1/3)\nConnectionError: retrying (2/3)\n##[error]The action 'pytest' has timed out after 1 minutes.";
    assert_eq!(telling(log, None, 1), ["The action 'pytest' has timed out after 1 minutes."]);
    assert_eq!(telling(log, None, 12).len(), 3);
}

#[test]
fn lines_of_another_step_are_never_passed_off_as_the_failing_ones() {
    let step = step("2026-01-01T01:00:00Z", "2026-01-01T01:00:09Z");
    assert_eq!(shown(LOG, Some(&step), 5), "");
}

#[test]
fn blank_lines_stay_inside_and_go_at_the_ends() {
    assert_eq!(shown("\n \na\n\nb\n\t\n", None, 9), "a\n\nb");
    assert_eq!(shown("a\n\nb", None, 2), "b");
}

#[test]
fn escape_sequences_and_unseen_characters_are_gone() {
    let table = [
        ("\u{1b}[1;31mred\u{1b}[0m", "red"),
        ("\u{9b}31mred", "red"),
        ("\u{1b}]8;;https://x\u{7}link\u{1b}]8;;\u{1b}\\", "link"),
        ("\u{1b}]8;;https://x\u{1b}\\link", "link"),
        ("\u{1b}(Bplain\u{1b}=", "plain"),
        ("a\u{8}\u{0}b\u{202e}c\u{7f}\u{85}", "abc"),
        ("a\tb", "a b"),
        ("[group] stays", "[group] stays"),
        ("##[Not a marker]", "##[Not a marker]"),
    ];
    for (raw, expected) in table {
        assert_eq!(shown(raw, None, 5), expected, "{raw:?}");
    }
}

#[test]
fn a_line_is_cut_at_three_hundred_characters() {
    let fits = "é".repeat(300);
    assert_eq!(shown(&fits, None, 1), fits);
    let cut = format!("{}…", "é".repeat(299));
    assert_eq!(shown(&"é".repeat(301), None, 1), cut);
}

#[test]
fn instants_are_read_with_fractions_and_offsets() {
    let table = [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("2026-01-01T00:00:00Z", Some(1_767_225_600_000)),
        ("2024-02-29T23:59:59.1234567Z", Some(1_709_251_199_123)),
        ("2026-01-01T01:00:00.5+01:00", Some(1_767_225_600_500)),
        ("2025-12-31T16:00:00-08:00", Some(1_767_225_600_000)),
        ("2026-01-01T05:45:00+05:45", Some(1_767_225_600_000)),
        ("1969-12-31T23:59:59Z", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01T00:00:00Z ", None),
        ("2026-01-01T00:00:00+1:000", None),
        ("２026-01-01T00:00:00Z", None),
        ("", None),
    ];
    for (text, ms) in table {
        assert_eq!(instant(text), ms.map(Millis), "{text:?}");
    }
    let rest = leading_instant("1970-01-01T00:00:01.0Z é").map(|(at, rest)| (at.0, rest));
    assert_eq!(rest, Some((1000, " é")));
}

fn garbage() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[\\x00-\\x20\u{1b}\u{9b}\\[\\]#0-9;mK\\\\]{0,40}",
        Just("2026-01-01T00:00:05.0000000Z ".to_owned()),
        Just("\n".to_owned()),
        Just("##[error]Process completed".to_owned()),
        Just("##[endgroup]".to_owned()),
        Just("\u{1b}]".to_owned()),
        Just("é".repeat(200)),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_log_gives_clean_short_lines(log in garbage(), lines in 0_usize..30, timed in any::<bool>()) {
        let step = timed.then(|| step("2026-01-01T00:00:05Z", "2026-01-01T00:00:05Z"));
        let shown = telling(&log, step.as_ref(), lines);
        prop_assert!(shown.len() <= lines);
        for line in &shown {
            prop_assert!(line.chars().count() <= 300);
            prop_assert!(!line.chars().any(char::is_control));
        }
        prop_assert!(shown.first().is_none_or(|line| !line.trim().is_empty()));
        prop_assert!(shown.last().is_none_or(|line| !line.trim().is_empty()));
    }

    #[test]
    fn any_text_is_read_as_an_instant_or_not(text in "\\PC{0,40}|[0-9T:Z.+-]{15,30}") {
        let _ = leading_instant(&text);
    }
}

#[test]
fn a_quarter_of_a_mebibyte_of_bytes_is_no_trouble() {
    let mut seed = 7_u32;
    let bytes: Vec<u8> = (0..256 * 1024)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from(seed >> 24).unwrap_or(0)
        })
        .collect();
    assert!(telling(&String::from_utf8_lossy(&bytes), None, 20).len() <= 20);
    assert_eq!(shown(&"\r".repeat(256 * 1024), None, 20), "");
    assert_eq!(shown(&"\u{1b}[".repeat(128 * 1024), None, 20), "");
}

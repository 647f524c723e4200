//! Every parser against hostile input: the corpus that `fuzz/` has gathered, and what proptest makes of
//! it (any bytes, pieces of the trade, a kept input with something done to it). What must hold stands in
//! `hostile/`; how large inputs are borne, in `hostile_sizes.rs`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod hostile;

use std::path::Path;

use hostile::{answers, config, ledger, programs, words};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Pieces that mean something to one reader or another.
const PIECES: &[&str] = &[
    "\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{1b}[31m",
    "\u{1b}]0;x\u{7}",
    "\u{9b}2J",
    "\u{202e}",
    "\u{2028}",
    "\u{200b}",
    "\u{feff}",
    "::set-output name=x::y",
    "::add-mask::a",
    "##[error]",
    "##[add-mask]a",
    "%0A",
    "@everyone",
    "<@&1>",
    "`",
    "```",
    "|",
    "![a](http://e/x.png)",
    "<img src=x>",
    "[a](b)",
    "$(id)",
    "`id`",
    "; id",
    "&& id",
    "'",
    "\"",
    "\\",
    "--upload-pack=id",
    "-oProxyCommand=id",
    "..",
    "../",
    "/",
    "~",
    "https://",
    "http://",
    "file:///etc/passwd",
    "@",
    ":",
    "#",
    "?",
    "%",
    "{",
    "}",
    "[",
    "]",
    ",",
    "=",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551615",
    "&a",
    "*a",
    "<<: ",
    "!x ",
    "|\n ",
    ">-\n ",
    "- ",
    ": ",
    "? ",
    "--- ",
    "...",
    "{sha}",
    "2026-01-01T00:00:00Z",
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "é",
    "😀",
    "👨‍👩‍👧",
];

/// The inputs kept of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// One of the kept inputs with a few cuts, repetitions and insertions.
fn changed(kept: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8, prop::sample::select(PIECES));
    (prop::sample::select(kept), prop::collection::vec(change, 1..6)).prop_map(|(mut bytes, changes)| {
        for (at, to, what, piece) in changes {
            let (at, to) = (at.index(bytes.len() + 1), to.index(bytes.len() + 1));
            let part = at.min(to)..at.max(to);
            match what {
                0 => drop(bytes.drain(part)),
                1 => bytes.splice(at..at, piece.bytes()).for_each(drop),
                2 => bytes.splice(part, piece.bytes()).for_each(drop),
                _ => {
                    let copy: Vec<u8> = bytes[part].iter().copied().take(4000).collect();
                    bytes.splice(at..at, copy).for_each(drop);
                }
            }
        }
        bytes
    })
}

/// The kept inputs, then a few hundred new ones.
fn withstands(target: &str, check: fn(&[u8])) {
    let kept = corpus(target);
    assert!(!kept.is_empty(), "no corpus of {target}");
    kept.iter().for_each(|bytes| check(bytes));
    let pieces =
        prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    let input = prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..300),
        1 => pieces,
        1 => any::<String>().prop_map(String::into_bytes),
        3 => changed(kept),
    ];
    // The same every time: to look for new ones is the fuzzer's work.
    let config =
        Config { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(20_260_101), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let held = |bytes: Vec<u8>| {
        check(&bytes);
        Ok(())
    };
    runner.run(&input, held).unwrap();
}

#[test]
fn a_setting_is_safe_to_use_or_refused_in_a_sentence() {
    withstands("setting", config::setting);
}

#[test]
fn a_configuration_file_is_read_whole_or_refused_with_few_short_problems() {
    withstands("file", config::file);
}

#[test]
fn a_command_line_carries_no_secret_and_tells_none() {
    withstands("arguments", config::arguments);
}

#[test]
fn a_start_gives_names_paths_and_addresses_that_are_nothing_else() {
    withstands("start", config::start);
}

#[test]
fn a_ledger_of_any_bytes_is_read_and_only_ever_appended_to() {
    withstands("ledger", ledger::ledger);
}

#[test]
fn runs_of_any_answer_validate_nothing_but_what_was_asked_about() {
    withstands("runs", answers::runs);
}

#[test]
fn jobs_of_any_answer_have_short_names_and_harmless_links() {
    withstands("jobs", answers::jobs);
}

#[test]
fn an_event_of_any_payload_settles_nothing_but_its_own_run() {
    withstands("event", answers::event);
}

#[test]
fn a_redirect_takes_our_token_nowhere_else() {
    withstands("redirect", answers::redirect);
}

#[test]
fn a_job_log_gives_a_few_short_lines_that_show() {
    withstands("job_log", answers::job_log);
}

#[test]
fn an_answer_of_discord_proves_what_its_status_says_and_no_more() {
    withstands("discord", answers::discord);
}

#[test]
fn an_answer_of_a_site_is_told_in_a_short_line() {
    withstands("site", answers::site);
}

#[test]
fn output_of_git_is_in_the_form_asked_for_or_unreadable() {
    withstands("git_output", programs::git_output);
}

#[test]
fn output_of_docker_is_in_the_form_asked_for_or_unreadable() {
    withstands("docker_output", programs::docker_output);
}

#[test]
fn a_compose_file_gives_whole_paths_or_is_said_to_be_unreadable() {
    withstands("compose_file", programs::compose_file);
}

#[test]
fn the_needs_of_a_report_are_read_as_short_names_and_known_words() {
    withstands("needs", config::needs);
}

#[test]
fn a_file_of_past_checks_is_read_and_added_to_whatever_stands_in_it() {
    withstands("health_log", programs::health_log);
}

#[test]
fn output_of_the_machines_programs_is_added_up_without_an_overflow() {
    withstands("machine_output", programs::machine_output);
}

#[test]
fn what_is_printed_starts_no_workflow_command_and_moves_no_cursor() {
    withstands("spoken", words::spoken);
}

#[test]
fn what_goes_to_discord_is_no_markup_and_calls_nobody() {
    withstands("message", words::message);
}

#[test]
fn a_secret_with_something_unseen_in_it_does_not_come_out_whole() {
    withstands("secret", words::secret);
}

#[test]
fn every_check_has_its_fuzz_target_its_corpus_and_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let (manifest, tests) = (read("fuzz/Cargo.toml"), read("tests/hostile_input.rs"));
    for (name, _) in hostile::CHECKS {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is no fuzz target");
        assert!(tests.contains(&format!("withstands(\"{name}\", ")), "{name} has no test");
        assert!(!corpus(name).is_empty());
    }
    assert_eq!(manifest.matches("[[bin]]").count(), hostile::CHECKS.len());
}

//! How `status` words what ended: in one line, cut between words and with a mark where it was cut.
#![allow(clippy::unwrap_used, missing_docs)]

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::machine::Outcome;
use mangetamain_deploy::machine::entry::Refusal;
use mangetamain_deploy::messages::status::ended;

use crate::names::{Shelf, command, shelf};
use crate::story::Story;

fn failed(why: &str) -> String {
    ended(Locale::En, &Outcome::Failed { why: why.to_owned() })
}

#[test]
fn a_long_reason_is_cut_between_words_and_says_so() {
    let why = format!("{} : le texte \"version 2\"", "mot ".repeat(21).trim_end());
    let told = ended(Locale::Fr, &Outcome::Unhealthy { why: why.clone() });
    assert_eq!(told, format!("ne répond pas bien : {} : le texte…", "mot ".repeat(21).trim_end()));
    assert_eq!(failed(&why), format!("failed: {} : le texte…", "mot ".repeat(21).trim_end()));
    let refused = Outcome::Refused { why: Refusal::Unready { why: format!("{}2fae7c00d1", "a ".repeat(48)) } };
    assert_eq!(ended(Locale::En, &refused), format!("refused: {}…", "a ".repeat(48).trim_end()));
}

#[test]
fn what_the_cut_leaves_ends_with_a_word_or_with_all_that_fits() {
    assert_eq!(failed(&format!("{} : le reste, qui est long", "é".repeat(97))), format!("failed: {}…", "é".repeat(97)));
    assert_eq!(failed(&"é".repeat(101)), format!("failed: {}…", "é".repeat(100)));
    assert_eq!(failed(&format!("git {}", "é".repeat(101))), format!("failed: git {}…", "é".repeat(96)));
}

#[test]
fn what_fits_is_told_whole_and_only_its_first_line() {
    assert_eq!(failed(&"é".repeat(100)), format!("failed: {}", "é".repeat(100)));
    assert_eq!(failed(&format!("{} ab\nmore", "é".repeat(97))), format!("failed: {} ab", "é".repeat(97)));
    assert_eq!(failed(""), "failed: ");
}

/// A machine on which that has happened.
fn machine(story: &str) -> Shelf {
    let mut shelf = shelf("preprod", &["preprod"]);
    let ledger = Story::of(story).entries.iter().map(|entry| serde_json::to_string(entry).unwrap() + "\n").collect();
    shelf.files.insert("/state/preprod/ledger.jsonl".to_owned(), ledger);
    shelf
}

#[test]
fn what_is_live_is_told_with_what_is_known_of_it_first() {
    for (story, wanted) in [
        (
            "baseline 0; deploy 1; go; ci 1 success",
            ["0000001 commit 1: validated (since", "0000001 commit 1 : validée (depuis"],
        ),
        (
            "baseline 0; deploy 1; go",
            ["0000001 commit 1: not validated (since", "0000001 commit 1 : non validée (depuis"],
        ),
        (
            "baseline 0; deploy 1; go; ci 1 failure; once; guarded; go",
            ["❌ 0000001 commit 1: FAILED (since", "❌ 0000001 commit 1 : EN ÉCHEC (depuis"],
        ),
    ] {
        let machine = machine(story);
        for (locale, wanted) in ["en", "fr"].iter().zip(wanted) {
            let seen = command(&machine, &format!("status --environment preprod --locale {locale}")).terminal;
            assert!(seen.contains(wanted), "{story}: {seen}");
        }
    }
}

#[test]
fn the_summary_begins_with_what_is_live_and_whether_that_is_good() {
    let first = |shelf: &Shelf, words: &str| {
        let seen = command(shelf, &format!("status {words}--state-dir /state"));
        let (first, rest) = seen.summary.split_once("\n\n").unwrap();
        assert!(rest.starts_with("```\npreprod\n") && rest.ends_with("\n```\n"), "{rest}");
        first.to_owned()
    };
    let one = "--environment preprod ";
    for (story, wanted) in [
        (
            "baseline 0; deploy 1; go; ci 1 success",
            "✅ PREPROD - Live: `0000001` (✅ validated) · Last validated: `0000001`",
        ),
        ("baseline 0; deploy 1; go", "✅ PREPROD - Live: `0000001` (⏳ not validated) · Last validated: -"),
        (
            "baseline 0; deploy 1; go; ci 1 failure; once; guarded; go",
            "❌ PREPROD - Live: `0000001` (❌ failed) · Last validated: -",
        ),
    ] {
        assert_eq!(first(&machine(story), one), format!("### {wanted}"), "{story}");
    }
    let mut machine = machine("baseline 0; deploy 1; go; ci 1 success");
    let well = "### ✅ PREPROD - Live: `0000001` (✅ validated) · Last validated: `0000001`";
    assert_eq!(first(&machine, ""), format!("{well}\n### ➖ PROD - Live: - · Last validated: -"), "one line for each");
    let url = "http://pre.test/";
    let down = format!("{{\"at\":1795499565000,\"url\":\"{url}\",\"result\":\"down\",\"why\":\"HTTP 503\"}}\n");
    machine.files.insert("/state/preprod/health.jsonl".to_owned(), down);
    assert_eq!(
        first(&machine, one),
        well.replace("### ✅", "### ❌").replace("✅ validated", "✅ validated, 🔴 site DOWN"),
        "a check found it down"
    );
    let ledger = "/state/preprod/ledger.jsonl".to_owned();
    machine.files.insert(ledger, "{\"seq\":1,\"at\":1,\"by\":\"x\",\"fact\":{\"moved-house\":{}}}\n".to_owned());
    assert_eq!(
        first(&machine, one),
        "### ⚠️ PREPROD - Live: - (⚠️ not certain) · Last validated: -",
        "it cannot be read"
    );
}

#[test]
fn a_request_that_somebody_is_at_is_running_and_one_that_nobody_is_at_is_unfinished() {
    let mut machine = machine("baseline 0; deploy 1; go; ci 1 success; deploy 2; began reset");
    let left = command(&machine, "status --environment preprod").terminal;
    assert!(left.contains("unfinished   deploy 0000002 since"), "{left}");
    machine
        .files
        .insert("/state/preprod/lock".to_owned(), "run 7.1 (deploy 0000002, process 9, since then)".to_owned());
    let held = command(&machine, "status --environment preprod").terminal;
    assert!(held.contains("running      deploy 0000002 since") && !held.contains("unfinished"), "{held}");
    let held = command(&machine, "status --environment preprod --locale fr").terminal;
    assert!(held.contains("en cours     déploiement de 0000002 depuis"), "{held}");
}

#[test]
fn the_history_says_what_came_of_a_request_and_not_what_is_live_now() {
    let paths = vec!["migrations/2.sql".to_owned()];
    for (outcome, english, french) in [
        (Outcome::Deployed, "went live", "mis en ligne"),
        (Outcome::RolledBack, "succeeded", "réussi"),
        (
            Outcome::Guarded { paths },
            "not rolled back, guarded paths: migrations/2.sql",
            "pas de rollback, chemins protégés : migrations/2.sql",
        ),
    ] {
        assert_eq!([Locale::En, Locale::Fr].map(|locale| ended(locale, &outcome)), [english, french]);
    }
}

#[test]
fn where_each_validated_version_has_failed_since_that_is_told_and_not_that_there_was_none() {
    let machine = machine("baseline 0; deploy 1; go; ci 1 success; ci 1 failure 2; go");
    let seen = |locale: &str| command(&machine, &format!("status --environment preprod --locale {locale}")).terminal;
    let [en, fr] = ["en", "fr"].map(seen);
    assert!(en.contains("validated    none left; 0000001 failed since, and is quarantined"), "{en}");
    assert!(fr.contains("plus aucune ; 0000001 a échoué depuis, et reste en quarantaine"), "{fr}");
}

#[test]
fn of_many_in_quarantine_the_newest_are_named_and_how_many_more_there_are() {
    let fails = |number: u32| format!("deploy {number}; go; ci {number} failure; go");
    let story: Vec<String> = (1..=9).rev().map(fails).collect();
    let terminal =
        command(&machine(&format!("baseline 0; {}", story.join("; "))), "status --environment preprod").terminal;
    let row = terminal.lines().find(|line| line.trim_start().starts_with("quarant")).unwrap();
    assert!(row.ends_with("0000001, 0000002, 0000003, 0000004, 0000005, 0000006, +3"), "{row}");
}

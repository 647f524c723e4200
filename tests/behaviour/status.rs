//! How `status` words what ended: in one line, cut between words and with a mark where it was cut.
#![allow(clippy::unwrap_used, missing_docs)]

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::machine::Outcome;
use mangetamain_deploy::machine::entry::Refusal;
use mangetamain_deploy::messages::status::ended;

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

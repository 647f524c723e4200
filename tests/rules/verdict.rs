//! What a CI conclusion proves.
#![allow(missing_docs)]

use mangetamain_deploy::machine::verdict::{Absence, Denial, Doubt, FailureKind, Unseen, Verdict, conclude};
use proptest::prelude::*;

#[test]
fn every_conclusion_of_github_stands_in_the_table() {
    let table = [
        ("success", Verdict::Success),
        ("failure", Verdict::Failure(FailureKind::Failed)),
        ("timed_out", Verdict::Failure(FailureKind::TimedOut)),
        ("startup_failure", Verdict::Failure(FailureKind::StartupFailed)),
        ("cancelled", Verdict::Inconclusive(Doubt::Cancelled)),
        ("skipped", Verdict::Inconclusive(Doubt::Skipped)),
        ("neutral", Verdict::Inconclusive(Doubt::Neutral)),
        ("stale", Verdict::Inconclusive(Doubt::Stale)),
        ("action_required", Verdict::Inconclusive(Doubt::ActionRequired)),
    ];
    for (conclusion, verdict) in table {
        assert_eq!(conclude(conclusion), verdict, "{conclusion}");
    }
}

#[test]
fn a_conclusion_nobody_knows_is_inconclusive_and_kept_short() {
    for odd in ["", "Success", "SUCCESS", " success", "success\n", "failed"] {
        let verdict = conclude(odd);
        assert!(!verdict.validates() && !verdict.condemns(), "{odd:?}");
    }
    let expected = Verdict::Inconclusive(Doubt::Unknown("x".repeat(60)));
    assert_eq!(conclude(&format!("\n{}", "x".repeat(500))), expected);
}

#[test]
fn a_verdict_is_written_down_in_kebab_case_and_read_back_the_same() {
    let table = [
        (Verdict::Success, r#""success""#),
        (conclude("timed_out"), r#"{"failure":"timed-out"}"#),
        (conclude("action_required"), r#"{"inconclusive":"action-required"}"#),
        (conclude("new"), r#"{"inconclusive":{"unknown":"new"}}"#),
        (
            Verdict::Inconclusive(Doubt::Denied(Denial::Permission("actions=read".to_owned()))),
            r#"{"inconclusive":{"denied":{"permission":"actions=read"}}}"#,
        ),
        (Verdict::Inconclusive(Doubt::NoRun), r#"{"inconclusive":"no-run"}"#),
        (
            Verdict::Inconclusive(Doubt::NoRunOf(Unseen {
                workflow: "ci.yml".to_owned(),
                branch: "main".to_owned(),
                seen: Absence::Off("disabled_manually".to_owned()),
            })),
            r#"{"inconclusive":{"no-run-of":{"workflow":"ci.yml","branch":"main","seen":{"off":"disabled_manually"}}}}"#,
        ),
    ];
    for (verdict, text) in table {
        assert_eq!(serde_json::to_string(&verdict).ok().as_deref(), Some(text));
        assert_eq!(serde_json::from_str::<Verdict>(text).ok(), Some(verdict));
    }
}

#[test]
fn that_there_is_no_run_is_told_from_every_other_doubt() {
    let missing =
        Unseen { workflow: "ci.yml".to_owned(), branch: "main".to_owned(), seen: Absence::Off(String::new()) };
    for doubt in [Doubt::NoRun, Doubt::NoRunOf(missing)] {
        assert!(Verdict::Inconclusive(doubt).has_no_run());
    }
    for conclusion in ["success", "failure", "cancelled"] {
        assert!(!conclude(conclusion).has_no_run(), "{conclusion}");
    }
}

proptest! {
    #[test]
    fn only_success_validates_and_only_three_words_condemn(text in "\\PC{0,30}|[a-z_]{3,16}") {
        let verdict = conclude(&text);
        prop_assert_eq!(verdict.validates(), text == "success");
        let failures = ["failure", "timed_out", "startup_failure"];
        prop_assert_eq!(verdict.condemns(), failures.contains(&text.as_str()));
    }
}

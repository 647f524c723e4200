//! A work tree that nothing names: whoever goes back, or settles what was deployed, leaves that to the ledger.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::names::{Shelf, command, settings};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const REQUIRED: &str = "app-path: is required: the git work tree on this machine, or a folder in one.";

/// A machine whose ledger knows of a deploy of `prod`.
fn deployed() -> Shelf {
    let with = settings("prod");
    let ask = format!("{{\"deploy\":{{\"sha\":\"{SHA}\",\"force\":\"obey\"}}}}");
    let entry =
        format!("{{\"seq\":1,\"at\":1,\"by\":\"x\",\"fact\":{{\"asked\":{{\"ask\":{ask},\"with\":{with}}}}}}}\n");
    let mut shelf = Shelf::default();
    shelf.files.insert("/state/prod/ledger.jsonl".to_owned(), entry);
    shelf
}

/// How a command ends, and what it tells of that.
fn ended(shelf: &Shelf, line: &str) -> (i32, String) {
    let seen = command(shelf, &format!("{line} --environment prod --state-dir /state"));
    (seen.exit, seen.failure.unwrap_or_default())
}

#[test]
fn a_rollback_is_about_the_work_tree_of_the_last_deploy_and_what_it_names_wins() {
    for (named, wanted) in [("", "`app-path` (/srv/prod)"), (" --app-path /srv/other", "`app-path` (/srv/other)")] {
        // Git answers nothing on this machine: the first step is told with where it looked.
        let (exit, told) = ended(&deployed(), &format!("rollback --dry-run --to 0123456{named}"));
        assert_eq!(exit, 1, "{told}");
        assert!(told.contains(wanted), "{told}");
    }
}

#[test]
fn without_a_deploy_it_is_refused_before_anything_is_touched() {
    let lines = ["rollback --yes", "rollback --dry-run", &format!("watch --sha {SHA}"), &format!("deploy --sha {SHA}")];
    for line in lines {
        let shelf = Shelf::default();
        let (exit, told) = ended(&shelf, line);
        assert_eq!(exit, 2, "{line}: {told}");
        assert!(told.contains(REQUIRED), "{line}: {told}");
        assert!(shelf.written.borrow().is_empty() && shelf.ran.borrow().is_empty(), "{line}");
    }
}

#[test]
fn whoever_may_not_read_the_ledger_is_told_that_and_not_that_something_is_missing() {
    let shelf = Shelf { closed: vec!["/state".to_owned()], ..deployed() };
    let (exit, told) = ended(&shelf, "rollback --yes");
    assert_eq!(exit, 1, "{told}");
    assert!(told.contains("EACCES") && !told.contains("app-path"), "{told}");
}

#[test]
fn what_the_ledger_may_know_is_no_problem_beside_another() {
    let (exit, told) = ended(&deployed(), "rollback --to yesterday");
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains("to = \"yesterday\"") && !told.contains("app-path"), "{told}");
}

#[test]
fn a_promote_says_where() {
    let (exit, told) = ended(&deployed(), &format!("promote --backup-paths none --confirm DEPLOY --sha {SHA}"));
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains(REQUIRED), "{told}");
}

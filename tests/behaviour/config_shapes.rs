//! Configuration files that are not what they should be: one that cannot be read.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

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
    assert!(told.contains("git") && !told.contains("no configuration file"), "{told}");
    assert_eq!(seen.exit, 1, "{told}");
}

#[test]
fn a_folder_that_is_closed_to_whoever_this_is_run_as_holds_no_configuration_file_that_is_known_of() {
    let shelf = Shelf { closed: vec!["/work/".to_owned()], ..Shelf::default() };
    let seen = command(&shelf, "status --state-dir /state");
    assert_eq!(seen.exit, 0, "{:?}", seen.failure);
}

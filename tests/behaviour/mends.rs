//! What people are told to do has to be what helps: a clone in the right folder, the program that is missing, the
//! option of the terminal that they sit at.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::failure::rebuff::Rebuff;
use mangetamain_deploy::failure::{Deed, Failure};
use mangetamain_deploy::messages::reason::failure;

use crate::names::{Shelf, command, shelf};

fn doctor(shelf: &Shelf, line: &str) -> String {
    let seen = command(shelf, line);
    shelf.said.take() + &seen.terminal + &seen.failure.unwrap_or_default()
}

#[test]
fn a_site_that_is_a_folder_of_the_repository_is_cloned_to_the_folder_above() {
    let mut shelf = shelf("preprod", &[]);
    let told = doctor(&shelf, "doctor --environment preprod");
    assert!(told.contains("/srv/pre does not exist; where the site is a folder of the repository, clone to"), "{told}");
    assert!(told.contains("the folder above (/srv)") && told.contains("OWNER/NAME.git /srv/pre\n"), "{told}");
    shelf.kinds.insert("/work/pre".to_owned(), "folder");
    let told = doctor(&shelf, "doctor --environment preprod");
    assert!(told.contains("/srv/pre does not exist; it is a folder of the repository"), "{told}");
    assert!(told.contains("git clone https://github.com/OWNER/NAME.git /srv\n"), "{told}");
    let told = doctor(&shelf, "doctor --environment preprod --locale fr");
    assert!(told.contains("/srv/pre n'existe pas ; c'est un dossier du dépôt"), "{told}");
    // Both are there: the whole of what the repository holds counts, not its last word.
    let mut deep = shelf;
    deep.kinds.insert("/work/sites/pre".to_owned(), "folder");
    let told = doctor(&deep, "doctor --environment preprod --app-path /srv/app/sites/pre");
    assert!(told.contains("OWNER/NAME.git /srv/app\n"), "{told}");
}

#[test]
fn an_app_path_that_is_a_file_is_told_as_one() {
    let mut shelf = shelf("preprod", &[]);
    shelf.found = "- 0 0 644 f root root /srv/pre\n".to_owned();
    let told = doctor(&shelf, "doctor --environment preprod");
    assert!(told.contains("/srv/pre is a file, no folder") && !told.contains("git status` by hand"), "{told}");
    let told = doctor(&shelf, "doctor --environment preprod --locale fr");
    assert!(told.contains("/srv/pre est un fichier, pas un dossier"), "{told}");
}

#[test]
fn where_git_is_missing_it_is_named_and_what_installs_it() {
    let shelf = Shelf { missing: vec!["git".to_owned()], ..shelf("preprod", &[]) };
    for (locale, wanted, install) in [
        ("en", "git is not installed, or not in PATH. Install git: sudo apt-get install git", "git             is not"),
        (
            "fr",
            "git n'est pas installé, ou pas dans le PATH. Installer git : sudo apt-get install git",
            "git             n'est",
        ),
    ] {
        let line = format!("deploy --environment preprod --sha {} --locale {locale}", "a".repeat(40));
        let told = command(&shelf, &line).failure.unwrap_or_default();
        assert!(told.contains(wanted), "{told}");
        let told = doctor(&shelf, &format!("doctor --environment preprod --locale {locale}"));
        assert!(told.contains(install) && !told.contains("git status`"), "{told}");
    }
}

#[test]
fn where_flock_is_missing_its_package_is_what_to_install() {
    let lost = Failure::Disk { deed: Deed::Lock, path: "/state/prod/lock".to_owned(), seen: Rebuff::NoFlock };
    let told = failure(&lost, Locale::En);
    assert!(told.ends_with("(of util-linux) is not installed; install util-linux"), "{told}");
    let told = failure(&lost, Locale::Fr);
    assert!(told.ends_with("n'est pas installé ; installer util-linux"), "{told}");
}

#[test]
fn a_page_in_a_folder_that_is_closed_to_us_is_no_device() {
    let mut shelf = Shelf { closed: vec!["/root/".to_owned()], ..Shelf::default() };
    shelf.kinds.insert("/root/x.html".to_owned(), "closed");
    let seen = command(&shelf, "status --html /root/x.html");
    let told = seen.failure.unwrap_or_default();
    assert!(told.contains("could not write the status page /root/x.html: EACCES"), "{told}");
    assert!(told.contains("may this user write there?"), "{told}");
    assert_eq!(seen.exit, 1);
}

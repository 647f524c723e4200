//! What a promote and a rollback with files are configured with: where each value may stand, and what is
//! refused before anything is touched.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use mangetamain_deploy::config::{self, BackupChoice, Config, Confirmation, Target};
use mangetamain_deploy::host::Start;

const NEEDED: &[(&str, &str)] = &[("mode", "promote"), ("environment", "prod"), ("app-path", "/srv/prod")];
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const FILE: &str = "
defaults: { promote-from: staging }
environments:
  staging: { label: Staging, url: 'https://staging.example/', health: { json: status=ok } }
  prod:
    freeze: ['fri 16:00 - mon 08:00 Europe/Paris']
    backup: { paths: [/srv/data, ~/site], dir: /backups, keep: 3 }
";

fn read(more: &[(&str, &str)], file: Option<&str>) -> Result<Config, Vec<String>> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut start = Start { door: "action".to_owned(), folder: "/work".to_owned(), ..Start::default() };
    start.inputs = NEEDED.iter().chain(more).map(owned).collect();
    start.env.insert("HOME".to_owned(), "/home/ada".to_owned());
    config::read(&start, file, None).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn problem(more: &[(&str, &str)], file: Option<&str>) -> String {
    read(more, file).expect_err("it is refused").join("\n")
}

/// What is missing unless the ledger has it.
fn lacking(config: &Config) -> Vec<String> {
    config.lacking.iter().map(ToString::to_string).collect()
}

#[test]
fn the_file_says_what_is_saved_where_and_from_where_a_promote_comes() {
    let config = read(&[], Some(FILE)).unwrap();
    let with = &config.environments[0];
    assert_eq!(with.backup.paths, ["/srv/data", "/home/ada/site"]);
    assert_eq!((with.backup.folder.as_str(), with.backup.keep), ("/backups", 3));
    assert_eq!((with.promote_from.as_str(), with.freeze.len()), ("staging", 1));
    let from = config.from.unwrap();
    assert_eq!((from.label.as_str(), from.state_folder.as_str()), ("Staging", "/var/app-state/staging"));
    assert_eq!(from.health.urls, ["https://staging.example/"]);
}

#[test]
fn inputs_are_about_the_environment_that_was_named_and_not_about_the_one_it_comes_from() {
    let config =
        read(&[("url", "https://prod.example/"), ("label", "LIVE"), ("state-dir", "/state")], Some(FILE)).unwrap();
    let from = config.from.unwrap();
    assert_eq!((from.label.as_str(), from.health.urls[0].as_str()), ("Staging", "https://staging.example/"));
    assert_eq!(from.state_folder, "/state/staging", "but the state stands in one place");
    assert_eq!(config.environments[0].url.as_deref(), Some("https://prod.example/"));
}

#[test]
fn a_promote_says_what_it_saves_or_that_it_saves_nothing() {
    assert!(
        problem(&[], None)
            .contains("backup-paths: is required to promote: what to save first, one path a line, or `none`.")
    );
    for file in ["environments: { prod: { backup: none } }", "environments: { prod: { backup: { paths: none } } }"] {
        assert!(read(&[], Some(file)).unwrap().environments[0].backup.paths.is_empty(), "{file}");
    }
    assert!(read(&[("backup-paths", "none")], None).unwrap().environments[0].backup.paths.is_empty());
    assert_eq!(
        read(&[("backup-paths", "/srv/x")], None).unwrap().environments[0].backup.folder,
        "/var/app-state/prod/backups"
    );
    let wrong = problem(&[], Some("environments: { prod: { backup: yes please } }"));
    assert!(wrong.contains("environments.prod.backup: must be `none`, or hold `paths`, `dir` and `keep`."), "{wrong}");
    let rollback = [("mode", "rollback")];
    assert!(read(&rollback, None).is_ok(), "a rollback needs none");
}

#[test]
fn what_is_saved_does_not_hold_the_backups_the_ledger_or_itself() {
    for (paths, part) in [
        ("/", "holds the backups themselves"),
        ("/var/app-state/prod", "holds the backups themselves"),
        ("/srv\n/srv/app", "is saved already, with /srv"),
        ("/srv\n/srv", "is saved already, with /srv"),
    ] {
        let told = problem(&[("backup-paths", paths)], None);
        assert!(told.contains(part), "{paths}: {told}");
    }
    let told = problem(&[("backup-paths", "/var/app-state"), ("backup-dir", "/backups")], None);
    assert!(told.contains("holds the ledger and the locks"), "{told}");
    assert!(read(&[("backup-paths", "/srv\n/srv2")], None).is_ok());
}

#[test]
fn a_name_that_the_file_does_not_list_is_told_with_the_nearest_where_something_is_missing() {
    let file = "environments: { preprod: { app-path: /srv/pre }, prod: { app-path: /srv/prod, backup: none } }";
    let told = problem(&[("environment", "prd"), ("app-path", "")], Some(file));
    let first = told.lines().next().unwrap();
    assert_eq!(
        first,
        "environment = \"prd\": is not in /work/.github/mangetamain-deploy.yml (preprod, prod). Did you mean `prod`?"
    );
    for mode in ["deploy", "rollback", "watch"] {
        let sha = if mode == "rollback" { "" } else { SHA };
        let given = [("mode", mode), ("environment", "production"), ("app-path", ""), ("sha", sha)];
        let told = read(&given, Some(file)).map_or_else(|told| told, |config| lacking(&config)).join("\n");
        assert!(told.contains("environment = \"production\": is not in /work/"), "{mode}: {told}");
    }
    let whole = [("environment", "prd"), ("backup-paths", "none")];
    assert!(read(&whole, Some(file)).is_ok(), "inputs say everything of it");
    assert!(!problem(&[("environment", "prd")], None).contains("is not in"), "a file that lists nothing");
}

#[test]
fn a_confirmation_is_exactly_the_word() {
    let confirm = |typed: &str| read(&[("backup-paths", "none"), ("confirm", typed)], None).unwrap().request.confirm;
    assert_eq!(confirm("DEPLOY"), Confirmation::Given);
    for typed in ["", "deploy", " DEPLOY", "DEPLOY\n", "DEPLOY!", "DÉPLOY"] {
        assert_eq!(confirm(typed), Confirmation::Missing(typed.to_owned()));
    }
}

#[test]
fn a_backup_is_chosen_by_its_name_and_brings_its_own_target() {
    let request = |more: &[(&str, &str)]| {
        let more: Vec<(&str, &str)> = [("mode", "rollback")].iter().chain(more).copied().collect();
        read(&more, None).unwrap().request
    };
    let named = request(&[("backup", "20260131T134507Z-acfdb42")]);
    assert!(matches!(named.backup, Some(BackupChoice::Named(_))));
    assert_eq!(named.to, Target::OfBackup);
    assert_eq!(request(&[("backup", "latest")]).backup, Some(BackupChoice::Latest));
    assert_eq!(request(&[("backup", "latest"), ("to", "previous")]).to, Target::Previous);
    assert_eq!(request(&[]).to, Target::LastValidated);
    for backup in ["../x", "20260131T134507Z-acfdb42/..", "newest"] {
        let told = problem(&[("mode", "rollback"), ("backup", backup)], None);
        assert!(told.contains("must be `latest`, or a backup's name"), "{told}");
    }
}

#[test]
fn windows_and_the_environment_it_comes_from_are_read_with_everything_else() {
    let told = problem(
        &[("backup-paths", "none"), ("freeze", "fri 16:00 - mon 08:00 Mars/Olympus"), ("promote-from", "prod")],
        None,
    );
    assert!(told.contains("\"Mars/Olympus\" is not a name of the IANA time zone database."), "{told}");
    assert!(told.contains("promote-from") && told.contains("must be another environment"), "{told}");
    let told = problem(&[("backup-paths", "none")], Some("environments: { preprod: { health: { attempts: none } } }"));
    assert!(
        told.contains("environments.preprod.health.attempts"),
        "the other environment's mistakes are told too: {told}"
    );
}

//! Who reads French reads French where the inputs are wrong: each problem in both languages, the choice of the
//! language, and the log, which stays English.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;

use crate::any_host;
use futures_util::FutureExt;
use mangetamain_deploy::config;
use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::failure::Failure;
use mangetamain_deploy::failure::problem::{Form, Misshapen, Needed, Problem, Wrong};
use mangetamain_deploy::host::{Command, Host, Publication, Reply, Start};
use mangetamain_deploy::messages::holder::holder;
use mangetamain_deploy::messages::problem::problem;
use mangetamain_deploy::messages::reason::failure;
use mangetamain_deploy::tools::needs::NoNeeds;
use mangetamain_deploy::tools::yaml::{NotRead, Refused};

#[test]
fn each_kind_of_problem_is_told_in_french() {
    let near = Some("health-url".to_owned());
    let all = [
        (
            Problem { nearest: near, ..Problem::at("helth-url", Wrong::UnknownInput) },
            "helth-url : cet input n'existe pas. Vouliez-vous dire `health-url` ?",
        ),
        (
            Problem::of("ci-timeout", "5 minutes", Wrong::Unlike(Form::Duration)),
            "ci-timeout = \"5 minutes\" : doit être un nombre entier avec son unité, comme 250ms, 10s, 5m ou 1h.",
        ),
        (
            Problem::of("watch", "sideways", Wrong::Unlike(Form::Choice(&["auto", "none"]))),
            "watch = \"sideways\" : doit être un de ces mots : auto, none.",
        ),
        (
            Problem::at("sha", Wrong::Missing(Needed::Sha)),
            "sha : manque hors d'un workflow : les 40 chiffres du commit.",
        ),
        (
            Problem::of("sha", "0123456", Wrong::NamedBy("to")),
            "sha = \"0123456\" : n'est pas lu par `rollback` : nommer la version avec `to`.",
        ),
        (
            Problem::at("needs", Wrong::Jobs(NoNeeds::NoResult)),
            "needs : contient un job sans `result`. Écrire `needs: ${{ toJSON(needs) }}` dans un job avec `needs: [...]` \
             et `if: ${{ !cancelled() }}`.",
        ),
        (
            Problem::at("/w/deploy.yml", Wrong::File(Misshapen::NoYaml(NotRead { line: 3, why: Refused::Tag }))),
            "/w/deploy.yml : n'est pas du YAML lisible : ligne 3 : les tags (`!nom`) ne sont pas acceptés ici.",
        ),
        (
            Problem::of(
                "environment",
                "prd",
                Wrong::Unlisted { file: "/w/deploy.yml".to_owned(), listed: vec!["prod".to_owned()] },
            ),
            "environment = \"prd\" : n'est pas dans /w/deploy.yml (prod).",
        ),
        (
            Problem::of(
                "promote-from",
                "preprd",
                Wrong::Unsourced { folder: "/var/app-state".to_owned(), known: vec!["preprod".to_owned()] },
            ),
            "promote-from = \"preprd\" : n'est un environnement ni du fichier de configuration, ni de /var/app-state \
             (connus : preprod).",
        ),
        (
            Problem::at("--token", Wrong::SecretTyped("GITHUB_TOKEN")),
            "--token : est un secret : tout utilisateur de cette machine pourrait le lire dans la liste des processus. \
             Le mettre dans la variable GITHUB_TOKEN.",
        ),
    ];
    for (one, wanted) in all {
        assert_eq!(problem(&one, Locale::Fr), wanted);
        assert_ne!(problem(&one, Locale::En), wanted);
    }
}

fn start(inputs: &[(&str, &str)]) -> Start {
    let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Start { door: "action".to_owned(), inputs, folder: "/w".to_owned(), ..Start::default() }
}

#[test]
fn problems_are_told_in_the_language_that_the_settings_name() {
    let english = "environments:\n  preprod: { locale: en, helth: 1 }\n  prod: {}\n";
    let broken = "defaults: { locale: en }\n- x";
    type Row<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, Locale);
    let table: &[Row<'_>] = &[
        (&[], None, Locale::Fr),
        (&[("locale", "en")], None, Locale::En),
        (&[("locale", "de")], None, Locale::En),
        (&[("environment", "preprod")], Some(english), Locale::En),
        (&[("environment", "preprod"), ("locale", "fr")], Some(english), Locale::Fr),
        (&[("environment", "prod")], Some(english), Locale::Fr),
        (&[], Some("defaults: { locale: en, helth: 1 }"), Locale::En),
        (&[], Some(broken), Locale::En),
        (&[("locale", "fr")], Some(broken), Locale::Fr),
        (&[], Some("- x"), Locale::Fr),
    ];
    for (inputs, file, wanted) in table {
        assert_eq!(config::told_in(&start(inputs), *file), *wanted, "{inputs:?} {file:?}");
    }
}

/// Keeps what is said.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Host for Log {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Say { text, .. } => self.0.borrow_mut().push(text),
            other => {
                assert!(matches!(other, Command::Read { .. } | Command::Stat { .. }), "nothing is touched: {other:?}")
            }
        }
        Reply::Missing
    }
}

fn refused(inputs: &[(&str, &str)]) -> (Publication, Vec<String>) {
    let log = Log::default();
    let publication = any_host::run(start(inputs), &log).now_or_never().expect("no waiting");
    (publication, log.0.take())
}

#[test]
fn a_step_that_is_refused_tells_people_in_french_and_its_log_in_english() {
    let (told, log) = refused(&[("mode", "deplyo")]);
    let failure = told.failure.unwrap();
    let wanted = "1 problème dans les réglages ; rien n'a été touché, aucun changement en ligne :\n- mode = \"deplyo\" : \
                  doit être deploy, watch, rollback, promote, health, report, status ou doctor. Vouliez-vous dire `deploy` ?";
    assert_eq!((failure.as_str(), told.exit), (wanted, 2));
    assert!(told.summary.contains(wanted), "{}", told.summary);
    assert!(log.len() == 1 && log[0].starts_with("1 problem in the inputs") && log[0].contains("must be deploy"));
    // In English once: the annotation is in the log already.
    let (told, log) = refused(&[("mode", "deplyo"), ("locale", "en")]);
    assert!(told.failure.unwrap().starts_with("1 problem in the inputs") && log.is_empty());
}

#[test]
fn who_holds_a_lock_is_told_in_french_and_read_as_it_was_written_in_english() {
    let all = [
        (
            "run 7.1 (deploy acfdb42, process 9, since T UTC)",
            "run 7.1 (déploiement de acfdb42, processus 9, depuis le T UTC)",
        ),
        (
            "run 7.1 (promote acfdb42, process 9, since T UTC)",
            "run 7.1 (promote de acfdb42, processus 9, depuis le T UTC)",
        ),
        (
            "run 7.1 (settling acfdb42, process 9, since T UTC)",
            "run 7.1 (suite du CI de acfdb42, processus 9, depuis le T UTC)",
        ),
        (
            "ada on the machine (rollback by hand, process 9, since T UTC)",
            "ada sur la machine (rollback à la main, processus 9, depuis le T UTC)",
        ),
        (
            "someone on the machine (status, finishing what was left, process 9, since T UTC)",
            "quelqu'un sur la machine (status, reprise de ce qui était inachevé, processus 9, depuis le T UTC)",
        ),
        (
            "run 7.1 (finishing what was left, process 9, since T UTC)",
            "run 7.1 (reprise de ce qui était inachevé, processus 9, depuis le T UTC)",
        ),
        (
            "watcher of acfdb42 (run 7.1, process 9, since T UTC)",
            "run 7.1 (suivi du CI de acfdb42, processus 9, depuis le T UTC)",
        ),
        ("health (run 7.1, process 9, since T UTC)", "run 7.1 (contrôle de santé, processus 9, depuis le T UTC)"),
        ("deploy-command (run 7.1, process 9, since T UTC)", "run 7.1 (deploy-command, processus 9, depuis le T UTC)"),
        ("another run", "une autre exécution"),
        ("a script of Ada's", "a script of Ada's"),
    ];
    for (written, french) in all {
        assert_eq!(holder(written, Locale::Fr), french);
        assert_eq!(holder(written, Locale::En), written);
    }
}

#[test]
fn a_command_that_outlives_its_run_is_told_with_what_ends_it() {
    let holder = "deploy-command (run 7.1, process 9, since T UTC)".to_owned();
    let left = Failure::Left { holder, process: 9 };
    assert_eq!(
        failure(&left, Locale::Fr),
        "run 7.1 (deploy-command, processus 9, depuis le T UTC) tourne encore, alors que son exécution a été tuée, et peut \
         encore écrire ; relancer quand elle sera terminée, ou l'arrêter sur la machine : kill -- -9 \
         (puis `rollback`, si elle ne doit pas recommencer)"
    );
    assert_eq!(
        failure(&left, Locale::En),
        "deploy-command (run 7.1, process 9, since T UTC) still runs, though its run was killed, and may yet write; run \
         again once it has ended, or end it on the machine: kill -- -9 \
         (and then `rollback`, if it is not to begin anew)"
    );
}

#[test]
fn a_lock_that_did_not_come_free_is_told_in_french_with_who_holds_it() {
    let (environment, waited_ms) = ("preprod".to_owned(), 600_000);
    let holder = "run 7.1 (deploy acfdb42, process 9, since T UTC)".to_owned();
    let told = failure(&Failure::Locked { environment, holder, waited_ms }, Locale::Fr);
    assert_eq!(
        told,
        "verrou de preprod attendu pendant 10 min, tenu par run 7.1 (déploiement de acfdb42, processus 9, depuis le \
         T UTC) ; relancer quand cette exécution sera terminée"
    );
}

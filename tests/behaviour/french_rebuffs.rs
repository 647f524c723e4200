//! What the host refuses, and answers that were not asked for: told in both languages, with nothing of our own
//! types in it; what the system said is kept as it came.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;

use crate::any_host;
use futures_util::FutureExt;
use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::failure::reason::{Astray, Attempt, Mend, Obstacle, Reason};
use mangetamain_deploy::failure::rebuff::Rebuff;
use mangetamain_deploy::failure::{Deed, Failure};
use mangetamain_deploy::host::{Command, Host, Publication, Reply, Start};
use mangetamain_deploy::ledger::disk;
use mangetamain_deploy::messages::reason::{failure, obstacle, reason, rebuff};
use mangetamain_deploy::tools::process::ProcessError;

fn refused(code: &str, text: &str) -> Reply {
    Reply::Refused { code: code.to_owned(), text: text.to_owned() }
}

#[test]
fn each_refusal_of_the_hosts_own_is_told_in_both_languages() {
    let all = [
        ("ENOTOURS", "/s", "/s n'appartient pas qu'à nous", "/s is not a file of ours alone"),
        (
            "EFOREIGN",
            "/s",
            "/s est à un autre utilisateur, qui pourrait en changer le contenu",
            "/s belongs to another user, who could change what stands in it",
        ),
        (
            "ENOFLOCK",
            "flock",
            "le programme flock (de util-linux) n'est pas installé",
            "the program flock (of util-linux) is not installed",
        ),
        ("EFLOCK", "71", "le programme flock a échoué (71)", "the program flock failed (71)"),
        ("ENOTHELD", "/s/lock", "le verrou /s/lock n'est pas à nous", "the lock /s/lock is not ours"),
        ("ENOFOLDER", "/app", "le dossier /app n'existe pas", "the folder /app does not exist"),
        (
            "EWATCHER",
            "7",
            "le watcher s'est terminé (7) avant d'être prêt",
            "the watcher ended with 7 before it was ready",
        ),
        ("EACCES", "EACCES: permission denied", "EACCES (permission denied)", "EACCES (permission denied)"),
    ];
    for (code, text, french, english) in all {
        let seen = Rebuff::from(refused(code, text));
        assert_eq!((rebuff(&seen, Locale::Fr).as_str(), rebuff(&seen, Locale::En).as_str()), (french, english));
    }
}

#[test]
fn an_answer_that_was_not_asked_for_is_a_sentence() {
    let stopped = Reply::Cancelled { signal: "SIGTERM".to_owned() };
    let all = [
        (Reply::Missing, "il n'y a rien à cet endroit"),
        (stopped, "arrêté par SIGTERM"),
        (Reply::Detached { pid: 7 }, "une réponse qui va avec une autre question, un bug de mangetamain-deploy"),
    ];
    for (reply, french) in all {
        let seen = Rebuff::from(reply.clone());
        assert_eq!(obstacle(&seen.clone().into(), Locale::Fr), french);
        let wanted = format!(
            "impossible d'écrire /s : {french} ; donner ce droit à l'utilisateur du runner, ou choisir un autre dossier avec \
             `state-dir`"
        );
        assert_eq!(failure(&disk(Deed::Write, "/s", reply), Locale::Fr), wanted);
        for locale in [Locale::Fr, Locale::En] {
            let told = rebuff(&seen, locale);
            assert!(!told.contains(['{', '"']) && !told.contains("Detached"), "{told}");
        }
    }
}

#[test]
fn what_a_step_met_is_told_in_french() {
    let unwritten = Obstacle::Unwritten("/g/owner".to_owned(), refused("ENOTOURS", "/g/owner").into());
    let locked = Astray::LockStands { lock: "/g/index.lock".to_owned(), seen: Rebuff::Odd };
    let all = [
        (unwritten, "impossible d'écrire /g/owner : /g/owner n'appartient pas qu'à nous"),
        (
            locked.into(),
            "/g/index.lock empêche git de travailler : une réponse qui va avec une autre question, un bug de \
             mangetamain-deploy",
        ),
        (
            Astray::OddName("a\u{fffd}".to_owned()).into(),
            "« a\u{fffd} » gêne, n'est pas suivi, et son nom n'est pas en UTF-8",
        ),
    ];
    for (seen, french) in all {
        assert_eq!(obstacle(&seen, Locale::Fr), french);
    }
    let seen = Box::new(Rebuff::from(refused("ENOFOLDER", "/app")).into());
    let why = Reason::Fault { attempt: Attempt::Command("./d.sh".to_owned()), seen, mend: Mend::Unknown };
    assert_eq!(reason(&why, Locale::Fr), "exécution de ./d.sh : le dossier /app n'existe pas.");
}

#[test]
fn a_page_that_others_cannot_read_is_told_in_french() {
    let closed = Failure::Closed { path: "/w/p.html".to_owned(), fault: ProcessError::Absent };
    let wanted = "ouverture de /w/p.html à la lecture par tous (chmod) : pas installé, ou pas dans le PATH ; la page \
                  elle-même est écrite";
    assert_eq!(failure(&closed, Locale::Fr), wanted);
    assert!(failure(&closed, Locale::En).starts_with("making /w/p.html readable for everybody (chmod): "));
}

/// A machine that has nothing, and lets nothing be written.
#[derive(Default)]
struct Sealed(RefCell<Vec<String>>);

impl Host for Sealed {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Clock => Reply::Clock { ms: mangetamain_deploy::time::Millis(0) },
            Command::Replace { .. } => refused("EACCES", "permission denied"),
            Command::Say { text, .. } => {
                self.0.borrow_mut().push(text);
                Reply::Done
            }
            _ => Reply::Missing,
        }
    }
}

fn page(start: Start) -> (Publication, Vec<String>) {
    let host = Sealed::default();
    let told = any_host::run(start, &host).now_or_never().expect("no waiting");
    (told, host.0.take())
}

#[test]
fn a_page_that_cannot_be_written_is_told_in_french_and_logged_in_english() {
    let inputs = [("mode", "status"), ("locale", "fr"), ("status-page", "/w/p.html"), ("state-dir", "/s")];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let start = Start { door: "action".to_owned(), inputs, folder: "/w".to_owned(), ..Start::default() };
    let (told, log) = page(start);
    let french = "impossible d'écrire la page d'état /w/p.html : EACCES (permission denied) ; son dossier existe-t-il, et cet \
                  utilisateur peut-il y écrire ? Sinon nommer un autre fichier avec `status-page`";
    assert_eq!((told.failure.as_deref(), told.exit), (Some(french), 1));
    let english = "could not write the status page /w/p.html: EACCES (permission denied); ";
    assert!(log.iter().any(|line| line.starts_with(english)), "{log:?}");
}

#[test]
fn an_operator_is_told_once_in_a_language_of_theirs() {
    let args = "status --html /w/p.html --state-dir /s".split(' ').map(str::to_owned).collect();
    let env = [("LANG".to_owned(), "fr_FR.UTF-8".to_owned())].into();
    let start = Start { door: "command".to_owned(), args, env, folder: "/w".to_owned(), ..Start::default() };
    let (told, log) = page(start);
    assert!(told.failure.unwrap().starts_with("impossible d'écrire la page d'état /w/p.html : "));
    assert!(log.is_empty(), "{log:?}");
}

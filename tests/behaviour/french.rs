//! Who reads French reads French: each reason that a fault can have, word for word, and a net that catches
//! English words of ours. What another program said stands there as it said it.

#![allow(clippy::unwrap_used)]

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::failure::reason::{Astray, Attempt, Mend, Obstacle, Reason, Unsaved};
use mangetamain_deploy::failure::rebuff::Rebuff;
use mangetamain_deploy::failure::{Deed, Failure};
use mangetamain_deploy::host::Phase;
use mangetamain_deploy::machine::entry::Because;
use mangetamain_deploy::machine::verdict::{Absence, Denial, Doubt, Unseen};
use mangetamain_deploy::messages::ending::{Ending, Then, ending};
use mangetamain_deploy::messages::reason::{failure, reason, setback};
use mangetamain_deploy::messages::site::{Symptom, symptom};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::tools::backup::Room;
use mangetamain_deploy::tools::github::Setback;
use mangetamain_deploy::tools::health::{Expected, SiteSeen, Unwell};
use mangetamain_deploy::tools::process::ProcessError;

/// Words that only our English has.
const TELLING: &str = "expected status failed fails failing refused timed because could cannot not the this that and \
    with within answer answers answered while waiting waited run runs running nothing touched live now healthy \
    unhealthy body begins before after found holds whole read name named installed ended killed stopped";

/// The English words of ours in a text.
pub fn english(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphabetic() && letter != '\'' && letter != '-');
    words.filter(|word| TELLING.split_whitespace().any(|one| one == word.to_lowercase())).map(str::to_owned).collect()
}

/// French as it should be, with no English in it; and the English differs.
fn says(french: &str, wanted: &str, english_text: &str) {
    assert_eq!(french, wanted);
    assert_eq!(english(french), Vec::<String>::new(), "{french}");
    assert_ne!(english(english_text), Vec::<String>::new(), "{english_text}");
}

fn unwell(seen: SiteSeen, expected: Expected) -> Unwell {
    Unwell { seen, expected }
}

fn no_answer(phase: Phase, words: &str) -> Unwell {
    unwell(SiteSeen::NoAnswer { phase, words: words.to_owned() }, Expected::Status(vec![200]))
}

#[test]
fn what_a_site_answered_is_told_in_french() {
    let ok = || Expected::Status(vec![200, 204]);
    let text = || Expected::Text("mange".to_owned());
    let json = || Expected::Json { key: "status".to_owned(), value: "ok".to_owned() };
    let start = || "<html>".to_owned();
    let found = [
        (unwell(SiteSeen::Status(502), ok()), "code HTTP 502 au lieu de 200 ou 204"),
        (no_answer(Phase::Timeout, "10000 ms"), "pas de réponse complète à temps (10000 ms) ; attendu : code HTTP 200"),
        (
            no_answer(Phase::Connect, "connect ECONNREFUSED 127.0.0.1:80"),
            "connexion impossible (connect ECONNREFUSED 127.0.0.1:80) ; attendu : code HTTP 200",
        ),
        (no_answer(Phase::Resolve, "ENOTFOUND"), "nom introuvable (ENOTFOUND) ; attendu : code HTTP 200"),
        (no_answer(Phase::Network, ""), "aucun chemin vers le serveur ; attendu : code HTTP 200"),
        (
            no_answer(Phase::Tls, "CERT_HAS_EXPIRED"),
            "pas de connexion sûre (CERT_HAS_EXPIRED) ; attendu : code HTTP 200",
        ),
        (no_answer(Phase::Answer, ""), "connexion coupée avant la fin de la réponse ; attendu : code HTTP 200"),
        (no_answer(Phase::Url, ""), "adresse impossible à interroger ; attendu : code HTTP 200"),
        (
            unwell(SiteSeen::Without { start: start() }, text()),
            "texte « mange » absent ; la réponse commence par « <html> »",
        ),
        (
            unwell(SiteSeen::WithoutSoFar { bytes: 9 }, text()),
            "absent des 9 premiers octets de la réponse, les seuls lus ; attendu : le texte « mange »",
        ),
        (
            unwell(SiteSeen::NotJson { start: start() }, json()),
            "la réponse n'est pas du JSON ; elle commence par « <html> » ; attendu : « status » = « ok » en JSON",
        ),
        (unwell(SiteSeen::NoKey, ok()), "JSON sans cette clé ; attendu : code HTTP 200 ou 204"),
        (
            unwell(SiteSeen::Value { value: "ko".to_owned() }, ok()),
            "la valeur y est « ko » ; attendu : code HTTP 200 ou 204",
        ),
        (
            unwell(SiteSeen::JsonTooLong { bytes: 9 }, ok()),
            "réponse plus longue que les 9 octets lus ; attendu : code HTTP 200 ou 204",
        ),
        (unwell(SiteSeen::Circles(5), ok()), "plus de 5 redirections ; attendu : code HTTP 200 ou 204"),
        (
            unwell(SiteSeen::NoLocation(302), ok()),
            "code HTTP 302, une redirection qui ne mène nulle part ; attendu : code HTTP 200 ou 204",
        ),
        (
            unwell(SiteSeen::NotAsked { code: "EPERM".to_owned() }, ok()),
            "n'a pas pu être interrogé (EPERM) ; attendu : code HTTP 200 ou 204",
        ),
    ];
    for (found, wanted) in found {
        let quoted = symptom(&Symptom::Answer(found.clone()), Locale::Fr).replace("« status »", "");
        assert_eq!(english(&quoted), Vec::<String>::new());
        assert_eq!(symptom(&Symptom::Answer(found.clone()), Locale::Fr), wanted);
        assert_ne!(english(&symptom(&Symptom::Answer(found), Locale::En)), Vec::<String>::new());
    }
}

#[test]
fn what_containers_do_is_told_in_french() {
    let names = || vec!["web".to_owned(), "db".to_owned()];
    let found = [
        (
            Symptom::AnswerAt {
                url: "https://site/".to_owned(),
                unwell: unwell(SiteSeen::Status(502), Expected::Status(vec![200])),
            },
            "https://site/ : code HTTP 502 au lieu de 200",
        ),
        (Symptom::NotRunning(names()), "à l'arrêt : web, db (docker logs dit pourquoi)"),
        (Symptom::Old(names()), "pas redémarré par ce déploiement : web, db ; c'est l'ancienne version qui répond"),
        (Symptom::NoContainer, "aucun conteneur de ce fichier compose n'existe"),
        (Symptom::StartedAgain(names()), "redémarré par docker après un arrêt : web, db (docker logs dit pourquoi)"),
        (
            Symptom::OwnCheck { name: "web".to_owned(), said: "starting".to_owned() },
            "le contrôle de santé de docker pour web dit « starting »",
        ),
        (
            Symptom::Busy {
                holder: "octo/app".to_owned(),
                waited_ms: 120_000,
                unwell: unwell(SiteSeen::Status(502), Expected::Status(vec![200])),
            },
            "changement en cours depuis plus de 2 min (octo/app) ; code HTTP 502 au lieu de 200",
        ),
    ];
    for (found, wanted) in found {
        let english_text = format!("the {}", symptom(&found, Locale::En));
        says(&symptom(&found, Locale::Fr), wanted, &english_text);
    }
}

fn sha() -> Sha {
    Sha::parse("acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap()
}

fn fault(attempt: Attempt, seen: impl Into<Obstacle>, mend: Mend) -> Reason {
    Reason::Fault { attempt, seen: Box::new(seen.into()), mend }
}

fn ended(exit: i32) -> ProcessError {
    ProcessError::Refused { exit, tail: "boum".to_owned() }
}

#[test]
fn why_a_step_did_not_come_about_is_told_in_french() {
    let room = Room { bytes: 1_500, entries: None };
    let all = [
        (
            fault(Attempt::Containers, ended(1), Mend::RunCompose),
            "redémarrage des conteneurs : code de sortie 1 : boum. Lancer la même commande compose à la main sur cette \
             machine pour voir pourquoi.",
        ),
        (
            fault(Attempt::Containers, ProcessError::TimedOut, Mend::AskEngine),
            "redémarrage des conteneurs : pas terminé dans le délai. Docker tourne-t-il, et cet utilisateur a-t-il accès \
             à son socket ? (docker ps)",
        ),
        (
            fault(Attempt::Fetch, ended(128), Mend::ReachRemote),
            "récupération du commit : code de sortie 128 : boum. Le dépôt distant est-il joignable d'ici, et lisible par \
             cet utilisateur ? (git fetch origin) Reste-t-il de la place sur le disque ? (df -h)",
        ),
        (
            fault(Attempt::Fetch, Astray::NotKnown(sha()), Mend::PushAgain),
            "récupération du commit : le dépôt distant ne connaît pas acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa. La branche \
             a-t-elle été réécrite depuis ? Pousser de nouveau.",
        ),
        (
            fault(Attempt::Command("./deploy.sh".to_owned()), Obstacle::Exit(7, "boum".to_owned()), Mend::RunCommand),
            "exécution de ./deploy.sh : code de sortie 7\nboum. Lancer cette commande à la main dans `app-path` pour voir pourquoi ; \
             elle reçoit DEPLOY_SHA et DEPLOY_ENVIRONMENT.",
        ),
        (
            fault(Attempt::Backup, differing(room), Mend::SaveElsewhere),
            "sauvegarde : 1 copie différente de l'original (/data/a) ; 1,4 Kio libres à /sauve\nENOSPC. Ce qui est en \
             ligne n'a pas été touché. Réparer, ou choisir un autre `backup-dir`, puis relancer.",
        ),
        (
            fault(Attempt::Owner, disk(), Mend::OwnFolder("/app/.git".to_owned())),
            "recherche de l'environnement auquel ce dossier git appartient : impossible d'écrire /s : EACCES (permission denied) ; donner ce droit à \
             l'utilisateur du runner, ou choisir un autre dossier avec `state-dir`. /app/.git doit être à l'utilisateur \
             du runner.",
        ),
        (
            fault(Attempt::PutBack("refs/x/7".to_owned()), ended(1), Mend::TakeBack("git -C /app ...".to_owned())),
            "remise en place des fichiers de la machine, gardés dans refs/x/7 : code de sortie 1 : boum. L'exécution \
             continue sans eux ; à la main : git -C /app ...",
        ),
    ];
    for (why, wanted) in all {
        says(&reason(&why, Locale::Fr), wanted, &format!("the {}", reason(&why, Locale::En)));
    }
}

fn differing(room: Room) -> Unsaved {
    Unsaved::Unlike {
        count: 1,
        names: vec!["/data/a".to_owned()],
        left: Some((room, "/sauve".to_owned())),
        words: "ENOSPC".to_owned(),
    }
}

fn disk() -> Failure {
    Failure::Disk {
        deed: Deed::Write,
        path: "/s".to_owned(),
        seen: Rebuff::refused("EACCES".to_owned(), "permission denied".to_owned()),
    }
}

#[test]
fn what_keeps_a_run_from_going_on_is_told_in_french() {
    let all = [
        (
            Failure::Stopped { signal: "SIGTERM".to_owned(), attempt: Attempt::Fetch },
            "arrêté par SIGTERM (récupération du commit) ; ce qui a été commencé sera terminé ou défait par la prochaine \
             exécution",
        ),
        (
            Failure::Locked {
                environment: "preprod".to_owned(),
                holder: "octo/app run 7.1".to_owned(),
                waited_ms: 600_000,
            },
            "verrou de preprod attendu pendant 10 min, tenu par octo/app run 7.1 ; relancer quand cette exécution \
             sera terminée",
        ),
        (
            Failure::Newer { path: "/s/ledger.jsonl".to_owned(), after: 7 },
            "impossible de continuer /s/ledger.jsonl : l'entrée qui suit la n° 7 a été écrite par une version plus récente ; \
             utiliser cette version (ou une plus récente) sur cette machine",
        ),
    ];
    for (why, wanted) in all {
        let told = failure(&why, Locale::Fr);
        assert_eq!(told, wanted);
        assert_eq!(english(&told.replace("run 7.1", "")), Vec::<String>::new());
        assert_ne!(english(&why.to_string()), Vec::<String>::new(), "the log has its English");
    }
}

#[test]
fn how_a_run_ends_is_told_in_french() {
    let by_ci = |because, then| Ending::ByCi { sha: sha(), because, then };
    let unseen = |seen| Doubt::NoRunOf(Unseen { workflow: "ci.yml".to_owned(), branch: "main".to_owned(), seen });
    let doubts = [
        (Doubt::Expired, "délai dépassé"),
        (Doubt::Cancelled, "run annulé"),
        (
            Doubt::NoRun,
            "aucun run du CI pour ce commit ([skip ci] ? filtre de chemins ? push fait avec GITHUB_TOKEN ?)",
        ),
        (
            unseen(Absence::Unknown),
            "aucun run du CI pour ce commit : GitHub ne connaît ici aucun workflow ci.yml. A-t-il été renommé ? Corriger `ci-workflow`",
        ),
        (
            unseen(Absence::Off("disabled_manually".to_owned())),
            "aucun run du CI pour ce commit : le workflow ci.yml est désactivé sur GitHub (disabled_manually)",
        ),
        (
            unseen(Absence::Idle),
            "aucun run du CI pour ce commit dans ci.yml ([skip ci] ? filtre de chemins ? push fait avec GITHUB_TOKEN ?)",
        ),
        (
            unseen(Absence::OtherTrigger("merge_group".to_owned())),
            "aucun run du CI pour ce commit qui compte : celui de ci.yml a été lancé par `merge_group`, pas par `push`",
        ),
        (
            unseen(Absence::OwnRun),
            "aucun run du CI pour ce commit, sauf celui de ci.yml dont ce job fait partie, et qui ne finit qu'après lui",
        ),
        (Doubt::Unreachable(setback(&Setback::Status(503), Locale::Fr)), "GitHub a répondu par le code HTTP 503"),
        (
            Doubt::Denied(Denial::Token),
            "GitHub refuse de répondre - GitHub n'accepte pas le jeton : il a expiré, a été révoqué ou est mal recopié",
        ),
    ];
    for (doubt, wanted) in doubts {
        let told = ending(&Ending::Unvalidated(sha(), doubt), Locale::Fr);
        let whole = format!("pas de verdict du CI sur acfdb42 : {wanted}. La version reste en ligne, non validée. ");
        let next = told.strip_prefix(&whole).unwrap_or_else(|| panic!("{told}"));
        assert!(next.len() > 20, "what to do: {told}");
        assert_eq!(english(&told.replace("run ", "")), Vec::<String>::new());
    }
    let all = [
        (
            Ending::NeverDeployed(sha(), Doubt::Expired),
            "pas de verdict du CI sur acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa : délai dépassé. Ce SHA n'a jamais été \
             déployé ici : est-ce le bon ? Rien n'a été changé",
        ),
        (by_ci(Because::Ci, Then::Before(sha())), "le CI de acfdb42 a échoué, et le retour à acfdb42 était déjà fait"),
        (by_ci(Because::Ci, Then::RolledBack(sha())), "le CI de acfdb42 a échoué : retour à acfdb42"),
        (by_ci(Because::Timeout, Then::Unknown), "le CI de acfdb42 n'a pas répondu à temps"),
        (
            Ending::Quarantined(sha()),
            "acfdb42 a déjà échoué (au CI ou ici) et reste en quarantaine : rien n'a été changé. Corriger et pousser, relancer son CI \
             jusqu'au vert, ou `force: true` (dans un terminal : `--force`)",
        ),
        (
            Ending::OffBranch(sha(), "main".to_owned()),
            "acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa n'est pas sur origin/main : rien n'a été changé",
        ),
        (
            Ending::Superseded,
            "une version plus récente est en ligne ; `rollback` y revient, ou `force: true` (dans un terminal : `--force`)",
        ),
        (
            Ending::NotStayed { sha: sha(), was_live: true, why: Some("code HTTP 502".to_owned()), live: sha() },
            "acfdb42 n'est pas resté en ligne : code HTTP 502\nRetour à acfdb42",
        ),
    ];
    for (why, wanted) in all {
        says(&ending(&why, Locale::Fr), wanted, &format!("the {}", ending(&why, Locale::En)));
    }
}

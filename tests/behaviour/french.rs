//! Who reads French reads French: each reason that a fault can have, word for word, and a net that catches
//! English words of ours. What another program said stands there as it said it.

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::host::Phase;
use mangetamain_deploy::messages::site::{Symptom, symptom};
use mangetamain_deploy::tools::health::{Expected, Seen, Unwell};

/// Words that only our English has.
const TELLING: &str = "expected status failed fails failing refused timed because could cannot not the this that and \
    with within answer answers answered while waiting waited run runs running nothing touched live now healthy \
    unhealthy body begins before after found holds whole read name named installed ended killed stopped";

/// The English words of ours in a text.
fn english(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphabetic() && letter != '\'' && letter != '-');
    words.filter(|word| TELLING.split_whitespace().any(|one| one == word.to_lowercase())).map(str::to_owned).collect()
}

/// French as it should be, with no English in it; and the English differs.
fn says(french: &str, wanted: &str, english_text: &str) {
    assert_eq!(french, wanted);
    assert_eq!(english(french), Vec::<String>::new(), "{french}");
    assert_ne!(english(english_text), Vec::<String>::new(), "{english_text}");
}

fn unwell(seen: Seen, expected: Expected) -> Unwell {
    Unwell { seen, expected }
}

fn no_answer(phase: Phase, words: &str) -> Unwell {
    unwell(Seen::NoAnswer { phase, words: words.to_owned() }, Expected::Status(vec![200]))
}

#[test]
fn what_a_site_answered_is_told_in_french() {
    let ok = || Expected::Status(vec![200, 204]);
    let text = || Expected::Text("mange".to_owned());
    let json = || Expected::Json { key: "status".to_owned(), value: "ok".to_owned() };
    let start = || "<html>".to_owned();
    let found = [
        (unwell(Seen::Status(502), ok()), "code HTTP 502 ; attendu : code HTTP 200 ou 204"),
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
            unwell(Seen::Without { start: start() }, text()),
            "absent de la réponse, qui commence par \"<html>\" ; attendu : le texte \"mange\"",
        ),
        (
            unwell(Seen::WithoutSoFar { bytes: 9 }, text()),
            "absent des 9 premiers octets de la réponse, les seuls lus ; attendu : le texte \"mange\"",
        ),
        (
            unwell(Seen::NotJson { start: start() }, json()),
            "la réponse n'est pas du JSON ; elle commence par \"<html>\" ; attendu : \"status\" = \"ok\" en JSON",
        ),
        (unwell(Seen::NoKey, ok()), "JSON sans cette clé ; attendu : code HTTP 200 ou 204"),
        (
            unwell(Seen::Value { value: "ko".to_owned() }, ok()),
            "la valeur y est \"ko\" ; attendu : code HTTP 200 ou 204",
        ),
        (
            unwell(Seen::JsonTooLong { bytes: 9 }, ok()),
            "réponse plus longue que les 9 octets lus ; attendu : code HTTP 200 ou 204",
        ),
        (unwell(Seen::Circles(5), ok()), "plus de 5 redirections ; attendu : code HTTP 200 ou 204"),
        (
            unwell(Seen::NoLocation(302), ok()),
            "code HTTP 302, une redirection qui ne mène nulle part ; attendu : code HTTP 200 ou 204",
        ),
        (
            unwell(Seen::NotAsked { code: "EPERM".to_owned() }, ok()),
            "n'a pas pu être interrogé (EPERM) ; attendu : code HTTP 200 ou 204",
        ),
    ];
    for (found, wanted) in found {
        let quoted = symptom(&Symptom::Answer(found.clone()), Locale::Fr).replace("\"status\"", "");
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
                unwell: unwell(Seen::Status(502), Expected::Status(vec![200])),
            },
            "https://site/ : code HTTP 502 ; attendu : code HTTP 200",
        ),
        (Symptom::NotRunning(names()), "à l'arrêt : web, db (docker logs dit pourquoi)"),
        (Symptom::Old(names()), "pas redémarré par ce déploiement : web, db ; c'est l'ancienne version qui répond"),
        (Symptom::NoContainer, "aucun conteneur de ce fichier compose n'existe"),
        (Symptom::StartedAgain, "un conteneur a redémarré depuis le contrôle précédent (docker logs dit pourquoi)"),
        (
            Symptom::OwnCheck { name: "web".to_owned(), said: "starting".to_owned() },
            "le contrôle de santé de docker pour web dit « starting »",
        ),
        (
            Symptom::Busy {
                holder: "octo/app".to_owned(),
                waited_ms: 120_000,
                unwell: unwell(Seen::Status(502), Expected::Status(vec![200])),
            },
            "changement en cours depuis plus de 2 min 00 s (octo/app) ; code HTTP 502 ; attendu : code HTTP 200",
        ),
    ];
    for (found, wanted) in found {
        let english_text = format!("the {}", symptom(&found, Locale::En));
        says(&symptom(&found, Locale::Fr), wanted, &english_text);
    }
}

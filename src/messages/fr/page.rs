//! La page d'état. The status page in French; `en::page` says the same.

use super::counted;
use crate::environment::Locale;
use crate::messages::page::Words;
use crate::page::verdict::Overall;

/// Its words.
pub const WORDS: Words = Words {
    locale: Locale::Fr,
    title: "État des environnements",
    made: "Relevé du",
    nothing: "Aucun environnement : rien n'a encore été déployé ici.",
    rows: [
        "En ligne",
        "Dernière validée",
        "En attente",
        "En cours",
        "Inachevé",
        "Dernière demande",
        "Santé",
        "Registre",
    ],
    none: "rien",
    since: "depuis le",
    found: "le clone, déplacé à la main, est sur",
    none_left: "plus aucune ; en quarantaine :",
    baseline: "aucune ; au départ",
    followed: ["un processus à part", "le job", "un événement", "personne"],
    standings: ["répond bien", "EN PANNE", "répond, mais une autre version", "pas encore vérifiée par le mode health"],
    before_live: "avant ce déploiement",
    heads: ["Sept jours, heure par heure", "Temps de réponse", "Déploiements", "Chiffres"],
    hours: ["non vérifié", "répond", "lent", "en panne"],
    hours_note: "Une case par heure (UTC), la pire vérification l'emporte. Lent : plus de 1 s, et plus de trois fois la médiane de la semaine.",
    marks: ["validée", "pas validée", "en échec", "déploiement", "retour arrière", "exposition"],
    ways: [
        "en ligne auparavant",
        "posée à la main",
        "remise en place",
        "déploiement",
        "promotion",
        "retour automatique",
        "retour à la main",
    ],
    faults: ["CI en échec", "en échec à la mise en ligne", "retirée à la main"],
    table: ["Quand (UTC)", "Version", "Comment", "Résultat", "En ligne pendant"],
    results: ["validée", "en ligne, pas encore validée", "remplacée sans validation"],
    still: "toujours en ligne",
    figures: [
        "Déploiements par semaine",
        "Délai du commit à la mise en ligne",
        "Taux d'échec des changements",
        "Temps de rétablissement",
        "Exposition",
    ],
    definitions: [
        "Déploiements et promotions mis en ligne, ramenés à sept jours.",
        "Médiane, de la date du commit au moment où il répond bien en ligne.",
        "Déploiements dont le CI a échoué, qui ont échoué à la mise en ligne, ou qu'on a retirés à la main.",
        "Médiane, du moment où l'échec est connu au moment où une bonne version est en ligne.",
        "Durée totale pendant laquelle une version en échec était en ligne.",
    ],
    figure_heads: ["Chiffre", "4 dernières semaines", "4 précédentes", "Définition"],
    first_day: "1er",
    months: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    days: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    just_now: "moins d'une minute",
    day: "j",
    point: ',',
    verdict,
    shown: |shown, all| match (shown, all) {
        (_, 0) => "Aucun.".to_owned(),
        (_, 1) => "Le seul.".to_owned(),
        (1, _) => format!("Le dernier sur {all}."),
        _ if shown == all => format!("Les {all}."),
        _ => format!("Les {shown} derniers sur {all}."),
    },
    older: |shown, all| match (shown, all) {
        (_, 0) => "aucun précédent".to_owned(),
        (_, 1) => "le précédent".to_owned(),
        _ if shown == all => format!("les {all} précédents"),
        _ => format!("{shown} des {all} précédents"),
    },
    uptime: |share, checks| {
        format!("{share} % de bonnes réponses ({})", counted(checks as u64, "vérification", "vérifications"))
    },
    times: |usual, slowest| format!("médiane {usual}, la plus lente {slowest}"),
    day_told: |day, [unchecked, up, slow, down]| {
        format!("{day} : {up} h répond, {slow} h lent, {down} h en panne, {unchecked} h non vérifié")
    },
    ago: |age| format!("il y a {age}"),
    until: |at, left| format!("jusqu'au {at} UTC (encore {left})"),
    overdue: |at, late| format!("aurait dû finir le {at} UTC, il y a {late}"),
    timeline_told: |from, stays, failed| {
        format!("Depuis le {from} : {} en ligne, dont {failed} en échec", counted(stays as u64, "version", "versions"))
    },
    put: |path, size| format!("page d'état : {path} ({size} ko)"),
    would_put: |path, size| format!("essai à blanc : une page d'état de {size} ko serait mise dans {path}"),
    more: |count| format!("et {}, sans panne", counted(count as u64, "autre adresse", "autres adresses")),
};

fn verdict(verdict: &Overall) -> (&'static str, String) {
    let (word, text) = match verdict {
        Overall::Down(ill, 1) if *ill == 1 => ("En panne", "Le site ne répond pas comme il faut."),
        Overall::Down(ill, all) => {
            let (which, answer) = if *ill < 2 { ("adresse", "répond") } else { ("adresses", "répondent") };
            return ("En panne", format!("{ill} {which} sur {all} ne {answer} pas comme il faut."));
        }
        Overall::Failing => (
            "Version en échec",
            "La version en ligne a échoué et y reste : quelqu'un doit revenir en arrière ou réparer.",
        ),
        Overall::Uncertain => (
            "Pas certain",
            "Une mise en place n'a pas pu être finie : le clone et ce qui tourne peuvent différer. Relancer, ou revenir en arrière.",
        ),
        Overall::Problem(why) => return ("État incertain", why.clone()),
        Overall::Moved => ("Déplacé à la main", "Le clone n'est plus à la version que le registre dit en ligne."),
        Overall::Unfinished => ("Inachevé", "Un changement a été commencé, et personne n'y travaille plus."),
        Overall::Overdue => ("CI en retard", "La version est en ligne ; son CI aurait déjà dû répondre."),
        Overall::AtWork => ("Changement en cours", "Quelqu'un modifie cet environnement en ce moment."),
        Overall::Awaiting => ("CI en cours", "La version est en ligne ; son CI tourne encore."),
        Overall::Unvalidated => ("Pas validée", "La version en ligne n'a pas été validée par son CI."),
        Overall::Unseen => {
            ("Pas vérifié", "La version en ligne est validée ; le site n'a pas été vérifié depuis plus de 3 h.")
        }
        Overall::Unchecked(never, all) => return ("Validée", unchecked(*never, *all)),
        Overall::Empty => ("Rien encore", "Rien n'a encore été déployé ici."),
        Overall::Well => ("Tout va bien", "La version en ligne est validée, et rien ne va mal."),
    };
    (word, text.to_owned())
}

/// That so many targets were never checked, of so many.
fn unchecked(never: usize, all: usize) -> String {
    let which = match (never, all) {
        (1, 1) => "le site".to_owned(),
        (1, _) => format!("1 adresse sur {all}"),
        _ => format!("{never} adresses sur {all}"),
    };
    format!("La version en ligne est validée ; le mode health n'a pas encore vérifié {which}.")
}

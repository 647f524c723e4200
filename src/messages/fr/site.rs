//! Ce qu'un contrôle a trouvé. What a check found, in French; `en::site` says the same.

use super::span;
use crate::environment::Locale;
use crate::host::Phase;
use crate::messages::fr::quoted::quoted;
use crate::messages::holder::holder as told;
use crate::messages::reason::reason;
use crate::messages::site::Symptom;
use crate::tools::health::{Expected, SiteSeen, Unwell, shown};

/// What a check found wrong.
pub fn symptom(found: &Symptom) -> String {
    match found {
        Symptom::Answer(found) => unwell(found),
        Symptom::AnswerAt { url, unwell: found } => format!("{url} : {}", unwell(found)),
        Symptom::Busy { holder, waited_ms, unwell: found } => {
            format!(
                "changement en cours depuis plus de {} ({}) ; {}",
                span(*waited_ms),
                told(holder, Locale::Fr),
                unwell(found)
            )
        }
        Symptom::StartedAgain(names) => {
            format!("redémarré par docker après un arrêt : {} (docker logs dit pourquoi)", names.join(", "))
        }
        Symptom::OwnCheck { name, said } => format!("le contrôle de santé de docker pour {name} dit « {said} »"),
        Symptom::NotRunning(names) => format!("à l'arrêt : {} (docker logs dit pourquoi)", names.join(", ")),
        Symptom::Old(names) => {
            format!("pas redémarré par ce déploiement : {} ; c'est l'ancienne version qui répond", names.join(", "))
        }
        Symptom::NoContainer => "aucun conteneur de ce fichier compose n'existe".to_owned(),
        Symptom::NotTold(why) => reason(why, Locale::Fr),
    }
}

/// What was seen, and what was expected.
pub fn unwell(found: &Unwell) -> String {
    match (&found.seen, &found.expected) {
        (SiteSeen::Status(status), Expected::Status(codes)) => format!("code HTTP {status} au lieu de {}", any(codes)),
        (SiteSeen::Without { start }, Expected::Text(text)) => {
            format!("texte {} absent ; la réponse commence par {}", quoted(shown(text)), quoted(start))
        }
        (other, wanted) => format!("{} ; attendu : {}", seen(other), expected(wanted)),
    }
}

fn seen(seen: &SiteSeen) -> String {
    match seen {
        SiteSeen::NoAnswer { phase, words } if words.is_empty() => far(*phase).to_owned(),
        SiteSeen::NoAnswer { phase, words } => format!("{} ({words})", far(*phase)),
        SiteSeen::NotAsked { code } => format!("n'a pas pu être interrogé ({code})"),
        SiteSeen::Status(status) => format!("code HTTP {status}"),
        SiteSeen::NoLocation(status) => format!("code HTTP {status}, une redirection qui ne mène nulle part"),
        SiteSeen::Circles(hops) => format!("plus de {hops} redirections"),
        SiteSeen::Without { start } => format!("absent de la réponse, qui commence par {}", quoted(start)),
        SiteSeen::WithoutSoFar { bytes } => format!("absent des {bytes} premiers octets de la réponse, les seuls lus"),
        SiteSeen::NotJson { start } => {
            format!("la réponse n'est pas du JSON ; elle commence par {}", quoted(start))
        }
        SiteSeen::JsonTooLong { bytes } => format!("réponse plus longue que les {bytes} octets lus"),
        SiteSeen::NoKey => "JSON sans cette clé".to_owned(),
        SiteSeen::Value { value } => format!("la valeur y est {}", quoted(value)),
    }
}

pub(super) fn far(phase: Phase) -> &'static str {
    match phase {
        Phase::Url => "adresse impossible à interroger",
        Phase::Resolve => "nom introuvable",
        Phase::Network => "aucun chemin vers le serveur",
        Phase::Connect => "connexion impossible",
        Phase::Tls => "pas de connexion sûre",
        Phase::Answer => "connexion coupée avant la fin de la réponse",
        Phase::Timeout => "pas de réponse complète à temps",
    }
}

fn any(codes: &[u16]) -> String {
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ou ")
}

fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Status(codes) => format!("code HTTP {}", any(codes)),
        Expected::Text(text) => format!("le texte {}", quoted(shown(text))),
        Expected::Json { key, value } => format!("{} = {} en JSON", quoted(shown(key)), quoted(shown(value))),
    }
}

//! Surveillance. Of health checks, in French; `en::health` says the same.

use super::site::symptom;
use super::{counted, span};
use crate::messages::health::{Alert, AlertKind, AlertTarget, Watchfulness, Words, address};
use crate::time::utc;
use crate::tools::health_log::{Line, Standing};
use crate::tools::health_news::STEADY_FROM;

/// The summary's words.
pub const WORDS: Words = Words {
    heads: ["Environnement", "Cible", "Résultat", "Latence", "Médiane 24 h", "Certificat (jours)"],
    standings: [
        "✅ en ligne",
        "🔴 DOWN",
        "🟠 autre version",
        "⏸️ non contrôlée",
        "❔ non contrôlable d'ici",
        "⏸️ non contrôlé : pas d'URL",
    ],
};

/// The summary's title.
pub fn title(up: usize, ill: usize, unknown: usize) -> String {
    let unknown = match unknown {
        0 => String::new(),
        _ => format!(", {}", counted(unknown as u64, "non contrôlée", "non contrôlées")),
    };
    let targets = |count: usize| counted(count as u64, "cible", "cibles");
    match ill {
        0 => format!("Santé : {} en ligne{unknown}", targets(up)),
        _ => format!("Santé : {} DOWN, {up} en ligne{unknown}", targets(ill)),
    }
}

/// The first line of an alert.
pub fn headline(kind: AlertKind, label: &str) -> String {
    match kind {
        AlertKind::Down => format!("🚨 {label} - Site DOWN"),
        AlertKind::Stale => format!("🟠 {label} - Une autre version répond"),
        AlertKind::Flapping => format!("🔁 {label} - Site instable"),
        AlertKind::Recovered => format!("✅ {label} - Site de nouveau en ligne"),
        AlertKind::Fresh => format!("✅ {label} - La bonne version répond"),
        AlertKind::Steady => format!("✅ {label} - Site stable à nouveau"),
        AlertKind::Certificate => format!("🔐 {label} - Certificat bientôt expiré"),
    }
}

/// The line of one target.
pub fn target(kind: AlertKind, one: &AlertTarget, quote: &dyn Fn(&str) -> String) -> String {
    let url = address(&one.url, quote);
    let down = one.down_ms.map(|ms| format!(", depuis {}", span(ms))).unwrap_or_default();
    let seen = one.why.as_ref().map(|found| quote(&symptom(found)));
    // Of an outage that began longer ago than is remembered, no length is known.
    let lasted =
        |what: &str| one.down_ms.map_or("répond bien".to_owned(), |ms| format!("{what} pendant {}", span(ms)));
    match kind {
        AlertKind::Down | AlertKind::Stale => format!("{url} : {}{down}", seen.unwrap_or_default()),
        AlertKind::Recovered => format!("{url} : {}", lasted("DOWN")),
        AlertKind::Fresh => format!("{url} : {}", lasted("une autre version a répondu")),
        AlertKind::Steady => format!("{url} : {STEADY_FROM} contrôles réussis de suite"),
        AlertKind::Flapping => {
            let now = seen.map_or("répond".to_owned(), |seen| format!("DOWN ({seen})"));
            format!("{url} : {} changements en 24 h ; en ce moment : {now}", one.changes)
        }
        AlertKind::Certificate => {
            let (ends, days) = one.certificate.unwrap_or_default();
            format!("{url} : expire dans {}, le {} UTC", counted(days, "jour", "jours"), utc(ends))
        }
    }
}

/// Where targets are left out.
pub fn more(left: usize) -> String {
    format!("... et {}", counted(left as u64, "autre cible", "autres cibles"))
}

/// What follows the targets.
pub fn rest(alert: &Alert, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let live = alert.live.as_ref().map(|sha| format!("SHA en ligne: {}", sha.short()));
    let compose =
        |words: &str| alert.compose_file.as_ref().map(|file| format!("docker compose -f {} {words}", quote(file)));
    let mut lines = Vec::new();
    match alert.kind {
        AlertKind::Down => {
            lines.extend(live);
            let compose = compose("logs --tail 50").map(|command| format!(", {command}")).unwrap_or_default();
            lines.push(format!("➡️ Sur la machine : mangetamain-deploy status{}{compose}", alert.state_option));
        }
        AlertKind::Stale => {
            lines.extend(alert.live.as_ref().map(|sha| format!("SHA attendu: {}", sha.short())));
            lines.extend(compose("restart").map(|command| format!("➡️ Sur la machine : {command}")));
        }
        AlertKind::Flapping => {
            lines.push(format!("Aucun autre message avant {STEADY_FROM} contrôles identiques de suite"));
        }
        AlertKind::Certificate => {
            lines.push("➡️ Renouveler le certificat, et vérifier le renouvellement automatique".to_owned())
        }
        AlertKind::Recovered | AlertKind::Fresh | AlertKind::Steady => lines.extend(live),
    }
    lines
}

/// Of the checking itself.
pub fn watchfulness(told: &Watchfulness, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match told {
        Watchfulness::Blind { url, why, last } => vec![
            "⚠️ Surveillance - Contrôle impossible".to_owned(),
            format!("Aucune cible n'est joignable depuis cette machine : {}", quote(&format!("{url} : {}", symptom(why)))),
            "Ce n'est pas un DOWN : rien n'a pu être contrôlé. Prochain message quand quelque chose répond".to_owned(),
            last.map_or("Aucun contrôle avant celui-ci".to_owned(), |at| format!("Dernier contrôle : {} UTC", utc(at))),
            "➡️ Réseau et DNS de la machine".to_owned(),
        ],
        Watchfulness::Missed(missed) => vec![
            format!("⚠️ Surveillance - {}", counted(missed.count, "contrôle manqué", "contrôles manqués")),
            format!("Dernier contrôle : {} UTC, il y a {}", utc(missed.last), span(missed.gap_ms)),
            format!("D'habitude : un contrôle toutes les {}", span(missed.usual_ms)),
            "➡️ Le runner est-il en ligne ? GitHub retarde ou saute des planifications, et les arrête après 60 jours sans activité"
                .to_owned(),
        ],
    }
}

/// That so many targets of so many are not healthy.
pub fn failed(count: usize, ill: usize) -> String {
    format!("{}, dont {ill} en mauvaise santé", counted(count as u64, "cible contrôlée", "cibles contrôlées"))
}

/// One of them.
pub fn failed_target(name: &str, line: &Line, tries: u32) -> String {
    let word = if line.result == Standing::Down { "DOWN" } else { "une autre version répond" };
    let tries = counted(u64::from(tries), "essai", "essais");
    let since = line.since.map(|since| format!(", depuis le {} UTC", utc(since))).unwrap_or_default();
    format!("- {name} {} : {word} après {tries}{since} : {}", line.url, line.why)
}

/// What to do then.
pub fn what_to_do(option: &str, commands: &str) -> String {
    format!(
        "À faire : `mangetamain-deploy status{option}` sur la machine, puis les journaux du site (docker compose logs). Une mauvaise version s'annule par {commands}"
    )
}

/// After what cut the checks short.
pub const UNJUDGED: &str = " ; aucun site n'a été jugé";

//! Surveillance. Of health checks, in French; `en::health` says the same.

use super::site::symptom;
use super::{counted, span};
use crate::messages::health::{Alert, AlertKind, AlertTarget, Watchfulness, Words, address};
use crate::messages::in_block;
use crate::time::utc;
use crate::tools::health_log::{CheckRecord, TargetStatus};
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

/// The summary's title; of what is ill, so many are down, and so many answer as another version.
pub fn title(up: usize, down: usize, stale: usize, unknown: usize) -> String {
    let targets = |count: usize| counted(count as u64, "cible", "cibles");
    let mut parts = Vec::new();
    parts.extend((down > 0).then(|| format!("{} DOWN", targets(down))));
    parts.extend((stale > 0).then(|| format!("{} où une autre version répond", targets(stale))));
    match (down, stale) {
        (0, 0) => parts.push(format!("{} en ligne", targets(up))),
        // Another version answers, too: that nothing is up would not be so.
        _ => parts.extend((up > 0 || stale == 0).then(|| format!("{up} en ligne"))),
    }
    parts.extend((unknown > 0).then(|| counted(unknown as u64, "non contrôlée", "non contrôlées")));
    format!("Santé : {}", parts.join(", "))
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
pub fn rest(alert: &Alert) -> Vec<String> {
    let live = alert.live.as_ref().map(|sha| format!("SHA en ligne: {}", sha.short()));
    let mut lines = Vec::new();
    match alert.kind {
        AlertKind::Down => {
            lines.extend(live);
            lines.extend(in_block("➡️ Sur la machine :", &alert.commands));
        }
        AlertKind::Stale => {
            lines.extend(alert.live.as_ref().map(|sha| format!("SHA attendu: {}", sha.short())));
            lines.extend(in_block("➡️ Sur la machine :", &alert.commands));
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
        Watchfulness::Sighted(ms) => vec![
            "✅ Surveillance - De nouveau possible".to_owned(),
            format!("Rien n'a pu être contrôlé pendant {}", span(*ms)),
        ],
        Watchfulness::Missed(missed) => vec![
            format!("⚠️ Surveillance - {}", counted(missed.count, "contrôle manqué", "contrôles manqués")),
            format!("Dernier contrôle : {} UTC, il y a {}", utc(missed.last), span(missed.gap_ms)),
            format!("Intervalle habituel : {}", span(missed.usual_ms)),
            "➡️ Le runner est-il en ligne ? GitHub retarde ou saute des planifications, et les arrête après 60 jours sans activité"
                .to_owned(),
        ],
    }
}

/// That so many targets of so many are not healthy.
pub fn failed(count: usize, ill: usize) -> String {
    let all = counted(count as u64, "cible contrôlée", "cibles contrôlées");
    match ill == count {
        true if count == 1 => format!("{all}, en mauvaise santé"),
        true => format!("{all}, toutes en mauvaise santé"),
        false => format!("{all}, dont {ill} en mauvaise santé"),
    }
}

/// One of them.
pub fn failed_target(name: &str, line: &CheckRecord, tries: u32) -> String {
    let word = if line.result == TargetStatus::Down { "DOWN" } else { "une autre version répond" };
    let tries = counted(u64::from(tries), "essai", "essais");
    let since = line.since.map(|since| format!(", depuis le {} UTC", utc(since))).unwrap_or_default();
    format!("- {name} {} : {word} après {tries}{since} : {}", line.url, line.why)
}

/// What to do then.
pub fn what_to_do(option: &str, commands: &str) -> String {
    let back = match commands {
        "" => String::new(),
        commands => format!(". Pour revenir à la version d'avant : {commands}"),
    };
    format!("À faire : `mangetamain-deploy status{option}` sur la machine, puis les journaux du site{back}")
}

/// After what cut the checks short.
pub const UNJUDGED: &str = " ; aucun site n'a été jugé";

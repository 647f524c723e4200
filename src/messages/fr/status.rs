//! `status` in French; `en::status` says the same.

use super::holder::who;
use super::{counted, span};
use crate::environment::Locale;
use crate::machine::entry::Refusal;
use crate::machine::known::Known;
use crate::machine::{Ask, Outcome};
use crate::messages::holder::holder as told;
use crate::messages::status::{Awaited, Closed, Means, Rows, first};
use crate::page::week::Target;
use crate::time::{Millis, utc};
use crate::tools::health_log::TargetStatus;

/// A terminal's lines.
pub const ROWS: Rows = Rows {
    problem: "problème",
    live: "en ligne",
    tree: "clone",
    health: "santé",
    validated: "validée",
    pending: "en attente",
    unfinished: "inachevé",
    under_way: "en cours",
    lock: "verrou",
    watcher: "watcher",
    quarantine: "quarantaine",
    undone: "annulé",
    files: "fichiers",
    set_aside: "illisible",
    unrestored: |name| format!("ceux de la sauvegarde {name} ne sont pas remis : rollback --backup {name}"),
    standings: ["validée", "non validée", "EN ÉCHEC"],
    free: "libre",
    nobody: "aucun",
    unknown: "rien n'est encore connu",
    time_is_up: "délai dépassé",
    nothing: |has_file, folder| match has_file {
        true => format!("aucun environnement : rien dans le fichier de configuration, rien dans {folder}"),
        false => format!(
            "aucun environnement connu dans {folder} : rien n'y a encore été déployé (ailleurs : `--state-dir`, ou `--config`)"
        ),
    },
    live_since: |since, ago_ms, (known_by, is_ill)| {
        format!("depuis le {since} UTC, il y a {} ; {}", span(ago_ms), known(known_by, is_ill))
    },
    moved: |sha| {
        format!(
            "sur {sha}, déplacé à la main ; la prochaine exécution qui y touche prendra cette version pour celle en ligne"
        )
    },
    none_left: |sha| format!("plus aucune ; {sha} a échoué depuis, et reste en quarantaine"),
    baseline: |sha| format!("rien encore ; au départ {sha} (pas validée)"),
    left: |ms| format!("encore {}", span(ms)),
    due: |sha| format!("retour à {sha} (dû ; cette exécution n'a pas pu le faire)"),
    unfollowed: |sha| format!("CI de {sha} : personne ne le suit ; la prochaine exécution en lira le résultat"),
    awaited: |sha, until, left| format!("CI de {sha} jusqu'au {until} UTC ({left})"),
    unfinished_since: |asked, since, by| format!("{asked} depuis le {since} UTC, demandé par {}", who(by)),
    took: |ms, by| format!("(en {}, {})", span(ms), who(by)),
};

/// How it is known what is live; where a check has found it ill since, that it was healthy is past.
pub(super) fn known(by: Known, is_ill: bool) -> &'static str {
    match by {
        Known::Baseline => "déjà là au départ",
        Known::Found => "trouvée dans le clone",
        Known::Ill => "mise en place, ne répond pas bien",
        Known::Placed => "mise dans le clone, on ne sait pas ce qui tourne",
        Known::Mixed => "dans le clone avec des fichiers d'une autre version, on ne sait pas ce qui tourne",
        Known::Unchecked => "déployée, rien n'est contrôlé",
        Known::Healthy if is_ill => "répondait bien au déploiement",
        Known::Healthy => "déployée, répond bien",
    }
}

/// What was asked.
pub fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Deploy { sha, .. } => format!("déploiement de {}", sha.short()),
        Ask::Promote { sha, .. } => format!("promote de {}", sha.short()),
        Ask::Rollback { to, .. } => format!("retour à {}", to.short()),
    }
}

/// What is waited for, and until when.
pub fn waits(what: &Awaited<'_>, until: &str) -> String {
    let what = match what {
        Awaited::Ci(sha, status) => {
            let word = match *status {
                "" => "pas encore de run",
                "in_progress" => "en cours",
                "queued" | "requested" | "waiting" | "pending" => "en file d'attente",
                other => other,
            };
            format!("CI de {} : {word}", sha.short())
        }
        Awaited::Lock(holder) => format!("le verrou, tenu par {}", told(holder, Locale::Fr)),
        Awaited::Health(why) => format!("santé : {why}"),
    };
    format!("… jusqu'à {until} UTC : {what}")
}

/// The question before production goes back.
pub fn question(label: &str, live: &str, to: &str, means: Means, backup: Option<&str>) -> String {
    let files = backup.map_or(String::new(), |name| format!(", avec les fichiers de la sauvegarde {name}"));
    match means {
        Means::Check => {
            format!("{label} : {to} est déjà en ligne ; la remettre en place si elle ne répond pas bien ? [o/N] ")
        }
        Means::Anew => format!("{label} : {to} est déjà en ligne ; la remettre en place{files} ? [o/N] "),
        Means::Replace => format!("{label} : remettre {to} en ligne à la place de {live}{files} ? [o/N] "),
    }
}

/// That there was nobody to ask.
pub fn unasked(name: &str) -> String {
    format!(
        "un retour en arrière de {name} demande une confirmation, et il n'y a pas de terminal pour la donner : ajouter --yes. Rien n'a été touché"
    )
}

/// That the answer was no.
pub const DECLINED: &str = "pas confirmé : rien n'a été touché";

/// That it is not what was asked about any more.
pub fn changed(live: &str) -> String {
    format!(
        "la situation a changé depuis la question ({live} est en ligne maintenant) : ce rollback n'est pas fait. Regarder `status`, puis relancer"
    )
}

/// How it ended.
pub fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Deployed => "mis en ligne".to_owned(),
        Outcome::Unchanged => "rien à changer".to_owned(),
        Outcome::Superseded => "dépassé par une version plus récente".to_owned(),
        Outcome::Refused { why: Refusal::OffBranch } => "refusé : pas sur la branche".to_owned(),
        Outcome::Refused { why: Refusal::Quarantined } => "refusé : en quarantaine".to_owned(),
        Outcome::Refused { why: Refusal::Unready { why } } => format!("refusé : {}", first(why)),
        Outcome::Unhealthy { why } => format!("ne répond pas bien : {}", first(why)),
        Outcome::RolledBack => "réussi".to_owned(),
        Outcome::Guarded { paths } => format!("pas de rollback, chemins protégés : {}", paths.join(", ")),
        Outcome::Failed { why } => format!("échec : {}", first(why)),
        Outcome::Stuck { why } => format!("bloqué : {}", first(why)),
        Outcome::Interrupted => "interrompu, sans suite".to_owned(),
    }
}

/// That so many lines of a ledger cannot be read.
pub fn set_aside(lines: u64) -> String {
    format!("{} dans le registre", counted(lines, "ligne illisible", "lignes illisibles"))
}

/// That a ledger holds so many lines that cannot be read, and no other.
pub fn foreign(path: &str, lines: u64) -> String {
    format!(
        "{path} contient {} et rien de lisible : est-ce un registre ? Ce qui a été déployé n'est pas connu ; remettre le bon fichier, ou écarter celui-ci",
        counted(lines, "ligne illisible", "lignes illisibles")
    )
}

/// That a folder of state is closed to this user.
pub fn closed(closed: &Closed<'_>) -> String {
    let whose = closed.owner.map_or_else(String::new, |owner| format!(" est à {owner} et"));
    format!("{}{whose} ne s'ouvre pas à cet utilisateur : {}", closed.folder, closed.command())
}

/// What the newest check found a target to be, and when.
pub fn checked(target: &Target, past: bool, now: Millis) -> String {
    let Some(last) = &target.last else {
        return format!("{} : pas encore vérifiée par le mode health", target.url);
    };
    let word = match last.result {
        TargetStatus::Down => "DOWN",
        TargetStatus::Stale => "une autre version répond",
        TargetStatus::Up => "en ligne",
        TargetStatus::Busy | TargetStatus::Blind => "pas contrôlée",
    };
    let since = last.since.map_or_else(String::new, |since| format!(" depuis le {} UTC", utc(since)));
    let ms = last.ms.map_or_else(String::new, |ms| format!(" en {ms} ms"));
    let why = if last.why.is_empty() { String::new() } else { format!(" - {}", first(&last.why)) };
    let before = if past { ", avant ce déploiement" } else { "" };
    let at = format!("contrôlée le {} UTC, il y a {}", utc(last.at), span(now.since(last.at)));
    format!("{} : {word}{since}{ms}, {at}{before}{why}", target.url)
}

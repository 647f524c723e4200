//! Chaque phrase en français. Every sentence in French; `en` says the same.

pub mod backup;
pub mod choice;
pub mod ci;
pub mod digest;
pub mod doctor;
pub mod doubt;
pub mod ending;
pub mod health;
pub mod help;
pub mod holder;
pub mod ill;
pub mod judged;
pub mod log;
pub mod page;
pub mod plan;
pub mod problem;
pub mod promote;
pub mod quoted;
pub mod reason;
pub mod report;
pub mod settings;
pub mod site;
pub mod status;

pub use choice::{follower, ground, strategy};

use super::judged::Judged;
use super::notice::{Before, Notice, NoticeKind};
use super::promotion::headline_label;
use crate::environment::Environment;
use crate::machine::Step;
use crate::machine::entry::{Because, Commit, Refusal};
use crate::messages::ending::{Left, sentence};
use crate::report::summary::Words;
use crate::time::{Millis, utc};

/// The job's summary.
pub const SUMMARY: Words = Words {
    live: "En ligne :",
    standings: ["✅ validé", "⏳ non validé", "❌ en échec", "⚠️ pas certain", ""],
    down: "🔴 site DOWN",
    validated: "Dernier validé :",
    result: "Résultat :",
    phases: ["Étape", "Durée", "Processus"],
    step,
    total: "Total",
    choices: ["Réglage", "Choix", "Pourquoi"],
    why: "Pourquoi",
    cut: "… la suite est dans le journal du job",
    span,
};

/// A phase; `en::step` says the same in English, and in the log.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Fetch => "récupération",
        Step::Checklist => "conditions",
        Step::Compare => "comparaison",
        Step::Backup => "sauvegarde",
        Step::Prove => "preuve",
        Step::Keep => "modifications locales",
        Step::Reset => "git reset",
        Step::Command => "deploy-command",
        Step::Restore => "fichiers remis",
        Step::Compose => "compose",
        Step::Check => "contrôle de santé",
    }
}

/// A number of things, in French: nothing and one are one.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count < 2 { one } else { many })
}

/// A deploy, in one word.
pub const DEPLOY: &str = "Déploiement";

/// A rollback in a few words, with the short name of what it undoes.
pub fn rollback(undone: Option<&str>) -> String {
    undone.map_or("Rollback".to_owned(), |sha| format!("Rollback de {sha}"))
}

/// How long something took, with a comma and French days.
pub fn span(ms: u64) -> String {
    crate::time::span(ms).replace('.', ",").replace(" d", " j")
}

/// Bytes for people: `1,5 Gio`, `512 o`.
pub fn size(bytes: u64) -> String {
    crate::tools::backup::size(bytes).replace('.', ",").replace("iB", "io").replace(" B", " o")
}

/// The notice's lines, the headline first.
pub fn lines(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let label = quote(if notice.promotes { headline_label(with) } else { &with.label });
    let mut lines = vec![headline(notice, &label)];
    let (about, live) = (vec![about(notice)], live(notice));
    lines.extend(if notice.is_live_first() { [live, about] } else { [about, live] }.concat());
    lines.extend(notice.forced.map(|passed| judged::forced(passed, notice.promotes)));
    let passed = notice.forced.unwrap_or_default();
    match &notice.kind {
        NoticeKind::Started => {
            lines.extend(authored(notice, quote));
            lines.push(started(notice.judged));
        }
        NoticeKind::Deployed { ms } => {
            lines.extend(authored(notice, quote));
            lines.push(format!("En ligne en {}. {}", span(*ms), judged::followed(notice.judged)));
            lines.extend(url(with));
        }
        NoticeKind::Promoting { commits, backup } => {
            lines.extend(authored(notice, quote));
            lines.extend(promote::asked_by(notice, quote));
            lines.extend(promote::started(*commits, passed.age, backup.as_deref()));
        }
        NoticeKind::Promoted => lines.extend(promote::succeeded(with, passed.elsewhere)),
        NoticeKind::Recanted => lines.extend(promote::recanted(notice, with, quote)),
        NoticeKind::Unconfirmed(typed) => lines.push(promote::unconfirmed(&quote(typed))),
        NoticeKind::Unchanged => lines.extend(unchanged(notice, with)),
        NoticeKind::Superseded => {
            lines.push("Une version plus récente est déjà en ligne : rien n'a été changé".to_owned())
        }
        NoticeKind::Refused(why) => lines.extend(refused(why, with, quote)),
        NoticeKind::Unhealthy(why) => lines.push(format!("Ne répond pas bien : {}", quote(why))),
        NoticeKind::Failed(why) | NoticeKind::Stuck(why) => {
            lines.extend(failed(notice, why, quote));
            lines.extend(notice.open.iter().flat_map(|open| ending::open(open, &quote(&with.command("status")))));
        }
        NoticeKind::Guarded { paths, because, why } => {
            lines.extend(authored(notice, quote));
            lines.push(format!("Retour prévu : {}", notice.sha.short()));
            lines.push(format!("Raison: {}", ground_of(because)));
            lines.extend((!why.is_empty()).then(|| quote(why)));
            lines.push(format!("Chemins protégés modifiés : {}", quote(&paths.join(", "))));
            lines.push("🚨 Pas de rollback automatique : à décider".to_owned());
        }
        NoticeKind::RolledBack { .. } => {
            lines.truncate(1);
            lines.extend(rolled_back(notice, quote));
        }
        NoticeKind::Validated => {
            lines.extend(authored(notice, quote));
            lines.extend(url(with).filter(|_| notice.is_live()));
            let may_come = !notice.is_live() && notice.is_overtaken == Some(false);
            lines.extend(may_come.then(|| judged::REDEPLOY.to_owned()));
        }
        NoticeKind::Unvalidated { doubt, is_replaced } => {
            lines.extend(judged::unvalidated(notice, doubt, *is_replaced, quote));
        }
        NoticeKind::Unwell => {
            lines.extend(notice.ill.iter().map(|ill| ill::seen(ill, quote)));
            lines.extend(ill::unwell(notice));
        }
        NoticeKind::Interrupted { .. } => lines.extend(interrupted(notice, with, quote)),
        NoticeKind::Busy(holder) => {
            lines.push(format!("Verrou tenu par {}", quote(holder)));
            lines.push("➡️ Relancer quand cette exécution sera terminée".to_owned());
        }
        NoticeKind::Replaced { doubt, .. } => {
            lines.extend(authored(notice, quote));
            lines.extend(judged::replaced(doubt.as_ref(), quote));
        }
        NoticeKind::Condemned { was_point } => lines.push(judged::condemned(*was_point, notice)),
        NoticeKind::Lifted => lines.extend(judged::lifted(notice, quote)),
        NoticeKind::Dropped { is_moved, is_last } => lines.extend(judged::dropped(*is_moved, *is_last, notice, quote)),
        NoticeKind::Unsettled(seen) => lines.extend(judged::unsettled(seen, with, quote)),
        NoticeKind::Cornered(stays) => lines.extend(judged::cornered(stays, with, quote)),
        NoticeKind::Aside { is_lost } => lines.extend(judged::aside(*is_lost, notice)),
    }
    if !notice.kept.is_empty() {
        lines.push(format!("⚠️ Modifications locales de la machine mises de côté : {}", notice.kept.join(", ")));
    }
    lines.extend(tail(notice));
    lines
}

/// What is live, and what was there before it: before what may be long, as a message that is cut must not lose it.
fn live(notice: &Notice) -> Vec<String> {
    let live = notice.live.as_ref().filter(|_| notice.says_live()).map(|live| match notice.is_applied {
        true => format!("En ligne: {}", live.short()),
        false => format!("En ligne: pas certain ; le clone est à {}", live.short()),
    });
    // Whoever had nothing to go back from is told how further down.
    let before =
        notice.before.as_ref().filter(|_| !matches!(notice.kind, NoticeKind::Unchanged | NoticeKind::Recanted));
    live.into_iter().chain(before.map(ending::before)).collect()
}

/// That it was live already; whoever asked to go back may have meant another one.
fn unchanged(notice: &Notice, with: &Environment) -> Vec<String> {
    let seen = match with.is_checked() {
        true => "Cette version était déjà en ligne, et répond bien",
        false => "Cette version était déjà en ligne ; rien n'est contrôlé",
    };
    let passed_over = notice.passed_over.as_ref().filter(|_| notice.goes_back);
    let passed_over = passed_over.map(|sha| {
        format!(
            "Le dernier SHA validé est {0}, que quelqu'un a annulé à la main ; `to: {0}` le remet en ligne",
            sha.short()
        )
    });
    let before = match &notice.before {
        Some(Before::Version(sha)) if notice.passed_over.as_ref() != Some(sha) => {
            Some(format!("➡️ Pour revenir à {0}, en ligne avant : `mode: rollback` avec `to: {0}`", sha.short()))
        }
        _ => None,
    };
    [seen.to_owned()].into_iter().chain(before).chain(passed_over).collect()
}

/// What it is about: where a way back failed, what that was to undo.
fn about(notice: &Notice) -> String {
    match notice.was_to_undo() {
        Some((sha, true)) => format!("SHA annulé: {}", sha.short()),
        Some((sha, false)) => format!("SHA à annuler: {}", sha.short()),
        None => format!("SHA: {}", notice.sha.short()),
    }
}

fn failed(notice: &Notice, why: &str, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = if notice.was_to_undo().is_some() { authored(notice, quote) } else { Vec::new() };
    lines.push(quote(why));
    lines.extend(judged::tried(notice));
    lines.extend(notice.restored.iter().flat_map(|files| promote::restored(files, &notice.sha, &quote(&files.kept))));
    let is_stuck = matches!(notice.kind, NoticeKind::Stuck(_));
    lines.extend(match (notice.goes_back, is_stuck) {
        (true, true) if notice.of == notice.sha => {
            Some(format!("🚨 La remise en place de {} n'a pas abouti : intervention nécessaire", notice.sha.short()))
        }
        (true, true) => Some(format!("🚨 Le retour à {} n'a pas abouti : intervention nécessaire", notice.sha.short())),
        (true, false) => Some(format!("Le retour à {} n'a pas abouti", notice.sha.short())),
        (false, true) => Some("🚨 Aucune version validée vers laquelle revenir : intervention nécessaire".to_owned()),
        (false, false) => None,
    });
    if let (Some(Before::Version(sha)), false) = (&notice.before, notice.goes_back) {
        let line = format!("➡️ {0}, non validée, était en ligne avant : `mode: rollback` avec `to: {0}`", sha.short());
        lines.extend(is_stuck.then_some(line));
    }
    lines
}

fn interrupted(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let NoticeKind::Interrupted { signal, attempt, left } = &notice.kind else {
        return Vec::new();
    };
    let mut lines = authored(notice, quote);
    lines.push(quote(&sentence(&ending::stopped(signal, attempt, *left))));
    lines.extend(match left {
        Left::Begun => Some(format!("➡️ Relancer, ou bien : {}", quote(&with.command("status")))),
        Left::Unchanged => Some("➡️ Relancer".to_owned()),
        Left::Unfollowed | Left::Nothing => None,
    });
    lines
}

fn started(judged: Judged) -> String {
    if judged == Judged::Awaited { "⏳ CI en cours de vérification..." } else { judged::followed(judged) }.to_owned()
}

fn refused(why: &Refusal, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match why {
        Refusal::OffBranch => {
            vec![format!("Ce commit n'est pas sur origin/{} : rien n'a été changé", quote(&with.branch))]
        }
        Refusal::Quarantined => vec![
            "Cette version a échoué (au CI ou ici) : elle reste en quarantaine".to_owned(),
            "➡️ Corriger et pousser, relancer son CI jusqu'au vert, ou `force: true`".to_owned(),
        ],
        Refusal::Unready { why } => why.lines().map(quote).chain(["Rien n'a été touché".to_owned()]).collect(),
    }
}

fn rolled_back(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let NoticeKind::RolledBack { undone, because, why, exposed_ms } = &notice.kind else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    lines.extend(undone.iter().map(|sha| format!("SHA annulé: {}", sha.short())));
    lines.push(format!("SHA en ligne: {}{}", notice.sha.short(), standing(notice)));
    let by = Some(&notice.asked_by).filter(|by| !by.is_empty()).map(|by| format!(" par {}", quote(by)));
    lines.push(format!("Raison: {}{}", ground_of(because), by.unwrap_or_default()));
    lines.extend((!why.is_empty()).then(|| quote(why)));
    lines.extend(judged::tried(notice));
    lines.extend(if notice.names_undone() { authored(notice, quote) } else { Vec::new() });
    lines.extend(notice.forced.map(|passed| judged::forced(passed, false)));
    lines.extend(notice.restored.iter().flat_map(|files| promote::restored(files, &notice.sha, &quote(&files.kept))));
    lines.extend(notice.unrestored.as_ref().map(promote::unrestored));
    lines.extend(exposed_ms.map(|ms| format!("Version annulée en ligne pendant {}", span(ms))));
    lines
}

/// What is live, CI's page, and commands: what every notice ends with that has them.
fn tail(notice: &Notice) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(url) = notice.ci_url.as_ref().filter(|_| notice.kind.says_ci()) {
        lines.push(format!("CI: <{url}>"));
    }
    let is_restored = matches!(notice.kind, NoticeKind::RolledBack { .. }) && notice.restored.is_some();
    let title = match (notice.lacks_compose, is_restored) {
        (true, _) => promote::BY_HAND_THEN,
        (_, true) => promote::BY_HAND_RESTORED,
        _ if notice.before == Some(Before::Nothing) => promote::BY_HAND_MENDED,
        _ => promote::BY_HAND,
    };
    lines.extend(super::by_hand(title, notice));
    lines
}

/// What a message says that Discord takes only now.
pub fn late(at: Millis) -> String {
    format!("🕓 Message du {} UTC, arrivé en retard", utc(at))
}

fn headline(notice: &Notice, label: &str) -> String {
    match &notice.kind {
        NoticeKind::Promoting { .. } => format!("🚀 {label} - Déploiement démarré"),
        NoticeKind::Promoted => format!("🎯 {label} - Déploiement réussi ✅"),
        NoticeKind::Recanted => format!("🚨 {label} - En ligne, mais en échec entre-temps"),
        NoticeKind::Unconfirmed(_) => format!("🚫 {label} - Déploiement annulé"),
        NoticeKind::Started => format!("🚀 {label} - Déploiement démarré"),
        NoticeKind::Deployed { .. } => format!("✅ {label} - Déploiement terminé"),
        NoticeKind::Unchanged if notice.goes_back => format!("✅ {label} - Rien à annuler"),
        NoticeKind::Unchanged => format!("✅ {label} - Rien à déployer"),
        NoticeKind::Superseded => format!("⏭️ {label} - Déploiement dépassé"),
        NoticeKind::Refused(_) => format!("⛔ {label} - Déploiement refusé"),
        NoticeKind::Unhealthy(_) => format!("🚨 {label} - En ligne, mais en mauvaise santé"),
        NoticeKind::Failed(_) => format!("❌ {label} - Échec"),
        NoticeKind::Stuck(_) if notice.goes_back && notice.before != Some(Before::Nothing) => match &notice.live {
            Some(live) if notice.is_applied => {
                format!("🚨 {label} - Rollback en échec : {} en ligne, en mauvaise santé", live.short())
            }
            _ => format!("🚨 {label} - Rollback en échec : intervention nécessaire"),
        },
        NoticeKind::Stuck(_) => format!("🚨 {label} - Échec, sans retour possible"),
        NoticeKind::Guarded { .. } => format!("🚨 {label} - Rollback à décider"),
        NoticeKind::RolledBack { because: Because::Person, .. } => format!("🔄 {label} - Rollback effectué"),
        NoticeKind::RolledBack { .. } => format!("🔄 {label} - ROLLBACK AUTOMATIQUE effectué"),
        NoticeKind::Validated if !notice.is_live() => {
            format!("✅ {label} - {} validé, mais pas en ligne", notice.sha.short())
        }
        NoticeKind::Validated => format!("✅ {label} - SHA validé par le CI"),
        NoticeKind::Unwell => ill::unwell_headline(notice, label),
        NoticeKind::Interrupted { left: Left::Unfollowed, .. } => format!("⏹️ {label} - Le CI n'est plus suivi"),
        NoticeKind::Interrupted { .. } if notice.goes_back => format!("⏹️ {label} - Rollback interrompu"),
        NoticeKind::Interrupted { .. } => format!("⏹️ {label} - Déploiement interrompu"),
        NoticeKind::Busy(_) => format!("⏳ {label} - Non déployé : une autre exécution est en cours"),
        NoticeKind::Unvalidated { .. } if let Some(ill) = notice.ill_still() => ill::unvalidated_headline(ill, label),
        NoticeKind::Unvalidated { .. } => format!("⚠️ {label} - SHA non validé"),
        NoticeKind::Unsettled(_) => format!("🚨 {label} - Le CI n'est plus suivi"),
        NoticeKind::Replaced { by, .. } => format!("⏭️ {label} - {} remplacé par {}", notice.sha.short(), by.short()),
        NoticeKind::Lifted => format!("✅ {label} - CI relancé réussi pour {} : quarantaine levée", notice.sha.short()),
        NoticeKind::Dropped { .. } => format!("⏹️ {label} - Déploiement interrompu"),
        NoticeKind::Condemned { .. } => judged::condemned_headline(notice, label),
        NoticeKind::Cornered(_) => format!("❌ {label} - CI en échec"),
        NoticeKind::Aside { .. } => format!("✅ {label} - CI réussi, point de rollback inchangé"),
    }
}

fn authored(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let author = |commit: &Commit| format!("Auteur: {}", super::notice_author(&commit.author, quote));
    let subject = |commit: &Commit| format!("Message: {}", quote(&commit.subject));
    notice.commit.iter().flat_map(|commit| [author(commit), subject(commit)]).collect()
}

fn url(with: &Environment) -> Option<String> {
    with.url.as_ref().map(|url| format!("URL: {url}"))
}

fn standing(notice: &Notice) -> &'static str {
    match (&notice.validated, notice.is_validated) {
        _ if notice.judged == Judged::Failed => " (CI en échec)",
        (Some(last), _) if *last == notice.sha => " (dernier validé)",
        (_, true) => " (validé)",
        _ => " (non validé)",
    }
}

/// Why what was on its way forward was undone.
pub const RECALLED: &str = "un retour en arrière a été demandé avant la fin";

/// Why a deploy was undone that CI failed before it was finished.
pub const CONDEMNED: &str = "le CI a échoué avant la fin";

/// Why a promote was undone whose run ended before anything was started with its version.
pub const UNPROMOTED: &str =
    "l'exécution s'est arrêtée avant que rien ne soit lancé avec cette version ; à mettre en production de nouveau";

pub(super) fn ground_of(because: &Because) -> &'static str {
    match because {
        Because::Ci => "le CI a échoué",
        Because::Timeout => "le CI n'a pas répondu à temps",
        Because::Unhealthy => "la version ne répond pas bien",
        Because::Broken => "la mise en place a échoué",
        Because::Person => "demandé à la main",
    }
}

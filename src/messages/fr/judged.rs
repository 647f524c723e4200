//! What stands behind a notice, in French: what CI has said, and what a person passed over.

use super::doubt::{doubt as said, next};
use super::{ending, ill};
use crate::environment::Environment;
use crate::machine::verdict::Doubt;
use crate::messages::judged::{Judged, Passed};
use crate::messages::kind::GivenUp;
use crate::messages::kind::Stays;
use crate::messages::notice::Notice;
use crate::sha::Sha;

/// What CI has to do with it.
pub fn followed(judged: Judged) -> &'static str {
    match judged {
        Judged::Already => "✅ Déjà validé par le CI",
        Judged::Awaited => "⏳ CI en cours",
        Judged::Not => "CI non suivi",
        Judged::Failed => "⚠️ Son CI a échoué (forcé)",
    }
}

/// What a person passed over who forced it.
pub fn forced(passed: Passed, promotes: bool) -> String {
    let all = [
        (passed.freeze && promotes, "gel ignoré"),
        (passed.quarantine, "quarantaine ignorée"),
        (passed.age, "plus ancien que ce qui était en ligne"),
        (passed.elsewhere, "pas en ligne là d'où il vient"),
        (passed.no_way_back, "aucune version vers laquelle revenir"),
        (passed.unrestored, "fichiers d'une sauvegarde pas remis"),
    ];
    let told: Vec<&str> = all.into_iter().filter_map(|(is_passed, what)| is_passed.then_some(what)).collect();
    let colon = if told.is_empty() { "" } else { " : " };
    format!("⚠️ Forcé{colon}{}", told.join(", "))
}

/// CI gave no verdict on what is live.
pub fn unvalidated(notice: &Notice, doubt: &Doubt, is_replaced: bool, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines: Vec<String> = notice.ill.iter().map(|ill| ill::seen(ill, quote)).collect();
    lines.push(no_verdict(doubt, quote));
    let stands = match is_replaced {
        true => "Une version plus récente doit la remplacer",
        false => "La version reste en ligne, non validée",
    };
    lines.extend(notice.ill_still().is_none().then(|| stands.to_owned()));
    let back = if notice.has_way_back && !is_replaced { " ; sinon `mode: rollback`" } else { "" };
    lines.push(format!("➡️ {}{back}", next(doubt, quote)));
    lines.extend(notice.ill.iter().map(ill::once_green));
    lines
}

/// A newer version has replaced it, and CI has given no verdict.
pub fn replaced(doubt: Option<&Doubt>, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match doubt {
        None => vec!["Son CI n'avait pas encore répondu ; son verdict compte, sauf si une version plus récente est validée avant".to_owned()],
        Some(doubt) => {
            let yet = "Si son CI réussit plus tard, cela compte, sauf si une version plus récente est validée avant".to_owned();
            vec![no_verdict(doubt, quote), yet]
        }
    }
}

/// A watcher had to give up.
pub fn unsettled(seen: &GivenUp, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let GivenUp { why, by_event, has_failed, is_unread } = seen;
    let next = match by_event {
        true => "➡️ Relancer ce job une fois l'obstacle levé".to_owned(),
        false if *is_unread => {
            format!(
                "➡️ Une fois le registre lisible, la prochaine exécution reprend : {}",
                quote(&with.command("status"))
            )
        }
        false => format!("➡️ La prochaine exécution reprend : {}", quote(&with.command("status"))),
    };
    let said = match has_failed {
        true => format!("❌ Le CI a échoué, et ce qui devait suivre n'a pas pu être fait : {}", quote(why)),
        false => format!("Le CI n'a pas pu être suivi jusqu'au bout : {}", quote(why)),
    };
    vec![said, next]
}

fn no_verdict(doubt: &Doubt, quote: &dyn Fn(&str) -> String) -> String {
    format!("⚠️ Pas de verdict du CI : {}", quote(&said(doubt)))
}

/// How to have a version live that is not.
pub const REDEPLOY: &str = "➡️ Pour mettre cette version en ligne : relancer son déploiement";

/// CI was run again and succeeded.
pub fn lifted(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let next = match notice.is_overtaken {
        Some(true) => {
            "Une version plus récente est en ligne : elle n'est plus bloquée, rien d'autre ne change".to_owned()
        }
        Some(false) | None => REDEPLOY.to_owned(),
    };
    super::authored(notice, quote).into_iter().chain([next]).collect()
}

/// What a run that is gone had begun is over.
pub fn dropped(is_moved: bool, is_last: bool, notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let seen = match is_moved {
        true => "Le clone a été déplacé à la main entre-temps : ce qui était commencé est abandonné".to_owned(),
        false => "L'exécution a disparu avant d'avoir changé quoi que ce soit".to_owned(),
    };
    let next = (is_last && notice.judged != Judged::Failed).then(|| "➡️ Relancer".to_owned());
    super::authored(notice, quote).into_iter().chain([seen]).chain(next).collect()
}

/// CI failed, and it is not live; where containers were not restarted since, maybe it is.
pub fn condemned_headline(notice: &Notice, label: &str) -> String {
    match notice.may_run {
        false => format!("⏭️ {label} - CI en échec pour {}, qui n'est pas en ligne", notice.sha.short()),
        true => format!("❌ {label} - CI en échec pour {}, qui tourne peut-être encore", notice.sha.short()),
    }
}

/// What becomes of a version that CI failed and that is not live.
pub fn condemned(was_point: bool, notice: &Notice) -> String {
    match (was_point, &notice.validated) {
        (false, _) => "Cette version est mise en quarantaine, rien d'autre ne change".to_owned(),
        (true, Some(point)) => {
            format!("Cette version est mise en quarantaine ; le point de rollback revient à {}", point.short())
        }
        (true, None) => "Cette version est mise en quarantaine ; il n'y a plus de point de rollback".to_owned(),
    }
}

/// CI failed, and it is live and stays.
pub fn cornered(stays: &Stays, with: &Environment, quote: &dyn Fn(&str) -> String) -> [String; 2] {
    let command = quote(&with.command("rollback"));
    let (seen, next) = match stays {
        Stays::Alone => ("aucune version validée vers laquelle revenir".to_owned(), ending::MEND_OR_RERUN.to_owned()),
        Stays::Blocked(to) => (
            format!("le retour à {} n'a pas eu lieu ; à faire à la main", to.short()),
            format!("{command}, une fois levé ce qui l'empêchait"),
        ),
        Stays::Wanted(to) => (
            "une personne l'y a mise, donc pas de rollback automatique".to_owned(),
            format!("Pour revenir à {} : {command}", to.short()),
        ),
    };
    [format!("🚨 Elle reste en ligne : {seen}"), format!("➡️ {next}")]
}

/// CI succeeded on what is live, and the rollback point stays where it is.
pub fn aside(is_lost: bool, notice: &Notice) -> Vec<String> {
    let seen = match is_lost {
        true => "⚠️ La branche, réécrite depuis, ne contient plus ce commit : il n'est pas validé",
        false => "Le point de rollback reste une autre version : plus récente, ou que git n'a pas pu comparer",
    };
    let point = notice.validated.as_ref().map(|point| format!("Point de rollback : {}", point.short()));
    std::iter::once(seen.to_owned()).chain(point).collect()
}

/// What was put in place before, on the way back, and failed as well.
pub fn tried(notice: &Notice) -> Option<String> {
    let tried: Vec<&str> = notice.tried.iter().map(Sha::short).collect();
    (!tried.is_empty()).then(|| format!("Essayé avant, sans succès : {}", tried.join(", ")))
}

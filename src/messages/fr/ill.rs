//! What was seen of a version that is live and ill, in French.

use crate::messages::Notice;
use crate::messages::ill::Ill;
use crate::time::utc;

pub fn seen(ill: &Ill, quote: &dyn Fn(&str) -> String) -> String {
    let at = utc(ill.at);
    let why = if ill.why.is_empty() { String::new() } else { format!(" : {}", quote(&ill.why)) };
    match &ill.now {
        Some(Err(now)) => format!("Ne répond pas bien : {}", quote(now)),
        Some(Ok(())) => format!("Le site répond bien maintenant, mais sa vérification a échoué le {at} UTC{why}"),
        None => format!("Sa vérification a échoué le {at} UTC{why}"),
    }
}

/// That CI succeeded, in the tense of what is known.
pub fn unwell_headline(notice: &Notice, label: &str) -> String {
    match notice.ill.as_ref().and_then(|ill| ill.now.as_ref()) {
        Some(Err(_)) => format!("⚠️ {label} - CI réussi, mais le site est en mauvaise santé"),
        _ => format!("⚠️ {label} - CI réussi, mais le site ne répondait pas bien"),
    }
}

/// That CI is silent, in the tense of what is known.
pub fn unvalidated_headline(ill: &Ill, label: &str) -> String {
    match ill.now {
        Some(_) => format!("🚨 {label} - En mauvaise santé, et sans verdict du CI"),
        None => format!("🚨 {label} - Ne répondait pas bien, et sans verdict du CI"),
    }
}

/// What that leaves, and what can be done.
pub fn unwell(notice: &Notice) -> Vec<String> {
    let point = match &notice.validated {
        Some(sha) => format!("Pas validé : le point de rollback reste {}", sha.short()),
        None => "Pas validé : il n'y a toujours pas de point de rollback".to_owned(),
    };
    let deploy = match notice.ill.as_ref().is_some_and(Ill::is_well_again) {
        true => "La redéployer",
        false => "Dès qu'elle répond bien, la redéployer",
    };
    let force = notice.ill.as_ref().map_or("", forced);
    vec![point, format!("➡️ {deploy}{force} : elle est revérifiée, et le CI réussi compte ; sinon `mode: rollback`")]
}

/// What a verdict that is still to come leaves to do.
pub fn once_green(ill: &Ill) -> String {
    format!("Même réussi, son CI ne la validera qu'une fois redéployée{} : elle est alors revérifiée", forced(ill))
}

fn forced(ill: &Ill) -> &'static str {
    if ill.is_barred { " avec `force: true`" } else { "" }
}

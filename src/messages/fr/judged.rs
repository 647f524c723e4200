//! What stands behind a notice, in French: what CI has said, and what a person passed over.

use crate::messages::judged::{Judged, Passed};

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

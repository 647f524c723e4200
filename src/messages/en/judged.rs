//! What stands behind a notice, in English: what CI has said, and what a person passed over.

use crate::messages::judged::{Judged, Passed};

/// What CI has to do with it.
pub fn followed(judged: Judged) -> &'static str {
    match judged {
        Judged::Already => "✅ Already validated by CI",
        Judged::Awaited => "⏳ CI is running",
        Judged::Not => "CI is not followed",
        Judged::Failed => "⚠️ Its CI failed (forced)",
    }
}

/// What a person passed over who forced it.
pub fn forced(passed: Passed, promotes: bool) -> String {
    let all = [
        (passed.freeze && promotes, "freeze ignored"),
        (passed.quarantine, "quarantine ignored"),
        (passed.age, "older than what was live"),
        (passed.elsewhere, "not live where it comes from"),
        (passed.no_way_back, "no version to go back to"),
        (passed.unrestored, "files of a backup not put back"),
    ];
    let told: Vec<&str> = all.into_iter().filter_map(|(is_passed, what)| is_passed.then_some(what)).collect();
    let colon = if told.is_empty() { "" } else { ": " };
    format!("⚠️ Forced{colon}{}", told.join(", "))
}

//! Pourquoi le CI a échoué. Why CI failed, in French; `en::digest` says the same.

use super::span;
use crate::machine::verdict::FailureKind;

/// The heading over failing jobs.
pub const HEADING: &str = "Pourquoi le CI a échoué";

/// The heading over commits.
pub fn commits(total: u64) -> String {
    format!("Commits depuis le dernier validé: {total}")
}

/// Commits that are not shown.
pub fn more(left: u64) -> String {
    format!("… et {left} de plus")
}

/// Where else what failed is live.
pub fn elsewhere(labels: &str) -> String {
    format!("🚨 Toujours en ligne ailleurs : {labels} (`rollback` avec `to: previous` y revient à la version d'avant)")
}

/// How a run ended in which no job failed.
pub fn ended(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::StartupFailed => "Le run n'a pas pu démarrer : voir le fichier du workflow",
        FailureKind::TimedOut => "Le run était trop long : GitHub l'a arrêté",
        FailureKind::Failed => "Un job a échoué",
    }
}

/// How long a version that failed has been live.
pub fn still_live(ms: u64) -> String {
    format!("En ligne depuis: {}", span(ms))
}

/// That GitHub did not tell its jobs, and why.
pub fn unread(why: &str) -> String {
    format!("Ses jobs n'ont pas pu être lus : {why}")
}

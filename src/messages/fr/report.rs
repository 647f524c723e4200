//! Résultats des jobs. Of a run's jobs, in French; `en::report` says the same.

use super::ci::unanswered;
use super::{counted, span};
use crate::messages::fr::quoted::quoted;
use crate::messages::log::Jobs;
use crate::messages::report::{FailedRun, Mend, Words, named};
use crate::tools::needs::JobResult;

/// The summary's words.
pub const WORDS: Words = Words {
    heads: ["Job", "Résultat", "Durée"],
    results: ["✅ réussi", "❌ échoué", "⛔ annulé", "⏭️ ignoré", "❔ résultat inconnu"],
    tolerated: ", toléré (optionnel)",
    frame: "Ce qui a échoué",
    span,
};

/// The summary's title.
pub fn title(jobs: usize, bad: usize) -> String {
    match bad {
        0 => format!("{}, rien à signaler", counted(jobs as u64, "job", "jobs")),
        _ => format!("{} sans succès", counted(bad as u64, "job requis", "jobs requis")),
    }
}

/// The message, the headline first.
pub fn lines(run: &FailedRun, author: Option<String>, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = vec![format!("❌ {} ({}) - Échec", quote(&run.workflow), quote(&run.branch))];
    lines.extend(run.sha.as_ref().map(|sha| format!("SHA: {}", sha.short())));
    lines.extend(author.map(|author| format!("Auteur: {author}")));
    lines.extend((!run.subject.is_empty()).then(|| format!("Message: {}", quote(&run.subject))));
    lines.extend(named(&run.failed, quote).map(|names| format!("Échoué: {names}")));
    lines.extend(named(&run.cancelled, quote).map(|names| format!("Annulé: {names}")));
    lines.extend(named(&run.skipped, quote).map(|names| format!("Ignoré: {names}")));
    lines.extend(run.url.as_ref().map(|url| format!("Run: <{url}>")));
    lines
}

/// A line of the log in words.
pub fn jobs(told: &Jobs) -> String {
    match told {
        Jobs::Plan => {
            "plan (essai à blanc : rien n'est demandé, rien n'est envoyé) : le résumé, et un message sur ce qui a échoué"
                .to_owned()
        }
        Jobs::Ended(name, is_optional, result) => {
            format!("{name}{} : {}", if *is_optional { " (facultatif)" } else { "" }, ended(result))
        }
        Jobs::Unlisted(why) => {
            format!("ni liens, ni durées, ni lignes de journal : {} (`permissions: actions: read`)", unanswered(why))
        }
        Jobs::NoWebhook(None) => "Discord n'est pas prévenu : `discord-webhook` n'est pas donné (dans un terminal : DISCORD_WEBHOOK_URL)".to_owned(),
        Jobs::NoWebhook(Some(fork)) => format!(
            "Discord n'est pas prévenu : cette exécution vient d'une pull request de {fork}, à laquelle GitHub ne donne aucun secret, donc pas de `discord-webhook`"
        ),
    }
}

/// A job's result as the end of a sentence about it.
pub fn ended(result: &JobResult) -> String {
    match result {
        JobResult::Success => "a réussi".to_owned(),
        JobResult::Failure => "a échoué".to_owned(),
        JobResult::Cancelled => "a été annulé".to_owned(),
        JobResult::Skipped => "a été ignoré".to_owned(),
        JobResult::Unknown(word) => format!("a fini par le résultat inconnu {}", quoted(word)),
    }
}

/// Why the step fails; `bad` names what did not succeed.
pub fn failure(looked_at: usize, bad: &str, mend: Mend, url: &str) -> String {
    let jobs = counted(looked_at as u64, "job examiné", "jobs examinés");
    let mend = match mend {
        Mend::Correct => "Corriger puis pousser, ou relancer les jobs en échec",
        Mend::RunAgain => "Relancer le run annulé",
        Mend::Tolerate => "Un job qui peut être ignoré se met dans `optional`",
    };
    format!("{jobs} : {bad}. {mend}{url}")
}

/// After what cut the report short.
pub const STOPPED: &str = " ; les résultats des jobs restent ce qu'ils sont";

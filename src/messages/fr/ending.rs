//! Pourquoi une exécution échoue. Why a run fails, in French; `en::ending` says the same.

use super::doubt::{doubt, next};
use super::reason::attempt;
use crate::failure::reason::Attempt;
use crate::machine::entry::Because;
use crate::machine::known::Known;
use crate::machine::standing::Standing;
use crate::machine::{State, Step};
use crate::messages::ending::{Ending, Left, Since, Then};
use crate::messages::kind::Stays;
use crate::messages::reason::then;
use crate::messages::{Before, Open};
use crate::sha::Sha;

/// After what kept the ledger from being read.
pub const UNTOUCHED: &str = " ; rien n'a été touché, aucun changement en ligne";

/// That the run was told to stop, what was being done, and what that leaves.
pub fn stopped(signal: &str, doing: &Attempt, left: Left) -> String {
    let left = match left {
        Left::Begun => "ce qui a été commencé sera terminé ou défait par la prochaine exécution",
        Left::Unchanged => "rien n'avait encore changé : la demande est abandonnée",
        Left::Unfollowed => {
            "rien n'est à défaire, mais plus personne ne suit le CI : la prochaine exécution en lira le résultat"
        }
        Left::Nothing => "rien n'est resté inachevé",
    };
    format!("arrêté par {signal} ({}) ; {left}", attempt(doing))
}

/// What is left for the next run, and how to have one; `command` is one that does no harm.
pub fn open(open: &Open, command: &str) -> [String; 2] {
    let left = match open {
        Open::Begun(sha) => format!("🚨 Mise en place de {} inachevée", sha.short()),
        Open::Decided(to, because) => {
            format!("🚨 Retour à {} décidé, pas encore commencé : {}", to.short(), super::ground_of(because))
        }
    };
    [left, format!("➡️ La prochaine exécution termine ou défait : relancer, ou bien : {command}")]
}

/// What mends a version whose CI has failed.
pub const MEND_OR_RERUN: &str = "Corriger et pousser, ou relancer son CI jusqu'au vert";

/// The ending in words.
pub fn ending(why: &Ending) -> String {
    match why {
        Ending::Told(_) | Ending::Reason(_) | Ending::Failure(_) => String::new(),
        Ending::Stopped { signal, attempt, left } => stopped(signal, attempt, *left),
        Ending::NoEnvironment => "aucun environnement n'a été nommé".to_owned(),
        Ending::NoSha => "aucun SHA n'a été donné".to_owned(),
        Ending::NothingToPromote(from) => {
            format!("aucun SHA n'a été donné, et rien n'est validé en {from} sur cette machine : le donner avec `sha`")
        }
        Ending::Unconfirmed(typed) => {
            then(&super::promote::unconfirmed(typed), "Dans un terminal : `--confirm DEPLOY`")
        }
        Ending::NotCarriedOut => "la demande n'a pas été exécutée".to_owned(),
        Ending::OffBranch(sha, branch) => format!("{sha} n'est pas sur origin/{branch} : rien n'a été changé"),
        Ending::Quarantined(sha) => format!(
            "{} a déjà échoué (au CI ou ici) et reste en quarantaine : rien n'a été changé. Corriger et pousser, relancer son CI jusqu'au vert, ou `force: true` (dans un terminal : `--force`)",
            sha.short()
        ),
        Ending::Superseded => {
            "une version plus récente est en ligne ; `rollback` y revient, ou `force: true` (dans un terminal : `--force`)".to_owned()
        }
        Ending::Unready { sha, why, is_live } => {
            let stands = if *is_live { "est déjà en production" } else { "n'est pas mis en production" };
            format!("{} {stands}, et rien n'a été touché :\n{why}", sha.short())
        }
        Ending::Unhealthy { sha, why, is_barred } => {
            let how = if *is_barred { "`force: true` (dans un terminal : `--force`)" } else { "relancer" };
            format!("{} est en ligne, mais ne répond pas bien : {why} ; {how} redéploie entièrement cette version", sha.short())
        }
        Ending::NotStayed { sha, was_live, why, live } => {
            let what = if *was_live { "n'est pas resté en ligne" } else { "n'a pas pu être mis en place" };
            let why = why.as_deref().unwrap_or("son CI a échoué");
            format!("{} {what} : {why}\nRetour à {}", sha.short(), live.short())
        }
        Ending::NotBack { sha, to, back, why, is_barred, backup } => {
            let seen = format!("{} n'a pas tenu, et le retour à {} non plus : {why}", sha.short(), to.short());
            let force = if *is_barred { " et `force: true` (dans un terminal : `--force`)" } else { "" };
            let target = match backup {
                Some(name) => format!("`backup: {name}`"),
                None => format!("`to: {back}`"),
            };
            let anew = format!("mode `rollback` avec {target}{force}");
            then(&seen, &format!("Réparer ce qui l'empêchait, puis redéployer entièrement {} : {anew}", back.short()))
        }
        Ending::Guarded { sha, why, paths, command } => guarded(sha, why.as_deref(), paths, command),
        Ending::NotRolledBack(sha, why) => format!("Rollback vers {} en échec : {why}", sha.short()),
        Ending::NoRepository => {
            "le dépôt n'est pas connu, donc son CI ne peut pas être suivi : GITHUB_REPOSITORY=owner/name".to_owned()
        }
        Ending::Cornered(Stays::Wanted(to)) => format!(
            "le CI a échoué, et une personne l'a mise là : elle reste en ligne. Pour revenir à {} : `rollback`",
            to.short()
        ),
        Ending::Cornered(Stays::Blocked(to)) => format!(
            "le CI a échoué, et le retour à {} n'a pas eu lieu : elle reste en ligne. Lever ce qui l'empêchait, puis : `rollback`",
            to.short()
        ),
        Ending::Cornered(Stays::Alone) => format!(
            "le CI a échoué, et il n'y a aucune version validée vers laquelle revenir : elle reste en ligne. {MEND_OR_RERUN}"
        ),
        Ending::Unvalidated(sha, why) => format!(
            "pas de verdict du CI sur {} : {}. La version reste en ligne, non validée. {}",
            sha.short(),
            doubt(why),
            next(why, &str::to_owned)
        ),
        Ending::NeverDeployed(sha, why) => format!(
            "pas de verdict du CI sur {sha} : {}. Ce SHA n'a jamais été déployé ici : est-ce le bon ? Rien n'a été changé",
            doubt(why)
        ),
        Ending::ByCi { sha, because, then } => by_ci(sha, because, then),
    }
}

/// What came of CI's word, or silence.
fn by_ci(sha: &Sha, because: &Because, then: &Then) -> String {
    let what = if *because == Because::Timeout { "n'a pas répondu à temps" } else { "a échoué" };
    let why = format!("le CI de {} {what}", sha.short());
    match then {
        Then::RolledBack(to) => format!("{why} : retour à {}", to.short()),
        Then::Before(to) => format!("{why}, et le retour à {} était déjà fait", to.short()),
        Then::Guarded(paths, command) => format!(
            "{why}, et des chemins protégés ont changé ({}) : pas de rollback automatique. {BY_HAND} : {command}",
            paths.join(", ")
        ),
        Then::Stayed(seen) => format!("{why}, et le rollback n'a pas abouti : {seen}"),
        Then::Unknown => why,
    }
}

const BY_HAND: &str = "À la main, avec le même `--config` ou les mêmes réglages";

/// It failed, and stays.
fn guarded(sha: &Sha, why: Option<&str>, paths: &[String], command: &str) -> String {
    let why = then(why.unwrap_or("son CI a échoué"), &format!("{BY_HAND} : {command}"));
    let paths = paths.join(", ");
    format!(
        "{} reste, car des chemins protégés ont changé ({paths}) : pas de rollback automatique. Échec : {why}",
        sha.short()
    )
}

/// What is live now, and what is known of it since.
pub fn live_line(state: &State, (since, has_failed_since): (Since, bool)) -> String {
    let live = match &state.live {
        Some(live) => {
            let standing = match state.standing(&live.sha, has_failed_since) {
                Standing::Failed => "en échec",
                Standing::Validated => "validée",
                Standing::Unvalidated => "non validée",
            };
            match live.known_by {
                Known::Placed => format!("pas certain ; le clone est à {} ({standing})", live.sha.short()),
                Known::Mixed => format!(
                    "pas certain ; le clone est à {} ({standing}), avec des fichiers d'une autre version",
                    live.sha.short()
                ),
                by => format!("{} ({standing}, {})", live.sha.short(), super::status::known(by, since == Since::Ill)),
            }
        }
        None => "ce qui l'était avant ; rien n'a été changé".to_owned(),
    };
    // The ledger was read before it was waited for.
    if since == Since::Busy {
        return format!("En ligne maintenant : pas certain, une autre exécution est en cours ; avant elle : {live}");
    }
    if since == Since::Unread {
        return format!(
            "En ligne maintenant : pas certain, le registre n'est plus lisible ; quand il l'était : {live}"
        );
    }
    let Some(operation) = state.operation.as_ref().filter(|operation| operation.touched()) else {
        return format!("En ligne maintenant : {live}");
    };
    let step = operation.failed.as_ref().map(|fault| fault.step).or(operation.began);
    let step = step.map_or("compose", super::step);
    format!(
        "En ligne maintenant : pas certain. {} était en cours de mise en place ({step}) ; avant : {live}. La prochaine exécution termine ou défait : {}",
        operation.ask.target().short(),
        operation.with.command("status")
    )
}

/// What is live is not known: nothing was ever deployed with the state in this folder.
pub fn never(folder: &str) -> String {
    format!("version en ligne inconnue (aucun déploiement dans {folder})")
}

/// Before the reason why a mode could not run at all.
pub fn not_run(mode: &str) -> String {
    format!("{mode} n'a pas été exécuté : ")
}

/// Why a step that no run survives is undone.
pub fn deadly(step: Step) -> String {
    format!(
        "trois exécutions se sont arrêtées net au milieu de cette étape : {} (plus de mémoire, ou une machine qui a redémarré ?)",
        super::step(step)
    )
}

/// No environment has anything to check.
pub const NOTHING_TO_CHECK: &str = "il n'y a rien à contrôler : aucun environnement n'a d'`url` ni de `health-url`. En mettre une dans le fichier de configuration, ou donner `environment` et `health-url`";

/// What was there before a version that is live and ill.
pub fn before(before: &Before) -> String {
    match before {
        Before::Version(sha) => format!("➡️ Revenir à {}, en ligne avant", sha.short()),
        Before::Nothing => "Aucune version d'avant vers laquelle revenir".to_owned(),
    }
}

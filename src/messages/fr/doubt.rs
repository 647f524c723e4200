//! Why CI gave no verdict, and what brings one, in French; `en::doubt` says the same.

use super::reason::denial;
use crate::machine::verdict::{Absence, Doubt, Unseen};
use crate::messages::reason::start;

fn unseen(Unseen { workflow, seen, .. }: &Unseen) -> String {
    match seen {
        Absence::Unknown => {
            format!(" : GitHub ne connaît ici aucun workflow {workflow}. A-t-il été renommé ? Corriger `ci-workflow`")
        }
        Absence::Off(state) => format!(" : le workflow {workflow} est désactivé sur GitHub ({state})"),
        Absence::Idle => format!(" dans {workflow} {UNSTARTED}"),
        Absence::OtherTrigger(event) => {
            format!(" qui compte : celui de {workflow} a été lancé par `{event}`, pas par `push`")
        }
        Absence::OwnRun => format!(", sauf celui de {workflow} dont ce job fait partie, et qui ne finit qu'après lui"),
    }
}

/// Why CI gave no verdict.
pub fn doubt(why: &Doubt) -> String {
    match why {
        Doubt::Cancelled => "run annulé".to_owned(),
        Doubt::Skipped => "run sauté".to_owned(),
        Doubt::Neutral => "run neutre".to_owned(),
        Doubt::Stale => "run abandonné par GitHub".to_owned(),
        Doubt::ActionRequired => "le run attend une personne".to_owned(),
        Doubt::Unknown(word) => format!("conclusion inconnue ({word})"),
        Doubt::NoRun => format!("aucun run du CI pour ce commit {UNSTARTED}"),
        Doubt::NoRunOf(of) => format!("aucun run du CI pour ce commit{}", unseen(of)),
        Doubt::Denied(why) => format!("GitHub refuse de répondre - {}", denial(why)),
        Doubt::Unreachable(seen) => seen.clone(),
        Doubt::Expired => "délai dépassé".to_owned(),
    }
}

/// What usually keeps a run from being started.
const UNSTARTED: &str = "([skip ci] ? filtre de chemins ? push fait avec GITHUB_TOKEN ?)";

/// What brings a verdict where there is none.
pub(super) fn next(why: &Doubt, quote: &dyn Fn(&str) -> String) -> String {
    match why {
        Doubt::NoRunOf(Unseen { workflow, branch, seen: Absence::Idle }) => {
            format!(
                "Pousser de nouveau, ou lancer le CI (s'il a `workflow_dispatch`) : {}",
                quote(&start(workflow, branch))
            )
        }
        Doubt::NoRunOf(Unseen { workflow, branch, seen: Absence::OtherTrigger(_) }) => {
            format!(
                "Faire lancer {} aussi par un `push` sur {} (un filtre de chemins peut l'en empêcher)",
                quote(workflow),
                quote(branch)
            )
        }
        Doubt::NoRunOf(Unseen { seen: Absence::OwnRun, .. }) => {
            "Déployer dans un workflow à part, ou suivre le CI avec `watch: detached`".to_owned()
        }
        Doubt::NoRunOf(_) => "Réparer cela, puis pousser de nouveau".to_owned(),
        Doubt::NoRun => "Pousser de nouveau, ou lancer le CI sur ce commit".to_owned(),
        Doubt::Expired => "Attendre la fin du CI : la prochaine exécution de l'action lira son résultat".to_owned(),
        Doubt::Denied(_) | Doubt::Unreachable(_) => {
            "La prochaine exécution de l'action demandera de nouveau son résultat".to_owned()
        }
        Doubt::ActionRequired => "L'approuver sur GitHub : un résultat tardif compte encore".to_owned(),
        Doubt::Cancelled | Doubt::Skipped | Doubt::Neutral | Doubt::Stale | Doubt::Unknown(_) => {
            "Relancer son CI : un résultat tardif compte encore".to_owned()
        }
    }
}

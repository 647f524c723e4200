//! Why CI gave no verdict, and what brings one, in English.

use crate::machine::verdict::{Absence, Doubt, Unseen};
use crate::messages::reason::start;

/// Why CI gave no verdict.
pub fn doubt(why: &Doubt) -> String {
    match why {
        Doubt::Denied(denial) => denial.to_string(),
        Doubt::Unreachable(seen) => seen.clone(),
        Doubt::NoRun => "no CI run exists for it ([skip ci], a path filter, or pushed with GITHUB_TOKEN)".to_owned(),
        Doubt::NoRunOf(of) => format!("no CI run exists for it: {}", unseen(of)),
        Doubt::Expired => "it did not answer in time".to_owned(),
        Doubt::Unknown(word) => format!("unknown conclusion {word:?}"),
        Doubt::Cancelled => "its run ended as cancelled".to_owned(),
        Doubt::Skipped => "its run ended as skipped".to_owned(),
        Doubt::Neutral => "its run ended as neutral".to_owned(),
        Doubt::Stale => "its run ended as stale: GitHub gave it up".to_owned(),
        Doubt::ActionRequired => "its run waits for a person".to_owned(),
    }
}

/// What GitHub says of a workflow of which no run was seen.
pub fn unseen(Unseen { workflow, seen, .. }: &Unseen) -> String {
    match seen {
        Absence::Unknown => format!("GitHub knows no workflow {workflow} here. Was it renamed? Set `ci-workflow`"),
        Absence::Off(state) => format!("the workflow {workflow} is switched off at GitHub ({state})"),
        Absence::Idle => format!("none of {workflow} ([skip ci], a path filter, or pushed with GITHUB_TOKEN)"),
        Absence::OtherTrigger(event) => {
            format!("none that counts: that of {workflow} was started by `{event}`, not by `push`")
        }
        Absence::OwnRun => format!("none but the one of {workflow} that this job is part of, which ends only after it"),
    }
}

/// What brings a verdict where there is none.
pub(super) fn next(why: &Doubt, quote: &dyn Fn(&str) -> String) -> String {
    match why {
        Doubt::NoRunOf(Unseen { workflow, branch, seen: Absence::Idle }) => {
            format!("Push again, or start CI (where it has `workflow_dispatch`): {}", quote(&start(workflow, branch)))
        }
        Doubt::NoRunOf(Unseen { workflow, branch, seen: Absence::OtherTrigger(_) }) => {
            format!(
                "Have a `push` on {} start {}, too (a path filter may keep it from that)",
                quote(branch),
                quote(workflow)
            )
        }
        Doubt::NoRunOf(Unseen { seen: Absence::OwnRun, .. }) => {
            "Deploy in a workflow of its own, or follow CI with `watch: detached`".to_owned()
        }
        Doubt::NoRunOf(_) => "Mend that and push again".to_owned(),
        Doubt::NoRun => "Push again, or start CI on this commit".to_owned(),
        Doubt::Expired => "Wait until CI is done: the next run of the action reads its result".to_owned(),
        Doubt::Denied(_) | Doubt::Unreachable(_) => "The next run of the action asks for its result again".to_owned(),
        Doubt::ActionRequired => "Approve it at GitHub: a late result still counts".to_owned(),
        Doubt::Cancelled | Doubt::Skipped | Doubt::Neutral | Doubt::Stale | Doubt::Unknown(_) => {
            "Run its CI again: a late result still counts".to_owned()
        }
    }
}

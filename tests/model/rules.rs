//! The rules, each `always`, as sentences; and the good things that must be reachable, each `sometimes`.

use mangetamain_deploy::config::Force;
use mangetamain_deploy::machine::state::Operation;
use mangetamain_deploy::machine::{Ask, Because, Decision, Files, Outcome, Step, decide};
use mangetamain_deploy::time::Millis;

use super::situation::Situation;
use crate::story::number;

/// The sentence of a rule that this step of the story breaks.
pub fn broken(before: &Situation, after: &Situation) -> Option<&'static str> {
    going_live(before, after)
        .or_else(|| rollback_point(before, after))
        .or_else(|| targets(before, after))
        .or_else(|| blamed(before, after))
        .or_else(|| at_rest(after))
}

fn going_live(before: &Situation, after: &Situation) -> Option<&'static str> {
    let live = |situation: &Situation| situation.state.live.as_ref().map(|live| live.sha.clone());
    let (was, is) = (live(before), live(after));
    let killed = after.left.crashes < before.left.crashes;
    let moved = after.by_hand.len() > before.by_hand.len() && after.state.operation.is_none();
    if was == is || killed || moved {
        return None;
    }
    let Some(operation) = &before.state.operation else {
        return Some("what is live only changes within a request");
    };
    let asked = Some(operation.ask.target().clone()) == is;
    (!asked || !operation.touched())
        .then_some("rule 1: only the SHA that was asked for goes live, and only once it was touched")
}

fn rollback_point(before: &Situation, after: &Situation) -> Option<&'static str> {
    let places: Vec<usize> = after.state.validated.iter().map(|one| number(&one.sha)).collect();
    if !places.windows(2).all(|two| two[0] < two[1]) {
        return Some("rule 2: the rollback point only moves forward");
    }
    let point = |situation: &Situation| situation.state.last_validated().map(|one| one.sha.clone());
    let (was, is) = (point(before), point(after));
    if let Some(point) = &is
        && after.heard[number(point)].1 != Some(true)
    {
        return Some("rule 2: the rollback point is a SHA of which CI's last word was success");
    }
    let killed = after.left.crashes < before.left.crashes;
    let back =
        was.as_ref().is_some_and(|was| is.as_ref().is_none_or(|is| is < was) && !after.state.is_quarantined(was));
    (back && !killed).then_some("rule 2: the rollback point goes back only from a SHA that has failed since")
}

fn targets(before: &Situation, after: &Situation) -> Option<&'static str> {
    let operation = after.state.operation.as_ref()?;
    let is_new = before.state.operation.as_ref().is_none_or(|one| one.ask != operation.ask);
    let bad = after.state.is_quarantined(operation.ask.target());
    match &operation.ask {
        Ask::Rollback { because: Because::Person, .. } if is_new && after.left.hands == before.left.hands => {
            let follows = before.state.operation.is_some();
            (!follows).then_some("nobody asked for this rollback")
        }
        Ask::Rollback { .. } if is_new && bad => Some("rule 5: a SHA that failed is never a rollback target"),
        Ask::Rollback { to, undo, .. } if is_new && undo.as_ref() == Some(to) => {
            Some("rule 5: a rollback goes somewhere else")
        }
        Ask::Rollback { to, .. } if operation.tried.contains(to) => {
            Some("rule 5: no target is tried twice in one incident")
        }
        Ask::Rollback { to, files: Files::Restored(name), .. } if name.short_sha() != to.short() => {
            Some("files of a backup go live with their own SHA only")
        }
        Ask::Rollback { files: Files::Kept, .. }
            if is_new && before.state.operation.as_ref().is_some_and(Operation::ran_command) =>
        {
            Some("files that the deploy command may have changed do not stay")
        }
        Ask::Promote { .. } if operation.began.is_some_and(Step::touches) && !well_founded(operation) => {
            Some("rule 8: what is live is touched only after the checklist, the backup and the proof")
        }
        Ask::Promote { force: Force::Obey, .. }
            if bad && operation.began.is_some_and(Step::touches) && !operation.half_done =>
        {
            Some("rule 5: a SHA that failed is not promoted again without force")
        }
        Ask::Deploy { force: Force::Obey, .. } if bad && operation.began.is_some_and(Step::touches) => {
            Some("rule 5: a SHA that failed is not deployed again without force")
        }
        _ => None,
    }
}

fn blamed(before: &Situation, after: &Situation) -> Option<&'static str> {
    let operation = before.state.operation.as_ref()?;
    let target = operation.ask.target();
    let is_new = after.state.is_quarantined(target) && !before.state.is_quarantined(target);
    (operation.is_machines_fault() && is_new).then_some("what the machine fails at quarantines no SHA")
}

/// Whether everything that has to be before a promote touches anything has been.
fn well_founded(operation: &Operation) -> bool {
    [Step::Fetch, Step::Checklist, Step::Backup, Step::Prove].iter().all(|step| operation.done.contains(step))
}

fn at_rest(after: &Situation) -> Option<&'static str> {
    let rests = matches!(decide(&after.state, Millis(0)), Decision::Rest | Decision::Wait(..));
    let live = &after.state.live.as_ref()?.sha;
    if !rests {
        return None;
    }
    if after.state.operation.is_some() {
        return Some("at rest no request is under way");
    }
    let word = after.heard.get(number(live)).and_then(|(_, word)| *word);
    let by_hand = after.by_hand.contains(&number(live));
    let somewhere = after.state.rollback_target(std::slice::from_ref(live)).is_some();
    if word == Some(false) && somewhere && !by_hand && !after.hindered {
        return Some(
            "at rest, a SHA whose CI failed is live only where a person asked, or there is nothing to go back to",
        );
    }
    let known = after.state.validated.iter().any(|one| one.sha == *live);
    let newest = after.state.validated.last().is_none_or(|last| last.sha < *live);
    let well = after.state.records.get(live).is_some_and(|record| record.healthy_at.is_some());
    (word == Some(true) && well && newest && !known && !by_hand && !after.state.is_quarantined(live))
        .then_some("at rest, a deployed SHA whose CI succeeded is validated")
}

/// The good things that happen in this step of the story.
pub fn reached(before: &Situation, after: &Situation) -> Vec<&'static str> {
    let mut all = Vec::new();
    let mut sometimes = |is_so: bool, what| all.extend(is_so.then_some(what));
    let grew = after.state.validated.len() > before.state.validated.len();
    sometimes(grew, "validated");
    sometimes(grew && after.state.validated.len() > 1, "two validated");
    let lifted = |(sha, record): (&_, &mangetamain_deploy::machine::state::Record)| {
        record.quarantine.is_none() && before.state.is_quarantined(sha)
    };
    sometimes(after.state.records.iter().any(lifted), "lifted");
    let again = before.state.last_validated().is_some_and(|one| after.state.is_quarantined(&one.sha));
    sometimes(again, "condemned again");
    sometimes(after.state.left_alone.is_some(), "left alone");
    let Some(operation) = before.state.operation.as_ref() else {
        return all;
    };
    let follows = after.state.operation.as_ref().is_some_and(|next| next.tried.len() > 1 && next.ask != operation.ask);
    sometimes(follows, "fell back");
    if let Decision::End(outcome) = decide(&before.state, Millis(0)) {
        let person = matches!(operation.ask, Ask::Rollback { because: Because::Person, .. });
        let forced = matches!(operation.ask, Ask::Deploy { force: Force::Override, .. });
        let files = match &operation.ask {
            Ask::Rollback { files, .. } => files,
            _ => &Files::Remade,
        };
        sometimes(outcome == Outcome::RolledBack && matches!(files, Files::Restored(_)), "files put back");
        sometimes(outcome == Outcome::RolledBack && *files == Files::Kept, "files kept");
        let went_well = matches!(outcome, Outcome::Deployed | Outcome::RolledBack);
        sometimes(outcome == Outcome::RolledBack && !person, "rolled back");
        sometimes(outcome == Outcome::RolledBack && person, "rolled back by hand");
        sometimes(outcome == Outcome::Deployed && forced, "forced live");
        sometimes(went_well && operation.resumed, "resumed to the end");
        sometimes(matches!(outcome, Outcome::Stuck { .. }), "stuck");
        sometimes(matches!(outcome, Outcome::Failed { .. }), "failed");
        sometimes(matches!(outcome, Outcome::Refused { .. }), "refused");
        sometimes(outcome == Outcome::Superseded, "superseded");
        sometimes(outcome == Outcome::Interrupted, "interrupted");
    }
    all
}

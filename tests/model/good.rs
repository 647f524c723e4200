//! The good things that must be reachable, each `sometimes`: a rule that holds because nothing ever
//! happens is worth nothing.

use mangetamain_deploy::machine::entry::Placed;
use mangetamain_deploy::machine::operation::Operation;
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::state::Record;
use mangetamain_deploy::machine::{Ask, Because, Decision, Files, Outcome, Step};
use mangetamain_deploy::sha::Sha;

use super::settled::is_closed;
use super::situation::{Cause, Moment, bit, follows};

/// The good things that happen in this step of the story.
pub fn reached(moment: &Moment) -> Vec<&'static str> {
    let mut all = Vec::new();
    heard(moment, &mut all);
    rested(moment, &mut all);
    if let Some(operation) = &moment.before.state.operation {
        went_on(moment, operation, &mut all);
        if let Decision::End(outcome) = moment.decided
            && moment.cause == Cause::Machine
        {
            ended(operation, outcome, &mut all);
        }
    }
    all
}

fn heard(moment: &Moment, all: &mut Vec<&'static str>) {
    let Moment { before, after, .. } = *moment;
    let mut sometimes = |is_so: bool, what| all.extend(is_so.then_some(what));
    let grew = after.state.validated.len() > before.state.validated.len();
    sometimes(grew, "validated");
    sometimes(grew && after.state.validated.len() > 1, "two validated");
    let lifted = |(sha, record): (&Sha, &Record)| record.quarantine.is_none() && before.state.is_quarantined(sha);
    sometimes(after.state.records.iter().any(lifted), "lifted");
    let again = before.state.last_validated().is_some_and(|one| after.state.is_quarantined(&one.sha));
    sometimes(again, "condemned again");
    let news = (1..4).find(|one| before.heard[*one] != after.heard[*one]);
    let Some(commit) = news.filter(|_| before.state.operation.is_none()) else {
        return;
    };
    let (was, is) = (before.heard[commit], after.heard[commit]);
    sometimes(before.live() != Some(commit) && is.word == Some(false), "failure of what is not live");
    sometimes(was.newest == is.newest && was.told != is.told, "an older attempt told late");
    sometimes(before.live() == Some(commit) && is.word.is_none() && moment.rests(), "no answer, and nothing undone");
}

fn rested(moment: &Moment, all: &mut Vec<&'static str>) {
    let Moment { before, after, .. } = *moment;
    let mut sometimes = |is_so: bool, what| all.extend(is_so.then_some(what));
    sometimes(after.state.left_alone.is_some(), "left alone");
    sometimes(matches!(moment.then, Decision::Wait(..)), "waiting");
    let timeout = matches!(follows(before, after), Some(Ask::Rollback { because: Because::Timeout, .. }));
    sometimes(timeout, "undone for silence");
    let is_kept =
        before.live().is_some_and(|live| before.in_silence & bit(live) != 0) && before.state.operation.is_none();
    sometimes(is_kept && moment.rests(), "kept in silence");
    if let Some(Ask::Rollback { to, because: Because::Ci, .. }) = follows(before, after) {
        let undone = |sha: &Sha| before.state.records.get(sha).is_some_and(|record| record.undone);
        let is_newer = |sha: &Sha| undone(sha) && crate::story::number(sha) > crate::story::number(&to);
        let passed =
            before.state.validated.iter().any(|one| is_newer(&one.sha) && !before.state.is_quarantined(&one.sha));
        sometimes(passed, "a person's no is kept");
    }
    if !moment.rests() || !is_closed(after) {
        return;
    }
    let point = after.state.last_validated().map(|one| &one.sha);
    let live = after.state.live.as_ref().map(|live| &live.sha);
    sometimes(point.is_some() && point == live, "closed, the newest validated is live");
    sometimes(point.is_none() && after.live() == Some(0), "closed, the baseline is live");
    sometimes(point > live && before.state.operation.is_none(), "closed, what was undone is validated since");
}

fn went_on(moment: &Moment, operation: &Operation, all: &mut Vec<&'static str>) {
    let Moment { before, after, cause, .. } = *moment;
    let mut sometimes = |is_so: bool, what| all.extend(is_so.then_some(what));
    let is_next = !operation.ask.is_forward() && follows(before, after).is_some_and(|ask| !ask.is_forward());
    sometimes(is_next && cause == Cause::Machine, "fell back");
    sometimes(cause == Cause::Killed && operation.touched(), "killed when touched");
    sometimes(before.site.unsaved && !after.site.unsaved, "changes saved");
    let old = before.site.runs != Some(crate::story::number(operation.ask.target()));
    let asks = *moment.decided == Decision::Do(Step::Check);
    sometimes(asks && old, "a check of what is not the new version");
    let was_proven = before.proven && !operation.touched();
    sometimes(was_proven && after.elsewhere != before.elsewhere, "revoked after the proof");
    let was_ready = operation.failed.is_none() && operation.done.contains(&Step::Checklist);
    let is_late = after.state.operation.as_ref().and_then(|one| one.failed.as_ref());
    sometimes(was_ready && is_late.is_some_and(|fault| fault.step == Step::Prove), "revoked before the proof");
}

fn ended(operation: &Operation, outcome: &Outcome, all: &mut Vec<&'static str>) {
    let mut sometimes = |is_so: bool, what| all.extend(is_so.then_some(what));
    let person = matches!(operation.ask, Ask::Rollback { because: Because::Person, .. });
    let forced = matches!(operation.ask, Ask::Deploy { force: Force::Override, .. });
    let files = match &operation.ask {
        Ask::Rollback { files, .. } => files,
        _ => &Files::Remade,
    };
    let back = *outcome == Outcome::RolledBack;
    sometimes(back && matches!(files, Files::Restored(_)), "files put back");
    sometimes(back && *files == Files::Kept, "files kept");
    sometimes(back && !person, "rolled back");
    sometimes(back && person, "rolled back by hand");
    sometimes(back && person && operation.ask.is_forced(), "forced back");
    let is_same = operation.from.as_ref() == Some(operation.ask.target());
    sometimes(back && person && is_same && !operation.ask.is_forced(), "put in place anew");
    sometimes(*outcome == Outcome::Deployed && forced, "forced live");
    sometimes(*outcome == Outcome::Deployed && matches!(operation.ask, Ask::Promote { .. }), "promoted");
    sometimes(matches!(outcome, Outcome::Deployed | Outcome::RolledBack) && operation.resumed, "resumed to the end");
    sometimes(matches!(outcome, Outcome::Stuck { .. }), "stuck");
    sometimes(matches!(outcome, Outcome::Failed { .. }), "failed");
    sometimes(matches!(outcome, Outcome::Guarded { .. }), "guarded");
    sometimes(matches!(outcome, Outcome::Unhealthy { .. }), "unhealthy and kept");
    sometimes(*outcome == Outcome::Unchanged, "unchanged");
    let aside = matches!(operation.fetched, Some((Placed::OffBranch, _)));
    let refused = matches!(outcome, Outcome::Refused { .. });
    sometimes(refused && aside, "refused: on no branch of ours");
    sometimes(refused && !aside, "refused");
    sometimes(*outcome == Outcome::Superseded, "superseded");
    sometimes(*outcome == Outcome::Interrupted, "interrupted");
}

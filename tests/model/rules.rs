//! The rules by their numbers, each `always`: a function a rule, which tells what a step of the story
//! breaks. Rules 4 and 7 are about locks and messages, of which the machine knows nothing: see the
//! simulation. Rule 11 is held by two explorations that must be the same (`model.rs`).

use mangetamain_deploy::environment::Otherwise;
use mangetamain_deploy::machine::entry::{Checkup, Placed};
use mangetamain_deploy::machine::operation::Operation;
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::state::State;
use mangetamain_deploy::machine::{Ask, Because, Decision, Files, Outcome, Step};
use mangetamain_deploy::sha::Sha;

use super::settled;
use super::situation::{Cause, Moment, Situation, bit, follows};
use super::size::With;
use crate::story::number;

type Broken = Option<&'static str>;

/// The sentence of a rule that this step of the story breaks.
pub fn broken(moment: &Moment) -> Broken {
    let of_states = judged(moment.after).or_else(|| settled::broken(moment));
    // What a killed run forgets was written by nobody: it goes on from another situation of this map.
    of_states.or_else(|| if moment.cause == Cause::Killed { None } else { of_step(moment) })
}

fn of_step(moment: &Moment) -> Broken {
    let Moment { before, after, .. } = *moment;
    going_live(before, after)
        .or_else(|| went_live(moment))
        .or_else(|| point(before, after))
        .or_else(|| own_sha(before, after))
        .or_else(|| targets(before, after))
        .or_else(|| lifted(before, after))
        .or_else(|| unsaved(before, after))
        .or_else(|| grounds(before, after))
        .or_else(|| blamed(before, after))
}

fn live(state: &State) -> Option<&Sha> {
    state.live.as_ref().map(|live| &live.sha)
}

/// Whether this step of the story begins a step of a request that changes what is live.
fn touching<'a>(before: &Situation, after: &'a Situation) -> Option<&'a Operation> {
    let operation = after.state.operation.as_ref()?;
    let was = before.state.operation.as_ref().and_then(|one| one.began);
    (operation.began != was && operation.began.is_some_and(Step::touches)).then_some(operation)
}

/// Rule 1: what goes live is what was asked for, and it is on the branch.
fn going_live(before: &Situation, after: &Situation) -> Broken {
    if let Some(operation) = touching(before, after)
        && !matches!(operation.fetched, Some((Placed::OnBranch, _)))
        && operation.ask.is_forward()
    {
        return Some("rule 1: only what is on the branch goes live");
    }
    let (was, is) = (live(&before.state), live(&after.state));
    let is_by_hand = after.by_hand != before.by_hand || after.left.hands < before.left.hands;
    if was == is || is_by_hand {
        return None;
    }
    let is_found = is == before.site.tree.map(crate::story::sha).as_ref();
    let Some(operation) = &before.state.operation else {
        if is_found {
            return None;
        }
        return Some("rule 1: what is live only changes within a request");
    };
    let asked = Some(operation.ask.target()) == is;
    (!asked || !operation.touched())
        .then_some("rule 1: only the SHA that was asked for goes live, and only once it was touched")
}

/// Rules 1 and 10: what is said to be live and healthy is what stands there, and was started for it.
fn went_live(moment: &Moment) -> Broken {
    let Moment { before, after, .. } = *moment;
    let Decision::End(outcome) = moment.decided else {
        return None;
    };
    let operation = before.state.operation.as_ref().filter(|_| after.state.operation.is_none())?;
    let target = Some(number(operation.ask.target()));
    let site = after.site;
    if *outcome == Outcome::Unchanged && site.runs != target {
        return Some("rule 10: what is found healthy is what runs");
    }
    if !matches!(outcome, Outcome::Deployed | Outcome::RolledBack) {
        return None;
    }
    if !matches!(operation.checkup, Some(Checkup::Healthy(_))) {
        return Some("rule 10: nothing is live and healthy that was not found healthy");
    }
    let is_plain = operation.began.is_none();
    if !is_plain && !site.fresh {
        return Some("rule 10: a green check counts only for what was started since");
    }
    if (site.tree, site.runs) != (target, target) {
        return Some("rule 1: what is live is exactly what was asked for, in the work tree and at work");
    }
    (after.left.with == With::Production && site.files != target)
        .then_some("rule 8: files that git does not look after belong to what is live")
}

/// Rule 2: the rollback point only moves forward, but from a SHA that has failed since.
fn point(before: &Situation, after: &Situation) -> Broken {
    let (was, is) = (&before.state, &after.state);
    let places: Vec<usize> = is.validated.iter().map(|one| number(&one.sha)).collect();
    if !places.windows(2).all(|two| two[0] < two[1]) {
        return Some("rule 2: the rollback point only moves forward");
    }
    if after.left.hands < before.left.hands {
        return None;
    }
    let is_kept = |sha: &Sha| is.validated.iter().any(|one| one.sha == *sha);
    if !was.validated.iter().all(|one| is_kept(&one.sha)) {
        return Some("rule 2: what was validated is not forgotten");
    }
    let point = is.last_validated().map(|one| &one.sha);
    let was = was.last_validated().map(|one| &one.sha).filter(|was| !is.is_quarantined(was));
    (was > point).then_some("rule 2: the rollback point goes back only from a SHA that has failed since")
}

/// Rules 2 and 5: each word of CI counts, the newest attempt's; a promote elsewhere reads no other word
/// on disk.
fn judged(after: &Situation) -> Broken {
    let written = Some(&after.written).filter(|_| after.left.crashes > 0);
    for state in [Some(&after.state), written].into_iter().flatten() {
        for sha in state.validated.iter().map(|one| &one.sha).filter(|sha| !state.is_quarantined(sha)) {
            if after.heard[number(sha)].word != Some(true) {
                return Some("rule 2: the rollback point is a SHA of which CI's last word was success");
            }
        }
    }
    let failed = (0..4).filter(|one| after.heard[*one].word == Some(false));
    let missed = |one: &usize| !after.state.is_quarantined(&crate::story::sha(*one));
    failed.clone().any(|one| missed(&one)).then_some("rule 5: a SHA whose CI failed is quarantined")
}

/// Rule 3: what follows from CI's word undoes the SHA that it was said of, and only while that is live.
fn own_sha(before: &Situation, after: &Situation) -> Broken {
    if before.state.operation.is_some() {
        return None;
    }
    let Some(Ask::Rollback { undo, because: Because::Ci | Because::Timeout, .. }) = follows(before, after) else {
        return None;
    };
    (undo.as_ref() != live(&before.state)).then_some("rule 3: CI's word on a SHA undoes nothing but that SHA")
}

/// Rules 5 and 8, of the request under way.
fn targets(before: &Situation, after: &Situation) -> Broken {
    let operation = after.state.operation.as_ref()?;
    let asked = follows(before, after);
    let is_new = asked.is_some();
    let bad = after.state.is_quarantined(operation.ask.target());
    let begins = touching(before, after).is_some();
    match &operation.ask {
        Ask::Rollback { because: Because::Person, .. } if is_new && after.left.hands == before.left.hands => {
            let falls_back = before.state.operation.is_some();
            (!falls_back).then_some("nobody asked for this rollback")
        }
        Ask::Rollback { force: Force::Obey, .. } if is_new && bad => {
            Some("rule 5: a SHA that failed is never a rollback target")
        }
        Ask::Rollback { to, undo, .. } if is_new && undo.as_ref() == Some(to) => {
            Some("rule 5: a rollback goes somewhere else")
        }
        Ask::Rollback { to, .. } if operation.tried.contains(to) => {
            Some("rule 5: no target is tried twice in one incident")
        }
        Ask::Rollback { to, because, .. } if is_new && *because != Because::Person => fallback(before, to),
        Ask::Promote { .. } if begins && !well_founded(after, operation) => {
            Some("rule 8: what is live is touched only after the checklist, the backup and the proof")
        }
        Ask::Promote { force: Force::Obey, .. } | Ask::Deploy { force: Force::Obey, .. }
            if bad && begins && !operation.half_done =>
        {
            Some("rule 5: a SHA that failed is not put live again without force")
        }
        _ => None,
    }
}

/// Rule 5: what is gone back to is validated and was not known to fail, or was live, or is the baseline; and no person
/// went back from it, where there is another one.
fn fallback(before: &Situation, to: &Sha) -> Broken {
    let state = &before.state;
    let is_kept = |sha: &Sha| !state.records.get(sha).is_some_and(|record| record.undone);
    let is_live = |sha: &Sha| state.live.as_ref().is_some_and(|live| live.sha == *sha);
    let is_open = |sha: &Sha| !state.is_quarantined(sha) && !is_live(sha);
    // Of a request under way, what was tried, and what came after it, are no targets any more.
    let is_first = state.operation.is_none();
    if is_first && !is_kept(to) && state.validated.iter().any(|one| is_open(&one.sha) && is_kept(&one.sha)) {
        return Some("rule 5: what a person went back from is the last to go back to");
    }
    let validated = state.validated.iter().any(|one| one.sha == *to);
    let baseline = state.validated.is_empty() && state.baseline.as_ref() == Some(to);
    let was_live = before.left.with == With::Production
        && state.operation.as_ref().is_some_and(|one| one.from.as_ref() == Some(to));
    (!validated && !baseline && !was_live).then_some("rule 5: only what was validated is gone back to")
}

/// Whether everything that has to be before a promote touches anything has been.
fn well_founded(after: &Situation, operation: &Operation) -> bool {
    let saved = match &operation.ask {
        Ask::Promote { backup: Some(_), .. } => operation.done.contains(&Step::Backup),
        _ => true,
    };
    let looked = [Step::Fetch, Step::Checklist, Step::Prove].iter().all(|step| operation.done.contains(step));
    saved && looked && after.proven
}

/// Rule 5: only CI's later word, or being healthy when forced, takes a quarantine back; and a way back on which several
/// fail one after the other, since they say nothing of one another.
fn lifted(before: &Situation, after: &Situation) -> Broken {
    let free = |(sha, _): &(&Sha, _)| before.state.is_quarantined(sha) && !after.state.is_quarantined(sha);
    let (sha, _) = after.state.records.iter().find(free)?;
    let operation = before.state.operation.as_ref();
    let is_forced = operation.is_some_and(|one| one.ask.is_forced() && one.ask.target() == sha);
    let heard = after.heard[number(sha)];
    let yes = heard != before.heard[number(sha)] && heard.word == Some(true);
    let was_well = |one: &&Sha| before.state.validated.iter().any(|validated| validated.sha == **one);
    let is_acquitted = operation.is_some_and(|one| {
        let tried: Vec<&Sha> = one.tried.iter().chain([one.ask.target()]).filter(was_well).collect();
        let is_ill = after.state.live.as_ref().is_some_and(|live| !live.known_by.is_well());
        let undoes_failure = matches!(one.ask, Ask::Rollback { because: Because::Unhealthy | Because::Broken, .. });
        let is_anew = matches!(one.ask, Ask::Rollback { undo: None, .. });
        let are_several = undoes_failure || is_anew || tried.len() > 1;
        after.state.operation.is_none() && is_ill && are_several && tried.contains(&sha)
    });
    let is_lifted = is_forced || yes || is_acquitted;
    (!is_lifted)
        .then_some("rule 5: a quarantine is lifted by a later green run, by force, or where several are ill at once")
}

/// Rule 8: nothing is reset over changes that are saved nowhere; files of a backup go with their SHA.
fn unsaved(before: &Situation, after: &Situation) -> Broken {
    let operation = after.state.operation.as_ref()?;
    let resets = operation.began == Some(Step::Reset) && touching(before, after).is_some();
    if resets && after.site.unsaved {
        return Some("rule 8: local changes are saved before a reset");
    }
    let Ask::Rollback { to, files, .. } = follows(before, after)? else {
        return None;
    };
    match files {
        Files::Restored(name) if name.short_sha() != to.short() => {
            Some("rule 8: files of a backup go live with their own SHA only")
        }
        Files::Kept if before.state.operation.as_ref().is_some_and(Operation::ran_command) => {
            Some("rule 8: files that the deploy command may have changed do not stay")
        }
        _ => None,
    }
}

/// Rule 9: only a failure is ground to undo anything, and silence only where the settings say so.
fn grounds(before: &Situation, after: &Situation) -> Broken {
    let Some(Ask::Rollback { because, .. }) = follows(before, after) else {
        return None;
    };
    let heard = before.heard[before.live()?];
    let expected = before.state.with.as_ref().is_some_and(|with| with.ci.on_timeout == Otherwise::Rollback);
    match because {
        Because::Ci if before.state.operation.is_none() && heard.word != Some(false) => {
            Some("rule 9: only a failure of CI is ground for a rollback")
        }
        Because::Timeout
            if before.state.operation.is_none() && !(expected && heard.expired && heard.word.is_none()) =>
        {
            Some("rule 9: silence of CI is ground for a rollback only where the settings say so")
        }
        Because::Timeout if before.in_silence & bit(before.live()?) != 0 => {
            Some("rule 9: what a person put live while CI was silent is not undone for that silence")
        }
        _ => None,
    }
}

/// Rule 5 again: what the machine fails at is no failure of a SHA.
fn blamed(before: &Situation, after: &Situation) -> Broken {
    let operation = before.state.operation.as_ref()?;
    let target = operation.ask.target();
    let is_new = after.state.is_quarantined(target) && !before.state.is_quarantined(target);
    (operation.spares_version() && is_new).then_some("rule 5: what the machine fails at quarantines no SHA")
}

/// Whether a person had a hand in what is live.
pub fn is_by_hand(situation: &Situation, commit: usize) -> bool {
    situation.by_hand & bit(commit) != 0
}

//! An incident told again from its ledger: each entry in words, and every rule that an entry breaks.
//! Folds with the shipped `apply` and asks the shipped `decide` what had to come, so that a ledger
//! that another version wrote, or a hand, is told apart. Changes nothing, and never runs in a deploy.

use crate::environment::Locale;
use crate::machine::entry::{Because, Checkup, Touched};
use crate::machine::request::Force;
use crate::machine::verdict::Verdict;
use crate::machine::{Ask, Decision, Entry, Fact, Outcome, State, Step, decide};
use crate::messages::log::title;
use crate::time::{Millis, span, utc};
use crate::voice::plain;

/// A ledger, told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// One line an entry, in the ledger's order; safe for a terminal.
    pub lines: Vec<String>,
    /// What is broken: the entry's number and the rule's sentence.
    pub broken: Vec<(u64, String)>,
    /// Lines that cannot be read, set aside as every run does.
    pub set_aside: usize,
}

/// Tells the ledger in this text, from its first line on.
#[must_use]
pub fn tell(text: &str) -> Story {
    let mut story = Story::default();
    let mut state = State::default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    story.set_aside = usize::from(!text.is_empty() && !text.ends_with('\n'));
    let mut last = Millis(0);
    for line in whole.lines() {
        let Ok(entry) = serde_json::from_str::<Entry>(line) else {
            story.set_aside += 1;
            continue;
        };
        let before = state.clone();
        state.apply(&entry);
        story.lines.push(plain(&line_of(&entry, &before, last)));
        last = entry.at;
        story.broken.extend(broken(&entry, &before, &state).into_iter().map(|rule| (entry.seq, rule)));
    }
    story
}

fn line_of(entry: &Entry, before: &State, last: Millis) -> String {
    let passed = if last.0 == 0 { String::new() } else { format!(" (+{})", span(entry.at.since(last))) };
    format!("{:>5}  {} UTC{passed}  {}  [{}]", entry.seq, utc(entry.at), words(&entry.fact, before), entry.by)
}

fn words(fact: &Fact, before: &State) -> String {
    match fact {
        Fact::Baseline { sha } => format!("first run here: {} is live, unvalidated", sha.short()),
        Fact::Found { sha } => format!("somebody moved the work tree to {} by hand", sha.short()),
        Fact::Asked { ask, .. } => asked(ask, before),
        Fact::Fetched { commit, placed, relation, .. } => {
            format!("fetched {} {:?}: {placed:?}, {relation:?} than what is live", commit.sha.short(), commit.subject)
        }
        Fact::Compared { guarded } if guarded.is_empty() => "compared: no guarded path differs".to_owned(),
        Fact::Compared { guarded } => format!("compared: guarded paths differ: {}", guarded.join(", ")),
        Fact::Began { step } => format!("begins: {}", step_word(*step)),
        Fact::Did { step, ms, note, .. } => format!("done in {}: {} {note}", span(*ms), step_word(*step)),
        Fact::Failed { step, why, touched, blame } => {
            let touched = match touched {
                Touched::Nothing => "nothing changed",
                Touched::Files => "files of the work tree changed",
                Touched::Live => "what is live may have changed",
            };
            let touched = format!("{touched}, by the {blame:?}").to_lowercase();
            format!("FAILED: {} ({touched}): {}", step_word(*step), first_line(why))
        }
        Fact::Applied { strategy, reason, .. } => format!("compose {strategy}: {reason}"),
        Fact::Checked { health: Checkup::Healthy(by), ms, .. } => format!("healthy after {}: {by}", span(*ms)),
        Fact::Checked { health: Checkup::Unhealthy(why), ms, .. } => {
            format!("UNHEALTHY after {}: {}", span(*ms), first_line(why))
        }
        Fact::Ended { outcome } => format!("over: {}", ending(outcome)),
        Fact::Ci { sha, verdict, run, .. } => {
            let run = run.as_ref().map_or(String::new(), |run| format!(" (run {}.{})", run.id, run.attempt));
            format!("CI of {}: {}{run}", sha.short(), said(verdict))
        }
        Fact::Dropped { sha } => format!("{} is on the branch no more: no rollback target", sha.short()),
        Fact::Watching { sha, how, until } => {
            format!("CI of {} is followed ({how:?}) until {} UTC", sha.short(), utc(*until))
        }
        Fact::Resumed => "a later run goes on with what was left unfinished".to_owned(),
        Fact::Stopped { signal } => format!("the run was told to stop ({signal})"),
        Fact::Snapshot { .. } => "snapshot of all of the above".to_owned(),
    }
}

fn asked(ask: &Ask, before: &State) -> String {
    let follows = if before.operation.is_some() { ", which follows from what went wrong" } else { "" };
    match ask {
        Ask::Deploy { sha, force } => {
            let forced = if *force == Force::Override { ", forced" } else { "" };
            format!("asked: deploy {}{forced}", sha.short())
        }
        Ask::Promote { sha, force, backup } => {
            let forced = if *force == Force::Override { ", forced" } else { "" };
            let saved = backup.as_ref().map_or(String::new(), |name| format!(", backup {name}"));
            format!("asked: promote {}{forced}{saved}", sha.short())
        }
        Ask::Rollback { to, undo, because, force, .. } => {
            let undone = undo.as_ref().map_or(String::new(), |sha| format!(" instead of {}", sha.short()));
            let forced = if *force == Force::Override { ", forced" } else { "" };
            format!("asked: roll back to {}{undone} ({because:?}{forced}{follows})", to.short())
        }
    }
}

fn step_word(step: Step) -> String {
    title(step, Locale::En).to_owned()
}

fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Success => "success".to_owned(),
        Verdict::Failure(kind) => format!("FAILURE ({kind:?})"),
        Verdict::Inconclusive(doubt) => format!("no verdict ({doubt:?})"),
    }
}

fn ending(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed { why } | Outcome::Stuck { why } | Outcome::Unhealthy { why } => {
            let word = format!("{outcome:?}");
            let word = word.split([' ', '{']).next().unwrap_or_default().to_uppercase();
            format!("{word}: {}", first_line(why))
        }
        other => format!("{other:?}"),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).collect()
}

/// The rules that this entry breaks, as sentences.
fn broken(entry: &Entry, before: &State, after: &State) -> Vec<String> {
    let checks = [
        in_sequence(entry, before),
        as_decided(entry, before),
        live_as_asked(entry, before, after),
        point_forward(before, after),
        target_is_fit(entry, before),
        snapshot_agrees(entry, before),
    ];
    checks.into_iter().flatten().collect()
}

fn in_sequence(entry: &Entry, before: &State) -> Option<String> {
    let first_is_snapshot = before.seq == 0 && matches!(entry.fact, Fact::Snapshot { .. });
    (entry.seq != before.seq.saturating_add(1) && !first_is_snapshot)
        .then(|| format!("entries count without gaps: {} follows {}", entry.seq, before.seq))
}

/// What the machine did by itself is what it had to do.
fn as_decided(entry: &Entry, before: &State) -> Option<String> {
    let decided = decide(before, entry.at);
    let fits = match &entry.fact {
        Fact::Began { step } => decided == Decision::Do(*step),
        Fact::Ended { outcome: Outcome::Interrupted } => true,
        Fact::Ended { outcome } => decided == Decision::End(outcome.clone()),
        Fact::Asked { ask: ask @ Ask::Rollback { undo, because, .. }, .. } if *because != Because::Person => {
            let again = undo.as_ref().and_then(|sha| before.back_again(sha));
            again.as_ref() == Some(ask) || matches!(&decided, Decision::Ask(wanted, _) if wanted == ask)
        }
        _ => true,
    };
    (!fits).then(|| format!("what is done is what was decided: {decided:?}"))
}

fn live_as_asked(entry: &Entry, before: &State, after: &State) -> Option<String> {
    let live = |state: &State| state.live.as_ref().map(|live| live.sha.clone());
    let by_hand = matches!(entry.fact, Fact::Baseline { .. } | Fact::Found { .. } | Fact::Snapshot { .. });
    if live(before) == live(after) || by_hand {
        return None;
    }
    let target = before.operation.as_ref().map(|operation| (operation.ask.target().clone(), operation.touched()));
    let fits = target.is_some_and(|(target, touched)| touched && Some(target) == live(after));
    (!fits).then(|| "rule 1: only the SHA that was asked for goes live, and only once it was touched".to_owned())
}

fn point_forward(before: &State, after: &State) -> Option<String> {
    let point = |state: &State| state.last_validated().map(|one| one.sha.clone());
    let (was, is) = (point(before), point(after));
    if was == is || before.seq == 0 {
        return None;
    }
    let succeeded = |sha| {
        let record = after.records.get(sha);
        matches!(record.and_then(|record| record.ci.as_ref()), Some((Verdict::Success, _)))
    };
    if is.as_ref().is_some_and(|sha| !succeeded(sha)) {
        return Some("rule 2: the rollback point is a SHA whose CI succeeded".to_owned());
    }
    let place = |sha| after.validated.iter().position(|one| one.sha == sha);
    let back = was.filter(|was| !after.is_quarantined(was)).and_then(place) > is.and_then(place);
    back.then(|| "rule 2: the rollback point goes back only from a SHA that has failed since".to_owned())
}

fn target_is_fit(entry: &Entry, before: &State) -> Option<String> {
    match &entry.fact {
        Fact::Asked { ask: Ask::Rollback { to, undo, force, .. }, .. } => {
            let tried = before.operation.as_ref().is_some_and(|one| one.tried.contains(to) || one.ask.target() == to);
            if *force == Force::Obey && before.is_quarantined(to) {
                return Some("rule 5: a SHA that failed is never a rollback target".to_owned());
            }
            (tried || undo.as_ref() == Some(to)).then(|| "rule 5: no target is tried twice in one incident".to_owned())
        }
        Fact::Began { step } if step.touches() => {
            let operation = before.operation.as_ref()?;
            let obeys = matches!(&operation.ask, Ask::Deploy { force: Force::Obey, .. });
            let bad = obeys && before.is_quarantined(operation.ask.target());
            bad.then(|| "rule 5: a SHA that failed is not deployed again without force".to_owned())
        }
        _ => None,
    }
}

fn snapshot_agrees(entry: &Entry, before: &State) -> Option<String> {
    let Fact::Snapshot { state } = &entry.fact else {
        return None;
    };
    (before.seq != 0 && **state != *before).then(|| "a snapshot is what the entries before it add up to".to_owned())
}

//! What `status` shows on a terminal and in the job's log: some lines an environment, the newest requests
//! last. Outside texts are made harmless before anything is painted.

use std::cmp::Reverse;

use super::super::pick_up::is_open;
use super::View;
use crate::environment::Locale;
use crate::machine::standing::Standing;
use crate::machine::state::Record;
use crate::machine::{Ask, Decision, Outcome, State, decide};
use crate::messages::colon;
use crate::messages::holder::holder;
use crate::messages::status::{Rows, asked, checked, ended};
use crate::page::verdict::{Ill, ill};
use crate::paint::{Paint, Tint};
use crate::time::{Millis, utc};
use crate::voice::plain;

/// Versions of one kind that a row names: `--json` has all of them.
const SHOWN: usize = 6;

/// One environment.
pub(super) fn text(view: &View, now: Millis, locale: Locale, paint: Paint) -> String {
    let words = Rows::of(locale);
    let state = &view.state;
    let mut lines = vec![paint.text(Tint::Strong, &view.name)];
    let mut row = |name: &str, tint: Tint, value: &str| {
        let name = paint.text(Tint::Quiet, &format!("{name:<12}"));
        let value = plain(value).replace('\n', "\n               ");
        lines.push(format!("  {name} {}", paint.text(tint, &value)));
    };
    if let Some(problem) = &view.problem {
        row(words.problem, Tint::Bad, problem);
        // Of what could not be read nothing is known: neither that nobody is at work, nor that nothing is live.
        if state.seq == 0 && view.set_aside == 0 {
            return lines.join("\n");
        }
    }
    row(words.live, if view.moved.is_some() { Tint::Warn } else { live_tint(view) }, &live(view, now, locale));
    if let Some(head) = &view.moved {
        row(words.tree, Tint::Warn, &(words.moved)(head.short()));
    }
    for target in &view.health {
        let ill = ill(target, state);
        let tint = if ill == Some(Ill::Now) { Tint::Bad } else { Tint::Plain };
        row(words.health, tint, &checked(locale, target, ill == Some(Ill::Before), now));
    }
    row(words.validated, Tint::Plain, &validated(view, words));
    let is_late = state.awaited().is_some_and(|watch| watch.until <= now);
    row(words.pending, if is_late { Tint::Warn } else { Tint::Plain }, &pending(state, now, words));
    if let Some(operation) = &state.operation {
        let told = (words.unfinished_since)(&asked(locale, &operation.ask), &utc(operation.since), &operation.by);
        // While somebody holds the lock, it is in that one's hands.
        let (word, tint) =
            view.lock.as_ref().map_or((words.unfinished, Tint::Warn), |_| (words.under_way, Tint::Plain));
        row(word, tint, &told);
    }
    let held = |by: &Option<String>, none: &str| by.as_ref().map_or(none.to_owned(), |by| holder(by, locale));
    row(words.lock, Tint::Plain, &held(&view.lock, words.free));
    row(words.watcher, Tint::Plain, &held(&view.watcher, words.nobody));
    row(words.quarantine, Tint::Plain, &newest(state, |record| record.quarantine.is_some()));
    if state.records.values().any(|record| record.undone) {
        row(words.undone, Tint::Plain, &newest(state, |record| record.undone));
    }
    if let Some(name) = &state.unrestored {
        row(words.files, Tint::Bad, &(words.unrestored)(&name.to_string()));
    }
    if view.set_aside > 0 {
        row(words.set_aside, Tint::Warn, &crate::messages::status::set_aside(locale, view.set_aside));
    }
    for one in state.history.iter().rev() {
        let took = (words.took)(one.at.since(one.since), &one.by);
        let ask = format!("{:<22}", asked(locale, &one.ask));
        let outcome = paint.text(ended_tint(&one.outcome), &plain(&ended(locale, &one.outcome)));
        let took = paint.text(Tint::Quiet, &plain(&took));
        lines.push(format!("    {} UTC  {ask} {outcome} {took}", utc(one.at)));
    }
    lines.join("\n")
}

/// The versions of which this holds, newest first; of many the newest, and how many more there are.
fn newest(state: &State, is: fn(&Record) -> bool) -> String {
    let mut all: Vec<_> = state.records.iter().filter(|(_, record)| is(record)).collect();
    all.sort_by_key(|(_, record)| Reverse(record.seq));
    let shown: Vec<&str> = all.iter().take(SHOWN).map(|(sha, _)| sha.short()).collect();
    match all.len().saturating_sub(SHOWN) {
        _ if all.is_empty() => "-".to_owned(),
        0 => shown.join(", "),
        more => format!("{}, +{more}", shown.join(", ")),
    }
}

fn live_tint(view: &View) -> Tint {
    let is_well = view.state.live.as_ref().is_some_and(|live| live.known_by.is_well());
    match view.standing() {
        Some(Standing::Failed) => Tint::Bad,
        Some(Standing::Validated) if is_well => Tint::Good,
        _ => Tint::Plain,
    }
}

fn ended_tint(outcome: &Outcome) -> Tint {
    match outcome {
        Outcome::Deployed => Tint::Good,
        Outcome::Unchanged | Outcome::Superseded | Outcome::Interrupted => Tint::Plain,
        Outcome::Refused { .. } | Outcome::RolledBack => Tint::Warn,
        Outcome::Unhealthy { .. } | Outcome::Guarded { .. } | Outcome::Failed { .. } | Outcome::Stuck { .. } => {
            Tint::Bad
        }
    }
}

fn live(view: &View, now: Millis, locale: Locale) -> String {
    let words = Rows::of(locale);
    let state = &view.state;
    let (Some(live), Some(standing)) = (&state.live, view.standing()) else {
        return words.unknown.to_owned();
    };
    let commit = state.records.get(&live.sha).and_then(|record| record.commit.as_ref());
    let subject = commit.map_or("", |commit| &commit.subject);
    let is_ill = view.health.iter().any(|target| ill(target, state) == Some(Ill::Now));
    let since = (words.live_since)(&utc(live.since), now.since(live.since), (live.known_by, is_ill));
    let subject = if subject.is_empty() { String::new() } else { format!(" {subject}") };
    let mark = if standing == Standing::Failed { "❌ " } else { "" };
    let standing = words.standing(standing);
    format!("{mark}{}{subject}{}{standing} ({since})", live.sha.short(), colon(locale))
}

fn validated(view: &View, words: &Rows) -> String {
    let state = &view.state;
    match (state.last_validated(), state.validated.last(), &state.baseline) {
        (Some(one), ..) => {
            let run = one.run.as_ref().map_or(String::new(), |run| format!(", CI run {}.{}", run.id, run.attempt));
            format!("{} ({} UTC{run}) -> {}", one.sha.short(), utc(one.at), view.point_file)
        }
        (None, Some(gone), _) => (words.none_left)(gone.sha.short()),
        (None, None, Some(sha)) => (words.baseline)(sha.short()),
        (None, None, None) => "-".to_owned(),
    }
}

fn pending(state: &State, now: Millis, words: &Rows) -> String {
    if state.operation.is_none()
        && let Decision::Ask(Ask::Rollback { to, .. }, _) = decide(state, now)
    {
        return (words.due)(to.short());
    }
    let Some(watch) = state.awaited() else {
        let live = state.live.as_ref().filter(|_| state.watch.is_none() && is_open(state, now));
        return live.map_or("-".to_owned(), |live| (words.unfollowed)(live.sha.short()));
    };
    let left = if now < watch.until { (words.left)(watch.until.since(now)) } else { words.time_is_up.to_owned() };
    let how = format!("{:?}", watch.how).to_lowercase();
    (words.awaited)(watch.sha.short(), &utc(watch.until), &format!("{left}, {how}"))
}

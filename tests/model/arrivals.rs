//! What comes from outside. The lock lets one run at work at a time, so a push, CI's word or a person
//! has to wait until no request is under way; what does not wait for it is in `at_any_moment`.

use mangetamain_deploy::environment::Watch;
use mangetamain_deploy::machine::entry::CiRun;
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::verdict::Verdict;
use mangetamain_deploy::machine::{Ask, Because, Fact, Files};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::BackupName;

use super::situation::{Situation, bit};
use super::size::{With, Words};
use crate::story::{forward, sha, verdict};

/// Until when CI is waited for, where somebody waits.
pub const DEADLINE: Millis = Millis(10);

type Arrival = (String, Situation);

/// Everything that can come while no request is under way.
pub fn all(now: &Situation) -> Vec<Arrival> {
    let mut all = at_any_moment(now);
    if now.left.promotes > 0 {
        let commits = 1..=now.left.pushes;
        all.extend(commits.flat_map(|commit| {
            [(Force::Obey, true), (Force::Obey, false), (Force::Override, true)]
                .map(|(force, saved)| promote(now, commit, force, saved))
        }));
    }
    if now.left.with == With::Production {
        return all;
    }
    all.extend((1..=now.left.pushes).filter(|commit| now.pushed & bit(*commit) == 0).map(|one| push(now, one)));
    all.extend((1..=now.left.pushes).flat_map(|commit| words(now, commit)));
    all.extend(waits(now));
    if now.left.hands > 0 {
        for commit in 0..=now.left.pushes {
            all.push(forced(now, commit));
            all.push(rolled_back(now, commit));
            all.extend(moved(now, commit));
            all.extend(dropped(now, commit));
        }
    }
    all
}

/// What waits for no lock of ours.
pub fn at_any_moment(now: &Situation) -> Vec<Arrival> {
    if now.left.revoked == 0 {
        return Vec::new();
    }
    let there = (1..=now.left.pushes).filter(|commit| now.elsewhere & bit(*commit) != 0);
    let revoke = |commit: usize| {
        let mut next = now.clone();
        next.left.revoked -= 1;
        next.elsewhere &= !bit(commit);
        (format!("{commit} is validated no more where it came from"), next)
    };
    there.map(revoke).collect()
}

fn requested(now: &Situation, ask: Ask) -> Situation {
    now.surveyed().asked(Fact::Asked { ask, with: Box::new(now.left.settings()) })
}

fn push(now: &Situation, commit: usize) -> Arrival {
    let mut next = requested(now, Ask::Deploy { sha: sha(commit), force: Force::Obey });
    next.pushed |= bit(commit);
    (format!("push of {commit}"), next)
}

/// A person promotes a SHA that another environment has validated.
fn promote(now: &Situation, commit: usize, force: Force, is_saved: bool) -> Arrival {
    let live = now.state.live.as_ref().map_or_else(|| sha(commit), |live| live.sha.clone());
    let backup = is_saved.then(|| BackupName::new(Millis(0), &live));
    let mut next = requested(now, Ask::Promote { sha: sha(commit), force, backup });
    next.left.promotes -= 1;
    let saved = if is_saved { "" } else { ", nothing saved" };
    (format!("promote of {commit}, {force:?}{saved}").to_lowercase(), next)
}

/// CI's words on a commit: each attempt once, in any order, or never.
fn words(now: &Situation, commit: usize) -> Vec<Arrival> {
    let heard = now.heard[commit];
    let mut all = Vec::new();
    for attempt in [1, 2] {
        if heard.told & bit(attempt) != 0 || (attempt == 2 && now.left.reruns == 0) {
            continue;
        }
        let again: &[&str] = match heard.word {
            Some(true) if heard.newest == 1 => &["failure", "cancelled"],
            Some(false) if heard.newest == 1 => &["success", "cancelled"],
            _ => now.left.verdicts(),
        };
        let words = if attempt == 2 { again } else { now.left.verdicts() };
        all.extend(words.iter().map(|word| said(now, commit, attempt, word)));
    }
    all
}

fn said(now: &Situation, commit: usize, attempt: usize, word: &str) -> Arrival {
    let run = CiRun { id: commit as u64, attempt: attempt as u64, url: now.left.text(), started: None };
    let mut next = told(now, commit, verdict(word), Some(run));
    let heard = &mut next.heard[commit];
    heard.told |= bit(attempt);
    next.left.reruns -= u8::from(attempt == 2);
    // GitHub's words, exactly: nothing else proves anything, and no answer takes an earlier one back.
    let proven = match word {
        "success" => Some(true),
        "failure" | "timed_out" | "startup_failure" => Some(false),
        _ => None,
    };
    if proven.is_some() && attempt > usize::from(heard.newest) {
        heard.newest = attempt as u8;
        heard.word = proven;
    }
    (format!("CI of {commit}, attempt {attempt}: {word:?}"), next)
}

fn told(now: &Situation, commit: usize, verdict: Verdict, run: Option<CiRun>) -> Situation {
    let forward = forward(&now.state, commit);
    let mut next = now.surveyed().with([Fact::Ci { sha: sha(commit), verdict, run, forward }]);
    next.write();
    next
}

/// Somebody follows CI of what is live until a deadline; and the deadline passes.
fn waits(now: &Situation) -> Vec<Arrival> {
    let Some(live) = now.live().filter(|live| *live > 0 && now.heard[*live].word.is_none()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    if now.left.with == With::Deadline && now.state.watch.is_none() && !now.heard[live].expired {
        let mut next = now.with([Fact::Watching { sha: sha(live), how: Watch::Inline, until: DEADLINE }]);
        next.write();
        all.push((format!("CI of {live} is followed"), next));
    }
    let silences: &[&str] = match now.left.words {
        _ if now.heard[live].expired => &[],
        Words::Every => &["expired", "unreachable", "no-run"],
        Words::Kinds if now.left.with == With::Deadline => &["expired"],
        Words::Kinds => &[],
    };
    for word in silences {
        let mut next = told(now, live, verdict(word), None);
        next.heard[live].expired = *word != "no-run";
        all.push((format!("CI of {live}: {word}"), next));
    }
    all
}

fn by_person(mut next: Situation, commit: usize) -> Situation {
    next.left.hands -= 1;
    next.is_put_by_hand(commit);
    next
}

fn forced(now: &Situation, commit: usize) -> Arrival {
    let next = requested(now, Ask::Deploy { sha: sha(commit), force: Force::Override });
    (format!("a person forces {commit}"), by_person(next, commit))
}

/// `mode: rollback` refuses quarantined targets without force.
fn rolled_back(now: &Situation, commit: usize) -> Arrival {
    let (force, word) = match now.state.is_quarantined(&sha(commit)) {
        true => (Force::Override, "forces its way"),
        false => (Force::Obey, "rolls"),
    };
    let live = now.state.live.as_ref().map(|live| live.sha.clone());
    let undo = live.filter(|live| *live != sha(commit));
    let (to, files) = (sha(commit), Files::Remade);
    let next = requested(now, Ask::Rollback { to, undo, because: Because::Person, files, force });
    (format!("a person {word} back to {commit}"), by_person(next, commit))
}

/// A person moves the work tree, past the action.
fn moved(now: &Situation, commit: usize) -> Option<Arrival> {
    if now.live() == Some(commit) {
        return None;
    }
    let mut next = now.with([Fact::Found { sha: sha(commit) }]);
    next.write();
    next.site.put(commit);
    Some((format!("a person moves the work tree to {commit}"), by_person(next, commit)))
}

/// The branch is rewritten: a validated SHA is on it no more.
fn dropped(now: &Situation, commit: usize) -> Option<Arrival> {
    if !now.state.validated.iter().any(|one| one.sha == sha(commit)) {
        return None;
    }
    let mut next = now.with([Fact::Dropped { sha: sha(commit) }]);
    next.write();
    Some((format!("the branch is rewritten without {commit}"), by_person(next, commit)))
}

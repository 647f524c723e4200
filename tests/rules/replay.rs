//! A ledger told again: what happened in words, and which entry breaks which rule. Real ledgers are
//! replayed in the simulation; here are small ones, and the same ones spoilt on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{self, Story, sha};
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::{Ask, Because, Entry, Fact, Files, Outcome};
use mangetamain_deploy::replay::tell;

const INCIDENT: &str = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go";

fn text(entries: &[Entry]) -> String {
    entries.iter().map(|entry| format!("{}\n", serde_json::to_string(entry).unwrap())).collect()
}

/// The rules that break once `change` has spoilt the incident's entries.
fn broken(change: impl FnOnce(&mut Vec<Entry>)) -> Vec<String> {
    let mut entries = Story::of(INCIDENT).entries;
    change(&mut entries);
    tell(&text(&entries)).broken.into_iter().map(|(_, rule)| rule).collect()
}

fn place(entries: &[Entry], wanted: impl Fn(&Fact) -> bool) -> usize {
    entries.iter().rposition(|entry| wanted(&entry.fact)).expect("such an entry")
}

fn says(broken: &[String], rule: &str) {
    assert!(broken.iter().any(|one| one.contains(rule)), "{broken:?}");
}

#[test]
fn an_incident_is_told_in_the_order_in_which_it_happened() {
    let story = tell(&text(&Story::of(INCIDENT).entries));
    assert_eq!(story.broken, []);
    assert_eq!(story.set_aside, 0);
    let told = story.lines.join("\n");
    let mut rest = told.as_str();
    for words in [
        "first run here: 0000000 is live, unvalidated",
        "asked: deploy 0000001",
        "begins: reset",
        "healthy after 5 ms",
        "over: Deployed",
        "CI of 0000001: success (run 101.1)",
        "CI of 0000002: FAILURE (Failed) (run 102.1)",
        "asked: roll back to 0000001 instead of 0000002 (Ci)",
        "over: RolledBack",
    ] {
        let at = rest.find(words).unwrap_or_else(|| panic!("{words:?} does not follow in\n{told}"));
        rest = &rest[at + words.len()..];
    }
}

#[test]
fn an_entry_that_is_missing_is_noticed() {
    says(&broken(|entries| drop(entries.remove(3))), "entries count without gaps: 5 follows 3");
}

#[test]
fn a_rollback_that_nobody_decided_is_noticed() {
    let rules = broken(|entries| {
        let ci = place(entries, |fact| matches!(fact, Fact::Ci { .. }));
        entries.truncate(ci);
        let ask = Ask::Rollback {
            to: sha(1),
            undo: Some(sha(2)),
            because: Because::Ci,
            files: Files::default(),
            force: Force::Obey,
        };
        let with = Box::new(story::environment());
        let last = entries.last().unwrap().clone();
        entries.push(Entry { seq: last.seq + 1, fact: Fact::Asked { ask, with }, ..last });
    });
    says(&rules, "what is done is what was decided: Rest");
}

/// A person's way back that stuck, what CI said of what was undone, and the way back that is begun once more.
fn back_again(ci: &str) -> Vec<String> {
    let stuck = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; rollback 1; failed compose live machine; go";
    let mut story = Story::of(&format!("{stuck}; {ci}"));
    let (to, undo, because, files, force) = (sha(1), Some(sha(2)), Because::Ci, Files::default(), Force::Obey);
    story.add(Fact::Asked {
        ask: Ask::Rollback { to, undo, because, files, force },
        with: Box::new(story::environment()),
    });
    tell(&text(&story.entries)).broken.into_iter().map(|(_, rule)| rule).collect()
}

#[test]
fn going_back_once_more_from_what_ci_failed_is_lawful_where_the_way_back_was_stuck() {
    assert_eq!(back_again("ci 2 failure"), [""; 0]);
    says(&back_again("ci 2 cancelled"), "what is done is what was decided: Rest");
}

#[test]
fn a_rollback_that_a_person_forced_to_what_failed_is_lawful() {
    let forced = |force| {
        broken(|entries| {
            let last = entries.last().unwrap().clone();
            let (to, undo, because, files) = (sha(2), Some(sha(1)), Because::Person, Files::default());
            let (ask, with) = (Ask::Rollback { to, undo, because, files, force }, Box::new(story::environment()));
            entries.push(Entry { seq: last.seq + 1, fact: Fact::Asked { ask, with }, ..last });
        })
    };
    assert_eq!(forced(Force::Override), [""; 0]);
    says(&forced(Force::Obey), "rule 5: a SHA that failed is never a rollback target");
}

#[test]
fn a_rollback_to_what_failed_is_noticed() {
    let rules = broken(|entries| {
        let asked = place(entries, |fact| matches!(fact, Fact::Asked { .. }));
        let Fact::Asked { ask: Ask::Rollback { to, .. }, .. } = &mut entries[asked].fact else {
            panic!("the last request is the rollback")
        };
        *to = sha(2);
    });
    says(&rules, "rule 5: a SHA that failed is never a rollback target");
}

#[test]
fn an_end_that_does_not_follow_is_noticed() {
    let rules = broken(|entries| {
        let checked = place(entries, |fact| matches!(fact, Fact::Checked { .. }));
        entries.truncate(checked);
        let last = entries.last().unwrap().clone();
        entries.push(Entry { seq: last.seq + 1, fact: Fact::Ended { outcome: Outcome::RolledBack }, ..last });
    });
    says(&rules, "what is done is what was decided: Do(Check)");
}

#[test]
fn a_snapshot_of_another_state_is_noticed() {
    let rules = broken(|entries| {
        let state = Box::new(Story::of("baseline 0").state);
        let last = entries.last().unwrap().clone();
        entries.push(Entry { seq: last.seq + 1, fact: Fact::Snapshot { state }, ..last });
    });
    says(&rules, "a snapshot is what the entries before it add up to");
}

#[test]
fn a_torn_last_line_is_set_aside() {
    let whole = text(&Story::of(INCIDENT).entries);
    let story = tell(&whole[..whole.len() - 20]);
    assert_eq!((story.set_aside, story.broken.len()), (1, 0));
}

#[test]
fn text_that_is_no_ledger_tells_nothing_and_breaks_nothing() {
    let story = tell("not a ledger\n\u{1b}[31m{\"seq\":1}\n");
    assert_eq!((story.lines.len(), story.set_aside, story.broken.len()), (0, 2, 0));
}

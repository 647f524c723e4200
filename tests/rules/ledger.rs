//! What a ledger's file adds up to when part of it cannot be read. Whole ledgers are read in the simulation.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, sha};
use futures_util::FutureExt;
use mangetamain_deploy::failure::Failure;
use mangetamain_deploy::host::{Command, Host, Reply};
use mangetamain_deploy::ledger::Ledger;
use mangetamain_deploy::machine::{Entry, Fact};

/// A machine with one file.
struct OneFile(String);

impl Host for OneFile {
    async fn perform(&self, _: Command) -> Reply {
        Reply::Text { text: self.0.clone(), size: self.0.len() as u64 }
    }
}

fn read(text: String) -> Result<Ledger, Failure> {
    Ledger::read(&OneFile(text), "/s/ledger.jsonl", "run 1.1").now_or_never().expect("no waiting")
}

/// A story's ledger with these lines at its end.
fn with(lines: &str) -> Result<Ledger, Failure> {
    let mut story = Story::of("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go");
    let last = story.entries.last().unwrap().clone();
    let state = Box::new(story.state.clone());
    story.entries.push(Entry { seq: last.seq + 1, fact: Fact::Snapshot { state }, ..last });
    let whole: String = story.entries.iter().map(|one| format!("{}\n", serde_json::to_string(one).unwrap())).collect();
    read(whole + lines)
}

#[test]
fn a_snapshot_that_cannot_be_read_forgets_nothing() {
    let broken = r#"{"seq":999,"at":1,"by":"x","fact":{"snapshot":{"state":{"new":1}}}}"#;
    let ledger = with(&format!("{broken}\n")).unwrap();
    assert_eq!(ledger.state.last_validated().map(|one| one.sha.clone()), Some(sha(1)));
    assert!(ledger.state.is_quarantined(&sha(2)));
    assert_eq!(ledger.set_aside, 1);
}

#[test]
fn an_entry_that_a_newer_version_wrote_is_not_passed_over() {
    let newer = r#"{"seq":999,"at":1,"by":"x","fact":{"moved-house":{}}}"#;
    assert!(matches!(with(&format!("{newer}\n")), Err(Failure::Newer { .. })));
}

#[test]
fn a_line_that_is_no_entry_is_set_aside() {
    let ledger = with("{\"seq\":999}\n#torn\n").unwrap();
    assert_eq!((ledger.set_aside, ledger.state.is_quarantined(&sha(2))), (2, true));
}

//! What a ledger's file adds up to when part of it cannot be read. Whole ledgers are read in the simulation.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;

use crate::story::{Story, sha};
use futures_util::FutureExt;
use mangetamain_deploy::failure::Failure;
use mangetamain_deploy::host::{Command, Host, Reply};
use mangetamain_deploy::ledger::Ledger;
use mangetamain_deploy::machine::{Entry, Fact};
use mangetamain_deploy::time::Millis;

/// A machine with one file.
struct OneFile(String);

impl Host for OneFile {
    async fn perform(&self, _: Command) -> Reply {
        Reply::Text { text: self.0.clone(), size: self.0.len() as u64 }
    }
}

/// A disk that refuses a snapshot, and keeps so many of its bytes; `usize::MAX`: all.
struct Refusing {
    file: RefCell<String>,
    kept: usize,
}

impl Host for Refusing {
    async fn perform(&self, command: Command) -> Reply {
        let mut file = self.file.borrow_mut();
        match command {
            Command::Append { text, .. } if text.contains(r#""snapshot""#) => {
                file.push_str(&text[..text.len().min(self.kept)]);
                Reply::Refused { code: "EIO".to_owned(), text: "input/output error".to_owned() }
            }
            Command::Append { text, .. } => {
                file.push_str(&text);
                Reply::Done
            }
            _ => Reply::Text { text: file.clone(), size: file.len() as u64 },
        }
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

#[test]
fn entries_count_without_gaps_whatever_stands_there_of_a_snapshot_that_the_disk_refused() {
    for kept in [0, 40, usize::MAX] {
        let host = Refusing { file: RefCell::default(), kept };
        let mut ledger = Ledger::read(&host, "/s/ledger.jsonl", "run 1.1").now_or_never().expect("no waiting").unwrap();
        for at in 1..=50 {
            ledger.add(Fact::Found { sha: sha(1) }, Millis(at));
            ledger.write(&host, Millis(at)).now_or_never().expect("no waiting").unwrap();
        }
        let file = host.file.take();
        let seqs: Vec<u64> =
            file.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()).map(|entry| entry.seq).collect();
        assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{kept} bytes kept: {seqs:?}");
        assert!(seqs.len() >= 50, "{kept} bytes kept: {seqs:?}");
    }
}

//! What a promote reads of the environment that it comes from, while somebody is at work there.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::Cell;
use std::collections::BTreeMap;

use futures_util::FutureExt;
use mangetamain_deploy::config;
use mangetamain_deploy::host::{Command, Host, Reply, Start};
use mangetamain_deploy::ledger::Ledger;
use mangetamain_deploy::machine::verdict::Doubt;
use mangetamain_deploy::messages::promotion::{Found, NotValidatedReason};
use mangetamain_deploy::outbox::Outbox;
use mangetamain_deploy::session::Session;
use mangetamain_deploy::steps::evidence::{Evidence, Proof, look};
use mangetamain_deploy::voice::Voice;

use crate::story::{Story, sha};

/// Preprod as it was, and as it is once somebody has asked who holds its lock.
struct Preprod {
    before: Story,
    after: Story,
    is_held: bool,
    peeks: Cell<u32>,
}

impl Host for Preprod {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Read { path, .. } if path == "/s/preprod/ledger.jsonl" => {
                let story = if self.peeks.get() == 0 { &self.before } else { &self.after };
                let line = |entry| serde_json::to_string(entry).unwrap() + "\n";
                let text: String = story.entries.iter().map(line).collect();
                Reply::Text { size: text.len() as u64, text }
            }
            Command::Peek { path } if path == "/s/preprod/lock" => {
                self.peeks.set(self.peeks.get() + 1);
                if self.is_held { Reply::Held { holder: String::new() } } else { Reply::Missing }
            }
            // No git is here, so nobody knows which repository GitHub could be asked about.
            Command::Read { .. } | Command::Run(_) => Reply::Missing,
            other => unreachable!("{other:?}"),
        }
    }
}

fn seen(host: &Preprod) -> Evidence {
    let sha = sha(1);
    let inputs = [("mode", "promote"), ("environment", "prod"), ("app-path", "/srv/prod"), ("state-dir", "/s")];
    let more = [("sha", sha.as_str()), ("confirm", "DEPLOY"), ("backup-paths", "/srv/data")];
    let inputs = inputs.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let config = config::read(&Start { inputs, ..Start::default() }, None, None).expect("a plain start");
    let (outbox, voice, env) = (Outbox::default(), Voice::new(host, Vec::new()), BTreeMap::new());
    let with = &config.environments[0];
    let own =
        Ledger::read(host, "/s/prod/ledger.jsonl", "").now_or_never().expect("nothing to wait for").expect("none");
    let session = Session::new(host, &config, (with, &env), own, (&outbox, &voice));
    look(&session, &sha).now_or_never().expect("nothing to wait for").expect("evidence")
}

const VALIDATED: &str = "deploy 1; go; ci 1 success; go";
const UNDER_WAY: &str = "deploy 1; go; ci 1 success; go; deploy 2; once; once";
const ENDED: &str = "deploy 1; go; ci 1 success; go; deploy 2; go";

fn preprod(before: &str, after: &str, is_held: bool) -> Preprod {
    Preprod { before: Story::of(before), after: Story::of(after), is_held, peeks: Cell::new(0) }
}

#[test]
fn where_nothing_is_under_way_nobody_is_asked_for() {
    let host = preprod(VALIDATED, "", true);
    let evidence = seen(&host);
    assert_eq!((evidence.proof, evidence.open, host.peeks.get()), (Proof::Given, None, 0));
}

#[test]
fn a_green_version_may_be_promoted_though_a_newer_one_was_validated_before_its_ci_had_spoken() {
    let late = "deploy 1; go; deploy 2; go; ci 2 success; go; ci 1 success; go";
    let host = preprod(late, "", false);
    assert!(host.before.state.validated.iter().all(|one| one.sha != sha(1)));
    assert_eq!(seen(&host).proof, Proof::Given);
}

#[test]
fn of_a_version_whose_ci_gave_no_verdict_it_is_not_said_that_ci_has_not_spoken() {
    let why = |story: &str| match seen(&preprod(story, "", false)).found {
        Found::NotValidated { why, .. } => why,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(why("deploy 1; go; ci 1 cancelled; go"), NotValidatedReason::Unanswered(Doubt::Cancelled));
    assert_eq!(why("deploy 1; go"), NotValidatedReason::Awaited);
}

#[test]
fn what_is_under_way_is_busy_while_somebody_holds_the_lock_and_unfinished_once_nobody_does() {
    let by = "run 1.1".to_owned();
    assert_eq!(seen(&preprod(UNDER_WAY, UNDER_WAY, true)).open, Some(Found::Busy(by.clone())));
    assert_eq!(seen(&preprod(UNDER_WAY, UNDER_WAY, false)).open, Some(Found::Unfinished(by)));
}

#[test]
fn what_ends_between_the_two_looks_is_neither() {
    let evidence = seen(&preprod(UNDER_WAY, ENDED, false));
    assert_eq!((evidence.open, evidence.proof), (None, Proof::Given));
    let live = evidence.state.and_then(|state| state.live).expect("something is live");
    assert_eq!(live.sha, sha(2), "as the newer look tells");
}

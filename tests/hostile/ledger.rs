//! A ledger's file of any bytes: read without a panic, never changed but by appending, and what is
//! written after it is read again as it was.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures_util::FutureExt;
use mangetamain_deploy::config::{self, Config};
use mangetamain_deploy::environment::Environment;
use mangetamain_deploy::failure::Failure;
use mangetamain_deploy::host::{Command, Host, Keep, Reply, Start};
use mangetamain_deploy::ledger::Ledger;
use mangetamain_deploy::machine::{Entry, Fact, decide};
use mangetamain_deploy::messages::ending::Ending;
use mangetamain_deploy::modes::status::{self, View};
use mangetamain_deploy::outbox::Outbox;
use mangetamain_deploy::replay::tell;
use mangetamain_deploy::report::{Done, Word, publication};
use mangetamain_deploy::session::Session;
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::voice::Voice;

use super::text;

const PATH: &str = "/s/preprod/ledger.jsonl";

/// A machine with one file.
pub struct OneFile(pub RefCell<Vec<u8>>);

impl Host for OneFile {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Read { path, cap, keep } if path == PATH => {
                let held = self.0.borrow();
                let cap = usize::try_from(cap).unwrap().min(held.len());
                let part = if keep == Keep::Tail { &held[held.len() - cap..] } else { &held[..cap] };
                Reply::Text { text: text(part), size: held.len() as u64 }
            }
            Command::Append { path, text } if path == PATH => {
                self.0.borrow_mut().extend(text.as_bytes());
                Reply::Done
            }
            Command::Clock => Reply::Clock { ms: Millis(1_800_000_000_000) },
            _ => Reply::Missing,
        }
    }
}

fn asked(host: &OneFile) -> Result<Ledger, Failure> {
    Ledger::read(host, PATH, "run 7.1").now_or_never().expect("no waiting")
}

fn read(host: &OneFile) -> Ledger {
    asked(host).expect("readable")
}

pub fn ledger(bytes: &[u8]) {
    let host = OneFile(RefCell::new(bytes.to_vec()));
    let mut ledger = match asked(&host) {
        Ok(ledger) => ledger,
        // An entry of a version to come: nothing is read, and so nothing is written.
        Err(Failure::Newer { .. }) => return,
        Err(other) => panic!("{other}"),
    };
    let whole = bytes.len() < 200_000 && !text(bytes).contains("\"snapshot\"");
    if whole {
        counts_what_it_set_aside(bytes, &ledger);
    }
    let _ = decide(&ledger.state, Millis(1_800_000_000_000));
    tell(&text(bytes)).lines.iter().for_each(|line| super::words::safe_to_print(line));
    shown(&host, read(&host));
    let sha = Sha::parse(&"c".repeat(40)).unwrap();
    for fact in [Fact::Found { sha: sha.clone() }, Fact::Resumed, Fact::Stopped { signal: "SIGINT".to_owned() }] {
        ledger.add(fact, Millis(1_800_000_000_000));
    }
    ledger.write(&host, Millis(1_800_000_000_000)).now_or_never().expect("no waiting").expect("written");
    let held = host.0.borrow().clone();
    assert!(held.starts_with(bytes), "only ever appended to");
    let again = read(&host);
    assert_eq!(again.state.live.as_ref().map(|live| &live.sha), Some(&sha));
    // A number beside its range is read as its end, once; everything else as it was.
    assert_eq!(again.state, ledger.state);
}

/// Without a snapshot every line is read or counted.
fn counts_what_it_set_aside(bytes: &[u8], ledger: &Ledger) {
    let text = text(bytes);
    let torn = !text.is_empty() && !text.ends_with('\n');
    let mut lines: Vec<&str> = text.split_terminator('\n').collect();
    if torn {
        lines.pop();
    }
    let bad = lines.iter().filter(|line| serde_json::from_str::<Entry>(line).is_err()).count();
    assert_eq!(ledger.set_aside, bad as u64 + u64::from(torn));
}

/// Everything that is published of such a state can be written, and stays within what the runner takes.
fn shown(host: &OneFile, ledger: Ledger) {
    let with = environment();
    let config = config(&with);
    let (outbox, voice, env) = (Outbox::default(), Voice::new(host, Vec::new()), BTreeMap::new());
    let session = Session::new(host, &config, (&with, &env), ledger, (&outbox, &voice));
    let state = status::json(&[View::of(&session)]);
    assert!(serde_json::from_str::<serde_json::Value>(&state).is_ok());
    let done = Done { word: Word::Failed, sha: None, failure: Some(Box::new(Ending::NotCarriedOut)) };
    let told = publication(&session, &done, 5, state);
    let failure = told.failure.expect("it failed");
    assert!(failure.contains("En ligne maintenant : ") || failure.contains("Live now: "), "{failure}");
    super::words::safe_to_print(&failure);
    super::words::safe_to_print(&told.summary);
}

fn config(with: &Environment) -> Config {
    let inputs = [("mode", "status"), ("environment", with.name.as_str())];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    config::read(&Start { inputs, ..Start::default() }, None, None).expect("a plain start")
}

/// Settings as a plain start has them.
pub fn environment() -> Environment {
    let inputs = [("mode", "deploy"), ("environment", "preprod"), ("app-path", "/app"), ("state-dir", "/s")];
    let mut inputs: BTreeMap<String, String> = inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    inputs.insert("sha".to_owned(), "a".repeat(40));
    let config = config::read(&Start { inputs, ..Start::default() }, None, None).expect("a plain start");
    config.environments.into_iter().next().expect("one environment")
}

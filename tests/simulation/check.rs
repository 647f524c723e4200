//! What must be so in the pretend world whenever nobody is at work under the lock.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mangetamain_deploy::host::Command;
use mangetamain_deploy::machine::verdict::Verdict;
use mangetamain_deploy::machine::{Decision, Entry, Fact, Outcome, State, decide};
use mangetamain_deploy::replay::tell;
use mangetamain_deploy::sha::Sha;

use super::reference::Reference;
use super::world::{DISCORD, STATE, TOKEN, WATCH_TOKEN, World, number, sha};

fn secrets() -> Vec<String> {
    let webhook = DISCORD.rsplit('/').next().unwrap_or_default();
    let mut all: Vec<String> = [TOKEN, WATCH_TOKEN, webhook].map(str::to_owned).to_vec();
    let coded = |token: &str| STANDARD.encode(format!("x-access-token:{token}"));
    all.extend([coded(TOKEN), coded(WATCH_TOKEN), STANDARD.encode(TOKEN)]);
    all
}

fn leaked(text: &str) -> Option<String> {
    secrets().into_iter().find(|secret| text.contains(secret.as_str()))
}

/// A secret leaves only in the environment of git's fetch, in the header of a request, in the address
/// of the webhook, and by the pipe to a watcher.
pub fn no_secret_in(command: &Command) {
    let text = match command {
        Command::Run(run) => {
            let plain = run.env.iter().filter(|(name, _)| !name.starts_with("GIT_CONFIG_VALUE_"));
            let remote = run.args.iter().any(|arg| arg == "fetch" || arg == "submodule");
            assert!(remote || !run.env.contains_key("GIT_CONFIG_VALUE_1"), "credentials for a local command: {run:?}");
            format!("{:?} {:?}", run.args, plain.collect::<Vec<_>>())
        }
        Command::Http(http) | Command::LastWord(http) => {
            let plain = http.headers.iter().filter(|(name, _)| name != "Authorization").collect::<Vec<_>>();
            let github = http.url.starts_with("https://api.github.com/");
            assert!(github || plain.len() == http.headers.len(), "our token goes elsewhere: {}", http.url);
            let url = if http.url.contains("discord.com") { "" } else { &http.url };
            format!("{url} {plain:?} {:?}", http.body)
        }
        Command::Mask { .. } | Command::Detach { .. } => return,
        other => format!("{other:?}"),
    };
    if let Some(secret) = leaked(&text) {
        panic!("the secret {secret} stands in {text}");
    }
    if let Command::Say { text, .. } = command {
        for line in text.lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "a workflow command: {line:?}");
            assert!(!line.chars().any(char::is_control), "a control character: {line:?}");
        }
    }
}

/// Rule 4: what changes the environment is done by the one who holds its lock.
pub fn under_lock(world: &World, pid: u32, command: &Command) {
    let changes = match command {
        Command::Append { path, .. } | Command::Replace { path, .. } => {
            path.ends_with("/ledger.jsonl") || path.ends_with("/last-validated-sha.txt")
        }
        Command::Run(run) => {
            run.args.iter().any(|arg| ["reset", "update-ref", "restart", "up", "down"].contains(&arg.as_str()))
        }
        _ => false,
    };
    let is_holder = world.locks.get(&format!("{STATE}/lock")).is_some_and(|held| held.pid == pid);
    assert!(is_holder || !changes, "rule 4: process {pid} changes the environment without its lock: {command:?}");
}

/// A ledger line's fact, short.
pub fn fact(line: &str) -> String {
    match serde_json::from_str::<Entry>(line) {
        Ok(entry) => {
            let text = serde_json::to_string(&entry.fact).unwrap_or_default();
            format!("{} {} {}", entry.seq, entry.by, text.chars().take(140).collect::<String>())
        }
        Err(_) => format!("(set aside) {}", line.chars().take(60).collect::<String>()),
    }
}

/// The ledger's whole lines, folded from the first one on.
pub fn folded(world: &World) -> Result<State, String> {
    let text = world.ledger();
    let mut state = State::default();
    let mut lines: Vec<&str> = text.split_terminator('\n').collect();
    if !text.is_empty() && !text.ends_with('\n') {
        lines.pop();
    }
    for line in lines {
        match serde_json::from_str::<Entry>(line) {
            Ok(entry) if entry.seq == state.seq + 1 => state.apply(&entry),
            Ok(entry) => return Err(format!("the ledger goes from {} to {}", state.seq, entry.seq)),
            Err(_) if line.ends_with("#torn") => {}
            Err(error) => return Err(format!("the ledger cannot be read: {error} in {line}")),
        }
    }
    Ok(state)
}

/// All that the rules below look at, in a number: where nothing has changed, nothing is to be looked at again.
pub fn fingerprint(world: &World, disturbed: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    let container = world.container.as_ref().map(|one| (&one.version, one.running));
    let point = world.files.get(&format!("{STATE}/last-validated-sha.txt"));
    let ledger = world.files.get(&format!("{STATE}/ledger.jsonl")).map(String::len);
    (ledger, point, &world.head, &world.files_of, container, disturbed).hash(&mut hasher);
    hasher.finish()
}

/// The rules that hold whenever nobody is at work under the lock.
pub fn settled(world: &World, disturbed: bool) -> Result<(), String> {
    let state = folded(world)?;
    Reference::of(world.ledger()).agrees(&state)?;
    for sha in state.validated.iter().map(|one| &one.sha) {
        let green =
            |run: &&super::world::CiRun| number(sha.as_str()) == Some(run.commit) && run.conclusion == "success";
        if !world.runs.iter().any(|run| green(&run) && run.ends_at <= world.now) {
            return Err(format!("{sha} is validated, and its CI never succeeded"));
        }
    }
    only_forward(world, &state)?;
    point(world, &state, disturbed)?;
    match (&state.operation, &state.live) {
        (None, Some(live)) => live_is(world, &state, live.sha.as_str()),
        _ => Ok(()),
    }
}

/// The rollback point goes forward, but from what CI failed after it was one.
fn only_forward(world: &World, state: &State) -> Result<(), String> {
    let entries = world.ledger().lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
    let failed: Vec<Sha> = entries
        .filter_map(|entry| match entry.fact {
            Fact::Ci { sha, verdict: Verdict::Failure(_), .. } => Some(sha),
            _ => None,
        })
        .collect();
    let points = state.validated.iter().map(|one| &one.sha);
    let kept: Vec<usize> = points.filter(|sha| !failed.contains(sha)).filter_map(|sha| number(sha.as_str())).collect();
    match kept.windows(2).all(|two| two[0] != two[1] && world.ancestor(two[0], two[1])) {
        true => Ok(()),
        false => Err(format!("the rollback point went back: {kept:?}, failed meanwhile: {failed:?}")),
    }
}

fn point(world: &World, state: &State, disturbed: bool) -> Result<(), String> {
    let file = world.files.get(&format!("{STATE}/last-validated-sha.txt"));
    let wanted = state.last_validated().map(|one| format!("{}\n", one.sha));
    if file == wanted.as_ref() || disturbed || state.operation.is_some() {
        return Ok(());
    }
    Err(format!("the rollback point's file says {file:?}, the ledger {wanted:?}"))
}

fn live_is(world: &World, state: &State, live: &str) -> Result<(), String> {
    let last = state.history.last().map(|ended| &ended.outcome);
    if world.head != live {
        return Err(format!("the ledger says that {live} is live, the work tree stands at {}", world.head));
    }
    let placed = matches!(last, Some(Outcome::Deployed | Outcome::RolledBack)) && !world.is_excused();
    let runs = world.container.as_ref().map(|one| (one.version.as_str(), one.running));
    if placed && (runs != Some((live, true)) || world.files_of != live) {
        return Err(format!("{live} is live and healthy, says the ledger; {runs:?} runs, of {}", world.files_of));
    }
    Ok(())
}

/// What was written on the way: no secret, and no entry that breaks a rule.
fn written(world: &World, ledger: &str) -> Result<(), String> {
    if let Some((entry, rule)) = tell(ledger).broken.first() {
        return Err(format!("replayed, entry {entry} breaks a rule: {rule}"));
    }
    for (path, text) in &world.files {
        if let Some(secret) = leaked(text) {
            return Err(format!("the secret {secret} stands in {path}"));
        }
    }
    if let Some(body) = world.messages.iter().find(|body| leaked(body).is_some()) {
        return Err(format!("a secret stands in the message {body}"));
    }
    Ok(())
}

/// Nothing is left to do.
pub fn at_rest(world: &World) -> Result<(), String> {
    let state = folded(world)?;
    match decide(&state, world.clock()) {
        Decision::Rest | Decision::Wait(..) => {
            let ledger = world.ledger();
            Reference::of(ledger).at_rest()?;
            written(world, ledger)?;
            settled(world, false)
        }
        other => Err(format!("it is not at rest: {other:?}")),
    }
}

/// What is so, in one line.
pub fn told(world: &World) -> String {
    let state = folded(world).unwrap_or_default();
    let one = |sha: Option<&str>| sha.and_then(number).map_or("-".to_owned(), |number| number.to_string());
    let bad = state.records.iter().filter(|(_, record)| record.quarantine.is_some());
    let bad: Vec<String> = bad.map(|(sha, _)| one(Some(sha.as_str()))).collect();
    format!(
        "live {} point {} quarantined {} running {}{}",
        one(state.live.as_ref().map(|live| live.sha.as_str())),
        one(state.last_validated().map(|one| one.sha.as_str())),
        if bad.is_empty() { "-".to_owned() } else { bad.join(",") },
        one(world.container.as_ref().filter(|one| one.running).map(|one| one.version.as_str())),
        if state.operation.is_some() { ", unfinished" } else { "" }
    )
}

/// The SHA of a commit, as the file of the rollback point holds it.
pub fn line(commit: usize) -> String {
    format!("{}\n", sha(commit))
}

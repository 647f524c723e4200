//! `status`: what is live and how the machine knows, what is validated, pending, locked, watched and
//! quarantined, and the last requests. Never fails for what it shows.

use serde_json::{Value as Json, json};

use super::visit::{Visit, everywhere, visit};
use crate::config::Config;
use crate::host::{Host, Publication, Start};
use crate::machine::entry::Refusal;
use crate::machine::{Ask, Outcome, State};
use crate::session::{Session, now};
use crate::time::{Millis, span, utc};
use crate::voice::plain;

/// One environment, seen from outside.
#[derive(Debug)]
pub struct View {
    name: String,
    pub(super) state: State,
    pub(super) lock: Option<String>,
    pub(super) watcher: Option<String>,
    pub(super) problem: Option<String>,
    pub(super) set_aside: u64,
    point_file: String,
}

impl View {
    /// What a session knows; it holds no lock any more.
    #[must_use]
    pub fn of<H>(session: &Session<'_, H>) -> Self {
        Self {
            name: session.with.name.clone(),
            state: session.ledger.state.clone(),
            lock: None,
            watcher: None,
            problem: None,
            set_aside: session.ledger.set_aside,
            point_file: session.with.rollback_point_file.clone(),
        }
    }

    /// What an onlooker found.
    #[must_use]
    pub fn of_visit(visit: &Visit) -> Self {
        Self {
            name: visit.with.name.clone(),
            state: visit.state.clone(),
            lock: visit.lock.clone(),
            watcher: visit.watcher.clone(),
            problem: visit.problem.clone(),
            set_aside: visit.set_aside,
            point_file: visit.with.rollback_point_file.clone(),
        }
    }
}

/// Runs the mode.
pub async fn perform<H: Host>(start: &Start, config: &Config, host: &H) -> Publication {
    let began = now(host).await;
    let mut views = Vec::new();
    for with in everywhere(config, host).await {
        views.push(View::of_visit(&Box::pin(visit(start, config, host, &with, "status")).await));
    }
    let now = now(host).await;
    let text = if views.is_empty() {
        format!("no environment yet: nothing in the configuration file, nothing in {}", config.state_dir)
    } else {
        views.iter().map(|view| text(view, now)).collect::<Vec<_>>().join("\n")
    };
    let text = plain(&text);
    let mut outputs = std::collections::BTreeMap::from([
        ("result".to_owned(), "ok".to_owned()),
        ("duration-ms".to_owned(), now.since(began).to_string()),
        ("state".to_owned(), json(&views)),
    ]);
    if let [only] = views.as_slice() {
        let sha = |sha: Option<String>| sha.unwrap_or_default();
        outputs.insert("sha".to_owned(), sha(only.state.live.as_ref().map(|live| live.sha.to_string())));
        outputs.insert("validated-sha".to_owned(), sha(only.state.last_validated().map(|one| one.sha.to_string())));
        outputs.insert("previous-sha".to_owned(), sha(only.state.previous.as_ref().map(ToString::to_string)));
    }
    let summary = format!("```\n{}\n```\n", text.replace("```", "`\u{200b}``"));
    Publication { outputs, summary, terminal: text, failure: None, exit: 0 }
}

/// What `status` shows, as JSON: an object by environment name.
#[must_use]
pub fn json<'a>(views: impl IntoIterator<Item = &'a View>) -> String {
    let all: serde_json::Map<String, Json> = views.into_iter().map(|view| (view.name.clone(), of_view(view))).collect();
    Json::Object(all).to_string()
}

/// One environment's part of it.
#[must_use]
pub fn of_view(view: &View) -> Json {
    let state = &view.state;
    let quarantine: Vec<Json> = state
        .records
        .iter()
        .filter_map(|(sha, record)| Some(json!({ "sha": sha, "why": record.quarantine? })))
        .collect();
    json!({
        "live": state.live,
        "previous": state.previous,
        "baseline": state.baseline,
        "validated": state.last_validated(),
        "pending": state.watch,
        "unsettled": state.unsettled(),
        "unfinished": state.operation.as_ref().map(|operation| json!({ "ask": operation.ask, "since": operation.since, "by": operation.by })),
        "lock": view.lock,
        "watcher": view.watcher,
        "quarantine": quarantine,
        "history": state.history,
        "entries": state.seq,
        "set-aside": view.set_aside,
        "problem": view.problem,
    })
}

fn text(view: &View, now: Millis) -> String {
    let state = &view.state;
    let mut lines = vec![view.name.clone()];
    let mut row = |name: &str, value: String| lines.push(format!("  {name:<12} {value}"));
    if let Some(problem) = &view.problem {
        row("problem", problem.clone());
    }
    row("live", live(state, now));
    row("validated", validated(view));
    row("pending", pending(state, now));
    if let Some(operation) = &state.operation {
        row(
            "unfinished",
            format!("{} since {} UTC, asked by {}", asked(&operation.ask), utc(operation.since), operation.by),
        );
    }
    row("lock", view.lock.clone().unwrap_or_else(|| "free".to_owned()));
    row("watcher", view.watcher.clone().unwrap_or_else(|| "none".to_owned()));
    let quarantined: Vec<&str> =
        state.records.iter().filter(|(_, record)| record.quarantine.is_some()).map(|(sha, _)| sha.short()).collect();
    row("quarantine", if quarantined.is_empty() { "-".to_owned() } else { quarantined.join(", ") });
    if view.set_aside > 0 {
        row("set aside", format!("{} unreadable line(s) of the ledger", view.set_aside));
    }
    for ended in state.history.iter().rev() {
        lines.push(format!(
            "    {} UTC  {:<22} {} in {} ({})",
            utc(ended.at),
            asked(&ended.ask),
            ending(&ended.outcome),
            span(ended.at.since(ended.since)),
            ended.by
        ));
    }
    lines.join("\n")
}

fn live(state: &State, now: Millis) -> String {
    let Some(live) = &state.live else {
        return "nothing is known yet".to_owned();
    };
    let commit = state.records.get(&live.sha).and_then(|record| record.commit.as_ref());
    let subject = commit.map_or("", |commit| &commit.subject);
    let (since, ago) = (utc(live.since), span(now.since(live.since)));
    format!("{} {subject} (since {since} UTC, {ago} ago; known by: {})", live.sha.short(), live.known_by)
}

fn validated(view: &View) -> String {
    match (view.state.last_validated(), &view.state.baseline) {
        (Some(one), _) => {
            let run = one.run.as_ref().map_or(String::new(), |run| format!(", CI run {}.{}", run.id, run.attempt));
            format!("{} ({} UTC{run}) -> {}", one.sha.short(), utc(one.at), view.point_file)
        }
        (None, Some(sha)) => format!("nothing yet; baseline {} (unvalidated)", sha.short()),
        (None, None) => "-".to_owned(),
    }
}

fn pending(state: &State, now: Millis) -> String {
    let Some(watch) = &state.watch else {
        return "-".to_owned();
    };
    let left =
        if now < watch.until { format!("{} left", span(watch.until.since(now))) } else { "time is up".to_owned() };
    let how = format!("{:?}", watch.how).to_lowercase();
    format!("CI of {} until {} UTC ({left}, {how})", watch.sha.short(), utc(watch.until))
}

fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Deploy { sha, .. } => format!("deploy {}", sha.short()),
        Ask::Promote { sha, .. } => format!("promote {}", sha.short()),
        Ask::Rollback { to, .. } => format!("rollback to {}", to.short()),
    }
}

fn ending(outcome: &Outcome) -> String {
    let first = |text: &String| text.lines().next().unwrap_or_default().chars().take(100).collect::<String>();
    match outcome {
        Outcome::Deployed => "deployed".to_owned(),
        Outcome::Unchanged => "unchanged".to_owned(),
        Outcome::Superseded => "superseded".to_owned(),
        Outcome::Refused { why: Refusal::Unready { why } } => format!("refused: {}", first(why)),
        Outcome::Refused { why } => format!("refused: {why:?}").to_lowercase(),
        Outcome::Unhealthy { why } => format!("unhealthy: {}", first(why)),
        Outcome::RolledBack => "rolled back".to_owned(),
        Outcome::Guarded { paths } => format!("guarded: {}", paths.join(", ")),
        Outcome::Failed { why } => format!("failed: {}", first(why)),
        Outcome::Stuck { why } => format!("stuck: {}", first(why)),
        Outcome::Interrupted => "interrupted before anything changed".to_owned(),
    }
}

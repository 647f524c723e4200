//! The decisions of mangetamain-deploy, compiled to WASM; everything else is a thin host in Node.
//!
//! ```text
//!  inputs ─config─▶ Config ──▶ drive ◀──▶ machine     pure: what is so, what comes next
//!  (text)      or every        │  ▲
//!              Problem      Command Reply             one door, data both ways
//!                              ▼  │
//!                            Host (Node)              git, docker, HTTP, files, clock
//!                              │
//!                         Publication ──▶ outputs, summary, exit code
//! ```
//!
//! Reading order: `settings` (every name a user can write), `config` (text to settings), `environment`; `machine` (facts,
//! state, what comes next), `ledger`; `host`, `tools` (how to say a thing and what an answer proves), `session`, `steps`
//! (which commands make a step), `drive` (the loop); `modes`; `messages`, `voice`, `outbox` (with `queue`), `deployments`,
//! `report`, `page`. `replay` is for people, after an incident.

pub mod completions;
pub mod config;
pub mod deployments;
pub mod drive;
pub mod environment;
pub mod failure;
pub mod help;
pub mod host;
pub mod ledger;
pub mod machine;
pub mod messages;
pub mod modes;
pub mod outbox;
pub mod page;
pub mod paint;
pub mod parallel;
pub mod queue;
pub mod replay;
pub mod report;
pub mod session;
pub mod settings;
pub mod sha;
pub mod steps;
pub mod time;
pub mod tools;
pub mod voice;
#[cfg(target_arch = "wasm32")]
mod wasm;

use config::args::{Asked, variable};
use config::manner::spoken;
use environment::Locale;
use failure::Problem;
use failure::rebuff::Rebuff;
use host::counted::Counted;
use host::discreet::Discreet;
use host::{Command, Host, Keep, Level, Publication, Reply, Start};
use settings::{SETTINGS, ValueKind};
use tools::secret::carriers;

/// Bytes read of the configuration file and of the event's payload.
const FILE_CAP: u64 = 8 * 1024 * 1024;

/// One run, from raw text to what is published of it.
pub async fn run<H: Host>(mut start: Start, host: &H) -> Publication {
    let host = &Counted::new(host);
    let mut problems = Vec::new();
    if start.door == "command" {
        match config::args::read(&start.args) {
            Ok(Asked::Run(inputs)) => start.inputs = inputs,
            Ok(Asked::Help(mode)) => return said(help::text(mode, spoken(&start))),
            Ok(Asked::Completions(shell)) => return said(completions::script(shell, spoken(&start))),
            Ok(Asked::Version) => return said(format!("{}\n", help::VERSION)),
            // No input stands beside it whose problems could be told as well.
            Err(wrong) if start.args.first().is_some_and(|first| first == "completions") => {
                return refused(&start, host, None, &wrong.problems).await;
            }
            Err(refused) => (start.inputs, problems) = (refused.inputs, refused.problems),
        }
    }
    hide(&start, host).await;
    let event = read_event(&start, host).await;
    let path = config::file_path(&start);
    let (file, unread) = match &start.file {
        Some(text) => (Some(text.clone()), None),
        None => match read(host, path.clone()).await {
            Ok(Some((text, size))) if size > FILE_CAP => {
                return refused(&start, host, Some(&text), &[config::file::too_large(&path, FILE_CAP)]).await;
            }
            Ok(Some((text, _))) => (Some(text), None),
            Ok(None) => (None, dangling(host, &path).await),
            Err(seen) => (None, unread(&start, host, &path, seen).await),
        },
    };
    let read = match unread {
        Some(problem) => config::read_without(&start, problem, event.as_deref()),
        None => config::read(&start, file.as_deref(), event.as_deref()),
    };
    match read {
        Ok(config) if problems.is_empty() => {
            let carriers = carriers(&start.env, modes::secrets(&config));
            start.env.retain(|name, _| !carriers.contains(name));
            Box::pin(modes::perform(&start, &config, &Discreet::new(host, carriers))).await
        }
        read => {
            problems.extend(read.err().unwrap_or_default());
            Box::pin(refused(&start, host, file.as_deref(), &problems)).await
        }
    }
}

/// The log says in English what people are told in another language; a person at a terminal is not told twice.
async fn refused<H: Host>(start: &Start, host: &H, text: Option<&str>, problems: &[Problem]) -> Publication {
    let locale = config::told_in(start, text);
    if locale != Locale::En && start.door != "command" {
        let text = voice::plain(&messages::problem::refusal(problems, Locale::En));
        host.perform(Command::Say { level: Level::Line, text }).await;
    }
    report::refused(problems, locale)
}

fn said(terminal: String) -> Publication {
    Publication { terminal, ..Publication::default() }
}

/// Secrets are hidden before anything is said.
async fn hide<H: Host>(start: &Start, host: &H) {
    let inputs = SETTINGS.iter().filter(|setting| setting.kind == ValueKind::Secret).map(|setting| setting.input);
    let values: Vec<String> = inputs
        .filter_map(|input| start.inputs.get(input).or_else(|| start.env.get(variable(input))))
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect();
    if !values.is_empty() {
        host.perform(Command::Mask { values }).await;
    }
}

/// The event's payload, where a mode has use for it: it can be large.
async fn read_event<H: Host>(start: &Start, host: &H) -> Option<String> {
    let mode = start.inputs.get("mode").map(|mode| mode.trim())?;
    let path = start.env.get("GITHUB_EVENT_PATH").filter(|path| !path.is_empty())?;
    match mode {
        "deploy" | "watch" | "report" => read(host, path.clone()).await.ok().flatten().map(|(text, _)| text),
        _ => None,
    }
}

/// The beginning of a file, and its size in bytes; none where nothing stands.
async fn read<H: Host>(host: &H, path: String) -> Result<Option<(String, u64)>, Rebuff> {
    match host.perform(Command::Read { path, cap: FILE_CAP, keep: Keep::Head }).await {
        Reply::Text { text, size } => Ok(Some((text, size))),
        Reply::Missing => Ok(None),
        Reply::Refused { code, .. } if code == "ENOTDIR" => Ok(None),
        other => Err(Rebuff::from(other)),
    }
}

/// The problem of a configuration file that is a link to nothing: nobody who made that means to have none.
async fn dangling<H: Host>(host: &H, path: &str) -> Option<Problem> {
    match host.perform(Command::Stat { paths: vec![path.to_owned()] }).await {
        Reply::Stats { stats } => {
            let is_link = stats.iter().flatten().any(|stat| stat.kind == "link");
            is_link.then(|| config::file::unreadable(path, Rebuff::Nothing))
        }
        _ => None,
    }
}

/// The problem of a configuration file that cannot be read; none where nobody named it, and it is not even known to be
/// there: whoever runs this as another user (`sudo -u`) may stand in a folder that is closed to that one.
async fn unread<H: Host>(start: &Start, host: &H, path: &str, seen: Rebuff) -> Option<Problem> {
    let is_named = start.inputs.get("config").is_some_and(|text| !text.trim().is_empty());
    let is_there = match host.perform(Command::Stat { paths: vec![path.to_owned()] }).await {
        Reply::Stats { stats } => stats.iter().flatten().any(|stat| stat.kind != "other" || stat.mode != 0),
        _ => false,
    };
    (is_named || is_there).then(|| config::file::unreadable(path, seen))
}

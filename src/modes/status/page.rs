//! Gathers what the status page is about: the whole of each ledger, the remembered health checks. What it looks like
//! is for `page`, where it is put for `place`.

use super::place::{program, put};
use crate::config::{Config, Intent};
use crate::failure::reason::Attempt;
use crate::failure::{Deed, Failure, unless_stopped};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::ledger::disk;
use crate::machine::Entry;
use crate::messages::page::Words;
use crate::modes::visit::Visit;
use crate::page::past::{Fold, IDLE, Past};
use crate::page::{Page, Shown, html, week};
use crate::time::Millis;
use crate::tools::health_log;
use crate::voice::Voice;

/// A ledger of this size is read as it is, bytes.
const SMALL: u64 = 1024 * 1024;
/// Bytes read of the end of what a larger one tells of the past: ten thousand deployments and more.
const LEDGER: u64 = 64 * 1024 * 1024;
/// Bytes read of the end of what health checks remember.
const HEALTH: u64 = 16 * 1024 * 1024;

/// Makes the page of these environments and puts it at `path`. Gives what to say of that.
pub(super) async fn make<H: Host>(
    host: &H,
    config: &Config,
    path: &str,
    visits: &[Visit],
    now: Millis,
) -> Result<String, Failure> {
    let mut environments = Vec::new();
    for visit in visits {
        environments.push(Box::pin(shown(host, visit, now)).await?);
    }
    let origin = &config.origin;
    let repository_url = Some(format!("{}/{}", origin.server_url, origin.repository));
    let repository_url = repository_url.filter(|_| !origin.repository.is_empty());
    let page = Page { made: now, locale: config.locale, repository_url, environments };
    let text = Voice::new(host, crate::modes::secrets(config)).redact(&html(&page));
    let size = text.len().div_ceil(1000);
    let words = Words::of(config.manner.locale);
    if config.request.intent == Intent::DryRun {
        return Ok((words.would_put)(path, size));
    }
    put(host, path, text).await?;
    Ok((words.put)(path, size))
}

async fn shown<H: Host>(host: &H, visit: &Visit, now: Millis) -> Result<Shown, Failure> {
    let with = &visit.with;
    let past = told(visit, past(host, &with.ledger()).await)?;
    let lines = match told(visit, read(host, &with.checks(), HEALTH).await)? {
        Some((text, whole)) => health_log::read(&text, whole).lines,
        None => Vec::new(),
    };
    Ok(Shown {
        name: with.name.clone(),
        label: with.label.clone(),
        url: with.url.clone(),
        state: visit.state.clone(),
        past,
        targets: week::targets(&with.health.urls, &lines, now),
        lock: visit.lock.clone(),
        moved: visit.moved.clone(),
        has_failed_since: visit.has_failed_since == Some(true),
        problem: visit.problem.clone(),
        set_aside: visit.set_aside,
    })
}

/// What cannot be read is nothing where the environment's own problem stands on the page: the others have theirs.
fn told<T: Default>(visit: &Visit, read: Result<T, Failure>) -> Result<T, Failure> {
    match read {
        Err(Failure::Disk { .. }) if visit.problem.is_some() => Ok(T::default()),
        read => read,
    }
}

async fn past<H: Host>(host: &H, path: &str) -> Result<Past, Failure> {
    let Some((text, whole)) = read(host, path, SMALL).await? else {
        return Ok(Past::default());
    };
    if whole {
        return Ok(folded(text.lines()));
    }
    let command = telling_lines(path);
    match unless_stopped(host.perform(Command::Run(command)).await, &Attempt::Read(path.to_owned()))? {
        Reply::Ran(ran) if ran.exit == Some(0) && !ran.timed_out => {
            let cut = ran.stdout.len() as u64 >= LEDGER - 4;
            Ok(folded(ran.stdout.lines().skip(usize::from(cut))))
        }
        // Without that program, the newest part of it.
        _ => {
            let read = read(host, path, LEDGER).await?;
            Ok(read.map_or_else(Past::default, |(text, whole)| folded(text.lines().skip(usize::from(!whole)))))
        }
    }
}

/// What a torn or unreadable line would say is left out; that there is one, the visit tells.
fn folded<'a>(lines: impl Iterator<Item = &'a str>) -> Past {
    let mut fold = Fold::default();
    for line in lines {
        if let Ok(entry) = serde_json::from_str::<Entry>(line) {
            fold.add(&entry);
        }
    }
    fold.done()
}

/// The end of a ledger, without the lines that say nothing of the past: snapshots alone are most of it.
fn telling_lines(path: &str) -> Run {
    let marks = IDLE.map(|mark| format!("--regexp={mark}"));
    let mut args = vec!["--invert-match", "--fixed-strings", "--text"];
    args.extend(marks.iter().map(String::as_str));
    args.extend(["--", path]);
    Run { cap: LEDGER, ..program("grep", &args) }
}

/// A file's end, and whether that is all of it; none where there is no file.
async fn read<H: Host>(host: &H, path: &str, cap: u64) -> Result<Option<(String, bool)>, Failure> {
    match host.perform(Command::Read { path: path.to_owned(), cap, keep: Keep::Tail }).await {
        Reply::Text { text, size } => Ok(Some((text, size <= cap))),
        Reply::Missing => Ok(None),
        other => Err(disk(Deed::Read, path, other)),
    }
}

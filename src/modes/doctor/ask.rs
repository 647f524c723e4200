//! How `doctor` asks: every question has its limit, whatever hangs, and a second one over it for what
//! cannot even be killed (a dead network disk).

use std::pin::pin;

use futures_util::future::{Either, select};

use crate::host::{Command, Host, Http, Phase, Ran, Reply, Run};
use crate::tools::process::ProcessError;
use crate::tools::question::LIMIT_MS;
use crate::tools::spot::{Spot, look_at, spotted, upwards};

/// A process that is told to end has so long, in milliseconds, before it is left behind.
const AFTER_LIMIT_MS: u64 = 6_000;

/// Asks a program.
pub(super) async fn run<H: Host>(host: &H, run: Run) -> Reply {
    let run = Run { limit_ms: run.limit_ms.min(LIMIT_MS), ..run };
    let hangs = || {
        let (stdout, stderr) = (String::new(), String::new());
        Reply::Ran(Ran { exit: None, signal: None, timed_out: true, stdout, stderr, ms: LIMIT_MS })
    };
    within(host, Command::Run(run)).await.unwrap_or_else(hangs)
}

/// Asks a server.
pub(super) async fn http<H: Host>(host: &H, request: Http) -> Reply {
    let request = Http { limit_ms: request.limit_ms.min(LIMIT_MS), ..request };
    let hangs = || Reply::Unreached { phase: Phase::Timeout, text: String::new() };
    within(host, Command::Http(request)).await.unwrap_or_else(hangs)
}

async fn within<H: Host>(host: &H, command: Command) -> Option<Reply> {
    let limit = pin!(host.perform(Command::Sleep { ms: LIMIT_MS + AFTER_LIMIT_MS }));
    match select(pin!(host.perform(command)), limit).await {
        Either::Left((reply, _)) => Some(reply),
        Either::Right((Reply::Cancelled { signal }, _)) => Some(Reply::Cancelled { signal }),
        Either::Right(_) => None,
    }
}

/// What stands at these paths and at all folders above them.
pub(super) async fn spots<H: Host>(
    host: &H,
    paths: &[String],
) -> Result<std::collections::BTreeMap<String, Spot>, ProcessError> {
    let mut all: Vec<String> = paths.iter().flat_map(|path| upwards(path)).collect();
    all.sort();
    all.dedup();
    spotted(&run(host, look_at(&all)).await)
}

/// The names in a folder; none when it cannot be read.
pub(super) async fn names<H: Host>(host: &H, path: &str) -> Vec<String> {
    match host.perform(Command::List { path: path.to_owned() }).await {
        Reply::Names { names } => names,
        _ => Vec::new(),
    }
}

/// The beginning of a file; none when it cannot be read.
pub(super) async fn text<H: Host>(host: &H, path: &str) -> Option<String> {
    let command = Command::Read { path: path.to_owned(), cap: 64 * 1024, keep: crate::host::Keep::Head };
    match host.perform(command).await {
        Reply::Text { text, .. } => Some(text),
        _ => None,
    }
}

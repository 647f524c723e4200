//! What a container's first process does with SIGTERM, as the kernel of this machine tells it.

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, output};
use crate::tools::question::{CAP, question};

/// SIGTERM's bit in the masks of `/proc/<pid>/status` (proc(5)).
const TERM: u64 = 1 << 14;
/// Programs that run others and hand no signal on.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "busybox", "zsh"];

/// What becomes of a SIGTERM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTerm {
    /// It is handled, or passed on by an init.
    Heeded,
    /// It is dropped: the kernel gives a container's first process no default for it.
    Dropped,
    /// A shell runs first, which most likely drops it.
    LikelyDropped,
    /// It cannot be seen from here.
    Unknown,
}

/// Which process of this machine is the first one of each container? Read by [`first_processes`].
#[must_use]
pub fn ask_first_processes(ids: &[String]) -> Run {
    let mut run =
        question("docker", &["inspect", "--type", "container", "--format", "{{json .ID}} {{json .State.Pid}}"]);
    run.args.extend(ids.iter().cloned());
    run
}

/// Id and process number; 0 where none runs.
pub fn first_processes(reply: &Reply) -> Result<Vec<(String, u32)>, ProcessError> {
    let read = |line: &str| {
        let (id, pid) = line.split_once(' ')?;
        Some((serde_json::from_str(id).ok()?, pid.parse().ok()?))
    };
    output(reply, CAP)?.lines().map(|line| read(line).ok_or(ProcessError::Unreadable)).collect()
}

/// What becomes of a SIGTERM: `status` is the text of `/proc/<pid>/status` of the first process,
/// none when it cannot be read; `program` its name; `init` whether docker's init comes first.
#[must_use]
pub fn on_term(init: Option<bool>, program: &str, status: Option<&str>) -> OnTerm {
    if init == Some(true) {
        return OnTerm::Heeded;
    }
    let mask = |name: &str| {
        let line = status?.lines().find_map(|line| line.strip_prefix(name))?;
        u64::from_str_radix(line.trim_start_matches(':').trim(), 16).ok()
    };
    let name = program.rsplit('/').next().unwrap_or(program);
    match (mask("SigCgt"), mask("SigBlk")) {
        // An init waits for blocked signals instead of catching them.
        (Some(caught), Some(blocked)) if (caught | blocked) & TERM != 0 => OnTerm::Heeded,
        (Some(_), Some(_)) => OnTerm::Dropped,
        _ if SHELLS.contains(&name) => OnTerm::LikelyDropped,
        _ => OnTerm::Unknown,
    }
}

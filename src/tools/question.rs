//! A short question to a program of this machine, of coreutils, findutils or systemd, in the formats that it makes for
//! programs.

use std::collections::BTreeMap;

use crate::host::Run;
use crate::tools::secret::withheld;

/// Limit for any one question, in milliseconds: what hangs is told, not waited for.
pub const LIMIT_MS: u64 = 10_000;
/// Bytes kept of an answer.
pub const CAP: u64 = 256 * 1024;

/// A question to a program of this machine that changes nothing.
#[must_use]
pub fn question(program: &str, args: &[&str]) -> Run {
    Run {
        program: program.to_owned(),
        args: args.iter().map(ToString::to_string).collect(),
        folder: None,
        env: BTreeMap::from([("LC_ALL".to_owned(), "C".to_owned())]),
        drop: withheld(&[]),
        limit_ms: LIMIT_MS,
        cap: CAP,
        under_lock: None,
        noted_in: None,
    }
}

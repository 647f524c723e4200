//! What `doctor` asks the machine, and what each answer says: programs of coreutils, findutils and
//! systemd, asked in the formats that they make for programs. What a finding leads to is for
//! `modes::doctor`.

pub mod access;
pub mod disk;
pub mod program;
pub mod signal;
pub mod spot;
pub mod token;
pub mod unit;
pub mod webhook;

use std::collections::BTreeMap;

use crate::host::Run;
use crate::tools::secret::withheld;

/// Limit for any one question of `doctor`, in milliseconds: what hangs is told, not waited for.
pub const LIMIT_MS: u64 = 10_000;
/// Bytes kept of an answer.
const CAP: u64 = 256 * 1024;

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

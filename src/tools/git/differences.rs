//! What differs between two commits: the question, and its answer.

use super::answers::nul_separated;
use super::{Git, LIST_CAP, ProcessError};
use crate::host::{Reply, Run};
use crate::sha::Sha;
use crate::tools::process::output;

/// Paths relative to the top folder, in git's order. A name that is not UTF-8 is told with U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differences {
    /// All that differ.
    pub changed: Vec<String>,
    /// Those of them that the first commit does not have.
    pub added: Vec<String>,
    /// Those of them that the second commit does not have.
    pub removed: Vec<String>,
}

impl Git {
    /// Which paths differ between two commits, in the whole repository? Read by [`differences_told`].
    #[must_use]
    pub fn differences(&self, from: &Sha, to: &Sha) -> Run {
        let args = ["diff-tree", "-r", "-z", "--name-status", "--no-renames", "--ignore-submodules=none"];
        self.list(&[&args[..], &[from.as_str(), to.as_str(), "--"]].concat())
    }
}

/// A letter and a path in turn (git-diff-tree, `--name-status -z`).
pub fn differences_told(reply: &Reply) -> Result<Differences, ProcessError> {
    let mut told = Differences::default();
    let mut parts = nul_separated(output(reply, LIST_CAP)?)?;
    while let Some(letter) = parts.next() {
        let path = parts.next().ok_or(ProcessError::Unreadable)?;
        told.changed.push(path.to_owned());
        match letter {
            "A" => told.added.push(path.to_owned()),
            "D" => told.removed.push(path.to_owned()),
            _ => {}
        }
    }
    Ok(told)
}

//! Submodules: what a commit says of them, and the repositories that git keeps for them in `modules`, beside its own.
//!
//! What is done with them is not decided here.

use crate::host::{Reply, Run};
use crate::sha::Sha;
use crate::tools::path::{absolute, is_within};
use crate::tools::process::output;

use super::{Git, LIST_CAP, ProcessError};

/// A submodule of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Relative to the top folder.
    pub path: String,
    /// The commit that it is to stand at.
    pub pin: Sha,
}

/// The submodules among a commit's entries (git-ls-tree: `160000 commit SHA<tab>path`).
pub fn links_told(reply: &Reply) -> Result<Vec<Link>, ProcessError> {
    let text = output(reply, LIST_CAP)?;
    let links = text.split_terminator('\0').filter_map(|entry| entry.strip_prefix("160000 commit "));
    let one = |entry: &str| {
        let (pin, path) = entry.split_once('\t')?;
        Some(Link { path: path.to_owned(), pin: Sha::parse(pin).ok()? })
    };
    links.map(|entry| one(entry).ok_or(ProcessError::Unreadable)).collect()
}

/// What a commit has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtCommit {
    /// Nothing.
    Nothing,
    /// Something.
    Something,
    /// A submodule or a symbolic link on the way there: what is behind it, the commit does not say.
    Unknown,
}

/// The path (from the top folder) and the folders on the way there, to be asked about by [`Git::links_at`].
#[must_use]
pub fn upwards(path: &str) -> Vec<String> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.filter_map(|end| path.get(..end)).map(str::to_owned).collect()
}

/// What a commit has at the path, by its entries there and on the way (git-ls-tree: `MODE TYPE SHA<tab>path`).
pub fn at_commit(reply: &Reply, path: &str) -> Result<AtCommit, ProcessError> {
    let text = output(reply, LIST_CAP)?;
    let entries: Vec<(&str, &str)> = text.split_terminator('\0').filter_map(|entry| entry.split_once('\t')).collect();
    if entries.iter().any(|(_, at)| *at == path) {
        return Ok(AtCommit::Something);
    }
    let leads_on = |facts: &str| facts.starts_with("160000 ") || facts.starts_with("120000 ");
    let is_behind = entries.iter().any(|(facts, at)| leads_on(facts) && is_within(path, at));
    Ok(if is_behind { AtCommit::Unknown } else { AtCommit::Nothing })
}

/// The repository that the text of a `.git` file in `folder` (absolute) names, where it is one of those in `modules`
/// (absolute): then git keeps it for a submodule.
#[must_use]
pub fn module_named(text: &str, folder: &str, modules: &str) -> Option<String> {
    let named = text.strip_prefix("gitdir:")?.trim();
    let named = absolute(folder, named);
    (named != modules && is_within(&named, modules)).then_some(named)
}

impl Git {
    /// Which entries has a commit, all in all? Read by [`links_told`].
    #[must_use]
    pub fn links(&self, sha: &Sha) -> Run {
        Run { cap: LIST_CAP, ..self.command(&["ls-tree", "-r", "-z", "--full-tree", sha.as_str()]) }
    }

    /// Fetch a submodule's branches, from wherever it fetches by itself. Read by [`super::done`].
    #[must_use]
    pub fn fetch_module(&self) -> Run {
        self.remote(self.command(&["fetch", "--quiet", "--no-recurse-submodules"]))
    }

    /// Fetch a commit of a submodule's that no branch has. Read by [`super::done`].
    #[must_use]
    pub fn fetch_pin(&self, pin: &Sha) -> Run {
        self.remote(self.command(&["fetch", "--quiet", "--no-recurse-submodules", "origin", pin.as_str()]))
    }

    /// Is this folder (absolute) a repository? Refused with exit code 128 where it is none. Read by [`super::done`].
    #[must_use]
    pub fn is_repository(&self, folder: &str) -> Run {
        self.command(&[&format!("--git-dir={folder}"), "rev-parse", "--git-dir"])
    }

    /// Has the repository in this folder (absolute) anything checked out, or a branch of its own? Read by
    /// [`super::answered`].
    #[must_use]
    pub fn has_branches(&self, folder: &str) -> Run {
        self.command(&[&format!("--git-dir={folder}"), "show-ref", "--quiet", "--head", "--heads"])
    }

    /// Which entries has a commit at these paths? Read by [`links_told`] and [`at_commit`].
    #[must_use]
    pub fn links_at(&self, sha: &Sha, paths: &[String]) -> Vec<Run> {
        let all = self.in_parts(&["ls-tree", "-z", "--full-tree", sha.as_str(), "--"], paths);
        all.into_iter().map(|run| Run { cap: LIST_CAP, ..run }).collect()
    }
}

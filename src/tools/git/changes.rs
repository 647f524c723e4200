//! git's changes: what is fetched, what is kept before a reset, the reset, what follows it.
//!
//! In what order, and whether at all, is not decided here. Whatever changes the work tree
//! carries the environment's lock, so that it outlives us only together with the lock.

use crate::host::Run;
use crate::sha::Sha;
use crate::time::Millis;

use super::{Git, LONG_LIMIT_MS};

/// Below this stand the refs that keep what a reset would have destroyed.
pub const KEPT_REFS: &str = "refs/mangetamain-deploy";
/// Paths in one `add`: well under the kernel's limit for arguments.
pub(super) const PATHS_AT_ONCE: usize = 400;

/// Which ref keeps something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Changes of tracked files, as a stash.
    Stash,
    /// Untracked and ignored files, as a commit of only those.
    Files,
    /// Commits made on the machine.
    Commits,
}

/// The ref that keeps something, named by when: it sorts by age and never collides with a branch.
#[must_use]
pub fn kept_ref(kept: Kept, at: Millis) -> String {
    let kind = match kept {
        Kept::Stash => "stash",
        Kept::Files => "files",
        Kept::Commits => "commits",
    };
    format!("{KEPT_REFS}/{kind}/{}", at.0)
}

impl Git {
    /// Fetch the branch's tip and one commit, in one exchange. Read by [`done`]. Where it is
    /// refused, the commit is unknown or the remote out of reach: [`Git::fetch_branch`] tells
    /// which, then [`Git::has_commit`].
    #[must_use]
    pub fn fetch_sha(&self, sha: &Sha, branch: &str) -> Run {
        self.fetch(&[&tip_of(branch), sha.as_str()])
    }

    /// Fetch the branch's tip alone. Read by [`done`].
    #[must_use]
    pub fn fetch_branch(&self, branch: &str) -> Run {
        self.fetch(&[&tip_of(branch)])
    }

    /// Fetch the history that a shallow clone lacks. Refused by a whole one. Read by [`done`].
    #[must_use]
    pub fn unshallow(&self, branch: &str) -> Run {
        self.fetch_from(&["--unshallow", "origin", &tip_of(branch)])
    }

    fn fetch(&self, wanted: &[&str]) -> Run {
        self.fetch_from(&[&["origin"], wanted].concat())
    }

    /// Into the refs that are named, and into no other that the repository's own settings map to what comes: a mirror's
    /// would be the branch that is checked out, which git refuses (git-fetch, `--refmap`). With all files, also where the
    /// clone is a partial one: else git would ask the remote for them in the middle of the reset, without our token.
    fn fetch_from(&self, args: &[&str]) -> Run {
        let options = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-filter", "--refmap="];
        self.remote(self.command(&[&options[..], args].concat()))
    }

    /// Make a stash without touching anything. Read by [`stash_told`]; keep it by
    /// [`Git::save_ref`]. Refused in the middle of a merge: then [`Git::keep_files`].
    #[must_use]
    pub fn create_stash(&self) -> Run {
        let mut run = self.command(&["stash", "create", "mangetamain-deploy: before a reset"]);
        run.limit_ms = LONG_LIMIT_MS;
        run
    }

    /// Have git know no more of these paths than HEAD does; the files stay. Each read by [`done`].
    #[must_use]
    pub fn forget_intended(&self, paths: &[String]) -> Vec<Run> {
        self.in_parts(&["reset", "--quiet", "--"], paths).into_iter().map(|run| self.locked(run)).collect()
    }

    /// Does anything that a reset leaves alone hold what is checked out: a remote's branch, a tag, what was
    /// kept before? Prints one of their names at most. Read by [`names_told`].
    #[must_use]
    pub fn holders(&self) -> Run {
        let args = ["for-each-ref", "--count=1", "--contains=HEAD", "--format=%(refname)"];
        self.command(&[&args[..], &["refs/remotes", "refs/tags", KEPT_REFS]].concat())
    }

    /// Name a commit so that it stays (see [`kept_ref`]). Read by [`done`].
    #[must_use]
    pub fn save_ref(&self, name: &str, sha: &Sha) -> Run {
        self.command(&["update-ref", name, sha.as_str()])
    }

    /// What, of these paths (relative to the top folder), is not tracked, ignored files
    /// included? Read by [`standing_told`].
    #[must_use]
    pub fn standing(&self, paths: &[String]) -> Vec<Run> {
        let runs = self.in_parts(&["ls-files", "-z", "--others", "--full-name", "--"], paths);
        runs.into_iter().map(|run| Run { cap: super::LIST_CAP, ..run }).collect()
    }

    /// Put files into an index of its own, `index` (absolute; removed before, with its `.lock`, and
    /// afterwards), ignored ones too. One command after the other, each read by [`done`]; then
    /// [`Git::write_tree`] and [`Git::commit_tree`]. Under the lock, as the index has one name.
    #[must_use]
    pub fn keep_files(&self, index: &str, paths: &[String]) -> Vec<Run> {
        let args = ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "add", "--force", "--"];
        let runs = self.in_parts(&args, paths);
        runs.into_iter().map(|run| Run { limit_ms: LONG_LIMIT_MS, ..self.locked(with_index(run, index)) }).collect()
    }

    /// Write what `index` holds as a tree. Read by [`sha_told`].
    #[must_use]
    pub fn write_tree(&self, index: &str) -> Run {
        self.locked(with_index(self.command(&["write-tree"]), index))
    }

    /// Make a commit of a tree, after `parent`; its message stands in a file, since names may be too many for
    /// an argument. Read by [`sha_told`].
    #[must_use]
    pub fn commit_tree(&self, tree: &Sha, parent: &Sha, message: &str) -> Run {
        let args = ["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-p", parent.as_str(), "-F", message];
        self.command(&[&args[..], &[tree.as_str()]].concat())
    }

    /// Which tracked files is git told not to look at, in the whole repository? Read by [`super::hidden_told`].
    #[must_use]
    pub fn hidden(&self) -> Run {
        self.list(&["ls-files", "-v", "-z"])
    }

    /// Have git look at these files again: an edit of them shows from here on. Each read by [`done`].
    #[must_use]
    pub fn show_hidden(&self, paths: &[String]) -> Vec<Run> {
        // One of the two at a time: git-update-index obeys the first alone.
        let all = ["--no-assume-unchanged", "--no-skip-worktree"]
            .into_iter()
            .flat_map(|mark| self.in_parts(&["update-index", mark, "--"], paths));
        all.map(|run| self.locked(run)).collect()
    }

    pub(super) fn in_parts(&self, args: &[&str], paths: &[String]) -> Vec<Run> {
        let part = |part: &[String]| {
            let paths: Vec<&str> = part.iter().map(String::as_str).collect();
            self.command(&[args, &paths].concat())
        };
        paths.chunks(PATHS_AT_ONCE).map(part).collect()
    }

    /// Make the work tree and the branch it is on exactly this commit. Read by [`done`].
    #[must_use]
    pub fn reset_hard(&self, sha: &Sha) -> Run {
        let run = self.command(&["reset", "--hard", "--quiet", "--no-recurse-submodules", sha.as_str(), "--"]);
        self.locked(Run { limit_ms: LONG_LIMIT_MS, ..run })
    }

    /// Take over the submodules' addresses from the commit. Read by [`done`].
    #[must_use]
    pub fn submodules_sync(&self) -> Run {
        self.locked(self.trusting(&["*"], &["submodule", "--quiet", "sync", "--recursive"]))
    }

    /// Bring every submodule to the commit's own. Destroys changes inside them. Read by [`done`].
    #[must_use]
    pub fn submodules_update(&self) -> Run {
        // Trusts every folder: each submodule is asked for by its own path, nested ones too.
        let args = ["submodule", "--quiet", "update", "--init", "--recursive", "--force"];
        let mut run = self.trusting(&["*"], &args);
        run.env.remove("GIT_LITERAL_PATHSPECS");
        self.locked(self.remote(run))
    }

    /// Is git-lfs installed? Read by [`done`].
    #[must_use]
    pub fn lfs_version(&self) -> Run {
        self.command(&["lfs", "version"])
    }

    /// Does git put LFS files in place by itself here (`git lfs install` was run)? Read by [`done`]; refused with exit code
    /// 1 where it does not.
    #[must_use]
    pub fn lfs_is_set_up(&self) -> Run {
        self.command(&["config", "--get", "filter.lfs.smudge"])
    }

    /// Download the LFS objects of a commit, with the token that a reset does not have. Read by
    /// [`done`]; refused with exit code 1 where git-lfs is not installed.
    #[must_use]
    pub fn lfs_fetch(&self, sha: &Sha) -> Run {
        self.remote(self.command(&["lfs", "fetch", "origin", sha.as_str()]))
    }

    /// Put LFS files in the place of pointers that stand in the work tree, where their objects are here: a reset leaves a
    /// pointer as it is that its index already knows. Read by [`done`].
    #[must_use]
    pub fn lfs_checkout(&self) -> Run {
        self.locked(Run { limit_ms: LONG_LIMIT_MS, ..self.command(&["lfs", "checkout"]) })
    }
}

fn tip_of(branch: &str) -> String {
    format!("+refs/heads/{branch}:refs/remotes/origin/{branch}")
}

pub(super) fn with_index(mut run: Run, index: &str) -> Run {
    run.env.insert("GIT_INDEX_FILE".to_string(), index.to_string());
    run
}

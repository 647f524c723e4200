//! git's answers: what each one proves, and what it does not.
//!
//! An answer that did not come (a limit passed, somebody stopped us) is never a "no". Nothing
//! here reads git's English: exit codes and NUL-separated formats only; its words are kept for
//! people. What to do about an answer is not decided here.

use std::collections::BTreeSet;

use crate::host::{Reply, Stat};
use crate::sha::Sha;
use crate::time::Millis;

use super::{CAP, LIST_CAP};
pub use crate::tools::process::{ProcessError, done};
use crate::tools::process::{ended, output, refused};

/// A yes or a no that git stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Where a work tree lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryLayout {
    /// Absolute, links resolved.
    pub top: String,
    /// Absolute path of the repository; in a linked work tree, that work tree's own part.
    pub git_dir: String,
    /// History that ends early.
    pub shallow: Shallow,
}

impl RepositoryLayout {
    /// The repository itself, which a linked work tree's own part stands in (gitrepository-layout, `worktrees`).
    #[must_use]
    pub fn shared(&self) -> &str {
        let parts = self.git_dir.rsplit_once("/worktrees/").filter(|(_, name)| !name.contains('/'));
        parts.map_or(&self.git_dir, |(shared, _)| shared)
    }
}

/// Whether the history is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shallow {
    /// Ends early: a "no" to [`Git::is_ancestor`] proves nothing before [`Git::unshallow`].
    Yes,
    /// All there.
    No,
}

/// What a message says about a commit. All of it was written by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// The commit.
    pub sha: Sha,
    /// The author's name.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    /// The committer's date.
    pub committed_ms: Millis,
}

/// A tracked path that differs from the commit that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirty {
    /// Relative to the top folder.
    pub path: String,
    /// What stands there.
    pub kind: DirtyKind,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirtyKind {
    /// A file: [`Git::create_stash`] keeps it.
    File,
    /// A file that git only was told of (`git add -N`), not tracked yet: a stash refuses, [`Git::forget_intended`]
    /// leaves it where it is.
    Intended,
    /// A file in the middle of a merge: a stash refuses, [`Git::keep_files`] keeps it.
    Unmerged,
    /// A submodule at another commit, clean inside.
    Submodule,
    /// A submodule with changed files of its own: stash inside it, see [`Git::submodule`].
    SubmoduleDirty,
}

/// What stands, untracked or ignored, where a reset would write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Untracked {
    /// Files, relative to the top folder, as [`Git::keep_files`] wants them.
    pub files: Vec<String>,
    /// Whole repositories: git cannot keep those in a commit, so a reset must not happen.
    pub repositories: Vec<String>,
}

/// A yes (exit code 0) or a no (1); anything else proves neither.
pub fn answered(reply: &Reply) -> Result<Answer, ProcessError> {
    let ran = ended(reply)?;
    match ran.exit {
        Some(0) => Ok(Answer::Yes),
        Some(1) => Ok(Answer::No),
        _ => Err(refused(ran)),
    }
}

/// One full SHA, of a commit or a tree.
pub fn sha_told(reply: &Reply) -> Result<Sha, ProcessError> {
    Sha::parse(output(reply, CAP)?).map_err(|_| ProcessError::Unreadable)
}

/// The commit that the digits stand for; none when unknown here, ambiguous, or the name of
/// something else (a branch may be called `deadbee`).
pub fn resolved(reply: &Reply, digits: &str) -> Result<Option<Sha>, ProcessError> {
    let ran = ended(reply)?;
    match ran.exit {
        Some(0) => {
            let sha = sha_told(reply)?;
            Ok(sha.as_str().starts_with(&digits.to_ascii_lowercase()).then_some(sha))
        }
        // --quiet: 1 for a name that is nothing here, 128 for one that is several things.
        Some(1 | 128) => Ok(None),
        _ => Err(refused(ran)),
    }
}

/// Where the work tree lives. A folder outside any repository is refused with exit code 128.
pub fn place_found(reply: &Reply) -> Result<RepositoryLayout, ProcessError> {
    let text = output(reply, CAP)?;
    // The top folder comes last, so that only a repository's path with a newline is unreadable.
    let mut lines = text.trim_end_matches('\n').splitn(3, '\n');
    let (Some(shallow), Some(git_dir), Some(top)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(ProcessError::Unreadable);
    };
    let shallow = match shallow {
        "true" => Shallow::Yes,
        "false" => Shallow::No,
        _ => return Err(ProcessError::Unreadable),
    };
    if !git_dir.starts_with('/') || !top.starts_with('/') {
        return Err(ProcessError::Unreadable);
    }
    Ok(RepositoryLayout { top: top.to_string(), git_dir: git_dir.to_string(), shallow })
}

/// The address of `origin`, without a name or password in it; none when there is no `origin`.
pub fn remote_url_told(reply: &Reply) -> Result<Option<String>, ProcessError> {
    let ran = ended(reply)?;
    if ran.exit == Some(1) {
        return Ok(None);
    }
    let url = output(reply, CAP)?.trim_end();
    let Some((scheme, rest)) = url.split_once("://") else {
        return Ok(Some(url.to_string()));
    };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let host = host.rsplit('@').next().unwrap_or(host);
    Ok(Some(path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))))
}

/// `owner/name` of a remote on this server: `https://github.com/o/n.git`, `git@github.com:o/n.git`,
/// `ssh://git@github.com/o/n`. A host whose name only has the server's in it is another one.
#[must_use]
pub fn repository_of(url: &str, server_url: &str) -> Option<String> {
    let host = without_scheme(server_url).trim_end_matches('/');
    let place = without_scheme(url);
    // A user's name may stand before the host; an `@` after the first `/` is the path's.
    let place = place.split_once('@').filter(|(user, _)| !user.contains('/')).map_or(place, |(_, place)| place);
    let path = place.strip_prefix(host)?;
    let path = path.starts_with(['/', ':']).then(|| path.trim_start_matches(['/', ':']).trim_end_matches('/'))?;
    let path = path.strip_suffix(".git").unwrap_or(path);
    let (owner, name) = path.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    (plain(owner) && plain(name)).then(|| format!("{owner}/{name}"))
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// The branch's commit at the remote; none when it has no such branch.
pub fn listed_tip(reply: &Reply) -> Result<Option<Sha>, ProcessError> {
    let ran = ended(reply)?;
    if ran.exit == Some(2) {
        return Ok(None);
    }
    let sha = output(reply, CAP)?.split('\t').next().unwrap_or_default();
    Sha::parse(sha).map(Some).map_err(|_| ProcessError::Unreadable)
}

/// Submodules by path, and whether each stands at the commit's own.
pub fn submodules_told(reply: &Reply) -> Result<Vec<(String, bool)>, ProcessError> {
    let one = |line: &str| {
        // ` SHA path (describe)`; `-`: not there, `+`: another commit, `U`: a merge.
        let (mark, rest) = line.split_at_checked(1)?;
        let path = rest.split_once(' ')?.1;
        let path = path.rsplit_once(" (").map_or(path, |(path, _)| path);
        Some((path.to_owned(), mark == " "))
    };
    let lines = output(reply, CAP)?.lines().filter(|line| !line.is_empty());
    lines.map(|line| one(line).ok_or(ProcessError::Unreadable)).collect()
}

/// A number of commits.
pub fn counted(reply: &Reply) -> Result<u64, ProcessError> {
    output(reply, CAP)?.trim().parse().map_err(|_| ProcessError::Unreadable)
}

/// Paths relative to the top folder, in git's order. A name that is not UTF-8 is told with U+FFFD.
pub fn paths_told(reply: &Reply) -> Result<Vec<String>, ProcessError> {
    Ok(nul_separated(output(reply, LIST_CAP)?)?.map(str::to_string).collect())
}

/// A tracked file that git was told not to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// From the top folder.
    pub path: String,
    /// By `assume-unchanged`: a reset writes over it whatever it holds. Else by `skip-worktree`: it leaves the file
    /// alone, and fails where the commit has another one.
    pub is_assumed: bool,
}

/// What git does not look at, by `ls-files -v`: a small letter says `assume-unchanged`, an S `skip-worktree`
/// (git-ls-files, `-v` and `-t`).
pub fn hidden_told(reply: &Reply) -> Result<Vec<Hidden>, ProcessError> {
    let hidden = |line: &str| {
        let (mark, path) = line.split_once(' ')?;
        let is_assumed = mark.chars().all(|letter| letter.is_ascii_lowercase());
        (is_assumed || mark == "S").then(|| Hidden { path: path.to_owned(), is_assumed })
    };
    Ok(nul_separated(output(reply, LIST_CAP)?)?.filter_map(hidden).collect())
}

pub(super) fn nul_separated(text: &str) -> Result<impl Iterator<Item = &str>, ProcessError> {
    if !text.is_empty() && !text.ends_with('\0') {
        return Err(ProcessError::Unreadable);
    }
    Ok(text.split_terminator('\0'))
}

/// A commit's author, subject and date.
pub fn commit_facts_told(reply: &Reply) -> Result<CommitFacts, ProcessError> {
    commit_facts(&mut output(reply, CAP)?.split('\0'))
}

/// Several commits, the newest first.
pub fn commits_told(reply: &Reply) -> Result<Vec<CommitFacts>, ProcessError> {
    let mut fields = output(reply, CAP)?.split('\0').map(|field| field.trim_start_matches('\n')).peekable();
    let mut all = Vec::new();
    while fields.peek().is_some_and(|field| !field.is_empty()) {
        all.push(commit_facts(&mut fields)?);
    }
    Ok(all)
}

fn commit_facts<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Result<CommitFacts, ProcessError> {
    let mut next = || fields.next().ok_or(ProcessError::Unreadable);
    let (sha, author, seconds, subject) = (next()?, next()?, next()?, next()?);
    let seconds: i64 = seconds.parse().map_err(|_| ProcessError::Unreadable)?;
    Ok(CommitFacts {
        sha: Sha::parse(sha).map_err(|_| ProcessError::Unreadable)?,
        author: author.to_string(),
        subject: subject.to_string(),
        committed_ms: Millis(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000)),
    })
}

/// What was changed by hand.
pub fn dirty_told(reply: &Reply) -> Result<Vec<Dirty>, ProcessError> {
    // What begins with `#` is a header, of which a git may know more than we do.
    let lines = nul_separated(output(reply, LIST_CAP)?)?.filter(|line| !line.starts_with('#'));
    lines.map(|line| dirty_line(line).ok_or(ProcessError::Unreadable)).collect()
}

fn dirty_line(line: &str) -> Option<Dirty> {
    let (before_path, unmerged) = match line.split_once(' ')?.0 {
        "1" => (8, false),
        "u" => (10, true),
        _ => return None,
    };
    let mut fields = line.splitn(before_path + 1, ' ');
    let (states, submodule) = (fields.nth(1)?, fields.next()?);
    let path = fields.nth(before_path - 3)?.to_string();
    let kind = match submodule.as_bytes() {
        _ if unmerged => DirtyKind::Unmerged,
        // The second state is the work tree's: only `add -N` has a file added there (git-status, `.A`).
        [b'N', ..] if states.ends_with('A') => DirtyKind::Intended,
        [b'N', ..] => DirtyKind::File,
        [b'S', _, b'M', _] => DirtyKind::SubmoduleDirty,
        [b'S', ..] => DirtyKind::Submodule,
        _ => return None,
    };
    Some(Dirty { path, kind })
}

/// The stash's commit; none when nothing was changed.
pub fn stash_told(reply: &Reply) -> Result<Option<Sha>, ProcessError> {
    if output(reply, CAP)?.trim().is_empty() { Ok(None) } else { sha_told(reply).map(Some) }
}

/// A folder in the repository, with a `/` at its end; empty for the top folder.
pub fn prefix_told(reply: &Reply) -> Result<String, ProcessError> {
    Ok(output(reply, CAP)?.trim_end_matches('\n').to_string())
}

/// A path of the repository as it is spelled from `work_tree`, the folder at `prefix` in it, which a link
/// may lead to; none where no spelling follows from that.
#[must_use]
pub fn spelled(work_tree: &str, prefix: &str, path: &str) -> Option<String> {
    let top = format!("{work_tree}/");
    match (path.strip_prefix(prefix), top.strip_suffix(&format!("/{prefix}"))) {
        (Some(inside), _) => Some(format!("{top}{inside}")),
        (None, Some(top)) => Some(format!("{top}/{path}")),
        (None, None) => None,
    }
}

/// A file's text.
pub fn file_told(reply: &Reply) -> Result<String, ProcessError> {
    Ok(output(reply, CAP)?.to_owned())
}

/// Names, one a line.
pub fn names_told(reply: &Reply) -> Result<Vec<String>, ProcessError> {
    Ok(output(reply, CAP)?.lines().map(str::to_string).collect())
}

/// What stands where a reset would write.
pub fn standing_told(reply: &Reply) -> Result<Untracked, ProcessError> {
    let all = nul_separated(output(reply, LIST_CAP)?)?.map(str::to_string);
    // --others names a repository by its folder, and everything else by its file.
    let (repositories, files) = all.partition(|path| path.ends_with('/'));
    Ok(Untracked { files, repositories })
}

/// Whether a file's beginning is that of an LFS pointer: the real content is not here.
#[must_use]
pub fn is_lfs_pointer(text: &str) -> bool {
    text.starts_with("version https://git-lfs.github.com/spec/v1\n")
}

/// Every place that a reset would write or has to pass: these paths (added ones, and those
/// changed by hand) and all folders above them, relative to the top folder. To be looked at with
/// `Stat`.
#[must_use]
pub fn places_written(paths: &[String]) -> Vec<String> {
    let mut places = BTreeSet::new();
    for path in paths {
        places.insert(path.clone());
        places.extend(folders_above(path).map(str::to_string));
    }
    places.into_iter().collect()
}

pub(super) fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// Those places of [`places_written`] where something stands that a reset would replace: `stats`
/// in the same order. What of it is not tracked, [`super::Git::standing`] tells.
#[must_use]
pub fn in_the_way(paths: &[String], places: &[String], stats: &[Option<Stat>]) -> Vec<String> {
    let written: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let found: Vec<(&str, &Stat)> =
        places.iter().zip(stats).filter_map(|(place, stat)| Some((place.as_str(), stat.as_ref()?))).collect();
    // A file or a link where a folder has to be: git removes it, and nothing is below it.
    let blocking: BTreeSet<&str> = found
        .iter()
        .filter(|(place, stat)| !written.contains(place) && stat.kind != "folder")
        .map(|(place, _)| *place)
        .collect();
    found
        .iter()
        .map(|(place, _)| *place)
        .filter(|place| blocking.contains(place) || written.contains(place))
        .filter(|place| !folders_above(place).any(|folder| blocking.contains(folder)))
        .map(str::to_string)
        .collect()
}

//! Files that were kept come back: how git tells of them, and how they are put where nothing stands.
//!
//! They are unpacked in a folder of ours first, then linked into place whole: a process that is killed
//! leaves no half file behind. What is put back, and whether at all, is not decided here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::{Reply, Run, Stat};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::process::output;

use super::{CAP, Git, KEPT_REFS, LONG_LIMIT_MS, PATHS_AT_ONCE, ProcessError, with_index};

/// Rights that git gives a file, and that are not written down.
const USUAL_FILE: u32 = 0o644;
/// The same of a folder.
const USUAL_FOLDER: u32 = 0o755;

/// A commit of kept files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFiles {
    /// Its ref.
    pub name: String,
    /// When it was kept.
    pub at: Millis,
    /// The commit.
    pub commit: Sha,
    /// What was checked out then.
    pub parent: Sha,
}

/// What a commit of kept files says beside their content: one line of its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFacts {
    /// The SHA whose files took their place.
    pub replaced_by: Sha,
    /// Rights that git does not keep, octal: of files that are not 644, of folders that are not 755.
    pub modes: BTreeMap<String, String>,
}

impl KeptFacts {
    /// Of files and the folders above them: `stats` in the order of `places`.
    #[must_use]
    pub fn of(replaced_by: &Sha, places: &[String], stats: &[Option<Stat>]) -> Self {
        let seen = places.iter().zip(stats).filter_map(|(place, stat)| Some((place, stat.as_ref()?)));
        let odd = seen.filter(|(_, stat)| usual(stat).is_some_and(|mode| mode != stat.mode));
        let modes = odd.map(|(place, stat)| (place.clone(), format!("{:o}", stat.mode))).collect();
        Self { replaced_by: replaced_by.clone(), modes }
    }

    /// Which of these have other rights than they had: the mode, and the places that want it. `stats` in the
    /// order of `places`.
    #[must_use]
    pub fn amiss(&self, places: &[String], stats: &[Option<Stat>]) -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (place, stat) in places.iter().zip(stats).filter_map(|(place, stat)| Some((place, stat.as_ref()?))) {
            let Some(usual) = usual(stat) else {
                continue;
            };
            let known = self.modes.get(place).and_then(|mode| u32::from_str_radix(mode, 8).ok());
            let wanted = known.map_or(usual, |mode| mode & 0o777);
            // A folder that we could not write to would take none of its files.
            let wanted = if stat.kind == "folder" { wanted | 0o700 } else { wanted };
            if wanted != stat.mode {
                all.entry(format!("{wanted:o}")).or_default().push(place.clone());
            }
        }
        all
    }
}

fn usual(stat: &Stat) -> Option<u32> {
    match stat.kind.as_str() {
        "file" => Some(USUAL_FILE),
        "folder" => Some(USUAL_FOLDER),
        _ => None,
    }
}

/// The message of a commit of kept files. Without facts nobody puts them back but a person.
#[must_use]
pub fn kept_message(facts: Option<&KeptFacts>) -> String {
    let facts = facts.and_then(|facts| serde_json::to_string(facts).ok());
    let facts = facts.map(|line| format!("\n{line}\n")).unwrap_or_default();
    format!("mangetamain-deploy: files that a reset would have overwritten\n{facts}")
}

/// Commits of kept files, the newest first. What is named like one and is none is left out.
pub fn kept_told(reply: &Reply) -> Result<Vec<KeptFiles>, ProcessError> {
    let one = |line: &str| {
        let mut fields = line.split(' ');
        let (name, commit, parent) = (fields.next()?, fields.next()?, fields.next()?);
        let at = Millis(name.rsplit('/').next()?.parse().ok()?);
        let (commit, parent) = (Sha::parse(commit).ok()?, Sha::parse(parent).ok()?);
        fields.next().is_none().then(|| KeptFiles { name: name.to_owned(), at, commit, parent })
    };
    let mut all: Vec<KeptFiles> = output(reply, CAP)?.lines().filter_map(one).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(all)
}

/// What a commit of kept files says of them; none where it says nothing.
pub fn kept_facts_told(reply: &Reply) -> Result<Option<KeptFacts>, ProcessError> {
    Ok(output(reply, CAP)?.lines().find_map(|line| serde_json::from_str(line).ok()))
}

/// Paths at which nothing stands, in folders that are folders or not there: only those can be put back.
/// `stats` in the order of `places`, which are those of [`super::places_written`].
#[must_use]
pub fn free_paths(paths: &[String], places: &[String], stats: &[Option<Stat>]) -> Vec<String> {
    if stats.len() != places.len() {
        return Vec::new();
    }
    let standing: BTreeMap<&str, &str> = places
        .iter()
        .zip(stats)
        .filter_map(|(place, stat)| Some((place.as_str(), stat.as_ref()?.kind.as_str())))
        .collect();
    let is_free = |path: &&String| {
        let above = path.match_indices('/').filter_map(|(at, _)| standing.get(path.get(..at)?));
        !standing.contains_key(path.as_str()) && above.into_iter().all(|kind| *kind == "folder")
    };
    paths.iter().filter(is_free).cloned().collect()
}

impl Git {
    /// Which commits of kept files are there? Read by [`kept_told`].
    #[must_use]
    pub fn list_kept(&self) -> Run {
        let format = "--format=%(refname) %(objectname) %(parent)";
        self.command(&["for-each-ref", format, &format!("{KEPT_REFS}/files")])
    }

    /// What does the message of a commit of kept files say? Read by [`kept_facts_told`].
    #[must_use]
    pub fn kept_facts(&self, commit: &Sha) -> Run {
        let args = ["log", "-1", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8"];
        self.command(&[&args[..], &["--format=%B", commit.as_str(), "--"]].concat())
    }

    /// Which paths does a commit hold? Read by [`super::paths_told`].
    #[must_use]
    pub fn kept_paths(&self, commit: &Sha) -> Run {
        self.list(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit.as_str()])
    }

    /// Unpack files of a commit into `folder` (absolute, empty), by way of an index of its own as in
    /// [`Git::keep_files`]. One command after the other, each read by [`super::done`].
    #[must_use]
    pub fn unpack(&self, commit: &Sha, index: &str, folder: &str, paths: &[String]) -> Vec<Run> {
        let read = self.command(&["-c", "core.sparseCheckout=false", "read-tree", commit.as_str()]);
        let prefix = format!("--prefix={folder}/");
        // As they were kept: no line ends are changed.
        let args = ["-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "checkout-index"];
        let write = self.in_parts(&[&args[..], &[&prefix, "--"]].concat(), paths);
        let all = std::iter::once(read).chain(write);
        all.map(|run| Run { limit_ms: LONG_LIMIT_MS, ..self.locked(with_index(run, index)) }).collect()
    }

    /// Give places in `folder` these rights. Each read by [`super::done`].
    #[must_use]
    pub fn set_mode(&self, folder: &str, mode: &str, places: &[String]) -> Vec<Run> {
        let part = |part: &[String]| {
            let places = part.iter().map(String::as_str);
            self.tool("chmod", folder, [mode, "--"].into_iter().chain(places))
        };
        places.chunks(PATHS_AT_ONCE).map(part).collect()
    }

    /// Give everything in `folder` a second name at its place in the work tree. What stands there stays: only
    /// a look at it tells what came of this.
    #[must_use]
    pub fn link_in(&self, folder: &str) -> Run {
        // -P: with -l a link would be followed to what it leads to.
        let args = ["-r", "-P", "-l", "-n", "-T", "--", folder, self.top()];
        self.tool("cp", self.top(), args)
    }

    /// Remove a folder of ours with all that is in it. Read by [`super::done`].
    #[must_use]
    pub fn clear(&self, folder: &str) -> Run {
        self.tool("rm", "/", ["-rf", "--one-file-system", "--", folder])
    }

    pub(super) fn tool<'a>(&self, program: &str, folder: &str, args: impl IntoIterator<Item = &'a str>) -> Run {
        let (program, args) = (program.to_owned(), args.into_iter().map(str::to_owned).collect());
        let folder = Some(folder.to_owned());
        self.locked(Run { program, args, folder, limit_ms: LONG_LIMIT_MS, ..self.command(&[]) })
    }
}

//! How a path is put back: swapped by renames, or filled in place. Whoever holds on to a folder that is renamed away
//! (a mount below it, a container that sees it and goes on) would keep the old one.

use crate::host::{Reply, Run};
use crate::tools::compose::Container;
use crate::tools::path::is_within;
use crate::tools::process::{ProcessError, output};

use super::{CAP, QUESTION_LIMIT_MS, ask};

/// How a path is put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Copied beside, then swapped by two renames.
    Rename,
    /// Kept elsewhere, emptied and filled; but for these folders, on which something is mounted.
    InPlace(Vec<String>),
}

impl Way {
    /// Whether it is filled in place.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        matches!(self, Self::InPlace(_))
    }
}

/// Where all links lead that a path goes through. Read by [`real_path_told`].
#[must_use]
pub fn real_path(path: &str) -> Run {
    ask("realpath", ["--", path], "/", QUESTION_LIMIT_MS)
}

/// Where they lead; the path as it is, where that cannot be told.
#[must_use]
pub fn real_path_told(reply: &Reply, path: &str) -> String {
    match reply {
        Reply::Ran(ran) if ran.exit == Some(0) => ran.stdout.trim_end_matches('\n').to_owned(),
        _ => path.to_owned(),
    }
}

/// The same of many, of which some may not stand there yet. Read by [`real_paths_told`].
#[must_use]
pub fn real_paths(paths: &[String]) -> Run {
    ask("realpath", ["-m", "-z", "--"].into_iter().chain(paths.iter().map(String::as_str)), "/", QUESTION_LIMIT_MS)
}

/// Where they lead, in their order.
pub fn real_paths_told(reply: &Reply, paths: usize) -> Result<Vec<String>, ProcessError> {
    let told: Vec<String> = output(reply, CAP)?.split_terminator('\0').map(str::to_owned).collect();
    if told.len() == paths { Ok(told) } else { Err(ProcessError::Unreadable) }
}

/// The places on which something is mounted, from the text of `/proc/self/mountinfo`.
#[must_use]
pub fn mount_points(mountinfo: &str) -> Vec<String> {
    mountinfo.lines().filter_map(|line| line.split(' ').nth(4)).map(unescaped).collect()
}

/// Blanks, line breaks and backslashes are told as `\` and three octal digits.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                plain.push(char::from(code));
                plain.push_str(part.get(3..).unwrap_or_default());
            }
            None => {
                plain.push('\\');
                plain.push_str(part);
            }
        }
    }
    plain
}

/// The mount points below a path, as it is spelled; `real` is where its links lead.
#[must_use]
pub fn mounts_below(points: &[String], path: &str, real: &str) -> Vec<String> {
    let inside = |point: &String| {
        let rest = point.strip_prefix(real.trim_end_matches('/'))?;
        (rest.len() > 1 && rest.starts_with('/')).then(|| format!("{}{rest}", path.trim_end_matches('/')))
    };
    let mut below: Vec<String> = points.iter().filter_map(inside).collect();
    below.sort();
    below.dedup();
    below
}

/// The folders and files of this machine that running containers see by a mount of their own, and that run on.
#[must_use]
pub fn held_by(containers: &[Container], is_restarted: &dyn Fn(&Container) -> bool) -> Vec<String> {
    let on = containers.iter().filter(|one| one.runs() && !is_restarted(one));
    on.flat_map(|one| one.mounts.iter().cloned()).collect()
}

/// Containers that see a path of this machine, or something in it, by a mount of its own, and run on; by name. Who
/// sees a folder above it sees what is renamed there, too.
#[must_use]
pub fn seen_by(containers: &[Container], real: &str, is_restarted: &dyn Fn(&Container) -> bool) -> Vec<String> {
    let sees = |mount: &String| is_within(mount, real);
    let on = containers.iter().filter(|one| one.runs() && !is_restarted(one) && one.mounts.iter().any(sees));
    on.map(|one| one.name.clone()).collect()
}

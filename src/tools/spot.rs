//! What stands at paths, whose it is, and whether we may write there: one `find` for all of them.
//! The host's own look knows neither owner nor rights, and a dead network disk would hold it up.

use std::collections::BTreeMap;

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, ended, refused};
use crate::tools::question::{CAP, question};

/// A line a path; its own name comes last, since it may hold anything but a line break.
const FORMAT: &str = " %U %G %m %y %u %g %p\n";

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Whether this process may write there (access(2)).
    pub writable: bool,
    /// The owner's number.
    pub uid: u32,
    /// The permission bits, such as 0o700.
    pub mode: u32,
    /// `d`, `f`, `l` (a link that leads nowhere), `s` (a socket), ... (find's `%y`).
    pub kind: char,
    /// The owner's name, or number when it has none.
    pub user: String,
    /// The group's name, or number when it has none.
    pub group: String,
}

/// Asks about these paths (absolute); links are followed. Read by [`spotted`].
#[must_use]
pub fn look_at(paths: &[String]) -> Run {
    let mut run = question("find", &["-H"]);
    run.args.extend(paths.iter().cloned());
    let tests = ["-maxdepth", "0", "(", "-writable", "-printf", "w", "-o", "-printf", "-", ")", "-printf", FORMAT];
    run.args.extend(tests.map(str::to_owned));
    run
}

/// What stands at each path; paths where nothing stands, or that we may not reach, are left out.
pub fn spotted(reply: &Reply) -> Result<BTreeMap<String, Spot>, ProcessError> {
    let ran = ended(reply)?;
    // 1: one of them is not there, which is an answer.
    if !matches!(ran.exit, Some(0 | 1)) {
        return Err(refused(ran));
    }
    if ran.stdout.len() as u64 >= CAP {
        return Err(ProcessError::Unreadable);
    }
    ran.stdout.lines().map(|line| spot(line).ok_or(ProcessError::Unreadable)).collect()
}

fn spot(line: &str) -> Option<(String, Spot)> {
    let mut fields = line.splitn(8, ' ');
    let mut next = || fields.next();
    let writable = next()? == "w";
    let uid = next()?.parse().ok()?;
    next()?;
    let mode = u32::from_str_radix(next()?, 8).ok()?;
    let kind = next()?.chars().next()?;
    let (user, group) = (next()?.to_owned(), next()?.to_owned());
    Some((next()?.to_owned(), Spot { writable, uid, mode, kind, user, group }))
}

/// The first folder below `top` (absolute) that this process may not write to: a reset cannot
/// replace what stands in it. Read by [`first_found`].
#[must_use]
pub fn find_unwritable(top: &str) -> Run {
    question("find", &[top, "-xdev", "-type", "d", "!", "-writable", "-printf", "%u %p\n", "-quit"])
}

/// The first folder in this one, itself included, of which this process may remove nothing, and in which something
/// stands. Read by [`first_found`].
#[must_use]
pub fn find_undeletable(top: &str) -> Run {
    question("find", &[top, "-type", "d", "!", "-writable", "!", "-empty", "-printf", "%u %p\n", "-quit"])
}

/// The first file or folder in these paths that this process may not read: of a folder both its names and what stands
/// in it. What a link leads to is not asked, as it is not saved. Read by [`first_found`].
#[must_use]
pub fn find_unreadable(paths: &[String]) -> Run {
    let mut run = question("find", &[]);
    run.args.extend(paths.iter().cloned());
    let folder = ["(", "-type", "d", "(", "!", "-readable", "-o", "!", "-executable", ")"];
    let other = ["-o", "!", "-type", "d", "!", "-type", "l", "!", "-readable", ")"];
    run.args.extend(folder.iter().chain(&other).map(|&word| word.to_owned()));
    run.args.extend(["-printf", "%u %p\n", "-quit"].map(str::to_owned));
    run
}

/// The first file or folder in these paths that `test` holds for (see [`super::program::User::foreign`]): user and
/// group, and the path. Read by [`first_found`].
#[must_use]
pub fn find_foreign(paths: &[String], test: &[String]) -> Run {
    let mut run = question("find", &[]);
    run.args.extend(paths.iter().chain(test).cloned());
    run.args.extend(["-printf", "%u:%g %p\n", "-quit"].map(str::to_owned));
    run
}

/// Owner and path of what was found first; none when there is nothing such.
pub fn first_found(reply: &Reply) -> Result<Option<(String, String)>, ProcessError> {
    let ran = ended(reply)?;
    let found = ran.stdout.lines().next().and_then(|line| line.split_once(' '));
    match (found, ran.exit) {
        (Some((user, path)), _) => Ok(Some((user.to_owned(), path.to_owned()))),
        (None, Some(0)) => Ok(None),
        _ => Err(refused(ran)),
    }
}

/// A path and all folders above it, the path first.
#[must_use]
pub fn upwards(path: &str) -> Vec<String> {
    let mut all: Vec<String> =
        path.match_indices('/').filter_map(|(at, _)| path.get(..at)).map(str::to_owned).collect();
    all.retain(|one| !one.is_empty());
    all.insert(0, "/".to_owned());
    if path != "/" {
        all.push(path.to_owned());
    }
    all.reverse();
    all
}

/// The nearest place to `path` at which something stands, `path` itself first.
#[must_use]
pub fn nearest<'a>(path: &str, spots: &'a BTreeMap<String, Spot>) -> Option<(String, &'a Spot)> {
    upwards(path).into_iter().find_map(|one| spots.get(&one).map(|spot| (one, spot)))
}

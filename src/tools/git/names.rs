//! Names that are not UTF-8: git tells them, the door does not. Where one may stand in a reset's way, it can be neither
//! looked at nor kept.

use std::collections::BTreeSet;

/// What stands in such a name's place for what cannot be read.
const ODD: char = char::REPLACEMENT_CHARACTER;

/// In which folders something of such a name would have to stand, to be in the way of these paths: each is named
/// wholly, `.` is the top folder.
#[must_use]
pub fn folders_of_odd(paths: &[String]) -> Vec<String> {
    let folder = |path: &String| {
        let readable = path.get(..path.find(ODD)?)?;
        Some(readable.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned())
    };
    paths.iter().filter_map(folder).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The first of what stands there untracked that, as far as its name tells, is in the way of one of these paths.
#[must_use]
pub fn odd_in_the_way(paths: &[String], standing: &[String]) -> Option<String> {
    let is_below = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let is_blocking = |one: &&String| {
        let one = one.trim_end_matches('/');
        paths.iter().any(|path| path == one || is_below(path, one) || is_below(one, path))
    };
    standing.iter().filter(|one| one.contains(ODD)).find(is_blocking).cloned()
}

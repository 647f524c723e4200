//! What a reset leaves that failed in the middle: files that only its target has. git moves HEAD last, so that nothing
//! tells them from the machine's own but what stood there before.

use std::collections::{BTreeMap, BTreeSet};

use crate::host::{Run, Stat};

use super::{Git, PATHS_AT_ONCE};

/// Which of the `added` paths a reset has written: something stands there that is not what stood there before, and no
/// link leads to it from elsewhere. `stats` in the order of `places`, which are those of [`super::places_written`].
#[must_use]
pub fn strays(
    added: &[String],
    places: &[String],
    stats: &[Option<Stat>],
    stood: &BTreeMap<String, Stat>,
) -> Vec<String> {
    let pairs = places.iter().zip(stats).filter_map(|(place, stat)| Some((place.as_str(), stat.as_ref()?)));
    let standing: BTreeMap<&str, &Stat> = pairs.collect();
    let is_written = |path: &&String| {
        let stat = standing.get(path.as_str());
        stat.is_some_and(|stat| ["file", "link"].contains(&stat.kind.as_str()) && stood.get(*path) != Some(stat))
            && super::folders_above(path).all(|folder| standing.get(folder).is_some_and(|stat| stat.kind == "folder"))
    };
    added.iter().filter(is_written).cloned().collect()
}

impl Git {
    /// Remove these files, and those folders above them that did not stand before and are empty then. One command after
    /// the other; what cannot be removed stays.
    #[must_use]
    pub fn remove_strays(&self, strays: &[String], stood: &BTreeMap<String, Stat>) -> Vec<Run> {
        let above = strays.iter().flat_map(|path| super::folders_above(path));
        let made: BTreeSet<&str> = above.filter(|folder| !stood.contains_key(*folder)).collect();
        // The deepest first: by name a folder comes before what is in it.
        let made: Vec<&str> = made.into_iter().rev().collect();
        let top = self.at_top("");
        let files = strays.chunks(PATHS_AT_ONCE).map(|part| {
            let part = part.iter().map(String::as_str);
            self.tool("rm", &top, ["-f", "--"].into_iter().chain(part))
        });
        let folders = made.chunks(PATHS_AT_ONCE).map(|part| {
            let part = part.iter().copied();
            self.tool("rmdir", &top, std::iter::once("--").chain(part))
        });
        files.chain(folders).collect()
    }
}

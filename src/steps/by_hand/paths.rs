//! How a person puts one path of a backup back.

use crate::steps::restore::named_like;
use crate::steps::ways::PathWay;
use crate::tools::backup::{BackupLocation, PARTIAL, Way};
use crate::tools::path::parent;
use crate::tools::shell::{line, word};

/// The commands that put one path back, each of which may be run again: what is set aside gets a number of its own.
pub(super) struct PathCommands {
    /// Folders that have to stand.
    pub(super) needed: Vec<String>,
    /// What an earlier try may have left half copied.
    pub(super) beside: Vec<String>,
    /// Nothing live is touched yet.
    pub(super) copied: Vec<String>,
    /// What is live is replaced.
    pub(super) swapped: Vec<String>,
}

impl PathCommands {
    /// Of a path at which a thing of this kind stands.
    pub(super) fn of(PathWay { path, way }: &PathWay, kind: Option<&str>, place: &BackupLocation) -> Self {
        let saved = place.saved(path);
        let copy = |from: &str, to: &str| format!("cp -a -T -- {} {}", word(from), word(to));
        let swap = |from: &str, to: &str| format!("mv -T --backup=numbered -- {} {}", word(from), word(to));
        let mut needed = vec![parent(path).to_owned()];
        let Way::InPlace(mounts) = way else {
            let fresh = format!("{}.restored-{}", named_like(path, ""), place.name);
            let (copied, swapped) = (vec![copy(&saved, &fresh)], vec![swap(&fresh, path)]);
            return Self { needed, beside: vec![fresh], copied, swapped };
        };
        let mut copied = vec![format!("test -e {}", word(&saved))];
        let mut swapped = Vec::new();
        let mut beside = Vec::new();
        if kind.is_some() {
            let kept = format!("{}.by-hand{path}", place.whole());
            let half = format!("{}{PARTIAL}", named_like(&kept, ""));
            needed.push(parent(&kept).to_owned());
            copied.extend([copy(path, &half), swap(&half, &kept)]);
            beside.push(half);
        }
        if kind == Some("folder") {
            swapped.push(line(&place.empty(path, mounts)));
        }
        swapped.push(copy(&saved, path));
        Self { needed, beside, copied, swapped }
    }
}

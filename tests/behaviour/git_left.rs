//! The git tools against the real git: what a failed reset left is removed, and nothing of the machine's own.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::git_world::*;
use mangetamain_deploy::host::Stat;
use mangetamain_deploy::tools::git::*;

fn stat(kind: &str, modified_ms: u64) -> Option<Stat> {
    Some(Stat { size: 1, modified_ms, kind: kind.to_string(), mode: 0o644 })
}

#[test]
fn only_what_a_reset_has_written_since_is_a_stray() {
    let added = owned(&["as-before", "link/far", "new", "nothing", "own/folder", "own/new", "rewritten", "to"]);
    let places = places_written(&added);
    let standing: BTreeMap<&str, Option<Stat>> = BTreeMap::from([
        ("as-before", stat("file", 1)),
        ("link", stat("link", 1)),
        // Behind the link: not of this work tree.
        ("link/far", stat("file", 1)),
        ("new", stat("file", 9)),
        ("own", stat("folder", 9)),
        ("own/folder", stat("folder", 1)),
        ("own/new", stat("file", 9)),
        ("rewritten", stat("file", 9)),
        ("to", stat("link", 9)),
    ]);
    let stats: Vec<Option<Stat>> = places.iter().map(|place| standing.get(place.as_str()).cloned().flatten()).collect();
    let before = ["as-before", "rewritten", "link", "own"].map(|path| (path.to_string(), stat("file", 1).unwrap()));
    let stood = BTreeMap::from(before);
    assert_eq!(strays(&added, &places, &stats, &stood), ["new", "own/new", "rewritten", "to"]);
    assert!(strays(&added, &places, &stats[..0], &stood).is_empty());
}

#[test]
fn strays_go_with_the_folders_that_they_came_with_and_with_no_other() {
    let world = World::new("strays");
    let paths = owned(&["-odd\nname", "a/b/c/new", "a/b/x", "app/new", "empty/new", "kept/new", "link"]);
    for path in &paths[..6] {
        world.write(&format!("vm/{path}"), "theirs\n");
    }
    symlink("/etc/passwd", world.path("vm/link")).unwrap();
    world.write("vm/kept/own", "mine\n");
    let git = world.locked("vm", "/state/lock");
    let stood = BTreeMap::from(["app", "empty"].map(|path| (path.to_string(), stat("folder", 1).unwrap())));
    for run in git.remove_strays(&paths, &stood) {
        assert_eq!((run.under_lock.as_deref(), run.limit_ms), (Some("/state/lock"), 120_000));
        perform(&run);
    }
    for path in paths.iter().map(String::as_str).chain(["a"]) {
        assert!(fs::symlink_metadata(world.path(&format!("vm/{path}"))).is_err(), "{path}");
    }
    assert_eq!(world.read("vm/kept/own"), "mine\n");
    assert!(Path::new(&world.path("vm/empty")).is_dir(), "a folder that stood there may be somebody's");
    assert_eq!(world.read("vm/app/site.py"), "one\n");
    assert!(Path::new("/etc/passwd").exists());
    assert!(git.remove_strays(&[], &stood).is_empty());
}

#[test]
fn names_that_are_not_utf_8_are_looked_for_in_folders_that_can_be_named() {
    let paths = owned(&["plain", "caf\u{fffd}", "a/b\u{fffd}/c", "a/b\u{fffd}", "a/b/\u{fffd}"]);
    assert_eq!(folders_of_odd(&paths), [".", "a", "a/b"]);
    assert!(folders_of_odd(&paths[..1]).is_empty());
    let blocking = |standing: &[&str]| odd_in_the_way(&paths, &owned(standing));
    for path in ["caf\u{fffd}", "caf\u{fffd}/below", "a/b\u{fffd}/", "a/b/\u{fffd}"] {
        assert_eq!(blocking(&["plain", "\u{fffd}", path]).as_deref(), Some(path));
    }
    assert_eq!(blocking(&["plain", "\u{fffd}", "caf\u{fffd}s", "a/b\u{fffd}x"]), None);
}

#[test]
fn a_linked_work_tree_shares_the_locks_of_its_repository() {
    let world = World::new("linked");
    world.git("vm", &["worktree", "add", "-q", "-b", "linked", "../linked"]);
    let place = |folder| place_found(&perform(&world.vm(folder).place())).unwrap();
    assert_eq!(place("linked").shared(), world.path("vm/.git"));
    assert_ne!(place("linked").git_dir, world.path("vm/.git"));
    assert_eq!(place("vm").shared(), world.path("vm/.git"));
}

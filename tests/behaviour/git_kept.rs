//! The git tools against the real git: kept files come back, and nothing that stands is overwritten.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use crate::git_world::*;
use mangetamain_deploy::host::Stat;
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::git::*;
use proptest::prelude::*;

fn mode(world: &World, path: &str) -> u32 {
    fs::symlink_metadata(world.path(path)).unwrap().permissions().mode() & 0o777
}

fn set_mode(world: &World, path: &str, mode: u32) {
    fs::set_permissions(world.path(path), Permissions::from_mode(mode)).unwrap();
}

/// What the step does with one commit; gives what it found free.
fn put_back(world: &World, git: &Git, kept: &KeptFiles) -> Vec<String> {
    let (index, folder) = (world.path("vm/.git/own-index"), world.path("vm/.git/own-folder"));
    let facts = kept_facts_told(&perform(&git.kept_facts(&kept.commit))).unwrap().unwrap();
    let paths = paths_told(&perform(&git.kept_paths(&kept.commit))).unwrap();
    let places = places_written(&paths);
    let free = free_paths(&paths, &places, &world.stats("vm", &places));
    fs::create_dir(&folder).unwrap();
    let places = places_written(&free);
    let unpack = git.unpack(&kept.commit, &index, &folder, &free);
    assert!(unpack.iter().all(|run| run.under_lock == git.lock));
    for run in unpack {
        done(&perform(&run)).unwrap();
    }
    for (mode, places) in facts.amiss(&places, &world.stats("vm/.git/own-folder", &places)) {
        for run in git.set_mode(&folder, &mode, &places) {
            done(&perform(&run)).unwrap();
        }
    }
    done(&perform(&git.link_in(&folder))).unwrap();
    done(&perform(&git.clear(&folder))).unwrap();
    fs::remove_file(index).unwrap();
    free
}

/// A machine with files of its own, which the returned version replaced, and back at the first one.
fn replaced(world: &World, files: &[(&str, u32)]) -> (Git, Sha) {
    for (path, _) in files {
        world.write(&format!("author/{path}"), "theirs\n");
    }
    let second = world.commit("second");
    for (path, mode) in files {
        world.write(&format!("vm/{path}"), &format!("mine {path}\r\n"));
        set_mode(world, &format!("vm/{path}"), *mode);
    }
    let git = world.locked("vm/app", "/state/lock");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    (git, second)
}

fn there_and_back(world: &World, git: &Git, second: &Sha) -> (KeptFiles, Sha) {
    let first = sha_told(&perform(&git.head())).unwrap();
    let risk = world.at_risk(git, second);
    let name = world.keep_before(git, &risk.files, second);
    for sha in [second, &first] {
        done(&perform(&git.reset_hard(sha))).unwrap();
    }
    let kept = kept_told(&perform(&git.list_kept())).unwrap().remove(0);
    assert_eq!((&kept.name, &kept.parent, kept.at), (&name, &first, Millis(7)));
    (kept, first)
}

#[test]
fn kept_files_come_back_as_they_were_whatever_they_are_called() {
    let world = World::new("kept");
    let files = [
        ("config.local", 0o600),
        ("-odd\nname", 0o640),
        ("gl*b", 0o644),
        ("own/key", 0o400),
        ("own/run", 0o750),
        ("été/{\"a\"}", 0o666),
    ];
    let (git, second) = replaced(&world, &files);
    set_mode(&world, "vm/own", 0o700);
    world.write("author/link", "theirs\n");
    symlink("/etc/passwd", world.path("vm/link")).unwrap();
    let third = world.commit("third");
    done(&perform(&git.fetch_sha(&third, "main"))).unwrap();
    let (kept, _) = there_and_back(&world, &git, &third);
    assert!(!Path::new(&world.path("vm/own")).exists(), "the folder went with its last file");
    assert_ne!(second, third);
    assert_eq!(put_back(&world, &git, &kept).len(), 7);
    for (path, wanted) in files {
        let path = format!("vm/{path}");
        assert_eq!((world.read(&path), mode(&world, &path)), (format!("mine {}\r\n", &path[3..]), wanted), "{path}");
        assert_eq!(fs::metadata(world.path(&path)).unwrap().nlink(), 1, "no second name is left");
    }
    assert_eq!(mode(&world, "vm/own"), 0o700);
    assert_eq!(fs::read_link(world.path("vm/link")).unwrap(), Path::new("/etc/passwd"));
    assert_eq!(dirty_told(&perform(&git.dirty())), Ok(vec![]), "the real index was not used");
}

#[test]
fn what_stands_there_is_left_and_so_are_the_rights_of_folders() {
    let world = World::new("kept-standing");
    let (git, second) =
        replaced(&world, &[("a.local", 0o644), ("b.local", 0o644), ("app/c.local", 0o644), ("d/e", 0o644)]);
    let (kept, _) = there_and_back(&world, &git, &second);
    world.write("vm/b.local", "newer\n");
    symlink("/dev", world.path("vm/d")).unwrap();
    set_mode(&world, "vm/app", 0o711);
    set_mode(&world, "vm", 0o751);
    assert_eq!(put_back(&world, &git, &kept), owned(&["a.local", "app/c.local"]));
    assert_eq!(world.read("vm/a.local"), "mine a.local\r\n");
    assert_eq!(world.read("vm/app/c.local"), "mine app/c.local\r\n");
    assert_eq!(world.read("vm/b.local"), "newer\n");
    assert_eq!([mode(&world, "vm/app"), mode(&world, "vm")], [0o711, 0o751]);
    assert!(!Path::new("/dev/e").exists());
}

#[test]
fn a_link_of_everything_at_once_overwrites_nothing_either() {
    let world = World::new("kept-race");
    let git = world.vm("vm");
    for (path, text) in [("vm/.git/own/x", "old\n"), ("vm/.git/own/y", "mine\n"), ("vm/x", "newer\n")] {
        world.write(path, text);
    }
    perform(&git.link_in(&world.path("vm/.git/own")));
    assert_eq!([world.read("vm/x"), world.read("vm/y")], ["newer\n", "mine\n"]);
}

#[test]
fn more_files_than_one_command_takes_come_back_too() {
    let world = World::new("kept-many");
    let names: Vec<String> = (0..450).map(|at| format!("many/{at}-{}", "x".repeat(200))).collect();
    let files: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 0o600)).collect();
    let (git, second) = replaced(&world, &files);
    let (kept, _) = there_and_back(&world, &git, &second);
    assert_eq!(put_back(&world, &git, &kept).len(), 450);
    assert!(names.iter().all(|name| mode(&world, &format!("vm/{name}")) == 0o600));
}

#[test]
fn commits_of_kept_files_are_told_newest_first_and_what_is_none_is_left_out() {
    let sha = |digit: &str| digit.repeat(40);
    let line = |name: &str, parents: &str| format!("refs/mangetamain-deploy/files/{name} {} {parents}\n", sha("a"));
    let two = format!("{} {}", sha("c"), sha("d"));
    let text = [line("9", &sha("b")), line("10", &sha("c")), line("odd", &sha("b")), line("11", ""), line("12", &two)];
    let told = kept_told(&ran(0, &text.concat())).unwrap();
    assert_eq!(
        told.iter().map(|one| (one.at.0, one.parent.as_str())).collect::<Vec<_>>(),
        [(10, sha("c").as_str()), (9, sha("b").as_str())]
    );
    assert_eq!(kept_told(&ran(0, "")), Ok(vec![]));
    assert!(kept_told(&ran(128, "")).is_err());
}

#[test]
fn without_facts_a_commit_says_nothing_of_its_files() {
    assert_eq!(kept_facts_told(&ran(0, &kept_message(None))), Ok(None));
    assert_eq!(kept_facts_told(&ran(0, "{\"replaced_by\":\"1\",\"modes\":{}}\n")), Ok(None));
}

proptest! {
    #[test]
    fn what_is_written_down_of_files_is_read_again(names in prop::collection::btree_map(".{1,40}", 0_u32..0o1000, 0..6)) {
        let places: Vec<String> = names.keys().cloned().collect();
        let stat = |mode: &u32| Some(Stat { size: 1, modified_ms: 1, kind: "file".to_string(), mode: *mode });
        let stats: Vec<Option<Stat>> = names.values().map(stat).collect();
        let facts = KeptFacts::of(&absent(), &places, &stats);
        prop_assert_eq!(kept_facts_told(&ran(0, &kept_message(Some(&facts)))), Ok(Some(facts.clone())));
        prop_assert!(facts.amiss(&places, &stats).is_empty());
        let other: Vec<Option<Stat>> = names.values().map(|mode| stat(&(mode ^ 0o100))).collect();
        let amiss: usize = facts.amiss(&places, &other).values().map(Vec::len).sum();
        prop_assert_eq!(amiss, places.len());
    }
}

#[test]
fn only_rights_that_git_does_not_keep_are_written_down_and_a_folder_stays_one_to_write_in() {
    let stat = |kind: &str, mode| Some(Stat { size: 1, modified_ms: 1, kind: kind.to_string(), mode });
    let places = owned(&["file", "folder", "link"]);
    let usual = [stat("file", 0o644), stat("folder", 0o755), stat("link", 0o777)];
    let none = KeptFacts::of(&absent(), &places, &usual);
    assert!(none.modes.is_empty(), "{none:?}");
    let odd = none.amiss(&places, &[stat("file", 0o600), stat("folder", 0o700), stat("link", 0o700)]);
    assert_eq!(
        odd,
        [("644", "file"), ("755", "folder")].map(|(mode, place)| (mode.to_string(), owned(&[place]))).into()
    );
    let closed = KeptFacts::of(&absent(), &owned(&["folder"]), &[stat("folder", 0o550)]);
    let amiss = closed.amiss(&owned(&["folder"]), &[stat("folder", 0o755)]);
    assert_eq!(amiss, [("750".to_string(), owned(&["folder"]))].into());
}

#[test]
fn what_writes_files_has_two_minutes() {
    let git = Git::at("/srv/app", &std::collections::BTreeMap::new());
    let paths = owned(&["a"]);
    let mut all = git.keep_files("/i", &paths);
    all.extend(git.unpack(&absent(), "/i", "/f", &paths));
    all.extend(git.set_mode("/f", "600", &paths));
    all.extend([git.reset_hard(&absent()), git.link_in("/f"), git.clear("/f")]);
    for run in all {
        assert_eq!(run.limit_ms, 120_000, "{run:?}");
    }
}

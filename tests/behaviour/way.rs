//! How paths are put back, and the room that takes.
#![allow(clippy::unwrap_used)]

use crate::containers::{WEB, look, owned};
use crate::git_world::ran;
use mangetamain_deploy::host::Command;
use mangetamain_deploy::tools::backup::*;
use mangetamain_deploy::tools::compose::{Container, ids_told, list_running};

const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:40 / /srv/data/my\\040media rw - tmpfs tmpfs rw
41 22 0:41 / /srv/data rw - tmpfs tmpfs rw
42 22 0:42 / /srv/database rw - tmpfs tmpfs rw
";

#[test]
fn what_is_mounted_below_a_path_is_found_however_the_path_is_spelled() {
    let points = mount_points(MOUNTS);
    assert_eq!(points, ["/", "/srv/data/my media", "/srv/data", "/srv/database"]);
    assert_eq!(mounts_below(&points, "/srv/data", "/srv/data"), ["/srv/data/my media"]);
    assert_eq!(mounts_below(&points, "/link", "/srv/data"), ["/link/my media"]);
    assert!(mounts_below(&points, "/srv/dat", "/srv/dat").is_empty());
    assert_eq!(mounts_below(&points, "/", "/"), ["/srv/data", "/srv/data/my media", "/srv/database"]);
    assert!(mount_points("garbage\n").is_empty());
    assert_eq!(mount_points("1 2 3 4 /a\\134b\\x rest"), ["/a\\b\\x"]);
}

#[test]
fn a_long_name_is_cut_so_that_more_fits_beside_it_and_stays_another_than_its_neighbours() {
    use mangetamain_deploy::tools::path::cut;
    assert_eq!(cut("data"), "data");
    assert_eq!(cut(&"n".repeat(200)), "n".repeat(200));
    let long = |last: &str| cut(&format!("{}{last}", "é".repeat(120)));
    assert_eq!(long("a"), format!("{}~e2ed0b88b9d76aac", "é".repeat(91)));
    assert_ne!(long("a"), long("b"));
    assert!(long("a").len() <= 200);
}

#[test]
fn where_paths_really_lead_is_told_for_all_or_for_none() {
    let paths = owned(&["/a", "/-b"]);
    assert_eq!(real_paths(&paths).args.join(" "), "-m -z -- /a /-b");
    assert_eq!(real_paths_told(&ran(0, "/x\n\0/y\0"), 2), Ok(owned(&["/x\n", "/y"])));
    assert!(real_paths_told(&ran(0, "/x\0"), 2).is_err());
    assert!(real_paths_told(&ran(1, "/x\0/y\0"), 2).is_err());
}

#[test]
fn a_folder_is_emptied_around_what_is_mounted_in_it() {
    let place = BackupLocation {
        folder: "/b".to_owned(),
        name: BackupName::parse("20260131T134507Z-aaaaaaa").unwrap(),
        lock: "/s/lock".to_owned(),
    };
    let empty = |mounts: &[&str]| place.empty("/srv", &owned(mounts)).args.join(" ");
    assert_eq!(empty(&[]), "/srv -mindepth 1 -delete");
    assert_eq!(empty(&["/srv/a/b[1]*"]), "/srv -mindepth 1 ( -path /srv/a -o -path /srv/a/b\\[1\\]\\* ) -o -delete");
}

#[test]
fn what_is_kept_elsewhere_is_removed_around_what_is_mounted_and_nothing_else() {
    let place = BackupLocation {
        folder: "/b".to_owned(),
        name: BackupName::parse("20260131T134507Z-aaaaaaa").unwrap(),
        lock: "/s/lock".to_owned(),
    };
    let mounts = owned(&["/srv/a"]);
    let around = "/srv -ignore_readdir_race -mindepth 1 ( -path /srv/a ) -o";
    let unchanged = place.remove_unchanged("/srv", &mounts, "@17.5");
    assert_eq!(unchanged.args.join(" "), format!("{around} ! -type d ! -newerct @17.5 -delete"));
    let same = place.remove_same("/srv", &mounts, "/b/x");
    let holding = "( -type f -o -type l )";
    assert_eq!(
        same.args.join(" "),
        format!("{around} {holding} -exec diff -q --no-dereference -- {{}} /b/x{{}} ; -delete")
    );
    let folders = place.remove_empty_folders("/srv", &mounts);
    assert_eq!(folders.args.join(" "), format!("{around} -type d -empty -delete"));
    for run in [unchanged, same, folders] {
        assert_eq!((run.program.as_str(), run.under_lock.as_deref()), ("find", Some("/s/lock")));
    }
    let told = |command: Command| match command {
        Command::Save { path, run } => (path, run.program, run.args.join(" ")),
        other => panic!("{other:?}"),
    };
    let listed = |since: Option<&str>| told(place.list_standing("/srv", &mounts, since, "/b/list"));
    let list = |test: &str| ("/b/list".to_owned(), "find".to_owned(), format!("{around} {test}"));
    assert_eq!(listed(None), list("! -type d -printf %C@ %i %s %P\\0"));
    assert_eq!(listed(Some("@17.5")), list("! -type d ! -newerct @17.5 -printf %C@ %i %s %P\\0"));
    let copied = told(place.list_copied("/srv", &mounts, Some("@17.5"), "/b/list"));
    assert_eq!(copied, list("! -type d ! -newerct @17.5 -printf %y %s %P\\0"));
    assert_eq!(place.sort_standing("/b/list").args.join(" "), "-z -o /b/list -- /b/list");
    assert_eq!(came("/b/then", "/b/list").args.join(" "), "-z -13 -- /b/then /b/list");
    let left = first_left("/srv", &mounts);
    assert_eq!(left.args.join(" "), format!("{around} {holding} -printf %p\\0 -quit"));
    assert_eq!(is_something_left(&ran(0, "/srv/new\0")), Ok(true));
    assert_eq!(is_something_left(&ran(0, "")), Ok(false));
    assert!(is_something_left(&ran(1, "")).is_err());
    let args = is_same_file("/a", "/b").args;
    assert_eq!(args.join(" "), "-q --no-dereference -- /a /b");
}

#[test]
fn when_the_newest_of_a_list_had_changed_is_told_by_its_last_entry() {
    assert_eq!(newest_told("16.1 7 3 a\n16.9 b\x0017.25 8 4 c d\0").as_deref(), Some("@17.25"));
    for other in ["", "\0", "17.25 8 4 cut off", "1234 name\0", "17. 8 4 c\0", "-1.5 8 4 c\0", "17.25\0"] {
        assert_eq!(newest_told(other), None, "{other:?}");
    }
}

#[test]
fn a_container_that_goes_on_with_a_path_or_with_something_in_it_is_seen() {
    let one = |name: &str, mount: &str| Container {
        name: name.to_owned(),
        mounts: owned(&[mount]),
        ..look(&[WEB]).remove(0)
    };
    let stopped = Container { status: "exited".to_owned(), ..one("stopped", "/srv/data") };
    let all =
        [one("db", "/srv/data"), one("in", "/srv/data/x"), one("above", "/srv"), one("other", "/srv/data2"), stopped];
    assert_eq!(seen_by(&all, "/srv/data", &|_| false), ["db", "in"]);
    assert!(seen_by(&all, "/srv/data", &|_| true).is_empty(), "they are started again");
    let volume =
        WEB.replace(r#""Type":"bind","Source":"/tmp/ct-docker/p/src""#, r#""Type":"volume","Source":"/volumes/v""#);
    assert_eq!(look(&[&volume])[0].mounts, ["/volumes/v"]);
    assert_eq!(list_running().args.join(" "), "ps --quiet --no-trunc");
    assert_eq!(ids_told(&ran(0, "aa\nbb\n")), Ok(owned(&["aa", "bb"])));
    assert!(ids_told(&ran(1, "aa\n")).is_err());
}

fn disk(at: &str, bytes: u64, entries: Option<u64>) -> Disk {
    Disk { at: at.to_owned(), room: Room { bytes, entries } }
}

#[test]
fn each_file_system_is_asked_what_is_free_on_it() {
    assert_eq!(free_each(&owned(&["/b", "/data"])).args.join(" "), "-B1 --output=avail,iavail,target -- /b /data");
    let told = "    Avail IFree Mounted on\n 5000  90 /\n20 - /mnt/my disk\n";
    assert_eq!(disks_told(&ran(0, told), 2), Ok(vec![disk("/", 5000, Some(90)), disk("/mnt/my disk", 20, None)]));
    assert_eq!(disks_told(&ran(0, "head\n20 0 /\n"), 1), Ok(vec![disk("/", 20, None)]), "inodes are made as needed");
    assert!(disks_told(&ran(0, told), 3).is_err() && disks_told(&ran(1, told), 2).is_err());
    let each = used_each(&ran(0, "10\t/data\x007\t/my\tfiles\0")).unwrap();
    assert_eq!(each.into_iter().collect::<Vec<_>>(), [("/data".to_owned(), 10), ("/my\tfiles".to_owned(), 7)]);
    assert!(used_each(&ran(0, "")).is_err() && used_each(&ran(0, "x\0")).is_err());
}

#[test]
fn the_way_back_needs_room_beside_each_path_and_beside_the_backup_where_both_are_on_one_disk() {
    const MIB: u64 = 1 << 20;
    let need = Need { bytes: 100 * MIB, entries: 10 };
    let (root, small) = (disk("/", 149 * MIB, Some(1_000)), disk("/mnt", 3 * MIB, None));
    assert_eq!(lacking(&root, need, &[]), None);
    assert_eq!(lacking(&root, need, &[(&root, 40 * MIB, 5)]), None);
    assert_eq!(lacking_alone(&root, &[(&root, 2 * MIB, 5)]), None);
    assert_eq!(lacking_alone(&root, &[(&small, 2 * MIB, 5)]).unwrap().at, "/mnt");
    let both = lacking(&root, need, &[(&root, 25 * MIB, 5), (&root, 25 * MIB, 5)]).unwrap();
    assert_eq!((both.at.as_str(), both.need.bytes, both.need.entries), ("/", 151 * MIB, 20));
    assert_eq!(lacking(&root, need, &[(&small, MIB, 5)]), None);
    assert_eq!(lacking(&root, need, &[(&small, 2 * MIB, 5)]).unwrap().at, "/mnt");
    let entries = disk("/", 149 * MIB, Some(12));
    assert_eq!(lacking(&entries, need, &[(&entries, 0, 3)]).unwrap().need.entries, 13);
}

#[test]
fn only_what_is_filled_in_place_is_in_place() {
    assert!(Way::InPlace(Vec::new()).is_in_place() && !Way::Rename.is_in_place());
}

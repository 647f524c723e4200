//! Backups: their names, what programs are told, what their answers prove, and which are kept.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use mangetamain_deploy::host::{Command, Ran, Reply};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::{
    BackupLocation, BackupName, Differences, Ends, Need, Room, Side, added_up, count, entries_told, free, is_mounted,
    left_over, measure, named, newest_first, outlived, removal_of, room, size, sums_told, used,
};
use mangetamain_deploy::tools::process::ProcessError;
use proptest::prelude::*;

fn sha(digit: char) -> Sha {
    Sha::parse(&digit.to_string().repeat(40)).unwrap()
}

fn name(text: &str) -> BackupName {
    BackupName::parse(text).unwrap()
}

fn ran(exit: i32, stdout: &str) -> Reply {
    let (stdout, stderr) = (stdout.to_owned(), "words for people".to_owned());
    Reply::Ran(Ran { exit: Some(exit), signal: None, timed_out: false, stdout, stderr, ms: 1 })
}

fn place() -> BackupLocation {
    let name = name("20260131T134507Z-aaaaaaa");
    BackupLocation { folder: "/b".to_owned(), name, lock: "/s/lock".to_owned() }
}

fn line(digit: char, name: &str) -> String {
    format!("{}  {name}\n", digit.to_string().repeat(64))
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn a_name_says_when_and_of_what_and_reads_back() {
    let made = BackupName::new(Millis(1_769_867_107_000), &sha('a'));
    assert_eq!(made.as_str(), "20260131T134507Z-aaaaaaa");
    assert_eq!((BackupName::parse(made.as_str()), made.short_sha()), (Some(made.clone()), "aaaaaaa"));
}

#[test]
fn what_is_no_name_is_none_so_that_none_can_be_a_path() {
    for text in [
        "",
        "latest",
        "../x",
        "20260131T134507Z-aaaaaa",
        "20260131T134507Z-aaaaaaa/..",
        "20260131T134507Z-AAAAAAA",
        "2026013-T134507Z-aaaaaaa",
    ] {
        assert_eq!(BackupName::parse(text), None, "{text}");
        assert!(serde_json::from_value::<BackupName>(serde_json::json!(text)).is_err());
    }
}

proptest! {
    #[test]
    fn every_moment_and_sha_make_a_name_that_sorts_by_time(one in 0..4_000_000_000_000_u64, other in 0..4_000_000_000_000_u64) {
        let (first, second) = (BackupName::new(Millis(one), &sha('f')), BackupName::new(Millis(other), &sha('0')));
        prop_assert_eq!(BackupName::parse(first.as_str()), Some(first.clone()));
        if one / 1000 != other / 1000 {
            prop_assert_eq!(first < second, one < other);
        }
    }

    #[test]
    fn the_newest_are_kept_and_this_one_and_that_of_what_is_live(keep in 1..6_u64, days in prop::collection::btree_set(10..28_u32, 1..12)) {
        let all: Vec<String> = days.iter().map(|day| format!("202601{day}T000000Z-{}", if day % 2 == 0 { "aaaaaaa" } else { "bbbbbbb" })).collect();
        let this = name(all.first().unwrap());
        let newest = newest_first(&all);
        let gone = outlived(&newest, keep, &this, &[sha('a')]);
        prop_assert!(!gone.contains(&this));
        prop_assert!(newest.iter().take(usize::try_from(keep).unwrap()).all(|one| !gone.contains(one)));
        let of_live = newest.iter().find(|one| one.short_sha() == "aaaaaaa");
        prop_assert!(of_live.is_none_or(|one| !gone.contains(one)));
        prop_assert!(gone.len() + usize::try_from(keep).unwrap() + 2 >= all.len());
    }
}

#[test]
fn what_is_no_backup_is_never_named_for_removal() {
    let names = texts(&[
        "mine",
        "20200101T000000Z-aaaaaaa.replaced-20200101T000000.123Z",
        "20200101T000000Z-aaaaaaa.replaced-20200101T000000.123Z-2",
        "mine.replaced-20200101T000000.123Z.begun",
        "20200101T000000Z-aaaaaaa.old",
        "x.partial",
    ]);
    let this = name("20260131T134507Z-aaaaaaa");
    assert_eq!((newest_first(&names), left_over(&names, &this)), (Vec::new(), Vec::new()));
}

#[test]
fn what_a_dead_run_left_is_named_but_not_the_one_under_way() {
    let this = name("20260131T134507Z-aaaaaaa");
    let names = texts(&[
        "20260131T134507Z-aaaaaaa.partial",
        "20250131T134507Z-bbbbbbb.partial",
        "20240131T134507Z-ccccccc.removed",
        "20230131T134507Z-ddddddd.replaced-20230201T000000.123Z.begun",
    ]);
    let left: Vec<String> = left_over(&names, &this).into_iter().map(|(left, _)| left).collect();
    assert_eq!(left, names.get(1..).unwrap());
    let of: Vec<String> = left_over(&names, &this).into_iter().map(|(_, of)| of.to_string()).collect();
    assert_eq!(of, ["20250131T134507Z-bbbbbbb", "20240131T134507Z-ccccccc", "20230131T134507Z-ddddddd"]);
    assert_eq!(removal_of("/b/x"), "/b/x.removed");
}

#[test]
fn paths_are_never_taken_for_options_and_lists_of_both_sides_name_them_alike() {
    let paths = texts(&["/srv/-rf", "/data"]);
    let copy = place().copy(&paths);
    assert_eq!(
        copy.args,
        texts(&[
            "-a",
            "--parents",
            "--reflink=auto",
            "--",
            "/srv/-rf",
            "/data",
            "/b/20260131T134507Z-aaaaaaa.partial/files"
        ])
    );
    let of = |side| match place().sums(side, &paths, "list") {
        Command::Save { path, run } => (path, run),
        other => panic!("{other:?}"),
    };
    let ((path, world), (_, copy)) = (of(Side::World), of(Side::Copy));
    assert_eq!(path, "/b/20260131T134507Z-aaaaaaa.partial/list");
    assert_eq!(world.args, copy.args);
    assert_eq!(world.args, texts(&["./srv/-rf", "./data", "-type", "f", "-exec", "sha256sum", "--", "{}", "+"]));
    assert_eq!(
        (world.folder.as_deref(), copy.folder.as_deref()),
        (Some("/"), Some("/b/20260131T134507Z-aaaaaaa.partial/files"))
    );
}

#[test]
fn what_changes_files_holds_the_lock_and_speaks_no_language() {
    let paths = texts(&["/data"]);
    let place = place();
    let changing = [
        place.copy(&paths),
        place.drop_special(),
        place.rename("/x", "/y"),
        place.remove("/x"),
        place.copy_to("/x", "/y"),
        place.empty("/x", &[]),
    ];
    for run in changing {
        assert_eq!(run.under_lock.as_deref(), Some("/s/lock"), "{run:?}");
        assert_eq!(run.env.get("LC_ALL").map(String::as_str), Some("C"));
    }
    let asking = [
        place.sizes(),
        place.verify(),
        place.flush(),
        place.differing("a", "b", Ends::Nul),
        place.changed_since_begun(&paths),
    ];
    assert!(asking.iter().all(|run| run.under_lock.is_none()));
}

#[test]
fn lists_are_sorted_and_compared_by_how_their_entries_end() {
    let place = place();
    let args = |run: mangetamain_deploy::host::Run| run.args;
    assert_eq!(args(place.sort("a", Ends::Line)), ["-o", "a", "--", "a"]);
    assert_eq!(args(place.sort("a", Ends::Nul)), ["-z", "-o", "a", "--", "a"]);
    assert_eq!(args(place.differing("a", "b", Ends::Line)), ["-3", "--", "a", "b"]);
}

#[test]
fn du_and_df_are_read_by_their_numbers() {
    assert_eq!(used(&ran(0, "4096\t/srv\x001024\t/data\nx\0")), Ok(5120));
    assert_eq!(used(&ran(1, "4096\t/srv\0")), Ok(4096), "a file that vanished takes nothing from the figure");
    assert!(matches!(used(&ran(1, "")), Err(ProcessError::Refused { .. })));
    assert_eq!(used(&ran(0, "lots\t/srv\0")), Err(ProcessError::Unreadable));
    assert_eq!(room(&ran(0, "    Avail   IFree\n123456 789\n")), Ok(Room { bytes: 123_456, entries: Some(789) }));
    assert_eq!(room(&ran(0, "Avail IFree\n123456     -\n")), Ok(Room { bytes: 123_456, entries: None }));
    assert_eq!(room(&ran(0, "Avail IFree\n123456     0\n")), Ok(Room { bytes: 123_456, entries: None }));
    assert_eq!(added_up(&ran(0, "1\n20\n300\n")), Ok((3, 321)));
    assert_eq!(added_up(&ran(0, "")), Ok((0, 0)));
}

#[test]
fn a_backup_needs_its_bytes_a_margin_and_inodes() {
    let need = Need::of(1 << 30, 1000);
    let fits = |bytes, entries| need.fits(&Room { bytes, entries });
    assert_eq!((need.bytes, need.entries), ((1 << 30) + (1 << 30) / 50 + 64 * 1024 * 1024, 1100));
    assert!(fits(need.bytes, None) && fits(need.bytes, Some(need.entries)));
    assert!(!fits(need.bytes - 1, None) && !fits(need.bytes, Some(need.entries - 1)));
}

#[test]
fn lists_that_are_alike_differ_in_nothing() {
    for told in [sums_told(&ran(0, "")), entries_told(&ran(0, ""))] {
        let mut differences = Differences::default();
        differences.add(told.unwrap(), &[]);
        assert_eq!(differences, Differences::default());
    }
}

#[test]
fn a_difference_counts_against_the_copy_unless_the_world_has_changed_since() {
    let text = format!(
        "{}\t{}{}\t{}",
        line('a', "./d/changed"),
        line('b', "./d/changed"),
        line('a', "./d/spoiled"),
        line('b', "./d/spoiled")
    );
    let mut differences = Differences::default();
    differences.add(sums_told(&ran(0, &text)).unwrap(), &texts(&["./d/changed"]));
    assert_eq!(Vec::from_iter(differences.changed), ["./d/changed"]);
    assert_eq!(Vec::from_iter(differences.unexplained), ["./d/spoiled"]);
}

#[test]
fn a_folder_that_changed_explains_what_was_removed_from_it_and_nothing_else() {
    let text = format!("\t{}{}\t{}", line('a', "./d/removed"), line('a', "./d/spoiled"), line('b', "./d/spoiled"));
    let mut differences = Differences::default();
    differences.add(sums_told(&ran(0, &text)).unwrap(), &texts(&["./d"]));
    assert_eq!(Vec::from_iter(differences.changed), ["./d/removed"]);
    assert_eq!(Vec::from_iter(differences.unexplained), ["./d/spoiled"]);
}

#[test]
fn a_file_that_was_not_copied_is_a_difference() {
    let mut differences = Differences::default();
    differences.add(sums_told(&ran(0, &line('a', "./d/missing"))).unwrap(), &texts(&["./d"]));
    assert_eq!(Vec::from_iter(&differences.unexplained), ["./d/missing"]);
    differences.add(entries_told(&ran(0, "d 755 ./d/folder\n\0l 777 ./d/link\ntarget\0")).unwrap(), &[]);
    assert_eq!(differences.unexplained.len(), 3);
}

#[test]
fn names_with_line_breaks_and_backslashes_are_read_as_they_are() {
    let text = format!("\\{}", line('a', "./new\\nline\\\\x"));
    assert_eq!(Vec::from_iter(sums_told(&ran(0, &text)).unwrap().world), ["./new\nline\\x"]);
    let text = "f 644 ./new\nline\n\0\td 755 ./a b\n\0";
    let told = entries_told(&ran(0, text)).unwrap();
    assert_eq!((Vec::from_iter(told.world), Vec::from_iter(told.copy)), (texts(&["./new\nline"]), texts(&["./a b"])));
    assert_eq!(named(&ran(0, "a\nb\0c\0")), Ok(texts(&["a\nb", "c"])));
}

#[test]
fn a_list_that_cannot_be_read_proves_nothing() {
    assert_eq!(sums_told(&ran(0, "short\n")), Err(ProcessError::Unreadable));
    assert_eq!(entries_told(&ran(0, "nonsense\0")), Err(ProcessError::Unreadable));
    assert!(matches!(sums_told(&ran(1, "")), Err(ProcessError::Refused { .. })));
    assert_eq!(named(&Reply::Missing), Err(ProcessError::Absent));
}

#[test]
fn sizes_are_told_as_people_read_them() {
    let told: Vec<String> = [0, 512, 1023, 1024, 1536, 1 << 20, 5_368_709_120].into_iter().map(size).collect();
    assert_eq!(told, ["0 B", "512 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "5.0 GiB"]);
}

#[test]
fn copies_and_comparisons_have_two_hours_questions_ten_minutes_and_each_answer_its_room() {
    let (place, paths) = (place(), texts(&["/srv/data"]));
    let long = [place.copy(&paths), place.drop_special(), place.flush(), place.verify(), place.remove("/b/x")];
    for run in long.iter().chain(&place.same(&paths)) {
        assert_eq!((run.limit_ms, run.cap), (7_200_000, 8_388_608), "{run:?}");
    }
    // A line for each file.
    assert_eq!((place.sizes().limit_ms, place.sizes().cap), (600_000, 8 * 8_388_608));
    for run in [place.flush_folder("/b"), measure(&paths), count(&paths), free("/b"), is_mounted("/b")] {
        assert_eq!((run.limit_ms, run.cap), (600_000, 8_388_608), "{run:?}");
    }
}

#[test]
fn a_name_stands_in_the_ledger_as_it_is() {
    let one = name("20260131T134507Z-aaaaaaa");
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(text, "\"20260131T134507Z-aaaaaaa\"");
    assert_eq!(serde_json::from_str::<BackupName>(&text).unwrap(), one);
}

#[test]
fn a_backup_gets_its_name_by_a_rename_that_replaces_nothing_and_reaches_the_disk() {
    let told: Vec<String> =
        place().complete().iter().map(|run| format!("{} {}", run.program, run.args.join(" "))).collect();
    let whole = "/b/20260131T134507Z-aaaaaaa";
    assert_eq!(told, [format!("mv -T -n -- {whole}.partial {whole}"), "sync -- /b".to_owned()]);
    assert_eq!(place().saved("/srv/data"), format!("{whole}/files/srv/data"));
    assert_eq!(place().manifest(), format!("{whole}/manifest.json"));
}

#[test]
fn each_path_is_compared_with_its_copy() {
    let told: Vec<Vec<String>> = place().same(&texts(&["/srv/-rf", "/data"])).into_iter().map(|run| run.args).collect();
    let copy = "/b/20260131T134507Z-aaaaaaa.partial/files";
    let one = |path: &str| texts(&["-rq", "--no-dereference", "--", path, &format!("{copy}{path}")]);
    assert_eq!(told, [one("/srv/-rf"), one("/data")]);
}

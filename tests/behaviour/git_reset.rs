//! The git tools against the real git: what is kept before a reset, and the reset.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::git_world::*;
use mangetamain_deploy::host::Stat;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::git::*;

#[test]
fn a_clean_work_tree_has_nothing_to_stash() {
    let world = World::new("clean");
    world.write("vm/untracked", "x");
    let git = world.vm("vm");
    assert_eq!(dirty_told(&perform(&git.dirty())), Ok(vec![]));
    assert_eq!(stash_told(&perform(&git.create_stash())), Ok(None));
}

#[test]
fn changes_by_hand_are_kept_under_a_ref_and_the_reset_is_exact() {
    let world = World::new("stash");
    world.write("author/app/site.py", "two\n");
    let second = world.commit("second");
    world.write("vm/app/site.py", "by hand\n");
    world.write("vm/staged -\nnew", "staged\n");
    world.git("vm", &["add", "staged -\nnew"]);
    let git = world.locked("vm/app", "/state/lock");
    let dirty: Vec<(String, DirtyKind)> =
        dirty_told(&perform(&git.dirty())).unwrap().into_iter().map(|one| (one.path, one.kind)).collect();
    assert_eq!(dirty, [("app/site.py".to_string(), DirtyKind::File), ("staged -\nnew".to_string(), DirtyKind::File)]);
    let stash = stash_told(&perform(&git.create_stash())).unwrap().unwrap();
    assert_eq!(world.read("vm/app/site.py"), "by hand\n", "a stash touches nothing");
    let name = kept_ref(Kept::Stash, Millis(1_700_000_000_000));
    assert_eq!(name, "refs/mangetamain-deploy/stash/1700000000000");
    done(&perform(&git.save_ref(&name, &stash))).unwrap();
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    let reset = git.reset_hard(&second);
    assert_eq!(reset.under_lock.as_deref(), Some("/state/lock"));
    done(&perform(&reset)).unwrap();
    assert_eq!(sha_told(&perform(&git.head())), Ok(second));
    assert_eq!(world.read("vm/app/site.py"), "two\n");
    assert_eq!(world.git("vm", &["show", &format!("{name}:app/site.py")]), "by hand");
    assert_eq!(world.git("vm", &["show", &format!("{name}:staged -\nnew")]), "staged");
}

#[test]
fn untracked_and_ignored_files_that_a_reset_would_overwrite_are_kept() {
    let world = World::new("collision");
    for path in
        ["notes.txt", "secret.local", "folder/inner", "was-file/inner", "-odd\nname", "was-link/x", "free", "gl*b"]
    {
        world.write(&format!("author/{path}"), "theirs\n");
    }
    let second = world.commit("second");
    world.write("vm/notes.txt", "mine 1\n");
    world.write("vm/secret.local", "mine 2\n");
    world.write("vm/folder/other", "not touched\n");
    world.write("vm/was-file", "mine 3\n");
    world.write("vm/-odd\nname", "mine 4\r\n");
    world.write("vm/free/below", "mine 5\n");
    world.write("vm/gl*b", "mine 6\n");
    world.write("vm/glob", "not in the way\n");
    symlink("/etc", world.path("vm/was-link")).unwrap();
    let git = world.vm("vm/app");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    let mut risk = world.at_risk(&git, &second);
    risk.files.sort();
    let expected = ["-odd\nname", "free/below", "gl*b", "notes.txt", "secret.local", "was-file", "was-link"];
    assert_eq!(risk, Untracked { files: owned(&expected), repositories: vec![] });
    let name = world.keep(&git, &risk.files);
    done(&perform(&git.reset_hard(&second))).unwrap();
    assert_eq!(world.read("vm/was-file/inner"), "theirs\n", "the reset did overwrite");
    assert_eq!(world.read("vm/free"), "theirs\n", "and removed a folder");
    assert_eq!(world.read("vm/folder/other"), "not touched\n");
    let texts = [("notes.txt", "mine 1"), ("secret.local", "mine 2"), ("was-file", "mine 3"), ("free/below", "mine 5")];
    for (path, text) in texts {
        assert_eq!(world.git("vm", &["show", &format!("{name}:{path}")]), text);
    }
    let odd = world.git("vm", &["cat-file", "-s", &format!("{name}:-odd\nname")]);
    assert_eq!(odd, "8", "line ends are kept as they were");
    assert_eq!(world.git("vm", &["show", &format!("{name}:was-link")]), "/etc");
    assert_eq!(dirty_told(&perform(&git.dirty())), Ok(vec![]), "the real index was not used");
}

#[test]
fn what_a_link_leads_to_is_not_in_the_way() {
    let stat = |kind: &str| Some(Stat { size: 1, modified_ms: 0, kind: kind.to_string(), mode: 0o644 });
    let written = owned(&["a-b", "a/link/x", "a/new"]);
    let places = places_written(&written);
    assert_eq!(places, ["a", "a-b", "a/link", "a/link/x", "a/new"]);
    let stats = [stat("folder"), stat("file"), stat("link"), stat("file"), None];
    assert_eq!(in_the_way(&written, &places, &stats), ["a-b", "a/link"]);
}

#[test]
fn a_file_taken_out_of_the_index_by_hand_is_at_risk_too() {
    let world = World::new("cached");
    let head = sha_told(&perform(&world.vm("vm").head())).unwrap();
    world.git("vm", &["rm", "-q", "--cached", "app/site.py"]);
    world.write("vm/app/site.py", "mine\n");
    assert_eq!(world.at_risk(&world.vm("vm"), &head).files, owned(&["app/site.py"]));
}

#[test]
fn a_repository_in_the_way_is_told_since_a_commit_cannot_keep_it() {
    let world = World::new("nested");
    world.write("author/vendor", "theirs\n");
    let second = world.commit("second");
    world.git("vm", &["init", "-q", "vendor"]);
    world.write("vm/vendor/x", "mine\n");
    world.git("vm/vendor", &["add", "x"]);
    world.git("vm/vendor", &["commit", "-qm", "inner"]);
    let git = world.vm("vm");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    let risk = world.at_risk(&git, &second);
    assert_eq!(risk, Untracked { files: vec![], repositories: owned(&["vendor/"]) });
}

#[test]
fn a_half_done_merge_cannot_be_stashed_and_is_kept_as_files() {
    let world = World::new("merge");
    world.git("vm", &["checkout", "-q", "-b", "mine"]);
    world.write("vm/app/site.py", "mine\n");
    world.git("vm", &["commit", "-qam", "mine"]);
    world.git("vm", &["checkout", "-q", "main"]);
    world.write("vm/app/site.py", "other\n");
    world.git("vm", &["commit", "-qam", "other"]);
    let merge = Command::new("git")
        .args(["merge", "mine"])
        .current_dir(world.path("vm"))
        .env("GIT_CONFIG_GLOBAL", world.path("config"))
        .output();
    assert!(!merge.unwrap().status.success());
    let git = world.vm("vm");
    let dirty = dirty_told(&perform(&git.dirty())).unwrap();
    assert_eq!(dirty, [Dirty { path: "app/site.py".to_string(), kind: DirtyKind::Unmerged }]);
    assert!(matches!(stash_told(&perform(&git.create_stash())), Err(ProcessError::Refused { .. })));
    let name = world.keep(&git, &owned(&["app/site.py"]));
    assert!(world.git("vm", &["show", &format!("{name}:app/site.py")]).contains("<<<<<<<"));
}

#[test]
fn files_that_git_was_only_told_of_stay_and_a_stash_is_made_without_them() {
    let world = World::new("intended");
    for path in ["vm/app/new.txt", "vm/other -\nnew"] {
        world.write(path, "local\n");
    }
    // Removed and named again: HEAD has it, so that an edit of it is to be kept.
    world.git("vm", &["rm", "-q", "--cached", "app/site.py"]);
    world.write("vm/app/site.py", "by hand\n");
    world.git("vm", &["add", "-N", "."]);
    let git = world.vm("vm");
    let dirty = dirty_told(&perform(&git.dirty())).unwrap();
    assert!(dirty.len() == 3 && dirty.iter().all(|one| one.kind == DirtyKind::Intended), "{dirty:?}");
    assert!(matches!(stash_told(&perform(&git.create_stash())), Err(ProcessError::Refused { .. })));
    let paths: Vec<String> = dirty.into_iter().map(|one| one.path).collect();
    for run in git.forget_intended(&paths) {
        done(&perform(&run)).unwrap();
    }
    let left = dirty_told(&perform(&git.dirty())).unwrap();
    assert_eq!(left, [Dirty { path: "app/site.py".to_string(), kind: DirtyKind::File }]);
    let stash = stash_told(&perform(&git.create_stash())).unwrap().unwrap();
    assert_eq!(world.git("vm", &["show", &format!("{stash}:app/site.py")]).trim(), "by hand");
    assert_eq!(world.read("vm/app/new.txt"), "local\n");
}

#[test]
fn a_left_index_lock_refuses_the_reset_and_nothing_has_changed() {
    let world = World::new("index-lock");
    let second = world.commit("second");
    let git = world.vm("vm");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    let before = sha_told(&perform(&git.head())).unwrap();
    world.write("vm/.git/index.lock", "");
    let fault = done(&perform(&git.reset_hard(&second))).unwrap_err();
    assert!(matches!(&fault, ProcessError::Refused { exit: 128, .. }));
    assert_eq!(sha_told(&perform(&git.head())), Ok(before));
    assert_eq!(dirty_told(&perform(&git.dirty())), Ok(vec![]), "a question still works");
}

#[test]
fn submodules_follow_the_commit_and_their_changes_are_seen_first() {
    let world = World::new("submodule");
    world.git("", &["init", "-q", "library"]);
    world.write("library/code", "one\n");
    world.git("library", &["add", "."]);
    world.git("library", &["commit", "-qm", "one"]);
    world.git("author", &["submodule", "--quiet", "add", &world.path("library"), "lib space"]);
    let with = world.commit("with a submodule");
    let git = world.locked("vm/app", "/l");
    done(&perform(&git.fetch_sha(&with, "main"))).unwrap();
    done(&perform(&git.reset_hard(&with))).unwrap();
    assert_eq!(world.read("vm/lib space/code"), "(nothing)");
    assert_eq!(git.submodules_update().under_lock.as_deref(), Some("/l"));
    done(&perform(&git.submodules_sync())).unwrap();
    done(&perform(&git.submodules_update())).unwrap();
    assert_eq!(world.read("vm/lib space/code"), "one\n");
    world.write("vm/lib space/code", "by hand\n");
    let dirty = dirty_told(&perform(&git.dirty())).unwrap();
    assert_eq!(dirty, [Dirty { path: "lib space".to_string(), kind: DirtyKind::SubmoduleDirty }]);
    let inner = git.submodule("lib space");
    assert!(stash_told(&perform(&inner.create_stash())).unwrap().is_some());
    world.git("vm/lib space", &["commit", "-qam", "moved on"]);
    let dirty = dirty_told(&perform(&git.dirty())).unwrap();
    assert_eq!(dirty, [Dirty { path: "lib space".to_string(), kind: DirtyKind::Submodule }]);
    done(&perform(&git.submodules_update())).unwrap();
    assert_eq!(dirty_told(&perform(&git.dirty())), Ok(vec![]));
}

#[test]
fn hooks_and_variables_of_the_caller_take_no_part() {
    let world = World::new("hooks");
    let second = world.commit("second");
    for hook in ["post-index-change", "reference-transaction", "post-checkout"] {
        world.write(&format!("vm/.git/hooks/{hook}"), &format!("#!/bin/sh\ntouch {}\n", world.path("ran")));
        Command::new("chmod").args(["+x", &world.path(&format!("vm/.git/hooks/{hook}"))]).status().unwrap();
    }
    let git = world.vm("vm");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    done(&perform(&git.reset_hard(&second))).unwrap();
    assert!(!Path::new(&world.path("ran")).exists());
    let names = |name: &str| git.head().drop.iter().any(|drop| name.starts_with(drop.trim_end_matches('*')));
    assert!(names("GIT_DIR") && names("INPUT_TOKEN") && names("ACTIONS_RUNTIME_TOKEN"));
    assert!(!names("RUNNER_TRACKING_ID") && !names("HOME"));
}

#[test]
fn a_setting_of_the_user_s_own_changes_nothing_about_what_was_changed_by_hand() {
    let world = World::new("show-stash");
    world.write("vm/app/site.py", "by hand\n");
    world.git("vm", &["stash", "-q"]);
    world.write("vm/app/site.py", "by hand again\n");
    world.git("vm", &["config", "status.showStash", "true"]);
    world.git("vm", &["config", "status.branch", "true"]);
    let told = dirty_told(&perform(&world.vm("vm").dirty())).unwrap();
    assert_eq!(told.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["app/site.py"]);
    // What a git that is newer than ours adds at the head is passed over as well.
    assert_eq!(dirty_told(&ran(0, "# branch.oid 1\0# stash 1\0")), Ok(vec![]));
}

//! Submodules against the real git: what a commit has, and what git keeps for them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::fs;

use crate::git_world::*;
use mangetamain_deploy::tools::git::*;

#[test]
fn the_submodules_of_a_commit_are_told_by_path_and_commit() {
    let world = World::new("links");
    let git = world.vm("vm");
    let pin = sha_told(&perform(&git.head())).unwrap();
    for path in ["lib", "deep/er/a lib"] {
        world.git("vm", &["update-index", "--add", "--cacheinfo", &format!("160000,{},{path}", pin.as_str())]);
    }
    world.git("vm", &["commit", "-qm", "links"]);
    let head = sha_told(&perform(&git.head())).unwrap();
    let link = |path: &str| Link { path: path.to_string(), pin: pin.clone() };
    assert_eq!(links_told(&perform(&git.links(&head))), Ok(vec![link("deep/er/a lib"), link("lib")]));
    let asked = ["deep/er/a lib", "app/site.py", "nothing"].map(str::to_string);
    let told: Vec<_> = git.links_at(&head, &asked).iter().map(|run| links_told(&perform(run))).collect();
    assert_eq!(told, [Ok(vec![link("deep/er/a lib")])]);
    assert!(git.links_at(&head, &[]).is_empty());
}

#[test]
fn what_a_commit_has_at_a_path_is_told_and_what_is_behind_a_link_or_in_a_submodule_is_not_known() {
    let world = World::new("at-commit");
    let git = world.vm("vm");
    let pin = sha_told(&perform(&git.head())).unwrap();
    world.git("vm", &["update-index", "--add", "--cacheinfo", &format!("160000,{},lib", pin.as_str())]);
    std::os::unix::fs::symlink("app", world.path("vm/link")).unwrap();
    world.git("vm", &["add", "link"]);
    world.git("vm", &["commit", "-qm", "links"]);
    let head = sha_told(&perform(&git.head())).unwrap();
    let told = |path: &str| at_commit(&perform(&git.links_at(&head, &upwards(path))[0]), path);
    assert_eq!(upwards("a/b/c.yml"), ["a", "a/b", "a/b/c.yml"]);
    for (path, wanted) in [
        ("app/site.py", AtCommit::Something),
        ("app/sit.py", AtCommit::Nothing),
        ("ap/site.py", AtCommit::Nothing),
        ("nothing.yml", AtCommit::Nothing),
        ("lib/c.yml", AtCommit::Unknown),
        ("link", AtCommit::Something),
        ("link/site.py", AtCommit::Unknown),
        ("link2/site.py", AtCommit::Nothing),
    ] {
        assert_eq!(told(path), Ok(wanted), "{path}");
    }
}

#[test]
fn only_a_repository_that_git_keeps_for_a_submodule_is_one_of_its_modules() {
    let named = |text| module_named(text, "/srv/app/lib", "/srv/app/.git/modules");
    assert_eq!(named("gitdir: ../.git/modules/lib\n").as_deref(), Some("/srv/app/.git/modules/lib"));
    assert_eq!(named("gitdir: /srv/app/.git/modules/a/b\n").as_deref(), Some("/srv/app/.git/modules/a/b"));
    for other in [
        "",
        "gitdir: ../.git/modules\n",
        "gitdir: ../.git/modules/../../x\n",
        "gitdir: ../.git/modules2/lib\n",
        "/srv/app/.git/modules/lib",
    ] {
        assert_eq!(named(other), None, "{other}");
    }
}

#[test]
fn a_clone_that_was_broken_off_has_nothing_checked_out_and_no_branch_of_its_own() {
    let world = World::new("half-made");
    let git = world.vm("vm");
    let folder = world.path("vm/.git/modules/lib");
    fs::create_dir_all(format!("{folder}/hooks")).unwrap();
    assert!(matches!(done(&perform(&git.is_repository(&folder))), Err(ProcessError::Refused { exit: 128, .. })));
    world.git("vm", &["init", "-q", "--bare", &folder]);
    assert_eq!(done(&perform(&git.is_repository(&folder))), Ok(()));
    assert_eq!(answered(&perform(&git.has_branches(&folder))), Ok(Answer::No));
    world.git("vm", &["push", "-q", &folder, "HEAD:refs/remotes/origin/main"]);
    assert_eq!(answered(&perform(&git.has_branches(&folder))), Ok(Answer::No), "fetched is not made here");
    world.git("vm", &["push", "-q", &folder, "HEAD:refs/heads/own"]);
    assert_eq!(answered(&perform(&git.has_branches(&folder))), Ok(Answer::Yes));
}

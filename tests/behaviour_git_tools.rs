//! The git tools against the real git, in repositories made for each test.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use mangetamain_deploy::host::{Ran, Reply, Run, Stat};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::git::*;
use mangetamain_deploy::tools::secret::Secret;

/// What the host would answer.
fn perform(run: &Run) -> Reply {
    let mut command = Command::new(&run.program);
    command.args(&run.args).current_dir(run.folder.as_deref().unwrap_or("/"));
    for (name, _) in std::env::vars() {
        let dropped = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        };
        if run.drop.iter().any(dropped) {
            command.env_remove(&name);
        }
    }
    let output = command.envs(&run.env).stdin(std::process::Stdio::null()).output().unwrap();
    Reply::Ran(Ran {
        exit: output.status.code(),
        signal: None,
        timed_out: false,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        ms: 1,
    })
}

fn ran(exit: i32, stdout: &str) -> Reply {
    Reply::Ran(Ran {
        exit: Some(exit),
        signal: None,
        timed_out: false,
        stdout: stdout.to_string(),
        stderr: String::new(),
        ms: 1,
    })
}

/// An origin, its author's work tree, and a clone on "the VM".
struct World {
    root: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl World {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("git-tools-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let root = root.canonicalize().unwrap();
        fs::write(
            root.join("config"),
            "[user]\nname = Ann\nemail = ann@localhost\n[init]\ndefaultBranch = main\n\
             [protocol \"file\"]\nallow = always\n[commit]\ngpgsign = false\n",
        )
        .unwrap();
        let world = Self { root };
        world.git("", &["init", "-q", "--bare", "origin"]);
        world.git("", &["init", "-q", "author"]);
        world.git("author", &["remote", "add", "origin", &world.path("origin")]);
        world.write("author/app/site.py", "one\n");
        world.write("author/.gitignore", "*.local\n");
        world.commit("first");
        world.git("", &["clone", "-q", &world.path("origin"), "vm"]);
        world
    }

    fn path(&self, path: &str) -> String {
        self.root.join(path).to_str().unwrap().to_string()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|_| "(nothing)".to_string())
    }

    fn git(&self, folder: &str, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(args)
            .current_dir(self.root.join(folder))
            .env("GIT_CONFIG_GLOBAL", self.path("config"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).trim().to_string();
        assert!(output.status.success(), "git {args:?}: {output:?}");
        text
    }

    /// Commits everything the author has and pushes it.
    fn commit(&self, subject: &str) -> Sha {
        self.git("author", &["add", "-A", "-f"]);
        self.git("author", &["commit", "-q", "--allow-empty", "-m", subject]);
        self.git("author", &["push", "-q", "origin", "HEAD:main"]);
        Sha::parse(&self.git("author", &["rev-parse", "HEAD"])).unwrap()
    }

    /// The machine's git, as a deploy has it: placed.
    fn vm(&self, folder: &str) -> Git {
        let env = BTreeMap::from([("GIT_CONFIG_GLOBAL".to_string(), self.path("config"))]);
        let mut git = Git::at(&self.path(folder), &env);
        git.top = Some(place_found(&perform(&git.place())).unwrap().top);
        git
    }

    fn stats(&self, top: &str, places: &[String]) -> Vec<Option<Stat>> {
        let stat = |place: &String| {
            let found = fs::symlink_metadata(Path::new(&self.path(top)).join(place)).ok()?;
            let kind = if found.is_dir() {
                "folder"
            } else if found.is_symlink() {
                "link"
            } else {
                "file"
            };
            Some(Stat { size: found.len(), modified_ms: 0, kind: kind.to_string() })
        };
        places.iter().map(stat).collect()
    }

    /// What is not tracked and would be lost by a reset to `sha`.
    fn at_risk(&self, git: &Git, sha: &Sha) -> Standing {
        let head = sha_told(&perform(&git.head())).unwrap();
        let added = paths_told(&perform(&git.added_paths(&head, sha))).unwrap();
        let changed = dirty_told(&perform(&git.dirty())).unwrap();
        let written: Vec<String> = added.into_iter().chain(changed.into_iter().map(|one| one.path)).collect();
        let places = places_written(&written);
        let standing = in_the_way(&written, &places, &self.stats("vm", &places));
        let mut all = Standing::default();
        for run in git.standing(&standing) {
            let part = standing_told(&perform(&run)).unwrap();
            all.files.extend(part.files);
            all.repositories.extend(part.repositories);
        }
        all
    }

    /// Keeps these files under a ref, and gives the ref.
    fn keep(&self, git: &Git, files: &[String]) -> String {
        let index = self.path("vm/.git/mangetamain-deploy-index");
        for run in git.keep_files(&index, files) {
            done(&perform(&run)).unwrap();
        }
        let tree = sha_told(&perform(&git.write_tree(&index))).unwrap();
        let head = sha_told(&perform(&git.head())).unwrap();
        let kept = sha_told(&perform(&git.commit_tree(&tree, &head))).unwrap();
        let name = kept_ref(Kept::Files, Millis(7));
        done(&perform(&git.save_ref(&name, &kept))).unwrap();
        name
    }
}

fn owned(paths: &[&str]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

fn absent() -> Sha {
    Sha::parse(&"1".repeat(40)).unwrap()
}

#[test]
fn a_folder_in_a_work_tree_is_placed_by_its_top() {
    let world = World::new("place");
    let git = Git { top: None, ..world.vm("vm/app") };
    let place = place_found(&perform(&git.place())).unwrap();
    assert_eq!(place, Place { top: world.path("vm"), git_dir: world.path("vm/.git"), shallow: Shallow::No });
    fs::create_dir_all(world.path("plain")).unwrap();
    let outside =
        Git::at(&world.path("plain"), &BTreeMap::from([("GIT_CONFIG_GLOBAL".to_string(), world.path("config"))]));
    assert!(matches!(place_found(&perform(&outside.place())), Err(GitFault::Refused { exit: 128, .. })));
}

#[test]
fn one_fetch_brings_the_branch_and_the_commit() {
    let world = World::new("fetch");
    let second = world.commit("second");
    let third = world.commit("third");
    let git = world.vm("vm");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    assert_eq!(sha_told(&perform(&git.branch_tip("main"))), Ok(third.clone()));
    assert_eq!(answered(&perform(&git.has_commit(&second))), Ok(Answer::Yes));
    assert_eq!(answered(&perform(&git.is_ancestor(&second, &third))), Ok(Answer::Yes));
    assert_eq!(answered(&perform(&git.is_ancestor(&third, &second))), Ok(Answer::No));
    assert_eq!(counted(&perform(&git.count(&second, &third))), Ok(1));
}

#[test]
fn a_commit_of_another_branch_is_fetched_and_told_not_to_be_on_this_one() {
    let world = World::new("other-branch");
    world.write("author/app/site.py", "side\n");
    world.git("author", &["commit", "-qam", "side"]);
    world.git("author", &["push", "-q", "origin", "HEAD:side"]);
    let side = Sha::parse(&world.git("author", &["rev-parse", "HEAD"])).unwrap();
    let git = world.vm("vm");
    done(&perform(&git.fetch_sha(&side, "main"))).unwrap();
    let tip = sha_told(&perform(&git.branch_tip("main"))).unwrap();
    assert_eq!(answered(&perform(&git.is_ancestor(&side, &tip))), Ok(Answer::No));
}

#[test]
fn an_unknown_commit_is_told_apart_from_an_unreachable_remote() {
    let world = World::new("unknown");
    let git = world.vm("vm");
    assert!(matches!(done(&perform(&git.fetch_sha(&absent(), "main"))), Err(GitFault::Refused { exit: 128, .. })));
    assert_eq!(done(&perform(&git.fetch_branch("main"))), Ok(()));
    assert_eq!(answered(&perform(&git.has_commit(&absent()))), Ok(Answer::No));
    fs::rename(world.path("origin"), world.path("away")).unwrap();
    assert!(matches!(done(&perform(&git.fetch_sha(&absent(), "main"))), Err(GitFault::Refused { .. })));
    assert!(matches!(done(&perform(&git.fetch_branch("main"))), Err(GitFault::Refused { .. })));
}

#[test]
fn a_shallow_clone_says_a_false_no_until_it_is_whole() {
    let world = World::new("shallow");
    let first = Sha::parse(&world.git("author", &["rev-parse", "HEAD"])).unwrap();
    let second = world.commit("second");
    world.git("", &["clone", "-q", "--depth", "1", &format!("file://{}", world.path("origin")), "short"]);
    let git = world.vm("short");
    let place = place_found(&perform(&git.place())).unwrap();
    assert_eq!(place.shallow, Shallow::Yes);
    done(&perform(&git.fetch_sha(&first, "main"))).unwrap();
    assert_eq!(answered(&perform(&git.is_ancestor(&first, &second))), Ok(Answer::No));
    done(&perform(&git.unshallow("main"))).unwrap();
    assert_eq!(answered(&perform(&git.is_ancestor(&first, &second))), Ok(Answer::Yes));
    assert_eq!(place_found(&perform(&git.place())).unwrap().shallow, Shallow::No);
    assert!(matches!(done(&perform(&git.unshallow("main"))), Err(GitFault::Refused { exit: 128, .. })));
}

#[test]
fn an_unknown_commit_is_neither_a_yes_nor_a_no_for_ancestry() {
    let world = World::new("ancestry");
    let git = world.vm("vm");
    let head = sha_told(&perform(&git.head())).unwrap();
    assert!(matches!(answered(&perform(&git.is_ancestor(&absent(), &head))), Err(GitFault::Refused { exit: 128, .. })));
}

#[test]
fn a_commit_is_told_by_author_subject_and_date() {
    let world = World::new("facts");
    let sha = world.commit("Fix @everyone \u{1f680}\n\nbody");
    let facts = commit_facts_told(&perform(&world.vm("author").commit_facts(&sha))).unwrap();
    let seconds: u64 = world.git("author", &["log", "-1", "--format=%ct"]).parse().unwrap();
    assert_eq!((facts.sha, facts.author.as_str()), (sha, "Ann"));
    assert_eq!((facts.subject.as_str(), facts.committed_ms), ("Fix @everyone \u{1f680}", Millis(seconds * 1000)));
}

#[test]
fn changed_paths_are_told_for_the_whole_repository_whatever_their_names() {
    let world = World::new("paths");
    let first = Sha::parse(&world.git("author", &["rev-parse", "HEAD"])).unwrap();
    let names = ["-leading", "app/new\nline", "app/quo\"te", "é", "tab\there"];
    for name in names {
        world.write(&format!("author/{name}"), "x");
    }
    fs::remove_file(world.path("author/.gitignore")).unwrap();
    let second = world.commit("names");
    let git = world.vm("author/app");
    let mut added = owned(&names);
    added.sort();
    assert_eq!(paths_told(&perform(&git.added_paths(&first, &second))).unwrap(), added);
    let mut changed = paths_told(&perform(&git.changed_paths(&first, &second))).unwrap();
    changed.retain(|path| !added.contains(path));
    assert_eq!(changed, owned(&[".gitignore"]));
}

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
    let git = Git { lock: Some("/state/lock".to_string()), ..world.vm("vm/app") };
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
    for path in ["notes.txt", "secret.local", "folder/inner", "was-file/inner", "-odd\nname", "was-link/x", "free"] {
        world.write(&format!("author/{path}"), "theirs\n");
    }
    let second = world.commit("second");
    world.write("vm/notes.txt", "mine 1\n");
    world.write("vm/secret.local", "mine 2\n");
    world.write("vm/folder/other", "not touched\n");
    world.write("vm/was-file", "mine 3\n");
    world.write("vm/-odd\nname", "mine 4\r\n");
    world.write("vm/free/below", "mine 5\n");
    symlink("/etc", world.path("vm/was-link")).unwrap();
    let git = world.vm("vm/app");
    done(&perform(&git.fetch_sha(&second, "main"))).unwrap();
    let mut risk = world.at_risk(&git, &second);
    risk.files.sort();
    let expected = ["-odd\nname", "free/below", "notes.txt", "secret.local", "was-file", "was-link"];
    assert_eq!(risk, Standing { files: owned(&expected), repositories: vec![] });
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
    assert_eq!(risk, Standing { files: vec![], repositories: owned(&["vendor/"]) });
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
    assert!(matches!(stash_told(&perform(&git.create_stash())), Err(GitFault::Refused { .. })));
    let name = world.keep(&git, &owned(&["app/site.py"]));
    assert!(world.git("vm", &["show", &format!("{name}:app/site.py")]).contains("<<<<<<<"));
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
    assert!(matches!(&fault, GitFault::Refused { exit: 128, .. }));
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
    let git = Git { lock: Some("/l".to_string()), ..world.vm("vm/app") };
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
fn short_names_stand_for_commits_only() {
    let world = World::new("short");
    let git = world.vm("vm");
    let head = sha_told(&perform(&git.head())).unwrap();
    let ask = |digits: &str| resolved(&perform(&git.resolve_short(digits).unwrap()), digits);
    assert_eq!(ask(head.short()), Ok(Some(head.clone())));
    assert_eq!(ask(&head.short().to_uppercase()), Ok(Some(head.clone())));
    assert_eq!(ask("1111111"), Ok(None));
    let blob = world.git("vm", &["rev-parse", "HEAD:app/site.py"]);
    assert_eq!(ask(&blob), Ok(None));
    world.git("vm", &["branch", "deadbee"]);
    assert_eq!(ask("deadbee"), Ok(None), "a branch is not a SHA");
    for bad in ["abc12", "--all", "HEAD", "1111111^", &"1".repeat(41)] {
        assert_eq!(git.resolve_short(bad), None);
    }
}

#[test]
fn the_remote_is_told_without_its_password() {
    let world = World::new("remote");
    let git = world.vm("vm");
    let told = || remote_url_told(&perform(&git.remote_url())).unwrap();
    assert_eq!(told(), Some(world.path("origin")));
    world.git("vm", &["remote", "set-url", "origin", "https://ann:ghp_x@example.org/a/b@c.git"]);
    assert_eq!(told().as_deref(), Some("https://example.org/a/b@c.git"));
    world.git("vm", &["remote", "remove", "origin"]);
    assert_eq!(told(), None);
}

#[test]
fn lfs_files_are_found_by_attribute_and_by_pointer() {
    let world = World::new("lfs");
    world.write("author/.gitattributes", "*.bin filter=lfs\n");
    world.write("author/app/data.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    world.write("author/big.bin", "x");
    world.commit("lfs");
    let git = world.vm("author/app");
    assert_eq!(paths_told(&perform(&git.lfs_paths())).unwrap(), ["app/data.bin", "big.bin"]);
    assert!(is_lfs_pointer(&world.read("author/app/data.bin")));
    assert!(!is_lfs_pointer(&world.read("author/big.bin")));
}

#[test]
fn the_token_travels_only_in_the_environment_of_what_reaches_the_remote() {
    let env = BTreeMap::from([
        ("GIT_SSH_COMMAND".to_string(), "ssh -i key".to_string()),
        ("GIT_DIR".to_string(), "/elsewhere".to_string()),
    ]);
    let mut git = Git::at("/srv/app", &env);
    let token = Secret::new("ghs_secret");
    git.credentials = Some(Credentials { server_url: "https://github.com/".to_string(), token });
    let sha = absent();
    let fetch = git.fetch_sha(&sha, "main");
    let value = |name: &str| fetch.env.get(name).map_or("", String::as_str);
    assert_eq!(value("GIT_CONFIG_COUNT"), "2");
    assert_eq!(value("GIT_CONFIG_KEY_0"), "http.https://github.com/.extraheader");
    assert_eq!(value("GIT_CONFIG_VALUE_0"), "");
    assert_eq!(value("GIT_CONFIG_KEY_1"), "http.https://github.com/.extraheader");
    assert_eq!(value("GIT_CONFIG_VALUE_1"), "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46Z2hzX3NlY3JldA==");
    assert_eq!((value("GIT_SSH_COMMAND"), value("GIT_DIR")), ("ssh -i key", ""));
    assert_eq!((value("GIT_TERMINAL_PROMPT"), value("LC_ALL")), ("0", "C"));
    assert_eq!(fetch.limit_ms, 120_000);
    assert!(!fetch.args.iter().any(|arg| arg.contains("secret") || arg.contains("Z2hz")));
    for local in [git.head(), git.reset_hard(&sha), git.create_stash(), git.dirty()] {
        assert!(!local.env.keys().any(|name| name.starts_with("GIT_CONFIG_")));
    }
    assert!(!format!("{git:?}").contains("secret"));
}

#[test]
fn an_answer_that_did_not_come_is_never_a_no() {
    let timed_out = |exit| {
        let Reply::Ran(ran) = ran(0, "") else { panic!() };
        Reply::Ran(Ran { exit, timed_out: true, signal: Some("SIGTERM".to_string()), ..ran })
    };
    // With its effect (it ended well, too late to be believed) and without.
    for reply in [timed_out(Some(0)), timed_out(Some(1)), timed_out(None)] {
        assert_eq!(answered(&reply), Err(GitFault::TimedOut));
        assert_eq!(done(&reply), Err(GitFault::TimedOut));
    }
    assert!(GitFault::TimedOut.may_have_happened());
    let stopped = Reply::Cancelled { signal: "SIGINT".to_string() };
    assert_eq!(answered(&stopped), Err(GitFault::Cancelled { signal: "SIGINT".to_string() }));
    let Reply::Ran(whole) = ran(0, "") else { panic!() };
    let killed = Reply::Ran(Ran { exit: None, signal: Some("SIGKILL".to_string()), ..whole });
    assert_eq!(answered(&killed), Err(GitFault::Killed { signal: "SIGKILL".to_string() }));
    assert_eq!(answered(&Reply::Missing), Err(GitFault::Absent));
    assert!(!GitFault::Absent.may_have_happened());
    let odd = Reply::Refused { code: "EACCES".to_string(), text: String::new() };
    assert_eq!(done(&odd), Err(GitFault::NotStarted { code: "EACCES".to_string() }));
    assert_eq!(answered(&Reply::Done), Err(GitFault::Unreadable));
}

#[test]
fn answers_that_are_cut_or_garbled_are_unreadable() {
    let long = "a\0".repeat(CAP as usize / 2);
    assert_eq!(paths_told(&ran(0, &long)), Err(GitFault::Unreadable));
    assert_eq!(paths_told(&ran(0, "a\0b")), Err(GitFault::Unreadable));
    assert_eq!(sha_told(&ran(0, "main\n")), Err(GitFault::Unreadable));
    assert_eq!(dirty_told(&ran(0, "? x\0")), Err(GitFault::Unreadable));
    assert_eq!(counted(&ran(0, "many")), Err(GitFault::Unreadable));
    assert_eq!(commit_facts_told(&ran(0, "x\0y\0")), Err(GitFault::Unreadable));
    assert_eq!(place_found(&ran(0, "false\n/g\n")), Err(GitFault::Unreadable));
    assert_eq!(stash_told(&ran(0, "Saved!\n")), Err(GitFault::Unreadable));
}

#[test]
fn only_the_last_five_lines_of_a_refusal_are_kept() {
    let Reply::Ran(quiet) = ran(128, "") else { panic!() };
    let reply = Reply::Ran(Ran { stderr: "1\n2\n\n3\n4\n5\n6\n".to_string(), ..quiet });
    assert_eq!(done(&reply), Err(GitFault::Refused { exit: 128, tail: "2\n3\n4\n5\n6".to_string() }));
}

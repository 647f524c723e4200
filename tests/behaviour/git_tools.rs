//! The git tools against the real git: what each answer proves.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;

use crate::git_world::*;
use mangetamain_deploy::host::{Ran, Reply};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::git::*;
use mangetamain_deploy::tools::secret::Secret;

#[test]
fn a_folder_in_a_work_tree_is_placed_by_its_top() {
    let world = World::new("place");
    let git = world.bare("vm/app");
    let place = place_found(&perform(&git.place())).unwrap();
    assert_eq!(place, RepositoryLayout { top: world.path("vm"), git_dir: world.path("vm/.git"), shallow: Shallow::No });
    fs::create_dir_all(world.path("plain")).unwrap();
    assert!(matches!(
        place_found(&perform(&world.bare("plain").place())),
        Err(ProcessError::Refused { exit: 128, .. })
    ));
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
    assert!(matches!(done(&perform(&git.fetch_sha(&absent(), "main"))), Err(ProcessError::Refused { exit: 128, .. })));
    assert_eq!(done(&perform(&git.fetch_branch("main"))), Ok(()));
    assert_eq!(answered(&perform(&git.has_commit(&absent()))), Ok(Answer::No));
    fs::rename(world.path("origin"), world.path("away")).unwrap();
    assert!(matches!(done(&perform(&git.fetch_sha(&absent(), "main"))), Err(ProcessError::Refused { .. })));
    assert!(matches!(done(&perform(&git.fetch_branch("main"))), Err(ProcessError::Refused { .. })));
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
    assert!(matches!(done(&perform(&git.unshallow("main"))), Err(ProcessError::Refused { exit: 128, .. })));
}

#[test]
fn an_unknown_commit_is_neither_a_yes_nor_a_no_for_ancestry() {
    let world = World::new("ancestry");
    let git = world.vm("vm");
    let head = sha_told(&perform(&git.head())).unwrap();
    assert!(matches!(
        answered(&perform(&git.is_ancestor(&absent(), &head))),
        Err(ProcessError::Refused { exit: 128, .. })
    ));
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
    let mut told = differences_told(&perform(&git.differences(&first, &second))).unwrap();
    assert_eq!(told.added, added);
    let changed = &mut told.changed;
    changed.retain(|path| !added.contains(path));
    assert_eq!(*changed, owned(&[".gitignore"]));
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
fn a_remote_s_repository_is_told_for_this_server_alone() {
    let told = |url: &str| repository_of(url, "https://github.com/");
    for url in [
        "https://github.com/o/n",
        "https://github.com/o/n.git",
        "https://ann@github.com/o/n/",
        "git@github.com:o/n.git",
        "github.com:o/n",
        "ssh://git@github.com/o/n",
    ] {
        assert_eq!(told(url).as_deref(), Some("o/n"), "{url}");
    }
    for url in [
        "https://mygithub.com/o/n",
        "git@mygithub.com:o/n",
        "https://github.company/o/n",
        "https://github.company/n",
        "https://example.org/github.com/o/n",
        "https://example.org/x@github.com/o/n",
        "https://mirror.example/github.com:o/n",
        "/srv/github.com/o/n",
        "https://github.com/o",
    ] {
        assert_eq!(told(url), None, "{url}");
    }
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
    assert_eq!((value("GIT_ASKPASS"), value("SSH_ASKPASS_REQUIRE")), ("true", "never"));
    // Nothing of the machine's or the repository's own runs beside a command, or after it.
    for setting in ["core.hooksPath=/dev/null", "core.fsmonitor=false", "maintenance.auto=false", "gc.auto=0"] {
        let is_given = |pair: &[String]| pair[0] == "-c" && pair[1] == setting;
        assert!(fetch.args.windows(2).any(is_given), "{setting}: {:?}", fetch.args);
    }
    assert_eq!((fetch.limit_ms, fetch.cap), (120_000, 8 << 20));
    assert!(!fetch.args.iter().any(|arg| arg.contains("secret") || arg.contains("Z2hz")));
    for local in [git.head(), git.reset_hard(&sha), git.create_stash(), git.dirty()] {
        assert!(!local.env.keys().any(|name| name.starts_with("GIT_CONFIG_")));
    }
    assert!(!format!("{git:?}").contains("secret"));
}

#[test]
fn a_command_in_a_submodule_trusts_that_folder_and_no_other() {
    let git = Git::at("/srv/app", &BTreeMap::new()).submodule("vendor/lib");
    let run = git.command(&["status"]);
    assert_eq!(run.folder.as_deref(), Some("/srv/app/vendor/lib"));
    let trusted: Vec<&String> = run.args.iter().filter(|arg| arg.starts_with("safe.directory=")).collect();
    assert_eq!(trusted, ["safe.directory=/srv/app/vendor/lib"]);
}

#[test]
fn the_token_goes_only_to_the_server_that_it_is_for_and_only_over_https() {
    let given = |remote: Option<&str>, server: &str| Credentials::of(remote, server, &Secret::new("ghs_secret"));
    let github = "https://github.com";
    let credentials = given(Some("https://github.com/octo/app.git"), github).unwrap();
    assert_eq!((credentials.server_url.as_str(), credentials.token.expose()), (github, "ghs_secret"));
    for remote in [
        None,
        Some("git@github.com:octo/app.git"),
        Some("http://github.com/octo/app.git"),
        Some("https://github.com:8443/octo/app.git"),
        Some("https://github.com.example.org/octo/app.git"),
        Some("https://user@github.com/octo/app.git"),
    ] {
        assert_eq!(given(remote, github), None, "{remote:?}");
    }
    assert_eq!(given(Some("http://github.local/octo/app.git"), "http://github.local"), None);
}

#[test]
fn an_answer_that_did_not_come_is_never_a_no() {
    let timed_out = |exit| {
        let Reply::Ran(ran) = ran(0, "") else { panic!() };
        Reply::Ran(Ran { exit, timed_out: true, signal: Some("SIGTERM".to_string()), ..ran })
    };
    // With its effect (it ended well, too late to be believed) and without.
    for reply in [timed_out(Some(0)), timed_out(Some(1)), timed_out(None)] {
        assert_eq!(answered(&reply), Err(ProcessError::TimedOut));
        assert_eq!(done(&reply), Err(ProcessError::TimedOut));
    }
    let stopped = Reply::Cancelled { signal: "SIGINT".to_string() };
    assert_eq!(answered(&stopped), Err(ProcessError::Cancelled { signal: "SIGINT".to_string() }));
    let Reply::Ran(whole) = ran(0, "") else { panic!() };
    let killed = Reply::Ran(Ran { exit: None, signal: Some("SIGKILL".to_string()), ..whole });
    assert_eq!(answered(&killed), Err(ProcessError::Killed { signal: "SIGKILL".to_string() }));
    assert_eq!(answered(&Reply::Missing), Err(ProcessError::Absent));
    let odd = Reply::Refused { code: "EACCES".to_string(), text: String::new() };
    assert_eq!(done(&odd), Err(ProcessError::NotStarted { code: "EACCES".to_string() }));
    let lost = Reply::Refused { code: "ENOFOLDER".to_string(), text: "/app".to_string() };
    assert_eq!(done(&lost), Err(ProcessError::NoFolder));
    assert_eq!(answered(&Reply::Done), Err(ProcessError::Unreadable));
}

#[test]
fn answers_that_are_cut_or_garbled_are_unreadable() {
    let long = "a\0".repeat(LIST_CAP as usize / 2);
    assert_eq!(paths_told(&ran(0, &long)), Err(ProcessError::Unreadable));
    assert_eq!(paths_told(&ran(0, "a\0b")), Err(ProcessError::Unreadable));
    assert_eq!(sha_told(&ran(0, "main\n")), Err(ProcessError::Unreadable));
    assert_eq!(dirty_told(&ran(0, "? x\0")), Err(ProcessError::Unreadable));
    assert_eq!(counted(&ran(0, "many")), Err(ProcessError::Unreadable));
    assert_eq!(commit_facts_told(&ran(0, "x\0y\0")), Err(ProcessError::Unreadable));
    assert_eq!(place_found(&ran(0, "false\n/g\n")), Err(ProcessError::Unreadable));
    assert_eq!(stash_told(&ran(0, "Saved!\n")), Err(ProcessError::Unreadable));
}

#[test]
fn commits_between_two_are_told_newest_first_and_a_file_as_it_stands_in_one() {
    let world = World::new("commits");
    let git = world.vm("vm");
    let head = || sha_told(&perform(&git.head())).unwrap();
    let first = head();
    for subject in ["second", "third"] {
        world.write("vm/app/site.py", &format!("{subject} by hand\n"));
        world.git("vm", &["commit", "-qam", subject]);
    }
    let third = head();
    let told = |most| commits_told(&perform(&git.commits_between(&first, &third, most))).unwrap();
    let subjects = |most| told(most).into_iter().map(|one| one.subject).collect::<Vec<_>>();
    assert_eq!((subjects(5), subjects(1)), (owned(&["third", "second"]), owned(&["third"])));
    assert_eq!(commits_told(&perform(&git.commits_between(&third, &first, 5))), Ok(vec![]));
    assert_eq!(file_told(&perform(&git.file_at(&third, "app/site.py"))), Ok("third by hand\n".to_string()));
    assert!(file_told(&perform(&git.file_at(&third, "nowhere"))).is_err());
    assert_eq!(git.at_top("app/site.py"), world.path("vm/app/site.py"));
}

#[test]
fn of_a_refusal_the_last_five_lines_are_kept_and_the_first_that_says_what_is_wrong() {
    let Reply::Ran(quiet) = ran(128, "") else { panic!() };
    let kept = |stderr: &str| match done(&Reply::Ran(Ran { stderr: stderr.to_string(), ..quiet.clone() })) {
        Err(ProcessError::Refused { exit: 128, tail }) => tail,
        other => panic!("{other:?}"),
    };
    assert_eq!(kept("1\n2\n\n3\n4\n5\n6\n"), "2\n3\n4\n5\n6");
    assert_eq!(kept("0\nfatal: 1\n2\n3\n4\n5\nfatal: 6\n"), "fatal: 1\n2\n3\n4\n5\nfatal: 6");
    assert_eq!(kept("error: 1\n2\n3\n4\n5\n6\n7\n"), "error: 1\n3\n4\n5\n6\n7");
    assert_eq!(kept("1\n2\n3\n4\nerror: 5\n6\n"), "2\n3\n4\nerror: 5\n6", "no line stands twice");
}

#[test]
fn whether_a_commit_has_lfs_files_is_told_without_checking_it_out() {
    let world = World::new("names-lfs");
    let plain = sha_told(&perform(&world.vm("vm").head())).unwrap();
    world.write("author/app/models/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    let below = world.commit("with LFS");
    let git = world.vm("vm/app");
    done(&perform(&git.fetch_sha(&below, "main"))).unwrap();
    assert_eq!(answered(&perform(&git.names_lfs(&plain))), Ok(Answer::No));
    assert_eq!(answered(&perform(&git.names_lfs(&below))), Ok(Answer::Yes));
}

#[test]
fn a_changed_path_is_also_spelled_by_way_of_the_link_that_leads_to_the_work_tree() {
    let world = World::new("spelled");
    std::os::unix::fs::symlink(world.path("vm"), world.path("link")).unwrap();
    std::os::unix::fs::symlink(world.path("vm/app"), world.path("current")).unwrap();
    let spell = |folder: &str, path: &str| {
        let git = world.vm(folder);
        let prefix = prefix_told(&perform(&git.prefix())).unwrap();
        spelled(&git.work_tree, &prefix, path).map(|path| path.replace(&world.path(""), ""))
    };
    assert_eq!(spell("link", "app/site.py").as_deref(), Some("link/app/site.py"));
    assert_eq!(spell("link/app", "app/site.py").as_deref(), Some("link/app/site.py"));
    assert_eq!(spell("link/app", "Dockerfile").as_deref(), Some("link/Dockerfile"));
    assert_eq!(spell("current", "app/site.py").as_deref(), Some("current/site.py"));
    assert_eq!(spell("current", "Dockerfile"), None);
}

#[test]
fn what_holds_a_commit_beside_the_branch_that_is_checked_out_is_told() {
    let world = World::new("holders");
    let git = world.vm("vm");
    assert!(!names_told(&perform(&git.holders())).unwrap().is_empty(), "origin/main holds it");
    world.write("vm/app/site.py", "by hand\n");
    world.git("vm", &["commit", "-qam", "made here"]);
    assert_eq!(names_told(&perform(&git.holders())), Ok(vec![]), "only the branch itself holds it");
    let head = sha_told(&perform(&git.head())).unwrap();
    done(&perform(&git.save_ref(&kept_ref(Kept::Commits, Millis(7)), &head))).unwrap();
    assert_eq!(names_told(&perform(&git.holders())), Ok(vec!["refs/mangetamain-deploy/commits/7".to_string()]));
}

#[test]
fn what_git_does_not_look_at_is_found_among_hundreds_of_thousands_of_files() {
    let tracked = format!("H {}/file\0", "folder".repeat(8)).repeat(200_000);
    let text = format!("{tracked}h assumed\0S skipped\0s both\0M unmerged\0");
    assert!(text.len() as u64 > CAP);
    let found = hidden_told(&ran(0, &text)).unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.is_assumed)).collect();
    assert_eq!(found, [("assumed", true), ("skipped", false), ("both", true)]);
    assert_eq!(World::new("hidden").vm("vm").hidden().cap, LIST_CAP);
}

#[test]
fn a_list_of_files_may_be_as_long_as_a_repository_makes_it() {
    let git = World::new("long-lists").vm("vm");
    let mut lists = vec![git.differences(&absent(), &absent()), git.dirty()];
    lists.extend([git.tracked(), git.lfs_paths(), git.hidden(), git.kept_paths(&absent())]);
    lists.extend(git.standing(&owned(&["app"])));
    for list in lists {
        assert_eq!(list.cap, LIST_CAP, "{list:?}");
    }
    let paths = format!("{}/file\0", "folder/".repeat(20)).repeat(80_000);
    assert!(paths.len() as u64 > CAP);
    assert_eq!(paths_told(&ran(0, &paths)).map(|all| all.len()), Ok(80_000));
    assert_eq!(standing_told(&ran(0, &paths)).map(|all| all.files.len()), Ok(80_000));
    let dirty = format!("1 .M N... 100644 100644 100644 {0} {0} app.py\0", "0".repeat(40)).repeat(80_000);
    assert_eq!(dirty_told(&ran(0, &dirty)).map(|all| all.len()), Ok(80_000));
}

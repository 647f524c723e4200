//! Real repositories for the git tools: an origin, its author, and a clone on "the VM".
#![allow(dead_code, missing_docs, clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use mangetamain_deploy::host::{Ran, Reply, Run, Stat};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::git::*;

/// What the host would answer.
pub fn perform(run: &Run) -> Reply {
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

pub fn ran(exit: i32, stdout: &str) -> Reply {
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
pub struct World {
    pub root: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl World {
    pub fn new(name: &str) -> Self {
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

    pub fn path(&self, path: &str) -> String {
        self.root.join(path).to_str().unwrap().to_string()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|_| "(nothing)".to_string())
    }

    pub fn git(&self, folder: &str, args: &[&str]) -> String {
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
    pub fn commit(&self, subject: &str) -> Sha {
        self.git("author", &["add", "-A", "-f"]);
        self.git("author", &["commit", "-q", "--allow-empty", "-m", subject]);
        self.git("author", &["push", "-q", "origin", "HEAD:main"]);
        Sha::parse(&self.git("author", &["rev-parse", "HEAD"])).unwrap()
    }

    /// git in a folder of which nobody has told yet where its repository is.
    pub fn bare(&self, folder: &str) -> Git {
        let env = BTreeMap::from([("GIT_CONFIG_GLOBAL".to_string(), self.path("config"))]);
        Git::at(&self.path(folder), &env)
    }

    /// The machine's git, as a deploy has it: placed.
    pub fn vm(&self, folder: &str) -> Git {
        let git = self.bare(folder);
        let place = place_found(&perform(&git.place())).unwrap();
        git.placed(&place)
    }

    /// The same, with this lock.
    pub fn locked(&self, folder: &str, lock: &str) -> Git {
        let mut git = self.vm(folder);
        git.lock = Some(lock.to_string());
        git
    }

    pub fn stats(&self, top: &str, places: &[String]) -> Vec<Option<Stat>> {
        let stat = |place: &String| {
            let found = fs::symlink_metadata(Path::new(&self.path(top)).join(place)).ok()?;
            let kind = if found.is_dir() {
                "folder"
            } else if found.is_symlink() {
                "link"
            } else {
                "file"
            };
            Some(Stat {
                size: found.len(),
                modified_ms: 0,
                kind: kind.to_string(),
                mode: found.permissions().mode() & 0o777,
            })
        };
        places.iter().map(stat).collect()
    }

    /// What is not tracked and would be lost by a reset to `sha`.
    pub fn at_risk(&self, git: &Git, sha: &Sha) -> Untracked {
        let head = sha_told(&perform(&git.head())).unwrap();
        let added = differences_told(&perform(&git.differences(&head, sha))).unwrap().added;
        let changed = dirty_told(&perform(&git.dirty())).unwrap();
        let written: Vec<String> = added.into_iter().chain(changed.into_iter().map(|one| one.path)).collect();
        let places = places_written(&written);
        let standing = in_the_way(&written, &places, &self.stats("vm", &places));
        let mut all = Untracked::default();
        for run in git.standing(&standing) {
            let part = standing_told(&perform(&run)).unwrap();
            all.files.extend(part.files);
            all.repositories.extend(part.repositories);
        }
        all
    }

    /// Keeps these files under a ref, and gives the ref.
    pub fn keep(&self, git: &Git, files: &[String]) -> String {
        self.keep_before(git, files, &absent())
    }

    /// The same, before `replaced_by` is put in place.
    pub fn keep_before(&self, git: &Git, files: &[String], replaced_by: &Sha) -> String {
        let places = places_written(files);
        let facts = KeptFacts::of(replaced_by, &places, &self.stats("vm", &places));
        self.write("message", &kept_message(Some(&facts)));
        let index = self.path("vm/.git/mangetamain-deploy-index");
        for run in git.keep_files(&index, files) {
            done(&perform(&run)).unwrap();
        }
        let tree = sha_told(&perform(&git.write_tree(&index))).unwrap();
        let head = sha_told(&perform(&git.head())).unwrap();
        let kept = sha_told(&perform(&git.commit_tree(&tree, &head, &self.path("message")))).unwrap();
        let name = kept_ref(Kept::Files, Millis(7));
        done(&perform(&git.save_ref(&name, &kept))).unwrap();
        name
    }
}

pub fn owned(paths: &[&str]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

pub fn absent() -> Sha {
    Sha::parse(&"1".repeat(40)).unwrap()
}

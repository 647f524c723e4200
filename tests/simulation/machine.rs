//! git of the pretend world: exactly the argument lists that `tools` builds. One that is
//! not known is a panic, so that a change of `tools` is seen here.

use mangetamain_deploy::host::{Reply, Run};

use super::world::{APP, COMPOSE, World, number, sha};

const INDEX_LOCK: &str = "/srv/app/.git/index.lock";

impl World {
    pub fn git(&mut self, run: &Run, half: bool) -> Reply {
        let mut args: Vec<&str> = run.args.iter().map(String::as_str).collect();
        while args.first() == Some(&"-c") {
            args.drain(..2);
        }
        assert_eq!(run.folder.as_deref(), Some(APP), "git runs in the work tree: {run:?}");
        let told = self
            .asked_of_history(&args)
            .or_else(|| self.asked_to_tell(&args))
            .or_else(|| self.asked_of_work_tree(&args));
        if told.is_none() && !run.args.iter().any(|arg| arg == "core.fsync=all") {
            self.repository_afloat();
        }
        told.unwrap_or_else(|| self.changed(&args, half))
    }

    /// Which commits there are, and how they stand to one another; none when the question is another one.
    fn asked_of_history(&self, args: &[&str]) -> Option<Reply> {
        Some(match args {
            ["rev-parse", "--verify", "refs/remotes/origin/main^{commit}"] => match self.tip {
                Some(tip) => self.ran(0, &format!("{}\n", sha(tip)), ""),
                None => self.ran(128, "", "fatal: Needed a single revision"),
            },
            ["rev-parse", "--verify", "--quiet", digits] => {
                let digits = digits.trim_end_matches("^{commit}");
                let found: Vec<String> =
                    self.fetched.iter().map(|one| sha(*one)).filter(|sha| sha.starts_with(digits)).collect();
                match found.as_slice() {
                    [one] => self.ran(0, &format!("{one}\n"), ""),
                    _ => self.ran(1, "", ""),
                }
            }
            ["cat-file", "-e", one] => {
                let here = number(one).is_some_and(|one| self.fetched.contains(&one));
                self.ran(if here { 0 } else { 1 }, "", "")
            }
            ["merge-base", "--is-ancestor", older, newer] => match (self.here(older), self.here(newer)) {
                (Some(older), Some(newer)) => self.ran(i32::from(!self.ancestor(older, newer)), "", ""),
                _ => self.ran(128, "", "fatal: Not a valid commit name"),
            },
            ["diff-tree", "-r", "-z", "--name-status", "--no-renames", "--ignore-submodules=none", from, to, "--"] => {
                let (Some(from), Some(to)) = (self.here(from), self.here(to)) else {
                    return Some(self.ran(128, "", "fatal: bad object"));
                };
                let text: String = self.between(from, to).iter().map(|path| format!("M\0{path}\0")).collect();
                self.ran(0, &text, "")
            }
            _ => return None,
        })
    }

    /// How git tells of commits, one or many; none when the question is another one.
    fn asked_to_tell(&self, args: &[&str]) -> Option<Reply> {
        Some(match args {
            ["log", "-1", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8", _, one, "--"] => {
                match self.here(one) {
                    Some(at) => {
                        let commit = &self.commits[at];
                        let text = format!("{one}\0{}\0{}\0{}\0\n", commit.author, 1_767_000_000, commit.subject);
                        self.ran(0, &text, "")
                    }
                    None => self.ran(128, "", "fatal: bad object"),
                }
            }
            ["rev-list", "--count", range, "--"] => match self.range(range) {
                Some(all) => self.ran(0, &format!("{}\n", all.len()), ""),
                None => self.ran(128, "", "fatal: bad revision"),
            },
            ["log", "--no-patch", "--no-show-signature", "--no-color", "--encoding=UTF-8", most, _, range, "--"] => {
                let Some(all) = self.range(range) else {
                    return Some(self.ran(128, "", "fatal: bad revision"));
                };
                let most: usize = most.trim_start_matches("--max-count=").parse().unwrap();
                let told = |one: &usize| {
                    let commit = &self.commits[*one];
                    format!("{}\0{}\0{}\0{}\0\n", sha(*one), commit.author, 1_767_000_000, commit.subject)
                };
                let text: String = all.iter().take(most).map(told).collect();
                self.ran(0, &text, "")
            }
            // Every commit has the compose file, and nothing else that is asked about.
            // Asked only where a fetch was refused, and of this remote only since it is out of reach.
            ["ls-remote", "--exit-code", "origin", "refs/heads/main"] => self.ran(128, "", "fatal: unable to access"),
            ["ls-tree", "-z", "--full-tree", _, "--", paths @ ..] => {
                let has = paths.iter().any(|path| format!("{APP}/{path}") == COMPOSE);
                let line = format!("100644 blob {}\tdocker-compose.yml\0", "a".repeat(40));
                self.ran(0, if has { &line } else { "" }, "")
            }
            ["cat-file", "blob", named] => {
                let path = named.split_once(':').map(|(_, path)| format!("{APP}/{path}")).unwrap_or_default();
                match self.files.get(&path) {
                    Some(text) => self.ran(0, text, ""),
                    None => self.ran(128, "", "fatal: path does not exist"),
                }
            }
            _ => return None,
        })
    }

    /// What git says of the repository and of the work tree; none when the question is another one.
    fn asked_of_work_tree(&self, args: &[&str]) -> Option<Reply> {
        Some(match args {
            ["rev-parse", "--is-shallow-repository", "--absolute-git-dir", "--show-toplevel"] => {
                self.ran(0, &format!("false\n{APP}/.git\n{APP}\n"), "")
            }
            ["rev-parse", "--verify", "HEAD^{commit}"] => self.ran(0, &format!("{}\n", self.head), ""),
            ["config", "--get", "remote.origin.url"] => self.ran(0, "https://github.com/team/site.git\n", ""),
            ["status", "--porcelain=v2", "-z", ..] => {
                let zero = "0".repeat(40);
                let line = format!("1 .M N... 100644 100644 100644 {zero} {zero} app.py\0");
                self.ran(0, if self.dirty { &line } else { "" }, "")
            }
            ["grep", "-q", "-F", "-e", "filter=lfs", _, "--", ":(top,glob)**/.gitattributes"] => self.ran(1, "", ""),
            ["ls-files", "-z", "--full-name", "--", ":(top,attr:filter=lfs)"] => self.ran(0, "", ""),
            // Nothing is hidden from this git.
            ["ls-files", "-v", "-z"] => self.ran(0, "", ""),
            ["ls-files", "-z", "--others", "--full-name", "--", ..] => self.ran(0, "", ""),
            ["ls-files", "-z", "--", paths @ ..] => {
                let told = |path: &&str| path.strip_prefix(&format!("{APP}/")).map(|path| format!("{path}\0"));
                let text: String = paths.iter().filter(|path| self.tracked.contains(**path)).filter_map(told).collect();
                self.ran(0, &text, "")
            }
            [
                "for-each-ref",
                "--count=1",
                "--contains=HEAD",
                "--format=%(refname)",
                "refs/remotes",
                "refs/tags",
                "refs/mangetamain-deploy",
            ] => {
                let is_pushed = number(&self.head).is_some_and(|head| self.commits[head].pushed_at.is_some());
                self.ran(0, if is_pushed { "refs/remotes/origin/main\n" } else { "" }, "")
            }
            ["for-each-ref", "--format=%(refname) %(objectname) %(parent)", below] => {
                assert!(!self.refs.keys().any(|name| name.starts_with(below)), "nobody taught it to keep files");
                self.ran(0, "", "")
            }
            _ => return None,
        })
    }

    fn changed(&mut self, args: &[&str], half: bool) -> Reply {
        match args {
            [
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-recurse-submodules",
                "--no-filter",
                "--refmap=",
                "origin",
                refspec,
                wanted @ ..,
            ] => {
                assert_eq!(*refspec, "+refs/heads/main:refs/remotes/origin/main");
                self.fetch(wanted)
            }
            ["stash", "create", _] if self.files.contains_key(INDEX_LOCK) => {
                self.ran(1, "", "error: could not write index")
            }
            ["stash", "create", _] => self.ran(0, &format!("{}\n", "5".repeat(40)), ""),
            ["update-ref", name, to] => {
                self.refs.insert((*name).to_owned(), (*to).to_owned());
                self.ran(0, "", "")
            }
            ["reset", "--hard", "--quiet", "--no-recurse-submodules", to, "--"] => self.reset(to, half),
            other => panic!("nobody taught the pretend world: git {other:?}"),
        }
    }

    /// A commit that is in the machine's repository.
    fn here(&self, sha: &str) -> Option<usize> {
        number(sha).filter(|number| self.fetched.contains(number))
    }

    fn fetch(&mut self, wanted: &[&str]) -> Reply {
        let known = |one: &&str| number(one).is_some_and(|one| one < self.commits.len());
        if !wanted.iter().all(known) {
            return self.ran(128, "", "fatal: remote error: upload-pack: not our ref");
        }
        let tip = self.commits.iter().rposition(|commit| commit.pushed_at.is_some_and(|at| at <= self.now));
        let mut more: Vec<usize> = wanted.iter().filter_map(|one| number(one)).collect();
        more.extend(tip);
        for one in more {
            let mut at = Some(one);
            while let Some(commit) = at {
                self.fetched.insert(commit);
                at = self.commits[commit].parent;
            }
        }
        self.tip = tip;
        self.ran(0, "", "")
    }

    /// The commits of `older..newer`, newest first; none unless both are here.
    fn range(&self, range: &str) -> Option<Vec<usize>> {
        let (older, newer) = range.split_once("..")?;
        let (older, newer) = (self.here(older)?, self.here(newer)?);
        let mut all = Vec::new();
        let mut at = Some(newer);
        while let Some(one) = at.filter(|one| !self.ancestor(*one, older)) {
            all.push(one);
            at = self.commits[one].parent;
        }
        Some(all)
    }

    fn reset(&mut self, to: &str, half: bool) -> Reply {
        if self.files.contains_key(INDEX_LOCK) {
            return self.ran(128, "", "fatal: Unable to create index.lock: File exists.");
        }
        if self.here(to).is_none() {
            return self.ran(128, "", "fatal: Could not parse object");
        }
        self.files_afloat();
        if half {
            self.files_of = format!("{} and {to}", self.head);
            self.dirty = true;
            self.files.insert(INDEX_LOCK.to_owned(), String::new());
            return Reply::Done;
        }
        self.head = to.to_owned();
        self.files_of = to.to_owned();
        self.dirty = false;
        self.ran(0, "", "")
    }

    pub fn script(&mut self) {
        if let Some(commit) = self.pulled {
            self.head = sha(commit);
            self.files_of = sha(commit);
        }
        for path in self.script.clone() {
            self.files.insert(path.clone(), format!("of {}\n", self.head));
            self.written.insert(path, self.clock().0);
        }
        if self.engine.builds {
            self.engine.image += 1;
        }
    }
}

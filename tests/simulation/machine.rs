//! git and docker of the pretend world: exactly the argument lists that `tools` builds. One that is
//! not known is a panic, so that a change of `tools` is seen here.

use mangetamain_deploy::host::{Reply, Run};
use serde_json::json;

use super::world::{APP, COMPOSE, Container, World, number, sha};

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
            [
                "diff-tree",
                "-r",
                "-z",
                "--name-only",
                "--no-renames",
                "--ignore-submodules=none",
                more @ ..,
                from,
                to,
                "--",
            ] => {
                let (Some(from), Some(to)) = (self.here(from), self.here(to)) else {
                    return Some(self.ran(128, "", "fatal: bad object"));
                };
                let paths = if more.is_empty() { self.between(from, to) } else { Vec::new() };
                let text: String = paths.iter().map(|path| format!("{path}\0")).collect();
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
            ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "origin", refspec, wanted @ ..] => {
                assert_eq!(*refspec, "+refs/heads/main:refs/remotes/origin/main");
                self.fetch(wanted)
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
        let lock = format!("{APP}/.git/index.lock");
        if self.files.contains_key(&lock) {
            return self.ran(128, "", "fatal: Unable to create index.lock: File exists.");
        }
        if self.here(to).is_none() {
            return self.ran(128, "", "fatal: Could not parse object");
        }
        self.files_afloat();
        if half {
            self.files_of = format!("{} and {to}", self.head);
            self.files.insert(lock, String::new());
            return Reply::Done;
        }
        self.head = to.to_owned();
        self.files_of = to.to_owned();
        self.dirty = false;
        self.ran(0, "", "")
    }

    pub fn docker(&mut self, run: &Run, half: bool) -> Reply {
        let args: Vec<&str> = run.args.iter().map(String::as_str).collect();
        match args.as_slice() {
            ["compose", "version", "--short"] => self.ran(0, "2.40.3\n", ""),
            ["ps", "--all", "--no-trunc", "--filter", "label=com.docker.compose.project", "--format", _] => {
                let line = json!(["a".repeat(64), "app-web-1", "app", "web", APP, COMPOSE, "False"]).to_string();
                self.ran(0, &if self.container.is_some() { format!("{line}\n") } else { String::new() }, "")
            }
            ["inspect", "--type", "container", "--format", _, _] => match self.inspected() {
                Some(line) => self.ran(0, &line, ""),
                None => self.ran(1, "", "no such container"),
            },
            ["compose", "-f", COMPOSE, "-p", "app", "restart"]
            | ["compose", "-f", COMPOSE, "-p", "app", "restart", "web"] => self.start("restart", half),
            ["compose", "-f", COMPOSE, "-p", "app", "up", "-d", "--build", "--remove-orphans"]
            | ["compose", "-f", COMPOSE, "up", "-d", "--build", "--remove-orphans"] => self.start("up", half),
            other => panic!("nobody taught the pretend world: docker {other:?}"),
        }
    }

    fn inspected(&self) -> Option<String> {
        let container = self.container.as_ref()?;
        let started = moment(container.started_at.saturating_add_signed(container.ahead_ms));
        let created_at = container.created_at;
        let labels = json!({
            "com.docker.compose.project": "app", "com.docker.compose.service": "web",
            "com.docker.compose.project.working_dir": APP, "com.docker.compose.project.config_files": COMPOSE,
            "com.docker.compose.oneoff": "False",
        });
        let is_of = |commits: &std::collections::BTreeSet<usize>| {
            number(&container.version).is_some_and(|version| commits.contains(&version))
        };
        let seconds = (self.now - container.started_at) / 1_000;
        let most = if is_of(&self.crashing) { u64::MAX } else { u64::from(is_of(&self.stumbling)) };
        let restarts = seconds.min(most);
        let one = json!({
            "id": "a".repeat(64), "name": "/app-web-1", "created": moment(created_at), "program": "python",
            "status": if container.running { "running" } else { "exited" }, "started": started, "exit": 0,
            "health": self.checked, "restarts": restarts, "policy": "always", "init": true, "stop_timeout": null,
            "labels": labels, "mounts": [{ "Type": "bind", "Source": APP }],
        });
        Some(format!("{one}\n"))
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
    }

    fn start(&mut self, how: &str, half: bool) -> Reply {
        let at = number(&self.head);
        if at.is_some_and(|at| self.unstartable.contains(&at)) {
            if let Some(container) = &mut self.container {
                container.running = false;
            }
            return self.ran(1, "", "Error response from daemon: failed to start");
        }
        if half {
            if let Some(container) = &mut self.container {
                container.running = false;
            }
            return Reply::Done;
        }
        let same = self.container.as_ref().is_some_and(|one| one.running && one.version == self.files_of);
        if how == "restart" || !same {
            let (started_at, ahead_ms) = (self.now, self.ahead_ms);
            let kept = self.container.as_ref().filter(|_| how == "restart");
            let created_at = kept.map_or(self.clock().0, |one| one.created_at);
            let version = self.files_of.clone();
            self.container = Some(Container { created_at, started_at, ahead_ms, version, running: true });
        }
        self.ran(0, "", "")
    }
}

/// A moment as docker writes it.
fn moment(at: u64) -> String {
    let since = (at + 86_400_000 - super::world::DAWN) / 1000;
    let (day, rest) = (since / 86_400, since % 86_400);
    // 31 December 2025 is the day before the first moment.
    let date = if day == 0 { "2025-12-31".to_owned() } else { format!("2026-01-{day:02}") };
    format!("{date}T{:02}:{:02}:{:02}.{:03}Z", rest / 3600, rest / 60 % 60, rest % 60, at % 1000)
}

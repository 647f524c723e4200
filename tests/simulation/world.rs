//! The pretend world: what stands where, and what time it is. It answers commands as the machine, the
//! engine, GitHub and Discord would, and knows nothing of what the answers are for.

use std::collections::{BTreeMap, BTreeSet};

use mangetamain_deploy::host::{Command, Keep, Level, Ran, Reply, Run, Start, Stat};
use mangetamain_deploy::time::Millis;

use super::dice::Dice;
use super::disk::Disk;
use super::engine::{Container, Engine, first_container};

pub const APP: &str = "/srv/app";
pub const STATE: &str = "/var/app-state/preprod";
pub const COMPOSE: &str = "/srv/app/docker-compose.yml";
pub const SITE: &str = "https://preprod.example";
pub const DISCORD: &str = "https://discord.com/api/webhooks/42/PlantedWebhookToken0123456789";
pub const TOKEN: &str = "ghs_PlantedJobToken0123456789";
pub const WATCH_TOKEN: &str = "github_pat_PlantedWatchToken0123456789";

/// The first moment: 2026-01-01T00:00:00Z.
pub const DAWN: u64 = 1_767_225_600_000;

/// A commit's name: its number can be read from its seven digits.
pub fn sha(number: usize) -> String {
    format!("{:07x}{number:033x}", 0xc0f_fee0 + number)
}

/// The number of a commit; none when it is none of ours.
pub fn number(sha: &str) -> Option<usize> {
    usize::from_str_radix(sha.get(7..)?, 16).ok()
}

/// A commit of the remote.
#[derive(Clone)]
pub struct Commit {
    pub parent: Option<usize>,
    pub author: String,
    pub subject: String,
    /// Paths that differ from the parent's.
    pub paths: Vec<String>,
    /// When the remote's branch names it; none: never, it is on a side branch.
    pub pushed_at: Option<u64>,
}

/// A CI run, told as its time line.
#[derive(Clone)]
pub struct CiRun {
    pub id: u64,
    pub attempt: u64,
    pub commit: usize,
    pub appears_at: u64,
    pub ends_at: u64,
    pub conclusion: String,
}

/// A deployment on GitHub's page: as it was asked for, and what was said of it.
pub struct Deployment {
    pub asked: serde_json::Value,
    pub states: Vec<serde_json::Value>,
}

/// How a server behaves.
#[derive(Clone, PartialEq)]
pub enum Mood {
    Well,
    Status(u16),
    Garbage,
    Silent,
}

/// A lock and those who wait for it.
pub struct Held {
    pub pid: u32,
    pub holder: String,
}

pub struct World {
    pub now: u64,
    /// By how much the machine's clock is ahead of everybody else's, milliseconds.
    pub ahead_ms: i64,
    pub dice: Dice,
    pub commits: Vec<Commit>,
    pub head: String,
    /// What the files in the work tree are of; two SHAs while a reset is half done.
    pub files_of: String,
    pub fetched: BTreeSet<usize>,
    pub tip: Option<usize>,
    pub dirty: bool,
    pub refs: BTreeMap<String, String>,
    pub disk: Disk,
    pub container: Option<Container>,
    pub engine: Engine,
    /// Commits whose site answers 500.
    pub unhealthy: BTreeSet<usize>,
    /// So many looks find a git of somebody else's that holds the index; then it is done, its lock gone.
    pub index_held: u8,
    /// Commits whose container ends and is started again, every second.
    pub crashing: BTreeSet<usize>,
    /// Commits whose container ends once, within a second, and then runs.
    pub stumbling: BTreeSet<usize>,
    /// What docker's own health check says; none: there is no such check.
    pub checked: Option<&'static str>,
    /// Commits with which compose fails.
    pub unstartable: BTreeSet<usize>,
    pub runs: Vec<CiRun>,
    /// Searches by SHA find no run; the plain list shows them.
    pub search_lags: bool,
    /// GitHub's mood until then, in order; afterwards it is well.
    pub github: Vec<(u64, Mood)>,
    pub discord: Vec<(u64, Mood)>,
    pub files: BTreeMap<String, String>,
    /// When files were written, by the machine's clock; others are a day older than everything.
    pub written: BTreeMap<String, u64>,
    /// Files outside commits that git tracks all the same.
    pub tracked: BTreeSet<String>,
    /// Files that the deploy command writes, and the commit that it pulls.
    pub script: Vec<String>,
    pub pulled: Option<usize>,
    pub links: BTreeMap<String, String>,
    pub locks: BTreeMap<String, Held>,
    pub said: Vec<(u32, String)>,
    /// Bodies of the messages that reached the channel.
    pub messages: Vec<String>,
    pub posts: usize,
    /// Messages in the channel, numbered from 1; those that somebody has deleted.
    pub channel: u64,
    pub forgotten: BTreeSet<u64>,
    /// How many of `messages` were edits.
    pub edits: usize,
    /// Whether the token may make deployments.
    pub may_deploy: bool,
    pub deployments: Vec<Deployment>,
    pub transcript: Vec<String>,
    pub spawned: Vec<(u32, Start)>,
    pub pids: u32,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut world = Self {
            now: DAWN,
            ahead_ms: 0,
            dice: Dice::new(seed),
            commits: Vec::new(),
            head: sha(0),
            files_of: sha(0),
            fetched: BTreeSet::from([0]),
            tip: Some(0),
            dirty: false,
            refs: BTreeMap::new(),
            disk: Disk::default(),
            container: Some(first_container()),
            engine: Engine::default(),
            unhealthy: BTreeSet::new(),
            index_held: 0,
            crashing: BTreeSet::new(),
            stumbling: BTreeSet::new(),
            checked: None,
            unstartable: BTreeSet::new(),
            runs: Vec::new(),
            search_lags: false,
            github: Vec::new(),
            discord: Vec::new(),
            files: BTreeMap::new(),
            written: BTreeMap::new(),
            tracked: BTreeSet::new(),
            script: Vec::new(),
            pulled: None,
            links: BTreeMap::new(),
            locks: BTreeMap::new(),
            said: Vec::new(),
            messages: Vec::new(),
            posts: 0,
            channel: 0,
            forgotten: BTreeSet::new(),
            edits: 0,
            may_deploy: true,
            deployments: Vec::new(),
            transcript: Vec::new(),
            spawned: Vec::new(),
            pids: 100,
        };
        world.commit(DAWN - 7_200_000, "the first version", &["app.py"]);
        world
    }

    /// Adds a commit to the branch, pushed at this time; tells its number.
    pub fn commit(&mut self, at: u64, subject: &str, paths: &[&str]) -> usize {
        let parent = self.commits.iter().rposition(|commit| commit.pushed_at.is_some());
        self.add(parent, Some(at), subject, paths)
    }

    /// Adds a commit that no branch of ours names.
    pub fn side_commit(&mut self, parent: usize) -> usize {
        self.add(Some(parent), None, "on the side", &["app.py"])
    }

    fn add(&mut self, parent: Option<usize>, pushed_at: Option<u64>, subject: &str, paths: &[&str]) -> usize {
        let paths = paths.iter().map(ToString::to_string).collect();
        let author = "Ada Lovelace".to_owned();
        self.commits.push(Commit { parent, author, subject: subject.to_owned(), paths, pushed_at });
        self.commits.len() - 1
    }

    /// CI of a commit: a run that appears and ends, so many milliseconds after now.
    pub fn ci(&mut self, commit: usize, appears: u64, ends: u64, conclusion: &str) {
        let attempt = self.runs.iter().filter(|run| run.commit == commit).map(|run| run.attempt).max().unwrap_or(0) + 1;
        let run = CiRun {
            id: 7000 + commit as u64,
            attempt,
            commit,
            appears_at: self.now + appears,
            ends_at: self.now + ends,
            conclusion: conclusion.to_owned(),
        };
        self.runs.push(run);
    }

    pub fn ancestor(&self, older: usize, newer: usize) -> bool {
        let mut at = Some(newer);
        while let Some(one) = at {
            if one == older {
                return true;
            }
            at = self.commits.get(one).and_then(|commit| commit.parent);
        }
        false
    }

    /// Paths that differ between two commits of one line.
    pub fn between(&self, one: usize, other: usize) -> Vec<String> {
        let (low, high) = if self.ancestor(one, other) { (one, other) } else { (other, one) };
        let mut paths = BTreeSet::new();
        let mut at = high;
        while at != low {
            paths.extend(self.commits[at].paths.iter().cloned());
            let Some(parent) = self.commits[at].parent else { break };
            at = parent;
        }
        paths.into_iter().collect()
    }

    /// What the machine's clock says.
    pub fn clock(&self) -> Millis {
        Millis(self.now.saturating_add_signed(self.ahead_ms))
    }

    pub fn mood(moods: &[(u64, Mood)], now: u64) -> Mood {
        moods.iter().find(|(until, _)| now < *until).map_or(Mood::Well, |(_, mood)| mood.clone())
    }

    /// Carries out a command of this process. `half`: it is cut off in the middle.
    pub fn carry_out(&mut self, pid: u32, command: &Command, half: bool) -> Reply {
        match command {
            Command::Clock => Reply::Clock { ms: self.clock() },
            Command::Sleep { .. } | Command::Mask { .. } => Reply::Done,
            Command::Run(run) => self.run(pid, run, half),
            Command::Save { run, .. } => panic!("nobody taught the pretend world to save what {run:?} prints"),
            Command::Http(http) | Command::LastWord(http) => self.http(http),
            Command::Read { path, cap, keep } => self.read(path, *cap, *keep),
            Command::Append { path, text } => {
                let text = if half { text.get(..text.len() / 2).unwrap_or(text) } else { text };
                self.files.entry(path.clone()).or_default().push_str(text);
                Reply::Done
            }
            // The rename is whole or it is not.
            Command::Replace { .. } if half => Reply::Done,
            Command::Replace { path, text } => {
                self.files.insert(path.clone(), text.clone());
                Reply::Done
            }
            Command::Link { path, target } => {
                self.links.insert(path.clone(), target.clone());
                Reply::Done
            }
            Command::Folder { .. } => Reply::Done,
            Command::Remove { path } => match self.files.remove(path) {
                Some(_) => Reply::Done,
                None => Reply::Missing,
            },
            Command::Stat { paths } => Reply::Stats { stats: paths.iter().map(|path| self.stat(path)).collect() },
            Command::List { path } => self.list(path),
            Command::Lock { path, holder, .. } => self.lock(pid, path, holder),
            Command::Unlock { path } => {
                if self.locks.get(path).is_some_and(|held| held.pid == pid) {
                    self.locks.remove(path);
                }
                Reply::Done
            }
            Command::Peek { path } => match self.locks.get(path) {
                Some(held) => Reply::Held { holder: held.holder.clone() },
                None => Reply::Missing,
            },
            Command::Processes { file, .. } if self.index_held > 0 => {
                self.index_held -= 1;
                if self.index_held == 0 {
                    self.files.remove(file);
                }
                Reply::Processes { processes: vec![(77, "git".to_owned())] }
            }
            Command::Processes { .. } => Reply::Processes { processes: Vec::new() },
            Command::Detach { start, .. } => {
                self.pids += 1;
                self.spawned.push((self.pids, (**start).clone()));
                Reply::Detached { pid: self.pids }
            }
            Command::Say { level, text } => {
                let mark = if *level == Level::Line { "" } else { "! " };
                self.said.push((pid, format!("{mark}{text}")));
                Reply::Done
            }
        }
    }

    fn lock(&mut self, pid: u32, path: &str, holder: &str) -> Reply {
        match self.locks.get(path) {
            Some(held) if held.pid != pid => Reply::Held { holder: held.holder.clone() },
            // A second `open` of the same file is another holder to the kernel.
            Some(held) => Reply::Held { holder: held.holder.clone() },
            None => {
                self.locks.insert(path.to_owned(), Held { pid, holder: holder.to_owned() });
                Reply::Locked
            }
        }
    }

    fn read(&self, path: &str, cap: u64, keep: Keep) -> Reply {
        let Some(text) = self.files.get(path) else {
            return Reply::Missing;
        };
        let (size, cap) = (text.len() as u64, usize::try_from(cap).unwrap());
        let bytes = text.as_bytes();
        let part = match keep {
            _ if bytes.len() <= cap => bytes,
            Keep::Head => &bytes[..cap],
            Keep::Tail => &bytes[bytes.len() - cap..],
        };
        Reply::Text { text: String::from_utf8_lossy(part).into_owned(), size }
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let known = self.files.get(path).map(|text| text.len() as u64);
        let standing = ["/usr/bin/docker", COMPOSE, "/srv/app/deploy.sh"].contains(&path).then_some(1_000);
        let size = known.or(standing)?;
        let modified_ms = self.written.get(path).copied().unwrap_or(DAWN - 86_400_000);
        Some(Stat { size, modified_ms, kind: "file".to_owned(), mode: 0o600 })
    }

    fn list(&self, path: &str) -> Reply {
        let inside = format!("{path}/");
        let below = self.files.keys().filter_map(|file| file.strip_prefix(&inside));
        let names: BTreeSet<String> = below.map(|rest| rest.split('/').next().unwrap_or_default().to_owned()).collect();
        Reply::Names { names: names.into_iter().collect() }
    }

    fn run(&mut self, pid: u32, run: &Run, half: bool) -> Reply {
        if let Some(path) = &run.under_lock
            && self.locks.get(path).is_none_or(|held| held.pid != pid)
        {
            return Reply::Refused { code: "ENOTHELD".to_owned(), text: path.clone() };
        }
        match run.program.as_str() {
            "git" => self.git(run, half),
            "docker" => self.docker(run, half),
            "docker-compose" => Reply::Missing,
            "uname" => self.ran(0, "vm\n", ""),
            // There are no links here.
            "realpath" => {
                let path = run.args.last().cloned().unwrap_or_default();
                self.ran(0, &format!("{path}\n"), "")
            }
            "id" => self.ran(0, "uid=1000(ci) gid=1000(ci)\n", ""),
            // All of it is the runner's own.
            "find" => {
                let places = run.args.iter().filter(|arg| arg.starts_with('/'));
                let rows: String = places.map(|place| format!("w 1000 1000 700 d ci ci {place}\n")).collect();
                self.ran(0, &rows, "")
            }
            "./deploy.sh" => {
                let is_tracked = !run.drop.iter().any(|name| name == "RUNNER_TRACKING_ID");
                assert!(!is_tracked, "the runner would kill at the end of the job what it starts: {run:?}");
                self.script();
                self.ran(0, "", "")
            }
            other => panic!("nobody taught the pretend world the program {other:?}: {run:?}"),
        }
    }

    pub fn ran(&self, exit: i32, stdout: &str, stderr: &str) -> Reply {
        let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
        Reply::Ran(Ran { exit: Some(exit), signal: None, timed_out: false, stdout, stderr, ms: 1 })
    }
}

//! How processes come to be started: pushes, people, the ends of CI runs.

use mangetamain_deploy::host::Start;

use super::town::Town;
use super::world::{TOKEN, WATCH_TOKEN, sha};

impl Town {
    /// A commit that is pushed now; its CI appears after 5 s and ends after a minute.
    pub fn push(&mut self, subject: &str, conclusion: &str) -> usize {
        self.push_paths(subject, conclusion, &["app.py"])
    }

    pub fn push_paths(&mut self, subject: &str, conclusion: &str, paths: &[&str]) -> usize {
        let mut world = self.world();
        let now = world.now;
        let commit = world.commit(now, subject, paths);
        if conclusion != "never" {
            world.ci(commit, 5_000, 60_000, conclusion);
        }
        commit
    }

    /// A start of a mode, with inputs beside those that always hold.
    pub fn started(&mut self, mode: &str, commit: Option<usize>, more: &[(&str, &str)]) -> Start {
        self.runs += 1;
        let mut inputs = self.with.clone();
        inputs.insert("mode".to_owned(), mode.to_owned());
        inputs.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let env = [
            ("GITHUB_SHA", commit.map(sha).unwrap_or_default()),
            ("GITHUB_REPOSITORY", "team/site".to_owned()),
            ("GITHUB_RUN_ID", self.runs.to_string()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_ACTOR", "ada".to_owned()),
            ("GITHUB_EVENT_NAME", "push".to_owned()),
            ("HOME", "/home/runner".to_owned()),
            ("PATH", "/usr/bin".to_owned()),
            ("GITHUB_TOKEN", TOKEN.to_owned()),
            ("RUNNER_TRACKING_ID", "github_1".to_owned()),
        ];
        let mut world = self.world();
        world.pids += 1;
        Start {
            door: "action".to_owned(),
            inputs,
            env: env.map(|(name, value)| (name.to_owned(), value)).into(),
            folder: "/home/runner/work".to_owned(),
            pid: world.pids,
            platform: "linux".to_owned(),
            ..Start::default()
        }
    }

    /// Starts a process so many milliseconds from now.
    pub fn begin_in(&mut self, ms: u64, start: Start) {
        let at = self.seen().now + ms;
        let order = self.later.len() as u64;
        self.later.push((at, order, start));
        self.later.sort_by_key(|(at, order, _)| (*at, *order));
    }

    pub fn deploy(&mut self, commit: usize, more: &[(&str, &str)]) -> usize {
        let start = self.started("deploy", Some(commit), more);
        self.begin(start)
    }

    /// A deploy, to its end and everybody else's.
    pub fn deployed(&mut self, commit: usize, more: &[(&str, &str)]) -> String {
        let who = self.deploy(commit, more);
        self.settle();
        self.result(who)
    }

    pub fn mode(&mut self, mode: &str, more: &[(&str, &str)]) -> String {
        let start = self.started(mode, None, more);
        let who = self.begin(start);
        self.settle();
        self.result(who)
    }

    /// The start of `watch` that the end of this commit's CI causes.
    pub fn event(&mut self, commit: usize) -> Start {
        let newest = self.seen().runs.iter().filter(|run| run.commit == commit).map(|run| run.attempt).max();
        self.event_of(commit, newest.expect("it has CI"))
    }

    pub fn event_of(&mut self, commit: usize, attempt: u64) -> Start {
        let payload = {
            let world = self.seen();
            let run = world.runs.iter().find(|run| (run.commit, run.attempt) == (commit, attempt)).expect("it has CI");
            let mut listed = world.listed(run);
            listed["status"] = "completed".into();
            listed["conclusion"] = run.conclusion.clone().into();
            serde_json::json!({ "action": "completed", "workflow_run": listed }).to_string()
        };
        let mut start = self.started("watch", Some(0), &[("watch", "event")]);
        let path = format!("/home/runner/event-{}.json", start.pid);
        start.env.insert("GITHUB_EVENT_NAME".to_owned(), "workflow_run".to_owned());
        start.env.insert("GITHUB_EVENT_PATH".to_owned(), path.clone());
        self.world().files.insert(path, payload);
        start
    }
}

/// The token that a watcher of its own may keep.
pub fn lasting() -> (&'static str, &'static str) {
    ("watch-token", WATCH_TOKEN)
}

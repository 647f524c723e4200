//! docker of the pretend world: exactly the argument lists that `tools` builds. One that is not known is a panic, so
//! that a change of `tools` is seen here.

use mangetamain_deploy::host::{Reply, Run};
use serde_json::json;

use super::world::{APP, COMPOSE, DAWN, World, number, sha};

/// The image of the site's service.
const IMAGE: &str = "site:latest";

/// What of the engine is no container of the site.
#[derive(Clone, Default)]
pub struct Engine {
    /// Which image the site's name means; a number for an id.
    pub image: u64,
    /// Whether the deploy command builds it anew.
    pub builds: bool,
    /// Whether images that no container runs are removed at once.
    pub pruned: bool,
    /// Lines of the list of containers for those of others in the same project: gone when orphans are removed.
    pub neighbours: Vec<String>,
    /// A container of a service in a profile, that somebody has started.
    pub tool: Option<Tool>,
}

/// A container of a service in a profile.
#[derive(Clone)]
pub struct Tool {
    /// Else it ended with 1.
    pub runs: bool,
    /// By the world's clock.
    pub started_at: u64,
}

/// A container of the site.
#[derive(Clone)]
pub struct Container {
    /// When it was made, by the machine's clock.
    pub created_at: u64,
    pub started_at: u64,
    /// By how much the machine's clock was ahead then, milliseconds.
    pub ahead_ms: i64,
    /// What stood in the work tree when it started.
    pub version: String,
    /// The image that it was made of.
    pub image: u64,
    pub running: bool,
}

/// The container that has run for an hour when the story begins.
pub fn first_container() -> Container {
    let at = DAWN - 3_600_000;
    Container { created_at: at, started_at: at, ahead_ms: 0, version: sha(0), image: 0, running: true }
}

impl World {
    pub fn docker(&mut self, run: &Run, half: bool) -> Reply {
        let args: Vec<&str> = run.args.iter().map(String::as_str).collect();
        match args.as_slice() {
            ["compose", "version", "--short"] => self.ran(0, "2.40.3\n", ""),
            ["ps", "--all", "--no-trunc", "--filter", "label=com.docker.compose.project", "--format", _] => {
                let line = json!(["a".repeat(64), "app-web-1", "app", "web", APP, COMPOSE, "False"]).to_string();
                let mut lines = if self.container.is_some() { vec![line] } else { Vec::new() };
                let tool = json!(["c".repeat(64), "app-tool-1", "app", "tool", APP, COMPOSE, "False"]).to_string();
                lines.extend(self.engine.tool.iter().map(|_| tool.clone()));
                lines.extend(self.engine.neighbours.iter().cloned());
                self.ran(0, &lines.iter().map(|line| format!("{line}\n")).collect::<String>(), "")
            }
            ["inspect", "--type", "container", "--format", _, _]
            | ["inspect", "--type", "container", "--format", _, _, _] => match self.inspected() {
                Some(line) => self.ran(0, &line, ""),
                None => self.ran(1, "", "no such container"),
            },
            ["image", "inspect", "--format", "{{.Id}}", IMAGE] => {
                self.ran(0, &format!("sha256:{}\n", self.engine.image), "")
            }
            ["tag", id, IMAGE] => match id.strip_prefix("sha256:").and_then(|id| id.parse().ok()) {
                Some(image) if !self.engine.pruned => {
                    self.engine.image = image;
                    self.ran(0, "", "")
                }
                _ => self.ran(1, "", "Error response from daemon: No such image"),
            },
            ["compose", "-f", COMPOSE, "-p", "app", "restart"]
            | ["compose", "-f", COMPOSE, "-p", "app", "restart", "web"] => self.start("restart", half),
            ["compose", "-f", COMPOSE, "-p", "app", "up", "-d", "--build", "--remove-orphans"]
            | ["compose", "-f", COMPOSE, "up", "-d", "--build", "--remove-orphans"] => {
                self.engine.neighbours.clear();
                self.start("up", half)
            }
            ["compose", "-f", COMPOSE, "-p", "app", "restart", "tool", "web"] => {
                let started_at = self.now;
                self.engine.tool = Some(Tool { runs: true, started_at });
                self.start("restart", half)
            }
            ["compose", "-f", COMPOSE, "up", "-d", "--build"]
            | ["compose", "-f", COMPOSE, "up", "-d", "--build", "--force-recreate"] => self.start("up", half),
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
            "image": format!("sha256:{}", container.image), "image_name": IMAGE,
            "status": if container.running { "running" } else { "exited" }, "started": started, "exit": 0,
            "health": self.checked, "restarts": restarts, "policy": "always", "init": true, "stop_timeout": null,
            "labels": labels, "mounts": [{ "Type": "bind", "Source": APP }],
        });
        let Some(tool) = &self.engine.tool else {
            return Some(format!("{one}\n"));
        };
        let mut other = one.clone();
        other["id"] = json!("c".repeat(64));
        other["name"] = json!("/app-tool-1");
        other["status"] = json!(if tool.runs { "running" } else { "exited" });
        other["exit"] = json!(1);
        other["started"] = json!(moment(tool.started_at));
        other["labels"]["com.docker.compose.service"] = json!("tool");
        other["restarts"] = json!(0);
        other["policy"] = json!("no");
        Some(format!("{one}\n{other}\n"))
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
        let same = self
            .container
            .as_ref()
            .is_some_and(|one| one.running && one.version == self.files_of && one.image == self.engine.image);
        if how == "restart" || !same {
            let (started_at, ahead_ms) = (self.now, self.ahead_ms);
            let kept = self.container.as_ref().filter(|_| how == "restart");
            let created_at = kept.map_or(self.clock().0, |one| one.created_at);
            let image = kept.map_or(self.engine.image, |one| one.image);
            let version = self.files_of.clone();
            self.container = Some(Container { created_at, started_at, ahead_ms, version, image, running: true });
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

//! Containers, as docker itself tells them: which are ours, what they prove about a deploy.
//!
//! Only what is needed is asked for: an inspection's whole answer holds the environment, and with
//! it secrets. Whether the site answers is for `health` to say.

use serde::Deserialize;

use crate::host::{Reply, Run};
use crate::time::Millis;
use crate::tools::instant::instant;
use crate::tools::path::absolute;
use crate::tools::process::output;

use super::mounts::{Mount, Volume};
use super::project::called_in;
use super::{CAP, ProcessError, run};

/// A start that lies so far ahead was told by another clock, milliseconds; an engine on another machine
/// may well be a little ahead.
const SKEW_MS: u64 = 60_000;
/// One line a container: a JSON list. The labels are compose's (pkg/api/labels.go).
const LIST_FORMAT: &str = concat!(
    "[{{json .ID}},{{json .Names}}",
    ",{{json (.Label \"com.docker.compose.project\")}}",
    ",{{json (.Label \"com.docker.compose.service\")}}",
    ",{{json (.Label \"com.docker.compose.project.working_dir\")}}",
    ",{{json (.Label \"com.docker.compose.project.config_files\")}}",
    ",{{json (.Label \"com.docker.compose.oneoff\")}}",
    ",{{json (.Label \"com.docker.compose.project.environment_file\")}},{{json .Status}}]"
);
/// One line a container: a JSON object. `.ID`, not `.Id`: with one name that docker's own types lack,
/// all are looked up in the raw answer, where an absent health check is an error.
const INSPECT_FORMAT: &str = concat!(
    "{\"id\":{{json .ID}},\"name\":{{json .Name}},\"created\":{{json .Created}}",
    ",\"image\":{{json .Image}},\"image_name\":{{json .Config.Image}}",
    ",\"program\":{{json .Path}},\"status\":{{json .State.Status}}",
    ",\"started\":{{json .State.StartedAt}},\"exit\":{{json .State.ExitCode}}",
    ",\"health\":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}",
    ",\"restarts\":{{json .RestartCount}},\"policy\":{{json .HostConfig.RestartPolicy.Name}}",
    ",\"init\":{{json .HostConfig.Init}},\"stop_timeout\":{{json .Config.StopTimeout}}",
    ",\"labels\":{{json .Config.Labels}},\"mounts\":{{json .Mounts}}}"
);
/// docker's own, when a container sets none (moby, container.DefaultStopTimeout).
const DEFAULT_STOP_SECONDS: i64 = 10;
/// A stop timeout below this, milliseconds, is not told of: compose may need as long itself.
pub const SLOW_MS: u64 = 3_000;

/// Whose a container is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belonging {
    /// The compose project's name.
    pub project: String,
    /// The service's name.
    pub service: String,
    /// The project's folder, absolute.
    pub folder: String,
    /// Its compose files, absolute.
    pub files: Vec<String>,
    /// The files of variables that it was started with (`--env-file`), absolute; none: the usual one.
    pub env_files: Vec<String>,
    /// Made by `compose run`, not by `up`.
    pub oneoff: bool,
}

/// A container in the list of all that compose made on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its full id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub belongs: Belonging,
    /// How it is, in docker's words: `Up 3 hours (healthy)`, `Exited (0) 2 days ago`, `Created`.
    pub status: String,
}

impl Listed {
    /// Whether it has ended, or was never started; where docker starts it again by itself, it is not.
    #[must_use]
    pub fn is_down(&self) -> bool {
        ["Exited", "Created", "Dead"].iter().any(|word| self.status.starts_with(word))
    }

    /// Whether it ended well: it may have done its one job.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        self.status.starts_with("Exited (0)")
    }
}

/// A container looked at closely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its full id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub belongs: Belonging,
    /// When it was made; being started again does not change that.
    pub created: Option<Millis>,
    /// The id of the image that it was made of.
    pub image: String,
    /// The name that this image had then.
    pub image_name: String,
    /// The program that runs in it.
    pub program: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub status: String,
    /// When it was last started; none: never.
    pub started: Option<Millis>,
    /// Its last exit code.
    pub exit: i64,
    /// `starting`, `healthy` or `unhealthy`; none without a health check.
    pub health: Option<String>,
    /// How often docker started it again by itself.
    pub restarts: u64,
    /// Its restart policy: `no`, `always`, `unless-stopped`, `on-failure`.
    pub policy: String,
    /// Whether docker's init passes signals on to its program; none: the machine's default.
    pub init: Option<bool>,
    /// How long a stop waits before it kills, in seconds; none: 10.
    pub stop_timeout: Option<i64>,
    /// The folders and files of this machine that it sees as they are, absolute.
    pub mounts: Vec<String>,
    /// The volumes that it sees.
    pub volumes: Vec<Volume>,
}

impl Container {
    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.status == "running"
    }

    /// Whether docker started it again by itself in this time. Each start by a person or by compose sets the
    /// count back to 0, so one of before can only be that of a container that runs since before.
    #[must_use]
    pub fn started_again(&self, during: During) -> bool {
        self.restarts > 0 && self.started.is_some_and(|started| during.holds(started))
    }

    /// Whether it was made before this time; where that is not told, it may have been.
    #[must_use]
    pub fn is_from_before(&self, during: During) -> bool {
        !self.created.is_some_and(|created| during.holds(created))
    }

    /// Whether it did its one job, well, and is not meant to run on.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.status == "exited" && self.exit == 0 && matches!(self.policy.as_str(), "no" | "on-failure" | "")
    }

    /// Whether a person has stopped it, as far as can be told: it ended by the signals of a stop, or docker would have
    /// started it again.
    #[must_use]
    pub fn was_stopped(&self) -> bool {
        let by_signal = [128 + 15, 128 + 9, 128 + 2].contains(&self.exit);
        self.status == "exited" && (by_signal || matches!(self.policy.as_str(), "always" | "unless-stopped"))
    }

    /// How long a stop waits before it kills, in seconds; negative: for ever.
    #[must_use]
    pub fn stop_seconds(&self) -> i64 {
        self.stop_timeout.unwrap_or(DEFAULT_STOP_SECONDS)
    }

    /// How long a stop waits before it kills, in milliseconds; none: for ever.
    fn stop_ms(&self) -> Option<u64> {
        u64::try_from(self.stop_seconds()).ok().map(|seconds| seconds.saturating_mul(1000))
    }
}

/// Which containers did compose make on this machine, stopped ones too? Read by [`listed`].
#[must_use]
pub fn list_containers() -> Run {
    // Not filtered by folder: compose writes it as it was spelled, through a link or not.
    let filter = "label=com.docker.compose.project";
    run("docker", &["ps", "--all", "--no-trunc", "--filter", filter, "--format", LIST_FORMAT])
}

/// What about these containers? Refused when one of them is gone: list again. Read by
/// [`inspected`]; at least one id.
#[must_use]
pub fn inspect(ids: &[String]) -> Run {
    let mut all = vec!["inspect", "--type", "container", "--format", INSPECT_FORMAT];
    all.extend(ids.iter().map(String::as_str));
    run("docker", &all)
}

/// Which containers run now, whoever made them? Read by [`ids_told`].
#[must_use]
pub fn list_running() -> Run {
    run("docker", &["ps", "--quiet", "--no-trunc"])
}

/// The ids that docker told.
pub fn ids_told(reply: &Reply) -> Result<Vec<String>, ProcessError> {
    Ok(output(reply, CAP)?.lines().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect())
}

/// All containers that compose made.
pub fn listed(reply: &Reply) -> Result<Vec<Listed>, ProcessError> {
    let lines = output(reply, CAP)?.lines().filter(|line| !line.is_empty());
    lines.map(|line| list_line(line).ok_or(ProcessError::Unreadable)).collect()
}

fn list_line(line: &str) -> Option<Listed> {
    let Row(id, name, project, service, folder, files, oneoff, env_files, status) = serde_json::from_str(line).ok()?;
    let belongs = belonging(project, service, folder, &files, &env_files, &oneoff);
    Some(Listed { id, name, belongs, status })
}

#[derive(Deserialize)]
struct Row(String, String, String, String, String, String, String, #[serde(default)] String, #[serde(default)] String);

fn belonging(
    project: String,
    service: String,
    folder: String,
    files: &str,
    env_files: &str,
    oneoff: &str,
) -> Belonging {
    // v1 writes the files as they were given to it, relative to where it was called.
    let base = called_in(&folder, files);
    let split = |files: &str| -> Vec<String> {
        files.split(',').filter(|file| !file.is_empty()).map(|file| absolute(base, file)).collect()
    };
    let (files, env_files) = (split(files), split(env_files));
    Belonging { project, service, folder, files, env_files, oneoff: oneoff.eq_ignore_ascii_case("true") }
}

#[derive(Deserialize)]
struct Inspection {
    id: String,
    name: String,
    created: String,
    #[serde(default)]
    image: String,
    #[serde(default)]
    image_name: String,
    program: String,
    status: String,
    started: String,
    exit: i64,
    health: Option<String>,
    restarts: u64,
    policy: String,
    init: Option<bool>,
    stop_timeout: Option<i64>,
    labels: Option<std::collections::BTreeMap<String, String>>,
    mounts: Option<Vec<Mount>>,
}

/// The containers asked for, in the same order.
pub fn inspected(reply: &Reply) -> Result<Vec<Container>, ProcessError> {
    let lines = output(reply, CAP)?.lines().filter(|line| !line.is_empty());
    let read = |line| serde_json::from_str(line).map(container);
    lines.map(|line| read(line).map_err(|_| ProcessError::Unreadable)).collect()
}

fn container(one: Inspection) -> Container {
    let labels = one.labels.unwrap_or_default();
    let label = |name: &str| labels.get(&format!("com.docker.compose.{name}")).cloned().unwrap_or_default();
    let (project, service, folder) = (label("project"), label("service"), label("project.working_dir"));
    let (files, env_files) = (label("project.config_files"), label("project.environment_file"));
    let mounts = one.mounts.unwrap_or_default();
    Container {
        belongs: belonging(project, service, folder, &files, &env_files, &label("oneoff")),
        id: one.id,
        name: one.name.trim_start_matches('/').to_string(),
        created: instant(&one.created),
        image: one.image,
        image_name: one.image_name,
        program: one.program,
        status: one.status,
        // "Never" is told as the year 1, which is none.
        started: instant(&one.started),
        exit: one.exit,
        health: one.health.filter(|health| health != "none"),
        restarts: one.restarts,
        policy: one.policy,
        init: one.init,
        stop_timeout: one.stop_timeout,
        mounts: mounts.iter().filter_map(Mount::seen).collect(),
        volumes: mounts.into_iter().filter_map(Mount::volume).collect(),
    }
}

/// Those of the compose file (each way its path may be spelled) and, when some are named, of
/// these services.
#[must_use]
pub fn ours(all: &[Listed], files: &[String], services: &[String]) -> Vec<Listed> {
    let chosen = |one: &&Listed| services.is_empty() || services.contains(&one.belongs.service);
    all.iter().filter(|one| is_of(one, files) && !one.belongs.oneoff).filter(chosen).cloned().collect()
}

pub(super) fn is_of(one: &Listed, files: &[String]) -> bool {
    one.belongs.files.iter().any(|file| files.contains(file))
}

/// Advice for a container that does not heed being stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlowStop {
    /// `init: true` in the compose file passes the signal on.
    AddInit {
        /// The service.
        service: String,
        /// How long it waited before it was killed, in seconds.
        seconds: i64,
    },
    /// There is an init already: the program itself must end on SIGTERM.
    HeedSignal {
        /// The service.
        service: String,
        /// How long it waited before it was killed, in seconds.
        seconds: i64,
    },
}

/// The containers whose whole stop timeout a restart that took `ms` waited out: the longest that fits into
/// it explains its time, and says nothing of those with a shorter one.
#[must_use]
pub fn slow_stops(ms: u64, containers: &[Container]) -> Vec<SlowStop> {
    let fits = |one: &&Container| one.stop_ms().is_some_and(|timeout| (SLOW_MS..=ms).contains(&timeout));
    let longest = containers.iter().filter(fits).filter_map(Container::stop_ms).max();
    containers.iter().filter(fits).filter(|one| one.stop_ms() == longest).map(slow_stop).collect()
}

fn slow_stop(container: &Container) -> SlowStop {
    let (service, seconds) = (container.belongs.service.clone(), container.stop_seconds());
    match container.init {
        Some(true) => SlowStop::HeedSignal { service, seconds },
        _ => SlowStop::AddInit { service, seconds },
    }
}

/// What containers prove about a deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// All run, and were started after it began (or did their one job since).
    Fresh,
    /// All run, some since before it began; by name.
    Stale(Vec<String>),
    /// Some do not run; by name.
    NotRunning(Vec<String>),
    /// There are none.
    Nothing,
}

/// A deploy's time, by the clock that also tells when a container started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct During {
    /// When it began.
    pub began: Millis,
    /// What time it is.
    pub now: Millis,
}

impl During {
    /// All time: whatever has started, has started in it.
    pub const EVER: Self = Self { began: Millis(0), now: Millis(u64::MAX) };

    /// Whether a start falls in it. One that is still to come was told by a clock that has been set
    /// back since: it proves nothing, unless the deploy began by that clock, too.
    pub(super) fn holds(self, started: Millis) -> bool {
        let is_to_come = |at: Millis| at.since(self.now) > SKEW_MS;
        started >= self.began && (!is_to_come(started) || is_to_come(self.began))
    }
}

/// What these containers prove about a deploy. After `up`, a stale one that [`outdated`](super::outdated) does not name
/// is the same image and configuration as the new version's.
#[must_use]
pub fn proof(containers: &[Container], during: During) -> Proof {
    if containers.is_empty() {
        return Proof::Nothing;
    }
    let names = |bad: &dyn Fn(&&Container) -> bool| -> Vec<String> {
        containers.iter().filter(bad).map(|one| one.name.clone()).collect()
    };
    let none_runs = !containers.iter().any(Container::runs);
    let down = names(&|one| !one.runs() && (none_runs || !one.finished()));
    if !down.is_empty() {
        return Proof::NotRunning(down);
    }
    let stale = names(&|one| !one.started.is_some_and(|started| during.holds(started)));
    if stale.is_empty() { Proof::Fresh } else { Proof::Stale(stale) }
}

//! docker compose: which one there is, and how it is told to bring the new version up.
//!
//! Decided by version, never by name: a `docker-compose` may be any of them. What can be asked of
//! docker itself is (see `compose/containers.rs`): it answers ten times faster. Which command is
//! right for a deploy is for `strategy` to say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::{Reply, Run, Stat};

mod containers;
mod images;
mod mounts;
mod project;
mod unset;

use crate::tools::path::parent;
pub use crate::tools::process::{ProcessError, done};
use crate::tools::process::{ended, output};
use crate::tools::secret::withheld;
pub use containers::*;
pub use images::*;
pub use mounts::*;
pub use project::*;
pub use unset::*;

/// Limit for a command that stops, builds or starts containers, in milliseconds: a first build on a small machine takes
/// many minutes.
pub const COMPOSE_LIMIT_MS: u64 = 1_800_000;
/// Limit for a question, in milliseconds.
pub const QUESTION_LIMIT_MS: u64 = 30_000;
/// Bytes of output kept; an answer that fills them may have lost its beginning.
const CAP: u64 = 4 * 1024 * 1024;

/// A version of compose. 1 is the Python one; 2 and 5 speak alike (there is no 3 or 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// As it was told, without a leading `v`.
    pub text: String,
}

/// The compose of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compose {
    /// The program and its first arguments: `docker compose` or `docker-compose`.
    pub program: Vec<String>,
    /// Its version.
    pub version: Version,
}

/// A finding that may be kept in a file, with what it was found from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The compose found.
    pub compose: Compose,
    /// What stood at each of the [`candidates`].
    pub stands: BTreeMap<String, Option<Stat>>,
}

impl Remembered {
    /// Keeps a finding with what stands at `paths` (`stats` in the same order).
    #[must_use]
    pub fn new(compose: Compose, paths: &[String], stats: &[Option<Stat>]) -> Self {
        Self { compose, stands: standing(paths, stats) }
    }

    /// The compose, if all candidates still are as they were.
    #[must_use]
    pub fn still(self, paths: &[String], stats: &[Option<Stat>]) -> Option<Compose> {
        (self.stands == standing(paths, stats)).then_some(self.compose)
    }
}

fn standing(paths: &[String], stats: &[Option<Stat>]) -> BTreeMap<String, Option<Stat>> {
    paths.iter().cloned().zip(stats.iter().cloned()).collect()
}

/// Where a compose could stand, in this environment: whatever changes the answer changes the
/// size or the time of one of these.
#[must_use]
pub fn candidates(env: &BTreeMap<String, String>) -> Vec<String> {
    let path = env.get("PATH").map_or("", String::as_str);
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    let mut paths: Vec<String> = folders
        .flat_map(|folder| ["docker", "docker-compose"].map(|name| format!("{}/{name}", folder.trim_end_matches('/'))))
        .collect();
    let own = env.get("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).cloned();
    let own = own.or_else(|| env.get("HOME").map(|home| format!("{home}/.docker")));
    if let Some(own) = own {
        // Its cliPluginsExtraDirs can name further folders.
        paths.push(format!("{own}/config.json"));
        paths.push(format!("{own}/cli-plugins/docker-compose"));
    }
    for folder in ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"] {
        paths.push(format!("{folder}/docker/cli-plugins/docker-compose"));
    }
    paths.sort();
    paths.dedup();
    paths
}

/// Which version is docker's compose plugin? Read by [`versioned`].
#[must_use]
pub fn ask_plugin() -> Run {
    run("docker", &["compose", "version", "--short"])
}

/// Which version is `docker-compose`? Read by [`versioned`].
#[must_use]
pub fn ask_standalone() -> Run {
    run("docker-compose", &["version", "--short"])
}

/// The version told; none when there is no such compose. A fault when that is not known: it must
/// not be taken for absence, since the other compose would then be chosen, and remembered.
pub fn versioned(reply: &Reply) -> Result<Option<Version>, ProcessError> {
    match ended(reply) {
        Ok(ran) if ran.exit == Some(0) => Ok(version(output(reply, CAP)?)),
        Ok(_) | Err(ProcessError::Absent | ProcessError::NotStarted { .. } | ProcessError::NoFolder) => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn version(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    if text.len() > 60 || text.contains(char::is_whitespace) {
        return None;
    }
    let mut numbers = text.split(['.', '-', '+']);
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some(Version { major, minor, text: text.to_string() })
}

/// The compose to use: the newer line, the plugin where both are of one line; none: there is none.
#[must_use]
pub fn choose(plugin: Option<Version>, standalone: Option<Version>) -> Option<Compose> {
    let plugin = plugin.map(|version| Compose { program: words(&["docker", "compose"]), version });
    let standalone = standalone.map(|version| Compose { program: words(&["docker-compose"]), version });
    match (plugin, standalone) {
        (Some(plugin), Some(other)) if other.version.major > plugin.version.major => Some(other),
        (plugin, standalone) => plugin.or(standalone),
    }
}

/// What a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Absolute paths of its compose files, one at least; see [`project_files`].
    pub files: Vec<String>,
    /// What it was started with beside them; see [`project_given`].
    pub given: Given,
    /// The project's name, where containers of it tell it; none: compose derives it.
    pub name: Option<String>,
    /// Services; empty: all.
    pub services: Vec<String>,
    /// What becomes of containers that the file does not name; see [`shares_folder`].
    pub orphans: Orphans,
    /// Whether `up` makes containers anew that it would leave alone.
    pub anew: bool,
    /// Whether a service of its files starts only once another one is well, or has done its work.
    pub waits: bool,
    /// Path of the environment's lock.
    pub lock: Option<String>,
}

/// What becomes of a project's containers that the compose file does not name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orphans {
    /// They are left-overs of this file: removed.
    Remove,
    /// Some belong to another compose file that shares the project's name: all are kept.
    Keep {
        /// Those containers, by name.
        others: Vec<String>,
    },
}

impl Compose {
    /// Start the same containers again. Read by [`done`].
    #[must_use]
    pub fn restart(&self, project: &Project) -> Run {
        self.command(project, &["restart"], Reach::Chosen)
    }

    /// Stop the containers. Read by [`done`].
    #[must_use]
    pub fn stop(&self, project: &Project) -> Run {
        self.command(project, &["stop"], Reach::Chosen)
    }

    /// Start them in their order, each once what it waits for is ready: [`Compose::restart`] starts all at once (seen with
    /// 1.29 and 2.26). Nothing is made, pulled or removed. Read by [`done`]; 1.29 calls it done also where one did not start.
    #[must_use]
    pub fn start(&self, project: &Project) -> Run {
        self.command(project, &["start"], Reach::Chosen)
    }

    /// What containers said last; for a person.
    #[must_use]
    pub fn logs(&self, project: &Project) -> Run {
        self.command(project, &["logs", "--tail", "50"], Reach::Chosen)
    }

    /// Build, and make changed containers anew. Read by [`done`].
    #[must_use]
    pub fn up(&self, project: &Project) -> Run {
        let mut args = vec!["up", "-d", "--build"];
        args.extend(project.anew.then_some("--force-recreate"));
        args.extend((project.orphans == Orphans::Remove).then_some("--remove-orphans"));
        self.command(project, &args, Reach::Chosen)
    }

    /// Remove the containers, then make all anew; volumes stay. One command after the other, each
    /// read by [`done`].
    #[must_use]
    pub fn recreate(&self, project: &Project) -> Vec<Run> {
        // `down` takes the whole project, other services and the network of others included.
        let whole = project.services.is_empty() && project.orphans == Orphans::Remove;
        let removal = if whole {
            self.command(project, &["down", "--remove-orphans"], Reach::Whole)
        } else {
            self.command(project, &["rm", "--stop", "--force"], Reach::Chosen)
        };
        vec![removal, self.up(project)]
    }

    /// Which services does this compose file have, if it can be read at all? Read by [`services_told`].
    #[must_use]
    pub fn services(&self, file: &str) -> Run {
        let (files, orphans) = (vec![file.to_owned()], Orphans::Remove);
        let (given, services) = (Given::default(), Vec::new());
        let project = Project { files, given, name: None, services, orphans, anew: false, waits: false, lock: None };
        Run { limit_ms: QUESTION_LIMIT_MS, ..self.command(&project, &["config", "--services"], Reach::Whole) }
    }

    fn command(&self, project: &Project, args: &[&str], reach: Reach) -> Run {
        let mut all: Vec<&str> = self.program.iter().skip(1).map(String::as_str).collect();
        all.extend(project.files.iter().flat_map(|file| ["-f", file.as_str()]));
        // Of the Python one, the last line; older ones know no `--env-file`.
        if (self.version.major, self.version.minor) >= (1, 25) {
            all.extend(project.given.folder.iter().flat_map(|folder| ["--project-directory", folder.as_str()]));
            all.extend(project.given.env_files.iter().flat_map(|file| ["--env-file", file.as_str()]));
        }
        if let Some(name) = &project.name {
            all.extend(["-p", name]);
        }
        all.extend(args);
        if matches!(reach, Reach::Chosen) {
            all.extend(project.services.iter().map(String::as_str));
        }
        let program = self.program.first().map_or("docker", String::as_str);
        Run {
            folder: project.files.first().map(|file| parent(file).to_string()),
            limit_ms: COMPOSE_LIMIT_MS,
            under_lock: project.lock.clone(),
            noted_in: None,
            ..run(program, &all)
        }
    }
}

/// What people set for all their projects about orphans.
pub const ORPHANS: [&str; 2] = ["COMPOSE_REMOVE_ORPHANS", "COMPOSE_IGNORE_ORPHANS"];

/// Which services a command is given.
enum Reach {
    Chosen,
    Whole,
}

/// The services of a compose file; a fault with compose's own words when it cannot be read.
pub fn services_told(reply: &Reply) -> Result<Vec<String>, ProcessError> {
    let mut services: Vec<String> = output(reply, CAP)?.lines().map(str::to_owned).collect();
    services.sort();
    Ok(services)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn run(program: &str, args: &[&str]) -> Run {
    Run {
        program: program.to_string(),
        args: words(args),
        folder: None,
        // Both overrule, or refuse, what we say about orphans; compose reads them from `.env` where they are not set.
        env: ORPHANS.map(|name| (name.to_owned(), "false".to_owned())).into(),
        drop: withheld(&ORPHANS),
        limit_ms: QUESTION_LIMIT_MS,
        cap: CAP,
        under_lock: None,
        noted_in: None,
    }
}

//! What `doctor` can find, as plain values: a level for each line, and what was seen. Which level a
//! thing has is decided where it is checked (`modes::doctor`); how it is told, and its mend, in `fr`
//! and `en`.

mod access;
mod app;
mod state;

pub(crate) use access::{Access, Ci, Token, Which};
pub(crate) use app::{Containers, Content, Remote, Site, Tree};
pub(crate) use state::{Folder, Point, Promote, State};

use crate::failure::Problem;
use crate::tools::doctor::disk::Disk;
use crate::tools::process::ProcessError;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It was not asked, for the reason told.
    Skipped,
    /// It works, and will surprise somebody.
    Warn,
    /// Something will fail.
    Fail,
}

/// What a finding is about, in the order of the screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// This machine, for all environments.
    Machine,
    /// The runner and this job.
    Runner,
    /// GitHub and Discord.
    Access,
    /// One environment, by its number in the configuration and its name.
    Environment(usize, String),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub place: Section,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub seen: FindingSeen,
}

/// A line before it is told: the word of its check, what was seen, and how it is mended (empty:
/// nothing to mend).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingLine {
    /// The check, one word or two.
    pub check: &'static str,
    /// What was seen.
    pub seen: String,
    /// The mend, a command where there is one.
    pub mend: String,
}

impl FindingLine {
    /// A line with a mend.
    #[must_use]
    pub fn new(check: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, seen: seen.into(), mend: mend.into() }
    }

    /// A line without one.
    #[must_use]
    pub fn plain(check: &'static str, seen: impl Into<String>) -> Self {
        Self::new(check, seen, "")
    }
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingSeen {
    /// Of the machine.
    Machine(Machine),
    /// Of the engine and compose.
    Engine(Engine),
    /// Of the runner.
    Runner(Runner),
    /// Of GitHub and Discord.
    Access(Access),
    /// Of a work tree.
    Tree(Tree),
    /// Of containers.
    Containers(Containers),
    /// Of the folders and files of the state.
    State(State),
    /// Of a site.
    Site(Site),
    /// Of what a promote needs.
    Promote(Promote),
}

/// Seen of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Machine {
    /// A problem of the configuration.
    Problem(Problem),
    /// The configuration file, and the environments in it.
    File { path: String, environments: Vec<String> },
    /// There is no configuration file; these environments come from inputs or the state folder.
    NoFile { path: String, environments: Vec<String> },
    /// No environment is known at all.
    NoEnvironment { path: String, state_dir: String },
    /// Node and the platform.
    Node { version: String, platform: String },
    /// A Node that is older than 20.
    NodeOld { version: String },
    /// Another system than Linux.
    Platform(String),
    /// git.
    Git(String),
    /// git before 2.18.
    GitOld(String),
    /// git before 2.31, which cannot be given a token for https by its environment.
    GitTokenless(String),
    /// A program that is needed is not there.
    Absent { program: &'static str, package: &'static str },
    /// A question about this program was not answered.
    Unanswered { program: &'static str, fault: ProcessError },
    /// flock of util-linux.
    Flock(String),
    /// Room on a disk, with what stands on it.
    Disk { disk: Disk, holds: Vec<&'static str> },
    /// The clock is right to within so many milliseconds.
    Clock,
    /// The clock is ahead of GitHub's by so many milliseconds (negative: behind).
    ClockOff(i64),
    /// Nobody told the time.
    ClockUnknown,
}

/// Seen of the engine and compose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// No environment has a compose file.
    NotNeeded,
    /// The docker program is not there.
    NoDocker,
    /// The engine answers.
    Answers(String),
    /// The socket is not ours to use.
    Denied { socket: String, user: String, group: String },
    /// There is no socket.
    Down { socket: String },
    /// The socket may be used, and no answer came.
    Silent { fault: ProcessError },
    /// Compose 2 or later.
    Compose { program: String, version: String },
    /// Compose 1.
    Old { version: String },
    /// No compose.
    NoCompose,
    /// Whether there is a compose is not known.
    ComposeUnknown { fault: ProcessError },
}

/// Seen of the runner and this job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runner {
    /// Not in a job.
    Outside,
    /// The tracking id is there, and a process started without it.
    Tracked,
    /// The workflow sets the tracking id itself.
    TrackingSet(String),
    /// The tracking id is not there.
    Untracked,
    /// A process started without the tracking id had it all the same, or could not be asked.
    TrackingStays { fault: Option<ProcessError> },
    /// The job runs on a machine of GitHub's.
    Hosted,
    /// The job runs in a container.
    InContainer,
    /// A unit whose stop leaves a watcher alone.
    UnitSpares { name: String },
    /// A unit whose stop kills a watcher too.
    UnitKills { name: String, mode: String },
    /// No unit of a runner.
    NoUnit,
    /// The runner's folders are there, and ours.
    Folders { temp: String },
    /// One of them cannot be written to.
    FolderDenied { path: String },
    /// A path of the settings is inside what the runner empties.
    Emptied { setting: &'static str, path: String, folder: String },
}

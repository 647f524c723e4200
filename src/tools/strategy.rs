//! Which way containers get a new version when the choice is left to us (`auto`), and why.
//!
//! `restart` is ten times faster than rebuilding, and enough when the code is mounted; it picks up
//! no change of the compose file, of the environment or of an image. What cannot be told counts as
//! changed: an `up` too many costs seconds, a `restart` too few leaves the old version live.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::compose_file::{Referenced, References};
use super::path::{is_within, parent};

/// How containers get the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The same containers, started again.
    Restart,
    /// Images built, changed containers made anew.
    Up,
    /// All containers removed, then made anew.
    Recreate,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restart => "restart",
            Self::Up => "up",
            Self::Recreate => "recreate",
        })
    }
}

/// What the choice rests on. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Paths that differ between what ran and what will run; none when that is not known.
    pub changed: Option<Vec<String>>,
    /// The compose file.
    pub compose_file: String,
    /// What it refers to, at the SHA that goes live.
    pub references: References,
    /// Referenced files that git does not track and that changed since the last deploy.
    pub outside_changed: Vec<String>,
    /// Names of images that are other images now than those that containers of ours were made of.
    pub new_images: Vec<String>,
    /// The services of our containers, running or not.
    pub services: BTreeSet<String>,
    /// Services that ours need and that do not run.
    pub down: BTreeSet<String>,
    /// Whether the deploy command has run: git tells nothing of what it wrote.
    pub commanded: bool,
    /// Variables that have a value in compose's environment, and may have had another.
    pub variables: BTreeSet<String>,
}

/// What decided, for messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyReason {
    /// Nothing runs yet.
    NoContainer,
    /// One of its services has none: it was removed by hand, or a deploy ended before it was made.
    NoContainerOf {
        /// Which.
        service: String,
    },
    /// A service that ours need does not run: a restart starts no other one.
    Down {
        /// Which.
        service: String,
    },
    /// They were made of a compose file that is gone: until they are made anew, they are not seen to be of this one.
    Moved {
        /// Which.
        path: String,
    },
    /// What ran before is not known, so neither is what changed.
    UnknownBefore,
    /// The compose file is not understood here.
    Unreadable {
        /// The compose file.
        path: String,
    },
    /// The compose file itself, or one that it includes or extends.
    ComposeFile {
        /// Which.
        path: String,
    },
    /// A file that containers are made with (environment, Dockerfile).
    File {
        /// Which.
        path: String,
    },
    /// A file that goes into an image.
    Image {
        /// Which.
        path: String,
        /// The folder that the image is built from.
        folder: String,
    },
    /// The deploy command ran, and may have written to a folder that an image is built from.
    Written {
        /// The folder.
        folder: String,
    },
    /// The name of an image that is another image now than the one that a container was made of.
    NewImage {
        /// The name.
        image: String,
    },
    /// Something changed, and the compose file refers to a path that depends on a variable.
    Variable {
        /// The path as it is written.
        path: String,
    },
    /// The compose file takes a value from compose's environment, which may have had another before.
    Given {
        /// The variable's name.
        variable: String,
    },
    /// Nothing that a restart would not pick up.
    OnlyMounted,
}

impl fmt::Display for StrategyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContainer => f.write_str("no container exists yet"),
            Self::NoContainerOf { service } => write!(f, "service {service:?} has no container"),
            Self::Down { service } => write!(f, "service {service:?}, which is needed, does not run"),
            Self::Moved { path } => write!(f, "the containers were made of {path:?}, which is gone"),
            Self::UnknownBefore => f.write_str("what ran before is not known"),
            Self::Unreadable { path } => write!(f, "what {path:?} refers to cannot be told"),
            Self::ComposeFile { path } => write!(f, "the compose file {path:?} changed"),
            Self::File { path } => write!(f, "{path:?} changed, which containers are made with"),
            Self::Image { path, folder } => {
                write!(f, "{path:?} changed, in an image built from {folder:?}")
            }
            Self::Written { folder } => {
                write!(f, "deploy-command ran, and may have written to {folder:?}, which an image is built from")
            }
            Self::NewImage { image } => write!(f, "{image:?} is another image now than the one that runs"),
            Self::Variable { path } => write!(f, "the compose file refers to {path:?}, which cannot be told"),
            Self::Given { variable } => {
                write!(f, "the compose file takes {variable} from the environment, and a restart keeps its old value")
            }
            Self::OnlyMounted => f.write_str("nothing changed that a restart does not pick up"),
        }
    }
}

/// The strategy for `auto`, and what decided it.
#[must_use]
pub fn choose_auto(evidence: &Evidence) -> (Strategy, StrategyReason) {
    match rebuilds(evidence) {
        Some(reason) => (Strategy::Up, reason),
        None => (Strategy::Restart, StrategyReason::OnlyMounted),
    }
}

/// The services that hold a text of the compose file which may be another one now: `up` leaves them alone.
#[must_use]
pub fn rewritten(evidence: &Evidence) -> BTreeSet<String> {
    let References::Read(referenced) = &evidence.references else {
        return BTreeSet::new();
    };
    let is_made_of = |path: &String| {
        *path == evidence.compose_file || referenced.files.contains(path) || referenced.further.contains(path)
    };
    let has_changed = match &evidence.changed {
        Some(changed) => changed.iter().chain(&evidence.outside_changed).any(is_made_of),
        None => true,
    };
    referenced.inline.services(has_changed, &evidence.variables)
}

fn rebuilds(evidence: &Evidence) -> Option<StrategyReason> {
    if evidence.services.is_empty() {
        return Some(StrategyReason::NoContainer);
    }
    let Some(changed) = &evidence.changed else {
        return Some(StrategyReason::UnknownBefore);
    };
    let file = &evidence.compose_file;
    let References::Read(referenced) = &evidence.references else {
        return Some(StrategyReason::Unreadable { path: file.clone() });
    };
    if let Some(service) = referenced.services.difference(&evidence.services).next() {
        return Some(StrategyReason::NoContainerOf { service: service.clone() });
    }
    if let Some(service) = evidence.down.first() {
        return Some(StrategyReason::Down { service: service.clone() });
    }
    let changed: BTreeSet<&String> = changed.iter().chain(&evidence.outside_changed).collect();
    let composing = |path: &&&String| **path == file || referenced.further.contains(**path);
    if let Some(path) = changed.iter().find(composing) {
        return Some(StrategyReason::ComposeFile { path: (*path).clone() });
    }
    if let Some(path) = changed.iter().find(|path| referenced.files.contains(**path)) {
        return Some(StrategyReason::File { path: (*path).clone() });
    }
    if let Some(reason) = changed.iter().find_map(|path| in_an_image(path, referenced)) {
        return Some(reason);
    }
    if let Some(folder) = referenced.contexts.first().filter(|_| evidence.commanded) {
        return Some(StrategyReason::Written { folder: folder.clone() });
    }
    if let Some(image) = evidence.new_images.first() {
        return Some(StrategyReason::NewImage { image: image.clone() });
    }
    if let Some(variable) = referenced.variables.intersection(&evidence.variables).next() {
        return Some(StrategyReason::Given { variable: variable.clone() });
    }
    let unknown = referenced.unknown.first().filter(|_| !changed.is_empty())?;
    Some(StrategyReason::Variable { path: unknown.clone() })
}

fn in_an_image(path: &str, referenced: &Referenced) -> Option<StrategyReason> {
    let unread = referenced.further.iter().map(|file| parent(file));
    let mut folders = referenced.contexts.iter().map(String::as_str).chain(unread);
    // What changed above a folder is a submodule that it stands in, or a file or link that takes its place.
    let folder = folders.find(|folder| is_within(path, folder) || is_within(folder, path))?;
    Some(StrategyReason::Image { path: path.to_string(), folder: folder.to_string() })
}

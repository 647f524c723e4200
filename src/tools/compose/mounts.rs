//! What containers see of this machine, and where they keep what they write.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::containers::{Container, During};
use super::{CAP, ProcessError, run};
use crate::host::{Reply, Run};
use crate::tools::path::is_within;
use crate::tools::process::output;

/// One line a volume: a JSON list. Its options are those that it was made with (`driver_opts`).
const VOLUME_FORMAT: &str = "[{{json .Name}},{{json .Options}}]";
/// Characters of the name that docker gives a volume that nobody has named (moby, volume/service `Create`: a random
/// id, in hexadecimal).
const UNNAMED_LENGTH: usize = 64;

/// A mount, as docker's inspection tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Mount {
    r#type: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    destination: String,
}

impl Mount {
    /// The folder or file of this machine that is seen by it, absolute.
    pub(super) fn seen(&self) -> Option<String> {
        let is_seen = matches!(self.r#type.as_str(), "bind" | "volume") && !self.source.is_empty();
        is_seen.then(|| self.source.clone())
    }

    /// The volume that is seen by it.
    pub(super) fn volume(self) -> Option<Volume> {
        let is_volume = self.r#type == "volume" && !self.name.is_empty();
        is_volume.then_some(Volume { name: self.name, place: self.destination })
    }
}

/// A volume that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Where the container sees it, absolute.
    pub place: String,
}

impl Volume {
    /// Whether nobody has named it: a container that compose makes from nothing gets another one, an empty one.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.name.len() == UNNAMED_LENGTH && self.name.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// What were these volumes made with? Refused when one of them is gone. Read by [`devices_told`]; at least one name.
#[must_use]
pub fn ask_devices(names: &BTreeSet<String>) -> Run {
    let mut all = vec!["volume", "inspect", "--format", VOLUME_FORMAT];
    all.extend(names.iter().map(String::as_str));
    run("docker", &all)
}

/// The folder of this machine that a volume stands for, absolute, by the volume's name: those that are made of one
/// (`driver_opts: {type: none, o: bind, device: /srv/app}`), which docker itself mounts in another place.
pub fn devices_told(reply: &Reply) -> Result<BTreeMap<String, String>, ProcessError> {
    let mut devices = BTreeMap::new();
    for line in output(reply, CAP)?.lines().filter(|line| !line.is_empty()) {
        let (name, options): (String, Option<BTreeMap<String, String>>) =
            serde_json::from_str(line).map_err(|_| ProcessError::Unreadable)?;
        let device = options.and_then(|mut options| options.remove("device"));
        devices.extend(device.filter(|device| device.starts_with('/')).map(|device| (name, device)));
    }
    Ok(devices)
}

/// Which volumes does no container see, running or not? Read by [`volumes_told`].
#[must_use]
pub fn list_unseen_volumes() -> Run {
    run("docker", &["volume", "ls", "--quiet", "--filter", "dangling=true"])
}

/// The volumes told, by name.
pub fn volumes_told(reply: &Reply) -> Result<BTreeSet<String>, ProcessError> {
    Ok(output(reply, CAP)?.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// What differs from what a container was started with, as absolute paths.
#[derive(Debug, Clone, Copy)]
pub enum Changed<'a> {
    /// These.
    Paths(&'a [String]),
    /// That is not known: anything in these folders may.
    Below(&'a [String]),
}

impl Changed<'_> {
    fn is_seen_by(self, mount: &str) -> bool {
        match self {
            Self::Paths(paths) => paths.iter().any(|path| is_within(path, mount)),
            Self::Below(folders) => folders.iter().any(|folder| is_within(folder, mount) || is_within(mount, folder)),
        }
    }
}

/// Whether a container has run since before this time.
#[must_use]
pub fn is_old(one: &Container, during: During) -> bool {
    one.started.is_some_and(|started| !during.holds(started))
}

/// The services that still run code from before, though compose left them as they are: not started
/// in the deploy's time, with something changed mounted into them. Restart these after `up`.
#[must_use]
pub fn outdated(containers: &[Container], during: During, changed: Changed<'_>) -> Vec<String> {
    let sees = |one: &Container| one.mounts.iter().any(|mount| changed.is_seen_by(mount));
    let old = |one: &&Container| is_old(one, during) && sees(one);
    let services: BTreeSet<String> = containers.iter().filter(old).map(|one| one.belongs.service.clone()).collect();
    services.into_iter().collect()
}

//! Images: which one a name means now. A command that builds or pulls gives a name to another image, and containers
//! go on with the one that they were made of until they are made anew.

use std::collections::BTreeMap;

use crate::host::{Reply, Run};
use crate::tools::process::{ended, refused};

use super::{Container, ProcessError, run};

/// Which images do these names mean now? Read by [`images_told`]; at least one name.
#[must_use]
pub fn ask_images(names: &[String]) -> Run {
    let mut all = vec!["image", "inspect", "--format", "{{.Id}}"];
    all.extend(names.iter().map(String::as_str));
    run("docker", &all)
}

/// What the names mean now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Images {
    /// The id of each.
    Each(BTreeMap<String, String>),
    /// These ids: some name means nothing any more, and docker does not say which.
    Among(Vec<String>),
}

impl Images {
    /// Whether this name means that image; one that was not asked for does.
    #[must_use]
    pub fn means(&self, name: &str, id: &str) -> bool {
        match self {
            Self::Each(ids) => ids.get(name).is_none_or(|told| told == id),
            Self::Among(ids) => ids.iter().any(|told| told == id),
        }
    }
}

/// The ids that docker told.
pub fn images_told(reply: &Reply, names: &[String]) -> Result<Images, ProcessError> {
    let ran = ended(reply)?;
    let ids: Vec<String> = ran.stdout.lines().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    match ran.exit {
        Some(0) if ids.len() == names.len() => Ok(Images::Each(names.iter().cloned().zip(ids).collect())),
        Some(0) => Err(ProcessError::Unreadable),
        _ if ids.is_empty() => Err(refused(ran)),
        _ => Ok(Images::Among(ids)),
    }
}

/// The names that mean another image now than containers run, each with the id of the one that runs.
#[must_use]
pub fn remade(containers: &[Container], told: &Images) -> BTreeMap<String, String> {
    let known = containers.iter().filter(|one| !one.image.is_empty());
    let is_old = |one: &&Container| !told.means(&one.image_name, &one.image);
    known.filter(is_old).map(|one| (one.image_name.clone(), one.image.clone())).collect()
}

/// Gives an image a name, which another one may have now.
#[must_use]
pub fn tag(id: &str, name: &str) -> Run {
    run("docker", &["tag", id, name])
}

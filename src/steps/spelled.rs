//! Compose writes down the path of a compose file as it was named to it, so that a site that somebody has started by
//! way of a link would not be ours by name: its containers would be taken for another's, and the other compose files
//! and the folder that it was started with would be lost.

use std::collections::{BTreeMap, BTreeSet};

use crate::host::{Command, Host};
use crate::tools::backup::{real_paths, real_paths_told};
use crate::tools::compose::{Container, Listed};

/// Has containers of this compose file (absolute) name it as it is named here. Asks only about files of its name: in its
/// own project, where some of the containers have been made anew by this name and others not, or in all.
pub async fn respell<H: Host>(host: &H, all: &mut [Listed], file: &str) {
    let is_named = |one: &&Listed| one.belongs.files.iter().any(|path| path == file);
    let projects: BTreeSet<String> = all.iter().filter(is_named).map(|one| one.belongs.project.clone()).collect();
    let near = all.iter().filter(|one| projects.is_empty() || projects.contains(&one.belongs.project));
    let is_like = |path: &&String| *path != file && name(path) == name(file);
    let paths: BTreeSet<&String> = near.flat_map(|one| &one.belongs.files).filter(is_like).collect();
    let mut paths: Vec<String> = paths.into_iter().cloned().collect();
    if paths.is_empty() {
        return;
    }
    paths.push(file.to_owned());
    let Ok(mut real) = real_paths_told(&host.perform(Command::Run(real_paths(&paths))).await, paths.len()) else {
        return;
    };
    let own = real.pop();
    let same = paths.into_iter().zip(real).filter(|(_, real)| Some(real) == own.as_ref());
    let same: BTreeSet<String> = same.map(|(path, _)| path).collect();
    let named = all.iter_mut().flat_map(|one| &mut one.belongs.files).filter(|path| same.contains(*path));
    named.for_each(|path| file.clone_into(path));
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Has containers that were looked at belong where the list of all says.
pub fn belong(found: &mut [Container], all: &[Listed]) {
    let known: BTreeMap<&String, &Listed> = all.iter().map(|one| (&one.id, one)).collect();
    for one in found {
        if let Some(listed) = known.get(&one.id) {
            one.belongs = listed.belongs.clone();
        }
    }
}

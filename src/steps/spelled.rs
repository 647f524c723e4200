//! Compose writes down the path of a compose file as it was named to it, so that a site that somebody has started by
//! way of a link would not be ours by name: its containers would be taken for another's, and the other compose files
//! and the folder that it was started with would be lost.

use std::collections::BTreeMap;

use crate::host::{Command, Host};
use crate::tools::backup::{real_paths, real_paths_told};
use crate::tools::compose::{Container, Listed};

/// Has containers of this compose file (absolute) name it as it is named here. Asks only where none does by itself.
pub async fn respell<H: Host>(host: &H, all: &mut [Listed], file: &str) {
    let mut paths: Vec<String> = all.iter().flat_map(|one| one.belongs.files.clone()).collect();
    paths.sort();
    paths.dedup();
    if paths.is_empty() || paths.iter().any(|path| path == file) {
        return;
    }
    paths.push(file.to_owned());
    let Ok(mut real) = real_paths_told(&host.perform(Command::Run(real_paths(&paths))).await, paths.len()) else {
        return;
    };
    let own = real.pop();
    let same: Vec<String> =
        paths.into_iter().zip(real).filter(|(_, real)| Some(real) == own.as_ref()).map(|(path, _)| path).collect();
    let named = all.iter_mut().flat_map(|one| &mut one.belongs.files).filter(|path| same.contains(path));
    named.for_each(|path| file.clone_into(path));
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

//! Whether the deploy command's program will be there: one that is misspelt, or was never made, is refused before
//! anything is touched. Running it would say so only after the reset, and no way back could run it either.

use super::compose_file::{Candidate, may_come};
use super::standing::stats;
use super::{Trouble, fault};
use crate::environment::Environment;
use crate::failure::reason::{Attempt, Mend, Obstacle};
use crate::host::Host;
use crate::session::Session;
use crate::tools::path::{absolute, is_within};

/// Refuses a version that will not have the program.
pub async fn ensure_present<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    version: Candidate<'_>,
) -> Result<(), Trouble> {
    let Some(program) = with.deploy_command.first() else {
        return Ok(());
    };
    let places = places(session, with, program);
    let stats = stats(session, places.clone()).await;
    // Nothing told, or nowhere to look: running it says more.
    if stats.is_empty() || stats.iter().any(Option::is_some) {
        return Ok(());
    }
    for place in places.iter().filter(|place| program.contains('/') || is_within(&absolute("/", place), &with.app_path))
    {
        if may_come(session, version, &absolute("/", place)).await? {
            return Ok(());
        }
    }
    Err(fault(&Attempt::Command(program.clone()), Obstacle::NoProgram, Mend::GivePath))
}

/// Whether a program that is named without a path stands in no folder of PATH, and comes with no version either.
pub async fn is_nowhere<H: Host>(session: &Session<'_, H>, with: &Environment, program: &str) -> bool {
    let places = places(session, with, program);
    if program.contains('/') || places.iter().any(|place| is_within(&absolute("/", place), &with.app_path)) {
        return false;
    }
    let stats = stats(session, places).await;
    !stats.is_empty() && stats.iter().all(Option::is_none)
}

/// Whether the program's file is there by now.
pub async fn stands<H: Host>(session: &Session<'_, H>, with: &Environment, program: &str) -> bool {
    stats(session, places(session, with, program)).await.iter().any(Option::is_some)
}

/// Where it may stand, absolute: at its path, or in the folders of `PATH`, which may be relative to the application.
fn places<H: Host>(session: &Session<'_, H>, with: &Environment, program: &str) -> Vec<String> {
    if program.contains('/') {
        return vec![from(&with.app_path, program)];
    }
    let folders = session.env.get("PATH").map(String::as_str).unwrap_or_default();
    let folders = folders.split(':').filter(|_| !folders.is_empty());
    folders.map(|folder| from(&from(&with.app_path, folder), program)).collect()
}

/// A path as seen from a folder, with any `..` left to the kernel, which leads it out of what a link leads to.
fn from(folder: &str, path: &str) -> String {
    let is_relative = !path.starts_with('/') && path.split('/').any(|part| part == "..");
    if is_relative { format!("{folder}/{path}") } else { absolute(folder, path) }
}

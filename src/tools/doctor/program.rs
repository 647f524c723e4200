//! Programs of this machine: which version, and whether there is one.

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, output};
use crate::tools::question::{CAP, question};

/// Which version of git? Read by [`git_version`].
#[must_use]
pub fn ask_git() -> Run {
    question("git", &["--version"])
}

/// Major and minor number of `git version 2.39.5`, and the version as it was told.
pub fn git_version(reply: &Reply) -> Result<(u32, u32, String), ProcessError> {
    let text = output(reply, CAP)?.trim().strip_prefix("git version ").ok_or(ProcessError::Unreadable)?;
    let version = text.split(' ').next().unwrap_or(text);
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) => Ok((major, minor, version.to_owned())),
        _ => Err(ProcessError::Unreadable),
    }
}

/// The major number of Node's version, `v24.1.0`.
#[must_use]
pub fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Which version of the engine? Read by [`first_line`].
#[must_use]
pub fn ask_engine() -> Run {
    question("docker", &["version", "--format", "{{.Server.Version}}"])
}

/// Is there a `flock` of util-linux? Read by [`first_line`].
#[must_use]
pub fn ask_flock() -> Run {
    question("flock", &["--version"])
}

/// The first line of what a program said that ended well.
pub fn first_line(reply: &Reply) -> Result<String, ProcessError> {
    Ok(output(reply, CAP)?.lines().next().unwrap_or_default().trim().to_owned())
}

/// Where a program named in `PATH` may stand; absolute paths.
#[must_use]
pub fn places(program: &str, path: &str) -> Vec<String> {
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    folders.map(|folder| format!("{}/{program}", folder.trim_end_matches('/'))).collect()
}

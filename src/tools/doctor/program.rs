//! Programs of this machine: which version, and whether there is one. And who we are.

use super::{CAP, question};
use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, output};

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

/// Who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The number.
    pub uid: u32,
    /// The name, or the number when it has none.
    pub name: String,
    /// The numbers of its groups, its own among them.
    pub groups: Vec<u32>,
}

impl User {
    /// What `find` is asked for files that this user can give back to nobody once they are copied: another user's, or
    /// of a group that this one is not in. Nothing: root can.
    #[must_use]
    pub fn foreign(&self) -> Vec<String> {
        if self.uid == 0 {
            return Vec::new();
        }
        let mut test = ["(", "!", "-uid"].map(str::to_owned).to_vec();
        test.push(self.uid.to_string());
        if !self.groups.is_empty() {
            test.extend(["-o", "("].map(str::to_owned));
            for group in &self.groups {
                test.extend(["!".to_owned(), "-gid".to_owned(), group.to_string()]);
            }
            test.push(")".to_owned());
        }
        test.push(")".to_owned());
        test
    }
}

/// Who are we? Read by [`user_told`].
#[must_use]
pub fn ask_user() -> Run {
    question("id", &[])
}

/// The user of `uid=1000(runner) gid=1000(runner) groups=1000(runner),999(docker)`.
pub fn user_told(reply: &Reply) -> Result<User, ProcessError> {
    let text = output(reply, CAP)?;
    let first =
        text.split_whitespace().next().and_then(|word| word.strip_prefix("uid=")).ok_or(ProcessError::Unreadable)?;
    let (number, name) = first.split_once('(').unwrap_or((first, first));
    let uid = number.parse().map_err(|_| ProcessError::Unreadable)?;
    let groups = text.split_whitespace().find_map(|word| word.strip_prefix("groups=")).unwrap_or_default();
    let group = |one: &str| one.split('(').next().and_then(|number| number.parse().ok());
    let groups = groups.split(',').filter_map(group).collect();
    Ok(User { uid, name: name.trim_end_matches(')').to_owned(), groups })
}

/// Where a program named in `PATH` may stand; absolute paths.
#[must_use]
pub fn places(program: &str, path: &str) -> Vec<String> {
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    folders.map(|folder| format!("{}/{program}", folder.trim_end_matches('/'))).collect()
}

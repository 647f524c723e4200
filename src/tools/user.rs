//! Who we are.

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, output};
use crate::tools::question::{CAP, question};

/// The user of this process.
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

//! The systemd unit that the runner runs as: what its stop does to a watcher that was left behind.

use std::collections::BTreeMap;

use crate::host::{Reply, Run};
use crate::tools::process::{ProcessError, output};
use crate::tools::question::{CAP, question};

/// What all units of the runner are called (actions/runner, systemd.svc.sh.template).
const PATTERN: &str = "actions.runner.*.service";
/// Where the runner's own script puts its unit.
pub const FOLDER: &str = "/etc/systemd/system";

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name, such as `actions.runner.octo-app.vm.service`.
    pub name: String,
    /// `process`, `control-group`, `mixed` or `none`.
    pub kill_mode: String,
    /// The user it runs as; empty: root.
    pub user: String,
}

/// Which units of runners are there? Read by [`told`].
#[must_use]
pub fn ask() -> Run {
    question("systemctl", &["show", "--no-pager", "--property=Id,KillMode,User", PATTERN])
}

/// The units: blocks of `Key=value`, a blank line between two.
pub fn told(reply: &Reply) -> Result<Vec<Unit>, ProcessError> {
    let text = output(reply, CAP)?;
    Ok(text.split("\n\n").filter_map(|block| unit("", block)).collect())
}

/// A unit from its file and what was added to it, in the order in which systemd reads them.
#[must_use]
pub fn of_files(name: &str, texts: &[String]) -> Option<Unit> {
    unit(name, &format!("KillMode=control-group\n{}", texts.join("\n")))
}

fn unit(name: &str, text: &str) -> Option<Unit> {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::from([("Id", name)]);
    keys.extend(text.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim(), value.trim())));
    let value = |key: &str| keys.get(key).copied().unwrap_or_default().to_owned();
    let unit = Unit { name: value("Id"), kill_mode: value("KillMode"), user: value("User") };
    (is_runner(&unit.name) && !unit.kill_mode.is_empty()).then_some(unit)
}

/// Whether a unit's name is that of a runner.
#[must_use]
pub fn is_runner(name: &str) -> bool {
    name.starts_with("actions.runner.") && name.ends_with(".service")
}

/// The runner's unit that this process belongs to, by its `/proc/self/cgroup`.
#[must_use]
pub fn own(cgroup: &str) -> Option<String> {
    cgroup.lines().flat_map(|line| line.split('/')).find(|part| is_runner(part)).map(str::to_owned)
}

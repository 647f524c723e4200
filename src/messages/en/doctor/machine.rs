//! Machine, engine and runner, in English.

use super::fault;
use crate::messages::en::problem::problem;
use crate::messages::finding::{Engine, FindingLine, Machine, Runner};
use crate::time::span;
use crate::tools::backup::size;
use crate::tools::doctor::disk::{Disk, FEW_FILES};
use crate::tools::shell::word;

pub(super) fn machine(seen: &Machine) -> FindingLine {
    match seen {
        Machine::Problem(one) => FindingLine::plain("configuration", problem(one)),
        Machine::File { path, environments } => {
            FindingLine::plain("configuration", format!("{path}: {}", environments.join(", ")))
        }
        Machine::NoFile { path, environments } => FindingLine::plain(
            "configuration",
            format!("no file {path}; environments known: {}", environments.join(", ")),
        ),
        Machine::NoEnvironment { path, state_dir } => FindingLine::new(
            "configuration",
            format!("no environment: no file {path}, nothing in {state_dir}"),
            "run it in the repository, or give `config`, or `environment` with its settings",
        ),
        Machine::Node { version, platform } => FindingLine::plain("node", format!("{version} on {platform}")),
        Machine::NodeOld { version } => FindingLine::new(
            "node",
            format!("{version}; 20 or later is needed"),
            "update the runner (2.327.1 or later), or Node on this machine",
        ),
        Machine::Platform(name) => FindingLine::new(
            "system",
            format!("{name}; locks and watcher are proven on Linux only"),
            "use a Linux runner",
        ),
        Machine::Git(version) => FindingLine::plain("git", version),
        Machine::GitOld(version) => FindingLine::new(
            "git",
            format!("{version}; 2.18 or later is needed"),
            "sudo apt-get install --only-upgrade git",
        ),
        Machine::GitTokenless(version) => FindingLine::new(
            "git",
            format!(
                "{version}; before 2.31 it cannot be given the token: a private repository over https will be refused"
            ),
            "sudo apt-get install --only-upgrade git, or a remote over ssh",
        ),
        Machine::Absent { program, package } => {
            FindingLine::new(program, "is not installed, or not in PATH", format!("sudo apt-get install {package}"))
        }
        Machine::Unanswered { program, fault: seen } => {
            FindingLine::new(program, fault(seen), format!("run {program} by hand on this machine"))
        }
        Machine::Flock(version) => FindingLine::plain("flock", version),
        Machine::Disk { disk, holds } => room(disk, &holds.join(", ")),
        Machine::Clock => FindingLine::plain("clock", "the same time as GitHub's"),
        Machine::ClockOff(ms) => FindingLine::new(
            "clock",
            format!("{1} {0} GitHub's", if *ms > 0 { "ahead of" } else { "behind" }, span(ms.unsigned_abs())),
            "sudo timedatectl set-ntp true",
        ),
        Machine::ClockUnknown => FindingLine::plain("clock", "GitHub did not tell the time"),
    }
}

fn room(disk: &Disk, holds: &str) -> FindingLine {
    let seen = if disk.files > 0 && disk.files_free < FEW_FILES {
        format!("{}: room for {} more files only ({})", disk.mount, disk.files_free, holds)
    } else {
        format!("{}: {} free of {} ({})", disk.mount, size(disk.free), size(disk.size), holds)
    };
    let place = word(&disk.mount);
    FindingLine::new("disk", seen, format!("docker system df ; sudo du -xh --max-depth=2 {place} | sort -h | tail"))
}

pub(super) fn engine(seen: &Engine) -> FindingLine {
    match seen {
        Engine::NotNeeded => FindingLine::plain("docker", "no environment has a `compose.file`"),
        Engine::NoDocker => FindingLine::new(
            "docker",
            "is not installed, or not in PATH",
            "https://docs.docker.com/engine/install/, or leave `compose.file` out",
        ),
        Engine::Answers(version) => FindingLine::plain("docker", format!("engine {version} answers")),
        Engine::Denied { socket, user, group } => FindingLine::new(
            "docker",
            format!("{user} may not use {socket} (group {group})"),
            format!(
                "sudo usermod -aG {} {}, then restart the runner's service (sudo ./svc.sh stop && sudo ./svc.sh start)",
                word(group),
                word(user)
            ),
        ),
        Engine::Down { socket } => FindingLine::new(
            "docker",
            format!("the engine does not run: there is no {socket}"),
            "sudo systemctl enable --now docker",
        ),
        Engine::Silent { fault: seen } => FindingLine::new(
            "docker",
            format!("the engine does not answer: {}", fault(seen)),
            "docker version, then sudo systemctl restart docker",
        ),
        Engine::Compose { program, version } => FindingLine::plain("compose", format!("{program} {version}")),
        Engine::Old { version } => FindingLine::new(
            "compose",
            format!(
                "docker-compose {version} (v1, no longer maintained); v2 restarts in half the time (0.6 s instead of 1.1 s)"
            ),
            "sudo apt-get install docker-compose-plugin",
        ),
        Engine::NoCompose => FindingLine::new(
            "compose",
            "neither `docker compose` nor `docker-compose` answers",
            "sudo apt-get install docker-compose-plugin",
        ),
        Engine::ComposeUnknown { fault: seen } => FindingLine::new("compose", fault(seen), "docker compose version"),
    }
}

pub(super) fn runner(seen: &Runner) -> FindingLine {
    match seen {
        Runner::Outside => {
            FindingLine::plain("job", "not in a job; `mode: doctor` in a workflow checks the runner as well")
        }
        Runner::Tracked => {
            FindingLine::plain("tracking", "a watcher starts without RUNNER_TRACKING_ID, and outlives the job")
        }
        Runner::TrackingSet(value) => FindingLine::new(
            "tracking",
            format!(
                "the workflow itself sets RUNNER_TRACKING_ID ({value}): left-overs of other steps outlive the job too"
            ),
            "take it out of the workflow: this action does not need it",
        ),
        Runner::Untracked => {
            FindingLine::plain("tracking", "no RUNNER_TRACKING_ID: the runner kills nothing at the job's end")
        }
        Runner::TrackingStays { fault: seen } => FindingLine::new(
            "tracking",
            format!(
                "no process without RUNNER_TRACKING_ID could be started{}",
                seen.as_ref().map_or(String::new(), |seen| format!(": {}", fault(seen)))
            ),
            "follow CI with `watch: event` or `inline`",
        ),
        Runner::Hosted => FindingLine::new(
            "job",
            "this job runs on a machine of GitHub's, of which nothing stays after the job",
            "runs-on: [self-hosted, Linux, X64]",
        ),
        Runner::InContainer => FindingLine::new(
            "job",
            "this job runs in a container: a watcher would end with it, and git and docker are the container's",
            "take `container:` out of the job",
        ),
        Runner::UnitSpares { name } => {
            FindingLine::plain("service", format!("{name}: KillMode=process, a watcher outlives the runner's restart"))
        }
        Runner::UnitKills { name, mode } => FindingLine::new(
            "service",
            format!("{name}: KillMode={mode}, a restart of the runner would kill a watcher"),
            format!("sudo systemctl edit {}: [Service] KillMode=process", word(name)),
        ),
        Runner::NoUnit => FindingLine::plain("service", "no actions.runner.* service of systemd on this machine"),
        Runner::Folders { temp } => FindingLine::plain("folders", format!("{temp} can be written to")),
        Runner::FolderDenied { path } => FindingLine::new(
            "folders",
            format!("{path} cannot be written to"),
            format!("sudo chown -R \"$USER\" {}, as the runner's user", word(path)),
        ),
        Runner::Emptied { setting, path, folder } => FindingLine::new(
            "folders",
            format!("`{setting}` ({path}) is in {folder}, which the runner or actions/checkout empties"),
            format!("put `{setting}` elsewhere"),
        ),
    }
}

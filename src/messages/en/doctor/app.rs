//! Work tree, containers and site, in English.

use std::collections::BTreeMap;

use super::fault;
use crate::failure::reason::{Missing, Obstacle};
use crate::messages::en::{counted, reason};
use crate::messages::finding::{Containers, Content, FindingLine, Remote, Site, Tree};
use crate::tools::path::parent;
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

pub(super) fn tree(seen: &Tree) -> FindingLine {
    match seen {
        Tree::None => FindingLine::plain("work tree", "no `app-path`: nothing is deployed here, only watched over"),
        Tree::Missing { path, remote, clone: Some(clone) } => FindingLine::new(
            "work tree",
            format!("{path} does not exist; it is a folder of the repository"),
            format!("git clone {} {}", word(remote), word(clone)),
        ),
        Tree::Missing { path, remote, clone: None } => FindingLine::new(
            "work tree",
            format!(
                "{path} does not exist; where the site is a folder of the repository, clone to the folder above ({})",
                parent(path)
            ),
            format!("git clone {} {}", word(remote), word(path)),
        ),
        Tree::File { path } => FindingLine::new(
            "work tree",
            format!("{path} is a file, no folder"),
            "name the repository's clone, or a folder in it, in `app-path`",
        ),
        Tree::Left { path, state_folder, state_dir, file } => FindingLine::new(
            "work tree",
            format!("{path} is this environment's already, and its state is in {state_folder}"),
            format!("set `state-dir` back to {state_dir}; if that state is no more: rm {}", word(file)),
        ),
        Tree::NoRepository { path } => FindingLine::new(
            "work tree",
            format!("{path} is in no git repository"),
            "name the repository's clone in `app-path`",
        ),
        Tree::Distrusted { path, owner, user } => FindingLine::new(
            "work tree",
            format!("git does not trust it: {path} is {owner}'s, and we are {user}"),
            format!("sudo chown -R {} {}", word(user), word(path)),
        ),
        Tree::Taken { path, name, state_folder, file } => FindingLine::new(
            "work tree",
            format!(
                "{path} belongs to the environment {name} (its state is in {state_folder}), and a clone has one live version"
            ),
            format!(
                "give this environment a clone of its own with `app-path`; if {name} is no more: rm {}",
                word(file)
            ),
        ),
        Tree::Together { path, name } => FindingLine::new(
            "work tree",
            format!("{path} is the environment {name}'s as well, and a clone has one live version"),
            "give this environment a clone of its own with `app-path`",
        ),
        Tree::Empty { path } => {
            FindingLine::new("work tree", format!("{path} has no commit yet"), format!("git -C {} pull", word(path)))
        }
        Tree::There { top, head, subject } => {
            FindingLine::plain("work tree", format!("{top} at {} {subject}", head.short()))
        }
        // What installs it stands beside the machine's own check of it.
        Tree::Unanswered { fault: seen @ ProcessError::Absent } => FindingLine::plain("git", fault(seen)),
        Tree::Unanswered { fault: seen } => {
            FindingLine::new("git", fault(seen), "run `git status` by hand in `app-path`")
        }
        Tree::Remote(seen) => remote(seen),
        Tree::Content(seen) => content(seen),
        Tree::Writable => FindingLine::plain("rights", "every folder of it can be written to"),
        Tree::Denied { path, owner, top, user } => FindingLine::new(
            "rights",
            format!("{path} is {owner}'s, {user} cannot write to it: git reset would fail"),
            super::writable(owner, user, top),
        ),
        Tree::IndexLock { path, held_by: None } => FindingLine::new(
            "index.lock",
            format!("{path} was left by a git that was stopped; the next deploy removes it"),
            format!("rm {}", word(path)),
        ),
        Tree::IndexLock { path, held_by: Some(process) } => {
            FindingLine::new("index.lock", format!("{path} is held by {process}"), "wait until it has ended")
        }
    }
}

fn remote(seen: &Remote) -> FindingLine {
    match seen {
        Remote::Own { url } => FindingLine::plain("remote", url),
        Remote::Other { url, wanted } => FindingLine::new(
            "remote",
            format!("origin is {url}, and this workflow is {wanted}'s"),
            "correct `app-path`, or git remote set-url origin",
        ),
        Remote::None { path } => {
            FindingLine::new("remote", "no `origin`", format!("git -C {} remote add origin URL", word(path)))
        }
        Remote::Secret { path } => FindingLine::new(
            "remote",
            "a password or token stands in origin's address, to be read in .git/config",
            format!("git -C {} remote set-url origin ADDRESS_WITHOUT_IT, and revoke that token", word(path)),
        ),
        Remote::Branch { branch, tip } => {
            FindingLine::plain("branch", format!("origin/{branch} is at {}", tip.short()))
        }
        Remote::NoBranch { branch } => {
            FindingLine::new("branch", format!("origin has no branch {branch}"), "set `branch`")
        }
        Remote::Unreachable { path, branch, fault: seen } => FindingLine::new(
            "branch",
            format!("origin does not answer: {}", fault(seen)),
            format!("git -C {} ls-remote origin {}", word(path), word(branch)),
        ),
    }
}

fn files(count: usize) -> String {
    counted(count as u64, "file", "files")
}

fn content(seen: &Content) -> FindingLine {
    match seen {
        Content::Shallow { path } => FindingLine::new(
            "history",
            "shallow clone; the first deploy fetches the rest",
            format!("git -C {} fetch --unshallow origin", word(path)),
        ),
        Content::Unpushed { path, branch, count } => FindingLine::new(
            "commits",
            format!(
                "{} not on origin/{branch}; the next deploy puts that aside under refs/mangetamain-deploy/commits/",
                counted(*count, "commit is", "commits are")
            ),
            format!("git -C {} log origin/{}.., then push or drop that", word(path), word(branch)),
        ),
        Content::Changed { path, count, first } => FindingLine::new(
            "changed",
            format!(
                "{} changed by hand ({first}{}); the next deploy puts that aside under refs/mangetamain-deploy/stash/",
                counted(*count as u64, "tracked file", "tracked files"),
                if *count > 1 { ", ..." } else { "" }
            ),
            format!("git -C {} diff, then commit or drop that", word(path)),
        ),
        Content::Submodules(count) => {
            FindingLine::plain("submodules", counted(*count as u64, "at its commit", "at their commits"))
        }
        Content::SubmodulesOff { path, names } => FindingLine::new(
            "submodules",
            format!("not there, or at another commit: {}", names.join(", ")),
            format!("git -C {} submodule update --init --recursive", word(path)),
        ),
        Content::Lfs(count) => FindingLine::plain("LFS", format!("{}, and git-lfs is there", files(*count))),
        Content::Pointer { path, file } => FindingLine::new(
            "LFS",
            format!("{file} is an LFS pointer, not the file itself"),
            format!("git -C {0} lfs install && git -C {0} lfs pull", word(path)),
        ),
        Content::NoLfs(count) => FindingLine::new(
            "LFS",
            format!("{} of LFS, and git-lfs is not installed", files(*count)),
            "sudo apt-get install git-lfs",
        ),
        Content::Idle(glob) => FindingLine::new(
            "guard",
            format!("{glob}, in `guard-paths`, means no file of what is checked out"),
            "correct it, if it should: `migrations/**`, from the repository's top folder or from `app-path`",
        ),
        Content::Command(program) => FindingLine::plain("command", program),
        Content::NoCommand { program, executable: false } => FindingLine::new(
            "command",
            format!("{program} is not executable"),
            format!(
                "in your own clone: git update-index --chmod=+x {} && git commit -m executable && git push",
                word(program)
            ),
        ),
        Content::NoCommand { program, executable: true } => FindingLine::new(
            "command",
            format!("{program} does not exist"),
            "correct `deploy-command`: one word a line, the program first",
        ),
    }
}

/// Which compose file, or service of it, there is not.
pub(in super::super) fn no_compose_file(path: &str, missing: &Missing) -> String {
    match missing {
        Missing::Nowhere => format!("{path} is neither in this version nor on this machine"),
        Missing::Removed => format!("{path} is not in this version any more"),
        Missing::Service(service) => format!("{path} has no service `{service}` in this version"),
    }
}

/// The compose file, or the services, that may be meant.
pub(in super::super) fn of_compose(setting: &str, known: &[String]) -> String {
    match known.is_empty() {
        true => format!("correct `{setting}`"),
        false => format!("{setting}: {}?", known.join(", ")),
    }
}

pub(super) fn containers(seen: &Containers) -> FindingLine {
    match seen {
        Containers::None => FindingLine::plain("compose", "no `compose.file`: no containers to restart"),
        Containers::Unset { names, file } => FindingLine::new(
            "compose",
            format!("no `compose.file`, and {} runs by {file}: a deploy will not restart it", names.join(", ")),
            format!("compose.file: {file}"),
        ),
        Containers::NotAsked => FindingLine::plain("containers", "nothing to ask without an engine (see machine)"),
        Containers::NoFile { path, nearby } => {
            FindingLine::new("compose", format!("{path} does not exist"), of_compose("compose.file", nearby))
        }
        Containers::File { path, services } => {
            FindingLine::plain("compose", format!("{path}: {}", services.join(", ")))
        }
        Containers::Refused { path, words } => FindingLine::new(
            "compose",
            format!("compose refuses {path}: {words}"),
            format!("docker compose -f {} config", word(path)),
        ),
        Containers::NoService { service, nearest, known } => FindingLine::new(
            "compose",
            format!("no service {service:?}; there are {}", known.join(", ")),
            nearest.as_ref().map_or("correct `compose.service`".to_owned(), |near| format!("compose.service: {near}")),
        ),
        Containers::Unanswered { fault: seen } => FindingLine::new("containers", fault(seen), "docker ps"),
        Containers::NoneYet => FindingLine::plain("containers", "none yet: the first deploy makes them"),
        Containers::NoneForRestart { command } => {
            FindingLine::new("containers", "none, and `compose.strategy: restart` makes none", command)
        }
        Containers::Run { names } => FindingLine::plain("containers", format!("running: {}", names.join(", "))),
        Containers::Down { name, status, exit, command } => {
            FindingLine::new("containers", format!("{name}: {status} (exit code {exit})"), command)
        }
        Containers::Ailing { name } => FindingLine::new(
            "containers",
            format!("{name} says itself that it is unhealthy"),
            format!("docker logs --tail 50 {}", word(name)),
        ),
        Containers::Heed => FindingLine::plain("stop", "all heed SIGTERM"),
        Containers::Ignores { service, program, seconds, certain } => FindingLine::new(
            "stop",
            format!(
                "{service} {}ignores SIGTERM ({program} as process 1, no init): every restart waits {seconds} s",
                if *certain { "" } else { "most likely " }
            ),
            format!("services: {{ {service}: {{ init: true }} }} in the compose file"),
        ),
        Containers::Shared { found, file, ours } => FindingLine::new(
            "containers",
            reason::obstacle(&Obstacle::Shared(found.clone())),
            reason::own_project(file, ours),
        ),
        Containers::Projects { projects } => of_projects(projects),
        Containers::Unnamed { service, volume, project } => FindingLine::new(
            "volumes",
            format!(
                "{service} keeps {} in a volume without a name: renamed, or made from nothing (`recreate`, `docker compose down`), it starts with an empty one",
                volume.place
            ),
            format!(
                "while it is stopped: docker run --rm -v {}:/from:ro -v {project}_{service}-data:/to busybox cp -a /from/. /to; then, in the compose file, {service}-data:{} under `volumes` of {service}, and {service}-data under `volumes` at its end",
                volume.name, volume.place
            ),
        ),
        Containers::ComeBack => FindingLine::plain("reboot", "the containers come back when the machine restarts"),
        Containers::StayAway { services } => FindingLine::new(
            "reboot",
            format!("when the machine restarts, nothing starts {} again", services.join(", ")),
            "restart: unless-stopped in the compose file",
        ),
    }
}

pub(super) fn site(seen: &Site) -> FindingLine {
    match seen {
        Site::None => FindingLine::plain("site", "no `url`: nothing checks that the site answers"),
        Site::Well { url, ms } => FindingLine::plain("site", format!("{url} answers as expected in {ms} ms")),
        Site::Badly { url, unwell } => {
            let told = format!("{url}: {}", super::super::site::unwell(unwell));
            FindingLine::new("site", told, format!("curl -sSi {}", word(url)))
        }
        Site::Unproven => FindingLine::new(
            "site",
            "nothing proves which version answers: without a `compose-file`, an old process that still runs passes for the new one",
            "let the site name its SHA, and set `health-contains: '{sha}'` (or `health-json`)",
        ),
        Site::Circles { url, hops } => {
            FindingLine::new("site", format!("{url}: more than {hops} redirects"), format!("curl -sSIL {}", word(url)))
        }
    }
}

fn of_projects(projects: &BTreeMap<String, Vec<String>>) -> FindingLine {
    let seen = reason::obstacle(&Obstacle::Projects(projects.clone()));
    FindingLine::new("containers", seen, reason::ONE_PROJECT)
}

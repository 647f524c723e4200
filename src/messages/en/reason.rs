//! Why something did not come about, in English; `fr::reason` says the same.

use std::collections::BTreeMap;

use super::doctor::of_compose;
use crate::environment::Locale;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle, Shared, Silence};
use crate::failure::rebuff::Rebuff;
use crate::failure::{Deed, Failure, NoFile};
use crate::messages::reason::{then, with_words};
use crate::time::span;
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

/// A failure of the world.
pub fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Stopped { signal, attempt: doing } => {
            let doing = attempt(doing);
            format!("stopped by {signal} while {doing}; what was begun is finished or undone by the next run")
        }
        Failure::Locked { environment, holder, waited_ms } => format!(
            "waited {} for the lock of {environment}, held by {holder}; run again when that run has ended",
            span(*waited_ms)
        ),
        Failure::Left { holder, process } => format!(
            "{holder} still runs, though its run was killed, and may yet write; run again once it has ended, or end it on the machine: kill -- -{process} (and then `rollback`, if it is not to begin anew)"
        ),
        Failure::Lacking { why } => format!(
            "{} This run leaves everything as it is: the next one that has what it takes goes on by itself",
            crate::messages::reason::reason(why, Locale::En)
        ),
        Failure::NotTheirs { user: None, owner } => format!(
            "this is root, and the environment is {owner}'s, who could not change what root writes. Run it as {owner}: sudo -u {owner} mangetamain-deploy ..."
        ),
        Failure::NotTheirs { user: Some(user), owner } => format!(
            "this is {user}, and the environment is {owner}'s, whose files {user} may not change. Run it as {owner}: sudo -u {owner} mangetamain-deploy ..."
        ),
        Failure::Disk { deed, path, seen } => {
            let deed = match deed {
                Deed::Read => "read",
                Deed::Write => "write",
                Deed::Lock => "lock",
                Deed::Make => "make",
            };
            let mend = match seen {
                Rebuff::System { code, .. } if ["ENOSPC", "EDQUOT"].contains(&code.as_str()) => {
                    "make room on that disk (df -h, docker system df)"
                }
                Rebuff::System { code, .. } if code == "EROFS" => {
                    "that disk is mounted read-only: see why (dmesg), and mount it to be written to"
                }
                Rebuff::NoFlock => "install util-linux",
                _ => "give the runner's user that right, or choose another folder with `state-dir`",
            };
            format!("could not {deed} {path}: {}; {mend}", rebuff(seen))
        }
        Failure::Newer { path, after } => format!(
            "could not go on from {path}: after entry {after} stands one that this version does not know, so a newer version wrote it; use that version (or a newer one) on this machine"
        ),
        Failure::Page { path, seen } => format!(
            "could not write the status page {path}: {}; does its folder exist, and may this user write there? Or name another file with `status-page`",
            rebuff(seen)
        ),
        Failure::NoPage { path, why } => {
            let what = match why {
                NoFile::Folder => "is a folder",
                NoFile::Device => "is no plain file",
                NoFile::Nowhere => "is a link that leads nowhere",
            };
            format!("no status page was written: {path} {what}; name a file with `status-page` (`--html`)")
        }
        Failure::Closed { path, fault } => {
            format!("making {path} readable for everybody (chmod): {fault}; the page itself is there")
        }
    }
}

/// What came instead of what the host was asked for.
pub fn rebuff(seen: &Rebuff) -> String {
    match seen {
        Rebuff::NotOurs(path) => format!("{path} is not a file of ours alone"),
        Rebuff::Foreign(path) => format!("{path} belongs to another user, who could change what stands in it"),
        Rebuff::NoFlock => "the program flock (of util-linux) is not installed".to_owned(),
        Rebuff::Flock(words) => format!("the program flock failed ({words})"),
        Rebuff::NotHeld(path) => format!("the lock {path} is not ours"),
        Rebuff::NoFolder(path) => format!("the folder {path} does not exist"),
        Rebuff::Watcher(end) => format!("the watcher ended with {end} before it was ready"),
        Rebuff::System { code, words } => format!("{code} ({words})"),
        Rebuff::Nothing => "nothing stands there".to_owned(),
        Rebuff::Stopped(signal) => format!("stopped by {signal}"),
        Rebuff::Odd => "an answer came that belongs to another question, a bug of mangetamain-deploy".to_owned(),
    }
}

/// What was being done.
pub fn attempt(attempt: &Attempt) -> String {
    let text = match attempt {
        Attempt::Command(program) => return format!("running {program}"),
        Attempt::Read(path) => return format!("reading {path}"),
        Attempt::PutBack(name) => return format!("putting back the machine's own files, kept in {name}"),
        Attempt::Tree => "looking at the work tree",
        Attempt::Owner => "looking whose work tree this is",
        Attempt::Fetch => "fetching the commit",
        Attempt::Deepen => "deepening the shallow clone",
        Attempt::FetchLfs => "fetching LFS files",
        Attempt::Commits => "comparing two commits",
        Attempt::Validated => "comparing with the last validated commit",
        Attempt::Keep => "saving local changes",
        Attempt::Reset => "resetting the work tree",
        Attempt::Submodules => "updating submodules",
        Attempt::CheckLfs => "checking LFS files",
        Attempt::Containers => "restarting containers",
        Attempt::Site => "checking the site",
        Attempt::Sites => "checking the sites",
        Attempt::Promote => "preparing the promote",
        Attempt::Measure => "measuring what a backup needs",
        Attempt::Backup => "making the backup",
        Attempt::Restore => "putting files back from the backup",
        Attempt::Target => "choosing the rollback's target",
        Attempt::Answer => "waiting for the answer",
        Attempt::CiRun => "asking GitHub for the CI run",
        Attempt::FollowCi => "following CI",
        Attempt::Digest => "reading why CI failed",
        Attempt::Deployment => "telling GitHub of the deploy",
        Attempt::Lock => "waiting for the lock",
        Attempt::Watcher => "waiting for the watcher before",
    };
    text.to_owned()
}

/// What was seen instead.
pub fn obstacle(seen: &Obstacle) -> String {
    match seen {
        Obstacle::Ended(fault) => fault.to_string(),
        Obstacle::Program(program, ProcessError::Absent) => format!("{program} is not installed, or not in PATH"),
        Obstacle::Program(program, fault) => format!("{program}: {fault}"),
        Obstacle::Failure(one) => failure(one),
        Obstacle::Rebuff(seen) => rebuff(seen),
        Obstacle::TooLong(limit_ms, tail) => {
            with_words(&format!("not done within {}, and ended", span(*limit_ms)), "\n", tail)
        }
        Obstacle::Exit(code, tail) => with_words(&format!("exit code {code}"), "\n", tail),
        Obstacle::Signal(Some(signal), tail) => with_words(&format!("ended by {signal}"), "\n", tail),
        Obstacle::Signal(None, tail) => with_words("ended", "\n", tail),
        Obstacle::NoProgram => "no such program".to_owned(),
        Obstacle::NoInterpreter => "its first line names a program that is not on this machine".to_owned(),
        Obstacle::NoCompose => "neither `docker compose` nor `docker-compose` answers on this machine".to_owned(),
        Obstacle::Shared(Shared { project, containers, file }) => format!(
            "the compose project `{project}` is another site's too: a deploy would make {} ({file}) anew as its own",
            containers.join(", ")
        ),
        Obstacle::Projects(projects) => format!(
            "containers of this compose file are of several projects, and compose would see to those of one: {}",
            of_projects(projects)
        ),
        Obstacle::Unwritten(path, seen) => format!("{path} cannot be written: {}", rebuff(seen)),
        Obstacle::Unreadable(path, seen) => format!("{path}: {seen}"),
        Obstacle::NothingValidated => "there is no validated SHA, and no baseline".to_owned(),
        Obstacle::NothingBefore => "there is no SHA that was live before".to_owned(),
        Obstacle::Undone(sha) => format!("what was live before is {sha}, and somebody has gone back from it by hand"),
        Obstacle::Quarantined(sha) => format!("{sha} failed (in CI or here) and is quarantined"),
        Obstacle::NotBack(sha) => {
            format!("{} was never live here, and is no older than what is live: that is no way back", sha.short())
        }
        Obstacle::NoEnvFile(path) => format!("the containers were started with --env-file {path}, which is gone"),
        Obstacle::Ambiguous(digits) => format!("{digits:?} names no commit here, or more than one"),
        Obstacle::NotHere(sha) => format!("{sha} is not known in this clone"),
        Obstacle::Astray(seen) => astray(seen),
        Obstacle::Unsaved(seen) => super::backup::unsaved(seen),
        Obstacle::Silence(seen) => silence(seen),
    }
}

fn astray(seen: &Astray) -> String {
    match seen {
        Astray::NoBranch(branch) => format!("origin has no branch {branch}"),
        Astray::NotKnown(sha) => format!("{sha} is not known to the remote"),
        Astray::HeadIs(head) => format!("git says it is done, but HEAD is {head}"),
        Astray::HalfWritten(fault) => then(&fault.to_string(), "Files were written before that"),
        Astray::LockStands { lock, seen } => format!("{lock} stands in git's way: {}", rebuff(seen)),
        Astray::LockHeld { lock, pid, name } => format!("{lock} is held by process {pid} ({name})"),
        Astray::Pointer(path) => format!("{path:?} is an LFS pointer, not the file itself"),
        Astray::OwnedBy(path, name, folder) => {
            format!("{path} belongs to the environment `{name}`, whose state is in {folder}")
        }
        Astray::StateOf(folder, path) => format!("the state in {folder} is that of {path}"),
        Astray::TagOf(commit) => format!("it is a tag, of the commit {commit}"),
        Astray::NoComposeFile(path, missing) => super::doctor::no_compose_file(path, missing),
        Astray::NoAppPath(path) => format!("this version has no folder {path}, which is `app-path`"),
        Astray::DirtySubmodule(path) => format!("the submodule {path:?} has local changes"),
        Astray::Repository(path) => format!("another repository stands at {path:?}"),
        Astray::OddName(path) => format!("{path:?} is in the way, untracked, and its name is not UTF-8"),
        Astray::TreeAt(head) => format!("the work tree now stands at {}", head.short()),
        Astray::OffBranch(sha, branch) => format!("{sha} is not on origin/{branch}"),
    }
}

pub(super) fn silence(seen: &Silence) -> String {
    match seen {
        Silence::NothingToAsk => "no ledger on this machine, and no repository to ask GitHub about".to_owned(),
        Silence::RunEnded(id, verdict) => format!("CI run {id}: {verdict:?}").to_lowercase(),
        Silence::RunUnderWay(id) => format!("CI run {id} is under way"),
        Silence::NoRunOf(workflow) => format!("GitHub knows no run of {workflow} for it"),
        Silence::GitHubLater(why) => format!("GitHub did not answer: {why}"),
        Silence::GitHubDenied(denial) => denial.to_string(),
    }
}

/// What to do next.
pub fn mend(mend: &Mend) -> String {
    let text = match mend {
        Mend::RunsOn => "This job runs at GitHub's: give `runs-on` the site's own runner (`self-hosted`).",
        Mend::OwnTree(path) => return format!("Is `app-path` ({path}) a git work tree that this user owns?"),
        Mend::OwnClone { name, other, file } => return own_clone(name, other, file),
        Mend::OwnState { name, file } => {
            return format!(
                "Two applications on one machine need two names: give `{name}` another `environment`, or a `state-dir` of its own. If that clone is no more in use, remove {file}."
            );
        }
        Mend::PruneRemote(folder) => return prune_remote(folder),
        Mend::ForgetKept(name) => return forget_kept(name),
        Mend::Remount => "That disk is mounted read-only: see why (dmesg), and remount it.",
        Mend::GiveCommit(commit) => return format!("Give the commit: {commit}"),
        Mend::KeepAppPath => "Was it renamed? Set `app-path` to a folder that the version has.",
        Mend::TakeBack(command) => return format!("The run goes on without them; by hand: {command}"),
        Mend::OwnProject { file, ours } => return format!("Nothing was touched. {}", own_project(file, ours)),
        Mend::OneProject => return format!("Nothing was touched. {ONE_PROJECT}"),
        Mend::NameOfCompose(setting, known) => return format!("Nothing was touched. {}", of_compose(setting, known)),
        Mend::OwnFiles(folder) => return own_files(folder),
        Mend::OwnFolder(folder) => return format!("The runner's user must own {folder}."),
        Mend::Unknown => "",
        Mend::InstallGit => "Install git: sudo apt-get install git.",
        Mend::FirstCommit => "The work tree needs a commit to go back to.",
        Mend::NameRemote => "Name the remote `origin`: git remote add origin URL.",
        Mend::ReachRemote => {
            "Is the remote reachable from this machine, and may this user read it? (git fetch origin) Is there room on the disk? (df -h)"
        }
        Mend::PushAgain => "Was the branch rewritten since? Push again.",
        Mend::Unshallow => "Make it whole by hand: git fetch --unshallow origin.",
        Mend::ReadLfs => "May this token or this user read them? (git lfs fetch origin)",
        Mend::SetBranch => "Set `branch` to the one that is deployed.",
        Mend::NameBranch => "Is `branch` the name of a branch of the remote?",
        Mend::PutAway => {
            "Commit, move or remove them by hand (git status; `sudo chown` what git may not read), then run again."
        }
        Mend::LookAtTree => "Look at the work tree.",
        Mend::FreeTree => "Free disk space, rights and locks of the work tree decide; run the job again after mending.",
        Mend::RemoveLock => "Remove it by hand.",
        Mend::AwaitHolder => "Wait for it or end it, then run again.",
        Mend::ReachSubmodules => "Can this machine reach the submodules' remotes, and are the pinned commits pushed?",
        Mend::InstallLfs => {
            "On this machine: install git-lfs (git lfs install), fetch its files (git lfs pull), then run again."
        }
        Mend::RunCommand => {
            "Run this command by hand in `app-path` to see why; it gets DEPLOY_SHA and DEPLOY_ENVIRONMENT."
        }
        Mend::LeaveHead => {
            "Take `git pull`, `checkout`, `switch` and `reset` out of it: the version is in place before it runs."
        }
        Mend::GivePath => "Give its absolute path, or put it in PATH; each argument stands on a line of its own.",
        Mend::FirstLine => "Install that program, or mend the line: does it end as lines of Windows do (CRLF)?",
        Mend::MakeExecutable => "Is it executable?",
        Mend::RunCompose => "Run the same compose command by hand on this machine to see why.",
        Mend::AskEngine => {
            "Run the same compose command by hand on this machine to see why. Does the engine run, and may this user use its socket? (docker ps)"
        }
        Mend::InstallCompose => "Install Docker Compose (docker-compose-plugin), or leave `compose-file` out.",
        Mend::PutEnvFileBack => {
            "Nothing was touched. Put it back; or, if it is needed no more, start the containers without it once (docker compose up -d)."
        }
        Mend::DeployIt => "Forward leads `deploy` or `promote`, which ask for its CI.",
        Mend::SaveElsewhere => {
            "Nothing that is live was touched. Mend that, or choose another `backup-dir`, and run again."
        }
        Mend::OtherBackup(other) => return super::promote::other_backup(other.as_ref()),
        Mend::RestoreByHand => "The backup itself is untouched; the commands below do it by hand.",
        Mend::FreeRoom => "Nothing was touched. Free some there, then run again; or leave `backup` out.",
        Mend::LeaveBackupOut => "Leave `backup` out.",
        Mend::LeaveToOut => "Leave `to` out, or choose the backup that belongs to it.",
        Mend::GiveTo => "Name one with `to`.",
        Mend::GiveBackup => "Name one with `backup`.",
        Mend::ChooseAnother => {
            "Choose another; or this one all the same, with `force: true` (at a terminal: `--force`)."
        }
        Mend::MoreDigits => "Give more digits (git log --oneline).",
        Mend::FetchIt => "Fetch it (git fetch origin); or put it live with `mode: deploy`, which fetches it itself.",
        Mend::OfTheBranch => "Only a commit of the branch goes live.",
    };
    text.to_owned()
}

/// Projects, each with its containers.
fn of_projects(projects: &BTreeMap<String, Vec<String>>) -> String {
    let all: Vec<String> =
        projects.iter().map(|(project, names)| format!("`{project}` ({})", names.join(", "))).collect();
    all.join("; ")
}

fn own_clone(name: &str, other: &str, file: &str) -> String {
    format!(
        "One work tree can only have one version live: give `{name}` a clone of its own with `app-path`. If `{other}` is no more, remove {file}."
    )
}

fn forget_kept(name: &str) -> String {
    format!(
        "What was saved there is damaged, and in the way of every fetch. In the work tree: git update-ref -d {name}"
    )
}

fn prune_remote(folder: &str) -> String {
    format!("A branch that is gone there stands in the way: git -C {} remote prune origin", word(folder))
}

fn own_files(folder: &str) -> String {
    format!(
        "Files there are another user's (a container may have written them as root): sudo chown -R \"$USER\" {}, as the runner's user.",
        word(folder)
    )
}

/// What ends projects that are not this site's.
pub const ONE_PROJECT: &str =
    "End what is not this site (docker compose -p PROJECT down), or give each site a compose file of its own.";

/// How a compose project gets a name of its own.
pub fn own_project(file: &str, ours: &[String]) -> String {
    let name = format!(
        "Give this site's compose project a name of its own: `name: ...` as the first line of {file}, or a folder of another name."
    );
    match ours.is_empty() {
        true => name,
        false => {
            format!("{name} Its containers keep the old name until they are removed: docker rm -f {}.", ours.join(" "))
        }
    }
}

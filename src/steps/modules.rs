//! Submodules, where a version brings one, moves it or has it no more: which folder is git's own left-over, and what
//! in it is somebody's. In a repository without any, no command is run.

use super::survey::place;
use super::{Trouble, fault, git_fault};
use crate::failure::reason::{Astray, Attempt, Mend};
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Git, GitFault, Link, dirty_told, links_told, module_named};

const ATTEMPT: &Attempt = &Attempt::Keep;
const MEND: Mend = Mend::PutAway;
/// Bytes of a `.git` file that are read: a path.
const NAME_CAP: u64 = 8192;

/// Repositories that stand where the target writes. A reset leaves the folder of a submodule that a version has no
/// more: where the target has one there, that is not in the way, and git takes it over, unless somebody changed
/// files in it.
pub(super) async fn pass<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    repositories: &[String],
    target: &Sha,
) -> Result<(), Trouble> {
    let paths: Vec<String> = repositories.iter().map(|path| path.trim_end_matches('/').to_owned()).collect();
    let links = links_at(session, git, target, &paths).await?;
    for (path, told) in paths.iter().zip(repositories) {
        let is_link = links.iter().any(|link| link.path == *path);
        if !is_link || module(session, git, path).await?.is_none() {
            return Err(fault(ATTEMPT, Astray::Repository(told.clone()), MEND));
        }
        let dirty = ask(session, git.submodule(path).dirty()).await?;
        if !dirty_told(&dirty).map_err(trouble)?.is_empty() {
            return Err(fault(ATTEMPT, Astray::DirtySubmodule(path.clone()), MEND));
        }
    }
    Ok(())
}

/// The repository that git keeps for the submodule at this path, by the `.git` file that stands there.
async fn module<H: Host>(session: &Session<'_, H>, git: &Git, path: &str) -> Result<Option<String>, Trouble> {
    let modules = format!("{}/modules", place(session).await?.1.git_dir);
    let folder = git.at_top(path);
    let command = Command::Read { path: format!("{folder}/.git"), cap: NAME_CAP, keep: Keep::Head };
    Ok(match session.host.perform(command).await {
        Reply::Text { text, .. } => module_named(&text, &folder, &modules),
        _ => None,
    })
}

async fn links_at<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    sha: &Sha,
    paths: &[String],
) -> Result<Vec<Link>, Trouble> {
    let mut links = Vec::new();
    for run in git.links_at(sha, paths) {
        links.extend(links_told(&ask(session, run).await?).map_err(trouble)?);
    }
    Ok(links)
}

async fn ask<H: Host>(session: &Session<'_, H>, run: Run) -> Result<Reply, Trouble> {
    Ok(session.run(run, ATTEMPT).await?)
}

fn trouble(fault: GitFault) -> Trouble {
    git_fault(ATTEMPT, fault, MEND)
}

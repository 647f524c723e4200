//! Compare what is live with what is to be live, where the settings guard paths against automatic rollbacks, whether what
//! goes forward will have its compose file and its deploy command, and whose containers its own would take the place of.
//! What differs is asked here for all steps; more is asked only when nothing stands at the path of one of these files, the
//! version deletes what does, or another's containers are in the same compose project.

use super::compose_file::{self, Candidate, may_come};
use super::differences::between;
use super::standing::exists;
use super::survey::repository;
use super::{Trouble, ahead, fault, git_fault, neighbours, program};
use crate::environment::Environment;
use crate::failure::reason::{Astray, Attempt, Mend};
use crate::host::Host;
use crate::machine::entry::Because;
use crate::machine::operation::Operation;
use crate::machine::{Ask, Fact, Files};
use crate::messages::log::Did;
use crate::session::Session;
use crate::tools::git::{Git, ProcessError, prefix_told};
use crate::tools::guard;

/// Guarded paths that are told.
const SHOWN: usize = 10;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>, operation: &Operation) -> Result<Did, Trouble> {
    let globs = &operation.with.guard_paths;
    let mut guarded = Vec::new();
    if let (Ask::Rollback { to, .. }, Some(from), false) = (&operation.ask, &operation.from, globs.is_empty()) {
        let git = repository(session).await?;
        let told = between(session, &git, from, to, &Attempt::Commits).await?;
        let told = told.map_err(|fault| git_fault(&Attempt::Commits, fault, Mend::Unknown))?;
        // From the folder of the version that is gone back to, and from that of the settings by now.
        let prefixes = [Some(prefix(session, &git).await?), inside(&git, &session.with.app_path)];
        let means = |path: &&String| {
            prefixes.iter().flatten().any(|prefix| !guard::guarded(globs, vec![(*path).clone()], prefix).is_empty())
        };
        guarded = told.changed.iter().filter(means).cloned().collect();
        guarded.truncate(SHOWN);
    }
    if guarded.is_empty() {
        let version = Candidate::own(operation.ask.target());
        // Of a way back, it may come from the backup, or be the machine's own that a version had replaced.
        if operation.ask.is_forward() {
            ensure_folder(session, &operation.with, version).await?;
            let ensured = compose_file::ensure_present(session, &operation.with, version);
            ahead::beside(session, ensured).await?;
        }
        if asks_for_services(&operation.ask) {
            let ensured = compose_file::ensure_services_present(session, &operation.with, version);
            ahead::beside(session, ensured).await?;
            // Nor does it need the command, see `came_with`.
            program::ensure_present(session, &operation.with, version).await?;
        }
        neighbours::ensure_alone(session, version.sha).await?;
    }
    let did = Did::Guarded(guarded.clone());
    session.add(Fact::Compared { guarded }).await;
    Ok(did)
}

/// Refuses a version that does not have the folder of `app-path`, where that is not there yet.
pub async fn ensure_folder<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    version: Candidate<'_>,
) -> Result<(), Trouble> {
    let is_top = repository(session).await?.top() == with.app_path;
    if is_top || exists(session, with.app_path.clone()).await || may_come(session, version, &with.app_path).await? {
        return Ok(());
    }
    Err(fault(&Attempt::Tree, Astray::NoAppPath(with.app_path.clone()), Mend::KeepAppPath))
}

/// Whether the services that are named have to be there: what goes back by itself goes as far as it can, and with files
/// of a backup the compose file may come back, too.
fn asks_for_services(ask: &Ask) -> bool {
    match ask {
        Ask::Deploy { .. } | Ask::Promote { .. } => true,
        Ask::Rollback { because, files, .. } => *because == Because::Person && *files == Files::Remade,
    }
}

/// Where in the repository a folder is, where its path says so: `site/`.
fn inside(git: &Git, folder: &str) -> Option<String> {
    folder.strip_prefix(&format!("{}/", git.top())).map(|inside| format!("{inside}/"))
}

/// Where `app-path` stands in the repository.
async fn prefix<H: Host>(session: &Session<'_, H>, git: &Git) -> Result<String, Trouble> {
    if git.top() == git.work_tree {
        return Ok(String::new());
    }
    let told = match (prefix_told(&session.run(git.prefix(), &Attempt::Commits).await?), inside(git, &git.work_tree)) {
        // A version brings the folder: git cannot be asked in it.
        (Err(ProcessError::NoFolder), Some(inside)) => Ok(inside),
        (told, _) => told,
    };
    told.map_err(|fault| git_fault(&Attempt::Commits, fault, Mend::Unknown))
}

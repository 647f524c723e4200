//! Whether the compose file will be there: a name that is misspelt is refused before anything is touched, since no
//! version would do better, and compose would say so only after the reset. Asks git only where nothing stands at the
//! path now; what cannot be known beforehand is left to compose.

use super::survey::{exists, repository};
use super::{Trouble, fault, neighbours};
use crate::environment::Environment;
use crate::failure::reason::{Astray, Attempt, Mend};
use crate::host::{Command, Host, Reply};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::{real_paths, real_paths_told};
use crate::tools::compose::near;
use crate::tools::git::{AtCommit, Git, at_commit, upwards};
use crate::tools::path::parent;

/// Refuses a version that has no compose file, where the machine has none either; `reader` may know it before it is here.
pub async fn refuse<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    (reader, sha): (Option<&Git>, &Sha),
) -> Result<(), Trouble> {
    // A deploy command may make it.
    let Some(compose) = with.compose.as_ref().filter(|_| with.deploy_command.is_empty()) else {
        return Ok(());
    };
    let file = compose.file.clone();
    if exists(session, file.clone()).await || may_come(session, (reader, sha), &file).await? {
        return Ok(());
    }
    let nearby = match session.host.perform(Command::List { path: parent(&file).to_owned() }).await {
        Reply::Names { names } => near(names),
        _ => Vec::new(),
    };
    Err(fault(&Attempt::Containers, Astray::NoComposeFile(file), Mend::NameComposeFile(nearby)))
}

/// Whether the reset may bring it.
async fn may_come<H: Host>(
    session: &Session<'_, H>,
    (reader, sha): (Option<&Git>, &Sha),
    file: &str,
) -> Result<bool, Trouble> {
    let path = match neighbours::in_repository(session, file).await? {
        Some(path) => Some(path),
        // Maybe by way of a link.
        None => match real_paths_told(&session.run(real_paths(&[file.to_owned()]), &Attempt::Containers).await?, 1) {
            Ok(real) => neighbours::in_repository(session, &real.concat()).await?,
            Err(_) => return Ok(true),
        },
    };
    let Some(path) = path else {
        return Ok(false);
    };
    let git = match reader {
        Some(reader) => reader.clone(),
        None => repository(session).await?,
    };
    for run in git.links_at(sha, &upwards(&path)) {
        let seen = at_commit(&session.run(run, &Attempt::Containers).await?, &path);
        if seen != Ok(AtCommit::Nothing) {
            return Ok(true);
        }
    }
    Ok(false)
}

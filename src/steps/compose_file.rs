//! Whether the compose file, and its services, will be there: a name that is misspelt, or that the version has no more,
//! is refused before anything is touched. Compose would say so only after the reset. Asks git only where nothing stands
//! at the path now, or where what differs says that it goes; what cannot be known beforehand is left to compose.

use super::differences::between;
use super::standing::{exists, read};
use super::survey::repository;
use super::{Trouble, ahead, fault, neighbours};
use crate::environment::Environment;
use crate::failure::reason::{Astray, Attempt, Mend, Missing};
use crate::host::{Command, Host, Reply};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::{real_paths, real_paths_told};
use crate::tools::compose::{near, ours};
use crate::tools::compose_file::declared;
use crate::tools::git::{AtCommit, Git, at_commit, file_told, upwards};
use crate::tools::path::parent;

/// A version that is to go live.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The repository that may know it before it is here; none: our own.
    pub reader: Option<&'a Git>,
    /// Which.
    pub sha: &'a Sha,
}

impl<'a> Candidate<'a> {
    /// One of our own repository.
    #[must_use]
    pub fn own(sha: &'a Sha) -> Self {
        Self { reader: None, sha }
    }

    async fn git<H: Host>(self, session: &Session<'_, H>) -> Result<Git, Trouble> {
        match self.reader {
            Some(reader) => Ok(reader.clone()),
            None => repository(session).await,
        }
    }
}

/// Refuses a version that will have no compose file.
pub async fn ensure_present<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    version: Candidate<'_>,
) -> Result<(), Trouble> {
    // A deploy command may make it.
    let Some(compose) = with.compose.as_ref().filter(|_| with.deploy_command.is_empty()) else {
        return Ok(());
    };
    let file = compose.file.clone();
    let (missing, nearby) = match exists(session, file.clone()).await {
        true => match instead(session, version, &file).await? {
            Some(instead) => (Missing::Removed, instead),
            None => return Ok(()),
        },
        false => match session.host.perform(Command::List { path: parent(&file).to_owned() }).await {
            Reply::Names { names } => (Missing::Nowhere, names),
            _ => (Missing::Nowhere, Vec::new()),
        },
    };
    if may_come(session, version, &file).await? {
        return Ok(());
    }
    Err(fault(
        &Attempt::Containers,
        Astray::NoComposeFile(file, missing),
        Mend::NameOfCompose("compose.file", near(nearby)),
    ))
}

/// Refuses services that the version's compose file does not have, as far as that can be told: compose would say so once
/// the work tree is changed, and the version would be blamed for a name that is misspelt.
pub async fn ensure_services_present<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    version: Candidate<'_>,
) -> Result<(), Trouble> {
    let Some(compose) = with.compose.as_ref().filter(|compose| !compose.services.is_empty()) else {
        return Ok(());
    };
    // A deploy command may write them.
    if !with.deploy_command.is_empty() {
        return Ok(());
    }
    let text = text_at(session, version, &compose.file).await?;
    let Some(known) = text.and_then(|text| declared(&text, &[]).services) else {
        return Ok(());
    };
    let Some(unknown) = compose.services.iter().find(|service| !known.contains(*service)) else {
        return Ok(());
    };
    let listed = ahead::peek(session).await.map(|ahead| ahead.listed).unwrap_or_default();
    let mine = ours(&listed, std::slice::from_ref(&compose.file), &[]);
    // Another file that the project was started with may have it.
    if mine.iter().any(|one| one.belongs.files.len() > 1) {
        return Ok(());
    }
    let seen = Astray::NoComposeFile(compose.file.clone(), Missing::Service(unknown.clone()));
    Err(fault(&Attempt::Containers, seen, Mend::NameOfCompose("compose.service", known.into_iter().collect())))
}

/// The compose file's text in this version; none where it is a link or a submodule's, which say nothing of services.
async fn text_at<H: Host>(
    session: &Session<'_, H>,
    version: Candidate<'_>,
    file: &str,
) -> Result<Option<String>, Trouble> {
    let Some(path) = neighbours::in_repository(session, file).await? else {
        return Ok(read(session.host, file).await);
    };
    let git = version.git(session).await?;
    match file_told(&session.run(git.file_at(version.sha, &path), &Attempt::Containers).await?) {
        Ok(text) => Ok(Some(text)),
        Err(_) if may_come(session, version, file).await? => Ok(None),
        // Not git's: it stays as it stands there.
        Err(_) => Ok(read(session.host, file).await),
    }
}

/// Where what is live has the file and the version does not: what that adds, as seen from the folder of the file.
async fn instead<H: Host>(
    session: &Session<'_, H>,
    version: Candidate<'_>,
    file: &str,
) -> Result<Option<Vec<String>>, Trouble> {
    let Candidate { reader, sha } = version;
    // A version that was here before finds the machine's own again that another one has replaced.
    let Some(live) = session.live().filter(|_| !session.ledger.state.was_live(sha)) else {
        return Ok(None);
    };
    let git = repository(session).await?;
    let told = between(session, reader.unwrap_or(&git), &live, sha, &Attempt::Containers).await?;
    // A dry run has not fetched it yet.
    let Ok(told) = told else {
        return Ok(None);
    };
    let path = match told.removed.is_empty() {
        true => None,
        false => neighbours::in_repository(session, file).await?,
    };
    if !path.is_some_and(|path| told.removed.contains(&path)) {
        return Ok(None);
    }
    let folder = format!("{}/", parent(file));
    let from_here = |path: String| path.strip_prefix(&folder).map(str::to_owned).unwrap_or(path);
    Ok(Some(told.added.iter().map(|path| from_here(git.at_top(path))).collect()))
}

/// Whether the reset may bring it.
pub(super) async fn may_come<H: Host>(
    session: &Session<'_, H>,
    version: Candidate<'_>,
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
    let git = version.git(session).await?;
    for run in git.links_at(version.sha, &upwards(&path)) {
        let seen = at_commit(&session.run(run, &Attempt::Containers).await?, &path);
        if seen != Ok(AtCommit::Nothing) {
            return Ok(true);
        }
    }
    Ok(false)
}

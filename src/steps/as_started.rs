//! How containers of ours were started, so that they are started again like that: by which compose files, with which
//! folder and files of variables.

use super::neighbours::services;
use super::standing::existing;
use crate::environment::Compose as Settings;
use crate::host::{Command, Host, Reply};
use crate::machine::Ask;
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::compose::{Given, Listed, project_files, project_given};

/// The project's compose files that are there: see [`project_files`]. Containers tell of those that they run with: a
/// version that is gone back to may have had others, and where there are none, `before` or the ledger knows them.
pub async fn files<H: Host>(
    session: &Session<'_, H>,
    mine: &[Listed],
    before: &[String],
    settings: &Settings,
) -> Vec<String> {
    let operation = session.ledger.state.operation.as_ref();
    let kept = match operation.map(|operation| &operation.ask) {
        Some(Ask::Rollback { to, .. }) => wanted(session, Some(to), mine, settings),
        Some(_) if mine.is_empty() && before.len() > 1 => Some(before.to_vec()),
        Some(_) if mine.is_empty() => wanted(session, session.live().as_ref(), mine, settings),
        _ => None,
    };
    let mut files = kept.unwrap_or_else(|| project_files(mine, &settings.file));
    if files.len() == 1 {
        return files;
    }
    if let Reply::Stats { stats } = session.host.perform(Command::Stat { paths: files.clone() }).await {
        let mut stats = stats.into_iter();
        files.retain(|file| stats.next().flatten().is_some() || *file == settings.file);
    }
    session.log(&Line::Containers(Containers::Files(files.clone()))).await;
    files
}

/// The compose files that a version was started with, as the ledger has them: where containers were started with others
/// since than the live version was, by a person, it is no more so. None: not known, or of another first file.
pub fn wanted<H: Host>(
    session: &Session<'_, H>,
    of: Option<&Sha>,
    mine: &[Listed],
    settings: &Settings,
) -> Option<Vec<String>> {
    let state = &session.ledger.state;
    let kept = |sha: &Sha| state.records.get(sha).map(|record| record.files.clone()).unwrap_or_default();
    let own = |files: &Vec<String>| files.first() == Some(&settings.file);
    let one = || vec![settings.file.clone()];
    let live = state.live.as_ref().map(|live| kept(&live.sha)).filter(own).unwrap_or_else(one);
    let is_theirs = !mine.is_empty() && project_files(mine, &settings.file) != live;
    of.map(kept).filter(|files| own(files) && !is_theirs)
}

/// The settings with those services, too, that what is undone was put live with: where it was given more of them, they
/// would go on with its code.
pub async fn reached<H: Host>(session: &Session<'_, H>, mut settings: Settings) -> Settings {
    let state = &session.ledger.state;
    let goes_back = state.operation.as_ref().is_some_and(|operation| !operation.ask.is_forward());
    let of_live = || state.records.get(&state.live.as_ref()?.sha)?.with.as_ref()?.compose.as_ref();
    let own = state.operation.as_ref().and_then(|operation| operation.reach.as_ref()).or_else(of_live);
    let Some(own) = own.filter(|own| goes_back && !settings.services.is_empty() && own.file == settings.file) else {
        return settings;
    };
    if own.services.is_empty() {
        settings.services.clear();
        return settings;
    }
    let declared = services(session.host, std::slice::from_ref(&settings.file)).await.unwrap_or_default();
    let more =
        own.services.iter().filter(|service| declared.contains(*service) && !settings.services.contains(service));
    let more: Vec<String> = more.cloned().collect();
    settings.services.extend(more);
    settings
}

/// What the project was started with beside its compose files, as far as it is still there: see [`project_given`].
pub async fn given<H: Host>(session: &Session<'_, H>, mine: &[Listed], files: &[String]) -> Given {
    let given = project_given(mine, files);
    let paths: Vec<String> = given.folder.iter().chain(&given.env_files).cloned().collect();
    if paths.is_empty() {
        return given;
    }
    let standing = existing(session.host, paths).await;
    session.log(&Line::Containers(Containers::StartedWith(standing.clone()))).await;
    let is_there = |path: &String| standing.contains(path);
    Given { folder: given.folder.filter(is_there), env_files: given.env_files.into_iter().filter(is_there).collect() }
}

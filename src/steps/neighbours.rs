//! Whose containers a deploy could take for its own: those of another clone whose compose file stands in a folder of
//! the same name are in the same compose project, since compose names it after the folder. Asked before anything is
//! touched, and only where such containers are listed.

use std::collections::BTreeSet;

use super::standing::{existing, exists, read, stats};
use super::survey::repository;
use super::which::detect;
use super::{Trouble, ahead, fault};
use crate::environment::Compose as Settings;
use crate::failure::reason::{Attempt, Mend, Obstacle, Shared};
use crate::host::{Command, Host};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::{real_path, real_path_told};
use crate::tools::compose::{
    Compose, Listed, NAME_VARIABLE, Naming, of_other_files, ours, project_files, project_given, project_name, projects,
    strangers, takes_over,
};
use crate::tools::compose_file::{Declared, declared};
use crate::tools::git::{file_told, prefix_told};
use crate::tools::path::{is_within, parent};

/// Refuses a version whose containers would take another site's place.
pub async fn ensure_alone<H: Host>(session: &Session<'_, H>, sha: &Sha) -> Result<(), Trouble> {
    let Some(settings) = session.settings().compose else {
        return Ok(());
    };
    let Some(all) = ahead::peek(session).await.map(|ahead| ahead.listed) else {
        return Ok(());
    };
    let mine = ours(&all, std::slice::from_ref(&settings.file), &settings.services);
    ensure_one_project(session, &mine)?;
    keep_variables(session, &mine).await?;
    if !is_odd(&all, &mine, &settings.file) {
        return Ok(());
    }
    let compose = detect(session.host, session.env, &session.with.state_folder).await?;
    let git = repository(session).await?;
    let tree: Vec<&str> = git.roots().collect();
    let text = at(session, sha, &settings.file).await?;
    let declared = text.map(|text| declared(&text, &settings.services));
    let found =
        shared(session.host, &compose, &settings, &all, &tree, naming(session, &settings, declared).await).await;
    let Some(found) = found else {
        return Ok(());
    };
    let mend = Mend::OwnProject { file: settings.file, ours: mine.into_iter().map(|one| one.name).collect() };
    Err(fault(&Attempt::Containers, Obstacle::Shared(found), mend))
}

/// Refuses to go forward where nobody can tell which containers are the site: what is of another project than compose
/// sees to would stay as it is, and the version be judged by it.
fn ensure_one_project<H: Host>(session: &Session<'_, H>, mine: &[Listed]) -> Result<(), Trouble> {
    let is_forward = session.ledger.state.operation.as_ref().is_some_and(|operation| operation.ask.is_forward());
    let projects = projects(mine);
    match is_forward && projects.len() > 1 {
        true => Err(fault(&Attempt::Containers, Obstacle::Projects(projects), Mend::OneProject)),
        false => Ok(()),
    }
}

/// Refuses to start containers anew without a file of variables that they were started with: what it said would be
/// empty, without a word of compose's.
async fn keep_variables<H: Host>(session: &Session<'_, H>, mine: &[Listed]) -> Result<(), Trouble> {
    let given = project_given(mine, &[]).env_files;
    if given.is_empty() {
        return Ok(());
    }
    let stats = stats(session, given.clone()).await;
    match given.into_iter().zip(stats).find(|(_, stat)| stat.is_none()) {
        Some((path, _)) => Err(fault(&Attempt::Containers, Obstacle::NoEnvFile(path), Mend::PutEnvFileBack)),
        None => Ok(()),
    }
}

/// Whether a container that is listed could be another's in our project at all.
pub fn is_odd(all: &[Listed], mine: &[Listed], file: &str) -> bool {
    let name = project_name(mine);
    let is_of_file = |one: &&Listed| one.belongs.files.iter().any(|other| other == file);
    all.iter().filter(|one| !is_of_file(one)).any(|one| name.as_ref().is_none_or(|name| one.belongs.project == *name))
}

/// What the next `up` of this compose file would take over, of all that are listed; files in `tree` are ours.
pub async fn shared<H: Host>(
    host: &H,
    compose: &Compose,
    settings: &Settings,
    all: &[Listed],
    tree: &[&str],
    naming: Naming,
) -> Option<Shared> {
    let mine = ours(all, std::slice::from_ref(&settings.file), &settings.services);
    let project = project_name(&mine).or_else(|| compose.derived_name(&settings.file, &naming))?;
    let files = project_files(&mine, &settings.file);
    let mut others = strangers(all, &files, &project, tree);
    others.retain(|one| takes_over(one, &mine, naming.declared.as_ref()));
    let paths: Vec<String> = others.iter().flat_map(|one| one.belongs.files.clone()).collect();
    if paths.is_empty() {
        return None;
    }
    // Where none of its files stands any more, that was this site before it was moved.
    let standing = existing(host, paths).await;
    // Started through a link that leads here: this very site.
    let mut foreign = Vec::new();
    for path in standing {
        let real = real(host, &path).await;
        if !tree.iter().any(|folder| is_within(&real, folder)) {
            foreign.push(path);
        }
    }
    others.retain(|one| one.belongs.files.iter().any(|file| foreign.contains(file)));
    let file = others.first()?.belongs.files.first()?.clone();
    Some(Shared { project, containers: others.iter().map(|one| one.name.clone()).collect(), file })
}

/// The services that these compose files declare; none where that cannot be told.
pub async fn services<H: Host>(host: &H, files: &[String]) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for file in files {
        all.extend(declared(&read(host, file).await?, &[]).services?);
    }
    Some(all)
}

/// What compose will call the project of the file as it stands there now; none when that cannot be told.
pub async fn name<H: Host>(session: &Session<'_, H>, compose: &Compose, settings: &Settings) -> Option<String> {
    let text = read(session.host, &settings.file).await;
    let declared = text.map(|text| declared(&text, &settings.services));
    compose.derived_name(&settings.file, &naming(session, settings, declared).await)
}

/// The compose file with which what is live was made; none where it is not known, or was made without.
fn file_before<H: Host>(session: &Session<'_, H>) -> Option<String> {
    let state = &session.ledger.state;
    // What was made otherwise than this request would is noted with it.
    let own = state.live.as_ref().and_then(|live| state.records.get(&live.sha)?.with.as_ref());
    own.or(state.with.as_ref())?.compose.as_ref().map(|compose| compose.file.clone())
}

/// What the project was called when its compose file stood elsewhere, where that one is gone and its containers are not:
/// by the name that compose derives from the new folder they would not be its own, nor would its volumes.
pub async fn name_before<H: Host>(session: &Session<'_, H>, all: &[Listed], settings: &Settings) -> Option<String> {
    let before = file_before(session)?;
    if before == settings.file || exists(session, before.clone()).await {
        return None;
    }
    let name = project_name(&ours(all, std::slice::from_ref(&before), &[]))?;
    // Another site may be in that project, with services of other names than ours had: it is not to be taken over.
    let declared = services(session.host, std::slice::from_ref(&settings.file)).await;
    let is_free = |one: &Listed| declared.as_ref().is_some_and(|declared| !declared.contains(&one.belongs.service));
    of_other_files(all, &[settings.file.clone(), before], &name).into_iter().all(is_free).then_some(name)
}

/// Containers of this project that are this site's from before its compose file moved, where it has none by its own
/// file: each file that they were made of is gone, or is the very same by way of a link, and our file has their
/// service or had that name before. `up` leaves those alone that come out the same, and they would not be seen again.
/// And which of them were made of files of this work tree: the others may be another site's that has moved.
pub async fn left_behind<H: Host>(
    session: &Session<'_, H>,
    all: &[Listed],
    settings: &Settings,
    name: Option<&str>,
) -> Result<LeftBehind, Trouble> {
    let own = std::slice::from_ref(&settings.file);
    let mut others = name.map(|name| of_other_files(all, own, name)).unwrap_or_default();
    others.retain(|one| settings.services.is_empty() || settings.services.contains(&one.belongs.service));
    if others.is_empty() || !ours(all, own, &settings.services).is_empty() {
        return Ok(LeftBehind::default());
    }
    let git = repository(session).await?;
    let (file, mut left) = (real(session.host, &settings.file).await, LeftBehind::default());
    // A site that is started by hand from this work tree, too, may have moved with the same commit.
    let before = file_before(session);
    let declared = services(session.host, std::slice::from_ref(&settings.file)).await;
    others.retain(|one| {
        let is_declared = declared.as_ref().is_none_or(|all| all.contains(&one.belongs.service));
        is_declared || before.as_ref().is_some_and(|before| one.belongs.files.contains(before))
    });
    for one in others {
        let stats = stats(session, one.belongs.files.clone()).await;
        let (mut is_left, mut is_inside) = (!stats.is_empty(), true);
        for (path, stat) in one.belongs.files.iter().zip(stats) {
            let real = if stat.is_some() { real(session.host, path).await } else { path.clone() };
            is_left &= stat.is_none() || real == file;
            is_inside &= git.roots().any(|folder| is_within(&real, folder));
        }
        if is_left {
            left.all.push(one.clone());
            left.inside.extend(is_inside.then(|| one.clone()));
        }
    }
    Ok(left)
}

/// See [`left_behind`].
#[derive(Debug, Default)]
pub struct LeftBehind {
    /// All of them.
    pub all: Vec<Listed>,
    /// Those of files of this work tree.
    pub inside: Vec<Listed>,
}

async fn naming<H: Host>(session: &Session<'_, H>, settings: &Settings, declared: Option<Declared>) -> Naming {
    named(session.host, session.env.get(NAME_VARIABLE).cloned(), &settings.file, declared).await
}

/// What the project's name follows from, beside what the file declares.
pub async fn named<H: Host>(host: &H, variable: Option<String>, file: &str, declared: Option<Declared>) -> Naming {
    let dot_env = read(host, &format!("{}/.env", parent(file).trim_end_matches('/'))).await;
    Naming { variable, dot_env, declared }
}

/// The path of a file from the repository's top folder, where it is in the work tree.
pub(super) async fn in_repository<H: Host>(session: &Session<'_, H>, file: &str) -> Result<Option<String>, Trouble> {
    let git = repository(session).await?;
    let inside = |folder: &str| file.strip_prefix(folder).map(|rest| rest.trim_start_matches('/').to_owned());
    if is_within(file, git.top()) {
        return Ok(inside(git.top()));
    }
    if !is_within(file, &git.work_tree) {
        return Ok(None);
    }
    let prefix = prefix_told(&session.run(git.prefix(), &Attempt::Containers).await?).unwrap_or_default();
    Ok(inside(&git.work_tree).map(|rest| format!("{prefix}{rest}")))
}

/// The services that the compose file has at a commit, of these and what they need; none named: all. None where that
/// cannot be told.
pub async fn services_at<H: Host>(
    session: &Session<'_, H>,
    sha: &Sha,
    settings: &Settings,
    services: &[String],
) -> Option<BTreeSet<String>> {
    declared(&at(session, sha, &settings.file).await.ok()??, services).services
}

/// The text of a compose file at a commit; as it stands there where git has none.
async fn at<H: Host>(session: &Session<'_, H>, sha: &Sha, file: &str) -> Result<Option<String>, Trouble> {
    let git = repository(session).await?;
    if let Some(path) = in_repository(session, file).await? {
        let told = file_told(&session.run(git.file_at(sha, &path), &Attempt::Containers).await?);
        if let Ok(text) = told {
            return Ok(Some(text));
        }
    }
    Ok(read(session.host, file).await)
}

/// Where all links lead that a path goes through; as it is, where that cannot be told.
pub async fn real<H: Host>(host: &H, path: &str) -> String {
    real_path_told(&host.perform(Command::Run(real_path(path))).await, path)
}

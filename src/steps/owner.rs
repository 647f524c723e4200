//! Whose work tree this is. One work tree has one HEAD, so two environments on it would each undo what the
//! other has put live. The first to come writes its name beside HEAD; another one is refused while the first
//! one's ledger is still there. And one ledger tells of one work tree: two repositories whose environments have
//! one name and one folder of state would each take what the other has put live for a person's doing. A folder of
//! backups is one environment's as well: of two, one would put back, or remove, what the other has saved.

use super::survey::place;
use super::{Trouble, broken, machines};
use crate::environment::ledger_in;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle, Reason, Unsaved};
use crate::failure::{Deed, Failure};
use crate::host::{Command, Host, Keep, Reply};
use crate::ledger::disk;
use crate::session::Session;
use crate::tools::git::{Git, RepositoryLayout, place_found};
use crate::tools::path::is_within;

const ATTEMPT: &Attempt = &Attempt::Owner;

/// An environment, and where it keeps its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its name.
    pub name: String,
    /// Absolute path.
    pub state_folder: String,
}

/// The file that names the owner of a work tree.
#[must_use]
pub fn file(place: &RepositoryLayout) -> String {
    format!("{}/mangetamain-deploy", place.git_dir)
}

/// Refuses a work tree that another environment keeps its ledger about; claims one that is nobody's.
pub async fn claim<H: Host>(session: &Session<'_, H>, place: &RepositoryLayout) -> Result<(), Trouble> {
    let with = session.with;
    let path = file(place);
    if refuse(session, place).await? {
        return Ok(());
    }
    if let Some(trouble) = elsewhere(session, place).await? {
        return Err(trouble);
    }
    let text = format!("{}\n{}\n", with.state_folder, with.name);
    match session.host.perform(Command::Replace { path: path.clone(), text }).await {
        Reply::Done => Ok(()),
        seen => {
            let mend = Mend::OwnFolder(place.git_dir.clone());
            Err(machines(broken(ATTEMPT, Obstacle::Unwritten(path, seen.into()), mend)))
        }
    }
}

/// Refuses a work tree that another environment keeps its ledger about; tells whether it is this one's already.
pub async fn refuse<H: Host>(session: &Session<'_, H>, place: &RepositoryLayout) -> Result<bool, Trouble> {
    let (with, path) = (session.with, file(place));
    match written(session.host, &path).await {
        Some(owner) if owner.state_folder == with.state_folder => Ok(true),
        Some(owner) if has_ledger(session.host, &owner).await => {
            let Owner { name, state_folder } = owner;
            let mend = Mend::OwnClone { name: with.name.clone(), other: name.clone(), file: path };
            let seen = Astray::OwnedBy(with.app_path.clone(), name, state_folder);
            Err(machines(broken(ATTEMPT, seen, mend)))
        }
        _ => Ok(false),
    }
}

/// Whether a run of this environment was ever at this work tree.
pub async fn has_claimed<H: Host>(session: &Session<'_, H>) -> bool {
    let Ok((_, place)) = place(session).await else {
        return false;
    };
    written(session.host, &file(&place)).await.is_some_and(|owner| owner.state_folder == session.with.state_folder)
}

/// Why this state is not to be taken for that of this work tree, where it is about another clone.
pub async fn stands_elsewhere<H: Host>(session: &Session<'_, H>) -> Option<Reason> {
    if !is_known_elsewhere(session) {
        return None;
    }
    let (_, place) = place(session).await.ok()?;
    match elsewhere(session, &place).await {
        Ok(Some(Trouble::Fault { why, .. })) => Some(why),
        _ => None,
    }
}

/// Whether the ledger knows the application by another path.
fn is_known_elsewhere<H: Host>(session: &Session<'_, H>) -> bool {
    session.ledger.state.with.as_ref().is_some_and(|with| with.app_path != session.with.app_path)
}

/// That this state is about another clone, where it is: the file there says so.
async fn elsewhere<H: Host>(session: &Session<'_, H>, place: &RepositoryLayout) -> Result<Option<Trouble>, Trouble> {
    let known = session.ledger.state.with.as_ref().map(|with| with.app_path.clone());
    let Some(path) = known.filter(|_| is_known_elsewhere(session)) else {
        return Ok(None);
    };
    let reply = session.run(Git::at(&path, session.env).place(), ATTEMPT).await?;
    let Some(there) = place_found(&reply).ok().filter(|there| there.git_dir != place.git_dir) else {
        return Ok(None);
    };
    let owner = written(session.host, &file(&there)).await;
    let with = session.with;
    let is_ours = owner.is_some_and(|owner| owner.state_folder == with.state_folder);
    let seen = Astray::StateOf(with.state_folder.clone(), path);
    let mend = Mend::OwnState { name: with.name.clone(), file: file(&there) };
    Ok(is_ours.then(|| machines(broken(ATTEMPT, seen, mend))))
}

/// Another environment than that of `state_folder` that works on this work tree.
pub async fn other<H: Host>(host: &H, place: &RepositoryLayout, state_folder: &str) -> Option<Owner> {
    let owner = written(host, &file(place)).await.filter(|owner| owner.state_folder != state_folder)?;
    has_ledger(host, &owner).await.then_some(owner)
}

fn mark(folder: &str) -> String {
    format!("{folder}/mangetamain-deploy")
}

/// Why this environment may not keep its backups in this folder: another one does, or it is among another one's state.
/// In its own state it may, whatever mark another one has left there.
pub async fn of_backups<H: Host>(session: &Session<'_, H>, folder: &str) -> Option<Unsaved> {
    let with = session.with;
    if is_within(folder, &with.state_folder) {
        return None;
    }
    let (file, owner) = match around(session.host, folder).await {
        Some(owner) => (ledger_in(&owner.state_folder), owner),
        None => (mark(folder), written(session.host, &mark(folder)).await?),
    };
    let is_other = owner.state_folder != with.state_folder && has_ledger(session.host, &owner).await;
    let folder = folder.to_owned();
    is_other.then(|| match owner.name == with.name {
        true => Unsaved::SharedWithOld { folder, state_folder: owner.state_folder, file },
        false => Unsaved::Shared(folder, owner.name),
    })
}

/// The environment whose state this folder is in.
async fn around<H: Host>(host: &H, folder: &str) -> Option<Owner> {
    let above: Vec<String> =
        folder.match_indices('/').skip(1).filter_map(|(at, _)| folder.get(..at)).map(str::to_owned).collect();
    let paths = above.iter().map(|one| ledger_in(one)).collect();
    let Reply::Stats { stats } = host.perform(Command::Stat { paths }).await else {
        return None;
    };
    let state_folder = above.into_iter().zip(stats).find(|(_, stat)| stat.is_some())?.0;
    let name = state_folder.rsplit('/').next().unwrap_or_default().to_owned();
    Some(Owner { name, state_folder })
}

/// Claims a folder of backups; one among this environment's own state is nobody else's.
pub async fn claim_backups<H: Host>(session: &Session<'_, H>, folder: &str) -> Result<(), Failure> {
    if is_within(folder, &session.with.state_folder) {
        return Ok(());
    }
    let path = mark(folder);
    let text = format!("{}\n{}\n", session.with.state_folder, session.with.name);
    match session.host.perform(Command::Replace { path: path.clone(), text }).await {
        Reply::Done => Ok(()),
        other => Err(disk(Deed::Write, &path, other)),
    }
}

async fn written<H: Host>(host: &H, path: &str) -> Option<Owner> {
    let read = Command::Read { path: path.to_owned(), cap: 64 * 1024, keep: Keep::Head };
    let Reply::Text { text, .. } = host.perform(read).await else {
        return None;
    };
    let (state_folder, name) = text.trim_end().split_once('\n')?;
    Some(Owner { name: name.to_owned(), state_folder: state_folder.to_owned() })
}

async fn has_ledger<H: Host>(host: &H, owner: &Owner) -> bool {
    let paths = vec![ledger_in(&owner.state_folder)];
    match host.perform(Command::Stat { paths }).await {
        Reply::Stats { stats } => stats.iter().any(Option::is_some),
        _ => false,
    }
}

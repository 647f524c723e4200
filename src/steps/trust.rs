//! A backup that is not what it was when it was made: whoever reads one says so here, so that nobody copies from it,
//! and is told of another one.

use super::Trouble;
use crate::environment::Environment;
use crate::failure::reason::{Mend, Reason};
use crate::host::{Command, Host, Keep, Reply};
use crate::session::Session;
use crate::tools::backup::{BackupLocation, BackupName, Manifest, newest_first};

/// What was read of a backup. Where that failed it is not trusted from here on.
pub async fn trusted<H: Host, T>(
    session: &Session<'_, H>,
    place: &BackupLocation,
    read: Result<T, Trouble>,
) -> Result<T, Trouble> {
    match read {
        Err(Trouble::Fault { why: Reason::Fault { attempt, seen, .. }, touched, blame }) => {
            session.distrusted.replace(Some(place.name.clone()));
            let other = newest_other(session, place).await;
            let other = other.map(|name| {
                let command = format!("{} --backup {name}", session.settings().command("rollback"));
                (name.short_sha().to_owned(), command)
            });
            let why = Reason::Fault { attempt, seen, mend: Mend::OtherBackup(other) };
            Err(Trouble::Fault { why, touched, blame })
        }
        read => read,
    }
}

/// The newest other one that says it is of this environment.
async fn newest_other<H: Host>(session: &Session<'_, H>, place: &BackupLocation) -> Option<BackupName> {
    ours(session, &place.folder).await.into_iter().find(|name| *name != place.name)
}

/// Those in a folder that say they are of this environment, the newest first: they may share a folder.
pub async fn ours<H: Host>(session: &Session<'_, H>, folder: &str) -> Vec<BackupName> {
    let Reply::Names { names } = session.host.perform(Command::List { path: folder.to_owned() }).await else {
        return Vec::new();
    };
    let all = with_environments(session, folder, &names).await;
    all.into_iter().filter(|one| one.is_of(session.with)).map(|one| one.name).collect()
}

/// A backup, and the environment that it says it is of; none where that cannot be read.
pub struct ClaimedBackup {
    /// Its name.
    pub name: BackupName,
    environment: Option<String>,
}

impl ClaimedBackup {
    /// Whether it says that it is of this environment.
    #[must_use]
    pub fn is_of(&self, with: &Environment) -> bool {
        self.environment.as_ref() == Some(&with.name)
    }

    /// Whether it says that it is of another one.
    #[must_use]
    pub fn is_of_another(&self, with: &Environment) -> bool {
        self.environment.as_ref().is_some_and(|name| *name != with.name)
    }
}

/// Those of these names in a folder that are backups', the newest first: environments may have shared a folder.
pub async fn with_environments<H: Host>(
    session: &Session<'_, H>,
    folder: &str,
    names: &[String],
) -> Vec<ClaimedBackup> {
    let mut all = Vec::new();
    for name in newest_first(names) {
        let place = BackupLocation { folder: folder.to_owned(), name: name.clone(), lock: String::new() };
        let read = Command::Read { path: place.manifest(), cap: 1024 * 1024, keep: Keep::Head };
        let told = match session.host.perform(read).await {
            Reply::Text { text, .. } => serde_json::from_str::<Manifest>(&text).ok(),
            _ => None,
        };
        all.push(ClaimedBackup { name, environment: told.map(|manifest| manifest.environment) });
    }
    all
}

//! A backup that is not what it was when it was made: whoever reads one says so here, so that nobody copies from it,
//! and is told of another one.

use super::Trouble;
use crate::failure::reason::{Mend, Reason};
use crate::host::{Command, Host, Keep, Reply};
use crate::session::Session;
use crate::tools::backup::{BackupName, Manifest, Place, newest_first};

/// What was read of a backup. Where that failed it is not trusted from here on.
pub async fn trusted<H: Host, T>(
    session: &Session<'_, H>,
    place: &Place,
    read: Result<T, Trouble>,
) -> Result<T, Trouble> {
    match read {
        Err(Trouble::Fault { why: Reason::Fault { attempt, seen, .. }, touched, blame }) => {
            session.distrusted.replace(Some(place.name.clone()));
            let other = newest_other(session, place).await;
            let command = other
                .map(|name| format!("mangetamain-deploy rollback {} --backup {name}", session.settings().selection()));
            let why = Reason::Fault { attempt, seen, mend: Mend::OtherBackup(command) };
            Err(Trouble::Fault { why, touched, blame })
        }
        read => read,
    }
}

/// The newest other one that says it is of this environment: they may share a folder.
async fn newest_other<H: Host>(session: &Session<'_, H>, place: &Place) -> Option<BackupName> {
    let Reply::Names { names } = session.host.perform(Command::List { path: place.folder.clone() }).await else {
        return None;
    };
    for name in newest_first(&names).into_iter().filter(|name| *name != place.name) {
        let path = Place { name: name.clone(), ..place.clone() }.manifest();
        let read = Command::Read { path, cap: 1024 * 1024, keep: Keep::Head };
        let Reply::Text { text, .. } = session.host.perform(read).await else {
            continue;
        };
        let told = serde_json::from_str::<Manifest>(&text);
        if told.is_ok_and(|manifest| manifest.environment == session.with.name) {
            return Some(name);
        }
    }
    None
}

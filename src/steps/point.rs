//! The rollback point's plain file, for scripts and people: written again wherever it differs from
//! what the ledger says. Never written before something was validated.

use crate::failure::Failure;
use crate::host::{Command, Host, Keep, Reply};
use crate::ledger::disk;
use crate::session::Session;

/// Writes the file where it differs.
pub async fn write<H: Host>(session: &Session<'_, H>) -> Result<(), Failure> {
    let Some(validated) = session.ledger.state.last_validated() else {
        return Ok(());
    };
    let text = format!("{}\n", validated.sha);
    let path = session.settings().rollback_point_file;
    let read = Command::Read { path: path.clone(), cap: 200, keep: Keep::Head };
    if matches!(session.host.perform(read).await, Reply::Text { text: old, .. } if old == text) {
        return Ok(());
    }
    match session.host.perform(Command::Replace { path: path.clone(), text }).await {
        Reply::Done => Ok(()),
        other => Err(disk("write", &path, &other)),
    }
}

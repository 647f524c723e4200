//! The rollback point's plain file, for scripts and people: written again wherever it differs from
//! what the ledger says. Never written before something was validated.

use crate::host::{Command, Host, Keep, Reply};
use crate::ledger::make_folder;
use crate::messages::log::Line;
use crate::session::Session;
use crate::tools::path::parent;

/// Writes the file where it differs; takes it away when all that it could name has failed since. One that cannot be
/// written is told once, and stops nothing: the machine itself goes by the ledger.
pub async fn write<H: Host>(session: &Session<'_, H>) {
    if is_written(session).await {
        return;
    }
    let path = session.settings().rollback_point_file;
    let command = match text(session) {
        Some(text) => Command::Replace { path: path.clone(), text },
        None => Command::Remove { path: path.clone() },
    };
    let mut reply = session.host.perform(command.clone()).await;
    if matches!(&reply, Reply::Refused { code, .. } if code == "ENOENT")
        && make_folder(session.host, parent(&path)).await.is_ok()
    {
        reply = session.host.perform(command).await;
    }
    if !matches!(reply, Reply::Done | Reply::Missing) && !session.is_point_lost.replace(true) {
        session.warn(&Line::NoPoint(path, reply.into())).await;
    }
}

/// Whether the file says what the ledger says. A file that was there before anything was validated
/// is not ours.
pub async fn is_written<H: Host>(session: &Session<'_, H>) -> bool {
    let state = &session.ledger.state;
    if state.validated.is_empty() && !state.has_validated {
        return true;
    }
    let path = session.settings().rollback_point_file;
    let reply = session.host.perform(Command::Read { path, cap: 200, keep: Keep::Head }).await;
    match (text(session), reply) {
        (Some(text), Reply::Text { text: old, .. }) => old == text,
        (None, Reply::Missing) => true,
        _ => false,
    }
}

fn text<H: Host>(session: &Session<'_, H>) -> Option<String> {
    session.ledger.state.last_validated().map(|validated| format!("{}\n", validated.sha))
}

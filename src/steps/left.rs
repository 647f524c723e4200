//! The deploy command of a run that was killed, where it still runs: whoever goes on waits for its end, or it would write
//! over what is put in place after it. Services that it has started do not count: the note tells its own process.

use super::standing::stats;
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Command, Host, Keep, Reply};
use crate::machine::Step;
use crate::messages::holder::holding;
use crate::messages::log::Line;
use crate::messages::status::Awaited;
use crate::session::Session;
use crate::time::Millis;
use crate::tools::process::{Identity, identity};

/// How often it is looked at.
const GLANCES_MS: u64 = 200;
const CAP: u64 = 4096;

/// A command left behind by a killed run, as its note tells it.
struct Left {
    /// As who holds a lock is told.
    holder: String,
    process: u32,
    /// Until when that run would have let it work.
    until: Millis,
}

/// The command of the unfinished request, where it still runs. What it has started, and stays, is not waited for.
async fn left<H: Host>(session: &Session<'_, H>) -> Option<Left> {
    let operation = session.ledger.state.operation.as_ref().filter(|one| one.began == Some(Step::Command))?;
    let note = session.with.command_note();
    let process = running(session.host, note.clone()).await?;
    // The request may have begun long before: it may have been gone on with since.
    let noted = stats(session, vec![note]).await.pop().flatten().map(|stat| Millis(stat.modified_ms));
    let began = noted.or(operation.began_at).unwrap_or(operation.since);
    let until = began.plus(operation.with.command_limit_ms);
    let holder = holding("deploy-command", &operation.by, process, began);
    Some(Left { holder, process, until })
}

/// Whether a command left behind by a killed run may still be at work: who only looks does not wait for it.
pub async fn at_work<H: Host>(session: &Session<'_, H>) -> Option<Failure> {
    let left = left(session).await?;
    (session.now().await < left.until).then_some(Failure::Left { holder: left.holder, process: left.process })
}

/// Waits for a command left behind by a killed run, as long as that run would have let it work; one that hangs is told.
pub async fn outlast<H: Host>(session: &Session<'_, H>) -> Result<(), Failure> {
    let Some(Left { holder, process, until }) = left(session).await else {
        return Ok(());
    };
    let now = session.now().await;
    let left_ms = until.since(now);
    let wait_ms = left_ms.min(session.with.lock_timeout_ms);
    if wait_ms > 0 {
        session.log(&Line::Waiting(holder.clone(), wait_ms)).await;
        session.waits(&Awaited::Lock(&holder), now.plus(wait_ms)).await;
    }
    // Counted: the clock may be set back meanwhile.
    let mut waited = 0;
    while waited < wait_ms {
        session.sleep(GLANCES_MS, &Attempt::Lock).await?;
        waited += GLANCES_MS;
        if left(session).await.is_none() {
            return Ok(());
        }
    }
    if wait_ms < left_ms {
        return Err(Failure::Left { holder, process });
    }
    session.warn(&Line::Outlasted(holder)).await;
    Ok(())
}

/// The process that a note is about, where it still runs. Its number alone may be another one's by now.
async fn running<H: Host>(host: &H, note: String) -> Option<u32> {
    let noted = read(host, note).await?;
    let seen = read(host, format!("/proc/{}/stat", noted.pid)).await?;
    (seen == noted).then_some(noted.pid)
}

async fn read<H: Host>(host: &H, path: String) -> Option<Identity> {
    match host.perform(Command::Read { path, cap: CAP, keep: Keep::Head }).await {
        Reply::Text { text, .. } => identity(&text),
        _ => None,
    }
}

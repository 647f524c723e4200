//! What stands on this machine's disk.

use crate::host::{Command, Host, Keep, Reply, Stat};
use crate::session::Session;

/// Bytes of a file that is read whole; more than a compose file has.
const CAP: u64 = 1024 * 1024;

/// What stands at these paths, in their order; nothing at all where that cannot be told.
pub async fn stats<H: Host>(session: &Session<'_, H>, paths: Vec<String>) -> Vec<Option<Stat>> {
    asked(session.host, paths).await
}

async fn asked<H: Host>(host: &H, paths: Vec<String>) -> Vec<Option<Stat>> {
    match host.perform(Command::Stat { paths }).await {
        Reply::Stats { stats } => stats,
        _ => Vec::new(),
    }
}

/// Those of these paths at which something stands, in their order; none where that cannot be told.
pub async fn existing<H: Host>(host: &H, paths: Vec<String>) -> Vec<String> {
    let stats = asked(host, paths.clone()).await;
    paths.into_iter().zip(stats).filter_map(|(path, stat)| stat.map(|_| path)).collect()
}

/// Whether something stands at this path.
pub async fn exists<H: Host>(session: &Session<'_, H>, path: String) -> bool {
    stats(session, vec![path]).await.iter().any(Option::is_some)
}

/// The text of a file; none where it cannot be read.
pub async fn read<H: Host>(host: &H, path: &str) -> Option<String> {
    match host.perform(Command::Read { path: path.to_owned(), cap: CAP, keep: Keep::Head }).await {
        Reply::Text { text, .. } => Some(text),
        _ => None,
    }
}

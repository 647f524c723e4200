//! Which compose this machine has, and what is remembered of that.

use std::collections::BTreeMap;

use super::engine::{ATTEMPT, MEND, asked};
use super::{Trouble, fault};
use crate::failure::reason::{Mend, Obstacle};
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Keep, Reply};
use crate::tools::compose::{Compose, Remembered, ask_plugin, ask_standalone, candidates, choose, versioned};

/// The compose of this machine: it is asked once, and what it answers is remembered while its binaries stay as they are
/// (asking costs 70 to 600 ms).
pub async fn detect<H: Host>(host: &H, env: &BTreeMap<String, String>, state_folder: &str) -> Result<Compose, Trouble> {
    let paths = candidates(env);
    let stats = match host.perform(Command::Stat { paths: paths.clone() }).await {
        Reply::Stats { stats } => stats,
        other => return Err(fault(ATTEMPT, Rebuff::from(other), MEND)),
    };
    let known = remembered(host, state_folder).await;
    if let Some(compose) = known.and_then(|known| known.still(&paths, &stats)) {
        return Ok(compose);
    }
    let plugin = versioned(&host.perform(Command::Run(ask_plugin())).await).map_err(asked)?;
    let standalone = versioned(&host.perform(Command::Run(ask_standalone())).await).map_err(asked)?;
    let Some(compose) = choose(plugin, standalone) else {
        return Err(fault(ATTEMPT, Obstacle::NoCompose, Mend::InstallCompose));
    };
    if let Ok(text) = serde_json::to_string(&Remembered::new(compose.clone(), &paths, &stats)) {
        // Only a cache: a disk that refuses it costs time, nothing else.
        let _ = host.perform(Command::Replace { path: memory(state_folder), text }).await;
    }
    Ok(compose)
}

fn memory(state_folder: &str) -> String {
    format!("{state_folder}/compose.json")
}

/// What was found when this machine was asked last; nobody is asked.
pub async fn remembered<H: Host>(host: &H, state_folder: &str) -> Option<Remembered> {
    let read = Command::Read { path: memory(state_folder), cap: 64 * 1024, keep: Keep::Head };
    match host.perform(read).await {
        Reply::Text { text, .. } => serde_json::from_str(&text).ok(),
        _ => None,
    }
}

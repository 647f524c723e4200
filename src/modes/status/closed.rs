//! Folders of state that this user may not look into: that is not the same as nothing being there, and who may is
//! named with what to run.

use super::View;
use crate::config::Config;
use crate::environment::ledger_in;
use crate::failure::Failure;
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply};
use crate::ledger::Ledger;
use crate::machine::State;
use crate::messages::status::{Closed, closed};
use crate::modes::visit::Visit;
use crate::tools::doctor::spot::{look_at, nearest, spotted, upwards};

/// What of the state is closed to this user.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// The folder of all state, in words.
    pub top: Option<String>,
    /// Environments that nothing else is known of.
    pub views: Vec<View>,
}

/// Looks for what is closed, and says so in what was visited.
pub(super) async fn look<H: Host>(host: &H, config: &Config, visits: &mut [Visit]) -> Hidden {
    for visit in visits.iter_mut() {
        if visit.is_closed {
            visit.problem = Some(told(host, config, &visit.with.state_folder).await);
        }
    }
    let mut hidden = Hidden::default();
    if config.inputs.get("environment").is_some_and(|name| !name.trim().is_empty()) {
        return hidden;
    }
    match host.perform(Command::List { path: config.state_dir.clone() }).await {
        Reply::Names { names } => {
            for name in names.iter().filter(|name| visits.iter().all(|visit| visit.with.name != **name)) {
                hidden.views.extend(view(host, config, name).await);
            }
        }
        Reply::Refused { code, text } if denies(&Rebuff::refused(code.clone(), text.clone())) => {
            hidden.top = Some(told(host, config, &config.state_dir).await);
        }
        _ => {}
    }
    hidden
}

/// Whether a failure is that this user may not read.
#[must_use]
pub(in crate::modes) fn is_closed(failure: &Failure) -> bool {
    matches!(failure, Failure::Disk { seen, .. } if denies(seen))
}

fn denies(seen: &Rebuff) -> bool {
    matches!(seen, Rebuff::System { code, .. } if code == "EACCES" || code == "EPERM")
}

async fn view<H: Host>(host: &H, config: &Config, name: &str) -> Option<View> {
    let folder = format!("{}/{name}", config.state_dir);
    let failure = Ledger::read(host, &ledger_in(&folder), "").await.err()?;
    if !is_closed(&failure) {
        return None;
    }
    Some(View {
        name: name.to_owned(),
        label: name.to_owned(),
        state: State::default(),
        lock: None,
        watcher: None,
        moved: None,
        problem: Some(told(host, config, &folder).await),
        set_aside: 0,
        health: Vec::new(),
        point_file: String::new(),
        url: None,
    })
}

/// That a folder is closed, whose the closed one is, and what to run. Above it there may be one that is closed, too.
async fn told<H: Host>(host: &H, config: &Config, folder: &str) -> String {
    let spots = spotted(&host.perform(Command::Run(look_at(&upwards(folder)))).await).unwrap_or_default();
    let found = nearest(folder, &spots);
    let (path, owner) = found.map_or((folder.to_owned(), None), |(path, spot)| (path, Some(spot.user.clone())));
    let closed_one = Closed { folder: &path, owner: owner.as_deref(), state_dir: &config.state_dir };
    closed(config.manner.locale, &closed_one)
}

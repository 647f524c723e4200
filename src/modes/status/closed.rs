//! Folders of state that this user may not look into: that is not the same as nothing being there, and who may is
//! named with what to run.

use crate::config::Config;
use crate::failure::Failure;
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply};
use crate::messages::status::{Closed, closed};
use crate::modes::visit::Visit;
use crate::tools::spot::{look_at, nearest, spotted, upwards};

/// Says in what was visited whose what is closed is; gives the same of the folder of all state, where that is closed.
pub(super) async fn look<H: Host>(host: &H, config: &Config, visits: &mut [Visit]) -> Option<String> {
    for visit in visits.iter_mut() {
        if visit.is_closed {
            visit.problem = Some(told(host, config, &visit.with.state_folder).await);
        }
    }
    if config.inputs.get("environment").is_some_and(|name| !name.trim().is_empty()) {
        return None;
    }
    match host.perform(Command::List { path: config.state_dir.clone() }).await {
        Reply::Refused { code, text } if denies(&Rebuff::refused(code.clone(), text.clone())) => {
            Some(told(host, config, &config.state_dir).await)
        }
        _ => None,
    }
}

/// Whether a failure is that this user may not read.
#[must_use]
pub(in crate::modes) fn is_closed(failure: &Failure) -> bool {
    matches!(failure, Failure::Disk { seen, .. } if denies(seen))
}

fn denies(seen: &Rebuff) -> bool {
    matches!(seen, Rebuff::System { code, .. } if code == "EACCES" || code == "EPERM")
}

/// That a folder is closed, whose the closed one is, and what to run. Above it there may be one that is closed, too.
async fn told<H: Host>(host: &H, config: &Config, folder: &str) -> String {
    let spots = spotted(&host.perform(Command::Run(look_at(&upwards(folder)))).await).unwrap_or_default();
    let found = nearest(folder, &spots);
    let (path, owner) = found.map_or((folder.to_owned(), None), |(path, spot)| (path, Some(spot.user.clone())));
    let closed_one = Closed { folder: &path, owner: owner.as_deref(), state_dir: &config.state_dir };
    closed(config.manner.locale, &closed_one)
}

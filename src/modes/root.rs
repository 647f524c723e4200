//! An operator who is root by `sudo`: what is written then is root's, and the runner's user can neither change nor
//! replace it; the next deploy fails on it.

use crate::config::{Config, Intent};
use crate::environment::Environment;
use crate::host::{Command, Host};
use crate::tools::doctor::program::{ask_user, user_told};
use crate::tools::doctor::spot::{look_at, spotted};

/// Whose environment this is, where root is at a terminal and it is somebody else's. A dry run writes nothing.
pub async fn owner<H: Host>(config: &Config, with: &Environment, host: &H) -> Option<String> {
    if config.origin.door != "command" || config.request.intent == Intent::DryRun {
        return None;
    }
    let user = user_told(&host.perform(Command::Run(ask_user())).await).ok()?;
    if user.uid != 0 {
        return None;
    }
    let places = [with.state_folder.clone(), with.app_path.clone()];
    let spots = spotted(&host.perform(Command::Run(look_at(&places))).await).ok()?;
    let spot = places.iter().filter_map(|place| spots.get(place)).find(|spot| spot.uid != 0)?;
    Some(spot.user.clone())
}

//! Somebody at a terminal who is not the user whose environment it is. What root writes by `sudo` is root's, and the
//! runner's user can neither change nor replace it: the next deploy fails on it. Who may not write at all is told as whom
//! to run it.

use super::status::is_closed;
use crate::config::{Config, Intent};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::host::{Command, Host};
use crate::tools::spot::{Spot, look_at, nearest, spotted, upwards};
use crate::tools::user::{User, ask_user, user_told};

/// That root is at the terminal and the environment is somebody else's, for a run that writes. Whoever else may not is
/// refused by the machine.
pub async fn refusal<H: Host>(config: &Config, with: &Environment, host: &H) -> Option<Failure> {
    if config.request.intent == Intent::DryRun {
        return None;
    }
    let user = at_terminal(config, host).await.filter(|user| user.uid == 0)?;
    look(with, host, user).await
}

/// That the environment is somebody else's than who is at the terminal.
pub async fn stranger<H: Host>(config: &Config, with: &Environment, host: &H) -> Option<Failure> {
    look(with, host, at_terminal(config, host).await?).await
}

/// Why the machine refused, where that is whose it is.
pub async fn explained<H: Host>(config: &Config, with: &Environment, host: &H, failure: Failure) -> Failure {
    let found = if is_closed(&failure) { stranger(config, with, host).await } else { None };
    found.unwrap_or(failure)
}

async fn at_terminal<H: Host>(config: &Config, host: &H) -> Option<User> {
    if config.origin.door != "command" {
        return None;
    }
    user_told(&host.perform(Command::Run(ask_user())).await).ok()
}

/// What is still to be made belongs to whoever makes it, in a folder that may be another's.
async fn look<H: Host>(with: &Environment, host: &H, user: User) -> Option<Failure> {
    let mut places = upwards(&with.state_folder);
    places.push(with.app_path.clone());
    let spots = spotted(&host.perform(Command::Run(look_at(&places))).await).ok()?;
    let state = nearest(&with.state_folder, &spots).map(|(_, spot)| spot);
    let is_others = |spot: &&Spot| ![0, user.uid].contains(&spot.uid);
    if user.uid == 0 {
        let owner = state.into_iter().chain(spots.get(&with.app_path)).find(is_others)?.user.clone();
        return Some(Failure::NotTheirs { user: None, owner });
    }
    let owner = state.filter(is_others).filter(|spot| !spot.writable)?.user.clone();
    Some(Failure::NotTheirs { user: Some(user.name), owner })
}

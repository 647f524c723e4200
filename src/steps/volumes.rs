//! Volumes of containers that `up` makes anew, or leaves as they are.

use std::collections::BTreeSet;

use super::engine::inspection;
use crate::host::{Command, Host};
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::tools::compose::{
    Container, During, Listed, Volume, ask_devices, devices_told, is_old, list_unseen_volumes, volumes_told,
};

/// A volume that nobody has named, and who keeps data in it.
pub type Unnamed = (String, Volume);

/// The volumes without a name of these containers: compose hands them on to the container that follows one of its
/// service, and to no other one. `known` are they, where that was asked.
pub async fn unnamed<H: Host>(
    session: &Session<'_, H>,
    standing: &[Listed],
    known: Option<&[Container]>,
) -> Vec<Unnamed> {
    let all = match known {
        Some(known) if standing.iter().all(|one| known.iter().any(|other| other.id == one.id)) => known.to_vec(),
        _ => inspection(session, standing).await.unwrap_or_default(),
    };
    let own = |one: Container| {
        let service = one.belongs.service;
        one.volumes.into_iter().filter(Volume::is_unnamed).map(move |volume| (service.clone(), volume))
    };
    all.into_iter().flat_map(own).collect()
}

/// Tells which of them no container sees any more: what is in them stays, and the site starts without it.
pub async fn tell_left<H: Host>(session: &Session<'_, H>, before: Vec<Unnamed>) {
    if before.is_empty() {
        return;
    }
    let reply = session.host.perform(Command::Run(list_unseen_volumes())).await;
    let unseen = volumes_told(&reply).unwrap_or_default();
    for (service, volume) in before.into_iter().filter(|(_, volume)| unseen.contains(&volume.name)) {
        session.warn(&Line::Containers(Containers::VolumeLeft { service, volume })).await;
    }
}

/// Adds the folders that volumes stand for to what containers that have run since before see.
pub async fn add_devices<H: Host>(session: &Session<'_, H>, found: &mut [Container], during: During) {
    let old = || found.iter().filter(|one| is_old(one, during));
    let named = old().flat_map(|one| &one.volumes).filter(|volume| !volume.is_unnamed());
    let names: BTreeSet<String> = named.map(|volume| volume.name.clone()).collect();
    if names.is_empty() {
        return;
    }
    let reply = session.host.perform(Command::Run(ask_devices(&names))).await;
    let devices = devices_told(&reply).unwrap_or_default();
    for one in found {
        one.mounts.extend(one.volumes.iter().filter_map(|volume| devices.get(&volume.name).cloned()));
    }
}

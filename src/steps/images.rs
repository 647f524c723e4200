//! Images whose names a deploy command gives to others, as `docker pull` and `docker build` do. A tag is in no commit: the
//! ledger keeps which image a name meant for a version, and a way back gives it back the name.

use std::collections::{BTreeMap, BTreeSet};

use super::Trouble;
use super::engine::{answered, asked, patient};
use crate::host::{Command, Host, Reply};
use crate::machine::Ask;
use crate::machine::operation::Operation;
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::compose::{Container, ask_images, images_told, remade, tag};
use crate::tools::process::{ProcessError, done};
use crate::tools::shell::line;

/// Ids of images, by the names that they had.
pub type Named = BTreeMap<String, String>;

/// What the version gone back to ran when it was last healthy here.
fn kept<'a, H: Host>(session: &'a Session<'_, H>, to: &Sha) -> Option<&'a Named> {
    session.ledger.state.records.get(to).map(|record| &record.images).filter(|images| !images.is_empty())
}

/// Whether a name may mean another image than containers of ours run, by what is done here: a deploy command gives names
/// away, and a way back gives them back. What others do meanwhile is not looked for.
pub fn may_differ<H: Host>(session: &Session<'_, H>) -> bool {
    match &session.ledger.state.operation {
        Some(operation) => operation.ran_command() || kept(session, operation.ask.target()).is_some(),
        None => !session.with.deploy_command.is_empty(),
    }
}

/// The images that a version runs, of those of its containers that do; of a name of two images none.
pub fn run_by(containers: &[Container]) -> Named {
    let is_named = |one: &&Container| one.runs() && !one.image_name.is_empty() && !one.image.is_empty();
    let named: Vec<&Container> = containers.iter().filter(is_named).collect();
    let is_one =
        |one: &&&Container| named.iter().all(|other| other.image_name != one.image_name || other.image == one.image);
    named.iter().filter(is_one).map(|one| (one.image_name.clone(), one.image.clone())).collect()
}

/// The names that mean another image than these containers run, each with the id of the one that runs.
pub async fn moved<H: Host>(session: &Session<'_, H>, containers: &[Container]) -> Named {
    let names = containers.iter().filter(|one| !one.image_name.is_empty()).map(|one| one.image_name.clone());
    let names: Vec<String> = names.collect::<BTreeSet<String>>().into_iter().collect();
    if names.is_empty() {
        return Named::new();
    }
    let Ok(reply) = patient(session, ask_images(&names)).await else {
        return Named::new();
    };
    images_told(&reply, &names).map(|told| remade(containers, &told)).unwrap_or_default()
}

/// On the way back, gives the images of the version gone back to their names again, before containers are made of them.
pub async fn put_back<H: Host>(session: &Session<'_, H>, operation: &Operation) -> Result<(), Trouble> {
    let Ask::Rollback { to, .. } = &operation.ask else {
        return Ok(());
    };
    let Some(wanted) = kept(session, to) else {
        return Ok(());
    };
    let names: Vec<String> = wanted.keys().cloned().collect();
    let reply = answered(session, ask_images(&names)).await?;
    for (name, id) in &taken(wanted.clone(), &reply) {
        match done(&answered(session, tag(id, name)).await?) {
            Ok(()) => session.log(&Line::Containers(Containers::ImageBack(name.clone(), to.clone()))).await,
            Err(seen @ ProcessError::Cancelled { .. }) => return Err(asked(seen)),
            Err(_) => session.warn(&Line::Containers(Containers::ImageGone(name.clone(), to.clone()))).await,
        }
    }
    Ok(())
}

/// Those of which the name means another image now, or none.
fn taken(wanted: Named, reply: &Reply) -> Named {
    let names: Vec<String> = wanted.keys().cloned().collect();
    let told = images_told(reply, &names);
    wanted.into_iter().filter(|(name, id)| !told.as_ref().is_ok_and(|told| told.means(name, id))).collect()
}

/// The commands that do so, for a person: of images that are on the machine, as one that fails ends all that follow.
pub async fn by_hand<H: Host>(session: &Session<'_, H>, to: &Sha) -> Vec<String> {
    let Some(kept) = kept(session, to) else {
        return Vec::new();
    };
    let mut commands = Vec::new();
    let names: Vec<String> = kept.keys().cloned().collect();
    let reply = session.host.perform(Command::Run(ask_images(&names))).await;
    for (name, id) in taken(kept.clone(), &reply) {
        let asked = [id];
        let found = images_told(&session.host.perform(Command::Run(ask_images(&asked))).await, &asked);
        commands.extend(asked.iter().filter(|_| found.is_ok()).map(|id| line(&tag(id, &name))));
    }
    commands
}

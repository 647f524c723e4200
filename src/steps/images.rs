//! Images whose names a deploy command gives to others, as `docker pull` and `docker build` do. A tag is in no commit: the
//! ledger keeps which image a name meant for a version, and a way back gives it back the name.

use std::collections::BTreeMap;

use super::Trouble;
use super::engine::{ATTEMPT, asked};
use crate::host::{Command, Host};
use crate::machine::operation::Operation;
use crate::machine::{Ask, Step};
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::compose::{Container, ask_images, images_told, remade, tag};
use crate::tools::process::{ProcessError, done};
use crate::tools::shell::line;

/// Ids of images, by the names that they had.
pub type Named = BTreeMap<String, String>;

/// What the version gone back to was made of, where a command has moved the names since.
fn kept<'a, H: Host>(session: &'a Session<'_, H>, to: &Sha) -> Option<&'a Named> {
    session.ledger.state.records.get(to).map(|record| &record.images).filter(|images| !images.is_empty())
}

/// Whether a name may mean another image than containers of ours run: nothing but the deploy command of a deploy can
/// change that, and what a way back gives a name to.
pub fn may_differ<H: Host>(session: &Session<'_, H>) -> bool {
    match &session.ledger.state.operation {
        Some(operation) => operation.ran_command() || kept(session, operation.ask.target()).is_some(),
        None => !session.with.deploy_command.is_empty(),
    }
}

/// The names that mean another image than these containers run, each with the id of the one that runs.
pub async fn moved<H: Host>(session: &Session<'_, H>, containers: &[Container]) -> Named {
    let names = containers.iter().filter(|one| !one.image_name.is_empty()).map(|one| one.image_name.clone());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Named::new();
    }
    let reply = session.host.perform(Command::Run(ask_images(&names))).await;
    images_told(&reply, &names).map(|told| remade(containers, &told)).unwrap_or_default()
}

/// On the way back, gives the images of the version gone back to their names again, before containers are made of them.
pub async fn put_back<H: Host>(
    session: &Session<'_, H>,
    operation: &Operation,
    containers: &[Container],
) -> Result<(), Trouble> {
    let Ask::Rollback { to, .. } = &operation.ask else {
        return Ok(());
    };
    let mut wanted = kept(session, to).cloned().unwrap_or_default();
    // No container was made of what is undone: what stands there is of the version before.
    if operation.follows == Some(Step::Command) {
        wanted.extend(moved(session, containers).await);
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = wanted.keys().cloned().collect();
    let told = images_told(&session.run(ask_images(&names), ATTEMPT).await?, &names);
    for (name, id) in &wanted {
        if told.as_ref().is_ok_and(|told| told.means(name, id)) {
            continue;
        }
        match done(&session.run(tag(id, name), ATTEMPT).await?) {
            Ok(()) => session.log(&Line::Containers(Containers::ImageBack(name.clone(), to.clone()))).await,
            Err(seen @ ProcessError::Cancelled { .. }) => return Err(asked(seen)),
            Err(_) => session.warn(&Line::Containers(Containers::ImageGone(name.clone(), to.clone()))).await,
        }
    }
    Ok(())
}

/// The commands that do so, for a person.
pub fn by_hand<H: Host>(session: &Session<'_, H>, to: &Sha) -> Vec<String> {
    let kept = kept(session, to).into_iter().flatten();
    kept.map(|(name, id)| line(&tag(id, name))).collect()
}

//! How containers would take a version, before anything is done to them.

use super::as_started::files;
use super::choice::{ChosenWay, Present, Started, changed_paths, strategy};
use super::engine::{containers, inspection};
use super::images::may_differ;
use super::which::detect;
use super::{Trouble, images, neighbours};
use crate::environment::{Compose as Settings, Environment};
use crate::host::Host;
use crate::messages::log::chosen;
use crate::messages::reason::reason;
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::compose::{Listed, ours, project_given};
use crate::tools::git::Git;
use crate::tools::strategy::{Strategy, StrategyReason};

/// The way, and what decides it; a question mark, and why, where the engine does not answer now. None: there are no
/// containers to start.
pub async fn way<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    reader: &Git,
    from: Option<&Sha>,
    to: &Sha,
) -> Result<Option<(String, String)>, Trouble> {
    let Some(settings) = &with.compose else {
        return Ok(None);
    };
    let all = match containers(session).await {
        Ok(all) => all,
        Err(Trouble::Stop(failure)) => return Err(Trouble::Stop(failure)),
        Err(Trouble::Fault { why, .. }) => return Ok(Some(("?".to_owned(), reason(&why, session.read_in(with))))),
    };
    let mine = ours(&all, std::slice::from_ref(&settings.file), &settings.services);
    if let Some(path) = moved(session, settings, &all, &mine).await? {
        let why = chosen(Some(&StrategyReason::Moved { path }), session.read_in(with));
        return Ok(Some((Strategy::Up.to_string(), why)));
    }
    let changed = changed_paths(session, reader, from, to).await?;
    let files = files(session, &mine, &[], settings).await;
    let given = project_given(&mine, &files);
    let known = if may_differ(session) { inspection(session, &mine).await.ok() } else { None };
    let renamed = images::moved(session, known.as_deref().unwrap_or_default()).await;
    let present = Present { all: &all, mine: &mine, known: known.as_deref(), moved: &renamed };
    let ChosenWay { strategy, reason, .. } =
        strategy(session, settings, Started { files: &files, given: &given }, changed, present).await;
    Ok(Some((strategy.to_string(), chosen(reason.as_ref(), session.read_in(with)))))
}

/// The compose file of before, where this site's containers were made of one that is gone.
async fn moved<H: Host>(
    session: &Session<'_, H>,
    settings: &Settings,
    all: &[Listed],
    mine: &[Listed],
) -> Result<Option<String>, Trouble> {
    if !mine.is_empty() {
        return Ok(None);
    }
    let named = match neighbours::name_before(session, all, settings).await {
        Some(name) => Some(name),
        None => match detect(session.host, session.env, &session.with.state_folder).await {
            Ok(compose) => neighbours::name(session, &compose, settings).await,
            Err(_) => None,
        },
    };
    let left = neighbours::left_behind(session, all, settings, named.as_deref()).await?;
    Ok(left.all.first().and_then(|one| one.belongs.files.first()).cloned())
}

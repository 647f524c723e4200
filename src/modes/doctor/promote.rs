//! What a promote to this environment needs beside what a deploy does: the environment that validates,
//! paths that can be saved and room for one backup of them, and the freeze.

use futures_util::future::{join, join3};

use super::{Subject, Visit, ask, is_target};
use crate::environment::ledger_in;
use crate::failure::Failure;
use crate::host::{Command, Host, Reply};
use crate::ledger::Ledger;
use crate::machine::State as Ledgered;
use crate::messages::finding::{Finding, FindingSeen, Promote, State};
use crate::messages::reason;
use crate::session::now;
use crate::sha::Sha;
use crate::steps::saving;
use crate::steps::ways::ways;
use crate::tools::backup::{Lacking, Need, count, free, free_each, measure, room, used};
use crate::tools::freeze::{frozen, local};
use crate::tools::path::{absolute, parent};
use crate::tools::process::ProcessError;
use crate::tools::spot::{find_foreign, find_unreadable, first_found, nearest};

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let with = &subject.with;
    let source = match source(visit, subject).await {
        Ok(source) => source,
        Err(failure) => {
            let told = reason::failure(&failure, visit.config.manner.locale);
            return vec![subject.fail(FindingSeen::State(State::Trouble(told)))];
        }
    };
    if with.app_path.is_empty() || (source.is_none() && !is_target(with)) {
        return Vec::new();
    }
    let finding = |seen| FindingSeen::Promote(seen);
    let from = with.promote_from.clone();
    let mut all = vec![match source {
        Some(Some(sha)) => subject.ok(finding(Promote::From { from: from.clone(), sha })),
        Some(None) => subject.skipped(finding(Promote::NothingValidated { from: from.clone() })),
        None if from == with.name => subject.fail(finding(Promote::Itself { from: from.clone() })),
        None => subject.warn(finding(Promote::Elsewhere { from: from.clone() })),
    }];
    // A mistyped name is told as that, and is on no other machine.
    if visit
        .misnamed
        .iter()
        .any(|(_, problem)| problem.place == "promote-from" && problem.value.as_ref() == Some(&from))
    {
        all.clear();
    }
    let unrestored = subject.view.state.unrestored.as_ref().filter(|_| !with.backup.paths.is_empty());
    all.extend(unrestored.map(|name| subject.fail(finding(Promote::Unrestored { name: name.to_string() }))));
    all.extend(backup(visit, subject).await);
    all.extend(foreign(visit, &with.backup.paths).await.map(|seen| subject.warn(finding(seen))));
    let now = now(visit.host).await;
    all.extend(match frozen(&with.freeze, now) {
        Some(window) => {
            let (window, now) = (window.clone(), local(window, now));
            Some(subject.warn(finding(Promote::Frozen { window, now })))
        }
        None if with.freeze.is_empty() => None,
        None => Some(subject.ok(finding(Promote::Open { windows: with.freeze.len() }))),
    });
    all
}

/// Whether versions come to it by promotes.
pub(super) async fn is_promoted_to<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> bool {
    is_target(&subject.with) || matches!(source(visit, subject).await, Ok(Some(_)))
}

/// What the environment that validates has validated; none where nothing on this machine knows that one. As for a
/// promote, the file and the folder of state are asked.
async fn source<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Result<Option<Option<Sha>>, Failure> {
    let (with, from) = (&subject.with, &subject.with.promote_from);
    if *from == with.name {
        return Ok(None);
    }
    let validated = |state: &Ledgered| state.newest_kept().cloned();
    if let Some(one) = visit.subjects.iter().find(|one| one.with.name == *from) {
        return Ok(Some(validated(&one.view.state)));
    }
    let listed = visit.config.from.as_ref().filter(|one| one.name == *from);
    let folder = listed.map_or_else(|| absolute(parent(&with.state_folder), from), |one| one.state_folder.clone());
    let ledger = Ledger::read(visit.host, &ledger_in(&folder), "").await?;
    let is_known = ledger.state.seq > 0 || listed.is_some();
    Ok(is_known.then(|| validated(&ledger.state)))
}

async fn backup<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let paths = &subject.with.backup.paths;
    let finding = |seen| FindingSeen::Promote(seen);
    if paths.is_empty() {
        return vec![subject.skipped(finding(Promote::NothingSaved))];
    }
    let folder = subject.with.backup_folder();
    let (paths_found, folder_found) =
        join(readable(visit, paths), ask::spots(visit.host, std::slice::from_ref(&folder))).await;
    match paths_found {
        Ok(None) => {}
        Ok(Some(seen)) => return vec![subject.fail(finding(seen))],
        Err(fault) => return vec![subject.warn(finding(Promote::NotRead { fault }))],
    }
    let user = visit.user.name.clone();
    let standing = match &folder_found {
        Ok(spots) => nearest(&folder, spots),
        Err(fault) => return vec![subject.warn(finding(Promote::NotMeasured { fault: fault.clone() }))],
    };
    let Some((place, _)) = standing.filter(|(_, spot)| spot.writable && spot.kind == 'd') else {
        return vec![subject.fail(finding(Promote::FolderDenied { folder, user }))];
    };
    let (bytes, entries, disk) = join3(
        ask::run(visit.host, measure(paths)),
        ask::run(visit.host, count(paths)),
        ask::run(visit.host, free(&place)),
    )
    .await;
    match (used(&bytes), used(&entries), room(&disk)) {
        (Ok(all), Ok(files), Ok(room)) => {
            let need = Need::of(all, files);
            let seen = Promote::Backup { need, room, folder };
            if !need.fits(&room) {
                return vec![subject.fail(finding(seen))];
            }
            let lacking = lacking(visit, subject, need, &bytes, &entries, &place).await;
            let back = lacking.map(|lacking| subject.fail(finding(Promote::NoWayBack(lacking))));
            std::iter::once(subject.ok(finding(seen))).chain(back).collect()
        }
        // Much to count takes longer than a look: the promote itself has the time for it.
        (Err(fault), ..) | (_, Err(fault), _) | (.., Err(fault)) => {
            vec![subject.warn(finding(Promote::NotMeasured { fault }))]
        }
    }
}

/// Where files could not be put back for want of room.
async fn lacking<H: Host>(
    visit: &Visit<'_, H>,
    subject: &Subject,
    need: Need,
    bytes: &Reply,
    entries: &Reply,
    place: &str,
) -> Option<Lacking> {
    let paths = &subject.with.backup.paths;
    let ways = ways(visit.host, subject.with.compose.as_ref(), paths).await.ok()?;
    let each = ask::run(visit.host, free_each(&saving::places(place, paths))).await;
    saving::way_back(need, &ways, bytes, entries, &each)
}

/// What of the paths could be saved, and not given back to its owner.
async fn foreign<H: Host>(visit: &Visit<'_, H>, paths: &[String]) -> Option<Promote> {
    let test = visit.user.foreign();
    if paths.is_empty() || test.is_empty() {
        return None;
    }
    let (owner, path) = first_found(&ask::run(visit.host, find_foreign(paths, &test)).await).ok().flatten()?;
    Some(Promote::Foreign { path, owner, user: visit.user.name.clone() })
}

/// What of the paths cannot be saved; none when all can.
async fn readable<H: Host>(visit: &Visit<'_, H>, paths: &[String]) -> Result<Option<Promote>, ProcessError> {
    let user = visit.user.name.clone();
    let stats = match visit.host.perform(Command::Stat { paths: paths.to_vec() }).await {
        Reply::Stats { stats } => stats,
        _ => Vec::new(),
    };
    let unfit = |stat: &Option<crate::host::Stat>| {
        !stat.as_ref().is_some_and(|stat| matches!(stat.kind.as_str(), "file" | "folder"))
    };
    if let Some((path, stat)) = paths.iter().zip(&stats).find(|(_, stat)| unfit(stat)) {
        let path = path.clone();
        return Ok(Some(match stat {
            None => Promote::Missing { path },
            Some(stat) if stat.kind == "link" => Promote::Link { path },
            Some(_) => Promote::Unreadable { path, owner: "?".to_owned(), user },
        }));
    }
    let found = first_found(&ask::run(visit.host, find_unreadable(paths)).await)?;
    Ok(found.map(|(owner, path)| Promote::Unreadable { path, owner, user }))
}

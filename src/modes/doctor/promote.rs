//! What a promote to this environment needs beside what a deploy does: the environment that validates,
//! paths that can be saved and room for one backup of them, and the freeze.

use futures_util::future::{join, join3};

use super::{Subject, Visit, ask};
use crate::host::{Command, Host, Reply};
use crate::messages::finding::{Finding, Promote, Seen};
use crate::session::now;
use crate::steps::saving;
use crate::steps::ways::ways;
use crate::tools::backup::{Lacking, Need, count, free, free_each, measure, room, used};
use crate::tools::doctor::spot::{find_unreadable, first_found, nearest};
use crate::tools::freeze::{frozen, local};

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let with = &subject.with;
    let source = visit.subjects.iter().find(|one| one.with.name == with.promote_from && one.place != subject.place);
    let asks_for_it = !with.backup.paths.is_empty() || !with.freeze.is_empty();
    // Every environment has a default to promote from: only where that is one is this a target.
    if with.app_path.is_empty() || (source.is_none() && !asks_for_it) {
        return Vec::new();
    }
    let finding = |seen| Seen::Promote(seen);
    let from = with.promote_from.clone();
    let validated = source.map(|source| source.view.state.last_validated().map(|one| one.sha.clone()));
    let mut all = vec![match validated {
        Some(Some(sha)) => subject.ok(finding(Promote::From { from, sha })),
        Some(None) => subject.skipped(finding(Promote::NothingValidated { from })),
        None => subject.warn(finding(Promote::Elsewhere { from })),
    }];
    all.extend(backup(visit, subject).await);
    let now = now(visit.host).await;
    all.extend(match frozen(&with.freeze, now) {
        Some(window) => {
            let (window, now) = (window.clone(), local(&with.freeze, now));
            Some(subject.warn(finding(Promote::Frozen { window, now })))
        }
        None if with.freeze.is_empty() => None,
        None => Some(subject.ok(finding(Promote::Open { windows: with.freeze.len() }))),
    });
    all
}

async fn backup<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let paths = &subject.with.backup.paths;
    let finding = |seen| Seen::Promote(seen);
    if paths.is_empty() {
        return vec![subject.skipped(finding(Promote::NothingSaved))];
    }
    let folder = subject.with.backup_folder();
    let (paths_found, folder_found) =
        join(readable(visit, paths), ask::spots(visit.host, std::slice::from_ref(&folder))).await;
    if let Some(seen) = paths_found {
        return vec![subject.fail(finding(seen))];
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
            let lacking = lacking(visit, subject, need, (&bytes, &entries, &place)).await;
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
    (bytes, entries, place): (&Reply, &Reply, &str),
) -> Option<Lacking> {
    let paths = &subject.with.backup.paths;
    let ways = ways(visit.host, subject.with.compose.as_ref(), paths).await.ok()?;
    let each = ask::run(visit.host, free_each(&saving::places(place, paths))).await;
    saving::way_back(need, &ways, (bytes, entries, &each))
}

/// What of the paths cannot be saved; none when all can.
async fn readable<H: Host>(visit: &Visit<'_, H>, paths: &[String]) -> Option<Promote> {
    let stats = match visit.host.perform(Command::Stat { paths: paths.to_vec() }).await {
        Reply::Stats { stats } => stats,
        _ => Vec::new(),
    };
    let unfit = |stat: &Option<crate::host::Stat>| {
        !stat.as_ref().is_some_and(|stat| matches!(stat.kind.as_str(), "file" | "folder"))
    };
    if let Some((path, stat)) = paths.iter().zip(&stats).find(|(_, stat)| unfit(stat)) {
        let path = path.clone();
        return Some(match stat {
            None => Promote::Missing { path },
            Some(stat) if stat.kind == "link" => Promote::Link { path },
            Some(_) => Promote::Unreadable { path, owner: "?".to_owned() },
        });
    }
    let found = first_found(&ask::run(visit.host, find_unreadable(paths)).await).ok().flatten();
    found.map(|(owner, path)| Promote::Unreadable { path, owner })
}

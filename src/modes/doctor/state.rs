//! The state: whether its folder keeps what is written, what the ledger says and whether the plain file
//! agrees, who is at work, and whether a watcher could write its log.

use std::collections::BTreeMap;

use super::{Subject, Visit, ask, promote};
use crate::config::file_path;
use crate::environment::Watch;
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Keep, Reply};
use crate::messages::finding::{Finding, FindingSeen, Folder, Point, State};
use crate::settings::{Mode, SETTINGS};
use crate::sha::Sha;
use crate::tools::shell::word;
use crate::tools::spot::{Spot, nearest};

/// Where older pipelines kept their rollback point, whatever the state folder is by now.
const OLD_POINT: &str = "/var/app-state/last-validated-sha.txt";
/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let with = &subject.with;
    let latest = format!("{}/ci-watcher-LATEST.log", with.log_folder);
    let paths = [with.state_folder.clone(), with.ledger(), with.log_folder.clone(), latest];
    let spots = match ask::spots(visit.host, &paths).await {
        Ok(spots) => spots,
        Err(fault) => {
            let path = with.state_folder.clone();
            return vec![subject.fail(FindingSeen::State(State::Folder(Folder::Unanswered { path, fault })))];
        }
    };
    let mut all = folder(visit, subject, &spots).await;
    all.extend(ledger(subject));
    all.extend(work(subject));
    all.extend(point(visit, subject).await);
    all.extend(logs(visit, subject, &spots));
    all
}

async fn folder<H: Host>(visit: &Visit<'_, H>, subject: &Subject, spots: &BTreeMap<String, Spot>) -> Vec<Finding> {
    let path = subject.with.state_folder.clone();
    let finding = |seen| FindingSeen::State(State::Folder(seen));
    let user = visit.user.name.clone();
    let Some(spot) = spots.get(&path) else {
        return vec![match nearest(&path, spots) {
            Some((_, spot)) if spot.writable && spot.kind == 'd' => subject.ok(finding(Folder::ToMake { path })),
            found => {
                let (parent, owner) = found
                    .map_or_else(|| ("/".to_owned(), "?".to_owned()), |(parent, spot)| (parent, spot.user.clone()));
                subject.fail(finding(Folder::CannotMake { path, parent, owner, user }))
            }
        }];
    };
    if !spot.writable || spot.kind != 'd' {
        return vec![subject.fail(finding(Folder::Denied { path, owner: spot.user.clone(), user }))];
    }
    let mut all = Vec::new();
    let ledger = subject.with.ledger();
    let open = [(&path, Some(spot)), (&ledger, spots.get(&ledger))];
    for (path, spot) in open {
        if let Some(spot) = spot.filter(|spot| spot.mode & OTHERS != 0) {
            all.push(subject.warn(finding(Folder::Open { path: path.clone(), mode: spot.mode })));
        }
    }
    all.push(match keeps(visit, &path).await {
        None => subject.ok(finding(Folder::Works { path })),
        Some(seen) => subject.fail(finding(Folder::Broken { path, seen })),
    });
    all
}

/// Writes, syncs and renames a file as all of the state's are, and takes it away; what went wrong.
async fn keeps<H: Host>(visit: &Visit<'_, H>, folder: &str) -> Option<Rebuff> {
    let path = format!("{folder}/.doctor-{}", visit.start.pid);
    let write = Command::Replace { path: path.clone(), text: "doctor\n".to_owned() };
    for command in [write, Command::Remove { path }] {
        match visit.host.perform(command).await {
            Reply::Done => {}
            other => return Some(other.into()),
        }
    }
    None
}

fn ledger(subject: &Subject) -> Vec<Finding> {
    let view = &subject.view;
    let mut all = Vec::new();
    if let Some(problem) = &view.problem {
        all.push(subject.fail(FindingSeen::State(State::Trouble(problem.clone()))));
    }
    if view.state.seq == 0 {
        if all.is_empty() {
            all.push(subject.skipped(FindingSeen::State(State::NoLedger)));
        }
        return all;
    }
    if view.set_aside > 0 {
        let path = subject.with.ledger();
        all.push(subject.warn(FindingSeen::State(State::SetAside { path, count: view.set_aside })));
    }
    let (entries, live) = (view.state.seq, view.state.live.as_ref().map(|live| live.sha.clone()));
    let validated = view.state.last_validated().map(|one| one.sha.clone());
    let failed = live.clone().filter(|_| view.has_failed_since == Some(true));
    all.push(subject.ok(FindingSeen::State(State::Ledger { entries, live, validated })));
    all.extend(failed.map(|live| {
        let (from, selection) = (subject.with.promote_from.clone(), subject.with.selection());
        subject.warn(FindingSeen::State(State::FailedSince { live, from, selection }))
    }));
    all
}

/// Who is at work, and what was left.
fn work(subject: &Subject) -> Vec<Finding> {
    let (view, selection) = (&subject.view, subject.with.selection());
    if view.state.seq == 0 {
        return Vec::new();
    }
    let mut all = vec![match (&view.lock, &view.state.operation) {
        (Some(holder), _) => subject.ok(FindingSeen::State(State::Held { holder: holder.clone() })),
        (None, Some(operation)) => subject
            .warn(FindingSeen::State(State::Unfinished { selection: selection.clone(), by: operation.by.clone() })),
        (None, None) => subject.ok(FindingSeen::State(State::Idle)),
    }];
    match (&view.watcher, view.state.awaited()) {
        (Some(holder), _) => all.push(subject.ok(FindingSeen::State(State::Watcher { holder: holder.clone() }))),
        (None, Some(watch)) if watch.how == Watch::Detached => {
            all.push(subject.warn(FindingSeen::State(State::Unwatched { selection, sha: watch.sha.clone() })));
        }
        _ => {}
    }
    all
}

async fn point<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Option<Finding> {
    let finding = |seen| FindingSeen::State(State::Point(seen));
    let (path, selection) = (subject.with.rollback_point_file.clone(), subject.with.selection());
    if let Some(validated) = subject.view.state.last_validated() {
        let sha = validated.sha.clone();
        let seen = read(visit, &path).await;
        return Some(match seen {
            Some(seen) if seen == sha.as_str() => subject.ok(finding(Point::Agrees { path, sha })),
            seen => {
                let seen = seen.unwrap_or_else(|| "-".to_owned()).chars().take(60).collect();
                subject.warn(finding(Point::Off { path, selection, seen, wanted: sha }))
            }
        });
    }
    // A ledger that cannot be read says nothing of what is validated: the file may be its own.
    if subject.view.problem.is_some() || subject.view.set_aside > 0 {
        return None;
    }
    // What goes live there has been through a promote: taken over by a deploy, it would pass all that is checked and saved.
    let is_promoted = promote::is_promoted_to(visit, subject).await;
    let options = options(visit, subject);
    if let Some(text) = read(visit, &path).await {
        return Some(match Sha::parse(&text) {
            Ok(_) if is_promoted => return None,
            Ok(sha) => subject.warn(finding(Point::Takeover { path, options, sha })),
            Err(_) => subject.warn(finding(Point::Garbled { path })),
        });
    }
    // One file for the whole machine: told once, for the first environment, and as long as none has taken it over.
    let is_taken = visit.subjects.iter().any(|one| one.view.state.last_validated().is_some());
    if is_promoted || is_taken || !is_first(visit, subject).await {
        return None;
    }
    for path in [format!("{}/last-validated-sha.txt", visit.config.state_dir), OLD_POINT.to_owned()] {
        if let Some(sha) = read(visit, &path).await.and_then(|text| Sha::parse(&text).ok()) {
            return Some(subject.warn(finding(Point::Takeover { path, options, sha })));
        }
    }
    None
}

/// The options of a terminal that has none of this run's settings, for an environment whose ledger has none either: what
/// is taken over without its compose file, say, would be gone back to without its containers.
fn options<H>(visit: &Visit<'_, H>, subject: &Subject) -> String {
    let config = visit.config;
    let mut options = format!("--environment {}", subject.with.name);
    if config.file.is_some() {
        options.push_str(&format!(" --config {}", word(&file_path(visit.start))));
    }
    // Those that an environment keeps; of a list, an option for each of its lines.
    let kept = SETTINGS.iter().filter(|setting| setting.key.is_some() && setting.input != "watch");
    for setting in kept.filter(|setting| setting.modes.is_empty() || setting.modes.contains(&Mode::Deploy)) {
        let value = config.inputs.get(setting.input).map_or("", |value| value.trim());
        let lines: Vec<&str> =
            if setting.kind.is_list() { value.lines().map(str::trim).collect() } else { vec![value] };
        for line in lines.into_iter().filter(|line| !line.is_empty()) {
            options.push_str(&format!(" --{} {}", setting.input, word(line)));
        }
    }
    options
}

/// Whether it is the first environment that versions come to by deploys.
async fn is_first<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> bool {
    for one in visit.subjects.iter().filter(|one| !one.with.app_path.is_empty()) {
        if !promote::is_promoted_to(visit, one).await {
            return one.place == subject.place;
        }
    }
    false
}

async fn read<H: Host>(visit: &Visit<'_, H>, path: &str) -> Option<String> {
    match visit.host.perform(Command::Read { path: path.to_owned(), cap: 200, keep: Keep::Head }).await {
        Reply::Text { text, .. } => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn logs<H>(visit: &Visit<'_, H>, subject: &Subject, spots: &BTreeMap<String, Spot>) -> Vec<Finding> {
    let path = subject.with.log_folder.clone();
    let user = visit.user.name.clone();
    let latest = format!("{path}/ci-watcher-LATEST.log");
    let folder = spots.get(&path);
    // Where everybody may write, only its owner may replace a name (the sticky bit).
    let sticky = folder.is_some_and(|folder| folder.mode & 0o1000 != 0);
    let taken = spots.get(&latest).filter(|spot| sticky && spot.uid != visit.user.uid && visit.user.uid != 0);
    vec![match (folder, taken) {
        (Some(folder), None) if folder.writable => subject.ok(FindingSeen::State(State::Logs { path })),
        (Some(folder), Some(spot)) if folder.writable => {
            subject.warn(FindingSeen::State(State::LogTaken { path: latest, owner: spot.user.clone() }))
        }
        _ => subject.warn(FindingSeen::State(State::NoLogs { path, user })),
    }]
}

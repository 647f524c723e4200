//! The state's folders and files, in English.

use super::fault;
use crate::messages::en::counted;
use crate::messages::en::reason::rebuff;
use crate::messages::finding::{FindingLine, Folder, Point, Promote, State};
use crate::tools::backup::{Lacking, size};
use crate::tools::shell::word;

pub(super) fn state(seen: &State) -> FindingLine {
    match seen {
        State::Folder(seen) => folder(seen),
        State::Point(seen) => point(seen),
        State::NoLedger => FindingLine::plain("ledger", "none yet: the first deploy notes what is live"),
        State::Ledger { entries, live, validated } => {
            let short =
                |sha: &Option<crate::sha::Sha>| sha.as_ref().map_or("-".to_owned(), |sha| sha.short().to_owned());
            FindingLine::plain(
                "ledger",
                format!(
                    "{}; live {}, last validated {}",
                    counted(*entries, "entry", "entries"),
                    short(live),
                    short(validated)
                ),
            )
        }
        State::SetAside { path, count } => FindingLine::new(
            "ledger",
            format!("{path}: {} set aside, the rest is read", counted(*count, "unreadable line", "unreadable lines")),
            "keep the file as it is; if the disk may have suffered: sudo dmesg | grep -i error",
        ),
        State::Trouble(text) => FindingLine::plain("ledger", text),
        State::FailedSince { live, from, selection } => FindingLine::new(
            "live",
            format!("{} is live, and its CI has failed since in {from}", live.short()),
            format!("mangetamain-deploy rollback {selection}"),
        ),
        State::Idle => FindingLine::plain("lock", "free"),
        State::Held { holder } => FindingLine::plain("lock", format!("held by {holder}: at work")),
        State::Unfinished { selection, by } => FindingLine::new(
            "lock",
            format!("what {by} asked for is not finished, and nobody is at it"),
            format!("mangetamain-deploy status {selection} finishes or undoes it"),
        ),
        State::Watcher { holder } => FindingLine::plain("watcher", holder),
        State::Unwatched { selection, sha } => FindingLine::new(
            "watcher",
            format!("CI of {} is awaited, and no watcher runs", sha.short()),
            format!("mangetamain-deploy watch {selection} --sha {sha}"),
        ),
        State::Logs { path } => FindingLine::plain("logs", path),
        State::NoLogs { path, user } => FindingLine::new(
            "logs",
            format!("{path} cannot be written to: a watcher would have no log"),
            format!("sudo install -d -o {} {}, or `log-dir`", word(user), word(path)),
        ),
        State::LogTaken { path, owner } => FindingLine::new(
            "logs",
            format!("{path} is {owner}'s: the link to the newest log could not be changed"),
            format!("sudo rm {}", word(path)),
        ),
    }
}

fn folder(seen: &Folder) -> FindingLine {
    match seen {
        Folder::Works { path } => FindingLine::plain("state", format!("{path}: write, rename and fsync succeed")),
        Folder::ToMake { path } => {
            FindingLine::plain("state", format!("{path} is not there yet; the first deploy makes it"))
        }
        Folder::CannotMake { path, parent, owner, user } => {
            let above = crate::tools::path::parent(path);
            let mend = if above == parent {
                format!("sudo chown -R {} {}", word(user), word(above))
            } else {
                format!("sudo install -d -m 700 -o {} {}, or `state-dir`", word(user), word(above))
            };
            FindingLine::new(
                "state",
                format!("{path}: {user} can neither see nor make it in {parent}, which is {owner}'s"),
                mend,
            )
        }
        Folder::Denied { path, owner, user } => FindingLine::new(
            "state",
            format!("{path} is {owner}'s, {user} cannot write to it"),
            super::writable(owner, user, path),
        ),
        Folder::Open { path, mode } => FindingLine::new(
            "state",
            format!("{path} is open to others (mode {mode:o})"),
            format!("chmod go-rwx {}", word(path)),
        ),
        Folder::Broken { path, seen } => FindingLine::new(
            "state",
            format!("a file could not be written, renamed and removed in {path}: {}", rebuff(seen)),
            "df -h and mount for this folder; or another `state-dir`",
        ),
        Folder::Unanswered { path, fault: seen } => {
            FindingLine::new("state", format!("{path}: {}", fault(seen)), "a dead network disk? (mount, dmesg)")
        }
    }
}

fn point(seen: &Point) -> FindingLine {
    match seen {
        Point::Agrees { path, sha } => {
            FindingLine::plain("rollback point", format!("{path} says {}, as the ledger does", sha.short()))
        }
        Point::Off { path, selection, seen, wanted } => FindingLine::new(
            "rollback point",
            format!("{path} says {seen:?}, the ledger says {}", wanted.short()),
            format!("mangetamain-deploy status {selection} writes it again"),
        ),
        Point::Takeover { path, options, sha } => FindingLine::new(
            "rollback point",
            format!("{path} (of an older pipeline) names {}; nothing is validated in the ledger yet", sha.short()),
            format!(
                "take it over: mangetamain-deploy deploy {options} --sha {sha} --watch inline, then remove this file"
            ),
        ),
        Point::Garbled { path } => FindingLine::new(
            "rollback point",
            format!("{path} exists and does not hold a SHA of 40 digits"),
            "remove it, or choose another `rollback-point-file`",
        ),
    }
}

pub(super) fn promote(seen: &Promote) -> FindingLine {
    match seen {
        Promote::From { from, sha } => FindingLine::plain("promote", format!("{from} has validated {}", sha.short())),
        Promote::NothingValidated { from } => {
            FindingLine::plain("promote", format!("nothing is validated in {from} yet"))
        }
        Promote::Itself { from } => FindingLine::new(
            "promote",
            format!("`promote-from` is {from} itself: every promote is refused"),
            "promote-from: the environment that validates",
        ),
        Promote::Elsewhere { from } => FindingLine::new(
            "promote",
            format!("{from} is not known on this machine: its validation will be asked of GitHub"),
            "put both environments into one file, or set `promote-from`",
        ),
        Promote::NothingSaved => FindingLine::plain("backup", "no `backup.paths`: promote wants a list, or `none`"),
        Promote::Missing { path } => {
            FindingLine::new("backup", format!("{path} does not exist"), "correct `backup.paths`")
        }
        Promote::Link { path } => FindingLine::new(
            "backup",
            format!("{path} is a symbolic link"),
            format!("name what it leads to: readlink -f {}", word(path)),
        ),
        Promote::Unreadable { path, owner, user } => unreadable(path, owner, user),
        Promote::Foreign { path, owner, user } => FindingLine::new(
            "owners",
            format!("{path} is {owner}'s: {user} can save it, but not give it back"),
            "of a database, save a dump that the deploy command makes instead of its files; else the backup lists whose each file is, and a way back that needs it tells the command",
        ),
        Promote::NotRead { fault: seen } => FindingLine::new(
            "backup",
            format!("whether all of it can be read is not known: {}", fault(seen)),
            "look at what `backup.paths` names as the user who promotes",
        ),
        Promote::FolderDenied { folder, user } => FindingLine::new(
            "backup",
            format!("{user} cannot write to {folder}"),
            format!("sudo install -d -m 700 -o {} {}, or `backup-dir`", word(user), word(folder)),
        ),
        Promote::Unrestored { name } => FindingLine::new(
            "files",
            format!("those of the backup {name} were not put back: a promote is refused"),
            format!("rollback with backup: {name} (at a terminal: --backup {name})"),
        ),
        Promote::Backup { need, room, folder } => FindingLine::new(
            "backup",
            format!("one backup needs {}, {} are free for {folder}", size(need.bytes), size(room.bytes)),
            format!("make room (by removing the oldest of {}, for one), or another `backup-dir`", word(folder)),
        ),
        Promote::NoWayBack(Lacking { at, need, room }) => FindingLine::new(
            "way back",
            format!(
                "putting files back needs {} at {at} with the backup, {} are free",
                size(need.bytes),
                size(room.bytes)
            ),
            format!("make room at {at}"),
        ),
        Promote::NotMeasured { fault: seen } => FindingLine::new(
            "backup",
            format!("not measured: {}", fault(seen)),
            "promote itself takes the time to measure",
        ),
        Promote::Frozen { window, now } => FindingLine::new(
            "freeze",
            format!("{window}: promote is frozen ({now})"),
            "wait, or `force: true` (at a terminal: `--force`)",
        ),
        Promote::Open { windows } => {
            FindingLine::plain("freeze", format!("{}, not now", counted(*windows as u64, "window", "windows")))
        }
    }
}

fn unreadable(path: &str, owner: &str, user: &str) -> FindingLine {
    FindingLine::new(
        "backup",
        format!("{path} is {owner}'s and cannot be read: the backup would fail"),
        format!(
            "let {user} alone read it: sudo setfacl -R -m u:{}:rX {}; of a database, save a dump that the deploy command makes instead of its files",
            word(user),
            word(path)
        ),
    )
}

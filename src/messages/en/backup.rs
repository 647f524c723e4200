//! What is wrong with a backup, and what the log says of one, in English; `fr::backup` says the same.

use super::counted;
use super::promote::figures;
use super::reason::obstacle;
use crate::failure::reason::{Unfit, Unsaved};
use crate::messages::log::Backup;
use crate::messages::reason::with_words;
use crate::tools::backup::{Lacking, size};
use crate::tools::shell::word;

pub(super) fn unsaved(seen: &Unsaved) -> String {
    match seen {
        Unsaved::Unsavable(path, why) => format!("{path}: {}", unfit(*why)),
        Unsaved::HoldsOurs(path, ours) => {
            format!("{path} holds {ours}, which must not be put back with it; links are looked through")
        }
        Unsaved::Unwritable(folder) => format!("{folder} cannot be written: a read-only disk, or another user's"),
        Unsaved::Unmeasured(paths, fault) => format!("measuring {paths}: {fault}"),
        Unsaved::RoomUnknown(folder, fault) => format!("asking how much is free at {folder}: {fault}"),
        Unsaved::Unnamed(path) => format!("{path} could not be given its name"),
        Unsaved::Unlike { count, names, left, words } => {
            let left = left.as_ref().map(|(room, folder)| format!("; {} free at {folder}", size(room.bytes)));
            let (left, names) = (left.unwrap_or_default(), names.join(", "));
            let copies = counted(*count as u64, "of the copies is", "of the copies are");
            with_words(&format!("{copies} not what stands there ({names}){left}"), "\n", words)
        }
        Unsaved::OtherFiles(name, sha, to) => {
            format!("{name} holds the files of {}, not of {}", sha.short(), to.short())
        }
        Unsaved::OfAnother(name, other) => format!("{name} is a backup of the environment {other}"),
        Unsaved::Shared(folder, other) => format!(
            "the environment {other} keeps its backups in {folder}: each needs a `backup-dir` of its own, or one would put back, or remove, what the other has saved"
        ),
        Unsaved::SharedWithOld { folder, state_folder, file } => format!(
            "an environment of this name keeps its backups in {folder} already, with its state in {state_folder}: if that is the state that this one had before, rm {}; else each needs a `backup-dir` of its own",
            word(file)
        ),
        Unsaved::BothStand(path, kept) => {
            format!("{path} and {kept} both stand there: something made the first anew meanwhile")
        }
        Unsaved::NotSwapped(path, fresh) => format!("{path} could not be swapped for {fresh}"),
        Unsaved::NoRoomBack(Lacking { at, need, room }) => format!("not enough room at {at}: {}", figures(need, room)),
        Unsaved::NoBackupIn(folder) => format!("there is no backup in {folder}"),
        Unsaved::Absent(name, folder, others) if others.is_empty() => {
            format!("there is no backup {name} in {folder}, nor another one of this environment")
        }
        Unsaved::Absent(name, folder, others) => {
            format!("there is no backup {name} in {folder}; the newest are {}", others.join(", "))
        }
        Unsaved::NoBackup => "there is no backup".to_owned(),
    }
}

fn unfit(why: Unfit) -> &'static str {
    match why {
        Unfit::Nothing => "nothing stands there",
        Unfit::Link => "it is a symbolic link: name what it points to",
        Unfit::Other => "it is no file or folder that this user may look at",
    }
}

/// What the log says of one.
pub(super) fn backup(told: &Backup) -> String {
    match told {
        Backup::Incomplete(path) => format!("removing {path}: that backup was never complete"),
        Backup::Skipped(name, names) => format!("backup {name}: not saved (no files): {}", names.join(", ")),
        Backup::Changed(name, names) => format!("backup {name}: changed while it was read: {}", names.join(", ")),
        Backup::NotListed(folder) => format!("{folder} cannot be listed: no old backup is removed"),
        Backup::Foreign { owner, path, user, list } => {
            format!(
                "{path} is {owner}'s: {user} can save it, but not give it back. Whose each file is stands in {list}"
            )
        }
        Backup::LeftThere(folder, seen) => format!(
            "{folder}: what was written there meanwhile could not all be set aside ({}). It stays there, as NAME.~1~ where the backup has a file NAME",
            obstacle(seen)
        ),
        Backup::NotGivenBack(command) => {
            format!("files that were put back are this user's now, not their owners'. On the machine: sudo {command}")
        }
    }
}

//! What is wrong with a backup, in English; `fr::backup` says the same.

use super::counted;
use super::promote::figures;
use crate::failure::reason::{Unfit, Unsaved};
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

//! What is wrong with a backup, and what the log says of one, in French; `en::backup` says the same.

use super::promote::figures;
use super::reason::{fault, obstacle};
use super::{counted, size};
use crate::failure::reason::{Unfit, Unsaved};
use crate::messages::log::Backup;
use crate::messages::reason::with_words;
use crate::tools::backup::Lacking;
use crate::tools::shell::word;

pub(super) fn unsaved(seen: &Unsaved) -> String {
    match seen {
        Unsaved::Unsavable(path, why) => format!("{path} : {}", unfit(*why)),
        Unsaved::HoldsOurs(path, ours) => {
            format!("{path} contient {ours}, qui ne doit pas être remis avec ; les liens sont suivis")
        }
        Unsaved::Unwritable(folder) => {
            format!("impossible d'écrire dans {folder} : disque en lecture seule, ou dossier d'un autre utilisateur")
        }
        Unsaved::Unmeasured(paths, one) => format!("mesure de {paths} : {}", fault(one)),
        Unsaved::RoomUnknown(folder, one) => format!("mesure de la place libre à {folder} : {}", fault(one)),
        Unsaved::Unnamed(path) => format!("{path} n'a pas pu recevoir son nom définitif"),
        Unsaved::Unlike { count, names, left, words } => {
            let left = left.as_ref().map(|(room, folder)| format!(" ; {} libres à {folder}", size(room.bytes)));
            let (left, names) = (left.unwrap_or_default(), names.join(", "));
            let copies = counted(*count as u64, "copie différente", "copies différentes");
            with_words(&format!("{copies} de l'original ({names}){left}"), "\n", words)
        }
        Unsaved::OtherFiles(name, sha, to) => {
            format!("{name} contient les fichiers de {}, pas de {}", sha.short(), to.short())
        }
        Unsaved::OfAnother(name, other) => format!("{name} est une sauvegarde de l'environnement {other}"),
        Unsaved::Shared(folder, other) => format!(
            "l'environnement {other} met ses sauvegardes dans {folder} : à chacun son `backup-dir`, sinon l'un remettrait, ou enlèverait, ce que l'autre a sauvé"
        ),
        Unsaved::SharedWithOld { folder, state_folder, file } => format!(
            "un environnement du même nom met déjà ses sauvegardes dans {folder}, et son état est dans {state_folder} : si c'est l'ancien état de celui-ci, rm {} ; sinon, à chacun son `backup-dir`",
            word(file)
        ),
        Unsaved::BothStand(path, kept) => {
            format!("{path} et {kept} existent tous les deux : quelque chose a recréé le premier entre-temps")
        }
        Unsaved::NotSwapped(path, fresh) => format!("{path} n'a pas pu être remplacé par {fresh}"),
        Unsaved::NoRoomBack(Lacking { at, need, room }) => {
            format!("pas assez de place sur {at} : {}", figures(need, room))
        }
        Unsaved::NoBackupIn(folder) => format!("aucune sauvegarde dans {folder}"),
        Unsaved::Absent(name, folder, others) if others.is_empty() => {
            format!("pas de sauvegarde {name} dans {folder}, ni d'autre de cet environnement")
        }
        Unsaved::Absent(name, folder, others) => {
            format!("pas de sauvegarde {name} dans {folder} ; les plus récentes : {}", others.join(", "))
        }
        Unsaved::NoBackup => "aucune sauvegarde".to_owned(),
    }
}

fn unfit(why: Unfit) -> &'static str {
    match why {
        Unfit::Nothing => "il n'y a rien à cet endroit",
        Unfit::Link => "c'est un lien symbolique : nommer ce vers quoi il pointe",
        Unfit::Other => "ce n'est ni un fichier ni un dossier que cet utilisateur peut voir",
    }
}

/// What the log says of one.
pub(super) fn backup(told: &Backup) -> String {
    match told {
        Backup::Incomplete(path) => format!("suppression de {path} : cette sauvegarde n'a jamais été complète"),
        Backup::Skipped(name, names) => {
            format!("sauvegarde {name} : pas sauvegardés (ce ne sont pas des fichiers) : {}", names.join(", "))
        }
        Backup::Changed(name, names) => {
            format!("sauvegarde {name} : modifiés pendant leur lecture : {}", names.join(", "))
        }
        Backup::NotListed(folder) => {
            format!("{folder} ne peut pas être parcouru : aucune ancienne sauvegarde n'est supprimée")
        }
        Backup::Foreign { owner, path, user, list } => format!(
            "{path} est à {owner} : {user} peut le sauvegarder, mais pas le lui rendre. À qui est chaque fichier se lit dans {list}"
        ),
        Backup::LeftThere(folder, seen) => format!(
            "{folder} : ce qui y a été écrit entre-temps n'a pas pu être tout mis de côté ({}). Cela y reste, sous NOM.~1~ là où la sauvegarde a un fichier NOM",
            obstacle(seen)
        ),
        Backup::NotGivenBack(command) => format!(
            "les fichiers remis sont maintenant à cet utilisateur, plus à leurs propriétaires. Sur la machine : sudo {command}"
        ),
    }
}

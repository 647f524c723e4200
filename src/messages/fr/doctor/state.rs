//! The state's folders and files, in French.

use super::fault;
use crate::environment::Locale;
use crate::messages::finding::{FindingLine, Folder, Point, Promote, State};
use crate::messages::fr::holder::who;
use crate::messages::fr::quoted::quoted;
use crate::messages::fr::reason::rebuff;
use crate::messages::fr::{counted, size};
use crate::messages::holder::holder as told;
use crate::tools::backup::Lacking;
use crate::tools::shell::word;

pub(super) fn state(seen: &State) -> FindingLine {
    match seen {
        State::Folder(seen) => folder(seen),
        State::Point(seen) => point(seen),
        State::NoLedger => {
            FindingLine::plain("registre", "pas encore : le premier déploiement note ce qui est en ligne")
        }
        State::Ledger { entries, live, validated } => {
            let short =
                |sha: &Option<crate::sha::Sha>| sha.as_ref().map_or("-".to_owned(), |sha| sha.short().to_owned());
            FindingLine::plain(
                "registre",
                format!(
                    "{} ; en ligne {}, dernier validé {}",
                    counted(*entries, "entrée", "entrées"),
                    short(live),
                    short(validated)
                ),
            )
        }
        State::SetAside { path, count } => FindingLine::new(
            "registre",
            format!(
                "{path} : {}, le reste est lu",
                counted(*count, "ligne illisible mise de côté", "lignes illisibles mises de côté")
            ),
            "garder le fichier tel quel ; si le disque a souffert : sudo dmesg | grep -i error",
        ),
        State::Trouble(text) => FindingLine::plain("registre", text),
        State::FailedSince { live, from, selection } => FindingLine::new(
            "en ligne",
            format!("{} est en ligne, et son CI a échoué depuis en {from}", live.short()),
            format!("mangetamain-deploy rollback {selection}"),
        ),
        State::Idle => FindingLine::plain("verrou", "libre"),
        State::Held { holder } => {
            FindingLine::plain("verrou", format!("tenu par {} : c'est en cours", told(holder, Locale::Fr)))
        }
        State::Unfinished { selection, by } => FindingLine::new(
            "verrou",
            format!("un travail demandé par {} n'est pas fini, et personne ne s'en occupe", who(by)),
            format!("mangetamain-deploy status {selection} le finit ou le défait"),
        ),
        State::Watcher { holder } => FindingLine::plain("watcher", told(holder, Locale::Fr)),
        State::Unwatched { selection, sha } => FindingLine::new(
            "watcher",
            format!("le CI de {} est attendu, et aucun watcher ne tourne", sha.short()),
            format!("mangetamain-deploy watch {selection} --sha {sha}"),
        ),
        State::Logs { path } => FindingLine::plain("journaux", path),
        State::NoLogs { path, user } => FindingLine::new(
            "journaux",
            format!("{path} n'est pas accessible en écriture : un watcher n'aurait pas de journal"),
            format!("sudo install -d -o {} {}, ou `log-dir`", word(user), word(path)),
        ),
        State::LogTaken { path, owner } => FindingLine::new(
            "journaux",
            format!("{path} est à {owner} : le lien vers le dernier journal ne pourrait pas changer"),
            format!("sudo rm {}", word(path)),
        ),
    }
}

fn folder(seen: &Folder) -> FindingLine {
    match seen {
        Folder::Works { path } => FindingLine::plain("état", format!("{path} : écriture, renommage et fsync réussis")),
        Folder::ToMake { path } => {
            FindingLine::plain("état", format!("{path} n'existe pas encore ; le premier déploiement le crée"))
        }
        Folder::CannotMake { path, parent, owner, user } => {
            let above = crate::tools::path::parent(path);
            let mend = if above == parent {
                format!("sudo chown -R {} {}", word(user), word(above))
            } else {
                format!("sudo install -d -m 700 -o {} {}, ou `state-dir`", word(user), word(above))
            };
            FindingLine::new(
                "état",
                format!("{path} : {user} ne peut ni le voir ni le créer dans {parent}, qui est à {owner}"),
                mend,
            )
        }
        Folder::Denied { path, owner, user } => FindingLine::new(
            "état",
            format!("{path} est à {owner}, {user} ne peut pas y écrire"),
            super::writable(owner, user, path),
        ),
        Folder::Open { path, mode } => FindingLine::new(
            "état",
            format!("{path} est ouvert à d'autres (mode {mode:o})"),
            format!("chmod go-rwx {}", word(path)),
        ),
        Folder::Broken { path, seen } => FindingLine::new(
            "état",
            format!("un fichier n'a pas pu être écrit, renommé et enlevé dans {path} : {}", rebuff(seen)),
            "df -h et mount sur ce dossier ; ou un autre `state-dir`",
        ),
        Folder::Unanswered { path, fault: seen } => {
            FindingLine::new("état", format!("{path} : {}", fault(seen)), "disque réseau mort ? (mount, dmesg)")
        }
    }
}

fn point(seen: &Point) -> FindingLine {
    match seen {
        Point::Agrees { path, sha } => {
            FindingLine::plain("point de rollback", format!("{path} dit {}, comme le registre", sha.short()))
        }
        Point::Off { path, selection, seen, wanted } => FindingLine::new(
            "point de rollback",
            format!("{path} dit {seen}, le registre dit {}", wanted.short(), seen = quoted(seen)),
            format!("mangetamain-deploy status {selection} le réécrit"),
        ),
        Point::Takeover { path, options, sha } => FindingLine::new(
            "point de rollback",
            format!("{path} (d'un ancien pipeline) nomme {} ; le registre n'a encore rien de validé", sha.short()),
            format!(
                "le reprendre : mangetamain-deploy deploy {options} --sha {sha} --watch inline, puis enlever ce fichier"
            ),
        ),
        Point::Garbled { path } => FindingLine::new(
            "point de rollback",
            format!("{path} existe et ne contient pas un SHA de 40 chiffres"),
            "l'enlever, ou choisir un autre `rollback-point-file`",
        ),
    }
}

pub(super) fn promote(seen: &Promote) -> FindingLine {
    match seen {
        Promote::From { from, sha } => FindingLine::plain("promote", format!("{from} a validé {}", sha.short())),
        Promote::NothingValidated { from } => {
            FindingLine::plain("promote", format!("rien encore de validé dans {from}"))
        }
        Promote::Itself { from } => FindingLine::new(
            "promote",
            format!("`promote-from` est {from} lui-même : chaque promote est refusé"),
            "promote-from : l'environnement qui valide",
        ),
        Promote::Elsewhere { from } => FindingLine::new(
            "promote",
            format!("{from} n'est pas connu sur cette machine : sa validation sera demandée à GitHub"),
            "mettre les deux environnements dans le même fichier, ou régler `promote-from`",
        ),
        Promote::NothingSaved => {
            FindingLine::plain("sauvegarde", "pas de `backup.paths` : promote veut une liste, ou `none`")
        }
        Promote::Missing { path } => {
            FindingLine::new("sauvegarde", format!("{path} n'existe pas"), "corriger `backup.paths`")
        }
        Promote::Link { path } => FindingLine::new(
            "sauvegarde",
            format!("{path} est un lien symbolique"),
            format!("nommer ce vers quoi il mène : readlink -f {}", word(path)),
        ),
        Promote::Unreadable { path, owner, user } => unreadable(path, owner, user),
        Promote::Foreign { path, owner, user } => FindingLine::new(
            "propriétaires",
            format!("{path} est à {owner} : {user} peut le sauvegarder, mais pas le lui rendre"),
            "d'une base de données, sauvegarder une copie (dump) faite par la commande de déploiement plutôt que ses fichiers ; sinon la sauvegarde note à qui est chaque fichier, et un retour qui en a besoin donne la commande",
        ),
        Promote::NotRead { fault: seen } => FindingLine::new(
            "sauvegarde",
            format!("on ne sait pas si tout peut en être lu : {}", fault(seen)),
            "regarder ce que nomme `backup.paths` avec l'utilisateur qui promeut",
        ),
        Promote::FolderDenied { folder, user } => FindingLine::new(
            "sauvegarde",
            format!("{user} ne peut pas écrire dans {folder}"),
            format!("sudo install -d -m 700 -o {} {}, ou `backup-dir`", word(user), word(folder)),
        ),
        Promote::Unrestored { name } => FindingLine::new(
            "fichiers",
            format!("ceux de la sauvegarde {name} n'ont pas été remis : un promote est refusé"),
            format!("rollback avec `backup: {name}` (dans un terminal : --backup {name})"),
        ),
        Promote::Backup { need, room, folder } => FindingLine::new(
            "sauvegarde",
            format!("il faut {} pour une sauvegarde, {} libres pour {folder}", size(need.bytes), size(room.bytes)),
            format!(
                "faire de la place (par exemple en supprimant les plus anciennes de {}), ou un autre `backup-dir`",
                word(folder)
            ),
        ),
        Promote::NoWayBack(Lacking { at, need, room }) => FindingLine::new(
            "retour",
            format!(
                "remettre les fichiers demande {} sur {at} avec la sauvegarde, {} libres",
                size(need.bytes),
                size(room.bytes)
            ),
            format!("faire de la place sur {at}"),
        ),
        Promote::NotMeasured { fault: seen } => FindingLine::new(
            "sauvegarde",
            format!("pas mesurée : {}", fault(seen)),
            "promote lui-même prend le temps de mesurer",
        ),
        Promote::Frozen { window, now } => FindingLine::new(
            "gel",
            format!("{window} : promote est gelé ({now})"),
            "attendre, ou `force: true` (dans un terminal : `--force`)",
        ),
        Promote::Open { windows } => {
            FindingLine::plain("gel", format!("{}, pas en ce moment", counted(*windows as u64, "fenêtre", "fenêtres")))
        }
    }
}

fn unreadable(path: &str, owner: &str, user: &str) -> FindingLine {
    FindingLine::new(
        "sauvegarde",
        format!("{path} est à {owner} et ne peut pas être lu : la sauvegarde échouerait"),
        format!(
            "l'ouvrir à {user} seul : sudo setfacl -R -m u:{}:rX {} ; d'une base de données, sauvegarder une copie (dump) faite par la commande de déploiement plutôt que ses fichiers",
            word(user),
            word(path)
        ),
    )
}

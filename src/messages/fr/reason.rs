//! Why something did not come about, in French; `en::reason` says the same.

use std::collections::BTreeMap;

use super::doctor::of_compose;
use super::doubt::doubt;
use super::span;
use crate::environment::Locale;
use crate::failure::reason::{Astray, Attempt, Mend, Obstacle, Shared, Silence};
use crate::failure::rebuff::Rebuff;
use crate::failure::{Deed, Failure, NoFile};
use crate::machine::verdict::{Denial, FailureKind, Verdict};
use crate::messages::holder::holder as told;
use crate::messages::reason::{then, with_words};
use crate::tools::github::Setback;
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

/// A failure of the world.
pub fn failure(failure: &Failure) -> String {
    match failure {
        Failure::Stopped { signal, attempt: doing } => format!(
            "arrêté par {signal} ({}) ; ce qui a été commencé sera terminé ou défait par la prochaine exécution",
            attempt(doing)
        ),
        Failure::Locked { environment, holder, waited_ms } => format!(
            "verrou de {environment} attendu pendant {}, tenu par {holder} ; relancer quand cette exécution sera terminée",
            span(*waited_ms),
            holder = told(holder, Locale::Fr)
        ),
        Failure::Left { holder, process } => format!(
            "{} tourne encore, alors que son exécution a été tuée, et peut encore écrire ; relancer quand elle sera terminée, ou l'arrêter sur la machine : kill -- -{process} (puis `rollback`, si elle ne doit pas recommencer)",
            told(holder, Locale::Fr)
        ),
        Failure::Lacking { why } => format!(
            "{} Cette exécution ne touche à rien : la prochaine qui a ce qu'il faut reprend d'elle-même",
            crate::messages::reason::reason(why, Locale::Fr)
        ),
        Failure::NotTheirs { user: None, owner } => format!(
            "c'est root qui lance, et l'environnement est à {owner}, qui ne pourrait plus modifier ce que root écrit. À lancer en tant que {owner} : sudo -u {owner} mangetamain-deploy ..."
        ),
        Failure::NotTheirs { user: Some(user), owner } => format!(
            "c'est {user} qui lance, et l'environnement est à {owner}, dont {user} ne peut pas modifier les fichiers. À lancer en tant que {owner} : sudo -u {owner} mangetamain-deploy ..."
        ),
        Failure::Disk { deed, path, seen } => {
            let deed = match deed {
                Deed::Read => "de lire",
                Deed::Write => "d'écrire",
                Deed::Lock => "de verrouiller",
                Deed::Make => "de créer",
            };
            let mend = match seen {
                Rebuff::System { code, .. } if ["ENOSPC", "EDQUOT"].contains(&code.as_str()) => {
                    "faire de la place sur ce disque (df -h, docker system df)"
                }
                Rebuff::System { code, .. } if code == "EROFS" => {
                    "ce disque est monté en lecture seule : voir pourquoi (dmesg), et le remonter en écriture"
                }
                Rebuff::NoFlock => "installer util-linux",
                _ => "donner ce droit à l'utilisateur du runner, ou choisir un autre dossier avec `state-dir`",
            };
            format!("impossible {deed} {path} : {} ; {mend}", rebuff(seen))
        }
        Failure::Newer { path, after } => format!(
            "impossible de continuer {path} : l'entrée qui suit la n° {after} a été écrite par une version plus récente ; utiliser cette version (ou une plus récente) sur cette machine"
        ),
        Failure::Page { path, seen } => format!(
            "impossible d'écrire la page d'état {path} : {} ; son dossier existe-t-il, et cet utilisateur peut-il y écrire ? Sinon nommer un autre fichier avec `status-page`",
            rebuff(seen)
        ),
        Failure::NoPage { path, why } => {
            let what = match why {
                NoFile::Folder => "est un dossier",
                NoFile::Device => "n'est pas un simple fichier",
                NoFile::Nowhere => "est un lien qui ne mène nulle part",
            };
            format!("aucune page d'état écrite : {path} {what} ; nommer un fichier avec `status-page` (`--html`)")
        }
        Failure::Closed { path, fault: one } => {
            format!("ouverture de {path} à la lecture par tous (chmod) : {} ; la page elle-même est écrite", fault(one))
        }
    }
}

/// What came instead of what the host was asked for.
pub fn rebuff(seen: &Rebuff) -> String {
    match seen {
        Rebuff::NotOurs(path) => format!("{path} n'appartient pas qu'à nous"),
        Rebuff::Foreign(path) => format!("{path} est à un autre utilisateur, qui pourrait en changer le contenu"),
        Rebuff::NoFlock => "le programme flock (de util-linux) n'est pas installé".to_owned(),
        Rebuff::Flock(words) => format!("le programme flock a échoué ({words})"),
        Rebuff::NotHeld(path) => format!("le verrou {path} n'est pas à nous"),
        Rebuff::NoFolder(path) => format!("le dossier {path} n'existe pas"),
        Rebuff::Watcher(end) => format!("le watcher s'est terminé ({end}) avant d'être prêt"),
        Rebuff::System { code, words } => format!("{code} ({words})"),
        Rebuff::Nothing => "il n'y a rien à cet endroit".to_owned(),
        Rebuff::Stopped(signal) => format!("arrêté par {signal}"),
        Rebuff::Odd => "une réponse qui va avec une autre question, un bug de mangetamain-deploy".to_owned(),
    }
}

/// What was being done.
pub fn attempt(attempt: &Attempt) -> String {
    let text = match attempt {
        Attempt::Command(program) => return format!("exécution de {program}"),
        Attempt::Read(path) => return format!("lecture de {path}"),
        Attempt::PutBack(name) => return format!("remise en place des fichiers de la machine, gardés dans {name}"),
        Attempt::Tree => "examen du dossier git",
        Attempt::Owner => "recherche de l'environnement auquel ce dossier git appartient",
        Attempt::Fetch => "récupération du commit",
        Attempt::Deepen => "récupération de l'historique complet",
        Attempt::FetchLfs => "récupération des fichiers LFS",
        Attempt::Commits => "comparaison de deux commits",
        Attempt::Validated => "comparaison avec le dernier commit validé",
        Attempt::Keep => "sauvegarde des modifications locales",
        Attempt::Reset => "git reset",
        Attempt::Submodules => "mise à jour des sous-modules",
        Attempt::CheckLfs => "contrôle des fichiers LFS",
        Attempt::Containers => "redémarrage des conteneurs",
        Attempt::Site => "contrôle du site",
        Attempt::Sites => "contrôle des sites",
        Attempt::Promote => "préparation de la mise en production",
        Attempt::Measure => "mesure de la place qu'il faut à la sauvegarde",
        Attempt::Backup => "sauvegarde",
        Attempt::Restore => "remise des fichiers de la sauvegarde",
        Attempt::Target => "choix de la version vers laquelle revenir",
        Attempt::Answer => "attente de la réponse",
        Attempt::CiRun => "recherche du run de CI sur GitHub",
        Attempt::FollowCi => "suivi du CI",
        Attempt::Digest => "lecture de l'échec du CI",
        Attempt::Deployment => "annonce du déploiement à GitHub",
        Attempt::Lock => "attente du verrou",
        Attempt::Watcher => "attente du watcher précédent",
    };
    text.to_owned()
}

/// What was seen instead.
pub fn obstacle(seen: &Obstacle) -> String {
    match seen {
        Obstacle::Ended(one) => fault(one),
        Obstacle::Program(name, ProcessError::Absent) => format!("{name} n'est pas installé, ou pas dans le PATH"),
        Obstacle::Program(program, one) => format!("{program} : {}", fault(one)),
        Obstacle::Failure(one) => failure(one),
        Obstacle::Rebuff(seen) => rebuff(seen),
        Obstacle::TooLong(limit_ms, tail) => {
            with_words(&format!("pas terminé en {}, donc arrêté", span(*limit_ms)), "\n", tail)
        }
        Obstacle::Exit(code, tail) => with_words(&format!("code de sortie {code}"), "\n", tail),
        Obstacle::Signal(Some(signal), tail) => with_words(&format!("arrêté par {signal}"), "\n", tail),
        Obstacle::Signal(None, tail) => with_words("arrêté", "\n", tail),
        Obstacle::NoProgram => "ce programme n'existe pas".to_owned(),
        Obstacle::NoInterpreter => "sa première ligne nomme un programme absent de cette machine".to_owned(),
        Obstacle::NoCompose => "ni `docker compose` ni `docker-compose` ne marchent sur cette machine".to_owned(),
        Obstacle::Shared(Shared { project, containers, file }) => format!(
            "le projet compose `{project}` est aussi celui d'un autre site : un déploiement recréerait {} ({file}) comme le sien",
            containers.join(", ")
        ),
        Obstacle::Projects(projects) => format!(
            "les conteneurs de ce fichier compose sont de plusieurs projets, et compose n'en verrait qu'un : {}",
            of_projects(projects)
        ),
        Obstacle::Unwritten(path, seen) => format!("impossible d'écrire {path} : {}", rebuff(seen)),
        Obstacle::Unreadable(path, seen) => format!("{path} : {seen}"),
        Obstacle::NothingValidated => "aucune version validée, et aucune version de départ".to_owned(),
        Obstacle::NothingBefore => "aucune version n'était en ligne auparavant".to_owned(),
        Obstacle::Undone(sha) => format!("la version d'avant est {sha}, que quelqu'un a annulée à la main"),
        Obstacle::Quarantined(sha) => format!("{sha} a échoué (au CI ou ici) et reste en quarantaine"),
        Obstacle::NotBack(sha) => format!(
            "{} n'a jamais été en ligne ici, et n'est pas plus ancien que ce qui l'est : ce n'est pas un retour",
            sha.short()
        ),
        Obstacle::NoEnvFile(path) => {
            format!("les conteneurs ont été démarrés avec --env-file {path}, qui n'est plus là")
        }
        Obstacle::Ambiguous(digits) => format!("« {digits} » ne désigne aucun commit ici, ou plusieurs"),
        Obstacle::NotHere(sha) => format!("ce clone ne connaît pas {sha}"),
        Obstacle::Astray(seen) => astray(seen),
        Obstacle::Unsaved(seen) => super::backup::unsaved(seen),
        Obstacle::Silence(seen) => silence(seen),
    }
}

/// How a program ended.
pub(super) fn fault(fault: &ProcessError) -> String {
    match fault {
        ProcessError::Absent => "pas installé, ou pas dans le PATH".to_owned(),
        ProcessError::NoFolder => "son dossier n'existe pas".to_owned(),
        ProcessError::NotStarted { code } => format!("démarrage impossible ({code})"),
        ProcessError::Cancelled { signal } => format!("arrêté par {signal} pendant son travail"),
        ProcessError::TimedOut => "pas terminé dans le délai".to_owned(),
        ProcessError::Killed { signal } => format!("tué par {signal}"),
        ProcessError::Refused { exit, tail } => with_words(&format!("code de sortie {exit}"), " : ", tail),
        ProcessError::Unreadable => "réponse illisible".to_owned(),
    }
}

fn astray(seen: &Astray) -> String {
    match seen {
        Astray::NoBranch(branch) => format!("origin n'a pas de branche {branch}"),
        Astray::NotKnown(sha) => format!("le dépôt distant ne connaît pas {sha}"),
        Astray::HeadIs(head) => format!("git dit avoir réussi, mais HEAD est {head}"),
        Astray::HalfWritten(one) => then(&fault(one), "Des fichiers avaient déjà été écrits"),
        Astray::LockStands { lock, seen } => format!("{lock} empêche git de travailler : {}", rebuff(seen)),
        Astray::LockHeld { lock, pid, name } => format!("{lock} est tenu par le processus {pid} ({name})"),
        Astray::Pointer(path) => format!("{path} est un pointeur LFS, pas le fichier lui-même"),
        Astray::OwnedBy(path, name, folder) => {
            format!("{path} est à l'environnement `{name}`, dont l'état est dans {folder}")
        }
        Astray::StateOf(folder, path) => format!("l'état dans {folder} est celui de {path}"),
        Astray::TagOf(commit) => format!("c'est un tag, du commit {commit}"),
        Astray::NoComposeFile(path, missing) => super::doctor::no_compose_file(path, missing),
        Astray::NoAppPath(path) => format!("cette version n'a pas de dossier {path}, qui est `app-path`"),
        Astray::DirtySubmodule(path) => format!("le sous-module {path} a des modifications locales"),
        Astray::Repository(path) => format!("un autre dépôt git se trouve dans {path}"),
        Astray::OddName(path) => format!("« {path} » gêne, n'est pas suivi, et son nom n'est pas en UTF-8"),
        Astray::TreeAt(head) => format!("le dossier git est maintenant à {}", head.short()),
        Astray::OffBranch(sha, branch) => format!("{sha} n'est pas sur origin/{branch}"),
    }
}

pub(super) fn silence(seen: &Silence) -> String {
    match seen {
        Silence::NothingToAsk => {
            "aucun registre sur cette machine, et aucun dépôt sur lequel interroger GitHub".to_owned()
        }
        Silence::RunEnded(id, verdict) => format!("run de CI {id} : {}", judged(verdict)),
        Silence::RunUnderWay(id) => format!("le run de CI {id} est en cours"),
        Silence::NoRunOf(workflow) => format!("GitHub ne connaît aucun run de {workflow} pour lui"),
        Silence::GitHubLater(why) => setback(why),
        Silence::GitHubDenied(why) => denial(why),
    }
}

fn judged(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Success => "réussi".to_owned(),
        Verdict::Failure(FailureKind::Failed) => "en échec".to_owned(),
        Verdict::Failure(FailureKind::TimedOut) => "trop long, arrêté par GitHub".to_owned(),
        Verdict::Failure(FailureKind::StartupFailed) => "n'a pas pu démarrer".to_owned(),
        Verdict::Inconclusive(why) => doubt(why),
    }
}

/// Why GitHub refuses to tell.
pub(super) fn denial(why: &Denial) -> String {
    match why {
        Denial::Token => "GitHub n'accepte pas le jeton : il a expiré, a été révoqué ou est mal recopié".to_owned(),
        Denial::Barred(said) => format!("GitHub refuse : {said}"),
        Denial::Permission(wanted) => {
            let wanted = if wanted.is_empty() { "non précisé" } else { wanted };
            format!("le jeton n'a pas ce droit (GitHub demande : {wanted}) : accorder `actions: read`")
        }
        Denial::Repository => "dépôt ou workflow introuvable, ou dépôt privé que le jeton ne peut pas voir".to_owned(),
        Denial::Moved => "le dépôt a changé d'adresse : `git remote set-url origin` vers la nouvelle".to_owned(),
        Denial::Version(code) => {
            format!("GitHub n'accepte plus la version 2022-11-28 de son API (code {code}) : mettre cette action à jour")
        }
    }
}

/// Why GitHub gave no answer that can be used.
pub fn setback(why: &Setback) -> String {
    match why {
        Setback::Limited => "GitHub limite le nombre de requêtes".to_owned(),
        Setback::Denied(why) => denial(why),
        Setback::Status(code) => format!("GitHub a répondu par le code HTTP {code}"),
        Setback::Unreached { phase, text } => format!("{} ({text})", super::site::far(*phase)),
        Setback::Truncated => "la réponse de GitHub est incomplète".to_owned(),
        Setback::Unreadable => "la réponse de GitHub est illisible".to_owned(),
        Setback::NotAsked => "GitHub n'a pas pu être interrogé".to_owned(),
    }
}

/// What to do next.
pub fn mend(mend: &Mend) -> String {
    let text = match mend {
        Mend::RunsOn => "Ce job tourne chez GitHub : donner à `runs-on` le runner du site (`self-hosted`).",
        Mend::OwnTree(path) => return format!("`app-path` ({path}) est-il un dossier git de cet utilisateur ?"),
        Mend::OwnClone { name, other, file } => return own_clone(name, other, file),
        Mend::OwnState { name, file } => {
            return format!(
                "À deux applications sur une machine il faut deux noms : donner à `{name}` un autre `environment`, ou son propre `state-dir`. Si ce clone ne sert plus, supprimer {file}."
            );
        }
        Mend::PruneRemote(folder) => return prune_remote(folder),
        Mend::ForgetKept(name) => return forget_kept(name),
        Mend::Remount => "Ce disque est monté en lecture seule : voir pourquoi (dmesg), et le remonter en écriture.",
        Mend::GiveCommit(commit) => return format!("Donner le commit : {commit}"),
        Mend::KeepAppPath => "A-t-il été renommé ? Donner à `app-path` un dossier que la version contient.",
        Mend::TakeBack(command) => return format!("L'exécution continue sans eux ; à la main : {command}"),
        Mend::OwnProject { file, ours } => return format!("Rien n'a été touché. {}", own_project(file, ours)),
        Mend::OneProject => return format!("Rien n'a été touché. {ONE_PROJECT}"),
        Mend::NameOfCompose(setting, known) => return format!("Rien n'a été touché. {}", of_compose(setting, known)),
        Mend::OwnFiles(folder) => return own_files(folder),
        Mend::OwnFolder(folder) => return format!("{folder} doit être à l'utilisateur du runner."),
        Mend::Unknown => "",
        Mend::InstallGit => "Installer git : sudo apt-get install git.",
        Mend::FirstCommit => "Le dossier git a besoin d'un commit vers lequel revenir.",
        Mend::NameRemote => "Nommer le dépôt distant `origin` : git remote add origin URL.",
        Mend::ReachRemote => {
            "Le dépôt distant est-il joignable d'ici, et lisible par cet utilisateur ? (git fetch origin) Reste-t-il de la place sur le disque ? (df -h)"
        }
        Mend::PushAgain => "La branche a-t-elle été réécrite depuis ? Pousser de nouveau.",
        Mend::Unshallow => "Récupérer tout l'historique à la main : git fetch --unshallow origin.",
        Mend::ReadLfs => "Ce jeton ou cet utilisateur ont-ils le droit de les lire ? (git lfs fetch origin)",
        Mend::SetBranch => "Mettre dans `branch` celle qui est déployée.",
        Mend::NameBranch => "`branch` est-il le nom d'une branche du dépôt distant ?",
        Mend::PutAway => {
            "Les commiter, déplacer ou supprimer à la main (git status ; `sudo chown` pour ce que git ne peut pas lire), puis relancer."
        }
        Mend::LookAtTree => "Examiner le dossier git.",
        Mend::FreeTree => "Place sur le disque, droits et verrous du dossier git ; relancer le job après réparation.",
        Mend::RemoveLock => "Le supprimer à la main.",
        Mend::AwaitHolder => "Attendre qu'il se termine ou l'arrêter, puis relancer.",
        Mend::ReachSubmodules => {
            "Cette machine peut-elle joindre les dépôts des sous-modules, et leurs commits sont-ils poussés ?"
        }
        Mend::InstallLfs => "Sur cette machine : git lfs install, puis git lfs pull dans le clone, et relancer.",
        Mend::RunCommand => {
            "Lancer cette commande à la main dans `app-path` pour voir pourquoi ; elle reçoit DEPLOY_SHA et DEPLOY_ENVIRONMENT."
        }
        Mend::LeaveHead => {
            "En retirer `git pull`, `checkout`, `switch` et `reset` : la version est en place avant qu'elle ne commence."
        }
        Mend::GivePath => "Donner son chemin absolu, ou le mettre dans le PATH ; un argument par ligne.",
        Mend::FirstLine => "Installer ce programme, ou corriger la ligne : finit-elle comme sous Windows (CRLF) ?",
        Mend::MakeExecutable => "Est-il exécutable ?",
        Mend::RunCompose => "Lancer la même commande compose à la main sur cette machine pour voir pourquoi.",
        Mend::AskEngine => "Docker tourne-t-il, et cet utilisateur a-t-il accès à son socket ? (docker ps)",
        Mend::InstallCompose => "Installer Docker Compose (docker-compose-plugin), ou retirer `compose-file`.",
        Mend::PutEnvFileBack => {
            "Rien n'a été touché. Remettre ce fichier ; ou, s'il ne sert plus, démarrer les conteneurs sans lui une fois (docker compose up -d)."
        }
        Mend::DeployIt => "Pour avancer : `deploy` ou `promote`, qui demandent l'avis de son CI.",
        Mend::SaveElsewhere => {
            "Ce qui est en ligne n'a pas été touché. Réparer, ou choisir un autre `backup-dir`, puis relancer."
        }
        Mend::OtherBackup(other) => return super::promote::other_backup(other.as_ref()),
        Mend::RestoreByHand => "La sauvegarde elle-même est intacte ; les commandes ci-dessous le font à la main.",
        Mend::FreeRoom => "Rien n'a été touché. Y libérer de la place, puis relancer ; ou retirer `backup`.",
        Mend::LeaveBackupOut => "Retirer `backup`.",
        Mend::LeaveToOut => "Retirer `to`, ou choisir la sauvegarde qui lui correspond.",
        Mend::GiveTo => "En donner une avec `to`.",
        Mend::GiveBackup => "En donner une avec `backup`.",
        Mend::ChooseAnother => "En choisir une autre, ou celle-ci avec `force: true` (dans un terminal : `--force`).",
        Mend::MoreDigits => "Donner plus de chiffres (git log --oneline).",
        Mend::FetchIt => "Le récupérer (git fetch origin) ; ou `mode: deploy`, qui le récupère et le met en ligne.",
        Mend::OfTheBranch => "Seul un commit de la branche est mis en ligne.",
    };
    text.to_owned()
}

/// Projects, each with its containers.
fn of_projects(projects: &BTreeMap<String, Vec<String>>) -> String {
    let all: Vec<String> =
        projects.iter().map(|(project, names)| format!("`{project}` ({})", names.join(", "))).collect();
    all.join("; ")
}

fn own_clone(name: &str, other: &str, file: &str) -> String {
    format!(
        "Un dossier git ne peut avoir qu'une version en ligne : donner à `{name}` son propre clone avec `app-path`. Si `{other}` n'existe plus, supprimer {file}."
    )
}

fn forget_kept(name: &str) -> String {
    format!(
        "Ce qui y était sauvé est abîmé, et bloque toute récupération. Dans le dossier git : git update-ref -d {name}"
    )
}

fn prune_remote(folder: &str) -> String {
    format!("Une branche qui n'y est plus est en travers : git -C {} remote prune origin", word(folder))
}

fn own_files(folder: &str) -> String {
    format!(
        "Des fichiers y sont à un autre utilisateur (un conteneur a pu les écrire comme root) : sudo chown -R \"$USER\" {}, en tant qu'utilisateur du runner.",
        word(folder)
    )
}

/// What ends projects that are not this site's.
pub const ONE_PROJECT: &str =
    "Arrêter ce qui n'est pas ce site (docker compose -p PROJET down), ou donner à chaque site son fichier compose.";

/// How a compose project gets a name of its own.
pub fn own_project(file: &str, ours: &[String]) -> String {
    let name = format!(
        "Donner au projet compose de ce site un nom à lui : `name: ...` en première ligne de {file}, ou un dossier d'un autre nom."
    );
    if ours.is_empty() {
        return name;
    }
    let ours = ours.join(" ");
    format!("{name} Ses conteneurs gardent l'ancien nom tant qu'ils ne sont pas supprimés : docker rm -f {ours}.")
}

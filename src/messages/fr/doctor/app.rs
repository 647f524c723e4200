//! Work tree, containers and site, in French.

use crate::messages::fr::quoted::quoted;
use std::collections::BTreeMap;

use super::fault;
use crate::failure::reason::{Missing, Obstacle};
use crate::messages::finding::{Containers, Content, FindingLine, Remote, Site, Tree};
use crate::messages::fr::{counted, reason};
use crate::tools::path::parent;
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

pub(super) fn tree(seen: &Tree) -> FindingLine {
    match seen {
        Tree::None => FindingLine::plain("dossier", "pas d'`app-path` : rien n'est déployé ici, seulement surveillé"),
        Tree::Missing { path, remote, clone: Some(clone) } => FindingLine::new(
            "dossier",
            format!("{path} n'existe pas ; c'est un dossier du dépôt"),
            format!("git clone {} {}", word(remote), word(clone)),
        ),
        Tree::Missing { path, remote, clone: None } => FindingLine::new(
            "dossier",
            format!(
                "{path} n'existe pas ; si le site est un dossier du dépôt, cloner dans le dossier au-dessus ({})",
                parent(path)
            ),
            format!("git clone {} {}", word(remote), word(path)),
        ),
        Tree::File { path } => FindingLine::new(
            "dossier",
            format!("{path} est un fichier, pas un dossier"),
            "mettre le clone du dépôt, ou un dossier de ce clone, dans `app-path`",
        ),
        Tree::Left { path, state_folder, state_dir, file } => FindingLine::new(
            "dossier",
            format!("{path} est déjà à cet environnement, et son état est dans {state_folder}"),
            format!("remettre `state-dir` à {state_dir} ; si cet état n'existe plus : rm {}", word(file)),
        ),
        Tree::NoRepository { path } => FindingLine::new(
            "dossier",
            format!("{path} n'est pas dans un dépôt git"),
            "mettre le clone du dépôt dans `app-path`",
        ),
        Tree::Distrusted { path, owner, user } => FindingLine::new(
            "dossier",
            format!("git n'y fait pas confiance : {path} est à {owner}, et nous sommes {user}"),
            format!("sudo chown -R {} {}", word(user), word(path)),
        ),
        Tree::Taken { path, name, state_folder, file } => FindingLine::new(
            "dossier",
            format!(
                "{path} est déjà à l'environnement {name} (état dans {state_folder}) : un clone n'a qu'une version en ligne"
            ),
            format!(
                "donner à cet environnement son propre clone avec `app-path` ; si {name} n'existe plus : rm {}",
                word(file)
            ),
        ),
        Tree::Together { path, name } => FindingLine::new(
            "dossier",
            format!("{path} est aussi à l'environnement {name} : un clone n'a qu'une version en ligne"),
            "donner à cet environnement son propre clone avec `app-path`",
        ),
        Tree::Empty { path } => FindingLine::new(
            "dossier",
            format!("{path} n'a pas encore de commit"),
            format!("git -C {} pull", word(path)),
        ),
        Tree::There { top, head, subject } => {
            FindingLine::plain("dossier", format!("{top} est sur {} {subject}", head.short()))
        }
        // What installs it stands beside the machine's own check of it.
        Tree::Unanswered { fault: seen @ ProcessError::Absent } => FindingLine::plain("git", fault(seen)),
        Tree::Unanswered { fault: seen } => {
            FindingLine::new("git", fault(seen), "lancer `git status` à la main dans `app-path`")
        }
        Tree::Remote(seen) => remote(seen),
        Tree::Content(seen) => content(seen),
        Tree::Writable => FindingLine::plain("droits", "tout le dossier nous est ouvert en écriture"),
        Tree::Denied { path, owner, top, user } => FindingLine::new(
            "droits",
            format!("{path} est à {owner}, {user} ne peut pas y écrire : git reset échouerait"),
            super::writable(owner, user, top),
        ),
        Tree::IndexLock { path, held_by: None } => FindingLine::new(
            "index.lock",
            format!("{path} est resté d'un git interrompu ; le prochain déploiement l'enlève"),
            format!("rm {}", word(path)),
        ),
        Tree::IndexLock { path, held_by: Some(process) } => {
            FindingLine::new("index.lock", format!("{path} est tenu par {process}"), "attendre qu'il ait fini")
        }
    }
}

fn remote(seen: &Remote) -> FindingLine {
    match seen {
        Remote::Own { url } => FindingLine::plain("remote", url),
        Remote::Other { url, wanted } => FindingLine::new(
            "remote",
            format!("origin est {url}, et ce workflow est celui de {wanted}"),
            "corriger `app-path`, ou git remote set-url origin",
        ),
        Remote::None { path } => {
            FindingLine::new("remote", "pas d'`origin`", format!("git -C {} remote add origin URL", word(path)))
        }
        Remote::Secret { path } => FindingLine::new(
            "remote",
            "un mot de passe ou un jeton est écrit dans l'adresse d'origin, lisible dans .git/config",
            format!("git -C {} remote set-url origin ADRESSE_SANS_JETON, et révoquer ce jeton", word(path)),
        ),
        Remote::Branch { branch, tip } => {
            FindingLine::plain("branche", format!("origin/{branch} est à {}", tip.short()))
        }
        Remote::NoBranch { branch } => {
            FindingLine::new("branche", format!("origin n'a pas de branche {branch}"), "régler `branch`")
        }
        Remote::Unreachable { path, branch, fault: seen } => FindingLine::new(
            "branche",
            format!("origin ne répond pas : {}", fault(seen)),
            format!("git -C {} ls-remote origin {}", word(path), word(branch)),
        ),
    }
}

fn files(count: usize) -> String {
    counted(count as u64, "fichier", "fichiers")
}

fn content(seen: &Content) -> FindingLine {
    match seen {
        Content::Shallow { path } => FindingLine::new(
            "historique",
            "clone superficiel ; le premier déploiement rapatrie le reste",
            format!("git -C {} fetch --unshallow origin", word(path)),
        ),
        Content::Unpushed { path, branch, count } => FindingLine::new(
            "commits",
            format!(
                "{} d'origin/{branch} ; le prochain déploiement met cela de côté sous refs/mangetamain-deploy/commits/",
                counted(*count, "commit absent", "commits absents")
            ),
            format!("git -C {} log origin/{}.., puis pousser cela ou l'abandonner", word(path), word(branch)),
        ),
        Content::Changed { path, count, first } => FindingLine::new(
            "modifié",
            format!(
                "{} à la main ({first}{}) ; le prochain déploiement met cela de côté sous refs/mangetamain-deploy/stash/",
                counted(*count as u64, "fichier suivi modifié", "fichiers suivis modifiés"),
                if *count > 1 { ", ..." } else { "" }
            ),
            format!("git -C {} diff, puis commiter cela ou l'abandonner", word(path)),
        ),
        Content::Submodules(count) => {
            FindingLine::plain("sous-modules", counted(*count as u64, "à son commit", "à leur commit"))
        }
        Content::SubmodulesOff { path, names } => FindingLine::new(
            "sous-modules",
            format!("absents ou à un autre commit : {}", names.join(", ")),
            format!("git -C {} submodule update --init --recursive", word(path)),
        ),
        Content::Lfs(count) => FindingLine::plain("LFS", format!("{}, et git-lfs est là", files(*count))),
        Content::Pointer { path, file } => FindingLine::new(
            "LFS",
            format!("{file} est un pointeur LFS, pas le fichier lui-même"),
            format!("git -C {0} lfs install && git -C {0} lfs pull", word(path)),
        ),
        Content::NoLfs(count) => FindingLine::new(
            "LFS",
            format!("{} LFS, et git-lfs n'est pas installé", files(*count)),
            "sudo apt-get install git-lfs",
        ),
        Content::Idle(glob) => FindingLine::new(
            "garde",
            format!("{glob}, dans `guard-paths`, ne désigne aucun fichier de ce qui est en place"),
            "le corriger, s'il le devrait : `migrations/**`, depuis le dossier racine du dépôt ou depuis `app-path`",
        ),
        Content::Command(program) => FindingLine::plain("commande", program),
        Content::NoCommand { program, executable: false } => FindingLine::new(
            "commande",
            format!("{program} n'est pas exécutable"),
            format!(
                "dans votre propre clone : git update-index --chmod=+x {} && git commit -m executable && git push",
                word(program)
            ),
        ),
        Content::NoCommand { program, executable: true } => FindingLine::new(
            "commande",
            format!("{program} n'existe pas"),
            "corriger `deploy-command` : un mot par ligne, le programme d'abord",
        ),
    }
}

/// Which compose file, or service of it, there is not.
pub(in super::super) fn no_compose_file(path: &str, missing: &Missing) -> String {
    match missing {
        Missing::Nowhere => format!("{path} n'est ni dans cette version ni sur cette machine"),
        Missing::Removed => format!("{path} n'est plus dans cette version"),
        Missing::Service(service) => format!("{path} n'a pas de service `{service}` dans cette version"),
    }
}

/// The compose file, or the services, that may be meant.
pub(in super::super) fn of_compose(setting: &str, known: &[String]) -> String {
    match known.is_empty() {
        true => format!("corriger `{setting}`"),
        false => format!("{setting} : {} ?", known.join(", ")),
    }
}

pub(super) fn containers(seen: &Containers) -> FindingLine {
    match seen {
        Containers::None => FindingLine::plain("compose", "pas de `compose.file` : aucun conteneur à redémarrer"),
        Containers::Unset { names, file } => FindingLine::new(
            "compose",
            format!(
                "pas de `compose.file`, et {file} fait tourner {} : un déploiement n'y redémarrera rien",
                names.join(", ")
            ),
            format!("compose.file : {file}"),
        ),
        Containers::NotAsked => {
            FindingLine::plain("conteneurs", "rien à demander sans moteur ni compose (voir machine)")
        }
        Containers::NoFile { path, nearby } => {
            FindingLine::new("compose", format!("{path} n'existe pas"), of_compose("compose.file", nearby))
        }
        Containers::File { path, services } => {
            FindingLine::plain("compose", format!("{path} : {}", services.join(", ")))
        }
        Containers::Refused { path, words } => FindingLine::new(
            "compose",
            format!("compose refuse {path} : {words}"),
            format!("docker compose -f {} config", word(path)),
        ),
        Containers::NoService { service, nearest, known } => FindingLine::new(
            "compose",
            format!("pas de service {service} ; il y a {}", known.join(", "), service = quoted(service)),
            nearest.as_ref().map_or("corriger `compose.service`".to_owned(), |near| format!("compose.service: {near}")),
        ),
        Containers::Unanswered { fault: seen } => FindingLine::new("conteneurs", fault(seen), "docker ps"),
        Containers::NoneYet => FindingLine::plain("conteneurs", "aucun encore : le premier déploiement les crée"),
        Containers::NoneForRestart { command } => {
            FindingLine::new("conteneurs", "aucun, et `compose.strategy: restart` n'en crée pas", command)
        }
        Containers::Run { names } => FindingLine::plain("conteneurs", format!("en marche : {}", names.join(", "))),
        Containers::Down { name, status, exit, command } => {
            FindingLine::new("conteneurs", format!("{name} : {status} (code {exit})"), command)
        }
        Containers::Ailing { name } => FindingLine::new(
            "conteneurs",
            format!("{name} se dit lui-même en mauvaise santé"),
            format!("docker logs --tail 50 {}", word(name)),
        ),
        Containers::Heed => FindingLine::plain("arrêt", "tous obéissent à SIGTERM"),
        Containers::Ignores { service, program, seconds, certain } => FindingLine::new(
            "arrêt",
            format!(
                "{service} ignore {}SIGTERM ({program} en processus 1, sans init) : chaque redémarrage attend {seconds} s",
                if *certain { "" } else { "sans doute " }
            ),
            format!("services: {{ {service}: {{ init: true }} }} dans le fichier compose"),
        ),
        Containers::Shared { found, file, ours } => FindingLine::new(
            "conteneurs",
            reason::obstacle(&Obstacle::Shared(found.clone())),
            reason::own_project(file, ours),
        ),
        Containers::Projects { projects } => of_projects(projects),
        Containers::Unnamed { service, volume, project } => FindingLine::new(
            "volumes",
            format!(
                "{service} garde {} dans un volume sans nom : renommé, ou recréé à partir de rien (`recreate`, `docker compose down`), il part d'un volume vide",
                volume.place
            ),
            format!(
                "pendant qu'il est arrêté : docker run --rm -v {}:/from:ro -v {project}_{service}-data:/to busybox cp -a /from/. /to ; puis, dans le fichier compose, {service}-data:{} sous `volumes` de {service}, et {service}-data sous `volumes` tout en bas",
                volume.name, volume.place
            ),
        ),
        Containers::ComeBack => {
            FindingLine::plain("reboot", "les conteneurs reviennent après un redémarrage de la machine")
        }
        Containers::StayAway { services } => FindingLine::new(
            "reboot",
            format!("après un redémarrage de la machine, rien ne relance {}", services.join(", ")),
            "restart: unless-stopped dans le fichier compose",
        ),
    }
}

pub(super) fn site(seen: &Site) -> FindingLine {
    match seen {
        Site::None => FindingLine::plain("site", "pas d'`url` : rien ne vérifie que le site répond"),
        Site::Well { url, ms } => FindingLine::plain("site", format!("{url} répond comme attendu en {ms} ms")),
        Site::Badly { url, unwell } => {
            let told = format!("{url} : {}", super::super::site::unwell(unwell));
            FindingLine::new("site", told, format!("curl -sSi {}", word(url)))
        }
        Site::Unproven => FindingLine::new(
            "site",
            "rien ne prouve quelle version répond : sans `compose-file`, un ancien processus encore en marche passe pour le nouveau",
            "que le site donne son SHA, et régler `health-contains: '{sha}'` (ou `health-json`)",
        ),
        Site::Circles { url, hops } => FindingLine::new(
            "site",
            format!("{url} : plus de {hops} redirections"),
            format!("curl -sSIL {}", word(url)),
        ),
    }
}

fn of_projects(projects: &BTreeMap<String, Vec<String>>) -> FindingLine {
    let seen = reason::obstacle(&Obstacle::Projects(projects.clone()));
    FindingLine::new("conteneurs", seen, reason::ONE_PROJECT)
}

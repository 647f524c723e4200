//! Machine, engine and runner, in French.

use super::fault;
use crate::messages::finding::{Engine, FindingLine, Machine, Runner};
use crate::messages::fr::problem::problem;
use crate::messages::fr::{size, span};
use crate::tools::doctor::disk::{Disk, FEW_FILES};
use crate::tools::shell::word;

pub(super) fn machine(seen: &Machine) -> FindingLine {
    match seen {
        Machine::Problem(one) => FindingLine::plain("configuration", problem(one)),
        Machine::File { path, environments } => {
            FindingLine::plain("configuration", format!("{path} : {}", environments.join(", ")))
        }
        Machine::NoFile { path, environments } => FindingLine::plain(
            "configuration",
            format!("pas de fichier {path} ; environnements connus : {}", environments.join(", ")),
        ),
        Machine::NoEnvironment { path, state_dir } => FindingLine::new(
            "configuration",
            format!("aucun environnement : pas de fichier {path}, rien dans {state_dir}"),
            "lancer depuis le dépôt, ou donner `config`, ou `environment` avec ses réglages",
        ),
        Machine::Node { version, platform } => FindingLine::plain("node", format!("{version} sur {platform}")),
        Machine::NodeOld { version } => FindingLine::new(
            "node",
            format!("{version} ; il faut 20 ou plus"),
            "mettre à jour le runner (2.327.1 ou plus), ou Node sur cette machine",
        ),
        Machine::Platform(name) => FindingLine::new(
            "système",
            format!("{name} ; verrous et watcher n'ont été éprouvés que sous Linux"),
            "utiliser un runner Linux",
        ),
        Machine::Git(version) => FindingLine::plain("git", version),
        Machine::GitOld(version) => FindingLine::new(
            "git",
            format!("{version} ; il faut 2.18 ou plus"),
            "sudo apt-get install --only-upgrade git",
        ),
        Machine::GitTokenless(version) => FindingLine::new(
            "git",
            format!("{version} ; avant 2.31 le token ne peut pas lui être passé : un dépôt privé en https sera refusé"),
            "sudo apt-get install --only-upgrade git, ou un remote en ssh",
        ),
        Machine::Absent { program, package } => FindingLine::new(
            program,
            "n'est pas installé, ou pas dans le PATH",
            format!("sudo apt-get install {package}"),
        ),
        Machine::Unanswered { program, fault: seen } => {
            FindingLine::new(program, fault(seen), format!("lancer {program} à la main sur cette machine"))
        }
        Machine::Flock(version) => FindingLine::plain("flock", version),
        Machine::Disk { disk, holds } => room(disk, &holds.join(", ")),
        Machine::Clock => FindingLine::plain("horloge", "à l'heure de GitHub"),
        Machine::ClockOff(ms) => FindingLine::new(
            "horloge",
            format!(
                "{} de {} sur celle de GitHub",
                if *ms > 0 { "en avance" } else { "en retard" },
                span(ms.unsigned_abs())
            ),
            "sudo timedatectl set-ntp true",
        ),
        Machine::ClockUnknown => FindingLine::plain("horloge", "GitHub n'a pas donné l'heure"),
    }
}

fn room(disk: &Disk, holds: &str) -> FindingLine {
    let seen = if disk.files > 0 && disk.files_free < FEW_FILES {
        format!("{} : plus que {} fichiers possibles ({})", disk.mount, disk.files_free, holds)
    } else {
        format!("{} : {} libres sur {} ({})", disk.mount, size(disk.free), size(disk.size), holds)
    };
    let place = word(&disk.mount);
    FindingLine::new("disque", seen, format!("docker system df ; sudo du -xh --max-depth=2 {place} | sort -h | tail"))
}

pub(super) fn engine(seen: &Engine) -> FindingLine {
    match seen {
        Engine::NotNeeded => FindingLine::plain("docker", "aucun environnement n'a de `compose.file`"),
        Engine::NoDocker => FindingLine::new(
            "docker",
            "n'est pas installé, ou pas dans le PATH",
            "https://docs.docker.com/engine/install/, ou enlever `compose.file`",
        ),
        Engine::Answers(version) => FindingLine::plain("docker", format!("le moteur {version} répond")),
        Engine::Denied { socket, user, group } => FindingLine::new(
            "docker",
            format!("{user} n'a pas le droit d'utiliser {socket} (groupe {group})"),
            format!(
                "sudo usermod -aG {} {}, puis redémarrer le service du runner (sudo ./svc.sh stop && sudo ./svc.sh start)",
                word(group),
                word(user)
            ),
        ),
        Engine::Down { socket } => FindingLine::new(
            "docker",
            format!("le moteur ne tourne pas : {socket} n'existe pas"),
            "sudo systemctl enable --now docker",
        ),
        Engine::Silent { fault: seen } => FindingLine::new(
            "docker",
            format!("le moteur ne répond pas : {}", fault(seen)),
            "docker version, puis sudo systemctl restart docker",
        ),
        Engine::Compose { program, version } => FindingLine::plain("compose", format!("{program} {version}")),
        Engine::Old { version } => FindingLine::new(
            "compose",
            format!(
                "docker-compose {version} (v1, plus maintenu) ; v2 redémarre deux fois plus vite (0,6 s au lieu de 1,1 s)"
            ),
            "sudo apt-get install docker-compose-plugin",
        ),
        Engine::NoCompose => FindingLine::new(
            "compose",
            "ni `docker compose` ni `docker-compose` ne répond",
            "sudo apt-get install docker-compose-plugin",
        ),
        Engine::ComposeUnknown { fault: seen } => FindingLine::new("compose", fault(seen), "docker compose version"),
    }
}

pub(super) fn runner(seen: &Runner) -> FindingLine {
    match seen {
        Runner::Outside => {
            FindingLine::plain("job", "pas dans un job ; `mode: doctor` dans un workflow vérifie aussi le runner")
        }
        Runner::Tracked => FindingLine::plain("suivi", "un watcher démarre sans RUNNER_TRACKING_ID, et survit au job"),
        Runner::TrackingSet(value) => FindingLine::new(
            "suivi",
            format!(
                "le workflow fixe lui-même RUNNER_TRACKING_ID ({value}) : les restes des autres étapes survivent aussi"
            ),
            "l'enlever du workflow : cette action n'en a pas besoin",
        ),
        Runner::Untracked => {
            FindingLine::plain("suivi", "pas de RUNNER_TRACKING_ID : le runner ne tue rien à la fin du job")
        }
        Runner::TrackingStays { fault: seen } => FindingLine::new(
            "suivi",
            format!(
                "un processus sans RUNNER_TRACKING_ID n'a pas pu être démarré{}",
                seen.as_ref().map_or(String::new(), |seen| format!(" : {}", fault(seen)))
            ),
            "suivre le CI avec `watch: event` ou `inline`",
        ),
        Runner::Hosted => FindingLine::new(
            "job",
            "ce job tourne sur une machine de GitHub, dont rien ne reste après le job",
            "runs-on: [self-hosted, Linux, X64]",
        ),
        Runner::InContainer => FindingLine::new(
            "job",
            "ce job tourne dans un conteneur : un watcher finirait avec lui, et git et docker sont ceux du conteneur",
            "enlever `container:` du job",
        ),
        Runner::UnitSpares { name } => FindingLine::plain(
            "service",
            format!("{name} : KillMode=process, un watcher survit au redémarrage du runner"),
        ),
        Runner::UnitKills { name, mode } => FindingLine::new(
            "service",
            format!("{name} : KillMode={mode}, redémarrer le runner tuerait un watcher"),
            format!("sudo systemctl edit {} : [Service] KillMode=process", word(name)),
        ),
        Runner::NoUnit => FindingLine::plain("service", "pas de service actions.runner.* de systemd sur cette machine"),
        Runner::Folders { temp } => FindingLine::plain("dossiers", format!("{temp} est accessible")),
        Runner::FolderDenied { path } => FindingLine::new(
            "dossiers",
            format!("{path} n'est pas accessible en écriture"),
            format!("sudo chown -R \"$USER\" {}, comme l'utilisateur du runner", word(path)),
        ),
        Runner::Emptied { setting, path, folder } => FindingLine::new(
            "dossiers",
            format!("`{setting}` ({path}) est dans {folder}, que le runner ou actions/checkout vide"),
            format!("mettre `{setting}` ailleurs"),
        ),
    }
}

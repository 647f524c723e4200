//! Ce qui a été choisi, et pourquoi. What was chosen and why, in French; `en::choice` says the same, and
//! `tools::strategy` the first of it.

use crate::environment::Watch;
use crate::messages::Ground;
use crate::tools::strategy::Reason;

/// What decided between restarting containers and making them anew.
pub fn strategy(reason: &Reason) -> String {
    match reason {
        Reason::NoContainer => "aucun conteneur n'existe encore".to_owned(),
        Reason::Down { service } => format!("le service {service:?}, dont il dépend, ne tourne pas"),
        Reason::NoContainerOf { service } => format!("le service {service:?} n'a pas de conteneur"),
        Reason::UnknownBefore => "on ne sait pas ce qui tournait avant".to_owned(),
        Reason::Unreadable { path } => format!("on ne peut pas dire à quoi {path:?} se réfère"),
        Reason::Moved { path } => format!("les conteneurs ont été créés depuis {path:?}, qui n'est plus là"),
        Reason::ComposeFile { path } => format!("le fichier compose {path:?} a changé"),
        Reason::File { path } => format!("{path:?} a changé, et les conteneurs en dépendent"),
        Reason::Image { path, folder } => format!("{path:?} a changé, dans une image construite depuis {folder:?}"),
        Reason::Written { folder } => {
            format!("deploy-command a tourné, et a pu écrire dans {folder:?}, d'où une image est construite")
        }
        Reason::NewImage { image } => format!("{image:?} désigne une autre image que celle qui tourne"),
        Reason::Variable { path } => format!("le fichier compose se réfère à {path:?}, dont on ne sait rien"),
        Reason::Given { variable } => {
            format!(
                "le fichier compose prend {variable} dans l'environnement, et un restart en garde l'ancienne valeur"
            )
        }
        Reason::OnlyMounted => "tout ce qui a changé, un restart le prend en compte".to_owned(),
    }
}

/// Who follows CI.
pub fn follower(how: Watch) -> &'static str {
    match how {
        Watch::Detached => "par un watcher qui survit au job",
        Watch::Event => "par le déclencheur workflow_run",
        _ => "dans le job",
    }
}

/// Why that one follows it.
pub fn ground(why: Ground) -> &'static str {
    match why {
        Ground::Set => "watch : selon le réglage",
        Ground::Tokenless => "watch : detached, sans jeton à lui",
        Ground::Trigger => "ce workflow a un déclencheur workflow_run",
        Ground::Token => "watch-token survit au job",
        Ground::Public => "le dépôt est public : son CI se lit sans jeton",
        Ground::Nothing => "aucun jeton ne survit au job ici, et aucun déclencheur workflow_run n'a été trouvé",
    }
}

//! Ce qui a été choisi, et pourquoi. What was chosen and why, in French; `en::choice` says the same, and
//! `tools::strategy` the first of it.

use crate::environment::Watch;
use crate::messages::Ground;
use crate::messages::fr::quoted::quoted;
use crate::tools::strategy::StrategyReason;

/// What decided between restarting containers and making them anew.
pub fn strategy(reason: &StrategyReason) -> String {
    match reason {
        StrategyReason::NoContainer => "aucun conteneur n'existe encore".to_owned(),
        StrategyReason::Down { service } => {
            format!("le service {}, dont il dépend, ne tourne pas", quoted(service))
        }
        StrategyReason::NoContainerOf { service } => {
            format!("le service {} n'a pas de conteneur", quoted(service))
        }
        StrategyReason::UnknownBefore => "on ne sait pas ce qui tournait avant".to_owned(),
        StrategyReason::Unreadable { path } => {
            format!("on ne peut pas dire à quoi {} se réfère", quoted(path))
        }
        StrategyReason::Moved { path } => {
            format!("les conteneurs ont été créés depuis {}, qui n'est plus là", quoted(path))
        }
        StrategyReason::ComposeFile { path } => format!("le fichier compose {} a changé", quoted(path)),
        StrategyReason::File { path } => {
            format!("{} a changé, et les conteneurs en dépendent", quoted(path))
        }
        StrategyReason::Image { path, folder } => {
            format!("{} a changé, dans une image construite depuis {}", quoted(path), quoted(folder))
        }
        StrategyReason::Written { folder } => {
            format!("deploy-command a tourné, et a pu écrire dans {}, d'où une image est construite", quoted(folder))
        }
        StrategyReason::NewImage { image } => {
            format!("{} désigne une autre image que celle qui tourne", quoted(image))
        }
        StrategyReason::Variable { path } => {
            format!("le fichier compose se réfère à {}, dont on ne sait rien", quoted(path))
        }
        StrategyReason::Given { variable } => {
            format!(
                "le fichier compose prend {variable} dans l'environnement, et un restart en garde l'ancienne valeur"
            )
        }
        StrategyReason::OnlyMounted => "tout ce qui a changé, un restart le prend en compte".to_owned(),
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

//! Qui tient un verrou. Who holds a lock, in French; `en::holder` says the same.

use crate::messages::holder::{Holder, Work};

/// Who holds a lock.
pub fn holder(holder: &Holder<'_>) -> String {
    match holder {
        Holder::Unnamed => "une autre exécution".to_owned(),
        Holder::Told(text) => (*text).to_owned(),
        Holder::Run { who: by, work: doing, process, since } => {
            format!("{} ({}, processus {process}, depuis le {since} UTC)", who(by), work(*doing))
        }
    }
}

fn work(work: Work<'_>) -> String {
    match work {
        Work::Watching(sha) => format!("suivi du CI de {sha}"),
        Work::Health => "contrôle de santé".to_owned(),
        Work::Command => "deploy-command".to_owned(),
        Work::Deploying(sha) => format!("déploiement de {sha}"),
        Work::Promoting(sha) => format!("promote de {sha}"),
        Work::GoingBack => "rollback à la main".to_owned(),
        Work::Settling(sha) => format!("suite du CI de {sha}"),
        Work::Finishing(None) => "reprise de ce qui était inachevé".to_owned(),
        Work::Finishing(Some(mode)) => format!("{mode}, reprise de ce qui était inachevé"),
    }
}

/// Who asked for something: a run of a workflow, or a person.
pub fn who(text: &str) -> String {
    match text.strip_suffix(" on the machine") {
        Some("someone") => "quelqu'un sur la machine".to_owned(),
        Some(name) => format!("{name} sur la machine"),
        None => text.to_owned(),
    }
}

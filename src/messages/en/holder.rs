//! Who holds a lock, in English, as it is written; `fr::holder` says the same.

use crate::messages::holder::{Holder, UNNAMED, Work};

/// Who holds a lock.
pub fn holder(holder: &Holder<'_>) -> String {
    match *holder {
        Holder::Unnamed => UNNAMED.to_owned(),
        Holder::Told(text) => text.to_owned(),
        Holder::Run { who, work, process, since } => {
            let rest = format!("process {process}, since {since} UTC");
            match work {
                Work::Watching(sha) => format!("watcher of {sha} ({who}, {rest})"),
                Work::Health => format!("health ({who}, {rest})"),
                Work::Command => format!("deploy-command ({who}, {rest})"),
                Work::Deploying(sha) => format!("{who} (deploy {sha}, {rest})"),
                Work::Promoting(sha) => format!("{who} (promote {sha}, {rest})"),
                Work::GoingBack => format!("{who} (rollback by hand, {rest})"),
                Work::Settling(sha) => format!("{who} (settling {sha}, {rest})"),
                Work::Finishing(None) => format!("{who} (finishing what was left, {rest})"),
                Work::Finishing(Some(mode)) => format!("{who} ({mode}, finishing what was left, {rest})"),
            }
        }
    }
}

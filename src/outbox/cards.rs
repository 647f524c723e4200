//! Which message tells of which deploy, so that a later run can edit it. Remembered in a file of the state
//! folder; one that is lost, or cannot be read, costs a new message and nothing else.

use serde::{Deserialize, Serialize};

use crate::host::{Command, Host, Keep, Reply};
use crate::sha::Sha;
use crate::time::Millis;

/// After so long a message is edited no more, milliseconds: Discord counts edits of older ones (code 30046).
const LIFE_MS: u64 = 3_600_000;
/// So many of the newest are remembered.
const KEPT: usize = 8;
/// Bytes read of the file.
const CAP: u64 = 16 * 1024;

/// The message of one deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What was deployed.
    pub sha: Sha,
    /// The message's id.
    pub id: u64,
    /// When it was posted.
    pub at: Millis,
}

/// What is remembered of them, newest last.
#[derive(Debug, Clone, Default)]
pub struct Cards {
    path: String,
    all: Option<Vec<Card>>,
    own: Vec<Card>,
}

impl Cards {
    /// Remembered in this file; nowhere, when it is empty.
    #[must_use]
    pub fn at(path: String) -> Self {
        Self { path, ..Self::default() }
    }

    /// The message of this deploy that can still be edited.
    pub async fn find<H: Host>(&mut self, host: &H, sha: &Sha, now: Millis) -> Option<u64> {
        let known = self.own.iter().rev().find(|card| card.sha == *sha).cloned();
        let card = match known {
            Some(card) => Some(card),
            None => self.read(host).await.into_iter().rev().find(|card| card.sha == *sha),
        }?;
        (card.at <= now && now.since(card.at) < LIFE_MS).then_some(card.id)
    }

    /// From now on this message tells of this deploy.
    pub fn keep(&mut self, card: Card) {
        self.own.push(card);
    }

    /// That message cannot be edited.
    pub fn forget(&mut self, id: u64) {
        self.own.retain(|card| card.id != id);
        self.all.iter_mut().for_each(|all| all.retain(|card| card.id != id));
    }

    /// Writes the file, when there is news.
    pub async fn write<H: Host>(&mut self, host: &H) {
        if self.path.is_empty() || self.own.is_empty() {
            return;
        }
        // Another run may have written meanwhile.
        self.all = None;
        let mut all = self.read(host).await;
        all.retain(|card| self.own.iter().all(|own| own.id != card.id));
        all.append(&mut self.own);
        all.sort_by_key(|card| card.at);
        let from = all.len().saturating_sub(KEPT);
        let text = serde_json::to_string(all.get(from..).unwrap_or_default()).unwrap_or_default();
        host.perform(Command::Replace { path: self.path.clone(), text: format!("{text}\n") }).await;
        self.all = Some(all);
    }

    async fn read<H: Host>(&mut self, host: &H) -> Vec<Card> {
        if self.all.is_none() {
            let command = Command::Read { path: self.path.clone(), cap: CAP, keep: Keep::Head };
            let read = if self.path.is_empty() { Reply::Missing } else { host.perform(command).await };
            self.all = match read {
                Reply::Text { text, .. } => serde_json::from_str(&text).ok(),
                _ => None,
            };
        }
        self.all.clone().unwrap_or_default()
    }
}

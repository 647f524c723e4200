//! Which message tells of which deploy, so that a later run can edit it, and what was told last, so that an earlier one
//! does not write over it. Remembered in a file of the state folder; one that is lost, or cannot be read, costs a new
//! message and nothing else.

use serde::{Deserialize, Serialize};

use super::saved::Saved;
use super::{Batch, Disposition, Revision, Stamp};
use crate::host::{Command, Host, Keep, Reply};
use crate::sha::Sha;
use crate::time::Millis;

/// After so long a message is edited no more, milliseconds: Discord counts edits of older ones (code 30046).
const LIFE_MS: u64 = 3_600_000;
/// So many of the newest are remembered.
const KEPT: usize = 8;
/// Bytes read of the file: more than `KEPT` messages at Discord's limits.
const CAP: u64 = 256 * 1024;

/// What is told of one deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Card {
    /// What was deployed.
    sha: Sha,
    /// The id of the message that is edited; none: there are only messages that stand for themselves.
    id: Option<u64>,
    /// When that was posted.
    at: Millis,
    /// The newest message, of either kind.
    #[serde(default)]
    told: Option<Revision>,
    /// What the message that is edited says, or is about to.
    #[serde(default)]
    edit: Option<Edit>,
}

impl Card {
    /// Whether the other one is this message, or was noted of the same deploy before there was one.
    fn takes_place_of(&self, other: &Self) -> bool {
        self.id == other.id || self.sha == other.sha && other.id.is_none()
    }

    /// Takes what another run has noted meanwhile and knows more.
    fn learn(&mut self, other: &Self) {
        if self.takes_place_of(other) && other.told.zip(self.told).is_some_and(|(told, own)| told.is_after(own)) {
            self.told = other.told;
            self.edit = other.edit.clone().or(self.edit.take());
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Edit {
    mark: Revision,
    text: Saved,
}

/// What the message that is edited will say.
fn edit_among(told: &Batch) -> Option<Saved> {
    let is_edit = |place: &Disposition| matches!(place, Disposition::Continues(_) | Disposition::Amends(_));
    told.messages.iter().find(|(_, place)| is_edit(place)).map(|(message, _)| Saved::of(message))
}

/// What is remembered of them, newest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Cards {
    path: String,
    all: Option<Vec<Card>>,
    own: Vec<Card>,
}

impl Cards {
    /// Remembered in this file; nowhere, when it is empty.
    pub fn at(path: String) -> Self {
        Self { path, ..Self::default() }
    }

    /// The message of a deploy that this can be said in. What mends an older one is its last edit, and has no other place:
    /// that one edit may come later.
    pub async fn find<H: Host>(&mut self, host: &H, place: &Disposition, now: Millis) -> Option<u64> {
        let (sha, life_ms) = match place {
            Disposition::Continues(sha) => (sha, LIFE_MS),
            Disposition::Amends(sha) => (sha, u64::MAX),
            Disposition::Opens(_) | Disposition::Apart => return None,
        };
        let known = self.own.iter().rev().find(|card| card.sha == *sha).cloned();
        let card = match known {
            Some(card) => Some(card),
            None => self.read(host).await.into_iter().rev().find(|card| card.sha == *sha && card.id.is_some()),
        }?;
        card.id.filter(|_| card.at <= now && now.since(card.at) < life_ms)
    }

    /// From now on this message, posted now with this text, tells of the deploy.
    pub fn keep(&mut self, id: u64, now: Millis, stamp: &Stamp, text: Saved) {
        let (sha, mark) = (stamp.of.clone(), stamp.mark);
        let edit = Some(Edit { mark, text });
        self.own.push(Card { sha, id: Some(id), at: now, told: Some(mark), edit });
    }

    /// That message cannot be edited.
    pub fn forget(&mut self, id: u64) {
        self.own.retain(|card| card.id != Some(id));
        self.all.iter_mut().for_each(|all| all.retain(|card| card.id != Some(id)));
    }

    /// Notes what is about to be told of a deploy, and what its message will say then: before it is sent, so that another
    /// run whose own, older message is on its way sees it afterwards. What opens a message is noted with its id.
    pub async fn note<H: Host>(&mut self, host: &H, stamp: &Stamp, told: &Batch) {
        if self.path.is_empty() || told.messages.iter().all(|(_, place)| matches!(place, Disposition::Opens(_))) {
            return;
        }
        self.all = None;
        let mut all = self.read(host).await;
        let mark = stamp.mark;
        let edit = edit_among(told).map(|text| Edit { mark, text });
        match all.iter_mut().rev().find(|card| card.sha == stamp.of) {
            Some(card) if card.told.is_some_and(|told| told.is_after(mark)) => return,
            Some(card) => (card.told, card.edit) = (Some(mark), edit.or(card.edit.take())),
            None => all.push(Card { sha: stamp.of.clone(), id: None, at: mark.at, told: Some(mark), edit }),
        }
        self.replace(host, all).await;
    }

    /// Whether another run has told something newer of that deploy, or is about to.
    pub async fn is_overtaken<H: Host>(&mut self, host: &H, stamp: &Stamp) -> bool {
        self.fresh(host, stamp).await.is_some_and(|card| card.told.is_some_and(|told| told.is_after(stamp.mark)))
    }

    /// What the message with this id, or whichever is edited, says by the word of another run that knows more, and what
    /// that knows.
    pub async fn newer<H: Host>(&mut self, host: &H, stamp: &Stamp, id: Option<u64>) -> Option<(Revision, Saved)> {
        let card = self.fresh(host, stamp).await?;
        let is_that = id.is_none() || card.id.is_none() || card.id == id;
        card.edit.filter(|edit| is_that && edit.mark.is_after(stamp.mark)).map(|edit| (edit.mark, edit.text))
    }

    async fn fresh<H: Host>(&mut self, host: &H, stamp: &Stamp) -> Option<Card> {
        self.all = None;
        self.read(host).await.into_iter().rev().find(|card| card.sha == stamp.of)
    }

    /// Writes the file, when there is news.
    pub async fn write<H: Host>(&mut self, host: &H) {
        if self.path.is_empty() || self.own.is_empty() {
            return;
        }
        // Another run may have written meanwhile.
        self.all = None;
        let mut all = self.read(host).await;
        self.own.iter_mut().for_each(|own| all.iter().for_each(|card| own.learn(card)));
        all.retain(|card| self.own.iter().all(|own| !own.takes_place_of(card)));
        all.append(&mut self.own);
        self.replace(host, all).await;
    }

    async fn replace<H: Host>(&mut self, host: &H, mut all: Vec<Card>) {
        all.sort_by_key(|card| card.at);
        all.drain(..all.len().saturating_sub(KEPT));
        let text = serde_json::to_string(&all).unwrap_or_default();
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

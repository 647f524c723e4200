//! How it is known what is live.

use serde::{Deserialize, Serialize};

use super::operation::Operation;

/// How it is known what is live; the ledger has it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Known {
    /// It stood there when the action first ran here.
    #[serde(rename = "baseline")]
    Baseline,
    /// A person put the work tree there.
    #[serde(rename = "found in the work tree")]
    Found,
    /// A request put it there, and its check found it ill.
    #[serde(rename = "put in place, not healthy")]
    Ill,
    /// A request put it into the work tree, and did not get as far as its containers.
    #[serde(rename = "put into the work tree, what runs is not known")]
    Placed,
    /// It was at work when a request for another version wrote files into the work tree, and did not get further.
    #[serde(rename = "in the work tree with files of another version")]
    Mixed,
    /// A request put it there, and there is nothing that could be checked.
    #[serde(rename = "deployed, nothing is checked")]
    Unchecked,
    /// A request put it there, and its check found it well.
    #[serde(rename = "deployed and healthy")]
    Healthy,
}

impl Known {
    /// Of a request that touched what is live, and went wrong.
    #[must_use]
    pub fn put(operation: &Operation) -> Self {
        if operation.is_applied() { Self::Ill } else { Self::Placed }
    }

    /// Of a request that went well.
    #[must_use]
    pub fn checked(operation: &Operation) -> Self {
        if operation.with.is_checked() { Self::Healthy } else { Self::Unchecked }
    }

    /// Whether it came to work, as far as anybody knows.
    #[must_use]
    pub fn is_well(self) -> bool {
        self != Self::Ill && !self.is_uncertain()
    }

    /// Whether nobody can tell what people get: the work tree is another matter.
    #[must_use]
    pub fn is_uncertain(self) -> bool {
        matches!(self, Self::Placed | Self::Mixed)
    }

    /// What a first run finds is taken to be at work; what a person put there may not be, yet.
    #[must_use]
    pub fn is_applied(self) -> bool {
        self != Self::Found && !self.is_uncertain()
    }
}

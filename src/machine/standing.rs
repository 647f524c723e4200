//! Whether a version is good, as far as anybody has said.

use super::state::State;
use crate::sha::Sha;

/// What has been said of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// CI has validated it here.
    Validated,
    /// Nobody has said that it is bad, and CI has not validated it.
    Unvalidated,
    /// CI, or its check here, has failed it.
    Failed,
}

impl State {
    /// What has been said of it. Of what was promoted here CI may speak later, and the ledger of the environment that it
    /// came from knows that alone: `has_failed_since`.
    #[must_use]
    pub fn standing(&self, sha: &Sha, has_failed_since: bool) -> Standing {
        match self.is_validated(sha) {
            _ if has_failed_since || self.is_quarantined(sha) => Standing::Failed,
            true => Standing::Validated,
            false => Standing::Unvalidated,
        }
    }
}

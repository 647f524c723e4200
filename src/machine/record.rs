//! What is known of one SHA.

use std::collections::BTreeMap;
use std::ops::Not;

use serde::{Deserialize, Serialize};

use super::entry::{CiRun, Commit, Forward};
use super::verdict::Verdict;
use crate::environment::Environment;
use crate::time::Millis;

/// What is known of a SHA.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The entry that last spoke of it.
    pub seq: u64,
    /// The commit.
    pub commit: Option<Commit>,
    /// When it last went live here and was healthy.
    pub healthy_at: Option<Millis>,
    /// What CI said last.
    pub ci: Option<(Verdict, Option<CiRun>)>,
    /// Whether validating it moves the rollback point forward, as last asked.
    pub forward: Option<Forward>,
    /// Why it is not deployed again without `force`.
    pub quarantine: Option<Quarantine>,
    /// When it last broke here; none also where a ledger from before it was kept says that it did.
    #[serde(default)]
    pub broken_at: Option<Millis>,
    /// The settings with which it was last healthy here, where what is live now is made with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Box<Environment>>,
    /// A person went back from it, and it was not live since.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub undone: bool,
    /// It came here by a promote: what CI says of it is heard elsewhere.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub promoted: bool,
    /// The compose files that its containers were started with, where they were several; empty: not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The services of a profile that were started with it; empty: none, or not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// Ids of the images that its containers ran when it was last healthy, by names which a later version's command may
    /// have given to others; empty: not known, or no command does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, String>,
}

impl Record {
    /// Whether it broke here, and was not well since.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let has_broken = self.healthy_at.is_none() && self.broken_at.is_some();
        has_broken || self.quarantine == Some(Quarantine::Broken)
    }

    /// Whether this green run is a ground to try it again, though it broke here: a re-run, which began after
    /// that, and has not spoken before.
    #[must_use]
    pub fn is_mended_by(&self, run: &CiRun) -> bool {
        let is_known = |(verdict, known): &(Verdict, Option<CiRun>)| {
            verdict.validates() && known.as_ref().is_some_and(|one| (one.id, one.attempt) == (run.id, run.attempt))
        };
        let is_old = run.started.zip(self.broken_at).is_some_and(|(started, broken)| started < broken);
        run.attempt > 1 && !is_old && !self.ci.as_ref().is_some_and(is_known)
    }
}

/// Why a SHA is not deployed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quarantine {
    /// Its CI failed.
    Ci,
    /// It was unhealthy here, or could not be put live.
    Broken,
}

//! What stands in the ledger: facts, each one line of JSON. A fact is never changed afterwards.
//! What facts add up to is for `state`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::request::{Ask, Because, Files, Step};
use super::state::State;
use super::verdict::Verdict;
use crate::environment::{Environment, Watch};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::strategy::Strategy;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1, without gaps.
    pub seq: u64,
    /// When it was written.
    pub at: Millis,
    /// Who wrote it: a workflow run and attempt, or a person on the machine.
    pub by: String,
    /// What is so.
    pub fact: Fact,
}

/// Something that is so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The work tree stood at this SHA when the action first ran here.
    Baseline {
        /// What was live.
        sha: Sha,
    },
    /// Somebody moved the work tree to this SHA by hand.
    Found {
        /// What is live now.
        sha: Sha,
    },
    /// A request; from here on it is finished or undone, whatever happens.
    Asked {
        /// For what.
        ask: Ask,
        /// With which settings.
        with: Box<Environment>,
    },
    /// The commit is here, and this is where it stands.
    Fetched {
        /// The commit.
        commit: Commit,
        /// Whether it is on the branch.
        placed: Placed,
        /// Compared with what is live.
        relation: Relation,
        /// Compared with the last validated SHA.
        forward: Forward,
    },
    /// What the two SHAs differ in.
    Compared {
        /// Guarded paths among the differences, the first few.
        guarded: Vec<String>,
    },
    /// A step that changes the machine begins; the ledger says so before it does.
    Began {
        /// Which.
        step: Step,
    },
    /// A step is done.
    Did {
        /// Which.
        step: Step,
        /// How long it took, milliseconds.
        ms: u64,
        /// What it did, one line; empty: nothing worth telling.
        note: String,
        /// Where it keeps what it took out of the way: refs of local changes, paths of files that were replaced.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<String>,
    },
    /// A step was not done, or not wholly.
    Failed {
        /// Which.
        step: Step,
        /// What was attempted, what was seen, what to do; the last lines of its output.
        why: String,
        /// Whether what is live may have changed.
        touched: Touched,
        /// Whose fault it is.
        #[serde(default)]
        blame: Blame,
    },
    /// Containers are to take the new version this way.
    Applied {
        /// Which way.
        strategy: Strategy,
        /// What decided it, one line.
        reason: String,
        /// The compose files that they are started with; empty: the one of the settings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
        /// Those that the containers of what was live were started with; empty: the one of the settings, or not known.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        had: Vec<String>,
        /// Services of a profile that are started, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        beside: Vec<String>,
    },
    /// The site was checked.
    Checked {
        /// What came of it.
        health: Checkup,
        /// How long it took, milliseconds.
        ms: u64,
        /// Ids of the images that its containers run, by the names that these were made by; empty where no command can
        /// give a name to another image.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        images: BTreeMap<String, String>,
    },
    /// A request is over.
    Ended {
        /// How.
        outcome: Outcome,
    },
    /// CI said something about a SHA.
    Ci {
        /// About which.
        sha: Sha,
        /// What.
        verdict: Verdict,
        /// The run that said it.
        run: Option<CiRun>,
        /// The SHA compared with the last validated one.
        forward: Forward,
    },
    /// A validated SHA is on the branch no more: the branch was rewritten.
    Dropped {
        /// Which.
        sha: Sha,
    },
    /// A SHA's CI is being followed.
    Watching {
        /// Which.
        sha: Sha,
        /// By whom.
        how: Watch,
        /// Until when it is waited for.
        until: Millis,
    },
    /// A later run found the request unfinished and goes on with it.
    Resumed,
    /// The run was told to stop here.
    Stopped {
        /// The signal's name.
        signal: String,
    },
    /// All of the above, added up: reading may begin here.
    Snapshot {
        /// The state after the entry before this one.
        state: Box<State>,
    },
}

/// Facts about a commit; texts are outside texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its name.
    pub sha: Sha,
    /// Its author's name.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// When it was committed, as it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<Millis>,
}

/// Whether a commit is on the branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placed {
    /// It is an ancestor of the branch's tip, or the tip.
    OnBranch,
    /// It is not.
    OffBranch,
}

/// How a commit stands to what is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The live one is its ancestor.
    Newer,
    /// It is the live one.
    Same,
    /// It is an ancestor of the live one.
    Older,
    /// Neither (the branch was rewritten, or the live one is local).
    Diverged,
}

/// Whether validating a SHA moves the rollback point forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forward {
    /// Nothing is validated yet, or what is validated last is an ancestor.
    Yes,
    /// It is not, or that is not known.
    No,
    /// The branch has lost it: what CI says of it validates nothing.
    Lost,
}

/// Whether what is live may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touched {
    /// For certain not.
    Nothing,
    /// It may have.
    Live,
    /// Files of the work tree are of two versions: HEAD has not moved, and containers took none of it.
    Files,
}

/// Whose fault a failed step is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    /// The version's, as far as can be told: another one may do better.
    #[default]
    Version,
    /// The machine's (its disk, its engine, its git): it says nothing about the version, and no other
    /// version would do better.
    Machine,
    /// Nobody's: a person thought better of it before it was finished.
    Person,
}

/// What a check of the site came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checkup {
    /// Well, and proved to be the new version; the text says by what.
    Healthy(String),
    /// Not well; the text says what was seen and what was expected.
    Unhealthy(String),
}

/// A workflow run of CI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CiRun {
    /// Its id.
    pub id: u64,
    /// Its attempt.
    pub attempt: u64,
    /// Its page.
    pub url: String,
    /// When this attempt began, where GitHub told it.
    #[serde(default)]
    pub started: Option<Millis>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The SHA is live and healthy.
    Deployed,
    /// It was live already, and is healthy.
    Unchanged,
    /// Something newer is live.
    Superseded,
    /// It may not be deployed.
    Refused {
        /// Why.
        why: Refusal,
    },
    /// It is live but unhealthy, and stays.
    Unhealthy {
        /// What was seen.
        why: String,
    },
    /// A rollback's target is live and healthy.
    RolledBack,
    /// No automatic rollback: guarded paths differ.
    Guarded {
        /// Which, the first few.
        paths: Vec<String>,
    },
    /// It could not be done. What it had touched is undone by the request that follows.
    Failed {
        /// Why.
        why: String,
    },
    /// It could not be done, and there is nothing left to go back to.
    Stuck {
        /// Why.
        why: String,
    },
    /// It was stopped before anything had changed, or a person has put the work tree elsewhere since.
    Interrupted,
}

/// Why a SHA may not be deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// It is not on the branch.
    OffBranch,
    /// CI failed it, or it failed here, and nothing has lifted that.
    Quarantined,
    /// The checklist of a promote does not hold.
    Unready {
        /// What of it, one line each.
        why: String,
    },
}

//! What an environment's facts add up to, and what can be asked of that: the fold of its entries is all there is to know
//! about an environment. How a fact changes it is `apply`'s.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{Ask, CiRun, Forward, Outcome};
use super::known::Known;
use super::operation::Operation;
pub use super::record::{Quarantine, Record};
use super::verdict::Verdict;
use crate::environment::{Environment, Watch};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::backup::BackupName;

/// One environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Entries so far.
    pub seq: u64,
    /// What was live when the action first ran here.
    pub baseline: Option<Sha>,
    /// What is live, as far as the ledger knows.
    pub live: Option<Live>,
    /// What people had before that: it was well.
    pub previous: Option<Sha>,
    /// What `previous` was before something was put in place that did not come to work: it is that again where what
    /// was live before comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Sha>,
    /// The backup whose files should stand here, and may not: putting them back failed, and nothing has put that right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrestored: Option<BackupName>,
    /// Backups that could not be put back, and whose version is live no more: they stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spared: Vec<BackupName>,
    /// The request that is not over.
    pub operation: Option<Operation>,
    /// What is known of each SHA.
    pub records: BTreeMap<Sha, Record>,
    /// Validated SHAs, oldest first; each is ahead of the one before it, or of another branch.
    pub validated: Vec<Validated>,
    /// Whether anything was ever validated, though the branch may have lost it since.
    #[serde(default)]
    pub has_validated: bool,
    /// Whose CI is being followed.
    pub watch: Option<Watched>,
    /// The live SHA that no failing CI undoes: a way back from it did not come about, or a person put it there.
    pub left_alone: Option<Sha>,
    /// The settings with which what is live was made; before anything was put live, those of the first request.
    pub with: Option<Box<Environment>>,
    /// The newest ended requests, oldest first.
    pub history: Vec<Ended>,
}

/// What is live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The SHA.
    pub sha: Sha,
    /// Since when.
    pub since: Millis,
    /// The fact that says so.
    pub known_by: Known,
    /// Containers were started for it, as far as the ledger knows. Else only the work tree is known to be of
    /// it, and a site that answers may be another version.
    #[serde(default = "was_applied")]
    pub is_applied: bool,
}

impl Live {
    /// Whether a person put it there, by moving the work tree.
    #[must_use]
    pub fn is_found(&self) -> bool {
        self.known_by == Known::Found
    }
}

/// For ledgers older than this field.
fn was_applied() -> bool {
    true
}

/// A validated SHA with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validated {
    /// The SHA.
    pub sha: Sha,
    /// When.
    pub at: Millis,
    /// The CI run.
    pub run: Option<CiRun>,
}

/// A SHA whose CI is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The SHA.
    pub sha: Sha,
    /// By whom.
    pub how: Watch,
    /// Since when.
    pub since: Millis,
    /// Until when it is waited for.
    pub until: Millis,
}

/// An ended request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// What was asked.
    pub ask: Ask,
    /// How it ended.
    pub outcome: Outcome,
    /// When it was asked.
    pub since: Millis,
    /// When it ended.
    pub at: Millis,
    /// By whom.
    pub by: String,
}

impl State {
    /// The newest SHA that CI validated here and that has not failed since.
    #[must_use]
    pub fn last_validated(&self) -> Option<&Validated> {
        self.validated.iter().rev().find(|validated| !self.is_quarantined(&validated.sha))
    }

    /// What a success is held against: the newest SHA that was the rollback point, and that CI has not failed since. One that
    /// was found ill here may be well again without a word.
    #[must_use]
    pub fn measure(&self) -> Option<&Sha> {
        self.validated.iter().rev().map(|one| &one.sha).find(|sha| !self.has_failed_ci(sha))
    }

    /// Whether CI validated a SHA here and it has not failed since, be it that the point had moved past it by then.
    #[must_use]
    pub fn is_validated(&self, sha: &Sha) -> bool {
        self.may_be_point(sha) || self.late_success(sha).is_some()
    }

    /// Whether a SHA was the rollback point, and has not failed since: it is again once newer ones have failed.
    #[must_use]
    pub fn may_be_point(&self, sha: &Sha) -> bool {
        self.was_point(sha) && !self.is_quarantined(sha)
    }

    /// Whether a SHA is, or was, the rollback point: CI validated it while it was the newest. It may have failed since.
    #[must_use]
    pub fn was_point(&self, sha: &Sha) -> bool {
        // The newest is the one that is mostly asked for.
        self.validated.iter().rev().any(|one| one.sha == *sha)
    }

    /// When the SHA was healthy here and which CI run succeeded on it; also where a newer SHA was validated first and the
    /// point did not move. None: quarantined, lost by the branch, or never green.
    #[must_use]
    pub fn late_success(&self, sha: &Sha) -> Option<(Millis, Option<&CiRun>)> {
        let is_lost = |record: &&Record| record.forward == Some(Forward::Lost);
        let record = self.records.get(sha).filter(|record| record.quarantine.is_none() && !is_lost(record))?;
        match &record.ci {
            Some((Verdict::Success, run)) => Some((record.healthy_at?, run.as_ref())),
            _ => None,
        }
    }

    /// SHAs on which CI has succeeded while a newer one was the rollback point, each with the run: for the first time, or
    /// again where it had failed one that was the point. Not those that a person turned away from.
    #[must_use]
    pub fn passed_over(&self) -> Vec<(Sha, Option<CiRun>)> {
        let committed = |sha: &Sha| self.records.get(sha).and_then(|record| record.commit.as_ref()?.committed);
        let measure = self.measure();
        // Git has the last word on which is newer, and is asked for few.
        let may_be_newer = |sha: &Sha| Some(sha) != measure && committed(sha) >= measure.and_then(committed);
        let is_one = |sha: &&Sha| !self.is_undone(sha) && (!self.was_point(sha) || may_be_newer(sha));
        let all = self.records.keys().filter(is_one).filter_map(|sha| Some((sha, self.late_success(sha)?.1.cloned())));
        all.map(|(sha, run)| (sha.clone(), run)).collect()
    }

    /// What went wrong with the last request for a SHA, where that is known.
    #[must_use]
    pub fn failure_of(&self, sha: &Sha) -> Option<String> {
        match &self.history.iter().rev().find(|ended| ended.ask.target() == sha)?.outcome {
            Outcome::Failed { why } => Some(why.clone()),
            _ => None,
        }
    }

    /// Whether CI failed a SHA, by its last word.
    #[must_use]
    pub fn has_failed_ci(&self, sha: &Sha) -> bool {
        let ci = self.records.get(sha).and_then(|record| record.ci.as_ref());
        ci.is_some_and(|(verdict, _)| verdict.condemns())
    }

    /// Whether CI was silent on a SHA until the time was up.
    #[must_use]
    pub fn is_unanswered(&self, sha: &Sha) -> bool {
        let ci = self.records.get(sha).and_then(|record| record.ci.as_ref());
        ci.is_some_and(|(verdict, _)| verdict.is_silence())
    }

    /// Whether CI failed a SHA, or it failed here, and nothing has lifted that.
    #[must_use]
    pub fn is_quarantined(&self, sha: &Sha) -> bool {
        self.records.get(sha).is_some_and(|record| record.quarantine.is_some())
    }

    /// Whether a SHA was live here, as far as is remembered.
    #[must_use]
    pub fn was_live(&self, sha: &Sha) -> bool {
        let is_known = self.records.get(sha).is_some_and(|record| record.healthy_at.is_some() || record.is_broken());
        let live = self.live.as_ref().map(|live| &live.sha);
        is_known || [live, self.previous.as_ref(), self.baseline.as_ref()].contains(&Some(sha)) || self.was_point(sha)
    }

    /// Whether a SHA has been here: it was live, a deploy of it got as far as to fetch it, or one is under way. That CI
    /// spoke of it does not count.
    #[must_use]
    pub fn was_here(&self, sha: &Sha) -> bool {
        let is_fetched = self.records.get(sha).is_some_and(|record| record.commit.is_some());
        let is_under_way = self.operation.as_ref().is_some_and(|operation| operation.ask.target() == sha);
        is_fetched || is_under_way || self.was_live(sha)
    }

    /// Whether what is live is at work, too: only then are there only changes since that containers have to take.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_applied)
    }

    /// Whether this SHA may still run, though another is live: the newest request was to go back from it, and containers
    /// may not have taken that in.
    #[must_use]
    pub fn may_run(&self, sha: &Sha) -> bool {
        let is_over = |ended: &&Ended| !matches!(ended.outcome, Outcome::Refused { .. } | Outcome::Superseded);
        let newest = self.history.iter().rev().find(is_over);
        let is_stuck = |ended: &Ended| matches!(ended.outcome, Outcome::Stuck { .. } | Outcome::Failed { .. });
        let is_of_it = |ended: &Ended| matches!(&ended.ask, Ask::Rollback { undo: Some(undo), .. } if undo == sha);
        !self.is_applied() && newest.is_some_and(|ended| is_stuck(ended) && is_of_it(ended))
    }

    /// Whether this SHA is live.
    #[must_use]
    pub fn is_live(&self, sha: &Sha) -> bool {
        self.live.as_ref().is_some_and(|live| live.sha == *sha)
    }

    /// Whether what is live is at work, and was not found to be ill: only then is a check of it enough. What is ill may
    /// be so because an older one still runs, which would answer for it.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_applied && live.known_by.is_well())
    }

    /// Whether a SHA is live, and its check found it ill.
    #[must_use]
    pub fn is_ill(&self, sha: &Sha) -> bool {
        self.live.as_ref().is_some_and(|live| live.sha == *sha && live.known_by == Known::Ill)
    }

    /// Whose CI decides on what is live, while it is awaited. That of a SHA which is live no more may still be followed,
    /// but nothing waits for it.
    #[must_use]
    pub fn awaited(&self) -> Option<&Watched> {
        self.watch.as_ref().filter(|watch| self.is_live(&watch.sha))
    }

    /// Where a rollback may go: the newest validated SHA that is not among `avoid`, one that a person went back from only
    /// where there is no other; before anything was ever validated, the baseline.
    #[must_use]
    pub fn rollback_target(&self, avoid: &[Sha]) -> Option<&Sha> {
        let usable = |sha: &&Sha| !avoid.contains(sha) && !self.is_quarantined(sha);
        if let Some(baseline) = self.baseline.as_ref().filter(|sha| self.is_first_refuge(sha)) {
            return Some(baseline).filter(usable);
        }
        let newest = || self.validated.iter().rev().map(|validated| &validated.sha).filter(usable);
        newest().find(|sha| !self.is_undone(sha)).or_else(|| newest().next())
    }

    /// Whether it is the baseline, and nothing was ever validated that would take its place as a way back.
    #[must_use]
    pub fn is_first_refuge(&self, sha: &Sha) -> bool {
        self.validated.is_empty() && !self.has_validated && self.baseline.as_ref() == Some(sha)
    }

    /// What another environment is to take: the newest validated SHA that no person went back from.
    #[must_use]
    pub fn newest_kept(&self) -> Option<&Sha> {
        self.rollback_target(&[]).filter(|sha| !self.validated.is_empty() && !self.is_undone(sha))
    }

    /// Whether a person went back from a SHA, and it was not live since.
    #[must_use]
    pub fn is_undone(&self, sha: &Sha) -> bool {
        self.records.get(sha).is_some_and(|record| record.undone)
    }

    /// Where a rollback of this SHA went, by whomever, as long as nothing was put in its place since and the history
    /// reaches back to it.
    #[must_use]
    pub fn rolled_back_to(&self, sha: &Sha) -> Option<&Sha> {
        let is_over = |ended: &&Ended| match (&ended.ask, &ended.outcome) {
            (Ask::Rollback { to, .. }, Outcome::RolledBack) => to == sha,
            (Ask::Rollback { .. }, _) => false,
            (_, Outcome::Refused { .. } | Outcome::Unchanged | Outcome::Superseded | Outcome::Interrupted) => false,
            // What it may have put in place was gone back from.
            (_, Outcome::Failed { .. }) => false,
            _ => true,
        };
        self.history.iter().rev().take_while(|ended| !is_over(ended)).find_map(|ended| {
            match (&ended.ask, &ended.outcome) {
                (Ask::Rollback { to, undo: Some(undo), .. }, Outcome::RolledBack) if undo == sha => Some(to),
                _ => None,
            }
        })
    }

    /// The settings with which the machine puts a SHA live again by itself: as `newest`, but made and checked as
    /// when it was last healthy here.
    #[must_use]
    pub fn settings_for(&self, sha: &Sha, newest: &Environment) -> Box<Environment> {
        let own = self.records.get(sha).and_then(|record| record.with.as_deref());
        Box::new(own.map_or_else(|| newest.clone(), |own| newest.made_as(own)))
    }

    /// Whether a later run, or a later attempt of this one, has spoken already: events can arrive in any
    /// order. One that gave no answer has not.
    #[must_use]
    pub fn knows_later(&self, sha: &Sha, run: Option<&CiRun>) -> bool {
        let ci = self.records.get(sha).and_then(|record| record.ci.as_ref());
        let known = ci.filter(|(verdict, _)| verdict.judges()).and_then(|(_, known)| known.as_ref());
        known.zip(run).is_some_and(|(known, run)| match (known.started, run.started) {
            (Some(known_at), Some(at)) => (known_at, known.id, known.attempt) > (at, run.id, run.attempt),
            _ => known.id == run.id && known.attempt > run.attempt,
        })
    }

    /// Deployed SHAs that CI has neither validated nor failed, newest first.
    #[must_use]
    pub fn unsettled(&self) -> Vec<Sha> {
        let open = |record: &Record| {
            let judged = record.ci.as_ref().is_some_and(|(verdict, _)| verdict.judges());
            record.healthy_at.is_some() && !judged && record.quarantine.is_none()
        };
        let mut found: Vec<(&Sha, u64)> =
            self.records.iter().filter(|(_, record)| open(record)).map(|(sha, record)| (sha, record.seq)).collect();
        found.sort_by_key(|(_, seq)| std::cmp::Reverse(*seq));
        found.into_iter().map(|(sha, _)| sha.clone()).collect()
    }
}

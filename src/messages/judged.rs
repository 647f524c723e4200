//! What stands behind a notice about a SHA: what CI has said of it, and what a person who forced it passed over.

use super::promotion::{Check, CheckResult, Found};
use crate::environment::Watch;
use crate::machine::State;
use crate::machine::entry::{Ask, Relation};
use crate::machine::operation::Operation;
use crate::machine::request::Force;
use crate::sha::Sha;
use crate::tools::freeze::frozen;

/// Whether CI has validated a SHA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It has.
    Already,
    /// It is being followed.
    Awaited,
    /// Nobody follows it.
    Not,
    /// It has failed it: a person put it there all the same.
    Failed,
}

impl Judged {
    /// What is known of this SHA, with the settings of the request.
    pub(super) fn of(state: &State, sha: &Sha) -> Self {
        let ci = state.records.get(sha).and_then(|record| record.ci.as_ref());
        let with = state.operation.as_ref().map(|operation| &operation.with).or(state.with.as_ref());
        let is_followed = with.is_none_or(|with| with.ci.watch != Watch::None);
        match ci.map(|(verdict, _)| verdict) {
            Some(verdict) if verdict.validates() => Self::Already,
            // Forced against CI's word: there is nothing left to wait for.
            Some(verdict) if verdict.condemns() => Self::Failed,
            _ if is_followed => Self::Awaited,
            _ => Self::Not,
        }
    }
}

/// What a forced request passed over, as far as that is still known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// The SHA failed here before.
    pub quarantine: bool,
    /// It is older than what was live.
    pub age: bool,
    /// A promote's freeze.
    pub freeze: bool,
    /// The environment that it comes from is live with another version.
    pub elsewhere: bool,
    /// There is no version to go back to.
    pub no_way_back: bool,
    /// Files of a backup were not put back.
    pub unrestored: bool,
}

impl Passed {
    /// What the last request that brought this SHA passed over; none: it was not forced.
    pub(super) fn by(state: &State, sha: &Sha) -> Option<Self> {
        let under_way = state.operation.as_ref().map(|operation| &operation.ask);
        let mut all = under_way.into_iter().chain(state.history.iter().rev().map(|ended| &ended.ask));
        let last = all.find(|ask| ask.is_forward() && ask.target() == sha);
        let forced = Force::Override;
        matches!(last, Some(Ask::Deploy { force, .. } | Ask::Promote { force, .. }) if *force == forced).then(|| {
            let now = state.operation.as_ref().filter(|operation| Some(&operation.ask) == last);
            now.map_or_else(Self::default, |operation| Self::of(state, operation))
        })
    }

    fn of(state: &State, operation: &Operation) -> Self {
        let is_promote = matches!(operation.ask, Ask::Promote { .. });
        Self {
            quarantine: state.is_quarantined(operation.ask.target()),
            age: operation.fetched.is_some_and(|(_, relation)| relation == Relation::Older),
            freeze: is_promote && frozen(&operation.with.freeze, operation.since).is_some(),
            ..Self::default()
        }
    }

    /// What a promote's checklist found, and was forced.
    #[must_use]
    pub fn found(checks: &[Check]) -> Self {
        let is_forced = |is_it: fn(&Found) -> bool| {
            checks.iter().any(|check| check.verdict == CheckResult::Forced && is_it(&check.found))
        };
        Self {
            quarantine: is_forced(|found| *found == Found::Quarantined),
            age: is_forced(|found| matches!(found, Found::Age(_))),
            freeze: is_forced(|found| matches!(found, Found::Frozen { .. })),
            elsewhere: is_forced(|found| matches!(found, Found::LiveElsewhere(_))),
            no_way_back: is_forced(|found| *found == Found::NoTarget),
            unrestored: is_forced(|found| matches!(found, Found::Unrestored(_))),
        }
    }

    /// What the one or the other passed over.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            quarantine: self.quarantine || other.quarantine,
            age: self.age || other.age,
            freeze: self.freeze || other.freeze,
            elsewhere: self.elsewhere || other.elsewhere,
            no_way_back: self.no_way_back || other.no_way_back,
            unrestored: self.unrestored || other.unrestored,
        }
    }
}

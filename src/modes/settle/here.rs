//! What CI's word on a SHA meets here, and as what people are told it: from the state before it was written down, and
//! from the state once the machine has done what follows.

use super::AfterSettling;
use crate::machine::State;
use crate::machine::entry::{CiRun, Forward};
use crate::machine::verdict::Verdict;
use crate::messages::NoticeKind;
use crate::messages::kind::Stays;
use crate::sha::Sha;

/// What CI said, and in which run.
pub(super) type Said = (Verdict, Option<CiRun>);

/// What a SHA was before CI's word on it was written down.
pub(super) struct Former {
    pub(super) is_live: bool,
    /// It was, or had been, the rollback point, and had not failed since.
    pub(super) is_validated: bool,
    /// It was the rollback point.
    pub(super) is_point: bool,
    /// It was quarantined.
    is_barred: bool,
    /// What CI had said of it.
    pub(super) said: Option<Said>,
}

impl Former {
    pub(super) fn of(state: &State, sha: &Sha) -> Self {
        Self {
            is_live: state.is_live(sha),
            is_validated: state.may_be_point(sha),
            is_point: state.last_validated().is_some_and(|one| one.sha == *sha),
            is_barred: state.is_quarantined(sha),
            said: state.records.get(sha).and_then(|record| record.ci.clone()),
        }
    }
}

/// What CI's word meets here: what the SHA was, and what it is once the machine has done what follows.
pub(super) struct Here {
    pub(super) was: Former,
    /// It is validated by now.
    pub(super) is_validated: bool,
    /// It is quarantined no more, and to be deployed again.
    pub(super) is_lifted: bool,
    /// It is put live next.
    pub(super) is_next: bool,
    /// Another version takes its place next.
    is_replaced: bool,
    /// What CI had said of it was told as an alert.
    pub(super) ends_alert: bool,
}

impl Here {
    pub(super) fn of(state: &State, sha: &Sha, was: Former, next: AfterSettling) -> Self {
        let is_validated = state.may_be_point(sha);
        Self {
            is_validated,
            // What CI has taken back of its own accord, or the machine of its finding, is only to be deployed again.
            is_lifted: was.is_barred && !was.is_live && !is_validated && !state.is_quarantined(sha),
            is_next: next == AfterSettling::Deploy && !was.is_live,
            is_replaced: next == AfterSettling::Replace,
            ends_alert: was.said.as_ref().is_some_and(|(verdict, _)| is_alert(state, sha, verdict)),
            was,
        }
    }

    /// The earlier answer: no answer takes it back.
    pub(super) fn stands(&self) -> Option<&Verdict> {
        self.was.said.as_ref().map(|(verdict, _)| verdict).filter(|verdict| verdict.judges())
    }
}

/// What people are told of CI's word, where it is news; the first that holds counts.
pub(super) fn kind(state: &State, sha: &Sha, verdict: &Verdict, here: &Here) -> Option<NoticeKind> {
    let Here { was, is_validated, is_lifted, is_next, is_replaced, ends_alert } = here;
    let is_deployed = || state.records.get(sha).is_some_and(|record| record.commit.is_some());
    match verdict {
        Verdict::Success if *is_validated && !was.is_validated => Some(NoticeKind::Validated),
        Verdict::Success if *ends_alert && state.is_validated(sha) => Some(NoticeKind::Validated),
        Verdict::Success if !is_validated && state.is_ill(sha) => Some(NoticeKind::Unwell),
        Verdict::Success if *is_lifted && !is_next => Some(NoticeKind::Lifted),
        Verdict::Success if was.is_live && !is_validated => aside(state, sha),
        Verdict::Failure(_) if was.is_live => Some(NoticeKind::Cornered(stays(state, sha))),
        Verdict::Failure(_) if is_deployed() => Some(NoticeKind::Condemned { was_point: was.is_point }),
        Verdict::Inconclusive(doubt) if was.is_live && here.stands().is_none() => {
            Some(NoticeKind::Unvalidated { doubt: doubt.clone(), is_replaced: *is_replaced })
        }
        _ => None,
    }
}

/// CI succeeded on what is live and well, and that moves no rollback point: its message said that CI was awaited.
fn aside(state: &State, sha: &Sha) -> Option<NoticeKind> {
    let is_lost = state.records.get(sha).is_some_and(|record| record.forward == Some(Forward::Lost));
    (is_lost || state.late_success(sha).is_some()).then_some(NoticeKind::Aside { is_lost })
}

/// Why what CI failed stays live.
pub(super) fn stays(state: &State, sha: &Sha) -> Stays {
    match state.rollback_target(std::slice::from_ref(sha)).cloned() {
        None => Stays::Alone,
        Some(to) if state.is_wanted(sha) => Stays::Wanted(to),
        Some(to) => Stays::Blocked(to),
    }
}

/// Whether what CI had said of a SHA was told as an alert: that it failed, or that there was no answer while it was live,
/// or was gone back from for that.
fn is_alert(state: &State, sha: &Sha, known: &Verdict) -> bool {
    let is_live = state.is_live(sha);
    known.condemns() || (!known.judges() && (is_live || state.rolled_back_to(sha).is_some()))
}

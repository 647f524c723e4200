//! What there is to tell, as data: the facts of a notice.

use super::digest::Digest;
pub use super::ill::Ill;
pub use super::judged::{Judged, Passed};
pub use super::kind::NoticeKind;
use crate::environment::Watch;
use crate::machine::entry::{Ask, Because, Commit};
use crate::machine::operation::PutBack;
use crate::machine::verdict::Verdict;
use crate::machine::{Outcome, State, ended};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::backup::BackupName;

/// Something to tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// The SHA it is about.
    pub sha: Sha,
    /// The SHA whose deploy it goes on with: for a rollback, the one that is undone.
    pub of: Sha,
    /// A rollback follows from it at once, and will be told.
    pub is_followed: bool,
    /// It tells of a way back.
    pub goes_back: bool,
    /// Whether what is live is newer: its own deploy would be the older one of the two. None: not known.
    pub is_overtaken: Option<bool>,
    /// It is the good end of what was told as an alert.
    pub ends_alert: bool,
    /// What CI has to do with it.
    pub judged: Judged,
    /// The commit that it is about, when known: for a rollback, the one that is undone.
    pub commit: Option<Commit>,
    /// What is live now.
    pub live: Option<Sha>,
    /// What was begun or decided, and is left for the next run.
    pub open: Option<Open>,
    /// The refs under which local changes of the machine were put aside.
    pub kept: Vec<String>,
    /// Containers took it, as far as the ledger knows: else only the work tree is known to be of it.
    pub is_applied: bool,
    /// It was to be gone back from, and containers may not have taken that in.
    pub may_run: bool,
    /// The last validated SHA.
    pub validated: Option<Sha>,
    /// The last validated SHA, where that is another one that a person went back from.
    pub passed_over: Option<Sha>,
    /// Whether CI has validated the SHA itself, here.
    pub is_validated: bool,
    /// The CI run's page.
    pub ci_url: Option<String>,
    /// Why CI failed.
    pub digest: Option<Digest>,
    /// Who asked for it by hand, where that is not who made it: `@` and a GitHub user name, or a user of the machine;
    /// empty: nobody, or not known.
    pub asked_by: String,
    /// It tells of a promote, or of what came of one.
    pub promotes: bool,
    /// What a person passed over who forced it: the message that said so may have been edited since.
    pub forced: Option<Passed>,
    /// The files that were put back from a backup, for this version or for one that was tried before it.
    pub restored: Option<PutBack>,
    /// The backup whose files should stand there, and still may not.
    pub unrestored: Option<BackupName>,
    /// Where a way back failed, what it led to before that, and did not hold either.
    pub tried: Vec<Sha>,
    /// What was there before what is live, where that is ill and would be the one to go back to.
    pub before: Option<Before>,
    /// There is a version that `rollback` would lead to by itself.
    pub has_way_back: bool,
    /// The commands that undo it by hand, in order.
    pub by_hand: Vec<String>,
    /// Where they lead, where that is a version.
    pub by_hand_to: Option<Sha>,
    /// They need a Docker Compose, and this machine has none.
    pub lacks_compose: bool,
    /// What is known of it, where it is live and its check found it ill.
    pub ill: Option<Ill>,
}

/// What was there before a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// One that was well.
    Version(Sha),
    /// None that can be gone back to.
    Nothing,
}

/// A request that a run could not go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// It has changed something, and this SHA may be in place, or not.
    Begun(Sha),
    /// The way back to this SHA is decided, and has changed nothing yet.
    Decided(Sha, Because),
}

impl Open {
    /// What the state has open; none: nothing, or what is over with its run. `is_ahead`: the ledger does not know that its
    /// newest request has ended.
    #[must_use]
    pub fn of(state: &State, is_ahead: bool) -> Option<Self> {
        let Some(operation) = &state.operation else {
            return state.history.last().filter(|_| is_ahead).map(|ended| Self::Begun(ended.ask.target().clone()));
        };
        if operation.is_droppable() {
            return None;
        }
        Some(match &operation.ask {
            Ask::Rollback { to, because, .. } if !operation.touched() => Self::Decided(to.clone(), because.clone()),
            ask => Self::Begun(ask.target().clone()),
        })
    }
}

impl Notice {
    /// A notice about a SHA, with what the state knows of it.
    #[must_use]
    pub fn about(state: &State, sha: &Sha, kind: NoticeKind) -> Self {
        let record = state.records.get(sha);
        let last = state.last_validated();
        let run = record.and_then(|record| record.ci.as_ref()).and_then(|(_, run)| run.as_ref());
        Self {
            sha: sha.clone(),
            of: sha.clone(),
            is_followed: false,
            goes_back: false,
            is_overtaken: None,
            ends_alert: false,
            judged: Judged::of(state, sha),
            commit: record.and_then(|record| record.commit.clone()),
            asked_by: String::new(),
            live: state.live.as_ref().map(|live| live.sha.clone()),
            open: None,
            kept: Vec::new(),
            is_applied: state.is_applied(),
            may_run: matches!(kind, NoticeKind::Condemned { .. }) && state.may_run(sha),
            validated: last.map(|validated| validated.sha.clone()),
            passed_over: last.map(|one| &one.sha).filter(|one| *one != sha && state.is_undone(one)).cloned(),
            is_validated: state.is_validated(sha),
            ci_url: run.map(|run| run.url.clone()).filter(|url| !url.is_empty()),
            digest: None,
            promotes: false,
            forced: Passed::by(state, sha).filter(|_| kind.shows_force()),
            restored: None,
            tried: Vec::new(),
            unrestored: None,
            before: None,
            has_way_back: state.rollback_target(std::slice::from_ref(sha)).is_some(),
            by_hand: Vec::new(),
            by_hand_to: None,
            lacks_compose: false,
            ill: Ill::of(state, sha),
            kind,
        }
    }

    /// What an outcome tells; asked for before the outcome is in the state. None: nothing to tell.
    #[must_use]
    pub fn ended(state: &State, outcome: &Outcome, now: Millis) -> Option<Self> {
        let operation = state.operation.as_ref()?;
        let sha = operation.ask.target();
        let kind = match outcome {
            Outcome::Deployed if matches!(operation.ask, Ask::Promote { .. }) => NoticeKind::Promoted,
            Outcome::Deployed => NoticeKind::Deployed { ms: now.since(operation.since) },
            Outcome::Unchanged => NoticeKind::Unchanged,
            Outcome::Superseded => NoticeKind::Superseded,
            Outcome::Refused { why } => NoticeKind::Refused(why.clone()),
            Outcome::Unhealthy { why } => NoticeKind::Unhealthy(why.clone()),
            Outcome::Failed { why } => NoticeKind::Failed(why.clone()),
            Outcome::Stuck { why } => NoticeKind::Stuck(why.clone()),
            Outcome::Guarded { paths } => Self::guarded(state, paths)?,
            Outcome::RolledBack => Self::rolled_back(state, now)?,
            Outcome::Interrupted if operation.resumed && operation.ask.is_forward() && !operation.stopped => {
                NoticeKind::Dropped { is_moved: false, is_last: true }
            }
            Outcome::Interrupted => return None,
        };
        let mut notice = Self::about(state, sha, kind);
        notice.goes_back = matches!(operation.ask, Ask::Rollback { .. });
        if notice.goes_back && operation.ask.is_forced() && matches!(outcome, Outcome::RolledBack) {
            notice.forced = Some(Passed { quarantine: state.is_quarantined(sha), ..Passed::default() });
        }
        if let Ask::Rollback { undo: Some(undone), because, .. } = &operation.ask {
            let of_undone = Self::about(state, undone, notice.kind.clone());
            // Under what a person asked for, CI's page only says something where that is why.
            let is_why = *because != Because::Person || of_undone.judged == Judged::Failed;
            (notice.ci_url, notice.commit) = (of_undone.ci_url.filter(|_| is_why), of_undone.commit);
            notice.of = undone.clone();
        }
        notice.tried = operation.tried.iter().filter(|one| **one != notice.of).cloned().collect();
        notice.promotes = follows_promote(state);
        notice.kept.clone_from(&operation.kept);
        notice.restored = operation.put_back();
        if matches!(outcome, Outcome::RolledBack) {
            let after = ended(state, outcome, now);
            notice.validated = after.last_validated().map(|one| one.sha.clone());
            notice.is_validated = after.is_validated(sha);
            notice.unrestored = after.unrestored;
        }
        let goes_live = matches!(outcome, Outcome::Deployed | Outcome::RolledBack);
        if goes_live || operation.touched() {
            notice.live = operation.from.clone().filter(|_| operation.only_wrote()).or_else(|| Some(sha.clone()));
            notice.is_applied = goes_live || operation.with.compose.is_none() || operation.is_applied();
        }
        Some(notice)
    }

    /// What is told of the version that was live before the request under way, once `by` takes its place; asked for
    /// before the outcome is in the state. None: its message says neither that CI is running nor that it stays live.
    #[must_use]
    pub fn replaced(state: &State, by: &Sha) -> Option<Self> {
        let from = state.operation.as_ref()?.from.as_ref()?;
        // With the settings of its own deploy, where the newest are others.
        let own = state.records.get(from).and_then(|record| record.with.as_deref());
        let is_followed = own.or(state.with.as_deref()).is_none_or(|with| with.ci.watch != Watch::None);
        let is_open = from != by && is_followed && state.unsettled().contains(from);
        let said = state.records.get(from).and_then(|record| record.ci.as_ref());
        let doubt = said.and_then(|(verdict, _)| match verdict {
            Verdict::Inconclusive(doubt) => Some(doubt.clone()),
            Verdict::Success | Verdict::Failure(_) => None,
        });
        is_open.then(|| Self::about(state, from, NoticeKind::Replaced { by: by.clone(), doubt }))
    }

    fn rolled_back(state: &State, now: Millis) -> Option<NoticeKind> {
        let operation = state.operation.as_ref()?;
        let Ask::Rollback { to, undo, because, .. } = &operation.ask else {
            return None;
        };
        // Where only files of what is live were put back, nothing is undone.
        let undone = undo.clone().or_else(|| operation.from.clone()).filter(|undone| undone != to);
        // Of what containers never took nobody can say for how long it was live.
        let live = state.live.as_ref().filter(|live| Some(&live.sha) == undone.as_ref() && live.is_applied);
        let exposed_ms = live.map(|live| now.since(live.since));
        if operation.recalls {
            return Some(NoticeKind::RolledBack { undone, because: Because::Person, why: String::new(), exposed_ms });
        }
        let why = seen_before(state, because);
        Some(NoticeKind::RolledBack { undone, because: because.clone(), why, exposed_ms })
    }

    fn guarded(state: &State, paths: &[String]) -> Option<NoticeKind> {
        let Ask::Rollback { because, .. } = &state.operation.as_ref()?.ask else {
            return None;
        };
        Some(NoticeKind::Guarded { paths: paths.to_vec(), because: because.clone(), why: seen_before(state, because) })
    }

    /// Whether what it is about is what is live.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.live.as_ref() == Some(&self.sha)
    }

    /// What is known of it, where its check found it ill and nothing says that it has come round.
    #[must_use]
    pub fn ill_still(&self) -> Option<&Ill> {
        self.ill.as_ref().filter(|ill| !ill.is_well_again())
    }

    /// Whether it names what is live.
    #[must_use]
    pub fn says_live(&self) -> bool {
        match &self.kind {
            NoticeKind::Validated => self.live.is_some() && !self.is_live(),
            NoticeKind::Unvalidated { .. } => self.ill.is_some(),
            kind => kind.says_live(),
        }
    }

    /// Whether what is live comes before what it is about: what it is about is not live, or may not stay so.
    #[must_use]
    pub fn is_live_first(&self) -> bool {
        matches!(self.kind, NoticeKind::Validated | NoticeKind::Condemned { .. } | NoticeKind::Guarded { .. })
    }

    /// Whether a way back names the commit that it undid: its digest does that, where there is one.
    #[must_use]
    pub fn names_undone(&self) -> bool {
        let is_told = self.digest.as_ref().and_then(|digest| digest.commits.as_ref()).is_some_and(|all| all.total > 0);
        self.of != self.sha && !is_told
    }

    /// What a way back that failed was to undo, and whether it is undone: something else is in its place.
    #[must_use]
    pub fn was_to_undo(&self) -> Option<(&Sha, bool)> {
        let is_failed = matches!(
            self.kind,
            NoticeKind::Failed(_) | NoticeKind::Stuck(_) | NoticeKind::Guarded { .. } | NoticeKind::Interrupted { .. }
        );
        let is_undone = self.is_applied && self.live.as_ref() != Some(&self.of);
        (self.goes_back && is_failed && self.of != self.sha).then_some((&self.of, is_undone))
    }

    /// Whether it is told late rather than never.
    #[must_use]
    pub fn has_to_be_heard(&self) -> bool {
        // A person's, too: the next news of that version does not say why it is not live.
        self.is_critical()
            || matches!(self.kind, NoticeKind::RolledBack { .. } | NoticeKind::Unvalidated { .. } | NoticeKind::Unwell)
    }

    /// Whether somebody has to act, or something broken was or is live.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        matches!(
            self.kind,
            NoticeKind::RolledBack {
                because: Because::Ci | Because::Unhealthy | Because::Broken | Because::Timeout,
                ..
            } | NoticeKind::Stuck(_)
                | NoticeKind::Guarded { .. }
                | NoticeKind::Unhealthy(_)
                | NoticeKind::Failed(_)
                | NoticeKind::Cornered(_)
                | NoticeKind::Recanted
                | NoticeKind::Unsettled(_)
        ) || self.may_run
    }
}

/// What was seen of the version that is gone back from; empty where CI, or a person, has spoken.
fn seen_before(state: &State, because: &Because) -> String {
    match (because, state.history.last().map(|ended| &ended.outcome)) {
        (Because::Unhealthy | Because::Broken, Some(Outcome::Failed { why })) => why.clone(),
        _ => String::new(),
    }
}

/// Whether the request under way is a promote, or undoes one.
#[must_use]
pub fn follows_promote(state: &State) -> bool {
    let Some(operation) = &state.operation else {
        return false;
    };
    let promoted = |sha: &Sha| {
        let last = state.history.iter().rev().find(|ended| ended.ask.target() == sha);
        last.is_some_and(|ended| matches!(ended.ask, Ask::Promote { .. }))
    };
    match &operation.ask {
        Ask::Promote { .. } => true,
        Ask::Rollback { undo: Some(undone), because, .. } => *because != Because::Person && promoted(undone),
        _ => false,
    }
}

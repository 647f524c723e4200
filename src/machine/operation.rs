//! The request that is under way: what is known of it, and what follows from that.

use serde::{Deserialize, Serialize};

use super::entry::{Ask, Because, Blame, Checkup, Entry, Files, Placed, Relation, Step, Touched};
use crate::environment::{Compose, Environment};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::backup::BackupName;
use crate::tools::strategy::Strategy;

/// A request under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// What was asked.
    pub ask: Ask,
    /// With which settings.
    pub with: Box<Environment>,
    /// Since when.
    pub since: Millis,
    /// By whom.
    pub by: String,
    /// What was live then.
    pub from: Option<Sha>,
    /// Where the commit stands, once fetched.
    pub fetched: Option<(Placed, Relation)>,
    /// Guarded paths that differ, once compared.
    pub guarded: Option<Vec<String>>,
    /// The step that changes the machine and has begun.
    pub began: Option<Step>,
    /// When the first step that changes the machine began: what has started since, has started with this version.
    pub began_at: Option<Millis>,
    /// Steps that are done.
    pub done: Vec<Step>,
    /// How containers took the new version.
    pub applied: Option<Strategy>,
    /// The step that failed.
    pub failed: Option<StepFailure>,
    /// What the check came to.
    pub checkup: Option<Checkup>,
    /// Where stands what files from a backup replaced, once they are put back; may be empty.
    #[serde(default)]
    pub restored: Option<String>,
    /// Files put back by the request that this one follows: that one's version did not come to work, and nothing puts
    /// back what they replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<PutBack>,
    /// The refs under which local changes were put aside, in this request or in one that it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// How containers were started with what failed, and what this request follows: they may be more than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Compose>,
    /// Targets already tried in this incident.
    pub tried: Vec<Sha>,
    /// A later run than the one that asked has found it unfinished.
    pub resumed: bool,
    /// Steps in the middle of which a run ended without a word, one for each that did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub died: Vec<Step>,
    /// A run that was at it was told to stop, and has told people.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// That run found that what is live may have changed already.
    #[serde(default)]
    pub half_done: bool,
    /// The deploy command has begun, in whichever run.
    #[serde(default)]
    pub commanded: bool,
    /// The step at which the request failed that this one follows.
    #[serde(rename = "follows", default)]
    pub failed_before: Option<Step>,
    /// It follows a request that a person recalled: nothing of that one's version failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalls: bool,
}

/// So many runs die of a step before it is undone.
const DEATHS: usize = 3;

/// Files that were put back from a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutBack {
    /// The backup's name.
    pub backup: BackupName,
    /// The SHA that they belong to.
    pub of: Sha,
    /// Where stands what they replaced; may be empty.
    pub kept: String,
}

/// What a step that is done has kept; older ledgers have it in the note only.
pub(super) fn kept_by(step: Step, note: &str, kept: &[String]) -> Vec<String> {
    match step {
        _ if !kept.is_empty() => kept.to_vec(),
        Step::Restore if !note.is_empty() => vec![note.to_owned()],
        Step::Keep => note.split([' ', ',', ';']).filter(|word| word.starts_with("refs/")).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A step that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFailure {
    /// Which.
    pub step: Step,
    /// What was attempted, seen, and what to do.
    pub why: String,
    /// Whether what is live may have changed.
    pub touched: Touched,
    /// Whose fault it is.
    #[serde(default)]
    pub blame: Blame,
}

impl Operation {
    /// A request as it is asked, with nothing done yet.
    pub(super) fn asked(ask: &Ask, with: &Environment, entry: &Entry, from: Option<Sha>) -> Self {
        Self {
            ask: ask.clone(),
            with: Box::new(with.clone()),
            since: entry.at,
            by: entry.by.clone(),
            from,
            fetched: None,
            guarded: None,
            began: None,
            began_at: None,
            done: Vec::new(),
            applied: None,
            failed: None,
            checkup: None,
            restored: None,
            inherited: None,
            kept: Vec::new(),
            reach: None,
            tried: Vec::new(),
            resumed: false,
            died: Vec::new(),
            stopped: false,
            half_done: false,
            commanded: false,
            failed_before: None,
            recalls: false,
        }
    }

    /// Goes on where `before` has failed.
    pub(super) fn follow(&mut self, before: &Self) {
        self.inherited = before.put_back();
        self.reach = before.reached();
        self.failed_before = before.failed.as_ref().map(|fault| fault.step);
        self.recalls = before.failed.as_ref().is_some_and(|fault| fault.blame == Blame::Person);
        self.tried.clone_from(&before.tried);
        self.tried.push(before.ask.target().clone());
        self.kept.clone_from(&before.kept);
    }

    /// Whether the SHA counts as promoted once this request is live; `before`: whether it did so far. A rollback leaves
    /// that as it was.
    #[must_use]
    pub fn promotes(&self, before: bool) -> bool {
        match self.ask {
            Ask::Promote { .. } => true,
            Ask::Deploy { .. } => false,
            Ask::Rollback { .. } => before,
        }
    }

    /// How containers were started with it, for a request that follows it.
    #[must_use]
    pub fn reached(&self) -> Option<Compose> {
        let own = || self.with.compose.clone();
        if self.touched() { self.reach.clone().or_else(own) } else { None }
    }

    /// Whether what is live may have changed by now.
    #[must_use]
    pub fn touched(&self) -> bool {
        match &self.failed {
            _ if self.half_done => true,
            Some(fault) if self.done.iter().all(|step| !step.touches()) => fault.touched != Touched::Nothing,
            _ => self.began.is_some_and(Step::touches),
        }
    }

    /// Whether all that it has changed is files of the work tree: its version is not live, by no means.
    #[must_use]
    pub fn only_wrote(&self) -> bool {
        self.only_reset() && self.failed.as_ref().is_some_and(|fault| fault.touched == Touched::Files)
    }

    /// Whether its reset failed, and no run has begun what comes after that.
    #[must_use]
    pub fn only_reset(&self) -> bool {
        let is_further = self.commanded || self.applied.is_some() || self.restored.is_some();
        let is_at_reset = self.failed.as_ref().is_some_and(|fault| fault.step == Step::Reset);
        is_at_reset && !is_further && !self.done.iter().any(|step| step.touches())
    }

    /// The files that this request, or one that it follows, has put back.
    #[must_use]
    pub fn put_back(&self) -> Option<PutBack> {
        let own = match (&self.ask, &self.restored) {
            (Ask::Rollback { to, files: Files::Restored(name), .. }, Some(kept)) => {
                Some(PutBack { backup: name.clone(), of: to.clone(), kept: kept.clone() })
            }
            _ => None,
        };
        own.or_else(|| self.inherited.clone())
    }

    /// What went wrong, one text.
    #[must_use]
    pub fn failing(&self) -> String {
        match (&self.failed, &self.checkup) {
            (Some(fault), _) => fault.why.clone(),
            (None, Some(Checkup::Unhealthy(why))) => why.clone(),
            _ => String::new(),
        }
    }

    /// Whether it followed from what was so, without a person asking.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        matches!(&self.ask, Ask::Rollback { because, .. } if *because != Because::Person)
    }

    /// Whether it is over with its run: a person asked for it, and it has changed nothing.
    #[must_use]
    pub fn is_droppable(&self) -> bool {
        !self.touched() && !self.is_automatic()
    }

    /// Whether it failed by no fault of its version: by the machine's, or as a person recalled it. That files could not
    /// be put back is always the machine's; and where the way back fails at the step at which the way forward did, two
    /// versions say the same of the machine.
    #[must_use]
    pub fn spares_version(&self) -> bool {
        self.failed.as_ref().is_some_and(|fault| {
            fault.blame != Blame::Version || fault.step == Step::Restore || self.failed_before == Some(fault.step)
        })
    }

    /// Whether containers took what it puts in place: all that comes before its check is done.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.checkup.is_some() || self.failed.as_ref().is_some_and(|fault| fault.step == Step::Check)
    }

    /// Whether the deploy command has run, or may have.
    #[must_use]
    pub fn ran_command(&self) -> bool {
        self.commanded || self.began == Some(Step::Command) || self.done.contains(&Step::Command)
    }

    /// Why a rollback would follow.
    #[must_use]
    pub fn because(&self) -> Because {
        if self.failed.is_some() { Because::Broken } else { Because::Unhealthy }
    }

    /// Whether the work tree may hold its version, but neither the command nor the containers were started with it, in
    /// any run.
    #[must_use]
    pub fn is_untaken(&self) -> bool {
        let starts = self.with.compose.is_some() || !self.with.deploy_command.is_empty();
        let is_started = self.commanded || self.applied.is_some();
        self.failed.is_none() && self.began == Some(Step::Reset) && starts && !is_started
    }

    /// The step that ends every run which comes to it, as one that takes all memory does: so many have died of it.
    #[must_use]
    pub fn deadly(&self) -> Option<Step> {
        let step = self.began.filter(|step| step.touches() && !self.done.contains(step))?;
        let deaths = self.died.iter().filter(|one| **one == step).count();
        (self.ask.is_forward() && self.failed.is_none() && !self.stopped && deaths + 1 >= DEATHS).then_some(step)
    }

    /// Local changes are saved under these names. Where a run goes on with what another one left, containers were started
    /// on the files as they were: changed by somebody, or lost with the power.
    pub(super) fn keep(&mut self, names: Vec<String>) {
        if !names.is_empty() {
            self.done.retain(|step| *step != Step::Compose);
        }
        self.kept.extend(names);
    }

    /// A later run than the one that asked goes on with it.
    pub(super) fn resume(&mut self, at: Millis) {
        self.half_done = self.touched();
        self.resumed = true;
        let died = self.began.filter(|step| !self.done.contains(step) && self.failed.is_none() && !self.stopped);
        self.died.extend(died);
        self.stopped = false;
        // Somebody may have changed files since: they are saved again, and the SHA is put in place again. With that
        // goes what the command wrote to files of the tree, and files may just have been put back: what was started on
        // them is started again.
        let is_remade = self.done.iter().any(|step| matches!(step, Step::Command | Step::Restore));
        // The clock was set back: what started since can only be told by starting it again.
        let is_set_back = self.began_at.is_some_and(|began| at < began);
        if is_set_back {
            self.began_at = Some(at);
        }
        // What is put back may be the work tree itself: it is not there to be looked at before it has its place again.
        let is_restoring = self.began == Some(Step::Restore) && !self.done.contains(&Step::Restore);
        self.done.retain(|step| match step {
            // What was proven may be so no more. What was saved is all that there is of it: a reset writes to files, too.
            Step::Prove => false,
            Step::Keep | Step::Reset => is_restoring,
            Step::Command | Step::Restore => false,
            Step::Compose => !is_remade && !is_set_back,
            _ => true,
        });
    }
}

impl Step {
    /// Whether this step changes what is live.
    #[must_use]
    pub fn touches(self) -> bool {
        matches!(self, Self::Reset | Self::Command | Self::Restore | Self::Compose)
    }

    /// Whether this step changes anything on the machine, so that the ledger must say first that it begins.
    #[must_use]
    pub fn changes(self) -> bool {
        self.touches() || self == Self::Keep
    }
}

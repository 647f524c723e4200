//! How an environment is, in one word: the worst thing that is so, as the person on call wants to read it
//! first. In words it stands in `messages::page`.

use super::Shown;
use super::week::Target;
use crate::machine::State;
use crate::time::Millis;
use crate::tools::health_log::TargetStatus;

/// A check that is older than this says nothing of now, milliseconds: three of an hourly check's.
pub const OLD_MS: u64 = 3 * 3_600_000;

/// How an environment is, the worst first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overall {
    /// So many targets do not answer as they should, of so many.
    Down(usize, usize),
    /// What is live failed, and is live all the same.
    Failing,
    /// Nobody can tell what people get: a change could not be finished.
    Uncertain,
    /// The work tree does not stand at what is said to be live.
    Moved,
    /// Its ledger could not be read, or what was left could not be finished.
    Problem(String),
    /// A request was begun and not ended, and nobody is at it.
    Unfinished,
    /// CI should have answered by now.
    Overdue,
    /// Somebody changes it now.
    AtWork,
    /// CI runs.
    Awaiting,
    /// What is live was never validated.
    Unvalidated,
    /// Validated, but nobody has looked for a while.
    Unseen,
    /// Nothing was ever deployed.
    Empty,
    /// Validated, and so many targets were never checked, of so many.
    Unchecked(usize, usize),
    /// Live, validated, and answering, or with no target.
    Well,
}

/// How a verdict looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Good,
    /// Under way.
    Wait,
    /// Somebody should look.
    Warn,
    /// Somebody has to act.
    Bad,
}

impl Overall {
    /// How it looks.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self {
            Self::Down(..) | Self::Failing => Tone::Bad,
            Self::Problem(_)
            | Self::Uncertain
            | Self::Moved
            | Self::Unfinished
            | Self::Overdue
            | Self::Unvalidated
            | Self::Unseen => Tone::Warn,
            Self::AtWork | Self::Awaiting | Self::Empty => Tone::Wait,
            // Where nobody runs `mode: health` that stays so: it is no fault.
            Self::Unchecked(..) | Self::Well => Tone::Good,
        }
    }
}

/// What is to be said of this environment first.
#[must_use]
pub fn verdict(shown: &Shown, now: Millis) -> Overall {
    let state = &shown.state;
    let ill = shown.targets.iter().filter(|target| ill(target, state) == Some(Ill::Now)).count();
    let never = shown.targets.iter().filter(|target| target.last.is_none()).count();
    let live = state.live.as_ref();
    match live {
        _ if shown.problem.is_some() => Overall::Problem(shown.problem.clone().unwrap_or_default()),
        _ if ill > 0 => Overall::Down(ill, shown.targets.len()),
        _ if state.operation.is_some() && shown.lock.is_some() => Overall::AtWork,
        _ if state.operation.is_some() => Overall::Unfinished,
        None => Overall::Empty,
        Some(_) if shown.moved.is_some() => Overall::Moved,
        Some(live) if live.known_by.is_uncertain() && !state.is_quarantined(&live.sha) => Overall::Uncertain,
        Some(live) if state.is_quarantined(&live.sha) || !live.known_by.is_well() => Overall::Failing,
        Some(_) if shown.has_failed_since => Overall::Failing,
        Some(_) if state.awaited().is_some_and(|watch| watch.until < now) => Overall::Overdue,
        Some(_) if state.awaited().is_some() => Overall::Awaiting,
        Some(live) if !state.is_validated(&live.sha) => Overall::Unvalidated,
        Some(_) if shown.targets.iter().flat_map(|target| &target.last).any(|line| now.since(line.at) > OLD_MS) => {
            Overall::Unseen
        }
        Some(_) if never > 0 => Overall::Unchecked(never, shown.targets.len()),
        Some(_) => Overall::Well,
    }
}

/// What a check that found something wrong is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ill {
    /// What is live.
    Now,
    /// What was so before the request that found what is live well.
    Before,
}

/// Whether the newest check of a target found something wrong, and with what.
#[must_use]
pub fn ill(target: &Target, state: &State) -> Option<Ill> {
    let last = target.last.as_ref().filter(|last| matches!(last.result, TargetStatus::Down | TargetStatus::Stale))?;
    let from = state.live.as_ref().map(|live| {
        let well_at = state.records.get(&live.sha).and_then(|record| record.healthy_at);
        well_at.unwrap_or(live.since).max(live.since)
    });
    Some(if from.is_some_and(|from| last.at < from) { Ill::Before } else { Ill::Now })
}

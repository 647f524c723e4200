//! Figures of a span of time, from the stays: how often something is deployed, how fast, how often it goes
//! wrong, how fast it is mended, and how long what was wrong was live. Their definitions in words stand
//! beside them on the page (`messages::page`).

use super::past::{DefectKind, Past, Stay};
use crate::time::Millis;
use crate::tools::health_log::{DAY_MS, median};

/// The span that figures are about, milliseconds: four weeks.
pub const SPAN_MS: u64 = 28 * DAY_MS;
/// Less than a week says nothing of a week.
const LEAST_MS: u64 = 7 * DAY_MS;

/// What came of four weeks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Deployments and promotes that went live.
    pub changes: usize,
    /// Those, ten times, a week.
    pub weekly_tenths: u64,
    /// From commit to live, the median, milliseconds; none where no commit's time is known.
    pub lead_ms: Option<u64>,
    /// Changes that failed.
    pub failed: usize,
    /// From knowing of a fault to something well being live, the median, milliseconds.
    pub restore_ms: Option<u64>,
    /// How long what was wrong was live within these weeks, in all, milliseconds.
    pub exposure_ms: u64,
}

/// The figures of the four weeks before `end`; none where the ledger begins after that.
#[must_use]
pub fn figures(past: &Past, end: Millis, now: Millis) -> Option<Figures> {
    let begin = Millis(end.0.saturating_sub(SPAN_MS));
    let first = past.from.filter(|first| *first < end)?;
    let known_ms = end.since(first.max(begin)).max(LEAST_MS);
    let within = |at: Millis| begin <= at && at < end.max(Millis(begin.0 + 1));
    let stays = || past.stays.iter().filter(|stay| within(stay.from));
    // Of a stay that reaches over an edge, what is on this side of it.
    let during = |stay: &Stay| stay.to.unwrap_or(now).min(end).since(stay.from.max(begin));
    let changes: Vec<&Stay> = stays().filter(|stay| stay.way.is_change()).collect();
    let count = changes.len() as u64;
    let leads = changes.iter().filter_map(|stay| lead(stay)).collect();
    let mends = past.stays.iter().enumerate().filter(|(_, stay)| within(stay.from));
    let mends = mends.filter_map(|(at, stay)| mended(&past.stays, at, stay)).collect();
    Some(Figures {
        changes: changes.len(),
        weekly_tenths: (count * 10 * 7 * DAY_MS + known_ms / 2) / known_ms,
        lead_ms: median(leads),
        failed: changes.iter().filter(|stay| stay.fault.is_some()).count(),
        restore_ms: median(mends),
        exposure_ms: past.stays.iter().filter(|stay| stay.fault.is_some()).map(during).sum(),
    })
}

/// How long a stay lasted, or lasts.
#[must_use]
pub fn exposure(stay: &Stay, now: Millis) -> u64 {
    stay.to.unwrap_or(now).since(stay.from)
}

/// From commit to live, of what came up healthy.
fn lead(stay: &Stay) -> Option<u64> {
    let is_well = stay.fault.is_none_or(|fault| fault.kind != DefectKind::Unhealthy);
    let committed = stay.commit.as_ref().and_then(|commit| commit.committed)?;
    is_well.then(|| stay.from.since(committed))
}

/// From knowing of a fault to something well being live; none where it was not live any more by then, or
/// nothing well has followed yet.
fn mended(stays: &[Stay], at: usize, stay: &Stay) -> Option<u64> {
    let known = stay.fault?.known;
    // What is only found at the end of its own rollback was known when that was asked for.
    let known = if stay.to.is_some_and(|to| to < known) { return None } else { known };
    let well = stays.iter().skip(at + 1).find(|next| next.fault.is_none())?;
    Some(well.from.since(known))
}

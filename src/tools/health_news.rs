//! What is worth telling about a check, from what is remembered and what was found: DOWN and recovery,
//! flapping once instead of each time, certificates, missed checks. Pure; words are `messages`'s.

use crate::time::Millis;
use crate::tools::health_log::{Announced, Belief, DAY_MS, Past, TargetStatus, median};

/// From so many changes within a day on, a target flaps.
pub const FLAPPING_FROM: usize = 4;
/// So many checks in a row with the same result end it.
pub const STEADY_FROM: usize = 3;
/// A certificate that ends sooner is warned of, milliseconds.
pub const CERTIFICATE_MS: u64 = 14 * DAY_MS;
/// Checks closer together than this are a person's, not the schedule's, milliseconds.
const BY_HAND_MS: u64 = 120_000;
/// So many gaps are looked at, and at least as many as the second must be known.
const GAPS: (usize, usize) = (48, 3);
/// A silence of this length is told in messages, not only in the log, milliseconds.
pub const SILENCE_MS: u64 = 3 * 3_600_000;

/// Something to tell of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It does not answer as it should, since then.
    Down(Millis),
    /// It answers as another version, since then.
    Stale(Millis),
    /// It is well again, after so many milliseconds; none: that is not known any more.
    Recovered(Option<u64>),
    /// It answers as the right version again, after so many milliseconds.
    Fresh(Option<u64>),
    /// It goes up and down: so many changes within a day.
    Flapping(usize),
    /// It has flapped, and is now well and stays so.
    Steady,
}

impl News {
    /// What is remembered once it has been told.
    #[must_use]
    pub fn told(self) -> Announced {
        match self {
            Self::Down(_) => Announced::Down,
            Self::Stale(_) => Announced::Stale,
            Self::Recovered(_) | Self::Fresh(_) | Self::Steady => Announced::Up,
            Self::Flapping(_) => Announced::Flapping,
        }
    }
}

/// What there is to tell of a target that was found to be so; none: nothing new.
#[must_use]
pub fn news(past: &Past, found: TargetStatus, now: Millis) -> Option<News> {
    if !found.is_judged() {
        return None;
    }
    let is_up = found == TargetStatus::Up;
    let was_up = past.last.map(|(_, standing)| standing == TargetStatus::Up);
    let has_changed = was_up.is_some_and(|was_up| was_up != is_up);
    let since = past.ill_since(found, now);
    let ill = if found == TargetStatus::Stale { News::Stale(since) } else { News::Down(since) };
    let changes = past.changes.iter().filter(|at| now.since(**at) <= DAY_MS).count() + usize::from(has_changed);
    let steady = if has_changed { 1 } else { past.steady + 1 };
    match past.belief {
        Belief::Flapping if steady < STEADY_FROM => None,
        Belief::Flapping if is_up => Some(News::Steady),
        Belief::Flapping => Some(ill),
        _ if has_changed && changes >= FLAPPING_FROM => Some(News::Flapping(changes)),
        Belief::Up if !is_up => Some(ill),
        Belief::Down if is_up => Some(News::Recovered(past.ill_ms(now))),
        Belief::Stale if is_up => Some(News::Fresh(past.ill_ms(now))),
        // Nobody hurries for another version. The other way round people hurry already, and wait for it to be well.
        Belief::Stale if found == TargetStatus::Down => Some(ill),
        Belief::Up | Belief::Down | Belief::Stale => None,
    }
}

/// Days left of a certificate that people are to be warned of now: once a day at most.
#[must_use]
pub fn certificate_warning(past: &Past, ends: Option<Millis>, now: Millis) -> Option<u64> {
    let left = ends?.since(now);
    let warned = past.warned_at.is_some_and(|at| now.since(at) < DAY_MS);
    (left < CERTIFICATE_MS && !warned).then_some(left / DAY_MS)
}

/// Checks that should have been made and were not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// How many, about.
    pub count: u64,
    /// When the last check was.
    pub last: Millis,
    /// How long ago that is, milliseconds.
    pub gap_ms: u64,
    /// What lies between two checks usually, milliseconds.
    pub usual_ms: u64,
}

/// How many checks were missed before this one; `checks` in order. The usual gap is the median of those known; while
/// they are too few, nobody knows how often there is to be one, and none is missed.
#[must_use]
pub fn missed(checks: &[Millis], now: Millis) -> Option<Missed> {
    let last = *checks.last()?;
    let gaps: Vec<u64> = checks
        .windows(2)
        .rev()
        .filter_map(|pair| Some(pair.last()?.since(*pair.first()?)))
        .filter(|gap| *gap >= BY_HAND_MS)
        .take(GAPS.0)
        .collect();
    let is_known = gaps.len() >= GAPS.1;
    let usual_ms = median(gaps).filter(|_| is_known)?;
    let gap_ms = now.since(last);
    // Three quarters late is still this check, not the next.
    let is_late = gap_ms > usual_ms + usual_ms * 3 / 4;
    let count = (gap_ms + usual_ms / 2) / usual_ms;
    is_late.then(|| Missed { count: count.saturating_sub(1).max(1), last, gap_ms, usual_ms })
}

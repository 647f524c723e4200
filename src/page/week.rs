//! What the health checks of the last seven days say of each target, hour by hour. By the days of UTC, today
//! included. What is drawn of it is for `strip` and `plot`.

use std::collections::BTreeMap;

use crate::time::Millis;
use crate::tools::health_log::{CheckRecord, DAY_MS, TargetStatus, median};

/// Days, today included.
pub const DAYS: usize = 7;
/// An hour, milliseconds.
pub const HOUR_MS: u64 = 3_600_000;
/// An answer that is slower than this, and three times as slow as usual, is slow; milliseconds.
pub const SLOW_MS: u64 = 1_000;

/// What a target was in an hour: the worst of its checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hour {
    /// Nobody looked.
    #[default]
    Unchecked,
    /// It answered as it should.
    Up,
    /// It did, and slowly.
    Slow,
    /// It did not, or as another version.
    Down,
}

/// One target's week.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Week {
    /// Midnight (UTC) of its first day.
    pub begin: Millis,
    /// Its hours so far, 24 a day; what is to come is not in it.
    pub hours: Vec<Hour>,
    /// The median time of the good answers of each hour, milliseconds.
    pub times: Vec<Option<u64>>,
    /// Checks that judged it.
    pub checks: usize,
    /// Those that found it up.
    pub up: usize,
    /// The median time of its good answers, milliseconds.
    pub usual_ms: Option<u64>,
    /// The slowest, milliseconds.
    pub slowest_ms: Option<u64>,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub url: String,
    /// The newest check that judged it; it may be older than a week.
    pub last: Option<CheckRecord>,
    /// Its week.
    pub week: Week,
}

/// The targets that were checked or are in the settings (`urls`), those first.
#[must_use]
pub fn targets(urls: &[String], lines: &[CheckRecord], now: Millis) -> Vec<Target> {
    let mut by_url: BTreeMap<&str, Vec<&CheckRecord>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.result.is_judged() && line.at <= now) {
        by_url.entry(&line.url).or_default().push(line);
    }
    // Without settings of its own the page is about whatever was checked.
    let known: Vec<&str> = match urls {
        [] => by_url.keys().copied().collect(),
        urls => urls.iter().map(String::as_str).collect(),
    };
    let one = |url: &str| {
        let own = by_url.get(url).map_or(&[][..], Vec::as_slice);
        Target { url: url.to_owned(), last: own.last().map(|line| (*line).clone()), week: week(own, now) }
    };
    known.into_iter().map(one).collect()
}

fn week(lines: &[&CheckRecord], now: Millis) -> Week {
    let begin = Millis((now.0 / DAY_MS).saturating_sub(DAYS as u64 - 1) * DAY_MS);
    let own: Vec<&&CheckRecord> = lines.iter().filter(|line| line.at >= begin).collect();
    let count = usize::try_from(now.since(begin) / HOUR_MS).unwrap_or(0) + 1;
    let all: Vec<u64> = own.iter().filter_map(|line| line.ms).collect();
    let usual_ms = median(all.clone());
    let mut hours = vec![Hour::Unchecked; count];
    let mut times: Vec<Vec<u64>> = vec![Vec::new(); count];
    for line in &own {
        let at = usize::try_from(line.at.since(begin) / HOUR_MS).unwrap_or(0);
        if let (Some(hour), Some(time)) = (hours.get_mut(at), times.get_mut(at)) {
            *hour = (*hour).max(judged(line, usual_ms));
            time.extend(line.ms);
        }
    }
    Week {
        begin,
        hours,
        times: times.into_iter().map(median).collect(),
        checks: own.len(),
        up: own.iter().filter(|line| line.result == TargetStatus::Up).count(),
        usual_ms,
        slowest_ms: all.into_iter().max(),
    }
}

fn judged(line: &CheckRecord, usual_ms: Option<u64>) -> Hour {
    let slowly = usual_ms.map_or(SLOW_MS, |usual| SLOW_MS.max(usual * 3));
    match line.result {
        TargetStatus::Up if line.ms.is_some_and(|ms| ms > slowly) => Hour::Slow,
        TargetStatus::Up => Hour::Up,
        TargetStatus::Down | TargetStatus::Stale => Hour::Down,
        TargetStatus::Busy | TargetStatus::Blind => Hour::Unchecked,
    }
}

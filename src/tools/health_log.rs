//! What is remembered of health checks: one JSON object a line, a line for each target of a check,
//! newest last. Reads it, adds it up, and says which part may be forgotten; decides nothing to tell.
//!
//! A last line without its line break was never whole: it is closed where it stands, and not read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Bytes of the file's end that are read: about 7,000 lines.
pub const TAIL: u64 = 1024 * 1024;
/// Lines are kept for this long, milliseconds: seven days by hour, and one to spare.
pub const KEPT_MS: u64 = 8 * DAY_MS;
/// A day, milliseconds.
pub const DAY_MS: u64 = 86_400_000;
/// Closes a torn line, so that it can never be read as a whole one later.
const TORN: &str = " #torn\n";

/// What a check found a target to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetStatus {
    /// It answers as it should.
    Up,
    /// It does not.
    Down,
    /// It answers as it should, but as another version than the one that is live.
    Stale,
    /// Not checked: somebody is changing its environment.
    Busy,
    /// Not checked: nothing at all could be reached from here.
    Blind,
}

impl TargetStatus {
    /// Whether it says anything about the target.
    #[must_use]
    pub fn is_judged(self) -> bool {
        !matches!(self, Self::Busy | Self::Blind)
    }
}

/// What people were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Announced {
    /// That it is down.
    Down,
    /// That it answers as another version.
    Stale,
    /// That it is up again, or steady again.
    Up,
    /// That it goes up and down.
    Flapping,
    /// That its certificate ends soon.
    Certificate,
    /// That it could not be checked.
    Blind,
    /// That it can be again.
    Sighted,
}

/// One target in one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// When the check began.
    pub at: Millis,
    /// The target, as in the settings.
    pub url: String,
    /// What it was found to be.
    pub result: TargetStatus,
    /// How long the answer took, milliseconds; none when it was not well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// What was seen, when it was not well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Since when it has not been well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
    /// What people were told, and the telling arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Announced>,
    /// What people believe after that: older lines are forgotten, this is not.
    #[serde(default, skip_serializing_if = "Belief::is_up")]
    pub belief: Belief,
}

/// The file's end, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// In the order written.
    pub lines: Vec<CheckRecord>,
    /// Lines that cannot be read.
    pub set_aside: usize,
    /// The last line was not written whole.
    pub torn: bool,
}

/// Reads the end of the file; `whole` when that is all of it.
#[must_use]
pub fn read(text: &str, whole: bool) -> History {
    let torn = !text.is_empty() && !text.ends_with('\n');
    let mut history = History { torn, set_aside: usize::from(torn), ..History::default() };
    let mut raw: Vec<&str> = text.split_terminator('\n').skip(usize::from(!whole)).collect();
    if torn {
        raw.pop();
    }
    for line in raw {
        match serde_json::from_str(line) {
            Ok(line) => history.lines.push(line),
            Err(_) => history.set_aside += 1,
        }
    }
    history
}

/// The text that adds these lines to a file whose last line is `torn` or whole.
#[must_use]
pub fn text_of(lines: &[CheckRecord], torn: bool) -> String {
    let mut text = String::from(if torn { TORN } else { "" });
    for line in lines {
        // Plain data always has a JSON text.
        text.extend(serde_json::to_string(line).ok());
        text.push('\n');
    }
    text
}

/// The part of the file from the first line that is not older than `from`; none when nothing is older.
#[must_use]
pub fn without_older(text: &str, from: Millis) -> Option<&str> {
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        let is_old = serde_json::from_str::<CheckRecord>(line).map_or(true, |line| line.at < from);
        if !is_old {
            break;
        }
        begin += line.len();
    }
    text.get(begin..).filter(|_| begin > 0)
}

/// What people believe of a target: what they were told last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Belief {
    /// It is well, or nobody said otherwise.
    #[default]
    Up,
    /// It is down.
    Down,
    /// It answers as another version.
    Stale,
    /// It goes up and down.
    Flapping,
}

impl Belief {
    /// Whether nothing else was said.
    #[must_use]
    pub fn is_up(&self) -> bool {
        *self == Self::Up
    }

    /// What people believe once they have been told this.
    #[must_use]
    pub fn after(self, told: &[Announced]) -> Self {
        told.iter().fold(self, |belief, told| match told {
            Announced::Down => Self::Down,
            Announced::Stale => Self::Stale,
            Announced::Up => Self::Up,
            Announced::Flapping => Self::Flapping,
            Announced::Certificate | Announced::Blind | Announced::Sighted => belief,
        })
    }
}

/// What the lines of one target add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The newest check that judged it.
    pub last: Option<(Millis, TargetStatus)>,
    /// The check before this one found somebody at work.
    pub was_busy: bool,
    /// Since when it has not been well; also where it is by now, as long as nobody has been told that.
    pub down_since: Option<Millis>,
    /// The newest check that found it not to be well.
    pub ill_at: Option<Millis>,
    /// When it was first found well after that, which nobody has been told of here.
    pub up_since: Option<Millis>,
    /// A request has found it well since it was last found ill, and told people so.
    pub is_proven: bool,
    /// What people believe.
    pub belief: Belief,
    /// When it changed between well and not, since people were last told that it is steady.
    pub changes: Vec<Millis>,
    /// How many judged checks in a row came to the same.
    pub steady: usize,
    /// When people were last warned of its certificate.
    pub warned_at: Option<Millis>,
    /// Times of its good answers, milliseconds, with when.
    pub latencies: Vec<(Millis, u64)>,
}

impl Past {
    fn add(&mut self, line: &CheckRecord) {
        self.was_busy = line.result == TargetStatus::Busy;
        if line.told.contains(&Announced::Certificate) {
            self.warned_at = Some(line.at);
        }
        if !line.result.is_judged() {
            return;
        }
        let is_up = line.result == TargetStatus::Up;
        let was_up = self.last.map(|(_, standing)| standing == TargetStatus::Up);
        if was_up == Some(is_up) {
            self.steady += 1;
        } else {
            self.steady = 1;
            self.changes.extend(was_up.map(|_| line.at));
        }
        // Told of anew: between the two, a request had found it well.
        if was_up == Some(false) && self.belief == Belief::Down && line.told.contains(&Announced::Down) {
            self.changes.extend([line.at; 2]);
        }
        let belief = self.belief_after(line);
        if !is_up {
            self.down_since = line.since.or_else(|| Some(self.ill_since(line.result, line.at)));
            (self.ill_at, self.up_since) = (Some(line.at), None);
        } else if matches!(belief, Belief::Down | Belief::Stale) {
            self.up_since = self.up_since.or(Some(line.at));
        } else {
            (self.down_since, self.up_since) = (None, None);
        }
        self.last = Some((line.at, line.result));
        self.latencies.extend(line.ms.map(|ms| (line.at, ms)));
        if self.belief == Belief::Flapping && belief != Belief::Flapping {
            self.changes.clear();
        }
        self.belief = belief;
    }

    /// What people believe after a line. One that an older release wrote says "down" of another version, too.
    fn belief_after(&self, line: &CheckRecord) -> Belief {
        let was_stale = match line.told.contains(&Announced::Down) {
            true => line.result == TargetStatus::Stale,
            false => self.belief == Belief::Stale,
        };
        if line.belief == Belief::Down && was_stale { Belief::Stale } else { line.belief }
    }

    /// Since when a target that is found not to be well has been so: another version is no part of an outage, unless
    /// people were told of that outage and wait for its end. One that is over is not the next one, told or not.
    #[must_use]
    pub fn ill_since(&self, found: TargetStatus, now: Millis) -> Millis {
        let is_same = self.last.is_some_and(|(_, last)| last == found);
        let goes_on = self.up_since.is_none() && (is_same || self.belief == Belief::Down);
        self.down_since.filter(|_| goes_on).unwrap_or(now)
    }

    /// Takes in that a request found it well: an outage that no check has seen since was over by then, not only when
    /// the next check came.
    pub fn found_well(&mut self, at: Millis) {
        if self.down_since.is_some() && self.ill_at.is_some_and(|ill| ill < at) {
            self.up_since = Some(self.up_since.map_or(at, |up| up.min(at)));
            self.is_proven = true;
        }
    }

    /// A check finds it ill after that: an outage of its own, which nobody has been told of.
    pub fn begins_anew(&mut self) {
        if let Some(up) = self.up_since.filter(|_| self.is_proven) {
            self.changes.push(up);
            self.last = Some((up, TargetStatus::Up));
            self.belief = if self.belief == Belief::Flapping { Belief::Flapping } else { Belief::Up };
        }
    }

    /// How long it was not well, where it is well now; none: that is not known any more, milliseconds.
    #[must_use]
    pub fn ill_ms(&self, now: Millis) -> Option<u64> {
        self.down_since.map(|since| self.up_since.unwrap_or(now).since(since))
    }

    /// The median time of its good answers in the day before `now`, milliseconds.
    #[must_use]
    pub fn usual_ms(&self, now: Millis) -> Option<u64> {
        let of_the_day = self.latencies.iter().filter(|(at, _)| now.since(*at) <= DAY_MS);
        median(of_the_day.map(|(_, ms)| *ms).collect())
    }
}

/// What the history says of each target, by URL.
#[must_use]
pub fn pasts(history: &History) -> BTreeMap<String, Past> {
    let mut all: BTreeMap<String, Past> = BTreeMap::new();
    for line in &history.lines {
        match all.get_mut(&line.url) {
            Some(past) => past.add(line),
            None => all.entry(line.url.clone()).or_default().add(line),
        }
    }
    all
}

/// The checks that were made, in order: when each began.
#[must_use]
pub fn checks(history: &History) -> Vec<Millis> {
    let mut all: Vec<Millis> = history.lines.iter().map(|line| line.at).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The newest check that could reach something.
#[must_use]
pub fn last_sight(history: &History) -> Option<Millis> {
    history.lines.iter().filter(|line| line.result != TargetStatus::Blind).map(|line| line.at).max()
}

/// From when to when nothing could be checked, where people were told that, and not that it is over; none: it is not.
#[must_use]
pub fn told_blind(history: &History) -> Option<(Millis, Option<Millis>)> {
    let is_blind = |line: &&CheckRecord| line.result == TargetStatus::Blind;
    let (before, since) =
        history.lines.split_at(history.lines.iter().rposition(|line| line.told.contains(&Announced::Blind))?);
    if since.iter().any(|line| line.told.contains(&Announced::Sighted)) {
        return None;
    }
    let told = since.first()?;
    let began = before.iter().rev().take_while(is_blind).map(|line| line.at).min().unwrap_or(told.at);
    Some((began.min(told.at), since.iter().find(|line| !is_blind(line)).map(|line| line.at)))
}

/// The middle one; of an even number, the mean of the two in the middle.
#[must_use]
pub fn median(mut all: Vec<u64>) -> Option<u64> {
    all.sort_unstable();
    let [lower, upper] = [all.len().saturating_sub(1) / 2, all.len() / 2].map(|at| all.get(at).copied());
    Some(lower?.midpoint(upper?))
}

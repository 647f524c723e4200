//! Windows of the week in which nothing is promoted, such as `fri 16:00 - mon 08:00 Europe/Paris`:
//! read, and asked about a point in time. Whether a freeze is obeyed is not decided here.
//!
//! Time zones come with us (the IANA database, bundled by `jiff`), so that an answer does not depend
//! on the machine. Where a clock is put forward or back, the longer reading of a window holds.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use crate::time::Millis;
use crate::tools::letters::bounded;

/// Letters of a wrong word that are told again.
const WORD: usize = 40;
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// What a text lacks to be a window; the word that is wrong, where it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWindow {
    /// Its parts.
    Parts,
    /// A day.
    Day(String),
    /// A time of the day.
    Time(String),
    /// An end after its beginning.
    End,
    /// A time zone.
    Zone(String),
}

/// A part of the week, by the clock of one time zone; its end is not in it.
#[derive(Debug, Clone)]
pub struct Window {
    from: (Weekday, Time),
    to: (Weekday, Time),
    zone: TimeZone,
}

impl Window {
    /// Reads a window.
    pub fn parse(text: &str) -> Result<Self, NoWindow> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [from_day, from_time, "-", to_day, to_time, name] = words.as_slice() else {
            return Err(NoWindow::Parts);
        };
        let day = |word: &str| {
            let known = DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
            known.map(|(_, day)| *day).ok_or_else(|| NoWindow::Day(bounded(word, WORD)))
        };
        let time = |word: &str| {
            let clock = word.split_once(':').and_then(|(hour, minute)| {
                let fits = (1..=2).contains(&hour.len()) && minute.len() == 2;
                Time::new(hour.parse().ok().filter(|_| fits)?, minute.parse().ok()?, 0, 0).ok()
            });
            clock.ok_or_else(|| NoWindow::Time(bounded(word, WORD)))
        };
        let from = (day(from_day)?, time(from_time)?);
        let to = (day(to_day)?, time(to_time)?);
        if from == to {
            return Err(NoWindow::End);
        }
        let zone = TimeZone::get(name).map_err(|_| NoWindow::Zone(bounded(name, WORD)))?;
        Ok(Self { from, to, zone })
    }

    /// Whether a point in time lies in it.
    #[must_use]
    pub fn holds(&self, at: Millis) -> bool {
        let Some(now) = i64::try_from(at.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()) else {
            return false;
        };
        // Far east of here tomorrow's may have begun; one that began a week ago may still be open.
        let mut date = self.zone.to_datetime(now).date().tomorrow().ok();
        for _ in 0..9 {
            let Some(day) = date else {
                return false;
            };
            if day.weekday() == self.from.0 && self.beginning(day).is_some_and(|(from, to)| from <= now && now < to) {
                return true;
            }
            date = day.yesterday().ok();
        }
        false
    }

    /// The window that begins on this day.
    fn beginning(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let days = match self.from.0.until(self.to.0) {
            0 if self.to.1 < self.from.1 => 7,
            days => days,
        };
        let mut end = day;
        for _ in 0..days {
            end = end.tomorrow().ok()?;
        }
        let from = self.zone.to_ambiguous_timestamp(day.to_datetime(self.from.1)).earlier().ok()?;
        let to = self.zone.to_ambiguous_timestamp(end.to_datetime(self.to.1)).later().ok()?;
        Some((from, to))
    }
}

/// The first of these windows (as they were written) that holds a point in time.
#[must_use]
pub fn frozen(windows: &[String], at: Millis) -> Option<&String> {
    windows.iter().find(|text| Window::parse(text).is_ok_and(|window| window.holds(at)))
}

/// A point in time by the clock of a window's zone, as `2026-01-31 13:45 Europe/Paris`; in UTC when it is no window.
#[must_use]
pub fn local(window: &str, at: Millis) -> String {
    let zone = Window::parse(window).ok().map(|window| window.zone);
    let now = i64::try_from(at.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match (zone, now) {
        (Some(zone), Some(now)) => {
            let clock = zone.to_datetime(now);
            let (year, month, day) = (clock.year(), clock.month(), clock.day());
            let name = window.split_whitespace().last().unwrap_or_default();
            format!("{year:04}-{month:02}-{day:02} {:02}:{:02} {name}", clock.hour(), clock.minute())
        }
        _ => format!("{} UTC", crate::time::utc(at)),
    }
}

//! Windows of the week in which nothing is promoted, such as `fri 16:00 - mon 08:00 Europe/Paris`:
//! read, and asked about a point in time. Whether a freeze is obeyed is not decided here.
//!
//! Time zones come with us (the IANA database, bundled by `jiff`), so that an answer does not depend
//! on the machine. Where a clock is put forward or back, the longer reading of a window holds.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use crate::time::Millis;

const ACCEPTED: &str = "must be a window of the week with its time zone, such as `fri 16:00 - mon 08:00 Europe/Paris`";
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A part of the week, by the clock of one time zone; its end is not in it.
#[derive(Debug, Clone)]
pub struct Window {
    from: (Weekday, Time),
    to: (Weekday, Time),
    zone: TimeZone,
}

impl Window {
    /// Reads a window. Err: what is accepted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unlike = || format!("{ACCEPTED}.");
        let words: Vec<&str> = text.split_whitespace().collect();
        let [from_day, from_time, "-", to_day, to_time, name] = words.as_slice() else {
            return Err(unlike());
        };
        let day = |word: &str| {
            let known = DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
            known
                .map(|(_, day)| *day)
                .ok_or_else(|| format!("{ACCEPTED}: {word:?} is not mon, tue, wed, thu, fri, sat or sun."))
        };
        let time = |word: &str| {
            let clock = word.split_once(':').and_then(|(hour, minute)| {
                let fits = (1..=2).contains(&hour.len()) && minute.len() == 2;
                Time::new(hour.parse().ok().filter(|_| fits)?, minute.parse().ok()?, 0, 0).ok()
            });
            clock.ok_or_else(|| format!("{ACCEPTED}: {word:?} is not a time from 00:00 to 23:59."))
        };
        let from = (day(from_day)?, time(from_time)?);
        let to = (day(to_day)?, time(to_time)?);
        if from == to {
            return Err(format!("{ACCEPTED}: it ends when it begins."));
        }
        let zone = TimeZone::get(name)
            .map_err(|_| format!("{ACCEPTED}: {name:?} is not a name of the IANA time zone database."))?;
        Ok(Self { from, to, zone })
    }

    /// Whether a point in time lies in it.
    #[must_use]
    pub fn holds(&self, at: Millis) -> bool {
        let Some(now) = i64::try_from(at.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()) else {
            return false;
        };
        let today = self.zone.to_datetime(now);
        // One that began up to a week ago may still be open.
        (0..=8).any(|back: i64| self.beginning(today, back).is_some_and(|(from, to)| from <= now && now < to))
    }

    /// The window that begins so many days before today, if one does.
    fn beginning(&self, today: DateTime, back: i64) -> Option<(Timestamp, Timestamp)> {
        // A day further on: far east of here, tomorrow's window may have begun.
        let date = today.date().checked_sub(jiff::Span::new().days(back - 1)).ok()?;
        if date.weekday() != self.from.0 {
            return None;
        }
        let days = self.from.0.until(self.to.0);
        let days = if days == 0 && self.to.1 < self.from.1 { 7 } else { i64::from(days) };
        let end = date.checked_add(jiff::Span::new().days(days)).ok()?;
        let from = self.zone.to_ambiguous_timestamp(date.to_datetime(self.from.1)).earlier().ok()?;
        let to = self.zone.to_ambiguous_timestamp(end.to_datetime(self.to.1)).later().ok()?;
        Some((from, to))
    }
}

/// The first of these windows (as they were written) that holds a point in time.
#[must_use]
pub fn frozen(windows: &[String], at: Millis) -> Option<&String> {
    windows.iter().find(|text| Window::parse(text).is_ok_and(|window| window.holds(at)))
}

/// A point in time by the clock of a window's zone, as `2026-01-31 13:45`; in UTC when there is no window.
#[must_use]
pub fn local(windows: &[String], at: Millis) -> String {
    let zone = windows.iter().find_map(|text| Window::parse(text).ok()).map(|window| window.zone);
    let now = i64::try_from(at.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match (zone, now) {
        (Some(zone), Some(now)) => zone.to_datetime(now).strftime("%Y-%m-%d %H:%M").to_string(),
        _ => crate::time::utc(at),
    }
}

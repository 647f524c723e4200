//! The words of the status page, and which language says them: `fr` and `en` fill the same table, so that
//! neither can lack one.

use super::{en, fr};
use crate::environment::Locale;
use crate::page::verdict::Overall;
use crate::time::{Millis, civil};

/// Every word of the page. Names of months and days are short.
#[derive(Debug)]
pub struct Words {
    /// The language.
    pub locale: Locale,
    /// Its title.
    pub title: &'static str,
    /// Before the time at which it was made.
    pub made: &'static str,
    /// Where there is no environment yet.
    pub nothing: &'static str,
    /// Rows of the overview: live, validated, awaited, under way, left unfinished, last request, health, ledger.
    pub rows: [&'static str; 8],
    /// Nothing.
    pub none: &'static str,
    /// Before an age: `since`.
    pub since: &'static str,
    /// Before where the work tree stands, when that is not what is live.
    pub found: &'static str,
    /// Each validated one has failed since; before the newest of them.
    pub none_left: &'static str,
    /// Not validated yet, and what was live at first.
    pub baseline: &'static str,
    /// CI is followed by: a process, the job, an event, nobody.
    pub followed: [&'static str; 4],
    /// A target now: up, down, another version, never checked.
    pub standings: [&'static str; 4],
    /// When a check was made that says nothing of what is live.
    pub before_live: &'static str,
    /// Headings: availability, answer times, deployments, figures.
    pub heads: [&'static str; 4],
    /// Hours: not checked, up, slow, down.
    pub hours: [&'static str; 4],
    /// What slow means, what an hour's mark means, and that days are of UTC.
    pub hours_note: &'static str,
    /// Marks of the timeline: validated, not validated, failed, deployed, rolled back, exposure.
    pub marks: [&'static str; 6],
    /// Ways: before, found, put in place again, deployed, promoted, rolled back, rolled back by hand.
    pub ways: [&'static str; 7],
    /// Faults: CI, unhealthy, by hand.
    pub faults: [&'static str; 3],
    /// Heads of the table of deployments: when, version, how, result, live for.
    pub table: [&'static str; 5],
    /// A stay's result: validated, live unvalidated, replaced unvalidated.
    pub results: [&'static str; 3],
    /// Still live.
    pub still: &'static str,
    /// Figures: deploys a week, lead time, change failure rate, time to restore, exposure.
    pub figures: [&'static str; 5],
    /// Their definitions, in the same order.
    pub definitions: [&'static str; 5],
    /// Heads of the table of figures: figure, last four weeks, the four before, definition.
    pub figure_heads: [&'static str; 4],
    /// The first day of a month.
    pub first_day: &'static str,
    /// Names of months.
    pub months: [&'static str; 12],
    /// Names of days, Monday first.
    pub days: [&'static str; 7],
    /// An age of less than a minute.
    pub just_now: &'static str,
    /// The letter of a day in a length of time.
    pub day: &'static str,
    /// The decimal point.
    pub point: char,
    /// An environment in a headline and a sentence.
    pub verdict: fn(&Overall) -> (&'static str, String),
    /// `12 of 200 deployments`: how many the table shows, of how many.
    pub shown: fn(usize, usize) -> String,
    /// So many older ones, of so many.
    pub older: fn(usize, usize) -> String,
    /// `99.4 % of 168 checks`.
    pub uptime: fn(&str, usize) -> String,
    /// Usual and slowest answer.
    pub times: fn(&str, &str) -> String,
    /// A day's hours, for who does not see them: day, then how many of each.
    pub day_told: fn(&str, [usize; 4]) -> String,
    /// So long ago.
    pub ago: fn(&str) -> String,
    /// Until when, and how much is left.
    pub until: fn(&str, &str) -> String,
    /// Overdue since.
    pub overdue: fn(&str, &str) -> String,
    /// The timeline, for who does not see it: from, how many stays, how many failed.
    pub timeline_told: fn(&str, usize, usize) -> String,
    /// More targets than are shown.
    pub more: fn(usize) -> String,
    /// The page was put at this path, with so many kB.
    pub put: fn(&str, usize) -> String,
    /// A dry run would put it there.
    pub would_put: fn(&str, usize) -> String,
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Fr => &fr::page::WORDS,
            Locale::En => &en::page::WORDS,
        }
    }

    /// `24 nov. 10:05`, by UTC.
    #[must_use]
    pub fn moment(&self, at: Millis) -> String {
        let minute = at.0 / 60_000;
        format!("{} {:02}:{:02}", self.date(at), minute / 60 % 24, minute % 60)
    }

    /// `24 nov.`, by UTC.
    #[must_use]
    pub fn date(&self, at: Millis) -> String {
        let (_, month, day) = civil(at.0 / 86_400_000);
        let month = usize::try_from(month).unwrap_or(1).saturating_sub(1);
        let day = if day == 1 { self.first_day.to_owned() } else { day.to_string() };
        format!("{day} {}", self.months.get(month).unwrap_or(&""))
    }

    /// `mar. 24`, by UTC.
    #[must_use]
    pub fn weekday(&self, at: Millis) -> String {
        let days = at.0 / 86_400_000;
        // 1970-01-01 was a Thursday.
        let name = self.days.get(usize::try_from((days + 3) % 7).unwrap_or(0)).unwrap_or(&"");
        format!("{name} {}", civil(days).2)
    }

    /// How long something took, exactly enough.
    #[must_use]
    pub fn span(&self, ms: u64) -> String {
        let text = crate::time::span(ms).replace(" d", &format!(" {}", self.day));
        if self.point == '.' { text } else { text.replace('.', &self.point.to_string()) }
    }

    /// How old something is, in its largest unit.
    #[must_use]
    pub fn age(&self, ms: u64) -> String {
        match ms / 60_000 {
            0 => self.just_now.to_owned(),
            minutes @ 1..60 => format!("{minutes} min"),
            minutes @ 60..2880 => format!("{} h", minutes / 60),
            minutes => format!("{} {}", minutes / 1440, self.day),
        }
    }

    /// A number of tenths.
    #[must_use]
    pub fn tenths(&self, tenths: u64) -> String {
        match tenths % 10 {
            0 => format!("{}", tenths / 10),
            rest => format!("{}{}{rest}", tenths / 10, self.point),
        }
    }
}

//! Reads points in time as GitHub writes them (RFC 3339, with `Z` or an offset), and as HTTP does.
//!
//! Does not check days against months: the 31st of April is the 1st of May.

use crate::time::Millis;

/// Reads a text that is an instant and nothing else; none when it is not, or before 1970.
#[must_use]
pub fn instant(text: &str) -> Option<Millis> {
    match leading_instant(text) {
        Some((at, "")) => Some(at),
        _ => None,
    }
}

/// Reads the instant that a text begins with, and gives the rest of the text.
#[must_use]
pub fn leading_instant(text: &str) -> Option<(Millis, &str)> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let head = text.as_bytes().get(..SHAPE.len())?;
    let fits = SHAPE.iter().zip(head).all(|(shape, byte)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => other == byte,
    });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> { text.get(from..to)?.parse().ok() };
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let (thousandths, rest) = fraction(text.get(SHAPE.len()..)?);
    let (offset, rest) = zone(rest)?;
    let ms = (seconds - offset) * 1000 + thousandths;
    Some((Millis(u64::try_from(ms).ok()?), rest))
}

/// Reads HTTP's own form, `Tue, 24 Nov 2026 05:57:45 GMT` (RFC 9110, IMF-fixdate).
#[must_use]
pub fn http_instant(text: &str) -> Option<Millis> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.find(month).filter(|at| month.len() == 3 && at % 3 == 0)? / 3 + 1;
    instant(&format!("{year}-{month:02}-{day:0>2}T{time}Z"))
}

/// Days since 1970-01-01 of a date in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Thousandths of a second, and what follows; zero when there is no fraction.
fn fraction(text: &str) -> (i64, &str) {
    let Some(after) = text.strip_prefix('.') else {
        return (0, text);
    };
    let rest = after.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = after.strip_suffix(rest).unwrap_or("");
    let three = digits.bytes().chain(*b"000").take(3);
    (three.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), rest)
}

/// Seconds east of Greenwich, and what follows.
fn zone(text: &str) -> Option<(i64, &str)> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some((0, rest));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let colon = text.as_bytes().get(3) == Some(&b':');
    let offset = colon.then(|| Some(digits(1, 3)? * 3600 + digits(4, 6)? * 60))??;
    Some((sign * offset, text.get(6..)?))
}

//! Freeze windows: what is read, what is refused, and which points in time they hold, summer time
//! included.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use mangetamain_deploy::failure::Problem;
use mangetamain_deploy::failure::problem::{Form, Wrong};
use mangetamain_deploy::tools::freeze::{Window, frozen, local};
use mangetamain_deploy::tools::instant::instant;

const WEEKEND: &str = "fri 16:00 - mon 08:00 Europe/Paris";

fn holds(window: &str, at: &str) -> bool {
    Window::parse(window).unwrap().holds(instant(at).unwrap())
}

fn each(window: &str, points: &[(&str, bool)]) {
    for (at, held) in points {
        assert_eq!(holds(window, at), *held, "{window} at {at}");
    }
}

#[test]
fn a_window_over_the_weekend_begins_and_ends_by_the_clock_of_its_zone() {
    // Winter: Paris is an hour ahead of UTC. 2026-01-30 is a Friday.
    each(
        WEEKEND,
        &[
            ("2026-01-30T14:59:59Z", false),
            ("2026-01-30T15:00:00Z", true),
            ("2026-01-31T23:30:00Z", true),
            ("2026-02-02T06:59:59Z", true),
            ("2026-02-02T07:00:00Z", false),
            ("2026-02-04T12:00:00Z", false),
        ],
    );
}

#[test]
fn summer_time_moves_a_window_by_an_hour_of_utc() {
    each(
        WEEKEND,
        &[
            ("2026-07-03T13:59:59Z", false),
            ("2026-07-03T14:00:00Z", true),
            ("2026-07-06T05:59:59Z", true),
            ("2026-07-06T06:00:00Z", false),
        ],
    );
}

#[test]
fn a_weekend_in_which_the_clock_changes_keeps_its_wall_clock_ends() {
    // Forward in the night to 29 March 2026, back in the night to 25 October 2026.
    each(
        WEEKEND,
        &[
            ("2026-03-27T14:59:59Z", false),
            ("2026-03-27T15:00:00Z", true),
            ("2026-03-30T05:59:59Z", true),
            ("2026-03-30T06:00:00Z", false),
            ("2026-10-23T14:00:00Z", true),
            ("2026-10-26T06:59:59Z", true),
            ("2026-10-26T07:00:00Z", false),
        ],
    );
}

#[test]
fn an_end_that_the_clock_passes_twice_is_the_second_one() {
    // 02:30 comes twice: at 00:30Z (summer) and at 01:30Z (winter).
    each(
        "sat 20:00 - sun 02:30 Europe/Paris",
        &[("2026-10-25T00:45:00Z", true), ("2026-10-25T01:29:59Z", true), ("2026-10-25T01:30:00Z", false)],
    );
    each(
        "sun 02:30 - sun 04:00 Europe/Paris",
        &[("2026-10-25T00:29:59Z", false), ("2026-10-25T00:30:00Z", true), ("2026-10-25T01:10:00Z", true)],
    );
}

#[test]
fn an_hour_that_the_clock_leaves_out_makes_a_window_longer_never_shorter() {
    // 02:30 does not exist on 29 March 2026: the clock goes from 02:00 to 03:00 at 01:00Z.
    each("sat 20:00 - sun 02:30 Europe/Paris", &[("2026-03-29T01:15:00Z", true), ("2026-03-29T01:30:00Z", false)]);
    each("sun 02:30 - sun 04:00 Europe/Paris", &[("2026-03-29T00:45:00Z", true), ("2026-03-29T01:59:59Z", true)]);
}

#[test]
fn a_window_may_lie_in_one_day_or_take_nearly_the_whole_week() {
    each("tue 12:00 - tue 14:00 UTC", &[("2026-02-03T12:00:00Z", true), ("2026-02-03T14:00:00Z", false)]);
    each(
        "tue 14:00 - tue 12:00 UTC",
        &[("2026-02-03T13:00:00Z", false), ("2026-02-03T11:59:59Z", true), ("2026-02-10T11:59:59Z", true)],
    );
}

#[test]
fn zones_far_from_greenwich_have_their_own_day() {
    each(
        "mon 00:00 - mon 06:00 Pacific/Kiritimati",
        &[("2026-02-01T10:00:00Z", true), ("2026-02-01T16:00:00Z", false)],
    );
    each("sun 18:00 - mon 00:00 Pacific/Honolulu", &[("2026-02-02T04:00:00Z", true), ("2026-02-02T10:00:00Z", false)]);
}

#[test]
fn what_is_no_window_is_refused_with_what_is_accepted() {
    for (text, part) in [
        ("weekends", "such as `fri 16:00 - mon 08:00 Europe/Paris`"),
        ("fri 16:00 - mon 08:00", "such as"),
        ("fre 16:00 - mon 08:00 Europe/Paris", "\"fre\" is not mon"),
        ("fri 24:00 - mon 08:00 Europe/Paris", "\"24:00\" is not a time"),
        ("fri 16:60 - mon 08:00 Europe/Paris", "\"16:60\" is not a time"),
        ("fri 16:0 - mon 08:00 Europe/Paris", "\"16:0\" is not a time"),
        ("fri 016:00 - mon 08:00 Europe/Paris", "\"016:00\" is not a time"),
        ("fri 1600 - mon 08:00 Europe/Paris", "\"1600\" is not a time"),
        ("fri 16:00 - mon 08:00 Europe/Pariss", "\"Europe/Pariss\" is not a name"),
        ("fri 16:00 - fri 16:00 Europe/Paris", "ends when it begins"),
    ] {
        let told = Problem::at("freeze", Wrong::Unlike(Form::Window(Window::parse(text).unwrap_err()))).to_string();
        assert!(told.contains(part), "{text}: {told}");
    }
}

#[test]
fn the_window_that_holds_is_named_as_it_was_written() {
    let windows = ["tue 12:00 - tue 14:00 UTC".to_owned(), WEEKEND.to_owned()];
    assert_eq!(frozen(&windows, instant("2026-01-31T12:00:00Z").unwrap()), Some(&windows[1]));
    assert_eq!(frozen(&windows, instant("2026-02-04T12:00:00Z").unwrap()), None);
}

#[test]
fn the_clock_that_is_told_is_that_of_the_window_that_holds() {
    let windows = ["mon 00:00 - mon 01:00 Asia/Tokyo".to_owned(), WEEKEND.to_owned()];
    let now = instant("2026-01-30T15:30:00Z").unwrap();
    let held = frozen(&windows, now).unwrap();
    assert_eq!((held.as_str(), local(held, now).as_str()), (WEEKEND, "2026-01-30 16:30 Europe/Paris"));
}

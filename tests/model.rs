//! Every order of things, breadth first, on the shipped `decide` and `apply`: pushes arriving in any
//! order, each step done, refused or not known, cut off by a crash, CI of each SHA saying each thing in any
//! order, a person who forces, rolls back or moves the work tree, promotes. Own explorer: situations are
//! told apart by what the machine can see, and a broken rule is told as the shortest story. What takes a
//! minute is explored where MANGETAMAIN_MODEL=full asks for it (`npm run model`), something smaller always.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
#![allow(clippy::disallowed_methods, reason = "the explorer has threads, and is told how far to go")]

#[path = "story/mod.rs"]
mod story;

mod model {
    pub mod arrivals;
    pub mod explore;
    pub mod fingerprint;
    pub mod good;
    pub mod rules;
    pub mod settled;
    pub mod site;
    pub mod situation;
    pub mod size;
    pub mod steps;
}

use model::explore::explore;
use model::size::{CALM, Size, Texts, With, Words};

/// An exploration, and how many situations it finds.
type Pinned = (Size, usize);

/// Explores, and holds the count: a change here is a change of what can happen, and wants a look.
fn hold(small: Pinned, full: Pinned, reached: &[&str]) {
    let is_full = std::env::var_os("MANGETAMAIN_MODEL").is_some_and(|asked| asked == "full");
    let (size, situations) = if is_full { full } else { small };
    let explored = explore(size);
    println!("{} situations, in all orders of {size:?}", explored.situations);
    for good in reached {
        assert!(explored.reached.contains_key(good), "{good} is never reached: {:?}", explored.reached);
    }
    assert_eq!(explored.situations, situations, "{size:?} {:?}", explored.reached);
}

#[test]
fn the_rules_hold_in_every_order_of_three_pushes_and_their_ci() {
    hold(
        (Size { pushes: 3, ..CALM }, 14_202),
        (Size { pushes: 3, reruns: 1, ..CALM }, 132_958),
        &["rolled back", "superseded", "validated", "two validated", "closed, the newest validated is live"],
    );
}

#[test]
fn the_rules_hold_where_every_step_can_fail_and_every_version_be_unhealthy() {
    hold(
        (Size { pushes: 3, mishaps: 1, ..CALM }, 174_915),
        (Size { pushes: 3, mishaps: 2, with: With::Deadline, ..CALM }, 6_923_592),
        &["rolled back", "stuck", "failed", "fell back", "left alone", "guarded", "refused: on no branch of ours"],
    );
}

#[test]
fn the_rules_hold_where_a_run_can_be_killed_at_every_moment_and_ci_be_run_again() {
    hold(
        (Size { crashes: 1, reruns: 1, ..CALM }, 24_363),
        (Size { crashes: 2, reruns: 1, ..CALM }, 58_597),
        &[
            "interrupted",
            "resumed to the end",
            "killed when touched",
            "lifted",
            "condemned again",
            "an older attempt told late",
            "failure of what is not live",
            "closed, what was undone is validated since",
        ],
    );
}

#[test]
fn the_rules_hold_where_people_force_and_roll_back() {
    hold(
        (Size { mishaps: 1, hands: 1, ..CALM }, 203_837),
        (Size { mishaps: 1, reruns: 1, hands: 1, ..CALM }, 1_334_888),
        &["forced live", "forced back", "put in place anew", "rolled back by hand", "left alone"],
    );
}

#[test]
fn the_rules_hold_where_a_person_goes_back_and_the_next_push_fails() {
    hold(
        (Size { pushes: 3, hands: 1, ..CALM }, 468_294),
        (Size { pushes: 3, hands: 1, reruns: 1, ..CALM }, 4_571_864),
        &["a person's no is kept", "rolled back by hand"],
    );
}

#[test]
fn the_rules_hold_where_people_meddle_twice_and_runs_are_killed() {
    hold(
        (Size { pushes: 1, crashes: 1, hands: 2, ..CALM }, 18_201),
        (Size { crashes: 1, hands: 2, ..CALM }, 986_474),
        &["forced live", "rolled back by hand", "unchanged", "interrupted"],
    );
}

#[test]
fn the_rules_hold_where_people_promote_and_runs_are_killed() {
    hold(
        (Size { crashes: 1, mishaps: 1, promotes: 2, with: With::Production, ..CALM }, 18_570),
        (Size { crashes: 1, mishaps: 1, promotes: 3, with: With::Production, ..CALM }, 42_945),
        &[
            "promoted",
            "rolled back",
            "refused",
            "superseded",
            "interrupted",
            "resumed to the end",
            "two validated",
            "files put back",
            "files kept",
        ],
    );
}

#[test]
fn the_rules_hold_where_what_is_promoted_is_revoked_meanwhile() {
    hold(
        (Size { crashes: 1, promotes: 2, revoked: 2, with: With::Production, ..CALM }, 8_378),
        (Size { crashes: 1, mishaps: 1, promotes: 2, revoked: 2, with: With::Production, ..CALM }, 111_072),
        &["promoted", "revoked after the proof", "revoked before the proof"],
    );
}

#[test]
fn the_rules_hold_where_silence_is_a_ground() {
    hold(
        (Size { reruns: 1, with: With::Deadline, ..CALM }, 11_508),
        (Size { pushes: 3, reruns: 1, with: With::Deadline, ..CALM }, 602_560),
        &["waiting", "undone for silence"],
    );
}

#[test]
fn the_rules_hold_where_a_person_goes_back_to_what_ci_is_silent_on() {
    hold(
        (Size { hands: 1, with: With::Deadline, ..CALM }, 56_500),
        (Size { hands: 2, reruns: 1, with: With::Deadline, ..CALM }, 4_465_210),
        &["undone for silence", "kept in silence", "rolled back by hand"],
    );
}

#[test]
fn the_rules_hold_where_what_is_unhealthy_is_kept() {
    hold(
        (Size { mishaps: 1, with: With::KeepUnhealthy, ..CALM }, 9_184),
        (Size { mishaps: 2, reruns: 1, with: With::KeepUnhealthy, ..CALM }, 369_551),
        &["unhealthy and kept"],
    );
}

#[test]
fn the_rules_hold_whatever_word_ci_says() {
    hold(
        (Size { reruns: 1, words: Words::Every, ..CALM }, 9_690),
        (Size { pushes: 3, reruns: 1, words: Words::Every, ..CALM }, 447_982),
        &["no answer, and nothing undone", "closed, the baseline is live"],
    );
}

#[test]
fn a_check_is_green_only_for_what_was_started_since_and_nothing_is_reset_over_changes() {
    hold(
        (Size { pushes: 1, crashes: 1, mishaps: 1, ..CALM }, 2_641),
        (Size { pushes: 1, crashes: 2, mishaps: 2, ..CALM }, 35_579),
        &["changes saved", "a check of what is not the new version", "killed when touched"],
    );
}

#[test]
fn what_texts_from_outside_say_decides_nothing() {
    let size = Size { crashes: 1, mishaps: 1, reruns: 1, pushes: 1, ..CALM };
    let [empty, hostile] = [Texts::Empty, Texts::Hostile].map(|texts| explore(Size { texts, ..size }));
    assert_eq!((empty.situations, empty.fingerprint), (hostile.situations, hostile.fingerprint));
}

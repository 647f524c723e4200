//! Every order of things, breadth first, on the shipped `decide` and `apply`: pushes arriving in any
//! order, each step done, failed or cut off by a crash, CI of each SHA succeeding, failing or saying
//! nothing, run again with another word, a person who forces or rolls back. Own explorer: states are
//! deduplicated by what the machine can see, and a broken rule is told as the shortest story.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "story/mod.rs"]
mod story;

mod model {
    pub mod explore;
    pub mod rules;
    pub mod situation;
}

use model::explore::explore;
use model::situation::Size;

const NOTHING: Size = Size { pushes: 2, crashes: 0, mishaps: 0, reruns: 0, hands: 0, promotes: 0 };

/// Explores, and holds the count: a change here is a change of what can happen, and wants a look.
fn hold(size: Size, situations: usize, reached: &[&str]) {
    let explored = explore(size);
    for good in reached {
        assert!(explored.reached.contains_key(good), "{good} is never reached: {:?}", explored.reached);
    }
    assert_eq!(explored.situations, situations, "{size:?} {:?}", explored.reached);
}

#[test]
fn the_rules_hold_in_every_order_of_three_pushes_and_their_ci() {
    hold(
        Size { pushes: 3, ..NOTHING },
        11_174,
        &["rolled back", "superseded", "validated", "refused", "two validated"],
    );
}

#[test]
fn the_rules_hold_where_every_step_can_fail_and_every_version_be_unhealthy() {
    hold(
        Size { pushes: 3, mishaps: 2, ..NOTHING },
        201_507,
        &["rolled back", "stuck", "failed", "fell back", "left alone"],
    );
}

#[test]
fn the_rules_hold_where_a_run_can_be_killed_at_every_moment_and_ci_be_run_again() {
    hold(
        Size { crashes: 2, mishaps: 1, reruns: 1, ..NOTHING },
        51_714,
        &["interrupted", "resumed to the end", "lifted", "condemned again"],
    );
}

#[test]
fn the_rules_hold_where_people_force_and_roll_back() {
    hold(
        Size { mishaps: 1, reruns: 1, hands: 1, ..NOTHING },
        140_026,
        &["forced live", "rolled back by hand", "left alone"],
    );
}

#[test]
fn the_rules_hold_where_people_meddle_twice() {
    hold(Size { hands: 2, ..NOTHING }, 83_129, &["forced live", "rolled back by hand"]);
}

#[test]
fn the_rules_hold_where_people_promote_and_runs_are_killed() {
    hold(
        Size { crashes: 2, mishaps: 2, promotes: 3, ..NOTHING },
        56_014,
        &[
            "rolled back",
            "stuck",
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

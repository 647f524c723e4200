//! A person who goes back to what is live already, or to what failed here: on the shipped `decide` and `apply`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, decision, sha, step};
use mangetamain_deploy::machine::known::Known;
use mangetamain_deploy::machine::{Fact, Outcome, Step};

/// Two versions that CI validated, the second one live.
const LIVE: &str = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success";

/// The steps since the last request that a person made, in order; a check is one where it was made.
fn steps(story: &Story) -> Vec<Step> {
    let asked = story.entries.iter().rposition(|entry| matches!(entry.fact, Fact::Asked { .. })).unwrap();
    let did = |fact: &Fact| match fact {
        Fact::Did { step, .. } => Some(*step),
        Fact::Checked { .. } => Some(Step::Check),
        _ => None,
    };
    story.entries.iter().skip(asked).filter_map(|entry| did(&entry.fact)).collect()
}

fn words(text: &str) -> Vec<Step> {
    text.split_whitespace().map(step).collect()
}

fn outcome(story: &Story) -> &Outcome {
    &story.state.history.last().unwrap().outcome
}

#[test]
fn what_is_live_and_well_is_checked_and_left_as_it_is() {
    let story = Story::of(&format!("{LIVE}; rollback 2; go"));
    assert_eq!((steps(&story), outcome(&story)), (words("check"), &Outcome::Unchanged));
}

#[test]
fn what_is_live_and_found_ill_is_put_in_place_anew() {
    let story = Story::of(&format!("{LIVE}; rollback 2; once 2; go"));
    assert_eq!(steps(&story), words("check compare keep reset compose check"));
    assert_eq!(outcome(&story), &Outcome::RolledBack);
    assert_eq!(story.told(), "live 2 point 2 validated 1,2 quarantined - next rest");
}

#[test]
fn what_is_known_to_be_ill_is_put_in_place_anew_without_asking_it_first() {
    // The way back failed, too: 1 stays, and is ill.
    let stuck = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go 1 2";
    assert_eq!(Story::of(stuck).state.live.unwrap().known_by, Known::Ill);
    let story = Story::of(&format!("{stuck}; rollback 1; go"));
    assert_eq!(steps(&story), words("compare keep reset compose check"));
    assert_eq!(story.state.live.unwrap().known_by, Known::Healthy);
}

#[test]
fn what_is_known_to_be_ill_is_deployed_and_promoted_anew_and_not_only_checked() {
    // What answers may be what ran before it: a check alone would take that for it.
    let stuck = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go 1 2";
    for (asked, wanted) in [
        ("deploy 1", "fetch compare keep reset compose check"),
        ("promote 1", "fetch checklist compare prove keep reset compose check"),
    ] {
        let story = Story::of(&format!("{stuck}; {asked}; go"));
        assert_eq!((steps(&story), outcome(&story)), (words(wanted), &Outcome::Deployed), "{asked}");
        assert_eq!(story.state.live.unwrap().known_by, Known::Healthy, "{asked}");
    }
}

#[test]
fn killed_after_something_began_it_is_put_in_place_to_the_end() {
    for begun in ["began reset", "began compose"] {
        let story = Story::of(&format!("{LIVE}; rollback 2; once 2; {begun}; resumed; go"));
        assert_eq!(steps(&story).last(), Some(&Step::Check), "{begun}");
        assert!(steps(&story).contains(&Step::Reset), "{begun}");
        assert_eq!(outcome(&story), &Outcome::RolledBack, "{begun}");
    }
}

#[test]
fn what_is_no_better_for_it_gives_way_to_the_one_before_it() {
    let story = Story::of(&format!("{LIVE}; rollback 2; go 2"));
    assert_eq!(story.told(), "live 1 point 1 validated 1,2 quarantined 2 next rest");
}

#[test]
fn where_nothing_else_is_left_what_was_live_is_not_to_blame_alone() {
    let story = Story::of("baseline 0; deploy 1; go; ci 1 success; rollback 1; go 1");
    assert!(matches!(outcome(&story), Outcome::Stuck { .. }));
    assert_eq!(story.told(), "live 1 point 1 validated 1 quarantined - next rest");
}

#[test]
fn by_force_what_is_well_is_put_in_place_anew_too() {
    let story = Story::of(&format!("{LIVE}; rollback 2 forced; go"));
    assert_eq!(steps(&story), words("compare keep reset compose check"));
    assert_eq!(outcome(&story), &Outcome::RolledBack);
}

#[test]
fn by_force_what_broke_here_is_a_target_and_being_well_answers_that() {
    let story = Story::of(&format!("{LIVE}; deploy 3; go 3; rollback 3 forced; go"));
    assert_eq!(story.told(), "live 3 point 2 validated 1,2 quarantined - next rest");
}

#[test]
fn by_force_what_ci_failed_is_a_target_and_nobody_undoes_that_for_the_word_that_was_known() {
    let story = Story::of(&format!("{LIVE}; deploy 3; go; ci 3 failure; go; rollback 3 forced; go"));
    assert_eq!(story.told(), "live 3 point 2 validated 1,2 quarantined 3 next rest");
}

#[test]
fn what_broke_here_by_force_against_cis_word_still_waits_for_ci_to_take_that_back() {
    let failed = format!("{LIVE}; deploy 3; go; ci 3 failure; go");
    for asked in ["rollback 3 forced", "force 3"] {
        let story = Story::of(&format!("{failed}; {asked}; go 3; {asked}; go"));
        assert_eq!(story.told(), "live 3 point 2 validated 1,2 quarantined 3 next rest", "{asked}");
    }
    // Green again: it broke here all the same, unless this is a re-run.
    let broken = format!("{failed}; force 3; go 3");
    let told = |attempt: u64| Story::of(&format!("{broken}; ci 3 success {attempt}")).told();
    assert_eq!(told(1), "live 2 point 2 validated 1,2 quarantined 3 next rest");
    assert_eq!(told(2), "live 2 point 2 validated 1,2 quarantined - next rest");
}

fn is_undone(story: &Story, commit: usize) -> bool {
    story.state.is_undone(&sha(commit))
}

#[test]
fn what_is_given_another_try_by_force_undoes_nothing_that_was_live() {
    // Ill again: what was live and well is gone back to.
    let tried = format!("{LIVE}; deploy 3; go 3; rollback 3 forced");
    let story = Story::of(&format!("{tried}; go 3"));
    assert_eq!(story.told(), "live 2 point 2 validated 1,2 quarantined 3 next rest");
    let alone = Story::of("baseline 0; deploy 1; go; ci 1 success; deploy 2; go 2; rollback 2 forced; go 2");
    assert_eq!(alone.told(), "live 1 point 1 validated 1 quarantined 2 next rest");
    // Well, and then its CI fails.
    let story = Story::of(&format!("{tried}; go"));
    assert!(!is_undone(&story, 2));
    let story = Story::of(&format!("{tried}; go; ci 3 failure; go"));
    assert_eq!(story.told(), "live 2 point 2 validated 1,2 quarantined 3 next rest");
}

#[test]
fn what_is_no_better_for_being_put_in_place_anew_is_undone_by_the_machine_for_what_was_seen() {
    let mut story = Story::of(&format!("{LIVE}; rollback 2; once 2; until check; once 2"));
    assert_eq!(decision(&story.next()), "rollback 2 to 1 because unhealthy");
    story.tell("go 2");
    assert!(!is_undone(&story, 2), "nobody asked for that");
    let broken = Story::of(&format!("{LIVE}; rollback 2; once 2; failed compose live"));
    assert_eq!(decision(&broken.next()), "rollback 2 to 1 because broken");
}

#[test]
fn what_guarded_paths_keep_from_going_back_is_not_quarantined_for_being_put_in_place_anew() {
    let story = Story::of(&format!("{LIVE}; rollback 2; once 2; until check; once 2; guarded; go"));
    assert!(matches!(outcome(&story), Outcome::Guarded { .. }));
    assert_eq!(story.told(), "live 2 point 2 validated 1,2 quarantined - next rest");
}

#[test]
fn what_broke_here_was_live_here_whatever_ci_says_of_it_since() {
    let story = Story::of(&format!("{LIVE}; deploy 3; go 3; ci 3 failure"));
    assert!(story.state.was_live(&sha(3)));
    assert!(!story.state.was_live(&sha(4)));
}

//! The rules that always hold, by number, on the shipped `apply` and `decide`: a story of facts, and
//! what is so after it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, sha};
use mangetamain_deploy::machine::{Fact, Step};

/// Every story of the table ends as it says.
fn hold(table: &[(&str, &str)]) {
    let ended: Vec<(&str, String)> = table.iter().map(|(story, _)| (*story, Story::of(story).told())).collect();
    let wanted: Vec<(&str, String)> = table.iter().map(|(story, end)| (*story, (*end).to_owned())).collect();
    for (ended, wanted) in ended.iter().zip(&wanted) {
        assert_eq!(ended.1, wanted.1, "\nafter: {}", ended.0);
    }
    assert!(!table.is_empty());
}

#[test]
fn rule_1_the_sha_that_goes_live_is_exactly_the_one_asked_for_and_it_is_on_the_branch() {
    hold(&[
        ("baseline 0; deploy 1", "live 0 point - validated - quarantined - next do fetch"),
        ("baseline 0; deploy 1; off-branch", "live 0 point - validated - quarantined - next end refused"),
        ("baseline 0; force 1; off-branch", "live 0 point - validated - quarantined - next end refused"),
        ("baseline 0; deploy 1; off-branch; go", "live 0 point - validated - quarantined - next rest"),
        ("baseline 0; deploy 1; once", "live 0 point - validated - quarantined - next do compare"),
        ("baseline 0; deploy 1; until keep", "live 0 point - validated - quarantined - next do keep"),
        ("baseline 0; deploy 1; began keep", "live 0 point - validated - quarantined - next do keep"),
        ("baseline 0; deploy 1; until reset", "live 0 point - validated - quarantined - next do reset"),
        ("baseline 0; deploy 1; until compose", "live 0 point - validated - quarantined - next do compose"),
        ("baseline 0; deploy 1; until check", "live 0 point - validated - quarantined - next do check"),
        ("baseline 0; deploy 1; until check; once", "live 0 point - validated - quarantined - next end deployed"),
        ("baseline 0; deploy 1; go", "live 1 point - validated - quarantined - next rest"),
    ]);
}

#[test]
fn a_late_success_counts_as_validated_though_the_point_stays_and_a_failure_since_takes_that_away() {
    let is_validated = |story: &str| Story::of(story).state.is_validated(&sha(1));
    let late = "baseline 0; deploy 1; go; deploy 2; go; ci 2 success";
    assert!(!is_validated(late));
    assert!(is_validated(&format!("{late}; ci 1 success")));
    assert!(!is_validated(&format!("{late}; ci 1 success; ci 1 failure 2")));
    // CI alone is not enough: it was never healthy here.
    assert!(!is_validated("baseline 0; ci 1 success"));
}

#[test]
fn rule_2_a_late_success_does_not_move_the_rollback_point_back() {
    hold(&[
        (
            "baseline 0; deploy 1; go; deploy 2; go; ci 2 success; ci 1 success",
            "live 2 point 2 validated 2 quarantined - next rest",
        ),
        (
            "baseline 0; deploy 1; go; deploy 2; go; ci 1 success; ci 2 success",
            "live 2 point 2 validated 1,2 quarantined - next rest",
        ),
        // Nor does a rollback by hand to where the work tree was put by hand.
        (
            "baseline 0; ci 0 success; ci 1 success; deploy 1; go; found 0; rollback 0; go",
            "live 0 point 1 validated 1 quarantined - next rest",
        ),
        // Even where the newer one has failed since, the point does not go to what is between.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; deploy 3; go; ci 3 success; ci 2 success",
            "live 3 point 3 validated 1,3 quarantined - next rest",
        ),
    ]);
}

#[test]
fn rule_2_only_a_success_of_what_was_healthy_here_validates() {
    hold(&[
        ("baseline 0; ci 1 success", "live 0 point - validated - quarantined - next rest"),
        ("baseline 0; ci 1 success; deploy 1; go", "live 1 point 1 validated 1 quarantined - next rest"),
        ("baseline 0; deploy 1; go; ci 1 cancelled", "live 1 point - validated - quarantined - next rest"),
        (
            "baseline 0; deploy 1; go; ci 1 success; ci 1 cancelled 2",
            "live 1 point 1 validated 1 quarantined - next rest",
        ),
        ("baseline 0; ci 0 success; deploy 0; go", "live 0 point 0 validated 0 quarantined - next rest"),
    ]);
}

#[test]
fn rule_2_before_anything_was_validated_the_baseline_is_the_way_back() {
    hold(&[
        ("baseline 0; deploy 1; go 1", "live 0 point - validated - quarantined 1 next rest"),
        (
            "baseline 0; deploy 1; go; ci 1 failure",
            "live 1 point - validated - quarantined 1 next rollback 1 to 0 because ci",
        ),
        ("baseline 0; deploy 1; go; ci 1 failure; go", "live 0 point - validated - quarantined 1 next rest"),
        // Where the new one and the baseline fail alike, what they were asked by may be wrong: it stays the way back.
        ("baseline 0; deploy 1; go 1 0", "live 0 point - validated - quarantined 1 next rest"),
        (
            "baseline 0; deploy 1; go 1 0; deploy 2; go; ci 2 failure; go",
            "live 0 point - validated - quarantined 1,2 next rest",
        ),
        // What is checked may have come with the new one: the baseline was at work without.
        ("baseline 0; deploy 1; go; ci 1 failure; go 0", "live 0 point - validated - quarantined 1 next rest"),
        (
            "baseline 0; deploy 1; go; ci 1 failure; go 0; deploy 2; go; ci 2 failure",
            "live 2 point - validated - quarantined 1,2 next rollback 2 to 0 because ci",
        ),
        // Once something is validated, the baseline is no target any more.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go 1",
            "live 1 point - validated 1 quarantined 1,2 next rest",
        ),
    ]);
}

#[test]
fn rule_3_a_result_of_a_sha_that_is_not_live_is_recorded_and_nothing_else() {
    hold(&[
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; deploy 3; go; ci 2 failure",
            "live 3 point 1 validated 1 quarantined 2 next rest",
        ),
        ("baseline 0; deploy 1; go; deploy 2; go; ci 1 failure", "live 2 point - validated - quarantined 1 next rest"),
        // Somebody put something else there by hand.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; found 1; ci 2 failure",
            "live 1 point 1 validated 1 quarantined 2 next rest",
        ),
    ]);
}

#[test]
fn rule_5_a_sha_that_failed_is_refused_until_a_green_re_run_or_force() {
    let failed = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go";
    let broken = "baseline 0; deploy 1; go; ci 1 success 2; rollback 0; go; deploy 1; go 1";
    hold(&[
        (failed, "live 1 point 1 validated 1 quarantined 2 next rest"),
        (&format!("{failed}; deploy 2"), "live 1 point 1 validated 1 quarantined 2 next end refused"),
        (&format!("{failed}; force 2"), "live 1 point 1 validated 1 quarantined 2 next do fetch"),
        (&format!("{failed}; ci 2 success 2"), "live 1 point 2 validated 1,2 quarantined - next rest"),
        (&format!("{failed}; ci 2 success 2; deploy 2; go"), "live 2 point 2 validated 1,2 quarantined - next rest"),
        (&format!("{failed}; ci 2 cancelled 2; deploy 2"), "live 1 point 1 validated 1 quarantined 2 next end refused"),
        // An attempt that is heard of after a later one changes nothing.
        (&format!("{failed}; ci 2 success 2; ci 2 failure 1"), "live 1 point 2 validated 1,2 quarantined - next rest"),
        (
            "baseline 0; deploy 1; go; ci 1 failure 2; go; ci 1 success 1",
            "live 0 point - validated - quarantined 1 next rest",
        ),
        // Broken here: what CI said the first time takes nothing back, a green re-run does.
        (
            "baseline 0; deploy 1; go 1; ci 1 success; deploy 1",
            "live 0 point - validated - quarantined 1 next end refused",
        ),
        (
            "baseline 0; deploy 1; go 1; ci 1 success 2; deploy 1; go",
            "live 1 point 1 validated 1 quarantined - next rest",
        ),
        // A re-run that had spoken before it broke, and is told again: only one more says anything new.
        (&format!("{broken}; ci 1 success 2"), "live 1 point - validated 1 quarantined 1 next rest"),
        (&format!("{broken}; ci 1 success 3"), "live 1 point 1 validated 1 quarantined - next rest"),
    ]);
}

#[test]
fn rule_5_a_rollback_goes_to_the_newest_validated_sha_and_falls_back_along_the_validated_ones() {
    let three =
        "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success; deploy 3; go; ci 3 success; deploy 4";
    hold(&[
        (&format!("{three}; go 4"), "live 3 point 3 validated 1,2,3 quarantined 4 next rest"),
        (&format!("{three}; go 3 4"), "live 2 point 2 validated 1,2,3 quarantined 3,4 next rest"),
        (&format!("{three}; go 2 3 4"), "live 1 point 1 validated 1,2,3 quarantined 2,3,4 next rest"),
        // None is left: what is live is kept. The baseline is no way out. Where several that were well are no more, none
        // of them is to blame.
        (&format!("{three}; go 1 2 3 4"), "live 1 point 3 validated 1,2,3 quarantined 4 next rest"),
        (&format!("{three}; go 1 2 3 4; rollback 3; go"), "live 3 point 3 validated 1,2,3 quarantined 4 next rest"),
        (
            &format!("{three}; failed reset live"),
            "live 3 point 3 validated 1,2,3 quarantined - next rollback 4 to 3 because broken",
        ),
        // One that was validated and has failed since is no target.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success; deploy 3; go; ci 2 failure 2; ci 3 failure; go",
            "live 1 point 1 validated 1,2 quarantined 2,3 next rest",
        ),
        (&format!("{three}; failed reset nothing"), "live 3 point 3 validated 1,2,3 quarantined - next end failed"),
        (&format!("{three}; failed fetch nothing; go"), "live 3 point 3 validated 1,2,3 quarantined - next rest"),
    ]);
}

#[test]
fn rule_5_a_rollback_by_hand_that_ends_unhealthy_falls_back_to_what_was_validated_before_it() {
    let three = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success; deploy 3; go; ci 3 success";
    hold(&[
        (&format!("{three}; rollback 2; go"), "live 2 point 3 validated 1,2,3 quarantined - next rest"),
        (&format!("{three}; rollback 2; go 2"), "live 1 point 3 validated 1,2,3 quarantined 2 next rest"),
        // Never to what the person turned away from.
        (&format!("{three}; rollback 1; go 1"), "live 1 point 3 validated 1,2,3 quarantined 1 next rest"),
        (&format!("{three}; rollback 0; go 0"), "live 2 point 3 validated 1,2,3 quarantined 0 next rest"),
        (&format!("{three}; rollback 3; go"), "live 3 point 3 validated 1,2,3 quarantined - next rest"),
    ]);
}

#[test]
fn rule_6_a_request_that_had_touched_nothing_is_over_with_its_run() {
    hold(&[
        ("baseline 0; deploy 1; resumed", "live 0 point - validated - quarantined - next end interrupted"),
        ("baseline 0; deploy 1; until keep; resumed", "live 0 point - validated - quarantined - next end interrupted"),
        ("baseline 0; deploy 1; began keep; resumed", "live 0 point - validated - quarantined - next end interrupted"),
        ("baseline 0; rollback 0; resumed; go", "live 0 point - validated - quarantined - next rest"),
    ]);
}

#[test]
fn rule_6_a_request_that_had_touched_what_is_live_is_gone_on_with() {
    hold(&[
        ("baseline 0; deploy 1; began reset; resumed", "live 0 point - validated - quarantined - next do keep"),
        // What stood there is saved again: somebody may have worked in it since.
        ("baseline 0; deploy 1; began reset; resumed; go", "live 1 point - validated - quarantined - next rest"),
        ("baseline 0; deploy 1; began compose; resumed", "live 0 point - validated - quarantined - next do keep"),
        ("baseline 0; deploy 1; began compose; resumed; go 1", "live 0 point - validated - quarantined 1 next rest"),
        // What the first try may have begun, a refused second one has not undone.
        (
            "baseline 0; deploy 1; began reset; resumed; failed reset nothing",
            "live 0 point - validated - quarantined - next rollback 1 to 0 because broken",
        ),
        // An automatic rollback is still true after a crash.
        (
            "baseline 0; deploy 1; go; ci 1 failure; once; resumed",
            "live 1 point - validated - quarantined 1 next do compare",
        ),
        (
            "baseline 0; deploy 1; go; ci 1 failure; once; resumed; go",
            "live 0 point - validated - quarantined 1 next rest",
        ),
    ]);
}

#[test]
fn rule_9_an_answer_that_nobody_gave_is_no_ground_for_a_rollback_unless_a_setting_says_so() {
    let live = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go";
    for word in
        ["cancelled", "skipped", "neutral", "stale", "action_required", "new-word", "no-run", "expired", "unreachable"]
    {
        let story = format!("{live}; ci 2 {word}");
        hold(&[(&story, "live 2 point 1 validated 1 quarantined - next rest")]);
    }
    for word in ["failure", "timed_out", "startup_failure"] {
        let story = format!("{live}; ci 2 {word}");
        hold(&[(&story, "live 2 point 1 validated 1 quarantined 2 next rollback 2 to 1 because ci")]);
    }
    let set = "rollback-on-timeout; baseline 0; deploy 1; go; ci 1 success; deploy 2; go";
    hold(&[
        (
            &format!("{set}; ci 2 expired"),
            "live 2 point 1 validated 1 quarantined - next rollback 2 to 1 because timeout",
        ),
        (&format!("{set}; ci 2 expired; go"), "live 1 point 1 validated 1 quarantined - next rest"),
        (&format!("{set}; ci 2 cancelled"), "live 2 point 1 validated 1 quarantined - next rest"),
        // No answer takes no earlier answer back, nor one that is told later.
        (&format!("{set}; ci 2 success; ci 2 expired"), "live 2 point 2 validated 1,2 quarantined - next rest"),
        (
            &format!("{live}; ci 2 cancelled 2; ci 2 failure"),
            "live 2 point 1 validated 1 quarantined 2 next rollback 2 to 1 because ci",
        ),
    ]);
}

#[test]
fn what_a_person_puts_back_while_ci_is_silent_stays_until_ci_speaks() {
    let undone = "rollback-on-timeout; baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 expired; go";
    for by_hand in [format!("{undone}; rollback 2; go"), format!("{undone}; found 2")] {
        hold(&[
            (&by_hand, "live 2 point 1 validated 1 quarantined - next rest"),
            (&format!("{by_hand}; ci 2 unreachable"), "live 2 point 1 validated 1 quarantined - next rest"),
            (&format!("{by_hand}; ci 2 success"), "live 2 point 2 validated 1,2 quarantined - next rest"),
            (
                &format!("{by_hand}; ci 2 failure"),
                "live 2 point 1 validated 1 quarantined 2 next rollback 2 to 1 because ci",
            ),
            // Deployed again it is followed anew, and its silence counts again.
            (
                &format!("{by_hand}; deploy 3; go; deploy 2; go; force 2; go; ci 2 expired"),
                "live 2 point 1 validated 1 quarantined - next rollback 2 to 1 because timeout",
            ),
        ]);
    }
}

#[test]
fn what_a_person_went_back_from_with_git_is_turned_away_from_as_by_a_request() {
    let two = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success";
    for (by_hand, back) in [("found 1", 1), ("found 1; found 2", 2), ("found 7", 2), ("rollback 1; go", 1)] {
        let story = format!("{two}; {by_hand}; deploy 8; go; ci 8 failure; go");
        let end = format!("live {back} point 2 validated 1,2 quarantined 8 next rest");
        assert_eq!(Story::of(&story).told(), end, "{by_hand}");
    }
}

#[test]
fn rule_10_without_a_green_check_nothing_is_deployed() {
    hold(&[
        ("baseline 0; deploy 1; go 1", "live 0 point - validated - quarantined 1 next rest"),
        ("keep-unhealthy; baseline 0; deploy 1; go 1", "live 1 point - validated - quarantined 1 next rest"),
        // Kept, but CI's failure is another ground.
        (
            "keep-unhealthy; baseline 0; deploy 1; go 1; ci 1 failure",
            "live 1 point - validated - quarantined 1 next rollback 1 to 0 because ci",
        ),
        // Live already: nothing is changed, but whether it is well is still asked.
        ("baseline 0; deploy 0; once", "live 0 point - validated - quarantined - next do check"),
        ("baseline 0; deploy 0; once; once 0", "live 0 point - validated - quarantined - next end unhealthy"),
    ]);
}

#[test]
fn an_older_sha_is_superseded_and_the_live_one_unchanged_unless_forced() {
    let live = "baseline 0; deploy 2; go";
    hold(&[
        (&format!("{live}; deploy 1; once"), "live 2 point - validated - quarantined - next end superseded"),
        (&format!("{live}; deploy 1; go"), "live 2 point - validated - quarantined - next rest"),
        (&format!("{live}; force 1; go"), "live 1 point - validated - quarantined - next rest"),
        (
            &format!("{live}; deploy 2; until check; once"),
            "live 2 point - validated - quarantined - next end unchanged",
        ),
        (&format!("{live}; force 2; once"), "live 2 point - validated - quarantined - next do compare"),
    ]);
}

#[test]
fn guarded_paths_stop_an_automatic_rollback_but_not_one_by_hand() {
    let failed = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go";
    hold(&[
        (
            &format!("{failed}; ci 2 failure; once; guarded"),
            "live 2 point 1 validated 1 quarantined 2 next end guarded",
        ),
        // Once told, it is left alone: no loop.
        (&format!("{failed}; ci 2 failure; once; guarded; go"), "live 2 point 1 validated 1 quarantined 2 next rest"),
        (&format!("{failed}; rollback 1; guarded"), "live 2 point 1 validated 1 quarantined - next do keep"),
        (&format!("{failed}; rollback 1; guarded; go"), "live 1 point 1 validated 1 quarantined - next rest"),
    ]);
}

#[test]
fn what_was_left_alone_stays_left_alone_when_a_request_comes_to_nothing() {
    let guarded = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; once; guarded; go";
    let forced = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go; force 2; go";
    hold(&[
        (&format!("{guarded}; deploy 1; go"), "live 2 point 1 validated 1 quarantined 2 next rest"),
        (&format!("{guarded}; deploy 3; off-branch; go"), "live 2 point 1 validated 1 quarantined 2 next rest"),
        // A forced deploy is not undone by the word that it overrode.
        (forced, "live 2 point 1 validated 1 quarantined 2 next rest"),
        (&format!("{forced}; deploy 1; go"), "live 2 point 1 validated 1 quarantined 2 next rest"),
        (&format!("{forced}; deploy 3; resumed; go"), "live 2 point 1 validated 1 quarantined 2 next rest"),
        (&format!("{forced}; ci 2 failure 2"), "live 2 point 1 validated 1 quarantined 2 next rest"),
        // Green, then red again: that is another word.
        (
            &format!("{forced}; ci 2 success 2; ci 2 failure 3"),
            "live 2 point 1 validated 1,2 quarantined 2 next rollback 2 to 1 because ci",
        ),
        // Put there by a person, in full sight of the quarantine.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go; found 2",
            "live 2 point 1 validated 1 quarantined 2 next rest",
        ),
        // Another version in between: what was left alone before is another incident now.
        (&format!("{guarded}; deploy 3; go; ci 3 failure; go"), "live 1 point 1 validated 1 quarantined 2,3 next rest"),
    ]);
}

#[test]
fn ci_of_the_live_sha_is_waited_for_until_its_deadline() {
    hold(&[
        ("baseline 0; deploy 1; go; watching 1 1000", "live 1 point - validated - quarantined - next wait 1"),
        ("baseline 0; deploy 1; go; watching 1 1000; later 990", "live 1 point - validated - quarantined - next rest"),
        (
            "baseline 0; deploy 1; go; watching 1 1000; ci 1 success",
            "live 1 point 1 validated 1 quarantined - next rest",
        ),
        (
            "baseline 0; deploy 1; go; watching 1 1000; deploy 2; go",
            "live 2 point - validated - quarantined - next rest",
        ),
    ]);
}

#[test]
fn a_late_success_of_an_older_sha_gives_a_failed_live_one_somewhere_to_go() {
    hold(&[
        (
            "baseline 0; deploy 1; go; deploy 2; go 1; ci 2 failure; go 0",
            "live 0 point - validated - quarantined 2 next rest",
        ),
        (
            "baseline 0; deploy 1; go; found 9; ci 9 failure; found 1; deploy 2; go; ci 2 failure; go; ci 1 success",
            "live 0 point 1 validated 1 quarantined 2,9 next rest",
        ),
    ]);
}

#[test]
fn rule_10_what_only_the_work_tree_is_of_takes_all_steps_before_it_counts_as_live() {
    hold(&[
        // The way back got as far as the work tree, and not to its containers.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; failed compose live machine; once; rollback 1",
            "live 1 point 1 validated 1 quarantined 2 next do compare",
        ),
        // Nor did the deploy, and guarded paths stop the way back.
        (
            "baseline 0; deploy 1; failed compose live machine; guarded; once; deploy 1; once",
            "live 1 point - validated - quarantined - next do compare",
        ),
        // A person moved the work tree; whether they started the containers anew, nobody knows.
        (
            "baseline 0; deploy 1; go; found 0; deploy 0; once",
            "live 0 point - validated - quarantined - next do compare",
        ),
        // What was deployed and healthy is only asked.
        ("baseline 0; deploy 1; go; deploy 1; once", "live 1 point - validated - quarantined - next do check"),
    ]);
}

#[test]
fn rule_5_a_way_back_that_fails_where_the_way_forward_did_says_nothing_of_its_sha() {
    hold(&[
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; failed compose live; failed compose live; go",
            "live 1 point 1 validated 1 quarantined 2 next rest",
        ),
        // At another step it is its own fault, and the one before it is next.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success; deploy 3; failed compose live; failed reset live; go",
            "live 1 point 1 validated 1,2 quarantined 2,3 next rest",
        ),
        // Where there is none before it, both failed, and neither says anything of the other.
        (
            "baseline 0; deploy 1; go; ci 1 success; deploy 2; failed compose live; failed reset live; go",
            "live 1 point 1 validated 1 quarantined 2 next rest",
        ),
    ]);
}

#[test]
fn rule_2_once_something_was_validated_the_baseline_is_no_way_back_even_where_the_branch_lost_it() {
    hold(&[(
        "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; dropped 1; ci 2 failure",
        "live 2 point - validated - quarantined 2 next rest",
    )]);
}

#[test]
fn what_was_started_on_files_that_have_changed_since_is_started_again_by_the_run_that_goes_on() {
    for (kept, wanted) in
        [(vec![], ["do reset", "do check"]), (vec!["refs/kept/1".to_owned()], ["do reset", "do compose"])]
    {
        let mut story = Story::of("baseline 0; deploy 1; until check; resumed");
        story.add(Fact::Began { step: Step::Keep });
        story.add(Fact::Did { step: Step::Keep, ms: 5, note: String::new(), kept });
        let mut next = || {
            let next = crate::story::decision(&story.next());
            story.once(&[]);
            next
        };
        assert_eq!([next(), next()], wanted);
    }
}

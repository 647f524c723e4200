//! What a promote decides, on the shipped `decide` and `apply`: in which order, what a failure leads back
//! to, and with which files; and that ledgers from before there were promotes are read as they were.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{self, Story, sha, step};
use mangetamain_deploy::machine::entry::Checkup;
use mangetamain_deploy::machine::operation::Operation;
use mangetamain_deploy::machine::{Ask, Entry, Fact, Files, Outcome, Step};

/// The steps that a story took, in order.
fn steps(story: &Story) -> Vec<Step> {
    let did = |entry: &Entry| match &entry.fact {
        Fact::Did { step, .. } | Fact::Failed { step, .. } => Some(*step),
        _ => None,
    };
    story.entries.iter().filter_map(did).collect()
}

fn words(text: &str) -> Vec<Step> {
    text.split_whitespace().map(step).collect()
}

/// Each story and what is so at its end.
fn each(stories: &[(&str, &str)]) {
    for (text, told) in stories {
        assert_eq!(Story::of(text).told(), *told, "{text}");
    }
}

#[test]
fn a_promote_is_checked_saved_proved_and_only_then_touches_anything() {
    let story = Story::of("with-command; baseline 1; promote 2 saved; go");
    assert_eq!(steps(&story), words("fetch checklist compare backup prove keep reset command compose"));
    assert_eq!(story.told(), "live 2 point 2 validated 2 quarantined - next rest");
}

#[test]
fn what_cannot_be_shown_or_saved_touches_nothing() {
    each(&[
        (
            "baseline 1; promote 2 saved; failed checklist nothing; go",
            "live 1 point - validated - quarantined - next rest",
        ),
        (
            "baseline 1; promote 2 saved; failed backup nothing; go",
            "live 1 point - validated - quarantined - next rest",
        ),
        ("baseline 1; promote 2 saved; failed prove nothing; go", "live 1 point - validated - quarantined - next rest"),
    ]);
    let story = Story::of("baseline 1; promote 2 saved; failed prove nothing; go");
    assert!(matches!(&story.state.history.last().unwrap().outcome, Outcome::Refused { .. }));
}

#[test]
fn an_unhealthy_promote_goes_back_to_what_was_live_validated_or_not() {
    each(&[
        ("baseline 1; promote 2; go 2", "live 1 point - validated - quarantined 2 next rest"),
        ("baseline 1; promote 2; go; found 3; promote 4; go 4", "live 3 point 2 validated 2 quarantined 4 next rest"),
    ]);
}

#[test]
fn files_come_back_from_the_backup_where_the_deploy_command_may_have_changed_them() {
    for (text, next) in [
        (
            "with-command; baseline 1; promote 2 saved; failed command live",
            "rollback 2 to 1 because broken, files of 0000001",
        ),
        (
            "with-command; baseline 1; promote 2 saved; failed compose live",
            "rollback 2 to 1 because broken, files of 0000001",
        ),
        ("with-command; baseline 1; promote 2 saved; failed reset live", "rollback 2 to 1 because broken, files kept"),
        // Killed in the command, and the run that goes on with it does not get as far again.
        (
            "with-command; baseline 1; promote 2 saved; began command; resumed; failed keep nothing machine",
            "rollback 2 to 1 because broken, files of 0000001",
        ),
        ("with-command; baseline 1; promote 2; failed command live", "rollback 2 to 1 because broken"),
        // Promoted once more by force: the way back is another SHA, whose files do not stand there.
        (
            "with-command; baseline 1; promote 2; go; promote 3; go; promote 3 forced; failed reset live",
            "rollback 3 to 2 because broken",
        ),
        ("baseline 1; promote 2 saved; failed compose live", "rollback 2 to 1 because broken, files kept"),
    ] {
        assert_eq!(story::decision(&Story::of(text).next()), next, "{text}");
    }
}

#[test]
fn a_ledger_that_does_not_say_that_the_deploy_command_began_shows_it_by_what_began_last_and_what_is_done() {
    let ran = |text: &str| {
        let story = Story::of(&format!("with-command; baseline 1; promote 2 saved; {text}"));
        Operation { commanded: false, ..story.state.operation.unwrap() }.ran_command()
    };
    assert!(!ran("began reset"));
    assert!(ran("began command"));
    assert!(ran("began compose"));
}

#[test]
fn a_backup_is_never_put_back_with_another_sha_than_its_own() {
    // What was live has failed by now: the way back is another SHA, and the backup holds no files of it.
    let story = Story::of(
        "with-command; baseline 1; promote 2; go; promote 3 saved; began command; ci 2 failure; failed compose live",
    );
    assert_eq!(story::decision(&story.next()), "end stuck");
    let story = Story::of(
        "with-command; baseline 1; promote 2; go; promote 3; go; promote 4 saved; began command; ci 3 failure; failed compose live",
    );
    assert_eq!(story::decision(&story.next()), "rollback 4 to 2 because broken");
}

#[test]
fn files_that_are_put_back_are_not_made_again_by_the_deploy_command() {
    let story = Story::of("with-command; baseline 1; promote 2 saved; go 2");
    assert_eq!(
        steps(&story),
        words("fetch checklist compare backup prove keep reset command compose compare keep reset restore compose")
    );
    let story = Story::of("with-command; baseline 1; promote 2 saved; failed reset live; go");
    assert_eq!(steps(&story).split_off(7), words("compare keep reset compose"));
}

#[test]
fn what_files_from_a_backup_replaced_stands_where_putting_them_back_says() {
    let mut story = Story::of("with-command; baseline 1; promote 2 saved; failed command live; until reset");
    let place = "/s/backups/replaced".to_owned();
    let did = |step| Fact::Did { step, ms: 5, note: String::new(), kept: vec![place.clone()] };
    let restored = |story: &Story| story.state.operation.as_ref().unwrap().restored.clone();
    story.add(did(Step::Reset));
    assert_eq!(restored(&story), None);
    story.add(did(Step::Restore));
    assert_eq!(restored(&story), Some(place.clone()));
    story.add(did(Step::Compose));
    assert_eq!(restored(&story), Some(place));
}

#[test]
fn what_a_step_kept_that_an_earlier_version_told_in_its_note_alone_is_known() {
    let mut story = Story::of("with-command; baseline 1; promote 2 saved; failed command live; until reset");
    let did = |step, note: &str| Fact::Did { step, ms: 5, note: note.to_owned(), kept: Vec::new() };
    story.add(did(Step::Keep, "saved as refs/kept/one, refs/kept/two; see them with: git log --stat REF"));
    story.add(did(Step::Restore, "/s/replaced, /t/replaced"));
    let operation = story.state.operation.as_ref().unwrap();
    assert_eq!(operation.kept, ["refs/kept/one", "refs/kept/two"]);
    assert_eq!(operation.restored.as_deref(), Some("/s/replaced, /t/replaced"));
}

#[test]
fn files_that_were_put_back_for_a_version_that_did_not_come_to_work_are_told_of_with_the_one_that_follows() {
    let text =
        "with-command; baseline 1; promote 2; go; promote 3; go; promote 4 saved; failed command live; until restore";
    let mut story = Story::of(text);
    story.add(Fact::Did { step: Step::Restore, ms: 5, note: String::new(), kept: vec!["/s/replaced".to_owned()] });
    story.tell("until check");
    let files = story.state.operation.as_ref().unwrap().put_back().unwrap();
    assert_eq!((&files.of, files.kept.as_str()), (&sha(3), "/s/replaced"));
    story.add(Fact::Checked { health: Checkup::Unhealthy("500".to_owned()), ms: 1, images: Default::default() });
    story.tell("once");
    let follows = story.state.operation.as_ref().unwrap();
    assert_eq!((follows.ask.target(), &follows.restored), (&sha(2), &None));
    assert_eq!(follows.put_back(), Some(files));
}

#[test]
fn a_run_that_goes_on_has_files_made_again_that_its_reset_takes_away_and_containers_take_those() {
    let again = |text: &str| {
        let before = steps(&Story::of(text)).len();
        steps(&Story::of(&format!("{text}; resumed; go"))).split_off(before)
    };
    assert_eq!(again("with-command; baseline 1; promote 2; until check"), words("prove keep reset command compose"));
    assert_eq!(again("with-command; baseline 1; promote 2; until compose"), words("prove keep reset command compose"));
    let back = "with-command; baseline 1; promote 2 saved; failed command live; until check";
    assert_eq!(again(back), words("keep reset restore compose"));
    // Nothing but git's own files: they are as they were when containers took them.
    assert_eq!(again("baseline 1; promote 2; until check"), words("prove keep reset"));
    // A reset has: what was saved before it is all that there is of them.
    assert_eq!(
        again("with-command; baseline 1; promote 2 saved; began reset"),
        words("prove keep reset command compose")
    );
    assert_eq!(
        again("with-command; baseline 1; promote 2 saved; began command"),
        words("prove keep reset command compose")
    );
}

#[test]
fn where_files_cannot_be_put_back_nothing_else_is_tried_and_their_sha_is_not_to_blame() {
    let story = Story::of(
        "with-command; baseline 1; promote 2; go; promote 3 saved; failed command live; failed restore live; go",
    );
    assert_eq!(story.told(), "live 2 point 2 validated 2 quarantined 3 next rest");
    assert!(matches!(&story.state.history.last().unwrap().outcome, Outcome::Stuck { .. }));
}

#[test]
fn an_older_sha_is_not_promoted_without_force_and_does_not_move_the_rollback_point_back() {
    each(&[
        ("baseline 1; promote 3; go; promote 2; go", "live 3 point 3 validated 3 quarantined - next rest"),
        ("baseline 1; promote 3; go; promote 2 forced; go", "live 2 point 3 validated 3 quarantined - next rest"),
    ]);
}

#[test]
fn what_failed_here_is_not_promoted_again_without_force() {
    each(&[
        ("baseline 1; promote 2; go 2; promote 2; go", "live 1 point - validated - quarantined 2 next rest"),
        ("baseline 1; promote 2; go 2; promote 2 forced; go", "live 2 point 2 validated 2 quarantined - next rest"),
    ]);
}

#[test]
fn what_is_live_already_is_only_checked_and_then_counts_as_validated() {
    let story = Story::of("baseline 1; promote 1 saved; go");
    assert_eq!(steps(&story), words("fetch checklist"));
    assert_eq!(story.told(), "live 1 point 1 validated 1 quarantined - next rest");
}

#[test]
fn a_promote_that_was_killed_is_void_before_it_touched_anything_and_finished_after() {
    each(&[
        (
            "baseline 1; promote 2 saved; until backup; resumed; go",
            "live 1 point - validated - quarantined - next rest",
        ),
        ("baseline 1; promote 2 saved; until keep; resumed; go", "live 1 point - validated - quarantined - next rest"),
        ("baseline 1; promote 2 saved; began reset; resumed; go", "live 2 point 2 validated 2 quarantined - next rest"),
        // What was proven then is not so any more: production goes back, and the version is not to blame.
        (
            "baseline 1; promote 2 saved; began reset; resumed; until prove; failed prove nothing machine; go",
            "live 1 point - validated - quarantined - next rest",
        ),
        (
            "with-command; baseline 1; promote 2 saved; go 2; resumed; go",
            "live 1 point - validated - quarantined 2 next rest",
        ),
    ]);
}

#[test]
fn guarded_paths_stop_the_way_back_from_a_promote_too() {
    let story = Story::of("baseline 1; promote 2; failed compose live; once; guarded; go");
    assert!(matches!(&story.state.history.last().unwrap().outcome, Outcome::Guarded { .. }));
    assert_eq!(story.told(), "live 2 point - validated - quarantined 2 next rest");
}

#[test]
fn an_unhealthy_promote_can_be_kept() {
    each(&[("keep-unhealthy; baseline 1; promote 2; go 2", "live 2 point - validated - quarantined 2 next rest")]);
}

#[test]
fn requests_and_settings_are_read_as_they_were_written_before_there_were_backups_and_since() {
    let old = serde_json::json!({ "rollback": { "to": sha(1), "undo": sha(2), "because": "ci" } });
    let ask: Ask = serde_json::from_value(old.clone()).unwrap();
    assert!(matches!(&ask, Ask::Rollback { files: Files::Remade, .. }));
    assert_eq!(serde_json::to_value(&ask).unwrap(), old);
    for text in ["failed reset live", "failed command live"] {
        let story = Story::of(&format!("with-command; baseline 1; promote 2 saved; {text}; once"));
        let ask = &story.state.operation.as_ref().unwrap().ask;
        assert!(matches!(ask, Ask::Rollback { files: Files::Kept | Files::Restored(_), .. }), "{ask:?}");
        assert_eq!(serde_json::from_value::<Ask>(serde_json::to_value(ask).unwrap()).unwrap(), *ask);
    }
    let with = story::environment();
    assert_eq!((with.command_limit_ms, with.backup_folder().as_str()), (900_000, "/s/backups"));
    assert!(with.backup.paths.is_empty() && with.freeze.is_empty());
}

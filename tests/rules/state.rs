//! What the state keeps and what it forgets, and what can be asked of it: on stories, by the numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{self, Story, did, number, sha};
use mangetamain_deploy::environment::{Environment, Health};
use mangetamain_deploy::machine::entry::{CiRun, Files};
use mangetamain_deploy::machine::known::Known;
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::state::{Live, Record};
use mangetamain_deploy::machine::{Ask, Because, Entry, Fact, Outcome, State, Step};
use mangetamain_deploy::time::Millis;

/// The commits that the state has a record of.
fn known(state: &State) -> Vec<usize> {
    let mut all: Vec<usize> = state.records.keys().map(number).collect();
    all.sort_unstable();
    all
}

fn told(story: &mut Story, sentences: impl Iterator<Item = String>) {
    for sentence in sentences {
        for part in sentence.split("; ") {
            story.tell(part);
        }
    }
}

#[test]
fn of_a_hundred_deploys_twenty_validated_sixty_others_and_ten_requests_are_kept() {
    let mut story = Story::of("baseline 0");
    told(&mut story, (1..=100).map(|n| format!("deploy {n}; go; ci {n} success")));
    let state = &story.state;
    let validated: Vec<usize> = state.validated.iter().map(|one| number(&one.sha)).collect();
    assert_eq!(validated, (81..=100).collect::<Vec<_>>());
    assert_eq!(known(state), (21..=100).collect::<Vec<_>>());
    let ended: Vec<usize> = state.history.iter().map(|one| number(one.ask.target())).collect();
    assert_eq!(ended, (91..=100).collect::<Vec<_>>());
}

#[test]
fn what_is_live_the_baseline_asked_for_followed_or_validated_is_never_forgotten() {
    for (story, kept) in [
        ("baseline 0; deploy 1; go", 1),
        ("baseline 0; ci 0 cancelled; deploy 1; go", 0),
        ("baseline 0; deploy 5; until reset", 5),
        ("baseline 0; ci 7 cancelled; watching 7 900000", 7),
        ("baseline 0; deploy 3; go; ci 3 success; deploy 4; go", 3),
    ] {
        let mut story = Story::of(story);
        told(&mut story, (1000..1100).map(|n| format!("ci {n} cancelled")));
        assert!(known(&story.state).contains(&kept), "{kept} of {:?}", known(&story.state));
        assert_eq!(known(&story.state).len(), 60 + story.state.validated.len());
    }
    let mut story = Story::of("baseline 0; ci 8 cancelled");
    told(&mut story, (1000..1100).map(|n| format!("ci {n} cancelled")));
    assert_eq!(known(&story.state), (1040..1100).collect::<Vec<_>>());
}

#[test]
fn a_quarantine_is_forgotten_last() {
    let mut story = Story::of("baseline 0");
    told(&mut story, (1..=40).map(|n| format!("ci {n} failure")));
    told(&mut story, (1000..1100).map(|n| format!("ci {n} cancelled")));
    assert_eq!(known(&story.state), (1..=40).chain(1080..1100).collect::<Vec<_>>());
    told(&mut story, (2000..2100).map(|n| format!("ci {n} failure")));
    assert_eq!(known(&story.state), (2040..2100).collect::<Vec<_>>());
}

#[test]
fn ci_is_no_longer_followed_once_it_has_spoken_of_that_very_sha() {
    let followed = |more: &str| {
        let story = Story::of(&format!("baseline 0; deploy 1; go; watching 1 1000; {more}"));
        story.state.watch.map(|watch| number(&watch.sha))
    };
    assert_eq!(followed("ci 9 success"), Some(1));
    for word in ["success", "failure", "cancelled", "expired"] {
        assert_eq!(followed(&format!("ci 1 {word}")), None, "{word}");
    }
}

#[test]
fn only_what_is_live_waits_for_its_ci() {
    let awaited = |more: &str| {
        let story = Story::of(&format!("baseline 0; deploy 1; go; watching 1 1000; {more}"));
        story.state.awaited().map(|watch| number(&watch.sha))
    };
    assert_eq!(awaited("later 1"), Some(1));
    assert_eq!(awaited("rollback 0; go"), None);
    assert_eq!(awaited("rollback 0; go; found 1"), Some(1));
    assert_eq!(awaited("found 0"), None);
}

#[test]
fn no_answer_takes_no_earlier_answer_back() {
    let heard = |story: &str| {
        let state = Story::of(story).state;
        state.records[&sha(1)].ci.clone().map(|(verdict, run)| (verdict, run.unwrap().attempt)).unwrap()
    };
    let success = story::verdict("success");
    let failure = story::verdict("failure");
    assert_eq!(heard("baseline 0; ci 1 success; ci 1 cancelled 2"), (success.clone(), 1));
    assert_eq!(heard("baseline 0; ci 1 failure; ci 1 expired 2"), (failure.clone(), 1));
    assert_eq!(heard("baseline 0; ci 1 cancelled; ci 1 expired 2"), (story::verdict("expired"), 2));
    assert_eq!(heard("baseline 0; ci 1 cancelled; ci 1 success 2"), (success, 2));
    assert_eq!(heard("baseline 0; ci 1 success; ci 1 failure 2"), (failure, 2));
}

#[test]
fn only_a_later_attempt_of_the_same_run_makes_an_answer_come_too_late() {
    let state = Story::of("baseline 0; ci 1 failure 2").state;
    let run = |id, attempt| Some(CiRun { id, attempt, url: String::new(), started: None });
    let is_late = |sha_of: usize, run: Option<CiRun>| state.knows_later(&sha(sha_of), run.as_ref());
    assert!(is_late(1, run(101, 1)));
    for (sha_of, run) in [(1, run(101, 2)), (1, run(101, 3)), (1, run(999, 1)), (1, None), (2, run(101, 1))] {
        assert!(!is_late(sha_of, run.clone()), "{sha_of} {run:?}");
    }
}

#[test]
fn of_two_runs_whose_starts_are_known_the_one_that_started_later_has_the_last_word() {
    let run = |started, id, attempt| CiRun { id, attempt, url: String::new(), started: Some(Millis(started)) };
    let mut story = Story::of("baseline 0");
    let forward = story::forward(&story.state, 1);
    let verdict = story::verdict("failure");
    story.add(Fact::Ci { sha: sha(1), verdict, run: Some(run(50, 7, 2)), forward });
    let is_late = |run: CiRun| story.state.knows_later(&sha(1), Some(&run));
    for late in [run(49, 8, 3), run(50, 6, 3), run(50, 7, 1)] {
        assert!(is_late(late.clone()), "{late:?}");
    }
    for new in [run(51, 6, 1), run(50, 8, 1), run(50, 7, 2), run(50, 7, 3)] {
        assert!(!is_late(new.clone()), "{new:?}");
    }
    // Where one start is not known, only attempts of the same run are compared.
    assert!(is_late(CiRun { started: None, ..run(0, 7, 1) }));
    assert!(!is_late(CiRun { started: None, ..run(0, 6, 1) }));
}

#[test]
fn a_green_re_run_that_began_before_a_sha_was_found_broken_says_nothing_of_that() {
    let is_quarantined = |after: Option<i64>| {
        let mut story = Story::of("baseline 0; deploy 1; go 1");
        let now = story.entries.last().unwrap().at;
        let started = after.map(|ms| Millis(now.0.saturating_add_signed(ms)));
        let run = Some(CiRun { id: 101, attempt: 2, url: String::new(), started });
        let forward = story::forward(&story.state, 1);
        story.add(Fact::Ci { sha: sha(1), verdict: story::verdict("success"), run, forward });
        story.state.is_quarantined(&sha(1))
    };
    assert!(is_quarantined(Some(-1_000_000)));
    assert!(!is_quarantined(Some(1)));
    assert!(!is_quarantined(None), "an older ledger does not tell when it began");
}

#[test]
fn a_snapshot_from_before_it_was_kept_when_a_sha_broke_is_still_lifted_by_a_green_re_run() {
    let state = Story::of("baseline 0; deploy 1; go 1").state;
    let mut older = serde_json::to_value(&state).unwrap();
    let record = older["records"][sha(1).as_str()].as_object_mut().unwrap();
    assert!(record.remove("broken_at").is_some_and(|at| at.is_u64()));
    let mut state: State = serde_json::from_value(older).unwrap();
    let run = Some(CiRun { id: 101, attempt: 2, url: String::new(), started: Some(Millis(1)) });
    let fact = Fact::Ci { sha: sha(1), verdict: story::verdict("success"), run, forward: story::forward(&state, 1) };
    assert!(state.is_quarantined(&sha(1)));
    state.apply(&Entry { seq: state.seq + 1, at: Millis(9_999), by: String::new(), fact });
    assert!(!state.is_quarantined(&sha(1)));
}

#[test]
fn unsettled_is_what_was_healthy_here_and_ci_has_neither_validated_nor_failed_the_newest_first() {
    let unsettled = |story: &str| Story::of(story).state.unsettled().iter().map(number).collect::<Vec<_>>();
    let three = "baseline 0; deploy 1; go; deploy 2; go; deploy 3; go";
    assert_eq!(unsettled(three), [3, 2, 1]);
    assert_eq!(unsettled(&format!("{three}; ci 1 cancelled")), [1, 3, 2]);
    assert_eq!(unsettled(&format!("{three}; ci 1 success; ci 2 failure")), [3]);
    // The baseline is live again, and CI has not spoken of it either.
    assert_eq!(unsettled("baseline 0; deploy 1; go; deploy 2; go 2"), [0, 1]);
    assert_eq!(unsettled("baseline 0; ci 1 cancelled"), [0_usize; 0]);
}

#[test]
fn what_was_live_before_is_what_was_live_until_something_else_went_live() {
    let seen = |story: &str| {
        let state = Story::of(story).state;
        let live = state.live.unwrap();
        (state.previous.as_ref().map(number), number(&live.sha), live.since)
    };
    let (previous, live, since) = seen("baseline 0; deploy 1; go");
    assert_eq!((previous, live), (Some(0), 1));
    assert_eq!(seen("baseline 0; deploy 1; go; deploy 1; go"), (previous, live, since));
    assert_eq!(seen("baseline 0; deploy 1; go; found 1"), (previous, live, since));
    let (previous, live, later) = seen("baseline 0; deploy 1; go; found 7");
    assert_eq!((previous, live), (Some(1), 7));
    assert!(later > since);
}

#[test]
fn a_request_that_came_to_nothing_keeps_why() {
    let why = |story: &str| match Story::of(story).state.history.last().unwrap().outcome.clone() {
        Outcome::Failed { why } | Outcome::Stuck { why } | Outcome::Unhealthy { why } => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why("baseline 0; deploy 1; failed fetch nothing; go"), "broken");
    assert_eq!(why("baseline 0; deploy 1; go 0 1"), "status 500");
    assert_eq!(why("keep-unhealthy; baseline 0; deploy 1; go 1"), "status 500");
    let first = |story: &str| Story::of(story).state.history[0].outcome.clone();
    assert_eq!(first("baseline 0; deploy 1; go 1"), Outcome::Failed { why: "status 500".to_owned() });
    assert_eq!(first("baseline 0; deploy 1; failed compose live; go"), Outcome::Failed { why: "broken".to_owned() });
}

#[test]
fn a_step_that_fails_after_the_reset_is_undone_even_when_it_changed_nothing_itself() {
    let told = |story: &str| Story::of(story).told();
    let undone = "live 0 point - validated - quarantined - next rollback 1 to 0 because broken";
    assert_eq!(told("baseline 0; deploy 1; failed compose nothing"), undone);
    assert_eq!(told("baseline 0; deploy 1; failed compose live"), undone);
    assert_eq!(told("baseline 0; deploy 1; failed reset live"), undone);
    let over = "live 0 point - validated - quarantined - next end failed";
    assert_eq!(told("baseline 0; deploy 1; failed reset nothing"), over);
    assert_eq!(told("baseline 0; deploy 1; failed keep nothing"), over);
}

#[test]
fn a_rollback_that_changed_nothing_is_over_when_a_person_asked_and_falls_back_when_something_is_broken() {
    let told = |more: &str| {
        Story::of(&format!("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success; {more}")).told()
    };
    assert_eq!(told("rollback 1; failed keep nothing"), "live 2 point 2 validated 1,2 quarantined - next end failed");
    assert_eq!(
        told("deploy 3; failed compose live; once; failed keep nothing"),
        "live 3 point 2 validated 1,2 quarantined 3 next rollback 3 to 1 because broken"
    );
}

#[test]
fn a_rollback_to_what_is_live_is_only_checked_and_any_other_is_carried_out() {
    let next = |to: usize, undo: Option<usize>| {
        let mut story = Story::of("baseline 0; deploy 1; go");
        let ask = Ask::Rollback {
            to: sha(to),
            undo: undo.map(sha),
            because: Because::Person,
            files: Files::Remade,
            force: Force::Obey,
        };
        story.add(Fact::Asked { ask, with: Box::new(story::environment()) });
        story::decision(&story.next())
    };
    assert_eq!(next(1, None), "do check");
    assert_eq!(next(0, None), "do compare");
    assert_eq!(next(0, Some(1)), "do compare");
    // Where the live one is undone, whatever stands in its place is put there anew.
    assert_eq!(next(1, Some(1)), "do compare");
}

#[test]
fn the_ledger_says_first_that_a_step_begins_which_changes_anything_on_the_machine() {
    let steps = [Step::Fetch, Step::Compare, Step::Keep, Step::Reset, Step::Command, Step::Compose, Step::Check];
    let of = |is: fn(Step) -> bool| steps.into_iter().filter(|step| is(*step)).collect::<Vec<_>>();
    assert_eq!(of(Step::changes), [Step::Keep, Step::Reset, Step::Command, Step::Compose]);
    assert_eq!(of(Step::touches), [Step::Reset, Step::Command, Step::Compose]);
}

#[test]
fn containers_are_started_once_more_only_where_the_clock_was_set_back_since_the_request_began_to_change_things() {
    let resumed_at = |at: fn(u64) -> u64| {
        let mut story = Story::of("baseline 0; deploy 1; until check");
        let began = story.state.operation.as_ref().unwrap().began_at.unwrap();
        let at = Millis(at(began.0));
        story.state.apply(&Entry { seq: story.state.seq + 1, at, by: String::new(), fact: Fact::Resumed });
        let operation = story.state.operation.unwrap();
        (operation.done.contains(&Step::Compose), operation.began_at == Some(at))
    };
    assert_eq!(resumed_at(|began| began + 1), (true, false));
    assert_eq!(resumed_at(|began| began), (true, true));
    assert_eq!(resumed_at(|began| began - 1), (false, true));
}

#[test]
fn facts_of_steps_that_come_when_no_request_is_under_way_change_nothing() {
    let mut story = Story::of("baseline 0; deploy 1; go; ci 1 success");
    let before = story.state.clone();
    for fact in [
        did(Step::Reset),
        Fact::Began { step: Step::Compose },
        Fact::Ended { outcome: Outcome::RolledBack },
        Fact::Resumed,
    ] {
        story.add(fact);
    }
    let seq = story.state.seq;
    assert_eq!(State { seq, ..before }, story.state);
    assert!(story.state.live.is_some_and(|live| live.since > Millis(0)));
}

#[test]
fn what_was_live_before_is_never_what_did_not_come_to_work() {
    let previous = |text: &str| Story::of(text).state.previous.map(|sha| number(&sha));
    let two = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success";
    assert_eq!(previous(two), Some(1));
    // Undone before it came to work: all is as it was.
    assert_eq!(previous(&format!("{two}; deploy 3; go 3")), Some(1));
    assert_eq!(previous(&format!("{two}; deploy 3; failed compose live machine; go")), Some(1));
    // It was at work until CI spoke.
    assert_eq!(previous(&format!("{two}; deploy 3; go; ci 3 failure; go")), Some(3));
    // Left in place though it is ill: what was before it is what served people.
    assert_eq!(previous(&format!("{two}; keep-unhealthy; deploy 3; go 3")), Some(2));
    assert_eq!(previous(&format!("{two}; keep-unhealthy; deploy 3; go 3; deploy 4; go")), Some(2));
    assert_eq!(previous(&format!("{two}; keep-unhealthy; deploy 3; go 3; rollback 2; go")), Some(1));
}

#[test]
fn how_it_is_known_what_is_live_is_told_by_what_was_seen_of_it() {
    let known = |text: &str| Story::of(text).state.live.map(|live| (number(&live.sha), live.known_by, live.is_applied));
    let one = "baseline 0; deploy 1; go; ci 1 success";
    assert_eq!(known("baseline 0"), Some((0, Known::Baseline, true)));
    assert_eq!(known("baseline 0; found 1"), Some((1, Known::Found, false)));
    assert_eq!(known(one), Some((1, Known::Healthy, true)));
    assert_eq!(known(&format!("{one}; deploy 2; go 1 2")), Some((1, Known::Ill, true)));
    assert_eq!(
        known(&format!("{one}; deploy 2; failed reset live; failed reset live; go")),
        Some((1, Known::Placed, false))
    );
    let mut bare = Story::of(one);
    let nothing = Environment { compose: None, ..story::environment() };
    bare.with = Some(Environment { health: Health { urls: Vec::new(), ..nothing.health.clone() }, ..nothing });
    bare.tell("deploy 2");
    bare.tell("go");
    assert_eq!(bare.state.live.map(|live| live.known_by), Some(Known::Unchecked));
}

#[test]
fn where_several_fail_one_after_the_other_those_that_were_well_are_not_to_blame() {
    let bad = |text: &str| {
        let records = Story::of(text).state.records;
        let mut bad: Vec<usize> =
            records.iter().filter(|(_, record)| record.quarantine.is_some()).map(|(sha, _)| number(sha)).collect();
        bad.sort_unstable();
        bad
    };
    let one = "baseline 0; deploy 1; go; ci 1 success";
    let two = format!("{one}; deploy 2; go; ci 2 success");
    assert_eq!(bad(&format!("{one}; deploy 3; go 1 3")), [3]);
    assert_eq!(bad(&format!("{one}; deploy 3; go; ci 3 failure; go 1")), [1, 3], "it alone is ill");
    assert_eq!(bad(&format!("{two}; deploy 3; go 1 2 3")), [3]);
    assert_eq!(bad(&format!("{two}; deploy 3; go 2 3")), [2, 3]);
    // CI's own word on one of them stands.
    assert_eq!(bad(&format!("{two}; deploy 3; go; ci 2 failure 2; ci 3 failure; go 1")), [1, 2, 3]);
}

#[test]
fn refs_that_hold_local_changes_go_along_to_the_request_that_follows() {
    let mut story = Story::of("baseline 0; deploy 1; until keep");
    story.add(Fact::Began { step: Step::Keep });
    let saved = ["refs/mangetamain/a", "refs/mangetamain/b"].map(str::to_owned).to_vec();
    story.add(Fact::Did { step: Step::Keep, ms: 1, note: "saved".to_owned(), kept: saved });
    let kept = |story: &Story| story.state.operation.as_ref().map(|operation| operation.kept.clone()).unwrap();
    assert_eq!(kept(&story), ["refs/mangetamain/a", "refs/mangetamain/b"]);
    for sentence in ["failed reset live", "once"] {
        story.tell(sentence);
    }
    assert_eq!(story.state.operation.as_ref().map(|operation| operation.ask.target()), Some(&sha(0)));
    assert_eq!(kept(&story), ["refs/mangetamain/a", "refs/mangetamain/b"]);
}

#[test]
fn what_is_live_and_ill_is_well_once_a_request_finds_it_healthy() {
    let mut story = Story::of("keep-unhealthy; baseline 0; deploy 1; go 1");
    let known = |story: &Story| story.state.live.as_ref().map(|live| (number(&live.sha), live.known_by)).unwrap();
    assert_eq!(known(&story), (1, Known::Ill));
    story.tell("rollback 1");
    story.tell("go");
    assert_eq!(known(&story), (1, Known::Healthy));
}

/// Two that are validated, of which the second is live.
const TWO: &str = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success";

/// Where the machine goes back to when another version fails.
fn gone_back_to(before: &str) -> usize {
    let story = Story::of(&format!("{before}; deploy 9; go; ci 9 failure; go"));
    story.state.live.map(|live| number(&live.sha)).unwrap()
}

#[test]
fn what_a_person_went_back_from_is_the_last_to_go_back_to() {
    assert_eq!(gone_back_to(TWO), 2);
    assert_eq!(gone_back_to(&format!("{TWO}; rollback 1; go")), 1);
    let not_yet = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; rollback 1; go; ci 2 success";
    assert_eq!(gone_back_to(not_yet), 1, "CI's late yes does not take a person's no back");
    assert_eq!(gone_back_to("baseline 0; deploy 1; go; ci 1 success; rollback 0; go"), 1, "better than what CI failed");
}

#[test]
fn a_version_is_kept_again_once_a_person_takes_that_back_or_it_is_deployed_again() {
    let undone = format!("{TWO}; rollback 1; go");
    assert_eq!(gone_back_to(&format!("{undone}; rollback 2; go")), 2);
    assert_eq!(gone_back_to(&format!("{undone}; deploy 2; go")), 2);
    assert_eq!(gone_back_to(&format!("{undone}; found 2")), 2);
    // The one that was live meanwhile was not found wrong by that.
    assert_eq!(gone_back_to(&format!("{TWO}; deploy 3; go; rollback 2; go; rollback 3; go")), 2);
    let forward = Story::of(&format!("{TWO}; found 1; rollback 2; go"));
    assert!(!forward.state.is_undone(&sha(1)), "a rollback that leads forward undoes nothing");
}

#[test]
fn another_environment_takes_the_newest_that_is_validated_and_kept() {
    let kept = |text: &str| Story::of(text).state.newest_kept().map(number);
    assert_eq!(kept("baseline 0"), None);
    assert_eq!(kept(TWO), Some(2));
    assert_eq!(kept(&format!("{TWO}; rollback 1; go")), Some(1));
    assert_eq!(kept("baseline 0; deploy 1; go; ci 1 success; rollback 0; go"), None);
    assert_eq!(kept(&format!("{TWO}; ci 2 failure 2")), Some(1));
}

#[test]
fn what_was_live_here_is_told_from_what_never_was() {
    let were = |text: &str, asked: usize| Story::of(text).state.was_live(&sha(asked));
    let three = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; deploy 3; go; deploy 4; go";
    // The baseline, one that was validated, one that was only healthy, the one before, the one that is live.
    for asked in 0..=4 {
        assert!(were(three, asked), "{asked}");
    }
    assert!(!were(three, 9));
    assert!(were("baseline 0; found 7", 7));
    assert!(were("baseline 0; deploy 1; go; ci 1 success; deploy 2; go 2", 2), "what broke here was live");
    assert!(!were("baseline 0; deploy 1; go; ci 1 success; ci 2 failure", 2), "CI alone brings nothing live");
}

#[test]
fn a_person_who_moved_the_work_tree_is_told_from_a_run() {
    let found = |text: &str| Story::of(text).state.live.map(|live| live.is_found());
    assert_eq!(found("baseline 0; found 1"), Some(true));
    assert_eq!(found("baseline 0; deploy 1; go"), Some(false));
}

#[test]
fn a_ledger_from_before_it_was_told_says_that_what_is_live_was_applied() {
    let mut live = serde_json::to_value(Story::of("baseline 0; found 1").state.live).unwrap();
    assert_eq!(live["is_applied"], false);
    live.as_object_mut().unwrap().remove("is_applied");
    assert!(serde_json::from_value::<Live>(live).unwrap().is_applied);
}

#[test]
fn a_run_that_began_before_it_broke_here_mends_nothing() {
    let record = Record { broken_at: Some(Millis(1000)), ..Record::default() };
    let mends = |attempt, started| {
        record.is_mended_by(&CiRun { id: 1, attempt, url: String::new(), started: Some(Millis(started)) })
    };
    assert_eq!([999, 1000, 1001].map(|started| mends(2, started)), [false, true, true]);
    assert!(!mends(1, 1001), "a first attempt is no re-run");
}

#[test]
fn what_was_validated_keeps_its_settings_though_it_was_found_ill_since() {
    let mut story = Story::of("baseline 0; deploy 1; go; ci 1 success; deploy 2; go 1 2");
    let before = story::environment();
    let health = Health { urls: vec!["http://127.0.0.1/new".to_owned()], ..before.health.clone() };
    let newer = Environment { health, ..story::environment() };
    story.with = Some(newer.clone());
    story.tell("deploy 3");
    story.tell("go");
    assert_eq!(story.state.settings_for(&sha(1), &newer).health.urls, before.health.urls);
    assert_eq!(story.state.settings_for(&sha(3), &newer).health.urls, newer.health.urls);
}

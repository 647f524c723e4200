//! What is worth telling of a target, in every order in which it can go up and down.
#![allow(clippy::unwrap_used, missing_docs)]

use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::health_log::{
    Belief, CheckRecord, History, Past, TAIL, TargetStatus, pasts, read, text_of, without_older,
};
use mangetamain_deploy::tools::health_news::{Missed, News, STEADY_FROM, certificate_warning, missed, news};
use proptest::prelude::*;

const HOUR: u64 = 3_600_000;

fn line(hour: u64, result: TargetStatus) -> CheckRecord {
    let (at, url) = (Millis(hour * HOUR), "https://x.example/".to_owned());
    CheckRecord { at, url, result, ms: None, why: String::new(), since: None, told: Vec::new(), belief: Belief::Up }
}

/// Checks hour after hour; `heard` says of each whether its message arrives. What was told, by hour.
fn tell(checks: &[(TargetStatus, bool)]) -> (Vec<Option<News>>, Past) {
    let mut history = History::default();
    let mut told = Vec::new();
    let now = |hour: usize| u64::try_from(hour).unwrap() + 1;
    for (hour, (found, heard)) in checks.iter().enumerate() {
        let past = pasts(&history).remove("https://x.example/").unwrap_or_default();
        let said = news(&past, *found, Millis(now(hour) * HOUR));
        let mut line = line(now(hour), *found);
        line.told.extend(said.filter(|_| *heard).map(News::told));
        line.belief = past.belief.after(&line.told);
        history.lines.push(line);
        told.push(said);
    }
    (told, pasts(&history).remove("https://x.example/").unwrap_or_default())
}

fn standing() -> impl Strategy<Value = TargetStatus> {
    use TargetStatus::{Blind, Busy, Down, Stale, Up};
    prop::sample::select(vec![Up, Up, Up, Down, Down, Stale, Busy, Blind])
}

fn is_ill(news: &News) -> bool {
    matches!(news, News::Down(_) | News::Stale(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_same_is_never_told_twice_in_a_row(checks in prop::collection::vec(standing(), 1..60)) {
        let checks: Vec<_> = checks.into_iter().map(|one| (one, true)).collect();
        let said: Vec<News> = tell(&checks).0.into_iter().flatten().collect();
        for pair in said.windows(2) {
            let same = std::mem::discriminant(&pair[0]) == std::mem::discriminant(&pair[1]);
            let good = [pair[0], pair[1]].iter().all(|one| matches!(one, News::Recovered(_) | News::Fresh(_) | News::Steady));
            prop_assert!(!same && !good, "{said:?}");
        }
        prop_assert!(said.first().is_none_or(is_ill), "the first thing told is that it is down: {said:?}");
    }

    #[test]
    fn what_people_believe_is_so_once_three_checks_agree(
        checks in prop::collection::vec((standing(), any::<bool>()), 0..40), ends_up in any::<bool>(),
    ) {
        let last = if ends_up { TargetStatus::Up } else { TargetStatus::Down };
        let mut checks = checks;
        checks.extend(vec![(last, true); STEADY_FROM]);
        let past = tell(&checks).1;
        let belief = if ends_up { Belief::Up } else { Belief::Down };
        prop_assert_eq!(past.belief, belief);
    }

    #[test]
    fn an_outage_is_told_within_three_checks_and_where_nothing_flaps_at_once(
        calm in 1..30_usize, checks in prop::collection::vec(standing(), 0..20),
    ) {
        let mut all: Vec<_> = checks.into_iter().map(|one| (one, true)).collect();
        all.extend(vec![(TargetStatus::Up, true); calm.max(STEADY_FROM)]);
        all.push((TargetStatus::Down, true));
        all.extend(vec![(TargetStatus::Down, true); STEADY_FROM - 1]);
        let said = tell(&all).0;
        let (first, recent) = (said.len() - STEADY_FROM, &said[said.len() - STEADY_FROM..]);
        prop_assert!(recent.iter().flatten().any(|one| is_ill(one) || matches!(one, News::Flapping(_))), "{recent:?}");
        if calm >= 25 {
            prop_assert!(said[first].is_some_and(|one| is_ill(&one)), "{said:?}");
        }
    }

    #[test]
    fn any_file_can_be_read_and_added_to(text in "\\PC{0,80}(\n\\PC{0,40}){0,5}") {
        let history = read(&text, true);
        let grown = format!("{text}{}", text_of(&[line(1, TargetStatus::Up)], history.torn));
        let again = read(&grown, true);
        prop_assert_eq!(again.lines.len(), history.lines.len() + 1, "what is added can be read");
        prop_assert!(!again.torn);
    }
}

#[test]
fn every_kind_of_news_can_be_reached() {
    use TargetStatus::{Down, Up};
    let checks = [Up, Down, Up, Down, Up, Up, Up].map(|one| (one, true));
    let said: Vec<News> = tell(&checks).0.into_iter().flatten().collect();
    assert!(matches!(
        said[..],
        [News::Down(_), News::Recovered(Some(HOUR)), News::Down(_), News::Flapping(4), News::Steady]
    ));
}

#[test]
fn what_was_not_heard_is_told_again_and_since_when() {
    let checks = [
        (TargetStatus::Up, true),
        (TargetStatus::Down, false),
        (TargetStatus::Down, false),
        (TargetStatus::Down, true),
    ];
    let at = Millis(2 * HOUR);
    assert_eq!(tell(&checks).0, [None, Some(News::Down(at)), Some(News::Down(at)), Some(News::Down(at))]);
}

#[test]
fn down_after_another_version_is_news_and_each_has_its_own_way_back() {
    use TargetStatus::{Down, Stale, Up};
    let said = |checks: &[TargetStatus]| {
        let checks: Vec<_> = checks.iter().map(|one| (*one, true)).collect();
        tell(&checks).0.into_iter().flatten().collect::<Vec<News>>()
    };
    let at = |hour: u64| Millis(hour * HOUR);
    assert_eq!(said(&[Up, Stale, Stale, Up]), [News::Stale(at(2)), News::Fresh(Some(2 * HOUR))]);
    let down = [News::Stale(at(2)), News::Down(at(4)), News::Recovered(Some(2 * HOUR))];
    assert_eq!(said(&[Up, Stale, Stale, Down, Down, Up]), down, "another version is no part of the outage");
    let down = [News::Down(at(2)), News::Recovered(Some(3 * HOUR))];
    assert_eq!(said(&[Up, Down, Stale, Down, Up]), down, "people who wait for it to be well are told when it is");
}

#[test]
fn down_after_another_version_that_was_not_heard_is_told_again() {
    use TargetStatus::{Down, Stale, Up};
    let checks = [(Up, true), (Stale, true), (Down, false), (Down, true), (Down, true)];
    let (stale, down) = (Some(News::Stale(Millis(2 * HOUR))), Some(News::Down(Millis(3 * HOUR))));
    assert_eq!(tell(&checks).0, [None, stale, down, down, None]);
}

#[test]
fn a_recovery_that_is_told_late_lasted_until_the_first_good_check() {
    use TargetStatus::{Blind, Down, Stale, Up};
    let said = |checks: &[(TargetStatus, bool)]| tell(checks).0.last().copied().flatten();
    let lasted = Some(News::Recovered(Some(2 * HOUR)));
    assert_eq!(said(&[(Up, true), (Down, true), (Down, true), (Up, false), (Blind, true), (Up, true)]), lasted);
    let fresh = Some(News::Fresh(Some(HOUR)));
    assert_eq!(said(&[(Up, true), (Stale, true), (Up, false), (Up, false), (Up, true)]), fresh);
    // Nobody heard of its end, and it was over: the next outage is one of its own.
    let lasted = Some(News::Recovered(Some(HOUR)));
    assert_eq!(said(&[(Down, true), (Down, true), (Up, false), (Down, true), (Up, true)]), lasted);
}

#[test]
fn an_outage_that_began_before_what_is_remembered_has_no_length() {
    let history = History {
        lines: vec![CheckRecord { belief: Belief::Down, ..line(1, TargetStatus::Up) }],
        ..History::default()
    };
    let past = pasts(&history).remove("https://x.example/").unwrap();
    assert_eq!(news(&past, TargetStatus::Up, Millis(2 * HOUR)), Some(News::Recovered(None)));
}

#[test]
fn what_an_older_release_remembered_of_another_version_hides_no_outage() {
    let url = "\"url\":\"https://x.example/\",\"belief\":\"down\"";
    let line = |at: u64, more: &str| format!("{{\"at\":{at},{url},{more}}}\n");
    let stale = [line(1, "\"result\":\"stale\",\"told\":[\"down\"]"), line(2, "\"result\":\"stale\"")].concat();
    let down = line(3, "\"result\":\"down\",\"told\":[\"down\"]");
    let past = |text: &str| pasts(&read(text, true)).remove("https://x.example/").unwrap();
    assert_eq!(news(&past(&stale), TargetStatus::Down, Millis(4)), Some(News::Down(Millis(4))));
    assert_eq!(news(&past(&stale), TargetStatus::Stale, Millis(4)), None);
    assert_eq!(news(&past(&[stale, down].concat()), TargetStatus::Down, Millis(4)), None);
}

#[test]
fn a_check_that_judged_nothing_neither_ends_nor_begins_an_outage() {
    use TargetStatus::{Blind, Busy, Down, Up};
    let checks = [Up, Busy, Blind, Down, Busy, Blind, Down, Up].map(|one| (one, true));
    let said: Vec<News> = tell(&checks).0.into_iter().flatten().collect();
    assert_eq!(said, [News::Down(Millis(4 * HOUR)), News::Recovered(Some(4 * HOUR))]);
}

#[test]
fn a_certificate_that_has_ended_has_no_days_left() {
    let now = Millis(100 * HOUR);
    assert_eq!(certificate_warning(&Past::default(), Some(Millis(HOUR)), now), Some(0));
    assert_eq!(certificate_warning(&Past::default(), None, now), None);
    let warned = Past { warned_at: Some(Millis(90 * HOUR)), ..Past::default() };
    assert_eq!(certificate_warning(&warned, Some(Millis(HOUR)), now), None);
    let left =
        |hours: u64, now: u64| certificate_warning(&warned, Some(Millis((now + hours) * HOUR)), Millis(now * HOUR));
    assert_eq!((left(13 * 24 + 23, 200), left(14 * 24, 200)), (Some(13), None));
    assert_eq!((left(24, 113), left(24, 114)), (None, Some(1)), "each day, at the same hour");
}

#[test]
fn the_usual_gap_is_learnt_and_checks_by_hand_do_not_disturb_it() {
    let minute = HOUR / 60;
    let mut checks: Vec<Millis> = (0..20).map(|number| Millis(number * 15 * minute)).collect();
    let last = checks[19].0;
    checks.extend((1..41).map(|number| Millis(last + number * 10_000)));
    let last = checks.last().unwrap().0;
    let gap = |ms: u64| missed(&checks, Millis(last + ms));
    assert_eq!(gap(20 * minute), None, "late is not missed");
    let seen = Missed { count: 3, last: Millis(last), gap_ms: 60 * minute, usual_ms: 15 * minute };
    assert_eq!(gap(60 * minute), Some(seen));
    assert_eq!(missed(&[], Millis(HOUR)), None, "the first check has missed nothing");
    assert_eq!(missed(&[Millis(0)], Millis(5 * HOUR)), None, "nobody knows yet how often there is to be one");
}

#[test]
fn three_gaps_tell_what_is_usual_and_three_quarters_late_is_not_missed() {
    let minute = HOUR / 60;
    let checks: Vec<Millis> = (0..4).map(|number| Millis(number * 20 * minute)).collect();
    let count = |known: usize, gap: u64| {
        let last = checks[known - 1];
        missed(&checks[..known], last.plus(gap * minute)).map(|missed| (missed.count, missed.usual_ms / minute))
    };
    assert_eq!(count(3, 600), None);
    assert_eq!((count(4, 35), count(4, 36), count(4, 52)), (None, Some((1, 20)), Some((2, 20))));
}

#[test]
fn a_line_says_nothing_of_what_is_as_it_should_be() {
    assert_eq!(
        text_of(&[line(0, TargetStatus::Up)], false),
        "{\"at\":0,\"url\":\"https://x.example/\",\"result\":\"up\"}\n"
    );
}

#[test]
fn only_lines_that_are_old_are_forgotten() {
    let lines: Vec<CheckRecord> = (0..5).map(|hour| line(hour, TargetStatus::Up)).collect();
    let text = format!("not a line\n{}", text_of(&lines, false));
    assert_eq!(without_older(&text, Millis(3 * HOUR)), Some(text_of(&lines[3..], false).as_str()));
    assert_eq!(without_older(&text_of(&lines, false), Millis(0)), None);
    assert_eq!(without_older(&text, Millis(99 * HOUR)), Some(""));
}

#[test]
fn changes_are_counted_anew_once_people_heard_that_it_is_steady_and_not_before() {
    let told = |hour, result, belief| CheckRecord { belief, ..line(hour, result) };
    let changes = |more: &[CheckRecord]| {
        let mut lines = vec![
            told(1, TargetStatus::Up, Belief::Up),
            told(2, TargetStatus::Down, Belief::Down),
            told(3, TargetStatus::Up, Belief::Flapping),
        ];
        lines.extend(more.iter().cloned());
        pasts(&History { lines, ..History::default() }).remove("https://x.example/").unwrap().changes.len()
    };
    assert_eq!(changes(&[]), 2);
    assert_eq!(changes(&[told(4, TargetStatus::Down, Belief::Flapping)]), 3);
    assert_eq!(changes(&[told(4, TargetStatus::Up, Belief::Up)]), 0);
}

#[test]
fn what_is_read_of_the_memory_holds_eight_days_of_thirty_targets_checked_each_hour() {
    let text = text_of(&[CheckRecord { ms: Some(1_234), ..line(1_000_000, TargetStatus::Up) }], false);
    assert!(TAIL >= 8 * 24 * 30 * text.len() as u64, "{text}");
}

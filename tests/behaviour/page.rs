//! What the status page says: the past that a ledger tells, its figures, the week of a site, and that nothing
//! that comes from outside becomes markup. Data compared with data; how it looks is a browser's to test.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, number};
use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::machine::entry::Commit;
use mangetamain_deploy::machine::{Entry, Fact};
use mangetamain_deploy::page::figures::{SPAN_MS, figures};
use mangetamain_deploy::page::past::{IDLE, Stay, past};
use mangetamain_deploy::page::verdict::{Overall, verdict};
use mangetamain_deploy::page::week::{Hour, targets};
use mangetamain_deploy::page::{Page, SHEET_HASH, Shown, html};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::health_log::{CheckRecord, DAY_MS, TargetStatus};

const HOUR: u64 = 3_600_000;

/// A stay in a few words: `1 deployed validated`, `2 deployed ci`.
fn told(stay: &Stay) -> String {
    let mut text = format!("{} {:?}", number(&stay.sha), stay.way).to_lowercase();
    text.extend(stay.validated.map(|_| " validated"));
    text.extend(stay.fault.map(|fault| format!(" {:?}", fault.kind).to_lowercase()));
    text
}

fn stays(story: &str) -> Vec<String> {
    let past = past(&Story::of(story).entries);
    for pair in past.stays.windows(2) {
        assert_eq!(pair[0].to, Some(pair[1].from), "{story}: one follows the other");
        assert!(pair[0].from <= pair[1].from);
    }
    assert_eq!(past.stays.last().map(|last| last.to), Some(None), "the last one is live");
    past.stays.iter().map(told).collect()
}

#[test]
fn the_past_tells_what_was_live_how_it_came_there_and_what_was_wrong_with_it() {
    for (story, wanted) in [
        ("baseline 0", "0 before"),
        ("baseline 0; deploy 1; go; ci 1 success", "0 before, 1 deployed validated"),
        ("baseline 0; promote 1; go", "0 before, 1 promoted validated"),
        ("baseline 0; deploy 1; go; ci 1 failure; go", "0 before, 1 deployed ci, 0 rolledback"),
        (
            "baseline 0; deploy 1; go; ci 1 failure; go; force 1; go",
            "0 before, 1 deployed ci, 0 rolledback, 1 deployed ci",
        ),
        ("baseline 0; deploy 1; go 1", "0 before, 1 deployed unhealthy, 0 rolledback"),
        ("keep-unhealthy; baseline 0; deploy 1; go 1", "0 before, 1 deployed unhealthy"),
        ("baseline 0; deploy 1; failed compose live; go", "0 before, 1 deployed unhealthy, 0 rolledback"),
        ("baseline 0; deploy 1; failed reset nothing; go", "0 before"),
        ("baseline 0; deploy 1; go; rollback 0; go", "0 before, 1 deployed byhand, 0 rolledbackbyhand"),
        ("baseline 0; later 80; found 7", "0 before, 7 found"),
        ("baseline 0; deploy 1; off-branch; go", "0 before"),
        ("baseline 0; deploy 1; go; ci 1 cancelled", "0 before, 1 deployed"),
        ("baseline 0; deploy 1; go; deploy 2; go; ci 1 failure", "0 before, 1 deployed ci, 2 deployed"),
        ("keep-unhealthy; baseline 0; deploy 1; go 1; force 1; go", "0 before, 1 deployed unhealthy, 1 again"),
        ("keep-unhealthy; baseline 0; deploy 1; go 1; force 1; go 1", "0 before, 1 deployed unhealthy"),
        (
            "baseline 0; deploy 1; go; rollback 0; go; rollback 1; go",
            "0 before, 1 deployed byhand, 0 rolledbackbyhand, 1 rolledbackbyhand",
        ),
    ] {
        assert_eq!(stays(story).join(", "), wanted, "{story}");
    }
}

#[test]
fn a_green_run_again_takes_a_red_one_back_while_the_version_is_live() {
    let told = stays("baseline 0; force 1; go; ci 1 failure; found 1; ci 1 success 2");
    assert_eq!(told.last().map(|last| last.contains("ci@")), Some(false), "{told:?}");
}

#[test]
fn a_snapshot_in_the_middle_changes_nothing() {
    let story = Story::of("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go");
    let mut state = mangetamain_deploy::machine::State::default();
    let mut with: Vec<Entry> = Vec::new();
    for entry in &story.entries {
        state.apply(entry);
        with.push(entry.clone());
        with.push(Entry { fact: Fact::Snapshot { state: Box::new(state.clone()) }, ..entry.clone() });
    }
    assert_eq!(past(&with), past(&story.entries));
}

#[test]
fn the_facts_that_are_left_out_of_a_long_ledger_say_nothing_of_the_past() {
    for story in [
        "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; watching 2 900; ci 2 failure; go",
        "with-command; baseline 0; deploy 1; go; deploy 2; go 2; deploy 3; guarded; go 3",
        "baseline 0; deploy 1; failed compose live; go; found 4; rollback 0; go",
        "baseline 0; promote 1 saved; go; deploy 2; began reset; resumed; go",
    ] {
        let story = Story::of(story);
        let is_telling = |entry: &&Entry| {
            let line = serde_json::to_string(entry).unwrap();
            IDLE.iter().all(|mark| !line.contains(mark))
        };
        let kept: Vec<&Entry> = story.entries.iter().filter(is_telling).collect();
        assert!(kept.len() < story.entries.len());
        assert_eq!(past(kept), past(&story.entries));
    }
}

#[test]
fn the_figures_are_those_of_their_definitions() {
    // Times of a story are milliseconds: 1 is deployed at 130, and 2 at 1280, red at 1290, undone at 1400.
    let story = Story::of("baseline 0; deploy 1; go; ci 1 success; later 1000; deploy 2; go; ci 2 failure; go");
    let mut past = past(&story.entries);
    let now = Millis(SPAN_MS);
    let found = figures(&past, now, now).unwrap();
    let bad = past.stays.iter().find(|stay| stay.fault.is_some()).unwrap();
    let (from, to) = (bad.from, bad.to.unwrap());
    assert_eq!((found.changes, found.failed, found.weekly_tenths), (2, 1, 5));
    assert_eq!(found.exposure_ms, to.since(from));
    assert_eq!(found.restore_ms, Some(to.since(bad.fault.unwrap().known)));
    assert_eq!(found.lead_ms, None, "no commit of this ledger says when it was made");
    for stay in &mut past.stays {
        let made = stay.from.0.saturating_sub(60);
        stay.commit = stay.commit.take().map(|commit| Commit { committed: Some(Millis(made)), ..commit });
    }
    assert_eq!(figures(&past, now, now).unwrap().lead_ms, Some(60));
    let later = Millis(3 * SPAN_MS);
    assert_eq!(figures(&past, later, later).unwrap().changes, 0);
    assert_eq!(figures(&past, Millis(5), now), None, "before the ledger began there is nothing to tell");
}

#[test]
fn a_failed_version_that_is_still_live_is_exposed_until_now_and_not_restored() {
    let story = Story::of("keep-unhealthy; baseline 0; deploy 1; go 1");
    let past = past(&story.entries);
    let now = Millis(100_000);
    let found = figures(&past, now, now).unwrap();
    let from = past.stays.last().unwrap().from;
    assert_eq!((found.failed, found.restore_ms, found.exposure_ms), (1, None, now.since(from)));
}

#[test]
fn a_version_that_is_put_in_place_again_well_is_exposed_no_longer_and_counts_once() {
    let story = Story::of("keep-unhealthy; baseline 0; deploy 1; go 1; later 500; force 1; go");
    let past = past(&story.entries);
    let now = Millis(100_000);
    let [.., ill, again] = past.stays.as_slice() else { panic!() };
    let found = figures(&past, now, now).unwrap();
    assert_eq!((found.changes, found.failed), (1, 1));
    assert_eq!(found.exposure_ms, again.from.since(ill.from));
    assert_eq!(found.restore_ms, Some(again.from.since(ill.fault.unwrap().known)));
}

#[test]
fn exposure_is_of_the_weeks_in_which_it_was() {
    let story = Story::of("keep-unhealthy; baseline 0; deploy 1; go 1");
    let past = past(&story.entries);
    let from = past.stays.last().unwrap().from;
    // The middle of the second four weeks: live for the first ones whole, but for their beginning.
    let now = Millis(SPAN_MS + SPAN_MS / 2);
    let edge = Millis(SPAN_MS / 2);
    assert_eq!(figures(&past, now, now).unwrap().exposure_ms, SPAN_MS);
    assert_eq!(figures(&past, edge, now).unwrap().exposure_ms, edge.since(from));
}

fn line(at: u64, result: TargetStatus, ms: Option<u64>) -> CheckRecord {
    let why = if result == TargetStatus::Up { String::new() } else { "status 502".to_owned() };
    CheckRecord {
        at: Millis(at),
        url: "https://a.example/".to_owned(),
        result,
        ms,
        why,
        since: None,
        told: Vec::new(),
        belief: Default::default(),
    }
}

#[test]
fn an_hour_is_the_worst_of_its_checks_and_nothing_where_nobody_looked() {
    let now = 30 * DAY_MS + 5 * HOUR + 60_000;
    let today = 30 * DAY_MS;
    let mut lines: Vec<CheckRecord> =
        (0..20).map(|at| line(today - DAY_MS + at * HOUR, TargetStatus::Up, Some(100))).collect();
    lines.extend([
        line(today, TargetStatus::Up, Some(100)),
        line(today + HOUR, TargetStatus::Up, Some(900)),
        line(today + 2 * HOUR, TargetStatus::Up, Some(1_500)),
        line(today + 3 * HOUR, TargetStatus::Up, Some(90)),
        line(today + 3 * HOUR + 1, TargetStatus::Down, None),
        line(today + 4 * HOUR, TargetStatus::Busy, None),
        line(today + 5 * HOUR, TargetStatus::Stale, None),
    ]);
    let urls = ["https://a.example/".to_owned(), "https://new.example/".to_owned()];
    let found = targets(&urls, &lines, Millis(now));
    let week = &found[0].week;
    use Hour::{Down, Slow, Unchecked, Up};
    assert_eq!(week.hours.len(), 6 * 24 + 6, "what is to come is not in it");
    assert_eq!(week.hours[6 * 24..], [Up, Up, Slow, Down, Unchecked, Down]);
    assert_eq!((week.checks, week.up, week.usual_ms, week.slowest_ms), (26, 24, Some(100), Some(1_500)));
    assert_eq!(found[0].last.as_ref().map(|line| line.result), Some(TargetStatus::Stale));
    assert_eq!((&found[1].last, found[1].week.checks), (&None, 0));
}

fn shown(story: &str) -> Shown {
    let story = Story::of(story);
    let label = "PREPROD".to_owned();
    Shown { name: "preprod".to_owned(), label, state: story.state, past: past(&story.entries), ..Shown::default() }
}

fn checked(mut shown: Shown, at: u64, result: TargetStatus) -> Shown {
    shown.targets = targets(&[], &[line(at, result, None)], Millis(at));
    shown
}

fn drawn(environments: Vec<Shown>) -> String {
    html(&Page { environments, locale: Locale::En, made: Millis(1_000), repository_url: None })
}

#[test]
fn what_ci_failed_where_it_was_promoted_from_is_drawn_as_failed_and_counts_in_no_figure() {
    let good = shown("baseline 0; deploy 1; go; ci 1 success");
    let since = Shown { has_failed_since: true, ..good.clone() };
    let result =
        |page: &str| page.split("data-head=\"Result\">").nth(1).unwrap().split("</td>").next().unwrap().to_owned();
    let figures = |page: &str| page.split("class=\"figures\"").nth(1).unwrap().to_owned();
    let [well, failed] = [drawn(vec![good]), drawn(vec![since])];
    assert!(result(&well).contains("validated"), "{}", result(&well));
    assert!(result(&failed).contains("CI failed"), "{}", result(&failed));
    assert_eq!(figures(&well), figures(&failed));
}

#[test]
fn how_many_deployments_are_left_out_is_said() {
    let many = |count: u64| {
        let steps: Vec<String> = (1..=count).map(|n| format!("deploy {n}; go")).collect();
        let shown = shown(&format!("baseline 0; {}", steps.join("; ")));
        (shown.past.stays.len() - 10, drawn(vec![shown]))
    };
    let (older, page) = many(20);
    assert!(older < 40 && page.contains(&format!("<summary>{older} older ones</summary>")));
    let (older, page) = many(60);
    assert!(older > 40 && page.contains(&format!("<summary>40 of {older} older ones</summary>")));
}

#[test]
fn the_first_word_is_the_worst_that_is_so() {
    let good = "baseline 0; deploy 1; go; ci 1 success";
    let watched = "baseline 0; deploy 1; go; watching 1 1000";
    let down = |story| checked(shown(story), 200, TargetStatus::Down);
    let new = |checks| {
        let urls = ["https://a.example/".to_owned(), "https://new.example/".to_owned()];
        let checked: Vec<CheckRecord> = (0..checks).map(|_| line(100, TargetStatus::Up, None)).collect();
        Shown { targets: targets(&urls, &checked, Millis(100)), ..shown(good) }
    };
    let moved = |story| Shown { moved: Some(Sha::parse(&"0".repeat(40)).unwrap()), ..shown(story) };
    let held = |story| Shown { lock: Some("deploy".to_owned()), ..shown(story) };
    for (shown, now, wanted) in [
        (shown(""), 100, Overall::Empty),
        (shown(good), 100, Overall::Well),
        (checked(shown(good), 100, TargetStatus::Up), 200, Overall::Well),
        (checked(shown(good), 100, TargetStatus::Up), 4 * HOUR, Overall::Unseen),
        (new(0), 100, Overall::Unchecked(2, 2)),
        (new(0), 40 * DAY_MS, Overall::Unchecked(2, 2)),
        (new(1), 200, Overall::Unchecked(1, 2)),
        (new(1), 4 * HOUR, Overall::Unseen),
        (shown("baseline 0; deploy 1; go"), 100, Overall::Unvalidated),
        (shown(watched), 300, Overall::Awaiting),
        (shown(watched), 5_000, Overall::Overdue),
        (shown("baseline 0; deploy 1; once"), 100, Overall::Unfinished),
        (held("baseline 0; deploy 1; once"), 100, Overall::AtWork),
        (shown("baseline 0; deploy 1; go; ci 1 failure"), 100, Overall::Failing),
        // Validated once, and ill since: an outage took the way back, too.
        (shown("baseline 0; deploy 1; go; ci 1 success; deploy 2; go 1 2"), 100, Overall::Failing),
        (down(good), 200, Overall::Down(1, 1)),
        (down(watched), 200, Overall::Down(1, 1)),
        (checked(shown(good), 100, TargetStatus::Down), 100, Overall::Well),
        (checked(shown(good), 100, TargetStatus::Stale), 4 * HOUR, Overall::Unseen),
        (moved(good), 100, Overall::Moved),
        (moved("baseline 0; deploy 1; go; ci 1 failure"), 100, Overall::Moved),
        (Shown { problem: Some("EACCES".to_owned()), ..shown(good) }, 100, Overall::Problem("EACCES".to_owned())),
    ] {
        assert_eq!(verdict(&shown, Millis(now)), wanted, "{:?}", shown.state.live);
    }
}

#[test]
fn a_site_that_nobody_has_checked_yet_is_no_problem() {
    let urls = ["https://a.example/".to_owned()];
    let shown =
        || Shown { targets: targets(&urls, &[], Millis(200)), ..shown("baseline 0; deploy 1; go; ci 1 success") };
    for (locale, word, sentence) in [
        (Locale::Fr, "Validée", "La version en ligne est validée ; le mode health n&#39;a pas encore vérifié le site."),
        (Locale::En, "Validated", "What is live is validated; mode health has not checked the site yet."),
    ] {
        let page = page_in(locale, 200, shown());
        let card = page.split("<section").next().unwrap_or_default();
        assert!(card.contains("class=\"card good\"") && card.contains(word) && card.contains(sentence), "{card}");
        assert!(!page.contains("3 h"), "{page}");
    }
}

#[test]
fn a_check_that_is_older_than_the_deploy_that_found_what_is_live_well_is_told_as_such_and_not_red() {
    let good = "baseline 0; deploy 1; go; ci 1 success";
    for (locale, word, told) in
        [(Locale::En, "DOWN", "before this deploy"), (Locale::Fr, "EN PANNE", "avant ce déploiement")]
    {
        let old = page_in(locale, 100, checked(shown(good), 100, TargetStatus::Down));
        let past = format!("<span class=\"quiet\">{word}</span><span class=\"quiet\"> {told}, ");
        assert_eq!(old.matches(&past).count(), 1, "{old}");
        assert!(old.contains("class=\"card good\"") && !old.contains("word bad"), "{old}");
        let new = page_in(locale, 200, checked(shown(good), 200, TargetStatus::Down));
        assert!(new.contains(&format!("<span class=\"word bad\">{word}</span>")) && !new.contains(told), "{new}");
    }
}

#[test]
fn a_work_tree_that_was_moved_by_hand_stands_beside_what_is_live() {
    for (locale, wanted) in [
        (Locale::Fr, "le clone, déplacé à la main, est sur <code>0000000</code>"),
        (Locale::En, "found in the work tree, moved by hand: <code>0000000</code>"),
    ] {
        let moved = Some(Sha::parse(&"0".repeat(40)).unwrap());
        let shown = Shown { moved, ..shown("baseline 0; deploy 1; go; ci 1 success") };
        let page = html(&Page { made: Millis(1_000), locale, repository_url: None, environments: vec![shown] });
        assert!(page.contains(wanted), "{page}");
    }
}

/// The page of one environment.
fn page_in(locale: Locale, now: u64, shown: Shown) -> String {
    html(&Page { made: Millis(now), locale, repository_url: None, environments: vec![shown] })
}

#[test]
fn shares_are_rounded_and_none_is_said_to_be_all_of_them() {
    let mut rates = shown("baseline 0; deploy 1; go; deploy 2; go; deploy 3; go; ci 2 failure; ci 3 failure; go");
    let line = |at, result| line(at, result, None);
    let checks = |up: u64| {
        (0..up).map(|at| line(at, TargetStatus::Up)).chain([line(up, TargetStatus::Down)]).collect::<Vec<_>>()
    };
    for (up, share) in [(2, "66.7"), (9_999, "99.9")] {
        rates.targets = targets(&[], &checks(up), Millis(20_000));
        let page = page_in(Locale::En, 20_000, rates.clone());
        assert!(page.contains(&format!("up in {share} % of {} checks", up + 1)), "{page}");
        assert!(page.contains("<strong>2 / 3 (67 %)</strong>"), "{page}");
    }
}

#[test]
fn the_timeline_says_since_when_something_was_live_and_not_where_its_axis_begins() {
    let young = |days: u64| {
        let mut shown = shown("baseline 0; deploy 1; go");
        for stay in &mut shown.past.stays {
            (stay.from, stay.to) =
                (Millis(stay.from.0 + days * DAY_MS), stay.to.map(|to| Millis(to.0 + days * DAY_MS)));
        }
        shown
    };
    for (locale, wanted) in [(Locale::Fr, "Depuis le 11 janv. : 2 versions"), (Locale::En, "Since 11 Jan: 2 versions")]
    {
        let page = page_in(locale, 10 * DAY_MS + HOUR, young(10));
        assert!(page.contains(wanted), "{page}");
    }
    let page = page_in(Locale::En, 40 * DAY_MS, young(0));
    assert!(page.contains("Since 13 Jan: 1 version "), "what is older than the axis is not counted: {page}");
}

const ATTACKS: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title></svg></math><iframe src=https://evil.example>",
    "&lt;b&gt; &#60;script&#62;",
    "javascript:alert(1)//<!--",
    "\u{202e}gnp.exe\u{2066}\0\u{1b}[31m]]>",
];

/// The page of an environment in which every outside text is this one.
fn page_of(attack: &str, locale: Locale) -> String {
    let mut all = shown("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; watching 2 1000");
    all.label = attack.to_owned();
    all.url = Some(attack.to_owned());
    (all.lock, all.problem, all.set_aside) = (Some(attack.to_owned()), Some(attack.to_owned()), 3);
    let hostile = |commit: &mut Commit| (commit.subject, commit.author) = (attack.to_owned(), attack.to_owned());
    all.past.stays.iter_mut().filter_map(|stay| stay.commit.as_mut()).for_each(hostile);
    all.state.records.values_mut().filter_map(|record| record.commit.as_mut()).for_each(hostile);
    for one in &mut all.state.validated {
        one.run.as_mut().unwrap().url = attack.to_owned();
    }
    all.state.history.iter_mut().for_each(|ended| ended.by = attack.to_owned());
    let bad = CheckRecord { url: attack.to_owned(), why: attack.to_owned(), ..line(500, TargetStatus::Down, None) };
    all.targets = targets(&[], &[bad], Millis(600));
    html(&Page { made: Millis(1_000), locale, repository_url: Some(attack.to_owned()), environments: vec![all] })
}

/// Names of elements and attributes, in order: what a text must not change.
fn skeleton(page: &str) -> Vec<String> {
    page.split('<').skip(1).map(|part| part.split([' ', '>']).next().unwrap().to_owned()).collect()
}

#[test]
fn hostile_texts_stay_text() {
    for locale in [Locale::Fr, Locale::En] {
        let calm = skeleton(&page_of("calm", locale));
        for attack in ATTACKS {
            let page = page_of(attack, locale);
            assert_eq!(skeleton(&page), calm, "{attack:?}");
            let tags = page.split('<').skip(1).filter_map(|part| part.split('>').next());
            for tag in tags {
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
                assert!(!tag.contains(" on") || tag.contains("=\""), "{tag}");
            }
            assert!(!page.contains("href=\"javascript:"), "{attack:?}");
            assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}') && !page.contains('\0'));
        }
    }
}

#[test]
fn a_commit_and_a_ci_run_are_links_only_where_the_web_has_them() {
    let page = page_of("https://github.com/org/app", Locale::En);
    assert!(page.contains("<a href=\"https://github.com/org/app/commit/"));
    assert!(page.contains("rel=\"noreferrer\""));
    assert!(!page_of("ftp://x/", Locale::En).contains("href=\"ftp:"));
}

#[test]
fn the_policy_of_the_page_names_its_style_sheet_and_nothing_else() {
    use std::process::Command;
    let sheet = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/page.css");
    #[expect(clippy::disallowed_methods, reason = "the sheet's digest, by another program than ours")]
    let ran = Command::new("sha256sum").arg(sheet).output().unwrap();
    let digits = String::from_utf8(ran.stdout).unwrap();
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap()).collect();
    use base64::Engine as _;
    let hash = format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(bytes));
    assert_eq!(SHEET_HASH, hash, "src/page/page.css was changed: this is its new hash");
    let page = page_of("calm", Locale::Fr);
    assert!(page.contains(&format!("default-src &#39;none&#39;; style-src &#39;{hash}&#39;; base-uri")));
    assert!(!page.contains(" style=\"") && !page.contains("<script") && !page.contains("<link"));
}

#[test]
fn ten_thousand_deployments_and_a_hundred_sites_make_a_page_under_500_kb() {
    let mut all = shown("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go");
    let stays = all.past.stays.clone();
    let long = "é".repeat(200);
    for at in 0..10_000_u64 {
        let mut stay = stays[1 + usize::try_from(at % 2).unwrap()].clone();
        (stay.from, stay.to) = (Millis(1_000_000 + at * 60_000), Some(Millis(1_060_000 + at * 60_000)));
        stay.commit.as_mut().unwrap().subject.clone_from(&long);
        all.past.stays.push(stay);
    }
    let now = 40 * DAY_MS;
    let urls: Vec<String> = (0..100).map(|at| format!("https://site-{at}.example/")).collect();
    let hourly = |url: &String| {
        let one =
            |hour: u64| CheckRecord { url: url.clone(), ..line(now - hour * HOUR, TargetStatus::Up, Some(100 + hour)) };
        (0..168).rev().map(one).collect::<Vec<_>>()
    };
    let lines: Vec<CheckRecord> = urls.iter().flat_map(hourly).collect();
    all.targets = targets(&urls, &lines, Millis(now));
    let second = Shown { name: "prod".to_owned(), ..all.clone() };
    let page =
        html(&Page { made: Millis(now), locale: Locale::Fr, repository_url: None, environments: vec![all, second] });
    assert!(page.len() < 500_000, "{} bytes", page.len());
    assert!(page.contains("10 derniers sur 1000"), "the table says that there are more");
}

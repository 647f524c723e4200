//! Health checks hour after hour, through the shipped `run`: what is told, once, and what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story;
use crate::watchtower::{self, DAWN, DAY, HOUR, MEMORY, STATE, Tower, answering, lost, sha, watching, well};
use mangetamain_deploy::environment::Watch;
use mangetamain_deploy::host::{Phase, Publication};
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::{Ask, Fact, Outcome};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::health_log::{TargetStatus, read};

const SITE: &str = "https://prod.example/";
const OTHER: &str = "https://prod.example/_stcore/health";
const API: &str = "https://api.github.com/rate_limit";

fn word(published: &Publication) -> (&str, i32) {
    (published.outputs["result"].as_str(), published.exit)
}

fn memory(tower: &Tower) -> Vec<TargetStatus> {
    read(&tower.files[MEMORY], true).lines.iter().map(|line| line.result).collect()
}

#[test]
fn nothing_is_told_while_all_is_well() {
    let mut tower = watching(&[SITE, OTHER]);
    for _ in 0..30 {
        assert_eq!(word(&tower.hour()), ("healthy", 0));
    }
    assert_eq!(tower.headlines(), Vec::<String>::new());
    assert_eq!(memory(&tower), vec![TargetStatus::Up; 60]);
}

#[test]
fn down_is_told_once_and_recovery_with_how_long_it_was_down() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    tower.becomes(SITE, answering(503, "x"));
    for _ in 0..3 {
        let published = tower.hour();
        assert_eq!(word(&published), ("unhealthy", 1));
        assert!(published.failure.unwrap().contains("DOWN after 3 tries"));
    }
    assert_eq!(tower.messages.len(), 1);
    let text = tower.messages.remove(0);
    assert!(text.starts_with("🚨 PROD - Site DOWN\n<https://prod.example/>: status 503 instead of 200"), "{text}");
    assert!(text.contains("mangetamain-deploy status") && text.contains("actions/runs/7"), "{text}");
    tower.becomes(SITE, well());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    assert_eq!(
        tower.messages,
        [
            "✅ PROD - Site up again\n<https://prod.example/>: was DOWN for 3 h\nRun: <https://github.com/team/site/actions/runs/7>"
        ]
    );
}

#[test]
fn a_site_is_down_only_after_all_its_tries() {
    let mut tower = watching(&[SITE]);
    let bad = answering(500, "");
    tower.first.insert(SITE.to_owned(), [bad.clone(), bad.clone()].into());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    tower.first.insert(SITE.to_owned(), [bad.clone(), bad.clone(), bad].into());
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
}

#[test]
fn flapping_is_told_once_instead_of_each_time_and_ends_when_three_checks_agree() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    for hour in 0..10 {
        tower.becomes(SITE, if hour % 2 == 0 { answering(500, "") } else { well() });
        tower.hour();
    }
    let told = ["🚨 PROD - Site DOWN", "✅ PROD - Site up again", "🚨 PROD - Site DOWN", "🔁 PROD - Site flapping"];
    assert_eq!(tower.headlines(), told);
    tower.hour();
    assert_eq!(tower.headlines(), Vec::<String>::new());
    tower.hour();
    assert_eq!(tower.headlines(), ["✅ PROD - Site steady again"]);
    tower.becomes(SITE, answering(500, ""));
    tower.hour();
    assert_eq!(tower.headlines(), ["🚨 PROD - Site DOWN"], "what was before is over");
}

#[test]
fn a_site_that_flapped_and_stays_down_is_told_as_down() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    for hour in 0..4 {
        tower.becomes(SITE, if hour % 2 == 0 { answering(500, "") } else { well() });
        tower.hour();
    }
    tower.headlines();
    tower.becomes(SITE, answering(500, ""));
    let told: Vec<Vec<String>> = (0..4)
        .map(|_| {
            tower.hour();
            tower.headlines()
        })
        .collect();
    assert_eq!(told, [vec![], vec![], vec!["🚨 PROD - Site DOWN".to_owned()], vec![]]);
}

#[test]
fn a_certificate_that_ends_within_14_days_is_warned_of_once_a_day() {
    let mut tower = watching(&[SITE]);
    let ending = |days: u64| watchtower::Site { certificate_ends_ms: Some(Millis(DAWN + days * DAY)), ..well() };
    tower.becomes(SITE, ending(40));
    assert!(tower.hour().summary.contains("| 40 |"), "shown");
    assert_eq!(tower.headlines().len(), 0);
    tower.becomes(SITE, ending(15));
    for _ in 0..24 {
        assert_eq!(tower.hour().exit, 0, "it still answers");
    }
    assert_eq!(tower.headlines().len(), 0, "15 days are enough");
    for _ in 0..72 {
        tower.hour();
    }
    assert_eq!(tower.headlines(), vec!["🔐 PROD - Certificate ends soon"; 3]);
}

#[test]
fn a_state_folder_that_cannot_be_written_stops_neither_checks_nor_alerts() {
    let mut tower = watching(&[SITE]);
    tower.read_only.push("/state".to_owned());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    tower.becomes(SITE, answering(500, ""));
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
    assert_eq!(tower.headlines(), ["🚨 PROD - Site DOWN"]);
    assert!(tower.said.iter().any(|line| line.contains("cannot be remembered")), "{:?}", tower.said);
}

#[test]
fn a_machine_without_a_network_says_so_once_and_calls_nothing_down() {
    let mut tower = watching(&[SITE, OTHER]);
    tower.hour();
    for phase in [Phase::Resolve, Phase::Network] {
        tower.becomes(SITE, lost(phase));
        tower.becomes(OTHER, lost(Phase::Resolve));
        for _ in 0..2 {
            assert_eq!(word(&tower.hour()), ("pending", 0));
        }
    }
    assert_eq!(tower.headlines(), ["⚠️ Health checks - Cannot check"]);
    assert!(memory(&tower).ends_with(&[TargetStatus::Blind; 8]));
    tower.becomes(SITE, well());
    tower.becomes(OTHER, well());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    assert_eq!(tower.headlines(), ["✅ Health checks - Possible again"], "checks were made, and could reach nothing");
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    assert!(tower.headlines().is_empty(), "once");
}

#[test]
fn names_that_are_not_found_while_the_network_works_are_down() {
    let mut tower = watching(&[SITE]);
    tower.becomes(SITE, lost(Phase::Resolve));
    tower.becomes(API, answering(200, "{}"));
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
}

#[test]
fn one_name_that_is_not_found_beside_a_site_that_answers_is_down() {
    let mut tower = watching(&[SITE, OTHER]);
    tower.becomes(OTHER, lost(Phase::Resolve));
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
}

#[test]
fn a_refused_connection_is_down_even_when_it_is_the_only_target() {
    let mut tower = watching(&[SITE]);
    tower.becomes(SITE, lost(Phase::Connect));
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
}

#[test]
fn missed_checks_are_noticed_and_a_long_silence_is_told() {
    let mut tower = watching(&[SITE]);
    for _ in 0..5 {
        tower.hour();
    }
    tower.now += HOUR;
    tower.hour();
    assert!(tower.said.iter().any(|line| line.contains("1 missed")), "{:?}", tower.said);
    assert_eq!(tower.headlines().len(), 0, "one hour is for the log");
    tower.now += 4 * HOUR;
    tower.run();
    let text = tower.messages.pop().unwrap();
    assert!(text.starts_with("⚠️ Health checks - 4 missed\nLast check: 2026-01-01 06:00:00 UTC, 5 h ago"), "{text}");
    tower.now += HOUR;
    tower.run();
    assert_eq!(tower.messages.len(), 0, "once");
}

#[test]
fn a_site_that_a_deploy_restarts_is_waited_for() {
    let mut tower = watching(&[SITE]);
    tower.write_ledger(Fact::Baseline { sha: sha(1) });
    tower.held.insert(format!("{STATE}/lock"), ("run 5.1 (deploy 0000002)".to_owned(), DAWN + 40_000));
    let bad = answering(502, "");
    tower.first.insert(SITE.to_owned(), [bad.clone(), bad.clone(), bad].into());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    assert!(tower.said.iter().any(|line| line.contains("not judged while run 5.1 (deploy 0000002) is at work")));
}

#[test]
fn a_deploy_that_came_and_went_during_the_check_is_seen_in_the_ledger() {
    let mut tower = watching(&[SITE]);
    tower.set("health-contains", "{sha}");
    tower.write_ledger(Fact::Baseline { sha: sha(1) });
    tower.becomes(SITE, answering(200, sha(2).as_str()));
    tower.deploys.push((DAWN + 15_000, Fact::Found { sha: sha(2) }));
    assert_eq!(word(&tower.hour()), ("healthy", 0));
}

#[test]
fn a_change_that_never_ends_hides_an_outage_for_one_check_only() {
    let mut tower = watching(&[SITE]);
    tower.write_ledger(Fact::Baseline { sha: sha(1) });
    tower.held.insert(format!("{STATE}/lock"), ("run 5.1 (deploy 0000002)".to_owned(), DAWN + DAY));
    tower.becomes(SITE, answering(502, ""));
    assert_eq!(word(&tower.hour()), ("pending", 0));
    assert_eq!(tower.headlines().len(), 0);
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
    assert_eq!(tower.headlines(), ["🚨 PROD - Site DOWN"]);
}

#[test]
fn another_version_is_told_as_that_and_not_as_down() {
    let mut tower = watching(&[SITE]);
    tower.set("health-contains", "version {sha7}");
    tower.write_ledger(Fact::Baseline { sha: sha(1) });
    let right = format!("version {}", sha(1).short());
    tower.becomes(SITE, answering(200, "version 1234567"));
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
    assert_eq!(tower.headlines(), ["🟠 PROD - Another version answers"]);
    assert_eq!(memory(&tower), [TargetStatus::Stale]);
    tower.becomes(SITE, answering(200, &right));
    tower.hour();
    assert!(tower.messages[0].contains("another version answered for 1 h"), "{}", tower.messages[0]);
    assert_eq!(tower.headlines(), ["✅ PROD - The right version answers"]);
    tower.becomes(SITE, answering(200, "version 1234567"));
    tower.hour();
    tower.becomes(SITE, answering(500, "version 1234567"));
    tower.hour();
    assert_eq!(memory(&tower).last(), Some(&TargetStatus::Down));
    assert_eq!(tower.headlines(), ["🟠 PROD - Another version answers", "🚨 PROD - Site DOWN"]);
    tower.becomes(SITE, answering(200, &right));
    tower.hour();
    assert!(tower.messages[0].contains("was DOWN for 1 h"), "{}", tower.messages[0]);
}

#[test]
fn a_hundred_targets_take_as_long_as_the_slowest() {
    let urls: Vec<String> = (0..100).map(|number| format!("https://site{number}.example/")).collect();
    let mut tower = watching(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    tower.becomes(&urls[42], watchtower::Site { ms: 7_000, ..well() });
    assert_eq!(tower.run().outputs["duration-ms"], "7000");
}

#[test]
fn a_line_that_was_not_written_whole_is_closed_and_not_read() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    let text = tower.files.get_mut(MEMORY).unwrap();
    text.push_str(&text.clone()[..30]);
    tower.hour();
    let lines: Vec<&str> = tower.files[MEMORY].lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].ends_with(" #torn"), "{lines:?}");
    assert_eq!(read(&tower.files[MEMORY], true).set_aside, 1);
}

#[test]
fn lines_are_forgotten_after_eight_days_and_an_outage_is_not() {
    let urls: Vec<String> = (0..20).map(|number| format!("https://site{number}.example/")).collect();
    let mut tower = watching(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    tower.becomes(&urls[3], answering(500, ""));
    for _ in 0..24 * 30 {
        tower.hour();
        let history = read(&tower.files[MEMORY], true);
        let (first, last) = (history.lines.first().unwrap().at, history.lines.last().unwrap().at);
        assert!(last.since(first) <= 9 * DAY + HOUR, "{}", last.since(first));
    }
    assert_eq!(tower.messages.len(), 1, "told once in a month");
    let history = read(&tower.files[MEMORY], true);
    let down = history.lines.iter().rfind(|line| line.result == TargetStatus::Down).unwrap();
    assert_eq!(down.since, Some(Millis(DAWN)), "since when it is down is still known");
    assert!(down.at.since(history.lines.first().unwrap().at) >= 7 * DAY, "seven days stay");
}

#[test]
fn a_hundred_sites_down_are_one_message_that_counts_them() {
    let urls: Vec<String> = (0..100).map(|number| format!("https://site{number}.example/")).collect();
    let mut tower = watching(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    for url in &urls {
        tower.becomes(url, answering(500, ""));
    }
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
    assert_eq!(tower.messages.len(), 1);
    assert!(tower.messages[0].contains("... and 90 more targets"), "{}", tower.messages[0]);
}

#[test]
fn a_check_of_nothing_is_not_green() {
    let mut tower = watchtower::tower();
    tower.set("environment", "prod");
    let published = tower.run();
    assert_eq!(published.exit, 1);
    assert!(published.failure.unwrap().contains("there is nothing to check"));
}

#[test]
fn an_environment_without_a_url_is_told_as_not_checked() {
    let mut tower = watchtower::tower();
    tower.file = Some(format!("environments:\n  prod: {{ url: '{SITE}' }}\n  worker: {{ label: WORKER }}\n"));
    tower.becomes(SITE, well());
    let published = tower.run();
    assert_eq!(word(&published), ("healthy", 0));
    assert!(published.summary.contains("| WORKER | - | ⏸️ not checked: no URL |"), "{}", published.summary);
    assert!(tower.said.iter().any(|line| line == "worker: not checked, it has no URL"));
}

fn write_deployed(tower: &mut Tower) {
    let mut with = story::environment();
    with.health.urls = vec![SITE.to_owned()];
    with.health.timeout_ms = 1_000;
    "prod".clone_into(&mut with.name);
    STATE.clone_into(&mut with.state_folder);
    with.ci.watch = Watch::None;
    let ask = Ask::Deploy { sha: sha(1), force: Force::Obey };
    tower.write_ledger(Fact::Asked { ask, with: Box::new(with) });
    tower.write_ledger(Fact::Ended { outcome: Outcome::Deployed });
}

#[test]
fn without_a_configuration_file_the_ledgers_say_what_is_checked() {
    let mut tower = watchtower::tower();
    write_deployed(&mut tower);
    tower.files.insert("/s/p".to_owned(), String::new());
    tower.becomes(SITE, well());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
    tower.file = Some(format!("environments:\n  other: {{ url: '{OTHER}' }}\n"));
    tower.becomes(SITE, answering(500, "it left the file, and the machine"));
    tower.becomes(OTHER, well());
    assert_eq!(word(&tower.hour()), ("healthy", 0));
}

#[test]
fn down_calls_whom_the_settings_name_and_recovery_nobody() {
    let mut tower = watching(&[SITE]);
    tower.set("discord-mention", "role:42");
    tower.becomes(SITE, answering(500, ""));
    tower.hour();
    tower.becomes(SITE, well());
    tower.hour();
    let called: Vec<bool> = tower.messages.iter().map(|text| text.contains("<@&42>")).collect();
    assert_eq!(called, [true, false]);
}

#[test]
fn latency_is_shown_beside_the_median_of_the_last_day() {
    let mut tower = watching(&[SITE]);
    for ms in [100, 900, 120, 110, 140] {
        tower.becomes(SITE, watchtower::Site { ms, ..well() });
        tower.hour();
    }
    tower.becomes(SITE, watchtower::Site { ms: 450, ..well() });
    let published = tower.run();
    assert!(published.summary.contains("| ✅ up | 450 ms | 120 ms | - |"), "{}", published.summary);
}

#[test]
fn a_dry_run_asks_nothing_remembers_nothing_and_sends_nothing() {
    let mut tower = watching(&[SITE]);
    tower.set("dry-run", "true");
    tower.becomes(SITE, answering(500, ""));
    assert_eq!(word(&tower.run()), ("ok", 0));
    assert_eq!((tower.files.len(), tower.messages.len(), tower.now), (0, 0, DAWN));
    assert!(tower.said.iter().any(|line| line.contains("prod: https://prod.example/, 3 tries of 10 s, 10 s apart")));
}

#[test]
fn what_is_down_is_not_called_healthy_in_the_same_error() {
    let mut tower = watching(&[SITE]);
    write_deployed(&mut tower);
    tower.becomes(SITE, answering(500, ""));
    let told = tower.hour().failure.unwrap();
    assert!(told.contains("(not validated, was healthy when deployed)") && !told.contains("and healthy"), "{told}");
}

//! What Discord did not take of health checks, through the shipped `run`: it is told by a later one, and nothing else is.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::watchtower::{answering, lost, tower, watching, well};
use mangetamain_deploy::host::{Phase, Publication};

const SITE: &str = "https://prod.example/";

fn word(published: &Publication) -> (&str, i32) {
    (published.outputs["result"].as_str(), published.exit)
}

#[test]
fn a_message_that_discord_did_not_take_is_told_by_the_next_check() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    tower.becomes(SITE, lost(Phase::Connect));
    tower.discord_is_down = true;
    assert_eq!(word(&tower.hour()), ("unhealthy", 1));
    tower.discord_is_down = false;
    tower.hour();
    tower.hour();
    assert_eq!(tower.messages.len(), 1);
    assert!(tower.messages[0].contains("for 1 h"), "{}", tower.messages[0]);
}

#[test]
fn a_recovery_that_discord_did_not_take_is_told_by_the_next_check_with_the_length_of_the_outage() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    tower.becomes(SITE, lost(Phase::Connect));
    tower.hour();
    tower.becomes(SITE, well());
    tower.discord_is_down = true;
    tower.hour();
    tower.hour();
    tower.discord_is_down = false;
    tower.messages.clear();
    tower.hour();
    assert!(tower.messages[0].contains("was DOWN for 1 h"), "{}", tower.messages[0]);
    assert_eq!(tower.headlines(), ["✅ PROD - Site up again"]);
}

#[test]
fn a_message_that_discord_never_takes_has_no_other_told_again() {
    let other = "https://other.example/";
    let mut tower = tower();
    tower.file = Some(format!("environments:\n  one: {{ url: '{SITE}' }}\n  two: {{ url: '{other}' }}\n"));
    for url in [SITE, other] {
        tower.becomes(url, answering(500, ""));
    }
    tower.refused = Some("TWO".to_owned());
    for _ in 0..3 {
        tower.hour();
    }
    assert_eq!(tower.headlines(), ["🚨 ONE - Site DOWN"]);
    tower.refused = None;
    tower.hour();
    tower.hour();
    assert_eq!(tower.headlines(), ["🚨 TWO - Site DOWN"], "and it is told once Discord takes it");
}

#[test]
fn that_checks_are_possible_again_is_told_once_discord_takes_it_with_how_long_they_were_not() {
    let mut tower = watching(&[SITE]);
    tower.hour();
    tower.becomes(SITE, lost(Phase::Resolve));
    for _ in 0..3 {
        tower.hour();
    }
    assert_eq!(tower.headlines(), ["⚠️ Health checks - Cannot check"]);
    tower.becomes(SITE, well());
    tower.discord_is_down = true;
    tower.hour();
    tower.hour();
    tower.discord_is_down = false;
    tower.messages.clear();
    tower.hour();
    assert!(tower.messages[0].contains("Nothing could be checked for 3 h"), "{:?}", tower.messages);
    assert_eq!(tower.headlines(), ["✅ Health checks - Possible again"]);
    tower.hour();
    assert!(tower.headlines().is_empty(), "once");
    tower.becomes(SITE, lost(Phase::Resolve));
    tower.hour();
    assert_eq!(tower.headlines(), ["⚠️ Health checks - Cannot check"], "the next time is news again");
}

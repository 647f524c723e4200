//! How long a site was DOWN where a deploy, not a check, was the first to find it well again, through the shipped `run`.
#![allow(clippy::unwrap_used, missing_docs)]

use crate::story;
use crate::watchtower::{self, HOUR, STATE, Tower, answering, sha, watching, well};
use mangetamain_deploy::environment::{Locale, Watch};
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::{Ask, Fact, Outcome};

const SITE: &str = "https://prod.example/";
const MINUTE: u64 = 60_000;

/// A deploy of this commit that checks these addresses; it ends so many minutes from here.
fn deploy(tower: &mut Tower, number: usize, urls: &[&str], minutes: u64, outcome: Outcome) {
    let began = tower.now;
    let mut with = story::environment();
    with.health.urls = urls.iter().map(|url| (*url).to_owned()).collect();
    "prod".clone_into(&mut with.name);
    "PROD".clone_into(&mut with.label);
    STATE.clone_into(&mut with.state_folder);
    with.locale = Locale::En;
    with.ci.watch = Watch::None;
    let ask = Ask::Deploy { sha: sha(number), force: Force::Obey };
    tower.write_ledger(Fact::Asked { ask, with: Box::new(with) });
    tower.now += minutes * MINUTE;
    tower.write_ledger(Fact::Ended { outcome });
    tower.now = began;
}

/// DOWN was told, and the next check is due in an hour.
fn told_down() -> Tower {
    let mut tower = watching(&[SITE]);
    tower.hour();
    tower.becomes(SITE, answering(502, ""));
    tower.hour();
    assert_eq!(tower.headlines(), ["🚨 PROD - Site DOWN"]);
    // Back to when it was found: what follows comes between two checks.
    tower.now -= HOUR;
    tower
}

fn recovery(tower: &mut Tower) -> String {
    tower.becomes(SITE, well());
    tower.hour();
    tower.messages.remove(0)
}

#[test]
fn a_deploy_that_found_the_site_well_ends_the_time_that_it_was_down() {
    let mut tower = told_down();
    deploy(&mut tower, 1, &[SITE], 3, Outcome::Deployed);
    tower.now += HOUR;
    let told = recovery(&mut tower);
    assert!(told.starts_with("✅ PROD - Site up again") && told.contains("was DOWN for 3 min\n"), "{told}");
}

#[test]
fn a_site_that_is_down_again_after_that_deploy_is_down_since_then() {
    let mut tower = told_down();
    // For longer than changes count for flapping.
    for _ in 0..25 {
        tower.now += HOUR;
        tower.hour();
        tower.now -= HOUR;
    }
    deploy(&mut tower, 1, &[SITE], 3, Outcome::Deployed);
    tower.now += HOUR;
    tower.hour();
    assert_eq!(tower.headlines(), ["🚨 PROD - Site DOWN"], "the deploy said that it was well: this is news");
    tower.hour();
    assert_eq!(tower.headlines(), [""; 0], "told once");
    let told = recovery(&mut tower);
    assert!(told.contains("was DOWN for 2 h\n"), "its own hour, not both, nor the minutes of the first: {told}");
}

#[test]
fn a_deploy_that_says_nothing_of_the_site_ends_nothing() {
    let unhealthy = || Outcome::Unhealthy { why: "status 502".to_owned() };
    let all: [(&[&str], Outcome); 3] =
        [(&[], Outcome::Deployed), (&["https://other.example/"], Outcome::Deployed), (&[SITE], unhealthy())];
    for (urls, outcome) in all {
        let mut tower = told_down();
        deploy(&mut tower, 1, urls, 3, outcome);
        tower.now += HOUR;
        let told = recovery(&mut tower);
        assert!(told.contains("was DOWN for 1 h\n"), "{urls:?}: {told}");
    }
    let mut tower = watchtower::watching(&[SITE]);
    deploy(&mut tower, 1, &[SITE], 0, Outcome::Deployed);
    tower.now += HOUR;
    tower.becomes(SITE, answering(502, ""));
    tower.hour();
    tower.headlines();
    let told = recovery(&mut tower);
    assert!(told.contains("was DOWN for 1 h\n"), "it was well before that: {told}");
}

#[test]
fn a_second_outage_that_nobody_could_be_told_of_is_told_by_the_next_check() {
    let mut tower = told_down();
    deploy(&mut tower, 1, &[SITE], 3, Outcome::Deployed);
    tower.now += HOUR;
    tower.discord_is_down = true;
    tower.hour();
    tower.headlines();
    tower.discord_is_down = false;
    tower.hour();
    assert_eq!(tower.headlines(), ["🚨 PROD - Site DOWN"]);
    tower.hour();
    assert_eq!(tower.headlines(), [""; 0], "told once");
}

#[test]
fn outages_that_deploys_end_are_changes_too_and_flapping_is_told_once() {
    let mut tower = told_down();
    let mut told = Vec::new();
    for _ in 0..4 {
        deploy(&mut tower, 1, &[SITE], 3, Outcome::Deployed);
        tower.now += HOUR;
        tower.hour();
        told.extend(tower.headlines());
        tower.now -= HOUR;
    }
    assert_eq!(told, ["🚨 PROD - Site DOWN", "🔁 PROD - Site flapping"]);
}

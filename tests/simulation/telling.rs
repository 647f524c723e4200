//! Scenarios of messages: a Discord on a bad day, foreign text, the language.

use super::scenarios::{after, validated};
use super::town::Town;
use super::world::Mood;

#[test]
fn a_webhook_that_is_gone_fails_nothing_and_is_asked_once() {
    let mut town = Town::new(19);
    town.world().discord.push((u64::MAX, Mood::Status(404)));
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.seen().posts, 1);
    assert!(town.said().contains("Discord: the webhook is gone"), "{}", town.said());
    after(&town, "live 1 point 1 quarantined - running 1");
}

#[test]
fn a_discord_that_limits_us_gets_every_message_once_it_lets_us() {
    let mut town = Town::new(20);
    let until = town.seen().now + 1_200;
    town.world().discord.push((until, Mood::Status(429)));
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.headlines().len(), 3, "{:?}", town.headlines());
}

#[test]
fn a_discord_that_is_down_delays_a_deploy_by_a_bounded_time() {
    for mood in [Mood::Silent, Mood::Garbage, Mood::Status(429), Mood::Status(500)] {
        let mut town = Town::new(21);
        town.world().discord.push((u64::MAX, mood));
        let one = town.push("Fix the menu", "success");
        let began = town.seen().now;
        assert_eq!(town.deployed(one, &[("watch", "none")]), "deployed 0", "{}", town.story());
        assert!(town.seen().now - began < 40_000);
        after(&town, "live 1 point - quarantined - running 1");
    }
}

#[test]
fn a_hostile_commit_message_is_harmless_in_the_log_and_in_messages() {
    let mut town = validated(31);
    let subject = "::set-output name=x::y ##[add-mask]x \r::error::boom @everyone [a](http://evil.example) **b** `c`";
    let two = town.push(subject, "failure");
    town.world().commits[two].author = "\u{1b}[31m@everyone\r##[error]x".to_owned();
    assert_eq!(town.deployed(two, &[("discord-mention", "")]), "rolled-back 1", "{}", town.story());
    let world = town.seen();
    for body in &world.messages {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(json["allowed_mentions"], serde_json::json!({ "parse": [] }));
        assert!(!json["content"].as_str().unwrap().contains("@everyone"), "{body}");
        assert!(!body.contains("](http://evil.example)"), "{body}");
    }
    // Each line that was said has been looked at on its way: see `check::no_secret_in`.
    assert!(world.said.iter().any(|(_, text)| text.contains("set-output")), "{:?}", world.said);
    assert_eq!(world.messages.len(), 3);
}

#[test]
fn messages_are_english_where_the_settings_say_so() {
    let mut town = Town::new(32);
    town.set("locale", "en");
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0");
    let heads = town.headlines();
    assert!(heads[0].ends_with("Deploy started") && heads[2].ends_with("SHA validated by CI"), "{heads:?}");
}

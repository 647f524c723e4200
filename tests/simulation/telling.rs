//! Scenarios of messages: a Discord on a bad day, foreign text, the language.

use super::scenarios::{after, validated};
use super::town::Town;
use super::world::{Mood, sha};

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
    let before = town.seen().channel;
    town.world().commits[two].author = "\u{1b}[31m@everyone\r##[error]x".to_owned();
    assert_eq!(town.deployed(two, &[("discord-mention", "")]), "rolled-back 1", "{}", town.story());
    let world = town.seen();
    for body in &world.messages {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(json["allowed_mentions"], serde_json::json!({ "parse": [] }));
        assert!(!json["content"].as_str().unwrap().contains("@everyone"), "{body}");
        let description = json["embeds"][0]["description"].as_str().unwrap();
        assert!(!description.contains("@everyone") && !description.contains("**b**"), "{body}");
        assert!(!body.contains("](http://evil.example)"), "{body}");
    }
    // Each line that was said has been looked at on its way: see `check::no_secret_in`.
    assert!(world.said.iter().any(|(_, text)| text.contains("set-output")), "{:?}", world.said);
    assert_eq!(
        (world.messages.len(), world.channel - before),
        (4, 2),
        "one message, edited, and a new one for the rollback"
    );
}

#[test]
fn that_ci_has_validated_is_told_however_many_were_validated_before() {
    let mut town = Town::new(33);
    for version in 1..=22 {
        let next = town.push("Fix the menu", "success");
        assert_eq!(town.deployed(next, &[]), "validated 0", "{version}");
        let heads = town.headlines();
        assert!(heads.last().is_some_and(|head| head.starts_with("✅ PREPROD")), "{version}: {heads:?}");
    }
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

/// The texts that stood in the channel one after the other, each with its first line and its colour.
fn frames(town: &Town) -> Vec<(String, String, u64)> {
    let read = |body: &String| {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        let embed = &json["embeds"][0];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (text(&json["content"]), text(&embed["description"]), embed["color"].as_u64().unwrap_or_default())
    };
    town.seen().messages.iter().map(read).collect()
}

#[test]
fn a_deploy_is_one_message_that_is_edited_through_its_life() {
    let mut town = Town::new(33);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!((town.seen().channel, town.seen().edits), (1, 2));
    let colours: Vec<u64> = frames(&town).iter().map(|(_, _, colour)| *colour).collect();
    assert_eq!(colours, [0x2F_81_F7, 0xD2_99_22, 0x2D_A4_4E], "under way, live, validated");
    assert!(frames(&town)[0].1.contains("**Message:** Fix the menu\n⏳"), "{:?}", frames(&town)[0]);
}

#[test]
fn a_rollback_edits_the_message_of_what_it_undoes_and_rings_with_a_new_one() {
    let mut town = validated(34);
    let (channel, edits) = (town.seen().channel, town.seen().edits);
    let two = town.push("Break the menu", "failure");
    assert_eq!(town.deployed(two, &[("discord-mention", "role:42")]), "rolled-back 1", "{}", town.story());
    assert_eq!((town.seen().channel - channel, town.seen().edits - edits), (2, 2));
    let world = town.seen();
    let rung: Vec<bool> = world.messages.iter().map(|body| body.contains("<@&42>")).collect();
    assert_eq!(rung, [false, false, true, false], "only the new one calls somebody");
    let told = &world.messages[2];
    for words in ["ROLLBACK AUTOMATIQUE", "FAILED test", "Commits depuis le dernier validé:** 1", "Break the menu"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_version_that_does_not_come_up_rings_once_for_its_rollback() {
    let mut town = validated(35);
    let two = town.push("Two", "success");
    town.world().unhealthy.insert(two);
    let before = town.seen().channel;
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    assert_eq!(town.seen().channel - before, 2, "{:?}", town.headlines());
}

#[test]
fn a_watcher_edits_the_message_of_the_deploy_that_started_it() {
    let mut town = Town::new(36);
    let one = town.push("Fix the menu", "success");
    town.deploy(one, &[("watch", "detached"), super::starts::lasting()]);
    town.settle();
    assert_eq!((town.seen().channel, town.seen().edits), (1, 2), "{}", town.story());
}

#[test]
fn a_message_that_was_deleted_or_is_an_hour_old_gets_a_new_one() {
    for late in [false, true] {
        let mut town = Town::new(38);
        let one = town.push("Fix the menu", "never");
        assert_eq!(town.deployed(one, &[("watch", "event")]), "deployed 0", "{}", town.story());
        if late {
            town.world().now += 3_600_001;
        } else {
            town.world().forgotten.insert(1);
        }
        town.world().ci(one, 0, 1, "success");
        assert_eq!(town.mode("watch", &[("sha", &sha(one))]), "validated 0", "{}", town.story());
        assert_eq!((town.seen().channel, town.seen().edits), (2, 1), "late: {late}");
        assert_eq!(town.headlines().len(), 3, "{:?}", town.headlines());
    }
}

#[test]
fn a_message_of_any_age_says_what_has_replaced_its_version() {
    for late_ms in [1_000, 3_600_001] {
        let mut town = Town::new(37);
        let slow = [("watch", "event"), ("ci-timeout", "3h")];
        let one = town.push("Fix the menu", "never");
        assert_eq!(town.deployed(one, &slow), "deployed 0", "{}", town.story());
        town.world().now += late_ms;
        let two = town.push("Fix it better", "never");
        assert_eq!(town.deployed(two, &slow), "deployed 0", "{}", town.story());
        let is_told = town.seen().messages.iter().any(|message| message.contains("remplacé par"));
        assert!(is_told, "{late_ms}: {:?}", town.headlines());
        assert_eq!((town.seen().channel, town.seen().edits), (2, 3), "{late_ms}");
    }
}

#[test]
fn which_message_tells_of_a_deploy_may_be_forgotten_or_garbled_on_disk() {
    for kept in [None, Some("[{\"sha\":"), Some("{}"), Some("[]")] {
        let mut town = Town::new(39);
        let one = town.push("Fix the menu", "never");
        assert_eq!(town.deployed(one, &[("watch", "event")]), "deployed 0", "{}", town.story());
        let path = "/var/app-state/preprod/messages.json".to_owned();
        assert!(town.world().files.remove(&path).is_some_and(|text| text.contains("\"id\":1")));
        if let Some(kept) = kept {
            town.world().files.insert(path, kept.to_owned());
        }
        town.world().ci(one, 0, 1, "success");
        assert_eq!(town.mode("watch", &[("sha", &sha(one))]), "validated 0", "{}", town.story());
        assert_eq!(town.seen().channel, 2, "{kept:?}");
    }
}

#[test]
fn plain_messages_are_never_edited() {
    let mut town = Town::new(40);
    town.set("discord-style", "text");
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!((town.seen().channel, town.seen().edits, town.headlines().len()), (3, 0, 3));
    let noted = town.seen().files["/var/app-state/preprod/messages.json"].clone();
    assert!(noted.contains("\"id\":null") && !noted.contains("\"text\""), "{noted}");
}

#[test]
fn without_a_webhook_nothing_is_remembered_of_messages() {
    let mut town = Town::new(41);
    town.set("discord-webhook", "");
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert!(!town.story().contains("messages.json"), "{}", town.story());
}

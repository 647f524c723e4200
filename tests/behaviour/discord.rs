//! Messages to Discord: what is sent, and what the answer proves.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use crate::markdown::odd_text;
use mangetamain_deploy::failure::problem::{Problem, Wrong};
use mangetamain_deploy::host::{Answered, Phase, Reply};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::discord::{
    BadWebhook, Embed, Mention, Message, Posted, Receipt, edited, post, posted, webhook,
};
use mangetamain_deploy::tools::markdown::length;
use proptest::prelude::*;
use serde_json::{Value, json};

const HOOK: &str = "https://discord.com/api/webhooks/1/hush";

fn body(message: &Message) -> Value {
    let request = post(&webhook(HOOK).unwrap(), message, Receipt::Asked);
    serde_json::from_str(&request.body.unwrap()).unwrap()
}

fn saying(content: &str, ring: Option<Mention>) -> Message {
    Message { content: content.to_owned(), embed: None, ring }
}

fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = body.to_owned();
    Reply::Answered(Answered { status, headers, body, whole: true, location: None, ms: 1, certificate_ends_ms: None })
}

#[test]
fn a_message_without_a_ring_rings_nobody() {
    let expected = json!({
        "content": "Hello @everyone", "embeds": [], "allowed_mentions": { "parse": [] },
    });
    assert_eq!(body(&saying("Hello @everyone", None)), expected);
}

#[test]
fn a_ring_is_the_only_mention_that_is_allowed() {
    let table = [
        (Mention::Role(5), "<@&5> x", json!({ "parse": [], "roles": ["5"] })),
        (Mention::User(5), "<@5> x", json!({ "parse": [], "users": ["5"] })),
        (Mention::Either(5), "<@&5> <@5> x", json!({ "parse": [], "roles": ["5"], "users": ["5"] })),
        (Mention::Everyone, "@everyone x", json!({ "parse": ["everyone"] })),
    ];
    for (ring, content, allowed) in table {
        let body = body(&saying("x", Some(ring)));
        assert_eq!(body["content"], content);
        assert_eq!(body["allowed_mentions"], allowed);
    }
}

#[test]
fn a_long_message_is_cut_and_still_rings() {
    let content = body(&saying(&"x".repeat(3000), Some(Mention::Role(5))))["content"].clone();
    let content = content.as_str().unwrap();
    assert!(content.starts_with("<@&5> x") && content.ends_with('…'));
    assert_eq!(length(content), 2000);
}

#[test]
fn an_empty_message_still_says_something() {
    assert_eq!(body(&saying(" \n", None))["content"], "…");
    let hollow = Message { embed: Some(Embed::default()), ..Message::default() };
    assert_eq!(body(&hollow)["content"], "…");
    assert_eq!(body(&hollow)["embeds"], json!([]));
}

#[test]
fn an_embed_carries_only_what_discord_takes() {
    let embed = Embed {
        title: "Title".to_owned(),
        url: Some("javascript:alert(1)".to_owned()),
        colour: Some(u32::MAX),
        fields: vec![("a".to_owned(), " ".to_owned())],
        ..Embed::default()
    };
    let message = Message { embed: Some(embed), ..Message::default() };
    let expected = json!([{
        "title": "Title", "fields": [{ "name": "a", "value": "\u{200b}" }], "color": 0xff_ffff,
    }]);
    assert_eq!(body(&message)["embeds"], expected);
}

#[test]
fn an_address_of_an_embed_is_left_out_where_discord_would_refuse_the_message_for_its_length() {
    for (length, is_kept) in [(2048, true), (2049, false)] {
        let url = format!("{:x<length$}", "https://example.org/");
        let embed = Embed { title: "Live".to_owned(), url: Some(url.clone()), ..Embed::default() };
        let message = Message { embed: Some(embed), ..saying("Live", None) };
        let wanted = if is_kept { json!(url) } else { Value::Null };
        assert_eq!(body(&message)["embeds"][0]["url"], wanted, "{length}");
    }
}

#[test]
fn fields_beyond_the_limits_are_left_out_from_the_end() {
    let shown = |count: usize, value: &str, description: &str| {
        let fields = vec![("n".to_owned(), value.to_owned()); count];
        let description = description.to_owned();
        let embed = Some(Embed { description, fields, ..Embed::default() });
        let message = Message { embed, ..Message::default() };
        let fields = body(&message)["embeds"][0]["fields"].clone();
        let last = fields[fields.as_array().unwrap().len() - 1]["value"].clone();
        (fields.as_array().unwrap().len(), length(last.as_str().unwrap()))
    };
    assert_eq!(shown(30, "v", ""), (25, 1));
    assert_eq!(shown(3, &"v".repeat(2000), ""), (3, 1024));
    assert_eq!(shown(3, &"v".repeat(2000), &"d".repeat(5000)), (2, 878));
}

#[test]
fn a_mention_is_read_in_each_of_its_forms() {
    let table = [
        ("everyone", Some(Mention::Everyone)),
        ("12", Some(Mention::Either(12))),
        (" role:12 ", Some(Mention::Role(12))),
        ("user:12", Some(Mention::User(12))),
        ("<@&12>", Some(Mention::Role(12))),
        ("<@12>", Some(Mention::User(12))),
        ("<@!12>", Some(Mention::User(12))),
        ("", None),
        ("0", None),
        ("+12", None),
        ("here", None),
        ("<@&12", None),
        ("role:12,13", None),
        ("99999999999999999999999", None),
    ];
    for (text, mention) in table {
        assert_eq!(Mention::parse(text).ok(), mention, "{text:?}");
    }
}

#[test]
fn a_webhook_must_be_a_plain_http_address_and_errors_never_show_it() {
    assert!(webhook(&format!(" {HOOK}\n")).is_ok());
    assert!(webhook("http://127.0.0.1:8080/hook").is_ok());
    let table = [
        (" ", BadWebhook::Empty),
        ("https://discord.com/hush hush", BadWebhook::Broken),
        ("https://discord.com/hu\u{0}sh", BadWebhook::Broken),
        ("file:///hush", BadWebhook::NotAnAddress),
        ("discord.com/hush", BadWebhook::NotAnAddress),
        ("https:///hush", BadWebhook::NotAnAddress),
        ("https://hush@discord.com/", BadWebhook::NotAnAddress),
        ("https://discord.com/#hush", BadWebhook::NotAnAddress),
    ];
    for (text, problem) in table {
        assert_eq!(webhook(text).unwrap_err(), problem, "{text:?}");
        assert!(!Problem::at("discord-webhook", Wrong::Webhook(problem)).to_string().contains("hush"));
    }
    assert_eq!(format!("{:?}", webhook(HOOK)), "Ok(Secret(***))");
}

#[test]
fn discord_is_asked_in_its_version_ten_and_others_as_they_are() {
    let table = [
        (HOOK, Receipt::Asked, "https://discord.com/api/v10/webhooks/1/hush?wait=true"),
        (
            "https://discord.com/api/v9/webhooks/1/hush?thread_id=2",
            Receipt::Asked,
            "https://discord.com/api/v9/webhooks/1/hush?thread_id=2&wait=true",
        ),
        (
            "https://canary.discordapp.com/api/webhooks/1/hush",
            Receipt::Waived,
            "https://canary.discordapp.com/api/v10/webhooks/1/hush",
        ),
        (
            "http://notdiscord.com/api/webhooks/1/hush",
            Receipt::Asked,
            "http://notdiscord.com/api/webhooks/1/hush?wait=true",
        ),
    ];
    for (hook, receipt, url) in table {
        let request = post(&webhook(hook).unwrap(), &saying("x", None), receipt);
        assert_eq!(request.url, url);
        assert_eq!(request.method, "POST");
    }
    let request = post(&webhook(HOOK).unwrap(), &saying("x", None), Receipt::Asked);
    let named = |name: &str| request.headers.iter().find(|(one, _)| one == name).cloned().unwrap().1;
    assert_eq!(named("Content-Type"), "application/json");
    assert!(named("User-Agent").starts_with("DiscordBot (https://"));
    assert_eq!((request.limit_ms, request.cap), (10_000, 65_536));
}

#[test]
fn each_answer_of_discord_proves_one_thing() {
    let sent = |id: Option<u64>| Posted::Sent { id };
    let refused = |why: &str| Posted::Refused { why: why.to_owned() };
    let table = [
        (answered(200, &[], r#"{"id":"12"}"#), sent(Some(12))),
        (answered(200, &[], r#"{"id":"../12"}"#), sent(None)),
        (answered(204, &[], ""), sent(None)),
        (answered(429, &[], r#"{"retry_after":0.3}"#), Posted::Later { ms: 300 }),
        (answered(429, &[("retry-after", "7")], "<html>"), Posted::Later { ms: 7000 }),
        (answered(429, &[], ""), Posted::Later { ms: 1000 }),
        (answered(429, &[], r#"{"retry_after":-1}"#), Posted::Later { ms: 1000 }),
        (answered(503, &[], ""), Posted::Later { ms: 1000 }),
        (answered(500, &[], ""), Posted::Unknown),
        (answered(502, &[], "<html>"), Posted::Unknown),
        (answered(404, &[], r#"{"code":10015}"#), Posted::Gone),
        (answered(401, &[], r#"{"code":50027}"#), Posted::Gone),
        (answered(400, &[], r#"{"code":50035,"message":"hush"}"#), refused("status 400, Discord's code 50035")),
        (answered(302, &[], ""), refused("status 302")),
    ];
    for (reply, expected) in table {
        assert_eq!(posted(&reply, Millis(0)), expected, "{reply:?}");
    }
}

#[test]
fn what_discord_has_against_an_edit_only_is_no_word_on_the_webhook() {
    let table = [
        (answered(404, &[], r#"{"code":10008}"#), Posted::NoMessage),
        (answered(404, &[], ""), Posted::NoMessage),
        (answered(404, &[], r#"{"code":10015}"#), Posted::Gone),
        (answered(401, &[], r#"{"code":50027}"#), Posted::Gone),
        (answered(429, &[], r#"{"code":30046}"#), Posted::NoMessage),
        (answered(429, &[], ""), Posted::Later { ms: 1000 }),
        (answered(403, &[], r#"{"code":50005}"#), Posted::NoMessage),
    ];
    for (reply, expected) in table {
        assert_eq!(edited(&reply, Millis(0)), expected, "{reply:?}");
    }
}

#[test]
fn no_answer_means_unknown_once_the_request_may_have_left() {
    let unreached = |phase| Reply::Unreached { phase, text: HOOK.to_owned() };
    let table = [
        (Phase::Resolve, Posted::Later { ms: 1000 }),
        (Phase::Connect, Posted::Later { ms: 1000 }),
        (Phase::Tls, Posted::Later { ms: 1000 }),
        (Phase::Answer, Posted::Unknown),
        (Phase::Timeout, Posted::Unknown),
        (Phase::Url, Posted::Refused { why: "the webhook's address cannot be asked".to_owned() }),
    ];
    for (phase, expected) in table {
        assert_eq!(posted(&unreached(phase), Millis(0)), expected, "{phase:?}");
    }
    let cancelled = Reply::Cancelled { signal: "SIGTERM".to_owned() };
    assert_eq!(posted(&cancelled, Millis(0)), Posted::Unknown);
}

fn any_mention() -> impl Strategy<Value = Option<Mention>> {
    prop_oneof![
        Just(None),
        Just(Some(Mention::Everyone)),
        any::<u64>().prop_map(|id| Some(Mention::Role(id))),
        any::<u64>().prop_map(|id| Some(Mention::Either(id))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_is_within_every_limit(
        texts in (odd_text(), odd_text(), odd_text()),
        fields in prop::collection::vec((odd_text(), odd_text()), 0..30),
        ring in any_mention(),
    ) {
        let (content, title, description) = texts;
        let embed = Some(Embed { title, description, fields, ..Embed::default() });
        let body = body(&Message { content, embed, ring });
        let count = |value: &Value| value.as_str().map_or(0, length);
        prop_assert!(count(&body["content"]) <= 2000);
        prop_assert!(count(&body["content"]) > 0 || body["embeds"] != json!([]));
        let mut total = 0;
        for embed in body["embeds"].as_array().unwrap() {
            prop_assert!(count(&embed["title"]) <= 256);
            prop_assert!(count(&embed["description"]) <= 4096);
            total += count(&embed["title"]) + count(&embed["description"]);
            let fields = embed["fields"].as_array().unwrap();
            prop_assert!(fields.len() <= 25);
            for field in fields {
                prop_assert!((1..=256).contains(&count(&field["name"])));
                prop_assert!((1..=1024).contains(&count(&field["value"])));
                total += count(&field["name"]) + count(&field["value"]);
            }
        }
        prop_assert!(total <= 6000);
        prop_assert!(body["allowed_mentions"]["parse"].is_array());
    }

    #[test]
    fn any_answer_can_be_read(status in any::<u16>(), text in any::<String>()) {
        let _ = posted(&answered(status, &[("retry-after", &text)], &text), Millis(0));
    }
}

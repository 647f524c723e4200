//! What one answer of a site proves.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::host::{Answered, Keep, Phase, Reply};
use mangetamain_deploy::messages::site::unwell;
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::tools::health::*;

fn sha() -> Sha {
    Sha::parse("acfdb42aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap()
}

fn answer(status: u16, body: &str) -> Answered {
    Answered {
        status,
        headers: BTreeMap::new(),
        body: body.to_string(),
        whole: true,
        location: None,
        ms: 12,
        certificate_ends_ms: None,
    }
}

fn plain() -> Expectation {
    Expectation { status: vec![200, 204], contains: None, json: None }
}

fn holding(text: &str) -> Expectation {
    Expectation { contains: Some(text.to_string()), ..plain() }
}

fn json(key: &str, value: &str) -> Expectation {
    Expectation { json: Some((key.to_string(), value.to_string())), ..plain() }
}

fn check(answered: Answered, expectation: &Expectation) -> Probe {
    probed(&Reply::Answered(answered), expectation, Some(&sha()))
}

fn healthy(version: ProvenBy) -> Probe {
    Probe::Healthy { version, ms: 12 }
}

/// What was seen and expected, as a person reads it.
fn told(probe: &Probe) -> String {
    match probe {
        Probe::Unhealthy { seen, expected } => {
            unwell(&Unwell { seen: seen.clone(), expected: expected.clone() }, Locale::En)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_probe_asks_for_a_fresh_answer_and_reads_its_beginning() {
    let request = probe("https://example.org/", 10_000);
    assert_eq!((request.method.as_str(), request.limit_ms, request.cap), ("GET", 10_000, 1_048_576));
    assert_eq!((request.keep, request.body), (Keep::Head, None));
    let header = |name: &str| request.headers.iter().find(|(key, _)| key == name).unwrap().1.clone();
    assert_eq!((header("Cache-Control").as_str(), header("Accept").as_str()), ("no-cache", "*/*"));
    assert!(header("User-Agent").starts_with("mangetamain-deploy"));
}

#[test]
fn an_accepted_status_is_healthy_and_proves_no_version() {
    assert_eq!(check(answer(200, "hi"), &plain()), healthy(ProvenBy::Nothing));
    assert_eq!(check(answer(204, ""), &plain()), healthy(ProvenBy::Nothing));
    assert_eq!(told(&check(answer(503, "x"), &plain())), "status 503 instead of 200 or 204");
}

#[test]
fn a_sha_in_the_body_proves_the_version() {
    let body = format!("version {} up", sha());
    assert_eq!(check(answer(200, &body), &holding("version {sha}")), healthy(ProvenBy::Body));
    assert_eq!(check(answer(200, &body), &holding("version {sha7}")), healthy(ProvenBy::Body));
    assert_eq!(check(answer(200, &body), &holding("up")), healthy(ProvenBy::Nothing));
    let old = check(answer(200, "version 1111111"), &holding("version {sha7}"));
    assert_eq!(told(&old), "text \"version acfdb42\" missing; the answer begins \"version 1111111\"");
}

#[test]
fn without_a_sha_the_site_is_only_asked_whether_it_is_up() {
    let reply = Reply::Answered(answer(200, "hello"));
    assert_eq!(probed(&reply, &holding("v{sha7}"), None), healthy(ProvenBy::Nothing));
    assert_eq!(probed(&reply, &holding("hello"), None), healthy(ProvenBy::Nothing));
    assert!(matches!(probed(&reply, &holding("bye"), None), Probe::Unhealthy { .. }));
}

#[test]
fn a_body_that_was_cut_is_not_said_to_lack_the_text() {
    let cut = Answered { whole: false, ..answer(200, "abc") };
    let probe = check(cut.clone(), &holding("xyz"));
    assert_eq!(told(&probe), "not in the first 3 bytes of the body, and no more is read; expected the text \"xyz\"");
    assert_eq!(check(cut.clone(), &holding("abc")), healthy(ProvenBy::Nothing));
    assert!(told(&check(cut, &json("a", "b"))).contains("longer than the 3 bytes"));
}

#[test]
fn a_json_value_is_compared_as_text() {
    let body = r#"{"status":"ok","n":1,"up":true,"none":null,"a":{"b":[{"c":"deep"}]},"x.y":"dotted","v":"acfdb42"}"#;
    let pairs =
        [("status", "ok"), ("n", "1"), ("up", "true"), ("none", "null"), ("a.b.0.c", "deep"), ("x.y", "dotted")];
    for (key, value) in pairs {
        assert_eq!(check(answer(200, body), &json(key, value)), healthy(ProvenBy::Nothing), "{key}");
    }
    assert_eq!(check(answer(200, body), &json("v", "{sha7}")), healthy(ProvenBy::Body));
    let other = check(answer(200, body), &json("status", "up"));
    assert_eq!(told(&other), "the value \"ok\" there; expected \"status\" = \"up\" in JSON");
    for key in ["missing", "a.b.1.c", "a.b.x", "status.x", ""] {
        assert!(told(&check(answer(200, body), &json(key, "1"))).starts_with("JSON without that key"), "{key}");
    }
    assert!(told(&check(answer(200, "<html>"), &json("a", "1"))).contains("no JSON, which begins \"<html>\""));
}

#[test]
fn every_expectation_must_hold() {
    let both = Expectation { contains: Some("{sha7}".to_string()), ..json("status", "ok") };
    let body = |status: &str| format!(r#"{{"status":"{status}","v":"acfdb42"}}"#);
    assert_eq!(check(answer(200, &body("ok")), &both), healthy(ProvenBy::Body));
    assert!(matches!(check(answer(200, &body("bad")), &both), Probe::Unhealthy { .. }));
    assert!(matches!(check(answer(500, &body("ok")), &both), Probe::Unhealthy { .. }));
}

#[test]
fn a_redirect_is_followed_unless_it_is_what_is_expected() {
    let moved = Answered { location: Some("https://example.org/new".to_string()), ..answer(302, "") };
    assert_eq!(check(moved.clone(), &plain()), Probe::Redirect("https://example.org/new".to_string()));
    let wanted = Expectation { status: vec![302], ..plain() };
    assert_eq!(check(moved, &wanted), healthy(ProvenBy::Nothing));
    assert!(told(&check(answer(302, ""), &plain())).contains("leads nowhere"));
    let created = Answered { location: Some("https://example.org/new".to_string()), ..answer(201, "") };
    assert!(told(&check(created, &plain())).starts_with("status 201"));
}

#[test]
fn no_answer_is_unhealthy_and_says_how_far_it_got() {
    let phases = [Phase::Url, Phase::Resolve, Phase::Connect, Phase::Tls, Phase::Answer, Phase::Timeout];
    let mut texts: Vec<String> =
        phases.map(|phase| told(&probed(&Reply::Unreached { phase, text: String::new() }, &plain(), None))).to_vec();
    assert_eq!(texts[5], "no whole answer in time; expected status 200 or 204");
    texts.dedup();
    assert_eq!(texts.len(), 6);
    let refused = Reply::Refused { code: "EPERM".to_string(), text: "secret".to_string() };
    assert!(told(&probed(&refused, &plain(), None)).starts_with("could not be asked (EPERM)"));
}

#[test]
fn being_stopped_says_nothing_about_the_site() {
    let reply = Reply::Cancelled { signal: "SIGTERM".to_string() };
    assert_eq!(probed(&reply, &plain(), None), Probe::Cancelled { signal: "SIGTERM".to_string() });
}

#[test]
fn foreign_text_is_shown_short_clean_and_on_one_line() {
    let hostile = format!("<b>\u{1b}[31m\n::error::x\u{202e}\u{200b}\0{}", "é".repeat(500));
    let text = told(&check(answer(200, &hostile), &holding("never")));
    assert!(!text.contains(['\n', '\u{1b}', '\u{202e}', '\u{200b}', '\0']), "{text:?}");
    assert!(!text.contains("\\u"), "{text:?}");
    let Probe::Unhealthy { seen: SiteSeen::Without { start }, .. } = check(answer(200, &hostile), &holding("never"))
    else {
        panic!()
    };
    assert_eq!(start.chars().count(), 80);
    let reply = Reply::Unreached { phase: Phase::Connect, text: "x".repeat(1000) };
    assert!(told(&probed(&reply, &plain(), None)).len() < 200);
}

#[test]
fn of_a_page_with_much_white_space_its_first_words_are_shown() {
    let page = format!("<html>{}<title>", "\n".repeat(200));
    assert!(told(&check(answer(200, &page), &holding("Mangetamain"))).contains("<html> <title>"));
}

//! Where a redirect may lead, and how long a server wants to be left alone.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;

use mangetamain_deploy::host::{Answered, Http, Keep};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::http::{origin, redirected, retry_after};
use proptest::prelude::*;

const NOW: Millis = Millis(1_767_225_600_000);

fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Answered {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = body.to_owned();
    Answered { status, headers, body, whole: true, location: None, ms: 1, certificate_ends_ms: None }
}

/// A request with credentials.
fn asked() -> Http {
    let headers = [("User-Agent", "us"), ("Authorization", "Bearer hush"), ("cookie", "hush")];
    Http {
        method: "GET".to_owned(),
        url: "https://api.github.com/log".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: None,
        limit_ms: 10_000,
        cap: 7,
        keep: Keep::Tail,
    }
}

fn value<'a>(request: &'a Http, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

fn hop(from: &Http, status: u16, location: &str) -> Option<Http> {
    let location = Some(location.to_owned());
    redirected(&Answered { location, ..answered(status, &[], "") }, from)
}

#[test]
fn our_token_never_goes_to_another_server() {
    let from = asked();
    let same = hop(&from, 302, "https://API.github.com:443/x").unwrap();
    assert_eq!(value(&same, "Authorization"), Some("Bearer hush"));
    for away in ["https://logs.example/x?sig=1", "https://api.github.com:8443/x"] {
        let next = hop(&from, 302, away).unwrap();
        assert_eq!(next.url, away);
        assert!(!format!("{next:?}").contains("hush"));
        assert_eq!(value(&next, "cookie"), None);
        assert_eq!(value(&next, "User-Agent"), Some("us"));
        assert_eq!((next.cap, next.keep), (from.cap, from.keep));
    }
}

#[test]
fn a_redirect_that_leaves_https_with_credentials_is_not_followed() {
    let from = asked();
    assert_eq!(hop(&from, 302, "http://api.github.com/x"), None);
    let anonymous = Http { headers: Vec::new(), ..from.clone() };
    assert!(hop(&anonymous, 302, "http://api.github.com/x").is_some());
    for bad in ["", "file:///etc/passwd", "https://user@x/", "https:///x", "https://x\\y"] {
        assert_eq!(hop(&from, 302, bad), None, "{bad}");
    }
    for status in [200, 300, 304, 305, 306, 404] {
        assert_eq!(hop(&from, status, "https://api.github.com/x"), None, "{status}");
    }
    assert_eq!(redirected(&answered(302, &[], ""), &from), None);
}

#[test]
fn a_redirected_post_becomes_a_get_or_stays_at_home() {
    let from = Http {
        method: "POST".to_owned(),
        body: Some("{}".to_owned()),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        ..asked()
    };
    for status in [301, 302, 303] {
        let next = hop(&from, status, "https://other.example/").unwrap();
        assert_eq!((next.method.as_str(), next.body, next.headers), ("GET", None, Vec::new()));
    }
    for status in [307, 308] {
        assert_eq!(hop(&from, status, "https://other.example/"), None);
        let next = hop(&from, status, "https://api.github.com/y").unwrap();
        assert_eq!((next.method.as_str(), next.body.as_deref()), ("POST", Some("{}")));
    }
    let head = Http { method: "HEAD".to_owned(), body: None, ..from };
    assert_eq!(hop(&head, 303, "https://x.example/").unwrap().method, "HEAD");
}

#[test]
fn two_addresses_are_one_server_only_when_scheme_host_and_port_agree() {
    let parts = |url: &str| origin(url).map(|origin| (origin.scheme, origin.host, origin.port));
    let is = |scheme: &str, host: &str, port| Some((scheme.to_owned(), host.to_owned(), port));
    let table = [
        ("HTTPS://Host", is("https", "host", 443)),
        ("http://host:8080?x", is("http", "host", 8080)),
        ("https://[::1]:8443/x", is("https", "[::1]", 8443)),
        ("https://[::1]", is("https", "[::1]", 443)),
        ("https://host:/", is("https", "host", 443)),
        ("https://host:x/", None),
        ("https://[::1/", None),
        ("https://[]/", None),
        ("https://host:+80/", None),
        ("https://host:70000/", None),
        ("https://a:b:80/", None),
        ("https://a%2fb/", None),
        ("https://host /", None),
        ("ws://host/", None),
        ("host", None),
        ("", None),
    ];
    for (url, expected) in table {
        assert_eq!(parts(url), expected, "{url}");
    }
}

#[test]
fn a_server_is_left_alone_for_as_long_as_it_asks() {
    let wait = |headers: &[(&str, &str)]| retry_after(&answered(429, headers, ""), NOW);
    let reset = ("x-ratelimit-reset", "1767225660");
    assert_eq!(wait(&[("retry-after", "3"), ("x-ratelimit-remaining", "0"), reset]), Some(3000));
    assert_eq!(wait(&[("retry-after", "0.25")]), Some(250));
    assert_eq!(wait(&[("x-ratelimit-remaining", "0"), reset]), Some(60_000));
    assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")]), Some(0));
    assert_eq!(wait(&[("x-ratelimit-remaining", "1"), reset]), None);
    assert_eq!(wait(&[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")]), None);
    assert_eq!(wait(&[("retry-after", "-1")]), None);
    assert_eq!(wait(&[("retry-after", "inf")]), None);
    assert_eq!(wait(&[("retry-after", "1e300")]), Some(u64::MAX));
}

proptest! {
    #[test]
    fn any_answer_is_read_without_a_panic(text in any::<String>(), status in 300_u16..310) {
        let _ = hop(&asked(), status, &text);
        let _ = origin(&text);
        let _ = retry_after(&answered(429, &[("retry-after", &text)], ""), NOW);
    }
}

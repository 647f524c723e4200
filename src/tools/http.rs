//! What every HTTP tool shares: whether two addresses are the same server, where a redirect may
//! lead and what it may carry, and how long a server asks to be left alone.
//!
//! Following a redirect, counting hops and waiting are up to the caller.

use crate::host::{Answered, Http};
use crate::time::Millis;

/// A server: two addresses are the same one only when all three parts are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: String,
    /// Lower case, brackets of an IPv6 address included.
    pub host: String,
    /// 80 and 443 when the address names none.
    pub port: u16,
}

/// Reads the server of an address; none unless it is absolute, http or https, without a user
/// name and without blanks, control characters or backslashes.
#[must_use]
pub fn origin(url: &str) -> Option<Origin> {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
    if url.contains(odd) {
        return None;
    }
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let standard = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains(['@', '%']) {
        return None;
    }
    let after_bracket = authority.rfind(']').unwrap_or(0);
    let (host, port) = match authority.rfind(':').filter(|at| *at >= after_bracket) {
        Some(at) => (authority.get(..at)?, authority.get(at + 1..)?),
        None => (authority, ""),
    };
    let port = match port {
        "" => standard,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    let bracketed = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
    if host.is_empty() || (host.contains([':', '[', ']']) && !bracketed) {
        return None;
    }
    Some(Origin { scheme, host: host.to_ascii_lowercase(), port })
}

/// The next request of a redirect (301, 302, 303, 307, 308); none when the answer is not one, or
/// when following it would hand a body to another server or leave https with credentials.
///
/// Credentials stay behind when scheme, host or port differ. 303 becomes a GET, as do 301 and
/// 302 of a POST (Fetch standard, HTTP-redirect fetch).
#[must_use]
pub fn redirected(answered: &Answered, from: &Http) -> Option<Http> {
    if !matches!(answered.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let url = answered.location.clone()?;
    let target = origin(&url)?;
    let source = origin(&from.url)?;
    let carries_credentials = from.headers.iter().any(|(name, _)| is_credential(name));
    if carries_credentials && source.scheme == "https" && target.scheme == "http" {
        return None;
    }
    let becomes_get = match answered.status {
        303 => from.method != "HEAD",
        301 | 302 => from.method == "POST",
        _ => false,
    };
    let same = source == target;
    if !becomes_get && !same && from.body.is_some() {
        return None;
    }
    let mut next = Http { url, ..from.clone() };
    if !same {
        next.headers.retain(|(name, _)| !is_credential(name));
    }
    if becomes_get {
        next.method = "GET".to_owned();
        next.body = None;
        next.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }
    Some(next)
}

fn is_credential(name: &str) -> bool {
    ["authorization", "cookie", "proxy-authorization"].iter().any(|credential| name.eq_ignore_ascii_case(credential))
}

/// How many milliseconds a server asks us to wait: `retry-after` in seconds, else until
/// `x-ratelimit-reset` (seconds since 1970) when `x-ratelimit-remaining` is 0; none when it does
/// not say. Not bounded: the caller knows how long it can wait.
#[must_use]
pub fn retry_after(answered: &Answered, now: Millis) -> Option<u64> {
    if let Some(ms) = header(answered, "retry-after").and_then(seconds_to_ms) {
        return Some(ms);
    }
    if header(answered, "x-ratelimit-remaining") != Some("0") {
        return None;
    }
    let reset = header(answered, "x-ratelimit-reset").and_then(seconds_to_ms)?;
    Some(Millis(reset).since(now))
}

/// One value of a header; the first when it came several times.
pub(crate) fn header<'a>(answered: &'a Answered, name: &str) -> Option<&'a str> {
    answered.headers.get(name)?.split(',').next().map(str::trim)
}

/// Seconds, with or without a fraction, as milliseconds rounded up; none unless finite and >= 0.
fn seconds_to_ms(text: &str) -> Option<u64> {
    let seconds: f64 = text.parse().ok()?;
    float_to_ms(seconds)
}

/// Seconds as milliseconds, rounded up; none unless finite and not negative.
pub(crate) fn float_to_ms(seconds: f64) -> Option<u64> {
    (seconds.is_finite() && seconds >= 0.0).then_some((seconds * 1000.0).ceil() as u64)
}

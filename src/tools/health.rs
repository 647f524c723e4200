//! One health check of a site: how it is asked, and what its answer proves.
//!
//! How often to ask, for how long a failure is forgiven, where a redirect may lead (see `http`) and how
//! a finding is said (`messages::site`) are not decided here. What the site answered is somebody else's
//! text: a short, cleaned part of it is kept, the rest never.

use serde_json::Value;

use crate::environment::Health;
use crate::host::{Answered, Http, Keep, Phase, Reply};
use crate::sha::Sha;
use crate::tools::letters::acts;

/// Bytes of an answer that are read; what comes later is not looked at.
pub const BODY_CAP: u64 = 1024 * 1024;
/// How many redirects are followed at most.
pub const HOPS: usize = 5;
/// Letters of a foreign text that are shown.
const SHOWN: usize = 80;

/// What an answer must be. `{sha}` and `{sha7}` in a text stand for the SHA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Status codes that are well.
    pub status: Vec<u16>,
    /// Text that the body must hold.
    pub contains: Option<String>,
    /// Key (`a.b.0` goes down objects and lists) and value that a JSON body must hold.
    pub json: Option<(String, String)>,
}

impl Expectation {
    /// Whether an answer proves which version gave it.
    #[must_use]
    pub fn names_version(&self) -> bool {
        let texts = [self.contains.as_ref(), self.json.as_ref().map(|(_, value)| value)];
        texts.into_iter().flatten().any(|text| text.contains("{sha}") || text.contains("{sha7}"))
    }
}

impl From<&Health> for Expectation {
    fn from(health: &Health) -> Self {
        Self { status: health.status.clone(), contains: health.contains.clone(), json: health.json.clone() }
    }
}

/// What one try proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It answered as expected.
    Healthy {
        /// Whether the answer can only come from this SHA.
        version: ProvenBy,
        /// From the start of the request to the end of the body, in milliseconds.
        ms: u64,
    },
    /// It did not.
    Unhealthy {
        /// What was seen.
        seen: SiteSeen,
        /// What was expected.
        expected: Expected,
    },
    /// It sends us elsewhere (absolute URL): ask there.
    Redirect(String),
    /// We were told to stop: nothing is known.
    Cancelled {
        /// The signal's name.
        signal: String,
    },
}

/// What shows which version answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvenBy {
    /// The body holds the SHA where it was asked for.
    Body,
    /// Nothing: only a container started since the deploy began can show it.
    Nothing,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwell {
    /// What was seen.
    pub seen: SiteSeen,
    /// What was expected.
    pub expected: Expected,
}

/// What was seen instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteSeen {
    /// No answer.
    NoAnswer {
        /// How far the request got.
        phase: Phase,
        /// The system's words, short and clean.
        words: String,
    },
    /// The host refused to ask.
    NotAsked {
        /// Its code.
        code: String,
    },
    /// Another status code.
    Status(u16),
    /// A redirect that leads nowhere.
    NoLocation(u16),
    /// More redirects than this, one after another.
    Circles(usize),
    /// A body without the text.
    Without {
        /// How the body begins, short and clean.
        start: String,
    },
    /// A body without the text in its first part, of which this many bytes were read.
    WithoutSoFar {
        /// Bytes read.
        bytes: usize,
    },
    /// A body that is no JSON.
    NotJson {
        /// How the body begins, short and clean.
        start: String,
    },
    /// A JSON body that is too long: this many bytes were read.
    JsonTooLong {
        /// Bytes read.
        bytes: usize,
    },
    /// JSON without the key.
    NoKey,
    /// JSON with another value there.
    Value {
        /// The value, short and clean.
        value: String,
    },
}

/// What was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One of these status codes.
    Status(Vec<u16>),
    /// This text in the body.
    Text(String),
    /// This value at this key of a JSON body.
    Json {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
}

/// The command with which a person asks a site that has just been started: half a minute long, whatever it answers first.
#[must_use]
pub fn by_hand(url: &str) -> String {
    format!("curl -fsS --retry 30 --retry-delay 1 --retry-all-errors {}", crate::tools::shell::word(url))
}

/// The request of one try. Read by [`probed`].
#[must_use]
pub fn probe(url: &str, limit_ms: u64) -> Http {
    let header = |name: &str, value: &str| (name.to_string(), value.to_string());
    Http {
        method: "GET".to_string(),
        url: url.to_string(),
        headers: vec![
            header("User-Agent", "mangetamain-deploy"),
            header("Accept", "*/*"),
            // Nothing here unpacks: a text in what is packed would never be found.
            header("Accept-Encoding", "identity"),
            header("Cache-Control", "no-cache"),
        ],
        body: None,
        limit_ms,
        cap: BODY_CAP,
        keep: Keep::Head,
    }
}

/// What the answer proves about this SHA. Without a SHA, a text that asks for one is not looked
/// for: the site is only asked whether it is up.
#[must_use]
pub fn probed(reply: &Reply, expectation: &Expectation, sha: Option<&Sha>) -> Probe {
    let seen = match reply {
        Reply::Answered(answered) => return judged(answered, expectation, sha),
        Reply::Cancelled { signal } => {
            return Probe::Cancelled { signal: signal.clone() };
        }
        Reply::Unreached { phase, text } => SiteSeen::NoAnswer { phase: *phase, words: shown(text) },
        Reply::Refused { code, .. } => SiteSeen::NotAsked { code: shown(code) },
        _ => SiteSeen::NotAsked { code: "?".to_string() },
    };
    Probe::Unhealthy { seen, expected: Expected::Status(expectation.status.clone()) }
}

fn judged(answered: &Answered, expectation: &Expectation, sha: Option<&Sha>) -> Probe {
    if !expectation.status.contains(&answered.status) {
        let redirects = matches!(answered.status, 301 | 302 | 303 | 307 | 308);
        let seen = match &answered.location {
            Some(url) if redirects => return Probe::Redirect(url.clone()),
            None if redirects => SiteSeen::NoLocation(answered.status),
            _ => SiteSeen::Status(answered.status),
        };
        return Probe::Unhealthy { seen, expected: Expected::Status(expectation.status.clone()) };
    }
    let mut version = ProvenBy::Nothing;
    if let Some(wanted) = expectation.contains.as_deref().and_then(|text| Wanted::of(text, sha)) {
        if let Some(seen) = lacks(answered, &wanted.text) {
            return Probe::Unhealthy { seen, expected: Expected::Text(wanted.text) };
        }
        version = wanted.proves;
    }
    if let Some((key, value)) = &expectation.json
        && let Some(wanted) = Wanted::of(value, sha)
    {
        if let Some(seen) = lacks_value(answered, key, &wanted.text) {
            let expected = Expected::Json { key: key.clone(), value: wanted.text };
            return Probe::Unhealthy { seen, expected };
        }
        if wanted.proves == ProvenBy::Body {
            version = ProvenBy::Body;
        }
    }
    Probe::Healthy { version, ms: answered.ms }
}

struct Wanted {
    text: String,
    proves: ProvenBy,
}

impl Wanted {
    /// The text with the SHA in its place; none when it asks for one and none is given.
    fn of(text: &str, sha: Option<&Sha>) -> Option<Self> {
        if !text.contains("{sha}") && !text.contains("{sha7}") {
            return Some(Self { text: text.to_string(), proves: ProvenBy::Nothing });
        }
        let sha = sha?;
        let text = text.replace("{sha}", sha.as_str()).replace("{sha7}", sha.short());
        Some(Self { text, proves: ProvenBy::Body })
    }
}

fn lacks(answered: &Answered, text: &str) -> Option<SiteSeen> {
    let body = &answered.body;
    match (body.contains(text), answered.whole) {
        (true, _) => None,
        (false, true) => Some(SiteSeen::Without { start: shown(body) }),
        (false, false) => Some(SiteSeen::WithoutSoFar { bytes: body.len() }),
    }
}

fn lacks_value(answered: &Answered, key: &str, wanted: &str) -> Option<SiteSeen> {
    let body = &answered.body;
    if !answered.whole {
        return Some(SiteSeen::JsonTooLong { bytes: body.len() });
    }
    let Ok(json) = serde_json::from_str::<Value>(body.trim_start_matches('\u{feff}')) else {
        return Some(SiteSeen::NotJson { start: shown(body) });
    };
    let Some(value) = at(&json, key) else {
        return Some(SiteSeen::NoKey);
    };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
    (text != wanted).then(|| SiteSeen::Value { value: shown(&text) })
}

/// The value at a key such as `a.b.0`; a key that is there as it is written comes first.
fn at<'a>(json: &'a Value, key: &str) -> Option<&'a Value> {
    if let Some(value) = json.get(key) {
        return Some(value);
    }
    key.split('.').try_fold(json, |value, part| match value {
        Value::Array(list) => list.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// The beginning of a foreign text, on one line, without characters that act instead of showing.
pub(crate) fn shown(text: &str) -> String {
    let blank = |letter: char| if letter.is_whitespace() || acts(letter) { ' ' } else { letter };
    let text: String = text.chars().take(SHOWN * 4).map(blank).collect();
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(SHOWN).collect()
}

//! What a check found, in English; `fr::site` says the same.

use crate::environment::Locale;
use crate::host::Phase;
use crate::messages::reason::reason;
use crate::messages::site::Symptom;
use crate::time::span;
use crate::tools::health::{Expected, SiteSeen, Unwell, shown};

/// What a check found wrong.
pub fn symptom(found: &Symptom) -> String {
    match found {
        Symptom::Answer(found) => unwell(found),
        Symptom::AnswerAt { url, unwell: found } => format!("{url}: {}", unwell(found)),
        Symptom::Busy { holder, waited_ms, unwell: found } => {
            format!("{holder} is at work for more than {}; {}", span(*waited_ms), unwell(found))
        }
        Symptom::StartedAgain(names) => {
            format!("{} ended and was started again by docker (docker logs tells why)", names.join(", "))
        }
        Symptom::OwnCheck { name, said } => format!("docker's own health check of {name} says {said}"),
        Symptom::NotRunning(names) => format!("{} not running (docker logs tells why)", names.join(", ")),
        Symptom::Old(names) => {
            format!("{} runs since before this deploy: the old version answers", names.join(", "))
        }
        Symptom::NoContainer => "no container of this compose file exists".to_owned(),
        Symptom::NotTold(why) => reason(why, Locale::En),
    }
}

/// What was seen, and what was expected.
pub fn unwell(found: &Unwell) -> String {
    match (&found.seen, &found.expected) {
        (SiteSeen::Status(status), Expected::Status(codes)) => format!("status {status} instead of {}", any(codes)),
        (SiteSeen::Without { start }, Expected::Text(text)) => {
            format!("text {:?} missing; the answer begins {start:?}", shown(text))
        }
        (other, wanted) => format!("{}; expected {}", seen(other), expected(wanted)),
    }
}

fn seen(seen: &SiteSeen) -> String {
    match seen {
        SiteSeen::NoAnswer { phase, words } if words.is_empty() => far(*phase).to_owned(),
        SiteSeen::NoAnswer { phase, words } => format!("{} ({words})", far(*phase)),
        SiteSeen::NotAsked { code } => format!("could not be asked ({code})"),
        SiteSeen::Status(status) => format!("status {status}"),
        SiteSeen::NoLocation(status) => format!("status {status}, a redirect that leads nowhere"),
        SiteSeen::Circles(hops) => format!("more than {hops} redirects"),
        SiteSeen::Without { start } => format!("a body without it, which begins {start:?}"),
        SiteSeen::WithoutSoFar { bytes } => format!("not in the first {bytes} bytes of the body, and no more is read"),
        SiteSeen::NotJson { start } => format!("a body that is no JSON, which begins {start:?}"),
        SiteSeen::JsonTooLong { bytes } => format!("a body longer than the {bytes} bytes that are read"),
        SiteSeen::NoKey => "JSON without that key".to_owned(),
        SiteSeen::Value { value } => format!("the value {value:?} there"),
    }
}

fn far(phase: Phase) -> &'static str {
    match phase {
        Phase::Url => "not an address that can be asked",
        Phase::Resolve => "the name was not found",
        Phase::Network => "no way to the server",
        Phase::Connect => "no connection",
        Phase::Tls => "no safe connection",
        Phase::Answer => "the connection broke before a whole answer came",
        Phase::Timeout => "no whole answer in time",
    }
}

fn any(codes: &[u16]) -> String {
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Status(codes) => format!("status {}", any(codes)),
        Expected::Text(text) => format!("the text {:?}", shown(text)),
        Expected::Json { key, value } => format!("{:?} = {:?} in JSON", shown(key), shown(value)),
    }
}

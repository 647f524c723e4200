//! Ask a site, without a word about what is done with the answer: one try, redirects followed within
//! its time; and as many tries as the settings allow. Which answer is well is `tools::health`'s.

use crate::environment::Health;
use crate::failure::reason::Attempt;
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Phase, Reply};
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::health::{Expectation, Expected, HOPS, Probe, ProvenBy, SiteSeen, Unwell, probe, probed};

/// What one try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// Whether the site answered as expected.
    pub result: Result<Well, Badly>,
    /// When the first certificate on the way ends; none without TLS.
    pub certificate_ends: Option<Millis>,
}

/// It answered as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Well {
    /// Whether the answer can only come from the SHA.
    pub version: ProvenBy,
    /// All requests of the try together, milliseconds.
    pub ms: u64,
}

/// It did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badly {
    /// What was seen and what was expected.
    pub why: Unwell,
    /// What that says about the site.
    pub says: Says,
}

/// What an answer that is not well says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// The site does not answer as it should.
    Broken,
    /// It answers as it should, but as another version.
    OtherVersion,
    /// Nothing: the request did not get as far as the site.
    Nothing,
}

/// One try of `url`: at most `health.timeout_ms`, redirects included. A signal is a failure.
pub async fn ask<H: Host>(
    host: &H,
    health: &Health,
    url: &str,
    sha: Option<&Sha>,
    attempt: &Attempt,
) -> Result<Try, Failure> {
    let expectation = Expectation::from(health);
    let (mut next, mut spent, mut certificate_ends) = (url.to_owned(), 0, None);
    for _ in 0..=HOPS {
        let reply = host.perform(Command::Http(probe(&next, health.timeout_ms.saturating_sub(spent).max(1)))).await;
        if let Reply::Answered(answered) = &reply {
            spent += answered.ms;
            certificate_ends = certificate_ends.into_iter().chain(answered.certificate_ends_ms).min();
        }
        let result = match probed(&reply, &expectation, sha) {
            Probe::Healthy { version, .. } => Ok(Well { version, ms: spent }),
            Probe::Unhealthy { seen, expected } => {
                let says = said(&reply, &seen, &expectation, sha);
                Err(Badly { why: Unwell { seen, expected }, says })
            }
            Probe::Redirect(to) => {
                next = to;
                continue;
            }
            Probe::Cancelled { signal } => return Err(Failure::Stopped { signal, attempt: attempt.to_owned() }),
        };
        return Ok(Try { result, certificate_ends });
    }
    let why = Unwell { seen: SiteSeen::Circles(HOPS), expected: Expected::Status(expectation.status) };
    Ok(Try { result: Err(Badly { why, says: Says::Broken }), certificate_ends })
}

/// Only the version is wrong when the same answer is well without one.
fn said(reply: &Reply, seen: &SiteSeen, expectation: &Expectation, sha: Option<&Sha>) -> Says {
    match seen {
        SiteSeen::NoAnswer { phase: Phase::Resolve | Phase::Network, .. } => Says::Nothing,
        SiteSeen::NoAnswer { .. } | SiteSeen::NotAsked { .. } => Says::Broken,
        _ if sha.is_some() && matches!(probed(reply, expectation, None), Probe::Healthy { .. }) => Says::OtherVersion,
        _ => Says::Broken,
    }
}

/// Up to `health.attempts` tries, `health.interval_ms` apart: the first that is well, else the last.
pub async fn ask_repeatedly<H: Host>(
    host: &H,
    health: &Health,
    url: &str,
    sha: Option<&Sha>,
    attempt: &Attempt,
) -> Result<Try, Failure> {
    for _ in 1..health.attempts {
        let seen = ask(host, health, url, sha, attempt).await?;
        if seen.result.is_ok() {
            return Ok(seen);
        }
        unless_stopped(host.perform(Command::Sleep { ms: health.interval_ms }).await, attempt)?;
    }
    ask(host, health, url, sha, attempt).await
}

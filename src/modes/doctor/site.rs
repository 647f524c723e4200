//! The site: each address once, as a health check would ask it.

use futures_util::future::join_all;

use super::{Subject, Visit, ask};
use crate::host::Host;
use crate::messages::finding::{Finding, FindingSeen, Site};
use crate::sha::Sha;
use crate::tools::health::{Expectation, Expected, HOPS, Probe, SiteSeen, Unwell, probe, probed};

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let health = &subject.with.health;
    if health.urls.is_empty() {
        return vec![subject.skipped(FindingSeen::Site(Site::None))];
    }
    let expectation = Expectation::from(health);
    let live = subject.view.state.live.as_ref().map(|live| &live.sha);
    let asked = health.urls.iter().map(|url| once(visit, url, health.timeout_ms, &expectation, live));
    let judged = |seen| match seen {
        Site::Well { .. } => subject.ok(FindingSeen::Site(seen)),
        seen => subject.fail(FindingSeen::Site(seen)),
    };
    let mut all: Vec<Finding> = join_all(asked).await.into_iter().map(judged).collect();
    // What a container's start or a folder that is served as it is would prove, a command does not.
    let is_by_command = subject.with.compose.is_none() && !subject.with.deploy_command.is_empty();
    all.extend(
        (is_by_command && !expectation.names_version()).then(|| subject.warn(FindingSeen::Site(Site::Unproven))),
    );
    all
}

async fn once<H: Host>(
    visit: &Visit<'_, H>,
    url: &str,
    limit_ms: u64,
    expectation: &Expectation,
    live: Option<&Sha>,
) -> Site {
    let mut next = url.to_owned();
    let url = url.to_owned();
    for _ in 0..=HOPS {
        let reply = ask::http(visit.host, probe(&next, limit_ms)).await;
        match probed(&reply, expectation, live) {
            Probe::Healthy { ms, .. } => return Site::Well { url, ms },
            Probe::Unhealthy { seen, expected } => return Site::Badly { url, unwell: Unwell { seen, expected } },
            Probe::Redirect(to) => next = to,
            Probe::Cancelled { signal } => {
                let (seen, expected) =
                    (SiteSeen::NotAsked { code: signal }, Expected::Status(expectation.status.clone()));
                return Site::Badly { url, unwell: Unwell { seen, expected } };
            }
        }
    }
    Site::Circles { url, hops: HOPS }
}

//! The checking: all targets of all environments at once, and what the answers say. A site that does
//! not answer while somebody changes its environment is not down, and neither is one that a machine
//! without a network cannot ask.

use crate::config::Config;
use crate::environment::{Health, Locale};
use crate::failure::reason::Attempt;
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Reply};
use crate::ledger::Ledger;
use crate::messages::log::{Line, Site};
use crate::messages::site::Symptom;
use crate::modes::visit::{Visit, held};
use crate::parallel::all;
use crate::session::{ask, now};
use crate::sha::Sha;
use crate::steps::site::{Says, Try, ask_repeatedly};
use crate::time::Millis;
use crate::tools::health::probe;
use crate::tools::health_log::TargetStatus;
use crate::tools::http::origin;
use crate::voice::Voice;

pub(super) const ATTEMPT: &Attempt = &Attempt::Sites;
/// How long somebody's change is waited for, milliseconds: three times a slow deploy.
const CHANGE_MS: u64 = 120_000;
/// Between looks at whether it is over, milliseconds.
const LOOK_MS: (u64, u64) = (100, 5_000);
/// Time for the witness to answer, milliseconds.
const WITNESS_MS: u64 = 5_000;

/// One environment with what was found.
#[derive(Debug)]
pub(super) struct Round {
    /// The environment as it was when its targets were asked last.
    pub visit: Visit,
    /// How its targets are asked.
    pub health: Health,
    /// One for each target.
    pub found: Vec<Found>,
}

/// One target with what was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub url: String,
    pub standing: TargetStatus,
    pub ms: Option<u64>,
    pub why: Option<Symptom>,
    /// The requests did not get as far as the site.
    pub is_lost: bool,
    pub certificate_ends: Option<Millis>,
}

impl Found {
    fn of(url: &str, seen: Try) -> Self {
        let (standing, ms, why, is_lost) = match seen.result {
            Ok(well) => (TargetStatus::Up, Some(well.ms), None, false),
            Err(badly) => {
                let standing = if badly.says == Says::OtherVersion { TargetStatus::Stale } else { TargetStatus::Down };
                (standing, None, Some(Symptom::Answer(badly.why)), badly.says == Says::Nothing)
            }
        };
        Self { url: url.to_owned(), standing, ms, why, is_lost, certificate_ends: seen.certificate_ends }
    }
}

impl Round {
    pub(super) fn live(&self) -> Option<&Sha> {
        self.visit.state.live.as_ref().map(|live| &live.sha)
    }

    fn is_well(&self) -> bool {
        self.found.iter().all(|one| one.standing == TargetStatus::Up)
    }

    /// Asks again whatever is not known to be up.
    async fn ask<H: Host>(&mut self, host: &H) -> Result<(), Failure> {
        let live = self.live().cloned();
        let health = &self.health;
        let asked = self.found.iter().filter(|one| one.standing != TargetStatus::Up).map(|one| one.url.clone());
        let tries = asked.map(|url| {
            let live = live.as_ref();
            async move {
                let seen = ask_repeatedly(host, health, &url, live, ATTEMPT).await?;
                Ok::<_, Failure>(Found::of(&url, seen))
            }
        });
        for new in all(tries).await {
            let new = new?;
            if let Some(old) = self.found.iter_mut().find(|one| one.url == new.url) {
                *old = new;
            }
        }
        Ok(())
    }
}

/// Checks one environment, `with` as this run has it. What changes while it is asked is asked again.
pub(super) async fn check<H: Host>(
    host: &H,
    voice: &Voice<'_, H>,
    locale: Locale,
    visit: Visit,
    health: Health,
) -> Result<Round, Failure> {
    let unknown = |url: &String| Found {
        url: url.clone(),
        standing: TargetStatus::Blind,
        ms: None,
        why: None,
        is_lost: true,
        certificate_ends: None,
    };
    let mut urls = health.urls.clone();
    urls.sort();
    urls.dedup();
    let mut round = Round { visit, found: urls.iter().map(unknown).collect(), health };
    round.ask(host).await?;
    let (began, mut told) = (now(host).await, String::new());
    while !round.is_well() {
        let waited = now(host).await.since(began);
        if let Some(holder) = held(host, round.visit.with.lock()).await {
            if waited >= CHANGE_MS {
                leave(&mut round, &holder);
                break;
            }
            if told != holder {
                let line = Line::Site(round.visit.with.name.clone(), Site::Busy(holder.clone()));
                voice.say(line.text(locale)).await;
                told = holder;
            }
            pause(host, round.health.interval_ms.clamp(LOOK_MS.0, LOOK_MS.1)).await?;
            continue;
        }
        let was_held = !std::mem::take(&mut told).is_empty();
        let ledger = Ledger::read(host, &round.visit.with.ledger(), "").await.ok();
        let changed = ledger.filter(|ledger| ledger.state.seq != round.visit.state.seq);
        if waited >= CHANGE_MS || !(was_held || changed.is_some()) {
            break;
        }
        round.visit.state = changed.map_or_else(|| round.visit.state.clone(), |ledger| ledger.state);
        round.ask(host).await?;
    }
    Ok(round)
}

/// The change takes too long to wait for: what does not answer by now is not judged.
fn leave(round: &mut Round, holder: &str) {
    for one in round.found.iter_mut().filter(|one| one.standing != TargetStatus::Up) {
        one.standing = TargetStatus::Busy;
        if let Some(Symptom::Answer(unwell)) = one.why.take() {
            one.why = Some(Symptom::Busy { holder: holder.to_owned(), waited_ms: CHANGE_MS, unwell });
        }
    }
}

async fn pause<H: Host>(host: &H, ms: u64) -> Result<(), Failure> {
    unless_stopped(host.perform(Command::Sleep { ms }).await, ATTEMPT).map(drop)
}

/// When no request of this run got as far as any site, and nothing else answers either, the network
/// here is at fault: no target is judged. A refused connection got there.
pub(super) async fn doubt<H: Host>(host: &H, config: &Config, rounds: &mut [Round]) -> Result<(), Failure> {
    let mut all = rounds.iter().flat_map(|round| &round.found).peekable();
    if all.peek().is_none() || !all.all(|one| one.is_lost && one.standing == TargetStatus::Down) {
        return Ok(());
    }
    if witness_answers(host, &config.origin.api_url).await? {
        return Ok(());
    }
    for one in rounds.iter_mut().flat_map(|round| &mut round.found) {
        one.standing = TargetStatus::Blind;
    }
    Ok(())
}

/// GitHub's API stands for "the network works". Only a name is a witness: an address of this machine
/// answers without any network.
async fn witness_answers<H: Host>(host: &H, api_url: &str) -> Result<bool, Failure> {
    let name = origin(api_url).map(|origin| origin.host).unwrap_or_default();
    let is_address = name.starts_with('[') || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_address || name == "localhost" || name.ends_with(".localhost") {
        return Ok(false);
    }
    let request = probe(&format!("{}/rate_limit", api_url.trim_end_matches('/')), WITNESS_MS);
    Ok(matches!(ask(host, request, ATTEMPT).await?, Reply::Answered(_)))
}

//! `health`: check every target; tell of DOWN and of recovery only. What is worth telling is for
//! `tools::health_news`, how a site is asked for `steps::site`.

mod check;
mod memory;
mod telling;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use self::check::{Round, check, doubt};
use self::memory::Memory;
use self::telling::{Telling, telling};
use super::status::{View, of_view};
use super::visit::{Visit, everywhere, visit};
use super::{names, secrets};
use crate::config::{Config, Intent};
use crate::environment::{Environment, Health, Locale};
use crate::failure::Failure;
use crate::host::{Host, Level, Publication, Start};
use crate::messages::colon;
use crate::messages::ending::{ill_line, nothing_to_check};
use crate::messages::health::{self as words, AlertKind, Row, Watchfulness};
use crate::messages::holder::holding;
use crate::messages::log::{self, Plan, Site, Spared};
use crate::messages::site::symptom;
use crate::outbox::{self, Outbox, Ticket};
use crate::parallel::all;
use crate::report::{Word, not_run};
use crate::session::now;
use crate::steps::by_hand;
use crate::time::Millis;
use crate::tools::health_log::{Announced, CheckRecord, TargetStatus, checks, last_sight, told_blind};
use crate::tools::health_news::{SILENCE_MS, missed};
use crate::voice::Voice;

/// One environment, checked and compared with what is remembered.
struct Checked {
    round: Round,
    memory: Memory,
    telling: Telling,
    /// Its alerts on their way, in order.
    tickets: Vec<Ticket>,
}

/// Everything that a run found.
#[derive(Default)]
struct Outcome {
    checked: Vec<Checked>,
    /// Environments without a URL.
    bare: Vec<Visit>,
    /// On its way: that nothing can be checked, or that it can be again.
    watchfulness: Option<(Ticket, Announced)>,
}

/// Runs the mode.
pub async fn perform<H: Host>(start: &Start, config: &Config, host: &H) -> Publication {
    let began = now(host).await;
    let outbox = Outbox::default();
    let voice = Voice::new(host, secrets(config));
    // What left the configuration file may be gone for good: only without a file do the ledgers say what there is.
    let named = config.environments.clone();
    let environments = if named.is_empty() { everywhere(start, config, host).await } else { named };
    if environments.iter().all(|with| with.health.urls.is_empty())
        && let Some(problem) = names::asked(start, config, host).await
    {
        return names::refused(config, host, &[problem]).await;
    }
    if environments.iter().all(|with| with.health.urls.is_empty()) && config.request.intent == Intent::DryRun {
        return not_run(config, nothing_to_check(config.manner.locale));
    }
    if config.request.intent == Intent::DryRun {
        return plan(&voice, &environments, config.manner.log).await;
    }
    let work = Box::pin(work(start, config, host, &outbox, &voice, environments, began));
    let mut outcome = match outbox::beside(host, &outbox, config.secrets.webhook.as_ref(), work).await {
        Ok(outcome) => outcome,
        Err(failure) => return stopped(&failure, config.manner.locale),
    };
    for lost in outbox.lost() {
        let text = log::Line::Untold(lost, Spared::News).text(config.manner.log);
        voice.speak(Level::Warning, &text).await;
    }
    hear(&outbox, &mut outcome);
    all(outcome.checked.iter_mut().map(|one| remember(host, &voice, config.manner.log, one, began))).await;
    let ms = now(host).await.since(began);
    published(config, &voice, &outcome, ms)
}

async fn plan<H: Host>(voice: &Voice<'_, H>, environments: &[Environment], locale: Locale) -> Publication {
    let mut lines = vec![Plan::Health];
    for with in environments {
        let Health { urls, attempts, interval_ms, timeout_ms, .. } = &with.health;
        let target = |url: &String| Plan::Target(with.name.clone(), url.clone(), *attempts, *timeout_ms, *interval_ms);
        lines.extend(urls.iter().map(target));
        lines.extend(urls.is_empty().then(|| Plan::NoTarget(with.name.clone())));
    }
    for line in lines {
        voice.say(log::Line::Plan(line).text(locale)).await;
    }
    Publication { outputs: result(Word::Ok), ..Publication::default() }
}

async fn work<H: Host>(
    start: &Start,
    config: &Config,
    host: &H,
    outbox: &Outbox,
    voice: &Voice<'_, H>,
    environments: Vec<Environment>,
    began: Millis,
) -> Result<Outcome, Failure> {
    let visits = all(environments.iter().map(|with| visit(start, config, host, with, "health"))).await;
    let (mut rounds, mut bare) = (Vec::new(), Vec::new());
    for (visit, given) in visits.into_iter().zip(environments) {
        let health = if given.health.urls.is_empty() { visit.with.health.clone() } else { given.health };
        let is_bare = health.urls.is_empty();
        if is_bare && unread(&visit, config.manner.locale).is_some() {
            // It fails the run, and is told at its end.
            bare.push(visit);
            continue;
        }
        if let Some(problem) = &visit.problem {
            voice.speak(Level::Warning, &format!("{}: {problem}", given.name)).await;
        }
        if is_bare {
            voice.say(log::Line::Site(given.name, Site::NoUrl).text(config.manner.log)).await;
            bare.push(visit);
        } else {
            rounds.push(check(host, voice, config.manner.log, visit, health));
        }
    }
    let mut rounds = all(rounds).await.into_iter().collect::<Result<Vec<Round>, Failure>>()?;
    doubt(host, config, &mut rounds).await?;
    let holder = holding("health", &config.origin.run(), config.origin.pid, began);
    let memories = all(rounds.iter().map(|round| Memory::recall(host, config, &round.visit.with, &holder))).await;
    let mut outcome = Outcome { bare, ..Outcome::default() };
    for (mut round, memory) in rounds.into_iter().zip(memories) {
        let memory = memory?;
        let mut telling = telling(&mut round, &memory.history, config.origin.run_url().as_ref(), began);
        for alert in &mut telling.alerts {
            alert.commands = commands(host, &round.visit, alert.kind).await;
        }
        outcome.checked.push(Checked { round, memory, telling, tickets: Vec::new() });
    }
    tell(config, outbox, voice, &mut outcome, began).await;
    Ok(outcome)
}

/// Says what was found, and what there is to tell goes on its way.
async fn tell<H: Host>(config: &Config, outbox: &Outbox, voice: &Voice<'_, H>, outcome: &mut Outcome, began: Millis) {
    // The schedule's own check tells it, and remembers that it did.
    let is_stranger = |one: &Checked| matches!(one.memory.problem, Some(Failure::NotTheirs { .. }));
    for one in &mut outcome.checked {
        let is_told = !is_stranger(one);
        let with = &one.round.visit.with;
        for row in &one.telling.rows {
            let line = log::Line::Site(with.name.clone(), Site::Found(row.clone()));
            voice.say(line.text(config.manner.log)).await;
        }
        for alert in &one.telling.alerts {
            voice.say(words::lines(alert, config.read_in(with), &|text| text.to_owned()).join("\n")).await;
            if is_told {
                one.tickets.push(outbox.add(words::discord(alert, with, voice)));
            }
        }
    }
    let style = outcome.checked.first().map(|one| one.round.visit.with.style).unwrap_or_default();
    for told in watchfulness(outcome, began) {
        voice.say(words::watchfulness(&told, config.manner.locale, &|text| text.to_owned()).join("\n")).await;
        let is_short = matches!(&told, Watchfulness::Missed(missed) if missed.gap_ms < SILENCE_MS);
        let is_known = outcome.checked.iter().all(|one| told_blind(&one.memory.history).is_some());
        let is_spared = is_short || outcome.checked.iter().any(is_stranger);
        if is_spared || (is_known && matches!(told, Watchfulness::Blind { .. })) {
            continue;
        }
        let ticket = outbox.add(words::discord_watchfulness(&told, config.locale, style, voice));
        match told {
            Watchfulness::Blind { .. } => outcome.watchfulness = Some((ticket, Announced::Blind)),
            Watchfulness::Sighted(_) => outcome.watchfulness = Some((ticket, Announced::Sighted)),
            Watchfulness::Missed(_) => {}
        }
    }
}

/// Takes in what people heard, message by message: one that is lost, each time, has no other told again.
fn hear(outbox: &Outbox, outcome: &mut Outcome) {
    for Checked { telling, tickets, .. } in &mut outcome.checked {
        let sent = telling.alerts.iter().zip(tickets).filter(|(_, ticket)| outbox.is_sent(**ticket));
        let kinds: Vec<_> = sent.map(|(alert, _)| alert.kind).collect();
        kinds.into_iter().for_each(|kind| telling.heard(kind));
    }
    if let Some((_, told)) = outcome.watchfulness.filter(|(ticket, _)| outbox.is_sent(*ticket)) {
        let lines = outcome.checked.iter_mut().flat_map(|one| &mut one.telling.lines);
        lines.for_each(|line| line.told.push(told));
    }
}

/// What there is to tell of the checking itself.
fn watchfulness(outcome: &Outcome, began: Millis) -> Vec<Watchfulness> {
    let all = || outcome.checked.iter().map(|one| checks(&one.memory.history));
    let blind = outcome.checked.iter().flat_map(|one| &one.round.found).find(|one| one.standing == TargetStatus::Blind);
    let last = outcome.checked.iter().filter_map(|one| last_sight(&one.memory.history)).max();
    let blind = blind.and_then(|one| Some(Watchfulness::Blind { url: one.url.clone(), why: one.why.clone()?, last }));
    let silence = all().filter_map(|checks| missed(&checks, began)).min_by_key(|missed| missed.gap_ms);
    // While nothing can be checked, that is the news.
    if let Some(blind) = blind {
        return vec![blind];
    }
    let told = outcome.checked.iter().filter_map(|one| told_blind(&one.memory.history)).min();
    let sighted = told.map(|(since, until)| Watchfulness::Sighted(until.unwrap_or(began).since(since)));
    sighted.into_iter().chain(silence.map(Watchfulness::Missed)).collect()
}

/// A site may answer with a secret of ours.
fn redacted<H: Host>(voice: &Voice<'_, H>, line: &CheckRecord) -> CheckRecord {
    CheckRecord { url: voice.redact(&line.url), why: voice.redact(&line.why), ..line.clone() }
}

/// Puts the check on disk, and what people believe after it.
async fn remember<H: Host>(host: &H, voice: &Voice<'_, H>, locale: Locale, one: &mut Checked, began: Millis) {
    let believed = |line: CheckRecord| CheckRecord { belief: line.belief.after(&line.told), ..line };
    let lines: Vec<CheckRecord> = one.telling.lines.iter().map(|line| believed(redacted(voice, line))).collect();
    one.memory.keep(host, &lines, began).await;
    if let Some(problem) = &one.memory.problem {
        let name = one.round.visit.with.name.clone();
        let line = log::Line::Site(name, Site::Unremembered(problem.clone()));
        voice.speak(Level::Warning, &line.text(locale)).await;
    }
}

fn result(word: Word) -> BTreeMap<String, String> {
    BTreeMap::from([("result".to_owned(), word.text().to_owned())])
}

fn stopped(failure: &Failure, locale: Locale) -> Publication {
    let failure = Some(words::unjudged(failure, locale));
    Publication { outputs: result(Word::Cancelled), failure, exit: 1, ..Publication::default() }
}

fn published<H: Host>(config: &Config, voice: &Voice<'_, H>, outcome: &Outcome, ms: u64) -> Publication {
    let locale = config.manner.locale;
    let (lost, bare): (Vec<&Visit>, Vec<&Visit>) = outcome.bare.iter().partition(|one| unread(one, locale).is_some());
    let unread: Vec<String> = lost.into_iter().filter_map(|visit| unread(visit, locale)).collect();
    if outcome.checked.is_empty() {
        return match unread.is_empty() {
            true => not_run(config, nothing_to_check(locale)),
            false => not_run(config, &voice.cleaned(&unread.join("\n"))),
        };
    }
    let found = || outcome.checked.iter().flat_map(|one| &one.round.found);
    let ill = found().filter(|one| matches!(one.standing, TargetStatus::Down | TargetStatus::Stale)).count();
    let word = match ill {
        0 if !unread.is_empty() => Word::Failed,
        0 if found().any(|one| one.standing == TargetStatus::Up) => Word::Healthy,
        0 => Word::Pending,
        _ => Word::Unhealthy,
    };
    let mut rows: Vec<Row> = outcome.checked.iter().flat_map(|one| one.telling.rows.clone()).collect();
    rows.extend(bare.into_iter().map(|visit| bare_row(&visit.with)));
    let mut outputs = result(word);
    outputs.insert("duration-ms".to_owned(), ms.to_string());
    outputs.insert("state".to_owned(), state(outcome, voice));
    if let [only] = outcome.checked.as_slice() {
        outputs.insert("url".to_owned(), only.round.visit.with.url.clone().unwrap_or_default());
        outputs.insert("sha".to_owned(), only.round.live().map(ToString::to_string).unwrap_or_default());
    }
    let summary = voice.redact(&words::summary(&rows, &unread, config.locale));
    let ill = (ill > 0).then(|| failure(outcome, ill, locale));
    let failure: Vec<String> = ill.into_iter().chain(unread).collect();
    let failure = (!failure.is_empty()).then(|| voice.cleaned(&failure.join("\n")));
    let exit = i32::from(failure.is_some());
    Publication { outputs, summary, terminal: String::new(), failure, exit }
}

/// Why nobody knows what there is to check: what is known of this environment cannot be read.
fn unread(visit: &Visit, locale: Locale) -> Option<String> {
    let problem = visit.problem.as_ref().filter(|_| visit.state.seq == 0)?;
    Some(format!("{}{}{problem}", visit.with.name, colon(locale)))
}

fn bare_row(with: &Environment) -> Row {
    let (label, url) = (with.label.clone(), "-".to_owned());
    Row { label, url, standing: None, ms: None, usual_ms: None, certificate_days: None, why: None }
}

/// What `status` shows of each environment, and the targets with it.
fn state<H: Host>(outcome: &Outcome, voice: &Voice<'_, H>) -> String {
    let mut all = serde_json::Map::new();
    for one in &outcome.checked {
        let targets: Vec<Json> = one.telling.lines.iter().map(|line| json!(redacted(voice, line))).collect();
        let mut shown = of_view(&View::of_visit(&one.round.visit));
        if let Json::Object(shown) = &mut shown {
            shown.insert("health".to_owned(), Json::Array(targets));
        }
        all.insert(one.round.visit.with.name.clone(), shown);
    }
    Json::Object(all).to_string()
}

/// What an alert has people run: to look where it is down, to start the containers again where they are of another
/// version.
async fn commands<H: Host>(host: &H, visit: &Visit, kind: AlertKind) -> Vec<String> {
    let with = &visit.with;
    // What checks may name no compose file, which the last deploy did.
    let kept = visit.state.with.as_ref().and_then(|with| with.compose.as_ref());
    let compose = with.compose.as_ref().or(kept);
    let mut all = Vec::new();
    match (kind, compose) {
        (AlertKind::Down, compose) => {
            all.push(format!("mangetamain-deploy status{}", with.state_option()));
            if let Some(compose) = compose {
                all.push(by_hand::logs(host, with, compose).await);
            }
        }
        (AlertKind::Stale, Some(compose)) => all.push(by_hand::restart(host, with, compose).await),
        _ => {}
    }
    all
}

fn failure(outcome: &Outcome, ill: usize, locale: Locale) -> String {
    let count: usize = outcome.checked.iter().map(|one| one.round.found.len()).sum();
    let mut lines = vec![words::failed(count, ill, locale)];
    let (mut option, mut backs) = (String::new(), Vec::new());
    for one in &outcome.checked {
        let with = &one.round.visit.with;
        let pairs = one.telling.lines.iter().zip(&one.round.found);
        let bad: Vec<_> =
            pairs.filter(|(line, _)| matches!(line.result, TargetStatus::Down | TargetStatus::Stale)).collect();
        lines.extend(bad.iter().map(|(line, found)| {
            let why = found.why.as_ref().map(|found| symptom(found, locale)).unwrap_or_default();
            words::failed_target(&with.name, &CheckRecord { why, ..(*line).clone() }, one.round.health.attempts, locale)
        }));
        if !bad.is_empty() {
            option = with.state_option();
            let state = &one.round.visit.state;
            let to = by_hand::way_back(state).map(|to| to.short().to_owned());
            backs.extend(to.map(|to| format!("{} --to {to}", with.command("rollback"))));
            let live = ill_line(state, one.round.visit.has_failed_since == Some(true), &with.state_folder, locale);
            lines.push(format!("  {}{}{live}", with.name, colon(locale)));
        }
    }
    lines.push(words::what_to_do(&option, &backs, locale));
    lines.join("\n")
}

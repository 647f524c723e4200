//! From what was found and what is remembered: the alerts of an environment, the lines to remember, and
//! the rows to show. Pure.

use std::collections::BTreeMap;

use super::check::Round;
use crate::machine::State;
use crate::machine::known::Known;
use crate::messages::health::{Alert, AlertKind, AlertTarget, Row};
use crate::messages::site::symptom;
use crate::time::Millis;
use crate::tools::health_log::History;
use crate::tools::health_log::{Announced, CheckRecord, Past, TargetStatus, pasts};
use crate::tools::health_news::{News, certificate_warning, news};

/// What comes of one environment's check.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// To be told, one for each kind.
    pub alerts: Vec<Alert>,
    /// To be remembered, one for each target; that people were told is added once they were.
    pub lines: Vec<CheckRecord>,
    /// What each alert tells of which line.
    told: Vec<(AlertKind, usize, Announced)>,
    /// To be shown, one for each target.
    pub rows: Vec<Row>,
}

impl Telling {
    /// This alert has arrived.
    pub(super) fn heard(&mut self, kind: AlertKind) {
        for (_, at, told) in self.told.iter().filter(|(of, ..)| *of == kind) {
            self.lines.get_mut(*at).into_iter().for_each(|line| line.told.push(*told));
        }
    }
}

/// Judges one environment's round; a second round in a row that found somebody at work counts.
pub(super) fn telling(round: &mut Round, history: &History, run_url: Option<&String>, now: Millis) -> Telling {
    let pasts = pasts(history);
    let mut telling = Telling::default();
    let mut targets: BTreeMap<AlertKind, Vec<AlertTarget>> = BTreeMap::new();
    let (label, locale) = (round.visit.with.label.clone(), round.visit.with.locale);
    for one in &mut round.found {
        let mut past = pasts.get(&one.url).cloned().unwrap_or_default();
        if let Some(at) = found_well_at(&round.visit.state, &one.url) {
            past.found_well(at);
        }
        if matches!(one.standing, TargetStatus::Down | TargetStatus::Stale) {
            past.begins_anew();
        }
        if one.standing == TargetStatus::Busy && past.was_busy {
            one.standing = TargetStatus::Down;
        }
        let at = telling.lines.len();
        let mut target = AlertTarget { url: one.url.clone(), why: one.why.clone(), ..AlertTarget::default() };
        let days = one.certificate_ends.map(|ends| ends.since(now) / crate::tools::health_log::DAY_MS);
        if let Some(news) = news(&past, one.standing, now) {
            let kind = worded(news, &mut target, now);
            telling.told.push((kind, at, news.told()));
            targets.entry(kind).or_default().push(target.clone());
        }
        if let Some(days) = certificate_warning(&past, one.certificate_ends, now) {
            telling.told.push((AlertKind::Certificate, at, Announced::Certificate));
            target.certificate = one.certificate_ends.map(|ends| (ends, days));
            targets.entry(AlertKind::Certificate).or_default().push(target);
        }
        telling.rows.push(Row {
            label: label.clone(),
            url: one.url.clone(),
            standing: Some(one.standing),
            ms: one.ms,
            usual_ms: past.usual_ms(now),
            certificate_days: days,
            why: one.why.clone(),
        });
        let since = since(&past, one.standing, now);
        // What is remembered is read by people: in their language.
        let why = one.why.as_ref().map(|found| symptom(found, locale)).unwrap_or_default();
        let (url, told, belief) = (one.url.clone(), Vec::new(), past.belief);
        telling.lines.push(CheckRecord { at: now, url, result: one.standing, ms: one.ms, why, since, told, belief });
    }
    telling.alerts.extend(targets.into_iter().map(|(kind, targets)| Alert {
        label: label.clone(),
        kind,
        targets,
        live: round.live().cloned(),
        commands: Vec::new(),
        run_url: run_url.cloned(),
    }));
    telling
}

/// When a request asked this address of what is live, and found it well. Not since when that is live: it may have
/// been ill at first.
fn found_well_at(state: &State, url: &String) -> Option<Millis> {
    let is_asked = state.with.as_ref().is_some_and(|with| with.health.urls.contains(url));
    let live = state.live.as_ref().filter(|live| is_asked && live.known_by == Known::Healthy)?;
    state.records.get(&live.sha)?.healthy_at
}

fn since(past: &Past, standing: TargetStatus, now: Millis) -> Option<Millis> {
    matches!(standing, TargetStatus::Down | TargetStatus::Stale).then(|| past.ill_since(standing, now))
}

fn worded(news: News, target: &mut AlertTarget, now: Millis) -> AlertKind {
    let since = |since: Millis| Some(now.since(since)).filter(|ms| *ms > 0);
    match news {
        News::Down(at) => {
            target.down_ms = since(at);
            AlertKind::Down
        }
        News::Stale(at) => {
            target.down_ms = since(at);
            AlertKind::Stale
        }
        News::Recovered(ms) => {
            target.down_ms = ms;
            AlertKind::Recovered
        }
        News::Fresh(ms) => {
            target.down_ms = ms;
            AlertKind::Fresh
        }
        News::Flapping(changes) => {
            target.changes = changes;
            AlertKind::Flapping
        }
        News::Steady => AlertKind::Steady,
    }
}

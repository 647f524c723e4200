//! `status`: what is live and how the machine knows, what is validated, pending, locked, watched and
//! quarantined, and the last requests. Never fails for what it shows.

mod closed;
mod page;
mod place;
mod screen;
mod summary;

use serde_json::{Value as Json, json};

pub(super) use closed::is_closed;

use super::names;
use super::visit::{Visit, everywhere, visit};
use crate::config::Config;
use crate::environment::Locale;
use crate::host::{Host, Publication, Start};
use crate::machine::State;
use crate::machine::standing::Standing;
use crate::messages::problem::problem as problem_told;
use crate::messages::reason;
use crate::messages::status::Rows;
use crate::page::week::Target;
use crate::paint::Paint;
use crate::report::not_run;
use crate::session::{Session, now};
use crate::sha::Sha;
use crate::time::Millis;
use crate::voice::{Voice, plain};

/// One environment, seen from outside.
#[derive(Debug)]
pub struct View {
    name: String,
    /// Its name in messages.
    label: String,
    pub(super) state: State,
    pub(super) lock: Option<String>,
    pub(super) watcher: Option<String>,
    /// Where the work tree stands, when that is not what the ledger says is live.
    moved: Option<Sha>,
    /// Whether CI has failed what is live since, where it was promoted from; none: that is not known.
    pub(super) has_failed_since: Option<bool>,
    pub(super) problem: Option<String>,
    pub(super) set_aside: u64,
    /// What the newest health check found of each target.
    health: Vec<Target>,
    point_file: String,
    /// Where people find the site, as far as that is known here.
    url: Option<String>,
}

impl View {
    /// What has been said of what is live, as far as it is known here; none: nothing is.
    pub(super) fn standing(&self) -> Option<Standing> {
        let live = self.state.live.as_ref()?;
        Some(self.state.standing(&live.sha, self.has_failed_since == Some(true)))
    }

    /// What a session knows; it holds no lock any more.
    #[must_use]
    pub fn of<H>(session: &Session<'_, H>) -> Self {
        Self {
            name: session.with.name.clone(),
            label: session.with.label.clone(),
            state: session.ledger.state.clone(),
            lock: None,
            watcher: None,
            moved: None,
            has_failed_since: session.has_failed_since.get(),
            problem: None,
            set_aside: session.ledger.set_aside,
            health: Vec::new(),
            point_file: session.with.rollback_point_file.clone(),
            url: session.with.url.clone(),
        }
    }

    /// What an onlooker found.
    #[must_use]
    pub fn of_visit(visit: &Visit) -> Self {
        Self {
            name: visit.with.name.clone(),
            label: visit.with.label.clone(),
            state: visit.state.clone(),
            lock: visit.lock.clone(),
            watcher: visit.watcher.clone(),
            moved: visit.moved.clone(),
            has_failed_since: visit.has_failed_since,
            problem: visit.problem.clone(),
            set_aside: visit.set_aside,
            health: visit.health.clone(),
            point_file: visit.with.rollback_point_file.clone(),
            url: visit.with.url.clone().or_else(|| visit.state.with.as_ref()?.url.clone()),
        }
    }
}

/// Runs the mode.
pub async fn perform<H: Host>(start: &Start, config: &Config, host: &H) -> Publication {
    let began = now(host).await;
    let misnamed = names::asked(start, config, host).await;
    // One that is described is meant, however near its name is to another's: it may be new.
    let is_described = config.environments.iter().any(|one| !one.app_path.is_empty());
    if let Some(problem) = misnamed.as_ref().filter(|problem| problem.nearest.is_some() && !is_described) {
        return names::refused(config, host, std::slice::from_ref(problem)).await;
    }
    let mut visits = Vec::new();
    for with in everywhere(start, config, host).await {
        visits.push(Box::pin(visit(start, config, host, &with, "status")).await);
    }
    if let Some(problem) = misnamed {
        let told = problem_told(&problem, config.manner.locale);
        visits.iter_mut().for_each(|visit| visit.problem = Some(told.clone()));
    }
    let hidden = Box::pin(closed::look(host, config, &mut visits)).await;
    let views: Vec<View> = visits.iter().map(View::of_visit).collect();
    if let Some(why) = hidden.filter(|_| views.is_empty()) {
        return not_shown(config, &why);
    }
    let now = now(host).await;
    let made = match &config.request.page {
        Some(path) => Some(Box::pin(page::make(host, config, path, &visits, now)).await),
        None => None,
    };
    let (locale, paint) = (config.manner.locale, Paint { is_coloured: config.manner.is_coloured });
    let text = shown(config, &views, now, locale, paint);
    let (page, failure) = match made {
        Some(Ok(said)) => (format!("\n{}", plain(&said)), None),
        Some(Err(failure)) => {
            if super::is_logged_apart(config) {
                Voice::new(host, super::secrets(config)).say(failure.to_string()).await;
            }
            (String::new(), Some(plain(&reason::failure(&failure, locale))))
        }
        None => (String::new(), None),
    };
    let text = format!("{text}{page}");
    if config.origin.door != "command" {
        let text = shown(config, &views, now, config.manner.log, Paint { is_coloured: false });
        Voice::new(host, super::secrets(config)).say(text).await;
    }
    let mut outputs = std::collections::BTreeMap::from([
        ("result".to_owned(), "ok".to_owned()),
        ("duration-ms".to_owned(), now.since(began).to_string()),
        ("state".to_owned(), json(&views)),
    ]);
    let terminal = if config.manner.is_json { json(&views) } else { text.clone() };
    if let [only] = views.as_slice() {
        let sha = |sha: Option<String>| sha.unwrap_or_default();
        outputs.insert("sha".to_owned(), sha(only.state.live.as_ref().map(|live| live.sha.to_string())));
        outputs.insert("validated-sha".to_owned(), sha(only.state.last_validated().map(|one| one.sha.to_string())));
        outputs.insert("url".to_owned(), only.url.clone().unwrap_or_default());
        outputs.insert("previous-sha".to_owned(), sha(only.state.previous.as_ref().map(ToString::to_string)));
    }
    let summary = summary::summary(&views, &text, locale);
    let exit = i32::from(failure.is_some());
    Publication { outputs, summary, terminal, failure, exit }
}

/// What people read, on a terminal as in a job.
fn shown(config: &Config, views: &[View], now: Millis, locale: Locale, paint: Paint) -> String {
    if views.is_empty() {
        return plain(&(Rows::of(locale).nothing)(config.file.is_some(), &config.state_dir));
    }
    views.iter().map(|view| screen::text(view, now, locale, paint)).collect::<Vec<_>>().join("\n")
}

/// What is published where this user may look at nothing.
fn not_shown(config: &Config, why: &str) -> Publication {
    let mut shown = not_run(config, why);
    shown.outputs.insert("state".to_owned(), "{}".to_owned());
    shown
}

/// What `status` shows, as JSON: an object by environment name.
#[must_use]
pub fn json<'a>(views: impl IntoIterator<Item = &'a View>) -> String {
    let all: serde_json::Map<String, Json> = views.into_iter().map(|view| (view.name.clone(), of_view(view))).collect();
    Json::Object(all).to_string()
}

/// One environment's part of it.
#[must_use]
pub fn of_view(view: &View) -> Json {
    let state = &view.state;
    let quarantine: Vec<Json> = state
        .records
        .iter()
        .filter_map(|(sha, record)| Some(json!({ "sha": sha, "why": record.quarantine? })))
        .collect();
    json!({
        "live": state.live,
        "previous": state.previous,
        "baseline": state.baseline,
        "validated": state.last_validated(),
        "pending": state.awaited(),
        "unsettled": state.unsettled(),
        "unfinished": state.operation.as_ref().map(|operation| json!({ "ask": operation.ask, "since": operation.since, "by": operation.by })),
        "lock": view.lock,
        "watcher": view.watcher,
        "work-tree": view.moved,
        "quarantine": quarantine,
        "unrestored": state.unrestored,
        "undone": state.records.iter().filter(|(_, record)| record.undone).map(|(sha, _)| sha).collect::<Vec<_>>(),
        "history": state.history,
        "entries": state.seq,
        "health": view.health.iter().filter_map(|target| target.last.as_ref()).collect::<Vec<_>>(),
        "set-aside": view.set_aside,
        "problem": view.problem,
        "failed-since": view.has_failed_since,
    })
}

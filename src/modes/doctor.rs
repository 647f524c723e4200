//! `doctor`: everything that would make the other modes fail later, asked now, each with its mend.
//!
//! It changes nothing of what is live, but that, like any run, it first finishes what a dead one left
//! (with `dry-run`, or while the configuration has problems, it only says so). Each question has its
//! limit, and all that do not depend on one another are asked at once.

mod access;
mod ask;
mod containers;
mod engine;
mod machine;
mod promote;
mod runner;
mod screen;
mod site;
mod state;
mod tree;
mod webhook;

use std::pin::Pin;

use futures_util::future::join_all;

use super::status::View;
use super::stranger::stranger;
use super::visit::{everywhere, visit};
use super::{names, secrets};
use crate::config::{Config, Intent};
use crate::environment::Environment;
use crate::failure::Problem;
use crate::host::{Command, Host, Publication, Reply, Start};
use crate::messages;
use crate::messages::finding::{Finding, FindingSeen, Level, Section};
use crate::report::not_run;
use crate::session::now;
use crate::tools::user::{User, ask_user, user_told};
use crate::voice::Voice;

/// What every check has at hand.
struct Visit<'a, H> {
    host: &'a H,
    start: &'a Start,
    config: &'a Config,
    /// Who we are; the name stands in mends.
    user: User,
    subjects: Vec<Subject>,
    /// Names that nobody knows; with inputs that say everything, one of them may be meant.
    misnamed: Vec<(Level, Problem)>,
}

/// One environment, as it is set and as its ledger has it.
struct Subject {
    with: Environment,
    view: View,
    place: Section,
}

impl<H> Visit<'_, H> {
    fn variable(&self, name: &str) -> &str {
        self.start.env.get(name).map_or("", String::as_str)
    }

    fn in_job(&self) -> bool {
        self.config.origin.door == "action"
    }
}

impl Subject {
    fn ok(&self, seen: FindingSeen) -> Finding {
        Finding { place: self.place.clone(), level: Level::Ok, seen }
    }

    fn skipped(&self, seen: FindingSeen) -> Finding {
        Finding { level: Level::Skipped, ..self.ok(seen) }
    }

    fn warn(&self, seen: FindingSeen) -> Finding {
        Finding { level: Level::Warn, ..self.ok(seen) }
    }

    fn fail(&self, seen: FindingSeen) -> Finding {
        Finding { level: Level::Fail, ..self.ok(seen) }
    }
}

/// Runs the mode.
pub async fn perform<H: Host>(start: &Start, config: &Config, host: &H) -> Publication {
    let began = now(host).await;
    // What another user may do here says nothing of the one who deploys, and what would give them the right is no mend.
    let all = everywhere(start, config, host).await;
    for with in &all {
        if let Some(failure) = stranger(config, with, host).await {
            return not_run(config, &messages::reason::failure(&failure, config.manner.locale));
        }
    }
    let mut seen_with = config.clone();
    if !config.problems.is_empty() {
        // Settings that are half understood are nothing to act on.
        seen_with.request.intent = Intent::DryRun;
    }
    let subjects = Box::pin(subjects(start, &seen_with, host, all)).await;
    let misnamed = misnamed(start, config, host, &subjects).await;
    let user = ask::run(host, ask_user()).await;
    let user =
        user_told(&user).unwrap_or_else(|_| User { uid: u32::MAX, name: "$USER".to_owned(), groups: Vec::new() });
    let visit = Visit { host, start, config, user, subjects, misnamed };
    let mut findings = look(&visit).await;
    // The order of the screen; within a place, that of the checks.
    findings.sort_by(|one, other| one.place.cmp(&other.place));
    let ms = now(host).await.since(began);
    let stopped = matches!(host.perform(Command::Sleep { ms: 0 }).await, Reply::Cancelled { .. });
    let voice = Voice::new(host, secrets(config));
    screen::show(&visit, &voice, &findings, ms, stopped).await
}

async fn subjects<H: Host>(start: &Start, config: &Config, host: &H, all: Vec<Environment>) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for (number, with) in all.into_iter().enumerate() {
        let view = View::of_visit(&Box::pin(visit(start, config, host, &with, "doctor")).await);
        // Nothing named its settings: those of its newest request stand in the ledger.
        let kept = view.state.with.clone().filter(|_| with.app_path.is_empty());
        let with = kept.map_or(with, |kept| *kept);
        let place = Section::Environment(number, with.name.clone());
        subjects.push(Subject { with, view, place });
    }
    subjects
}

async fn misnamed<H: Host>(start: &Start, config: &Config, host: &H, subjects: &[Subject]) -> Vec<(Level, Problem)> {
    let mut all = Vec::new();
    if let Some(problem) = names::asked(start, config, host).await {
        let has_settings = subjects.iter().any(|one| !one.with.app_path.is_empty());
        // A name that is like none of the file's is meant, where everything is said of it.
        match has_settings {
            true if problem.nearest.is_some() && !config.listed.is_empty() => all.push((Level::Warn, problem)),
            true => {}
            false => all.push((Level::Fail, problem)),
        }
    }
    for subject in subjects.iter().filter(|one| is_target(&one.with)) {
        all.extend(names::source(config, host, &subject.with).await.map(|problem| (Level::Fail, problem)));
    }
    all
}

/// Whether something is promoted to it: every environment has a default to promote from.
fn is_target(with: &Environment) -> bool {
    !with.app_path.is_empty() && (!with.backup.paths.is_empty() || !with.freeze.is_empty())
}

type Check<'a> = Pin<Box<dyn Future<Output = Vec<Finding>> + 'a>>;

async fn look<H: Host>(visit: &Visit<'_, H>) -> Vec<Finding> {
    let mut checks: Vec<Check<'_>> = vec![
        Box::pin(machine::check(visit)),
        Box::pin(runner::check(visit)),
        Box::pin(access::check(visit)),
        Box::pin(webhook::check(visit)),
    ];
    for subject in &visit.subjects {
        checks.push(Box::pin(tree::check(visit, subject)));
    }
    // Containers cannot be asked about before the engine is known.
    let containers = async {
        let (engine, mut found) = engine::check(visit).await;
        let all = visit.subjects.iter().map(|subject| containers::check(visit, subject, &engine));
        found.extend(join_all(all).await.into_iter().flatten());
        found
    };
    checks.push(Box::pin(containers));
    for subject in &visit.subjects {
        checks.push(Box::pin(site::check(visit, subject)));
        checks.push(Box::pin(state::check(visit, subject)));
        checks.push(Box::pin(promote::check(visit, subject)));
    }
    join_all(checks).await.into_iter().flatten().collect()
}

//! GitHub: what the tokens are and what they open, by asking; the workflow that decides; and the time,
//! which every answer tells.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all, join3};
use serde_json::Value;

use super::{Visit, ask};
use crate::environment::Watch;
use crate::host::{Answered, Host, Reply};
use crate::messages::finding::{Access, Ci, Finding, FindingSeen, Level, Machine, Section, Token, Which};
use crate::session::now;
use crate::settings::nearest;
use crate::time::Millis;
use crate::tools::doctor::access::{
    AccessDenied, ListedWorkflow, Rate, ask_deployments, ask_repository, ask_runs, ask_workflows, count, granted,
    named, rate, skew_ms, workflows,
};
use crate::tools::doctor::token::{self, TokenKind};
use crate::tools::git::{Git, remote_url_told, repository_of};
use crate::tools::github::{Api, Workflow};
use crate::tools::trigger::awaited;

/// A token that ends within so long, in milliseconds, is told.
const SOON_MS: u64 = 14 * 86_400_000;
/// A clock that is off by so much, in milliseconds, is told; by the second, it breaks tokens.
const SKEW_MS: (u64, u64) = (30_000, 300_000);

type Found = (Level, Access);

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>) -> Vec<Finding> {
    let Some(api) = api(visit).await else {
        return vec![finding((Level::Warn, Access::NoRepository))];
    };
    let host = visit.host;
    let (repository, workflows, deployments) = join3(
        ask::http(host, ask_repository(&api)),
        ask::http(host, ask_workflows(&api)),
        ask::http(host, ask_deployments(&api)),
    )
    .await;
    let now = now(host).await;
    let answer = answered(&repository);
    let clock = clock(answer.and_then(|answer| skew_ms(answer, now)));
    let kind = api.token.as_ref().map(token::kind);
    let private = match granted(&repository) {
        Ok(body) => body.get("private").and_then(Value::as_bool).unwrap_or(true),
        Err(denied) => {
            let level = if denied == AccessDenied::Limited { Level::Warn } else { Level::Fail };
            let name = api.repository.clone();
            return vec![finding((level, Access::RepositoryDenied { name, denied, token: kind })), clock];
        }
    };
    let mut all = vec![(Level::Ok, Access::Repository { name: api.repository.clone(), private })];
    all.push(match kind {
        Some(kind) => token_found(visit, Which::Job, kind, answer, now),
        None => (Level::Warn, Access::Token(Token::Missing { which: Which::Job, private })),
    });
    let (watch, ci) = join(watch_token(visit, &api, private, now), ci(visit, &api, &workflows)).await;
    all.extend(watch);
    all.extend(ci);
    all.push(match granted(&deployments) {
        Ok(_) => (Level::Ok, Access::Deployments),
        Err(denied) => (Level::Skipped, Access::NoDeployments { denied }),
    });
    all.extend(answer.and_then(rate).map(|rate| (left(rate), Access::Rate { rate, now })));
    let mut findings: Vec<Finding> = all.into_iter().map(finding).collect();
    findings.push(clock);
    findings
}

fn finding((level, seen): Found) -> Finding {
    Finding { place: Section::Access, level, seen: FindingSeen::Access(seen) }
}

fn answered(reply: &Reply) -> Option<&Answered> {
    match reply {
        Reply::Answered(answered) => Some(answered),
        _ => None,
    }
}

/// The API of this run's repository, or of the first work tree's remote on an operator's terminal.
async fn api<H: Host>(visit: &Visit<'_, H>) -> Option<Api> {
    let origin = &visit.config.origin;
    let (url, token) = (origin.api_url.clone(), visit.config.secrets.token.clone());
    if !origin.repository.is_empty() {
        return Some(Api { url, repository: origin.repository.clone(), token });
    }
    let path = visit.subjects.iter().map(|subject| &subject.with.app_path).find(|path| !path.is_empty())?;
    let reply = ask::run(visit.host, Git::at(path, &visit.start.env).remote_url()).await;
    let remote = remote_url_told(&reply).ok()??;
    Some(Api { url, repository: repository_of(&remote, &origin.server_url)?, token })
}

fn clock(skew: Option<i64>) -> Finding {
    let (level, seen) = match skew {
        None => (Level::Skipped, Machine::ClockUnknown),
        Some(ms) if ms.unsigned_abs() > SKEW_MS.1 => (Level::Fail, Machine::ClockOff(ms)),
        Some(ms) if ms.unsigned_abs() > SKEW_MS.0 => (Level::Warn, Machine::ClockOff(ms)),
        Some(_) => (Level::Ok, Machine::Clock),
    };
    Finding { place: Section::Machine, level, seen: FindingSeen::Machine(seen) }
}

fn token_found<H>(
    visit: &Visit<'_, H>,
    which: Which,
    kind: TokenKind,
    answer: Option<&Answered>,
    now: Millis,
) -> Found {
    let end = answer.and_then(token::end);
    let (level, seen) = match (kind, end) {
        (kind @ TokenKind::Refresh, _) => (Level::Fail, Token::Unfit { which, kind }),
        // A job's own token is good for the job; a watcher outlives it.
        (kind @ TokenKind::Installation, _) if which == Which::Watch => (Level::Warn, Token::Unfit { which, kind }),
        (kind, Some(end)) if end.since(now) < SOON_MS => {
            (Level::Warn, Token::Ends { which, kind, left_ms: end.since(now) })
        }
        (TokenKind::Classic, _) if visit.in_job() => (Level::Warn, Token::Wide { which }),
        (kind, end) => (Level::Ok, Token::Of { which, kind, end }),
    };
    (level, Access::Token(seen))
}

/// The watch token is asked for the same as a watcher would ask with it.
async fn watch_token<H: Host>(visit: &Visit<'_, H>, api: &Api, private: bool, now: Millis) -> Vec<Found> {
    let which = Which::Watch;
    let Some(token) = visit.config.secrets.watch_token.clone() else {
        let detached = visit.subjects.iter().any(|subject| subject.with.ci.watch == Watch::Detached);
        let missing = |private| Access::Token(Token::Missing { which, private });
        // On a terminal the workflow's secrets are not at hand: nothing is known of them.
        return match (detached && private, visit.in_job()) {
            (true, true) => vec![(Level::Fail, missing(true))],
            (true, false) => vec![(Level::Warn, missing(true))],
            (false, _) => vec![(Level::Skipped, missing(false))],
        };
    };
    let kind = token::kind(&token);
    let api = Api { token: Some(token), ..api.clone() };
    let reply = ask::http(visit.host, ask_workflows(&api)).await;
    match granted(&reply) {
        Ok(_) => vec![token_found(visit, which, kind, answered(&reply), now)],
        Err(denied) => vec![(Level::Fail, Access::Token(Token::Denied { denied }))],
    }
}

/// The workflows that decide, each once for each branch.
async fn ci<H: Host>(visit: &Visit<'_, H>, api: &Api, reply: &Reply) -> Vec<Found> {
    let followed =
        |subject: &&super::Subject| subject.with.ci.watch != Watch::None && !subject.with.app_path.is_empty();
    let wanted: BTreeSet<(&String, &String)> = visit
        .subjects
        .iter()
        .filter(followed)
        .map(|subject| (&subject.with.ci.workflow, &subject.with.branch))
        .collect();
    let known = match granted(reply) {
        Ok(body) => workflows(&body),
        Err(denied) => return vec![(Level::Fail, Access::Ci(Ci::Denied { denied }))],
    };
    let asked = wanted.into_iter().map(|(workflow, branch)| decides(visit, api, &known, workflow, branch));
    let (mut all, unheard) = join(join_all(asked), unheard(visit, &known)).await;
    all.extend(unheard);
    all.into_iter().map(|(level, seen)| (level, Access::Ci(seen))).collect()
}

/// The workflows that decide whose end nobody hears of, though a workflow of the work tree is to: most often its
/// `workflows:` has a file's name, or an older name.
async fn unheard<H: Host>(visit: &Visit<'_, H>, known: &[ListedWorkflow]) -> Vec<(Level, Ci)> {
    let waits = |subject: &&super::Subject| matches!(subject.with.ci.watch, Watch::Auto | Watch::Event);
    let subjects = visit.subjects.iter().filter(waits).filter(|subject| !subject.with.app_path.is_empty());
    let wanted: BTreeSet<(&str, &str, bool)> = subjects
        .map(|subject| &subject.with)
        .map(|with| (with.app_path.as_str(), with.ci.workflow.as_str(), with.ci.watch == Watch::Event))
        .collect();
    let mut all = Vec::new();
    for (tree, workflow, is_by_event) in wanted {
        if let [one] = named(known, &Workflow::parse(workflow)).as_slice() {
            let others = not_told(visit, tree, &one.name).await;
            let others = others.filter(|others| is_by_event || !others.is_empty());
            all.extend(others.map(|others| (Level::Warn, Ci::Unheard { name: one.name.clone(), others })));
        }
    }
    all
}

/// Whether a workflow of this text deploys, or follows CI: one that checks sites may wait for something else.
fn follows(text: &str) -> bool {
    let modes = text.lines().filter_map(|line| line.split_once("mode:"));
    modes.into_iter().any(|(_, mode)| mode.contains("watch") || mode.contains("deploy"))
}

/// The work tree's workflows that use the action and wait for the end of others, each with what it waits for; none: one
/// waits for this name, or nothing can be read.
async fn not_told<H: Host>(visit: &Visit<'_, H>, tree: &str, name: &str) -> Option<Vec<(String, Vec<String>)>> {
    let folder = format!("{tree}/.github/workflows");
    let files = ask::names(visit.host, &folder).await;
    let mut others = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".yml") || file.ends_with(".yaml")) {
        let text = ask::text(visit.host, &format!("{folder}/{file}")).await?;
        let Some(names) = awaited(&text) else {
            continue;
        };
        if names.iter().any(|one| one == name) {
            return None;
        }
        if text.contains("mangetamain-deploy") && follows(&text) {
            others.push((file.clone(), names));
        }
    }
    (!files.is_empty()).then_some(others)
}

async fn decides<H: Host>(
    visit: &Visit<'_, H>,
    api: &Api,
    known: &[ListedWorkflow],
    workflow: &str,
    branch: &str,
) -> (Level, Ci) {
    let wanted = Workflow::parse(workflow);
    let one = match named(known, &wanted).as_slice() {
        [one] => (*one).clone(),
        [] => {
            let names = known.iter().map(|one| match &wanted {
                Workflow::File(_) => one.file.as_str(),
                Workflow::Name(_) => one.name.as_str(),
            });
            let near = nearest(workflow, names.clone()).map(str::to_owned);
            let known = names.take(20).map(str::to_owned).collect();
            return (Level::Fail, Ci::Unknown { wanted: workflow.to_owned(), nearest: near, known });
        }
        several => {
            let files = several.iter().map(|one| one.file.clone()).collect();
            return (Level::Warn, Ci::Twice { name: workflow.to_owned(), files });
        }
    };
    let (file, branch) = (one.file, branch.to_owned());
    if one.state != "active" {
        return (Level::Fail, Ci::Off { file, state: one.state });
    }
    match granted(&ask::http(visit.host, ask_runs(api, &file, &branch)).await).map(|body| count(&body)) {
        Ok(0) => (Level::Warn, Ci::Idle { file, branch }),
        Ok(runs) => (Level::Ok, Ci::Workflow { file, name: one.name, branch, runs }),
        Err(denied) => (Level::Fail, Ci::Denied { denied }),
    }
}

fn left(rate: Rate) -> Level {
    match rate.left {
        0 => Level::Fail,
        // What a five-minute watch asks, with some to spare.
        left if left < rate.limit.min(500) / 10 => Level::Warn,
        _ => Level::Ok,
    }
}

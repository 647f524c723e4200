//! An environment as an onlooker finds it: what its ledger says, and who is at work. Like any run,
//! an onlooker first finishes what a dead one left unfinished, and tells what one could not tell, but not as root where
//! it is another's; beyond that it changes nothing.

use futures_util::future::join3;

use super::beginning::open;
use super::pick_up::{is_open, pick_up};
use super::status::is_closed;
use super::{secrets, stranger};
use crate::config::{Config, Intent, only_named};
use crate::deployments;
use crate::drive::{self, recover};
use crate::environment::{Environment, ledger_in};
use crate::failure::Failure;
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Keep, Level, Reply, Run, Start};
use crate::ledger::Ledger;
use crate::machine::State;
use crate::messages::holder::known;
use crate::messages::log::{Ci, Line, Spared};
use crate::messages::reason;
use crate::messages::status::foreign;
use crate::outbox::{self, Outbox};
use crate::page::verdict::{Ill, ill};
use crate::page::week::{Target, targets};
use crate::session::{Session, now};
use crate::settings::Mode;
use crate::sha::Sha;
use crate::steps::{evidence, left, owner, point};
use crate::time::Millis;
use crate::tools::git::{Git, remote_url_told, repository_of, sha_told};
use crate::tools::health_log;
use crate::voice::Voice;

/// How long git may take to say where the work tree stands, milliseconds: who asks for `status` wants it now.
const GLANCE_MS: u64 = 2_000;

/// One environment, as found.
#[derive(Debug)]
pub struct Visit {
    /// Its settings: those of this run, or of its newest request where this run knows none.
    pub with: Environment,
    /// What its ledger adds up to.
    pub state: State,
    /// Unreadable lines of the ledger.
    pub set_aside: u64,
    /// Who holds its lock.
    pub lock: Option<String>,
    /// Its watcher.
    pub watcher: Option<String>,
    /// Where the work tree stands, when that is not what the ledger says is live.
    pub moved: Option<Sha>,
    /// Whether CI has failed what is live since, where it was promoted from; none: that is not known.
    pub has_failed_since: Option<bool>,
    /// What could not be read, or not be finished.
    pub problem: Option<String>,
    /// Whether this user may not read its ledger.
    pub is_closed: bool,
    /// The newest check of each of its targets, where `status` asks.
    pub health: Vec<Target>,
}

impl Visit {
    /// Before anything was looked at.
    fn of(with: &Environment) -> Self {
        Self {
            with: with.clone(),
            state: State::default(),
            set_aside: 0,
            lock: None,
            watcher: None,
            moved: None,
            has_failed_since: Some(false),
            problem: None,
            is_closed: false,
            health: Vec::new(),
        }
    }

    /// Looks what CI has said since of what is live.
    async fn look_since<H: Host>(&mut self, session: &Session<'_, H>) {
        match evidence::has_failed_live(session).await {
            Ok(has_failed) => self.has_failed_since = has_failed,
            Err(failure) => {
                self.has_failed_since = None;
                let told = session.live().map(|live| Ci::UnknownSince(live, Box::new(failure)));
                let told = told.map(|told| Line::Ci(told).text(session.config.manner.locale));
                self.problem = self.problem.take().or(told);
            }
        }
    }
}

/// The environments of the file and the input, and those that have a folder of state; where some are the run's own, but
/// for those that another repository deploys: its CI, its token and its channel are not this run's.
pub async fn everywhere<H: Host>(start: &Start, config: &Config, host: &H) -> Vec<Environment> {
    let all = config.environments.clone();
    if config.inputs.get("environment").is_some_and(|name| !name.trim().is_empty()) {
        return all;
    }
    let Reply::Names { names } = host.perform(Command::List { path: config.state_dir.clone() }).await else {
        return all;
    };
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for name in names.into_iter().filter(|name| all.iter().all(|with| with.name != *name)) {
        let ledger = ledger_in(&format!("{}/{name}", config.state_dir));
        match Ledger::read(host, &ledger, "").await {
            // A copy of an environment's folder, or a link to it, is no other environment.
            Ok(ledger) if !ledger.is_foreign() => {
                found.extend(ledger.state.with.map(|with| *with).filter(|with| with.name == name));
            }
            // A file, or a link that leads nowhere, and no folder of an environment.
            Err(Failure::Disk { seen: Rebuff::System { code, .. }, .. }) if code == "ENOTDIR" || code == "ELOOP" => {}
            // It is there all the same: whoever looks at it tells why nothing more is known.
            _ => unread.extend(only_named(start, &config.state_dir, &name)),
        }
    }
    let found = of_this_repository(start, config, host, found).await;
    all.into_iter().chain(found).chain(unread).collect()
}

/// Those that this run's repository deploys, as their remotes tell, and all of which that is not known. Says which others
/// there are. Where none is its own, it has another name by now, or is there to look at all.
async fn of_this_repository<H: Host>(
    start: &Start,
    config: &Config,
    host: &H,
    found: Vec<Environment>,
) -> Vec<Environment> {
    let own = &config.origin.repository;
    // One alone is looked at, whosever it is.
    if own.is_empty() || config.environments.len() + found.len() < 2 {
        return found;
    }
    let mut told = Vec::new();
    for with in found {
        let asked = Command::Run(Run { limit_ms: GLANCE_MS, ..Git::at(&with.app_path, &start.env).remote_url() });
        let url = remote_url_told(&host.perform(asked).await).ok().flatten();
        told.push((with, url.and_then(|url| repository_of(&url, &config.origin.server_url))));
    }
    let is_own = |of: &Option<String>| of.as_ref().is_some_and(|of| of.eq_ignore_ascii_case(own));
    let has_own = !config.environments.is_empty() || told.iter().any(|(_, of)| is_own(of));
    let voice = Voice::new(host, secrets(config));
    if config.manner.is_json {
        voice.step_aside();
    }
    let mut kept = Vec::new();
    for (with, of) in told {
        match of.filter(|of| has_own && !of.eq_ignore_ascii_case(own)) {
            Some(other) => {
                voice.speak(Level::Warning, &Line::LeftOut(with.name, other).text(config.manner.log)).await;
            }
            None => kept.push(with),
        }
    }
    kept
}

/// Looks at an environment; `purpose` is what the lock says when something is to be finished.
pub async fn visit<H: Host>(start: &Start, config: &Config, host: &H, with: &Environment, purpose: &str) -> Visit {
    let mut visit = Visit::of(with);
    let ledger = match Ledger::read(host, &with.ledger(), &config.origin.run()).await {
        Ok(ledger) => ledger,
        Err(failure) => {
            visit.is_closed = is_closed(&failure);
            let failure = stranger::explained(config, with, host, failure).await;
            visit.problem = Some(reason::failure(&failure, config.manner.locale));
            return visit;
        }
    };
    visit.set_aside = ledger.set_aside;
    if config.mode == Mode::Status {
        let kept = ledger.state.with.as_deref().filter(|_| with.app_path.is_empty()).unwrap_or(with);
        visit.health = remembered(host, kept, now(host).await).await;
    }
    if ledger.state.seq == 0 {
        let unread = ledger.is_foreign().then(|| foreign(config.manner.locale, &with.ledger(), ledger.set_aside));
        visit.problem = unread;
        return visit;
    }
    let (lock, watcher) = (held(host, with.lock()), held(host, with.watcher_lock()));
    // Nothing named the environment's settings: those of its newest request stand in the ledger.
    let kept = ledger.state.with.clone().filter(|_| with.app_path.is_empty());
    let with = kept.as_deref().unwrap_or(with);
    // Whoever is shown what is live is shown that it may not be so.
    let tree = Git::at(&with.app_path, &start.env);
    let tree = Some(&tree).filter(|tree| config.mode == Mode::Status && !tree.work_tree.is_empty());
    (visit.lock, visit.watcher, visit.moved) = join3(lock, watcher, elsewhere(host, tree, &ledger.state)).await;
    let outbox = Outbox::remembering(with.cards(), with.untold());
    let voice = Voice::new(host, secrets(config));
    if config.manner.is_json {
        voice.step_aside();
    }
    let mut session = Session::new(host, config, (with, &start.env), ledger, (&outbox, &voice));
    if let Some(why) = owner::stands_elsewhere(&session).await {
        visit.problem = Some(reason::reason(&why, config.manner.locale));
        visit.moved = None;
    } else if visit.lock.is_none()
        && config.request.intent == Intent::Act
        && finish(&mut session, &mut visit, purpose).await
    {
        visit.moved = elsewhere(host, tree, &session.ledger.state).await;
    }
    // Whoever is at work may be moving it.
    visit.moved = visit.moved.filter(|_| visit.lock.is_none());
    visit.set_aside = session.ledger.set_aside;
    if config.mode == Mode::Status {
        // What the next run notes first of all: CI's later word on what was promoted to here.
        evidence::foresee(&mut session).await;
    }
    visit.look_since(&session).await;
    visit.state = session.ledger.state;
    visit.with = with.clone();
    visit
}

/// Where nobody is at work, finishes what an earlier run left, and tells what one could not; what keeps it from that is
/// the visit's problem. Whether it did.
async fn finish<H: Host>(session: &mut Session<'_, H>, visit: &mut Visit, purpose: &str) -> bool {
    let (config, host, with, outbox) = (session.config, session.host, session.with, session.outbox);
    let only_checks = config.mode == Mode::Doctor;
    let orphaned = !only_checks && is_open(&session.ledger.state, session.now().await) && visit.watcher.is_none();
    let is_left = orphaned
        || drive::is_unfinished(session).await
        || !point::is_written(session).await
        || evidence::has_news(session).await;
    if !is_left && (only_checks || !is_untold(session).await) {
        return false;
    }
    if let Some(failure) = Box::pin(stranger::refusal(config, with, host)).await {
        // That a message is still to be told is no problem of who looks on.
        visit.problem = is_left.then(|| reason::failure(&failure, config.manner.locale));
        return false;
    }
    let page = session.page();
    let work = outbox::beside(host, outbox, config.secrets.webhook.as_ref(), go_on(session, purpose));
    let result = Box::pin(deployments::beside(host, &outbox.deployments, page, work)).await;
    session.tell_of_deployments().await;
    for lost in outbox.lost() {
        session.warn(&Line::Untold(lost, Spared::Deploy)).await;
    }
    if let Err(failure) = result {
        let failure = stranger::explained(config, with, host, failure).await;
        visit.problem = Some(reason::failure(&failure, config.manner.locale));
    }
    true
}

/// What the newest health check found of each target, as far as it is remembered.
async fn remembered<H: Host>(host: &H, with: &Environment, now: Millis) -> Vec<Target> {
    let path = with.checks();
    let read = Command::Read { path, cap: health_log::TAIL, keep: Keep::Tail };
    let lines = match host.perform(read).await {
        Reply::Text { text, size } => health_log::read(&text, size <= health_log::TAIL).lines,
        _ => Vec::new(),
    };
    targets(&with.health.urls, &lines, now)
}

/// Whether `health` has found ill what is live, and not well since.
pub(super) async fn is_found_ill<H: Host>(host: &H, with: &Environment, state: &State) -> bool {
    remembered(host, with, now(host).await).await.iter().any(|target| ill(target, state) == Some(Ill::Now))
}

/// Whether there is something that an earlier run could not tell, and this one may; or what one that was killed had begun
/// to write of that: whoever has the lock removes it.
async fn is_untold<H: Host>(session: &Session<'_, H>) -> bool {
    if session.config.secrets.webhook.is_none() {
        return false;
    }
    let (path, folder) = (session.with.untold(), session.with.state_folder.clone());
    let file = path.rsplit('/').next().unwrap_or_default();
    let is_its = |name: &String| name.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    match session.host.perform(Command::List { path: folder }).await {
        Reply::Names { names } => names.iter().any(is_its),
        _ => false,
    }
}

/// Finishes or undoes what a dead run left, unless somebody is at work by now: its own command, or another run.
async fn go_on<H: Host>(session: &mut Session<'_, H>, purpose: &str) -> Result<(), Failure> {
    if let Some(failure) = left::at_work(session).await {
        return Err(failure);
    }
    drive::lock(session, &format!("{purpose}, finishing what was left")).await?;
    let result = async {
        open(session).await?;
        recover(session).await?;
        // What CI has said since may lead to a rollback: that is not for who only checks.
        match session.config.mode {
            Mode::Doctor => Ok(()),
            _ => pick_up(session, None).await,
        }
    }
    .await;
    drive::unlock(session).await;
    result
}

/// Where the work tree stands, when that is not what is live. While a request is under way it is in that one's hands;
/// and a git that does not answer says nothing.
pub(super) async fn elsewhere<H: Host>(host: &H, tree: Option<&Git>, state: &State) -> Option<Sha> {
    let live = state.live.as_ref().filter(|_| state.operation.is_none())?;
    let command = Command::Run(Run { limit_ms: GLANCE_MS, ..tree?.head() });
    let head = sha_told(&host.perform(command).await).ok()?;
    (head != live.sha).then_some(head)
}

/// Who holds a lock, if anybody does.
pub async fn held<H: Host>(host: &H, path: String) -> Option<String> {
    match host.perform(Command::Peek { path }).await {
        Reply::Held { holder } => Some(known(&holder)),
        _ => None,
    }
}

//! Deploys on GitHub's page of deployments, told beside the work and never with any effect on it: under way
//! when what is live begins to change, then live or not, and inactive what was replaced. Nothing of it is
//! remembered here: what GitHub lists is looked at, so that a run that goes on with a killed one finds its
//! deployment again.

use std::cell::{Cell, RefCell};

use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Command, Host, Http, Reply};
use crate::machine::operation::Operation;
use crate::machine::{Ask, Outcome};
use crate::queue::{LAST_CALL_MS, Queue, alongside, last_word};
use crate::session::{ask, now};
use crate::time::Millis;
use crate::tools::deployment::{
    Audience, DeploymentState, Found, Made, Task, Wanted, create, list, list_standings, listed, made, stand, standings,
};
use crate::tools::github::{Api, Listing, Setback};

const ATTEMPT: &Attempt = &Attempt::Deployment;
/// Deployments of others that are looked at, for one that GitHub makes for the job's `environment:`.
const OTHERS: usize = 2;
/// Before a standing is said once more, milliseconds.
const PAUSE_MS: u64 = 1_000;
/// Older deployments of ours that are looked at, for the one that was live.
const OLDER: usize = 3;

/// Where and as what deploys are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The repository, with the token.
    pub api: Api,
    /// Where people find the site.
    pub url: Option<String>,
    /// The page of this run.
    pub log_url: Option<String>,
}

/// Something to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    wanted: Wanted,
    standing: DeploymentState,
    /// Whether it takes the place of what was live.
    replaces: bool,
}

/// What waits to be shown, and what became of it.
#[derive(Debug, Default)]
pub struct Deployments {
    queue: Queue<News>,
    is_on: Cell<bool>,
    begun: Cell<Option<Millis>>,
    lost: RefCell<Vec<Lost>>,
    off: Cell<Option<Off>>,
}

/// What came in the way of showing something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// No answer that tells whether it is shown.
    Setback(Setback),
    /// GitHub does not take it: the status and its sentence.
    Refused(u16, String),
    /// GitHub says that it is made, and not its id.
    Unnamed,
    /// What ended the run.
    Fault(Failure),
    /// So many were left when the run ended, after this many milliseconds more.
    Late(usize, u64),
}

/// Why nothing is shown any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// The token may not.
    Forbidden,
    /// GitHub shows the job itself, by its `environment:`; a rollback is shown all the same, as no job's
    /// deployment tells of it.
    OfJob,
}

impl Deployments {
    /// What is live begins to change: the deployment is under way. Told once a request.
    pub fn began(&self, operation: &Operation, description: String) {
        if self.is_on.get() && self.begun.get() != Some(operation.since) {
            self.begun.set(Some(operation.since));
            self.add(operation, description, DeploymentState::InProgress, false);
        }
    }

    /// A request is over; only one that had begun to change what is live was a deployment.
    pub fn ended(&self, operation: &Operation, outcome: &Outcome, description: String) {
        let (standing, replaces) = match outcome {
            Outcome::Deployed | Outcome::RolledBack => (DeploymentState::Success, true),
            // It is live all the same.
            Outcome::Unhealthy { .. } => (DeploymentState::Failure, true),
            _ => (DeploymentState::Failure, false),
        };
        // One that was told to be under way is told to be over, though its first step may have changed nothing.
        if self.is_on.get() && (operation.touched() || self.begun.get() == Some(operation.since)) {
            self.add(operation, description, standing, replaces);
        }
    }

    /// The run was told to stop: what it was at is not under way until another run finishes or undoes it.
    pub fn interrupted(&self, operation: &Operation, description: String) {
        if self.is_on.get() && self.begun.get() == Some(operation.since) {
            self.add(operation, description, DeploymentState::Error, false);
        }
    }

    fn add(&self, operation: &Operation, description: String, standing: DeploymentState, replaces: bool) {
        let is_promote = matches!(operation.ask, Ask::Promote { .. });
        let is_rollback = matches!(operation.ask, Ask::Rollback { .. });
        let wanted = Wanted {
            sha: operation.ask.target().clone(),
            environment: operation.with.name.clone(),
            since: operation.since,
            description,
            audience: if is_promote { Audience::Users } else { Audience::Team },
            task: if is_rollback { Task::Rollback } else { Task::Deploy },
        };
        self.queue.add(News { wanted, standing, replaces });
    }

    /// What came in the way of what could not be shown.
    #[must_use]
    pub fn lost(&self) -> Vec<Lost> {
        self.lost.borrow().clone()
    }

    /// Why nothing was shown any more, where that is so.
    #[must_use]
    pub fn off(&self) -> Option<Off> {
        self.off.get()
    }
}

/// Runs `work` with its deployments shown beside it; without a page, `work` alone.
pub async fn beside<H: Host, T>(
    host: &H,
    deployments: &Deployments,
    page: Option<Page>,
    work: impl Future<Output = T>,
) -> T {
    let Some(page) = page else {
        return work.await;
    };
    deployments.is_on.set(true);
    let delivery = Box::pin(deliver(host, deployments, &page));
    let (result, left) = alongside(host, &deployments.queue, delivery, work).await;
    if left > 0 {
        deployments.lost.borrow_mut().push(Lost::Late(left, LAST_CALL_MS));
    }
    result
}

async fn deliver<H: Host>(host: &H, deployments: &Deployments, page: &Page) {
    let mut shelf = Shelf { host, page, known: Vec::new(), listed: Vec::new(), of_job: Vec::new(), is_stopped: false };
    let mut refused = None;
    while let Some(news) = deployments.queue.next().await {
        refused = None;
        match shelf.show(&news).await {
            Ok(()) => {}
            // What is told later says more.
            Err(Stop::Lost(Lost::Fault(Failure::Stopped { .. }))) => refused = Some(news),
            Err(Stop::Off(Off::OfJob)) => {
                deployments.off.set(Some(Off::OfJob));
                shelf.of_job.push(news.wanted.since);
            }
            Err(Stop::Off(off)) => {
                deployments.off.set(Some(off));
                deployments.is_on.set(false);
                deployments.queue.drain().await;
                return;
            }
            Err(Stop::Lost(why)) => deployments.lost.borrow_mut().push(why),
        }
    }
    // The run was told to stop and is over, and no later one shows what this one knew: its last word.
    if let Some(news) = refused {
        shelf.is_stopped = true;
        if let Err(Stop::Lost(why)) = shelf.show(&news).await {
            deployments.lost.borrow_mut().push(why);
        }
    }
}

enum Stop {
    Off(Off),
    Lost(Lost),
}

/// What this run knows of GitHub's deployments.
struct Shelf<'a, H> {
    host: &'a H,
    page: &'a Page,
    known: Vec<(Millis, u64)>,
    listed: Vec<Found>,
    /// Requests that GitHub shows by itself.
    of_job: Vec<Millis>,
    /// The run was told to stop: what is said now is its last word, once.
    is_stopped: bool,
}

impl<H: Host> Shelf<'_, H> {
    async fn show(&mut self, news: &News) -> Result<(), Stop> {
        let since = news.wanted.since;
        if self.of_job.contains(&since) {
            return Ok(());
        }
        let known = self.known.iter().find(|(at, _)| *at == since).map(|(_, id)| *id);
        let id = match known {
            Some(id) => id,
            // GitHub was told of nothing, and there is no time to look for it.
            None if self.is_stopped => return Ok(()),
            None => self.found_or_made(&news.wanted).await?,
        };
        let live_at = self.page.url.as_deref().filter(|_| news.standing == DeploymentState::Success);
        self.say(id, news.standing, live_at).await?;
        if news.replaces && !self.is_stopped { self.replace(id, news.standing).await } else { Ok(()) }
    }

    /// The deployment of this request: made by a run that was killed, or now. A POST without an answer is
    /// looked for before it is sent again.
    async fn found_or_made(&mut self, wanted: &Wanted) -> Result<u64, Stop> {
        let mut seen = Lost::Unnamed;
        for _ in 0..2 {
            self.list(&wanted.environment).await?;
            if let Some(found) = self.listed.iter().find(|one| one.since == Some(wanted.since)) {
                self.known.push((wanted.since, found.id));
                return Ok(found.id);
            }
            if wanted.task == Task::Deploy {
                self.look_for_jobs_own().await?;
            }
            let mut wanted = wanted.clone();
            if self.listed.iter().any(|one| one.since.is_some() && one.audience == Audience::Users) {
                wanted.audience = Audience::Users;
            }
            match made(&self.ask(create(&self.page.api, &wanted)).await?) {
                Made::Done { id: Some(id) } => {
                    self.known.push((wanted.since, id));
                    return Ok(id);
                }
                // Of a repository that the token may not see.
                Made::Forbidden | Made::Missing(_) => return Err(Stop::Off(Off::Forbidden)),
                Made::Refused(status, said) => return Err(Stop::Lost(Lost::Refused(status, said))),
                Made::Done { id: None } => seen = Lost::Unnamed,
                Made::Unknown(why) => seen = Lost::Setback(why),
            }
        }
        Err(Stop::Lost(seen))
    }

    async fn list(&mut self, environment: &str) -> Result<(), Stop> {
        let reply = self.ask(list(&self.page.api, environment)).await?;
        match listed(&self.page.api, &reply, now(self.host).await) {
            Listing::Page(page) => self.listed = page.items,
            Listing::Unchanged => {}
            Listing::Later { why, .. } => return Err(Stop::Lost(Lost::Setback(why))),
            Listing::Denied(_) => return Err(Stop::Off(Off::Forbidden)),
        }
        Ok(())
    }

    /// GitHub makes a deployment for a job with an `environment:`; the pages that it names are those of
    /// this run. Two for one deploy would be one too many.
    async fn look_for_jobs_own(&self) -> Result<(), Stop> {
        let Some(run) = &self.page.log_url else {
            return Ok(());
        };
        let others: Vec<u64> = self.listed.iter().filter(|one| one.since.is_none()).map(|one| one.id).collect();
        for id in others.into_iter().take(OTHERS) {
            let is_own = |page: &str| {
                page.strip_prefix(run.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if self.standings(id).await?.iter().any(|(_, page)| is_own(page)) {
                return Err(Stop::Off(Off::OfJob));
            }
        }
        Ok(())
    }

    async fn standings(&self, id: u64) -> Result<Vec<(String, String)>, Stop> {
        let reply = self.ask(list_standings(&self.page.api, id)).await?;
        match standings(&self.page.api, &reply, now(self.host).await) {
            Listing::Page(page) => Ok(page.items),
            _ => Ok(Vec::new()),
        }
    }

    async fn say(&self, id: u64, standing: DeploymentState, url: Option<&str>) -> Result<(), Stop> {
        let request = stand(&self.page.api, id, standing, self.page.log_url.as_deref(), url);
        let mut seen = Setback::NotAsked;
        // Said twice is as good as once.
        for attempt in 0..2 {
            if attempt > 0 {
                // A short outage is over then.
                self.host.perform(Command::Sleep { ms: PAUSE_MS }).await;
            }
            match made(&self.ask(request.clone()).await?) {
                Made::Done { .. } => return Ok(()),
                Made::Forbidden => return Err(Stop::Off(Off::Forbidden)),
                // Somebody has deleted it.
                Made::Missing(said) => return Err(Stop::Lost(Lost::Refused(404, said))),
                Made::Refused(status, said) => return Err(Stop::Lost(Lost::Refused(status, said))),
                Made::Unknown(why) => seen = why,
            }
            if self.is_stopped {
                break;
            }
        }
        Err(Stop::Lost(Lost::Setback(seen)))
    }

    /// GitHub makes what was replaced inactive by itself where what replaced it is a success, but for what end users
    /// work with, and for what had not come to its end: its last word was lost, and nobody is at it, as the lock is held.
    async fn replace(&self, id: u64, standing: DeploymentState) -> Result<(), Stop> {
        let by_github = |one: &Found| standing == DeploymentState::Success && one.audience == Audience::Team;
        let older = self.listed.iter().filter(|one| one.since.is_some() && one.id != id).take(OLDER);
        for older in older.cloned().collect::<Vec<Found>>() {
            let newest = self.standings(older.id).await?.into_iter().next().map(|(state, _)| state);
            match newest.as_deref() {
                Some("success") if !by_github(&older) => {
                    return self.say(older.id, DeploymentState::Inactive, None).await;
                }
                // What is older than that was seen to when this one was new.
                Some("success" | "inactive") => return Ok(()),
                Some("in_progress") => self.say(older.id, DeploymentState::Inactive, None).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn ask(&self, request: Http) -> Result<Reply, Stop> {
        if self.is_stopped {
            return Ok(self.host.perform(last_word(request)).await);
        }
        ask(self.host, request, ATTEMPT).await.map_err(|failure| Stop::Lost(Lost::Fault(failure)))
    }
}

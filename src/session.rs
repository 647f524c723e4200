//! One run on one environment: the host, the settings, the ledger and where words go. What every
//! step needs, and nothing that decides.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::config::Config;
use crate::deployments::{Off, Page};
use crate::environment::{Environment, Locale, Shown};
use crate::failure::reason::Attempt;
use crate::failure::{Failure, unless_stopped};
use crate::host::{Command, Host, Http, Level, Ran, Reply, Run, Stat};
use crate::ledger::Ledger;
use crate::machine::{Fact, Outcome, Step};
use crate::messages::ending::Since;
use crate::messages::log::{Line, NotShown};
use crate::messages::notice::Passed;
use crate::messages::{self, Digest, status as words};
use crate::outbox::Outbox;
use crate::sha::Sha;
use crate::steps::Trouble;
use crate::steps::ahead::Inquiry;
use crate::steps::differences;
use crate::time::Millis;
use crate::tools::backup::BackupName;
use crate::tools::compose::Listed;
use crate::tools::git::{Git, RepositoryLayout, remote_url_told, repository_of};
use crate::tools::github::Api;
use crate::voice::Voice;
use redacted::redacted;

mod redacted;
mod telling;

/// Letters of a line that can be written over: a longer one would be two on a narrow terminal.
const LIVE_WIDTH: usize = 78;

/// One run on one environment.
#[derive(Debug)]
pub struct Session<'a, H> {
    /// The door.
    pub host: &'a H,
    /// The run.
    pub config: &'a Config,
    /// The environment's settings as this run has them.
    pub with: &'a Environment,
    /// The process environment.
    pub env: &'a BTreeMap<String, String>,
    /// The environment's ledger.
    pub ledger: Ledger,
    /// Messages on their way.
    pub outbox: &'a Outbox,
    /// Lines for people.
    pub voice: &'a Voice<'a, H>,
    /// The repository and where it lives, once asked.
    pub repository: RefCell<Option<(Git, RepositoryLayout)>>,
    /// Containers of ours that this run restarted: the same ones run on.
    pub restarted: RefCell<Vec<Listed>>,
    /// The URL of the remote `origin`, once asked: `Some(None)` where there is none.
    pub remote: RefCell<Option<Option<String>>>,
    /// Containers as they were before this run changed anything, from when they are asked for to the answer.
    pub ahead: RefCell<Option<Inquiry<'a>>>,
    /// What differs between the two commits that were asked about last.
    pub differences: RefCell<Option<differences::Cached>>,
    /// What stood, by path of the repository, where the next reset writes; none before local changes are saved.
    pub stood: RefCell<Option<BTreeMap<String, Stat>>>,
    /// This run has had the environment's lock.
    pub has_locked: Cell<bool>,
    /// People know that the rollback point's file cannot be written.
    pub is_point_lost: Cell<bool>,
    /// What people should have been told stands in the log alone: no webhook is known.
    pub is_untold: Cell<bool>,
    /// What is known of what is live beside the ledger; at the end, of a run that failed, or has followed CI.
    pub since: Cell<Since>,
    /// Whether CI has failed what is live since, where it was promoted from; none: that is not known. Likewise at the end.
    pub has_failed_since: Cell<Option<bool>>,
    /// The run that left a request unfinished was told to stop, and has told people.
    pub was_stopped: Cell<bool>,
    /// The engine was waited for, in vain.
    pub is_engine_gone: Cell<bool>,
    /// What the checklist of a forced promote found, and passed over.
    pub passed: Cell<Passed>,
    /// Unreadable lines of the ledger that people know of.
    pub known_aside: Cell<u64>,
    /// Steps of this run, for the summary.
    pub done: Vec<Phase>,
    /// What `auto` was made to mean and why: setting, choice, reason; for the summary.
    pub choices: RefCell<Vec<(&'static str, String, String)>>,
    /// Why CI failed, as people were told it; for the summary.
    pub digest: RefCell<Option<Digest>>,
    /// The backup that was found not to be what it was.
    pub distrusted: RefCell<Option<BackupName>>,
}

/// A step of this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Which.
    pub step: Step,
    /// When it began.
    pub began: Millis,
    /// How long it took, milliseconds.
    pub ms: u64,
    /// How many processes it started.
    pub processes: u64,
    /// It did not come about.
    pub failed: bool,
}

impl<'a, H: Host> Session<'a, H> {
    /// A session that has asked nothing yet.
    #[must_use]
    pub fn new(
        host: &'a H,
        config: &'a Config,
        (with, env): (&'a Environment, &'a BTreeMap<String, String>),
        ledger: Ledger,
        (outbox, voice): (&'a Outbox, &'a Voice<'a, H>),
    ) -> Self {
        Self {
            host,
            config,
            with,
            env,
            ledger,
            outbox,
            voice,
            repository: RefCell::default(),
            remote: RefCell::default(),
            restarted: RefCell::default(),
            ahead: RefCell::default(),
            differences: RefCell::default(),
            stood: RefCell::default(),
            has_locked: Cell::default(),
            is_point_lost: Cell::default(),
            is_untold: Cell::default(),
            since: Cell::default(),
            has_failed_since: Cell::new(Some(false)),
            was_stopped: Cell::default(),
            is_engine_gone: Cell::default(),
            passed: Cell::default(),
            known_aside: Cell::default(),
            done: Vec::new(),
            choices: RefCell::default(),
            digest: RefCell::default(),
            distrusted: RefCell::default(),
        }
    }

    /// The wall clock.
    pub async fn now(&self) -> Millis {
        now(self.host).await
    }

    /// The settings that hold now: those of the request under way, else this run's.
    #[must_use]
    pub fn settings(&self) -> Environment {
        let operation = self.ledger.state.operation.as_ref();
        operation.map_or_else(|| self.with.clone(), |operation| (*operation.with).clone())
    }

    /// The language of what is written for whoever reads this run: the person's at a terminal, else the team's.
    #[must_use]
    pub fn read_in(&self, with: &Environment) -> Locale {
        self.config.read_in(with)
    }

    /// Runs a process; a signal becomes a failure, everything else is the reply.
    pub async fn run(&self, run: Run, attempt: &Attempt) -> Result<Reply, Failure> {
        unless_stopped(self.host.perform(Command::Run(run)).await, attempt)
    }

    /// Asks a server; a signal becomes a failure, everything else is the reply.
    pub async fn ask(&self, request: Http, attempt: &Attempt) -> Result<Reply, Failure> {
        ask(self.host, request, attempt).await
    }

    /// Waits; a signal becomes a failure.
    pub async fn sleep(&self, ms: u64, attempt: &Attempt) -> Result<(), Failure> {
        unless_stopped(self.host.perform(Command::Sleep { ms }).await, attempt).map(drop)
    }

    /// Adds a fact to the ledger; it is on disk after the next `write`.
    pub async fn add(&mut self, fact: Fact) {
        let now = self.now().await;
        self.ledger.add(redacted(fact, self.voice), now);
    }

    /// Reads what is in the ledger by now: without the lock others write into it, too.
    pub async fn read_again(&mut self) -> Result<(), Failure> {
        self.ledger = Ledger::read(self.host, &self.with.ledger(), &self.config.origin.run()).await?;
        Ok(())
    }

    /// Puts what was added on disk.
    pub async fn write(&mut self) -> Result<(), Failure> {
        let now = self.now().await;
        self.ledger.write(self.host, now).await
    }

    /// Says what is in words already.
    pub async fn say(&self, text: impl AsRef<str>) {
        self.voice.say(text).await;
    }

    /// Says on an operator's terminal, in a line that the next one is written over, what is waited for and
    /// until when.
    pub async fn waits(&self, what: &words::Awaited<'_>, until: Millis) {
        if self.config.manner.is_live {
            let text = words::waits(self.config.manner.locale, what, until);
            let text = self.voice.cleaned(&text).chars().take(LIVE_WIDTH).collect();
            self.host.perform(Command::Say { level: Level::Live, text }).await;
        }
    }

    /// Says a line.
    pub async fn log(&self, line: &Line) {
        self.say(line.text(self.config.manner.log)).await;
    }

    /// Says a line as a warning.
    pub async fn warn(&self, line: &Line) {
        self.voice.speak(Level::Warning, &line.text(self.config.manner.log)).await;
    }

    /// Shows on GitHub that the request under way begins to change what is live.
    pub fn show_begun(&self) {
        if let Some(operation) = &self.ledger.state.operation {
            self.outbox.deployments.began(operation, messages::deployment(operation));
        }
    }

    /// Shows on GitHub how the request under way ends.
    pub fn show_ended(&self, outcome: &Outcome) {
        if let Some(operation) = &self.ledger.state.operation {
            self.outbox.deployments.ended(operation, outcome, messages::deployment(operation));
        }
    }

    /// Shows on GitHub that nobody is at the request under way, as this run was told to stop.
    pub fn show_interrupted(&self) {
        if let Some(operation) = &self.ledger.state.operation {
            self.outbox.deployments.interrupted(operation, messages::deployment(operation));
        }
    }

    /// Where deploys are shown on GitHub: nowhere without a token, outside a repository of GitHub's, or
    /// where that is switched off.
    #[must_use]
    pub fn page(&self) -> Option<Page> {
        let origin = &self.config.origin;
        let is_off = self.with.deployments == Shown::Off || origin.repository.is_empty();
        let token = self.config.secrets.token.clone().filter(|_| !is_off)?;
        let api = Api { url: origin.api_url.clone(), repository: origin.repository.clone(), token: Some(token) };
        Some(Page { api, url: self.with.url.clone(), log_url: origin.run_url() })
    }

    /// Says what could not be shown on GitHub.
    pub async fn tell_of_deployments(&self) {
        let deployments = &self.outbox.deployments;
        match deployments.off() {
            Some(Off::Forbidden) => {
                let text = Line::NotShown(NotShown::Forbidden).text(self.config.manner.log);
                self.voice.speak(Level::Notice, &text).await;
            }
            Some(Off::OfJob) => self.log(&Line::NotShown(NotShown::OfJob)).await,
            None => {}
        }
        for lost in deployments.lost() {
            self.log(&Line::NotShown(NotShown::Lost(lost))).await;
        }
    }

    /// The API of this run's repository, or of the work tree's remote on an operator's terminal;
    /// none when neither is known. A signal is a failure.
    pub async fn api(&self) -> Result<Option<Api>, Failure> {
        let origin = &self.config.origin;
        let repository = match origin.repository.is_empty() {
            false => Some(origin.repository.clone()),
            true => self.repository_of_remote().await?,
        };
        let (url, token) = (origin.api_url.clone(), self.config.secrets.token.clone());
        Ok(repository.map(|repository| Api { url, repository, token }))
    }

    async fn repository_of_remote(&self) -> Result<Option<String>, Failure> {
        let git = match crate::steps::survey::repository(self).await {
            Ok(git) => git,
            Err(Trouble::Stop(failure)) => return Err(failure),
            Err(Trouble::Fault { .. }) => return Ok(None),
        };
        let reply = self.run(git.remote_url(), &Attempt::Tree).await?;
        let url = remote_url_told(&reply).ok().flatten();
        Ok(url.and_then(|url| repository_of(&url, &self.config.origin.server_url)))
    }

    /// What an automatic rollback from this SHA would go back to.
    #[must_use]
    pub fn way_back(&self, sha: &Sha) -> Option<Sha> {
        self.ledger.state.rollback_target(std::slice::from_ref(sha)).cloned()
    }

    /// What is known at the end beside the ledger of what is live; whether CI has failed it where it was promoted from.
    #[must_use]
    pub fn known_since(&self) -> (Since, bool) {
        (self.since.get(), self.has_failed_since.get() == Some(true))
    }

    /// The SHA that is live, as far as the ledger knows.
    #[must_use]
    pub fn live(&self) -> Option<Sha> {
        self.ledger.state.live.as_ref().map(|live| live.sha.clone())
    }

    /// Keeps what `auto` was made to mean, for the summary; the newest choice counts.
    pub fn chose(&self, setting: &'static str, choice: &str, why: &str) {
        let mut choices = self.choices.borrow_mut();
        choices.retain(|(known, ..)| *known != setting);
        choices.push((setting, choice.to_owned(), why.to_owned()));
    }
}

/// The request, with no more time than there is until then, and no less than `least_ms`.
pub async fn within<H: Host>(host: &H, request: Http, until: Option<Millis>, least_ms: u64) -> Http {
    let Some(until) = until else { return request };
    let left_ms = until.since(now(host).await).max(least_ms);
    Http { limit_ms: request.limit_ms.min(left_ms), ..request }
}

/// Asks a server; a signal becomes a failure, everything else is the reply.
pub async fn ask<H: Host>(host: &H, request: Http, attempt: &Attempt) -> Result<Reply, Failure> {
    unless_stopped(host.perform(Command::Http(request)).await, attempt)
}

/// The wall clock.
pub async fn now<H: Host>(host: &H) -> Millis {
    match host.perform(Command::Clock).await {
        Reply::Clock { ms } => ms,
        _ => Millis(0),
    }
}

/// The last lines of a process's output, for a message: at most `lines`, each cut at 300 characters.
#[must_use]
pub fn last_lines(ran: &Ran, lines: usize) -> String {
    let text = if ran.stderr.trim().is_empty() { &ran.stdout } else { &ran.stderr };
    let kept: Vec<String> =
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| line.chars().take(300).collect()).collect();
    let from = kept.len().saturating_sub(lines);
    kept.get(from..).unwrap_or_default().join("\n")
}

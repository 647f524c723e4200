//! Lines of the log, as data; the sentences stand in `en::log` and `fr::log`. A job's log and a watcher's file are
//! English, whatever the language of the settings: who searches them, or these pages, finds each line in one
//! language. On an operator's terminal they are in that person's.

mod ci;
mod tree;

pub use ci::{Ci, Unanswered};
pub use tree::Tree;

use super::health::Row;
use super::site::Symptom;
use super::{en, fr};
use crate::deployments::Lost;
use crate::environment::{ComposeStrategy, Locale};
use crate::failure::Failure;
use crate::failure::reason::{Obstacle, Reason};
use crate::failure::rebuff::Rebuff;
use crate::machine::Ask;
use crate::machine::request::Step;
use crate::outbox::Undelivered;
use crate::sha::Sha;
use crate::tools::compose::{SlowStop, Volume};
use crate::tools::needs::JobResult;
use crate::tools::strategy::{self, Strategy};

/// A line of the log. Spans are milliseconds; names, paths and outside texts are as they were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The configuration file that was read.
    Configured(String),
    /// This environment is left out, as this repository deploys it, and not the run's own.
    LeftOut(String, String),
    /// The engine is away, and is waited for, milliseconds at most.
    AwaitsEngine(u64),
    /// Somebody holds the lock; for how long it is waited.
    Waiting(String, u64),
    /// The command of a killed run goes on beyond its time.
    Outlasted(String),
    /// The deploy command is not run: this file of it came with `later`, and what is gone back to does not have it.
    NoCommand {
        /// As it is named in the command.
        file: String,
        /// What is undone.
        later: Sha,
        /// What is gone back to.
        to: Sha,
    },
    /// A dead run left this request, asked for by somebody; what becomes of it.
    Resumed(Ask, String, Resume),
    /// The work tree was moved while nobody was at work: what was begun is void.
    Void(Sha),
    /// So many lines of the ledger cannot be read.
    SetAside(u64),
    /// A step is done, in this time; what it did.
    Done(Step, u64, Did),
    /// A step failed, after this time.
    Failed(Step, u64, Reason),
    /// What went wrong, and ends nothing.
    Fault(Reason),
    /// GitHub's page of deployments shows nothing of this.
    NotShown(NotShown),
    /// Discord was not told, for this reason; what does not suffer from it.
    Untold(Undelivered, Spared),
    /// The rollback point's file cannot be written.
    NoPoint(String, Rebuff),
    /// Of an environment's sites.
    Site(String, Site),
    /// Of CI, and who follows it.
    Ci(Ci),
    /// What a dry run would do.
    Plan(Plan),
    /// Of the work tree and what git keeps.
    Tree(Tree),
    /// Of containers.
    Containers(Containers),
    /// Of backups.
    Backup(Backup),
    /// Of the jobs that `report` sums up.
    Jobs(Jobs),
}

/// What becomes of a request that a dead run left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// It is finished.
    GoOn,
    /// It is undone.
    Undo,
    /// It had changed nothing: it is over.
    Drop,
}

/// What a message that was lost does not harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spared {
    /// What is live.
    Deploy,
    /// The results of jobs.
    Results,
    /// News of a site: the next check tells them.
    News,
}

/// Of an environment's sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// It has no URL.
    NoUrl,
    /// What was found.
    Found(Row),
    /// Somebody is at work: it is not judged yet.
    Busy(String),
    /// This check is not remembered.
    Unremembered(Failure),
}

/// Why GitHub's page of deployments shows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotShown {
    /// The token may not.
    Forbidden,
    /// The job has an `environment:`, which shows the same.
    OfJob,
    /// This came instead.
    Lost(Lost),
}

/// What a step did, in a few words; the ledger has them in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// Nothing that has to be said.
    Nothing,
    /// Fetched this commit, whose subject it is.
    Fetched(Sha, String),
    /// So many lines of the checklist, none in the way.
    Checklist(usize),
    /// Paths that changed and are guarded.
    Guarded(Vec<String>),
    /// This backup was complete before.
    BackedUpBefore(String),
    /// Made this backup: its name, size in bytes, files, and how many old ones were removed for it.
    BackedUp(String, u64, u64, usize),
    /// Local changes are saved under these refs.
    Saved(Vec<String>),
    /// What is at work, and why it is known.
    Runs(Runs),
    /// Not healthy.
    Unhealthy(Symptom),
    /// How containers got the version, and why where it was not set.
    Applied(Strategy, Option<strategy::StrategyReason>),
    /// The work tree stands at this SHA.
    Reset(Sha, Vec<PutBack>),
    /// What was replaced is kept in these places.
    Restored(Vec<String>),
}

/// Paths that are named in one line.
pub const NAMED: usize = 5;

/// Files that a version had replaced, on their way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutBack {
    /// Something stands where this ref keeps them.
    Left(String, Vec<String>),
    /// They are there again; who had replaced them.
    Back(Sha, Vec<String>),
}

/// Why what answers is known to be the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// The answer holds its SHA.
    ByBody,
    /// Nothing of ours runs that could be older than the work tree.
    ByTree,
    /// Nothing was restarted, and it answers.
    AsBefore,
    /// All containers started since this began.
    Fresh,
    /// Those that did not are the same in both versions.
    Unchanged,
}

/// What a dry run would do, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Deploys this SHA to this environment.
    Deploy(Sha, String),
    /// First finishes or undoes what somebody began: who, and of which SHA.
    First(String, Sha),
    /// First waits for the run that holds the lock, as it was written there; what follows supposes that it comes to a good end.
    Awaited(String),
    /// This step, by its number.
    Step(usize, Planned),
    /// The commit is not here yet, so where it stands is not known.
    Unfetched,
    /// Something newer is live.
    Superseded,
    /// It is live already.
    Unchanged,
    /// The same; what follows is done where it does not answer well.
    UnlessIll,
    /// The SHA is quarantined. A workflow: GitHub is asked first whether its CI has succeeded since.
    Quarantined(Option<String>),
    /// GitHub is asked first whether CI, this workflow, has failed it already.
    FailedAlready(String),
    /// Puts this SHA live again.
    Rollback(Sha),
    /// Follows this workflow of this SHA.
    Watch(String, Sha),
    /// Checks sites.
    Health,
    /// An environment's address, how often it is tried, how long a try takes at most, and the time between.
    Target(String, String, u32, u64, u64),
    /// An environment without an address.
    NoTarget(String),
    /// Promotes; the plan itself follows.
    Promote,
    /// That is refused, as its checklist does not hold.
    Unready,
}

/// A step of a deploy that is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// The rollback point is this validated SHA.
    Point(Sha),
    /// Nothing is validated: it is what is live, or what the work tree stands at.
    Baseline(Option<Sha>),
    /// Fetches the SHA in this folder; it must be on this branch.
    Fetch(Sha, String, String),
    /// Saves local changes, and resets.
    Reset,
    /// Runs this command.
    Command(String),
    /// Has containers take the version in this way, of this file.
    Compose(ComposeStrategy, String),
    /// Asks these addresses so many times, in this interval.
    Check(Vec<String>, u32, u64),
    /// Puts files of this backup back.
    Files(String),
    /// Looks whether the containers run.
    CheckContainers,
    /// There is nothing that could be checked.
    CheckNothing,
    /// Follows CI's workflow for this time.
    Follow(String, u64),
}

/// Of containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Containers {
    /// They were made of these compose files.
    Files(Vec<String>),
    /// They were started with these folders and files.
    StartedWith(Vec<String>),
    /// Compose's version, how they get the app's, and why where that is not set.
    Way(String, Strategy, Option<strategy::StrategyReason>),
    /// `restart` is set, and would leave the old image of this name at work.
    OldImage(String),
    /// On the way back this name means again the image that this version ran with.
    ImageBack(String, Sha),
    /// It could not be given back.
    ImageGone(String, Sha),
    /// Compose has no value for these variables; whether containers are made by this way.
    Unset(Vec<String>, Strategy),
    /// The same for variables that no compose file names which was read: a value holds a `$`, mostly.
    UnsetElsewhere,
    /// Containers that stay, since they are of another compose file.
    OrphansKept(Vec<String>),
    /// Containers of ours whose service is declared no more are removed.
    Removing(Vec<String>),
    /// A service has fewer containers than before: how many it had, and has.
    Fewer(String, usize, usize),
    /// No container sees a volume without a name any more, in which one of this service kept data.
    VolumeLeft {
        /// Whose it was.
        service: String,
        /// Which, and where that container saw it.
        volume: Volume,
    },
    /// Services of a profile that are started with the others.
    InProfile(Vec<String>),
    /// These services are made anew after `up`, for the texts that they hold.
    Renewing(Vec<String>),
    /// These services are restarted after `up`.
    Restarting(Vec<String>),
    /// A stop took this long, for this reason.
    SlowStop(u64, SlowStop),
    /// Started in their order, not all that ran came back: they are started at once.
    AtOnce,
    /// Not healthy after this time; the try of so many, or none in the grace.
    NotHealthy(u64, Option<(u32, u32)>, Symptom),
    /// Docker started these again; how long they have still to run on.
    StartedAgain(Vec<String>, u64),
}

/// Of backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backup {
    /// One that was never complete is removed.
    Incomplete(String),
    /// Names in it that are no files.
    Skipped(String, Vec<String>),
    /// Names in it that changed while they were read.
    Changed(String, Vec<String>),
    /// This folder cannot be listed.
    NotListed(String),
    /// It holds files of others, which this user could not give back to them: one of those, and the list of them all.
    Foreign {
        /// User and group.
        owner: String,
        /// One of the files.
        path: String,
        /// Who saves them.
        user: String,
        /// The list of them all, a path.
        list: String,
    },
    /// In this folder not all could be set aside, for this reason.
    LeftThere(String, Box<Obstacle>),
    /// Files that were put back are this user's now; the command that gives them back.
    NotGivenBack(String),
}

/// Of the jobs that `report` sums up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jobs {
    /// What a dry run would do.
    Plan,
    /// A job's name, whether it may fail, and its result.
    Ended(String, bool, JobResult),
    /// GitHub told nothing of them.
    Unlisted(Unanswered),
    /// Discord is not told, as there is no webhook; whose pull request the run is of, where it is a fork's.
    NoWebhook(Option<String>),
}

impl Line {
    /// The line in words.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        match locale {
            Locale::Fr => fr::log::line(self),
            Locale::En => en::log::line(self),
        }
    }
}

impl Did {
    /// What was done, in words; empty where nothing has to be said.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        match locale {
            Locale::Fr => fr::log::did(self),
            Locale::En => en::log::did(self),
        }
    }

    /// Where what was taken out of the way is kept.
    #[must_use]
    pub fn kept(&self) -> &[String] {
        match self {
            Self::Saved(kept) | Self::Restored(kept) => kept,
            _ => &[],
        }
    }
}

/// What decided how containers get a version; nothing did where it is set.
#[must_use]
pub fn chosen(why: Option<&strategy::StrategyReason>, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::log::chosen(why),
        Locale::En => en::log::chosen(why),
    }
}

/// A step's name, as the title of its lines.
#[must_use]
pub fn title(step: Step, locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::step(step),
        Locale::En => en::step(step),
    }
}

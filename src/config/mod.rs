//! Raw text to a [`Config`], or every [`Problem`] at once, before anything is touched. An input
//! wins over the file, the file's environment over its defaults, these over the built-in default.
//! Parses, never does.

pub mod args;
mod environment;
pub mod file;
mod jobs;
mod listed;
pub mod manner;
mod origin;
mod reader;
mod request;
pub mod value;

use std::collections::{BTreeMap, BTreeSet};

pub use jobs::NeededJob;
pub use origin::{Change, Origin};

use crate::machine::request::Force;

use crate::environment::{Environment, Locale};
use crate::failure::Problem;
use crate::failure::problem::{Misshapen, Wrong};
use crate::host::Start;
use crate::settings::{Mode, STATE_DIR, ValueKind};
use crate::sha::Sha;
use crate::tools::backup::BackupName;
use crate::tools::secret::Secret;
use file::{File, Keys};
use manner::Manner;
use reader::Reader;

/// A run, fully understood.
#[derive(Debug, Clone)]
pub struct Config {
    /// What to do.
    pub mode: Mode,
    /// The environments it is about, in the file's order.
    pub environments: Vec<Environment>,
    /// Names that the configuration file lists, whichever this run is about.
    pub listed: Vec<String>,
    /// Promote, and a doctor of one environment: the environment whose validated SHA may be promoted, as the file alone
    /// has it.
    pub from: Option<Box<Environment>>,
    /// A doctor of one environment: those that the file lists before it, as the file alone has them.
    pub before: Vec<Environment>,
    /// Folder that holds one folder for each environment.
    pub state_dir: String,
    /// Language of summaries.
    pub locale: Locale,
    /// How an operator's terminal is spoken to.
    pub manner: Manner,
    /// What was asked beside the settings of an environment.
    pub request: Request,
    /// Secrets; never stored, never shown.
    pub secrets: Secrets,
    /// Where the run comes from.
    pub origin: Origin,
    /// The jobs to report, those that did not succeed first.
    pub jobs: Vec<NeededJob>,
    /// The configuration file's text, for a watcher that starts from it.
    pub file: Option<String>,
    /// Settings of the named environment that an input or the file gives, by the input's name.
    pub given: BTreeSet<&'static str>,
    /// The inputs as given, for a watcher that starts from them.
    pub inputs: BTreeMap<String, String>,
    /// What is missing unless the ledger has it: rollback and watch only, where nothing else is wrong.
    pub lacking: Vec<Problem>,
    /// What is wrong with all this; for `doctor` only, every other mode is refused before it starts.
    pub problems: Vec<Problem>,
}

/// What was asked beside the settings of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The commit.
    pub sha: Option<Sha>,
    /// Where a rollback goes.
    pub to: Target,
    /// Rollback: the backup whose files are put back.
    pub backup: Option<BackupChoice>,
    /// Promote: whether a person has confirmed it.
    pub confirm: Confirmation,
    /// Whether quarantine, age and freeze are obeyed.
    pub force: Force,
    /// Status: the absolute path of the page to make.
    pub page: Option<String>,
    /// Whether anything may change.
    pub intent: Intent,
}

/// Where a rollback goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The newest validated SHA.
    LastValidated,
    /// What was live before what is live.
    Previous,
    /// 7 to 40 digits.
    Digits(String),
    /// The SHA that the chosen backup's files belong to.
    OfBackup,
}

/// Which backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupChoice {
    /// The newest one.
    Latest,
    /// This one.
    Named(BackupName),
}

/// Whether a promote is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// It is.
    Given,
    /// It is not; what was typed instead.
    Missing(String),
}

/// Whether anything may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Do it.
    Act,
    /// Print the plan.
    DryRun,
}

/// Secrets of a run.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// Discord webhook URL.
    pub webhook: Option<Secret>,
    /// GitHub token that ends with the job.
    pub token: Option<Secret>,
    /// GitHub token that outlives the job.
    pub watch_token: Option<Secret>,
}

const DEFAULT_FILE: &str = ".github/mangetamain-deploy.yml";

/// The configuration file to read, absolute.
#[must_use]
pub fn file_path(start: &Start) -> String {
    let named = start.inputs.get("config").map(|text| text.trim()).filter(|text| !text.is_empty());
    absolute(start, named.unwrap_or(DEFAULT_FILE))
}

/// A path as it was written: relative to the workspace, or to the terminal's folder.
fn absolute(start: &Start, path: &str) -> String {
    let home = start.env.get("HOME").map_or("", String::as_str);
    let workspace = start.env.get("GITHUB_WORKSPACE").map_or(start.folder.as_str(), String::as_str);
    match path.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None if path.starts_with('/') => path.to_owned(),
        None => format!("{workspace}/{path}"),
    }
}

/// Reads everything; `text` is the configuration file's text, `event` the event's payload.
pub fn read(start: &Start, text: Option<&str>, event: Option<&str>) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader::of(start, File::default());
    match (text, reader.given("config")) {
        (Some(text), _) => {
            let (file, problems) = file::read(&file_path(start), text);
            reader.file = file;
            reader.unread = !problems.is_empty();
            reader.problems.extend(problems);
        }
        (None, Some(_)) => reader.refuse("config", Wrong::File(Misshapen::Gone)),
        (None, None) => {}
    }
    understood(reader, start, text, event)
}

/// An environment of which nothing but its name is known, and where all state stands; none where that can be no name.
#[must_use]
pub fn only_named(start: &Start, state_dir: &str, name: &str) -> Option<Environment> {
    value::read(ValueKind::Name, name, "").ok()?;
    let mut start = start.clone();
    start.inputs = BTreeMap::from([("state-dir".to_owned(), state_dir.to_owned())]);
    Reader::of(&start, File::default()).environment(name, None)
}

/// Reads everything but the configuration file, which cannot be read for this problem.
pub fn read_without(start: &Start, problem: Problem, event: Option<&str>) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader::of(start, File::default());
    reader.unread = true;
    reader.problems.push(problem);
    understood(reader, start, None, event)
}

/// What inputs and file add up to.
fn understood(
    mut reader: Reader<'_>,
    start: &Start,
    text: Option<&str>,
    event: Option<&str>,
) -> Result<Config, Vec<Problem>> {
    reader.unknown_inputs();
    let mode = reader.mode();
    let names = reader.names(mode);
    reader.refuse_of_one(mode, &names);
    let origin = Origin::of(start, event);
    let environments: Vec<Environment> = names.iter().filter_map(|name| reader.environment(name, mode)).collect();
    reader.explain_missing(&names);
    let tells_itself = mode == Some(Mode::Doctor) && reader.given("environment").is_none();
    if names.is_empty() && mode != Some(Mode::Report) && !tells_itself {
        // Its name was refused, or is not known: the inputs are looked at all the same, but what its keys in the file
        // say is not known.
        reader.unread = true;
        let _ = reader.environment("", mode);
    }
    let is_of_one = mode == Some(Mode::Doctor) && reader.given("environment").is_some();
    // `doctor` looks at one environment as a promote to it does.
    let is_one = mode == Some(Mode::Promote) || is_of_one;
    let from = environments.first().filter(|with| is_one && with.promote_from != with.name);
    let from = from.and_then(|with| reader.elsewhere(&with.promote_from)).map(Box::new);
    let before = names.first().filter(|_| is_of_one).map(|name| reader.before(name)).unwrap_or_default();
    let request = reader.request(mode, &origin);
    let jobs = reader.jobs(mode, &origin);
    let secrets = reader.secrets();
    let keys = Keys::new();
    let state_dir = reader.text("state-dir", "", &keys).unwrap_or_else(|| STATE_DIR.to_owned());
    let settled = reader.named_locale();
    let (locale, manner) = (settled.unwrap_or(Locale::Fr), Manner::of(start, settled));
    let listed = reader.listed();
    let given = reader.all_given(names.first().map_or("", String::as_str));
    let (problems, lacking) = (each_once(reader.problems), reader.lacking);
    match mode {
        // `doctor` tells of problems as of anything else, and looks at the rest all the same.
        Some(mode) if problems.is_empty() || mode == Mode::Doctor => {
            let inputs = start.inputs.clone();
            let file = text.map(str::to_owned);
            Ok(Config {
                mode,
                environments,
                listed,
                from,
                before,
                state_dir,
                locale,
                manner,
                request,
                secrets,
                origin,
                jobs,
                file,
                given,
                inputs,
                lacking,
                problems,
            })
        }
        _ => Err(problems),
    }
}

/// The language in which problems are told: English where the one that is asked for cannot be read.
#[must_use]
pub fn told_in(start: &Start, text: Option<&str>) -> Locale {
    let (file, broken) = text.map(|text| file::read("", text)).unwrap_or_default();
    let mut reader = Reader::of(start, file);
    let settled = reader.named_locale();
    let is_lost = broken.iter().any(|problem| problem.wrong.hides_all()) && settled.is_none();
    // Of a file that cannot be read nobody knows what it says; this line of it is believed all the same.
    let says_english = is_lost && text.is_some_and(|text| text.contains("locale: en"));
    if says_english || !reader.problems.is_empty() { Locale::En } else { Manner::of(start, settled).locale }
}

/// A setting that is read in two places is told once.
fn each_once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut once: Vec<Problem> = Vec::new();
    for problem in problems {
        if !once.contains(&problem) {
            once.push(problem);
        }
    }
    once
}

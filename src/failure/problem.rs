//! What can be wrong with the inputs, as data: where, what stands there, and why it is refused. The words stand
//! in `messages::problem`.

use std::fmt;

use super::rebuff::Rebuff;
use crate::environment::Locale;
use crate::messages;
use crate::settings::Mode;
use crate::tools::discord::BadWebhook;
use crate::tools::freeze::NoWindow;
use crate::tools::needs::NoNeeds;
use crate::tools::yaml::NotRead;

/// Problems told at once: whoever has more mends these first.
pub const TOLD: usize = 50;

/// One thing wrong with the inputs, found before anything was touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: an input's name or a key of the configuration file.
    pub place: String,
    /// What stands there; never a secret.
    pub value: Option<String>,
    /// Why it is refused.
    pub wrong: Wrong,
    /// The nearest known name, for an unknown one.
    pub nearest: Option<String>,
}

impl Problem {
    /// Of a place, whatever stands there.
    #[must_use]
    pub fn at(place: impl Into<String>, wrong: Wrong) -> Self {
        Self { place: place.into(), value: None, wrong, nearest: None }
    }

    /// Of what stands at a place.
    #[must_use]
    pub fn of(place: impl Into<String>, value: impl Into<String>, wrong: Wrong) -> Self {
        Self { value: Some(value.into()), ..Self::at(place, wrong) }
    }
}

/// In English, for the log.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&messages::problem::problem(self, Locale::En))
    }
}

/// Why something in the inputs is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// There is no input of this name.
    UnknownInput,
    /// There is no option of this name.
    UnknownOption,
    /// There is no key of this name in the configuration file.
    UnknownKey,
    /// There is no key of this name at its top level.
    UnknownTop,
    /// There is no job of this name.
    UnknownJob,
    /// It is needed.
    Missing(Needed),
    /// What stands there is none of these.
    Unlike(Form),
    /// The configuration file, or a part of it, is not what it should be.
    File(Misshapen),
    /// A place that would be of several environments.
    Shared,
    /// It is a secret, and stands in the configuration file.
    SecretWritten,
    /// It is a secret, and stands on the command line; the variable to set instead.
    SecretTyped(&'static str),
    /// It is an input, and stands in the configuration file.
    InputOnly,
    /// It belongs to another mode.
    OfMode(Mode),
    /// A rollback does not read it: another input names the version.
    NamedBy(&'static str),
    /// It is given more than once, and is no list.
    Twice,
    /// It is one word too many.
    Stray,
    /// The file lists environments, and not this one.
    Unlisted {
        /// Its path.
        file: String,
        /// Those that it lists.
        listed: Vec<String>,
    },
    /// Nobody has listed environments, and none of this name has state here.
    Unkept {
        /// The folder of state.
        folder: String,
        /// Those that have.
        known: Vec<String>,
    },
    /// A promote would come from an environment that neither the file nor the folder of state knows.
    Unsourced {
        /// The folder of state.
        folder: String,
        /// Those that they know.
        known: Vec<String>,
    },
    /// An environment would be promoted from itself.
    SameEnvironment,
    /// A path that is saved holds the backups, in this folder.
    HoldsBackups(String),
    /// A path that is saved holds the state, in this folder.
    HoldsState(String),
    /// A path that is saved is saved already, with this one.
    SavedTwice(String),
    /// It is one environment's own, and none is named.
    OfOne,
    /// The jobs cannot be read.
    Jobs(NoNeeds),
    /// The webhook's address is none.
    Webhook(BadWebhook),
}

impl Wrong {
    /// Whether nothing is known of the configuration file.
    #[must_use]
    pub fn hides_all(&self) -> bool {
        let Self::File(how) = self else {
            return false;
        };
        matches!(how, Misshapen::Unreadable(_) | Misshapen::NoYaml(_) | Misshapen::NoMapping | Misshapen::TooLarge(_))
    }
}

/// What cannot be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// The mode.
    Mode,
    /// The environment's name.
    Environment,
    /// The work tree.
    Tree,
    /// The commit.
    Sha,
    /// The compose file that another setting is about.
    ComposeFile,
    /// What a promote saves first.
    BackupPaths,
    /// The jobs that are reported.
    Jobs,
    /// An option's value.
    Value,
    /// The shell to complete for.
    Shell,
}

/// What a value has to look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A mode.
    Mode,
    /// A time in which something is done.
    NoTime,
    /// Text of one line.
    Line,
    /// The same, without control characters.
    PlainLine,
    /// A name that is safe as a folder.
    Name,
    /// An absolute path.
    Path,
    /// A file's name, not `-` and not a folder's.
    File,
    /// One without `..`.
    PathWithin,
    /// One without `~`, as nobody's home is known.
    PathWhole,
    /// One without a comma, with which compose parts the names of its files.
    PathUnparted,
    /// A URL.
    Url,
    /// One without a name or password.
    UrlOpen,
    /// A full SHA.
    Sha,
    /// A length of time.
    Duration,
    /// A count.
    Count,
    /// Status codes.
    Statuses,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// On or off.
    Flag,
    /// Key and value.
    Pair,
    /// A window of the week; what is wrong with this one.
    Window(NoWindow),
    /// Whom to ring.
    Mention,
    /// A branch.
    Branch,
    /// Services.
    Services,
    /// Where a rollback goes.
    Target,
    /// A backup.
    Backup,
    /// What a job came to.
    JobStatus,
}

/// What is wrong with the configuration file, or with a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misshapen {
    /// There is no such file.
    Gone,
    /// It is there, and cannot be read.
    Unreadable(Rebuff),
    /// It is larger than so many bytes.
    TooLarge(u64),
    /// It is no YAML that is taken.
    NoYaml(NotRead),
    /// It is no mapping.
    NoMapping,
    /// The environments are no mapping.
    Environments,
    /// An environment's name cannot be a folder's.
    EnvironmentName,
    /// An environment, or the defaults, are no mapping.
    Settings,
    /// A section of these settings is a value.
    Section(Vec<String>),
    /// What is to be saved is neither `none` nor a mapping.
    Backup,
    /// A setting is no text.
    Text,
    /// The program or an argument of a command, counted from 1, is no line of text of its own.
    Argument(usize),
}

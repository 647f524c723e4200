//! One environment's settings, parsed: what the ledger keeps with each request, so that any later
//! run can finish what was begun with the settings it was begun with. Never a secret in here.

mod parts;

use serde::{Deserialize, Serialize};

pub use self::parts::PARTS;
use crate::settings::STATE_DIR;
use crate::tools::shell::word;

/// Everything that says how one environment is deployed, checked and followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Environment {
    /// Its key: a safe folder name.
    pub name: String,
    /// Its name in messages.
    pub label: String,
    /// The work tree, or a folder in it; empty when nothing is put live.
    pub app_path: String,
    /// Top folder of the repository that this lies in, as git told when it was deployed; empty: not asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub top: String,
    /// The branch that a SHA must be on.
    pub branch: String,
    /// The container step.
    pub compose: Option<Compose>,
    /// Program and arguments run after the reset; empty: none.
    pub deploy_command: Vec<String>,
    /// How long that may take.
    #[serde(default = "quarter")]
    pub command_limit_ms: u64,
    /// Where people find it.
    pub url: Option<String>,
    /// How it is checked.
    pub health: Health,
    /// What an unhealthy deploy leads to.
    pub on_unhealthy: Otherwise,
    /// Globs of paths across which there is no automatic rollback.
    pub guard_paths: Vec<String>,
    /// How its CI is followed.
    pub ci: Ci,
    /// The folder of ledger, locks and backups of this environment.
    pub state_folder: String,
    /// The plain file with the last validated SHA.
    pub rollback_point_file: String,
    /// The folder of the watchers' logs.
    pub log_folder: String,
    /// How long to wait for another run.
    pub lock_timeout_ms: u64,
    /// The environment whose validated SHA may be promoted; empty: none.
    #[serde(default)]
    pub promote_from: String,
    /// Windows of the week in which nothing is promoted, as they were written.
    #[serde(default)]
    pub freeze: Vec<String>,
    /// What is saved before a promote.
    #[serde(default)]
    pub backup: Backup,
    /// Who is called when it is critical.
    pub mention: Option<String>,
    /// How it is told on Discord.
    #[serde(default)]
    pub style: Style,
    /// Whether GitHub's page of deployments shows its deploys.
    #[serde(default)]
    pub deployments: Shown,
    /// Language of messages.
    pub locale: Locale,
}

/// The container step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Compose {
    /// Absolute path of the compose file.
    pub file: String,
    /// Services; empty: all.
    pub services: Vec<String>,
    /// How containers get the new version.
    pub strategy: ComposeStrategy,
}

/// How containers get the new version, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComposeStrategy {
    /// By what changed.
    Auto,
    /// `restart`.
    Restart,
    /// `up -d --build --remove-orphans`.
    Up,
    /// `down`, then `up`.
    Recreate,
}

/// What is saved before a promote.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Backup {
    /// Absolute paths; empty: nothing.
    pub paths: Vec<String>,
    /// Absolute folder that holds one folder for each backup.
    pub folder: String,
    /// So many of the newest are kept.
    pub keep: u64,
}

fn quarter() -> u64 {
    15 * 60_000
}

/// How a site is checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Health {
    /// URLs; empty: nothing to ask.
    pub urls: Vec<String>,
    /// Status codes that are well.
    pub status: Vec<u16>,
    /// Text that the body must hold.
    pub contains: Option<String>,
    /// Key and value that a JSON body must hold.
    pub json: Option<(String, String)>,
    /// Tries.
    pub attempts: u32,
    /// Between tries.
    pub interval_ms: u64,
    /// A try, the body included.
    pub timeout_ms: u64,
    /// For so long after a restart, tries that fail do not count.
    pub grace_ms: u64,
}

/// What something that did not go well leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// The last validated SHA is put live again.
    Rollback,
    /// The new SHA stays live, with an alert.
    Keep,
}

/// How CI is followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ci {
    /// File name or `name:` of the workflow that decides.
    pub workflow: String,
    /// By whom.
    pub watch: Watch,
    /// Before a missing run counts as missing.
    pub delay_ms: u64,
    /// Between looks.
    pub interval_ms: u64,
    /// To wait in all.
    pub timeout_ms: u64,
    /// After that.
    pub on_timeout: Otherwise,
}

/// Who follows CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watch {
    /// Chosen by what is possible.
    Auto,
    /// A process that outlives the job.
    Detached,
    /// The job itself.
    Inline,
    /// A `workflow_run` trigger.
    Event,
    /// Nobody.
    None,
}

/// How a deploy is told on Discord.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// One framed message, edited as the deploy goes on.
    #[default]
    Embed,
    /// A plain message for each piece of news.
    Text,
}

/// Whether deploys are shown somewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// Where that is possible.
    #[default]
    Auto,
    /// They are not.
    Off,
}

/// Language of messages and summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locale {
    /// French.
    Fr,
    /// English.
    En,
}

impl Environment {
    /// These settings, but for where a version is from and how it is made and checked: branch, containers, command and
    /// site are those of `other`, with which it is known to have worked, and so is the folder, which may have had another
    /// name in the same clone. Of another work tree nothing is known.
    #[must_use]
    pub fn made_as(&self, other: &Self) -> Self {
        if !self.is_in_clone_of(other) {
            return self.clone();
        }
        // How containers take a version is a matter of taste, not of the version.
        let strategy = self.compose.as_ref().map(|compose| compose.strategy);
        let with_taste = |compose: Compose| Compose { strategy: strategy.unwrap_or(compose.strategy), ..compose };
        Self {
            app_path: other.app_path.clone(),
            top: other.top.clone(),
            branch: other.branch.clone(),
            compose: other.compose.clone().map(with_taste),
            deploy_command: other.deploy_command.clone(),
            command_limit_ms: other.command_limit_ms,
            url: other.url.clone(),
            health: other.health.clone(),
            ..self.clone()
        }
    }

    /// Where git can be asked about the clone, also where the folder of `app_path` comes with a version only.
    #[must_use]
    pub fn clone_folder(&self) -> &str {
        if self.top.is_empty() { &self.app_path } else { &self.top }
    }

    /// Whether both are about one clone: by one path, or by two folders of one repository.
    fn is_in_clone_of(&self, other: &Self) -> bool {
        self.app_path == other.app_path || (!self.top.is_empty() && self.top == other.top)
    }

    /// Whether anything tells how a version does: a site that is asked, or containers.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        self.compose.is_some() || !self.health.urls.is_empty()
    }

    /// These settings where `is_given` (by its input's name), and `known` for the rest: what is not repeated stays as
    /// it was, the work tree included. Of another work tree nothing is known.
    #[must_use]
    pub fn completed(&self, known: &Self, is_given: impl Fn(&str) -> bool) -> Self {
        if !self.app_path.is_empty() && !self.is_in_clone_of(known) {
            return self.clone();
        }
        let mut all = Self { name: self.name.clone(), state_folder: self.state_folder.clone(), ..known.clone() };
        for (_, take) in PARTS.iter().filter(|(input, _)| is_given(input)) {
            take(&mut all, self);
        }
        all
    }

    /// Whether something is said of compose, but not of which file: see [`Self::completed`].
    #[must_use]
    pub fn lacks_compose_file(&self) -> bool {
        self.compose.as_ref().is_some_and(|one| one.file.is_empty())
    }

    /// What a command on the machine needs so as to find its ledger: nothing, where that is looked for anyway.
    #[must_use]
    pub fn state_option(&self) -> String {
        match self.state_folder.strip_suffix(&format!("/{}", self.name)) {
            Some(folder) if folder != STATE_DIR => format!(" --state-dir {}", word(folder)),
            _ => String::new(),
        }
    }

    /// What a command on the machine needs so as to mean this environment.
    #[must_use]
    pub fn selection(&self) -> String {
        format!("--environment {}{}", self.name, self.state_option())
    }

    /// A mode's command on the machine, for this environment.
    #[must_use]
    pub fn command(&self, mode: &str) -> String {
        format!("mangetamain-deploy {mode} {}", self.selection())
    }

    /// The ledger's path.
    #[must_use]
    pub fn ledger(&self) -> String {
        ledger_in(&self.state_folder)
    }

    /// The path of what health checks remember.
    #[must_use]
    pub fn checks(&self) -> String {
        format!("{}/health.jsonl", self.state_folder)
    }

    /// The lock's path.
    #[must_use]
    pub fn lock(&self) -> String {
        lock_in(&self.state_folder)
    }

    /// The folder of the backups; requests written before there were backups name none.
    #[must_use]
    pub fn backup_folder(&self) -> String {
        let own = &self.backup.folder;
        if own.is_empty() { format!("{}/backups", self.state_folder) } else { own.clone() }
    }

    /// The file that says which message tells of which deploy; losing it costs a message.
    #[must_use]
    pub fn cards(&self) -> String {
        format!("{}/messages.json", self.state_folder)
    }

    /// The file of what Discord did not take and the next run tells; losing it costs those messages.
    #[must_use]
    pub fn untold(&self) -> String {
        format!("{}/untold.json", self.state_folder)
    }

    /// The file that says which process the deploy command is, while it runs.
    #[must_use]
    pub fn command_note(&self) -> String {
        format!("{}/command", self.state_folder)
    }

    /// The path of the lock that a detached watcher holds while it lives.
    #[must_use]
    pub fn watcher_lock(&self) -> String {
        format!("{}/watcher", self.state_folder)
    }
}

/// The path of the lock in a folder of state.
#[must_use]
pub fn lock_in(state_folder: &str) -> String {
    format!("{state_folder}/lock")
}

/// The path of the ledger in a folder of state.
#[must_use]
pub fn ledger_in(state_folder: &str) -> String {
    format!("{state_folder}/ledger.jsonl")
}

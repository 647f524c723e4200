//! What can be asked of an environment, and the steps that carry it out.

use serde::{Deserialize, Serialize};

use crate::sha::Sha;
use crate::tools::backup::BackupName;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Put this SHA live.
    Deploy {
        /// Which.
        sha: Sha,
        /// Whether quarantine and age are obeyed.
        force: Force,
    },
    /// Put a SHA live that another environment has validated.
    Promote {
        /// Which.
        sha: Sha,
        /// Whether freeze, quarantine and age are obeyed.
        force: Force,
        /// What is saved first, under this name; none: nothing.
        backup: Option<BackupName>,
    },
    /// Put an older SHA live again.
    Rollback {
        /// Which.
        to: Sha,
        /// What is undone, when something is.
        undo: Option<Sha>,
        /// Why.
        because: Because,
        /// What becomes of the files that git does not look after.
        #[serde(default, skip_serializing_if = "Files::are_remade")]
        files: Files,
        /// Whether quarantine is obeyed; a person may say no.
        #[serde(default, skip_serializing_if = "is_obeyed")]
        force: Force,
    },
}

/// Whether quarantine, age and freeze are obeyed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Force {
    /// They are.
    #[default]
    Obey,
    /// They are not; it is told everywhere.
    Override,
}

/// What a rollback does with the files that git does not look after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Files {
    /// The deploy command, where there is one, makes them for the SHA.
    #[default]
    Remade,
    /// Nothing has changed them: they stay, and the deploy command is not run.
    Kept,
    /// They come from this backup, and the deploy command is not run.
    Restored(BackupName),
}

fn is_obeyed(force: &Force) -> bool {
    *force == Force::Obey
}

impl Files {
    fn are_remade(&self) -> bool {
        *self == Self::Remade
    }
}

impl Ask {
    /// The SHA that is to be live.
    #[must_use]
    pub fn target(&self) -> &Sha {
        match self {
            Self::Deploy { sha, .. } | Self::Promote { sha, .. } => sha,
            Self::Rollback { to, .. } => to,
        }
    }

    /// Whether a person passes over what would speak against it.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        match self {
            Self::Deploy { force, .. } | Self::Promote { force, .. } | Self::Rollback { force, .. } => {
                *force == Force::Override
            }
        }
    }

    /// Whether it puts something new live, and so can validate it.
    #[must_use]
    pub fn is_forward(&self) -> bool {
        !matches!(self, Self::Rollback { .. })
    }
}

/// Why something is rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// Its CI failed.
    Ci,
    /// CI gave no answer in time, and the settings say that this is ground enough.
    Timeout,
    /// It was unhealthy.
    Unhealthy,
    /// It could not be put live.
    Broken,
    /// A person asked.
    Person,
}

/// A step of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Fetch the commit and prove where it stands.
    Fetch,
    /// Say what a promote will do, and hold it against its checklist.
    Checklist,
    /// Compare what is live with what is to be live.
    Compare,
    /// Save what a promote could damage.
    Backup,
    /// Look once more, after the time that a backup took, whether the SHA is validated still.
    Prove,
    /// Save local changes under a named ref.
    Keep,
    /// Put the work tree at the SHA.
    Reset,
    /// Run the deploy command.
    Command,
    /// Put files back from a backup.
    Restore,
    /// Have containers take the new version.
    Compose,
    /// Check the site.
    Check,
}

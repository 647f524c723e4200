//! Names of environments that the configuration file lists, and one that it does not.

use super::Config;
use super::file_path;
use super::reader::Reader;
use crate::failure::Problem;
use crate::failure::problem::{Needed, Wrong};
use crate::settings::nearest;

/// The problem of a name that the file does not list.
fn unlisted(file: &str, name: &str, listed: &[String]) -> Problem {
    let near = nearest(name, listed.iter().map(String::as_str)).map(str::to_owned);
    let wrong = Wrong::Unlisted { file: file.to_owned(), listed: listed.to_vec() };
    Problem { nearest: near, ..Problem::of("environment", name, wrong) }
}

impl Config {
    /// Whether a person has typed this setting, by its input's name, on the command line.
    #[must_use]
    pub fn is_typed(&self, input: &str) -> bool {
        self.origin.door == "command" && self.inputs.get(input).is_some_and(|text| !text.trim().is_empty())
    }

    /// The problem of a name that the file does not list.
    #[must_use]
    pub fn unlisted(&self, file: &str, name: &str) -> Problem {
        unlisted(file, name, &self.listed)
    }
}

impl Reader<'_> {
    /// The names that the file lists.
    pub(super) fn listed(&self) -> Vec<String> {
        self.file.environments.keys().cloned().collect()
    }

    /// Says of a name that the file does not list why something is missing. With inputs that say everything, it
    /// may stand in no file.
    pub(super) fn explain_missing(&mut self, names: &[String]) {
        let listed = self.listed();
        let is_lacking = |one: &Problem| matches!(one.wrong, Wrong::Missing(Needed::Tree | Needed::BackupPaths));
        let unknown = names.iter().find(|name| !listed.is_empty() && !listed.contains(name));
        let Some(name) = unknown else {
            return;
        };
        let problem = unlisted(&file_path(self.start), name, &listed);
        if self.problems.iter().any(is_lacking) {
            self.problems.insert(0, problem.clone());
        }
        if self.lacking.iter().any(is_lacking) {
            // A new environment may be named like another one; what is gone back from, or followed, is not new.
            self.lacking.retain(|one| problem.nearest.is_none() || !is_lacking(one));
            self.lacking.insert(0, problem);
        }
    }
}

//! The `needs` context of a workflow, as `${{ toJSON(needs) }}` writes it: what each job came to, and
//! which results are well. Outputs of jobs are not looked at.

use serde_json::Value;

use crate::tools::letters::bounded;

/// What a job came to, in GitHub's words for `needs.<job>.result` and `job.status`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobResult {
    /// `failure`.
    Failure,
    /// `cancelled`: by a person, a newer run, or a time limit.
    Cancelled,
    /// `skipped`: its condition was false, or a job that it needs did not succeed.
    Skipped,
    /// A word that is not in the table; at most 40 characters of it.
    Unknown(String),
    /// `success`.
    Success,
}

impl JobResult {
    /// Reads the word.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word {
            "success" => Self::Success,
            "failure" => Self::Failure,
            "cancelled" => Self::Cancelled,
            "skipped" => Self::Skipped,
            other => Self::Unknown(bounded(other, 40)),
        }
    }
}

/// What is wrong with the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoNeeds {
    /// It is no JSON of one.
    NoJson,
    /// It names no job.
    Empty,
    /// A job of it has no result.
    NoResult,
}

/// Reads the context: jobs by id, with their results.
pub fn read(text: &str) -> Result<Vec<(String, JobResult)>, NoNeeds> {
    let Ok(Value::Object(jobs)) = serde_json::from_str(text) else {
        return Err(NoNeeds::NoJson);
    };
    if jobs.is_empty() {
        return Err(NoNeeds::Empty);
    }
    let result = |job: &Value| job.get("result").and_then(Value::as_str).map(JobResult::read);
    let read: Option<Vec<_>> = jobs.iter().map(|(id, job)| Some((bounded(id, 100), result(job)?))).collect();
    read.ok_or(NoNeeds::NoResult)
}

/// Whether a job of the API may be the one with this id: the API tells names only. A name that was not
/// chosen is the id, with ` (matrix)` or ` / inner job` behind it.
#[must_use]
pub fn is_named(id: &str, name: &str) -> bool {
    let outer = name.split(" / ").next().unwrap_or(name);
    let outer = outer.split(" (").next().unwrap_or(outer);
    !id.is_empty() && plain(outer) == plain(id)
}

/// Whether a chosen name begins with this id, as `Tests on preprod` does with `tests`: a likely match, no sure one.
/// What goes on with a sign or a digit (`tests-2`) is another id.
#[must_use]
pub fn is_named_after(id: &str, name: &str) -> bool {
    let mut rest = name.chars().peekable();
    let wanted = plain(id);
    let is_begun = wanted.chars().all(|letter| {
        let next = rest.by_ref().find(|one| one.is_alphanumeric());
        next.is_some_and(|one| one.to_lowercase().eq(std::iter::once(letter)))
    });
    let goes_on = rest.peek().is_none_or(|next| next.is_alphabetic() || next.is_whitespace());
    !wanted.is_empty() && is_begun && goes_on
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

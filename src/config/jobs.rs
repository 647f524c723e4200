//! The jobs that `report` is told of: `needs`, `job-status` and `optional`.

use super::origin::Origin;
use super::reader::Reader;
use crate::failure::Problem;
use crate::failure::problem::{Form, Needed, Wrong};
use crate::settings::{Mode, nearest};
use crate::tools::needs::{self, JobResult};

/// One job with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededJob {
    /// Its id in the workflow.
    pub id: String,
    /// What it came to.
    pub result: JobResult,
    /// Whether anything but success is tolerated.
    pub is_optional: bool,
}

impl Reader<'_> {
    pub(super) fn jobs(&mut self, mode: Option<Mode>, origin: &Origin) -> Vec<NeededJob> {
        if mode != Some(Mode::Report) {
            return Vec::new();
        }
        let mut found = Vec::new();
        match self.given("needs").map(str::to_owned) {
            Some(text) => match needs::read(&text) {
                Ok(jobs) => found.extend(jobs),
                Err(wrong) => self.refuse("needs", Wrong::Jobs(wrong)),
            },
            None if self.given("job-status").is_none() => self.refuse("needs", Wrong::Missing(Needed::Jobs)),
            None => {}
        }
        if let Some(word) = self.given("job-status").map(str::to_owned) {
            match JobResult::read(&word) {
                JobResult::Unknown(_) | JobResult::Skipped => {
                    self.refuse("job-status", Wrong::Unlike(Form::JobStatus));
                }
                result => found.push((origin.job.clone(), result)),
            }
        }
        let optional = self.lines("optional", "", &super::file::Keys::new());
        if !found.is_empty() {
            self.unknown_optional(&optional, &found);
        }
        let is_optional = |id: &String| optional.contains(id);
        let mut jobs: Vec<NeededJob> =
            found.into_iter().map(|(id, result)| NeededJob { is_optional: is_optional(&id), id, result }).collect();
        jobs.sort_by(|one, other| (&one.result, &one.id).cmp(&(&other.result, &other.id)));
        jobs
    }

    /// A name that is no job would tolerate nothing, unseen.
    fn unknown_optional(&mut self, optional: &[String], found: &[(String, JobResult)]) {
        for name in optional.iter().filter(|name| found.iter().all(|(id, _)| id != *name)) {
            let near = nearest(name, found.iter().map(|(id, _)| id.as_str())).map(str::to_owned);
            self.problems.push(Problem { nearest: near, ..Problem::of("optional", name.clone(), Wrong::UnknownJob) });
        }
    }
}

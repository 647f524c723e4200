//! The jobs that `report` is told of: `needs`, `job-status` and `optional`.

use super::origin::Origin;
use super::reader::Reader;
use crate::failure::Problem;
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

const HOW: &str = "Write `needs: ${{ toJSON(needs) }}` in a job with `needs: [...]` and `if: always()`.";

impl Reader<'_> {
    pub(super) fn jobs(&mut self, mode: Option<Mode>, origin: &Origin) -> Vec<NeededJob> {
        if mode != Some(Mode::Report) {
            return Vec::new();
        }
        let mut found = Vec::new();
        match self.given("needs").map(str::to_owned) {
            Some(text) => match needs::read(&text) {
                Ok(jobs) => found.extend(jobs),
                Err(wrong) => self.refuse("needs", &format!("{wrong}. {HOW}")),
            },
            None if self.given("job-status").is_none() => {
                let alone = "In a workflow of one job: `job-status: ${{ job.status }}`.";
                self.refuse("needs", &format!("or `job-status` is required. {HOW} {alone}"));
            }
            None => {}
        }
        if let Some(word) = self.given("job-status").map(str::to_owned) {
            match JobResult::read(&word) {
                JobResult::Unknown(_) | JobResult::Skipped => {
                    self.refuse(
                        "job-status",
                        "must be success, failure or cancelled. Write `job-status: ${{ job.status }}`.",
                    );
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
            self.problems.push(Problem {
                place: "optional".to_owned(),
                value: Some(name.clone()),
                accepted: "is not among the jobs of `needs` (their ids, not their names).".to_owned(),
                nearest: near,
            });
        }
    }
}

//! Which job and which step of a run failed, and where to read about it.
//!
//! Names are foreign text: whoever shows one makes it harmless for that place.

use serde_json::Value;

use crate::machine::verdict::conclude;
use crate::time::Millis;
use crate::tools::github::{page_url, text};
use crate::tools::instant::instant;
use crate::tools::letters::bounded;

/// Characters kept of a name.
const NAME: usize = 200;
/// What the runner calls its own first step.
const SET_UP: &str = "Set up job";

/// One job of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: u64,
    /// Foreign text; empty when GitHub gave none.
    pub name: String,
    /// None until it ended.
    pub conclusion: Option<String>,
    /// Its page, http or https.
    pub url: Option<String>,
    /// When it began, to the second.
    pub started_at: Option<Millis>,
    /// When it ended, to the second.
    pub completed_at: Option<Millis>,
    /// In the order they ran.
    pub steps: Vec<Step>,
}

/// One step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Foreign text.
    pub name: String,
    /// None until it ended.
    pub conclusion: Option<String>,
    /// When it began, to the second.
    pub started_at: Option<Millis>,
    /// When it ended, to the second.
    pub completed_at: Option<Millis>,
    /// How many steps ran before it that began in the same second, the runner's own left out.
    pub earlier: usize,
}

impl Job {
    /// Reads a job from JSON; none when it has no numeric id.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let steps = value.get("steps").and_then(Value::as_array);
        Some(Self {
            id: value.get("id")?.as_u64()?,
            name: name(value),
            conclusion: text(value, "conclusion"),
            url: page_url(value),
            started_at: text(value, "started_at").and_then(|at| instant(&at)),
            completed_at: text(value, "completed_at").and_then(|at| instant(&at)),
            steps: counted(steps.map(|steps| steps.iter().map(read_step).collect()).unwrap_or_default()),
        })
    }
}

/// The jobs that failed, in order.
#[must_use]
pub fn failing(jobs: &[Job]) -> Vec<&Job> {
    jobs.iter().filter(|job| failed(job.conclusion.as_deref())).collect()
}

/// The first step of a job that failed.
#[must_use]
pub fn failing_step(job: &Job) -> Option<&Step> {
    job.steps.iter().find(|step| failed(step.conclusion.as_deref()))
}

fn failed(conclusion: Option<&str>) -> bool {
    conclusion.map(conclude).is_some_and(|verdict| verdict.condemns())
}

/// One line, and not a long one.
fn name(value: &Value) -> String {
    bounded(&text(value, "name").unwrap_or_default(), NAME)
}

fn read_step(value: &Value) -> Step {
    Step {
        name: name(value),
        conclusion: text(value, "conclusion"),
        started_at: text(value, "started_at").and_then(|at| instant(&at)),
        completed_at: text(value, "completed_at").and_then(|at| instant(&at)),
        earlier: 0,
    }
}

/// With how many of them began together.
fn counted(mut steps: Vec<Step>) -> Vec<Step> {
    let ran = |step: &&Step| step.conclusion.as_deref() != Some("skipped") && step.name != SET_UP;
    let earlier = |(at, step): (usize, &Step)| {
        let before = steps.get(..at).unwrap_or_default().iter().filter(ran);
        before.filter(|other| other.started_at == step.started_at).count()
    };
    let counts: Vec<usize> = steps.iter().enumerate().map(earlier).collect();
    steps.iter_mut().zip(counts).for_each(|(step, count)| step.earlier = count);
    steps
}

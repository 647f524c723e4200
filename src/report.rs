//! How a run ended, and what is published of it: outputs, summary, the sentence of a failure, the
//! exit code.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::environment::Locale;
use crate::failure::Problem;
use crate::host::Publication;
use crate::machine::{Ask, Files, Step};
use crate::messages::ending::{Ending, not_run as not_run_at_all, whole};
use crate::messages::problem;
use crate::session::Session;
use crate::sha::Sha;

pub mod summary;

/// The word in the output `result`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The SHA is live; its CI has not spoken.
    Deployed,
    /// The SHA is live and validated.
    Validated,
    /// An older SHA was put live again.
    RolledBack,
    /// Something newer is live.
    Superseded,
    /// Nothing had to change.
    Unchanged,
    /// It was told to stop.
    Cancelled,
    /// CI has not answered.
    Pending,
    /// Every site answers well.
    Healthy,
    /// It is live but unhealthy; or a site does not answer well.
    Unhealthy,
    /// It could not be done.
    Failed,
    /// Well.
    Ok,
}

impl Word {
    /// As it stands in the output.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Validated => "validated",
            Self::RolledBack => "rolled-back",
            Self::Superseded => "superseded",
            Self::Unchanged => "unchanged",
            Self::Cancelled => "cancelled",
            Self::Pending => "pending",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Failed => "failed",
            Self::Ok => "ok",
        }
    }
}

/// How a mode ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The result's word.
    pub word: Word,
    /// The SHA it was about.
    pub sha: Option<Sha>,
    /// Why the step fails; none: it succeeds.
    pub failure: Option<Box<Ending>>,
}

impl Done {
    /// It went well.
    #[must_use]
    pub fn well(word: Word, sha: &Sha) -> Self {
        Self { word, sha: Some(sha.clone()), failure: None }
    }

    /// The step fails.
    #[must_use]
    pub fn badly(word: Word, sha: &Sha, failure: Ending) -> Self {
        Self { word, sha: Some(sha.clone()), failure: Some(Box::new(failure)) }
    }

    /// It failed before it was about any SHA.
    #[must_use]
    pub fn at_once(failure: Ending) -> Self {
        Self { word: Word::Failed, sha: None, failure: Some(Box::new(failure)) }
    }
}

/// What is published of a run on one environment.
pub fn publication<H: crate::host::Host>(session: &Session<'_, H>, done: &Done, ms: u64, state: String) -> Publication {
    let ledger = &session.ledger.state;
    let live = ledger.live.as_ref().map(|live| live.sha.to_string()).unwrap_or_default();
    let mut outputs = BTreeMap::from([
        ("result".to_owned(), done.word.text().to_owned()),
        ("sha".to_owned(), done.sha.as_ref().map_or(live, Sha::to_string)),
        ("previous-sha".to_owned(), ledger.previous.as_ref().map(Sha::to_string).unwrap_or_default()),
        ("validated-sha".to_owned(), ledger.last_validated().map(|one| one.sha.to_string()).unwrap_or_default()),
        ("url".to_owned(), session.with.url.clone().unwrap_or_default()),
        ("backup".to_owned(), backup(session)),
        ("duration-ms".to_owned(), ms.to_string()),
    ]);
    outputs.insert("state".to_owned(), state);
    // An annotation of the run's page, or an operator's terminal: for a person too.
    let locale = session.config.manner.locale;
    let failure = done.failure.as_ref().map(|why| whole(why, ledger, session.known_since(), locale));
    let failure = failure.map(|text| session.voice.cleaned(&text));
    let exit = i32::from(failure.is_some());
    let summary = summary::summary(session, done, ms);
    Publication { outputs, summary, terminal: String::new(), failure, exit }
}

/// The backup that this run made, or whose files it put back.
fn backup<H>(session: &Session<'_, H>) -> String {
    let did = |step| session.done.iter().any(|phase| phase.step == step && !phase.failed);
    let state = &session.ledger.state;
    let asks = state.history.iter().rev().map(|ended| &ended.ask);
    let asks = state.operation.iter().map(|operation| &operation.ask).chain(asks);
    let named = |ask: &Ask| match ask {
        Ask::Promote { backup: Some(name), .. } if did(Step::Backup) => Some(name.to_string()),
        Ask::Rollback { files: Files::Restored(name), .. } if did(Step::Restore) => Some(name.to_string()),
        _ => None,
    };
    asks.into_iter().find_map(named).unwrap_or_default()
}

/// Outside text for a table cell or a line of Markdown.
pub(crate) fn cell(text: &str) -> String {
    let mut safe = String::new();
    for letter in crate::voice::plain(text).chars() {
        if "|<>[]()`*_#!\\&".contains(letter) {
            safe.push('\\');
        }
        safe.push(if letter == '\n' { ' ' } else { letter });
    }
    safe
}

/// Outside text for the inside of a code block.
pub(crate) fn fenced(text: &str) -> String {
    crate::voice::plain(text).replace("```", "`\u{200b}``")
}

/// What is published when the inputs are wrong.
#[must_use]
pub fn refused(problems: &[Problem], locale: Locale) -> Publication {
    let failure = problem::refusal(problems, locale);
    unable(&failure, crate::voice::plain(&failure), 2)
}

/// What is published when a mode could not run at all.
#[must_use]
pub fn not_run(config: &Config, why: &str) -> Publication {
    let failure = crate::voice::plain(&not_run_at_all(config.mode.word(), why, config.manner.locale));
    unable(&failure.clone(), failure, 1)
}

fn unable(shown: &str, failure: String, exit: i32) -> Publication {
    Publication {
        outputs: BTreeMap::from([("result".to_owned(), Word::Failed.text().to_owned())]),
        summary: format!("### ❌ mangetamain-deploy\n\n```\n{}\n```\n", fenced(shown)),
        terminal: String::new(),
        failure: Some(failure),
        exit,
    }
}

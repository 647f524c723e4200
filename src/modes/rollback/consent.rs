//! Whether the person at an operator's terminal means it: asked before a rollback of an environment that others
//! are promoted to. In a workflow the workflow is the consent.

use std::collections::BTreeMap;

use super::{aim, foresee};
use crate::config::Config;
use crate::config::file::{self, Keys};
use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::{Command, Host, Level, Reply, Run};
use crate::machine::Files;
use crate::machine::request::Force;
use crate::messages::status::{self as words, Means};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::secret::withheld;

/// How long an answer is waited for, milliseconds.
const PATIENCE_MS: u64 = 5 * 60_000;
/// The file's key that names where an environment is promoted from.
const KEY: &str = "promote-from";
/// Words that mean yes.
const YES: [&str; 4] = ["o", "oui", "y", "yes"];

/// What a person says to it.
pub(super) enum Consent {
    /// Nobody has to be asked.
    Unneeded,
    /// They agree to this.
    Given(Agreed),
    /// It is not done, and why.
    Refused(String),
}

/// What a person was asked about, and agreed to: an answer may take minutes, and the lock longer still.
pub(super) struct Agreed {
    /// What it takes the place of.
    live: Option<Sha>,
    /// Where it goes, and with which files; none: that could not be told, and nothing was asked.
    to: Option<(Sha, Files)>,
}

impl Agreed {
    /// Whether it is still what was asked about: the same way back, from what was live, or from what this run has undone
    /// first; or what is live by now is where it was to lead.
    pub(super) fn covers(&self, to: &Sha, files: &Files, live: Option<&Sha>, is_taken_back: bool) -> bool {
        let is_same = self.to.as_ref().is_some_and(|(other, with)| (other, with) == (to, files));
        is_same && (is_taken_back || live == Some(to) || live == self.live.as_ref())
    }
}

/// Asks where that is called for.
pub(super) async fn asked<H: Host>(session: &mut Session<'_, H>) -> Result<Consent, Failure> {
    let (with, manner) = (session.with, &session.config.manner);
    // What is promoted from is where things are tried.
    let is_production = with.name != with.promote_from && !feeds_another(session.config, &with.name);
    if session.config.origin.door != "command" || !is_production || manner.is_agreed {
        return Ok(Consent::Unneeded);
    }
    let Some(keyboard) = manner.keyboard.clone().filter(|_| manner.is_live) else {
        return Ok(Consent::Refused(words::unasked(manner.locale, &with.name)));
    };
    let is_forced = session.config.request.force == Force::Override;
    let undone = foresee(session).await.filter(|first| first.is_undone);
    let aimed = aim(session, undone.is_some()).await.ok();
    // Whatever can be chosen then: what was under way is undone first.
    let undoes = || session.live().filter(|_| undone.is_some()).map(|live| (live, Files::Remade));
    let Some((to, files)) = aimed.or_else(undoes) else {
        // What cannot be chosen is told by the rollback itself.
        return Ok(Consent::Given(Agreed { live: None, to: None }));
    };
    let live = undone.map(|first| first.sha).or_else(|| session.live());
    let means = match live.as_ref() == Some(&to) {
        false => Means::Replace,
        true if files == Files::Remade && !is_forced && session.ledger.state.is_well() => Means::Check,
        true => Means::Anew,
    };
    let shown = live.as_ref().map_or_else(|| "?".to_owned(), |live| live.short().to_owned());
    let backup = match &files {
        Files::Restored(name) => Some(name.to_string()),
        Files::Remade | Files::Kept => None,
    };
    let question = words::question(manner.locale, &with.label, &shown, to.short(), means, backup.as_deref());
    let text = session.voice.cleaned(&question);
    session.host.perform(Command::Say { level: Level::Live, text }).await;
    let reply = session.run(one_line(keyboard), &Attempt::Answer).await?;
    let answer = match &reply {
        Reply::Ran(ran) if ran.exit == Some(0) => ran.stdout.trim().to_lowercase(),
        _ => String::new(),
    };
    Ok(match YES.contains(&answer.as_str()) {
        true => Consent::Given(Agreed { live, to: Some((to, files)) }),
        false => Consent::Refused(words::declined(manner.locale).to_owned()),
    })
}

/// Whether the file has another environment that is promoted to from this one.
fn feeds_another(config: &Config, name: &str) -> bool {
    let (file, _) = config.file.as_deref().map(|text| file::read("", text)).unwrap_or_default();
    let of_all = file.defaults.get(KEY);
    let given = |keys: &Keys| keys.get(KEY).filter(|from| !from.trim().is_empty()).or(of_all).cloned();
    let from = |keys: &Keys| given(keys).is_some_and(|from| from.trim() == name);
    file.environments.iter().any(|(other, keys)| other != name && from(keys))
}

/// What is typed, up to the end of the line.
fn one_line(keyboard: String) -> Run {
    Run {
        program: "head".to_owned(),
        args: vec!["--lines=1".to_owned(), "--".to_owned(), keyboard],
        folder: None,
        env: BTreeMap::new(),
        drop: withheld(&[]),
        limit_ms: PATIENCE_MS,
        cap: 1024,
        under_lock: None,
        noted_in: None,
    }
}

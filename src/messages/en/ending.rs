//! Why a run fails, in English; `fr::ending` says the same.

use super::doubt::{doubt, next};
use super::reason::attempt;
use crate::failure::reason::Attempt;
use crate::machine::entry::Because;
use crate::machine::known::Known;
use crate::machine::standing::Standing;
use crate::machine::{State, Step};
use crate::messages::ending::{Ending, Left, Since, Then};
use crate::messages::kind::Stays;
use crate::messages::reason::then;
use crate::messages::{Before, Open};
use crate::sha::Sha;

/// After what kept the ledger from being read.
pub const UNTOUCHED: &str = "; nothing was touched, what was live stays live";

/// That the run was told to stop, what was being done, and what that leaves.
pub fn stopped(signal: &str, doing: &Attempt, left: Left) -> String {
    let left = match left {
        Left::Begun => "what was begun is finished or undone by the next run",
        Left::Unchanged => "nothing had changed yet: the request is dropped",
        Left::Unfollowed => "nothing is to be undone, but nobody follows CI any more: the next run reads its result",
        Left::Nothing => "nothing is left unfinished",
    };
    format!("stopped by {signal} while {}; {left}", attempt(doing))
}

/// What is left for the next run, and how to have one; `command` is one that does no harm.
pub fn open(open: &Open, command: &str) -> [String; 2] {
    let left = match open {
        Open::Begun(sha) => format!("🚨 Putting {} in place is not finished", sha.short()),
        Open::Decided(to, because) => {
            format!("🚨 Going back to {} is decided, and not begun yet: {}", to.short(), super::reason(because))
        }
    };
    [left, format!("➡️ The next run finishes or undoes it: run it again, or: {command}")]
}

/// What mends a version whose CI has failed.
pub const MEND_OR_RERUN: &str = "Mend and push, or run its CI again until it is green";

/// The ending in words.
pub fn ending(why: &Ending) -> String {
    match why {
        Ending::Told(_) | Ending::Reason(_) | Ending::Failure(_) => String::new(),
        Ending::Stopped { signal, attempt, left } => stopped(signal, attempt, *left),
        Ending::NoEnvironment => "no environment was named".to_owned(),
        Ending::NoSha => "no SHA was given".to_owned(),
        Ending::NothingToPromote(from) => {
            format!("no SHA was given, and nothing is validated in {from} on this machine: give it as `sha`")
        }
        Ending::Unconfirmed(typed) => then(&super::promote::unconfirmed(typed), "At a terminal: `--confirm DEPLOY`"),
        Ending::NotCarriedOut => "the request was not carried out".to_owned(),
        Ending::OffBranch(sha, branch) => format!("{sha} is not on origin/{branch}: nothing was changed"),
        Ending::Quarantined(sha) => format!(
            "{} failed before (in CI or here) and is quarantined: nothing was changed. Mend and push, re-run its CI until it is green, or set `force: true` (at a terminal: `--force`)",
            sha.short()
        ),
        Ending::Superseded => {
            "something newer is live; `rollback` goes back, or `force: true` (at a terminal: `--force`)".to_owned()
        }
        Ending::Unready { sha, why, is_live } => {
            let stands = if *is_live { "is live already" } else { "is not promoted" };
            format!("{} {stands}, and nothing was touched:\n{why}", sha.short())
        }
        Ending::Unhealthy { sha, why, is_barred } => {
            let how = if *is_barred { "`force: true` (at a terminal: `--force`)" } else { "to run this again" };
            format!("{} is live but unhealthy: {why}; {how} puts it in place anew", sha.short())
        }
        Ending::NotStayed { sha, was_live, why, live } => {
            let what = if *was_live { "did not stay live" } else { "could not be put in place" };
            let why = why.as_deref().unwrap_or("its CI failed");
            format!("{} {what}: {why}\nRolled back to {}", sha.short(), live.short())
        }
        Ending::NotBack { sha, to, back, why, is_barred, backup } => {
            let seen = format!("{} did not hold, and neither did going back to {}: {why}", sha.short(), to.short());
            let force = if *is_barred { " and `force: true` (at a terminal: `--force`)" } else { "" };
            let target = match backup {
                Some(name) => format!("`backup: {name}`"),
                None => format!("`to: {back}`"),
            };
            let anew = format!("mode `rollback` with {target}{force}");
            then(&seen, &format!("Mend what stood in its way, then put {} in place anew: {anew}", back.short()))
        }
        Ending::Guarded { sha, why, paths, command } => guarded(sha, why.as_deref(), paths, command),
        Ending::NotRolledBack(sha, why) => format!("Rollback to {} failed: {why}", sha.short()),
        Ending::NoRepository => {
            "the repository is not known, so its CI cannot be asked: set GITHUB_REPOSITORY=owner/name".to_owned()
        }
        Ending::Cornered(Stays::Alone) => {
            format!("CI failed, and there is no validated SHA to go back to: it stays live. {MEND_OR_RERUN}")
        }
        Ending::Cornered(Stays::Wanted(to)) => {
            format!("CI failed, and a person put it there: it stays live. To go back to {}: `rollback`", to.short())
        }
        Ending::Cornered(Stays::Blocked(to)) => format!(
            "CI failed, and the way back to {} did not come about: it stays live. See to what stood in its way, then: `rollback`",
            to.short()
        ),
        Ending::Unvalidated(sha, why) => format!(
            "CI gave no verdict on {}: {}. It stays live, unvalidated. {}",
            sha.short(),
            doubt(why),
            next(why, &str::to_owned)
        ),
        Ending::NeverDeployed(sha, why) => format!(
            "CI gave no verdict on {sha}: {}. It was never deployed here: is this the right SHA? Nothing was changed",
            doubt(why)
        ),
        Ending::ByCi { sha, because, then } => by_ci(sha, because, then),
    }
}

/// What came of CI's word, or silence.
fn by_ci(sha: &Sha, because: &Because, then: &Then) -> String {
    let what = if *because == Because::Timeout { "gave no answer in time" } else { "failed" };
    let why = format!("CI of {} {what}", sha.short());
    match then {
        Then::RolledBack(to) => format!("{why}: rolled back to {}", to.short()),
        Then::Before(to) => format!("{why}, and it had been rolled back to {} before", to.short()),
        Then::Guarded(paths, command) => format!(
            "{why}, and guarded paths changed ({}): no automatic rollback. {BY_HAND}: {command}",
            paths.join(", ")
        ),
        Then::Stayed(seen) => format!("{why}, and the rollback did not come about: {seen}"),
        Then::Unknown => why,
    }
}

const BY_HAND: &str = "By hand, with the same `--config` or the same settings";

/// It failed, and stays.
fn guarded(sha: &Sha, why: Option<&str>, paths: &[String], command: &str) -> String {
    let why = then(why.unwrap_or("its CI failed"), &format!("{BY_HAND}: {command}"));
    let paths = paths.join(", ");
    format!("{} stays, as guarded paths changed ({paths}): no automatic rollback. It failed: {why}", sha.short())
}

/// What is live now, and what is known of it since.
pub fn live_line(state: &State, (since, has_failed_since): (Since, bool)) -> String {
    let live = match &state.live {
        Some(live) => {
            let standing = match state.standing(&live.sha, has_failed_since) {
                Standing::Failed => "failed",
                Standing::Validated => "validated",
                Standing::Unvalidated => "not validated",
            };
            match live.known_by {
                Known::Placed => format!("not certain; the work tree is at {} ({standing})", live.sha.short()),
                Known::Mixed => format!(
                    "not certain; the work tree is at {} ({standing}), with files of another version",
                    live.sha.short()
                ),
                by => format!("{} ({standing}, {})", live.sha.short(), super::status::known(by, since == Since::Ill)),
            }
        }
        None => "what was live before; nothing was changed".to_owned(),
    };
    // The ledger was read before it was waited for.
    if since == Since::Busy {
        return format!("Live now: not certain, another run is under way; before it: {live}");
    }
    if since == Since::Unread {
        return format!("Live now: not certain, as the ledger cannot be read any more; when it could: {live}");
    }
    let Some(operation) = state.operation.as_ref().filter(|operation| operation.touched()) else {
        return format!("Live now: {live}");
    };
    let step = operation.failed.as_ref().map(|fault| fault.step).or(operation.began).map_or("compose", super::step);
    format!(
        "Live now: not certain. {} was being put in place ({step}); before it: {live}. The next run finishes or undoes it: {}",
        operation.ask.target().short(),
        operation.with.command("status")
    )
}

/// What is live is not known: nothing was ever deployed with the state in this folder.
pub fn never(folder: &str) -> String {
    format!("what is live is not known (no deploy in {folder})")
}

/// Before the reason why a mode could not run at all.
pub fn not_run(mode: &str) -> String {
    format!("{mode} was not run: ")
}

/// Why a step that no run survives is undone.
pub fn deadly(step: Step) -> String {
    format!(
        "three runs ended in the middle of this step without a word: {} (no memory left, or a machine that restarted?)",
        super::step(step)
    )
}

/// No environment has anything to check.
pub const NOTHING_TO_CHECK: &str = "there is nothing to check: no environment has a `url` or a `health-url`. Set one in the configuration file, or give `environment` and `health-url`";

/// What was there before a version that is live and ill.
pub fn before(before: &Before) -> String {
    match before {
        Before::Version(sha) => format!("➡️ Go back to {}, which was live before", sha.short()),
        Before::Nothing => "There is no version before it to go back to".to_owned(),
    }
}

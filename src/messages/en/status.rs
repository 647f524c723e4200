//! `status` in English; `fr::status` says the same.

use super::counted;
use crate::machine::entry::Refusal;
use crate::machine::known::Known;
use crate::machine::{Ask, Outcome};
use crate::messages::status::{Awaited, Closed, Means, Rows, first};
use crate::page::week::Target;
use crate::time::{Millis, span, utc};
use crate::tools::health_log::TargetStatus;

/// A terminal's lines.
pub const ROWS: Rows = Rows {
    problem: "problem",
    live: "live",
    tree: "work tree",
    health: "health",
    validated: "validated",
    pending: "pending",
    unfinished: "unfinished",
    under_way: "running",
    lock: "lock",
    watcher: "watcher",
    quarantine: "quarantine",
    undone: "undone",
    files: "files",
    unrestored: |name| format!("those of the backup {name} are not put back: rollback --backup {name}"),
    set_aside: "set aside",
    standings: ["validated", "not validated", "FAILED"],
    free: "free",
    nobody: "none",
    unknown: "nothing is known yet",
    time_is_up: "time is up",
    nothing: |has_file, folder| match has_file {
        true => format!("no environment yet: nothing in the configuration file, nothing in {folder}"),
        false => {
            format!(
                "no environment known in {folder}: nothing was deployed there yet (elsewhere: `--state-dir`, or `--config`)"
            )
        }
    },
    live_since: |since, ago_ms, (known_by, is_ill)| {
        format!("since {since} UTC, {} ago; known by: {}", span(ago_ms), known(known_by, is_ill))
    },
    moved: |sha| format!("{sha} found in the work tree: moved by hand; the next run that changes it believes it live"),
    none_left: |sha| format!("none left; {sha} failed since, and is quarantined"),
    baseline: |sha| format!("nothing yet; baseline {sha} (unvalidated)"),
    left: |ms| format!("{} left", span(ms)),
    due: |sha| format!("rollback to {sha} (due; this run could not do it)"),
    unfollowed: |sha| format!("CI of {sha}: nobody follows it; the next run reads what it said"),
    awaited: |sha, until, left| format!("CI of {sha} until {until} UTC ({left})"),
    unfinished_since: |asked, since, by| format!("{asked} since {since} UTC, asked by {by}"),
    took: |ms, by| format!("(in {}, {by})", span(ms)),
};

/// What was asked.
pub fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Deploy { sha, .. } => format!("deploy {}", sha.short()),
        Ask::Promote { sha, .. } => format!("promote {}", sha.short()),
        Ask::Rollback { to, .. } => format!("rollback to {}", to.short()),
    }
}

/// What is waited for, and until when.
pub fn waits(what: &Awaited<'_>, until: &str) -> String {
    let what = match what {
        Awaited::Ci(sha, status) => {
            let word = match *status {
                "" => "no run yet",
                "in_progress" => "under way",
                "queued" | "requested" | "waiting" | "pending" => "queued",
                other => other,
            };
            format!("CI of {}: {word}", sha.short())
        }
        Awaited::Lock(holder) => format!("the lock, held by {holder}"),
        Awaited::Health(why) => format!("health: {why}"),
    };
    format!("… until {until} UTC: {what}")
}

/// The question before production goes back.
pub fn question(label: &str, live: &str, to: &str, means: Means, backup: Option<&str>) -> String {
    let files = backup.map_or(String::new(), |name| format!(", with the files of the backup {name}"));
    match means {
        Means::Check => {
            format!("{label}: {to} is live already; put it in place anew if it does not answer well? [y/N] ")
        }
        Means::Anew => format!("{label}: {to} is live already; put it in place anew{files}? [y/N] "),
        Means::Replace => format!("{label}: put {to} live again in the place of {live}{files}? [y/N] "),
    }
}

/// That there was nobody to ask.
pub fn unasked(name: &str) -> String {
    format!(
        "a rollback of {name} wants to be confirmed, and there is no terminal to do that: add --yes. Nothing was touched"
    )
}

/// That the answer was no.
pub const DECLINED: &str = "not confirmed: nothing was touched";

/// That it is not what was asked about any more.
pub fn changed(live: &str) -> String {
    format!(
        "things have changed since the question ({live} is live now): this rollback is not done. Look at `status`, then run it again"
    )
}

/// How it ended.
pub fn ended(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Deployed => "went live".to_owned(),
        Outcome::Unchanged => "unchanged".to_owned(),
        Outcome::Superseded => "superseded".to_owned(),
        Outcome::Refused { why: Refusal::OffBranch } => "refused: not on the branch".to_owned(),
        Outcome::Refused { why: Refusal::Quarantined } => "refused: quarantined".to_owned(),
        Outcome::Refused { why: Refusal::Unready { why } } => format!("refused: {}", first(why)),
        Outcome::Unhealthy { why } => format!("unhealthy: {}", first(why)),
        Outcome::RolledBack => "succeeded".to_owned(),
        Outcome::Guarded { paths } => format!("not rolled back, guarded paths: {}", paths.join(", ")),
        Outcome::Failed { why } => format!("failed: {}", first(why)),
        Outcome::Stuck { why } => format!("stuck: {}", first(why)),
        Outcome::Interrupted => "interrupted, and not gone on with".to_owned(),
    }
}

/// That so many lines of a ledger cannot be read.
pub fn set_aside(lines: u64) -> String {
    format!("{} of the ledger", counted(lines, "unreadable line", "unreadable lines"))
}

/// That a ledger holds so many lines that cannot be read, and no other.
pub fn foreign(path: &str, lines: u64) -> String {
    format!(
        "{path} holds {} and nothing that can be read: is it a ledger? What was deployed is not known; put the right file back, or move this one away",
        counted(lines, "unreadable line", "unreadable lines")
    )
}

/// That a folder of state is closed to this user.
pub fn closed(closed: &Closed<'_>) -> String {
    let whose = closed.owner.map_or_else(String::new, |owner| format!(" is {owner}'s and"));
    format!("{}{whose} may not be looked into by this user: {}", closed.folder, closed.command())
}

/// What the newest check found a target to be, and when.
pub fn checked(target: &Target, past: bool, now: Millis) -> String {
    let Some(last) = &target.last else {
        return format!("{}: not checked yet by mode health", target.url);
    };
    let word = match last.result {
        TargetStatus::Down => "DOWN",
        TargetStatus::Stale => "another version answers",
        TargetStatus::Up => "up",
        TargetStatus::Busy | TargetStatus::Blind => "not checked",
    };
    let since = last.since.map_or_else(String::new, |since| format!(" since {} UTC", utc(since)));
    let ms = last.ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
    let why = if last.why.is_empty() { String::new() } else { format!(" - {}", first(&last.why)) };
    let before = if past { ", before this deploy" } else { "" };
    let at = format!("checked {} UTC, {} ago", utc(last.at), span(now.since(last.at)));
    format!("{}: {word}{since}{ms}, {at}{before}{why}", target.url)
}

/// How it is known what is live; where a check has found it ill since, that it was healthy is past.
pub(super) fn known(by: Known, is_ill: bool) -> &'static str {
    match by {
        Known::Baseline => "baseline",
        Known::Found => "found in the work tree",
        Known::Ill => "put in place, not healthy",
        Known::Placed => "put into the work tree, what runs is not known",
        Known::Mixed => "in the work tree with files of another version, what runs is not known",
        Known::Unchecked => "deployed, nothing is checked",
        Known::Healthy if is_ill => "was healthy when deployed",
        Known::Healthy => "deployed and healthy",
    }
}

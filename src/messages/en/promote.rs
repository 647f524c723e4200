//! Sentences of `promote` in English: what will happen, the checklist, and its notices.

use super::backup::unsaved;
use super::counted;
use super::doubt::doubt as said;
use super::reason::silence;
use super::site::symptom;
use crate::environment::Environment;
use crate::failure::reason::Silence;
use crate::machine::entry::{CiRun, Relation};
use crate::machine::operation::PutBack;
use crate::messages::notice::{Before, Notice};
use crate::messages::notice_author;
use crate::messages::promotion::{Check, CheckResult, Found, NotValidatedReason, Promotion, Saving, Side, capitals};
use crate::sha::Sha;
use crate::time::{span, utc};
use crate::tools::backup::{BackupName, Lacking, Need, Room, size};

/// A promote, in a few words.
pub const PROMOTE: &str = "Promote";

/// What will happen, line by line, then the checklist.
pub fn plan(promotion: &Promotion, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = vec![format!("About to promote: {} to {}", promotion.sha, quote(&with.label))];
    lines.extend([&promotion.from, &promotion.to].map(|one| side(one, quote)));
    match &promotion.commits {
        None => lines.push("  Commits between the two: not known on this machine yet".to_owned()),
        Some(commits) => {
            lines.push(format!("  Commits between the two: {}", commits.total));
            let one = |commit: &crate::tools::git::CommitFacts| {
                format!("    {} {} - {}", commit.sha.short(), quote(&commit.author), quote(&commit.subject))
            };
            lines.extend(commits.shown.iter().map(one));
            let left = commits.total.saturating_sub(commits.shown.len() as u64);
            lines.extend((left > 0).then(|| format!("    … and {left} more")));
        }
    }
    lines.push(match &promotion.saving {
        Saving::Nothing => "  Backup: none, as set".to_owned(),
        Saving::Impossible(why) => format!("  Backup: not possible ({})", quote(&unsaved(why))),
        Saving::Paths { paths, need, room, folder, .. } => {
            format!("  Backup: {} in {} ({})", quote(&paths.join(", ")), quote(folder), figures(need, room))
        }
    });
    let mut steps = vec![format!("git reset --hard {}", promotion.sha.short())];
    steps.extend((!with.deploy_command.is_empty()).then(|| quote(&with.deploy_command.join(" "))));
    steps.extend(promotion.strategy.iter().map(|(way, reason)| format!("compose {way} ({})", quote(reason))));
    lines.push(format!("  Steps: {}", steps.join(", then ")));
    let tries = super::plan::tries(with.health.attempts, with.health.interval_ms);
    lines.push(match with.health.urls.is_empty() {
        true => "  Check: containers only, no URL".to_owned(),
        false => format!("  Check: {} ({tries})", with.health.urls.join(", ")),
    });
    lines.push("Checklist:".to_owned());
    lines.extend(promotion.checks.iter().map(|check| format!("  {}", checked(check, promotion, quote))));
    lines
}

fn side(side: &Side, quote: &dyn Fn(&str) -> String) -> String {
    let label = quote(&side.label);
    match &side.live {
        None => format!("  {label}: not known on this machine"),
        Some(live) => {
            let since = side.since.map_or(String::new(), |at| format!(" (live since {} UTC)", utc(at)));
            format!("  {label}: {} {}{since}", live.short(), quote(&side.subject))
        }
    }
}

pub(super) fn figures(need: &Need, room: &Room) -> String {
    let entries = room.entries.map_or(String::new(), |entries| format!(" and {}", inodes(entries)));
    format!("{} and {} needed, {}{entries} free", size(need.bytes), inodes(need.entries), size(room.bytes))
}

fn inodes(count: u64) -> String {
    counted(count, "inode", "inodes")
}

/// One line of the checklist, with its mark.
pub fn checked(check: &Check, promotion: &Promotion, quote: &dyn Fn(&str) -> String) -> String {
    let text = found(&check.found, promotion, quote);
    match check.verdict {
        CheckResult::Holds => format!("✅ {text}"),
        CheckResult::Forced => format!("⚠️ {text}: overridden (force)"),
        CheckResult::Unasked => format!("➖ {text}: not checked"),
        CheckResult::Refused => match &check.found {
            Found::LiveElsewhere(live) => {
                let Side { label, is_validated, .. } = &promotion.from;
                format!("❌ {text}: {}", to_be_live(&quote(label), live, *is_validated, &promotion.sha))
            }
            other => match mend(other) {
                Some(mend) => format!("❌ {text}. {mend}"),
                None => format!("❌ {text}"),
            },
        },
    }
}

/// What to do about a SHA that is not validated.
fn to_be_validated(why: &NotValidatedReason, last: Option<&Sha>, promotion: &Promotion, from: &str) -> String {
    let (there, here) = (&promotion.from, &promotion.to);
    let is_older = promotion
        .checks
        .iter()
        .any(|check| check.verdict == CheckResult::Refused && matches!(check.found, Found::Age(Some(Relation::Older))));
    let itself = match why {
        why if why.condemns() => "mend it and push, or run its CI again".to_owned(),
        NotValidatedReason::Unanswered(_) | NotValidatedReason::Api(Silence::RunEnded(..)) => {
            "run its CI again".to_owned()
        }
        NotValidatedReason::Api(Silence::NoRunOf(_)) => "run its CI".to_owned(),
        // What to do about its age is said beside it: to be put live there leads nowhere.
        NotValidatedReason::Unknown if is_older => String::new(),
        NotValidatedReason::Unknown => format!("deploy it to {from} first"),
        NotValidatedReason::Unheard(_) => {
            return "wait for the job that records it, or mode `watch` there with this `sha`, then run this again"
                .to_owned();
        }
        NotValidatedReason::Awaited | NotValidatedReason::Failed | NotValidatedReason::Api(Silence::RunUnderWay(_)) => {
            "wait for CI".to_owned()
        }
        NotValidatedReason::Api(_) => "run this again once GitHub tells".to_owned(),
    };
    let or = |before: &str| if itself.is_empty() { String::new() } else { format!("{before}{itself}") };
    match (last, &there.live) {
        // Of what is on another machine nothing is known but what GitHub says.
        (None, _) if matches!(why, NotValidatedReason::Api(_)) => itself,
        (None, _) => format!("nothing is validated there{}", or(": ")),
        (Some(last), _) if here.live.as_ref() == Some(last) => {
            format!("the last validated one is {}, which is live already{}", last.short(), or(": "))
        }
        // It goes back from it by itself, mostly.
        (Some(last), Some(live)) if *live == promotion.sha && *why == NotValidatedReason::Failed => {
            format!("the last validated one is {last}: promote that once {from} is back there (`rollback`)")
        }
        (Some(last), Some(live)) if live != last => format!(
            "the last validated one is {last}, but {from} is live with {}: {}",
            live.short(),
            to_be_live(from, live, there.is_validated, last)
        ),
        (Some(last), _) => format!("the last validated one is {last}: give it as sha{}", or(", or ")),
    }
}

/// How a SHA that is validated, and not live in the environment that promotes come from, can be promoted.
fn to_be_live(from: &str, live: &Sha, is_validated: bool, sha: &Sha) -> String {
    let once = if is_validated { "" } else { " once its CI has validated it" };
    format!(
        "promote {}{once}, or `rollback` {from} to {}, or force: true (at a terminal: --force) to promote {1} as it is",
        live.short(),
        sha.short()
    )
}

/// What a person may do about what can be forced: where it was, that is said instead.
fn mend(found: &Found) -> Option<String> {
    let before = match found {
        Found::Frozen { .. } => "Wait, or run again".to_owned(),
        Found::Quarantined => "Mend it and push, or run again".to_owned(),
        Found::Age(Some(Relation::Older)) => "To go back: rollback; or run again".to_owned(),
        Found::NoTarget => "To mend it all the same: run again".to_owned(),
        Found::Unrestored(name) => {
            format!("rollback with backup: {name}; or else put them right by hand, then run again")
        }
        _ => return None,
    };
    Some(format!("{before} with force: true (at a terminal: --force)"))
}

fn found(found: &Found, promotion: &Promotion, quote: &dyn Fn(&str) -> String) -> String {
    let (from, sha) = (quote(&promotion.from.label), promotion.sha.short());
    let run = |run: &CiRun| format!("CI run {}, attempt {} <{}>", run.id, run.attempt, run.url);
    match found {
        Found::Validated { run: by, at } => {
            let by = by.as_ref().map_or("CI".to_owned(), run);
            format!("{sha} is validated in {from}: {by}, {} UTC", utc(*at))
        }
        Found::Succeeded(by) => format!("{sha} is validated, says GitHub: {} ({from} is on another machine)", run(by)),
        Found::NotValidated { why, last } => {
            let seen = match why {
                NotValidatedReason::Unknown => "no deploy put it live there".to_owned(),
                NotValidatedReason::Awaited => "its CI has not spoken yet".to_owned(),
                NotValidatedReason::Unheard(run) => {
                    format!("its CI succeeded, run {run}, but {from} has not recorded that yet")
                }
                NotValidatedReason::Unanswered(doubt) => format!("no verdict of CI: {}", quote(&said(doubt))),
                NotValidatedReason::Failed => "it failed there".to_owned(),
                NotValidatedReason::Api(seen) => quote(&silence(seen)),
            };
            let mend = to_be_validated(why, last.as_ref(), promotion, &from);
            format!("{sha} is not validated in {from} ({seen}); {mend}")
        }
        Found::Live(Some(ms)) => format!("{from} is live with {sha} and answers well, in {}", span(*ms)),
        Found::Live(None) => format!("{from} is live with {sha}; its health, without a URL"),
        Found::LiveUnknown => format!("What is live in {from}, on another machine"),
        Found::LiveElsewhere(live) => format!("{from} is live with {}, not with {sha}", live.short()),
        Found::Busy(by) => format!("A deploy is under way in {from} ({}): run again when it has ended", quote(by)),
        Found::Unfinished(by) => format!(
            "A deploy was not finished in {from} ({}), and nobody is at it: any run there finishes or undoes it, \
             `doctor` too; then run again",
            quote(by)
        ),
        Found::Unhealthy(why) => format!("{from} does not answer well now: {}", quote(&symptom(why))),
        Found::NotFrozen(0) => "No freeze is configured".to_owned(),
        Found::NotFrozen(windows) => format!("No freeze now ({windows} configured)"),
        Found::Frozen { window, now } => {
            format!("Frozen: {} (it is {now})", quote(window))
        }
        Found::Quarantined => {
            format!("{sha} failed (in CI or here), quarantined")
        }
        Found::Age(None | Some(Relation::Newer)) => "Newer than what is live".to_owned(),
        Found::Age(Some(Relation::Same)) => "It is what is live".to_owned(),
        Found::Age(Some(Relation::Older)) => "Older than what is live".to_owned(),
        Found::Age(Some(Relation::Diverged)) => {
            "Neither newer nor older than what is live (the branch was rewritten)".to_owned()
        }
        Found::Target(sha) => format!("A failure goes back to {}", sha.short()),
        Found::NoTarget => "There is no version to go back to".to_owned(),
        Found::Unrestored(name) => {
            format!("Putting files back from backup {name} failed, so a new one might not hold those of what is live")
        }
        Found::Room => "There is room for the backup".to_owned(),
        Found::NoRoom(need, room) => {
            format!("Not enough room for the backup: {}; free some, or choose another backup-dir", figures(need, room))
        }
        Found::NoRoomBack(Lacking { at, need, room }) => format!(
            "Not enough room at {at} to put files back, should it fail: {} with the backup; free some",
            figures(need, room)
        ),
        Found::NoBackup => "Backup: none is wanted".to_owned(),
        Found::NotSavable(why) => format!("No backup can be made: {}", quote(&unsaved(why))),
    }
}

/// Who asked for the promote, where that is known.
pub fn asked_by(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Option<String> {
    let by = Some(&notice.asked_by).filter(|by| !by.is_empty())?;
    Some(format!("Asked by: {}", notice_author(by, quote)))
}

/// A promote goes ahead; what is live may be ahead by its commits.
pub fn started(commits: Option<u64>, is_older: bool, backup: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(commits.map(|commits| match is_older {
        true => format!("Commits taken back: {commits}"),
        false => format!("Commits: {commits}"),
    }));
    lines.push(backup.map_or("Backup: none".to_owned(), |name| format!("Backup: {name} ✅")));
    lines.push("⏳ Going to production...".to_owned());
    lines
}

/// It is live and healthy; where it comes from, something else may be.
pub fn succeeded(with: &Environment, is_elsewhere: bool) -> Vec<String> {
    let from = if is_elsewhere { String::new() } else { format!("{} ✅ → ", capitals(&with.promote_from)) };
    let mut lines = vec![format!("{from}{} ✅", capitals(&with.name))];
    lines.extend(with.url.iter().map(|url| format!("URL: {url}")));
    lines
}

/// It is live and healthy, and has failed where it comes from while it was on its way.
pub fn recanted(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let from = quote(&capitals(&with.promote_from));
    let command = quote(&with.command("rollback"));
    let mut lines = vec![format!("🚨 It failed in {from} (CI, or there) while it was on its way here")];
    lines.extend(with.url.iter().map(|url| format!("URL: {url}")));
    if let Some(Before::Version(sha)) = &notice.before {
        lines.push(format!(
            "➡️ To go back to {0}, which was live before: `mode: rollback` with `to: {0}`, or {command} --to {0}",
            sha.short()
        ));
    }
    lines
}

/// Not confirmed.
pub fn unconfirmed(typed: &str) -> String {
    match typed.trim() {
        "" => "Not confirmed: `confirm` must be exactly DEPLOY. Nothing was touched".to_owned(),
        "DEPLOY" => {
            "Not confirmed: there are spaces before or after DEPLOY in `confirm`. Nothing was touched".to_owned()
        }
        _ => format!("Not confirmed: \"{typed}\" instead of DEPLOY. Nothing was touched"),
    }
}

/// What became of files that git does not look after.
pub fn restored(files: &PutBack, sha: &Sha, kept: &str) -> Vec<String> {
    let backup = &files.backup;
    let mut lines = vec![match files.of == *sha {
        true => format!("Files put back from the backup {backup}"),
        false => format!("Files were put back before that from the backup {backup}, for {}", files.of.short()),
    }];
    lines.extend((!kept.is_empty()).then(|| format!("What they replaced is kept in {kept}")));
    lines
}

/// Files that a way back did not put back.
pub fn unrestored(name: &BackupName) -> String {
    format!("⚠️ The files of the backup {name} were not put back: `rollback` with `backup: {name}` does that")
}

/// Stands above the commands to be run by hand.
pub const BY_HAND: &str = "By hand, if need be:";
/// The same where the backup's files have come back already: no command among them makes any.
pub const BY_HAND_RESTORED: &str = "By hand, if need be; files are back already:";
/// The same, where Docker Compose is what is lacking.
pub const BY_HAND_THEN: &str = "By hand, once Docker Compose is installed:";
/// The same, where they only help once something else is mended.
pub const BY_HAND_MENDED: &str = "By hand, once what stands in its way is mended:";
/// Stands in their place where a message has no room for them.
pub const BY_HAND_IN_LOG: &str =
    "By hand: the commands are too long for this message; they stand in full in the log of this run";

/// A backup cannot be trusted; what takes the newest other one.
pub fn other_backup(other: Option<&(String, String)>) -> String {
    match other {
        Some((sha, command)) => format!("Nothing proves that this backup is as it was made: copy no file from it. The newest other one puts {sha} live, with the files of that time: {command}"),
        None => "Nothing proves that this backup is as it was made: copy no file from it. This environment has no other one.".to_owned(),
    }
}

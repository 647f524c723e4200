//! Every sentence in English; `fr` says the same.

pub mod backup;
pub mod choice;
pub mod ci;
pub mod digest;
pub mod doctor;
pub mod doubt;
pub mod ending;
pub mod health;
pub mod help;
pub mod holder;
pub mod ill;
pub mod judged;
pub mod log;
pub mod page;
pub mod plan;
pub mod problem;
pub mod promote;
pub mod reason;
pub mod report;
pub mod site;
pub mod status;

pub use choice::{follower, ground};

use super::judged::Judged;
use super::notice::{Before, Notice, NoticeKind};
use super::promotion::headline_label;
use crate::environment::Environment;
use crate::machine::Step;
use crate::machine::entry::{Because, Commit, Refusal};
use crate::messages::ending::{Left, sentence};
use crate::report::summary::Words;
use crate::time::{Millis, span, utc};

/// The job's summary.
pub const SUMMARY: Words = Words {
    live: "Live:",
    standings: ["✅ validated", "⏳ not validated", "❌ failed", "⚠️ not certain", ""],
    down: "🔴 site DOWN",
    validated: "Last validated:",
    result: "Result:",
    phases: ["Step", "Time", "Processes"],
    step,
    total: "Total",
    choices: ["Setting", "Choice", "Why"],
    why: "Why",
    cut: "… the rest is in the job's log",
    span,
};

/// A phase; `fr::step` says the same in French.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Fetch => "fetch",
        Step::Checklist => "checklist",
        Step::Compare => "compare",
        Step::Backup => "backup",
        Step::Prove => "proof",
        Step::Keep => "save local changes",
        Step::Reset => "reset",
        Step::Command => "deploy command",
        Step::Restore => "restore files",
        Step::Compose => "compose",
        Step::Check => "health check",
    }
}

/// A number of things.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A deploy, in one word.
pub const DEPLOY: &str = "Deploy";

/// A rollback in a few words, with the short name of what it undoes.
pub fn rollback(undone: Option<&str>) -> String {
    undone.map_or("Rollback".to_owned(), |sha| format!("Rollback of {sha}"))
}

/// The notice's lines, the headline first.
pub fn lines(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let label = quote(if notice.promotes { headline_label(with) } else { &with.label });
    let mut lines = vec![headline(notice, &label)];
    let (about, live) = (vec![about(notice)], live(notice));
    lines.extend(if notice.is_live_first() { [live, about] } else { [about, live] }.concat());
    lines.extend(notice.forced.map(|passed| judged::forced(passed, notice.promotes)));
    let passed = notice.forced.unwrap_or_default();
    match &notice.kind {
        NoticeKind::Started => {
            lines.extend(authored(notice, quote));
            lines.push(started(notice.judged));
        }
        NoticeKind::Deployed { ms } => {
            lines.extend(authored(notice, quote));
            lines.push(deployed(*ms, notice.judged));
            lines.extend(url(with));
        }
        NoticeKind::Promoting { commits, backup } => {
            lines.extend(authored(notice, quote));
            lines.extend(promote::asked_by(notice, quote));
            lines.extend(promote::started(*commits, passed.age, backup.as_deref()));
        }
        NoticeKind::Promoted => lines.extend(promote::succeeded(with, passed.elsewhere)),
        NoticeKind::Recanted => lines.extend(promote::recanted(notice, with, quote)),
        NoticeKind::Unconfirmed(typed) => lines.push(promote::unconfirmed(&quote(typed))),
        NoticeKind::Unchanged => lines.extend(unchanged(notice, with)),
        NoticeKind::Superseded => lines.push("A newer version is live already: nothing was changed".to_owned()),
        NoticeKind::Refused(why) => lines.extend(refused(why, with, quote)),
        NoticeKind::Unhealthy(why) => lines.push(format!("Does not answer well: {}", quote(why))),
        NoticeKind::Failed(why) | NoticeKind::Stuck(why) => {
            lines.extend(failed(notice, why, quote));
            lines.extend(notice.open.iter().flat_map(|open| ending::open(open, &quote(&with.command("status")))));
        }
        NoticeKind::Guarded { paths, because, why } => {
            lines.extend(authored(notice, quote));
            lines.push(format!("Way back: {}", notice.sha.short()));
            lines.push(format!("Reason: {}", reason(because)));
            lines.extend((!why.is_empty()).then(|| quote(why)));
            lines.push(format!("Guarded paths changed: {}", quote(&paths.join(", "))));
            lines.push("🚨 No automatic rollback: somebody has to decide".to_owned());
        }
        NoticeKind::RolledBack { .. } => {
            lines.truncate(1);
            lines.extend(rolled_back(notice, quote));
        }
        NoticeKind::Validated => {
            lines.extend(authored(notice, quote));
            lines.extend(url(with).filter(|_| notice.is_live()));
            let may_come = !notice.is_live() && notice.is_overtaken == Some(false);
            lines.extend(may_come.then(|| judged::REDEPLOY.to_owned()));
        }
        NoticeKind::Unvalidated { doubt, is_replaced } => {
            lines.extend(judged::unvalidated(notice, doubt, *is_replaced, quote));
        }
        NoticeKind::Unwell => {
            lines.extend(notice.ill.iter().map(|ill| ill::seen(ill, quote)));
            lines.extend(ill::unwell(notice));
        }
        NoticeKind::Interrupted { .. } => lines.extend(interrupted(notice, with, quote)),
        NoticeKind::Busy(holder) => {
            lines.push(format!("The lock is held by {}", quote(holder)));
            lines.push("➡️ Run it again when that one is over".to_owned());
        }
        NoticeKind::Replaced { doubt, .. } => {
            lines.extend(authored(notice, quote));
            lines.extend(judged::replaced(doubt.as_ref(), quote));
        }
        NoticeKind::Condemned { was_point } => lines.push(judged::condemned(*was_point, notice)),
        NoticeKind::Lifted => lines.extend(judged::lifted(notice, quote)),
        NoticeKind::Dropped { is_moved, is_last } => lines.extend(judged::dropped(*is_moved, *is_last, notice, quote)),
        NoticeKind::Unsettled(seen) => lines.extend(judged::unsettled(seen, with, quote)),
        NoticeKind::Cornered(stays) => lines.extend(judged::cornered(stays, with, quote)),
        NoticeKind::Aside { is_lost } => lines.extend(judged::aside(*is_lost, notice)),
    }
    if !notice.kept.is_empty() {
        lines.push(format!("⚠️ Local changes of the machine were put aside: {}", notice.kept.join(", ")));
    }
    lines.extend(tail(notice));
    lines
}

/// What is live, and what was there before it: before what may be long, as a message that is cut must not lose it.
fn live(notice: &Notice) -> Vec<String> {
    let live = notice.live.as_ref().filter(|_| notice.says_live()).map(|live| match notice.is_applied {
        true => format!("Live: {}", live.short()),
        false => format!("Live: not certain; the work tree is at {}", live.short()),
    });
    // Whoever had nothing to go back from is told how further down.
    let before =
        notice.before.as_ref().filter(|_| !matches!(notice.kind, NoticeKind::Unchanged | NoticeKind::Recanted));
    live.into_iter().chain(before.map(ending::before)).collect()
}

/// That it was live already; whoever asked to go back may have meant another one.
fn unchanged(notice: &Notice, with: &Environment) -> Vec<String> {
    let seen = match with.is_checked() {
        true => "This version was live already, and answers well",
        false => "This version was live already; nothing is checked",
    };
    let passed_over = notice.passed_over.as_ref().filter(|_| notice.goes_back);
    let passed_over = passed_over.map(|sha| {
        format!("The last validated SHA is {0}, and somebody went back from it: `to: {0}` brings it back", sha.short())
    });
    let before = match &notice.before {
        Some(Before::Version(sha)) if notice.passed_over.as_ref() != Some(sha) => {
            Some(format!("➡️ To go back to {0}, live before: `mode: rollback` with `to: {0}`", sha.short()))
        }
        _ => None,
    };
    [seen.to_owned()].into_iter().chain(before).chain(passed_over).collect()
}

/// What it is about: where a way back failed, what that was to undo.
fn about(notice: &Notice) -> String {
    match notice.was_to_undo() {
        Some((sha, true)) => format!("SHA undone: {}", sha.short()),
        Some((sha, false)) => format!("SHA to undo: {}", sha.short()),
        None => format!("SHA: {}", notice.sha.short()),
    }
}

fn failed(notice: &Notice, why: &str, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = if notice.was_to_undo().is_some() { authored(notice, quote) } else { Vec::new() };
    lines.push(quote(why));
    lines.extend(judged::tried(notice));
    lines.extend(notice.restored.iter().flat_map(|files| promote::restored(files, &notice.sha, &quote(&files.kept))));
    let is_stuck = matches!(notice.kind, NoticeKind::Stuck(_));
    lines.extend(match (notice.goes_back, is_stuck) {
        (true, true) if notice.of == notice.sha => {
            Some(format!("🚨 Putting {} in place anew failed: somebody has to act", notice.sha.short()))
        }
        (true, true) => Some(format!("🚨 Going back to {} failed: somebody has to act", notice.sha.short())),
        (true, false) => Some(format!("Going back to {} failed", notice.sha.short())),
        (false, true) => Some("🚨 No validated version to go back to: somebody has to act".to_owned()),
        (false, false) => None,
    });
    if let (Some(Before::Version(sha)), false) = (&notice.before, notice.goes_back) {
        let line = format!("➡️ {0}, not validated, was live before: `mode: rollback` with `to: {0}`", sha.short());
        lines.extend(is_stuck.then_some(line));
    }
    lines
}

fn interrupted(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let NoticeKind::Interrupted { signal, attempt, left } = &notice.kind else {
        return Vec::new();
    };
    let mut lines = authored(notice, quote);
    lines.push(quote(&sentence(&ending::stopped(signal, attempt, *left))));
    let command = with.command("status");
    lines.extend(match left {
        Left::Begun => Some(format!("➡️ Run it again, or: {}", quote(&command))),
        Left::Unchanged => Some("➡️ Run it again".to_owned()),
        Left::Unfollowed | Left::Nothing => None,
    });
    lines
}

fn started(judged: Judged) -> String {
    if judged == Judged::Awaited { "⏳ CI is being followed..." } else { judged::followed(judged) }.to_owned()
}

fn deployed(ms: u64, judged: Judged) -> String {
    format!("Live in {}. {}", span(ms), judged::followed(judged))
}

fn refused(why: &Refusal, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match why {
        Refusal::OffBranch => {
            vec![format!("This commit is not on origin/{}: nothing was changed", quote(&with.branch))]
        }
        Refusal::Quarantined => vec![
            "This version failed (in CI or here): it stays in quarantine".to_owned(),
            "➡️ Mend and push, re-run its CI until it is green, or `force: true`".to_owned(),
        ],
        Refusal::Unready { why } => why.lines().map(quote).chain(["Nothing was touched".to_owned()]).collect(),
    }
}

fn rolled_back(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let NoticeKind::RolledBack { undone, because, why, exposed_ms } = &notice.kind else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    lines.extend(undone.iter().map(|sha| format!("SHA undone: {}", sha.short())));
    lines.push(format!("SHA live: {}{}", notice.sha.short(), standing(notice)));
    let by = Some(&notice.asked_by).filter(|by| !by.is_empty()).map(|by| format!(" by {}", quote(by)));
    lines.push(format!("Reason: {}{}", reason(because), by.unwrap_or_default()));
    lines.extend((!why.is_empty()).then(|| quote(why)));
    lines.extend(judged::tried(notice));
    lines.extend(if notice.names_undone() { authored(notice, quote) } else { Vec::new() });
    lines.extend(notice.forced.map(|passed| judged::forced(passed, false)));
    lines.extend(notice.restored.iter().flat_map(|files| promote::restored(files, &notice.sha, &quote(&files.kept))));
    lines.extend(notice.unrestored.as_ref().map(promote::unrestored));
    lines.extend(exposed_ms.map(|ms| format!("The undone version was live for {}", span(ms))));
    lines
}

/// What is live, CI's page, and commands: what every notice ends with that has them.
fn tail(notice: &Notice) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(url) = notice.ci_url.as_ref().filter(|_| notice.kind.says_ci()) {
        lines.push(format!("CI: <{url}>"));
    }
    let is_restored = matches!(notice.kind, NoticeKind::RolledBack { .. }) && notice.restored.is_some();
    let title = match (notice.lacks_compose, is_restored) {
        (true, _) => promote::BY_HAND_THEN,
        (_, true) => promote::BY_HAND_RESTORED,
        _ if notice.before == Some(Before::Nothing) => promote::BY_HAND_MENDED,
        _ => promote::BY_HAND,
    };
    lines.extend(super::by_hand(title, notice));
    lines
}

/// What a message says that Discord takes only now.
pub fn late(at: Millis) -> String {
    format!("🕓 Message of {} UTC, arrived late", utc(at))
}

fn headline(notice: &Notice, label: &str) -> String {
    match &notice.kind {
        NoticeKind::Promoting { .. } => format!("🚀 {label} - Deploy started"),
        NoticeKind::Promoted => format!("🎯 {label} - Deployed ✅"),
        NoticeKind::Recanted => format!("🚨 {label} - Live, but failed meanwhile"),
        NoticeKind::Unconfirmed(_) => format!("🚫 {label} - Deploy cancelled"),
        NoticeKind::Started => format!("🚀 {label} - Deploy started"),
        NoticeKind::Deployed { .. } => format!("✅ {label} - Deployed"),
        NoticeKind::Unchanged if notice.goes_back => format!("✅ {label} - Nothing to undo"),
        NoticeKind::Unchanged => format!("✅ {label} - Nothing to deploy"),
        NoticeKind::Superseded => format!("⏭️ {label} - Deploy superseded"),
        NoticeKind::Refused(_) => format!("⛔ {label} - Deploy refused"),
        NoticeKind::Unhealthy(_) => format!("🚨 {label} - Live, but unhealthy"),
        NoticeKind::Failed(_) => format!("❌ {label} - Failed"),
        NoticeKind::Stuck(_) if notice.goes_back && notice.before != Some(Before::Nothing) => match &notice.live {
            Some(live) if notice.is_applied => {
                format!("🚨 {label} - Rollback failed: {} live, unhealthy", live.short())
            }
            _ => format!("🚨 {label} - Rollback failed: somebody has to act"),
        },
        NoticeKind::Stuck(_) => format!("🚨 {label} - Failed, with nothing to go back to"),
        NoticeKind::Guarded { .. } => format!("🚨 {label} - Rollback needs a decision"),
        NoticeKind::RolledBack { because: Because::Person, .. } => format!("🔄 {label} - Rolled back"),
        NoticeKind::RolledBack { .. } => format!("🔄 {label} - AUTOMATIC ROLLBACK done"),
        NoticeKind::Validated if !notice.is_live() => {
            format!("✅ {label} - {} validated, but not live", notice.sha.short())
        }
        NoticeKind::Validated => format!("✅ {label} - SHA validated by CI"),
        NoticeKind::Unwell => ill::unwell_headline(notice, label),
        NoticeKind::Interrupted { left: Left::Unfollowed, .. } => format!("⏹️ {label} - CI is not followed any more"),
        NoticeKind::Interrupted { .. } if notice.goes_back => format!("⏹️ {label} - Rollback interrupted"),
        NoticeKind::Interrupted { .. } => format!("⏹️ {label} - Deploy interrupted"),
        NoticeKind::Busy(_) => format!("⏳ {label} - Not deployed: another run is under way"),
        NoticeKind::Unvalidated { .. } if let Some(ill) = notice.ill_still() => ill::unvalidated_headline(ill, label),
        NoticeKind::Unvalidated { .. } => format!("⚠️ {label} - SHA not validated"),
        NoticeKind::Unsettled(_) => format!("🚨 {label} - CI is not followed any more"),
        NoticeKind::Replaced { by, .. } => format!("⏭️ {label} - {} replaced by {}", notice.sha.short(), by.short()),
        NoticeKind::Lifted => {
            format!("✅ {label} - CI of {} succeeded when run again: no quarantine any more", notice.sha.short())
        }
        NoticeKind::Dropped { .. } => format!("⏹️ {label} - Deploy interrupted"),
        NoticeKind::Condemned { .. } => judged::condemned_headline(notice, label),
        NoticeKind::Cornered(_) => format!("❌ {label} - CI failed"),
        NoticeKind::Aside { .. } => format!("✅ {label} - CI succeeded, the rollback point stays"),
    }
}

fn authored(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let author = |commit: &Commit| format!("Author: {}", super::notice_author(&commit.author, quote));
    let subject = |commit: &Commit| format!("Message: {}", quote(&commit.subject));
    notice.commit.iter().flat_map(|commit| [author(commit), subject(commit)]).collect()
}

fn url(with: &Environment) -> Option<String> {
    with.url.as_ref().map(|url| format!("URL: {url}"))
}

fn standing(notice: &Notice) -> &'static str {
    match (&notice.validated, notice.is_validated) {
        _ if notice.judged == Judged::Failed => " (CI failed)",
        (Some(last), _) if *last == notice.sha => " (last validated)",
        (_, true) => " (validated)",
        _ => " (not validated)",
    }
}

/// Why what was on its way forward was undone.
pub const RECALLED: &str = "a person asked to go back before it was finished";

/// Why a deploy was undone that CI failed before it was finished.
pub const CONDEMNED: &str = "CI failed before it was finished";

/// Why a promote was undone whose run ended before anything was started with its version.
pub const UNPROMOTED: &str = "the run ended before anything was started with this version; promote it again";

pub(super) fn reason(because: &Because) -> &'static str {
    match because {
        Because::Ci => "CI failed",
        Because::Timeout => "CI did not answer in time",
        Because::Unhealthy => "the version does not answer well",
        Because::Broken => "it could not be put in place",
        Because::Person => "asked for by hand",
    }
}

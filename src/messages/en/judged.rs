//! What stands behind a notice, in English: what CI has said, and what a person passed over.

use super::doubt::{doubt as said, next};
use super::{ending, ill};
use crate::environment::Environment;
use crate::machine::verdict::Doubt;
use crate::messages::judged::{Judged, Passed};
use crate::messages::kind::GivenUp;
use crate::messages::kind::Stays;
use crate::messages::notice::Notice;
use crate::sha::Sha;

/// What CI has to do with it.
pub fn followed(judged: Judged) -> &'static str {
    match judged {
        Judged::Already => "✅ Already validated by CI",
        Judged::Awaited => "⏳ CI is running",
        Judged::Not => "CI is not followed",
        Judged::Failed => "⚠️ Its CI failed (forced)",
    }
}

/// What a person passed over who forced it.
pub fn forced(passed: Passed, promotes: bool) -> String {
    let all = [
        (passed.freeze && promotes, "freeze ignored"),
        (passed.quarantine, "quarantine ignored"),
        (passed.age, "older than what was live"),
        (passed.elsewhere, "not live where it comes from"),
        (passed.no_way_back, "no version to go back to"),
        (passed.unrestored, "files of a backup not put back"),
    ];
    let told: Vec<&str> = all.into_iter().filter_map(|(is_passed, what)| is_passed.then_some(what)).collect();
    let colon = if told.is_empty() { "" } else { ": " };
    format!("⚠️ Forced{colon}{}", told.join(", "))
}

/// CI gave no verdict on what is live.
pub fn unvalidated(notice: &Notice, doubt: &Doubt, is_replaced: bool, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines: Vec<String> = notice.ill.iter().map(|ill| ill::seen(ill, quote)).collect();
    lines.push(no_verdict(doubt, quote));
    let stands = match is_replaced {
        true => "A newer version is to take its place",
        false => "The version stays live, unvalidated",
    };
    lines.extend(notice.ill_still().is_none().then(|| stands.to_owned()));
    let back = if notice.has_way_back && !is_replaced { "; or `mode: rollback`" } else { "" };
    lines.push(format!("➡️ {}{back}", next(doubt, quote)));
    lines.extend(notice.ill.iter().map(ill::once_green));
    lines
}

/// A newer version has replaced it, and CI has given no verdict.
pub fn replaced(doubt: Option<&Doubt>, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match doubt {
        None => {
            vec!["Its CI had not spoken yet; its verdict counts, unless a newer version is validated first".to_owned()]
        }
        Some(doubt) => {
            let yet = "If its CI still succeeds, that counts, unless a newer version is validated first".to_owned();
            vec![no_verdict(doubt, quote), yet]
        }
    }
}

/// A watcher had to give up.
pub fn unsettled(seen: &GivenUp, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let GivenUp { why, by_event, has_failed, is_unread } = seen;
    let next = match by_event {
        true => "➡️ Re-run this job once that is out of the way".to_owned(),
        false if *is_unread => {
            format!("➡️ Once the ledger can be read, the next run goes on with it: {}", quote(&with.command("status")))
        }
        false => format!("➡️ The next run goes on with it: {}", quote(&with.command("status"))),
    };
    let said = match has_failed {
        true => format!("❌ CI failed, and what follows from that could not be done: {}", quote(why)),
        false => format!("CI could not be followed to its end: {}", quote(why)),
    };
    vec![said, next]
}

fn no_verdict(doubt: &Doubt, quote: &dyn Fn(&str) -> String) -> String {
    format!("⚠️ No verdict from CI: {}", quote(&said(doubt)))
}

/// How to have a version live that is not.
pub const REDEPLOY: &str = "➡️ To have it live: re-run its deploy";

/// CI was run again and succeeded.
pub fn lifted(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let next = match notice.is_overtaken {
        Some(true) => "A newer version is live: it is barred no more, nothing else changes".to_owned(),
        Some(false) | None => REDEPLOY.to_owned(),
    };
    super::authored(notice, quote).into_iter().chain([next]).collect()
}

/// What a run that is gone had begun is over.
pub fn dropped(is_moved: bool, is_last: bool, notice: &Notice, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let seen = match is_moved {
        true => "The work tree was moved by hand meanwhile: what was begun is dropped".to_owned(),
        false => "Its run was gone before it had changed anything".to_owned(),
    };
    let next = (is_last && notice.judged != Judged::Failed).then(|| "➡️ Run it again".to_owned());
    super::authored(notice, quote).into_iter().chain([seen]).chain(next).collect()
}

/// CI failed, and it is not live; where containers were not restarted since, maybe it is.
pub fn condemned_headline(notice: &Notice, label: &str) -> String {
    match notice.may_run {
        false => format!("⏭️ {label} - CI failed for {}, which is not live", notice.sha.short()),
        true => format!("❌ {label} - CI failed for {}, which may still be running", notice.sha.short()),
    }
}

/// What becomes of a version that CI failed and that is not live.
pub fn condemned(was_point: bool, notice: &Notice) -> String {
    match (was_point, &notice.validated) {
        (false, _) => "It is quarantined, nothing else changes".to_owned(),
        (true, Some(point)) => format!("It is quarantined; the rollback point goes back to {}", point.short()),
        (true, None) => "It is quarantined; there is no rollback point any more".to_owned(),
    }
}

/// CI failed, and it is live and stays.
pub fn cornered(stays: &Stays, with: &Environment, quote: &dyn Fn(&str) -> String) -> [String; 2] {
    let command = quote(&with.command("rollback"));
    let (seen, next) = match stays {
        Stays::Alone => ("there is no validated version to go back to".to_owned(), ending::MEND_OR_RERUN.to_owned()),
        Stays::Blocked(to) => (
            format!("the way back to {} did not come about; a person has to go it", to.short()),
            format!("{command}, once nothing stands in its way"),
        ),
        Stays::Wanted(to) => (
            "a person put it there, so nothing goes back by itself".to_owned(),
            format!("To go back to {}: {command}", to.short()),
        ),
    };
    [format!("🚨 It stays live: {seen}"), format!("➡️ {next}")]
}

/// CI succeeded on what is live, and the rollback point stays where it is.
pub fn aside(is_lost: bool, notice: &Notice) -> Vec<String> {
    let seen = match is_lost {
        true => "⚠️ The branch, rewritten since, does not have this commit any more: it is not validated",
        false => "The rollback point stays another version: a newer one, or one that git could not compare",
    };
    let point = notice.validated.as_ref().map(|point| format!("Rollback point: {}", point.short()));
    std::iter::once(seen.to_owned()).chain(point).collect()
}

/// What was put in place before, on the way back, and failed as well.
pub fn tried(notice: &Notice) -> Option<String> {
    let tried: Vec<&str> = notice.tried.iter().map(Sha::short).collect();
    (!tried.is_empty()).then(|| format!("Tried before, in vain: {}", tried.join(", ")))
}

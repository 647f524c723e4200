//! Lines of the log about CI, in English; `fr::ci` says the same.

use super::doubt::doubt;
use super::reason::{failure, rebuff};
use super::{follower, ground};
use crate::messages::log::{Ci, Unanswered};
use crate::time::utc;

/// The line in words.
pub fn ci(told: &Ci) -> String {
    match told {
        Ci::NotFollowed => "CI is not followed (watch: none)".to_owned(),
        Ci::Followed(sha, how, why, until) => {
            let (how, why) = (follower(*how), ground(*why));
            format!("CI of {} is followed {how} ({why}), until {} UTC", sha.short(), utc(*until))
        }
        Ci::Watcher(pid, log) => format!("watcher started: process {pid}, log {log}"),
        Ci::NoWatcher(seen) => {
            format!("no watcher could be started ({}): following CI in the job instead", rebuff(seen))
        }
        Ci::NoLog(path, seen) => {
            format!("could not make {path} ({}): the watcher keeps no log; `log-dir` names the folder", rebuff(seen))
        }
        Ci::Beside(holder) => format!("{holder} goes on beside this one"),
        Ci::Unlocked(path, seen) => {
            format!("could not take {path} ({}): other runs do not see that this one follows CI", rebuff(seen))
        }
        Ci::NothingHere(runner) => format!(
            "nothing was ever deployed here in this environment: is this ({runner}) the machine that deploys? Two runners may have the same labels"
        ),
        Ci::Newer => "a newer watcher follows by now: this one ends".to_owned(),
        Ci::Unfollowed(sha) => format!("nobody follows CI of {} any more: looking once", sha.short()),
        Ci::NoAnswer(sha, why) => {
            format!("CI of {} is not known: {}", sha.short(), unanswered(why))
        }
        Ci::Later(why) => why.to_string(),
        Ci::NoRun => "no CI run yet".to_owned(),
        Ci::Run(status, attempt, url) => {
            format!("CI is {} (attempt {attempt}) {url}", status.as_deref().unwrap_or("under way"))
        }
        Ci::Ignored(why) => format!("this event settles nothing here: {why}"),
        Ci::UnknownSince(live, why) => {
            format!("whether CI has failed {} since is not known: {}", live.short(), failure(why))
        }
        Ci::Outdated => "a later attempt of this CI run has spoken already: nothing changes".to_owned(),
        Ci::Already(sha) => format!("{} is validated already: nothing changes", sha.short()),
        Ci::NotForward => {
            "CI succeeded; this SHA is behind the last validated one, on the branch no more, or was never live here: the rollback point stays"
                .to_owned()
        }
        Ci::Broken => {
            "CI succeeded; this SHA failed here and stays quarantined, until a re-run of its CI is green or `force: true` (at a terminal: `--force`) deploys it well: the rollback point stays"
                .to_owned()
        }
        Ci::Unwell => "CI succeeded; this SHA is live, and its check failed: the rollback point stays".to_owned(),
        Ci::Lifted => {
            "CI succeeded when run again: this SHA is quarantined no more".to_owned()
        }
        Ci::PointBack(Some(point)) => format!(
            "CI failed for what was the rollback point, which goes back to {}; this SHA is quarantined",
            point.short()
        ),
        Ci::PointBack(None) => {
            "CI failed for what was the rollback point: there is none any more; this SHA is quarantined".to_owned()
        }
        Ci::WentBack(from, to) => {
            format!("CI of {} failed, and nobody had followed it: this run has gone back to {}", from.short(), to.short())
        }
        Ci::FailedElsewhere => {
            "CI failed; something else is live, so nothing changes, and this SHA is quarantined".to_owned()
        }
        Ci::NoVerdict(why, was_here) => {
            let standing = if *was_here { "it is not live here any more" } else { "it was never deployed here" };
            format!("no verdict of CI ({}); {standing}: nothing changes", doubt(why))
        }
        Ci::Stands(why) => {
            format!("no verdict of this run of CI ({}): what CI said of this SHA before stands", doubt(why))
        }
    }
}

/// Why GitHub did not tell.
pub fn unanswered(why: &Unanswered) -> String {
    match why {
        Unanswered::Later(why) => why.to_string(),
        Unanswered::Denied(why) => why.to_string(),
    }
}

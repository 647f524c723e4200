//! What a dry run would do, in English; `fr::plan` says the same.

use super::counted;
use super::holder::holder;
use crate::environment::ComposeStrategy;
use crate::messages::holder::Holder;
use crate::messages::log::{Plan, Planned};
use crate::time::span;

/// The plan's line in words.
pub fn plan(told: &Plan) -> String {
    match told {
        Plan::Deploy(sha, name) => {
            format!("plan (dry run; nothing is touched, nothing is sent): deploy {sha} to {name}")
        }
        Plan::First(by, sha) => format!("  0. finish or undo what was begun: {by} of {}", sha.short()),
        Plan::Awaited(told) => {
            format!("  0. wait for the end of {}; what follows supposes a good one", holder(&Holder::read(told)))
        }
        Plan::Step(number, step) => format!("  {number}. {}", planned(step)),
        Plan::Unfetched => {
            "  ? this commit is not here yet: only the fetch tells whether it is newer than what is live".to_owned()
        }
        Plan::Superseded => {
            "  ! something newer is live: nothing would be changed (`force: true` goes back; at a terminal: `--force`)"
                .to_owned()
        }
        Plan::Unchanged => "  ! it is live already: nothing would be changed".to_owned(),
        Plan::UnlessIll => {
            "  ! it is live already: nothing would be changed if it answers well; else it would be put in place anew:"
                .to_owned()
        }
        Plan::Quarantined(None) => "  ! this SHA is quarantined: it would be refused without `force`".to_owned(),
        Plan::Quarantined(Some(workflow)) => format!(
            "  ! this SHA is quarantined: it would be refused without `force`, unless CI workflow {workflow} has succeeded since, which GitHub is asked first"
        ),
        Plan::FailedAlready(workflow) => {
            format!(
                "  ? GitHub is asked first: where CI workflow {workflow} has failed this SHA already, it is refused"
            )
        }
        Plan::Rollback(to) => {
            format!("plan (dry run; nothing is touched, nothing is sent): put {to} live again, health-checked")
        }
        Plan::Watch(workflow, sha) => format!("plan (dry run): follow CI workflow {workflow} of {sha}, then settle it"),
        Plan::Health => "plan (dry run; nothing is asked, nothing is remembered, nothing is sent):".to_owned(),
        Plan::Target(name, url, attempts, timeout, interval) => {
            let tries = counted(u64::from(*attempts), "try", "tries");
            format!("  {name}: {url}, {tries} of {}, {} apart", span(*timeout), span(*interval))
        }
        Plan::NoTarget(name) => format!("  {name}: not checked, it has no URL"),
        Plan::Unready => "  ! it would be refused: what is marked ❌ does not hold".to_owned(),
        Plan::Promote => "plan (dry run; nothing is touched, nothing is sent):".to_owned(),
    }
}

fn planned(step: &Planned) -> String {
    match step {
        Planned::Point(sha) => format!("rollback point: {sha} (validated)"),
        Planned::Baseline(Some(sha)) => format!("rollback point: {sha}"),
        Planned::Baseline(None) => "rollback point: the work tree's HEAD, as the baseline".to_owned(),
        Planned::Fetch(sha, folder, branch) => {
            format!("fetch {} in {folder}, prove that it is on origin/{branch}", sha.short())
        }
        Planned::Reset => "save local changes, git reset --hard".to_owned(),
        Planned::Command(command) => format!("run {command}"),
        Planned::Compose(ComposeStrategy::Auto, file) => format!("compose restart or up, by what changed, of {file}"),
        Planned::Compose(ComposeStrategy::Restart, file) => format!("compose restart of {file}"),
        Planned::Compose(ComposeStrategy::Up, file) => format!("compose up of {file}"),
        Planned::Compose(ComposeStrategy::Recreate, file) => format!("compose down and up of {file}"),
        Planned::Check(urls, attempts, interval) => {
            format!("check {} ({})", urls.join(", "), tries(*attempts, *interval))
        }
        Planned::Files(backup) => format!("put the files of the backup {backup} back"),
        Planned::CheckNothing => "check nothing: there is no `url`, no `health-url` and no `compose-file`".to_owned(),
        Planned::CheckContainers => "check that the containers run".to_owned(),
        Planned::Follow(workflow, ms) => format!("follow CI workflow {workflow} for {}", span(*ms)),
    }
}

/// How often is tried, and the milliseconds between, where there is more than one try.
pub fn tries(attempts: u32, interval_ms: u64) -> String {
    match attempts {
        1 => "1 try".to_owned(),
        many => format!("{many} tries, {} apart", span(interval_ms)),
    }
}

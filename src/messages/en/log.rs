//! Lines of the log, in English; `fr::log` says the same.

use super::backup::backup;
use super::ci::ci;
use super::counted;
use super::plan::plan;
use super::reason::{failure, rebuff};
use super::report::jobs;
use super::site::symptom;
use crate::deployments::Lost;
use crate::environment::Locale;
use crate::machine::Ask;
use crate::messages::health::Row;
use crate::messages::log::{Containers, Did, Line, NAMED, NotShown, PutBack, Resume, Runs, Site, Spared, Tree};
use crate::messages::reason::reason;
use crate::outbox::Undelivered;
use crate::time::span;
use crate::tools::backup::size;
use crate::tools::compose::SlowStop;
use crate::tools::health_log::TargetStatus;
use crate::tools::strategy::{Strategy, StrategyReason};

/// The line in words.
pub fn line(line: &Line) -> String {
    match line {
        Line::NoCommand { file, later, to } => format!(
            "`deploy-command` is not run: {file} came with {}, and {} was at work without it",
            later.short(),
            to.short()
        ),
        Line::Outlasted(told) => format!("{told} still runs: its time is over, and it is waited for no longer"),
        Line::LeftOut(name, other) => {
            format!(
                "{name} is left out: it is deployed from {other}. Meant all the same? Name it: `environment: {name}`"
            )
        }
        Line::AwaitsEngine(ms) => format!("docker does not answer: waiting for it, up to {}", span(*ms)),
        Line::Configured(path) => format!("configuration file: {path}"),
        Line::Waiting(holder, ms) => format!("waiting for {holder}, up to {}", span(*ms)),
        Line::Resumed(ask, by, then) => resumed(ask, by, *then),
        Line::Void(head) => {
            format!("the work tree was moved to {} by hand meanwhile: what was begun is void", head.short())
        }
        Line::NoPoint(path, seen) => format!(
            "could not write {path}: {}. The rollback point is in the ledger, and the machine goes by that; whoever reads the file is misled: `rollback-point-file` names it",
            rebuff(seen)
        ),
        Line::SetAside(count) => {
            let lines = counted(*count, "unreadable line", "unreadable lines");
            format!("{lines} of the ledger set aside; nothing relied on them")
        }
        Line::Done(step, ms, what) => match did(what) {
            note if note.is_empty() => format!("{}: {}", super::step(*step), span(*ms)),
            note => format!("{}: {} - {note}", super::step(*step), span(*ms)),
        },
        Line::Failed(step, ms, why) => {
            format!("{} failed after {}: {}", super::step(*step), span(*ms), reason(why, Locale::En))
        }
        Line::Fault(why) => reason(why, Locale::En),
        Line::NotShown(why) => format!("GitHub deployments: {}", not_shown(why)),
        Line::Untold(why, spared) => format!("Discord: {}; {}", undelivered(why), safe(*spared)),
        Line::Site(name, told) => site(name, told),
        Line::Ci(told) => ci(told),
        Line::Plan(told) => plan(told),
        Line::Tree(told) => tree(told),
        Line::Containers(told) => containers(told),
        Line::Backup(told) => backup(told),
        Line::Jobs(told) => jobs(told),
    }
}

fn resumed(ask: &Ask, by: &str, then: Resume) -> String {
    let what = match ask {
        Ask::Deploy { .. } => "deploy",
        Ask::Promote { .. } => "promote",
        Ask::Rollback { .. } => "rollback",
    };
    let then = match then {
        Resume::GoOn => "going on with it first",
        Resume::Undo => "undoing it first",
        Resume::Drop => "it had changed nothing, and is dropped",
    };
    format!("{what} of {} (asked by {by}) was not finished: {then}", ask.target().short())
}

fn undelivered(why: &Undelivered) -> String {
    match why {
        Undelivered::Gone => "the webhook is gone (404 or 401): make a new one".to_owned(),
        Undelivered::Late { count, within_ms } => format!("{count} not delivered within {} s", within_ms / 1000),
        Undelivered::Refused(words) => words.clone(),
        Undelivered::Unclear => "no clear answer, twice; it may have arrived".to_owned(),
        Undelivered::Untaken => "Discord does not take it for now".to_owned(),
    }
}

fn safe(spared: Spared) -> &'static str {
    match spared {
        Spared::Deploy => "the deploy itself is not affected",
        Spared::Results => "the jobs' results are not affected",
        Spared::News => "what is lost is told again by the next check",
    }
}

fn site(name: &str, told: &Site) -> String {
    match told {
        Site::NoUrl => format!("{name}: not checked, it has no URL"),
        Site::Found(row) => format!("{name} {}: {}", row.url, found(row)),
        Site::Busy(holder) => format!("{name}: not judged while {holder} is at work; waiting"),
        Site::Unremembered(why) => {
            format!("{name}: this check cannot be remembered, so the next one tells the same again: {}", failure(why))
        }
    }
}

fn found(row: &Row) -> String {
    let word = match row.standing {
        Some(TargetStatus::Up) => "up",
        Some(TargetStatus::Down) => "DOWN",
        Some(TargetStatus::Stale) => "STALE, another version answers",
        Some(TargetStatus::Busy | TargetStatus::Blind) | None => "not checked",
    };
    let mut text = word.to_owned();
    text.extend(row.ms.map(|ms| format!(" in {ms} ms")));
    text.extend(row.usual_ms.map(|ms| format!(" (median of the last 24 h: {ms} ms)")));
    text.extend(row.certificate_days.map(|days| format!(", certificate ends in {}", counted(days, "day", "days"))));
    text.extend(row.why.as_ref().map(|why| format!(" - {}", symptom(why))));
    text
}

fn not_shown(why: &NotShown) -> String {
    match why {
        NotShown::Forbidden => "the token may not make them, so this deploy is not shown there. Grant `deployments: write`, or set `github-deployments: off`".to_owned(),
        NotShown::OfJob => "the job's own `environment:` shows this deploy".to_owned(),
        NotShown::Lost(seen) => format!("{}; the deploy itself is not affected", lost(seen)),
    }
}

fn lost(seen: &Lost) -> String {
    match seen {
        Lost::Setback(why) => why.to_string(),
        Lost::Refused(status, said) => format!("GitHub answered with status {status}: {said}"),
        Lost::Unnamed => "GitHub named no deployment".to_owned(),
        Lost::Fault(why) => failure(why),
        Lost::Late(count, within_ms) => format!("{count} not told within {}", span(*within_ms)),
    }
}

/// What a step did.
pub fn did(what: &Did) -> String {
    match what {
        Did::Nothing => String::new(),
        Did::Fetched(sha, subject) => format!("{} {subject}", sha.short()),
        Did::Checklist(count) => format!("{}, nothing in the way", counted(*count as u64, "line", "lines")),
        Did::Guarded(paths) if paths.is_empty() => String::new(),
        Did::Guarded(paths) => format!("guarded: {}", paths.join(", ")),
        Did::BackedUpBefore(name) => format!("{name} is complete already"),
        Did::BackedUp(name, bytes, files, removed) => {
            let made =
                format!("{name}: {} in {}, compared and on the disk", size(*bytes), counted(*files, "file", "files"));
            match removed {
                0 => made,
                count => format!("{made}; {} removed", counted(*count as u64, "old one", "old ones")),
            }
        }
        Did::Saved(refs) if refs.is_empty() => String::new(),
        Did::Saved(refs) => saved(refs),
        Did::Reset(sha, back) => {
            let head = format!("HEAD is {}", sha.short());
            std::iter::once(head).chain(back.iter().map(put_back)).collect::<Vec<_>>().join("; ")
        }
        Did::Restored(kept) => kept.join(", "),
        Did::Runs(Runs::ByBody) => "the answer holds the SHA".to_owned(),
        Did::Runs(Runs::ByTree) => "the work tree is at the SHA; no process of ours to restart".to_owned(),
        Did::Runs(Runs::AsBefore) => "it answers; nothing was restarted".to_owned(),
        Did::Runs(Runs::Fresh) => "started since this deploy began".to_owned(),
        Did::Runs(Runs::Unchanged) => "up left only unchanged containers running".to_owned(),
        Did::Unhealthy(found) => format!("UNHEALTHY: {}", symptom(found)),
        Did::Applied(strategy, why) => format!("{strategy} ({})", chosen(why.as_ref())),
    }
}

/// What decided how containers get a version.
pub fn chosen(why: Option<&StrategyReason>) -> String {
    why.map_or_else(|| "as set".to_owned(), StrategyReason::to_string)
}

fn saved(refs: &[String]) -> String {
    let refs = refs.join(", ");
    format!("saved as {refs}; see them with: git show --stat REF; take one back with: git restore --source=REF -- FILE")
}

fn put_back(told: &PutBack) -> String {
    let files = |paths: &[String]| counted(paths.len() as u64, "file", "files");
    match told {
        PutBack::Left(name, paths) => {
            format!("left what stands where {name} keeps {}: {}", files(paths), first(paths))
        }
        PutBack::Back(by, paths) => {
            format!("put back {} that {} had replaced: {}", files(paths), by.short(), first(paths))
        }
    }
}

/// The first of these paths, and how many more there are.
fn first(paths: &[String]) -> String {
    let names = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

fn tree(told: &Tree) -> String {
    match told {
        Tree::Baseline(head) => format!("first run here: {} is the baseline (live, unvalidated)", head.short()),
        Tree::Moved(head, None) => format!("the work tree was moved by hand: it stands at {}", head.short()),
        Tree::Moved(head, Some(live)) => {
            format!("the work tree was moved by hand: it stands at {}, the ledger said {}", head.short(), live.short())
        }
        Tree::Previous(sha, live) => {
            format!("`previous` is {}: live until the work tree was moved by hand to {}", sha.short(), live.short())
        }
        Tree::Shallow => "this clone is shallow: fetching the rest of its history, once".to_owned(),
        Tree::Saved(folder, refs) => format!("local changes in {folder}: {}", saved(refs)),
        Tree::Mixed(refs) => format!(
            "what an earlier reset that failed had written, and what was changed by hand since, if anything: {}",
            saved(refs)
        ),
        Tree::HalfWritten(refs) => format!("what the reset that failed had written: {}", saved(refs)),
        Tree::Shown(paths) => format!(
            "git was told not to look at {} (assume-unchanged or skip-worktree), which a reset writes over: it is looked at again, and an edit is saved",
            paths.join(", ")
        ),
        Tree::Dropped(sha) => {
            format!("{} was validated, and is on the branch no more: no rollback goes there", sha.short())
        }
        Tree::Lost(sha) => format!("{} is on the branch no more: the rollback point stays", sha.short()),
        Tree::LeftBehind(path, true) => format!("removing {path}/: a submodule that this version has no more"),
        Tree::LeftBehind(path, false) => format!(
            "{path}/ is left: this version has that submodule no more, but files in it are changed, or not git's. Remove it by hand"
        ),
        Tree::Astray(paths) => format!(
            "the submodule {} is not at this version's commit: does `submodule.NAME.update` here keep git from it? (git submodule status)",
            paths.join(", ")
        ),
        Tree::StaleLock(path) => format!("removing {path}: a git that was killed left it, and no process holds it"),
        Tree::Unwritten(paths) => format!("removed what the failed reset had added: {}", first(paths)),
    }
}

fn containers(told: &Containers) -> String {
    match told {
        Containers::Files(files) => format!("compose files, as the containers were made of them: {}", files.join(", ")),
        Containers::StartedWith(paths) => format!("as the containers were started: with {}", paths.join(", ")),
        Containers::Way(version, strategy, why) => format!("compose {version} {strategy}: {}", chosen(why.as_ref())),
        Containers::OldImage(image) => format!(
            "`compose-strategy: restart` goes on with the old image of {image}, though there is a new one: `auto` or `up` would put it live"
        ),
        Containers::ImageBack(name, sha) => format!("{name} means the image again that {} ran with", sha.short()),
        Containers::ImageGone(name, sha) => format!(
            "{name} could not be given back to the image that {} ran with (was it removed?): containers take the one that it means now",
            sha.short()
        ),
        Containers::Unset(names, strategy) => {
            let then = match strategy {
                Strategy::Restart => "containers go on with the value that they were made with; the next `up` makes them with an empty one",
                Strategy::Up | Strategy::Recreate => "containers are made with an empty one",
            };
            format!(
                "compose knows no value for {}: {then}. Is `.env` gone, or is the variable new? Give it a value, or write `${{NAME:-}}` in the compose file where an empty one is meant",
                names.join(", ")
            )
        }
        Containers::UnsetElsewhere => {
            "compose knows no value for a variable that the compose file does not ask for: a value in `.env` or in an env file holds a `$`, mostly, and is cut there. Put it in single quotes, or write `$$`".to_owned()
        }
        Containers::OrphansKept(others) => {
            format!("orphans are kept: {} belong to another compose file of the same project", others.join(", "))
        }
        Containers::Removing(names) => {
            format!("removing {}: the compose file names their service no more", names.join(", "))
        }
        Containers::Fewer(service, before, now) => format!(
            "`{service}` had {before} containers and has {now} now: what `--scale` gave it, `up` takes away. Write it into the compose file (`deploy: replicas: {before}`)"
        ),
        Containers::VolumeLeft { service, volume } => format!(
            "what `{service}` kept in {} is in a volume without a name, and no container sees it any more: it stays on this machine as {}, and the site runs without it. Give it a name in the compose file (`volumes:`) and copy it there",
            volume.place, volume.name
        ),
        Containers::InProfile(services) => {
            format!("{} too, though in a profile", services.join(", "))
        }
        Containers::Renewing(services) => format!(
            "making {} anew: a text of the compose file (`content:`) may have changed, and up left its container as it was",
            services.join(", ")
        ),
        Containers::Restarting(services) => {
            format!("restarting {}: mounted code changed, and up left it running", services.join(", "))
        }
        Containers::AtOnce => {
            "not all that ran came back in the order of `depends_on`: what one waits for is not well; all are started at once".to_owned()
        }
        Containers::SlowStop(ms, why) => format!("compose took {}: {}", span(*ms), slow_stop(why)),
        Containers::NotHealthy(after, counted, found) => {
            let left = match counted {
                None => "in the grace, not counted".to_owned(),
                Some((count, all)) => format!("try {count} of {all}"),
            };
            format!("not healthy after {} ({left}): {}", span(*after), symptom(found))
        }
        Containers::StartedAgain(names, left) => format!(
            "docker started {} again since this deploy began: waiting {} for it to run on",
            names.join(", "),
            span(*left)
        ),
    }
}

/// What to change so that the next stop is quick, with what it costs (measured: `restart` of a
/// container that ignores SIGTERM took 10.7 s with compose v2, 0.6 s with `init: true`).
fn slow_stop(why: &SlowStop) -> String {
    match why {
        SlowStop::AddInit { service, seconds } => format!(
            "`{service}` did not stop on SIGTERM and was killed after {seconds} s. Add `init: true` to it in the compose file, or have its process 1 heed SIGTERM"
        ),
        SlowStop::HeedSignal { service, seconds } => format!(
            "`{service}` did not stop on SIGTERM, in spite of `init: true`, and was killed after {seconds} s. Have it heed SIGTERM"
        ),
    }
}

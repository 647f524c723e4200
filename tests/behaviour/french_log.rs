//! The log on a terminal, word for word in French; the English of the same line says the same values.

#![allow(clippy::unwrap_used)]

use mangetamain_deploy::deployments::Lost;
use mangetamain_deploy::environment::{ComposeStrategy, Locale, Watch};
use mangetamain_deploy::failure::reason::{Attempt, Mend, Obstacle, Reason};
use mangetamain_deploy::failure::rebuff::Rebuff;
use mangetamain_deploy::failure::{Deed, Failure};
use mangetamain_deploy::machine::Ask;
use mangetamain_deploy::machine::entry::{Because, Files, Step};
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::verdict::{Denial, Doubt};
use mangetamain_deploy::messages::Ground;
use mangetamain_deploy::messages::health::Row;
use mangetamain_deploy::messages::log::{
    Backup, Ci, Containers, Did, Jobs, Line, NotShown, Plan, Planned, PutBack, Resume, Runs, Site, Spared, Tree,
    Unanswered,
};
use mangetamain_deploy::messages::site::Symptom;
use mangetamain_deploy::outbox::Undelivered;
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::ci_run::Ignored;
use mangetamain_deploy::tools::compose::SlowStop;
use mangetamain_deploy::tools::github::Setback;
use mangetamain_deploy::tools::health_log::TargetStatus;
use mangetamain_deploy::tools::needs::JobResult;
use mangetamain_deploy::tools::strategy::{Strategy, StrategyReason};

use crate::french::english;

/// A number's comma as the point that English has there.
fn pointed(text: &str) -> String {
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let is_inside = |at: usize| at > 0 && is_digit(at - 1) && is_digit(at + 1);
    text.char_indices().map(|(at, letter)| if letter == ',' && is_inside(at) { '.' } else { letter }).collect()
}

/// What both languages must hold of a line: its numbers, names and paths.
fn values(text: &str) -> Vec<String> {
    let text = pointed(text);
    let words = text.split([' ', ',', ';', '(', ')']).map(|word| word.trim_end_matches([':', '.']).trim_matches('"'));
    let is_value = |word: &&str| word.contains(['/', '_', '7']) || word.chars().any(|letter| letter.is_ascii_digit());
    let mut all: Vec<String> = words.filter(is_value).map(str::to_owned).collect();
    all.sort();
    all
}

/// It is told in both languages, with the same values, and nothing of ours is English in the French.
fn is_told(line: &Line) {
    let (french, english_text) = (line.text(Locale::Fr), line.text(Locale::En));
    assert_ne!(french, english_text);
    // `run` is a run of CI in both, `read` what a permission is set to.
    let is_ours = |word: &String| !["run", "read"].contains(&word.as_str());
    let left: Vec<String> = english(&french).into_iter().filter(is_ours).collect();
    assert_eq!(left, Vec::<String>::new(), "{french}");
    assert_eq!(values(&french), values(&english_text), "{french}\n{english_text}");
}

fn a() -> Sha {
    Sha::parse(&"a1a1a1a7".repeat(5)).unwrap()
}

fn b() -> Sha {
    Sha::parse(&"b2b2b2b7".repeat(5)).unwrap()
}

fn fault() -> Reason {
    Reason::Fault { attempt: Attempt::Fetch, seen: Box::new(Obstacle::Quarantined(a())), mend: Mend::ChooseAnother }
}

fn text(word: &str) -> String {
    word.to_owned()
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| text(word)).collect()
}

const HOLDER: &str = "run 41 of octo/site (deploy a1a1a1a, process 77, since 2026-01-02 03:04 UTC)";

#[test]
fn what_keeps_a_run_waiting_or_was_left_is_told_in_french() {
    let ask = Ask::Deploy { sha: a(), force: Force::Obey };
    let back =
        Ask::Rollback { to: a(), undo: Some(b()), because: Because::Person, files: Files::Remade, force: Force::Obey };
    for line in [
        Line::Waiting(text(HOLDER), 600_000),
        Line::Resumed(ask, text("octo 7"), Resume::GoOn),
        Line::Resumed(back, text("octo 7"), Resume::Undo),
        Line::Void(a()),
        Line::SetAside(1),
        Line::SetAside(7),
        Line::Fault(fault()),
        Line::Failed(Step::Fetch, 7_000, fault()),
        Line::NotShown(NotShown::Forbidden),
        Line::NotShown(NotShown::OfJob),
        Line::NotShown(NotShown::Lost(Lost::Setback(Setback::Status(500)))),
        Line::NotShown(NotShown::Lost(Lost::Refused(422, text("ref_7")))),
        Line::NotShown(NotShown::Lost(Lost::Unnamed)),
        Line::NotShown(NotShown::Lost(Lost::Late(7, 5_000))),
        Line::Configured(text("/w/x7.yml")),
        Line::Jobs(Jobs::Plan),
        Line::Jobs(Jobs::Ended(text("tests_7"), false, JobResult::Failure)),
        Line::Jobs(Jobs::Ended(text("tests_7"), true, JobResult::Success)),
        Line::Jobs(Jobs::Unlisted(Unanswered::Later(Setback::Status(500)))),
        Line::Jobs(Jobs::NoWebhook(None)),
        Line::Jobs(Jobs::NoWebhook(Some(text("mallory/app")))),
        Line::Plan(Plan::Promote),
    ] {
        is_told(&line);
    }
    let waits = Line::Waiting(text(HOLDER), 600_000).text(Locale::Fr);
    let holder = "run 41 of octo/site (déploiement de a1a1a1a, processus 77, depuis le 2026-01-02 03:04 UTC)";
    assert_eq!(waits, format!("en attente de {holder}, 10 min au plus"));
}

#[test]
fn what_discord_was_not_told_is_told_in_french() {
    let whys = [
        Undelivered::Gone,
        Undelivered::Late { count: 7, within_ms: 5_000 },
        Undelivered::Refused(text("HTTP 400")),
        Undelivered::Unclear,
        Undelivered::Untaken,
    ];
    for why in whys {
        for spared in [Spared::Deploy, Spared::Results, Spared::News] {
            let line = Line::Untold(why.clone(), spared);
            // A French span has tenths.
            if !matches!(why, Undelivered::Late { .. }) {
                is_told(&line);
            }
        }
    }
    let late = Line::Untold(Undelivered::Late { count: 2, within_ms: 5_000 }, Spared::Deploy);
    assert_eq!(
        late.text(Locale::Fr),
        "Discord : 2 messages non remis en 5 s ; le déploiement lui-même n'en souffre pas"
    );
    assert_eq!(late.text(Locale::En), "Discord: 2 not delivered within 5 s; the deploy itself is not affected");
}

#[test]
fn what_ci_said_is_told_in_french() {
    let lines = [
        Ci::NotFollowed,
        Ci::Followed(a(), Watch::Detached, Ground::Token, Millis(1_700_000_000_000)),
        Ci::Watcher(77, text("/var/log/x.log")),
        Ci::NoWatcher(Rebuff::NoFlock),
        Ci::Beside(text(HOLDER)),
        Ci::NothingHere("vm-1".to_owned()),
        Ci::Newer,
        Ci::Unfollowed(a()),
        Ci::NoAnswer(a(), Unanswered::Later(Setback::Limited)),
        Ci::NoAnswer(a(), Unanswered::Denied(Denial::Token)),
        Ci::Later(Setback::Status(507)),
        Ci::NoRun,
        Ci::Run(None, 7, text("https://x/7")),
        Ci::UnknownSince(a(), Box::new(Failure::Left { holder: text(HOLDER), process: 7 })),
        Ci::Outdated,
        Ci::NotForward,
        Ci::Broken,
        Ci::Lifted,
        Ci::FailedElsewhere,
        Ci::PointBack(Some(a())),
        Ci::PointBack(None),
        Ci::WentBack(a(), b()),
        Ci::NoVerdict(Doubt::Expired, true),
        Ci::NoVerdict(Doubt::NoRun, false),
        Ci::Stands(Doubt::Cancelled),
    ];
    let word = || text("w7");
    let ignored = [
        Ignored::Unreadable,
        Ignored::NotCompleted(word()),
        Ignored::OwnRun,
        Ignored::Older,
        Ignored::OtherWorkflow(word()),
        Ignored::Fork(word()),
        Ignored::OtherTrigger(word()),
        Ignored::OtherBranch(word()),
        Ignored::OtherSha(word()),
    ];
    for line in lines.into_iter().chain(ignored.map(Ci::Ignored)) {
        is_told(&Line::Ci(line));
    }
}

#[test]
fn a_plan_is_told_in_french() {
    let compose = |strategy| Planned::Compose(strategy, text("/srv/c.yml"));
    let steps = [
        Planned::Point(a()),
        Planned::Baseline(Some(a())),
        Planned::Baseline(None),
        Planned::Fetch(a(), text("/srv/app"), text("b7")),
        Planned::Reset,
        Planned::Command(text("./x7")),
        compose(ComposeStrategy::Auto),
        compose(ComposeStrategy::Up),
        compose(ComposeStrategy::Recreate),
        Planned::Check(texts(&["http://x/7"]), 7, 2_000),
        Planned::CheckContainers,
        Planned::CheckNothing,
        Planned::Files(text("n7")),
        Planned::Follow(text("w7"), 600_000),
    ];
    let lines = [
        Plan::Deploy(a(), text("e7")),
        Plan::First(text("someone on the machine"), a()),
        Plan::Awaited(text("run 7.1 (deploy 0000001, process 7, since 2026-01-01 00:00:00 UTC)")),
        Plan::Quarantined(None),
        Plan::Quarantined(Some(text("w7"))),
        Plan::Unready,
        Plan::FailedAlready(text("w7")),
        Plan::Rollback(a()),
        Plan::Unfetched,
        Plan::Superseded,
        Plan::Unchanged,
        Plan::Watch(text("w7"), a()),
        Plan::Health,
        Plan::Target(text("e7"), text("http://x/7"), 1, 10_000, 2_000),
        Plan::NoTarget(text("e7")),
    ];
    for line in steps.map(|step| Plan::Step(7, step)).into_iter().chain(lines) {
        is_told(&Line::Plan(line));
    }
}

#[test]
fn what_a_step_did_is_told_in_french() {
    let refs = || texts(&["refs/m/7"]);
    let many = || (1..=7).map(|at| format!("f_{at}")).collect::<Vec<_>>();
    for (step, did) in [
        (Step::Fetch, Did::Fetched(a(), text("subject_7"))),
        (Step::Checklist, Did::Checklist(7)),
        (Step::Compare, Did::Guarded(texts(&["db/7"]))),
        (Step::Backup, Did::BackedUpBefore(text("n7"))),
        (Step::Backup, Did::BackedUp(text("n7"), 7_000, 1, 1)),
        (Step::Backup, Did::BackedUp(text("n7"), 7_000, 7, 7)),
        (Step::Keep, Did::Saved(refs())),
        (Step::Reset, Did::Reset(a(), vec![PutBack::Left(text("refs/m/7"), many()), PutBack::Back(b(), refs())])),
        (Step::Check, Did::Runs(Runs::ByBody)),
        (Step::Check, Did::Runs(Runs::ByTree)),
        (Step::Check, Did::Runs(Runs::AsBefore)),
        (Step::Check, Did::Runs(Runs::Fresh)),
        (Step::Check, Did::Runs(Runs::Unchanged)),
        (Step::Check, Did::Unhealthy(Symptom::NoContainer)),
        (Step::Compose, Did::Applied(Strategy::Up, None)),
        (Step::Compose, Did::Applied(Strategy::Up, Some(StrategyReason::ComposeFile { path: text("/srv/c_7.yml") }))),
    ] {
        is_told(&Line::Done(step, 7_000, did));
    }
    // The machine reads these in the ledger (`machine::apply`): they are the same in both.
    let kept = Did::Restored(texts(&["/srv/a", "/srv/b"]));
    assert_eq!([kept.text(Locale::Fr), kept.text(Locale::En)], ["/srv/a, /srv/b", "/srv/a, /srv/b"]);
    for nothing in [Did::Nothing, Did::Guarded(Vec::new()), Did::Saved(Vec::new())] {
        assert_eq!(nothing.text(Locale::En), "");
        assert_eq!(Line::Done(Step::Reset, 7_000, nothing).text(Locale::Fr), "git reset : 7 s");
    }
}

#[test]
fn trees_containers_backups_and_sites_are_told_in_french() {
    let tree = [
        Tree::Baseline(a()),
        Tree::Moved(a(), None),
        Tree::Moved(a(), Some(b())),
        Tree::Previous(a(), b()),
        Tree::Shallow,
        Tree::Saved(text("/srv/app"), texts(&["refs/m/7"])),
        Tree::Lost(a()),
        Tree::Dropped(a()),
        Tree::StaleLock(text("/srv/app/.git/index.lock")),
        Tree::Unwritten(texts(&["a/x_7", "x_8"])),
    ];
    let stop = |init: bool| match init {
        true => SlowStop::HeedSignal { service: text("w7"), seconds: 10 },
        false => SlowStop::AddInit { service: text("w7"), seconds: 10 },
    };
    let containers = [
        Containers::Files(texts(&["/srv/a.yml", "/srv/b.yml"])),
        Containers::StartedWith(texts(&["/srv/.env"])),
        Containers::Way(text("2.26"), Strategy::Restart, None),
        Containers::OldImage(text("app:7")),
        Containers::ImageBack(text("app:7"), a()),
        Containers::ImageGone(text("app:7"), a()),
        Containers::Unset(texts(&["X_7"]), Strategy::Restart),
        Containers::UnsetElsewhere,
        Containers::Unset(texts(&["X_7", "X_8"]), Strategy::Up),
        Containers::OrphansKept(texts(&["x_7"])),
        Containers::InProfile(texts(&["w7"])),
        Containers::Removing(texts(&["x_7"])),
        Containers::Fewer(text("w7"), 3, 1),
        Containers::Renewing(texts(&["w7"])),
        Containers::Restarting(texts(&["w7"])),
        Containers::SlowStop(11_000, stop(false)),
        Containers::SlowStop(11_000, stop(true)),
        Containers::NotHealthy(3_000, None, Symptom::NoContainer),
        Containers::NotHealthy(3_000, Some((1, 3)), Symptom::NotRunning(texts(&["x_7"]))),
        Containers::StartedAgain(texts(&["x_7"]), 3_000),
    ];
    let backup = [
        Backup::Incomplete(text("/var/b/7.partial")),
        Backup::Skipped(text("n7"), texts(&["s_7"])),
        Backup::Changed(text("n7"), texts(&["s_7"])),
        Backup::NotListed(text("/var/b")),
    ];
    let row = Row {
        label: text("P"),
        url: text("http://x/7"),
        standing: Some(TargetStatus::Down),
        ms: Some(70),
        usual_ms: Some(71),
        certificate_days: Some(1),
        why: Some(Symptom::NoContainer),
    };
    let standings = [Some(TargetStatus::Up), Some(TargetStatus::Stale), Some(TargetStatus::Busy), None];
    let found = standings.map(|standing| Site::Found(Row { standing, certificate_days: Some(7), ..row.clone() }));
    let unwritten = Failure::Disk { deed: Deed::Write, path: text("/var/h"), seen: Rebuff::Nothing };
    let site = [Site::NoUrl, Site::Busy(text(HOLDER)), Site::Unremembered(unwritten), Site::Found(row)];
    let sites = site.into_iter().chain(found).map(|told| Line::Site(text("e7"), told));
    let lines = tree.map(Line::Tree).into_iter().chain(containers.map(Line::Containers));
    for line in lines.chain(backup.map(Line::Backup)).chain(sites) {
        is_told(&line);
    }
}

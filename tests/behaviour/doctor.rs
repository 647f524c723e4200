//! What the machine's answers to `doctor` say, and that every question of it has its limit.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::any_host;
use crate::git_world::ran;
use mangetamain_deploy::host::{Answered, Command, Host, Phase, Publication, Reply, Start};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::doctor::access::{AccessDenied, Rate, count, granted, named, rate, skew_ms, workflows};
use mangetamain_deploy::tools::doctor::disk::told;
use mangetamain_deploy::tools::doctor::program::{git_version, node_major, places};
use mangetamain_deploy::tools::doctor::signal::{OnTerm, first_processes, on_term};
use mangetamain_deploy::tools::doctor::token::{self, TokenKind};
use mangetamain_deploy::tools::doctor::unit::{self, Unit, of_files, own};
use mangetamain_deploy::tools::doctor::webhook::{self, WebhookReply};
use mangetamain_deploy::tools::git::{listed_tip, submodules_told};
use mangetamain_deploy::tools::github::Workflow;
use mangetamain_deploy::tools::instant::http_instant;
use mangetamain_deploy::tools::process::ProcessError;
use mangetamain_deploy::tools::question::question;
use mangetamain_deploy::tools::secret::Secret;
use mangetamain_deploy::tools::spot::{first_found, nearest, spotted, upwards};
use mangetamain_deploy::tools::user::user_told;
use serde_json::json;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answered {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Answered { status, headers, body: body.to_owned(), whole: true, location: None, certificate_ends_ms: None, ms: 0 }
}

#[test]
fn a_git_version_is_read_whatever_the_distribution_adds() {
    let version = |text: &str| git_version(&ran(0, text)).map(|(major, minor, _)| (major, minor));
    assert_eq!(version("git version 2.39.5\n"), Ok((2, 39)));
    assert_eq!(version("git version 2.39.3 (Apple Git-146)\n"), Ok((2, 39)));
    assert_eq!(version("git version 2.48.0-rc1\n"), Ok((2, 48)));
    assert_eq!(version("not git\n"), Err(ProcessError::Unreadable));
    assert_eq!(git_version(&Reply::Missing).unwrap_err(), ProcessError::Absent);
}

#[test]
fn a_question_waits_ten_seconds_and_keeps_a_quarter_of_a_mebibyte() {
    let run = question("id", &["-un"]);
    assert_eq!((run.limit_ms, run.cap), (10_000, 262_144));
}

#[test]
fn a_node_version_is_read_and_nothing_else() {
    assert_eq!(node_major("v24.1.0"), Some(24));
    assert_eq!((node_major(""), node_major("24.1.0")), (None, None));
}

#[test]
fn who_we_are_is_read_with_and_without_a_name() {
    let user = |text: &str| user_told(&ran(0, text)).map(|user| (user.uid, user.name));
    assert_eq!(
        user("uid=1000(runner) gid=1000(runner) groups=1000(runner),999(docker)\n"),
        Ok((1000, "runner".to_owned()))
    );
    assert_eq!(user("uid=1234 gid=0(root) groups=0(root)\n"), Ok((1234, "1234".to_owned())));
    assert_eq!(user("nobody\n"), Err(ProcessError::Unreadable));
    let foreign = |text: &str| user_told(&ran(0, text)).unwrap().foreign().join(" ");
    assert_eq!(
        foreign("uid=1000(runner) gid=1000(runner) groups=1000(runner),999(docker)\n"),
        "( ! -uid 1000 -o ( ! -gid 1000 ! -gid 999 ) )"
    );
    assert_eq!(foreign("uid=0(root) gid=0(root) groups=0(root)\n"), "");
    assert_eq!(foreign("uid=7 gid=7\n"), "( ! -uid 7 )");
}

#[test]
fn a_path_that_is_not_there_is_an_answer_and_a_find_that_failed_is_not() {
    let spots = spotted(&ran(1, "w 0 0 755 d root root /\n- 0 0 700 d root root /var/a b\n")).unwrap();
    assert!(spots["/"].writable && !spots["/var/a b"].writable);
    assert_eq!(spots["/var/a b"].mode, 0o700);
    let (place, _) = nearest("/var/a b/c/d", &spots).unwrap();
    assert_eq!(place, "/var/a b");
    assert!(matches!(spotted(&ran(2, "")), Err(ProcessError::Refused { exit: 2, .. })));
    assert_eq!(spotted(&ran(0, "garbage\n")), Err(ProcessError::Unreadable));
    assert_eq!(upwards("/a/b"), ["/a/b", "/a", "/"]);
    assert_eq!(upwards("/"), ["/"]);
}

#[test]
fn what_is_found_first_is_told_with_its_owner_and_a_find_that_failed_found_not_nothing() {
    let found = |exit, text: &str| first_found(&ran(exit, text));
    let mine = Some(("root".to_owned(), "/srv/a b".to_owned()));
    assert_eq!((found(0, "root /srv/a b\n"), found(1, "root /srv/a b\n")), (Ok(mine.clone()), Ok(mine)));
    assert_eq!(found(0, ""), Ok(None));
    assert!(matches!(found(1, ""), Err(ProcessError::Refused { exit: 1, .. })));
}

#[test]
fn a_program_is_looked_for_in_each_folder_of_the_path_that_is_a_place() {
    assert_eq!(places("git", "/usr/bin:/opt/x/::rel:."), ["/usr/bin/git", "/opt/x/git"]);
}

#[test]
fn room_is_read_for_each_path_in_order_or_not_at_all() {
    let paths = ["/a".to_owned(), "/b".to_owned()];
    let rows = "size avail itotal iavail target\n 100 50 10 5 /\n200 20 - - /mnt/data disk\n";
    let disks = told(&ran(0, rows), &paths).unwrap();
    assert_eq!((disks[0].free, disks[0].files_free, disks[0].mount.as_str()), (50, 5, "/"));
    assert_eq!((disks[1].size, disks[1].files, disks[1].mount.as_str()), (200, 0, "/mnt/data disk"));
    assert_eq!(told(&ran(0, "head\n100 50 10 5 /\n"), &paths), Err(ProcessError::Unreadable));
}

#[test]
fn what_becomes_of_a_sigterm_is_what_the_kernel_says_of_the_first_process() {
    let status =
        |caught: &str, blocked: &str| format!("Name:\tsh\nSigBlk:\t{blocked}\nSigIgn:\t0\nSigCgt:\t{caught}\n");
    let none = "0000000000000000";
    let term = "0000000000004000";
    assert_eq!(on_term(None, "/usr/bin/python3", Some(&status(term, none))), OnTerm::Heeded);
    assert_eq!(on_term(None, "/sbin/tini", Some(&status(none, term))), OnTerm::Heeded);
    assert_eq!(on_term(None, "/sbin/tini", Some(&status(term, term))), OnTerm::Heeded);
    assert_eq!(on_term(None, "/usr/bin/python3", Some(&status("0000000000000002", none))), OnTerm::Dropped);
    assert_eq!(on_term(Some(true), "/bin/sh", Some(&status(none, none))), OnTerm::Heeded);
    assert_eq!(on_term(Some(false), "/bin/bash", None), OnTerm::LikelyDropped);
    assert_eq!(on_term(None, "streamlit", None), OnTerm::Unknown);
}

#[test]
fn the_first_process_of_each_container_is_told_with_its_id() {
    let told = |text: &str| first_processes(&ran(0, text));
    assert_eq!(told("\"abc\" 4711\n\"def\" 0\n"), Ok(vec![("abc".to_owned(), 4711), ("def".to_owned(), 0)]));
    assert_eq!(told(""), Ok(Vec::new()));
    for odd in ["abc 4711\n", "\"abc\"\n", "\"abc\" -1\n", "\"abc\" 4711\n\n"] {
        assert_eq!(told(odd), Err(ProcessError::Unreadable), "{odd:?}");
    }
}

#[test]
fn a_unit_is_read_from_its_files_with_what_was_added_and_systemds_own_default() {
    let name = "actions.runner.octo-app.vm.service";
    let template =
        "[Service]\nExecStart=/home/ci/runsvc.sh\nUser=ci\nKillMode=process\nKillSignal=SIGTERM\n".to_owned();
    let mode = |texts: &[String]| of_files(name, texts).map(|unit| unit.kill_mode);
    assert_eq!(mode(std::slice::from_ref(&template)).as_deref(), Some("process"));
    assert_eq!(mode(&[template, "[Service]\nKillMode = mixed\n".to_owned()]).as_deref(), Some("mixed"));
    assert_eq!(mode(&["[Service]\nUser=ci\n".to_owned()]).as_deref(), Some("control-group"));
    assert_eq!(of_files("ssh.service", &[]), None);
    let running = format!("Id={name}\nKillMode=process\nUser=ci\n\nId=ssh.service\nKillMode=process\nUser=\n");
    let unit = Unit { name: name.to_owned(), kill_mode: "process".to_owned(), user: "ci".to_owned() };
    assert_eq!(unit::told(&ran(0, &running)), Ok(vec![unit]));
    assert!(matches!(unit::told(&ran(1, &running)), Err(ProcessError::Refused { exit: 1, .. })));
    assert_eq!(own("0::/system.slice/actions.runner.octo-app.vm.service\n").as_deref(), Some(name));
    assert_eq!(own("0::/user.slice/session-1.scope\n"), None);
}

#[test]
fn a_token_tells_its_kind_by_its_first_letters_and_its_end_by_an_answer() {
    let kind = |text: &str| token::kind(&Secret::new(text));
    assert_eq!(kind("ghs_16C7e42F292c6912E7"), TokenKind::Installation);
    assert_eq!(kind("ghs_123_eyJhbGciOi.x.y"), TokenKind::Installation);
    assert_eq!(kind("github_pat_11AAA"), TokenKind::FineGrained);
    assert_eq!(
        (kind("ghp_x"), kind("gho_x"), kind("ghu_x"), kind("ghr_x")),
        (TokenKind::Classic, TokenKind::Person, TokenKind::Person, TokenKind::Refresh)
    );
    assert_eq!(kind("0123456789abcdef0123456789abcdef01234567"), TokenKind::Unknown);
    let end = |text| token::end(&answer(200, &[("github-authentication-token-expiration", text)], ""));
    assert_eq!(end("2026-01-01 00:00:00 UTC"), Some(Millis(1_767_225_600_000)));
    assert_eq!((end("never"), token::end(&answer(200, &[], ""))), (None, None));
}

#[test]
fn a_clock_is_only_off_by_what_the_answer_proves() {
    let date = "Tue, 24 Nov 2026 05:57:45 GMT";
    let server = http_instant(date).unwrap();
    assert_eq!(server, Millis(1_795_499_865_000));
    let skew = |now: u64, ms: u64| skew_ms(&Answered { ms, ..answer(200, &[("date", date)], "") }, Millis(now));
    // Within the second that the header counts in, and the time that the answer took.
    assert_eq!((skew(server.0, 0), skew(server.0 + 1000, 0), skew(server.0 + 3000, 2500)), (Some(0), Some(0), Some(0)));
    assert_eq!(skew(server.0 + 61_000, 0), Some(60_000));
    assert_eq!(skew(server.0 - 60_000, 100), Some(-60_000));
    assert_eq!(skew_ms(&answer(200, &[], ""), server), None);
    assert_eq!(http_instant("Tue, 24 Foo 2026 05:57:45 GMT"), None);
    for odd in ["yesterday", "Tue, 24 anF 2026 05:57:45 GMT", "Tue, 24 No 2026 05:57:45 GMT"] {
        assert_eq!(http_instant(odd), None, "{odd}");
    }
}

#[test]
fn a_limit_is_not_a_missing_permission() {
    let limited = answer(403, &[("x-ratelimit-remaining", "0")], "{}");
    assert_eq!(granted(&Reply::Answered(limited)), Err(AccessDenied::Limited));
    let denied = answer(403, &[("x-accepted-github-permissions", "actions=read")], "{}");
    assert_eq!(granted(&Reply::Answered(denied)), Err(AccessDenied::Permission("actions=read".to_owned())));
    assert_eq!(granted(&Reply::Answered(answer(401, &[], ""))), Err(AccessDenied::Token));
    assert_eq!(granted(&Reply::Answered(answer(404, &[], ""))), Err(AccessDenied::Hidden));
    assert_eq!(granted(&Reply::Answered(answer(502, &[], ""))), Err(AccessDenied::Status(502)));
    assert!(granted(&Reply::Answered(answer(200, &[], "{\"a\":1}"))).is_ok());
    let unreached = Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() };
    assert_eq!(granted(&unreached), Err(AccessDenied::Unreached("connect: econnrefused".to_owned())));
    assert!(rate(&answer(200, &[("x-ratelimit-remaining", "7")], "")).is_none());
    let headers = [("x-ratelimit-remaining", "7"), ("x-ratelimit-limit", "60"), ("x-ratelimit-reset", "1767225600")];
    let told = Rate { left: 7, limit: 60, reset: Millis(1_767_225_600_000) };
    assert_eq!(rate(&answer(200, &headers, "")), Some(told));
}

#[test]
fn a_workflow_is_found_by_its_file_or_by_its_name_and_its_runs_are_counted() {
    let one = |name: &str, path: &str| json!({ "name": name, "path": path, "state": "active" });
    let all = [one("CI", ".github/workflows/ci.yml"), one("ci.yml", ".github/workflows/x.yml"), json!({ "name": "x" })];
    let all = workflows(&json!({ "workflows": all }));
    let found =
        |wanted: &str| named(&all, &Workflow::parse(wanted)).iter().map(|one| one.file.as_str()).collect::<Vec<_>>();
    assert_eq!((found("ci.yml"), found("CI"), found("none.yml")), (vec!["ci.yml"], vec!["ci.yml"], vec![]));
    assert_eq!((count(&json!({ "total_count": 3 })), count(&json!({}))), (3, 0));
}

#[test]
fn a_webhook_is_there_only_when_discord_shows_it() {
    let told = |status, body: &str| webhook::told(&Reply::Answered(answer(status, &[], body)));
    assert_eq!(told(200, "{\"id\":\"1\",\"name\":\"CI\"}"), WebhookReply::There("CI".to_owned()));
    assert_eq!(told(200, "<html>"), WebhookReply::NotAWebhook(200));
    assert_eq!((told(404, ""), told(401, "")), (WebhookReply::Gone, WebhookReply::Gone));
    assert_eq!((told(429, ""), told(503, "")), (WebhookReply::Later(429), WebhookReply::Later(503)));
    assert_eq!(told(302, ""), WebhookReply::NotAWebhook(302));
    let lost = Reply::Unreached { phase: Phase::Resolve, text: "é".repeat(200) };
    assert_eq!(webhook::told(&lost), WebhookReply::Unreached("é".repeat(120)));
    let request = webhook::ask(&Secret::new("https://discord.com/api/webhooks/1/abc"), 10_000);
    assert_eq!((request.limit_ms, request.cap), (10_000, 65_536));
    assert_eq!((request.method.as_str(), request.url.as_str()), ("GET", "https://discord.com/api/v10/webhooks/1/abc"));
}

#[test]
fn a_branch_that_is_not_there_is_no_unreachable_remote() {
    let sha = "a".repeat(40);
    assert_eq!(listed_tip(&ran(0, &format!("{sha}\trefs/heads/main\n"))).unwrap().unwrap().as_str(), sha);
    assert_eq!(listed_tip(&ran(2, "")), Ok(None));
    assert!(matches!(listed_tip(&ran(128, "")), Err(ProcessError::Refused { exit: 128, .. })));
}

#[test]
fn submodules_stand_where_git_says_so() {
    let sha = "b".repeat(40);
    let text = format!(" {sha} lib (v1.2)\n-{sha} a b\n+{sha} other (heads/main)\n");
    let told = submodules_told(&ran(0, &text)).unwrap();
    assert_eq!(told, [("lib".to_owned(), true), ("a b".to_owned(), false), ("other".to_owned(), false)]);
}

/// A machine on which every program and server hangs for as long as it is let.
#[derive(Default)]
struct Dead {
    limits: RefCell<Vec<u64>>,
    said: RefCell<String>,
}

impl Host for Dead {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Clock => Reply::Clock { ms: Millis(1_795_499_865_000) },
            Command::Run(run) => {
                self.limits.borrow_mut().push(run.limit_ms);
                std::future::pending().await
            }
            Command::Http(http) => {
                self.limits.borrow_mut().push(http.limit_ms);
                Reply::Unreached { phase: Phase::Timeout, text: String::new() }
            }
            Command::Say { text, .. } => {
                self.said.borrow_mut().push_str(&text);
                Reply::Done
            }
            Command::Stat { paths } => Reply::Stats { stats: vec![None; paths.len()] },
            Command::Sleep { .. } => Reply::Done,
            _ => Reply::Missing,
        }
    }
}

fn doctor(host: &Dead, node: &str, inputs: &[(&str, &str)]) -> Publication {
    let mut all: BTreeMap<String, String> =
        inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.extend([("mode", "doctor"), ("locale", "en")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let env = [("PATH", "/usr/bin"), ("HOME", "/home/ci"), ("GITHUB_REPOSITORY", "octo/app")];
    let start = Start {
        door: "action".to_owned(),
        inputs: all,
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        platform: "linux".to_owned(),
        node: node.to_owned(),
        ..Start::default()
    };
    futures_util::FutureExt::now_or_never(any_host::run(start, host)).expect("doctor waits for something that hangs")
}

#[test]
fn on_a_machine_where_everything_hangs_doctor_still_ends_and_no_question_waits_longer_than_ten_seconds() {
    let host = Dead::default();
    let inputs = [
        ("environment", "preprod"),
        ("app-path", "/srv/app"),
        ("compose-file", "/srv/app/c.yml"),
        ("url", "http://app.test/"),
        ("discord-webhook", "https://discord.com/api/webhooks/1/abcdefghijklmnopqrstuvwxyz"),
    ];
    let seen = doctor(&host, "v24.0.0", &inputs);
    assert_eq!((seen.exit, seen.outputs["result"].as_str()), (1, "failed"));
    assert!(host.limits.borrow().iter().all(|limit| *limit <= 10_000), "{:?}", host.limits.borrow());
    let said = host.said.borrow();
    for line in [
        "FAIL   git             no answer within 10 s",
        "FAIL   docker          the engine does not answer: no answer within 10 s",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn a_node_that_is_too_old_fails_and_the_next_one_does_not() {
    let host = Dead::default();
    doctor(&host, "v18.20.0", &[("environment", "preprod")]);
    assert!(host.said.borrow().contains("FAIL   node            v18.20.0; 20 or later is needed"));
    let host = Dead::default();
    doctor(&host, "v20.0.0", &[("environment", "preprod")]);
    assert!(host.said.borrow().contains("ok     node            v20.0.0 on linux"));
}

#[test]
fn windows_of_a_freeze_are_counted() {
    let window = "fri 16:00 - mon 08:00 Europe/Paris";
    for (freeze, wanted) in
        [(window.to_owned(), "1 window, not now"), (format!("{window}\n{window}"), "2 windows, not now")]
    {
        let host = Dead::default();
        doctor(&host, "v24.0.0", &[("environment", "prod"), ("app-path", "/srv/app"), ("freeze", &freeze)]);
        assert!(host.said.borrow().contains(wanted), "{}", host.said.borrow());
    }
}

#[test]
fn every_problem_of_the_inputs_is_a_finding_of_doctors_and_ends_any_other_mode() {
    let host = Dead::default();
    let wrong = [
        ("environment", "preprod"),
        ("health-attempts", "many"),
        ("helth-url", "x"),
        ("discord-webhook", "secret words"),
    ];
    let seen = doctor(&host, "v24.0.0", &wrong);
    assert_eq!(seen.exit, 1);
    let said = host.said.borrow();
    for line in [
        "helth-url: is not a known input. Did you mean `health-url`?",
        "health-attempts = \"many\": must be a whole number",
        "discord-webhook: ",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains("secret words"));
}

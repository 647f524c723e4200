//! What people are told, of every kind and in both languages: complete, within Discord's limits however
//! long its parts are, and harmless whatever others have written.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mangetamain_deploy::environment::{Environment, Locale, Style};
use mangetamain_deploy::failure::reason::Attempt;
use mangetamain_deploy::host::{Command, Host, Reply};
use mangetamain_deploy::machine::entry::{Because, Commit, Refusal};
use mangetamain_deploy::machine::operation::PutBack;
use mangetamain_deploy::machine::verdict::{Absence, Denial, Doubt, FailureKind, Unseen};
use mangetamain_deploy::messages::card::messages;
use mangetamain_deploy::messages::ending::Left;
use mangetamain_deploy::messages::ending::sentence;
use mangetamain_deploy::messages::health::{self, Alert, AlertKind, AlertTarget};
use mangetamain_deploy::messages::ill::Ill;
use mangetamain_deploy::messages::kind::{GivenUp, Stays};
use mangetamain_deploy::messages::log::Unanswered;
use mangetamain_deploy::messages::notice::{Judged, Passed};
use mangetamain_deploy::messages::promotion::Commits;
use mangetamain_deploy::messages::{Before, Digest, DigestJob, Notice, NoticeKind, discord, lines, log_text};
use mangetamain_deploy::outbox::Disposition;
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::BackupName;
use mangetamain_deploy::tools::discord::{Message, Receipt, edit, post, webhook};
use mangetamain_deploy::tools::git::CommitFacts;
use mangetamain_deploy::tools::github::Setback;
use mangetamain_deploy::tools::markdown::length;
use mangetamain_deploy::voice::Voice;
use serde_json::{Value, json};

struct Nobody;

impl Host for Nobody {
    async fn perform(&self, _: Command) -> Reply {
        Reply::Done
    }
}

fn sha(digit: char) -> Sha {
    Sha::parse(&digit.to_string().repeat(40)).unwrap()
}

fn settings(locale: Locale, label: &str) -> Environment {
    let url = format!("https://example.org/{}", "u".repeat(900));
    let mut with: Environment = serde_json::from_value(json!({
        "name": "preprod", "label": label, "app-path": "/srv/app", "branch": "main", "compose": null,
        "deploy-command": [], "url": url, "on-unhealthy": "rollback", "guard-paths": [],
        "health": { "urls": [], "status": [200], "contains": null, "json": null, "attempts": 3, "interval-ms": 1,
            "timeout-ms": 1, "grace-ms": 1 },
        "ci": { "workflow": "ci.yml", "watch": "inline", "delay-ms": 1, "interval-ms": 1, "timeout-ms": 1,
            "on-timeout": "keep" },
        "state-folder": "/s", "rollback-point-file": "/s/p", "log-folder": "/l", "lock-timeout-ms": 1,
        "mention": "everyone", "locale": "fr",
    }))
    .unwrap();
    with.locale = locale;
    with
}

/// Every kind, with this text wherever a text can be; the match makes a new kind a compile error here.
fn kinds(text: &str) -> Vec<NoticeKind> {
    let text = || text.to_owned();
    let interrupted = |left| NoticeKind::Interrupted { signal: text(), attempt: Attempt::FollowCi, left };
    let doubts = [
        Doubt::Cancelled,
        Doubt::Skipped,
        Doubt::Neutral,
        Doubt::Stale,
        Doubt::ActionRequired,
        Doubt::Unknown(text()),
        Doubt::NoRun,
        Doubt::NoRunOf(Unseen { workflow: text(), branch: text(), seen: Absence::Off(text()) }),
        Doubt::Denied(Denial::Permission(text())),
        Doubt::Denied(Denial::Barred(text())),
        Doubt::Unreachable(text()),
        Doubt::Expired,
    ];
    let mut all = vec![
        NoticeKind::Started,
        NoticeKind::Promoting { commits: Some(u64::MAX), backup: Some("20260101T000000Z-ccccccc".to_owned()) },
        NoticeKind::Promoting { commits: None, backup: None },
        NoticeKind::Promoted,
        NoticeKind::Unconfirmed(text()),
        NoticeKind::Deployed { ms: u64::MAX },
        NoticeKind::Deployed { ms: 1 },
        NoticeKind::Unchanged,
        NoticeKind::Superseded,
        NoticeKind::Refused(Refusal::OffBranch),
        NoticeKind::Refused(Refusal::Quarantined),
        NoticeKind::Refused(Refusal::Unready { why: text() }),
        NoticeKind::Unhealthy(text()),
        NoticeKind::Failed(text()),
        NoticeKind::Stuck(text()),
        NoticeKind::Guarded { paths: vec![text(), text()], because: Because::Unhealthy, why: text() },
        NoticeKind::Validated,
        NoticeKind::Unsettled(GivenUp { why: text(), by_event: true, has_failed: true, is_unread: false }),
        NoticeKind::Unsettled(GivenUp { why: text(), by_event: false, has_failed: false, is_unread: false }),
        NoticeKind::Unsettled(GivenUp { why: text(), by_event: false, has_failed: false, is_unread: true }),
        NoticeKind::Replaced { by: sha('d'), doubt: None },
        NoticeKind::Replaced { by: sha('d'), doubt: Some(Doubt::Unknown(text())) },
        NoticeKind::Condemned { was_point: false },
        NoticeKind::Condemned { was_point: true },
        NoticeKind::Lifted,
        NoticeKind::Dropped { is_moved: false, is_last: true },
        NoticeKind::Dropped { is_moved: true, is_last: false },
        NoticeKind::Unwell,
        NoticeKind::Recanted,
        NoticeKind::Busy(text()),
        interrupted(Left::Begun),
        interrupted(Left::Unchanged),
        interrupted(Left::Unfollowed),
        interrupted(Left::Nothing),
        NoticeKind::Cornered(Stays::Alone),
        NoticeKind::Cornered(Stays::Blocked(sha('c'))),
        NoticeKind::Cornered(Stays::Wanted(sha('c'))),
        NoticeKind::Aside { is_lost: true },
        NoticeKind::Aside { is_lost: false },
    ];
    all.extend(doubts.map(|doubt| NoticeKind::Unvalidated { doubt, is_replaced: false }));
    for because in [Because::Ci, Because::Timeout, Because::Unhealthy, Because::Broken, Because::Person] {
        all.push(NoticeKind::RolledBack { undone: Some(sha('b')), because, why: text(), exposed_ms: Some(u64::MAX) });
    }
    all.iter().for_each(is_among);
    all
}

/// Does not compile while a kind is missing here: `kinds` has to have it, too.
fn is_among(kind: &NoticeKind) {
    match kind {
        NoticeKind::Started
        | NoticeKind::Promoting { .. }
        | NoticeKind::Promoted
        | NoticeKind::Unconfirmed(_)
        | NoticeKind::Deployed { .. }
        | NoticeKind::Unchanged
        | NoticeKind::Superseded
        | NoticeKind::Refused(_)
        | NoticeKind::Unhealthy(_)
        | NoticeKind::Failed(_)
        | NoticeKind::Stuck(_)
        | NoticeKind::Guarded { .. }
        | NoticeKind::RolledBack { .. }
        | NoticeKind::Validated
        | NoticeKind::Unvalidated { .. }
        | NoticeKind::Unsettled(_)
        | NoticeKind::Condemned { .. }
        | NoticeKind::Lifted
        | NoticeKind::Dropped { .. }
        | NoticeKind::Recanted
        | NoticeKind::Cornered(_)
        | NoticeKind::Aside { .. }
        | NoticeKind::Unwell
        | NoticeKind::Busy(_)
        | NoticeKind::Interrupted { .. }
        | NoticeKind::Replaced { .. } => {}
    }
}

fn notice(kind: NoticeKind, text: &str) -> Notice {
    let fact = |digit| CommitFacts {
        sha: sha(digit),
        author: text.to_owned(),
        subject: text.to_owned(),
        committed_ms: Millis(0),
    };
    let job = || DigestJob {
        name: text.to_owned(),
        url: Some("https://github.com/o/n/actions/runs/1/job/2".to_owned()),
        step: Some(text.to_owned()),
        lines: vec![text.to_owned(); 12],
    };
    Notice {
        may_run: false,
        kind,
        sha: sha('a'),
        of: sha('b'),
        is_followed: false,
        goes_back: true,
        ends_alert: false,
        is_overtaken: Some(false),
        judged: Judged::Awaited,
        commit: Some(Commit { sha: sha('a'), author: text.to_owned(), subject: text.to_owned(), committed: None }),
        asked_by: String::new(),
        live: Some(sha('c')),
        open: None,
        kept: Vec::new(),
        is_applied: true,
        validated: Some(sha('c')),
        passed_over: None,
        is_validated: false,
        ci_url: Some("https://github.com/o/n/actions/runs/1".to_owned()),
        digest: Some(Digest {
            kind: FailureKind::Failed,
            url: "https://github.com/o/n/actions/runs/1".to_owned(),
            jobs: vec![job(), job(), job(), job()],
            more_jobs: u64::MAX,
            unread: Some(Unanswered::Later(Setback::Limited)),
            commits: Some(Commits { total: 9000, shown: vec![fact('1'), fact('2'), fact('3'), fact('4'), fact('5')] }),
            live_ms: Some(u64::MAX),
            elsewhere: vec![text.to_owned()],
        }),
        forced: Some(Passed {
            quarantine: true,
            age: true,
            freeze: true,
            elsewhere: true,
            no_way_back: true,
            unrestored: true,
        }),
        has_way_back: true,
        lacks_compose: false,
        ill: Some(Ill { why: text.to_owned(), at: Millis(0), now: Some(Err(text.to_owned())), is_barred: true }),
        promotes: true,
        restored: Some(PutBack {
            backup: BackupName::parse("20260101T000000Z-ccccccc").unwrap(),
            of: sha('d'),
            kept: text.to_owned(),
        }),
        tried: vec![sha('e'), sha('f')],
        unrestored: Some(BackupName::parse("20260101T000000Z-ccccccc").unwrap()),
        before: Some(Before::Nothing),
        by_hand: vec!["ssh vm".to_owned(), format!("git reset --hard {}", sha('c'))],
        by_hand_to: Some(sha('c')),
    }
}

fn body(message: &Message) -> Value {
    let hook = webhook("https://discord.com/api/webhooks/1/hush").unwrap();
    serde_json::from_str(&post(&hook, message, Receipt::Asked).body.unwrap()).unwrap()
}

fn holds_the_limits(message: &Message) -> (String, String) {
    let body = body(message);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (content, embed) = (text(&body["content"]), &body["embeds"][0]);
    let (title, description) = (text(&embed["title"]), text(&embed["description"]));
    assert!(!content.is_empty() && length(&content) <= 2000, "{content}");
    assert!(length(&title) <= 256 && length(&description) <= 4096, "{description}");
    assert!(length(&title) + length(&description) <= 6000);
    assert!(description.matches("```").count().is_multiple_of(2), "a block is left open: {description}");
    (content, description)
}

#[test]
fn a_rollback_to_what_is_live_already_tells_that_there_was_nothing_to_undo_and_how_to_go_further_back() {
    let told = |goes_back: bool, locale| {
        let before = goes_back.then(|| Before::Version(sha('a')));
        let notice = Notice { goes_back, before, ..notice(NoticeKind::Unchanged, "text") };
        lines(&notice, &settings(locale, "PREPROD"), &|text| text.to_owned()).join("\n")
    };
    for (locale, deploy, back, further) in [
        (
            Locale::Fr,
            "Rien à déployer",
            "Rien à annuler",
            "➡️ Pour revenir à aaaaaaa, en ligne avant : `mode: rollback` avec `to: aaaaaaa`",
        ),
        (
            Locale::En,
            "Nothing to deploy",
            "Nothing to undo",
            "➡️ To go back to aaaaaaa, live before: `mode: rollback` with `to: aaaaaaa`",
        ),
    ] {
        let (forward, backward) = (told(false, locale), told(true, locale));
        assert!(forward.starts_with(&format!("✅ PREPROD - {deploy}\n")) && !forward.contains(further), "{forward}");
        assert!(backward.starts_with(&format!("✅ PREPROD - {back}\n")) && backward.contains(further), "{backward}");
    }
}

#[test]
fn every_kind_is_told_in_both_languages_line_for_line() {
    for kind in kinds("text") {
        for (goes_back, judged) in [(true, Judged::Already), (false, Judged::Awaited), (false, Judged::Not)] {
            let notice = Notice { goes_back, judged, ..notice(kind.clone(), "text") };
            let told = [Locale::Fr, Locale::En]
                .map(|locale| lines(&notice, &settings(locale, "PREPROD"), &|text| text.to_owned()));
            let [fr, en] = &told;
            assert_eq!(fr.len(), en.len(), "{kind:?}: {told:#?}");
            assert_ne!(fr[0], en[0].as_str().replace("zz", ""), "{kind:?}: the headline is the same in both");
            assert!(fr.iter().chain(en).all(|line| !line.trim().is_empty()), "{told:#?}");
        }
    }
}

#[test]
fn the_longest_values_stay_within_discords_limits_and_lose_nothing_that_counts() {
    let host = Nobody;
    let voice = Voice::new(&host, Vec::new());
    for text in ["x".repeat(3000), "é👩‍👩‍👧‍👦".repeat(900), "*_`|".repeat(1000), "```".repeat(700)] {
        for (kind, locale) in kinds(&text).into_iter().flat_map(|kind| [(kind.clone(), Locale::Fr), (kind, Locale::En)])
        {
            let with = settings(locale, &"L".repeat(100));
            let told = notice(kind.clone(), &text);
            holds_the_limits(&discord(&told, &with, &voice));
            for (message, _) in messages(&told, &with, &voice) {
                let (content, _) = holds_the_limits(&message);
                assert!(content.contains(" - "), "{kind:?}: {content}");
            }
        }
    }
}

#[test]
fn commands_stand_in_a_message_whole_or_not_at_all_and_in_the_log_always() {
    let voice = Voice::new(&Nobody, Vec::new());
    for (locale, elsewhere) in
        [(Locale::Fr, "dans le journal de cette exécution"), (Locale::En, "in the log of this run")]
    {
        for (count, times) in
            [1, 20, 30, 40, 80].iter().flat_map(|count| [(*count, 10), (*count, 1500), (*count, 5000)])
        {
            let by_hand = vec![format!("mv -T -- /srv/{} /srv/b", "a".repeat(40)); count];
            let told = Notice { by_hand, digest: None, ..notice(NoticeKind::Stuck("why".repeat(times)), "") };
            let with = settings(locale, "PROD");
            let block = format!("\n```\n{}\n```", told.by_hand.join("\n"));
            let plain = (discord(&told, &with, &voice), Disposition::Apart);
            for (message, _) in messages(&told, &with, &voice).into_iter().chain([plain]) {
                let (content, description) = holds_the_limits(&message);
                let text = format!("{content}\n{description}");
                assert_eq!([text.contains(&block); 2], [text.contains("mv -T"), !text.contains(elsewhere)], "{text}");
            }
            assert!(log_text(&told, &with, locale).contains(&block));
        }
    }
}

#[test]
fn what_is_usual_is_told_whole_with_every_failing_job_linked() {
    let host = Nobody;
    let voice = Voice::new(&host, Vec::new());
    let usual = "FAILED tests/test_home.py::test_title - AssertionError: assert 'Mange' == 'Mange ta main'";
    let kind = NoticeKind::RolledBack {
        undone: Some(sha('b')),
        because: Because::Ci,
        why: String::new(),
        exposed_ms: Some(90_000),
    };
    let (message, _) = messages(&notice(kind, usual), &settings(Locale::Fr, "PREPROD"), &voice).remove(0);
    let (content, description) = holds_the_limits(&message);
    assert_eq!(content, "@everyone 🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué");
    for part in [
        "**SHA annulé:** bbbbbbb",
        "**SHA en ligne:** aaaaaaa",
        "git reset --hard ccccccc",
        "Version annulée en ligne pendant 1 min 30 s",
        "**Commits depuis le dernier validé:** 9000\n• 1111111 ",
        "… et 8995 de plus",
    ] {
        assert!(description.contains(part), "{part}: {description}");
    }
    assert_eq!(description.matches("](<https://github.com/o/n/actions/runs/1/job/2>)").count(), 4, "{description}");
}

#[test]
fn what_others_have_written_rings_and_marks_nothing() {
    let host = Nobody;
    let voice = Voice::new(&host, vec!["PlantedSecret".to_owned()]);
    let hostile = "@everyone <@1> **b** [a](http://evil.example) ```\nPlantedSecret \u{1b}[31m\u{202e}";
    for kind in kinds(hostile) {
        for locale in [Locale::Fr, Locale::En] {
            let told = notice(kind.clone(), hostile);
            let mut all = messages(&told, &settings(locale, "P"), &voice);
            all.push((discord(&told, &settings(locale, "P"), &voice), Disposition::Apart));
            for (message, _) in all {
                let quiet = Message { ring: None, ..message };
                assert_eq!(body(&quiet)["allowed_mentions"], json!({ "parse": [] }));
                let (content, description) = holds_the_limits(&quiet);
                let text = format!("{content}\n{description}");
                // Inside a block nothing is read as markdown or as a mention.
                let outside: String = text.split("```").step_by(2).collect();
                for part in ["@everyone", "<@1>", "**b**", "](http://evil"] {
                    assert!(!outside.contains(part), "{part:?} {kind:?}: {text}");
                }
                for part in ["PlantedSecret", "\u{1b}", "\u{202e}"] {
                    assert!(!text.contains(part), "{part:?} {kind:?}: {text}");
                }
            }
            let log = voice.cleaned(&log_text(&told, &settings(locale, "P"), locale));
            assert!(!log.contains("PlantedSecret") && !log.contains('\u{1b}'), "{log}");
        }
    }
}

#[test]
fn only_new_messages_call_somebody_and_only_for_what_is_critical() {
    let host = Nobody;
    let voice = Voice::new(&host, Vec::new());
    for kind in kinds("text") {
        let told = notice(kind.clone(), "text");
        for (message, place) in messages(&told, &settings(Locale::En, "P"), &voice) {
            let called = message.ring.is_some();
            assert_eq!(called, place == Disposition::Apart && told.is_critical(), "{kind:?} {place:?}");
            let hook = webhook("https://discord.com/api/webhooks/1/hush?thread_id=7").unwrap();
            let request = edit(&hook, 12, &message);
            assert_eq!(request.method, "PATCH");
            assert_eq!(request.url, "https://discord.com/api/v10/webhooks/1/hush/messages/12?thread_id=7");
            let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
            assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
        }
    }
}

#[test]
fn a_failure_that_a_rollback_follows_is_told_in_the_deploys_message_alone() {
    let host = Nobody;
    let voice = Voice::new(&host, Vec::new());
    let places = |is_followed| {
        let told = Notice { is_followed, ..notice(NoticeKind::Failed("it broke".to_owned()), "text") };
        let all = messages(&told, &settings(Locale::Fr, "P"), &voice);
        all.into_iter().map(|(_, place)| place).collect::<Vec<_>>()
    };
    assert_eq!(places(true), [Disposition::Continues(sha('b'))]);
    assert_eq!(places(false), [Disposition::Apart, Disposition::Amends(sha('b'))]);
}

fn alert(kind: AlertKind) -> Alert {
    let target = AlertTarget { url: "https://site.example/".to_owned(), ..AlertTarget::default() };
    Alert { label: "PROD".to_owned(), kind, targets: vec![target], live: None, commands: Vec::new(), run_url: None }
}

#[test]
fn an_alert_of_health_has_a_frame_as_grave_as_it_is_and_none_where_messages_are_plain() {
    let host = Nobody;
    let voice = Voice::new(&host, Vec::new());
    let (red, amber, green) = (0x00D7_3A49, 0x00D2_9922, 0x002D_A44E);
    let all = [
        (AlertKind::Down, red),
        (AlertKind::Stale, amber),
        (AlertKind::Flapping, amber),
        (AlertKind::Certificate, amber),
        (AlertKind::Recovered, green),
        (AlertKind::Fresh, green),
        (AlertKind::Steady, green),
    ];
    for (kind, wanted) in all {
        for locale in [Locale::Fr, Locale::En] {
            let mut with = settings(locale, "PROD");
            let framed = health::discord(&alert(kind), &with, &voice);
            let frame = framed.embed.unwrap();
            assert_eq!(frame.colour, Some(wanted), "{kind:?}");
            assert!(!framed.content.contains('\n') && frame.description.starts_with("<https://site.example/>"));
            with.style = Style::Text;
            let plain = health::discord(&alert(kind), &with, &voice);
            assert!(plain.embed.is_none() && plain.content.lines().nth(1).is_some(), "{kind:?}");
        }
    }
}

#[test]
fn the_name_of_a_fact_is_set_off_in_both_languages() {
    let host = Nobody;
    let voice = Voice::new(&host, Vec::new());
    for (locale, wanted) in
        [(Locale::Fr, "**Ne répond pas bien :** boum"), (Locale::En, "**Does not answer well:** boum")]
    {
        let told = notice(NoticeKind::Unhealthy("boum".to_owned()), "x");
        let (message, _) = messages(&told, &settings(locale, "PROD"), &voice).remove(0);
        let (_, description) = holds_the_limits(&message);
        assert!(description.contains(wanted), "{description}");
    }
}

#[test]
fn a_reason_that_stands_alone_is_a_sentence_and_names_stay_as_they_are() {
    for (text, wanted) in [
        ("pas de verdict", "Pas de verdict"),
        ("écriture impossible", "Écriture impossible"),
        ("l'entrée suivante", "L'entrée suivante"),
        ("not confirmed: x", "Not confirmed: x"),
        ("acfdb42 a échoué", "acfdb42 a échoué"),
        ("abcdefa a échoué", "abcdefa a échoué"),
        ("git reset : code 1", "git reset : code 1"),
        ("/srv/app : x", "/srv/app : x"),
        ("`confirm` manque", "`confirm` manque"),
        ("", ""),
    ] {
        assert_eq!(sentence(text), wanted);
    }
}

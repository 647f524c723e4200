//! The job's summary and the log: what holds whatever a run did and whatever others have written.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::host::counted::Counted;
use mangetamain_deploy::host::{Command, Host, Keep, Level, Reply, Run};
use mangetamain_deploy::machine::Step;
use mangetamain_deploy::messages::summary_words;
use mangetamain_deploy::report::summary::{LIMIT, chart, fitted};
use mangetamain_deploy::session::Phase;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::voice::Voice;

#[derive(Default)]
struct Heard(RefCell<Vec<(Level, String)>>);

impl Host for Heard {
    async fn perform(&self, command: Command) -> Reply {
        if let Command::Say { level, text } = command {
            self.0.borrow_mut().push((level, text));
        }
        Reply::Done
    }
}

/// Runs what never waits.
fn done<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("nothing waits here"),
    }
}

fn phase(step: Step, began: u64, ms: u64, failed: bool) -> Phase {
    Phase { step, began: Millis(began), ms, processes: 2, failed }
}

fn drawn(label: &str, phases: &[Phase], locale: Locale) -> String {
    chart(label, phases, summary_words(locale))
}

#[test]
fn the_chart_has_a_bar_for_each_phase_from_where_the_first_one_began() {
    let phases = [
        phase(Step::Fetch, 1_000, 420, false),
        phase(Step::Compose, 1_500, 0, false),
        phase(Step::Check, 1_500, 1_250, true),
    ];
    let expected = "\n```mermaid\ngantt\n    dateFormat x\n    axisFormat %S.%L\n    section PREPROD\n    \
                    fetch 420 ms :0, 420\n    compose 0 ms :500, 501\n    health check 1.2 s :crit, 500, 1750\n```\n";
    assert_eq!(drawn("PREPROD", &phases, Locale::En), expected);
    assert_eq!(drawn("PREPROD", &[], Locale::En), "");
    assert!(drawn("PREPROD", &phases, Locale::Fr).contains("\n    contrôle de santé 1,2 s :crit, 500, 1750\n"));
    let long = drawn("PREPROD", &[phase(Step::Compose, 1_000, 10_000, false)], Locale::Fr);
    assert!(long.contains("axisFormat %M:%S\n"), "{long}");
}

#[test]
fn hostile_names_cannot_break_the_chart() {
    let hostile = "a:b;c#d\n```\nclick x call alert()\n%%{init: {}}%% <img> ,crit";
    let text = drawn(hostile, &[phase(Step::Fetch, 0, 5, false)], Locale::Fr);
    assert_eq!(text.matches("```").count(), 2);
    assert_eq!(text.lines().count(), 8, "{text}");
    let names: String = text.lines().skip(5).collect();
    assert!(!names.contains(['#', ';', '%', '<', '{']) && names.matches(':').count() == 1, "{text}");
    assert!(drawn("", &[phase(Step::Fetch, 0, 5, false)], Locale::Fr).contains("section -\n"));
}

#[test]
fn a_summary_is_within_the_runners_limit_with_its_blocks_closed() {
    let long = format!("### x\n```\n{}\n```\n", "é".repeat(LIMIT));
    let cut = fitted(long, "… the rest");
    assert!(cut.len() < 1_048_576 && cut.ends_with("\n```\n\n… the rest\n"));
    assert_eq!(fitted("short".to_owned(), "cut"), "short");
}

#[test]
fn a_step_has_at_most_nine_annotations_of_a_level_and_the_rest_stand_in_the_log() {
    let host = Heard::default();
    let voice = Voice::new(&host, Vec::new());
    for number in 0..30 {
        for level in [Level::Notice, Level::Warning] {
            done(voice.speak(level, &format!("number {number}")));
        }
    }
    let heard = host.0.borrow();
    for level in [Level::Notice, Level::Warning] {
        assert_eq!(heard.iter().filter(|(one, _)| *one == level).count(), 9);
    }
    assert!(heard.contains(&(Level::Line, "warning: number 29".to_owned())));
    assert_eq!(heard.len(), 60, "nothing is lost");
}

#[test]
fn a_long_annotation_is_cut_and_stands_whole_in_the_log() {
    let host = Heard::default();
    let voice = Voice::new(&host, Vec::new());
    let long = "é".repeat(5_000);
    done(voice.speak(Level::Warning, &long));
    let heard = host.0.borrow();
    assert_eq!(heard[0].0, Level::Warning);
    assert!(heard[0].1.chars().count() <= 4_096 && heard[0].1.ends_with('…'));
    assert_eq!(heard[1], (Level::Line, long));
}

#[test]
fn a_phase_is_a_group_when_it_has_lines_and_nothing_that_counts_is_folded_away() {
    let host = Heard::default();
    let voice = Voice::new(&host, Vec::new());
    done(async {
        voice.open("fetch");
        voice.close().await;
        voice.say("fetch: 1 ms").await;
        voice.open("compose");
        voice.say("compose 2.40 restart: nothing else changed").await;
        voice.speak(Level::Warning, "look here").await;
        voice.close().await;
        voice.open("health check");
        voice.say("try 1").await;
        voice.say("try 2").await;
        voice.close().await;
        voice.say("health check: 2 ms").await;
    });
    let heard: Vec<String> = host.0.borrow().iter().map(|(level, text)| format!("{level:?} {text}")).collect();
    let expected = [
        "Line fetch: 1 ms",
        "Group compose",
        "Line compose 2.40 restart: nothing else changed",
        "EndGroup ",
        "Warning look here",
        "Group health check",
        "Line try 1",
        "Line try 2",
        "EndGroup ",
        "Line health check: 2 ms",
    ];
    assert_eq!(heard, expected);
}

#[test]
fn processes_are_counted_and_nothing_else() {
    let host = Heard::default();
    let counted = Counted::new(&host);
    let run = Run {
        program: "git".to_owned(),
        args: Vec::new(),
        folder: None,
        env: Default::default(),
        drop: Vec::new(),
        limit_ms: 1,
        cap: 1,
        under_lock: None,
        noted_in: None,
    };
    done(async {
        counted.perform(Command::Run(run.clone())).await;
        counted.perform(Command::Clock).await;
        counted.perform(Command::Read { path: "/x".to_owned(), cap: 1, keep: Keep::Head }).await;
        counted.perform(Command::Save { path: "/y".to_owned(), run }).await;
    });
    assert_eq!(counted.started(), 2);
}

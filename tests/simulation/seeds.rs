//! Orders and faults from seeds: pushes, deploys, watchers of all kinds, people, and what goes wrong.
#![allow(clippy::disallowed_methods, reason = "seeds are asked for by a variable, and a story is kept for people")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{catch_unwind, resume_unwind};

use super::check;
use super::faults::{Act, Rule, Which};
use super::starts::lasting;
use super::town::Town;
use super::world::{Mood, sha};

const CONCLUSIONS: &[&str] = &["success", "success", "success", "failure", "failure", "cancelled", "never"];
const FAULTS: &[Act] = &[
    Act::Refuse,
    Act::LoseReply,
    Act::LoseEffect,
    Act::KillBefore,
    Act::KillHalf,
    Act::KillAfter,
    Act::Stop,
    Act::Reboot,
    Act::SetClock,
];

/// Seeds that are lived in every run, each with why. What a question more or less to git or docker shifts is another
/// story: what a seed once found belongs into a scenario, too.
const KEPT: &[(u64, &str)] =
    &[(321, "nothing is left to go back to: one of the few that end stuck"), (329, "the same")];

/// Everything that is to happen, laid out before it does.
fn laid_out(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let mut dice = super::dice::Dice::new(seed ^ 0x5eed);
    let start = town.seen().now;
    let detached = lasting();
    let mut at = 0;
    for _ in 0..dice.below(8) + 1 {
        at += dice.below(90_000);
        let changes: [&[&str]; 4] = [&["app.py"], &["app.py"], &["docker-compose.yml"], &["migrations/1.sql"]];
        let paths = *dice.pick(&changes);
        let subject = format!("change ::error::{at} ##[add-mask]x");
        let commit = town.world().commit(start + at, &subject, paths);
        let conclusion = *dice.pick(CONCLUSIONS);
        let ends = at + 20_000 + dice.below(200_000);
        if conclusion != "never" {
            town.world().ci(commit, at + dice.below(20_000), ends, conclusion);
        }
        if dice.chance(20) {
            // Run again: green after red, or red after green.
            let again = if conclusion == "success" { "failure" } else { "success" };
            let ends = ends + 10_000 + dice.below(200_000);
            town.world().ci(commit, ends - 5_000, ends, again);
        }
        heard(&mut town, &mut dice, commit);
        if dice.chance(20) {
            town.world().unhealthy.insert(commit);
        }
        if dice.chance(10) {
            town.world().unstartable.insert(commit);
        }
        let watch = *dice.pick(&["inline", "detached", "event", "none"]);
        let mut more = vec![("watch", watch)];
        if watch == "detached" {
            more.push(detached);
        }
        for (name, value, percent) in [
            ("on-unhealthy", "keep", 15),
            ("on-timeout", "rollback", 25),
            ("guard-paths", "migrations/**", 25),
            ("force", "true", 10),
            ("compose-strategy", "up", 15),
            ("health-contains", "{sha}", 30),
        ] {
            if dice.chance(percent) {
                more.push((name, value));
            }
        }
        let deploy = town.started("deploy", Some(commit), &more);
        town.begin_in(at + dice.below(30_000), deploy);
    }
    people(&mut town, &mut dice);
    weather(&mut town, &mut dice, start);
    town
}

/// The event of each attempt's end: at once, late, never; so also in another order.
fn heard(town: &mut Town, dice: &mut super::dice::Dice, commit: usize) {
    let ends = |run: &super::world::CiRun| (run.attempt, run.ends_at);
    let attempts: Vec<(u64, u64)> = town.seen().runs.iter().filter(|run| run.commit == commit).map(ends).collect();
    for (attempt, ends_at) in attempts {
        if dice.chance(60) {
            let event = town.event_of(commit, attempt);
            let late = if dice.chance(30) { dice.below(400_000) } else { dice.below(3_000) };
            let now = town.seen().now;
            town.begin_in(ends_at - now + late, event);
        }
    }
}

/// People look, go back and deploy by hand: what they name may have failed, or not be there yet, and they may insist.
fn people(town: &mut Town, dice: &mut super::dice::Dice) {
    for _ in 0..dice.below(5) {
        let mode = *dice.pick(&["status", "health", "rollback", "rollback", "deploy"]);
        let commit = 1 + usize::try_from(dice.below(4)).unwrap();
        let named = sha(commit);
        let to = *dice.pick(&["last-validated", "previous", named.as_str()]);
        let force = *dice.pick(&["true", "false"]);
        let mut start = match mode {
            "deploy" => town.started(mode, Some(commit), &[("force", force), ("watch", "event")]),
            _ => town.started(mode, None, &[("to", to), ("force", force)]),
        };
        start.env.insert("GITHUB_EVENT_NAME".to_owned(), "workflow_dispatch".to_owned());
        town.begin_in(dice.below(500_000), start);
    }
}

fn weather(town: &mut Town, dice: &mut super::dice::Dice, start: u64) {
    let moods =
        [Mood::Status(500), Mood::Garbage, Mood::Silent, Mood::Status(429), Mood::Status(404), Mood::Status(403)];
    if dice.chance(30) {
        let until = start + dice.below(300_000);
        let mood = dice.pick(&moods).clone();
        town.world().github.push((until, mood));
    }
    if dice.chance(30) {
        let until = start + dice.below(400_000);
        let mood = dice.pick(&moods).clone();
        town.world().discord.push((until, mood));
    }
    for _ in 0..dice.below(7) {
        let act = *dice.pick(FAULTS);
        let who = usize::try_from(dice.below(5)).unwrap();
        let which = Which::Nth(1 + usize::try_from(dice.below(90)).unwrap());
        town.rules.push(Rule { who: Some(who), which, act });
    }
}

/// The second is only lived to be compared with the first.
#[derive(PartialEq)]
enum Life {
    First,
    Second,
}

fn at_rest(seed: u64, town: &Town) {
    if town.is_held {
        check::at_rest(&town.seen()).unwrap_or_else(|broken| panic!("seed {seed}: {broken}\n{}", town.story()));
    }
}

/// One seed, to the moment when nothing is left to do. Tells the transcript's hash and what is so.
fn lived(seed: u64, life: Life) -> (u64, String, Vec<String>) {
    let mut town = laid_out(seed);
    town.is_held = life == Life::First;
    town.settle();
    town.pass(1_000_000);
    // Whatever was cut off is made whole by one run of the mode that only looks.
    town.rules.clear();
    town.world().github.clear();
    assert_eq!(town.mode("status", &[]), "ok 0", "seed {seed}\n{}", town.story());
    town.disturbed = false;
    at_rest(seed, &town);
    // And a deploy of a good commit goes through, whatever was before.
    let last = town.push("the last word", "success");
    let result = town.deployed(last, &[]);
    assert_eq!(result, "validated 0", "seed {seed}\n{}", town.story());
    at_rest(seed, &town);
    assert!(town.told().starts_with(&format!("live {last} point {last} ")), "seed {seed}: {}", town.told());
    assert_eq!(town.seen().head, sha(last));
    let mut ends: Vec<String> = (0..town.processes()).map(|who| town.result(who)).collect();
    let state = check::folded(&town.seen()).unwrap();
    ends.extend(
        state.history.iter().map(|ended| format!("{:?}", ended.outcome).split([' ', '{']).next().unwrap().to_owned()),
    );
    (town.hash, town.told(), ends)
}

/// How often each end was come to.
type Ends = BTreeMap<String, usize>;

/// The seeds to live: MANGETAMAIN_SEEDS=0..10000, or a few where nobody asks.
fn asked() -> Range<u64> {
    let Some(text) = std::env::var_os("MANGETAMAIN_SEEDS") else {
        return 0..300;
    };
    let text = text.to_string_lossy().into_owned();
    let (first, end) = text.split_once("..").expect("MANGETAMAIN_SEEDS is FIRST..END");
    let number = |text: &str| text.parse().expect("MANGETAMAIN_SEEDS is FIRST..END, in numbers");
    number(first)..number(end)
}

/// One seed twice: the same transcript, the same end. Where a rule breaks, the story is kept in a file.
fn lived_twice(seed: u64) -> Vec<String> {
    let twice = catch_unwind(|| {
        let once = lived(seed, Life::First);
        assert_eq!(once, lived(seed, Life::Second), "seed {seed} is not the same twice");
        once.2
    });
    twice.unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeds");
        let path = folder.join(format!("{seed}.txt"));
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, told)).unwrap();
        println!("seed {seed}: its story is in {}", path.display());
        resume_unwind(panic)
    })
}

fn live_all(seeds: &[u64]) -> Ends {
    let mut ends = Ends::new();
    for end in seeds.iter().flat_map(|seed| lived_twice(*seed)) {
        *ends.entry(end).or_insert(0) += 1;
    }
    ends
}

#[test]
fn whatever_the_order_and_the_faults_the_rules_hold_and_the_next_good_deploy_goes_through() {
    let seeds: Vec<u64> = KEPT.iter().map(|(seed, _)| *seed).chain(asked()).collect();
    let (one, other) = seeds.split_at(seeds.len() / 2);
    let mut seen = std::thread::scope(|scope| {
        let other = scope.spawn(|| live_all(other));
        let one = live_all(one);
        let other = other.join().unwrap_or_else(|panic| resume_unwind(panic));
        [one, other]
    });
    let [seen, more] = &mut seen;
    for (end, times) in more {
        *seen.entry(end.clone()).or_insert(0) += *times;
    }
    println!("{} seeds, each twice: {seen:?}", seeds.len());
    if seeds.len() < 300 {
        return;
    }
    // The good and the bad ends are all reached.
    for end in [
        "validated 0",
        "rolled-back 1",
        "superseded 0",
        "unchanged 0",
        "deployed 0",
        "pending 1",
        "unhealthy 1",
        "failed 1",
        "cancelled 1",
        "killed",
        "rolled-back 0",
        "Deployed",
        "RolledBack",
        "Guarded",
        "Stuck",
        "Superseded",
        "Interrupted",
    ] {
        assert!(seen.contains_key(end), "{end} is never reached: {seen:?}");
    }
}

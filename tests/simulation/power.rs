//! Power that is lost at any moment: what was told as saved is there, and the next run makes the rest whole.

use super::check;
use super::faults::{Act, Rule, Which};
use super::scenarios::validated;
use super::town::Town;

/// Deploys over local changes while power is lost at this command, so many after the run was told to stop, where it
/// was; where power was not lost, nothing is told.
fn lost_at(seed: u64, nth: usize, stopped: Option<usize>, conclusion: &str) -> Option<(Town, usize)> {
    let mut town = validated(seed);
    let two = town.push("Two", conclusion);
    town.world().dirty = true;
    let who = town.processes();
    let faults = stopped.map(|before| (nth.saturating_sub(before), Act::Stop)).into_iter().chain([(nth, Act::Reboot)]);
    town.rules.extend(faults.map(|(nth, act)| Rule { who: Some(who), which: Which::Nth(nth), act }));
    town.deploy(two, &[]);
    town.settle();
    let lost = town.result(who) == "killed";
    lost.then_some((town, two))
}

/// What was said to be saved under a name stands there.
fn kept(town: &Town) -> usize {
    let said = town.said();
    let name = |rest: &str| rest.split([',', ';']).next().unwrap_or_default().to_owned();
    let names: Vec<String> = said.split("saved as ").skip(1).map(name).collect();
    for name in &names {
        assert!(town.seen().refs.contains_key(name), "{name} was told, and is not there\n{}", town.story());
    }
    names.len()
}

#[test]
fn power_lost_at_any_command_takes_nothing_that_was_saved_and_the_next_run_makes_it_whole() {
    let (mut points, mut saved, mut lost) = (0, 0, 0);
    let lives = [(110, None, "success"), (111, None, "success"), (112, None, "failure"), (113, None, "failure")];
    // Who is told to stop writes down what is done.
    let stopped = [(114, Some(3), "success"), (115, Some(8), "success"), (116, Some(14), "success")];
    for (seed, stopped, conclusion) in lives.into_iter().chain(stopped) {
        for nth in 1.. {
            let Some((mut town, two)) = lost_at(seed, nth, stopped, conclusion) else { break };
            points += 1;
            lost += usize::from(town.seen().files_of.contains("left"));
            kept(&town);
            town.pass(200_000);
            assert_eq!(town.mode("status", &[]), "ok 0", "{}", town.story());
            town.disturbed = false;
            let at_rest = check::at_rest(&town.seen());
            at_rest.unwrap_or_else(|broken| panic!("power lost at {nth}: {broken}\n{}", town.story()));
            saved += kept(&town);
            let three = town.push("Three", "success");
            assert_eq!(town.deployed(three, &[]), "validated 0", "after {two}, power lost at {nth}\n{}", town.story());
            assert!(check::at_rest(&town.seen()).is_ok(), "power lost at {nth}\n{}", town.story());
            saved += kept(&town);
        }
    }
    assert!(
        points > 200 && saved > 100 && lost > 20,
        "{points} points, {saved} saved, {lost} with files that were lost"
    );
}

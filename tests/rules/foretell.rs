//! What a dry run tells: the very steps that the machine takes then, and how they end.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::{Story, environment, relation, sha};
use mangetamain_deploy::machine::entry::{Placed, Refusal};
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::machine::{Ask, Because, Fact, Files, Outcome, State, Step, foretell, settled};
use mangetamain_deploy::time::Millis;

const VALIDATED: &str = "baseline 0; deploy 1; go; ci 1 success";
const NOW: Millis = Millis(1_000_000);

fn deploy(number: usize, force: Force) -> Ask {
    Ask::Deploy { sha: sha(number), force }
}

fn foretold(story: &Story, ask: &Ask, number: usize) -> (Vec<Step>, Outcome) {
    let place = (Placed::OnBranch, relation(&story.state, number));
    foretell(&story.state, ask, &story.with.clone().unwrap_or_else(environment), place, NOW)
}

/// The steps that were taken since the last request, and how it ended.
fn taken(story: &Story) -> (Vec<Step>, Outcome) {
    let begins = |entry: &mangetamain_deploy::machine::Entry| matches!(entry.fact, Fact::Asked { .. });
    let last = story.entries.iter().rposition(begins).expect("something was asked");
    let (mut steps, mut outcome) = (Vec::new(), None);
    for entry in &story.entries[last..] {
        match &entry.fact {
            Fact::Did { step, .. } => steps.push(*step),
            Fact::Fetched { .. } => steps.push(Step::Fetch),
            Fact::Compared { .. } => steps.push(Step::Compare),
            Fact::Checked { .. } => steps.push(Step::Check),
            Fact::Ended { outcome: seen } => outcome = Some(seen.clone()),
            _ => {}
        }
    }
    steps.dedup();
    (steps, outcome.expect("it has ended"))
}

#[test]
fn what_is_foretold_is_what_is_done() {
    for (before, request, number) in [
        (VALIDATED, "deploy 2", 2),
        (VALIDATED, "deploy 1", 1),
        ("baseline 0; deploy 2; go; ci 2 success", "deploy 1", 1),
        ("baseline 0; deploy 2; go; ci 2 success; rollback 0; go", "deploy 2", 2),
        ("baseline 0", "deploy 1", 1),
    ] {
        let mut story = Story::of(before);
        let told = foretold(&story, &deploy(number, Force::Obey), number);
        story.tell(request);
        story.tell("go");
        assert_eq!(told, taken(&story), "{before}; {request}");
    }
}

#[test]
fn a_quarantined_sha_is_foretold_to_be_refused_unless_it_is_forced() {
    let story = Story::of("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; go");
    let refused = (Vec::new(), Outcome::Refused { why: Refusal::Quarantined });
    assert_eq!(foretold(&story, &deploy(2, Force::Obey), 2), refused);
    let (steps, outcome) = foretold(&story, &deploy(2, Force::Override), 2);
    assert_eq!((steps.last(), outcome), (Some(&Step::Check), Outcome::Deployed));
}

#[test]
fn a_rollback_is_foretold_and_so_is_one_to_what_is_live() {
    let story = Story::of("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success");
    let back = |to: usize, undo: Option<usize>| Ask::Rollback {
        to: sha(to),
        undo: undo.map(sha),
        because: Because::Person,
        files: Files::Remade,
        force: Force::Obey,
    };
    let (steps, outcome) = foretold(&story, &back(1, Some(2)), 1);
    assert_eq!(outcome, Outcome::RolledBack);
    assert!(steps.contains(&Step::Reset) && !steps.contains(&Step::Fetch), "{steps:?}");
    assert_eq!(foretold(&story, &back(2, None), 2), (vec![Step::Check], Outcome::Unchanged));
}

#[test]
fn the_state_is_left_as_it_is_and_an_unfinished_request_is_no_obstacle() {
    let story = Story::of("baseline 0; deploy 1; until reset");
    let before = story.state.clone();
    let (steps, outcome) = foretold(&story, &deploy(2, Force::Obey), 2);
    assert_eq!((steps.first(), outcome), (Some(&Step::Fetch), Outcome::Deployed));
    assert_eq!(story.state, before);
}

#[test]
fn what_is_under_way_and_all_that_follows_from_it_is_foretold_as_it_comes_to_pass() {
    for text in [
        "failed compose live",
        "failed reset live machine",
        "go 2",
        "began reset; resumed",
        "resumed",
        "go; ci 2 failure",
        "go; ci 2 failure; once; until compose",
    ] {
        let begun = format!("{VALIDATED}; deploy 2; {text}");
        let mut story = Story::of(&begun);
        let foretold = settled(&story.state, NOW);
        story.go(&[]);
        let told = |state: &State| {
            (state.live.as_ref().map(|live| live.sha.clone()), state.previous.clone(), state.operation.is_none())
        };
        assert_eq!(told(&foretold), told(&story.state), "{begun}");
        let last = |state: &State| state.history.last().map(|ended| (ended.ask.clone(), ended.outcome.clone()));
        assert_eq!(last(&foretold), last(&story.state), "{begun}");
    }
}

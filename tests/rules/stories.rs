//! Any story at all, on the shipped `apply` and `decide`: a snapshot is what the entries before it add up
//! to, and the machine always comes to rest.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::story::Story;
use mangetamain_deploy::machine::{Entry, Fact, State};
use mangetamain_deploy::time::Millis;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What these entries add up to.
fn fold(entries: &[Entry]) -> State {
    let mut state = State::default();
    entries.iter().for_each(|entry| state.apply(entry));
    state
}

fn words() -> impl Strategy<Value = String> {
    let number = 0usize..5;
    prop_oneof![
        number.clone().prop_map(|n| format!("deploy {n}")),
        number.clone().prop_map(|n| format!("force {n}")),
        number.clone().prop_map(|n| format!("rollback {n}")),
        number.clone().prop_map(|n| format!("found {n}")),
        (number.clone(), prop_oneof!["success", "failure", "cancelled", "expired"], 1..3)
            .prop_map(|(n, word, attempt)| format!("ci {n} {word} {attempt}")),
        number.clone().prop_map(|n| format!("watching {n} 100")),
        number.clone().prop_map(|n| format!("go {n}")),
        Just("go".to_owned()),
        Just("once".to_owned()),
        Just("resumed".to_owned()),
        Just("later 50".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: RngSeed::Fixed(20_260_101), ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_and_the_entries_after_it_add_up_to_the_whole_ledger(
        story in prop::collection::vec(words(), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut told = Story::of("baseline 0");
        for sentence in &story {
            told.tell(sentence);
        }
        let whole = fold(&told.entries);
        prop_assert_eq!(&whole, &told.state);
        let at = cut.index(told.entries.len());
        let before = fold(&told.entries[..at]);
        let snapshot = Fact::Snapshot { state: Box::new(before.clone()) };
        let entry = Entry { seq: before.seq, at: Millis(0), by: String::new(), fact: snapshot };
        // Through the text that stands in the file.
        let read: Entry = serde_json::from_str(&serde_json::to_string(&entry).unwrap()).unwrap();
        let mut state = State::default();
        state.apply(&read);
        for entry in &told.entries[at..] {
            let read: Entry = serde_json::from_str(&serde_json::to_string(entry).unwrap()).unwrap();
            state.apply(&read);
        }
        prop_assert_eq!(state, whole);
    }

    #[test]
    fn whatever_was_written_the_machine_comes_to_rest_and_the_rollback_point_is_validated(
        story in prop::collection::vec(words(), 1..80),
    ) {
        let mut told = Story::of("baseline 0");
        for sentence in &story {
            told.tell(sentence);
            let state = &told.state;
            if let Some(point) = state.last_validated() {
                let (verdict, _) = state.records[&point.sha].ci.as_ref().unwrap();
                prop_assert!(verdict.validates());
                prop_assert!(!state.is_quarantined(&point.sha));
            }
            prop_assert!(state.validated.windows(2).all(|two| two[0].sha < two[1].sha));
        }
        told.go(&[]);
        prop_assert!(told.state.operation.is_none());
    }
}

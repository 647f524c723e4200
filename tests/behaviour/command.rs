//! The operator's command line from its words to what is told.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use crate::any_host;
use futures_util::FutureExt;
use mangetamain_deploy::host::{Command, Host, Publication, Reply, Start};

/// A machine that has nothing.
struct Nothing;

impl Host for Nothing {
    async fn perform(&self, command: Command) -> Reply {
        let is_look = matches!(command, Command::Read { .. } | Command::Stat { .. } | Command::Mask { .. });
        assert!(is_look, "nothing is touched: {command:?}");
        Reply::Missing
    }
}

/// What an operator is told whose language is this.
fn told_in(language: &str, words: &str) -> Publication {
    let args = words.split(' ').map(str::to_owned).collect();
    let env = [("LANG".to_owned(), language.to_owned())].into();
    let start = Start { door: "command".to_owned(), args, env, folder: "/home/ada".to_owned(), ..Start::default() };
    any_host::run(start, &Nothing).now_or_never().expect("no waiting")
}

fn told(words: &str) -> Publication {
    told_in("C.UTF-8", words)
}

#[test]
fn problems_of_options_and_of_values_are_told_all_at_once() {
    let told = told("deploy --environment preprod --helth-url=x --app-path 10_preprod --sha abc");
    let text = told.failure.expect("refused");
    assert_eq!(told.exit, 2, "{text}");
    for words in ["3 problems", "Did you mean `--health-url`?", "app-path = \"10_preprod\"", "sha = \"abc\""] {
        assert!(text.contains(words), "{words:?} is missing in {text}");
    }
}

#[test]
fn a_problem_of_an_option_alone_refuses_too() {
    let told = told("status --helth-url=x");
    assert_eq!(told.exit, 2, "{:?}", told.failure);
    assert!(told.failure.is_some_and(|text| text.starts_with("1 problem in the inputs")));
}

#[test]
fn problems_are_told_in_the_operators_language_and_in_english_where_that_cannot_be_read() {
    let french = |words: &str| told_in("fr_FR.UTF-8", words).failure.expect("refused");
    let text = french("status --helth-url=x --state-dir 10_preprod");
    for words in [
        "2 problèmes dans les réglages ; rien n'a été touché, aucun changement en ligne :",
        "--helth-url : cette option n'existe pas ; `--help` les donne toutes. Vouliez-vous dire `--health-url` ?",
        "state-dir = \"10_preprod\" : doit être un chemin absolu (il peut commencer par `~`).",
    ] {
        assert!(text.contains(words), "{words:?} is missing in {text}");
    }
    assert!(french("status --helth-url=x --locale en").contains("Did you mean"));
    assert!(french("status --helth-url=x --locale de").contains("Did you mean"));
}

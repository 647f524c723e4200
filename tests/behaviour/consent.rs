//! Where a rollback asks the person at a terminal: not in an environment that another one of the file is promoted
//! from.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use crate::any_host;
use mangetamain_deploy::host::{Command, Host, Reply, Start};

/// A machine on which nothing stands and nothing can be made: what is not asked about ends there.
struct Bare;

impl Host for Bare {
    async fn perform(&self, _: Command) -> Reply {
        Reply::Missing
    }
}

/// Whether a rollback of this environment wants a word first: without a keyboard it is cancelled for want of one.
fn is_asked(file: &str, name: &str) -> bool {
    let args = ["rollback", "--environment", name, "--app-path", "/srv/app"].map(str::to_owned).to_vec();
    let start = Start {
        door: "command".to_owned(),
        args,
        folder: "/work".to_owned(),
        file: Some(file.to_owned()),
        ..Start::default()
    };
    let run = Box::pin(any_host::run(start, &Bare));
    let seen = futures_util::FutureExt::now_or_never(run).expect("nothing waits here");
    let result = seen.outputs["result"].clone();
    assert!(["cancelled", "failed"].contains(&result.as_str()), "{result}: {}", seen.terminal);
    result == "cancelled"
}

#[test]
fn a_rollback_asks_in_what_others_are_promoted_to_and_not_in_what_they_are_promoted_from() {
    let staged = "environments:\n  staging:\n    label: STAGING\n  prod:\n    promote-from: staging\n";
    let chained = "defaults:\n  promote-from: staging\nenvironments:\n  staging:\n    promote-from: trial\n  prod:\n    label: PROD\n";
    for (file, name, wanted) in [
        (staged, "staging", false),
        (staged, "prod", true),
        (staged, "preprod", false),
        (staged, "other", true),
        (chained, "staging", false),
        (chained, "prod", true),
    ] {
        assert_eq!(is_asked(file, name), wanted, "{name} of {file}");
    }
}

//! Which variables of ours no program inherits: by their names, and by what they hold.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures_util::FutureExt;
use mangetamain_deploy::host::discreet::Discreet;
use mangetamain_deploy::host::{Command, Host, Reply, Run, Start};
use mangetamain_deploy::tools::secret::{carriers, names, struck, withheld};

const JOB: &str = "ghs_ThisJobsOwnToken0123456789";
const HOOK: &str = "https://discord.com/api/webhooks/42/TheTokenOfTheWebhook0123456789";

fn env(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_variable_of_any_name_that_holds_a_secret_of_ours_is_known_by_it() {
    let env = env(&[
        ("GH_TOKEN", JOB),
        ("CLONE_URL", &format!("https://x-access-token:{JOB}@github.com/o/n")),
        ("ACTIONS_RUNTIME_TOKEN", "eyJ.runtime.sig"),
        ("ACTIONS_RUNTIME_URL", "https://pipelines.example"),
        ("RUNTIME", "eyJ.runtime.sig"),
        ("PIPELINES", "https://pipelines.example"),
        ("WATCH_TOKEN", " github_pat_0123456789\n"),
        ("PAT", "github_pat_0123456789"),
        ("PATH", "/usr/bin:/bin"),
        ("CHANNELS", &format!("team={HOOK}")),
        ("MY_TOKEN", "a secret of the deploy command's"),
        ("EMPTY_TOKEN", ""),
        ("GITHUB_TOKEN", ""),
        ("BIN", "/usr/bin"),
    ]);
    let found = carriers(&env, vec![JOB.to_owned(), HOOK.to_owned(), "bin".to_owned()]);
    let expected = ["ACTIONS_RUNTIME_TOKEN", "CHANNELS", "CLONE_URL", "GH_TOKEN", "PAT", "RUNTIME", "WATCH_TOKEN"];
    assert_eq!(found, expected);
}

#[test]
fn what_is_withheld_is_named_in_full_or_by_its_beginning() {
    let drop = withheld(&["GIT_*"]);
    for name in ["INPUT_TOKEN", "ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN", "GIT_DIR"] {
        assert!(names(&drop, name), "{name}");
    }
    for name in ["GITHUB_TOKENS", "GITHUB_SHA", "PATH", "GIT", ""] {
        assert!(!names(&drop, name), "{name}");
    }
}

/// What reaches the door.
#[derive(Default)]
struct Door(RefCell<Vec<Command>>);

impl Host for Door {
    async fn perform(&self, command: Command) -> Reply {
        self.0.borrow_mut().push(command);
        Reply::Done
    }

    fn started(&self) -> u64 {
        7
    }
}

#[test]
fn no_program_and_no_watcher_inherits_a_variable_that_holds_a_secret() {
    let door = Door::default();
    let host = Discreet::new(&door, vec!["GH_TOKEN".to_owned()]);
    let run = Run {
        program: "git".to_owned(),
        args: Vec::new(),
        folder: None,
        env: env(&[("GIT_CONFIG_VALUE_1", JOB)]),
        drop: vec!["GIT_*".to_owned()],
        limit_ms: 1,
        cap: 1,
        under_lock: None,
        noted_in: None,
    };
    let drop = vec!["INPUT_*".to_owned()];
    let commands = [
        Command::Run(run.clone()),
        Command::Save { path: "/x".to_owned(), run: run.clone() },
        Command::Detach { start: Box::new(Start::default()), drop },
        Command::Clock,
    ];
    for command in commands {
        host.perform(command).now_or_never().unwrap();
    }
    let run = Run { drop: vec!["GIT_*".to_owned(), "GH_TOKEN".to_owned()], ..run };
    let drop = vec!["INPUT_*".to_owned(), "GH_TOKEN".to_owned()];
    let expected = [
        Command::Run(run.clone()),
        Command::Save { path: "/x".to_owned(), run },
        Command::Detach { start: Box::new(Start::default()), drop },
        Command::Clock,
    ];
    assert_eq!((door.0.borrow().as_slice(), host.started()), (&expected[..], 7));
}

#[test]
fn what_a_cut_leaves_of_a_secret_is_struck_out_where_it_is_half_or_more() {
    let without = |text: &str| struck(text.to_owned(), JOB);
    assert_eq!(without(&format!("a {JOB} b {JOB}")), "a *** b ***");
    for left in [15, 22, JOB.len() - 1] {
        let (head, tail) = (&JOB[..left], &JOB[JOB.len() - left..]);
        assert_eq!(without(&format!("token {head}… (ada)")), "token ***… (ada)");
        assert_eq!(without(&format!("…{tail} was refused; {head}\n{tail}")), "…*** was refused; ***\n***");
    }
    // Less of it may be anything, and half an address anybody's.
    assert_eq!(without("ghs_This is no token"), "ghs_This is no token");
    let short = "https://example.com/hook";
    assert_eq!(struck(format!("https://example.com/page {short}"), short), "https://example.com/page ***");
    let halves = |secret: &str| struck(format!("{} {}", &secret[..8], &secret[secret.len() - 8..]), secret);
    assert_eq!(
        (halves("abcdefghijklmno").as_str(), halves("abcdefghijklmnop").as_str()),
        ("abcdefgh hijklmno", "*** ***")
    );
    // Letters of more than one byte, and a secret of one letter only, come to an end.
    assert_eq!(struck("x éééééééééé".to_owned(), "éééééééééééé"), "x ***");
    assert_eq!(struck("*".repeat(40), &"*".repeat(20)), "*".repeat(6));
}

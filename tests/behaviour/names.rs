//! Names of environments that nobody knows, and state that cannot be looked at, on a machine of a few files.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use mangetamain_deploy::host::{Command, Host, Publication, Ran, Reply, Run, Start, Stat};
use mangetamain_deploy::time::Millis;

use crate::any_host;

const FILE: &str = "
defaults: { state-dir: /state, locale: en }
environments:
  preprod: { app-path: /srv/pre, url: 'http://pre.test/' }
  prod: { app-path: /srv/prod, promote-from: FROM, backup: { paths: [/srv/data] } }
";
const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// A machine of a few folders and files; programs are there, and say nothing but what is set here.
#[derive(Default)]
pub struct Shelf {
    /// Text of files by path.
    pub files: BTreeMap<String, String>,
    /// Names in folders by path.
    pub folders: BTreeMap<String, Vec<String>>,
    /// Paths below which nothing may be looked at.
    pub closed: Vec<String>,
    /// What `find` prints.
    pub found: String,
    /// Its exit code.
    pub exit: i32,
    /// What stands at paths, for `Stat`: kinds.
    pub kinds: BTreeMap<String, &'static str>,
    /// What programs were run.
    pub ran: RefCell<Vec<Run>>,
    /// What was written where.
    pub written: RefCell<BTreeMap<String, String>>,
    /// What was said.
    pub said: RefCell<String>,
}

impl Shelf {
    fn denies(&self, path: &str) -> bool {
        self.closed.iter().any(|closed| path.starts_with(closed.as_str()))
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let kind = self.kinds.get(path)?;
        Some(Stat { size: 1, modified_ms: 0, kind: (*kind).to_owned(), mode: 0o755 })
    }
}

fn denied() -> Reply {
    Reply::Refused { code: "EACCES".to_owned(), text: "EACCES: permission denied".to_owned() }
}

impl Host for Shelf {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Clock => Reply::Clock { ms: Millis(1_795_499_865_000) },
            Command::Read { path, .. } | Command::List { path } | Command::Peek { path } if self.denies(&path) => {
                denied()
            }
            Command::Read { path, .. } => match self.files.get(&path) {
                Some(text) => Reply::Text { text: text.clone(), size: text.len() as u64 },
                None => Reply::Missing,
            },
            Command::List { path } => match self.folders.get(&path) {
                Some(names) => Reply::Names { names: names.clone() },
                None => Reply::Missing,
            },
            Command::Stat { paths } => Reply::Stats { stats: paths.iter().map(|path| self.stat(path)).collect() },
            Command::Replace { path, text } => {
                self.written.borrow_mut().insert(path, text);
                Reply::Done
            }
            Command::Run(run) => {
                let stdout = if run.program == "find" { self.found.clone() } else { String::new() };
                let exit = if run.program == "find" { self.exit } else { 0 };
                self.ran.borrow_mut().push(run);
                let stderr = String::new();
                Reply::Ran(Ran { exit: Some(exit), signal: None, timed_out: false, stdout, stderr, ms: 1 })
            }
            Command::Say { text, .. } => {
                self.said.borrow_mut().push_str(&(text + "\n"));
                Reply::Done
            }
            Command::Sleep { .. } | Command::Mask { .. } | Command::Folder { .. } => Reply::Done,
            _ => Reply::Missing,
        }
    }
}

/// One run of the operator's command.
pub fn command(shelf: &Shelf, line: &str) -> Publication {
    let env = [("PATH", "/usr/bin"), ("HOME", "/home/ci"), ("LANG", "en_US.UTF-8")];
    let start = Start {
        door: "command".to_owned(),
        args: line.split(' ').map(str::to_owned).collect(),
        env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        folder: "/work".to_owned(),
        platform: "linux".to_owned(),
        node: "v24.0.0".to_owned(),
        ..Start::default()
    };
    futures_util::FutureExt::now_or_never(any_host::run(start, shelf)).expect("nothing hangs")
}

/// A machine with this configuration file, and folders of state of these names.
pub fn shelf(from: &str, kept: &[&str]) -> Shelf {
    let mut shelf = Shelf::default();
    let path = "/work/.github/mangetamain-deploy.yml".to_owned();
    shelf.files.insert(path, FILE.replace("FROM", from));
    shelf.folders.insert("/state".to_owned(), kept.iter().map(|&name| name.to_owned()).collect());
    shelf
}

fn promote(from: &str, kept: &[&str]) -> (i32, String) {
    let line = format!("promote --environment prod --sha {SHA} --confirm DEPLOY --dry-run");
    let seen = command(&shelf(from, kept), &line);
    (seen.exit, seen.failure.unwrap_or_default())
}

#[test]
fn a_promote_from_a_mistyped_environment_is_refused_before_anything_is_touched() {
    let (exit, told) = promote("preprd", &[]);
    assert_eq!(exit, 2, "{told}");
    assert!(
        told.contains(
            "promote-from = \"preprd\": is no environment of the configuration file, nor of /state (known: preprod). \
             Did you mean `preprod`?"
        ),
        "{told}"
    );
    assert!(!promote("preprod", &[]).1.contains("promote-from"));
    assert!(!promote("preprd", &["preprd"]).1.contains("promote-from"), "it has state here");
    assert!(!promote("staging", &["prod"]).1.contains("promote-from"), "one like none may be on another machine");
}

#[test]
fn a_mistyped_environment_is_told_by_the_modes_that_only_look_too() {
    let wanted = "environment = \"prd\": is not in /work/.github/mangetamain-deploy.yml (preprod, prod). \
                  Did you mean `prod`?";
    let health = command(&shelf("preprod", &[]), "health --environment prd");
    assert!(health.failure.clone().unwrap_or_default().contains(wanted), "{:?}", health.failure);
    assert_eq!(health.exit, 2);
    let status = command(&shelf("preprod", &[]), "status --environment prd");
    assert!(status.terminal.contains(wanted), "{}", status.terminal);
    assert_eq!(status.exit, 0);
    let there = command(&shelf("preprod", &["prd"]), "status --environment prd");
    assert!(!there.terminal.contains("is not in"), "{}", there.terminal);
}

#[test]
fn doctor_finds_mistyped_names() {
    let seen = |from: &str, line: &str| {
        let shelf = shelf(from, &[]);
        let shown = command(&shelf, line);
        shelf.said.take() + &shown.terminal + &shown.failure.unwrap_or_default()
    };
    let told = seen("preprod", "doctor --environment prd");
    assert!(told.contains("environment = \"prd\": is not in /work/"), "{told}");
    let told = seen("preprd", "doctor");
    assert!(told.contains("promote-from = \"preprd\": is no environment"), "{told}");
}

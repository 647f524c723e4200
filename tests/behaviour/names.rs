//! Names of environments that nobody knows, and state that cannot be looked at, on a machine of a few files.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use mangetamain_deploy::host::{Command, Host, Publication, Ran, Reply, Run, Start, Stat};
use mangetamain_deploy::machine::known::Known;
use mangetamain_deploy::machine::state::Live;
use mangetamain_deploy::machine::{Entry, Fact, State};
use mangetamain_deploy::sha::Sha;
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
    /// What `find` and `readlink` print.
    pub found: String,
    /// Their exit code.
    pub exit: i32,
    /// What stands at paths, for `Stat`: kinds.
    pub kinds: BTreeMap<String, &'static str>,
    /// What programs were run.
    pub ran: RefCell<Vec<Run>>,
    /// Programs that are not installed.
    pub missing: Vec<String>,
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
        let listed = |(parent, name): (&str, &str)| {
            self.folders.get(parent).is_some_and(|names| names.iter().any(|one| one == name))
        };
        // A folder of state that is listed has a ledger.
        let has_ledger = path.strip_suffix("/ledger.jsonl").and_then(|path| path.rsplit_once('/')).is_some_and(listed);
        let kind = self.kinds.get(path).or(has_ledger.then_some(&"file"))?;
        // So the host tells of what stands in a folder that it may not look into.
        let is_hidden = *kind == "closed";
        let (size, mode) = if is_hidden { (0, 0) } else { (1, 0o755) };
        Some(Stat { size, modified_ms: 0, kind: if is_hidden { "other" } else { kind }.to_owned(), mode })
    }
}

fn denied() -> Reply {
    Reply::Refused { code: "EACCES".to_owned(), text: "EACCES: permission denied".to_owned() }
}

impl Host for Shelf {
    async fn perform(&self, command: Command) -> Reply {
        match command {
            Command::Clock => Reply::Clock { ms: Millis(1_795_499_865_000) },
            Command::Read { path, .. }
            | Command::List { path }
            | Command::Peek { path }
            | Command::Replace { path, .. }
                if self.denies(&path) =>
            {
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
            Command::Run(run) if self.missing.contains(&run.program) => Reply::Missing,
            Command::Run(run) => {
                let is_asked = matches!(run.program.as_str(), "find" | "readlink");
                let (stdout, exit) = if is_asked { (self.found.clone(), self.exit) } else { (String::new(), 0) };
                self.ran.borrow_mut().push(run);
                let stderr = String::new();
                Reply::Ran(Ran { exit: Some(exit), signal: None, timed_out: false, stdout, stderr, ms: 1 })
            }
            Command::Say { text, .. } => {
                self.said.borrow_mut().push_str(&(text + "\n"));
                Reply::Done
            }
            Command::Lock { .. } => Reply::Locked,
            // A lock is held by whom its file names.
            Command::Peek { path } => match self.files.get(&path) {
                Some(holder) => Reply::Held { holder: holder.clone() },
                None => Reply::Missing,
            },
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
    assert!(status.failure.clone().unwrap_or_default().contains(wanted), "{:?}", status.failure);
    assert_eq!(status.exit, 2);
    let far = command(&shelf("preprod", &[]), "status --environment elsewhere");
    assert!(far.terminal.contains("environment = \"elsewhere\": is not in /work/"), "{}", far.terminal);
    assert_eq!(far.exit, 0, "it may be another machine's");
    let there = command(&shelf("preprod", &["prd"]), "status --environment prd");
    assert!(!there.terminal.contains("is not in"), "{}", there.terminal);
}

#[test]
fn a_mistyped_environment_is_told_without_a_file_where_one_of_a_near_name_has_state() {
    let wanted = "environment = \"preprd\": has no state in /state (known: preprod, prod). Did you mean `preprod`?";
    let mut shelf = Shelf::default();
    shelf.folders.insert("/state".to_owned(), vec!["preprod".to_owned(), "prod".to_owned()]);
    for line in ["rollback", "status", &format!("watch --sha {SHA}"), "health"] {
        let seen = command(&shelf, &format!("{line} --environment preprd --state-dir /state"));
        let told = seen.failure.unwrap_or_default();
        assert!(told.contains(wanted) && !told.contains("app-path"), "{line}: {told}");
        assert_eq!(seen.exit, 2, "{line}: {told}");
    }
    let far = command(&shelf, "rollback --environment elsewhere --state-dir /state").failure.unwrap_or_default();
    assert!(far.contains("\"elsewhere\": has no state in /state (known: preprod, prod)"), "{far}");
    let new = command(&shelf, &format!("deploy --environment elsewhere --sha {SHA} --state-dir /state")).failure;
    assert!(new.unwrap_or_default().contains("app-path: is required"), "it may be new");
    assert_eq!(command(&shelf, "status --environment elsewhere --state-dir /state").exit, 0);
}

#[test]
fn of_a_mistyped_environment_nothing_else_is_told_to_be_missing() {
    let seen = command(&shelf("preprod", &[]), "rollback --environment preprd");
    let told = seen.failure.unwrap_or_default();
    assert!(told.contains("is not in /work/.github/mangetamain-deploy.yml (preprod, prod). Did you mean"), "{told}");
    assert!(!told.contains("app-path"), "{told}");
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
    assert!(!told.contains("preprd is not known on this machine"), "{told}");
}

#[test]
fn state_that_another_user_keeps_to_himself_is_not_told_as_nothing() {
    let mut shelf = Shelf { closed: vec!["/state".to_owned()], ..Shelf::default() };
    shelf.found = "- 0 0 755 d root root /\n- 1001 1001 700 d ci ci /state\n".to_owned();
    let seen = command(&shelf, "status --state-dir /state");
    let told = seen.failure.unwrap_or_default();
    let wanted = "/state is ci's and may not be looked into by this user: \
                  sudo -u ci mangetamain-deploy status --state-dir /state";
    assert!(told.contains(wanted), "{told}");
    assert_eq!(seen.exit, 1);
    let empty = command(&Shelf::default(), "status --state-dir /state");
    assert!(empty.terminal.contains("no environment known in /state"), "{}", empty.terminal);
    assert!(!empty.terminal.contains("configuration file"), "there is none");
    assert_eq!(empty.exit, 0);
}

#[test]
fn one_environment_that_is_closed_to_this_user_is_told_beside_the_others() {
    let mut shelf = shelf("preprod", &["preprod", "prod", "stage"]);
    shelf.closed = vec!["/state/prod/".to_owned(), "/state/stage/".to_owned()];
    shelf.found = "- 0 0 755 d root root /state\n- 1001 1001 700 d ci ci /state/prod\n".to_owned();
    let seen = command(&shelf, "status --locale en");
    assert_eq!(seen.exit, 0);
    let told = &seen.terminal;
    assert!(told.contains("/state/prod is ci's and may not be looked into by this user: sudo -u ci "), "{told}");
    assert!(told.contains("stage\n  problem      /state is root's and may not be looked into"), "{told}");
    let json: serde_json::Value = serde_json::from_str(&seen.outputs["state"]).unwrap();
    assert!(json["stage"]["problem"].is_string() && json["preprod"]["problem"].is_null(), "{json}");
}

#[test]
fn a_ledger_that_holds_nothing_readable_is_a_problem_and_no_empty_environment() {
    let mut shelf = shelf("preprod", &["prod"]);
    shelf.files.insert("/state/prod/ledger.jsonl".to_owned(), "hello world\n\n<html>\n".to_owned());
    let seen = command(&shelf, "status --html /page.html");
    for part in ["/state/prod/ledger.jsonl holds 3 unreadable lines", "set aside    3 unreadable lines of the ledger"] {
        assert!(seen.terminal.contains(part), "{}", seen.terminal);
    }
    let json: serde_json::Value = serde_json::from_str(&seen.outputs["state"]).unwrap();
    assert_eq!(json["prod"]["set-aside"], 3);
    assert!(json["prod"]["problem"].is_string() && json["preprod"]["problem"].is_null(), "{json}");
    let page = shelf.written.borrow()["/page.html"].clone();
    assert_eq!(page.matches("Nothing was deployed here yet").count(), 1, "preprod's");
    assert!(page.contains("holds 3 unreadable lines"), "{page}");
}

#[test]
fn a_first_line_that_was_torn_is_set_aside_and_no_problem() {
    let mut shelf = shelf("preprod", &["prod"]);
    shelf.files.insert("/state/prod/ledger.jsonl".to_owned(), "{\"seq\":1,\"at\"".to_owned());
    let seen = command(&shelf, "status --environment prod");
    assert!(seen.terminal.contains("set aside    1 unreadable line of the ledger"), "{}", seen.terminal);
    assert!(!seen.terminal.contains("problem"), "{}", seen.terminal);
}

#[test]
fn a_ledger_of_zeros_is_no_first_run() {
    let mut shelf = shelf("preprod", &["prod"]);
    shelf.files.insert("/state/prod/ledger.jsonl".to_owned(), "\0".repeat(4096));
    let seen = command(&shelf, "status --environment prod");
    assert!(
        seen.terminal.contains("problem") && seen.terminal.contains("/state/prod/ledger.jsonl"),
        "{}",
        seen.terminal
    );
}

#[test]
fn status_shows_what_the_newest_health_check_found() {
    let mut shelf = shelf("preprod", &["preprod"]);
    let line = |at: u64, more: &str| format!("{{\"at\":{at},\"url\":\"http://pre.test/\",{more}}}\n");
    let (up, down) = (
        line(1_795_496_000_000, "\"result\":\"up\",\"ms\":12"),
        line(1_795_499_565_000, "\"result\":\"down\",\"why\":\"503\",\"since\":1795497000000"),
    );
    shelf.files.insert("/state/preprod/health.jsonl".to_owned(), up.clone() + &down);
    let seen = command(&shelf, "status --environment preprod");
    let wanted = "health       http://pre.test/: DOWN since 2026-11-24 05:10:00 UTC, \
                  checked 2026-11-24 05:52:45 UTC, 5 min ago - 503";
    assert!(seen.terminal.contains(wanted), "{}", seen.terminal);
    let json: serde_json::Value = serde_json::from_str(&seen.outputs["state"]).unwrap();
    assert_eq!(json["preprod"]["health"][0]["result"], "down");
    shelf.files.insert("/state/preprod/health.jsonl".to_owned(), up);
    let seen = command(&shelf, "status --environment preprod --locale fr");
    assert!(seen.terminal.contains("http://pre.test/ : en ligne en 12 ms, contrôlée le "), "{}", seen.terminal);
}

#[test]
fn status_says_of_no_version_that_it_is_healthy_beside_a_later_check_that_finds_it_down() {
    let mut shelf = shelf("preprod", &["preprod"]);
    let down = "{\"at\":1795499565000,\"url\":\"http://pre.test/\",\"result\":\"down\",\"since\":1795497000000}\n";
    shelf.files.insert("/state/preprod/health.jsonl".to_owned(), down.to_owned());
    for (since, wanted, told) in [
        (1_795_490_000_000, "known by: was healthy when deployed", "5 min ago\n"),
        (1_795_499_600_000, "known by: deployed and healthy", "5 min ago, before this deploy\n"),
    ] {
        let sha = Sha::parse(SHA).unwrap();
        let live = Live { sha, since: Millis(since), known_by: Known::Healthy, is_applied: true };
        let state = Box::new(State { live: Some(live), ..State::default() });
        let entry = Entry { seq: 1, at: Millis(since), by: "run 1.1".to_owned(), fact: Fact::Snapshot { state } };
        let ledger = format!("{}\n", serde_json::to_string(&entry).unwrap());
        shelf.files.insert("/state/preprod/ledger.jsonl".to_owned(), ledger);
        let seen = command(&shelf, "status --environment preprod");
        assert!(seen.terminal.contains(wanted) && seen.terminal.contains(told), "{}", seen.terminal);
        assert!(seen.terminal.contains("0123456: not validated (since"), "{}", seen.terminal);
    }
}

#[test]
fn doctor_finds_the_environment_that_a_promote_comes_from_as_a_promote_does() {
    let shelf = shelf("preprod", &[]);
    let seen = command(&shelf, "doctor --environment prod");
    let told = seen.terminal + &shelf.said.take();
    assert!(told.contains("nothing is validated in preprod yet"), "{told}");
    assert!(!told.contains("is not known on this machine"), "{told}");
}

#[test]
fn doctor_asks_of_folders_what_a_backup_needs_and_tells_when_nobody_answers() {
    let mut shelf = shelf("preprod", &[]);
    shelf.kinds.insert("/srv/data".to_owned(), "folder");
    shelf.found = "999 /srv/data/pg\n".to_owned();
    let told = command(&shelf, "doctor --environment prod").terminal + &shelf.said.take();
    assert!(told.contains("/srv/data/pg is 999's and cannot be read"), "{told}");
    assert!(told.contains("sudo setfacl -R -m u:") && told.contains(":rX /srv/data/pg"), "{told}");
    assert!(!told.contains("chmod a+r"), "{told}");
    let asked = shelf.ran.borrow().iter().any(|run| {
        run.args
            .join(" ")
            .contains("/srv/data ( -type d ( ! -readable -o ! -executable ) -o ! -type d ! -type l ! -readable )")
    });
    assert!(asked, "{:?}", shelf.ran.borrow());
    (shelf.found, shelf.exit) = (String::new(), 1);
    let told = command(&shelf, "doctor --environment prod").terminal + &shelf.said.take();
    assert!(told.contains("whether all of it can be read is not known"), "{told}");
}

#[test]
fn a_page_is_put_where_a_link_leads_and_never_in_the_place_of_a_folder_or_a_device() {
    let mut shelf = Shelf::default();
    shelf
        .kinds
        .extend([("/www/link.html", "link"), ("/www/real.html", "file")].map(|(path, kind)| (path.to_owned(), kind)));
    shelf.found = "/www/real.html\n".to_owned();
    let seen = command(&shelf, "status --html /www/link.html");
    assert_eq!(seen.exit, 0, "{:?}", seen.failure);
    assert_eq!(shelf.written.borrow().keys().collect::<Vec<_>>(), ["/www/real.html"]);
    for (kind, wanted) in [("folder", "is a folder"), ("other", "is no plain file")] {
        let mut shelf = Shelf::default();
        shelf.kinds.insert("/www/x".to_owned(), kind);
        let seen = command(&shelf, "status --html /www/x");
        assert_eq!(seen.exit, 1);
        assert!(seen.failure.clone().unwrap_or_default().contains(wanted), "{:?}", seen.failure);
        assert!(shelf.written.borrow().is_empty());
    }
    let mut shelf = Shelf { exit: 1, ..Shelf::default() };
    shelf.kinds.insert("/www/x".to_owned(), "link");
    assert!(command(&shelf, "status --html /www/x").failure.unwrap_or_default().contains("leads nowhere"));
    for wrong in ["-", "/www/"] {
        let seen = command(&Shelf::default(), &format!("status --html {wrong}"));
        assert_eq!(seen.exit, 2);
        assert!(seen.failure.unwrap_or_default().contains("must be the name of a file"), "{wrong}");
    }
}

#[test]
fn a_copy_of_an_environment_or_a_link_to_it_is_not_shown_as_a_second_one() {
    let mut shelf = Shelf::default();
    let names = ["prod", "prod.old", "production"];
    shelf.folders.insert("/state".to_owned(), names.map(str::to_owned).to_vec());
    let config = crate::names::settings("prod");
    let entry = format!(
        "{{\"seq\":1,\"at\":1,\"by\":\"x\",\"fact\":{{\"asked\":{{\"ask\":{{\"deploy\":{{\"sha\":\"{SHA}\",\"force\":\"obey\"}}}},\"with\":{config}}}}}}}\n"
    );
    for name in names {
        shelf.files.insert(format!("/state/{name}/ledger.jsonl"), entry.clone());
    }
    let seen = command(&shelf, "status --state-dir /state --dry-run");
    assert_eq!(seen.terminal.lines().filter(|line| *line == "prod").count(), 1, "{}", seen.terminal);
}

/// An environment's settings as a ledger has them.
pub fn settings(name: &str) -> String {
    let inputs =
        [("mode", "deploy"), ("environment", name), ("app-path", "/srv/prod"), ("state-dir", "/state"), ("sha", SHA)];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let config = mangetamain_deploy::config::read(&Start { inputs, ..Start::default() }, None, None).unwrap();
    serde_json::to_string(&config.environments[0]).unwrap()
}

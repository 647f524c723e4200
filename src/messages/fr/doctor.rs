//! Sentences of `doctor` in French: the screen's own words, and one line for each finding.

mod access;
mod app;
mod machine;
mod state;

pub(super) use app::{no_compose_file, of_compose};

use super::span;
use crate::messages::finding::{FindingLine, FindingSeen, Level, Section};
use crate::messages::reason::with_words;
use crate::tools::process::ProcessError;
use crate::tools::shell::word;

/// What lets a user write in a folder. Whose it is already, and who cannot, has no use for `chown`.
fn writable(owner: &str, user: &str, path: &str) -> String {
    let path = word(path);
    match owner == user {
        true => format!("monté en lecture seule ? findmnt -T {path}, dmesg ; sinon : chmod -R u+w {path}"),
        false => format!("sudo chown -R {} {path}", word(user)),
    }
}

/// The level in front of a line.
#[must_use]
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Skipped => "sauté",
        Level::Warn => "ALERTE",
        Level::Fail => "ÉCHEC",
    }
}

/// The headline of a place.
#[must_use]
pub fn place(place: &Section) -> String {
    match place {
        Section::Machine => "machine".to_owned(),
        Section::Runner => "runner".to_owned(),
        Section::Access => "GitHub et Discord".to_owned(),
        Section::Environment(_, name) => format!("environnement {name}"),
    }
}

/// The whole in one line.
#[must_use]
pub fn sum([fails, warns, oks, skipped]: [usize; 4], ms: u64) -> String {
    let many = |count: usize, one: &str, more: &str| format!("{count} {}", if count > 1 { more } else { one });
    format!(
        "doctor : {}, {}, {oks} ok, {} ({})",
        many(fails, "échec", "échecs"),
        many(warns, "alerte", "alertes"),
        many(skipped, "sauté", "sautés"),
        span(ms)
    )
}

/// What comes after the sum when nothing failed, and when something did.
#[must_use]
pub fn verdict(fails: usize) -> &'static str {
    if fails == 0 { "Rien n'empêche les autres modes de marcher." } else { "À réparer, dans cet ordre :" }
}

/// Head of the summary's tables: level, check, finding, mend.
pub const HEADS: [&str; 4] = ["", "Contrôle", "Constat", "Réparation"];
/// What is said when the run was told to stop before it had seen everything.
pub const STOPPED: &str = "arrêté avant la fin ; rien n'a été changé";

/// A finding's line.
#[must_use]
pub fn line(seen: &FindingSeen) -> FindingLine {
    match seen {
        FindingSeen::Machine(seen) => machine::machine(seen),
        FindingSeen::Engine(seen) => machine::engine(seen),
        FindingSeen::Runner(seen) => machine::runner(seen),
        FindingSeen::Access(seen) => access::access(seen),
        FindingSeen::Tree(seen) => app::tree(seen),
        FindingSeen::Containers(seen) => app::containers(seen),
        FindingSeen::State(seen) => state::state(seen),
        FindingSeen::Site(seen) => app::site(seen),
        FindingSeen::Promote(seen) => state::promote(seen),
    }
}

fn fault(fault: &ProcessError) -> String {
    match fault {
        ProcessError::Absent => "n'est pas installé, ou pas dans le PATH".to_owned(),
        ProcessError::NoFolder => "n'a pas pu démarrer : son dossier n'existe pas".to_owned(),
        ProcessError::NotStarted { code } => format!("n'a pas pu démarrer ({code})"),
        ProcessError::Cancelled { signal } => format!("arrêté par {signal}"),
        ProcessError::TimedOut => "pas de réponse en 10 s".to_owned(),
        ProcessError::Killed { signal } => format!("tué par {signal}"),
        ProcessError::Refused { exit, tail } => with_words(&format!("code {exit}"), " : ", &tail.replace('\n', " | ")),
        ProcessError::Unreadable => "a répondu quelque chose d'illisible".to_owned(),
    }
}

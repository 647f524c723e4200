//! The engine and compose of this machine: whether they answer, and if not, why.

use futures_util::future::join3;

use super::{Visit, ask};
use crate::host::Host;
use crate::messages::finding::{Engine as EngineSeen, Finding, FindingSeen, Level, Section};
use crate::tools::compose::{self, Compose, ask_plugin, ask_standalone, versioned};
use crate::tools::doctor::program::{ask_engine, first_line};
use crate::tools::process::ProcessError;

/// Where the engine listens, unless `DOCKER_HOST` says otherwise.
const SOCKET: &str = "/var/run/docker.sock";

/// What there is to ask about containers with.
pub(super) struct Engine {
    /// Whether the engine answers.
    pub(super) answers: bool,
    /// The compose that would be used.
    pub(super) compose: Option<Compose>,
}

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>) -> (Engine, Vec<Finding>) {
    let host = visit.host;
    let finding = |level, seen| Finding { place: Section::Machine, level, seen: FindingSeen::Engine(seen) };
    if visit.subjects.iter().all(|subject| subject.with.compose.is_none()) {
        let none = Engine { answers: false, compose: None };
        return (none, vec![finding(Level::Skipped, EngineSeen::NotNeeded)]);
    }
    let (engine, plugin, standalone) =
        join3(ask::run(host, ask_engine()), ask::run(host, ask_plugin()), ask::run(host, ask_standalone())).await;
    let (answers, engine) = match first_line(&engine) {
        Ok(version) => (true, finding(Level::Ok, EngineSeen::Answers(version))),
        Err(fault) => (false, finding(Level::Fail, silent(visit, fault).await)),
    };
    let (compose, found) = match (versioned(&plugin), versioned(&standalone)) {
        (Err(fault), _) | (_, Err(fault)) => (None, (Level::Fail, EngineSeen::ComposeUnknown { fault })),
        (Ok(plugin), Ok(standalone)) => judged(compose::choose(plugin, standalone)),
    };
    (Engine { answers, compose }, vec![engine, finding(found.0, found.1)])
}

fn judged(compose: Option<Compose>) -> (Option<Compose>, (Level, EngineSeen)) {
    let found = match &compose {
        None => (Level::Fail, EngineSeen::NoCompose),
        Some(Compose { version, .. }) if version.major < 2 => {
            (Level::Warn, EngineSeen::Old { version: version.text.clone() })
        }
        Some(Compose { version, program }) => {
            (Level::Ok, EngineSeen::Compose { program: program.join(" "), version: version.text.clone() })
        }
    };
    (compose, found)
}

/// Why the engine does not answer. docker's words are not read: its socket tells as much.
async fn silent<H: Host>(visit: &Visit<'_, H>, fault: ProcessError) -> EngineSeen {
    if fault == ProcessError::Absent {
        return EngineSeen::NoDocker;
    }
    let named = visit.variable("DOCKER_HOST");
    let socket = match named.strip_prefix("unix://") {
        Some(path) => path,
        None if named.is_empty() => SOCKET,
        // On another machine: nothing of it is to be seen here.
        None => return EngineSeen::Silent { fault },
    };
    match ask::spots(visit.host, &[socket.to_owned()]).await {
        Ok(spots) => match spots.get(socket) {
            None => EngineSeen::Down { socket: socket.to_owned() },
            Some(spot) if !spot.writable => EngineSeen::Denied {
                socket: socket.to_owned(),
                user: visit.user.name.clone(),
                group: spot.group.clone(),
            },
            Some(_) => EngineSeen::Silent { fault },
        },
        Err(_) => EngineSeen::Silent { fault },
    }
}

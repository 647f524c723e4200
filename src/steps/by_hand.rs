//! The commands with which a person undoes a promote on the machine, filled in: ssh, cd, git reset,
//! files, compose, curl. Told where an automatic way did not come about, or a person may want more.

use std::collections::BTreeMap;

use crate::environment::Environment;
use crate::host::{Command, Host, Keep, Reply, Run};
use crate::machine::{Ask, Files, Outcome};
use crate::messages::{Kind, Notice, follows_promote};
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::backup::Place;
use crate::tools::compose::Remembered;
use crate::tools::process::done;
use crate::tools::secret::withheld;

/// The notice with the commands, where it tells of something that a person may have to undo. Asked for
/// while the request is still under way.
pub async fn add<H: Host>(session: &Session<'_, H>, mut notice: Notice, outcome: &Outcome) -> Notice {
    let state = &session.ledger.state;
    let Some(operation) = &state.operation else {
        return notice;
    };
    let promotes = follows_promote(state);
    let told = match &notice.kind {
        Kind::Guarded(_) => true,
        Kind::RolledBack { .. } | Kind::Stuck(_) | Kind::Unhealthy(_) => promotes,
        Kind::Failed(_) => promotes && operation.touched(),
        _ => false,
    };
    if !told {
        return notice;
    }
    // Back to what was live before the promote; while its undoing is told, that is the target.
    let (to, backup) = match &operation.ask {
        Ask::Promote { backup, .. } => (operation.from.clone(), backup.clone().filter(|_| operation.ran_command())),
        Ask::Rollback { to, files: Files::Restored(name), .. } => (Some(to.clone()), Some(name.clone())),
        Ask::Rollback { to, .. } => (Some(to.clone()), None),
        Ask::Deploy { .. } => (state.rollback_target(std::slice::from_ref(&notice.sha)).cloned(), None),
    };
    let restored = matches!(outcome, Outcome::RolledBack);
    let backup = backup.filter(|_| !restored);
    let place = backup.map(|name| Place { folder: operation.with.backup_folder(), name, lock: String::new() });
    if let Some(to) = to {
        notice.by_hand = commands(session, &operation.with, &to, place.as_ref()).await;
    }
    notice
}

async fn commands<H: Host>(
    session: &Session<'_, H>,
    with: &Environment,
    to: &Sha,
    place: Option<&Place>,
) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(machine(session).await.map(|name| format!("ssh {}", word(&name))));
    all.push(format!("cd {}", word(&with.app_path)));
    all.push(format!("git reset --hard {to}"));
    if let Some(place) = place {
        let copy = |path: &String| format!("cp -a -T {} {}", word(&place.saved(path)), word(path));
        all.extend(with.backup.paths.iter().map(copy));
    } else if !with.deploy_command.is_empty() && !matches!(follows(session), Some(Files::Kept | Files::Restored(_))) {
        let words: Vec<String> = with.deploy_command.iter().map(|one| word(one)).collect();
        all.push(format!("DEPLOY_SHA={to} DEPLOY_ENVIRONMENT={} {}", with.name, words.join(" ")));
    }
    if let Some(compose) = &with.compose {
        let program = program(session, with).await;
        let services: String = compose.services.iter().map(|service| format!(" {}", word(service))).collect();
        all.push(format!("{program} -f {} restart{services}", word(&compose.file)));
    }
    all.extend(with.health.urls.iter().map(|url| format!("curl -fsS {}", word(url))));
    all
}

/// What the request under way does with files; a promote that never ran its command kept them.
fn follows<H: Host>(session: &Session<'_, H>) -> Option<Files> {
    let operation = session.ledger.state.operation.as_ref()?;
    match &operation.ask {
        Ask::Rollback { files, .. } => Some(files.clone()),
        Ask::Promote { .. } if !operation.ran_command() => Some(Files::Kept),
        _ => None,
    }
}

/// The machine's own name, for ssh.
async fn machine<H: Host>(session: &Session<'_, H>) -> Option<String> {
    let run = Run {
        program: "uname".to_owned(),
        args: vec!["-n".to_owned()],
        folder: None,
        env: BTreeMap::new(),
        drop: withheld(&[]),
        limit_ms: 10_000,
        cap: 1_000,
        under_lock: None,
    };
    let reply = session.host.perform(Command::Run(run)).await;
    let told = match (done(&reply), reply) {
        (Ok(()), Reply::Ran(ran)) => Some(ran.stdout.trim().to_owned()),
        _ => None,
    };
    told.or_else(|| session.env.get("RUNNER_NAME").cloned()).filter(|name| !name.is_empty())
}

/// The compose that this machine was found to have.
async fn program<H: Host>(session: &Session<'_, H>, with: &Environment) -> String {
    let read = Command::Read { path: format!("{}/compose.json", with.state_folder), cap: 64 * 1024, keep: Keep::Head };
    let remembered = match session.host.perform(read).await {
        Reply::Text { text, .. } => serde_json::from_str::<Remembered>(&text).ok(),
        _ => None,
    };
    remembered.map_or_else(|| "docker compose".to_owned(), |known| known.compose.program.join(" "))
}

/// One word for a shell: as it is where that is safe, else in quotes.
#[must_use]
pub fn word(text: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "/._-:@%+=,".contains(letter);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

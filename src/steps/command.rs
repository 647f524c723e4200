//! Run the team's own deploy command: an argument list, never a shell.

use std::collections::BTreeMap;

use super::{Trouble, broken, fault};
use crate::host::{Host, Reply, Run};
use crate::machine::entry::{Blame, Touched};
use crate::session::{Session, last_lines};
use crate::time::span;
use crate::tools::secret::withheld;

/// Carries out the step.
pub async fn perform<H: Host>(session: &mut Session<'_, H>) -> Result<String, Trouble> {
    let Some(operation) = session.ledger.state.operation.clone() else {
        return Ok(String::new());
    };
    let Some((program, args)) = operation.with.deploy_command.split_first() else {
        return Ok(String::new());
    };
    let attempt = format!("running {program}");
    let env = BTreeMap::from([
        ("DEPLOY_SHA".to_owned(), operation.ask.target().to_string()),
        ("DEPLOY_ENVIRONMENT".to_owned(), operation.with.name.clone()),
    ]);
    let run = Run {
        program: program.clone(),
        args: args.to_vec(),
        folder: Some(operation.with.app_path.clone()),
        env,
        // By the last the runner finds, at the end of a job, what it kills: also a service that stays.
        drop: withheld(&["GIT_*", "RUNNER_TRACKING_ID"]),
        limit_ms: operation.with.command_limit_ms,
        cap: 64 * 1024,
        // It may start a service that stays: that must not hold our lock.
        under_lock: None,
    };
    let mend = "Run it by hand in `app-path` to see why; it gets DEPLOY_SHA and DEPLOY_ENVIRONMENT.";
    match session.run(run, &attempt).await? {
        Reply::Ran(ran) if ran.timed_out => Err(broken(
            &attempt,
            format!("not done within {}, and ended\n{}", span(operation.with.command_limit_ms), last_lines(&ran, 10)),
            mend,
        )),
        Reply::Ran(ran) if ran.exit == Some(0) => Ok(String::new()),
        Reply::Ran(ran) => {
            let how = match (ran.exit, &ran.signal) {
                (Some(code), _) => format!("exit code {code}"),
                (None, Some(signal)) => format!("ended by {signal}"),
                (None, None) => "ended".to_owned(),
            };
            Err(broken(&attempt, format!("{how}\n{}", last_lines(&ran, 10)), mend))
        }
        Reply::Missing => {
            Err(reset_already(fault(&attempt, "no such program", "Give its absolute path, or put it in PATH.")))
        }
        Reply::Refused { code, text } => {
            Err(reset_already(fault(&attempt, format!("{code} ({text})"), "Is it executable?")))
        }
        other => Err(broken(&attempt, format!("{other:?}"), mend)),
    }
}

/// The command changed nothing, but the reset before it has.
fn reset_already(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Fault { why, .. } => Trouble::Fault { why, touched: Touched::Live, blame: Blame::Version },
        stop => stop,
    }
}

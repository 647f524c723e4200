//! A restart in the order of what waits for what (`depends_on` with a condition): compose's own starts all at once.

use super::Trouble;
use super::afterwards::tell_slow_stop;
use super::engine::{again, run};
use crate::host::{Host, Reply};
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::tools::compose::{Compose, Container, Project};

/// Stops all, and starts them in their order. Where that does not bring all back that ran, as a service that another
/// one waits for is not well any more, all are started at once: the check says what it is worth. Answers what compose
/// said last; `before`: them, as they were.
pub async fn start_again<H: Host>(
    session: &Session<'_, H>,
    compose: &Compose,
    project: &Project,
    before: Vec<Container>,
) -> Result<Reply, Trouble> {
    let began = session.now().await;
    run(session, compose.stop(project)).await?;
    let ms = session.now().await.since(began);
    tell_slow_stop(session, ms, &before).await;
    let started = match run(session, compose.start(project)).await {
        Err(Trouble::Stop(failure)) => return Err(Trouble::Stop(failure)),
        started => started.ok(),
    };
    let now = again(session, &before).await?;
    let is_back = |one: &Container| now.iter().any(|other| other.id == one.id && (other.runs() || other.finished()));
    // A run that was killed between the two has left none that runs.
    let none_ran = !before.iter().any(Container::runs);
    if let Some(reply) = started
        && before.iter().filter(|one| one.runs() || none_ran).all(is_back)
    {
        return Ok(reply);
    }
    session.warn(&Line::Containers(Containers::AtOnce)).await;
    run(session, compose.restart(project)).await
}

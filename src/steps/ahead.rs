//! What the engine says of our containers, asked while git fetches: nothing has changed by then, and
//! each takes about as long as the other. Decides nothing; what cannot be told is asked again later.

use super::apply::{containers, inspection};
use crate::host::Host;
use crate::session::Session;
use crate::tools::compose::{Container, Listed, ours};

/// Containers as they were before anything changed.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// All that compose made on this machine.
    pub listed: Vec<Listed>,
    /// What is known of ours.
    pub ours: Vec<Container>,
}

/// Looks, and keeps what was seen for the compose step.
pub async fn look<H: Host>(session: &Session<'_, H>) {
    let Some(compose) = session.settings().compose else {
        return;
    };
    let Ok(listed) = containers(session).await else {
        return;
    };
    let mine = ours(&listed, std::slice::from_ref(&compose.file), &compose.services);
    if let Ok(ours) = inspection(session, &mine).await {
        *session.ahead.borrow_mut() = Some(Ahead { listed, ours });
    }
}

//! What the engine says of our containers, asked while git is at work: nothing has changed by then, and
//! each takes about as long as the other. Decides nothing; what cannot be told is asked again later.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, ready};
use std::pin::{Pin, pin};

use futures_util::future::{Either, join, select};

use super::spelled::{belong, respell};
use super::which::detect;
use crate::environment::Compose as Settings;
use crate::host::{Command, Host};
use crate::session::Session;
use crate::tools::compose::{Compose, Container, Listed, inspect, inspected, list_containers, listed, ours};

/// Containers as they were before anything changed.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// All that compose made on this machine.
    pub listed: Vec<Listed>,
    /// What is known of ours.
    pub ours: Vec<Container>,
    /// Which compose this machine has; none when that could not be told.
    pub compose: Option<Compose>,
}

/// The question, on its way.
pub struct Inquiry<'a>(Pin<Box<dyn Future<Output = Option<Ahead>> + 'a>>);

impl fmt::Debug for Inquiry<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Inquiry")
    }
}

/// Has it asked beside whatever is carried out by `beside` from here on.
pub fn begin<'a, H: Host>(session: &Session<'a, H>) {
    if let Some(settings) = session.settings().compose {
        let asked = look(session.host, session.env, &session.with.state_folder, settings);
        session.ahead.borrow_mut().get_or_insert_with(|| Inquiry(Box::pin(asked)));
    }
}

/// Carries out `work`, and meanwhile what was begun; does not wait for that.
pub async fn beside<H: Host, T>(session: &Session<'_, H>, work: impl Future<Output = T>) -> T {
    let Some(Inquiry(asked)) = session.ahead.take() else {
        return work.await;
    };
    match select(pin!(work), asked).await {
        Either::Left((done, asked)) => {
            session.ahead.replace(Some(Inquiry(asked)));
            done
        }
        Either::Right((told, work)) => {
            session.ahead.replace(Some(Inquiry(Box::pin(ready(told)))));
            work.await
        }
    }
}

/// The answer, which stays to be [`told`]: for what is asked before anything is touched. Asked now where nobody has
/// asked before.
pub async fn peek<H: Host>(session: &Session<'_, H>) -> Option<Ahead> {
    begin(session);
    let Inquiry(asked) = session.ahead.take()?;
    let told = asked.await;
    session.ahead.replace(Some(Inquiry(Box::pin(ready(told.clone())))));
    told
}

/// The answer, once: later it would no longer be so. None: it was not asked, or could not be told.
pub async fn told<H: Host>(session: &Session<'_, H>) -> Option<Ahead> {
    let Inquiry(asked) = session.ahead.take()?;
    asked.await
}

async fn look<H: Host>(
    host: &H,
    env: &BTreeMap<String, String>,
    state_folder: &str,
    settings: Settings,
) -> Option<Ahead> {
    let asked = async {
        let mut listed = listed(&host.perform(Command::Run(list_containers())).await).ok()?;
        respell(host, &mut listed, &settings.file).await;
        let mine = ours(&listed, std::slice::from_ref(&settings.file), &settings.services);
        let ids: Vec<String> = mine.into_iter().map(|one| one.id).collect();
        let mut ours = match ids.is_empty() {
            true => Vec::new(),
            false => inspected(&host.perform(Command::Run(inspect(&ids))).await).ok()?,
        };
        belong(&mut ours, &listed);
        Some((listed, ours))
    };
    let (told, compose) = join(asked, detect(host, env, state_folder)).await;
    let (listed, ours) = told?;
    Some(Ahead { listed, ours, compose: compose.ok() })
}

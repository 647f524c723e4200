//! What is told of variables that compose has no value for. A value in an env file that holds a `$` is read as one that
//! names a variable: what follows it is a part of a secret, mostly, and is not shown.

use super::standing::read;
use crate::host::{Host, Reply};
use crate::messages::log::{Containers, Line};
use crate::session::Session;
use crate::tools::compose::{asks_for, unset_variables};
use crate::tools::strategy::Strategy;

/// Warns of those that compose's answer tells of; by name where one of these compose files asks for it.
pub async fn tell<H: Host>(session: &Session<'_, H>, files: &[String], reply: &Reply, strategy: Strategy) {
    let names = unset_variables(reply);
    if names.is_empty() {
        return;
    }
    let mut texts = Vec::new();
    for file in files {
        texts.extend(read(session.host, file).await);
    }
    let (asked, others): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| texts.iter().any(|text| asks_for(text, name)));
    if !asked.is_empty() {
        session.warn(&Line::Containers(Containers::Unset(asked, strategy))).await;
    }
    if !others.is_empty() {
        session.warn(&Line::Containers(Containers::UnsetElsewhere)).await;
    }
}

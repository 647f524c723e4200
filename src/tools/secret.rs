//! A secret that cannot be printed, logged or written down by accident.
//!
//! It leaves only through `expose`, which is easy to search for.

use std::collections::BTreeMap;
use std::fmt;

/// Variables of our own process that hold secrets (a `*` at the end: all that begin so). No program that
/// we run inherits them.
pub const VARIABLES: [&str; 5] = ["INPUT_*", "ACTIONS_*", "GITHUB_TOKEN", "WATCH_TOKEN", "DISCORD_WEBHOOK_URL"];

/// These and `more`, as a command drops them.
#[must_use]
pub fn withheld(more: &[&str]) -> Vec<String> {
    VARIABLES.iter().chain(more).map(ToString::to_string).collect()
}

/// Whether one of these, as a command drops them, is this variable.
#[must_use]
pub fn names(drop: &[String], variable: &str) -> bool {
    drop.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => variable.starts_with(start),
        None => variable == pattern,
    })
}

/// Letters of the shortest secret that is looked for in variables: a shorter one stands in many by chance.
const SHORTEST: usize = 8;

/// Variables of our own process in whose value a secret stands, whatever they are called (`GH_TOKEN`): one of
/// these, or what a variable holds that no program inherits anyway.
#[must_use]
pub fn carriers(env: &BTreeMap<String, String>, mut secrets: Vec<String>) -> Vec<String> {
    let known = withheld(&[]);
    // Not all that the runner keeps in `ACTIONS_*` is a secret.
    let is_secret = |name: &str| name.ends_with("_TOKEN") || name.ends_with("_WEBHOOK_URL");
    let of_env = env.iter().filter(|(name, _)| is_secret(name) && names(&known, name));
    secrets.extend(of_env.map(|(_, value)| value.trim().to_owned()));
    secrets.retain(|secret| secret.len() >= SHORTEST);
    let carries = |value: &str| secrets.iter().any(|secret| value.contains(secret.as_str()));
    env.iter().filter(|(_, value)| carries(value)).map(|(name, _)| name.clone()).collect()
}

/// What stands for a secret.
const STRUCK: &str = "***";
/// Bytes of the shortest secret of which a part is looked for, too.
const PARTED: usize = 16;

/// The text without this secret; nor with the half of it or more that is left where a text was cut in the middle
/// of it (a commit's first line, the last lines of a log).
#[must_use]
pub fn struck(mut text: String, secret: &str) -> String {
    if text.contains(secret) {
        text = text.replace(secret, STRUCK);
    }
    // Half an address may be anybody's; what makes it a secret is looked for by itself (`modes::secrets`).
    if secret.len() < PARTED || secret.starts_with("http") {
        return text;
    }
    let middle = (0..=secret.len() / 2).rev().find(|at| secret.is_char_boundary(*at)).unwrap_or(0);
    let (first, second) = secret.split_at(middle);
    while let Some(at) = text.find(first) {
        let rest = text.get(at + first.len()..).unwrap_or_default();
        let end = at + first.len() + alike(rest.chars(), second.chars());
        text.replace_range(at..end, STRUCK);
    }
    while let Some(at) = text.find(second) {
        let rest = text.get(..at).unwrap_or_default();
        let begin = at - alike(rest.chars().rev(), first.chars().rev());
        text.replace_range(begin..at + second.len(), STRUCK);
    }
    text
}

/// Bytes of the letters that both begin with.
fn alike(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
}

/// A token or an address that is a credential; neither `Display` nor `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text in; trimming and checking it is up to the caller.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for a request's header or address and for the mask, nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

//! A secret that cannot be printed, logged or written down by accident.
//!
//! It leaves only through `expose`, which is easy to search for.

use std::fmt;

/// Variables of our own process that hold secrets (a `*` at the end: all that begin so). No program that
/// we run inherits them.
pub const VARIABLES: [&str; 5] = ["INPUT_*", "ACTIONS_*", "GITHUB_TOKEN", "WATCH_TOKEN", "DISCORD_WEBHOOK_URL"];

/// These and `more`, as a command drops them.
#[must_use]
pub fn withheld(more: &[&str]) -> Vec<String> {
    VARIABLES.iter().chain(more).map(ToString::to_string).collect()
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

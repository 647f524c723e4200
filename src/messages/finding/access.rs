//! What can be seen of GitHub and Discord.

use crate::time::Millis;
use crate::tools::doctor::access::{AccessDenied, Rate};
use crate::tools::doctor::token::TokenKind;
use crate::tools::doctor::webhook::WebhookReply;

/// Which token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// `token`.
    Job,
    /// `watch-token`.
    Watch,
}

/// Seen of GitHub and Discord.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Which repository this is about is not known.
    NoRepository,
    /// The repository is there.
    Repository { name: String, private: bool },
    /// It does not tell.
    RepositoryDenied { name: String, denied: AccessDenied, token: Option<TokenKind> },
    /// Of a token.
    Token(Token),
    /// Requests left.
    Rate { rate: Rate, now: Millis },
    /// Of the workflow that decides.
    Ci(Ci),
    /// Deployments may be read.
    Deployments,
    /// They may not; nothing here needs them.
    NoDeployments { denied: AccessDenied },
    /// No webhook is given.
    NoWebhook,
    /// What Discord says of the webhook.
    Webhook(WebhookReply),
}

/// Seen of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Its kind, and when it ends.
    Of { which: Which, kind: TokenKind, end: Option<Millis> },
    /// It ends soon, in so many milliseconds.
    Ends { which: Which, kind: TokenKind, left_ms: u64 },
    /// A kind that cannot work for this.
    Unfit { which: Which, kind: TokenKind },
    /// A classic token can do everything its owner can.
    Wide { which: Which },
    /// It is not given; whether the repository is private.
    Missing { which: Which, private: bool },
    /// GitHub does not accept the watch token for this repository.
    Denied { denied: AccessDenied },
}

/// Seen of the workflow that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ci {
    /// It is there, and had so many runs on the branch.
    Workflow { file: String, name: String, branch: String, runs: u64 },
    /// It never ran on the branch.
    Idle { file: String, branch: String },
    /// It is switched off.
    Off { file: String, state: String },
    /// There is none such; the nearest one, and all of them.
    Unknown { wanted: String, nearest: Option<String>, known: Vec<String> },
    /// Its end triggers no workflow that tells us of it: its name, and those that wait for others, each with what it
    /// waits for. None: nothing in the work tree waits for any.
    Unheard { name: String, others: Vec<(String, Vec<String>)> },
    /// Several have this name.
    Twice { name: String, files: Vec<String> },
    /// Workflows or runs are not to be read.
    Denied { denied: AccessDenied },
}

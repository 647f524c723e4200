//! Whether a Discord webhook is there, by reading it: nothing is posted.

use serde_json::Value;

use crate::host::{Http, Keep, Reply};
use crate::tools::discord::{AGENT, versioned};
use crate::tools::github::text;
use crate::tools::secret::Secret;

/// What Discord says of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookReply {
    /// It is there; its name, which somebody else chose.
    There(String),
    /// 404 or 401: it was taken away, or the address is wrong.
    Gone,
    /// It answers something that no webhook does.
    NotAWebhook(u16),
    /// Too many requests, or trouble at Discord: it proves nothing.
    Later(u16),
    /// No answer; the system's words.
    Unreached(String),
}

/// Asks for the webhook. Read by [`told`].
#[must_use]
pub fn ask(webhook: &Secret, limit_ms: u64) -> Http {
    Http {
        method: "GET".to_owned(),
        url: versioned(webhook.expose()),
        headers: vec![("User-Agent".to_owned(), AGENT.to_owned())],
        body: None,
        limit_ms,
        cap: 64 * 1024,
        keep: Keep::Head,
    }
}

/// What the answer says.
#[must_use]
pub fn told(reply: &Reply) -> WebhookReply {
    match reply {
        Reply::Answered(answered) => match answered.status {
            200 => {
                let body: Value = serde_json::from_str(&answered.body).unwrap_or_default();
                // Every webhook has an id, a snowflake.
                match text(&body, "id") {
                    Some(_) => WebhookReply::There(text(&body, "name").unwrap_or_default()),
                    None => WebhookReply::NotAWebhook(200),
                }
            }
            401 | 404 => WebhookReply::Gone,
            // Of a relay that takes a POST alone, 501 is its whole answer (RFC 9110, 15.6.2).
            429 | 500 | 502.. => WebhookReply::Later(answered.status),
            status => WebhookReply::NotAWebhook(status),
        },
        Reply::Unreached { text, .. } => WebhookReply::Unreached(text.chars().take(120).collect()),
        _ => WebhookReply::Unreached("?".to_owned()),
    }
}

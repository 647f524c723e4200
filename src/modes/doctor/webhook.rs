//! Discord: the webhook is read, nothing is ever posted.

use super::{Visit, ask};
use crate::host::Host;
use crate::messages::finding::{Access, Finding, FindingSeen, Level, Section};
use crate::tools::doctor::webhook::{self, WebhookReply};
use crate::tools::question::LIMIT_MS;

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>) -> Vec<Finding> {
    let (level, seen) = match &visit.config.secrets.webhook {
        None => (Level::Skipped, Access::NoWebhook),
        Some(address) => {
            let told = webhook::told(&ask::http(visit.host, webhook::ask(address, LIMIT_MS)).await);
            let level = match told {
                WebhookReply::There(_) => Level::Ok,
                WebhookReply::Gone | WebhookReply::NotAWebhook(_) => Level::Fail,
                // Messages would be lost; a deploy is never held up by that.
                WebhookReply::Later(_) | WebhookReply::Unreached(_) => Level::Warn,
            };
            (level, Access::Webhook(told))
        }
    };
    vec![Finding { place: Section::Access, level, seen: FindingSeen::Access(seen) }]
}

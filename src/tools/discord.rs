//! Discord webhooks: a message as data, the request that posts it, and what the answer proves.
//!
//! Whatever the message holds, the request is within Discord's limits and rings nobody but whom
//! `ring` names. The webhook's address is a credential: no text made here contains it.

use serde_json::{Map, Value, json};

use crate::host::{Answered, Http, Keep, Phase, Reply};
use crate::time::Millis;
use crate::tools::http::{float_to_ms, origin, retry_after};
use crate::tools::letters::bounded;
use crate::tools::markdown::{fitted, length};
use crate::tools::secret::Secret;

/// UTF-16 units of a message's text.
pub const CONTENT_LIMIT: usize = 2000;
/// UTF-16 units of an embed's title, and of a field's name.
pub const TITLE_LIMIT: usize = 256;
/// UTF-16 units of an embed's description.
pub const DESCRIPTION_LIMIT: usize = 4096;
/// UTF-16 units of a field's value.
pub const VALUE_LIMIT: usize = 1024;
/// Fields of an embed.
pub const FIELD_LIMIT: usize = 25;
/// UTF-16 units of an embed's texts together.
pub const EMBED_LIMIT: usize = 6000;
/// Time for one post, in milliseconds.
pub const LIMIT_MS: u64 = 10_000;
/// How we call ourselves: anything else may be turned away at Discord's edge.
pub(crate) const AGENT: &str =
    concat!("DiscordBot (https://github.com/org/mangetamain-deploy, ", env!("CARGO_PKG_VERSION"), ")");
/// What to wait, in milliseconds, where Discord does not say for how long.
const PAUSE_MS: u64 = 1000;

/// A message; texts of any length, cut when it is posted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Markdown of ours; foreign parts already through `markdown::neutral`.
    pub content: String,
    /// A framed part.
    pub embed: Option<Embed>,
    /// Whom it rings; nobody, when none.
    pub ring: Option<Mention>,
}

/// The framed part of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Embed {
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: String,
    /// Where the title leads; left out unless http or https.
    pub url: Option<String>,
    /// 0xRRGGBB.
    pub colour: Option<u32>,
    /// Name and value; what does not fit is left out from the end.
    pub fields: Vec<(String, String)>,
}

/// Whom a message may ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mention {
    /// A role.
    Role(u64),
    /// A person.
    User(u64),
    /// A role or a person: an id alone does not say, so both are rung, and the wrong one is
    /// nobody.
    Either(u64),
    /// Everyone in the channel.
    Everyone,
}

/// Why a text is not a [`Mention`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not `everyone`, a role or user id, `role:ID`, `user:ID`, `<@&ID>` or `<@ID>`")]
pub struct NotAMention(pub String);

impl Mention {
    /// Reads the setting `discord-mention`.
    pub fn parse(text: &str) -> Result<Self, NotAMention> {
        let text = text.trim();
        let tagged = text.strip_prefix("<@").and_then(|rest| rest.strip_suffix('>'));
        let found = if text == "everyone" || text == "@everyone" {
            Some(Self::Everyone)
        } else if let Some(id) = text.strip_prefix("role:") {
            snowflake(id).map(Self::Role)
        } else if let Some(id) = text.strip_prefix("user:") {
            snowflake(id).map(Self::User)
        } else if let Some(id) = tagged.and_then(|tagged| tagged.strip_prefix('&')) {
            snowflake(id).map(Self::Role)
        } else if let Some(tagged) = tagged {
            snowflake(tagged.strip_prefix('!').unwrap_or(tagged)).map(Self::User)
        } else {
            snowflake(text).map(Self::Either)
        };
        found.ok_or_else(|| NotAMention(bounded(text, 80)))
    }

    /// As it stands at the head of a message.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Role(id) => format!("<@&{id}>"),
            Self::User(id) => format!("<@{id}>"),
            Self::Either(id) => format!("<@&{id}> <@{id}>"),
            Self::Everyone => "@everyone".to_owned(),
        }
    }
}

fn snowflake(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| digits && *id > 0)
}

/// Whether Discord answers with the message that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It does, once the message is stored: only so is a post proven.
    Asked,
    /// It answers at once, and does not say when the message is lost.
    Waived,
}

/// Why a text is not a webhook's address; never contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadWebhook {
    /// Nothing in it.
    Empty,
    /// A blank, a line break or a control character in it.
    Broken,
    /// Another scheme, no host, a user name, or a `#`.
    NotAnAddress,
}

/// Reads the setting `discord-webhook`; blanks around it are allowed.
pub fn webhook(text: &str) -> Result<Secret, BadWebhook> {
    let text = text.trim();
    if text.is_empty() {
        Err(BadWebhook::Empty)
    } else if text.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        Err(BadWebhook::Broken)
    } else if origin(text).is_none() || text.contains('#') {
        Err(BadWebhook::NotAnAddress)
    } else {
        Ok(Secret::new(text))
    }
}

/// Posts a message. Discord's own addresses are asked in version 10 of its API.
#[must_use]
pub fn post(webhook: &Secret, message: &Message, receipt: Receipt) -> Http {
    let mut url = versioned(webhook.expose());
    if receipt == Receipt::Asked {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str("wait=true");
    }
    request("POST", url, message)
}

/// Puts this message in the place of one that the webhook has posted. It rings nobody, and says so again:
/// an edit without `allowed_mentions` would be read with the webhook's defaults.
#[must_use]
pub fn edit(webhook: &Secret, id: u64, message: &Message) -> Http {
    let url = versioned(webhook.expose());
    let (path, query) = url.split_once('?').map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{}/messages/{id}{query}", path.trim_end_matches('/'));
    request("PATCH", url, &Message { ring: None, ..message.clone() })
}

fn request(method: &str, url: String, message: &Message) -> Http {
    Http {
        method: method.to_owned(),
        url,
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("User-Agent".to_owned(), AGENT.to_owned()),
        ],
        body: Some(payload(message).to_string()),
        limit_ms: LIMIT_MS,
        cap: 64 * 1024,
        keep: Keep::Head,
    }
}

/// Without a version in its path an address of Discord's means version 6, long given up.
pub(crate) fn versioned(url: &str) -> String {
    let host = origin(url).map(|origin| origin.host).unwrap_or_default();
    let discord =
        ["discord.com", "discordapp.com"].iter().any(|name| host == *name || host.ends_with(&format!(".{name}")));
    if discord { url.replacen("/api/webhooks/", "/api/v10/webhooks/", 1) } else { url.to_owned() }
}

fn payload(message: &Message) -> Value {
    let embed = message.embed.as_ref().and_then(embed);
    let mut content = message.content.trim().to_owned();
    if let Some(ring) = message.ring {
        content = format!("{} {content}", ring.text());
    }
    if content.is_empty() && embed.is_none() {
        content.push('…');
    }
    json!({
        "content": fitted(content.trim_end(), CONTENT_LIMIT),
        "embeds": embed.into_iter().collect::<Vec<Value>>(),
        "allowed_mentions": allowed(message.ring),
    })
}

fn allowed(ring: Option<Mention>) -> Value {
    let one = |id: u64| json!([id.to_string()]);
    match ring {
        None => json!({ "parse": [] }),
        Some(Mention::Everyone) => json!({ "parse": ["everyone"] }),
        Some(Mention::Role(id)) => json!({ "parse": [], "roles": one(id) }),
        Some(Mention::User(id)) => json!({ "parse": [], "users": one(id) }),
        Some(Mention::Either(id)) => json!({ "parse": [], "roles": one(id), "users": one(id) }),
    }
}

/// None when there is nothing to see in it.
fn embed(embed: &Embed) -> Option<Value> {
    let mut left = EMBED_LIMIT;
    let mut take = |text: &str, limit: usize| {
        let text = fitted(text.trim(), limit.min(left));
        left -= length(&text);
        text
    };
    let title = take(&embed.title, TITLE_LIMIT);
    let description = take(&embed.description, DESCRIPTION_LIMIT);
    let mut fields = Vec::new();
    for (name, value) in embed.fields.iter().take(FIELD_LIMIT) {
        let name = take(visible(name), TITLE_LIMIT);
        let value = take(visible(value), VALUE_LIMIT);
        if name.is_empty() || value.is_empty() {
            break;
        }
        fields.push(json!({ "name": name, "value": value }));
    }
    if title.is_empty() && description.is_empty() && fields.is_empty() {
        return None;
    }
    let mut out = Map::new();
    for (key, text) in [("title", title), ("description", description)] {
        if !text.is_empty() {
            out.insert(key.to_owned(), json!(text));
        }
    }
    out.insert("fields".to_owned(), json!(fields));
    let address = embed.url.as_ref().filter(|url| origin(url).is_some() && length(url) <= 2048);
    if let Some(url) = address {
        out.insert("url".to_owned(), json!(url));
    }
    if let Some(colour) = embed.colour {
        out.insert("color".to_owned(), json!(colour.min(0xff_ffff)));
    }
    Some(Value::Object(out))
}

/// Discord refuses a field with an empty name or value.
fn visible(text: &str) -> &str {
    if text.trim().is_empty() { "\u{200b}" } else { text }
}

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// It is in the channel, as far as the receipt says.
    Sent {
        /// The message's id; none without a receipt.
        id: Option<u64>,
    },
    /// It is not; try again.
    Later {
        /// Wait at least so many milliseconds.
        ms: u64,
    },
    /// It is not, and the same message never will be.
    Refused {
        /// Status and Discord's code, for the log.
        why: String,
    },
    /// The webhook does not exist any more: stop using it.
    Gone,
    /// It may be; trying again could show it twice.
    Unknown,
    /// The message that was to be edited is gone, or may not be edited any more.
    NoMessage,
}

/// Reads the answer to [`edit`]. Whatever Discord has against the edit alone, a new message can be tried
/// instead: an unknown message (10008), too many edits of one that is older than an hour (30046), somebody
/// else's message (50005).
#[must_use]
pub fn edited(reply: &Reply, now: Millis) -> Posted {
    match posted(reply, now) {
        Posted::Gone if code_of(reply) != Some(10015) && code_of(reply) != Some(50027) => Posted::NoMessage,
        Posted::Later { .. } if code_of(reply) == Some(30046) => Posted::NoMessage,
        Posted::Refused { .. } => Posted::NoMessage,
        other => other,
    }
}

fn code_of(reply: &Reply) -> Option<u64> {
    let Reply::Answered(answered) = reply else {
        return None;
    };
    let body: Value = serde_json::from_str(&answered.body).ok()?;
    body.get("code").and_then(Value::as_u64)
}

/// Reads the answer to [`post`].
#[must_use]
pub fn posted(reply: &Reply, now: Millis) -> Posted {
    match reply {
        Reply::Answered(answered) => answer(answered, now),
        Reply::Unreached { phase: Phase::Url, .. } => {
            Posted::Refused { why: "the webhook's address cannot be asked".to_owned() }
        }
        Reply::Unreached { phase: Phase::Resolve | Phase::Network | Phase::Connect | Phase::Tls, .. } => {
            Posted::Later { ms: PAUSE_MS }
        }
        _ => Posted::Unknown,
    }
}

fn answer(answered: &Answered, now: Millis) -> Posted {
    let body: Value = serde_json::from_str(&answered.body).unwrap_or_default();
    match answered.status {
        200..=299 => {
            let id = body.get("id").and_then(Value::as_str).and_then(snowflake);
            Posted::Sent { id }
        }
        429 => {
            let told = body.get("retry_after").and_then(Value::as_f64).and_then(float_to_ms);
            Posted::Later { ms: told.or(retry_after(answered, now)).unwrap_or(PAUSE_MS) }
        }
        503 => Posted::Later { ms: retry_after(answered, now).unwrap_or(PAUSE_MS) },
        // Something on the way broke, perhaps after the message was taken.
        500..=599 => Posted::Unknown,
        401 | 404 => Posted::Gone,
        status => {
            let code = body.get("code").and_then(Value::as_u64);
            let code = code.map(|code| format!(", Discord's code {code}")).unwrap_or_default();
            Posted::Refused { why: format!("status {status}{code}") }
        }
    }
}

//! What people are told: one notice, rendered for Discord, the log and the summary. Every sentence
//! stands in `fr` and `en`; this file only chooses and frames. Outside texts are made harmless for
//! the place they go to.

mod en;
mod fr;
mod notice;

pub use notice::{Digest, DigestJob, Kind, Notice};

use crate::environment::{Environment, Locale};
use crate::host::Host;
use crate::tools::discord::{Embed, Mention, Message};
use crate::tools::markdown;
use crate::voice::Voice;

/// Colour of a framed part that tells of a failure (0xRRGGBB).
const RED: u32 = 0xD7_3A_49;

/// The notice as lines, outside texts passed through `quote`; the first line is the headline.
#[must_use]
pub fn lines(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match with.locale {
        Locale::Fr => fr::lines(notice, with, quote),
        Locale::En => en::lines(notice, with, quote),
    }
}

/// The notice for the log.
#[must_use]
pub fn log_text(notice: &Notice, with: &Environment) -> String {
    let mut text = lines(notice, with, &|text| text.to_owned()).join("\n");
    for job in notice.digest.iter().flat_map(|digest| &digest.jobs) {
        text.push_str(&format!(
            "\n  ✗ {}{}",
            job.name,
            job.step.as_ref().map_or(String::new(), |step| format!(" › {step}"))
        ));
        if let Some(url) = &job.url {
            text.push_str(&format!(" {url}"));
        }
        for line in &job.lines {
            text.push_str(&format!("\n    {line}"));
        }
    }
    text
}

/// The notice for Discord.
#[must_use]
pub fn discord<H: Host>(notice: &Notice, with: &Environment, voice: &Voice<'_, H>) -> Message {
    let quote = |text: &str| markdown::neutral(&voice.redact(text));
    let content = lines(notice, with, &quote).join("\n");
    let embed =
        notice.digest.as_ref().filter(|digest| !digest.jobs.is_empty()).map(|digest| framed(digest, with, voice));
    let ring = with.mention.as_deref().filter(|_| notice.is_critical()).and_then(|text| Mention::parse(text).ok());
    Message { content, embed, ring }
}

fn framed<H: Host>(digest: &Digest, with: &Environment, voice: &Voice<'_, H>) -> Embed {
    let mut description = String::new();
    for job in &digest.jobs {
        let label = match &job.step {
            Some(step) => format!("{} › {step}", job.name),
            None => job.name.clone(),
        };
        let label = voice.redact(&label);
        let head = match &job.url {
            Some(url) => markdown::link(&label, url),
            None => markdown::neutral(&label),
        };
        description.push_str(&format!("❌ {head}\n"));
        if !job.lines.is_empty() {
            let body = markdown::in_fence(&voice.redact(&job.lines.join("\n")));
            description.push_str(&format!("```\n{body}\n```\n"));
        }
    }
    let title = match with.locale {
        Locale::Fr => "Pourquoi le CI a échoué",
        Locale::En => "Why CI failed",
    };
    Embed { title: title.to_owned(), description, url: Some(digest.url.clone()), colour: Some(RED), fields: Vec::new() }
}

/// An author's name; a login keeps its `@`, unless that would read as a call to everybody.
fn notice_author(author: &str, quote: &dyn Fn(&str) -> String) -> String {
    let login = author.strip_prefix('@').filter(|login| {
        let plain = login.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !matches!(*login, "everyone" | "here")
    });
    login.map_or_else(|| quote(author), |login| format!("@{login}"))
}

/// The commands that put `sha` live by hand, in order.
#[must_use]
pub fn by_hand(with: &Environment, sha: &str) -> Vec<String> {
    let mut commands = vec![format!("cd {}", with.app_path), format!("git reset --hard {sha}")];
    if !with.deploy_command.is_empty() {
        commands.push(with.deploy_command.join(" "));
    }
    if let Some(compose) = &with.compose {
        commands.push(
            format!("docker compose -f {} restart {}", compose.file, compose.services.join(" ")).trim_end().to_owned(),
        );
    }
    commands.extend(with.health.urls.iter().map(|url| format!("curl -fsS {url}")));
    commands
}

//! A notice as a framed message, and where it goes: what a deploy comes to is told in its one message;
//! what somebody has to hear of comes as a new one too, since an edit rings for nobody.

use super::ending::Left;
use super::judged::Judged;
use super::{Notice, NoticeKind, digest, fitting};
use crate::environment::Environment;
use crate::host::Host;
use crate::machine::entry::Because;
use crate::outbox::Disposition;
use crate::tools::discord::{DESCRIPTION_LIMIT, Embed, Mention, Message};
use crate::tools::markdown;
use crate::voice::Voice;

/// Colours of the frame (0xRRGGBB): under way, live and not yet judged, well, badly, over without a change.
const BLUE: u32 = 0x2F_81_F7;
pub(super) const AMBER: u32 = 0xD2_99_22;
pub(super) const GREEN: u32 = 0x2D_A4_4E;
pub(super) const RED: u32 = digest::RED;
const GREY: u32 = 0x8B_94_9E;
/// Letters of a word that is set off as the name of what follows it.
const NAME: usize = 40;

/// The messages of a notice, in order, each with its place.
#[must_use]
pub fn messages<H: Host>(notice: &Notice, with: &Environment, voice: &Voice<'_, H>) -> Vec<(Message, Disposition)> {
    let message = framed(notice, with, voice);
    let of = notice.of.clone();
    match weight(notice) {
        Weight::Opening => vec![(message, Disposition::Opens(of))],
        Weight::Aside => vec![(message, Disposition::Apart)],
        Weight::Progress => vec![(message, Disposition::Continues(of))],
        Weight::Beside => vec![(message, Disposition::Apart)],
        Weight::Past => vec![(message, Disposition::Amends(of))],
        // The new one first: somebody waits for it.
        Weight::Alarm => {
            let ring = with.mention.as_deref().filter(|_| notice.is_critical());
            let ring = ring.and_then(|text| Mention::parse(text).ok());
            vec![(Message { ring, ..message.clone() }, Disposition::Apart), (message, Disposition::Amends(of))]
        }
    }
}

/// Whether it tells how the deploy goes on, so that what was told of that before is of the past: not what leaves it as
/// it was.
#[must_use]
pub fn is_of_its_story(notice: &Notice) -> bool {
    !matches!(weight(notice), Weight::Aside | Weight::Beside)
}

enum Weight {
    /// A deploy begins.
    Opening,
    /// A request that changed nothing: no deploy of its own.
    Aside,
    /// The deploy goes on.
    Progress,
    /// Somebody should hear of it, and what the deploy's message says still holds, its commands with it.
    Beside,
    /// Nobody waits for it, but the deploy's message says what is not so any more.
    Past,
    /// Somebody should hear of it.
    Alarm,
}

fn weight(notice: &Notice) -> Weight {
    match &notice.kind {
        NoticeKind::Started | NoticeKind::Promoting { .. } => Weight::Opening,
        NoticeKind::Unchanged
        | NoticeKind::Superseded
        | NoticeKind::Refused(_)
        | NoticeKind::Unconfirmed(_)
        | NoticeKind::Busy(_) => Weight::Aside,
        NoticeKind::Unvalidated { .. } | NoticeKind::Unwell if notice.ill.is_some() => Weight::Beside,
        // The alert stands below the message that would be edited, as the last word.
        NoticeKind::Validated if notice.ends_alert => Weight::Alarm,
        NoticeKind::Deployed { .. } | NoticeKind::Promoted | NoticeKind::Validated | NoticeKind::Aside { .. } => {
            Weight::Progress
        }
        // Its message says that it is live, which is so still.
        NoticeKind::Interrupted { left: Left::Nothing | Left::Unchanged, .. } | NoticeKind::Dropped { .. } => {
            if notice.is_live() { Weight::Aside } else { Weight::Progress }
        }
        NoticeKind::Replaced { .. } => Weight::Past,
        // The rollback that follows is what has to be heard.
        NoticeKind::Failed(_) | NoticeKind::Unhealthy(_) if notice.is_followed => Weight::Progress,
        _ => Weight::Alarm,
    }
}

fn colour(notice: &Notice) -> u32 {
    match &notice.kind {
        NoticeKind::Started | NoticeKind::Promoting { .. } => BLUE,
        NoticeKind::Deployed { .. } if notice.judged == Judged::Already => GREEN,
        NoticeKind::Unvalidated { .. } | NoticeKind::Unwell if notice.ill_still().is_some() => RED,
        NoticeKind::Deployed { .. } | NoticeKind::Unvalidated { .. } | NoticeKind::Unwell => AMBER,
        NoticeKind::Validated if !notice.is_live() => GREY,
        NoticeKind::Aside { is_lost: true } => AMBER,
        NoticeKind::Promoted | NoticeKind::Validated | NoticeKind::Unchanged | NoticeKind::Aside { is_lost: false } => {
            GREEN
        }
        NoticeKind::Interrupted { left: Left::Nothing | Left::Unchanged, .. } => GREY,
        NoticeKind::RolledBack { because: Because::Person, .. } | NoticeKind::Interrupted { .. } => AMBER,
        NoticeKind::Superseded | NoticeKind::Refused(_) | NoticeKind::Unconfirmed(_) | NoticeKind::Busy(_) => GREY,
        NoticeKind::Condemned { .. } if notice.may_run => RED,
        NoticeKind::Condemned { .. }
        | NoticeKind::Replaced { .. }
        | NoticeKind::Lifted
        | NoticeKind::Dropped { .. } => GREY,
        _ => RED,
    }
}

/// The headline as the message's own text, as that is what a telephone shows; the rest in the frame.
fn framed<H: Host>(notice: &Notice, with: &Environment, voice: &Voice<'_, H>) -> Message {
    let quote = |text: &str| markdown::neutral(&voice.cleaned(text));
    let fits = |(_, description): &(String, String)| markdown::length(description) <= DESCRIPTION_LIMIT;
    let (content, mut description) = fitting(notice, with, &quote, &parted, &fits);
    if let Some(digest) = &notice.digest {
        for line in digest::facts(digest, with.locale, &quote) {
            description.push_str(&set_off(&line));
            description.push('\n');
        }
        if !digest.jobs.is_empty() {
            description.push_str(&format!("**{}**\n", digest::heading(with.locale)));
            let room = DESCRIPTION_LIMIT.saturating_sub(markdown::length(&description));
            description.push_str(&digest::jobs(digest, with.locale, voice, room));
        }
    }
    let colour = Some(colour(notice));
    Message { content, embed: Some(Embed { description, colour, ..Embed::default() }), ring: None }
}

/// Lines as a framed message of this colour.
pub(super) fn in_frame(lines: Vec<String>, colour: u32) -> Message {
    let (content, description) = parted(lines);
    Message { content, embed: Some(Embed { description, colour: Some(colour), ..Embed::default() }), ring: None }
}

/// The headline, and what stands in the frame.
fn parted(lines: Vec<String>) -> (String, String) {
    let mut lines = lines.into_iter();
    let content = lines.next().unwrap_or_default();
    let (mut description, mut is_code) = (String::new(), false);
    for line in lines {
        is_code ^= line.starts_with("```");
        description.push_str(&if is_code { line } else { set_off(&line) });
        description.push('\n');
    }
    (content, description)
}

/// `Name: value` with its name in bold; in French a blank may stand before the colon.
fn set_off(line: &str) -> String {
    let plain = |name: &str| name.len() <= NAME && name.chars().all(|letter| letter.is_alphabetic() || letter == ' ');
    match line.split_once(": ") {
        Some((name, value)) if plain(name) => format!("**{name}:** {value}"),
        _ => line.to_owned(),
    }
}

//! Text for Discord: foreign text made harmless, and any text made to fit.
//!
//! Knows Discord's markdown and its way of counting; knows nothing of messages.

use super::letters::acts;

/// Stands after an `@` and between backticks, unseen, so that neither means anything.
const BREAK: char = '\u{200b}';
const FENCE: &str = "```";

/// How Discord counts a text at most: in UTF-16 units, never fewer than code points.
#[must_use]
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Cuts a text to at most `limit` UTF-16 units, with `…` where it was cut. A code block that the
/// cut leaves open is closed; characters that are drawn as one stay together.
#[must_use]
pub fn fitted(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    if limit == 0 {
        return String::new();
    }
    let kept = start(text, limit - 1);
    if kept.matches(FENCE).count().is_multiple_of(2) {
        return format!("{kept}…");
    }
    let closing = format!("…\n{FENCE}");
    let kept = start(text, limit.saturating_sub(length(&closing)));
    if kept.matches(FENCE).count().is_multiple_of(2) { format!("{kept}…") } else { format!("{kept}{closing}") }
}

/// At most the first `limit` UTF-16 units, without a broken character or blanks at the end.
fn start(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let fits = |(_, letter): &(usize, char)| {
        used += letter.len_utf16();
        used <= limit
    };
    let last = text.char_indices().take_while(fits).last();
    let hard = last.map_or(0, |(at, letter)| at + letter.len_utf8());
    let (head, tail) = text.split_at(hard);
    let head = head.get(..whole(head, tail)).unwrap_or(head).trim_end();
    let escapes = head.len() - head.trim_end_matches('\\').len();
    if escapes.is_multiple_of(2) { head } else { head.strip_suffix('\\').unwrap_or(head) }
}

/// Where `head` may end so that `tail` begins with a character drawn on its own; gives up after
/// 40 characters, as no drawn character is longer.
fn whole(head: &str, tail: &str) -> usize {
    let mut next = tail.chars().next();
    let flags = head.chars().rev().take_while(|letter| is_flag(*letter)).count();
    let splits_flag = next.is_some_and(is_flag) && !flags.is_multiple_of(2);
    let mut forced = splits_flag;
    for (at, letter) in head.char_indices().rev().take(40) {
        if !forced && !next.is_some_and(continues) && letter != '\u{200d}' {
            return at + letter.len_utf8();
        }
        forced = false;
        next = Some(letter);
    }
    head.len()
}

fn is_flag(letter: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&letter)
}

/// Drawn together with the character before it.
fn continues(letter: char) -> bool {
    matches!(letter,
        '\u{200d}' | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Foreign text for one line of a message: no markdown, no mention, no link, no line break.
#[must_use]
pub fn neutral(text: &str) -> String {
    let mut out = String::new();
    for letter in text.trim().chars() {
        match letter {
            '@' => out.extend(['@', BREAK]),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            _ if acts(letter) => {}
            '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '#' | '-' | '+' | '[' | ']' | '(' | ')' | '<' | ':' | '/'
            | '.' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out
}

/// Foreign text for the inside of a code block; lines stay lines.
#[must_use]
pub fn in_fence(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '`' if out.ends_with('`') => out.extend([BREAK, '`']),
            '\n' => out.push('\n'),
            '\t' => out.push_str("    "),
            _ if acts(letter) => {}
            _ => out.push(letter),
        }
    }
    out
}

/// A link with a foreign label; the label alone when the address could end the link.
#[must_use]
pub fn link(label: &str, url: &str) -> String {
    let label = neutral(label);
    let harmless = |byte: u8| byte.is_ascii_graphic() && !b"<>()\\".contains(&byte);
    if crate::tools::http::origin(url).is_some() && url.bytes().all(harmless) {
        format!("[{label}](<{url}>)")
    } else {
        label
    }
}

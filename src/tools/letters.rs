//! Letters that act instead of showing: control characters, and those that turn text round, take no
//! room, or break lines. One table, for every place that shows outside text.

use std::iter::Peekable;
use std::str::Chars;

/// Whether a letter has no place in outside text that is shown. The joiner of drawn letters (U+200D) and
/// variation selectors have: emoji are made with them.
#[must_use]
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Foreign text for a record of ours: no letters that act, at most `limit` characters.
pub(crate) fn bounded(text: &str, limit: usize) -> String {
    text.chars().filter(|letter| !acts(*letter)).take(limit).collect()
}

/// At most `limit` characters of a line for people, who see where it was cut.
pub(crate) fn shortened(line: &str, limit: usize) -> String {
    match line.chars().nth(limit) {
        None => line.to_owned(),
        Some(_) => line.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A line without escape sequences (ECMA-48) and letters that act; what only moves on becomes a blank.
pub(crate) fn unescaped(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_escape(&mut letters),
            '\u{9b}' => skip_control_sequence(&mut letters),
            '\t' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => clean.push(' '),
            _ if acts(letter) => {}
            _ => clean.push(letter),
        }
    }
    clean
}

type Letters<'a> = Peekable<Chars<'a>>;

fn skip_escape(letters: &mut Letters<'_>) {
    match letters.peek() {
        Some('[') => {
            letters.next();
            skip_control_sequence(letters);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(letters),
        _ => {
            while letters.next_if(|letter| (' '..='/').contains(letter)).is_some() {}
            letters.next_if(|letter| ('0'..='~').contains(letter));
        }
    }
}

/// Parameters, then one final character.
fn skip_control_sequence(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| (' '..='?').contains(letter)).is_some() {}
    letters.next_if(|letter| ('@'..='~').contains(letter));
}

/// Up to BEL or the string terminator.
fn skip_string(letters: &mut Letters<'_>) {
    while let Some(letter) = letters.next() {
        let terminator = letter == '\u{1b}' && letters.next_if_eq(&'\\').is_some();
        if terminator || letter == '\u{7}' || letter == '\u{9c}' {
            return;
        }
    }
}

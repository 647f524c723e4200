//! Letters that act instead of showing: control characters, and those that turn text round, take no
//! room, or break lines. One table, for every place that shows outside text.

/// Whether a letter has no place in outside text that is shown. The joiner of drawn letters (U+200D) and
/// variation selectors have: emoji are made with them.
#[must_use]
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

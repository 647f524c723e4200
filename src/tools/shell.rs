//! Commands as a person types them.

use crate::host::Run;

/// A command as it is typed.
#[must_use]
pub fn line(run: &Run) -> String {
    let words: Vec<String> = std::iter::once(&run.program).chain(&run.args).map(|one| word(one)).collect();
    words.join(" ")
}

/// One word for a shell: as it is where that is safe, else in quotes.
#[must_use]
pub fn word(text: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "/._-:@%+=,".contains(letter);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

//! Variables that compose has no value for: it goes on with an empty one, and exit code 0.

use crate::host::Reply;
use crate::tools::process::ended;

/// What stands before a name, and after it: in the words of 2.26 (within a quoted text) and of 1.29.
const FORMS: [(&str, &str); 2] = [
    ("The \\\"", "\\\" variable is not set. Defaulting to a blank"),
    ("The ", " variable is not set. Defaulting to a blank"),
];

/// The names of the variables that a compose file asks for and that nobody has set, each once, as compose's warnings
/// tell them. One with a default of its own (`${NAME:-}`) is none of them.
#[must_use]
pub fn unset_variables(reply: &Reply) -> Vec<String> {
    let Ok(ran) = ended(reply) else {
        return Vec::new();
    };
    let mut names: Vec<String> = ran.stderr.lines().filter_map(unset).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a compose file asks for this variable, as `$NAME` or `${NAME...}`.
#[must_use]
pub fn asks_for(text: &str, name: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    let asks = |before: &str| {
        let behind = text.match_indices(before).filter_map(|(at, _)| text.get(at + before.len()..)?.strip_prefix(name));
        behind.into_iter().any(|rest| !goes_on(rest))
    };
    asks("${") || asks("$")
}

fn unset(line: &str) -> Option<&str> {
    let is_name = |name: &&str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    FORMS.iter().find_map(|(before, after)| Some(line.split_once(before)?.1.split_once(after)?.0).filter(is_name))
}

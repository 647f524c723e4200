//! One value: text to something typed, or the sentence that says what is accepted.

use crate::settings::Kind;
use crate::sha::Sha;
use crate::tools::freeze::Window;

/// How the sentence begins that refuses a URL with a name or password in it.
pub const NO_PASSWORD: &str = "must hold no name or password";

/// A value that fits its setting's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, name, path, URL, choice, SHA or secret.
    Text(String),
    /// Items.
    Lines(Vec<String>),
    /// A length of time, milliseconds; or a count.
    Number(u64),
    /// Status codes.
    Statuses(Vec<u16>),
    /// On or off.
    Flag(bool),
    /// Key and value.
    Pair(String, String),
}

/// Reads `text` (not blank) as `kind`; `home` stands for `~`. Err: what is accepted.
pub fn read(kind: Kind, text: &str, home: &str) -> Result<Value, String> {
    let text = text.trim();
    match kind {
        Kind::Text => one_line(text).map(Value::Text),
        Kind::Secret if text.chars().any(char::is_control) => Err("must be one line.".to_owned()),
        Kind::Secret => Ok(Value::Text(text.to_owned())),
        Kind::Name => name(text).map(Value::Text),
        Kind::Path => path(text, home).map(Value::Text),
        Kind::Paths if text == "none" => Ok(Value::Lines(Vec::new())),
        Kind::Paths => each(text, |line| path(line, home)),
        Kind::Url => url(text).map(Value::Text),
        Kind::Urls => each(text, url),
        Kind::Sha => Sha::parse(text)
            .map(|sha| Value::Text(sha.to_string()))
            .map_err(|_| "must be a full SHA, 40 hexadecimal digits.".to_owned()),
        Kind::Lines => each(text, one_line),
        Kind::Windows => each(text, |line| Window::parse(line).map(|_| line.to_owned())),
        Kind::Duration => duration(text).map(Value::Number),
        Kind::Count => count(text).map(Value::Number),
        Kind::Statuses => statuses(text).map(Value::Statuses),
        Kind::Choice(words) => choice(text, words).map(Value::Text),
        Kind::Flag => flag(text).map(Value::Flag),
        Kind::Pair => pair(text),
    }
}

fn each(text: &str, read_line: impl Fn(&str) -> Result<String, String>) -> Result<Value, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(read_line).collect::<Result<Vec<_>, _>>().map(Value::Lines)
}

fn one_line(text: &str) -> Result<String, String> {
    // JSON may come in lines.
    let bad = |letter: char| letter.is_control() && !(text.starts_with('{') && "\n\r\t".contains(letter));
    if text.chars().any(bad) {
        return Err("must be one line without control characters.".to_owned());
    }
    Ok(text.to_owned())
}

fn name(text: &str) -> Result<String, String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins_well && text.len() <= 64 && text.chars().all(safe) {
        return Ok(text.to_owned());
    }
    Err("must be 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit.".to_owned())
}

fn path(text: &str, home: &str) -> Result<String, String> {
    let full = match text.strip_prefix('~') {
        Some(rest) if home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
            return Err("begins with `~`, and the variable HOME is not set: give the whole path.".to_owned());
        }
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
        _ => text.to_owned(),
    };
    if !full.starts_with('/') || full.chars().any(char::is_control) {
        return Err("must be an absolute path (it may begin with `~`).".to_owned());
    }
    let parts: Vec<&str> = full.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err("must be an absolute path without `..`.".to_owned());
    }
    Ok(format!("/{}", parts.join("/")))
}

fn url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.contains('@') {
        return Err(format!("{NO_PASSWORD}: messages, the ledger and the log would show it."));
    }
    if has_host && !text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Ok(text.to_owned());
    }
    Err("must be a URL that begins with http:// or https://.".to_owned())
}

fn duration(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().filter(|number| *number <= 86_400_000);
    match (number, factor) {
        (Some(number), Some(factor)) => Ok(number * factor),
        _ => Err("must be a whole number with its unit, such as 250ms, 10s, 5m or 1h.".to_owned()),
    }
}

fn count(text: &str) -> Result<u64, String> {
    let number = text.parse::<u64>().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| "must be a whole number from 1 to 1000.".to_owned())
}

fn statuses(text: &str) -> Result<Vec<u16>, String> {
    let codes = text.split([',', ' ', '\n']).map(str::trim).filter(|code| !code.is_empty());
    let read = |code: &str| code.parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    codes.map(|code| read(code).ok_or_else(|| "must be HTTP status codes such as 200, 204.".to_owned())).collect()
}

fn choice(text: &str, words: &[&str]) -> Result<String, String> {
    if words.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!("must be one of {}.", words.join(", ")))
}

/// The words that YAML 1.2's core schema, and so the runner's own toolkit, takes.
fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err("must be true or false.".to_owned()),
    }
}

fn pair(text: &str) -> Result<Value, String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(Value::Pair(key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("must be key=value, such as status=ok.".to_owned()),
    }
}

//! One value: text to something typed, or what it should look like.

use crate::failure::problem::Form;
use crate::settings::ValueKind;
use crate::sha::Sha;
use crate::tools::freeze::Window;

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

/// Reads `text` (not blank) as `kind`; `home` stands for `~`.
pub fn read(kind: ValueKind, text: &str, home: &str) -> Result<Value, Form> {
    let text = text.trim();
    match kind {
        ValueKind::Text | ValueKind::File => one_line(text).map(Value::Text),
        ValueKind::Secret if text.chars().any(char::is_control) => Err(Form::Line),
        ValueKind::Secret => Ok(Value::Text(text.to_owned())),
        ValueKind::Name => name(text).map(Value::Text),
        ValueKind::Path => path(text, home).map(Value::Text),
        ValueKind::Paths if text == "none" => Ok(Value::Lines(Vec::new())),
        ValueKind::Paths => each(text, |line| path(line, home)),
        ValueKind::Url => url(text).map(Value::Text),
        ValueKind::Urls => each(text, url),
        ValueKind::Sha => Sha::parse(text).map(|sha| Value::Text(sha.to_string())).map_err(|_| Form::Sha),
        ValueKind::Lines => each(text, one_line),
        ValueKind::Windows => each(text, |line| Window::parse(line).map(|_| line.to_owned()).map_err(Form::Window)),
        ValueKind::Duration => duration(text).map(Value::Number),
        ValueKind::Limit => {
            duration(text).and_then(|ms| if ms > 0 { Ok(ms) } else { Err(Form::NoTime) }).map(Value::Number)
        }
        ValueKind::Count => count(text).map(Value::Number),
        ValueKind::Statuses => statuses(text).map(Value::Statuses),
        ValueKind::Choice(words) => choice(text, words).map(Value::Text),
        ValueKind::Flag => flag(text).map(Value::Flag),
        ValueKind::Pair => pair(text),
    }
}

fn each(text: &str, read_line: impl Fn(&str) -> Result<String, Form>) -> Result<Value, Form> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(read_line).collect::<Result<Vec<_>, _>>().map(Value::Lines)
}

fn one_line(text: &str) -> Result<String, Form> {
    // JSON may come in lines.
    let bad = |letter: char| letter.is_control() && !(text.starts_with('{') && "\n\r\t".contains(letter));
    if text.chars().any(bad) {
        return Err(Form::PlainLine);
    }
    Ok(text.to_owned())
}

fn name(text: &str) -> Result<String, Form> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins_well && text.len() <= 64 && text.chars().all(safe) {
        return Ok(text.to_owned());
    }
    Err(Form::Name)
}

fn path(text: &str, home: &str) -> Result<String, Form> {
    let full = match text.strip_prefix('~') {
        Some(rest) if home.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
            return Err(Form::PathWhole);
        }
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
        _ => text.to_owned(),
    };
    if full.chars().any(char::is_control) {
        return Err(Form::PlainLine);
    }
    if !full.starts_with('/') {
        return Err(Form::Path);
    }
    let parts: Vec<&str> = full.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(Form::PathWithin);
    }
    Ok(format!("/{}", parts.join("/")))
}

fn url(text: &str) -> Result<String, Form> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if authority.contains('@') {
        return Err(Form::UrlOpen);
    }
    if has_host && has_real_port(authority) && !text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Ok(text.to_owned());
    }
    Err(Form::Url)
}

/// Whether the port of `host:port` is one that exists; none is named is fine. An IPv6 host stands in brackets.
fn has_real_port(authority: &str) -> bool {
    let after_host = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
    after_host
        .rsplit_once(':')
        .is_none_or(|(_, port)| port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn duration(text: &str) -> Result<u64, Form> {
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
        _ => Err(Form::Duration),
    }
}

fn count(text: &str) -> Result<u64, Form> {
    let number = text.parse::<u64>().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or(Form::Count)
}

fn statuses(text: &str) -> Result<Vec<u16>, Form> {
    let codes = text.split([',', ' ', '\n']).map(str::trim).filter(|code| !code.is_empty());
    let read = |code: &str| code.parse::<u16>().ok().filter(|code| (100..=599).contains(code));
    codes.map(|code| read(code).ok_or(Form::Statuses)).collect()
}

fn choice(text: &str, words: &'static [&'static str]) -> Result<String, Form> {
    if words.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(Form::Choice(words))
}

/// The words that YAML 1.2's core schema, and so the runner's own toolkit, takes.
fn flag(text: &str) -> Result<bool, Form> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err(Form::Flag),
    }
}

fn pair(text: &str) -> Result<Value, Form> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(Value::Pair(key.trim().to_owned(), value.trim().to_owned())),
        _ => Err(Form::Pair),
    }
}

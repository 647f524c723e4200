//! What `--help` says, in the order of a manual page, made from the table of settings. In the
//! person's language; in English a setting's sentence is the one of the README and of `action.yml`.

use crate::config::args::FLAGS;
use crate::environment::Locale;
use crate::messages::help::{Words, sentence, told};
use crate::settings::{Mode, SETTINGS, Setting, ValueKind};

/// The version, as in Cargo.toml.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Letters of a line.
const WIDTH: usize = 80;

/// The whole help, or one mode's.
#[must_use]
pub fn text(mode: Option<Mode>, locale: Locale) -> String {
    let words = Words::of(locale);
    match mode {
        None => whole(words),
        Some(mode) => of_mode(mode, locale),
    }
}

fn whole(words: &Words) -> String {
    let [name, synopsis, modes, settings, environment, files, exit, examples] = words.heads;
    let mut text = format!("{name}\n    mangetamain-deploy {VERSION}\n{}\n", wrapped(words.purpose, 4));
    text.push_str(&format!(
        "{synopsis}\n    mangetamain-deploy MODE {}\n    mangetamain-deploy MODE --help\n    mangetamain-deploy completions bash|zsh|fish\n    mangetamain-deploy --help | --version\n\n{modes}\n",
        words.usage
    ));
    for mode in Mode::ALL {
        text.push_str(&format!("    {:<9} {}\n", mode.word(), (words.mode)(mode)));
    }
    text.push_str(&format!("\n{settings}\n{}\n", wrapped(words.settings, 4)));
    text.push_str(&format!("{environment}\n{}\n", listed(words.variables)));
    text.push_str(&format!("{files}\n{}\n", listed(words.files)));
    text.push_str(&format!("{exit}\n{}\n{examples}\n", listed(words.exit)));
    text.push_str("    mangetamain-deploy status --html status.html\n    mangetamain-deploy rollback --environment prod --to previous\n    eval \"$(mangetamain-deploy completions bash)\"\n");
    text
}

fn of_mode(mode: Mode, locale: Locale) -> String {
    let words = Words::of(locale);
    let [name, synopsis, ..] = words.heads;
    let word = mode.word();
    let mut text = format!("{name}\n{}\n", wrapped(&format!("mangetamain-deploy {word} - {}", (words.mode)(mode)), 4));
    text.push_str(&format!("{synopsis}\n    mangetamain-deploy {word} {}\n\nOPTIONS\n", words.usage));
    let applies = |setting: &&Setting| {
        setting.input != "mode"
            && setting.kind != ValueKind::Secret
            && (setting.modes.is_empty() || setting.modes.contains(&mode))
    };
    for flag in FLAGS.iter().filter(|flag| flag.mode == mode) {
        text.push_str(&format!("    --{}\n{}", flag.name, wrapped(sentence(locale, flag.name, flag.sentence), 8)));
    }
    for setting in SETTINGS.iter().filter(applies) {
        let value =
            if setting.kind == ValueKind::Flag { String::new() } else { format!(" {}", shape(setting.kind, words)) };
        text.push_str(&format!("    --{}{value}\n", setting.input));
        let about = sentence(locale, setting.input, setting.sentence);
        text.push_str(&wrapped(&format!("{about}{}", default(setting, locale)), 8));
    }
    text
}

fn default(setting: &Setting, locale: Locale) -> String {
    if setting.default.is_empty() {
        return String::new();
    }
    format!(" {} {}.", Words::of(locale).default, told(locale, setting.default))
}

/// Lines of at most [`WIDTH`] letters, each so far from the edge.
fn wrapped(text: &str, margin: usize) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in bound(text) {
        if !line.is_empty() && margin + line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&format!("{:margin$}{line}\n", ""));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push_str(&format!("{:margin$}{line}\n", ""));
    lines
}

/// The words of a text. French sets a sign off from its word, and no line may begin with one.
fn bound(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_sign = word.starts_with([':', ';', '!', '?', '»']);
        match words.last_mut().filter(|last| is_sign || last.ends_with('«')) {
            Some(last) => *last = format!("{last}\u{a0}{word}"),
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// Names with what they are, one below the other.
fn listed(rows: &[(&str, &str)]) -> String {
    rows.iter().map(|(name, sentence)| format!("    {name}\n{}", wrapped(sentence, 8))).collect()
}

/// A value's shape in a usage line.
fn shape(kind: ValueKind, words: &Words) -> String {
    match kind {
        ValueKind::Choice(all) => all.join("|"),
        ValueKind::Flag => "true|false".to_owned(),
        other => (words.shape)(other).to_owned(),
    }
}

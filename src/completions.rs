//! What a shell completes of the operator's command, made from the table of settings: modes, each mode's
//! options, and the words of options that take one of a few. Values that are paths are the shell's to complete.
//! How each shell is asked stands in `completions/`, with `@NAMES@` where the table's rows go.

use crate::config::args::{FLAGS, SHORT};
use crate::environment::Locale;
use crate::messages::help::{Words, sentence};
use crate::settings::{Mode, SETTINGS, Setting, ValueKind};

/// A shell that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// All of them, by their names.
    pub const ALL: [(&'static str, Self); 3] = [("bash", Self::Bash), ("zsh", Self::Zsh), ("fish", Self::Fish)];
}

/// The script for a shell, with sentences in a language: to be evaluated, or put where it looks.
#[must_use]
pub fn script(shell: Shell, locale: Locale) -> String {
    match shell {
        Shell::Bash => bash(locale),
        Shell::Zsh => zsh(locale),
        Shell::Fish => fish(locale),
    }
}

/// An option as a shell sees it: its name, its sentence, and what its value is.
struct Offered {
    name: &'static str,
    sentence: &'static str,
    value: Value,
}

/// What can be offered for an option's value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// It takes none.
    Flag,
    /// One of a few words.
    Words(&'static [&'static str]),
    /// Files and folders.
    Path,
    /// Nothing that a shell knows.
    Text,
}

/// Options beside the choices that take a few words, among others.
const ALSO: &[(&str, &[&str])] = &[("to", &["last-validated", "previous"]), ("backup", &["latest"])];
/// Flags that take the value of a setting that names a file.
const FILES: &[&str] = &["html"];

fn value(name: &str, kind: ValueKind) -> Value {
    let also = ALSO.iter().find(|(option, _)| *option == name).map(|(_, words)| *words);
    match (kind, also) {
        (ValueKind::Flag, _) => Value::Flag,
        (ValueKind::Choice(words), _) | (_, Some(words)) => Value::Words(words),
        (ValueKind::Path | ValueKind::Paths | ValueKind::File, _) => Value::Path,
        _ if FILES.contains(&name) => Value::Path,
        _ => Value::Text,
    }
}

/// The options of a mode; secrets are none.
fn options(mode: Mode, locale: Locale) -> Vec<Offered> {
    let applies = |setting: &&Setting| {
        setting.input != "mode"
            && setting.kind != ValueKind::Secret
            && (setting.modes.is_empty() || setting.modes.contains(&mode))
    };
    let offered = |one: &Setting, name| {
        let sentence = sentence(locale, one.input, one.sentence);
        Offered { name, sentence, value: value(name, one.kind) }
    };
    let own = SETTINGS.iter().filter(applies);
    let mut all: Vec<Offered> = own.map(|one| offered(one, one.input)).collect();
    let flags = FLAGS.iter().filter(|flag| flag.mode == mode);
    all.extend(flags.map(|flag| Offered {
        name: flag.name,
        sentence: sentence(locale, flag.name, flag.sentence),
        value: Value::Flag,
    }));
    let short = SHORT.iter().filter_map(|(short, whole)| {
        let found = SETTINGS.iter().filter(applies).find(|setting| setting.input == *whole)?;
        Some(offered(found, short))
    });
    all.extend(short);
    all
}

/// Each option once: they mean the same in every mode.
fn all(locale: Locale) -> Vec<Offered> {
    let mut all: Vec<Offered> = Mode::ALL.into_iter().flat_map(|mode| options(mode, locale)).collect();
    all.sort_by_key(|one| one.name);
    all.dedup_by_key(|one| one.name);
    all
}

/// A shell's script, its marks replaced by rows.
fn filled(template: &str, rows: &[(&str, String)]) -> String {
    rows.iter().fold(template.to_owned(), |text, (mark, rows)| text.replace(mark, rows))
}

/// The options with such a value, as a pattern of a `case`.
fn pattern(all: &[Offered], value: Value) -> String {
    let names: Vec<String> = all.iter().filter(|one| one.value == value).map(|one| format!("--{}", one.name)).collect();
    names.join("|")
}

/// A row for each option that takes one of a few words.
fn worded(all: &[Offered], row: impl Fn(&str, String) -> String) -> String {
    let rows = all.iter().filter_map(|one| match one.value {
        Value::Words(words) => Some(row(one.name, words.join(" "))),
        _ => None,
    });
    rows.collect::<Vec<String>>().join("\n")
}

/// A row for each mode.
fn each_mode(row: impl Fn(Mode) -> String) -> String {
    Mode::ALL.map(row).join("\n")
}

fn bash(locale: Locale) -> String {
    let all = all(locale);
    let names = |mode| options(mode, locale).iter().map(|one| format!("--{} ", one.name)).collect::<String>();
    let rows = [
        ("@PATHS@", pattern(&all, Value::Path)),
        ("@TEXTS@", pattern(&all, Value::Text)),
        ("@WORDS@", worded(&all, |name, words| format!("    --{name}) words='{words}' ;;"))),
        ("@MODES@", Mode::ALL.map(Mode::word).join(" ")),
        ("@OPTIONS@", each_mode(|mode| format!("        {}) words='{}--help' ;;", mode.word(), names(mode)))),
    ];
    filled(include_str!("completions/bash.bash"), &rows)
}

fn zsh(locale: Locale) -> String {
    let (said, all) = (Words::of(locale), all(locale));
    let quoted = |text: &str| text.replace('\'', "'\\''").replace(':', "\\:");
    let row = |name: &str, sentence: &str| format!("      '{name}:{}'", quoted(sentence));
    let rows_of = |mode: Mode| {
        let mut rows: Vec<String> = vec![format!("    {}) offered=(", mode.word())];
        rows.extend(options(mode, locale).iter().map(|one| row(&format!("--{}", one.name), one.sentence)));
        rows.extend([row("--help", said.explain), "    ) ;;".to_owned()]);
        rows.join("\n")
    };
    let modes = each_mode(|mode| row(mode.word(), (said.mode)(mode)));
    let rows = [
        ("@PATHS@", pattern(&all, Value::Path)),
        ("@TEXTS@", pattern(&all, Value::Text)),
        ("@WORDS@", worded(&all, |name, words| format!("    --{name}) compadd -- {words}; return ;;"))),
        ("@MODES@", format!("{modes}\n{}", row("completions", said.completions))),
        ("@OPTIONS@", each_mode(rows_of)),
    ];
    filled(include_str!("completions/zsh.zsh"), &rows)
}

fn fish(locale: Locale) -> String {
    let said = Words::of(locale);
    // fish knows two escapes between single quotes.
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let command = |rest: String| format!("complete -c mangetamain-deploy -n {rest}");
    let first =
        |word: &str, sentence: &str| command(format!("__fish_use_subcommand -a {word} -d '{}'", quoted(sentence)));
    let option = |mode: Mode, one: &Offered| {
        let value = match one.value {
            Value::Flag => String::new(),
            Value::Path => " -r -F".to_owned(),
            Value::Words(words) => format!(" -x -a '{}'", words.join(" ")),
            Value::Text => " -x".to_owned(),
        };
        let seen = format!("'__fish_seen_subcommand_from {}'", mode.word());
        command(format!("{seen} -l {}{value} -d '{}'", one.name, quoted(one.sentence)))
    };
    let rows_of = |mode: Mode| {
        let rows: Vec<String> = options(mode, locale).iter().map(|one| option(mode, one)).collect();
        rows.join("\n")
    };
    let modes = each_mode(|mode| first(mode.word(), (said.mode)(mode)));
    let rows = [
        ("@MODES@", format!("{modes}\n{}", first("completions", said.completions))),
        ("@OPTIONS@", each_mode(rows_of)),
    ];
    filled(include_str!("completions/fish.fish"), &rows)
}

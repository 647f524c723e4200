//! The operator's command line: `MODE --input value ...` to inputs, or every problem at once.

use std::collections::BTreeMap;
use std::iter::Peekable;

use crate::completions::Shell;
use crate::failure::problem::{Form, Needed, Wrong};
use crate::failure::{Problem, TOLD};
use crate::settings::{self, Mode, SETTINGS, Setting, ValueKind};

/// An option of the command line that is no input: it is about the terminal.
#[derive(Debug)]
pub struct Flag {
    /// Its name.
    pub name: &'static str,
    /// The mode that has it.
    pub mode: Mode,
    /// One sentence.
    pub sentence: &'static str,
}

/// All of them; what they mean is in `manner`.
pub const FLAGS: &[Flag] = &[
    Flag { name: "json", mode: Mode::Status, sentence: "Print the output `state`, for programs." },
    Flag { name: "yes", mode: Mode::Rollback, sentence: "Do not ask before production goes back." },
];

impl Flag {
    /// What a word of the command line says of it; none: nothing, it is another word.
    fn said(&self, arg: &str) -> Option<Said> {
        let rest = arg.strip_prefix("--")?.strip_prefix(self.name)?;
        match rest {
            "" | "=true" => Some(Said::Yes),
            "=false" => Some(Said::No),
            _ if rest.starts_with('=') => Some(Said::Neither),
            _ => None,
        }
    }
}

/// What is said of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Yes,
    No,
    Neither,
}

/// Whether a flag of this name is given.
#[must_use]
pub fn is_given(args: &[String], name: &str) -> bool {
    let flag = FLAGS.iter().find(|flag| flag.name == name);
    flag.is_some_and(|flag| args.iter().any(|arg| flag.said(arg) == Some(Said::Yes)))
}

/// Short names that options have on the command line.
pub const SHORT: &[(&str, &str)] = &[("html", "status-page")];

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Run, with these inputs.
    Run(BTreeMap<String, String>),
    /// Explain: all of it, or one mode.
    Help(Option<Mode>),
    /// Say the version.
    Version,
    /// Complete for this shell.
    Completions(Shell),
}

/// A command line with problems, and what could be read of it all the same: its values can have problems
/// too, and people want to hear of all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The inputs that could be read.
    pub inputs: BTreeMap<String, String>,
    /// What is wrong with the words.
    pub problems: Vec<Problem>,
}

/// Reads the arguments after the program's name.
pub fn read(args: &[String]) -> Result<Asked, Refused> {
    if let [first, rest @ ..] = args
        && first == "completions"
    {
        return completions(rest);
    }
    if let [first, rest @ ..] = args
        && first == "help"
    {
        return Ok(Asked::Help(rest.first().and_then(|word| named_mode(word))));
    }
    let mut inputs = BTreeMap::new();
    let mut problems = Vec::new();
    let mut help = args.is_empty();
    let mut rest = args.iter().peekable();
    while let Some(arg) = rest.next().filter(|_| problems.len() < TOLD) {
        match arg.strip_prefix("--") {
            Some("help") => help = true,
            // With a value, it is meant to name one.
            Some("version") if !(is_rollback(&inputs) && rest.peek().is_some_and(|next| !is_option(next))) => {
                return Ok(Asked::Version);
            }
            Some(_) if FLAGS.iter().any(|flag| flag.said(arg).is_some()) => problems.extend(unsaid(arg)),
            Some(option) => {
                let (name, given) = split(option);
                let typed = option.split('=').next().unwrap_or(option);
                match settings::by_input(name) {
                    None => {
                        let is_name = name == "version" && is_rollback(&inputs);
                        problems.push(if is_name { named_by_to(format!("--{name}")) } else { unknown(name) });
                        // What was to be its value goes with it; while there is no mode, it may be that.
                        if given.is_none() && inputs.contains_key("mode") {
                            rest.next_if(|next| !next.starts_with("--"));
                        }
                    }
                    Some(setting) if setting.kind == ValueKind::Secret => {
                        // Its value goes with it: it must not be told as one word too many.
                        drop(given.or_else(|| rest.next().cloned()));
                        problems.push(secret(name));
                    }
                    Some(setting) => {
                        let value = given.or_else(|| following(setting.kind, &mut rest));
                        keep(&mut inputs, setting, typed, value, &mut problems);
                    }
                }
            }
            None if arg == "-h" => help = true,
            None if !inputs.contains_key("mode") => drop(inputs.insert("mode".to_owned(), arg.clone())),
            None => problems.push(stray(arg, is_rollback(&inputs))),
        }
    }
    if help {
        return Ok(Asked::Help(inputs.get("mode").and_then(|word| named_mode(word))));
    }
    problems.extend(misplaced(args, inputs.get("mode").map_or("", String::as_str)));
    if problems.is_empty() { Ok(Asked::Run(inputs)) } else { Err(Refused { inputs, problems }) }
}

fn named_mode(word: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.word() == word)
}

/// What is wrong with the value of a flag.
fn unsaid(arg: &str) -> Option<Problem> {
    let (name, value) = arg.split_once('=').unwrap_or((arg, ""));
    let is_neither = FLAGS.iter().any(|flag| flag.said(arg) == Some(Said::Neither));
    is_neither.then(|| Problem::of(name, value, Wrong::Unlike(Form::Flag)))
}

/// Flags that the mode does not have.
fn misplaced(args: &[String], mode: &str) -> Vec<Problem> {
    let given = |flag: &&Flag| args.iter().any(|arg| flag.said(arg).is_some());
    let others = FLAGS.iter().filter(|flag| flag.mode.word() != mode).filter(given);
    others.map(|flag| Problem::at(format!("--{}", flag.name), Wrong::OfMode(flag.mode))).collect()
}

fn completions(rest: &[String]) -> Result<Asked, Refused> {
    let named = |word: &String| Shell::ALL.into_iter().find(|(name, _)| name == word);
    match rest {
        [word] if word == "--help" || word == "-h" => Ok(Asked::Help(None)),
        [word] if named(word).is_some() => {
            Ok(named(word).map_or(Asked::Help(None), |(_, shell)| Asked::Completions(shell)))
        }
        _ => Err(Refused {
            inputs: BTreeMap::new(),
            problems: vec![Problem::at("completions", Wrong::Missing(Needed::Shell))],
        }),
    }
}

fn split(option: &str) -> (&str, Option<String>) {
    let (name, value) = match option.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (option, None),
    };
    let known = SHORT.iter().find(|(short, _)| *short == name);
    (known.map_or(name, |(_, whole)| whole), value)
}

fn is_option(arg: &str) -> bool {
    let is_input = |option: &str| settings::by_input(split(option).0).is_some();
    let is_flag = FLAGS.iter().any(|flag| flag.said(arg).is_some());
    is_flag || matches!(arg, "--help" | "-h" | "--version") || arg.strip_prefix("--").is_some_and(is_input)
}

fn following<'a>(kind: ValueKind, rest: &mut Peekable<impl Iterator<Item = &'a String>>) -> Option<String> {
    if kind == ValueKind::Flag {
        let said = rest.next_if(|next| matches!(next.as_str(), "true" | "false"));
        return Some(said.map_or("true", String::as_str).to_owned());
    }
    // The next option is no value: it may be a secret's, and what follows it would be told as a word too many.
    rest.next_if(|next| !is_option(next)).cloned()
}

/// Keeps the value of an option, which is told as it was typed.
fn keep(
    inputs: &mut BTreeMap<String, String>,
    setting: &Setting,
    typed: &str,
    value: Option<String>,
    problems: &mut Vec<Problem>,
) {
    let place = format!("--{typed}");
    // `--to "$UNSET"` asks for something; what is done without the option may be quite another thing.
    let value = value.filter(|value| !value.trim().is_empty());
    match (value, inputs.get_mut(setting.input)) {
        (None, _) => problems.push(Problem::at(place, Wrong::Missing(Needed::Value))),
        (Some(value), None) => drop(inputs.insert(setting.input.to_owned(), value)),
        // A list is given by repeating its option.
        (Some(value), Some(lines)) if setting.kind.is_list() => {
            lines.push('\n');
            lines.push_str(&value);
        }
        (Some(value), Some(_)) => problems.push(Problem::of(place, value, Wrong::Twice)),
    }
}

fn unknown(name: &str) -> Problem {
    let inputs = SETTINGS.iter().map(|setting| setting.input);
    let others = FLAGS.iter().map(|flag| flag.name).chain(SHORT.iter().map(|(short, _)| *short));
    let known: Vec<&str> = inputs.chain(others).chain(["help", "version"]).collect();
    let near = beginning(name, &known).or_else(|| settings::nearest(name, known.iter().copied()));
    let nearest = near.map(|near| format!("--{near}"));
    Problem { nearest, ..Problem::at(format!("--{name}"), Wrong::UnknownOption) }
}

/// The only known name that begins so.
fn beginning<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut all = known.iter().filter(|one| name.len() > 1 && one.starts_with(name));
    all.next().copied().filter(|_| all.next().is_none())
}

fn secret(name: &str) -> Problem {
    Problem::at(format!("--{name}"), Wrong::SecretTyped(variable(name)))
}

fn stray(arg: &str, is_rollback: bool) -> Problem {
    let word = format!("{:?}", arg.chars().take(40).collect::<String>());
    if is_rollback && is_target(arg) { named_by_to(word) } else { Problem::at(word, Wrong::Stray) }
}

/// Whether a word names a version to go back to.
fn is_target(word: &str) -> bool {
    let is_sha = (7..=40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha || matches!(word, "previous" | "last-validated")
}

fn is_rollback(inputs: &BTreeMap<String, String>) -> bool {
    inputs.get("mode").is_some_and(|word| word == Mode::Rollback.word())
}

/// What is said to a rollback as if it were where to go.
fn named_by_to(said: String) -> Problem {
    Problem::at(said, Wrong::NamedBy("--to"))
}

/// The environment variable that carries a secret to the operator's command.
#[must_use]
pub fn variable(input: &str) -> &'static str {
    match input {
        "discord-webhook" => "DISCORD_WEBHOOK_URL",
        "watch-token" => "WATCH_TOKEN",
        _ => "GITHUB_TOKEN",
    }
}

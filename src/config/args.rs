//! The operator's command line: `MODE --input value ...` to inputs, or every problem at once.

use std::collections::BTreeMap;
use std::iter::Peekable;

use crate::completions::Shell;
use crate::failure::problem::{Needed, Wrong};
use crate::failure::{Problem, TOLD};
use crate::settings::{self, Kind, Mode, SETTINGS};

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
    let mut inputs = BTreeMap::new();
    let mut problems = Vec::new();
    let mut help = args.is_empty();
    let mut rest = args.iter().peekable();
    while let Some(arg) = rest.next().filter(|_| problems.len() < TOLD) {
        match arg.strip_prefix("--") {
            Some("help") => help = true,
            Some("version") => return Ok(Asked::Version),
            Some(option) if FLAGS.iter().any(|flag| flag.name == option) => {}
            Some(option) => {
                let (name, given) = split(option);
                match settings::by_input(name) {
                    None => {
                        problems.push(unknown(name));
                        // What was to be its value goes with it; while there is no mode, it may be that.
                        if given.is_none() && inputs.contains_key("mode") {
                            rest.next_if(|next| !next.starts_with("--"));
                        }
                    }
                    Some(setting) if setting.kind == Kind::Secret => {
                        // Its value goes with it: it must not be told as one word too many.
                        drop(given.or_else(|| rest.next().cloned()));
                        problems.push(secret(name));
                    }
                    Some(setting) => {
                        let value = given.or_else(|| following(setting.kind, &mut rest));
                        keep(&mut inputs, name, value, &mut problems);
                    }
                }
            }
            None if arg == "-h" => help = true,
            None if !inputs.contains_key("mode") => drop(inputs.insert("mode".to_owned(), arg.clone())),
            None => problems.push(stray(arg)),
        }
    }
    if help {
        let mode = inputs.get("mode").and_then(|word| Mode::ALL.into_iter().find(|mode| mode.word() == word));
        return Ok(Asked::Help(mode));
    }
    problems.extend(misplaced(args, inputs.get("mode").map_or("", String::as_str)));
    if problems.is_empty() { Ok(Asked::Run(inputs)) } else { Err(Refused { inputs, problems }) }
}

/// Flags that the mode does not have.
fn misplaced(args: &[String], mode: &str) -> Vec<Problem> {
    let given = |flag: &&Flag| args.iter().any(|arg| arg.strip_prefix("--") == Some(flag.name));
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
    arg.strip_prefix("--").is_some_and(|option| settings::by_input(split(option).0).is_some())
}

fn following<'a>(kind: Kind, rest: &mut Peekable<impl Iterator<Item = &'a String>>) -> Option<String> {
    if kind == Kind::Flag {
        return Some("true".to_owned());
    }
    // The next option is no value: it may be a secret's, and what follows it would be told as a word too many.
    rest.next_if(|next| !is_option(next)).cloned()
}

fn keep(inputs: &mut BTreeMap<String, String>, name: &str, value: Option<String>, problems: &mut Vec<Problem>) {
    match value {
        None => problems.push(Problem::at(format!("--{name}"), Wrong::Missing(Needed::Value))),
        Some(value) => {
            // A list is given by repeating its option.
            let lines = inputs.entry(name.to_owned()).or_default();
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&value);
        }
    }
}

fn unknown(name: &str) -> Problem {
    let names = SETTINGS.iter().map(|setting| setting.input);
    let nearest = settings::nearest(name, names).map(|near| format!("--{near}"));
    Problem { nearest, ..Problem::at(format!("--{name}"), Wrong::UnknownOption) }
}

fn secret(name: &str) -> Problem {
    Problem::at(format!("--{name}"), Wrong::SecretTyped(variable(name)))
}

fn stray(arg: &str) -> Problem {
    Problem::at(format!("{:?}", arg.chars().take(40).collect::<String>()), Wrong::Stray)
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

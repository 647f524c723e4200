//! What a shell completes of the operator's command, made from the table of settings: modes, each mode's
//! options, and the words of options that take one of a few. Values that are paths are the shell's to complete.

use crate::config::args::{FLAGS, SHORT};
use crate::environment::Locale;
use crate::messages::help::{Words, sentence};
use crate::settings::{Kind, Mode, SETTINGS, Setting};

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
    kind: Kind,
}

/// The options of a mode; secrets are none.
fn options(mode: Mode, locale: Locale) -> Vec<Offered> {
    let applies = |setting: &&Setting| {
        setting.input != "mode"
            && setting.kind != Kind::Secret
            && (setting.modes.is_empty() || setting.modes.contains(&mode))
    };
    let offered =
        |one: &Setting, name| Offered { name, sentence: sentence(locale, one.input, one.sentence), kind: one.kind };
    let own = SETTINGS.iter().filter(applies);
    let mut all: Vec<Offered> = own.map(|one| offered(one, one.input)).collect();
    let flags = FLAGS.iter().filter(|flag| flag.mode == mode);
    all.extend(flags.map(|flag| Offered {
        name: flag.name,
        sentence: sentence(locale, flag.name, flag.sentence),
        kind: Kind::Flag,
    }));
    let short = SHORT.iter().filter_map(|(short, whole)| {
        let found = SETTINGS.iter().filter(applies).find(|setting| setting.input == *whole)?;
        Some(offered(found, short))
    });
    all.extend(short);
    all
}

/// What an option's value can be: words, or a path.
fn values(offered: &Offered) -> Option<&'static [&'static str]> {
    match offered.kind {
        Kind::Choice(words) => Some(words),
        Kind::Path | Kind::Paths => Some(&[]),
        _ if ["config", "status-page", "html"].contains(&offered.name) => Some(&[]),
        _ => None,
    }
}

/// Each option with a value that can be completed, once: they mean the same in every mode.
fn valued(locale: Locale) -> Vec<Offered> {
    let each = |mode| options(mode, locale);
    let mut all: Vec<Offered> = Mode::ALL.into_iter().flat_map(each).filter(|one| values(one).is_some()).collect();
    all.sort_by_key(|one| one.name);
    all.dedup_by_key(|one| one.name);
    all
}

/// A sentence between single quotes of a shell.
fn quoted(text: &str) -> String {
    text.replace('\'', "'\\''")
}

fn bash(locale: Locale) -> String {
    let mut text = String::from(
        "# mangetamain-deploy in bash: eval \"$(mangetamain-deploy completions bash)\"\n_mangetamain_deploy() {\n  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\n  COMPREPLY=()\n  case $previous in\n",
    );
    for one in valued(locale) {
        let act = match values(&one) {
            Some([]) | None => "COMPREPLY=($(compgen -f -- \"$cur\")); return".to_owned(),
            Some(words) => format!("COMPREPLY=($(compgen -W '{}' -- \"$cur\")); return", words.join(" ")),
        };
        text.push_str(&format!("    --{}) {act} ;;\n", one.name));
    }
    let modes: Vec<&str> = Mode::ALL.iter().map(|mode| mode.word()).collect();
    text.push_str(&format!("  esac\n  if [ \"$COMP_CWORD\" = 1 ]; then words='{} completions --help --version'\n  else case ${{COMP_WORDS[1]}} in\n", modes.join(" ")));
    for mode in Mode::ALL {
        let names: Vec<String> = options(mode, locale).iter().map(|one| format!("--{}", one.name)).collect();
        text.push_str(&format!("    {}) words='{} --help' ;;\n", mode.word(), names.join(" ")));
    }
    text.push_str("    completions) words='bash zsh fish' ;;\n  esac; fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -F _mangetamain_deploy mangetamain-deploy\n");
    text
}

fn zsh(locale: Locale) -> String {
    let words = Words::of(locale);
    let mut text = String::from(
        "#compdef mangetamain-deploy\n# mangetamain-deploy in zsh: source <(mangetamain-deploy completions zsh)\n_mangetamain_deploy() {\n  local -a offered\n  case ${words[CURRENT-1]} in\n",
    );
    for one in valued(locale) {
        let act = match values(&one) {
            Some([]) | None => "_files; return".to_owned(),
            Some(words) => format!("compadd -- {}; return", words.join(" ")),
        };
        text.push_str(&format!("    --{}) {act} ;;\n", one.name));
    }
    let row = |name: &str, sentence: &str| format!("      '{}:{}'\n", name, quoted(sentence).replace(':', "\\:"));
    text.push_str("  esac\n  if (( CURRENT == 2 )); then\n    offered=(\n");
    for mode in Mode::ALL {
        text.push_str(&row(mode.word(), (words.mode)(mode)));
    }
    text.push_str(&row("completions", words.completions));
    text.push_str("    )\n    _describe mode offered; return\n  fi\n  case ${words[2]} in\n");
    for mode in Mode::ALL {
        text.push_str(&format!("    {}) offered=(\n", mode.word()));
        for one in options(mode, locale) {
            text.push_str(&row(&format!("--{}", one.name), one.sentence));
        }
        text.push_str(&row("--help", words.explain));
        text.push_str("    ) ;;\n");
    }
    text.push_str("    completions) offered=(bash zsh fish) ;;\n  esac\n  _describe option offered\n}\ncompdef _mangetamain_deploy mangetamain-deploy\n");
    text
}

fn fish(locale: Locale) -> String {
    let words = Words::of(locale);
    let mut text = String::from(
        "# mangetamain-deploy in fish: mangetamain-deploy completions fish | source\ncomplete -c mangetamain-deploy -f\n",
    );
    // fish knows two escapes between single quotes.
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    for mode in Mode::ALL {
        let sentence = quoted((words.mode)(mode));
        text.push_str(&format!(
            "complete -c mangetamain-deploy -n __fish_use_subcommand -a {} -d '{sentence}'\n",
            mode.word()
        ));
    }
    text.push_str(&format!("complete -c mangetamain-deploy -n __fish_use_subcommand -a completions -d '{}'\ncomplete -c mangetamain-deploy -n '__fish_seen_subcommand_from completions' -a 'bash zsh fish'\n", quoted(words.completions)));
    for mode in Mode::ALL {
        for one in options(mode, locale) {
            let value = match (values(&one), one.kind) {
                (_, Kind::Flag) => String::new(),
                (Some([]), _) => " -r -F".to_owned(),
                (Some(words), _) => format!(" -x -a '{}'", words.join(" ")),
                (None, _) => " -x".to_owned(),
            };
            let (word, name, sentence) = (mode.word(), one.name, quoted(one.sentence));
            text.push_str(&format!("complete -c mangetamain-deploy -n '__fish_seen_subcommand_from {word}' -l {name}{value} -d '{sentence}'\n"));
        }
    }
    text
}

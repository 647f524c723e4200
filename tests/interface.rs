//! What people read about the settings is made from the table of settings: `action.yml`'s inputs and
//! the README's table. `UPDATE=1 cargo test --test interface` writes them anew.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fmt::Write as _;
use std::path::PathBuf;

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::settings::{Mode, SETTINGS, Setting, ValueKind};

const OUTPUTS: &[(&str, &str)] = &[
    (
        "result",
        "deployed, validated, rolled-back, superseded, unchanged, cancelled, pending, healthy, unhealthy, failed or ok.",
    ),
    ("sha", "The commit this run was about."),
    ("previous-sha", "What was live before what is live now."),
    ("validated-sha", "The last validated commit."),
    ("url", "Where people find the site."),
    ("backup", "The backup that was made, or whose files were put back."),
    ("duration-ms", "How long it took, in milliseconds."),
    ("state", "What `status` shows, as JSON."),
];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn sentence(setting: &Setting) -> String {
    let default = match setting.default {
        "" | "${{ github.token }}" => String::new(),
        default => format!(" Default: {default}."),
    };
    format!("{}{default}", setting.sentence)
}

fn action_yml() -> String {
    let mut text = String::from(
        "# The inputs are made from src/settings.rs (UPDATE=1 cargo test --test interface).\n\
         name: mangetamain-deploy\n\
         description: 'Deploy first, test in parallel: an exact commit live at once, rolled back when its CI fails.'\n\
         author: The mangetamain-deploy authors\n\
         branding:\n  icon: rotate-ccw\n  color: orange\n\
         inputs:\n",
    );
    for setting in SETTINGS {
        // The file wins over a default, so no default stands here that would look like an input.
        let default = if setting.input == "token" { "${{ github.token }}" } else { "" };
        let description = quoted(&sentence(setting).replace("${{ ", "").replace(" }}", ""));
        let _ = writeln!(text, "  {}:\n    description: {description}", setting.input);
        let _ = writeln!(text, "    required: {}", setting.input == "mode");
        if setting.input != "mode" {
            let _ = writeln!(text, "    default: {}", quoted(default));
        }
    }
    text.push_str("outputs:\n");
    for (name, sentence) in OUTPUTS {
        let _ = writeln!(text, "  {name}:\n    description: {}", quoted(sentence));
    }
    text.push_str("runs:\n  using: node24\n  main: dist/main.js\n");
    text
}

fn readme_table() -> String {
    let mut text = String::from("| input | file key | default | meaning |\n| --- | --- | --- | --- |\n");
    for setting in SETTINGS {
        let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{}`", text.replace('|', "\\|")) };
        let key = setting.key.map_or("–".to_owned(), code);
        let meaning = setting.sentence.replace('|', "\\|");
        let _ = writeln!(text, "| `{}` | {key} | {} | {meaning} |", setting.input, code(setting.default));
    }
    text
}

fn held(name: &str, wanted: &str) {
    let path = file(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{name} differs from src/settings.rs: UPDATE=1 cargo test --test interface");
}

#[test]
fn the_inputs_of_action_yml_are_the_settings() {
    held("action.yml", &action_yml());
}

#[test]
fn the_inputs_table_of_the_readme_is_the_settings() {
    let text = std::fs::read_to_string(file("README.md")).unwrap();
    let (before, rest) = text.split_once("<!-- settings -->\n").expect("README.md has the mark <!-- settings -->");
    let (_, after) = rest.split_once("<!-- /settings -->").expect("README.md has the mark <!-- /settings -->");
    held("README.md", &format!("{before}<!-- settings -->\n{}<!-- /settings -->{after}", readme_table()));
}

#[test]
fn every_input_is_named_once_and_every_key_once() {
    let mut inputs: Vec<&str> = SETTINGS.iter().map(|setting| setting.input).collect();
    let mut keys: Vec<&str> = SETTINGS.iter().filter_map(|setting| setting.key).collect();
    let counts = (inputs.len(), keys.len());
    inputs.sort_unstable();
    inputs.dedup();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((inputs.len(), keys.len()), counts);
}

#[test]
fn every_word_that_a_setting_takes_stands_in_its_sentence_in_both_languages() {
    use mangetamain_deploy::messages::help::sentence;
    for setting in SETTINGS {
        let ValueKind::Choice(words) = setting.kind else { continue };
        for locale in [Locale::En, Locale::Fr] {
            let said = sentence(locale, setting.input, setting.sentence);
            let missing: Vec<&&str> = words.iter().filter(|word| !said.contains(&format!("`{word}`"))).collect();
            assert!(missing.is_empty(), "{} ({locale:?}): {missing:?} is not in: {said}", setting.input);
        }
    }
}

#[test]
fn help_explains_every_mode_with_its_own_settings() {
    for mode in Mode::ALL {
        let text = mangetamain_deploy::help::text(Some(mode), Locale::En);
        let told = |setting: &&Setting| setting.modes.contains(&mode) && setting.kind != ValueKind::Secret;
        for setting in SETTINGS.iter().filter(told) {
            let option = format!("--{}", setting.input);
            assert!(
                text.split_whitespace().any(|word| word.trim_end_matches([',', '=']) == option),
                "{} is missing in the help of {}",
                setting.input,
                mode.word()
            );
        }
    }
    assert!(
        !mangetamain_deploy::help::text(Some(Mode::Deploy), Locale::En).contains("--discord-webhook"),
        "a secret is no option"
    );
}

#[test]
fn no_line_of_the_help_is_wider_than_a_terminal() {
    for mode in Mode::ALL.into_iter().map(Some).chain([None]) {
        for locale in [Locale::En, Locale::Fr] {
            let text = mangetamain_deploy::help::text(mode, locale);
            let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(wide.is_empty(), "{mode:?} ({locale:?}): {wide:#?}");
        }
    }
}

#[test]
fn every_setting_and_flag_is_explained_in_french_too() {
    use mangetamain_deploy::config::args::FLAGS;
    use mangetamain_deploy::messages::help::{sentence, told};
    let settings = SETTINGS.iter().map(|setting| (setting.input, setting.sentence));
    let readme = std::fs::read_to_string(file("README.fr.md")).unwrap();
    for setting in SETTINGS {
        let french = sentence(Locale::Fr, setting.input, setting.sentence).replace('|', "\\|");
        let default = told(Locale::Fr, setting.default).replace('|', "\\|");
        let default = if default.is_empty() { default } else { format!("`{default}`") };
        let row = format!("| {default} | {french} |");
        assert!(readme.contains(&row), "{}: README.fr.md says something else than {row}", setting.input);
    }
    for (name, own) in settings.chain(FLAGS.iter().map(|flag| (flag.name, flag.sentence))) {
        let same = ["needs", "job-status"].contains(&name);
        assert_eq!(sentence(Locale::Fr, name, own) == own, same, "{name} is missing in src/messages/fr/settings.rs");
    }
}

#[test]
fn the_french_help_is_french_and_no_line_of_it_begins_with_a_sign() {
    use mangetamain_deploy::help::text;
    let pages = std::iter::once(text(None, Locale::Fr)).chain(Mode::ALL.map(|mode| text(Some(mode), Locale::Fr)));
    for page in pages {
        for english in
            ["INPUT", "VALUE", "repeat for more", " TEXT\n", " NAME\n", " PATH\n", "NUMBER", "capitals", "3; promote"]
        {
            assert!(!page.contains(english), "{english}: {page}");
        }
        for line in page.lines() {
            assert!(!line.trim_start().starts_with([':', ';', '!', '?', '»']), "{line}");
        }
    }
    let deploy = |locale| text(Some(Mode::Deploy), locale).replace("\n        ", " ");
    assert!(deploy(Locale::Fr).contains("Par défaut\u{a0}: 3\u{a0}; promote 5."), "{}", deploy(Locale::Fr));
    assert!(deploy(Locale::En).contains("Default: 3; promote 5."));
}

#[test]
fn a_shell_completes_in_the_persons_language() {
    use mangetamain_deploy::completions::{Shell, script};
    for shell in [Shell::Zsh, Shell::Fish] {
        let [fr, en] = [Locale::Fr, Locale::En].map(|locale| script(shell, locale));
        for (french, english) in [
            ("complétion pour un shell", "completions for a shell"),
            ("remettre en ligne le dernier SHA validé", "put the last validated SHA"),
            ("Services à redémarrer, un par ligne.", "Services to restart, one a line."),
            ("Ne pas demander avant un retour en arrière", "Do not ask before production goes back."),
        ] {
            assert!(fr.contains(french) && !fr.contains(english), "{english}: {fr}");
            assert!(en.contains(english) && !en.contains(french), "{french}: {en}");
        }
    }
    assert_eq!(script(Shell::Bash, Locale::Fr), script(Shell::Bash, Locale::En), "bash shows no sentences");
}

#[test]
fn help_offers_no_option_that_means_nothing_to_the_mode_and_says_words_in_its_language() {
    let help = |mode, locale| mangetamain_deploy::help::text(Some(mode), locale);
    let report = help(Mode::Report, Locale::En);
    for option in ["--environment", "--state-dir", "--url", "--label", "--discord-mention"] {
        assert!(!report.contains(option), "{option}: {report}");
        assert!(help(Mode::Status, Locale::En).contains(option), "{option}");
    }
    let deploy = help(Mode::Deploy, Locale::Fr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(deploy.contains("Par défaut : tous.") && !deploy.contains("Par défaut : all"), "{deploy}");
    assert!(deploy.contains("--config FICHIER") && report.contains("--config FILE"), "{deploy}");
}

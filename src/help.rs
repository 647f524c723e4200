//! What `--help` says, made from the table of settings.

use crate::settings::{Kind, Mode, SETTINGS, Setting};

/// The version, as in Cargo.toml.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The whole help, or one mode's.
#[must_use]
pub fn text(mode: Option<Mode>) -> String {
    match mode {
        None => whole(),
        Some(mode) => of_mode(mode),
    }
}

fn whole() -> String {
    let mut text = format!(
        "mangetamain-deploy {VERSION}\nDeploy first, test in parallel: an exact SHA live at once, rolled back when its CI fails.\n\n"
    );
    text.push_str(
        "Usage: mangetamain-deploy MODE [--input value ...]\n       mangetamain-deploy MODE --help\n\nModes:\n",
    );
    for mode in Mode::ALL {
        text.push_str(&format!("  {:<9} {}\n", mode.word(), mode.sentence()));
    }
    text.push_str("\nSettings come from the configuration file (--config, default .github/mangetamain-deploy.yml);\noptions win over it. Secrets come from GITHUB_TOKEN, WATCH_TOKEN and DISCORD_WEBHOOK_URL.\n");
    text.push_str("Exit codes: 0 well, 1 the mode failed, 2 the inputs are wrong.\n");
    text
}

fn of_mode(mode: Mode) -> String {
    let mut text = format!("mangetamain-deploy {} - {}\n\nOptions:\n", mode.word(), mode.sentence());
    let applies = |setting: &&Setting| {
        setting.input != "mode"
            && setting.kind != Kind::Secret
            && (setting.modes.is_empty() || setting.modes.contains(&mode))
    };
    for setting in SETTINGS.iter().filter(applies) {
        let value = if setting.kind == Kind::Flag { String::new() } else { format!(" {}", shape(setting.kind)) };
        text.push_str(&format!("  --{}{value}\n", setting.input));
        text.push_str(&format!("      {}{}\n", setting.sentence, default(setting)));
    }
    text
}

fn default(setting: &Setting) -> String {
    if setting.default.is_empty() { String::new() } else { format!(" Default: {}.", setting.default) }
}

/// A value's shape in a usage line.
#[must_use]
pub fn shape(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Secret => "TEXT".to_owned(),
        Kind::Name => "NAME".to_owned(),
        Kind::Path => "PATH".to_owned(),
        Kind::Paths => "PATH (repeat for more)".to_owned(),
        Kind::Url => "URL".to_owned(),
        Kind::Urls => "URL (repeat for more)".to_owned(),
        Kind::Sha => "SHA".to_owned(),
        Kind::Lines => "ITEM (repeat for more)".to_owned(),
        Kind::Windows => "WINDOW (repeat for more; fri 16:00 - mon 08:00 Europe/Paris)".to_owned(),
        Kind::Duration => "DURATION (250ms, 10s, 5m, 1h)".to_owned(),
        Kind::Count => "NUMBER".to_owned(),
        Kind::Statuses => "CODES (200,204)".to_owned(),
        Kind::Choice(words) => words.join("|"),
        Kind::Flag => "true|false".to_owned(),
        Kind::Pair => "KEY=VALUE".to_owned(),
    }
}

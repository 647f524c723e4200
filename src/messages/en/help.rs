//! The frame of `--help` in English; `fr::help` says the same.

use crate::messages::help::Words;
use crate::settings::{Kind, Mode};

/// Its words.
pub const WORDS: Words = Words {
    heads: ["NAME", "SYNOPSIS", "MODES", "SETTINGS", "ENVIRONMENT", "FILES", "EXIT CODES", "EXAMPLES"],
    purpose: "Deploy first, test in parallel: an exact SHA live at once, rolled back when its CI fails.",
    mode: Mode::sentence,
    settings: "They come from the configuration file (--config); an option wins over it. `MODE --help` explains them.",
    variables: &[
        (
            "GITHUB_TOKEN, WATCH_TOKEN, DISCORD_WEBHOOK_URL",
            "Secrets; never options, which everybody can read in the process list.",
        ),
        ("LC_ALL, LC_MESSAGES, LANG", "This terminal's language, where `locale` is not set."),
        ("NO_COLOR", "No colours."),
    ],
    files: &[
        (".github/mangetamain-deploy.yml", "The configuration, looked for from the current folder."),
        ("/var/app-state/ENVIRONMENT/", "Ledger, locks and backups (`--state-dir`)."),
    ],
    exit: &[("0", "Well."), ("1", "The mode failed."), ("2", "The inputs are wrong; nothing was touched.")],
    default: "Default:",
    usage: "[--INPUT VALUE ...]",
    shape,
    completions: "completions for a shell",
    explain: "explain this mode",
};

fn shape(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Secret | Kind::Choice(_) | Kind::Flag => "TEXT",
        Kind::Name => "NAME",
        Kind::File => "FILE",
        Kind::Path => "PATH",
        Kind::Paths => "PATH (repeat for more)",
        Kind::Url => "URL",
        Kind::Urls => "URL (repeat for more)",
        Kind::Sha => "SHA",
        Kind::Lines => "ITEM (repeat for more)",
        Kind::Windows => "WINDOW (repeat for more; fri 16:00 - mon 08:00 Europe/Paris)",
        Kind::Duration | Kind::Limit => "DURATION (250ms, 10s, 5m, 1h)",
        Kind::Count => "NUMBER",
        Kind::Statuses => "CODES (200,204)",
        Kind::Pair => "KEY=VALUE",
    }
}

//! The frame of `--help` in English; `fr::help` says the same.

use crate::messages::help::Words;
use crate::settings::{Mode, ValueKind};

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

fn shape(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text | ValueKind::Secret | ValueKind::Choice(_) | ValueKind::Flag => "TEXT",
        ValueKind::Name => "NAME",
        ValueKind::File => "FILE",
        ValueKind::Path => "PATH",
        ValueKind::Paths => "PATH (repeat for more)",
        ValueKind::Url => "URL",
        ValueKind::Urls => "URL (repeat for more)",
        ValueKind::Sha => "SHA",
        ValueKind::Lines => "ITEM (repeat for more)",
        ValueKind::Windows => "WINDOW (repeat for more; fri 16:00 - mon 08:00 Europe/Paris)",
        ValueKind::Duration | ValueKind::Limit => "DURATION (250ms, 10s, 5m, 1h)",
        ValueKind::Count => "NUMBER",
        ValueKind::Statuses => "CODES (200,204)",
        ValueKind::Pair => "KEY=VALUE",
    }
}

//! THE table of settings: the one place that knows each setting's name, file key, kind, default
//! and sentence. `action.yml`, the README's table, `--help` and the errors for unknown names are
//! made from it. Reading values is `config`'s; this file reads nothing.

use serde::{Deserialize, Serialize};

/// What a run is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Puts an exact SHA live at once, then has its CI watched.
    Deploy,
    /// Settles a deployed SHA by its CI.
    Watch,
    /// Puts the last validated SHA (or another) live again.
    Rollback,
    /// Production, by hand.
    Promote,
    /// Checks every target.
    Health,
    /// Sums up job results.
    Report,
    /// Shows each environment.
    Status,
    /// Checks that this machine and this configuration can do the rest.
    Doctor,
}

impl Mode {
    /// All modes, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Deploy,
        Self::Watch,
        Self::Rollback,
        Self::Promote,
        Self::Health,
        Self::Report,
        Self::Status,
        Self::Doctor,
    ];

    /// The word for it in inputs and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Watch => "watch",
            Self::Rollback => "rollback",
            Self::Promote => "promote",
            Self::Health => "health",
            Self::Report => "report",
            Self::Status => "status",
            Self::Doctor => "doctor",
        }
    }

    /// One sentence for `--help`.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Deploy => "put an exact SHA live at once, then have its CI watched",
            Self::Watch => "settle a deployed SHA by its CI: validate it, or roll back",
            Self::Rollback => "put the last validated SHA (or --to) live again, health-checked",
            Self::Promote => "confirm, back up, deploy a validated SHA, restore on failure",
            Self::Health => "check every target; alert on DOWN and on recovery only",
            Self::Report => "sum up job results; tell Discord of failures only",
            Self::Status => "show what is live, validated, pending, locked and watched",
            Self::Doctor => "check that this machine and this configuration can do the rest",
        }
    }
}

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Any text of one line.
    Text,
    /// A file, from the workspace where it does not begin with `/`.
    File,
    /// A name that is safe as a folder: letters, digits, `.`, `_`, `-`.
    Name,
    /// An absolute path; may begin with `~`.
    Path,
    /// Absolute paths, one a line; each may begin with `~`.
    Paths,
    /// An http or https URL.
    Url,
    /// http or https URLs, one a line.
    Urls,
    /// A full SHA.
    Sha,
    /// Items, one a line.
    Lines,
    /// Windows of the week in which nothing is promoted, one a line.
    Windows,
    /// `250ms`, `10s`, `5m`, `1h`.
    Duration,
    /// The same, for what has to be done in this time: never 0, which nothing is done in.
    Limit,
    /// A whole number from 1 to 1000.
    Count,
    /// HTTP status codes, separated by commas or lines.
    Statuses,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// `key=value`.
    Pair,
    /// A secret: never shown.
    Secret,
}

impl ValueKind {
    /// Whether it takes more than one value, each on a line.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::Paths | Self::Urls | Self::Lines | Self::Windows | Self::Statuses)
    }
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The input's name, also the long option's.
    pub input: &'static str,
    /// The key in the configuration file, dots between levels; none: never in the file.
    pub key: Option<&'static str>,
    /// What a value looks like.
    pub kind: ValueKind,
    /// The default as the documentation shows it; empty: none.
    pub default: &'static str,
    /// One sentence.
    pub sentence: &'static str,
    /// Modes that read it; empty: all.
    pub modes: &'static [Mode],
}

const fn row(
    input: &'static str,
    key: Option<&'static str>,
    kind: ValueKind,
    default: &'static str,
    modes: &'static [Mode],
    sentence: &'static str,
) -> Setting {
    Setting { input, key, kind, default, sentence, modes }
}

/// Modes that put a SHA live, and the one that checks whether they can.
const PLACE: &[Mode] = &[Mode::Deploy, Mode::Watch, Mode::Rollback, Mode::Promote, Mode::Doctor];
/// Modes that check whether a site answers.
const CHECK: &[Mode] = &[Mode::Deploy, Mode::Watch, Mode::Rollback, Mode::Promote, Mode::Health, Mode::Doctor];
/// Modes that have to do with an environment: all but the one that sums up jobs.
const PLACES: &[Mode] =
    &[Mode::Deploy, Mode::Watch, Mode::Rollback, Mode::Promote, Mode::Health, Mode::Status, Mode::Doctor];
/// Modes that follow CI.
const FOLLOW: &[Mode] = &[Mode::Deploy, Mode::Watch, Mode::Doctor];
const PROMOTE: &[Mode] = &[Mode::Promote];
/// What a promote prepares, and `doctor` looks at beforehand.
const PREPARE: &[Mode] = &[Mode::Promote, Mode::Doctor];
/// Modes that have to do with backups.
const SAVE: &[Mode] = &[Mode::Rollback, Mode::Promote, Mode::Doctor];
const REPORT: &[Mode] = &[Mode::Report];
const MODES: &[&str] = &["deploy", "watch", "rollback", "promote", "health", "report", "status", "doctor"];

use ValueKind::{
    Choice, Count, Duration, File, Flag, Limit, Lines, Name, Pair, Path, Paths, Secret, Sha, Statuses, Text, Url, Urls,
    Windows,
};

/// Where the folders of state are, unless a setting says so.
pub const STATE_DIR: &str = "/var/app-state";

/// Every setting, in the order of the documentation.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    row("mode", None, Choice(MODES), "", &[], "What to do: `deploy`, `watch`, `rollback`, `promote`, `health`, `report`, `status` or `doctor`."),
    row("environment", None, Name, "", PLACES, "Which environment: its key in the configuration file, or a new name. Required for deploy, watch, rollback and promote; all of them for health, status and doctor."),
    row("config", None, File, ".github/mangetamain-deploy.yml", &[], "Configuration file; the default is read when it exists in the workspace."),
    row("sha", None, Sha, "", &[Mode::Deploy, Mode::Watch, Mode::Promote], "The commit, 40 hexadecimal digits; default: the one whose CI ended on `workflow_run`, else `GITHUB_SHA`."),
    row("to", None, Text, "last-validated", &[Mode::Rollback], "Where to go back to: `last-validated`, `previous`, or a SHA of 7 to 40 digits."),
    row("confirm", None, Text, "", PROMOTE, "Must be exactly `DEPLOY`."),
    row("label", Some("label"), Text, "environment in capitals", PLACES, "The environment's name in messages."),
    row("app-path", Some("app-path"), Path, "", PLACE, "Git work tree on this machine, or a folder in one. Required for deploy and promote in a workflow; rollback, watch, and deploy at a terminal take it from the last deploy."),
    row("branch", Some("branch"), Text, "main", PLACE, "A SHA that is not on `origin/<branch>` is refused."),
    row("compose-file", Some("compose.file"), Path, "", PLACE, "Compose file; without one there is no container step."),
    row("compose-service", Some("compose.service"), Lines, "all", PLACE, "Services to restart, one a line."),
    row("compose-strategy", Some("compose.strategy"), Choice(&["auto", "restart", "up", "recreate"]), "auto", PLACE, "`restart`, `up` (up -d --build --remove-orphans), `recreate` (down, then up), or `auto`: `up` when what a restart cannot pick up has changed, else `restart`."),
    row("deploy-command", Some("deploy-command"), Lines, "", PLACE, "Program and arguments, one a line: run after the reset, before compose; never through a shell."),
    row("deploy-command-timeout", Some("deploy-command-timeout"), Limit, "15m", PLACE, "Time for the deploy command; then it is ended, and counts as failed."),
    row("url", Some("url"), Url, "", PLACES, "Where people find the site."),
    row("health-url", Some("health.url"), Urls, "url", CHECK, "URLs to check, one a line."),
    row("health-status", Some("health.status"), Statuses, "200", CHECK, "Accepted HTTP status codes."),
    row("health-contains", Some("health.contains"), Text, "", CHECK, "Text that the body must hold; `{sha}` and `{sha7}` stand for the commit, so that a check can prove which version answers."),
    row("health-json", Some("health.json"), Pair, "", CHECK, "`key=value` that a JSON answer must hold, such as `status=ok`."),
    row("health-attempts", Some("health.attempts"), Count, "3; promote 5", CHECK, "Tries before a site is unhealthy."),
    row("health-interval", Some("health.interval"), Duration, "10s", CHECK, "Time between tries; during the grace, tries come at least every second."),
    row("health-timeout", Some("health.timeout"), Limit, "10s", CHECK, "Time for one try, the body included."),
    row("health-grace", Some("health.grace"), Duration, "30s", PLACE, "After a restart, tries that fail do not count for this long."),
    row("on-unhealthy", Some("on-unhealthy"), Choice(&["rollback", "keep"]), "rollback", PLACE, "What to do when the new version is unhealthy: `rollback`, or `keep` it live, with an alert."),
    row("guard-paths", Some("guard-paths"), Lines, "", PLACE, "Globs (`migrations/**`), from the repository's top folder or from `app-path`; a folder means all below it. Where the two commits differ there, no automatic rollback; an alert says why and what to run."),
    row("freeze", Some("freeze"), Windows, "", PREPARE, "Windows such as `fri 16:00 - mon 08:00 Europe/Paris` in which promote refuses without `force`."),
    row("force", None, Flag, "false", &[Mode::Deploy, Mode::Rollback, Mode::Promote], "Deploy a quarantined or older commit, or go back to a quarantined one; promote also in a freeze, what `promote-from` is not live with any more, without a version to go back to, or with files that were not put back. Always told in the messages and the ledger."),
    row("ci-workflow", Some("ci.workflow"), Text, "ci.yml", FOLLOW, "File name or `name:` of the workflow that decides."),
    row("watch", Some("ci.watch"), Choice(&["auto", "detached", "inline", "event", "none"]), "auto", FOLLOW, "How CI is followed: `event`, by a `workflow_run` trigger; `detached`, by a process that outlives the job; `inline`, in the job; `none`, not at all; `auto`: the first of these that can work here."),
    row("ci-delay", Some("ci.delay"), Duration, "30s", FOLLOW, "Time before a missing CI run counts as missing."),
    row("ci-interval", Some("ci.interval"), Duration, "10s", FOLLOW, "Time between looks at CI."),
    row("ci-timeout", Some("ci.timeout"), Duration, "5m", FOLLOW, "Time to wait for CI; then `on-timeout`."),
    row("on-timeout", Some("ci.on-timeout"), Choice(&["keep", "rollback"]), "keep", FOLLOW, "`keep`: stay live, unvalidated, with an alert; or `rollback`."),
    row("promote-from", Some("promote-from"), Name, "preprod", PREPARE, "Environment whose validated commit may be promoted."),
    row("backup", None, Text, "", &[Mode::Rollback], "A backup whose files are put back with the commit that they belong to: `latest`, or its name."),
    row("backup-paths", Some("backup.paths"), Paths, "", PREPARE, "What is saved before a promote, one path a line; `none` to do without (in the file also `backup: none`). Required to promote."),
    row("backup-dir", Some("backup.dir"), Path, "<state-dir>/<environment>/backups", SAVE, "Where backups are kept."),
    row("backup-keep", Some("backup.keep"), Count, "10", PREPARE, "How many backups are kept."),
    row("state-dir", Some("state-dir"), Path, STATE_DIR, PLACES, "Ledger, locks, backups."),
    row("rollback-point-file", Some("rollback-point-file"), Path, "<state-dir>/<environment>/last-validated-sha.txt", PLACE, "Plain file with the last validated SHA, for scripts and people."),
    row("log-dir", Some("log-dir"), Path, "/tmp", FOLLOW, "Where a watcher writes `ci-watcher-<SHA>.log` and `ci-watcher-LATEST.log`."),
    row("lock-timeout", Some("lock-timeout"), Duration, "10m", PLACE, "How long to wait for another run on the same environment."),
    row("discord-webhook", None, Secret, "", &[], "Discord webhook URL; without one no messages are sent."),
    row("discord-mention", Some("discord.mention"), Text, "", PLACES, "Role or user id, or `everyone`, called for critical alerts only."),
    row("discord-style", Some("discord.style"), Choice(&["embed", "text"]), "embed", PLACE, "`embed`: one message a deploy, edited as it goes on, and a new one for what has to ring; `text`: a plain message for each piece of news."),
    row("locale", Some("locale"), Choice(&["fr", "en"]), "fr", &[], "Language of messages and summaries: `fr` or `en`."),
    row("token", None, Secret, "${{ github.token }}", &[], "Token for the GitHub API; ends with the job."),
    row("github-deployments", Some("github.deployments"), Choice(&["auto", "off"]), "auto", PLACE, "Show each deploy on the repository's page of deployments: `auto` where the token may (deployments: write) and the job has no `environment:` of that name, or `off`."),
    row("watch-token", None, Secret, "", FOLLOW, "Token that outlives the job, for a detached watcher (actions:read; contents:read when private)."),
    row("needs", None, Text, "", REPORT, "`${{ toJSON(needs) }}`."),
    row("job-status", None, Text, "", REPORT, "`${{ job.status }}`."),
    row("optional", None, Lines, "", REPORT, "Jobs that need not succeed, by their ids, one a line."),
    row("status-page", None, File, "", &[Mode::Status], "File for a page (HTML) of what is shown, for a browser; relative to the workspace. On the command line also `--html`."),
    row("dry-run", None, Flag, "false", &[], "Print the plan, touch nothing, send nothing."),
];

/// The setting of this input name.
#[must_use]
pub fn by_input(input: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.input == input)
}

/// The known name nearest to `name`, when one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody means a name of ours by a text as long as this, and comparing takes its length squared.
    known
        .filter(|_| name.len() <= 64)
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

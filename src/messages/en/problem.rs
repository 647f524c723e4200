//! What is wrong with the inputs, in English; `fr::problem` says the same.

use super::reason::rebuff;
use crate::failure::Problem;
use crate::failure::problem::{Form, Misshapen, Needed, Wrong};
use crate::failure::rebuff::Rebuff;
use crate::messages::problem::{names, one_line, place};
use crate::tools::discord::BadWebhook;
use crate::tools::freeze::NoWindow;
use crate::tools::needs::NoNeeds;
use crate::tools::yaml::{NotRead, Refused};

/// Before the problems.
pub fn headline(count: usize) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} problem{many} in the inputs; nothing was touched, what was live stays live:")
}

/// One problem.
pub fn problem(problem: &Problem) -> String {
    let nearest = problem.nearest.as_ref().map_or(String::new(), |nearest| format!(" Did you mean `{nearest}`?"));
    format!("{}: {}.{nearest}", place(problem), wrong(&problem.wrong))
}

fn wrong(why: &Wrong) -> String {
    let text = match why {
        Wrong::UnknownInput => "is not a known input",
        Wrong::UnknownOption => "is not a known option; `--help` lists them",
        Wrong::UnknownKey => "is not a known setting",
        Wrong::UnknownTop => "is not known at the top level: `defaults` and `environments` are",
        Wrong::UnknownJob => "is not among the jobs of `needs` (their ids, not their names)",
        Wrong::Missing(what) => needed(*what),
        Wrong::Unlike(what) => return form(what),
        Wrong::File(how) => return file(how),
        Wrong::Shared => "would be of several environments at once: name one in each, or none (each has its own then)",
        Wrong::SecretWritten => {
            "is a secret and never stands in a file: give it as an input, from `secrets`. Change it now, since it has been written down"
        }
        Wrong::SecretTyped(variable) => {
            return format!(
                "is a secret: every user of this machine could read it in the process list. Set the variable {variable} instead"
            );
        }
        Wrong::InputOnly => "is an input only: it cannot stand in the configuration file",
        Wrong::OfMode(mode) => return format!("belongs to `{}`", mode.word()),
        Wrong::NamedBy(input) => return format!("is not read by `rollback`: name the version with `{input}`"),
        Wrong::OfOne => "is one environment's own: name it with `environment`",
        Wrong::Twice => "is given twice: only lists are given by repeating their option",
        Wrong::Stray => "is one word too many: one mode, then options",
        Wrong::Unlisted { file, listed } => return format!("is not in {file} ({})", names(listed)),
        Wrong::Unkept { folder, known } => return format!("has no state in {folder} (known: {})", names(known)),
        Wrong::Unsourced { folder, known } => {
            return format!("is no environment of the configuration file, nor of {folder} (known: {})", names(known));
        }
        Wrong::SameEnvironment => "must be another environment than the one that is promoted to",
        Wrong::HoldsBackups(folder) => {
            return format!("holds the backups themselves ({folder}): choose another `backup-dir`, or less");
        }
        Wrong::HoldsState(folder) => {
            return format!("holds the ledger and the locks ({folder}): these must not be put back");
        }
        Wrong::SavedTwice(outer) => return format!("is saved already, with {outer}: name it once"),
        Wrong::Jobs(how) => return format!("{}. {HOW}", jobs(*how)),
        Wrong::Webhook(BadWebhook::Empty) => "the webhook's address is empty",
        Wrong::Webhook(BadWebhook::Broken) => "the webhook's address has a blank or a control character in it",
        Wrong::Webhook(BadWebhook::NotAnAddress) => "the webhook's address is not a plain http or https address",
    };
    text.to_owned()
}

const HOW: &str = "Write `needs: ${{ toJSON(needs) }}` in a job with `needs: [...]` and `if: ${{ !cancelled() }}`";

fn jobs(how: NoNeeds) -> &'static str {
    match how {
        NoNeeds::NoJson => "is not the JSON of a `needs` context",
        NoNeeds::Empty => "names no job: the reporting job must list the others in its own `needs:`",
        NoNeeds::NoResult => "has a job without a `result`",
    }
}

fn needed(what: Needed) -> &'static str {
    match what {
        Needed::Mode => "is required: deploy, watch, rollback, promote, health, report, status or doctor",
        Needed::Environment => "is required: the environment's name, such as preprod",
        Needed::Tree => "is required: the git work tree on this machine, or a folder in one",
        Needed::Sha => "is required outside a workflow: the commit's 40 digits",
        Needed::ComposeFile => "is required beside `compose-service` and `compose-strategy`: what they are about",
        Needed::BackupPaths => "is required to promote: what to save first, one path a line, or `none`",
        Needed::Jobs => {
            "or `job-status` is required. Write `needs: ${{ toJSON(needs) }}` in a job with `needs: [...]` and `if: ${{ !cancelled() }}`. In a workflow of one job: `job-status: ${{ job.status }}`"
        }
        Needed::Value => "needs a value after it (`--name=value` where that begins with `--`)",
        Needed::Shell => "needs one shell after it: bash, zsh or fish",
    }
}

fn form(what: &Form) -> String {
    let text = match what {
        Form::Mode => "must be deploy, watch, rollback, promote, health, report, status or doctor",
        Form::Line => "must be one line",
        Form::PlainLine => "must be one line without control characters",
        Form::Name => "must be 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit",
        Form::Path => "must be an absolute path (it may begin with `~`)",
        Form::File => "must be the name of a file: the page is not written to the output",
        Form::PathWithin => "must be an absolute path without `..`",
        Form::PathWhole => "begins with `~`, and the variable HOME is not set: give the whole path",
        Form::PathUnparted => "must be a path without a comma: compose parts the names of its files with commas",
        Form::Url => "must be a URL that begins with http:// or https://, its port, if any, from 1 to 65535",
        Form::UrlOpen => "must hold no name or password: messages, the ledger and the log would show it",
        Form::Sha => "must be a full SHA, 40 hexadecimal digits",
        Form::Duration => "must be a whole number with its unit, such as 250ms, 10s, 5m or 1h",
        Form::NoTime => "must be more than 0: nothing is done in no time",
        Form::Count => "must be a whole number from 1 to 1000",
        Form::Statuses => "must be HTTP status codes such as 200, 204",
        Form::Choice(words) => return format!("must be one of {}", words.join(", ")),
        Form::Flag => "must be true or false",
        Form::Pair => "must be key=value, such as status=ok",
        Form::Window(why) => return window(why),
        Form::Mention => "must be a role or user id, `role:ID`, `user:ID` or `everyone`",
        Form::Branch => "must be the name of a branch",
        Form::Services => "must be names of services",
        Form::Target => "must be last-validated, previous, or a SHA of 7 to 40 digits",
        Form::Backup => "must be `latest`, or a backup's name such as 20260131T134507Z-acfdb42",
        Form::JobStatus => "must be success, failure or cancelled. Write `job-status: ${{ job.status }}`",
    };
    text.to_owned()
}

fn window(why: &NoWindow) -> String {
    let whole = "must be a window of the week with its time zone, such as `fri 16:00 - mon 08:00 Europe/Paris`";
    match why {
        NoWindow::Parts => whole.to_owned(),
        NoWindow::Day(word) => format!("{whole}: {word:?} is not mon, tue, wed, thu, fri, sat or sun"),
        NoWindow::Time(word) => format!("{whole}: {word:?} is not a time from 00:00 to 23:59"),
        NoWindow::End => format!("{whole}: it ends when it begins"),
        NoWindow::Zone(word) => format!("{whole}: {word:?} is not a name of the IANA time zone database"),
    }
}

fn file(how: &Misshapen) -> String {
    let text = match how {
        Misshapen::Gone => "names a file that does not exist",
        Misshapen::Unreadable(seen) => {
            let mend = match seen {
                Rebuff::System { code, .. } if code == "EISDIR" => "put a file in the place of that folder",
                Rebuff::Nothing => "mend that link, or remove it",
                _ => "let this user read it",
            };
            return format!("cannot be read: {}; {mend}, or name another file with `config`", rebuff(seen));
        }
        Misshapen::TooLarge(cap) => {
            return format!("is larger than the {cap} bytes that are read of a configuration file");
        }
        Misshapen::NoYaml(NotRead { line, why }) => {
            return format!("is not YAML that can be read: line {line}: {}", yaml(why));
        }
        Misshapen::NoMapping => "is not YAML that can be read: the top level is not a mapping",
        Misshapen::Environments => "must be a mapping of names to settings",
        Misshapen::EnvironmentName => "has a name that cannot be a folder's name",
        Misshapen::Settings => "must be a mapping of settings",
        Misshapen::Section(keys) => return format!("is a section: write its settings below it ({})", names(keys)),
        Misshapen::Backup => "must be `none`, or hold `paths`, `dir` and `keep`",
        Misshapen::Text => "must be text, a number or a list of these",
        Misshapen::Argument(at) => {
            return format!(
                "item {at} of the list must be one line, not empty and with no blank at its ends: put a script into a file of the repository, and its name here"
            );
        }
    };
    text.to_owned()
}

fn yaml(why: &Refused) -> String {
    let text = match why {
        Refused::Parser(words) => return one_line(words),
        Refused::Second => "a second document begins here",
        Refused::NoDocument => "a document was expected",
        Refused::NoValue => "a value was expected",
        Refused::TooLarge => "the document is too large, aliases expanded",
        Refused::TooDeep => "nested too deeply",
        Refused::Tag => "tags (`!name`) are not taken here",
        Refused::NoAnchor => "this alias has no anchor before it",
        Refused::LongKey => "a key is too long",
        Refused::NoTextKey => "a key must be a text",
        Refused::Twice(key) => return format!("the key {key:?} stands twice"),
        Refused::Merge => "`<<` takes a mapping",
    };
    text.to_owned()
}

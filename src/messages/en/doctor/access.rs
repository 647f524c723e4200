//! GitHub and Discord, in English.

use crate::messages::en::counted;
use crate::messages::finding::{Access, Ci, FindingLine, Token, Which};
use crate::time::{span, utc};
use crate::tools::doctor::access::AccessDenied;
use crate::tools::doctor::token::TokenKind;
use crate::tools::doctor::webhook::WebhookReply;
use crate::tools::trigger::on_end_of;

pub(super) fn access(seen: &Access) -> FindingLine {
    match seen {
        Access::NoRepository => FindingLine::new(
            "repository",
            "which repository this is about is not known: neither GITHUB_REPOSITORY nor a remote `origin` at GitHub",
            "set `app-path`, or GITHUB_REPOSITORY=owner/name (and GITHUB_SERVER_URL elsewhere than github.com)",
        ),
        Access::Repository { name, private } => {
            FindingLine::plain("repository", format!("{name}, {}", if *private { "private" } else { "public" }))
        }
        Access::RepositoryDenied { name, denied, token } => {
            FindingLine::new("repository", format!("{name}: {}", told(denied)), repository_mend(denied, *token))
        }
        Access::Token(seen) => token(seen),
        Access::Rate { rate, now } => FindingLine::new(
            "rate limit",
            format!(
                "{} left of {}, counted anew in {}",
                counted(rate.left, "request", "requests"),
                rate.limit,
                span(rate.reset.since(*now))
            ),
            "wait, or give a `token` (without one: 60 requests an hour for an address)",
        ),
        Access::NoWebhook => FindingLine::plain("Discord", "no `discord-webhook`: no messages will be sent"),
        Access::Webhook(seen) => webhook(seen),
        Access::Ci(seen) => ci(seen),
        Access::Deployments => FindingLine::plain("deployments", "can be read"),
        Access::NoDeployments { denied } => {
            FindingLine::plain("deployments", format!("cannot be read ({}); no mode needs them", told(denied)))
        }
    }
}

fn name(which: Which) -> &'static str {
    match which {
        Which::Job => "token",
        Which::Watch => "watch-token",
    }
}

fn kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Installation => "token of a job or an App (ghs_)",
        TokenKind::FineGrained => "fine-grained personal token (github_pat_)",
        TokenKind::Classic => "classic personal token (ghp_)",
        TokenKind::Person => "token of a person by an application (gho_, ghu_)",
        TokenKind::Refresh => "refresh token (ghr_)",
        TokenKind::Unknown => "token of an unknown kind",
    }
}

fn token(seen: &Token) -> FindingLine {
    match seen {
        Token::Of { which, kind: of, end } => {
            let end = end.map_or(String::new(), |end| format!(", until {} UTC", utc(end)));
            FindingLine::plain(name(*which), format!("{}{end}", kind(*of)))
        }
        Token::Ends { which, kind: of, left_ms } => {
            let seen = if *left_ms == 0 { "has expired".to_owned() } else { format!("expires in {}", span(*left_ms)) };
            FindingLine::new(
                name(*which),
                format!("{}: {seen}", kind(*of)),
                "renew it, and put the new one into the secret",
            )
        }
        Token::Unfit { which, kind: of } => FindingLine::new(
            name(*which),
            format!("{}: ends with the job or after an hour, a watcher cannot rely on it", kind(*of)),
            "a fine-grained token for this repository: Actions read, Contents read",
        ),
        Token::Wide { which } => FindingLine::new(
            name(*which),
            "classic personal token (ghp_): it can do all that its owner can, in all repositories",
            "a fine-grained token for this repository: Actions read, Contents read",
        ),
        Token::Missing { which: Which::Job, private } => FindingLine::new(
            "token",
            if *private { "no token, and the repository is not public" } else { "no token: 60 requests an hour" },
            "export GITHUB_TOKEN=... on the machine; in a job, do not empty the input `token`",
        ),
        Token::Missing { which: Which::Watch, private: true } => FindingLine::new(
            "watch-token",
            "`watch: detached` without `watch-token`, and the repository is private: the watcher could not read CI",
            "a fine-grained token for this repository (Actions and Contents read), or `watch: event`",
        ),
        Token::Missing { which: Which::Watch, private: false } => {
            FindingLine::plain("watch-token", "no `watch-token`: the job, or the workflow_run trigger, follows CI")
        }
        Token::Denied { denied } => FindingLine::new(
            "watch-token",
            told(denied),
            "a fine-grained token for this repository: Actions read, Contents read",
        ),
    }
}

fn ci(seen: &Ci) -> FindingLine {
    match seen {
        Ci::Workflow { file, name, branch, runs } => {
            FindingLine::plain("CI", format!("{file} (\"{name}\"): {} on {branch}", counted(*runs, "run", "runs")))
        }
        Ci::Idle { file, branch } => FindingLine::new(
            "CI",
            format!("{file} never ran on {branch}: nothing is validated until it does"),
            format!("on: push: branches: [{branch}] in {file}"),
        ),
        Ci::Off { file, state } => FindingLine::new(
            "CI",
            format!("{file} is switched off ({state}): no verdict any more"),
            format!("gh workflow enable {file}"),
        ),
        Ci::Unknown { wanted, nearest, known } => FindingLine::new(
            "CI",
            format!("no workflow {wanted:?} in the repository; there are {}", known.join(", ")),
            nearest.as_ref().map_or("set `ci.workflow`".to_owned(), |near| format!("ci.workflow: {near}")),
        ),
        Ci::Unheard { name, others } => FindingLine::new(
            "CI",
            match others.as_slice() {
                [] => format!("`watch: event`, but no workflow of the work tree is triggered by the end of \"{name}\""),
                all => format!("its end is told to nobody: it is called \"{name}\", and {}", waiting(all)),
            },
            on_end_of(name),
        ),
        Ci::Twice { name, files } => FindingLine::new(
            "CI",
            format!("several workflows are called {name:?}: {}", files.join(", ")),
            "name the file in `ci.workflow`",
        ),
        Ci::Denied { denied } => FindingLine::new(
            "CI",
            format!("runs cannot be read: {}", told(denied)),
            "permissions: { contents: read, actions: read } in the workflow",
        ),
    }
}

fn waiting(others: &[(String, Vec<String>)]) -> String {
    let one = |(file, names): &(String, Vec<String>)| format!("{file} waits for {}", names.join(", "));
    others.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn told(denied: &AccessDenied) -> String {
    match denied {
        AccessDenied::Token => "401, the token is not accepted (expired, revoked or miscopied)".to_owned(),
        AccessDenied::Permission(wanted) if wanted.is_empty() => "403, the token lacks a permission".to_owned(),
        AccessDenied::Permission(wanted) => format!("403, the token lacks: {wanted}"),
        AccessDenied::Hidden => "404, it does not exist, or this token does not see it".to_owned(),
        AccessDenied::Limited => "no requests left in the rate limit".to_owned(),
        AccessDenied::Status(status) => format!("GitHub answers {status}"),
        AccessDenied::Unreached(words) => format!("GitHub was not reached ({words})"),
    }
}

fn repository_mend(denied: &AccessDenied, token: Option<TokenKind>) -> &'static str {
    match denied {
        AccessDenied::Token => "a new token, or none if the repository is public",
        AccessDenied::Permission(_) => "give the token that permission",
        AccessDenied::Hidden if token.is_none() => "export GITHUB_TOKEN=...: a private repository is not seen without",
        AccessDenied::Hidden => "check the repository's name, and that the token covers it",
        AccessDenied::Limited => "wait, or give a `token`",
        AccessDenied::Status(_) => "https://www.githubstatus.com/, then try again",
        AccessDenied::Unreached(_) => {
            "curl -sS https://api.github.com/zen on this machine; for a proxy, the variable https_proxy"
        }
    }
}

fn webhook(seen: &WebhookReply) -> FindingLine {
    let renew =
        "make another (Discord: channel settings, Integrations), and put it into the secret DISCORD_WEBHOOK_URL";
    match seen {
        WebhookReply::There(name) => {
            FindingLine::plain("Discord", format!("webhook {name:?} answers (nothing was sent)"))
        }
        WebhookReply::Gone => FindingLine::new("Discord", "the webhook is gone, or its address was miscopied", renew),
        WebhookReply::NotAWebhook(status) => {
            FindingLine::new("Discord", format!("the address is not a webhook's (answer {status})"), renew)
        }
        WebhookReply::Later(status) => {
            FindingLine::new("Discord", format!("Discord answers {status}: nothing is proven"), "try again in a while")
        }
        WebhookReply::Unreached(words) => FindingLine::new(
            "Discord",
            format!("was not reached ({words}): messages would be lost, deploys would not"),
            "curl -sS -o /dev/null -w '%{http_code}\\n' https://discord.com/api/v10/gateway",
        ),
    }
}

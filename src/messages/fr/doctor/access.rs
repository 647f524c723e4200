//! GitHub and Discord, in French.

use crate::messages::finding::{Access, Ci, FindingLine, Token, Which};
use crate::messages::fr::quoted::quoted;
use crate::messages::fr::{counted, span};
use crate::time::utc;
use crate::tools::doctor::access::AccessDenied;
use crate::tools::doctor::token::TokenKind;
use crate::tools::doctor::webhook::WebhookReply;
use crate::tools::trigger::on_end_of;

pub(super) fn access(seen: &Access) -> FindingLine {
    match seen {
        Access::NoRepository => FindingLine::new(
            "dépôt",
            "on ne sait pas de quel dépôt il s'agit : ni GITHUB_REPOSITORY, ni remote `origin` vers GitHub",
            "régler `app-path`, ou GITHUB_REPOSITORY=propriétaire/nom (et GITHUB_SERVER_URL hors de github.com)",
        ),
        Access::Repository { name, private } => {
            FindingLine::plain("dépôt", format!("{name}, {}", if *private { "privé" } else { "public" }))
        }
        Access::RepositoryDenied { name, denied, token } => {
            FindingLine::new("dépôt", format!("{name} : {}", told(denied)), repository_mend(denied, *token))
        }
        Access::Token(seen) => token(seen),
        Access::Rate { rate, now } => FindingLine::new(
            "quota",
            format!(
                "{} sur {}, remis à zéro dans {}",
                counted(rate.left, "requête restante", "requêtes restantes"),
                rate.limit,
                span(rate.reset.since(*now))
            ),
            "attendre, ou donner un `token` (sans jeton : 60 requêtes par heure et par adresse)",
        ),
        Access::NoWebhook => FindingLine::plain("Discord", "pas de `discord-webhook` : aucun message ne sera envoyé"),
        Access::Webhook(seen) => webhook(seen),
        Access::Ci(seen) => ci(seen),
        Access::Deployments => FindingLine::plain("déploiements", "lisibles"),
        Access::NoDeployments { denied } => {
            FindingLine::plain("déploiements", format!("pas lisibles ({}) ; aucun mode n'en a besoin", told(denied)))
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
        TokenKind::Installation => "jeton de job ou d'App (ghs_)",
        TokenKind::FineGrained => "jeton personnel à granularité fine (github_pat_)",
        TokenKind::Classic => "jeton personnel classique (ghp_)",
        TokenKind::Person => "jeton d'une personne par une application (gho_, ghu_)",
        TokenKind::Refresh => "jeton de renouvellement (ghr_)",
        TokenKind::Unknown => "jeton d'un genre inconnu",
    }
}

fn token(seen: &Token) -> FindingLine {
    match seen {
        Token::Of { which, kind: of, end } => {
            let end = end.map_or(String::new(), |end| format!(", jusqu'au {} UTC", utc(end)));
            FindingLine::plain(name(*which), format!("{}{end}", kind(*of)))
        }
        Token::Ends { which, kind: of, left_ms } => {
            let seen = if *left_ms == 0 { "a expiré".to_owned() } else { format!("expire dans {}", span(*left_ms)) };
            FindingLine::new(
                name(*which),
                format!("{} : {seen}", kind(*of)),
                "le renouveler, et mettre le secret à jour",
            )
        }
        Token::Unfit { which, kind: of } => FindingLine::new(
            name(*which),
            format!("{} : finit avec le job ou après une heure, un watcher ne peut pas compter dessus", kind(*of)),
            "un jeton à granularité fine pour ce dépôt : Actions en lecture, Contents en lecture",
        ),
        Token::Wide { which } => FindingLine::new(
            name(*which),
            "jeton personnel classique (ghp_) : il peut tout ce que peut son propriétaire, dans tous ses dépôts",
            "un jeton à granularité fine pour ce dépôt : Actions en lecture, Contents en lecture",
        ),
        Token::Missing { which: Which::Job, private } => FindingLine::new(
            "token",
            if *private {
                "pas de jeton, et le dépôt n'est pas public"
            } else {
                "pas de jeton : 60 requêtes par heure"
            },
            "export GITHUB_TOKEN=... sur la machine ; dans un job, ne pas vider l'entrée `token`",
        ),
        Token::Missing { which: Which::Watch, private: true } => FindingLine::new(
            "watch-token",
            "`watch: detached` sans `watch-token`, et le dépôt est privé : le watcher ne pourra pas lire le CI",
            "un jeton à granularité fine pour ce dépôt (Actions et Contents en lecture), ou `watch: event`",
        ),
        Token::Missing { which: Which::Watch, private: false } => FindingLine::plain(
            "watch-token",
            "pas de `watch-token` : le job, ou le déclencheur workflow_run, suit le CI",
        ),
        Token::Denied { denied } => FindingLine::new(
            "watch-token",
            told(denied),
            "un jeton à granularité fine pour ce dépôt : Actions en lecture, Contents en lecture",
        ),
    }
}

fn ci(seen: &Ci) -> FindingLine {
    match seen {
        Ci::Workflow { file, name, branch, runs } => {
            FindingLine::plain("CI", format!("{file} (« {name} ») : {} sur {branch}", counted(*runs, "run", "runs")))
        }
        Ci::Idle { file, branch } => FindingLine::new(
            "CI",
            format!("{file} n'a jamais tourné sur {branch} : rien ne sera validé tant qu'il ne tourne pas"),
            format!("on: push: branches: [{branch}] dans {file}"),
        ),
        Ci::Off { file, state } => FindingLine::new(
            "CI",
            format!("{file} est désactivé ({state}) : plus aucun verdict"),
            format!("gh workflow enable {file}"),
        ),
        Ci::Unknown { wanted, nearest, known } => FindingLine::new(
            "CI",
            format!("pas de workflow {wanted} dans le dépôt ; il y a {}", known.join(", "), wanted = quoted(wanted)),
            nearest.as_ref().map_or("régler `ci.workflow`".to_owned(), |near| format!("ci.workflow: {near}")),
        ),
        Ci::Unheard { name, others } => FindingLine::new(
            "CI",
            match others.as_slice() {
                [] => {
                    format!("`watch: event`, mais aucun workflow du clone n'est déclenché par la fin de « {name} »")
                }
                all => format!("personne n'apprend sa fin : il s'appelle « {name} », et {}", waiting(all)),
            },
            on_end_of(name),
        ),
        Ci::Twice { name, files } => FindingLine::new(
            "CI",
            format!("plusieurs workflows s'appellent {name} : {}", files.join(", "), name = quoted(name)),
            "nommer le fichier dans `ci.workflow`",
        ),
        Ci::Denied { denied } => FindingLine::new(
            "CI",
            format!("les runs ne peuvent pas être lus : {}", told(denied)),
            "permissions: { contents: read, actions: read } dans le workflow",
        ),
    }
}

fn waiting(others: &[(String, Vec<String>)]) -> String {
    let one = |(file, names): &(String, Vec<String>)| format!("{file} attend {}", names.join(", "));
    others.iter().map(one).collect::<Vec<_>>().join(" ; ")
}

fn told(denied: &AccessDenied) -> String {
    match denied {
        AccessDenied::Token => "401, le jeton n'est pas accepté (expiré, révoqué ou mal copié)".to_owned(),
        AccessDenied::Permission(wanted) if wanted.is_empty() => "403, une permission manque au jeton".to_owned(),
        AccessDenied::Permission(wanted) => format!("403, il manque au jeton : {wanted}"),
        AccessDenied::Hidden => "404, n'existe pas, ou ce token ne le voit pas".to_owned(),
        AccessDenied::Limited => "quota de requêtes épuisé".to_owned(),
        AccessDenied::Status(status) => format!("GitHub répond {status}"),
        AccessDenied::Unreached(words) => format!("GitHub injoignable ({words})"),
    }
}

fn repository_mend(denied: &AccessDenied, token: Option<TokenKind>) -> &'static str {
    match denied {
        AccessDenied::Token => "un nouveau jeton, ou aucun si le dépôt est public",
        AccessDenied::Permission(_) => "donner ce droit au jeton",
        AccessDenied::Hidden if token.is_none() => "export GITHUB_TOKEN=... : un dépôt privé ne se voit pas sans",
        AccessDenied::Hidden => "vérifier le nom du dépôt, et que le jeton couvre ce dépôt",
        AccessDenied::Limited => "attendre, ou donner un `token`",
        AccessDenied::Status(_) => "https://www.githubstatus.com/, puis recommencer",
        AccessDenied::Unreached(_) => {
            "curl -sS https://api.github.com/zen sur cette machine ; proxy : variable https_proxy"
        }
    }
}

fn webhook(seen: &WebhookReply) -> FindingLine {
    let renew = "en créer un autre (Discord : Paramètres du salon, Intégrations), et mettre le secret DISCORD_WEBHOOK_URL à jour";
    match seen {
        WebhookReply::There(name) => {
            FindingLine::plain("Discord", format!("le webhook {} répond (rien n'a été envoyé)", quoted(name)))
        }
        WebhookReply::Gone => {
            FindingLine::new("Discord", "le webhook n'existe plus, ou son adresse est mal copiée", renew)
        }
        WebhookReply::NotAWebhook(status) => {
            FindingLine::new("Discord", format!("l'adresse n'est pas celle d'un webhook (réponse {status})"), renew)
        }
        WebhookReply::Later(status) => FindingLine::new(
            "Discord",
            format!("Discord répond {status} : rien n'est prouvé"),
            "recommencer dans un moment",
        ),
        WebhookReply::Unreached(words) => FindingLine::new(
            "Discord",
            format!("injoignable ({words}) : les messages seraient perdus, les déploiements non"),
            "curl -sS -o /dev/null -w '%{http_code}\\n' https://discord.com/api/v10/gateway",
        ),
    }
}

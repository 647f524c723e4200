//! Ce qui ne va pas dans les réglages. What is wrong with the inputs, in French; `en::problem` says the same.

use super::reason::rebuff;
use crate::failure::Problem;
use crate::failure::problem::{Form, Misshapen, Needed, Wrong};
use crate::failure::rebuff::Rebuff;
use crate::messages::fr::quoted::quoted;
use crate::messages::problem::{names, one_line, place};
use crate::tools::discord::BadWebhook;
use crate::tools::freeze::NoWindow;
use crate::tools::needs::NoNeeds;
use crate::tools::yaml::{NotRead, Refused};

/// Before the problems.
pub fn headline(count: usize) -> String {
    let many = if count < 2 { "" } else { "s" };
    format!("{count} problème{many} dans les réglages ; rien n'a été touché, aucun changement en ligne :")
}

/// One problem.
pub fn problem(problem: &Problem) -> String {
    let nearest = problem.nearest.as_ref().map_or(String::new(), |nearest| format!(" Vouliez-vous dire `{nearest}` ?"));
    format!("{} : {}.{nearest}", place(problem), wrong(&problem.wrong))
}

fn wrong(why: &Wrong) -> String {
    let text = match why {
        Wrong::UnknownInput => "cet input n'existe pas",
        Wrong::UnknownOption => "cette option n'existe pas ; `--help` les donne toutes",
        Wrong::UnknownKey => "ce réglage n'existe pas",
        Wrong::UnknownTop => "n'existe pas au premier niveau, où il n'y a que `defaults` et `environments`",
        Wrong::UnknownJob => "n'est pas un des jobs de `needs` (par leur id, pas par leur nom)",
        Wrong::Missing(what) => needed(*what),
        Wrong::Unlike(what) => return form(what),
        Wrong::File(how) => return file(how),
        Wrong::Shared => {
            "serait commun à plusieurs environnements : en nommer un par environnement, ou aucun (chacun a alors le sien)"
        }
        Wrong::SecretWritten => {
            "est un secret et n'a pas sa place dans un fichier : le donner comme input, depuis `secrets`. Le changer dès maintenant, puisqu'il a été écrit"
        }
        Wrong::SecretTyped(variable) => {
            return format!(
                "est un secret : tout utilisateur de cette machine pourrait le lire dans la liste des processus. Le mettre dans la variable {variable}"
            );
        }
        Wrong::InputOnly => "ne se donne que comme input, pas dans le fichier de configuration",
        Wrong::OfMode(mode) => return format!("est une option de `{}`", mode.word()),
        Wrong::NamedBy(input) => return format!("n'est pas lu par `rollback` : nommer la version avec `{input}`"),
        Wrong::OfOne => "est propre à un environnement : le nommer avec `environment`",
        Wrong::Twice => "est là deux fois : seule une liste se donne en répétant son option",
        Wrong::Stray => "est un mot de trop : un mode, puis des options",
        Wrong::Unlisted { file, listed } => return format!("n'est pas dans {file} ({})", names(listed)),
        Wrong::Unkept { folder, known } => return format!("n'a pas d'état dans {folder} (connus : {})", names(known)),
        Wrong::Unsourced { folder, known } => {
            return format!(
                "n'est un environnement ni du fichier de configuration, ni de {folder} (connus : {})",
                names(known)
            );
        }
        Wrong::SameEnvironment => "doit être un autre environnement que celui vers lequel on promeut",
        Wrong::HoldsBackups(folder) => {
            return format!(
                "contient les sauvegardes elles-mêmes ({folder}) : choisir un autre `backup-dir`, ou moins"
            );
        }
        Wrong::HoldsState(folder) => {
            return format!("contient le registre et les verrous ({folder}) : ils ne doivent pas être remis");
        }
        Wrong::SavedTwice(outer) => return format!("est déjà sauvegardé, avec {outer} : ne le nommer qu'une fois"),
        Wrong::Jobs(how) => return format!("{}. {HOW}", jobs(*how)),
        Wrong::Webhook(BadWebhook::Empty) => "l'adresse du webhook est vide",
        Wrong::Webhook(BadWebhook::Broken) => "l'adresse du webhook contient un blanc ou un caractère de contrôle",
        Wrong::Webhook(BadWebhook::NotAnAddress) => "l'adresse du webhook n'est pas une simple adresse http ou https",
    };
    text.to_owned()
}

const HOW: &str = "Écrire `needs: ${{ toJSON(needs) }}` dans un job avec `needs: [...]` et `if: ${{ !cancelled() }}`";

fn jobs(how: NoNeeds) -> &'static str {
    match how {
        NoNeeds::NoJson => "n'est pas le JSON d'un contexte `needs`",
        NoNeeds::Empty => "ne nomme aucun job : celui qui rend compte doit nommer les autres dans son propre `needs:`",
        NoNeeds::NoResult => "contient un job sans `result`",
    }
}

fn needed(what: Needed) -> &'static str {
    match what {
        Needed::Mode => "manque : deploy, watch, rollback, promote, health, report, status ou doctor",
        Needed::Environment => "manque : le nom de l'environnement, comme preprod",
        Needed::Tree => "manque : le dossier git sur cette machine, ou un de ses sous-dossiers",
        Needed::Sha => "manque hors d'un workflow : les 40 chiffres du commit",
        Needed::ComposeFile => "manque : c'est de lui que parlent `compose-service` et `compose-strategy`",
        Needed::BackupPaths => "manque pour promouvoir : ce qui est d'abord sauvegardé, un chemin par ligne, ou `none`",
        Needed::Jobs => {
            "manque, ou `job-status`. Écrire `needs: ${{ toJSON(needs) }}` dans un job avec `needs: [...]` et `if: ${{ !cancelled() }}`. Dans un workflow d'un seul job : `job-status: ${{ job.status }}`"
        }
        Needed::Value => "demande une valeur à sa suite (`--nom=valeur` si elle commence par `--`)",
        Needed::Shell => "demande un shell à sa suite : bash, zsh ou fish",
    }
}

fn form(what: &Form) -> String {
    let text = match what {
        Form::Mode => "doit être deploy, watch, rollback, promote, health, report, status ou doctor",
        Form::Line => "doit tenir sur une ligne",
        Form::PlainLine => "doit tenir sur une ligne, sans caractères de contrôle",
        Form::Name => {
            "doit être de 1 à 64 lettres, chiffres, `.`, `_` ou `-`, et commencer par une lettre ou un chiffre"
        }
        Form::Path => "doit être un chemin absolu (il peut commencer par `~`)",
        Form::File => "doit être le nom d'un fichier : la page n'est pas écrite dans la sortie",
        Form::PathWithin => "doit être un chemin absolu sans `..`",
        Form::PathWhole => "commence par `~`, et la variable HOME n'existe pas : donner le chemin entier",
        Form::PathUnparted => {
            "doit être un chemin sans virgule : compose sépare les noms de ses fichiers par des virgules"
        }
        Form::Url => "doit être une URL qui commence par http:// ou https://, le port éventuel entre 1 et 65535",
        Form::UrlOpen => {
            "ne doit contenir ni nom ni mot de passe : les messages, le registre et le journal le montreraient"
        }
        Form::Sha => "doit être un SHA entier, de 40 chiffres hexadécimaux",
        Form::Duration => "doit être un nombre entier avec son unité, comme 250ms, 10s, 5m ou 1h",
        Form::NoTime => "doit être plus que 0 : rien ne se fait en un temps nul",
        Form::Count => "doit être un nombre entier de 1 à 1000",
        Form::Statuses => "doit être fait de codes HTTP, comme 200, 204",
        Form::Choice(words) => return format!("doit être un de ces mots : {}", words.join(", ")),
        Form::Flag => "doit être true ou false",
        Form::Pair => "doit être clé=valeur, comme status=ok",
        Form::Window(why) => return window(why),
        Form::Mention => "doit être l'id d'un rôle ou d'une personne, `role:ID`, `user:ID` ou `everyone`",
        Form::Branch => "doit être le nom d'une branche",
        Form::Services => "doit être fait de noms de services",
        Form::Target => "doit être last-validated, previous, ou un SHA de 7 à 40 chiffres hexadécimaux",
        Form::Backup => "doit être `latest`, ou le nom d'une sauvegarde comme 20260131T134507Z-acfdb42",
        Form::JobStatus => "doit être success, failure ou cancelled. Écrire `job-status: ${{ job.status }}`",
    };
    text.to_owned()
}

fn window(why: &NoWindow) -> String {
    let whole =
        "doit être une période de la semaine avec son fuseau horaire, comme `fri 16:00 - mon 08:00 Europe/Paris`";
    match why {
        NoWindow::Parts => whole.to_owned(),
        NoWindow::Day(word) => {
            format!("{whole} : {} n'est pas mon, tue, wed, thu, fri, sat ou sun", quoted(word))
        }
        NoWindow::Time(word) => format!("{whole} : {} n'est pas une heure de 00:00 à 23:59", quoted(word)),
        NoWindow::End => format!("{whole} : elle finit quand elle commence"),
        NoWindow::Zone(word) => {
            format!("{whole} : {} n'est pas un nom de la base de fuseaux de l'IANA", quoted(word))
        }
    }
}

fn file(how: &Misshapen) -> String {
    let text = match how {
        Misshapen::Gone => "ce fichier n'existe pas",
        Misshapen::Unreadable(seen) => {
            let mend = match seen {
                Rebuff::System { code, .. } if code == "EISDIR" => "mettre un fichier à la place de ce dossier",
                Rebuff::Nothing => "réparer ce lien, ou le supprimer",
                _ => "donner à cet utilisateur le droit de le lire",
            };
            return format!(
                "ne peut pas être lu : {} ; {mend}, ou nommer un autre fichier avec `config`",
                rebuff(seen)
            );
        }
        Misshapen::TooLarge(cap) => {
            return format!("est plus grand que les {cap} octets qui sont lus d'un fichier de configuration");
        }
        Misshapen::NoYaml(NotRead { line, why }) => {
            return format!("n'est pas du YAML lisible : ligne {line} : {}", yaml(why));
        }
        Misshapen::NoMapping => "n'est pas du YAML lisible : le premier niveau n'est pas fait de clés et de valeurs",
        Misshapen::Environments => "doit être fait de noms, chacun avec ses réglages",
        Misshapen::EnvironmentName => "a un nom qui ne peut pas être celui d'un dossier",
        Misshapen::Settings => "doit être fait de réglages",
        Misshapen::Section(keys) => {
            return format!("est une section : écrire ses réglages en dessous ({})", names(keys));
        }
        Misshapen::Backup => "doit être `none`, ou contenir `paths`, `dir` et `keep`",
        Misshapen::Text => "doit être un texte, un nombre ou une liste de ceux-ci",
        Misshapen::Argument(at) => {
            return format!(
                "l'élément {at} de la liste doit tenir sur une ligne, sans être vide ni avoir de blanc aux bords : mettre un script dans un fichier du dépôt, et son nom ici"
            );
        }
    };
    text.to_owned()
}

fn yaml(why: &Refused) -> String {
    let text = match why {
        Refused::Parser(words) => return one_line(words),
        Refused::Second => "un deuxième document commence ici",
        Refused::NoDocument => "il manque un document",
        Refused::NoValue => "il manque une valeur",
        Refused::TooLarge => "le document est trop grand, alias compris",
        Refused::TooDeep => "trop de niveaux imbriqués",
        Refused::Tag => "les tags (`!nom`) ne sont pas acceptés ici",
        Refused::NoAnchor => "cet alias n'a pas d'ancre avant lui",
        Refused::LongKey => "une clé est trop longue",
        Refused::NoTextKey => "une clé doit être un texte",
        Refused::Twice(key) => return format!("la clé {} est là deux fois", quoted(key)),
        Refused::Merge => "`<<` demande des clés et des valeurs",
    };
    text.to_owned()
}

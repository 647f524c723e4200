//! Le cadre de `--help`. The frame of `--help` in French; `en::help` says the same.

use crate::messages::help::Words;
use crate::settings::{Mode, ValueKind};

/// Its words.
pub const WORDS: Words = Words {
    heads: ["NOM", "SYNOPSIS", "MODES", "RÉGLAGES", "VARIABLES", "FICHIERS", "CODES DE SORTIE", "EXEMPLES"],
    purpose: "Déployer d'abord, tester en parallèle : un SHA exact en ligne tout de suite, retiré quand son CI échoue.",
    mode,
    settings: "Ils viennent du fichier de configuration (--config) ; une option l'emporte sur lui. `MODE --help` les explique.",
    variables: &[
        (
            "GITHUB_TOKEN, WATCH_TOKEN, DISCORD_WEBHOOK_URL",
            "Les secrets ; jamais des options, que tous peuvent lire dans la liste des processus.",
        ),
        ("LC_ALL, LC_MESSAGES, LANG", "La langue de ce terminal, quand `locale` n'est pas réglé."),
        ("NO_COLOR", "Pas de couleurs."),
    ],
    files: &[
        (".github/mangetamain-deploy.yml", "La configuration, cherchée depuis le dossier courant."),
        ("/var/app-state/ENVIRONNEMENT/", "Le registre, les verrous et les sauvegardes (`--state-dir`)."),
    ],
    exit: &[("0", "Tout va bien."), ("1", "Le mode a échoué."), ("2", "Les réglages sont faux ; rien n'a été touché.")],
    default: "Par défaut :",
    usage: "[--RÉGLAGE VALEUR ...]",
    shape,
    completions: "complétion pour un shell",
    explain: "expliquer ce mode",
};

fn shape(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text | ValueKind::Secret | ValueKind::Choice(_) | ValueKind::Flag => "TEXTE",
        ValueKind::Name => "NOM",
        ValueKind::File => "FICHIER",
        ValueKind::Path => "CHEMIN",
        ValueKind::Paths => "CHEMIN (répétable)",
        ValueKind::Url => "URL",
        ValueKind::Urls => "URL (répétable)",
        ValueKind::Sha => "SHA",
        ValueKind::Lines => "ÉLÉMENT (répétable)",
        ValueKind::Windows => "PÉRIODE (répétable ; fri 16:00 - mon 08:00 Europe/Paris)",
        ValueKind::Duration | ValueKind::Limit => "DURÉE (250ms, 10s, 5m, 1h)",
        ValueKind::Count => "NOMBRE",
        ValueKind::Statuses => "CODES (200,204)",
        ValueKind::Pair => "CLÉ=VALEUR",
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Deploy => "mettre un SHA exact en ligne, puis faire surveiller son CI",
        Mode::Watch => "régler le sort d'un SHA selon son CI : le valider, ou revenir",
        Mode::Rollback => "remettre en ligne le dernier SHA validé (ou --to)",
        Mode::Promote => "confirmer, sauvegarder, déployer un SHA validé, restaurer sinon",
        Mode::Health => "vérifier chaque site ; alerter à la panne et au retour seulement",
        Mode::Report => "résumer les jobs ; Discord en cas d'échec seulement",
        Mode::Status => "montrer ce qui est en ligne, validé, attendu, verrouillé, suivi",
        Mode::Doctor => "vérifier que cette machine et cette configuration suffisent",
    }
}

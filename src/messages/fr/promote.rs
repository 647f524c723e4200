//! Sentences of `promote` in French: what will happen, the checklist, and its notices.

use super::backup::unsaved;
use super::doubt::doubt as said;
use super::reason::silence;
use super::site::symptom;
use super::{counted, size, span};
use crate::environment::Environment;
use crate::failure::reason::Silence;
use crate::machine::entry::{CiRun, Relation};
use crate::machine::operation::PutBack;
use crate::messages::notice::{Before, Notice};
use crate::messages::notice_author;
use crate::messages::promotion::{Check, CheckResult, Found, NotValidatedReason, Promotion, Saving, Side, capitals};
use crate::sha::Sha;
use crate::time::utc;
use crate::tools::backup::{BackupName, Lacking, Need, Room};

/// A promote, in a few words.
pub const PROMOTE: &str = "Mise en production";

/// What will happen, line by line, then the checklist.
pub fn plan(promotion: &Promotion, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = vec![format!("Mise en production prévue : {} sur {}", promotion.sha, quote(&with.label))];
    lines.extend([&promotion.from, &promotion.to].map(|one| side(one, quote)));
    match &promotion.commits {
        None => lines.push("  Commits entre les deux : pas encore connus de cette machine".to_owned()),
        Some(commits) => {
            lines.push(format!("  Commits entre les deux : {}", commits.total));
            let one = |commit: &crate::tools::git::CommitFacts| {
                format!("    {} {} - {}", commit.sha.short(), quote(&commit.author), quote(&commit.subject))
            };
            lines.extend(commits.shown.iter().map(one));
            let left = commits.total.saturating_sub(commits.shown.len() as u64);
            lines.extend((left > 0).then(|| format!("    … et {left} de plus")));
        }
    }
    lines.push(match &promotion.saving {
        Saving::Nothing => "  Sauvegarde : aucune, comme demandé".to_owned(),
        Saving::Impossible(why) => format!("  Sauvegarde : impossible ({})", quote(&unsaved(why))),
        Saving::Paths { paths, need, room, folder, .. } => {
            format!("  Sauvegarde : {} dans {} ({})", quote(&paths.join(", ")), quote(folder), figures(need, room))
        }
    });
    let mut steps = vec![format!("git reset --hard {}", promotion.sha.short())];
    steps.extend((!with.deploy_command.is_empty()).then(|| quote(&with.deploy_command.join(" "))));
    steps.extend(promotion.strategy.iter().map(|(way, reason)| format!("compose {way} ({})", quote(reason))));
    lines.push(format!("  Mise en place : {}", steps.join(", puis ")));
    let tries = super::plan::tries(with.health.attempts, with.health.interval_ms);
    lines.push(match with.health.urls.is_empty() {
        true => "  Vérification : conteneurs seulement, aucune URL".to_owned(),
        false => format!("  Vérification : {} ({tries})", with.health.urls.join(", ")),
    });
    lines.push("Liste de contrôle :".to_owned());
    lines.extend(promotion.checks.iter().map(|check| format!("  {}", checked(check, promotion, quote))));
    lines
}

fn side(side: &Side, quote: &dyn Fn(&str) -> String) -> String {
    let label = quote(&side.label);
    match &side.live {
        None => format!("  {label} : inconnu de cette machine"),
        Some(live) => {
            let since = side.since.map_or(String::new(), |at| format!(" (en ligne depuis le {} UTC)", utc(at)));
            format!("  {label} : {} {}{since}", live.short(), quote(&side.subject))
        }
    }
}

pub(super) fn figures(need: &Need, room: &Room) -> String {
    let entries = room.entries.map_or(String::new(), |entries| format!(" et {}", inodes(entries)));
    format!("{} et {} nécessaires, {}{entries} libres", size(need.bytes), inodes(need.entries), size(room.bytes))
}

fn inodes(count: u64) -> String {
    counted(count, "inode", "inodes")
}

/// One line of the checklist, with its mark.
pub fn checked(check: &Check, promotion: &Promotion, quote: &dyn Fn(&str) -> String) -> String {
    let text = found(&check.found, promotion, quote);
    match check.verdict {
        CheckResult::Holds => format!("✅ {text}"),
        CheckResult::Forced => format!("⚠️ {text} : passé outre (force)"),
        CheckResult::Unasked => format!("➖ {text} : non vérifié"),
        CheckResult::Refused => match &check.found {
            Found::LiveElsewhere(live) => {
                let Side { label, is_validated, .. } = &promotion.from;
                format!("❌ {text} : {}", to_be_live(&quote(label), live, *is_validated, &promotion.sha))
            }
            other => match mend(other) {
                Some(mend) => format!("❌ {text}. {mend}"),
                None => format!("❌ {text}"),
            },
        },
    }
}

/// What to do about a SHA that is not validated.
fn to_be_validated(why: &NotValidatedReason, last: Option<&Sha>, promotion: &Promotion, from: &str) -> String {
    let (there, here) = (&promotion.from, &promotion.to);
    let is_older = promotion
        .checks
        .iter()
        .any(|check| check.verdict == CheckResult::Refused && matches!(check.found, Found::Age(Some(Relation::Older))));
    let itself = match why {
        why if why.condemns() => "corriger et pousser, ou relancer son CI".to_owned(),
        NotValidatedReason::Unanswered(_) | NotValidatedReason::Api(Silence::RunEnded(..)) => {
            "relancer son CI".to_owned()
        }
        NotValidatedReason::Api(Silence::NoRunOf(_)) => "lancer son CI".to_owned(),
        // What to do about its age is said beside it: to be put live there leads nowhere.
        NotValidatedReason::Unknown if is_older => String::new(),
        NotValidatedReason::Unknown => format!("le déployer d'abord en {from}"),
        NotValidatedReason::Unheard(_) => {
            return "attendre le job qui l'enregistre, ou mode `watch` là-bas avec ce `sha`, puis relancer".to_owned();
        }
        NotValidatedReason::Awaited | NotValidatedReason::Failed | NotValidatedReason::Api(Silence::RunUnderWay(_)) => {
            "attendre le CI".to_owned()
        }
        NotValidatedReason::Api(_) => "relancer quand GitHub le dira".to_owned(),
    };
    let or = |before: &str| if itself.is_empty() { String::new() } else { format!("{before}{itself}") };
    match (last, &there.live) {
        // Of what is on another machine nothing is known but what GitHub says.
        (None, _) if matches!(why, NotValidatedReason::Api(_)) => itself,
        (None, _) => format!("rien n'y est validé{}", or(" : ")),
        (Some(last), _) if here.live.as_ref() == Some(last) => {
            format!("le dernier validé est {}, déjà en ligne{}", last.short(), or(" : "))
        }
        // It goes back from it by itself, mostly.
        (Some(last), Some(live)) if *live == promotion.sha && *why == NotValidatedReason::Failed => {
            format!("le dernier validé est {last} : le promouvoir une fois {from} revenu dessus (`rollback`)")
        }
        (Some(last), Some(live)) if live != last => format!(
            "le dernier validé est {last}, mais {from} est en ligne avec {} : {}",
            live.short(),
            to_be_live(from, live, there.is_validated, last)
        ),
        (Some(last), _) => format!("le dernier validé est {last} : le donner avec sha{}", or(", ou ")),
    }
}

/// How a SHA that is validated, and not live in the environment that promotes come from, can be promoted.
fn to_be_live(from: &str, live: &Sha, is_validated: bool, sha: &Sha) -> String {
    let once = if is_validated { "" } else { " une fois validé par son CI" };
    format!(
        "promouvoir {}{once}, ou `rollback` de {from} vers {}, ou force: true (dans un terminal : --force) pour promouvoir {1} tel quel",
        live.short(),
        sha.short()
    )
}

/// What a person may do about what can be forced: where it was, that is said instead.
fn mend(found: &Found) -> Option<String> {
    let before = match found {
        Found::Frozen { .. } => "Attendre, ou relancer".to_owned(),
        Found::Quarantined => "Corriger et pousser, ou relancer".to_owned(),
        Found::Age(Some(Relation::Older)) => "Pour y revenir : rollback ; sinon relancer".to_owned(),
        Found::NoTarget => "Pour réparer quand même : relancer".to_owned(),
        Found::Unrestored(name) => {
            format!("rollback avec `backup: {name}` ; ou bien les remettre à la main, puis relancer")
        }
        _ => return None,
    };
    Some(format!("{before} avec force: true (dans un terminal : --force)"))
}

fn found(found: &Found, promotion: &Promotion, quote: &dyn Fn(&str) -> String) -> String {
    let (from, sha) = (quote(&promotion.from.label), promotion.sha.short());
    let run = |run: &CiRun| format!("CI run {}, tentative {} <{}>", run.id, run.attempt, run.url);
    match found {
        Found::Validated { run: by, at } => {
            let by = by.as_ref().map_or("CI".to_owned(), run);
            format!("{sha} validé en {from} : {by}, le {} UTC", utc(*at))
        }
        Found::Succeeded(by) => format!("{sha} validé selon GitHub : {} ({from} est sur une autre machine)", run(by)),
        Found::NotValidated { why, last } => {
            let seen = match why {
                NotValidatedReason::Unknown => "jamais mis en ligne là-bas".to_owned(),
                NotValidatedReason::Awaited => "son CI n'a pas encore parlé".to_owned(),
                NotValidatedReason::Unheard(run) => {
                    format!("son CI a réussi, run {run}, mais {from} ne l'a pas encore enregistré")
                }
                NotValidatedReason::Unanswered(doubt) => {
                    format!("pas de verdict du CI : {}", quote(&said(doubt)))
                }
                NotValidatedReason::Failed => "il y a échoué".to_owned(),
                NotValidatedReason::Api(seen) => quote(&silence(seen)),
            };
            let mend = to_be_validated(why, last.as_ref(), promotion, &from);
            format!("{sha} n'est pas validé en {from} ({seen}) ; {mend}")
        }
        Found::Live(Some(ms)) => format!("{from} est en ligne avec {sha} et répond bien, en {}", span(*ms)),
        Found::Live(None) => format!("{from} est en ligne avec {sha} ; santé, sans URL"),
        Found::LiveUnknown => format!("Ce qui est en ligne en {from}, sur une autre machine"),
        Found::LiveElsewhere(live) => format!("{from} est en ligne avec {}, pas avec {sha}", live.short()),
        Found::Busy(by) => {
            format!(
                "Un déploiement est en cours en {from} ({}) : relancer quand il sera terminé",
                quote(&super::holder::who(by))
            )
        }
        Found::Unfinished(by) => format!(
            "Un déploiement n'a pas été terminé en {from} ({}), et plus personne n'y travaille : toute exécution \
             là-bas le termine ou l'annule, `doctor` aussi ; relancer ensuite",
            quote(&super::holder::who(by))
        ),
        Found::Unhealthy(why) => format!("{from} ne répond pas bien maintenant : {}", quote(&symptom(why))),
        Found::NotFrozen(0) => "Aucun gel n'est configuré".to_owned(),
        Found::NotFrozen(windows) => {
            format!("Aucun gel en cours ({})", counted(*windows as u64, "configuré", "configurés"))
        }
        Found::Frozen { window, now } => {
            format!("Gel en cours : {} (nous sommes le {now})", quote(window))
        }
        Found::Quarantined => {
            format!("{sha} a échoué (au CI ou ici), en quarantaine")
        }
        Found::Age(None | Some(Relation::Newer)) => "Plus récent que ce qui est en ligne".to_owned(),
        Found::Age(Some(Relation::Same)) => "C'est la version en ligne".to_owned(),
        Found::Age(Some(Relation::Older)) => "Plus ancien que ce qui est en ligne".to_owned(),
        Found::Age(Some(Relation::Diverged)) => {
            "Ni plus récent ni plus ancien que ce qui est en ligne (branche réécrite)".to_owned()
        }
        Found::Target(sha) => format!("Retour possible vers {}", sha.short()),
        Found::NoTarget => "Aucune version vers laquelle revenir".to_owned(),
        Found::Unrestored(name) => format!(
            "Les fichiers de la sauvegarde {name} n'ont pas pu être remis : une nouvelle pourrait ne pas contenir ceux de la version en ligne"
        ),
        Found::Room => "Assez de place pour la sauvegarde".to_owned(),
        Found::NoRoom(need, room) => format!(
            "Pas assez de place pour la sauvegarde : {} ; libérer de la place, ou un autre backup-dir",
            figures(need, room)
        ),
        Found::NoRoomBack(Lacking { at, need, room }) => format!(
            "Pas assez de place sur {at} pour remettre les fichiers en cas d'échec : {} avec la sauvegarde ; libérer de la place",
            figures(need, room)
        ),
        Found::NoBackup => "Sauvegarde : aucune n'est demandée".to_owned(),
        Found::NotSavable(why) => format!("Sauvegarde impossible : {}", quote(&unsaved(why))),
    }
}

/// Who asked for the promote, where that is known.
pub fn asked_by(notice: &Notice, quote: &dyn Fn(&str) -> String) -> Option<String> {
    let by = Some(&notice.asked_by).filter(|by| !by.is_empty())?;
    Some(format!("Demandé par : {}", notice_author(by, quote)))
}

/// A promote goes ahead; what is live may be ahead by its commits.
pub fn started(commits: Option<u64>, is_older: bool, backup: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(commits.map(|commits| match is_older {
        true => format!("Commits retirés: {commits}"),
        false => format!("Commits: {commits}"),
    }));
    lines.push(backup.map_or("Sauvegarde: aucune".to_owned(), |name| format!("Sauvegarde: {name} ✅")));
    lines.push("⏳ Mise en production en cours...".to_owned());
    lines
}

/// It is live and healthy; where it comes from, something else may be.
pub fn succeeded(with: &Environment, is_elsewhere: bool) -> Vec<String> {
    let from = if is_elsewhere { String::new() } else { format!("{} ✅ → ", capitals(&with.promote_from)) };
    let mut lines = vec![format!("{from}{} ✅", capitals(&with.name))];
    lines.extend(with.url.iter().map(|url| format!("URL: {url}")));
    lines
}

/// It is live and healthy, and has failed where it comes from while it was on its way.
pub fn recanted(notice: &Notice, with: &Environment, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let from = quote(&capitals(&with.promote_from));
    let command = quote(&with.command("rollback"));
    let mut lines = vec![format!("🚨 Elle a échoué en {from} (au CI ou là-bas) pendant sa mise en production")];
    lines.extend(with.url.iter().map(|url| format!("URL: {url}")));
    if let Some(Before::Version(sha)) = &notice.before {
        lines.push(format!(
            "➡️ Pour revenir à {0}, en ligne avant : `mode: rollback` avec `to: {0}`, ou {command} --to {0}",
            sha.short()
        ));
    }
    lines
}

/// Not confirmed.
pub fn unconfirmed(typed: &str) -> String {
    match typed.trim() {
        "" => "Non confirmé : `confirm` doit être exactement DEPLOY. Rien n'a été touché".to_owned(),
        "DEPLOY" => "Non confirmé : `confirm` a des espaces avant ou après DEPLOY. Rien n'a été touché".to_owned(),
        _ => format!("Non confirmé : « {typed} » au lieu de DEPLOY. Rien n'a été touché"),
    }
}

/// What became of files that git does not look after.
pub fn restored(files: &PutBack, sha: &Sha, kept: &str) -> Vec<String> {
    let backup = &files.backup;
    let mut lines = vec![match files.of == *sha {
        true => format!("Fichiers remis depuis la sauvegarde {backup}"),
        false => format!("Fichiers remis auparavant depuis la sauvegarde {backup}, pour {}", files.of.short()),
    }];
    lines.extend((!kept.is_empty()).then(|| format!("Ce qu'ils ont remplacé est gardé dans {kept}")));
    lines
}

/// Files that a way back did not put back.
pub fn unrestored(name: &BackupName) -> String {
    format!("⚠️ Les fichiers de la sauvegarde {name} n'ont pas été remis : `rollback` avec `backup: {name}` le fait")
}

/// Stands above the commands to be run by hand.
pub const BY_HAND: &str = "À la main, si besoin :";
/// The same where the backup's files have come back already: no command among them makes any.
pub const BY_HAND_RESTORED: &str = "À la main, si besoin ; les fichiers sont déjà remis :";
/// The same, where Docker Compose is what is lacking.
pub const BY_HAND_THEN: &str = "À la main, une fois Docker Compose installé :";
/// The same, where they only help once something else is mended.
pub const BY_HAND_MENDED: &str = "À la main, une fois l'obstacle levé :";
/// Stands in their place where a message has no room for them.
pub const BY_HAND_IN_LOG: &str = "À la main : les commandes sont trop longues pour ce message ; elles sont, entières, dans le journal de cette exécution";

/// A backup cannot be trusted; what takes the newest other one.
pub fn other_backup(other: Option<&(String, String)>) -> String {
    match other {
        Some((sha, command)) => format!("Rien ne prouve que cette sauvegarde est intacte : n'en copier aucun fichier. La plus récente des autres remet {sha} en ligne, avec ses fichiers d'alors : {command}"),
        None => "Rien ne prouve que cette sauvegarde est intacte : n'en copier aucun fichier. Cet environnement n'en a pas d'autre.".to_owned(),
    }
}

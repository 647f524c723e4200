//! Le journal, sur un terminal : le CI. Lines of the log about CI, in French; `en::ci` says the same.

use super::doubt::doubt;
use super::reason::{failure, rebuff, setback};
use super::{follower, ground};
use crate::environment::Locale;
use crate::messages::fr::quoted::quoted;
use crate::messages::holder::holder;
use crate::messages::log::{Ci, Unanswered};
use crate::time::utc;
use crate::tools::ci_run::Ignored;

/// The line in words.
pub fn ci(told: &Ci) -> String {
    match told {
        Ci::NotFollowed => "le CI n'est pas suivi (`watch: none`)".to_owned(),
        Ci::Followed(sha, how, why, until) => {
            let (how, why) = (follower(*how), ground(*why));
            format!("le CI de {} est suivi {how} ({why}), jusqu'au {} UTC", sha.short(), utc(*until))
        }
        Ci::Watcher(pid, log) => format!("watcher démarré : processus {pid}, journal {log}"),
        Ci::NoWatcher(seen) => {
            format!("aucun watcher n'a pu être démarré ({}) : le job suit lui-même le CI", rebuff(seen))
        }
        Ci::NoLog(path, seen) => format!(
            "impossible de créer {path} ({}) : le watcher ne tient pas de journal ; `log-dir` nomme le dossier",
            rebuff(seen)
        ),
        Ci::Beside(told) => format!("{} continue à côté de celui-ci", holder(told, Locale::Fr)),
        Ci::Unlocked(path, seen) => {
            format!("impossible de prendre {path} ({}) : les autres runs ne voient pas que celui-ci suit le CI", rebuff(seen))
        }
        Ci::NothingHere(runner) => format!(
            "rien n'a jamais été déployé ici dans cet environnement : est-ce bien ({runner}) la machine qui déploie ? Deux runners peuvent avoir les mêmes labels"
        ),
        Ci::Newer => "un watcher plus récent a pris la suite : celui-ci s'arrête".to_owned(),
        Ci::Unfollowed(sha) => format!("plus personne ne suit le CI de {} : il est lu une fois maintenant", sha.short()),
        Ci::NoAnswer(sha, why) => {
            format!("le CI de {} n'est pas connu : {}", sha.short(), unanswered(why))
        }
        Ci::Later(why) => setback(why),
        Ci::NoRun => "pas encore de run du CI".to_owned(),
        Ci::Run(status, attempt, url) => {
            format!("CI : {} (tentative {attempt}) {url}", status.as_deref().unwrap_or("en cours"))
        }
        Ci::Ignored(why) => format!("cet événement ne décide de rien ici : {}", ignored(why)),
        Ci::UnknownSince(live, why) => {
            format!("impossible de savoir si le CI de {} a échoué depuis : {}", live.short(), failure(why))
        }
        Ci::Outdated => "une tentative plus récente de ce run a déjà parlé : rien ne change".to_owned(),
        Ci::Already(sha) => format!("{} est déjà validé : rien ne change", sha.short()),
        Ci::NotForward => "CI réussi ; ce SHA est plus ancien que le dernier validé, n'est plus sur la branche, ou n'a jamais été en ligne ici : le point de rollback ne bouge pas".to_owned(),
        Ci::Broken => {
            "CI réussi ; ce SHA a échoué ici et reste en quarantaine jusqu'à ce que son CI relancé soit vert, ou que `force: true` (dans un terminal : `--force`) le déploie avec succès : le point de rollback ne bouge pas"
                .to_owned()
        }
        Ci::Unwell => "CI réussi ; ce SHA est en ligne, mais sa vérification a échoué : le point de rollback ne bouge pas".to_owned(),
        Ci::Lifted => {
            "CI relancé réussi : ce SHA n'est plus en quarantaine".to_owned()
        }
        Ci::PointBack(Some(point)) => format!(
            "CI en échec pour ce qui était le point de rollback, qui revient à {} ; ce SHA est en quarantaine",
            point.short()
        ),
        Ci::PointBack(None) => {
            "CI en échec pour ce qui était le point de rollback : il n'y en a plus ; ce SHA est en quarantaine".to_owned()
        }
        Ci::WentBack(from, to) => format!(
            "le CI de {} a échoué, et personne ne le suivait plus : cette exécution est revenue à {}",
            from.short(),
            to.short()
        ),
        Ci::FailedElsewhere => {
            "CI en échec ; une autre version est en ligne, rien ne change donc, et ce SHA est en quarantaine".to_owned()
        }
        Ci::NoVerdict(why, was_here) => {
            let standing = if *was_here { "il n'est plus en ligne ici" } else { "il n'a jamais été déployé ici" };
            format!("pas de verdict du CI ({}) ; {standing} : rien ne change", doubt(why))
        }
        Ci::Stands(why) => {
            format!("pas de verdict de ce run du CI ({}) : ce que le CI a dit de ce SHA avant reste vrai", doubt(why))
        }
    }
}

fn ignored(why: &Ignored) -> String {
    match why {
        Ignored::Unreadable => "son contenu est illisible".to_owned(),
        Ignored::NotCompleted(word) => format!("il dit {}, et non « completed »", quoted(word)),
        Ignored::OwnRun => "c'est ce run lui-même".to_owned(),
        Ignored::Older => "il est plus ancien que ce run lui-même, qui est du CI du même commit".to_owned(),
        Ignored::OtherWorkflow(name) => {
            format!("le run est d'un autre workflow ({}) : si c'est son CI, régler `ci-workflow`", quoted(name))
        }
        Ignored::Fork(name) => format!("le commit du run vient d'un autre dépôt ({})", quoted(name)),
        Ignored::OtherTrigger(word) => {
            format!(
                "le run a été lancé par {} ; seuls comptent push, schedule et les lancements à la main",
                quoted(word)
            )
        }
        Ignored::OtherBranch(name) => format!("le run est sur une autre branche ({})", quoted(name)),
        Ignored::OtherSha(sha) => format!("le run est d'un autre commit ({sha})"),
    }
}

/// Why GitHub did not tell.
pub fn unanswered(why: &Unanswered) -> String {
    match why {
        Unanswered::Later(why) => setback(why),
        Unanswered::Denied(why) => super::reason::denial(why),
    }
}

//! Un plan. What a dry run would do, in French; `en::plan` says the same.

use super::holder::{holder, who};
use super::{counted, span};
use crate::environment::ComposeStrategy;
use crate::messages::holder::Holder;
use crate::messages::log::{Plan, Planned};

/// The plan's line in words.
pub fn plan(told: &Plan) -> String {
    match told {
        Plan::Deploy(sha, name) => {
            format!("plan (essai à blanc : rien n'est touché, rien n'est envoyé) : déployer {sha} sur {name}")
        }
        Plan::First(by, sha) => {
            format!("  0. terminer ou annuler ce qui était commencé : {} de {}", who(by), sha.short())
        }
        Plan::Awaited(told) => format!(
            "  0. attendre la fin de {} ; la suite suppose que tout s'y passe bien",
            holder(&Holder::read(told))
        ),
        Plan::Step(number, step) => format!("  {number}. {}", planned(step)),
        Plan::Unfetched => {
            "  ? ce commit n'est pas encore ici : seule la récupération dira s'il est plus récent que ce qui est en ligne"
                .to_owned()
        }
        Plan::Superseded => {
            "  ! une version plus récente est en ligne : rien ne serait changé (`force: true` revient en arrière ; dans un terminal : `--force`)".to_owned()
        }
        Plan::Unchanged => "  ! il est déjà en ligne : rien ne serait changé".to_owned(),
        Plan::UnlessIll => "  ! il est déjà en ligne : rien ne serait changé s'il répond bien ; sinon il serait redéployé entièrement :".to_owned(),
        Plan::Quarantined(None) => "  ! ce SHA est en quarantaine : il serait refusé sans `force`".to_owned(),
        Plan::Quarantined(Some(workflow)) => format!(
            "  ! ce SHA est en quarantaine : il serait refusé sans `force`, sauf si le workflow de CI {workflow} a réussi depuis, ce qui est d'abord demandé à GitHub"
        ),
        Plan::FailedAlready(workflow) => format!(
            "  ? GitHub est d'abord interrogé : si le workflow de CI {workflow} a déjà échoué pour ce SHA, il est refusé"
        ),
        Plan::Rollback(to) => format!(
            "plan (essai à blanc : rien n'est touché, rien n'est envoyé) : remettre {to} en ligne, et contrôler sa santé"
        ),
        Plan::Watch(workflow, sha) => {
            format!(
                "plan (essai à blanc) : suivre le workflow {workflow} du CI de {sha}, puis en tirer les conséquences"
            )
        }
        Plan::Health => {
            "plan (essai à blanc : rien n'est interrogé, rien n'est retenu, rien n'est envoyé) :".to_owned()
        }
        Plan::Target(name, url, attempts, timeout, interval) => {
            let tries = counted(u64::from(*attempts), "essai", "essais");
            format!("  {name} : {url}, {tries} de {} au plus, à {} d'intervalle", span(*timeout), span(*interval))
        }
        Plan::NoTarget(name) => format!("  {name} : pas contrôlé, il n'a pas d'URL"),
        Plan::Unready => "  ! ce serait refusé : ce qui est marqué ❌ ne convient pas".to_owned(),
        Plan::Promote => "plan (essai à blanc : rien n'est touché, rien n'est envoyé) :".to_owned(),
    }
}

fn planned(step: &Planned) -> String {
    match step {
        Planned::Point(sha) => format!("point de rollback : {sha} (validé)"),
        Planned::Baseline(Some(sha)) => format!("point de rollback : {sha}"),
        Planned::Baseline(None) => "point de rollback : le HEAD du clone, comme point de départ".to_owned(),
        Planned::Fetch(sha, folder, branch) => {
            format!("récupérer {} dans {folder}, vérifier qu'il est sur origin/{branch}", sha.short())
        }
        Planned::Reset => "mettre de côté les modifications locales, git reset --hard".to_owned(),
        Planned::Command(command) => format!("lancer {command}"),
        Planned::Compose(ComposeStrategy::Auto, file) => {
            format!("compose restart ou up, selon ce qui a changé, de {file}")
        }
        Planned::Compose(ComposeStrategy::Restart, file) => format!("compose restart de {file}"),
        Planned::Compose(ComposeStrategy::Up, file) => format!("compose up de {file}"),
        Planned::Compose(ComposeStrategy::Recreate, file) => format!("compose down puis up de {file}"),
        Planned::Check(urls, attempts, interval) => {
            format!("contrôler {} ({})", urls.join(", "), tries(*attempts, *interval))
        }
        Planned::Files(backup) => format!("remettre les fichiers de la sauvegarde {backup}"),
        Planned::CheckNothing => "rien à contrôler : ni `url`, ni `health-url`, ni `compose-file`".to_owned(),
        Planned::CheckContainers => "vérifier que les conteneurs tournent".to_owned(),
        Planned::Follow(workflow, ms) => format!("suivre le workflow {workflow} du CI pendant {}", span(*ms)),
    }
}

/// Combien d'essais, et les millisecondes entre eux, s'il y en a plusieurs.
pub fn tries(attempts: u32, interval_ms: u64) -> String {
    match attempts {
        1 => "1 essai".to_owned(),
        many => format!("{many} essais, à {} d'intervalle", span(interval_ms)),
    }
}

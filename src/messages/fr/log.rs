//! Le journal, sur un terminal. Lines of the log, in French; `en::log` says the same.

use super::backup::backup;
use super::ci::ci;
use super::holder::who;
use super::plan::plan;
use super::reason::{failure, rebuff, setback};
use super::report::jobs;
use super::site::symptom;
use super::{counted, size, span, step, strategy};
use crate::deployments::Lost;
use crate::environment::Locale;
use crate::machine::Ask;
use crate::messages::health::Row;
use crate::messages::holder::holder;
use crate::messages::log::{Containers, Did, Line, NAMED, NotShown, PutBack, Resume, Runs, Site, Spared, Tree};
use crate::messages::reason::reason;
use crate::outbox::Undelivered;
use crate::tools::compose::SlowStop;
use crate::tools::health_log::TargetStatus;
use crate::tools::strategy::{Strategy, StrategyReason};

/// The line in words.
pub fn line(line: &Line) -> String {
    match line {
        Line::NoCommand { file, later, to } => format!(
            "`deploy-command` n'est pas exécutée : {file} est arrivé avec {}, et {} marchait sans",
            later.short(),
            to.short()
        ),
        Line::Outlasted(told) => {
            format!("{} tourne encore : son temps est écoulé, on ne l'attend plus", holder(told, Locale::Fr))
        }
        Line::LeftOut(name, other) => {
            format!(
                "{name} est laissé de côté : {other} le déploie. Voulu quand même ? Le nommer : `environment: {name}`"
            )
        }
        Line::AwaitsEngine(ms) => format!("docker ne répond pas : il est attendu, {} au plus", span(*ms)),
        Line::Configured(path) => format!("fichier de configuration : {path}"),
        Line::Waiting(told, ms) => {
            format!("en attente de {}, {} au plus", holder(told, Locale::Fr), span(*ms))
        }
        Line::Resumed(ask, by, then) => resumed(ask, by, *then),
        Line::Void(head) => format!(
            "le clone a été déplacé à la main sur {} entre-temps : ce qui était commencé ne compte plus",
            head.short()
        ),
        Line::NoPoint(path, seen) => format!(
            "impossible d'écrire {path} : {}. Le point de rollback est dans le registre, et la machine s'y tient ; ce fichier n'est donc pas à jour : `rollback-point-file` le nomme",
            rebuff(seen)
        ),
        Line::SetAside(count) => {
            let lines = counted(*count, "ligne illisible", "lignes illisibles");
            format!("{lines} du registre, mises de côté : rien n'en dépendait")
        }
        Line::Done(what, ms, note) => match did(note) {
            note if note.is_empty() => format!("{} : {}", step(*what), span(*ms)),
            note => format!("{} : {} - {note}", step(*what), span(*ms)),
        },
        Line::Failed(what, ms, why) => {
            format!("{} : échec après {} : {}", step(*what), span(*ms), reason(why, Locale::Fr))
        }
        Line::Fault(why) => reason(why, Locale::Fr),
        Line::NotShown(why) => format!("Déploiements GitHub : {}", not_shown(why)),
        Line::Untold(why, spared) => format!("Discord : {} ; {}", undelivered(why), safe(*spared)),
        Line::Site(name, told) => site(name, told),
        Line::Ci(told) => ci(told),
        Line::Plan(told) => plan(told),
        Line::Tree(told) => tree(told),
        Line::Containers(told) => containers(told),
        Line::Backup(told) => backup(told),
        Line::Jobs(told) => jobs(told),
    }
}

fn resumed(ask: &Ask, by: &str, then: Resume) -> String {
    let what = match ask {
        Ask::Deploy { .. } => "le déploiement",
        Ask::Promote { .. } => "la promotion",
        Ask::Rollback { .. } => "le rollback",
    };
    let then = match then {
        Resume::GoOn => "on le termine d'abord",
        Resume::Undo => "on l'annule d'abord",
        Resume::Drop => "rien n'avait encore changé, on ne le reprend pas",
    };
    format!("inachevé : {what} de {} (demandé par {}) ; {then}", ask.target().short(), who(by))
}

fn undelivered(why: &Undelivered) -> String {
    match why {
        Undelivered::Gone => "le webhook n'existe plus (404 ou 401) : en créer un nouveau".to_owned(),
        Undelivered::Late { count, within_ms } => {
            format!("{} en {}", counted(*count as u64, "message non remis", "messages non remis"), span(*within_ms))
        }
        Undelivered::Refused(words) => format!("message refusé ({words})"),
        Undelivered::Unclear => "pas de réponse claire, deux fois ; le message est peut-être arrivé".to_owned(),
        Undelivered::Untaken => "Discord n'en veut pas pour l'instant".to_owned(),
    }
}

fn safe(spared: Spared) -> &'static str {
    match spared {
        Spared::Deploy => "le déploiement lui-même n'en souffre pas",
        Spared::Results => "les résultats des jobs n'en souffrent pas",
        Spared::News => "ce qui est perdu sera redit au prochain contrôle",
    }
}

fn site(name: &str, told: &Site) -> String {
    match told {
        Site::NoUrl => format!("{name} : pas contrôlé, il n'a pas d'URL"),
        Site::Found(row) => format!("{name} {} : {}", row.url, found(row)),
        Site::Busy(told) => {
            format!("{name} : pas jugé tant que {} est à l'œuvre ; en attente", holder(told, Locale::Fr))
        }
        Site::Unremembered(why) => {
            format!(
                "{name} : ce contrôle ne peut pas être retenu, le prochain redira donc la même chose : {}",
                failure(why)
            )
        }
    }
}

fn found(row: &Row) -> String {
    let word = match row.standing {
        Some(TargetStatus::Up) => "répond",
        Some(TargetStatus::Down) => "NE RÉPOND PAS BIEN",
        Some(TargetStatus::Stale) => "ANCIENNE VERSION, une autre répond",
        Some(TargetStatus::Busy | TargetStatus::Blind) | None => "pas contrôlé",
    };
    let mut text = word.to_owned();
    text.extend(row.ms.map(|ms| format!(" en {ms} ms")));
    text.extend(row.usual_ms.map(|ms| format!(" (médiane des dernières 24 h : {ms} ms)")));
    text.extend(
        row.certificate_days.map(|days| format!(", le certificat expire dans {}", counted(days, "jour", "jours"))),
    );
    text.extend(row.why.as_ref().map(|why| format!(" - {}", symptom(why))));
    text
}

fn not_shown(why: &NotShown) -> String {
    match why {
        NotShown::Forbidden => "le jeton n'a pas le droit d'en créer, celui-ci n'y figure donc pas. Accorder `deployments: write`, ou mettre `github-deployments: off`".to_owned(),
        NotShown::OfJob => "l'`environment:` du job montre déjà ce déploiement".to_owned(),
        NotShown::Lost(seen) => format!("{} ; le déploiement lui-même n'en souffre pas", lost(seen)),
    }
}

fn lost(seen: &Lost) -> String {
    match seen {
        Lost::Setback(why) => setback(why),
        Lost::Refused(status, said) => format!("GitHub a répondu par le code HTTP {status} : {said}"),
        Lost::Unnamed => "GitHub n'a nommé aucun déploiement".to_owned(),
        Lost::Fault(why) => failure(why),
        Lost::Late(count, within_ms) => {
            format!("{} en {}", counted(*count as u64, "annonce non faite", "annonces non faites"), span(*within_ms))
        }
    }
}

/// What a step did.
pub fn did(what: &Did) -> String {
    match what {
        Did::Nothing => String::new(),
        Did::Fetched(sha, subject) => format!("{} {subject}", sha.short()),
        Did::Checklist(count) => {
            format!("{}, rien ne s'y oppose", counted(*count as u64, "ligne", "lignes"))
        }
        Did::Guarded(paths) if paths.is_empty() => String::new(),
        Did::Guarded(paths) => format!("protégés : {}", paths.join(", ")),
        Did::BackedUpBefore(name) => format!("{name} est déjà complète"),
        Did::BackedUp(name, bytes, files, removed) => {
            let files = counted(*files, "fichier", "fichiers");
            let made = format!("{name} : {}, {files}, comparés et sur le disque", size(*bytes));
            match removed {
                0 => made,
                count => format!(
                    "{made} ; {}",
                    counted(*count as u64, "ancienne sauvegarde supprimée", "anciennes sauvegardes supprimées")
                ),
            }
        }
        Did::Saved(refs) if refs.is_empty() => String::new(),
        Did::Saved(refs) => saved(refs),
        Did::Reset(sha, back) => {
            let head = format!("HEAD est sur {}", sha.short());
            std::iter::once(head).chain(back.iter().map(put_back)).collect::<Vec<_>>().join(" ; ")
        }
        Did::Restored(kept) => kept.join(", "),
        Did::Runs(Runs::ByBody) => "la réponse contient le SHA".to_owned(),
        Did::Runs(Runs::ByTree) => "le clone est sur le SHA ; aucun processus à redémarrer d'ici".to_owned(),
        Did::Runs(Runs::AsBefore) => "il répond ; rien n'a été redémarré".to_owned(),
        Did::Runs(Runs::Fresh) => "démarré depuis le début de ce déploiement".to_owned(),
        Did::Runs(Runs::Unchanged) => "up n'a laissé tourner que des conteneurs inchangés".to_owned(),
        Did::Unhealthy(found) => format!("NE RÉPOND PAS BIEN : {}", symptom(found)),
        Did::Applied(way, why) => format!("{way} ({})", chosen(why.as_ref())),
    }
}

/// What decided how containers get a version.
pub fn chosen(why: Option<&StrategyReason>) -> String {
    why.map_or_else(|| "c'est le réglage".to_owned(), strategy)
}

fn saved(refs: &[String]) -> String {
    let refs = refs.join(", ");
    format!(
        "mises de côté sous {refs} ; à voir avec : git show --stat REF ; à reprendre avec : git restore --source=REF -- FICHIER"
    )
}

fn put_back(told: &PutBack) -> String {
    let files = |paths: &[String]| counted(paths.len() as u64, "fichier", "fichiers");
    match told {
        PutBack::Left(name, paths) => {
            format!("{} gardés sous {name} ne sont pas remis, la place est prise : {}", files(paths), first(paths))
        }
        PutBack::Back(by, paths) => {
            format!("{} que {} avait remplacés sont remis : {}", files(paths), by.short(), first(paths))
        }
    }
}

/// The first of these paths, and how many more there are.
fn first(paths: &[String]) -> String {
    let names = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => names,
        1 => format!("{names} et un autre"),
        more => format!("{names} et {more} autres"),
    }
}

fn tree(told: &Tree) -> String {
    match told {
        Tree::Baseline(head) => {
            format!("première exécution ici : {} est le point de départ (en ligne, non validé)", head.short())
        }
        Tree::Moved(head, None) => format!("le clone a été déplacé à la main : il est sur {}", head.short()),
        Tree::Moved(head, Some(live)) => {
            format!(
                "le clone a été déplacé à la main : il est sur {}, le registre disait {}",
                head.short(),
                live.short()
            )
        }
        Tree::Previous(sha, live) => format!(
            "`previous` est {} : en ligne jusqu'à ce que le clone soit déplacé à la main sur {}",
            sha.short(),
            live.short()
        ),
        Tree::Shallow => "ce clone est superficiel : le reste de son historique est récupéré, une fois".to_owned(),
        Tree::Saved(folder, refs) => format!("modifications locales dans {folder} : {}", saved(refs)),
        Tree::Mixed(refs) => format!(
            "ce qu'une remise en place en échec avait écrit, et ce qui a pu être modifié à la main depuis : {}",
            saved(refs)
        ),
        Tree::HalfWritten(refs) => format!("ce que la remise en place en échec avait écrit : {}", saved(refs)),
        Tree::Shown(paths) => format!(
            "git ne devait pas regarder {} (assume-unchanged ou skip-worktree), mais la remise en place l'écraserait : il est regardé à nouveau, et une modification est sauvegardée",
            paths.join(", ")
        ),
        Tree::Dropped(sha) => {
            format!("{} était validé, et n'est plus sur la branche : aucun rollback n'y mène", sha.short())
        }
        Tree::Lost(sha) => format!("{} n'est plus sur la branche : le point de rollback ne bouge pas", sha.short()),
        Tree::LeftBehind(path, true) => format!("suppression de {path}/ : cette version n'a plus ce sous-module"),
        Tree::LeftBehind(path, false) => format!(
            "{path}/ est laissé en place : cette version n'a plus ce sous-module, mais des fichiers y sont modifiés, ou étrangers à git. Le supprimer à la main"
        ),
        Tree::Astray(paths) => format!(
            "le sous-module {} n'est pas au commit de cette version : `submodule.NOM.update` en empêche-t-il git ici ? (git submodule status)",
            paths.join(", ")
        ),
        Tree::StaleLock(path) => {
            format!("suppression de {path} : laissé par un git qui a été tué, aucun processus ne le tient")
        }
        Tree::Unwritten(paths) => format!("suppression de ce que le reset manqué avait ajouté : {}", first(paths)),
    }
}

fn containers(told: &Containers) -> String {
    match told {
        Containers::Files(files) => {
            format!("fichiers compose, ceux dont les conteneurs ont été créés : {}", files.join(", "))
        }
        Containers::StartedWith(paths) => format!("comme au démarrage des conteneurs : avec {}", paths.join(", ")),
        Containers::Way(version, way, why) => format!("compose {version} {way} : {}", chosen(why.as_ref())),
        Containers::OldImage(image) => format!(
            "`compose-strategy: restart` garde l'ancienne image de {image}, alors qu'il y en a une nouvelle : `auto` ou `up` la mettrait en ligne"
        ),
        Containers::ImageBack(name, sha) => {
            format!("{name} désigne de nouveau l'image avec laquelle tournait {}", sha.short())
        }
        Containers::ImageGone(name, sha) => format!(
            "{name} n'a pas pu être rendu à l'image avec laquelle tournait {} (supprimée ?) : les conteneurs prennent celle qu'il désigne maintenant",
            sha.short()
        ),
        Containers::Unset(names, way) => {
            let then = match way {
                Strategy::Restart => "les conteneurs gardent celle avec laquelle ils ont été créés ; le prochain `up` les créera avec une valeur vide",
                Strategy::Up | Strategy::Recreate => "les conteneurs sont créés avec une valeur vide",
            };
            format!(
                "compose ne connaît pas la valeur de {} : {then}. Le `.env` a-t-il disparu, ou la variable est-elle nouvelle ? Lui donner une valeur, ou écrire `${{NOM:-}}` dans le fichier compose si elle doit être vide",
                names.join(", ")
            )
        }
        Containers::UnsetElsewhere => {
            "compose ne connaît pas la valeur d'une variable que le fichier compose ne demande pas : le plus souvent, une valeur du `.env` ou d'un fichier d'environnement contient un `$`, et y est coupée. La mettre entre apostrophes, ou écrire `$$`".to_owned()
        }
        Containers::OrphansKept(others) => {
            format!("orphelins gardés : un autre fichier compose du même projet a créé {}", others.join(", "))
        }
        Containers::Removing(names) => {
            format!("suppression de {} : le fichier compose ne nomme plus leur service", names.join(", "))
        }
        Containers::Fewer(service, before, now) => format!(
            "`{service}` avait {before} conteneurs, et n'en a plus que {now} : ce que `--scale` avait donné, `up` le retire. L'écrire dans le fichier compose (`deploy: replicas: {before}`)"
        ),
        Containers::VolumeLeft { service, volume } => format!(
            "ce que `{service}` gardait dans {} est dans un volume sans nom, qu'aucun conteneur ne voit plus : il reste sur cette machine sous {}, et le site tourne sans lui. Lui donner un nom dans le fichier compose (`volumes:`), et y copier son contenu",
            volume.place, volume.name
        ),
        Containers::InProfile(services) => {
            format!("{} aussi, malgré un profil", services.join(", "))
        }
        Containers::Renewing(services) => format!(
            "{} refait à neuf : un texte du fichier compose (`content:`) a pu changer, et up a laissé son conteneur tel quel",
            services.join(", ")
        ),
        Containers::Restarting(services) => {
            format!("redémarrage de {} : le code monté a changé, et up l'a laissé tourner", services.join(", "))
        }
        Containers::AtOnce => {
            "tout ce qui tournait n'est pas revenu dans l'ordre de `depends_on` : ce qu'un service attend ne va pas bien ; tous sont démarrés en même temps".to_owned()
        }
        Containers::SlowStop(ms, why) => format!("compose a mis {} : {}", span(*ms), slow_stop(why)),
        Containers::NotHealthy(after, counted, found) => {
            let left = match counted {
                None => "pendant la grâce, ne compte pas".to_owned(),
                Some((count, all)) => format!("essai {count} sur {all}"),
            };
            format!("ne répond pas bien après {} ({left}) : {}", span(*after), symptom(found))
        }
        Containers::StartedAgain(names, left) => format!(
            "docker a redémarré {} depuis le début de ce déploiement : encore {} d'attente pour voir si cela tient",
            names.join(", "),
            span(*left)
        ),
    }
}

fn slow_stop(why: &SlowStop) -> String {
    match why {
        SlowStop::AddInit { service, seconds } => format!(
            "`{service}` ne s'est pas arrêté sur SIGTERM et a été tué après {seconds} s. Lui ajouter `init: true` dans le fichier compose, ou que son processus 1 obéisse à SIGTERM"
        ),
        SlowStop::HeedSignal { service, seconds } => format!(
            "`{service}` ne s'est pas arrêté sur SIGTERM, malgré `init: true`, et a été tué après {seconds} s. Qu'il obéisse à SIGTERM"
        ),
    }
}

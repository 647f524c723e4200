//! Where what a program said meets what to do next: one full stop between them, and nothing in the place of words
//! that it did not say.
#![allow(clippy::unwrap_used, missing_docs)]

use mangetamain_deploy::environment::{Environment, Locale};
use mangetamain_deploy::failure::reason::{Astray, Attempt, Mend, Obstacle, Reason};
use mangetamain_deploy::machine::State;
use mangetamain_deploy::machine::verdict::{Absence, Doubt, Unseen};
use mangetamain_deploy::messages::reason::{obstacle, reason};
use mangetamain_deploy::messages::{Notice, NoticeKind, lines};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::tools::process::ProcessError;

use crate::story::environment;

fn told(seen: impl Into<Obstacle>, mend: Mend) -> [String; 2] {
    let why = Reason::Fault { attempt: Attempt::Fetch, seen: Box::new(seen.into()), mend };
    [Locale::Fr, Locale::En].map(|locale| reason(&why, locale))
}

fn refused(tail: &str) -> ProcessError {
    ProcessError::Refused { exit: 128, tail: tail.to_owned() }
}

#[test]
fn one_full_stop_stands_between_what_a_program_said_and_what_to_do() {
    for (tail, wanted) in [
        ("and the repository exists", "and the repository exists. "),
        ("and the repository exists.", "and the repository exists. "),
        ("and the repository exists. \n", "and the repository exists. "),
        ("is it there?", "is it there? "),
        ("pulling...", "pulling... "),
    ] {
        let [french, english] = told(refused(tail), Mend::RemoveLock);
        assert_eq!(french, format!("récupération du commit : code de sortie 128 : {wanted}Le supprimer à la main."));
        assert_eq!(english, format!("fetching the commit: it ended with exit code 128: {wanted}Remove it by hand."));
        let [french, english] = told(Obstacle::Exit(3, tail.to_owned()), Mend::RemoveLock);
        assert_eq!(french, format!("récupération du commit : code de sortie 3\n{wanted}Le supprimer à la main."));
        assert_eq!(english, format!("fetching the commit: exit code 3\n{wanted}Remove it by hand."));
        let [french, english] = told(Astray::HalfWritten(refused(tail)), Mend::Unknown);
        assert!(french.ends_with(&format!("{wanted}Des fichiers avaient déjà été écrits.")), "{french}");
        assert!(english.ends_with(&format!("{wanted}Files were written before that.")), "{english}");
    }
    let [french, english] = told(refused("exists."), Mend::Unknown);
    assert!(french.ends_with(": exists.") && english.ends_with(": exists."), "{french} {english}");
}

#[test]
fn where_a_program_said_nothing_no_line_and_no_colon_waits_for_it() {
    let none = String::new;
    let all = [
        (refused("").into(), "code de sortie 128", "it ended with exit code 128"),
        (Obstacle::Exit(3, none()), "code de sortie 3", "exit code 3"),
        (Obstacle::Signal(Some("SIGTERM".to_owned()), none()), "arrêté par SIGTERM", "ended by SIGTERM"),
        (Obstacle::Signal(None, none()), "arrêté", "ended"),
        (Obstacle::TooLong(2_000, none()), "pas terminé en 2 s, donc arrêté", "not done within 2 s, and ended"),
    ];
    for (seen, french, english) in all {
        assert_eq!(obstacle(&seen, Locale::Fr), french);
        assert_eq!(obstacle(&seen, Locale::En), english);
        let wanted = [
            format!("récupération du commit : {french}. Le supprimer à la main."),
            format!("fetching the commit: {english}. Remove it by hand."),
        ];
        assert_eq!(told(seen, Mend::RemoveLock), wanted);
    }
}

#[test]
fn a_missing_verdict_says_what_brings_one() {
    let unseen = |seen| Doubt::NoRunOf(Unseen { workflow: "ci.yml".to_owned(), branch: "main".to_owned(), seen });
    let sha = Sha::parse(&"a".repeat(40)).unwrap();
    for (doubt, french, english) in [
        (
            unseen(Absence::Idle),
            "Pousser de nouveau, ou lancer le CI (s'il a `workflow_dispatch`) : gh workflow run ci.yml --ref main",
            "Push again, or start CI (where it has `workflow_dispatch`): gh workflow run ci.yml --ref main",
        ),
        (
            unseen(Absence::OtherTrigger("merge_group".to_owned())),
            "Faire lancer ci.yml aussi par un `push` sur main (un filtre de chemins peut l'en empêcher)",
            "Have a `push` on main start ci.yml, too (a path filter may keep it from that)",
        ),
        (
            unseen(Absence::OwnRun),
            "Déployer dans un workflow à part, ou suivre le CI avec `watch: detached`",
            "Deploy in a workflow of its own, or follow CI with `watch: detached`",
        ),
        (
            Doubt::Expired,
            "Attendre la fin du CI : la prochaine exécution de l'action lira son résultat",
            "Wait until CI is done: the next run of the action reads its result",
        ),
        (
            Doubt::Cancelled,
            "Relancer son CI : un résultat tardif compte encore",
            "Run its CI again: a late result still counts",
        ),
        (
            Doubt::ActionRequired,
            "L'approuver sur GitHub : un résultat tardif compte encore",
            "Approve it at GitHub: a late result still counts",
        ),
    ] {
        let kind = NoticeKind::Unvalidated { doubt, is_replaced: false };
        let cornered = Notice::about(&State::default(), &sha, kind);
        let notice = Notice { has_way_back: true, ..cornered.clone() };
        for (locale, notice, wanted) in [
            (Locale::Fr, &notice, format!("➡️ {french} ; sinon `mode: rollback`")),
            (Locale::En, &notice, format!("➡️ {english}; or `mode: rollback`")),
            (Locale::Fr, &cornered, format!("➡️ {french}")),
            (Locale::En, &cornered, format!("➡️ {english}")),
        ] {
            let told = lines(notice, &Environment { locale, ..environment() }, &|text| text.to_owned());
            assert!(told.contains(&wanted), "{told:?}");
        }
    }
}

#[test]
fn what_to_do_about_a_failed_command_names_the_command_after_a_programs_words() {
    let [french, english] = told(Obstacle::Exit(7, "pip: no such package".to_owned()), Mend::RunCommand);
    assert!(french.contains("no such package. Lancer cette commande à la main"), "{french}");
    assert!(english.contains("no such package. Run this command by hand"), "{english}");
}

//! Where what a program said meets what to do next: one full stop between them, and nothing in the place of words
//! that it did not say.
#![allow(missing_docs)]

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::failure::reason::{Astray, Attempt, Mend, Obstacle, Reason};
use mangetamain_deploy::messages::reason::{obstacle, reason};
use mangetamain_deploy::tools::process::Fault;

fn told(seen: impl Into<Obstacle>, mend: Mend) -> [String; 2] {
    let why = Reason::Fault { attempt: Attempt::Fetch, seen: Box::new(seen.into()), mend };
    [Locale::Fr, Locale::En].map(|locale| reason(&why, locale))
}

fn refused(tail: &str) -> Fault {
    Fault::Refused { exit: 128, tail: tail.to_owned() }
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

//! One thing is told as one: every sentence with a number in it, for none, one and two.
#![allow(missing_docs, clippy::unwrap_used)]

use mangetamain_deploy::environment::Locale;
use mangetamain_deploy::failure::reason::{Attempt, Mend, Reason, Unsaved};
use mangetamain_deploy::messages::page::Words;
use mangetamain_deploy::messages::reason::reason;
use mangetamain_deploy::messages::status::set_aside;
use mangetamain_deploy::page::verdict::Overall;

#[test]
fn the_status_page_counts() {
    let (fr, en) = (Words::of(Locale::Fr), Words::of(Locale::En));
    assert_eq!([0, 1, 2].map(|all| (fr.shown)(all, all)), ["Aucun.", "Le seul.", "Les 2."]);
    assert_eq!([0, 1, 2].map(|all| (en.shown)(all, all)), ["None.", "The only one.", "All 2."]);
    assert_eq!([1, 2].map(|shown| (fr.shown)(shown, 9)), ["Le dernier sur 9.", "Les 2 derniers sur 9."]);
    assert_eq!([1, 2].map(|shown| (en.shown)(shown, 9)), ["The last of 9.", "The last 2 of 9."]);
    assert_eq!([0, 1, 2].map(|all| (fr.older)(all, all)), ["aucun précédent", "le précédent", "les 2 précédents"]);
    assert_eq!([0, 1, 2].map(|all| (en.older)(all, all)), ["0 older ones", "1 older one", "2 older ones"]);
    assert_eq!(
        [0, 1, 2].map(|checks| (fr.uptime)("50", checks)),
        [
            "50 % de bonnes réponses (0 vérification)",
            "50 % de bonnes réponses (1 vérification)",
            "50 % de bonnes réponses (2 vérifications)"
        ]
    );
    assert_eq!(
        [0, 1, 2].map(|checks| (en.uptime)("50", checks)),
        ["up in 50 % of 0 checks", "up in 50 % of 1 check", "up in 50 % of 2 checks"]
    );
    assert_eq!(
        [0, 1, 2].map(|stays| (fr.timeline_told)("24 nov.", stays, 0)),
        ["0 version", "1 version", "2 versions"]
            .map(|what| format!("Depuis le 24 nov. : {what} en ligne, dont 0 en échec"))
    );
    assert_eq!(
        [0, 1, 2].map(|stays| (en.timeline_told)("24 Nov", stays, 0)),
        ["0 versions", "1 version", "2 versions"].map(|what| format!("Since 24 Nov: {what} live, 0 failed"))
    );
    assert_eq!(
        [0, 1, 2].map(fr.more),
        ["0 autre adresse", "1 autre adresse", "2 autres adresses"].map(|what| format!("et {what}, sans panne"))
    );
    assert_eq!(
        [0, 1, 2].map(en.more),
        ["0 more addresses", "1 more address", "2 more addresses"].map(|what| format!("and {what}, not down"))
    );
    let down = |words: &Words, ill| (words.verdict)(&Overall::Down(ill, 3)).1;
    assert_eq!(down(fr, 1), "1 adresse sur 3 ne répond pas comme il faut.");
    assert_eq!(down(fr, 2), "2 adresses sur 3 ne répondent pas comme il faut.");
    assert_eq!(down(en, 1), "1 of 3 addresses does not answer as it should.");
    assert_eq!(down(en, 2), "2 of 3 addresses do not answer as they should.");
    let never = |words: &Words, count| (words.verdict)(&Overall::Unchecked(count, 3)).1;
    assert!(never(fr, 1).ends_with(" ; le mode health n'a pas encore vérifié 1 adresse sur 3."));
    assert!(never(fr, 2).ends_with(" ; le mode health n'a pas encore vérifié 2 adresses sur 3."));
    assert!(never(en, 1).ends_with("; mode health has not checked 1 of 3 addresses yet."));
    assert!(never(en, 2).ends_with("; mode health has not checked 2 of 3 addresses yet."));
}

#[test]
fn lines_of_a_ledger_and_copies_of_a_backup_are_counted() {
    assert_eq!(
        [0, 1, 2].map(|lines| set_aside(Locale::Fr, lines)),
        ["0 ligne illisible", "1 ligne illisible", "2 lignes illisibles"]
            .map(|what| format!("{what} dans le registre"))
    );
    assert_eq!(
        [0, 1, 2].map(|lines| set_aside(Locale::En, lines)),
        ["0 unreadable lines", "1 unreadable line", "2 unreadable lines"].map(|what| format!("{what} of the ledger"))
    );
    let unlike = |count, locale| {
        let seen = Unsaved::Unlike { count, names: vec!["/a".to_owned()], left: None, words: String::new() };
        let fault = Reason::Fault { attempt: Attempt::Backup, seen: Box::new(seen.into()), mend: Mend::Unknown };
        reason(&fault, locale)
    };
    for (count, wanted) in [
        (0, ["0 copie différente de l'original (/a)", "0 of the copies are not what stands there (/a)"]),
        (1, ["1 copie différente de l'original (/a)", "1 of the copies is not what stands there (/a)"]),
        (2, ["2 copies différentes de l'original (/a)", "2 of the copies are not what stands there (/a)"]),
    ] {
        let told = [Locale::Fr, Locale::En].map(|locale| unlike(count, locale));
        assert!(told[0].contains(wanted[0]) && told[1].contains(wanted[1]), "{told:?}");
    }
}

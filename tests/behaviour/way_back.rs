//! A way back that failed is told as one: what it was to undo and whose that is, what stands there now, and that
//! a way back was tried. Stories told to the machine, and the words that come of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use crate::story::{Story, environment, sha};
use mangetamain_deploy::environment::{Environment, Locale, Watch};
use mangetamain_deploy::machine::{Decision, Fact, Outcome, State};
use mangetamain_deploy::messages::ending::{Ending, Since, ending, whole};
use mangetamain_deploy::messages::status::{Means, question};
use mangetamain_deploy::messages::{Notice, NoticeKind, lines};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::BackupName;

/// Goes on to where a request comes to nothing: the story, the outcome and the notice of it.
fn failing(words: &str, unhealthy: &[usize]) -> (Story, Outcome, Notice) {
    let mut story = Story::of(words);
    for _ in 0..50 {
        match story.next() {
            Decision::End(outcome @ (Outcome::Stuck { .. } | Outcome::Failed { .. })) => {
                let notice = Notice::ended(&story.state, &outcome, Millis(9_000)).unwrap();
                return (story, outcome, notice);
            }
            Decision::Rest | Decision::Wait(..) => break,
            _ => story.once(unhealthy),
        }
    }
    panic!("{words}: nothing fails");
}

fn told(notice: &Notice, locale: Locale) -> String {
    let with = Environment { locale, ..environment() };
    lines(notice, &with, &|text| text.to_owned()).join("\n")
}

const VALIDATED: &str = "baseline 0; deploy 1; go; ci 1 success; deploy 2";

/// The first line of a failure.
fn live_line(state: &State, locale: Locale) -> String {
    whole(&Ending::NotCarriedOut, state, (Since::Known, false), locale).lines().next().unwrap().to_owned()
}

#[test]
fn a_way_back_that_failed_names_what_was_pushed_and_what_stands_there_now() {
    let (_, _, notice) = failing(VALIDATED, &[1, 2]);
    assert_eq!(
        told(&notice, Locale::Fr),
        "🚨 PREPROD - Rollback en échec : 0000001 en ligne, en mauvaise santé\nSHA annulé: 0000002\nEn ligne: 0000001\nAuteur: Ada\n\
         Message: commit 2\nstatus 500\n🚨 Le retour à 0000001 n'a pas abouti : intervention nécessaire"
    );
    assert_eq!(
        told(&notice, Locale::En),
        "🚨 PREPROD - Rollback failed: 0000001 live, unhealthy\nSHA undone: 0000002\nLive: 0000001\nAuthor: Ada\n\
         Message: commit 2\nstatus 500\n🚨 Going back to 0000001 failed: somebody has to act"
    );
}

#[test]
fn what_is_still_there_is_not_told_as_undone() {
    for (words, headline, live, last) in [
        (
            format!("{VALIDATED}; failed compose live machine; failed reset nothing machine"),
            "🚨 PREPROD - Rollback en échec : intervention nécessaire",
            "pas certain ; le clone est à 0000002",
            "🚨 Le retour à 0000001 n'a pas abouti : intervention nécessaire",
        ),
        (
            format!("{VALIDATED}; go; ci 2 failure; failed reset nothing"),
            "❌ PREPROD - Échec",
            "0000002",
            "Le retour à 0000001 n'a pas abouti",
        ),
    ] {
        let (_, _, notice) = failing(&words, &[]);
        let wanted = format!(
            "{headline}\nSHA à annuler: 0000002\nEn ligne: {live}\nAuteur: Ada\nMessage: commit 2\nbroken\n{last}"
        );
        assert_eq!(told(&notice, Locale::Fr), wanted);
    }
}

#[test]
fn where_there_was_nothing_to_go_back_to_that_is_what_is_told() {
    let (_, _, notice) = failing("deploy 1", &[1]);
    assert_eq!(
        told(&notice, Locale::Fr),
        "🚨 PREPROD - Échec, sans retour possible\nSHA: 0000001\nEn ligne: 0000001\nstatus 500\n\
         🚨 Aucune version validée vers laquelle revenir : intervention nécessaire"
    );
}

#[test]
fn what_failed_and_stays_is_no_validated_version_in_the_line_of_what_is_live() {
    let ill_alone = format!("{VALIDATED}; go; ci 2 failure");
    let (mut story, outcome, _) = failing(&ill_alone, &[1]);
    story.add(Fact::Ended { outcome });
    for (locale, wanted) in [
        (Locale::Fr, "En ligne maintenant : {} (en échec, mise en place, ne répond pas bien)"),
        (Locale::En, "Live now: {} (failed, put in place, not healthy)"),
    ] {
        assert_eq!(live_line(&story.state, locale), wanted.replace("{}", sha(1).short()));
    }
    let ending_of = |locale| ending(&Ending::not_back(&story.state, &sha(2), &sha(1), "status 500"), locale);
    let full = sha(1);
    assert_eq!(
        ending_of(Locale::Fr),
        format!(
            "0000002 n'a pas tenu, et le retour à 0000001 non plus : status 500. Réparer ce qui l'empêchait, puis redéployer entièrement 0000001 : mode `rollback` avec `to: {full}` et `force: true` (dans un terminal : `--force`)"
        )
    );
    assert_eq!(
        ending_of(Locale::En),
        format!(
            "0000002 did not hold, and neither did going back to 0000001: status 500. Mend what stood in its way, then put 0000001 in place anew: mode `rollback` with `to: {full}` and `force: true` (at a terminal: `--force`)"
        )
    );
}

#[test]
fn one_outage_costs_no_validated_version_its_standing() {
    let (mut story, outcome, _) = failing(VALIDATED, &[1, 2]);
    story.add(Fact::Ended { outcome });
    assert_eq!(
        live_line(&story.state, Locale::En),
        format!("Live now: {} (validated, put in place, not healthy)", sha(1).short())
    );
    assert_eq!(story.state.rollback_target(&[]), Some(&sha(1)));
    let again = Story::of(&format!("{VALIDATED}; go 1 2; deploy 3; go; ci 3 failure; go")).state;
    assert_eq!(again.live.map(|live| live.sha), Some(sha(1)), "it is what the next failure goes back to");
}

#[test]
fn that_ci_is_followed_is_only_said_where_it_is() {
    let started = |words: &str, watch| {
        let mut story = Story::default();
        let mut with = environment();
        with.ci.watch = watch;
        story.with = Some(with);
        words.split(';').for_each(|sentence| story.tell(sentence));
        let notice = Notice::about(&story.state, &sha(1), NoticeKind::Started);
        [Locale::Fr, Locale::En].map(|locale| told(&notice, locale).lines().last().unwrap().to_owned())
    };
    assert_eq!(
        started("baseline 0;deploy 1", Watch::Event),
        ["⏳ CI en cours de vérification...", "⏳ CI is being followed..."]
    );
    assert_eq!(started("baseline 0;deploy 1", Watch::None), ["CI non suivi", "CI is not followed"]);
    let validated = "baseline 0;deploy 1;go;ci 1 success;rollback 0;go;deploy 1";
    for watch in [Watch::Event, Watch::None] {
        assert_eq!(started(validated, watch), ["✅ Déjà validé par le CI", "✅ Already validated by CI"]);
    }
    let condemned = "baseline 0;deploy 1;go;ci 1 failure;go;force 1";
    assert_eq!(started(condemned, Watch::Event), ["⚠️ Son CI a échoué (forcé)", "⚠️ Its CI failed (forced)"]);
}

#[test]
fn the_question_before_production_goes_back_names_both_versions_once_and_the_backup() {
    let asked = |locale, means, backup| question(locale, "PRODUCTION", "bbbbbbb", "aaaaaaa", means, backup);
    for (locale, means, backup, wanted) in [
        (Locale::Fr, Means::Replace, None, "PRODUCTION : remettre aaaaaaa en ligne à la place de bbbbbbb ? [o/N] "),
        (
            Locale::Fr,
            Means::Replace,
            Some("NAME"),
            "PRODUCTION : remettre aaaaaaa en ligne à la place de bbbbbbb, avec les fichiers de la sauvegarde NAME ? [o/N] ",
        ),
        (
            Locale::Fr,
            Means::Anew,
            Some("NAME"),
            "PRODUCTION : aaaaaaa est déjà en ligne ; la remettre en place, avec les fichiers de la sauvegarde NAME ? [o/N] ",
        ),
        (
            Locale::En,
            Means::Check,
            None,
            "PRODUCTION: aaaaaaa is live already; put it in place anew if it does not answer well? [y/N] ",
        ),
        (
            Locale::En,
            Means::Replace,
            Some("NAME"),
            "PRODUCTION: put aaaaaaa live again in the place of bbbbbbb, with the files of the backup NAME? [y/N] ",
        ),
    ] {
        assert_eq!(asked(locale, means, backup), wanted);
    }
}

#[test]
fn files_that_were_not_put_back_are_what_the_advice_puts_back() {
    let mut state = Story::of("baseline 0; deploy 1; go; ci 1 success").state;
    state.unrestored = BackupName::parse("20260101T000000Z-ccccccc");
    let why = Ending::not_back(&state, &sha(2), &sha(1), "no room");
    for (locale, wanted) in [
        (Locale::Fr, "mode `rollback` avec `backup: 20260101T000000Z-ccccccc`"),
        (Locale::En, "mode `rollback` with `backup: 20260101T000000Z-ccccccc`"),
    ] {
        assert!(ending(&why, locale).ends_with(wanted), "{}", ending(&why, locale));
    }
}

#[test]
fn what_is_gone_back_to_by_force_and_is_well_is_told_as_what_it_is_by_then() {
    let broken = "baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 success; force 2; go 2";
    let mut story = Story::of(&format!("{broken}; rollback 2 forced; until check; once"));
    let Decision::End(outcome) = story.next() else { panic!("it is not over") };
    let notice = Notice::ended(&story.state, &outcome, Millis(0)).unwrap();
    assert_eq!((notice.is_validated, notice.validated), (true, Some(sha(2))));
    assert!(notice.forced.is_some_and(|passed| passed.quarantine));
    story.add(Fact::Ended { outcome });
    assert!(!story.state.is_quarantined(&sha(2)));
}

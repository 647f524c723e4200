//! A notice and a failure say what is so: which version is live and whether it is well, what a person passed over,
//! for how long people had what was undone. Stories told to the machine, and the words that come of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use crate::story::{Story, environment, sha};
use mangetamain_deploy::environment::{Environment, Locale};
use mangetamain_deploy::failure::Failure;
use mangetamain_deploy::failure::reason::Attempt;
use mangetamain_deploy::host::{Command, Host, Reply};
use mangetamain_deploy::machine::verdict::Doubt;
use mangetamain_deploy::machine::{Decision, Outcome};
use mangetamain_deploy::messages::ending::{Ending, Left, Since, ending, whole};
use mangetamain_deploy::messages::ill::Ill;
use mangetamain_deploy::messages::{Notice, NoticeKind, card, lines};
use mangetamain_deploy::outbox::Disposition;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::voice::Voice;

struct Nobody;

impl Host for Nobody {
    async fn perform(&self, _: Command) -> Reply {
        Reply::Done
    }
}

fn told(notice: &Notice, locale: Locale) -> String {
    let url = Some("https://example.org/".to_owned());
    lines(notice, &Environment { locale, url, ..environment() }, &|text| text.to_owned()).join("\n")
}

fn about(words: &str, of: usize, kind: NoticeKind) -> Notice {
    Notice::about(&Story::of(words).state, &sha(of), kind)
}

/// The notice of the end that the story has come to.
fn ended(words: &str) -> Notice {
    let story = Story::of(words);
    match story.next() {
        Decision::End(outcome) => Notice::ended(&story.state, &outcome, Millis(9_000)).unwrap(),
        other => panic!("{words}: {other:?}"),
    }
}

fn colour_and_places(notice: &Notice) -> (u32, Vec<Disposition>) {
    let told = card::messages(notice, &environment(), &Voice::new(&Nobody, Vec::new()));
    let colour = told[0].0.embed.as_ref().and_then(|embed| embed.colour).unwrap();
    (colour, told.into_iter().map(|(_, place)| place).collect())
}

const AMBER: u32 = 0xD2_99_22;
const RED: u32 = 0xD7_3A_49;
const GREY: u32 = 0x8B_94_9E;
const ILL: &str = "baseline 0; deploy 1; go; ci 1 success; keep-unhealthy; deploy 2; go 2";

/// The notice as it is told where its site, asked again, answers so.
fn now(notice: &Notice, now: Option<Result<(), &str>>) -> Notice {
    let ill = notice.ill.clone().map(|ill| Ill { now: now.map(|now| now.map_err(str::to_owned)), ..ill });
    Notice { ill, ..notice.clone() }
}

#[test]
fn what_is_live_and_ill_is_told_as_ill_when_ci_is_silent_and_its_commands_stay() {
    let notice = about(
        &format!("{ILL}; ci 2 expired"),
        2,
        NoticeKind::Unvalidated { doubt: Doubt::Expired, is_replaced: false },
    );
    let still = now(&notice, Some(Err("status 503")));
    let text = told(&still, Locale::Fr);
    let wanted = "🚨 PREPROD - En mauvaise santé, et sans verdict du CI\nSHA: 0000002\nEn ligne: 0000002\n\
                  Ne répond pas bien : status 503\n";
    assert!(text.starts_with(wanted) && !text.contains("reste en ligne"), "{text}");
    let english = told(&still, Locale::En);
    assert!(english.starts_with("🚨 PREPROD - Unhealthy, and without a verdict from CI\n"), "{english}");
    let unasked = told(&notice, Locale::Fr);
    let wanted = "🚨 PREPROD - Ne répondait pas bien, et sans verdict du CI\nSHA: 0000002\nEn ligne: 0000002\n\
                  Sa vérification a échoué le 1970-01-01 00:00:00 UTC : status 500\n";
    assert!(unasked.starts_with(wanted), "{unasked}");
    for one in [&notice, &still] {
        assert_eq!(
            colour_and_places(one),
            (RED, vec![Disposition::Apart]),
            "the message with the commands is not edited"
        );
    }
    let round = now(&notice, Some(Ok(())));
    let text = told(&round, Locale::Fr);
    let wanted = "⚠️ PREPROD - SHA non validé\nSHA: 0000002\nEn ligne: 0000002\n\
                  Le site répond bien maintenant, mais sa vérification a échoué le 1970-01-01 00:00:00 UTC : status 500\n";
    assert!(text.starts_with(wanted) && text.contains("\nLa version reste en ligne, non validée\n"), "{text}");
    assert_eq!(colour_and_places(&round), (AMBER, vec![Disposition::Apart]));
    let well = about(
        "baseline 0; deploy 1; go; ci 1 expired",
        1,
        NoticeKind::Unvalidated { doubt: Doubt::Expired, is_replaced: false },
    );
    assert!(told(&well, Locale::Fr).starts_with("⚠️ PREPROD - SHA non validé\n"));
}

#[test]
fn that_ci_succeeded_for_what_was_found_ill_is_told_with_when_that_was_and_what_can_be_done() {
    let notice = about(&format!("{ILL}; ci 2 success"), 2, NoticeKind::Unwell);
    assert_eq!(
        told(&notice, Locale::Fr),
        "⚠️ PREPROD - CI réussi, mais le site ne répondait pas bien\nSHA: 0000002\nEn ligne: 0000002\n\
         Sa vérification a échoué le 1970-01-01 00:00:00 UTC : status 500\n\
         Pas validé : le point de rollback reste 0000001\n\
         ➡️ Dès qu'elle répond bien, la redéployer avec `force: true` : elle est revérifiée, et le CI réussi compte ; \
         sinon `mode: rollback`"
    );
    assert_eq!(
        told(&notice, Locale::En),
        "⚠️ PREPROD - CI succeeded, but the site did not answer well\nSHA: 0000002\nLive: 0000002\n\
         Its check failed on 1970-01-01 00:00:00 UTC: status 500\n\
         Not validated: the rollback point stays 0000001\n\
         ➡️ Once it answers well, deploy it again with `force: true`: it is checked anew, and CI's word counts; \
         or `mode: rollback`"
    );
    assert_eq!(colour_and_places(&notice), (RED, vec![Disposition::Apart]));
    let still = now(&notice, Some(Err("status 503")));
    for (locale, wanted) in [
        (
            Locale::Fr,
            ["mais le site est en mauvaise santé", "Ne répond pas bien : status 503", "➡️ Dès qu'elle répond"],
        ),
        (
            Locale::En,
            ["but the site is unhealthy", "Does not answer well: status 503", "➡️ Once it answers well, deploy"],
        ),
    ] {
        let text = told(&still, locale);
        assert!(wanted.iter().all(|wanted| text.contains(wanted)) && !text.contains("status 500"), "{text}");
    }
    let round = now(&notice, Some(Ok(())));
    for (locale, wanted) in [
        (
            Locale::Fr,
            ["ne répondait pas bien\n", "\nLe site répond bien maintenant, mais sa ", "➡️ La redéployer avec"],
        ),
        (Locale::En, ["did not answer well\n", "\nThe site answers well now, but its ", "➡️ Deploy it again with"]),
    ] {
        let text = told(&round, locale);
        assert!(wanted.iter().all(|wanted| text.contains(wanted)), "{text}");
    }
    assert_eq!(colour_and_places(&round), (AMBER, vec![Disposition::Apart]));
}

#[test]
fn what_was_found_ill_and_is_deployed_again_as_its_message_says_is_validated_by_what_ci_has_said() {
    let green = format!("{ILL}; ci 2 success");
    let validates = |words: &str| Story::of(words).state.validated.iter().any(|one| one.sha == sha(2));
    let is_barred = |words: &str| about(words, 2, NoticeKind::Unwell).ill.unwrap().is_barred;
    assert!(is_barred(&green) && !validates(&format!("{green}; deploy 2; go")));
    assert!(validates(&format!("{green}; force 2; go")));
    // A green re-run that began after it broke.
    let rerun = format!("{ILL}; ci 2 success 2");
    assert!(!is_barred(&rerun) && !validates(&rerun) && validates(&format!("{rerun}; deploy 2; go")));
}

#[test]
fn what_was_seen_of_it_is_what_its_check_saw_also_where_later_requests_did_not_come_about() {
    let why = |words: &str| about(words, 2, NoticeKind::Unwell).ill.unwrap().why;
    assert_eq!(why(ILL), "status 500");
    assert_eq!(why(&format!("{ILL}; deploy 2; go")), "status 500", "refused");
    assert_eq!(why(&format!("{ILL}; force 2; failed fetch nothing; go")), "status 500", "not fetched");
}

#[test]
fn what_ci_says_of_a_version_that_is_not_live_begins_with_what_is_live_and_is_neither_green_nor_red() {
    let back = "baseline 0; deploy 1; go; ci 1 success; rollback-on-timeout; deploy 2; go; ci 2 expired; go";
    let notice = about(&format!("{back}; ci 2 success 2"), 2, NoticeKind::Validated);
    let notice = Notice { is_overtaken: Some(false), ..notice };
    assert_eq!(
        told(&notice, Locale::Fr),
        "✅ PREPROD - 0000002 validé, mais pas en ligne\nEn ligne: 0000001\nSHA: 0000002\nAuteur: Ada\nMessage: commit 2\n\
         ➡️ Pour mettre cette version en ligne : relancer son déploiement"
    );
    assert_eq!(colour_and_places(&notice).0, GREY);
    let notice =
        about("baseline 0; deploy 1; go; deploy 2; go; ci 1 failure", 1, NoticeKind::Condemned { was_point: false });
    assert_eq!(
        told(&notice, Locale::Fr),
        "⏭️ PREPROD - CI en échec pour 0000001, qui n'est pas en ligne\nEn ligne: 0000002\nSHA: 0000001\n\
         Cette version est mise en quarantaine, rien d'autre ne change"
    );
    assert_eq!(colour_and_places(&notice).0, GREY);
    let stuck = Notice { is_applied: false, may_run: true, ..notice };
    let [french, english] = [Locale::Fr, Locale::En].map(|locale| told(&stuck, locale));
    assert!(
        french.starts_with("❌ PREPROD - CI en échec pour 0000001, qui tourne peut-être encore\nEn ligne: pas certain"),
        "{french}"
    );
    assert!(english.starts_with("❌ PREPROD - CI failed for 0000001, which may still be running\n"), "{english}");
    assert_ne!(colour_and_places(&stuck).0, GREY);
    assert!(stuck.is_critical());
    let notice = about("baseline 0; deploy 1; go; deploy 2; go", 1, NoticeKind::Replaced { by: sha(2), doubt: None });
    assert_eq!(
        told(&notice, Locale::En),
        "⏭️ PREPROD - 0000001 replaced by 0000002\nSHA: 0000001\nAuthor: Ada\nMessage: commit 1\n\
         Its CI had not spoken yet; its verdict counts, unless a newer version is validated first"
    );
    assert_eq!(colour_and_places(&notice), (GREY, vec![Disposition::Amends(notice.sha.clone())]));
    let live = told(&about("baseline 0; deploy 1; go; ci 1 success", 1, NoticeKind::Validated), Locale::Fr);
    assert!(live.starts_with("✅ PREPROD - SHA validé par le CI\nSHA: 0000001\n"), "{live}");
    assert!(live.ends_with("\nURL: https://example.org/"), "{live}");
}

#[test]
fn a_forced_deploy_names_what_it_passed_over_and_nothing_else() {
    let validated = "baseline 0; deploy 1; go; ci 1 success";
    for (words, of, fr, en) in [
        (format!("{validated}; force 1"), 1, "⚠️ Forcé", "⚠️ Forced"),
        (
            format!("{validated}; deploy 2; go; ci 2 failure; go; force 2"),
            2,
            "⚠️ Forcé : quarantaine ignorée",
            "⚠️ Forced: quarantine ignored",
        ),
        (
            format!("{validated}; deploy 2; go; force 1"),
            1,
            "⚠️ Forcé : plus ancien que ce qui était en ligne",
            "⚠️ Forced: older than what was live",
        ),
    ] {
        let notice = about(&format!("{words}; until compare"), of, NoticeKind::Started);
        for (locale, wanted) in [(Locale::Fr, fr), (Locale::En, en)] {
            let text = told(&notice, locale);
            assert!(text.lines().any(|line| line == wanted), "{words}: {text}");
        }
    }
    let plain = about(&format!("{validated}; deploy 2; until compare"), 2, NoticeKind::Started);
    assert!(!told(&plain, Locale::Fr).contains("Forcé"));
    let red =
        about(&format!("{validated}; deploy 2; go; ci 2 failure; go; force 2; go"), 2, NoticeKind::Deployed { ms: 5 });
    assert!(told(&red, Locale::Fr).contains("En ligne en 5 ms. ⚠️ Son CI a échoué (forcé)"));
}

#[test]
fn people_had_what_was_undone_from_when_it_was_put_in_place_and_never_where_containers_did_not_take_it() {
    let words = "baseline 0; deploy 1; go; ci 1 success; with-command; deploy 2";
    let exposed = |rest: &str| {
        let mut story = Story::of(&format!("{words}; {rest}"));
        let asked = story.state.operation.as_ref().unwrap().since;
        while !matches!(story.next(), Decision::End(Outcome::RolledBack)) {
            story.once(&[2]);
        }
        let notice = Notice::ended(&story.state, &Outcome::RolledBack, Millis(9_000)).unwrap();
        let text = told(&notice, Locale::Fr);
        let NoticeKind::RolledBack { exposed_ms, .. } = notice.kind else { panic!("{text}") };
        (exposed_ms.map(|ms| 9_000 - asked.0 - ms), text)
    };
    let (began_after, text) = exposed("until reset");
    assert_eq!(began_after, Some(50), "from its first step on: not from when it was given up");
    assert!(
        text.contains("\nVersion annulée en ligne pendant ") && text.contains("\nAuteur: Ada\nMessage: commit 2\n"),
        "{text}"
    );
    let (never, text) = exposed("failed command live");
    assert_eq!(never, None, "{text}");
    let why = ending(
        &Ending::NotStayed { sha: sha(2), was_live: false, why: Some("broken".to_owned()), live: sha(1) },
        Locale::Fr,
    );
    assert_eq!(why, "0000002 n'a pas pu être mis en place : broken\nRetour à 0000001");
}

#[test]
fn a_rollback_that_a_person_has_to_decide_on_names_what_is_live_first() {
    let notice = ended("baseline 0; deploy 1; go; ci 1 success; deploy 2; go; ci 2 failure; once; guarded");
    let text = told(&notice, Locale::Fr);
    assert!(text.starts_with("🚨 PREPROD - Rollback à décider\nEn ligne: 0000002\nSHA à annuler: 0000002\n"), "{text}");
}

#[test]
fn a_failure_begins_with_what_is_live_as_far_as_that_is_known() {
    let state = |words: &str| Story::of(words).state;
    let live = "baseline 0; deploy 1; go";
    let stopped = |left| Ending::Stopped { signal: "SIGINT".to_owned(), attempt: Attempt::FollowCi, left };
    let text = whole(&stopped(Left::Unfollowed), &state(live), (Since::Known, false), Locale::Fr);
    assert_eq!(
        text,
        "En ligne maintenant : 0000001 (non validée, déployée, répond bien)\narrêté par SIGINT (suivi du CI) ; rien n'est \
         à défaire, mais plus personne ne suit le CI : la prochaine exécution en lira le résultat"
    );
    let text = whole(
        &stopped(Left::Begun),
        &state(&format!("{live}; deploy 2; began compose")),
        (Since::Known, false),
        Locale::Fr,
    );
    assert!(
        text.starts_with("En ligne maintenant : pas certain. 0000002 était en cours de mise en place (compose) ; ")
    );
    assert!(text.ends_with("; ce qui a été commencé sera terminé ou défait par la prochaine exécution"), "{text}");
    let locked =
        Failure::Locked { environment: "preprod".to_owned(), holder: "run 7.1".to_owned(), waited_ms: 600_000 };
    let text = whole(
        &Ending::Failure(locked),
        &state(&format!("{live}; deploy 2; began compose")),
        (Since::Known, false),
        Locale::En,
    );
    assert!(text.starts_with("Live now: not certain, another run is under way; before it: 0000001 ("), "{text}");
    assert!(!text.contains("finishes or undoes"), "{text}");
    let mut placed = Story::of("baseline 0; deploy 1; go; deploy 2; failed compose live machine; once");
    placed.tell("failed compose live machine");
    placed.go(&[]);
    let text = whole(&Ending::NotCarriedOut, &placed.state, (Since::Known, false), Locale::Fr);
    assert!(text.starts_with("En ligne maintenant : pas certain ; le clone est à 0000000 (non validée)\n"), "{text}");
}

#[test]
fn a_run_that_waited_in_vain_for_another_one_tells_who_that_is_and_is_no_failure_of_its_version() {
    let notice = about("baseline 0; deploy 1; go", 2, NoticeKind::Busy("run 7.1".to_owned()));
    assert_eq!(
        told(&notice, Locale::Fr),
        "⏳ PREPROD - Non déployé : une autre exécution est en cours\nSHA: 0000002\nVerrou tenu par run 7.1\n\
         ➡️ Relancer quand cette exécution sera terminée"
    );
    assert_eq!(colour_and_places(&notice), (GREY, vec![Disposition::Apart]), "it may be the message of the other run");
    assert!(!notice.is_critical());
}

//! The status page in English; `fr::page` says the same.

use super::counted;
use crate::environment::Locale;
use crate::messages::page::Words;
use crate::page::verdict::Overall;

/// Its words.
pub const WORDS: Words = Words {
    locale: Locale::En,
    title: "State of the environments",
    made: "As of",
    nothing: "No environment: nothing was deployed here yet.",
    rows: ["Live", "Last validated", "Pending", "Under way", "Unfinished", "Last request", "Health", "Ledger"],
    none: "nothing",
    since: "since",
    found: "found in the work tree, moved by hand:",
    none_left: "none left; quarantined:",
    baseline: "none; at first",
    followed: ["a process of its own", "the job", "an event", "nobody"],
    standings: ["answers well", "DOWN", "answers, but as another version", "not checked yet by mode health"],
    before_live: "before this deploy",
    heads: ["Seven days, hour by hour", "Answer times", "Deployments", "Figures"],
    hours: ["not checked", "up", "slow", "down"],
    hours_note: "A cell an hour (UTC), the worst check counts. Slow: over 1 s, and over three times the week's median.",
    marks: ["validated", "not validated", "failed", "deployment", "rollback", "exposure"],
    ways: [
        "live before",
        "put there by hand",
        "put in place again",
        "deployment",
        "promotion",
        "automatic rollback",
        "rollback by hand",
    ],
    faults: ["CI failed", "failed when put live", "taken back by hand"],
    table: ["When (UTC)", "Version", "How", "Result", "Live for"],
    results: ["validated", "live, not validated yet", "replaced without validation"],
    still: "still live",
    figures: ["Deployments a week", "Lead time, commit to live", "Change failure rate", "Time to restore", "Exposure"],
    definitions: [
        "Deployments and promotions that went live, for seven days.",
        "Median, from the commit's date until it answers well when live.",
        "Deployments whose CI failed, that failed when they were put live, or that were taken back by hand.",
        "Median, from knowing of the failure until a good version is live.",
        "Time in all during which a version that failed was live.",
    ],
    figure_heads: ["Figure", "Last 4 weeks", "4 before", "Definition"],
    first_day: "1",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    just_now: "less than a minute",
    day: "d",
    point: '.',
    verdict,
    shown: |shown, all| match (shown, all) {
        (_, 0) => "None.".to_owned(),
        (_, 1) => "The only one.".to_owned(),
        (1, _) => format!("The last of {all}."),
        _ if shown == all => format!("All {all}."),
        _ => format!("The last {shown} of {all}."),
    },
    older: |shown, all| match counted(all as u64, "older one", "older ones") {
        older if shown == all => older,
        older => format!("{shown} of {older}"),
    },
    uptime: |share, checks| format!("up in {share} % of {}", counted(checks as u64, "check", "checks")),
    times: |usual, slowest| format!("median {usual}, slowest {slowest}"),
    day_told: |day, [unchecked, up, slow, down]| {
        format!("{day}: {up} h up, {slow} h slow, {down} h down, {unchecked} h not checked")
    },
    ago: |age| format!("{age} ago"),
    until: |at, left| format!("until {at} UTC ({left} left)"),
    overdue: |at, late| format!("was to end {at} UTC, {late} ago"),
    timeline_told: |from, stays, failed| {
        format!("Since {from}: {} live, {failed} failed", counted(stays as u64, "version", "versions"))
    },
    put: |path, size| format!("status page: {path} ({size} kB)"),
    would_put: |path, size| format!("dry run: a status page of {size} kB would be put at {path}"),
    more: |count| format!("and {}, not down", counted(count as u64, "more address", "more addresses")),
};

fn verdict(verdict: &Overall) -> (&'static str, String) {
    let (word, text) = match verdict {
        Overall::Down(ill, 1) if *ill == 1 => ("Down", "The site does not answer as it should."),
        Overall::Down(1, all) => return ("Down", format!("1 of {all} addresses does not answer as it should.")),
        Overall::Down(ill, all) => return ("Down", format!("{ill} of {all} addresses do not answer as they should.")),
        Overall::Failing => {
            ("Failed version", "What is live has failed and stays: somebody has to go back or mend it.")
        }
        Overall::Uncertain => (
            "Not certain",
            "A change could not be finished: the work tree and what runs may differ. Run it again, or go back.",
        ),
        Overall::Problem(why) => return ("Not certain", why.clone()),
        Overall::Moved => ("Moved by hand", "The work tree no longer stands at what the ledger says is live."),
        Overall::Unfinished => ("Unfinished", "A change was begun, and nobody is at it any more."),
        Overall::Overdue => ("CI is late", "The version is live; its CI should have answered by now."),
        Overall::AtWork => ("Change under way", "Somebody changes this environment right now."),
        Overall::Awaiting => ("CI is running", "The version is live; its CI is still running."),
        Overall::Unvalidated => ("Not validated", "What is live was not validated by its CI."),
        Overall::Unseen => ("Not checked", "What is live is validated; the site was not checked for more than 3 h."),
        Overall::Unchecked(never, all) => return ("Validated", unchecked(*never, *all)),
        Overall::Empty => ("Nothing yet", "Nothing was deployed here yet."),
        Overall::Well => ("All is well", "What is live is validated, and nothing is wrong."),
    };
    (word, text.to_owned())
}

/// That so many targets were never checked, of so many.
fn unchecked(never: usize, all: usize) -> String {
    let which = match (never, all) {
        (1, 1) => "the site".to_owned(),
        (1, _) => format!("1 of {all} addresses"),
        _ => format!("{never} of {all} addresses"),
    };
    format!("What is live is validated; mode health has not checked {which} yet.")
}

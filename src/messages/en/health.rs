//! Of health checks, in English; `fr::health` says the same.

use super::counted;
use super::site::symptom;
use crate::messages::health::{Alert, AlertKind, AlertTarget, Watchfulness, Words, address};
use crate::messages::in_block;
use crate::time::{span, utc};
use crate::tools::health_log::{CheckRecord, TargetStatus};
use crate::tools::health_news::STEADY_FROM;

/// The summary's words.
pub const WORDS: Words = Words {
    heads: ["Environment", "Target", "Result", "Latency", "Median 24 h", "Certificate (days)"],
    standings: [
        "✅ up",
        "🔴 DOWN",
        "🟠 another version",
        "⏸️ not checked",
        "❔ cannot be checked from here",
        "⏸️ not checked: no URL",
    ],
};

/// The summary's title; of what is ill, so many are down, and so many answer as another version.
pub fn title(up: usize, down: usize, stale: usize, unknown: usize) -> String {
    let targets = |count: usize| counted(count as u64, "target", "targets");
    let mut parts = Vec::new();
    parts.extend((down > 0).then(|| format!("{} DOWN", targets(down))));
    parts.extend((stale > 0).then(|| format!("another version answers at {}", targets(stale))));
    match (down, stale) {
        (0, 0) => parts.push(format!("{} up", targets(up))),
        // Another version answers, too: that nothing is up would not be so.
        _ => parts.extend((up > 0 || stale == 0).then(|| format!("{up} up"))),
    }
    parts.extend((unknown > 0).then(|| format!("{unknown} not checked")));
    format!("Health: {}", parts.join(", "))
}

/// The first line of an alert.
pub fn headline(kind: AlertKind, label: &str) -> String {
    match kind {
        AlertKind::Down => format!("🚨 {label} - Site DOWN"),
        AlertKind::Stale => format!("🟠 {label} - Another version answers"),
        AlertKind::Flapping => format!("🔁 {label} - Site flapping"),
        AlertKind::Recovered => format!("✅ {label} - Site up again"),
        AlertKind::Fresh => format!("✅ {label} - The right version answers"),
        AlertKind::Steady => format!("✅ {label} - Site steady again"),
        AlertKind::Certificate => format!("🔐 {label} - Certificate ends soon"),
    }
}

/// The line of one target.
pub fn target(kind: AlertKind, one: &AlertTarget, quote: &dyn Fn(&str) -> String) -> String {
    let url = address(&one.url, quote);
    let down = one.down_ms.map(|ms| format!(", for {}", span(ms))).unwrap_or_default();
    let seen = one.why.as_ref().map(|found| quote(&symptom(found)));
    // Of an outage that began longer ago than is remembered, no length is known.
    let lasted = |what: &str| one.down_ms.map_or("is well".to_owned(), |ms| format!("{what} for {}", span(ms)));
    match kind {
        AlertKind::Down | AlertKind::Stale => format!("{url}: {}{down}", seen.unwrap_or_default()),
        AlertKind::Recovered => format!("{url}: {}", lasted("was DOWN")),
        AlertKind::Fresh => format!("{url}: {}", lasted("another version answered")),
        AlertKind::Steady => format!("{url}: {STEADY_FROM} good checks in a row"),
        AlertKind::Flapping => {
            let now = seen.map_or("up".to_owned(), |seen| format!("DOWN ({seen})"));
            format!("{url}: {} changes in 24 h; at this moment {now}", one.changes)
        }
        AlertKind::Certificate => {
            let (ends, days) = one.certificate.unwrap_or_default();
            format!("{url}: ends in {}, on {} UTC", counted(days, "day", "days"), utc(ends))
        }
    }
}

/// Where targets are left out.
pub fn more(left: usize) -> String {
    format!("... and {}", counted(left as u64, "more target", "more targets"))
}

/// What follows the targets.
pub fn rest(alert: &Alert) -> Vec<String> {
    let live = alert.live.as_ref().map(|sha| format!("SHA live: {}", sha.short()));
    let mut lines = Vec::new();
    match alert.kind {
        AlertKind::Down => {
            lines.extend(live);
            lines.extend(in_block("➡️ On the machine:", &alert.commands));
        }
        AlertKind::Stale => {
            lines.extend(alert.live.as_ref().map(|sha| format!("SHA expected: {}", sha.short())));
            lines.extend(in_block("➡️ On the machine:", &alert.commands));
        }
        AlertKind::Flapping => {
            lines.push(format!("No more messages before {STEADY_FROM} checks in a row agree"));
        }
        AlertKind::Certificate => {
            lines.push("➡️ Renew the certificate, and see why it was not renewed by itself".to_owned())
        }
        AlertKind::Recovered | AlertKind::Fresh | AlertKind::Steady => lines.extend(live),
    }
    lines
}

/// Of the checking itself.
pub fn watchfulness(told: &Watchfulness, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    match told {
        Watchfulness::Blind { url, why, last } => vec![
            "⚠️ Health checks - Cannot check".to_owned(),
            format!("No target can be reached from this machine: {}", quote(&format!("{url}: {}", symptom(why)))),
            "This is no DOWN: nothing could be checked. The next message comes when something answers".to_owned(),
            last.map_or("No check before this one".to_owned(), |at| format!("Last check: {} UTC", utc(at))),
            "➡️ The machine's network and DNS".to_owned(),
        ],
        Watchfulness::Sighted(ms) => {
            vec!["✅ Health checks - Possible again".to_owned(), format!("Nothing could be checked for {}", span(*ms))]
        }
        Watchfulness::Missed(missed) => vec![
            format!("⚠️ Health checks - {} missed", missed.count),
            format!("Last check: {} UTC, {} ago", utc(missed.last), span(missed.gap_ms)),
            format!("Usual interval: {}", span(missed.usual_ms)),
            "➡️ Is the runner online? GitHub delays and drops schedules, and stops them after 60 days without activity"
                .to_owned(),
        ],
    }
}

/// That so many targets of so many are not healthy.
pub fn failed(count: usize, ill: usize) -> String {
    format!("checked {}: {ill} not healthy", counted(count as u64, "target", "targets"))
}

/// One of them.
pub fn failed_target(name: &str, line: &CheckRecord, tries: u32) -> String {
    let word = if line.result == TargetStatus::Down { "DOWN" } else { "another version answers" };
    let tries = counted(u64::from(tries), "try", "tries");
    let since = line.since.map(|since| format!(", since {} UTC", utc(since))).unwrap_or_default();
    format!("- {name} {}: {word} after {tries}{since}: {}", line.url, line.why)
}

/// What to do then.
pub fn what_to_do(option: &str, commands: &str) -> String {
    let back = match commands {
        "" => String::new(),
        commands => format!(". To go back to the version before: {commands}"),
    };
    format!("What to do: `mangetamain-deploy status{option}` on the machine, then the site's logs{back}")
}

/// After what cut the checks short.
pub const UNJUDGED: &str = "; no site was judged";

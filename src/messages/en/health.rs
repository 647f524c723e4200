//! Of health checks, in English; `fr::health` says the same.

use super::counted;
use super::site::symptom;
use crate::messages::health::{Alert, AlertKind, AlertTarget, Watchfulness, Words, address};
use crate::time::{span, utc};
use crate::tools::health_log::{Line, Standing};
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

/// The summary's title.
pub fn title(up: usize, ill: usize, unknown: usize) -> String {
    let unknown = if unknown > 0 { format!(", {unknown} not checked") } else { String::new() };
    let targets = |count: usize| counted(count as u64, "target", "targets");
    match ill {
        0 => format!("Health: {} up{unknown}", targets(up)),
        _ => format!("Health: {} DOWN, {up} up{unknown}", targets(ill)),
    }
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
pub fn rest(alert: &Alert, quote: &dyn Fn(&str) -> String) -> Vec<String> {
    let live = alert.live.as_ref().map(|sha| format!("SHA live: {}", sha.short()));
    let compose =
        |words: &str| alert.compose_file.as_ref().map(|file| format!("docker compose -f {} {words}", quote(file)));
    let mut lines = Vec::new();
    match alert.kind {
        AlertKind::Down => {
            lines.extend(live);
            let compose = compose("logs --tail 50").map(|command| format!(", {command}")).unwrap_or_default();
            lines.push(format!("➡️ On the machine: mangetamain-deploy status{}{compose}", alert.state_option));
        }
        AlertKind::Stale => {
            lines.extend(alert.live.as_ref().map(|sha| format!("SHA expected: {}", sha.short())));
            lines.extend(compose("restart").map(|command| format!("➡️ On the machine: {command}")));
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
        Watchfulness::Missed(missed) => vec![
            format!("⚠️ Health checks - {} missed", missed.count),
            format!("Last check: {} UTC, {} ago", utc(missed.last), span(missed.gap_ms)),
            format!("Usually: every {}", span(missed.usual_ms)),
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
pub fn failed_target(name: &str, line: &Line, tries: u32) -> String {
    let word = if line.result == Standing::Down { "DOWN" } else { "another version answers" };
    let tries = counted(u64::from(tries), "try", "tries");
    let since = line.since.map(|since| format!(", since {} UTC", utc(since))).unwrap_or_default();
    format!("- {name} {}: {word} after {tries}{since}: {}", line.url, line.why)
}

/// What to do then.
pub fn what_to_do(option: &str, commands: &str) -> String {
    format!(
        "What to do: `mangetamain-deploy status{option}` on the machine, then the site's logs (docker compose logs). A bad version is undone by {commands}"
    )
}

/// After what cut the checks short.
pub const UNJUDGED: &str = "; no site was judged";

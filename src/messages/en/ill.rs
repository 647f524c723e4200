//! What was seen of a version that is live and ill, in English.

use crate::messages::Notice;
use crate::messages::ill::Ill;
use crate::time::utc;

pub fn seen(ill: &Ill, quote: &dyn Fn(&str) -> String) -> String {
    let at = utc(ill.at);
    let why = if ill.why.is_empty() { String::new() } else { format!(": {}", quote(&ill.why)) };
    match &ill.now {
        Some(Err(now)) => format!("Does not answer well: {}", quote(now)),
        Some(Ok(())) => format!("The site answers well now, but its check failed on {at} UTC{why}"),
        None => format!("Its check failed on {at} UTC{why}"),
    }
}

/// That CI succeeded, in the tense of what is known.
pub fn unwell_headline(notice: &Notice, label: &str) -> String {
    match notice.ill.as_ref().and_then(|ill| ill.now.as_ref()) {
        Some(Err(_)) => format!("⚠️ {label} - CI succeeded, but the site is unhealthy"),
        _ => format!("⚠️ {label} - CI succeeded, but the site did not answer well"),
    }
}

/// That CI is silent, in the tense of what is known.
pub fn unvalidated_headline(ill: &Ill, label: &str) -> String {
    match ill.now {
        Some(_) => format!("🚨 {label} - Unhealthy, and without a verdict from CI"),
        None => format!("🚨 {label} - Did not answer well, and without a verdict from CI"),
    }
}

/// What that leaves, and what can be done.
pub fn unwell(notice: &Notice) -> Vec<String> {
    let point = match &notice.validated {
        Some(sha) => format!("Not validated: the rollback point stays {}", sha.short()),
        None => "Not validated: there is still no rollback point".to_owned(),
    };
    let deploy = match notice.ill.as_ref().is_some_and(Ill::is_well_again) {
        true => "Deploy it again",
        false => "Once it answers well, deploy it again",
    };
    let force = notice.ill.as_ref().map_or("", forced);
    vec![point, format!("➡️ {deploy}{force}: it is checked anew, and CI's word counts; or `mode: rollback`")]
}

/// What a verdict that is still to come leaves to do.
pub fn once_green(ill: &Ill) -> String {
    format!(
        "Even a success of its CI validates it only once it is deployed again{}: it is checked anew then",
        forced(ill)
    )
}

fn forced(ill: &Ill) -> &'static str {
    if ill.is_barred { " with `force: true`" } else { "" }
}

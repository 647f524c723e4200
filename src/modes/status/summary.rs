//! The job's summary of `status`: what is live in each environment and whether that is good, then all that is known.

use super::View;
use crate::environment::Locale;
use crate::messages::summary_words;
use crate::page::verdict::{Ill, ill};
use crate::report::summary::{LiveStatus, first_line, fitted, standing};

/// The summary; `text` is what a terminal shows.
pub(super) fn summary(views: &[View], text: &str, locale: Locale) -> String {
    let words = summary_words(locale);
    let first = |view: &View| {
        let (standing, is_down) = seen(view);
        // Of what was never deployed to nobody can say that it is well.
        let mark = match standing {
            _ if is_down => LiveStatus::Bad.mark(),
            LiveStatus::Unknown => "➖",
            known => known.mark(),
        };
        first_line(mark, &view.label, &view.state, (standing, is_down), words)
    };
    let firsts: String = views.iter().map(first).collect();
    let gap = if firsts.is_empty() { "" } else { "\n" };
    fitted(format!("{firsts}{gap}```\n{}\n```\n", text.replace("```", "`\u{200b}``")), words.cut)
}

/// What the ledger says, unless something was seen that it does not know; and whether a check finds the site ill.
fn seen(view: &View) -> (LiveStatus, bool) {
    let is_ill = view.health.iter().any(|target| ill(target, &view.state) == Some(Ill::Now));
    match standing(&view.state, view.has_failed_since == Some(true)) {
        _ if view.problem.is_some() || view.moved.is_some() => (LiveStatus::Uncertain, is_ill),
        told => (told, is_ill),
    }
}

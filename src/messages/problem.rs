//! What is wrong with the inputs, in words; the sentences stand in `fr` and `en`.

use super::{en, fr};
use crate::environment::Locale;
use crate::failure::Problem;
use crate::tools::letters::{bounded, shortened};

/// One problem.
#[must_use]
pub fn problem(problem: &Problem, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::problem::problem(problem),
        Locale::En => en::problem::problem(problem),
    }
}

/// That nothing was done, and every problem.
#[must_use]
pub fn refusal(problems: &[Problem], locale: Locale) -> String {
    let mut text = match locale {
        Locale::Fr => fr::problem::headline(problems.len()),
        Locale::En => en::problem::headline(problems.len()),
    };
    for one in problems {
        text.push_str("\n- ");
        text.push_str(&problem(one, locale));
    }
    text
}

/// Where the problem is, and what stands there, as far as it is short.
pub(super) fn place(problem: &Problem) -> String {
    let mut text = bounded(&problem.place, 200);
    if let Some(value) = &problem.value {
        let short = shortened(value, 80);
        text.push_str(&format!(" = {short:?}"));
    }
    text
}

/// Known names, as far as they are few.
pub(super) fn names(all: &[String]) -> String {
    let few: Vec<&str> = all.iter().take(10).map(String::as_str).collect();
    let more = if all.len() > few.len() { ", …" } else { "" };
    bounded(&few.join(", "), 300) + more
}

/// A parser's words in one line.
pub(super) fn one_line(text: &str) -> String {
    let first: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(6).collect();
    first.join(" | ")
}

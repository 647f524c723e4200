//! Which lines of a log tell of an error: those that `known` recognises, the most telling first where there is no room
//! for all. The lines are already without timestamps and colours. What is not recognised is no error: the caller then
//! shows the last lines.

mod known;

use std::collections::BTreeSet;

use self::known::{Extent, Weight, recognised, text_of};

/// Lines shown of errors that follow each other without a gap.
const RUN: usize = 6;
/// What Sphinx ends with where a warning made it fail.
const STRICT: &str = "(with warnings treated as errors)";
/// Stands where lines were left out.
const GAP: &str = "…";
/// So many lines may stand between the name of what failed and its reason.
const APART: usize = 3;

/// A line of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it says.
    pub text: &'a str,
    /// Whether the runner marked it as an error.
    pub is_marked: bool,
}

/// Lines that belong together, `from` up to and without `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: usize,
    to: usize,
    weight: Weight,
    /// Whether programs say the same again in what they sum up at their end.
    repeats: bool,
}

/// The lines that tell most of an error, at most `limit`, in their order, with `…` where lines between them are left out;
/// empty when none is recognised.
#[must_use]
pub fn first_errors(lines: &[Line<'_>], limit: usize) -> Vec<String> {
    let mut all = errors(lines);
    leave_to_the_last(lines, &mut all);
    shorten(&mut all);
    shown(lines, &chosen(&all, limit))
}

/// All errors, in their order.
fn errors(lines: &[Line<'_>]) -> Vec<Span> {
    let are_warnings = lines.iter().any(|line| line.text.contains(STRICT));
    let mut all = Vec::new();
    // Where the last one ended that a program said of itself.
    let mut strong = None;
    let mut at = 0;
    while at < lines.len() {
        let Some(found) = recognised(lines, at, are_warnings) else {
            at += 1;
            continue;
        };
        let (from, to) = span(lines, at, found.extent, are_warnings);
        let is_reason = strong.is_some_and(|end| follows(lines, end, at));
        let weight = if is_reason { found.weight.max(Weight::Own) } else { found.weight };
        if weight != Weight::Loose {
            strong = Some(to);
        }
        all.push(Span { from, to, weight, repeats: found.repeats });
        at = to;
    }
    all
}

/// Whether nothing is said between an error's end and this line, but blank lines and rules.
fn follows(lines: &[Line<'_>], end: usize, at: usize) -> bool {
    let between = lines.get(end..at).unwrap_or_default();
    between.len() <= APART && between.iter().all(|line| !line.text.contains(char::is_alphanumeric))
}

/// Where an error begins, and where it has ended: always behind the line that was recognised.
fn span(lines: &[Line<'_>], at: usize, extent: Extent, are_warnings: bool) -> (usize, usize) {
    let text = |at: usize| lines.get(at).map_or("", |line| line.text);
    let block = |from: usize, most: usize| {
        let is_more = |at: &usize| !text(*at).trim().is_empty() && recognised(lines, *at, are_warnings).is_none();
        from + (from..lines.len()).take(most).take_while(is_more).count()
    };
    match extent {
        Extent::Line => (at, at + 1),
        Extent::Block(most) => (at, block(at + 1, most)),
        Extent::Assertion => {
            let end = block(at + 1, 2);
            let past = if text(end).trim().is_empty() { block(end + 1, 3) } else { end };
            (at, if past > end + 1 { past } else { end })
        }
        Extent::Traceback => {
            let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
            let own = indent(text(at));
            let end = (at + 1..lines.len()).find(|at| indent(text(*at)) <= own).unwrap_or(lines.len());
            (end.saturating_sub(2).max(at), (end + 1).min(lines.len()))
        }
    }
}

/// Of what is said twice in the same words the last one stays: the reason stands there.
fn leave_to_the_last(lines: &[Line<'_>], all: &mut Vec<Span>) {
    let mut known = BTreeSet::new();
    let said = |span: &Span| -> Vec<&str> {
        lines.get(span.from..span.to).unwrap_or_default().iter().map(|line| text_of(line.text)).collect()
    };
    let mut kept: Vec<Span> =
        all.iter().rev().filter(|span| !span.repeats || known.insert(said(span))).copied().collect();
    kept.reverse();
    *all = kept;
}

/// Errors that follow each other without a gap do not take all the room.
fn shorten(all: &mut Vec<Span>) {
    let (mut ended, mut run) = (None, 0);
    for span in all.iter_mut() {
        run = if ended == Some(span.from) { run } else { 0 };
        ended = Some(span.to);
        let height = span.to - span.from;
        span.to = span.to.min(span.from + RUN.saturating_sub(run));
        run += height;
    }
    all.retain(|span| span.to > span.from);
}

/// What there is room for. Of what programs say of themselves the first counts most, as one error leads to others; of
/// the rest the last, as what could be overcome came before it.
fn chosen(all: &[Span], limit: usize) -> Vec<Span> {
    let of = |weight: Weight| all.iter().filter(move |span| span.weight == weight);
    let mut taken: Vec<Span> = Vec::new();
    for span in of(Weight::Summed).chain(of(Weight::Own)).chain(of(Weight::Loose).rev()) {
        if height(&taken) >= limit {
            break;
        }
        let place = taken.partition_point(|other| other.from < span.from);
        taken.insert(place, *span);
        let too_much = height(&taken).saturating_sub(limit);
        match taken.get_mut(place) {
            Some(own) if own.to - own.from > too_much => own.to -= too_much,
            _ => drop(taken.remove(place)),
        }
    }
    taken
}

/// Lines that these take, gaps included.
fn height(taken: &[Span]) -> usize {
    let gaps = taken.iter().zip(taken.iter().skip(1)).filter(|(one, next)| one.to < next.from).count();
    gaps + taken.iter().map(|span| span.to - span.from).sum::<usize>()
}

fn shown(lines: &[Line<'_>], taken: &[Span]) -> Vec<String> {
    let mut told = Vec::new();
    let mut ended = None;
    for span in taken {
        if ended.is_some_and(|ended| ended < span.from) {
            told.push(GAP.to_owned());
        }
        told.extend(lines.get(span.from..span.to).unwrap_or_default().iter().map(|line| line.text.to_owned()));
        ended = Some(span.to);
    }
    told
}

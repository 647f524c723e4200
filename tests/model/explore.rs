//! Breadth first, so that the first story that breaks a rule is a shortest one. On two threads, a layer in
//! parts; the parts are joined in their order, so that every run explores in the same order. Afterwards the
//! steps that the machine takes by itself are looked through for a circle: there must be none, so that it
//! always comes to rest.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::fingerprint::Fingerprint;
use super::good::reached;
use super::rules::broken;
use super::situation::{Cause, Moment, Situation};
use super::size::Size;

/// Situations that are gone on from at once: bounds what is held in memory.
const PART: usize = 4_096;

pub struct Explored {
    pub situations: usize,
    pub reached: BTreeMap<&'static str, usize>,
    /// Of everything that leads from where to where.
    pub fingerprint: u128,
}

/// How a situation was come to: from which, by which of its next ones.
type Origin = (u32, u16);

struct Found {
    origin: Origin,
    key: u128,
    /// None: it was known already.
    situation: Option<Situation>,
    cause: Cause,
}

#[derive(Default)]
struct Part {
    found: Vec<Found>,
    good: BTreeMap<&'static str, usize>,
    /// A rule's sentence, and the step that breaks it.
    broken: Option<(&'static str, Origin)>,
}

struct Map {
    size: Size,
    known: BTreeMap<u128, u32>,
    origins: Vec<Origin>,
    by_machine: Vec<(u32, u32)>,
    good: BTreeMap<&'static str, usize>,
    fingerprint: Fingerprint,
}

pub fn explore(size: Size) -> Explored {
    let first = Situation::first(size);
    let mut map = Map {
        size,
        known: BTreeMap::from([(first.key(), 0)]),
        origins: vec![(0, 0)],
        by_machine: Vec::new(),
        good: BTreeMap::new(),
        fingerprint: Fingerprint::default(),
    };
    let mut layer = vec![(0, first)];
    while !layer.is_empty() {
        let mut next = Vec::new();
        for part in layer.chunks(PART) {
            let (one, other) = part.split_at(part.len() / 2);
            let looked = std::thread::scope(|scope| {
                let other = scope.spawn(|| map.look(other));
                [map.look(one), other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
            });
            looked.into_iter().for_each(|part| map.join(part, &mut next));
        }
        layer = next;
    }
    if let Some(at) = circle(map.known.len(), &map.by_machine) {
        panic!("the machine goes round in a circle and never rests\n  {}", map.story((at as u32, 0)));
    }
    Explored { situations: map.known.len(), reached: map.good, fingerprint: map.fingerprint.0 }
}

impl Map {
    fn look(&self, part: &[(u32, Situation)]) -> Part {
        let mut seen = Part::default();
        for (at, situation) in part {
            let decided = situation.decided();
            for (choice, next) in situation.next(&decided).into_iter().enumerate() {
                let origin = (*at, choice as u16);
                let (after, cause) = (&next.situation, next.cause);
                let moment = Moment { before: situation, decided: &decided, after, then: after.decided(), cause };
                if let Some(rule) = broken(&moment) {
                    seen.broken = Some((rule, origin));
                    return seen;
                }
                for what in reached(&moment) {
                    *seen.good.entry(what).or_insert(0) += 1;
                }
                let key = next.situation.key();
                let situation = (!self.known.contains_key(&key)).then_some(next.situation);
                seen.found.push(Found { origin, key, situation, cause: next.cause });
            }
        }
        seen
    }

    fn join(&mut self, part: Part, layer: &mut Vec<(u32, Situation)>) {
        for Found { origin, key, situation, cause } in part.found {
            let number = self.known.len() as u32;
            let to = *self.known.entry(key).or_insert(number);
            if let Some(situation) = situation.filter(|_| to == number) {
                self.origins.push(origin);
                layer.push((to, situation));
            }
            if cause == Cause::Machine {
                self.by_machine.push((origin.0, to));
            }
            let _ = write!(self.fingerprint, "{origin:?}{to};");
        }
        for (what, times) in part.good {
            *self.good.entry(what).or_insert(0) += times;
        }
        if let Some((rule, origin)) = part.broken {
            panic!("{rule}\n  {}", self.story(origin));
        }
    }

    /// The shortest way to this step, told by going it once more.
    fn story(&self, last: Origin) -> String {
        let mut way = vec![last];
        while way.last().is_some_and(|(from, _)| *from != 0) {
            let from = way.last().map_or(0, |(from, _)| *from);
            way.push(self.origins[from as usize]);
        }
        let mut told = vec!["baseline 0".to_owned()];
        let mut at = Situation::first(self.size);
        for (_, choice) in way.into_iter().rev() {
            let next = at.next(&at.decided()).swap_remove(choice.into());
            told.push(next.label);
            at = next.situation;
        }
        let steps = told.len() - 1;
        format!("{}\n  = {steps} steps\n{:#?}\n{:?}", told.join("\n  "), at.state, at.site)
    }
}

/// A situation on a circle of steps, if there is one (Kahn: what cannot be put in an order).
fn circle(situations: usize, steps: &[(u32, u32)]) -> Option<usize> {
    let mut incoming = vec![0_u32; situations];
    let mut starts = vec![0_u32; situations + 1];
    for (from, to) in steps {
        incoming[*to as usize] += 1;
        starts[*from as usize + 1] += 1;
    }
    for at in 0..situations {
        starts[at + 1] += starts[at];
    }
    let mut filled = starts.clone();
    let mut outgoing = vec![0_u32; steps.len()];
    for (from, to) in steps {
        outgoing[filled[*from as usize] as usize] = *to;
        filled[*from as usize] += 1;
    }
    let mut free: Vec<usize> = (0..situations).filter(|at| incoming[*at] == 0).collect();
    while let Some(at) = free.pop() {
        for to in &outgoing[starts[at] as usize..starts[at + 1] as usize] {
            incoming[*to as usize] -= 1;
            if incoming[*to as usize] == 0 {
                free.push(*to as usize);
            }
        }
    }
    (0..situations).find(|at| incoming[*at] > 0)
}

//! Breadth first, so that the first story that breaks a rule is a shortest one. Afterwards the steps
//! that the machine takes by itself are looked through for a circle: there must be none, so that it
//! always comes to rest.

use std::collections::{BTreeMap, VecDeque};

use super::rules::{broken, reached};
use super::situation::{Situation, Size};

pub struct Explored {
    pub situations: usize,
    pub reached: BTreeMap<&'static str, usize>,
}

pub fn explore(size: Size) -> Explored {
    let first = Situation::first(size);
    let mut known: BTreeMap<String, usize> = BTreeMap::from([(first.key(), 0)]);
    let mut came_from: Vec<(usize, String)> = vec![(0, "baseline 0".to_owned())];
    let mut by_machine: Vec<(usize, usize)> = Vec::new();
    let mut queue = VecDeque::from([(0, first)]);
    let mut good = BTreeMap::new();
    while let Some((at, situation)) = queue.pop_front() {
        for next in situation.next() {
            if let Some(rule) = broken(&situation, &next.situation) {
                let told = story(&came_from, at);
                panic!("{rule}\n  {told}\n  {}\n{:#?}", next.label, next.situation.state);
            }
            for what in reached(&situation, &next.situation) {
                *good.entry(what).or_insert(0) += 1;
            }
            let number = known.len();
            let to = *known.entry(next.situation.key()).or_insert(number);
            if to == number {
                came_from.push((at, next.label));
                queue.push_back((to, next.situation));
            }
            if next.by_machine {
                by_machine.push((at, to));
            }
        }
    }
    if let Some(at) = circle(known.len(), &by_machine) {
        panic!("the machine goes round in a circle and never rests\n  {}", story(&came_from, at));
    }
    Explored { situations: known.len(), reached: good }
}

fn story(came_from: &[(usize, String)], mut at: usize) -> String {
    let mut told = Vec::new();
    while at != 0 {
        told.push(came_from[at].1.as_str());
        at = came_from[at].0;
    }
    told.push(came_from[0].1.as_str());
    told.reverse();
    told.join("\n  ")
}

/// A situation on a circle of steps, if there is one (Kahn: what cannot be put in an order).
fn circle(situations: usize, steps: &[(usize, usize)]) -> Option<usize> {
    let mut incoming = vec![0; situations];
    let mut outgoing = vec![Vec::new(); situations];
    for (from, to) in steps {
        incoming[*to] += 1;
        outgoing[*from].push(*to);
    }
    let mut free: Vec<usize> = (0..situations).filter(|at| incoming[*at] == 0).collect();
    while let Some(at) = free.pop() {
        for to in &outgoing[at] {
            incoming[*to] -= 1;
            if incoming[*to] == 0 {
                free.push(*to);
            }
        }
    }
    (0..situations).find(|at| incoming[*at] > 0)
}

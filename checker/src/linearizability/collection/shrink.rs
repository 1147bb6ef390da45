//! From a refutation to few calls that show it.

use super::lifetimes::Lifetimes;
use crate::OpIndex;
use crate::linearizability::moment::NEVER;
use crate::linearizability::violation::{MonitorVerdict, Violation};

/// Elements and empty takes, by their places, that cannot be explained; and why.
#[derive(Clone, Debug)]
pub(in crate::linearizability) struct Refutation {
    pub(in crate::linearizability) elements: Vec<usize>,
    pub(in crate::linearizability) empties: Vec<usize>,
    pub(in crate::linearizability) violation: Violation,
}

/// One thing that can be left out of a container's calls.
///
/// A container without everything done to one element, or without one empty take, is still
/// explained by the same order. So what cannot be explained stays so when more is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Element(usize),
    Empty(usize),
}

/// Elements and empty takes that may be looked at to leave some out: a second's work. What is left
/// then is refuted all the same, and only larger than it need be.
const LOOKS: usize = 1 << 22;

/// The verdict on calls refuted so, with culprits from which no element and no empty take can be
/// left out, unless that takes too much. `refute` is called O(k log n) times on ever fewer of n
/// parts to find k culprits.
pub(in crate::linearizability) fn conclude(
    lifetimes: &Lifetimes,
    refutation: Refutation,
    refute: impl Fn(&Lifetimes) -> Option<Refutation>,
) -> MonitorVerdict {
    let Refutation { elements, empties, mut violation } = refutation;
    let elements = elements.into_iter().map(Part::Element);
    let mut parts: Vec<Part> = elements.chain(empties.into_iter().map(Part::Empty)).collect();
    parts.sort_unstable_by_key(|part| match *part {
        Part::Element(place) => (0, place),
        Part::Empty(place) => (1, place),
    });
    parts.dedup();
    let mut looks = LOOKS;
    let mut size = parts.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < parts.len() && looks > 0 {
            looks = looks.saturating_sub(parts.len());
            let mut fewer = parts.clone();
            fewer.drain(start..(start + size).min(parts.len()));
            if let Some(smaller) = refute(&restricted(lifetimes, &fewer)) {
                violation = smaller.violation;
                parts = fewer;
            } else {
                start += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    MonitorVerdict::invalid(culprits(&restricted(lifetimes, &parts)), violation)
}

fn restricted(lifetimes: &Lifetimes, parts: &[Part]) -> Lifetimes {
    let mut elements = Vec::new();
    let mut empties = Vec::new();
    for &part in parts {
        match part {
            Part::Element(place) => elements.push(place),
            Part::Empty(place) => empties.push(place),
        }
    }
    lifetimes.restricted(&elements, &empties)
}

/// Every call that belongs to these lifetimes. Lost takes only if they matter: if there is an element
/// they may have taken, and if they began before the last return that has to be explained.
fn culprits(lifetimes: &Lifetimes) -> Vec<OpIndex> {
    let mut culprits = Vec::new();
    let mut last = 0;
    for element in &lifetimes.elements {
        culprits.push(element.insert);
        culprits.extend(element.taken.map(|take| take.op));
    }
    let takes = lifetimes.elements.iter().filter_map(|element| element.taken);
    for take in takes.chain(lifetimes.empties.iter().copied()) {
        if take.span.to != NEVER {
            last = last.max(take.span.to);
        }
    }
    culprits.extend(lifetimes.empties.iter().map(|take| take.op));
    if lifetimes.left().next().is_some() {
        let early = lifetimes.lost.iter().filter(|take| take.span.from < last);
        culprits.extend(early.map(|take| take.op));
    }
    culprits
}

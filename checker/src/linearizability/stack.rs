//! Last in, first out.
//!
//! # What is decided
//!
//! Every history in which each element is put in at most once, but for some in which many takes lost
//! their returns.
//!
//! # Why it is exact
//!
//! For an element let `[a, b]` be the span of its insertion and `[c, d]` that of its taking, with b cut
//! to d and c raised to a. It is on the stack from some p in `[a, b]` to some q in `[c, d]`, and the
//! intervals (p, q) must be nested or disjoint; its *core* is `(b, c)`, in which it is there for
//! certain.
//!
//! 1. *No core* (c <= b): the element can be put in and taken out at one moment, which disturbs
//!    nothing. It is left out.
//! 2. *A moment g outside all cores*: the stack can be empty then. Of what is on it at g, take
//!    out at g whatever has c <= g, top first, and put in at g only whatever has b >= g, bottom
//!    first. Intervals only shrink, up to g or down to g, and stay nested or disjoint. So an
//!    empty take needs a moment outside all cores, and that is enough. And the elements fall apart
//!    into *layers*, maximal overlapping sets of cores, to be explained one by one, each within the
//!    time from its first b, s, to its last c, t.
//! 3. *In a layer* the stack is never empty between s and t. So some element is at its bottom
//!    throughout: a <= s and t <= d. If an element is so, it can be put at the bottom whatever
//!    explains the others, which lies within `[s, t]` by 2. And the others are explained if all are.
//!    So elements are peeled off, in any order, until nothing is left, or no bottom.
//!
//! The peeling takes O(n log n) by segment trees over the moments: as a layer shrinks, an element
//! that fulfils a <= s or t <= d keeps doing so. It is therefore asked about each condition only once.
//!
//! *Lost takes* are given to elements by a search: see `lost_takes`.

use std::hash::Hash;

use super::collection::cover::{Cover, Stretch, chain};
use super::collection::lifetimes::{Arrange, Lifetimes};
use super::collection::lost_takes;
use super::collection::shrink::Refutation;
use super::collection::trees::{ABSENT, LeastTree, SumTree};
use super::violation::{MonitorVerdict, Violation};
use crate::Call;
use crate::linearizability::moment::Moment;
use crate::model::{ContainerOp, ContainerRet};
use crate::plant::{Bug, planted};

mod buried;

/// Whether a stack explains the calls. O(n log n) if no take lost its return.
pub fn check<V: Ord + Hash>(calls: &[Call<ContainerOp<V>, ContainerRet<V>>]) -> MonitorVerdict {
    match Lifetimes::gather(calls, Arrange::AsMentioned) {
        Ok(lifetimes) => lifetimes.with_peeks(lost_takes::check(&lifetimes, refute)),
        Err(verdict) => verdict,
    }
}

fn refute(lifetimes: &Lifetimes) -> Option<Refutation> {
    let cores = cores(lifetimes);
    let wrong_empty = not_empty(lifetimes, &cores);
    let guessing = !lifetimes.lost.is_empty();
    let buried = if guessing { buried::soonest(lifetimes, &cores) } else { None };
    match (wrong_empty, buried) {
        (Some((by, wrong_empty)), Some((buried_by, _))) if by < buried_by => {
            return Some(wrong_empty);
        }
        (_, Some((_, refutation))) | (Some((_, refutation)), None) => return Some(refutation),
        (None, None) => {}
    }
    let stuck = Peeling::new(lifetimes, &cores).peel()?;
    let (start, end) = (stuck.first()?.from, stuck.iter().map(|core| core.to).max()?);
    // Every core begins after `start` but the first, which is therefore in the chain.
    let elements = chain(&stuck, start + 1, end);
    let violation = Violation::NoBottom { first: lifetimes.elements[stuck[0].tag].insert };
    Some(Refutation { elements, empties: Vec::new(), violation })
}

/// The times in which elements are on the stack for certain, by their start.
fn cores(lifetimes: &Lifetimes) -> Vec<Stretch> {
    let elements = lifetimes.elements.iter().enumerate();
    let mut cores: Vec<Stretch> = elements
        .filter_map(|(tag, element)| {
            let (from, to) = (element.put_by(), element.taken_from());
            if from < to {
                return Some(Stretch { from, to, tag });
            }
            let (from, to) = (element.inserted.from, element.taken_by());
            planted(Bug::StackKeepMoments).then_some(Stretch { from, to, tag })
        })
        .collect();
    cores.sort_unstable_by_key(|core| core.from);
    cores
}

/// A take that found nothing, though an element was present throughout: of all such takes the one that
/// returned first, and when it did.
fn not_empty(lifetimes: &Lifetimes, cores: &[Stretch]) -> Option<(Moment, Refutation)> {
    if planted(Bug::StackForgetEmpty) || lifetimes.empties.is_empty() {
        return None;
    }
    let cover = Cover::new(cores.to_vec());
    let empties = lifetimes.empties.iter().enumerate();
    let wrong = empties.filter(|(_, take)| cover.swallows(take.span));
    let (place, take) = wrong.min_by_key(|(_, take)| take.span.to)?;
    let violation = Violation::FalseEmpty { take: take.op };
    let elements = cover.chain(take.span);
    Some((take.span.to, Refutation { elements, empties: vec![place], violation }))
}

/// Elements from which bottoms are peeled off.
struct Peeling<'a> {
    lifetimes: &'a Lifetimes,
    /// Of the elements not peeled off, by start; `None` for those that are.
    cores: Vec<Option<Stretch>>,
    /// The starts and ends of cores, in order. A *gap* is the time from one to the next.
    bounds: Vec<Moment>,
    /// For each core, its first gap and the one after its last.
    gaps: Vec<(usize, usize)>,
    /// How many cores cover each gap.
    depth: SumTree,
    /// When its insertion began, of each core not known to fulfil a <= s.
    unopened: LeastTree,
    /// The complement of when its taking ended, of each core known to fulfil a <= s.
    unclosed: LeastTree,
}

impl<'a> Peeling<'a> {
    fn new(lifetimes: &'a Lifetimes, cores: &[Stretch]) -> Self {
        let mut ends: Vec<(Moment, bool, usize)> = Vec::with_capacity(2 * cores.len());
        for (place, core) in cores.iter().enumerate() {
            ends.push((core.from, false, place));
            ends.push((core.to, true, place));
        }
        ends.sort_unstable();
        let mut gaps = vec![(0, 0); cores.len()];
        for (gap, &(_, is_end, place)) in ends.iter().enumerate() {
            if is_end { gaps[place].1 = gap } else { gaps[place].0 = gap }
        }
        let mut depth = SumTree::new(ends.len());
        for &(from, to) in &gaps {
            depth.add(from, to, 1);
        }
        let began: Vec<u64> =
            cores.iter().map(|core| lifetimes.elements[core.tag].inserted.from).collect();
        Self {
            lifetimes,
            cores: cores.iter().copied().map(Some).collect(),
            bounds: ends.into_iter().map(|(moment, _, _)| moment).collect(),
            gaps,
            depth,
            unopened: LeastTree::new(&began),
            unclosed: LeastTree::new(&vec![ABSENT; cores.len()]),
        }
    }

    /// Peels until nothing is left. Otherwise the cores of a layer that has no bottom, by start.
    fn peel(&mut self) -> Option<Vec<Stretch>> {
        let mut stretches = vec![(0, self.bounds.len())];
        while let Some((from, to)) = stretches.pop() {
            let Some(start) = self.depth.first_positive(from, to) else { continue };
            let end = self.depth.first_zero(start, to).unwrap_or(to);
            if end < to {
                stretches.push((end, to));
            }
            let first = self.gaps.partition_point(|&(gap, _)| gap < start);
            let last = self.gaps.partition_point(|&(gap, _)| gap < end);
            if !self.peel_bottoms((first, last), (self.bounds[start], self.bounds[end])) {
                let layer = self.cores[first..last].iter().flatten();
                return Some(layer.copied().collect());
            }
            if !planted(Bug::StackStopAtFirstLayer) {
                stretches.push((start, end));
            }
        }
        None
    }

    /// Peels off the bottoms of the layer of these cores. Whether there was one.
    fn peel_bottoms(&mut self, (first, last): (usize, usize), (s, t): (Moment, Moment)) -> bool {
        let opens = if planted(Bug::StackForgetEarlyPush) { ABSENT } else { s };
        while let Some(place) = self.unopened.below(first, last, opens) {
            self.unopened.set(place, ABSENT);
            let core = self.cores[place].expect("only what is not peeled off has a key");
            self.unclosed.set(place, self.closing(core));
        }
        let closes = if planted(Bug::StackForgetLatePop) { ABSENT } else { !t + 1 };
        let mut found = false;
        while let Some(place) = self.unclosed.below(first, last, closes) {
            found = true;
            self.unclosed.set(place, ABSENT);
            self.cores[place] = None;
            let (from, to) = self.gaps[place];
            self.depth.add(from, to, -1);
        }
        found
    }

    /// A key that is the less, the later the element may be taken out.
    fn closing(&self, core: Stretch) -> u64 {
        !self.lifetimes.elements[core.tag].taken_by()
    }
}

#[cfg(test)]
mod tests;

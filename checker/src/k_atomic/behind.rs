//! Which values were certainly newer than the one that a read returned.

use super::values::RegisterValues;
use crate::plant::{Bug, planted};

/// How far a read is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Behind {
    /// How many values were certainly newer.
    pub(super) versions: u32,
    /// The one of them that was known first.
    pub(super) first: Option<usize>,
}

/// For each read of a register, how far it is behind. O(n log n).
pub(super) fn behind(register: &RegisterValues) -> Vec<Behind> {
    let values = &register.values;
    // The later a write began, the lower its place.
    let mut by_begun: Vec<usize> = (0..values.len()).collect();
    by_begun.sort_unstable_by_key(|&at| std::cmp::Reverse(values[at].begun));
    let mut place = vec![0; values.len()];
    by_begun.iter().enumerate().for_each(|(at, &value)| place[value] = at);
    let mut by_known: Vec<usize> = (0..values.len()).collect();
    by_known.sort_unstable_by_key(|&at| values[at].known);
    let mut reads: Vec<usize> = (0..register.reads.len()).collect();
    reads.sort_unstable_by_key(|&at| register.reads[at].begun);

    let mut known = KnownValues::new(values.len());
    let mut next = by_known.iter().enumerate().peekable();
    let mut behind = vec![Behind::default(); reads.len()];
    for at in reads {
        let read = register.reads[at];
        while let Some((order, &value)) =
            next.next_if(|&(_, &value)| values[value].known < read.begun)
        {
            known.add(place[value], order);
        }
        let since = values[read.value].known;
        let newer = by_begun.partition_point(|&value| values[value].begun > since);
        let (versions, first) = known.below(newer);
        let versions = if planted(Bug::BehindCountsTwice) { 2 * versions } else { versions };
        behind[at] = Behind { versions, first: first.map(|order| by_known[order]) };
    }
    behind
}

/// A Fenwick tree over the places of values, of those that are known.
struct KnownValues {
    count: Vec<u32>,
    first: Vec<usize>,
}

impl KnownValues {
    fn new(size: usize) -> Self {
        Self { count: vec![0; size + 1], first: vec![usize::MAX; size + 1] }
    }

    /// Adds the value at `place`, which became known in this `order`.
    fn add(&mut self, place: usize, order: usize) {
        let mut at = place + 1;
        while at < self.count.len() {
            self.count[at] += 1;
            self.first[at] = self.first[at].min(order);
            at += at & at.wrapping_neg();
        }
    }

    /// How many there are below `place`, and which of them became known first.
    fn below(&self, place: usize) -> (u32, Option<usize>) {
        let (mut count, mut first, mut at) = (0, usize::MAX, place);
        while at > 0 {
            count += self.count[at];
            first = first.min(self.first[at]);
            at &= at - 1;
        }
        (count, (count > 0).then_some(first))
    }
}

//! A counter that replicas can merge (PN-counter: Shapiro et al., SSS 2011).

use serde::{Deserialize, Serialize};

use crate::store::Fnv;
use crate::{Incarnation, NodeId, Value};

/// The totals that one incarnation of a coordinator has added and subtracted. Only it raises these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The coordinator.
    pub node: NodeId,
    /// Its incarnation: the next life begins a share of its own, as it may have forgotten this one.
    pub incarnation: Incarnation,
    /// The sum of its positive amounts.
    pub up: u64,
    /// The sum of its negative amounts, without the sign.
    pub down: u64,
}

impl Share {
    /// The share of a life that has added nothing.
    pub(super) fn new(node: NodeId, incarnation: Incarnation) -> Self {
        Self { node, incarnation, up: 0, down: 0 }
    }

    /// Adds an amount.
    pub(super) fn add(&mut self, by: Value) {
        let side = if by < 0 { &mut self.down } else { &mut self.up };
        *side = side.wrapping_add(by.unsigned_abs());
    }

    fn owner(&self) -> (NodeId, Incarnation) {
        (self.node, self.incarnation)
    }
}

/// The shares of all lives of all coordinators, in the order of their owners.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PnCounter(Vec<Share>);

impl PnCounter {
    /// A counter to which one coordinator has added.
    pub(super) fn of(share: Share) -> Self {
        Self(vec![share])
    }

    /// Takes the greater numbers of each share; `false` if that changed nothing. O(shares).
    pub(super) fn join(&mut self, other: &Self) -> bool {
        self.combine(other, |mine, theirs| {
            mine.up = mine.up.max(theirs.up);
            mine.down = mine.down.max(theirs.down);
        })
    }

    /// The planted bug: adds the numbers of each share.
    pub(super) fn merge_by_adding(&mut self, other: &Self) -> bool {
        self.combine(other, |mine, theirs| {
            mine.up = mine.up.wrapping_add(theirs.up);
            mine.down = mine.down.wrapping_add(theirs.down);
        })
    }

    fn combine(&mut self, other: &Self, both: impl Fn(&mut Share, &Share)) -> bool {
        let mut changed = false;
        for share in &other.0 {
            match self.0.binary_search_by_key(&share.owner(), Share::owner) {
                Ok(at) => {
                    let before = self.0[at];
                    both(&mut self.0[at], share);
                    changed |= self.0[at] != before;
                }
                Err(at) => {
                    self.0.insert(at, *share);
                    changed = true;
                }
            }
        }
        changed
    }

    /// What it counts. Wraps at the ends of 64 bits.
    pub(super) fn sum(&self) -> Value {
        let all = self.0.iter().map(|share| share.up.wrapping_sub(share.down));
        all.fold(0_u64, u64::wrapping_add).cast_signed()
    }

    pub(super) fn hash_into(&self, hash: &mut Fnv) {
        for Share { node, incarnation, up, down } in &self.0 {
            for number in [u64::from(node.0), *incarnation, *up, *down] {
                hash.number(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(node: u16, incarnation: Incarnation, amounts: &[Value]) -> Share {
        let mut share = Share::new(NodeId(node), incarnation);
        for &by in amounts {
            share.add(by);
        }
        share
    }

    #[test]
    fn a_later_share_replaces_an_earlier_one_and_a_new_life_adds_to_the_old() {
        let mut counter = PnCounter::of(share(1, 1, &[5]));
        assert!(counter.join(&PnCounter::of(share(1, 1, &[5, -2]))));
        assert!(!counter.join(&PnCounter::of(share(1, 1, &[5]))), "it came late");
        assert_eq!(counter.sum(), 3);
        assert!(counter.join(&PnCounter::of(share(1, 2, &[4]))));
        assert!(counter.join(&PnCounter::of(share(2, 1, &[-9]))));
        assert_eq!(counter.sum(), -2);
    }

    #[test]
    fn merging_by_adding_counts_too_much() {
        let mut counter = PnCounter::of(share(1, 1, &[5]));
        assert!(counter.merge_by_adding(&PnCounter::of(share(1, 1, &[5, 1]))));
        assert_eq!(counter.sum(), 11);
    }
}

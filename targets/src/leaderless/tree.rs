//! A hash tree over the keys of a replica (Merkle, CRYPTO 1987), as anti-entropy compares it.
//!
//! Keys fall into 256 leaves by a hash of their name. The hash of a range of leaves is the sum of
//! the hashes of what is held under its keys, so it does not depend on their order, and the sum over
//! those keys that two replicas share needs no tree of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Item;
use crate::Key;
use crate::store::Fnv;

/// Ranges below a range.
const FANOUT: u16 = 16;
/// How deep the leaves are.
const LEAF_DEPTH: u8 = 2;

/// Some of the leaves: all, a sixteenth of them, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// 0: all leaves; 2: one leaf.
    depth: u8,
    /// Which of those of its depth.
    place: u16,
}

impl Range {
    /// All leaves.
    pub(super) const ALL: Self = Self { depth: 0, place: 0 };

    pub(super) fn is_leaf(self) -> bool {
        self.depth >= LEAF_DEPTH
    }

    /// The ranges below this one, in order; none below a leaf.
    pub(super) fn below(self) -> impl Iterator<Item = Self> {
        let first = self.place.saturating_mul(FANOUT);
        let places = if self.is_leaf() { 0..0 } else { first..first.saturating_add(FANOUT) };
        places.map(move |place| Self { depth: self.depth + 1, place })
    }

    fn holds(self, leaf: u16) -> bool {
        let above = LEAF_DEPTH.saturating_sub(self.depth);
        leaf / FANOUT.pow(u32::from(above)) == self.place
    }
}

/// What the hash of a key covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    /// Its name, and what is held under it.
    Items,
    /// The planted bug: its name.
    Names,
}

/// The hashes of what a replica holds.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    covers: Covers,
    /// Each key's leaf, and the hash of what is held under it.
    hashes: BTreeMap<Key, (u16, u64)>,
    /// Keys whose hash is out of date.
    stale: BTreeSet<Key>,
}

impl Tree {
    /// Of a replica that holds nothing.
    pub(super) fn new(covers: Covers) -> Self {
        Self { covers, hashes: BTreeMap::new(), stale: BTreeSet::new() }
    }

    /// Notes that what is held under `key` has changed.
    pub(super) fn touch(&mut self, key: &Key) {
        self.stale.insert(key.clone());
    }

    /// Brings the hashes up to date. O(1) for each byte of a key that has changed.
    pub(super) fn refresh(&mut self, store: &BTreeMap<Key, Item>) {
        while let Some(key) = self.stale.pop_first() {
            let Some(item) = store.get(&key) else { continue };
            let mut hash = Fnv::default();
            hash.bytes(key.as_bytes());
            let leaf = u16::try_from(hash.0 % 256).unwrap_or(0);
            if self.covers == Covers::Items {
                item.hash_into(&mut hash);
            }
            self.hashes.insert(key, (leaf, hash.0));
        }
    }

    /// The hash of a range, over the keys that `shares` accepts.
    pub(super) fn sum(&self, range: Range, shares: impl Fn(&Key) -> bool) -> u64 {
        let within = self.within(range).filter(|(key, _)| shares(key));
        within.fold(0, |sum, (_, hash)| sum.wrapping_add(hash))
    }

    /// The keys of a range, in order.
    pub(super) fn keys(&self, range: Range) -> impl Iterator<Item = &Key> {
        self.within(range).map(|(key, _)| key)
    }

    fn within(&self, range: Range) -> impl Iterator<Item = (&Key, u64)> {
        let in_range = move |(_, (leaf, _)): &(&Key, &(u16, u64))| range.holds(*leaf);
        self.hashes.iter().filter(in_range).map(|(key, &(_, hash))| (key, hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_below_a_range_hold_its_leaves_and_no_others() {
        let mut at = vec![Range::ALL];
        for _ in 0..LEAF_DEPTH {
            let below: Vec<Range> = at.iter().flat_map(|range| range.below()).collect();
            for leaf in 0..256 {
                assert_eq!(below.iter().filter(|range| range.holds(leaf)).count(), 1, "{leaf}");
            }
            for (above, range) in at.iter().flat_map(|it| it.below().map(move |low| (it, low))) {
                assert!((0..256).all(|leaf| !range.holds(leaf) || above.holds(leaf)));
            }
            at = below;
        }
        assert!(at.iter().all(|range| range.is_leaf() && range.below().next().is_none()));
        assert_eq!(at.len(), 256);
    }

    #[test]
    fn a_hash_changes_with_what_is_held_and_not_with_the_order_of_changes() {
        let set = |elements: &[i64]| Item::Set(elements.iter().copied().collect());
        let tree = |items: &[(&str, &[i64])]| {
            let mut tree = Tree::new(Covers::Items);
            let mut store = BTreeMap::new();
            for &(key, elements) in items {
                store.insert(Key::from(key), set(elements));
                tree.touch(&Key::from(key));
                tree.refresh(&store);
            }
            tree.sum(Range::ALL, |_| true)
        };
        let one = tree(&[("a", &[1]), ("b", &[2])]);
        assert_eq!(one, tree(&[("b", &[2]), ("a", &[3]), ("a", &[1])]));
        assert_ne!(one, tree(&[("a", &[2]), ("b", &[1])]));
        assert_ne!(one, tree(&[("a", &[1])]));
    }
}

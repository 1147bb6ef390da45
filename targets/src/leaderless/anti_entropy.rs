//! Anti-entropy: replicas compare hashes of what they share, and send each other what differs.
//!
//! After Dynamo (`DeCandia` et al., SOSP 2007). Every second a node asks each other member whether
//! the keys that both are replicas of have the same hash. Where they have not, the two go down the
//! tree of hashes, and exchange the items of the leaves that differ:
//!
//! ```text
//! Compare ─┬─ Same                          equal
//!          └─ Branch ─ Branch ─ Leaf ─ Store  different: all, a sixteenth, a leaf, its items
//! ```
//!
//! Items are joined, so an exchange that is late, lost or repeated does no harm. Hashes are hints
//! only: two different stores of equal hash (one pair in 2^64) stay apart until one of them changes.

use super::node::{Out, Timer};
use super::tree::Range;
use super::{Item, Leaderless, Message, OperationId};
use crate::{Key, Nanos, NodeId};

/// How often a node compares itself with others.
const COMPARE_EVERY: Nanos = 1_000_000_000;

impl Leaderless {
    pub(super) fn start_anti_entropy(&mut self, out: &mut Out<'_>) {
        if self.config.anti_entropy {
            // What its disk holds was hashed by nobody yet.
            self.store.keys().for_each(|key| self.tree.touch(key));
            out.set_timer(Timer::AntiEntropy, COMPARE_EVERY);
        }
    }

    /// Notes that what is held under `key` has changed.
    pub(super) fn note_change(&mut self, key: &Key) {
        if self.config.anti_entropy {
            self.changes += 1;
            self.tree.touch(key);
        }
    }

    /// Compares itself with every member that has not been found equal since the last change.
    pub(super) fn compare(&mut self, out: &mut Out<'_>) {
        self.tree.refresh(&self.store);
        let round = OperationId { incarnation: self.incarnation, number: self.changes };
        for &node in &self.members {
            if node != self.me && !self.is_equal_to(node) {
                let hash = self.hash_shared_with(node, Range::ALL);
                // A hash makes nobody rely on what it stands for.
                out.send_without_waiting_for_disk(node, Message::Compare { round, hash });
            }
        }
        out.set_timer(Timer::AntiEntropy, COMPARE_EVERY);
    }

    pub(super) fn on_compare(
        &mut self,
        from: NodeId,
        round: OperationId,
        hash: u64,
        out: &mut Out<'_>,
    ) {
        self.tree.refresh(&self.store);
        if self.hash_shared_with(from, Range::ALL) == hash {
            out.send(from, Message::Same { round });
        } else {
            self.send_branch(from, Range::ALL, out);
        }
    }

    pub(super) fn on_same(&mut self, from: NodeId, round: OperationId) {
        if let Some(changes) = self.in_this_life(round) {
            let equal = self.equal.entry(from).or_default();
            *equal = (*equal).max(changes);
        }
    }

    /// Goes down where hashes differ: to the ranges below, or to the items of a leaf.
    pub(super) fn on_branch(
        &mut self,
        from: NodeId,
        range: Range,
        hashes: &[u64],
        out: &mut Out<'_>,
    ) {
        self.tree.refresh(&self.store);
        let differs = |(below, hash): &(Range, &u64)| self.hash_shared_with(from, *below) != **hash;
        for (below, _) in range.below().zip(hashes).filter(differs) {
            if below.is_leaf() {
                let items = self.items_shared_with(from, below);
                out.send(from, Message::Leaf { leaf: below, items });
            } else {
                self.send_branch(from, below, out);
            }
        }
    }

    /// Takes what another replica holds in a leaf, and sends back what it lacks.
    pub(super) fn on_leaf(
        &mut self,
        from: NodeId,
        leaf: Range,
        items: Vec<(Key, Item)>,
        out: &mut Out<'_>,
    ) {
        let mine = self.items_shared_with(from, leaf);
        for (key, item) in mine {
            let theirs = items.iter().find(|(theirs, _)| *theirs == key);
            let lacks = theirs.is_none_or(|(_, held)| held.clone().join(&item));
            if lacks {
                out.send(from, Message::Store { operation: None, key, item });
            }
        }
        for (key, item) in items {
            if self.is_replica(self.me, &key) {
                self.hold(key, item, out);
            }
        }
    }

    /// Whether every member was found equal since the last change; always without anti-entropy.
    pub(super) fn is_equal_to_all(&self) -> bool {
        let mut others = self.members.iter().filter(|&&node| node != self.me);
        !self.config.anti_entropy || others.all(|&node| self.is_equal_to(node))
    }

    fn is_equal_to(&self, node: NodeId) -> bool {
        self.equal.get(&node) == Some(&self.changes)
    }

    fn send_branch(&self, to: NodeId, range: Range, out: &mut Out<'_>) {
        let hashes = range.below().map(|below| self.hash_shared_with(to, below)).collect();
        out.send_without_waiting_for_disk(to, Message::Branch { range, hashes });
    }

    fn hash_shared_with(&self, node: NodeId, range: Range) -> u64 {
        self.tree.sum(range, |key| self.is_replica(node, key))
    }

    fn items_shared_with(&self, node: NodeId, range: Range) -> Vec<(Key, Item)> {
        let shared = self.tree.keys(range).filter(|key| self.is_replica(node, key));
        let held = |key: &Key| Some((key.clone(), self.store.get(key)?.clone()));
        shared.filter_map(held).collect()
    }
}

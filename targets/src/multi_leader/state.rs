//! What a leader holds: every update of each origin up to some number, and what they make.

use std::collections::BTreeMap;

use super::bugs::{APPLIED_AGAIN, ARRIVAL_WINS};
use super::{Update, VersionVector};
use crate::{Answer, Bugs, Digest, Key, KvOp, Nanos, NodeId, Store};

/// The updates that a leader holds, and the store that they make.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Of each origin, update `n` at index `n - 1`.
    updates: BTreeMap<NodeId, Vec<Update>>,
    store: Store,
    /// The stamp and the origin of the write that each register shows.
    stamps: BTreeMap<Key, (Nanos, NodeId)>,
}

impl State {
    /// How many updates of `origin` are held.
    pub(super) fn of(&self, origin: NodeId) -> u64 {
        self.updates.get(&origin).map_or(0, |updates| updates.len() as u64)
    }

    /// How many of each origin.
    pub(super) fn held(&self) -> VersionVector {
        self.updates.iter().map(|(&origin, updates)| (origin, updates.len() as u64)).collect()
    }

    /// The stamp of the last update of `origin`; 0 if there is none.
    pub(super) fn last_stamp(&self, origin: NodeId) -> Nanos {
        self.updates.get(&origin).and_then(|updates| updates.last()).map_or(0, |last| last.stamp)
    }

    /// The updates of `origin` after the first `number`.
    pub(super) fn after(&self, origin: NodeId, number: u64) -> &[Update] {
        let updates = self.updates.get(&origin).map_or(&[][..], Vec::as_slice);
        &updates[usize::try_from(number).unwrap_or(usize::MAX).min(updates.len())..]
    }

    /// Takes an update if it is the next of its origin; `false` if it is not.
    pub(super) fn take(&mut self, update: &Update, bugs: &mut Bugs) -> bool {
        let held = self.of(update.origin);
        if update.number == held + 1 {
            self.apply(update, bugs);
            self.updates.entry(update.origin).or_default().push(update.clone());
            return true;
        }
        let again = update.number <= held && matches!(update.op, KvOp::Increment { .. });
        if again && bugs.hit(APPLIED_AGAIN) {
            self.store.apply(&update.op);
        }
        false
    }

    fn apply(&mut self, update: &Update, bugs: &mut Bugs) {
        if let KvOp::Put { key, .. } = &update.op {
            let stamp = (update.stamp, update.origin);
            let loses = self.stamps.get(key).is_some_and(|&shown| shown > stamp);
            if loses && !bugs.hit(ARRIVAL_WINS) {
                return;
            }
            self.stamps.insert(key.clone(), stamp);
        }
        self.store.apply(&update.op);
    }

    /// Answers a read.
    pub(super) fn read(&self, op: &KvOp) -> Answer {
        self.store.read(op)
    }

    /// A hash of what reads show.
    pub(super) fn digest(&self) -> Digest {
        self.store.digest()
    }
}

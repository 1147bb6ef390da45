//! A replica's side: hold items, and say what is held.

use super::bugs::{
    ACK_BEFORE_FSYNC, COUNTER_MERGE_ADDS, DROP_SIBLING, MERKLE_HASHES_NAMES,
    READ_EXPOSES_UNDURABLE, REMOVE_ALL, SET_UNION, UNCONDITIONAL_APPLY,
};
use super::node::Out;
use super::{Item, Leaderless, Message, OperationId, Record};
use crate::{Key, NodeId, TraceEvent};

impl Leaderless {
    pub(super) fn on_query(
        &mut self,
        from: NodeId,
        operation: OperationId,
        key: &Key,
        out: &mut Out<'_>,
    ) {
        // An answer makes others rely on what it says, so it waits for the disk like an
        // acknowledgement: a value that two replicas showed and then lost was read, yet is gone.
        let message = Message::Queried { operation, item: self.store.get(key).cloned() };
        if self.durable < self.persisted && self.bugs.hit(READ_EXPOSES_UNDURABLE) {
            return out.send_without_waiting_for_disk(from, message);
        }
        out.send(from, message);
    }

    pub(super) fn on_store(
        &mut self,
        from: NodeId,
        operation: Option<OperationId>,
        key: Key,
        item: Item,
        out: &mut Out<'_>,
    ) {
        self.hold(key, item, out);
        let Some(operation) = operation else { return };
        if self.durable < self.persisted && self.bugs.hit(ACK_BEFORE_FSYNC) {
            out.send_without_waiting_for_disk(from, Message::Stored { operation });
        } else {
            out.send(from, Message::Stored { operation });
        }
    }

    /// Joins `item` with what is held, in memory and on disk.
    pub(super) fn hold(&mut self, key: Key, item: Item, out: &mut Out<'_>) {
        self.seen = self.seen.max(item.counter());
        let mut was_there = true;
        let changed = match (self.store.get_mut(&key), &item) {
            (None, _) => {
                self.store.insert(key.clone(), item.clone());
                was_there = false;
                true
            }
            (Some(held), _) if *held != item && self.bugs.hit(UNCONDITIONAL_APPLY) => {
                *held = item.clone();
                true
            }
            (Some(Item::Counter(held)), Item::Counter(other))
                if self.bugs.hit(COUNTER_MERGE_ADDS) =>
            {
                held.merge_by_adding(other)
            }
            (Some(Item::Siblings(held)), Item::Siblings(other)) if self.bugs.has(DROP_SIBLING) => {
                let changed = held.join(other);
                if held.drop_all_but_the_last() {
                    self.bugs.hit(DROP_SIBLING);
                }
                changed
            }
            (Some(Item::OrSet(held)), Item::OrSet(other)) if self.bugs.has(REMOVE_ALL) => {
                let dropped = held.remove_unobserved(other) && self.bugs.hit(REMOVE_ALL);
                held.join(other) || dropped
            }
            (Some(Item::OrSet(held)), Item::OrSet(other)) if self.bugs.has(SET_UNION) => {
                let changed = held.join(other);
                let back = held.take_all(other) && self.bugs.hit(SET_UNION);
                changed || back
            }
            (Some(held), _) => held.join(&item),
        };
        if changed {
            if let Item::Register { version, .. } = &item {
                let version = (version.counter, version.node, version.incarnation);
                out.trace(TraceEvent::Holds { key: key.clone(), version });
            }
            if was_there {
                self.bugs.hit(MERKLE_HASHES_NAMES); // An overwrite that no hash shows.
            }
            self.note_change(&key);
            self.persisted = out.persist(Record { key, item, hint_for: None });
        }
    }
}

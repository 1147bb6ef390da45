//! The calls in flight of a simulated cluster's clients.

use rashomon_targets::{Caller, Key, NodeId, Tokens};
use rashomon_workloads::OpKind;

use crate::world::CallId;

/// A call in flight.
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) kind: OpKind,
    pub(super) caller: Caller,
    /// What its reply gives to the caller, and about which key.
    pub(super) given: Option<(Option<Key>, Tokens)>,
    /// The node that has taken it, and in which of its lives.
    pub(super) taken_by: Option<(NodeId, u64)>,
}

/// All calls in flight, by slot: a process has one at a time. O(1) each.
#[derive(Default)]
pub(super) struct Calls {
    slots: Vec<Option<Call>>,
}

impl Calls {
    /// Adds one. Nothing is in flight in its slot.
    pub(super) fn insert(&mut self, call: Call) {
        let slot = call.id.slot();
        if slot >= self.slots.len() {
            self.slots.resize_with(slot + 1, || None);
        }
        self.slots[slot] = Some(call);
    }

    pub(super) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.slots.get_mut(id.slot())?.as_mut().filter(|call| call.id == id)
    }

    pub(super) fn remove(&mut self, id: CallId) -> Option<Call> {
        self.slots.get_mut(id.slot())?.take_if(|call| call.id == id)
    }

    /// Those that a node has taken in this one of its lives, in the order of their names. O(slots).
    pub(super) fn taken_by(&self, node: NodeId, incarnation: u64) -> Vec<CallId> {
        let taken = |call: &&Call| call.taken_by == Some((node, incarnation));
        let mut names: Vec<CallId> =
            self.slots.iter().flatten().filter(taken).map(|call| call.id).collect();
        names.sort_unstable();
        names
    }
}

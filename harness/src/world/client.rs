//! The part of a world that sends an operation to a node, and returns its reply.

use rashomon_targets::{Caller, NodeId};
use rashomon_workloads::Op;

/// An operation on its way to a node, unique within a run: a number that grows, and the slot of its
/// process, by which worlds find it without a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// How many of its bits the slot has.
const SLOT_BITS: u32 = 24;

impl CallId {
    /// The call of this number, of the process in `slot`. A run has fewer than 2^24 slots.
    pub(crate) fn new(number: u64, slot: usize) -> Self {
        debug_assert!(slot < 1 << SLOT_BITS, "settings allow fewer processes");
        Self(number << SLOT_BITS | slot as u64)
    }

    /// The slot of its process, which has one call at a time.
    pub(crate) fn slot(self) -> usize {
        (self.0 & ((1 << SLOT_BITS) - 1)) as usize
    }
}

/// Carries operations to nodes.
pub(crate) trait Client {
    /// Sends an operation of `caller` to a node. One reply comes, unless the call is abandoned. The
    /// tokens of the reply are sent with the caller's next operation.
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op);

    /// Stops waiting for a reply. The operation may still take effect.
    fn abandon(&mut self, call: CallId);
}

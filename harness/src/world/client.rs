//! The part of a world that carries an operation to a node, and an honest reply back.

use rashomon_targets::{Caller, NodeId};
use rashomon_workloads::Op;

/// An operation on its way to a node, unique within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// Carries operations to nodes.
pub(crate) trait Client {
    /// Asks a node for what `caller` wants. One reply comes, unless the call is abandoned. What the
    /// reply gives to the caller comes with what it asks next.
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op);

    /// Stops waiting for a reply. What was asked may still be done.
    fn abandon(&mut self, call: CallId);
}

//! The part of a world that sends an operation to a node, and returns its reply.

use rashomon_targets::{Caller, NodeId};
use rashomon_workloads::Op;

/// An operation on its way to a node, unique within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// Carries operations to nodes.
pub(crate) trait Client {
    /// Sends an operation of `caller` to a node. One reply comes, unless the call is abandoned. The
    /// tokens of the reply are sent with the caller's next operation.
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op);

    /// Stops waiting for a reply. The operation may still take effect.
    fn abandon(&mut self, call: CallId);
}

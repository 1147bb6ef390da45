//! The part of a world that carries an operation to a node, and an honest reply back.

use rashomon_targets::NodeId;
use rashomon_workloads::Op;

/// An operation on its way to a node, unique within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// Carries operations to nodes.
pub(crate) trait Client {
    /// Asks a node. One reply comes, unless the call is abandoned.
    fn submit(&mut self, call: CallId, node: NodeId, op: &Op);

    /// Stops waiting for a reply. What was asked may still be done.
    fn abandon(&mut self, call: CallId);
}

//! The part of a world that starts and stops the processes of nodes. It never talks to them.

use rashomon_targets::NodeId;

/// What a kill did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Killed {
    /// Records that were not durable, as far as the world can tell.
    pub(crate) records_lost: u64,
}

/// Starts and stops the processes of nodes.
pub(crate) trait Launcher {
    /// Kills a node, with all that is not durable. `None`: it was not alive.
    fn kill(&mut self, node: NodeId) -> Option<Killed>;

    /// Starts a killed node again, on what its disk kept.
    fn launch(&mut self, node: NodeId);

    /// Stops a node, which keeps its memory. `false`: it was not running.
    fn pause(&mut self, node: NodeId) -> bool;

    /// Has a stopped node go on.
    fn resume(&mut self, node: NodeId);

    /// How many inputs, since the start of the run, came to this node while it was stopped.
    fn stalled(&self, node: NodeId) -> u64;
}

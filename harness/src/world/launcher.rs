//! The part of a world that starts and stops the processes of nodes, and administers them on a way that
//! no fault touches.

use rashomon_targets::{Admin, AdminRefused, NodeId};

/// What a kill did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Killed {
    /// Records that were not durable, as far as the world can tell.
    pub(crate) records_lost: u64,
}

/// What came of an administrator's wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Administered {
    /// It is done.
    Done,
    /// The node refused, and nothing was done.
    Refused(AdminRefused),
    /// The node is dead, stopped or silent. Nobody knows whether a silent one has done it.
    Unreached,
    /// This world has no such way to a node: it knows only what clients may ask.
    NoWay,
}

/// Starts and stops the processes of nodes, and administers them.
pub(crate) trait Launcher {
    /// Kills a node, with all that is not durable. `None`: it was not alive.
    fn kill(&mut self, node: NodeId) -> Option<Killed>;

    /// Starts a killed node again, on what its disk kept.
    fn launch(&mut self, node: NodeId);

    /// Stops a node, which keeps its memory. `false`: it was not running.
    fn pause(&mut self, node: NodeId) -> bool;

    /// Has a stopped node go on.
    fn resume(&mut self, node: NodeId);

    /// Has a node do what an administrator asks.
    #[cfg_attr(not(test), expect(dead_code, reason = "for faults of clocks and of leadership"))]
    fn administer(&mut self, node: NodeId, admin: Admin) -> Administered;

    /// How many inputs, since the start of the run, came to this node while it was stopped.
    fn stalled(&self, node: NodeId) -> u64;
}

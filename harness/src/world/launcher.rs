//! The part of a world that starts and stops the processes of nodes, and administers them over a
//! connection that no fault affects.

use std::time::{Duration, Instant};

use rashomon_targets::{Admin, AdminRefused, NodeId, Pace};

/// What a kill did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Killed {
    /// Records that were not durable, as far as the world can tell.
    pub(crate) records_lost: u64,
}

/// The result of an administrative request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Administered {
    /// It is done.
    Done,
    /// The node refused, and nothing was done.
    Refused(AdminRefused),
    /// The node is dead, paused or silent. It is unknown whether a silent one has done it.
    Unreached,
    /// This world cannot administer nodes: it only has their client interface.
    NoWay,
}

/// Starts and stops the processes of nodes, and administers them.
pub(crate) trait Launcher {
    /// Kills a node, with all records that are not durable. `None`: it was not alive.
    fn kill(&mut self, node: NodeId) -> Option<Killed>;

    /// Starts a killed node again, on what its disk kept.
    fn launch(&mut self, node: NodeId);

    /// Stops a node, which keeps its memory. `false`: it was not running.
    fn pause(&mut self, node: NodeId) -> bool;

    /// Continues a paused node.
    fn resume(&mut self, node: NodeId);

    /// Has a node do what an administrator asks.
    ///
    /// A clock belongs to the machine, not to the process: as it was set last, it is after a restart.
    /// That of a node which is [`Administered::Unreached`] is set when the node goes on.
    fn administer(&mut self, node: NodeId, admin: Admin) -> Administered;

    /// How many inputs, since the start of the run, came to this node while it was stopped.
    fn stalled(&self, node: NodeId) -> u64;
}

/// The deadline for nodes that start now.
pub(crate) fn ready_until(pace: Pace) -> Instant {
    Instant::now() + Duration::from_nanos(pace.ready_within)
}

/// The error for a node that was not ready in time: what it lacked, the time allowed, the end of
/// its log, and what to do.
pub(crate) fn not_ready(missing: &str, pace: Pace, last_words: &str) -> anyhow::Error {
    let waited = humantime::format_duration(Duration::from_nanos(pace.ready_within));
    anyhow::anyhow!(
        "{missing} within {waited} of its start; the end of its log: {last_words}; if it only needs \
         more time, give --ready-within TIME (for a node of your own: ready_within in its profile's pace)"
    )
}

//! What the faults of a plan are drawn for.

use rashomon_checker::Time;
use rashomon_targets::{FaultKind, NodeId};
use rashomon_workloads::Rng;

use super::Victim;

/// What a plan may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultMenu {
    /// Kinds of fault; each occurs if there is time.
    pub(crate) kinds: Vec<FaultKind>,
    /// The nodes, in ascending order.
    pub(crate) nodes: Vec<NodeId>,
    /// Whether one of them is primary, and so worth aiming at.
    pub(crate) has_primary: bool,
    /// How long the load lasts.
    pub(crate) lasts: Time,
}

/// The primary half of the time, where there is one; else any node.
pub(super) fn victim(rng: &mut Rng, menu: &FaultMenu) -> Victim {
    if menu.has_primary && rng.below(2) == 0 {
        Victim::Primary
    } else {
        Victim::Node(menu.nodes[rng.index(menu.nodes.len())])
    }
}

//! What the faults of a plan are drawn for.

use rashomon_checker::Time;
use rashomon_targets::{FaultKind, NodeId};
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::Victim;

/// Who chose the kinds of fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FaultChoice {
    /// They were named: each plan has all of them.
    #[default]
    Named,
    /// They were not: a plan may have some of them only, or none.
    Unnamed,
}

impl FaultChoice {
    /// Whether they were named.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) fn is_named(&self) -> bool {
        *self == Self::Named
    }
}

/// Which topologies drawn partitions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topologies {
    /// Two sides, one of which may be a single node: every protocol sends something across.
    TwoSides,
    /// All there are. Some of them leave links that a protocol may never use.
    All,
}

/// What a plan may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultMenu {
    /// Kinds of fault.
    pub(crate) kinds: Vec<FaultKind>,
    /// Who chose them.
    pub(crate) choice: FaultChoice,
    /// The nodes, in ascending order.
    pub(crate) nodes: Vec<NodeId>,
    /// Whether one of them is primary, and so worth aiming at.
    pub(crate) has_primary: bool,
    /// The node that faults on single nodes strike, if it is settled.
    pub(crate) focus: Option<Victim>,
    /// Which topologies partitions have.
    pub(crate) topologies: Topologies,
    /// How long the load lasts.
    pub(crate) lasts: Time,
}

/// The one that is settled; else the primary half of the time, where there is one; else any node.
pub(super) fn victim(rng: &mut Rng, menu: &FaultMenu) -> Victim {
    if let Some(victim) = menu.focus {
        victim
    } else if menu.has_primary && rng.below(2) == 0 {
        Victim::Primary
    } else {
        Victim::Node(menu.nodes[rng.index(menu.nodes.len())])
    }
}

/// The nodes in a random order.
pub(super) fn shuffled(rng: &mut Rng, nodes: &[NodeId]) -> Vec<NodeId> {
    let mut all = nodes.to_vec();
    for at in 0..all.len() {
        let other = at + rng.index(all.len() - at);
        all.swap(at, other);
    }
    all
}

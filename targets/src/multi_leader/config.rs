//! Settings of the multi-leader family.

use serde::{Deserialize, Serialize};

use crate::{Choice, NodeId, Operation};

/// Which leaders ship to which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topology {
    /// Each to every other.
    #[default]
    All,
    /// Each to the next.
    Ring,
    /// All to the first, and the first to all.
    Star,
}

impl Choice for Topology {
    const ALL: &'static [Self] = &[Self::All, Self::Ring, Self::Star];

    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Ring => "ring",
            Self::Star => "star",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::All => "Each leader sends its own updates to every other",
            Self::Ring => "Each leader sends all updates to the next",
            Self::Star => "The first leader receives all updates and sends them to the others",
        }
    }
}

impl Topology {
    /// The members that `me` sends updates to, in ascending order. `members` are in ascending order and include `me`.
    pub(super) fn ships_to(self, me: NodeId, members: &[NodeId]) -> Vec<NodeId> {
        let others = || members.iter().copied().filter(|&node| node != me).collect();
        match self {
            Self::All => others(),
            Self::Ring => {
                let next = members.iter().find(|&&node| node > me).or(members.first());
                next.copied().into_iter().filter(|&node| node != me).collect()
            }
            Self::Star if members.first() == Some(&me) => others(),
            Self::Star => members.first().copied().into_iter().collect(),
        }
    }

    /// Whether leaders ship what they received.
    pub(super) fn forwards(self) -> bool {
        match self {
            Self::All => false,
            Self::Ring | Self::Star => true,
        }
    }
}

/// The operations offered. No compare-and-set: two leaders that do not hear each other would both
/// find the value that they expect.
pub(super) const OFFERS: &[Operation] = &[
    Operation::Get,
    Operation::Put,
    Operation::Add,
    Operation::Elements,
    Operation::Increment,
    Operation::Count,
];

/// Settings of a multi-leader cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Which leaders ship to which.
    pub topology: Topology,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ships(topology: Topology, nodes: u16) -> Vec<Vec<u16>> {
        let members: Vec<NodeId> = (1..=nodes).map(NodeId).collect();
        let to = |&me: &NodeId| topology.ships_to(me, &members).iter().map(|node| node.0).collect();
        members.iter().map(to).collect()
    }

    #[test]
    fn each_topology_ships_along_its_own_lines() {
        assert_eq!(ships(Topology::All, 3), [vec![2, 3], vec![1, 3], vec![1, 2]]);
        assert_eq!(ships(Topology::Ring, 3), [vec![2], vec![3], vec![1]]);
        assert_eq!(ships(Topology::Star, 3), [vec![2, 3], vec![1], vec![1]]);
    }

    #[test]
    fn a_leader_alone_ships_to_nobody() {
        for &topology in Topology::ALL {
            assert_eq!(ships(topology, 1), [Vec::new()], "{topology:?}");
        }
    }
}

//! A fault with known victims: all that a world receives of it.

use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use crate::disk::{Damage, DiskTrouble};

use super::{DirectedLink, SharedEffect, Stretch};

/// An action, and the nodes or links it strikes.
#[derive(Clone, Debug)]
pub(crate) enum Strike {
    /// Something happens on these links.
    Links {
        /// Which.
        links: Vec<DirectedLink>,
        /// What.
        effect: SharedEffect,
    },
    /// The links of one node after another hold what is sent on them.
    Swizzle {
        /// The nodes, as they are clogged.
        order: Vec<NodeId>,
        /// The nodes, as they are freed.
        back: Vec<NodeId>,
        /// What holds it.
        effect: SharedEffect,
    },
    /// These nodes die.
    Kill(Vec<NodeId>),
    /// This node stops.
    Pause(NodeId),
    /// This node stops and goes by turns.
    Slow {
        /// Which.
        node: NodeId,
        /// How long it stops at a time.
        stops: Stretch,
        /// How long it goes then.
        goes: Stretch,
    },
    /// Something is wrong with the disk of this node.
    Disk {
        /// Whose.
        node: NodeId,
        /// What.
        trouble: DiskTrouble,
    },
    /// This node dies, its disk is damaged, and it is started on that.
    Damage {
        /// Which.
        node: NodeId,
        /// How.
        damage: Damage,
    },
    /// This node is no member from now on.
    Remove {
        /// Which.
        node: NodeId,
        /// What becomes of what it holds.
        data: Data,
    },
    /// The wall clock of this node jumps to and fro.
    Strobe {
        /// Whose.
        node: NodeId,
        /// How far ahead of the true time it is every other time, in nanoseconds.
        ahead: i64,
        /// How long it stays as it is.
        every: Stretch,
    },
    /// The clocks of this node run at another rate.
    SetRate {
        /// Whose.
        node: NodeId,
        /// How much they gain, in millionths.
        gains: i32,
    },
    /// The wall clock of this node jumps.
    SetClock {
        /// Whose.
        node: NodeId,
        /// How far ahead of the true time it is then, in nanoseconds.
        ahead: i64,
    },
}

/// What becomes of what a node holds that is no member for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Data {
    /// It comes back with it.
    Kept,
    /// Another comes in its place, without data.
    Lost,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::kill::Kill;
    use crate::fault::partition::{Partition, Silence};
    use crate::fault::{Aim, Direction, Fault, Shape, Victim, Victims};

    fn nodes() -> Vec<NodeId> {
        (1..=3).map(NodeId).collect()
    }

    fn victims(fault: &Fault, primaries: &[NodeId]) -> Vec<NodeId> {
        fault.aim().victims(&nodes(), primaries)
    }

    #[test]
    fn a_fault_aimed_at_the_primary_strikes_the_one_there_is_and_nobody_where_there_is_none() {
        let kill = Fault::from(Kill { node: Victims::Primary });
        let struck = kill.strike(&nodes(), &[NodeId(2)]);
        let Some(Strike::Kill(killed)) = struck else { panic!("{kill} kills") };
        assert_eq!(killed, [NodeId(2)]);
        assert_eq!(victims(&kill, &[NodeId(2)]), [NodeId(2)]);
        assert!(kill.strike(&nodes(), &[]).is_none());
        assert_eq!(kill.aim(), Aim::One(Victim::Primary));
    }

    #[test]
    fn all_nodes_are_killed_at_once() {
        let kill = Fault::from(Kill { node: Victims::All });
        let Some(Strike::Kill(killed)) = kill.strike(&nodes(), &[]) else { panic!("{kill} kills") };
        assert_eq!((killed, victims(&kill, &[])), (nodes(), nodes()));
    }

    #[test]
    fn the_victims_of_a_cut_are_the_side_named() {
        let shape = Shape::Cut { side: vec![NodeId(1), NodeId(3)] };
        let cut = Partition { shape, direction: Direction::Out, effect: Silence::Drop }.into();
        assert_eq!(victims(&cut, &[NodeId(2)]), [NodeId(1), NodeId(3)]);
        let Some(Strike::Links { links, .. }) = cut.strike(&nodes(), &[]) else {
            panic!("{cut} strikes links")
        };
        assert_eq!(links, [(NodeId(1), NodeId(2)), (NodeId(3), NodeId(2))]);
    }
}

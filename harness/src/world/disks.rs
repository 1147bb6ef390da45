//! The part of a world that has faults strike the disks of nodes.

use rashomon_targets::NodeId;

use super::Administered;
use super::stdio::Pipes;
use crate::disk::{Damage, DiskCounts, DiskTrouble};

/// The files of a program are its own.
impl Disks for Pipes {}

/// Has faults strike disks. A disk belongs to the machine, not to the process: what is wrong with it stays wrong
/// after a restart.
///
/// A world that cannot do this strikes nothing.
pub(crate) trait Disks {
    /// From now on this is wrong with the disk of a node. That of a node which is [`Administered::Unreached`] is so
    /// when the node goes on.
    fn set_disk(&mut self, _node: NodeId, _trouble: DiskTrouble) -> Administered {
        Administered::NoWay
    }

    /// What the disk of a node has done in the troubles of this life of the node; nothing of a node that cannot be
    /// reached.
    fn disk(&mut self, _node: NodeId) -> DiskCounts {
        DiskCounts::default()
    }

    /// Damages what the disk of a dead node holds, and returns how many records it damaged. What is damaged by a
    /// [`Damage::Flip`] is kept as it was.
    fn damage(&mut self, _node: NodeId, _damage: Damage) -> u64 {
        0
    }

    /// Puts what was kept in the place of what is damaged, unless the node serves on that. A node that was just
    /// starting on it starts again.
    fn restore(&mut self, _node: NodeId) {}

    /// Whether a node has ended by itself, as what a fault did to its disk had it do, and was not launched since.
    fn has_fallen(&mut self, _node: NodeId) -> bool {
        false
    }
}

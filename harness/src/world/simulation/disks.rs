//! Faults of simulated disks.

use rashomon_results::Occurrence;
use rashomon_targets::{Node, NodeId, PersistId};
use rashomon_workloads::Rng;

use super::Simulation;
use super::lineage::Lineage;
use crate::chance::Decides;
use crate::disk::{Damage, DiskCounts, DiskTrouble, WriteFailure};
use crate::world::{Administered, Disks, Reply};

impl<N: Node> Disks for Simulation<N> {
    fn set_disk(&mut self, node: NodeId, trouble: DiskTrouble) -> Administered {
        let node = self.node(node);
        node.suffer(trouble);
        if node.state.is_some() { Administered::Done } else { Administered::Unreached }
    }

    fn disk(&mut self, node: NodeId) -> DiskCounts {
        let node = self.node(node);
        node.state.as_ref().map_or_else(DiskCounts::default, |_| node.disk_counts)
    }

    fn damage(&mut self, node: NodeId, damage: Damage) -> u64 {
        self.node(node).damage(damage)
    }

    fn restore(&mut self, node: NodeId) {
        self.node(node).is_damaged = false;
    }

    fn has_fallen(&mut self, node: NodeId) -> bool {
        self.node(node).has_fallen
    }
}

impl<N: Node> Simulation<N> {
    /// Kills a node, and says how many records it lost.
    pub(super) fn crash(&mut self, id: NodeId) -> u64 {
        let mut stream = || self.disks.next_u64();
        let life = self.nodes[usize::from(id.0) - 1].incarnation;
        let keep = match &mut self.lineage {
            None => stream(),
            Some(lineage) => {
                let cause = Lineage::of_life("crash", id, life);
                lineage.decide((Decides::Keep, cause), Rng::next_u64, stream)
            }
        };
        let kept = self.node(id).kept_of_killed(keep);
        self.end_process(id, kept)
    }

    /// A node's process ends, and this number of its records that are not durable survive.
    fn end_process(&mut self, id: NodeId, kept: u64) -> u64 {
        let node = self.node(id);
        let incarnation = node.incarnation;
        let lost = node.end(kept);
        if let Some(lineage) = &mut self.lineage {
            lineage.forgets(id);
        }
        self.trace
            .note(self.now, || Occurrence::Killed { node: id.to_string(), records_lost: lost });
        for call in self.calls.taken_by(id, incarnation) {
            let reply = Reply::Lost("connection reset".to_owned());
            self.reply_later(call, reply);
        }
        lost
    }

    /// How long a write of a node's disk takes longer than it would.
    pub(super) fn disk_delay(&mut self, id: NodeId) -> u64 {
        let node = self.node(id);
        let slow_by = node.trouble.slow_by;
        node.disk_counts.delayed += u64::from(slow_by > 0);
        slow_by
    }

    /// A write that covers records up to `last` fails, and the node ends.
    pub(super) fn fail_write(&mut self, id: NodeId, last: PersistId, failure: WriteFailure) {
        let kept = self.node(id).kept_of_failed(last, failure);
        self.end_process(id, kept);
        self.node(id).has_fallen = true;
    }
}

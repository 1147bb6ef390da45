//! Faults of the disks of child processes: what goes wrong with writes is done by the node itself, as its
//! administrator has it; what goes wrong while it is dead is done to its file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rashomon_targets::NodeId;

use super::Cluster;
use super::process::Death;
use crate::disk::{DISK_FAILED, Damage, DiskCounts, DiskTrouble, LOG_DAMAGED};
use crate::doubt::Whose;
use crate::node;
use crate::world::{Administered, Disks, Launcher};

/// What faults have done to the disks of a cluster.
#[derive(Debug, Default)]
pub(super) struct HurtDisks {
    /// What is wrong with them, where something was.
    troubles: BTreeMap<NodeId, DiskTrouble>,
    /// Those whose log is damaged, and kept as it was.
    damaged: BTreeSet<NodeId>,
    /// Nodes that have ended by themselves, as their disks had them do.
    fallen: BTreeSet<NodeId>,
}

impl HurtDisks {
    /// Whether a fault explains that a node has ended so. Then it has fallen.
    pub(super) fn explains(&mut self, node: NodeId, death: &Death) -> bool {
        let fails = self.troubles.get(&node).is_some_and(|trouble| trouble.fails.is_some());
        let is_explained = match death.code {
            Some(DISK_FAILED) => fails,
            Some(LOG_DAMAGED) => self.damaged.contains(&node),
            _ => false,
        };
        if is_explained {
            self.fallen.insert(node);
        }
        is_explained
    }

    /// Whether a node may refuse to start.
    pub(super) fn is_damaged(&self, node: NodeId) -> bool {
        self.damaged.contains(&node)
    }

    /// A node is started.
    pub(super) fn launched(&mut self, node: NodeId) {
        self.fallen.remove(&node);
    }
}

impl Disks for Cluster {
    fn set_disk(&mut self, node: NodeId, trouble: DiskTrouble) -> Administered {
        self.greet_ready();
        let told = self.tell_disk(node, trouble);
        // One that has ended meanwhile ended in its old trouble.
        self.note_deaths();
        self.disks.troubles.insert(node, trouble);
        told
    }

    fn disk(&mut self, node: NodeId) -> DiskCounts {
        let Some(url) = self.disk_url(node) else { return DiskCounts::default() };
        let asked = self.http.get(url).timeout(Duration::from_nanos(self.pace.look_within));
        let told = self.runtime.block_on(async { asked.send().await?.json::<DiskCounts>().await });
        told.unwrap_or_default()
    }

    fn damage(&mut self, node: NodeId, damage: Damage) -> u64 {
        let Some(process) = self.nodes.get(&node).filter(|process| !process.is_there()) else {
            return 0;
        };
        if self.disks.is_damaged(node) {
            return 0; // A second copy would be one of what is damaged.
        }
        let path = process.data();
        match node::damage(&path, damage) {
            Ok(damaged) => {
                if damaged > 0 && matches!(damage, Damage::Flip(_)) {
                    self.disks.damaged.insert(node);
                }
                damaged
            }
            Err(error) => {
                let what = format!("has a log that could not be damaged: {error:#}");
                self.broke(node, (Whose::Environment, what));
                0
            }
        }
    }

    fn restore(&mut self, node: NodeId) {
        self.greet_ready();
        self.note_deaths();
        let Some(process) = self.nodes.get_mut(&node) else { return };
        if !self.disks.damaged.remove(&node) || process.addresses().is_some() {
            return;
        }
        let was_starting = process.is_there(); // Also one that has just ended.
        process.kill();
        if let Err(error) = node::restore(&process.data()) {
            let what = format!("has a log that could not be restored: {error:#}");
            return self.broke(node, (Whose::Environment, what));
        }
        if was_starting {
            self.launch(node);
        }
    }

    fn has_fallen(&mut self, node: NodeId) -> bool {
        self.note_deaths();
        self.disks.fallen.contains(&node)
    }
}

impl Cluster {
    /// Has a node that goes on suffer what is wrong with its disk, if something was.
    pub(super) fn hurt_disk(&mut self, node: NodeId) {
        if let Some(&trouble) = self.disks.troubles.get(&node) {
            // One that does not answer is not ready: it suffers when it has greeted.
            self.tell_disk(node, trouble);
        }
    }

    fn tell_disk(&self, node: NodeId, trouble: DiskTrouble) -> Administered {
        let Some(url) = self.disk_url(node) else { return Administered::Unreached };
        // A disk that fails is to say that it has not, once it is done with a slow write.
        let slow_by = self.disks.troubles.get(&node).map_or(0, |trouble| trouble.slow_by);
        let within = Duration::from_nanos(self.pace.look_within.saturating_add(slow_by));
        let asked = self.http.post(url).timeout(within).json(&trouble);
        let told = self.runtime.block_on(async { asked.send().await?.json::<DiskTrouble>().await });
        if told.is_ok() { Administered::Done } else { Administered::Unreached }
    }

    /// Where a node that runs is asked about its disk.
    fn disk_url(&self, node: NodeId) -> Option<String> {
        let process = self.nodes.get(&node).filter(|process| !process.is_paused())?;
        Some(format!("http://{}/admin/disk", process.addresses()?.admin))
    }
}

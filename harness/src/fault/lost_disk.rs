//! A disk that has lost everything.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::Damage;

/// A node is killed, its log is lost, and it is started at once on an empty disk, under its old name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "lost-disk")]
pub(crate) struct LostDisk {
    /// Whose.
    pub(crate) node: Victim,
}

impl Definition for LostDisk {
    const SUMMARY: &'static str =
        "a node loses its disk, and starts again on an empty one under its old name";
    const PARAMETERS: &'static str = "node: a number or primary; drawn: the primary or any node";
    const WORDS: &'static [&'static str] = &["lost-disk"];
    const TRACK: Track = Track::Process;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str =
        "the node was already dead, and its log empty, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu) }
    }
}

impl Aimed for LostDisk {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        self.node.node(primaries).map(|node| Strike::Damage { node, damage: Damage::All })
    }
}

impl fmt::Display for LostDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "disk of {} lost", self.node)
    }
}

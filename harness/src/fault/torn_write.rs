//! A write that the end of its process cuts in two.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::{DiskTrouble, WriteFailure};

/// The power of a node fails in the middle of its next write to the disk, which holds a half of it then. The node is
/// started again at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "torn-write")]
pub(crate) struct TornWrite {
    /// Whose.
    pub(crate) node: Victim,
}

impl Definition for TornWrite {
    const SUMMARY: &'static str =
        "a node dies in the middle of its next write to the disk, which leaves a half of it there";
    const PARAMETERS: &'static str = "node: a number or primary; drawn: the primary or any node";
    const WORDS: &'static [&'static str] = &["torn-write"];
    const TRACK: Track = Track::Process;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str =
        "the node wrote nothing meanwhile, was not running, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu) }
    }
}

impl Aimed for TornWrite {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let trouble = DiskTrouble { fails: Some(WriteFailure::Torn), ..DiskTrouble::default() };
        self.node.node(primaries).map(|node| Strike::Disk { node, trouble })
    }
}

impl fmt::Display for TornWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "torn write of {}", self.node)
    }
}

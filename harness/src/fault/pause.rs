//! A process that is stopped and continues.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Strike, Track, Victim};

/// A process is stopped, keeps its memory, and continues at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "pause")]
pub(crate) struct Pause {
    /// The victim.
    pub(crate) node: Victim,
}

impl Definition for Pause {
    const SUMMARY: &'static str = "a process is stopped, keeps its memory, and continues later";
    const PARAMETERS: &'static str = "node: a number or primary; drawn: the primary or any node";
    const WORDS: &'static [&'static str] = &["pause"];
    const TRACK: Track = Track::Process;
    const IDLE: &'static str = "the node was not running, or received nothing while it was stopped";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu) }
    }
}

impl Aimed for Pause {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        self.node.node(primaries).map(Strike::Pause)
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pause {}", self.node)
    }
}

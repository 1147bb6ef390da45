//! A process that dies and is started again.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Strike, Track, Victim};

/// A process is killed, loses all records that are not durable, and is restarted at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "kill")]
pub(crate) struct Kill {
    /// The victim.
    pub(crate) node: Victim,
}

impl Definition for Kill {
    const SUMMARY: &'static str =
        "a process is killed, loses what was not on disk, and is restarted";
    const WORDS: &'static [&'static str] = &["kill"];
    const TRACK: Track = Track::Process;
    const IDLE: &'static str = "the node was already dead, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu) }
    }
}

impl Aimed for Kill {
    fn aim(&self) -> Aim<'_> {
        Aim::One(&self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primary: Option<NodeId>) -> Option<Strike> {
        self.node.node(primary).map(Strike::Kill)
    }
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kill {}", self.node)
    }
}

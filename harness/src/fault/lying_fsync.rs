//! A disk that calls durable what is not.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::DiskTrouble;

/// An `fsync` that returns before anything is written: records lie in the cache of the disk. At the end the power of
/// the node fails, and these records are gone; it starts again at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "lying-fsync")]
pub(crate) struct LyingFsync {
    /// Whose.
    pub(crate) node: Victim,
}

impl Definition for LyingFsync {
    const SUMMARY: &'static str = "fsync returns before anything is written, and at the end the power of the node fails: what was \
                                   called durable is lost";
    const PARAMETERS: &'static str = "node: a number or primary; drawn: the primary or any node";
    const WORDS: &'static [&'static str] = &["lying-fsync"];
    const TRACK: Track = Track::Disk;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str =
        "the node wrote nothing meanwhile, was not running, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu) }
    }
}

impl Aimed for LyingFsync {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let trouble = DiskTrouble { lies: true, ..DiskTrouble::default() };
        self.node.node(primaries).map(|node| Strike::Disk { node, trouble })
    }
}

impl fmt::Display for LyingFsync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lying fsync of {}", self.node)
    }
}

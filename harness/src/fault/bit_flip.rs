//! A disk on which a bit has changed.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::Damage;

/// A node is killed, a bit of its log changes before the last record, and it is started: it refuses to serve on such a
/// log, as what it has acknowledged may be gone. At the end the log is restored, and it is started again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "bit-flip")]
pub(crate) struct BitFlip {
    /// Whose.
    pub(crate) node: Victim,
    /// Which bit, modulo the number of bits before the last record.
    pub(crate) bit: u64,
}

impl Definition for BitFlip {
    const SUMMARY: &'static str = "a bit of a node's log flips while it is down: it refuses to start, until the log is restored \
                                   from a copy at the end";
    const PARAMETERS: &'static str = "node: a number or primary; bit: which, modulo the number of bits before the last \
                                      record; drawn: the primary or any node, any bit";
    const WORDS: &'static [&'static str] = &["bit-flip"];
    const TRACK: Track = Track::Process;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str = "the node's log had less than two records, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu), bit: rng.next_u64() >> 1 }
    }
}

impl Aimed for BitFlip {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let damage = Damage::Flip(self.bit);
        self.node.node(primaries).map(|node| Strike::Damage { node, damage })
    }
}

impl fmt::Display for BitFlip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bit flip in the log of {}", self.node)
    }
}

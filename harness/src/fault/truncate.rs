//! A disk that has lost the last of what it held.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::Damage;

/// How many records are lost, where the fault is drawn.
const DRAWN: [u64; 4] = [1, 3, 10, 30];

/// A node is killed, the end of its log is lost, and it is started at once: what is left looks as if a write had been
/// torn, so nothing tells the node that durable records are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "truncate")]
pub(crate) struct Truncate {
    /// Whose.
    pub(crate) node: Victim,
    /// How many records are lost.
    pub(crate) records: u64,
}

impl Definition for Truncate {
    const SUMMARY: &'static str =
        "a node's log loses its last records while the node is down, though they were durable";
    const PARAMETERS: &'static str = "node: a number or primary; records: how many; drawn: the primary or any node, 1, 3, 10 \
                                      or 30";
    const WORDS: &'static [&'static str] = &["truncate"];
    const TRACK: Track = Track::Process;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str =
        "the node was already dead, and its log empty, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu), records: DRAWN[rng.index(DRAWN.len())] }
    }
}

impl Aimed for Truncate {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let damage = Damage::Cut(self.records);
        self.node.node(primaries).map(|node| Strike::Damage { node, damage })
    }
}

impl fmt::Display for Truncate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = if self.records == 1 { "record" } else { "records" };
        write!(f, "log of {} loses its last {} {records}", self.node, self.records)
    }
}

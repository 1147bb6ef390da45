//! Links that lose all messages, or hold them back.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Arrival, Definition, Direction, FaultMenu, LinkEffect, OnLinks, Shape, Track};

/// A partition.
pub(crate) type Partition = OnLinks<Silence>;

/// How links fall silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub(crate) enum Silence {
    /// Messages are lost when they would be delivered: also what was on its way when the fault struck.
    Drop,
    /// Messages are held back, and delivered when the fault heals.
    Hold,
}

impl Definition for Partition {
    const SUMMARY: &'static str = "directed links lose all messages, or hold them until it heals: two sides, one node, each \
                                   primary, groups, a bridge or a ring of majorities, in one or both directions";
    const PARAMETERS: &'static str = "shape: cut (side), isolate (node), primaries, split (groups), bridge (side, over), \
                                      majorities-ring (order) or all; direction: both, out or in; effect: drop or hold; \
                                      drawn: cut in halves or isolate, both directions three times of five, drop \
                                      three times of four";
    const WORDS: &'static [&'static str] = &["drop", "hold"];
    const TRACK: Track = Track::Network;
    const IDLE: &'static str =
        "it met no message of an operation, and none failed, or none was under way";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let shape = match rng.below(2) {
            0 => Shape::Isolate { node: victim(rng, menu) },
            _ => Shape::Cut { side: half(rng, &menu.nodes) },
        };
        let direction = match rng.below(5) {
            0 => Direction::Out,
            1 => Direction::In,
            _ => Direction::Both,
        };
        // What is held comes late, when its sender or its receiver may be in another life.
        let effect = if rng.below(4) == 0 { Silence::Hold } else { Silence::Drop };
        Self { shape, direction, effect }
    }
}

impl LinkEffect for Silence {
    fn on_arrival(&self) -> Arrival {
        match self {
            Self::Drop => Arrival::Lost,
            Self::Hold => Arrival::Held,
        }
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Drop => "partition",
            Self::Hold => "jam",
        })
    }
}

/// A random half of the nodes, the smaller one if they are odd.
fn half(rng: &mut Rng, nodes: &[NodeId]) -> Vec<NodeId> {
    let mut all = nodes.to_vec();
    let size = (all.len() / 2).max(1);
    for at in 0..size {
        let other = at + rng.index(all.len() - at);
        all.swap(at, other);
    }
    all.truncate(size);
    all.sort_unstable();
    all
}

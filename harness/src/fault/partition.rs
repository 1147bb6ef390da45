//! Links that lose all messages, or hold them back.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::{shuffled, victim};
use super::{
    Arrival, Definition, Direction, FaultMenu, LinkEffect, OnLinks, Shape, Topologies, Track,
};

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
                                      drawn: any of these shapes but all, both directions three times of five, drop \
                                      three times of four";
    const WORDS: &'static [&'static str] = &["drop", "hold"];
    const TRACK: Track = Track::Network;
    const IDLE: &'static str =
        "it met no message of an operation, and none failed, or none was under way";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let shape = shape(rng, menu);
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

/// A topology. Of two nodes only one can be cut off.
fn shape(rng: &mut Rng, menu: &FaultMenu) -> Shape {
    if let Some(node) = menu.focus {
        return Shape::Isolate { node };
    }
    let nodes = shuffled(rng, &menu.nodes);
    let count = nodes.len();
    let first = |size: usize| {
        let mut side = nodes[..size].to_vec();
        side.sort_unstable();
        side
    };
    // Most bugs show when the primary is cut off.
    let shapes = match menu.topologies {
        _ if count < 3 => 1,
        Topologies::TwoSides => 13,
        Topologies::All => 16,
    };
    match rng.below(shapes) {
        0..7 => Shape::Isolate { node: victim(rng, menu) },
        7..11 => Shape::Cut { side: first(count / 2) },
        // Less than a third, as far as there is such a side.
        11 => Shape::Cut { side: first(((count - 1) / 3).max(1)) },
        12 => Shape::Cut { side: first(1 + rng.index(count - 1)) },
        13 => {
            let size = 1 + rng.index(count.div_ceil(3));
            let groups = nodes.chunks(size).map(<[NodeId]>::to_vec);
            Shape::Split { groups: groups.take(count.div_ceil(size) - 1).collect() }
        }
        14 => Shape::Bridge { side: first((count - 1) / 2), over: nodes[count - 1] },
        _ if menu.has_primary && rng.below(2) == 0 => Shape::Primaries,
        _ => Shape::MajoritiesRing { order: nodes },
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::Time;
    use rashomon_targets::FaultKind;
    use rashomon_workloads::Seed;

    use super::*;
    use crate::fault::FaultChoice;

    #[test]
    fn drawn_partitions_have_every_topology_and_each_cuts_something() {
        for count in 2..=7 {
            let nodes: Vec<NodeId> = (1..=count).map(NodeId).collect();
            let menu = FaultMenu {
                kinds: vec![FaultKind::Partition],
                nodes: nodes.clone(),
                has_primary: true,
                choice: FaultChoice::Named,
                focus: None,
                topologies: Topologies::All,
                lasts: Time(1),
            };
            let mut rng = Seed(u64::from(count)).rng();
            let drawn: Vec<Partition> =
                (0..300).map(|_| Partition::draw(&mut rng, &menu)).collect();
            for Partition { shape, direction, .. } in &drawn {
                let cut = shape.links(*direction, &nodes, &[NodeId(1)]);
                assert!(!cut.is_empty(), "{shape} of {count}");
            }
            let has = |is: fn(&Shape) -> bool| drawn.iter().any(|it| is(&it.shape));
            let found = [
                has(|it| matches!(it, Shape::Isolate { .. })),
                has(|it| matches!(it, Shape::Cut { .. })),
                has(|it| matches!(it, Shape::Split { .. })),
                has(|it| matches!(it, Shape::Bridge { .. })),
                has(|it| matches!(it, Shape::Primaries)),
                has(|it| matches!(it, Shape::MajoritiesRing { .. })),
            ];
            let many = count > 2;
            assert_eq!(found, [true, many, many, many, many, many], "{count}");
        }
    }
}

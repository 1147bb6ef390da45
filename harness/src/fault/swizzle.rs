//! Nodes that are clogged one after another, and freed in another order.

use std::fmt;
use std::sync::Arc;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::shuffled;
use super::{Aim, Aimed, Arrival, Definition, FaultMenu, LinkEffect, Strike, Track};

/// One node after another is cut off, until all of these are, and one after another is reached again, in another order;
/// what was sent to and from them is delivered then. This finds what a partition of fixed sides does not: `FoundationDB`'s
/// "swizzle-clog" (Wilson, "Testing distributed systems w/ deterministic simulation", Strange Loop 2014).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "swizzle")]
pub(crate) struct Swizzle {
    /// The nodes, in the order in which they are clogged, over the first half of the time.
    pub(crate) order: Vec<NodeId>,
    /// The order in which they are freed, over the second half.
    pub(crate) back: Vec<NodeId>,
}

impl Definition for Swizzle {
    const SUMMARY: &'static str = "links of one node after another are clogged, and freed in another order: they hold all messages until \
                                   then";
    const PARAMETERS: &'static str = "order: the numbers of nodes, as they are clogged over the first half of the time; back: as they are \
                                      freed over the second half; drawn: any nodes, in any orders";
    const WORDS: &'static [&'static str] = &["swizzle"];
    const TRACK: Track = Track::Network;
    const IDLE: &'static str =
        "it met no message of an operation, and none failed, or none was under way";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let mut order = shuffled(rng, &menu.nodes);
        order.truncate(1 + rng.index(menu.nodes.len()));
        let back = shuffled(rng, &order);
        Self { order, back }
    }
}

impl Aimed for Swizzle {
    fn aim(&self) -> Aim<'_> {
        Aim::Nodes(&self.order)
    }

    fn named(&self) -> Vec<NodeId> {
        self.order.iter().chain(&self.back).copied().collect()
    }

    fn strike(&self, _nodes: &[NodeId], _primaries: &[NodeId]) -> Option<Strike> {
        let (order, back) = (self.order.clone(), self.back.clone());
        Some(Strike::Swizzle { order, back, effect: Arc::new(Clog) })
    }
}

/// A link that is clogged.
#[derive(Clone, Copy, Debug)]
struct Clog;

impl LinkEffect for Clog {
    fn on_arrival(&self) -> Arrival {
        Arrival::Held
    }
}

impl fmt::Display for Swizzle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            |nodes: &[NodeId]| nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        write!(f, "swizzle {}, back {}", names(&self.order), names(&self.back))
    }
}

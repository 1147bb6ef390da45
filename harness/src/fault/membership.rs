//! A node that is no member for a while.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Data, Definition, FaultMenu, Hold, Strike, Track, Victim};

/// A node is removed from the members, and added again at the end; if its data is lost, it is replaced meanwhile by
/// one without data, under its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "membership")]
pub(crate) struct Membership {
    /// Which.
    pub(crate) node: Victim,
    /// What becomes of what it holds.
    pub(crate) data: Data,
}

impl Definition for Membership {
    const SUMMARY: &'static str =
        "a node is removed from the members, and added again at the end, with its data or without";
    const PARAMETERS: &'static str = "node: a number or primary; data: kept or lost; drawn: the primary or any node, data lost one \
                                      time of three";
    const WORDS: &'static [&'static str] = &["membership"];
    const TRACK: Track = Track::Members;
    const HOLD: Hold = Hold::Members;
    const IDLE: &'static str =
        "no primary removed the node in time, or it was removed already, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let node = victim(rng, menu);
        Self { node, data: if rng.below(3) == 0 { Data::Lost } else { Data::Kept } }
    }
}

impl Aimed for Membership {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        self.node.node(primaries).map(|node| Strike::Remove { node, data: self.data })
    }
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.data {
            Data::Kept => write!(f, "remove and add {}", self.node),
            Data::Lost => write!(f, "replace {}", self.node),
        }
    }
}

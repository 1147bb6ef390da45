//! A process that dies and is started again.

use std::fmt;

use rashomon_checker::Time;
use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Condition, Definition, FaultMenu, Strike, Track, Victims};

/// Processes are killed, lose all records that are not durable, and are restarted at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "kill")]
pub(crate) struct Kill {
    /// The victims.
    pub(crate) node: Victims,
}

/// The least load in which all nodes are killed at once.
const WORTH_KILLING_ALL: Time = Time(2_000_000_000);

impl Definition for Kill {
    const SUMMARY: &'static str = "a process, or every process at once, is killed, loses what was not on disk, and is restarted";
    const PARAMETERS: &'static str = "node: a number, primary or all; once: undurable, to wait until a victim holds records \
                                      that are not durable, for half of its time at most; drawn: all one time of five in \
                                      loads of 2 s or more, else the primary or any node; undurable three times of four";
    const WORDS: &'static [&'static str] = &["kill"];
    const TRACK: Track = Track::Process;
    const IDLE: &'static str = "the node was already dead, or there was no primary";

    // A node that has everything on its disk loses nothing.
    const ONCE: Option<Condition> = Some(Condition::Undurable);

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        // One of five strikes all: only then do all copies of what is not durable go. In a short run nothing
        // would happen afterwards, as clients wait for answers that do not come.
        let all = rng.below(5) == 0 && menu.lasts >= WORTH_KILLING_ALL;
        Self { node: if all { Victims::All } else { victim(rng, menu).into() } }
    }
}

impl Aimed for Kill {
    fn aim(&self) -> Aim<'_> {
        self.node.into()
    }

    fn strike(&self, nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let victims = self.aim().victims(nodes, primaries);
        (!victims.is_empty()).then_some(Strike::Kill(victims))
    }
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kill {}", self.node)
    }
}

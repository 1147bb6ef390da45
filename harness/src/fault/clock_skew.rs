//! A wall clock that is wrong.

use std::fmt;
use std::time::Duration;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};

/// How far drawn clocks are off, in nanoseconds.
const DRAWN: [i64; 4] = [20_000_000, 200_000_000, 500_000_000, 1_000_000_000];

/// A node's wall clock jumps, and jumps back at the end. Its monotonic clock and the clock of its host
/// do not move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "clock")]
pub(crate) struct ClockSkew {
    /// Whose.
    pub(crate) node: Victim,
    /// How far ahead of the true time it is, in nanoseconds; behind if negative.
    pub(crate) ahead: i64,
}

impl Definition for ClockSkew {
    const SUMMARY: &'static str = "the wall clock of a node jumps ahead or back, and returns";
    const PARAMETERS: &'static str = "node: a number or primary; ahead: nanoseconds, behind if negative; drawn: 20, 200, 500 or \
                                      1000 ms ahead or behind";
    const WORDS: &'static [&'static str] = &["clock"];
    const TRACK: Track = Track::Clock;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str = "the node was dead or stopped, there was no primary, or this target \
                                has no clock that can be set";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let node = victim(rng, menu);
        let far = DRAWN[rng.index(DRAWN.len())];
        Self { node, ahead: if rng.below(2) == 0 { far } else { -far } }
    }
}

impl Aimed for ClockSkew {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        self.node.node(primaries).map(|node| Strike::SetClock { node, ahead: self.ahead })
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let far = humantime::format_duration(Duration::from_nanos(self.ahead.unsigned_abs()));
        let side = if self.ahead < 0 { "behind" } else { "ahead" };
        write!(f, "clock of {} {far} {side}", self.node)
    }
}

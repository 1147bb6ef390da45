//! A wall clock that jumps to and fro.

use std::fmt;
use std::time::Duration;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Stretch, Strike, Track, Victim};

/// How far drawn ones jump, in nanoseconds.
const FAR: [i64; 3] = [20_000_000, 200_000_000, 1_000_000_000];
/// How long drawn ones stay there, in milliseconds.
const EVERY: [u64; 3] = [10, 50, 200];

/// A node's wall clock jumps, and jumps back, again and again: as where two time servers disagree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "strobe")]
pub(crate) struct ClockStrobe {
    /// Whose.
    pub(crate) node: Victim,
    /// How far ahead of the true time it is every other time, in nanoseconds; behind if negative.
    pub(crate) ahead: i64,
    /// How long it stays there, and how long it is right then.
    pub(crate) every: Stretch,
}

impl Definition for ClockStrobe {
    const SUMMARY: &'static str =
        "the wall clock of a node jumps ahead or back, and returns, again and again";
    const PARAMETERS: &'static str = "node: a number or primary; ahead: nanoseconds, behind if negative; every: nanoseconds \
                                      between two jumps; drawn: 20, 200 or 1000 ms ahead or behind, every 10, 50 or 200 ms";
    const WORDS: &'static [&'static str] = &["strobe"];
    const TRACK: Track = Track::Clock;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str = "the node was dead or stopped, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let node = victim(rng, menu);
        let far = FAR[rng.index(FAR.len())];
        let ahead = if rng.below(2) == 0 { far } else { -far };
        Self { node, ahead, every: Stretch::of_ms(EVERY[rng.index(EVERY.len())]) }
    }
}

impl Aimed for ClockStrobe {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let (ahead, every) = (self.ahead, self.every);
        self.node.node(primaries).map(|node| Strike::Strobe { node, ahead, every })
    }
}

impl fmt::Display for ClockStrobe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [far, every] = [self.ahead.unsigned_abs(), self.every.nanos()]
            .map(|nanos| humantime::format_duration(Duration::from_nanos(nanos)));
        let side = if self.ahead < 0 { "behind" } else { "ahead" };
        write!(f, "clock of {} {far} {side} and back every {every}", self.node)
    }
}

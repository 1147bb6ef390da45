//! A process that gets little time to run.

use std::fmt;
use std::time::Duration;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Stretch, Strike, Track, Victim};

/// How long drawn ones stop at a time, in milliseconds.
const STOPS: [u64; 4] = [5, 20, 50, 100];
/// How long they go.
const GOES: [u64; 3] = [1, 5, 20];

/// A process stops and goes by turns, as one that shares its processor with too many others, and keeps its
/// memory. Its new lives are slow too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "slow")]
pub(crate) struct Slow {
    /// The victim.
    pub(crate) node: Victim,
    /// How long it stops at a time.
    pub(crate) stops: Stretch,
    /// How long it goes then.
    pub(crate) goes: Stretch,
}

impl Definition for Slow {
    const SUMMARY: &'static str =
        "a process gets little time to run: it stops and goes by turns, and keeps its memory";
    const PARAMETERS: &'static str = "node: a number or primary; stops, goes: nanoseconds of a turn; drawn: the primary or \
                                      any node, stops 5 to 100 ms, goes 1 to 20 ms";
    const WORDS: &'static [&'static str] = &["slow"];
    const TRACK: Track = Track::Process;
    const IDLE: &'static str = "the node was not running, or received nothing while it was stopped";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        let node = victim(rng, menu);
        let [stops, goes] = [STOPS[rng.index(STOPS.len())], GOES[rng.index(GOES.len())]];
        Self { node, stops: Stretch::of_ms(stops), goes: Stretch::of_ms(goes) }
    }
}

impl Aimed for Slow {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let node = self.node.node(primaries)?;
        Some(Strike::Slow { node, stops: self.stops, goes: self.goes })
    }
}

impl fmt::Display for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [stops, goes] = [self.stops, self.goes]
            .map(|turn| humantime::format_duration(Duration::from_nanos(turn.nanos())));
        write!(f, "slow {}: stops {stops}, goes {goes}", self.node)
    }
}

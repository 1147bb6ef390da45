//! A disk that takes its time.

use std::fmt;
use std::time::Duration;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::menu::victim;
use super::{Aim, Aimed, Definition, FaultMenu, Hold, Strike, Track, Victim};
use crate::disk::DiskTrouble;

/// How much longer a write takes, in milliseconds, where the fault is drawn.
const DRAWN: [u64; 4] = [5, 20, 100, 300];

/// Each write of a disk takes longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "slow-disk")]
pub(crate) struct SlowDisk {
    /// Whose.
    pub(crate) node: Victim,
    /// By how much, in nanoseconds.
    #[serde(deserialize_with = "delay")]
    pub(crate) by: u64,
}

/// The most, in nanoseconds: a write that is under way at the end takes as long as it was to.
const LONGEST: u64 = 1_000_000_000;

fn delay<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let by = u64::deserialize(from)?;
    if by > LONGEST {
        return Err(D::Error::custom(format!("{by} ns is too long; give {LONGEST} ns at most")));
    }
    Ok(by)
}

impl Definition for SlowDisk {
    const SUMMARY: &'static str =
        "each fsync of a node's disk takes longer, so that records become durable late";
    const PARAMETERS: &'static str = "node: a number or primary; by: nanoseconds, 1 s at most; drawn: the primary or any node, 5 to 300 ms";
    const WORDS: &'static [&'static str] = &["slow-disk"];
    const TRACK: Track = Track::Disk;
    const HOLD: Hold = Hold::Inside;
    const IDLE: &'static str =
        "the node wrote nothing meanwhile, was not running, or there was no primary";

    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self {
        Self { node: victim(rng, menu), by: DRAWN[rng.index(DRAWN.len())] * 1_000_000 }
    }
}

impl Aimed for SlowDisk {
    fn aim(&self) -> Aim<'_> {
        Aim::One(self.node)
    }

    fn strike(&self, _nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let trouble = DiskTrouble { slow_by: self.by, ..DiskTrouble::default() };
        self.node.node(primaries).map(|node| Strike::Disk { node, trouble })
    }
}

impl fmt::Display for SlowDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = humantime::format_duration(Duration::from_nanos(self.by));
        write!(f, "disk of {} slower by {by}", self.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_that_would_outlast_the_fault_by_far_is_refused_with_the_most_there_is() {
        let read = |by: u64| {
            let fault = format!(r#"{{"fault": "slow-disk", "node": {{"node": 1}}, "by": {by}}}"#);
            serde_json::from_str::<SlowDisk>(&fault).map(|it| it.by).map_err(|it| it.to_string())
        };
        assert_eq!(read(LONGEST), Ok(LONGEST));
        let told = read(LONGEST + 1).unwrap_err();
        assert!(told.contains("give 1000000000 ns at most"), "{told}");
    }
}

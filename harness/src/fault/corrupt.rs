//! Messages whose bytes change in transit.

use std::fmt;

use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::effect::LinkMemory;
use super::on_links::Percent;
use super::{Definition, Fate, FaultMenu, LinkEffect, OnLinks, Track};

/// A network that changes what it carries.
pub(crate) type Corrupt = OnLinks<Flip>;

/// In some messages a bit is flipped in transit, and the receiver rejects them by the frame's
/// checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename = "corrupt")]
pub(crate) struct Flip {
    /// The probability, in thousandths.
    pub(crate) per_mille: u16,
}

impl Definition for Corrupt {
    const SUMMARY: &'static str =
        "a bit of a message is flipped in transit, and the receiver rejects it by its checksum";
    const PARAMETERS: &'static str = "shape and direction as for partition; effect: corrupt (per_mille: of 1000 messages); \
                                      drawn: all links, 200";
    const WORDS: &'static [&'static str] = &["corrupt"];
    const TRACK: Track = Track::Network;
    const IDLE: &'static str =
        "it met no message of an operation, and none failed, or none was under way";

    fn draw(_rng: &mut Rng, _menu: &FaultMenu) -> Self {
        Self::all(Flip { per_mille: 200 })
    }
}

impl LinkEffect for Flip {
    fn on_send(&self, rng: &mut Rng, _memory: &mut LinkMemory) -> Fate {
        let flip = rng.per_mille(self.per_mille).then(|| rng.next_u64());
        Fate { flip, ..Fate::default() }
    }
}

impl fmt::Display for Flip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "corrupt {}", Percent(self.per_mille))
    }
}

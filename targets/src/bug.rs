//! Planted bugs: named deviations from the protocols, off by default.
//!
//! A harness that finds nothing may be looking at a correct target, or may be blind. These tell
//! the two apart. Each deviation is one `if` at one place, and counts how often it mattered.

use serde::{Deserialize, Serialize};

/// A named deviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlantedBug {
    /// The primary acknowledges a write before its record is durable.
    PrAckBeforeFsync,
    /// A read is answered from records that are not yet durable.
    ReadExposesUndurable,
    /// The primary acknowledges before enough replicas have the write.
    AckBeforeQuorum,
    /// A replica acknowledges a version before its record is durable.
    QlAckBeforeFsync,
    /// A coordinator replies after the first acknowledgement, whatever `-w` says.
    W1CountedAsQuorum,
    /// A replica stores what it is sent without comparing versions.
    QlUnconditionalApply,
}

impl PlantedBug {
    /// All of them, in the order of `rashomon list bugs`.
    pub const ALL: [Self; 6] = [
        Self::PrAckBeforeFsync,
        Self::ReadExposesUndurable,
        Self::AckBeforeQuorum,
        Self::QlAckBeforeFsync,
        Self::W1CountedAsQuorum,
        Self::QlUnconditionalApply,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::PrAckBeforeFsync => "pr-ack-before-fsync",
            Self::ReadExposesUndurable => "read-exposes-undurable",
            Self::AckBeforeQuorum => "ack-before-quorum",
            Self::QlAckBeforeFsync => "ql-ack-before-fsync",
            Self::W1CountedAsQuorum => "w1-counted-as-quorum",
            Self::QlUnconditionalApply => "ql-unconditional-apply",
        }
    }

    /// One sentence: what is wrong, and what it leads to.
    pub fn summary(self) -> &'static str {
        match self {
            Self::PrAckBeforeFsync => {
                "primary-replica: the primary acknowledges before fsync; a kill loses acknowledged writes"
            }
            Self::ReadExposesUndurable => {
                "primary-replica: reads see records that are not durable; a kill makes what was read vanish"
            }
            Self::AckBeforeQuorum => {
                "primary-replica semi-sync or sync: acknowledges alone; replicas may miss an acknowledged write"
            }
            Self::QlAckBeforeFsync => {
                "leaderless: a replica acknowledges before fsync; kills lose acknowledged writes"
            }
            Self::W1CountedAsQuorum => {
                "leaderless: one acknowledgement counts as a write quorum; reads may miss the write"
            }
            Self::QlUnconditionalApply => {
                "leaderless: a replica stores without comparing versions; values go back"
            }
        }
    }
}

/// The planted bugs of one node, with a count of how often each mattered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bugs {
    planted: Vec<PlantedBug>,
    hits: u64,
}

impl Bugs {
    /// These bugs, none of which has mattered yet.
    pub fn new(planted: Vec<PlantedBug>) -> Self {
        Self { planted, hits: 0 }
    }

    /// Whether `bug` is planted. Asking counts nothing: use it where the answer changes nothing.
    pub fn has(&self, bug: PlantedBug) -> bool {
        self.planted.contains(&bug)
    }

    /// Whether `bug` is planted; counts a hit if so. Ask only where the answer changes what happens.
    pub fn hit(&mut self, bug: PlantedBug) -> bool {
        let has = self.has(bug);
        self.hits += u64::from(has);
        has
    }

    /// How often a planted bug changed what happened.
    pub fn hits(&self) -> u64 {
        self.hits
    }
}

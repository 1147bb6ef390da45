//! What a fault did, in numbers.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// The counted effects of a span. A span whose counts are all zero did nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Efficacy {
    /// Messages lost.
    pub(crate) dropped: u64,
    /// Messages held back until the fault healed.
    pub(crate) held: u64,
    /// Messages delayed, doubled, reordered or corrupted.
    pub(crate) changed: u64,
    /// Processes killed.
    pub(crate) killed: u64,
    /// Records that were not durable when their process was killed.
    pub(crate) records_lost: u64,
    /// Inputs, requests among them, that a stopped process did not take, or a stopped process itself.
    pub(crate) stalled: u64,
    /// Clocks set.
    #[serde(default)]
    pub(crate) clocks_set: u64,
}

impl Efficacy {
    /// Whether it changed anything.
    pub(crate) fn had_effect(&self) -> bool {
        let Self { dropped, held, changed, killed, records_lost: _, stalled, clocks_set } = self;
        dropped + held + changed + killed + stalled + clocks_set > 0
    }
}

impl AddAssign<&Self> for Efficacy {
    fn add_assign(&mut self, other: &Self) {
        let Self { dropped, held, changed, killed, records_lost, stalled, clocks_set } = other;
        self.dropped += dropped;
        self.held += held;
        self.changed += changed;
        self.killed += killed;
        self.records_lost += records_lost;
        self.stalled += stalled;
        self.clocks_set += clocks_set;
    }
}

impl fmt::Display for Efficacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = if self.records_lost == 1 { "record lost" } else { "records lost" };
        let clocks = if self.clocks_set == 1 { "clock set" } else { "clocks set" };
        let counts = [
            (self.dropped, "dropped"),
            (self.held, "held"),
            (self.changed, "changed"),
            (self.killed, "killed"),
            (self.records_lost, records),
            (self.stalled, "stalled"),
            (self.clocks_set, clocks),
        ];
        let mut separator = "";
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {word}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("nothing") } else { Ok(()) }
    }
}

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
    /// Those of all these messages that were sent for operations.
    #[serde(default)]
    pub(crate) of_operations: u64,
    /// Operations under way at some time while the fault lasted.
    #[serde(default)]
    pub(crate) overlapped: u64,
    /// Operations that failed, or whose outcome is unknown, and ended while the fault lasted.
    #[serde(default)]
    pub(crate) failed: u64,
    /// Processes killed, or kept dead when the fault that had killed them ended.
    pub(crate) killed: u64,
    /// Records that were not durable when their process was killed, or that a disk has lost.
    pub(crate) records_lost: u64,
    /// Inputs, requests among them, that a stopped process did not take, or a stopped process itself.
    pub(crate) stalled: u64,
    /// Clocks set.
    #[serde(default)]
    pub(crate) clocks_set: u64,
    /// Writes that a disk delayed, failed or only pretended, and records of it that were damaged.
    #[serde(default)]
    pub(crate) disk_hits: u64,
    /// Nodes that were seen to be no members any more, and those of them that were replaced.
    #[serde(default)]
    pub(crate) members_changed: u64,
}

impl Efficacy {
    /// Whether it changed anything for operations. What happened to messages while no operation was under way
    /// changed nothing. Neither did what happened to heartbeats only while every operation succeeded: but where
    /// some did not, it may be for lack of them.
    pub(crate) fn had_effect(&self) -> bool {
        let Self { dropped, held, changed, of_operations, overlapped, failed, .. } = self;
        let of_messages = dropped + held + changed > 0 && of_operations + failed > 0;
        self.killed + self.stalled + self.clocks_set + self.disk_hits + self.members_changed > 0
            || of_messages && *overlapped > 0
    }
}

impl AddAssign<&Self> for Efficacy {
    fn add_assign(&mut self, other: &Self) {
        let Self {
            dropped,
            held,
            changed,
            of_operations,
            overlapped,
            failed,
            killed,
            records_lost,
            stalled,
            clocks_set,
            disk_hits,
            members_changed,
        } = other;
        self.dropped += dropped;
        self.held += held;
        self.changed += changed;
        self.of_operations += of_operations;
        self.overlapped += overlapped;
        self.failed += failed;
        self.killed += killed;
        self.records_lost += records_lost;
        self.stalled += stalled;
        self.clocks_set += clocks_set;
        self.disk_hits += disk_hits;
        self.members_changed += members_changed;
    }
}

impl fmt::Display for Efficacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = if self.records_lost == 1 { "record lost" } else { "records lost" };
        let clocks = if self.clocks_set == 1 { "clock set" } else { "clocks set" };
        let members = if self.members_changed == 1 { "member changed" } else { "members changed" };
        let counts = [
            (self.dropped, "dropped"),
            (self.held, "held"),
            (self.changed, "changed"),
            (self.of_operations, "of operations"),
            (self.killed, "killed"),
            (self.records_lost, records),
            (self.stalled, "stalled"),
            (self.clocks_set, clocks),
            (self.disk_hits, "struck on disk"),
            (self.members_changed, members),
        ];
        let mut separator = "";
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {word}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("nothing") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_to_messages_counts_only_where_operations_were_concerned() {
        let of = |dropped, of_operations, overlapped, failed| {
            let none = Efficacy::default();
            Efficacy { dropped, of_operations, overlapped, failed, ..none }.had_effect()
        };
        assert!(of(3, 1, 1, 0), "a message of an operation was lost under load");
        assert!(!of(3, 1, 0, 0), "no operation was under way");
        assert!(!of(3, 0, 5, 0), "heartbeats were lost, and every operation succeeded");
        assert!(of(3, 0, 5, 1), "heartbeats were lost, and an operation failed");
        assert!(!of(0, 0, 5, 1), "it met nothing");
        assert!(Efficacy { killed: 1, ..Efficacy::default() }.had_effect());
    }
}

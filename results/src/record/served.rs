//! How available a cluster was.

use rashomon_checker::k_atomic::Quantiles;
use serde::{Deserialize, Serialize};

/// How many operations were asked, and how many of them were done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedRecord {
    /// Those that were invoked.
    pub asked: u64,
    /// Those of them that were done.
    pub ok: u64,
}

/// How many operations were done that were invoked while a fault of some kind lasted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultServedRecord {
    /// The word for the kind of fault.
    pub kind: String,
    /// At the nodes that it struck; of two sides, on that of fewer nodes.
    pub struck: ServedRecord,
    /// At all other nodes.
    pub others: ServedRecord,
}

/// How available a cluster was to its clients while a load lasted.
///
/// An operation counts at the node that it asked, at the time of its invocation, and as done if it ever was.
/// Final reads do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailabilityRecord {
    /// While no fault lasted.
    pub without_faults: ServedRecord,
    /// While faults of each kind lasted, in the order of their names. Where faults overlap, an operation counts
    /// for each of them.
    pub during: Vec<FaultServedRecord>,
    /// From the end of each fault to the first end of an operation that was invoked after it at a node that
    /// the fault had struck, and was done; in nanoseconds. None if there is no such fault.
    pub recovered_ns: Option<Quantiles>,
    /// Faults after which operations were invoked at the nodes that they had struck, and none was done.
    pub not_recovered: u64,
    /// The longest time in nanoseconds in which no operation was done, from the first invocation to the last.
    pub longest_without_ns: u64,
}

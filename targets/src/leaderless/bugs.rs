//! The family's planted bugs.

use crate::PlantedBug;

/// A replica acknowledges a version before its record is durable.
pub const ACK_BEFORE_FSYNC: PlantedBug = PlantedBug {
    name: "ql-ack-before-fsync",
    summary: "leaderless: a replica acknowledges before fsync; kills lose acknowledged writes",
};

/// A coordinator replies after the first acknowledgement, whatever `-w` says.
pub const W1_COUNTED_AS_QUORUM: PlantedBug = PlantedBug {
    name: "w1-counted-as-quorum",
    summary: "leaderless: one acknowledgement counts as a write quorum; reads may miss the write",
};

/// A replica stores what it is sent without comparing versions.
pub const UNCONDITIONAL_APPLY: PlantedBug = PlantedBug {
    name: "ql-unconditional-apply",
    summary: "leaderless: a replica stores without comparing versions; values go back",
};

/// The hash of a key covers its name, and not what is held under it.
pub const MERKLE_HASHES_NAMES: PlantedBug = PlantedBug {
    name: "merkle-hashes-names",
    summary: "leaderless: hashes cover names of keys only; anti-entropy leaves replicas apart",
};

pub(super) const ALL: &[PlantedBug] =
    &[ACK_BEFORE_FSYNC, W1_COUNTED_AS_QUORUM, UNCONDITIONAL_APPLY, MERKLE_HASHES_NAMES];

/// Those that a cluster without anti-entropy has a place for.
pub(super) const WITHOUT_ANTI_ENTROPY: &[PlantedBug] =
    &[ACK_BEFORE_FSYNC, W1_COUNTED_AS_QUORUM, UNCONDITIONAL_APPLY];

//! The family's planted bugs.

use super::{Config, Conflict, Hints};
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
    summary: "leaderless: a replica stores without comparing versions; older values overwrite newer ones",
};

/// The hash of a key covers its name, and not what is held under it.
pub const MERKLE_HASHES_NAMES: PlantedBug = PlantedBug {
    name: "merkle-hashes-names",
    summary: "leaderless: hashes cover keys only, not values; anti-entropy leaves replicas diverged",
};

/// A hint counts for a write although quorums are strict.
pub const HINT_COUNTS_IN_STRICT: PlantedBug = PlantedBug {
    name: "hint-counts-in-strict",
    summary: "leaderless: a hint counts as a copy in a strict quorum; reads may miss the write",
};

/// A keeper forgets its hints when it has offered them.
pub const HINT_OFFERED_ONCE: PlantedBug = PlantedBug {
    name: "hint-offered-once",
    summary: "leaderless: a hint is deleted once it was sent; acknowledged writes are lost",
};

/// A replica adds shares of a counter that it should take the greater of.
pub const COUNTER_MERGE_ADDS: PlantedBug = PlantedBug {
    name: "counter-merge-adds",
    summary: "leaderless: merging counters adds shares that both have; counters count too much",
};

/// A hybrid clock takes the wall clock's word, although it has seen later versions.
pub const CLOCK_BACKWARDS: PlantedBug = PlantedBug {
    name: "lww-clock-backwards",
    summary: "leaderless: a hybrid clock forgets versions it has seen; acknowledged writes are lost",
};

pub(super) const ALL: &[PlantedBug] = &[
    ACK_BEFORE_FSYNC,
    W1_COUNTED_AS_QUORUM,
    UNCONDITIONAL_APPLY,
    MERKLE_HASHES_NAMES,
    HINT_COUNTS_IN_STRICT,
    HINT_OFFERED_ONCE,
    COUNTER_MERGE_ADDS,
    CLOCK_BACKWARDS,
];

/// Those that these settings have a place for.
pub(super) fn of(config: Config) -> Vec<PlantedBug> {
    let has_place = |bug: &PlantedBug| match *bug {
        MERKLE_HASHES_NAMES => config.anti_entropy,
        CLOCK_BACKWARDS => config.conflict == Conflict::Hlc,
        HINT_COUNTS_IN_STRICT => config.hints == Hints::Kept,
        // Where it is a copy beside enough others, nobody misses it.
        HINT_OFFERED_ONCE => config.hints == Hints::Counted,
        _ => true,
    };
    ALL.iter().copied().filter(has_place).collect()
}

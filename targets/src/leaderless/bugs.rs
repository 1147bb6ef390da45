//! The family's planted bugs.

use super::{Config, Conflict, Hints};
use crate::PlantedBug;
use crate::bug::hunt;

/// A replica acknowledges a version before its record is durable.
pub const ACK_BEFORE_FSYNC: PlantedBug = PlantedBug::new(
    "ql-ack-before-fsync",
    "leaderless: a replica acknowledges before fsync; kills lose acknowledged writes",
)
.sought(&[hunt(
    "stale-read",
    "leaderless --write-back on -r 1 -w 3 --faults kill --time 300ms --ops 900 --processes 24",
)]);

/// A coordinator replies after the first acknowledgement, whatever `-w` says.
pub const W1_COUNTED_AS_QUORUM: PlantedBug = PlantedBug::new(
    "w1-counted-as-quorum",
    "leaderless: one acknowledgement counts as a write quorum; reads may miss the write",
)
.sought(&[hunt("stale-read", "leaderless --write-back on --faults none")]);

/// A replica stores what it is sent without comparing versions.
pub const UNCONDITIONAL_APPLY: PlantedBug = PlantedBug::new(
    "ql-unconditional-apply",
    "leaderless: a replica stores without comparing versions; older values overwrite newer ones",
)
.sought(&[hunt("lost-write", "leaderless --write-back on")]);

/// The hash of a key covers its name, and not what is held under it.
pub const MERKLE_HASHES_NAMES: PlantedBug = PlantedBug::new(
    "merkle-hashes-names",
    "leaderless: hashes cover keys only, not values; anti-entropy leaves replicas diverged",
)
.sought(&[hunt(
    "divergence",
    "leaderless --n 3 -r 1 -w 1 --read-repair off --anti-entropy on --faults partition,kill",
)]);

/// A hint counts for a write although quorums are strict.
pub const HINT_COUNTS_IN_STRICT: PlantedBug = PlantedBug::new(
    "hint-counts-in-strict",
    "leaderless: a hint counts as a copy in a strict quorum; reads may miss the write",
)
.sought(&[hunt(
    "stale-read",
    "leaderless --nodes 5 --n 3 -r 1 -w 3 --write-back on --hints on --faults partition",
)]);

/// A keeper forgets its hints when it has offered them.
pub const HINT_OFFERED_ONCE: PlantedBug = PlantedBug::new(
    "hint-offered-once",
    "leaderless: a hint is deleted once it was sent; acknowledged writes are lost",
)
.sought(&[hunt(
    "lost-element",
    "leaderless --nodes 5 --n 2 -r 1 -w 1 --hints on --sloppy on --workload set --faults partition",
)]);

/// A replica adds shares of a counter that it should take the greater of.
pub const COUNTER_MERGE_ADDS: PlantedBug = PlantedBug::new(
    "counter-merge-adds",
    "leaderless: merging counters adds shares that both have; counters count too much",
)
.sought(&[hunt("counter-out-of-bounds", "leaderless --workload counter --faults none --time 1s")]);

/// A hybrid clock takes the wall clock's word, although it has seen later versions.
pub const CLOCK_BACKWARDS: PlantedBug = PlantedBug::new(
    "lww-clock-backwards",
    "leaderless: a hybrid clock forgets versions it has seen; acknowledged writes are lost",
)
.sought(&[hunt(
    "lost-write",
    "leaderless --nodes 3 --n 3 -r 1 -w 3 --conflict hlc --faults clock --require durable",
)]);

/// A replica keeps one of several siblings.
pub const DROP_SIBLING: PlantedBug = PlantedBug::new(
    "dvv-drop-sibling",
    "leaderless, siblings: a replica keeps only the sibling with the greatest number; concurrent writes are lost",
)
.sought(&[hunt("lost-write", "leaderless --conflict siblings --workload siblings --faults none")]);

/// A write overwrites nothing, whatever its client had read.
pub const CONTEXT_IGNORED: PlantedBug = PlantedBug::new(
    "dvv-context-ignored",
    "leaderless, siblings: a write ignores the context of its client; what was overwritten stays",
)
.sought(&[hunt(
    "surviving-overwritten",
    "leaderless --conflict siblings --workload siblings --faults none",
)]);

/// A write overwrites all that its coordinator holds, as with one version vector a key and server.
pub const CONTEXT_OF_COORDINATOR: PlantedBug = PlantedBug::new(
    "dvv-context-of-coordinator",
    "leaderless, siblings: a write overwrites what its coordinator holds, not only what its client had read; \
              concurrent writes are lost",
)
.sought(&[hunt("lost-write", "leaderless --conflict siblings --workload siblings --faults none")]);

/// A read returns the values of all replicas that it asked, with the context of one.
pub const CONTEXT_OF_ONE_REPLICA: PlantedBug = PlantedBug::new(
    "dvv-context-of-one-replica",
    "leaderless, siblings: a read returns the context of one replica with the values of all; what was read \
              is not overwritten",
)
.sought(&[hunt(
    "surviving-overwritten",
    "leaderless --conflict siblings --workload siblings --faults messages",
)]);

/// A coordinator that has restarted numbers its writes from 1 again, under its old name.
pub const DOT_REUSED: PlantedBug = PlantedBug::new(
    "dvv-dot-reused",
    "leaderless, siblings: a coordinator reuses its dots after a restart; new writes are taken for old ones and lost",
)
.sought(&[hunt("lost-write", "leaderless --conflict siblings --workload siblings --faults kill")]);

/// A removal takes away additions that it has not observed.
pub const REMOVE_ALL: PlantedBug = PlantedBug::new(
    "orset-remove-all",
    "leaderless: a removal from a set takes away additions that it has not observed; acknowledged additions are \
              lost",
)
.sought(&[hunt("lost-element", "leaderless --n 3 -r 2 -w 2 --workload cart --faults messages")]);

/// Replicas that repair each other take the union of their sets.
pub const SET_UNION: PlantedBug = PlantedBug::new(
    "orset-repair-by-union",
    "leaderless: a replica takes elements of an older copy that it has seen removed; removed elements come back",
)
.sought(&[hunt(
    "resurrected-element",
    "leaderless --n 3 -r 2 -w 2 --workload cart --faults messages,partition",
)]);

/// A read does not store what it returns at a quorum.
pub(super) const NO_WRITE_BACK: PlantedBug = PlantedBug::new(
    "abd-no-write-back",
    "leaderless, write-back on: a read does not store what it returns; a later read may return an older value",
)
.sought(&[hunt("stale-read", "leaderless --write-back on --faults none")]);

/// A read answers before it has stored what it returns.
pub(super) const ASYNC_WRITE_BACK: PlantedBug = PlantedBug::new(
    "abd-async-write-back",
    "leaderless, write-back on: a read answers before a quorum has stored what it returns; a later read may \
              return an older value",
)
.sought(&[hunt("stale-read", "leaderless --write-back on --faults messages")]);

/// A replica tells what it holds before its record is durable.
pub(super) const READ_EXPOSES_UNDURABLE: PlantedBug = PlantedBug::new(
    "ql-read-exposes-undurable",
    "leaderless: a replica tells what is not durable; kills undo what was read",
)
.needs("a plan that kills two replicas within one write to their disks, after a read that both answered");

pub(super) const ALL: &[PlantedBug] = &[
    ACK_BEFORE_FSYNC,
    NO_WRITE_BACK,
    ASYNC_WRITE_BACK,
    READ_EXPOSES_UNDURABLE,
    W1_COUNTED_AS_QUORUM,
    UNCONDITIONAL_APPLY,
    MERKLE_HASHES_NAMES,
    HINT_COUNTS_IN_STRICT,
    HINT_OFFERED_ONCE,
    COUNTER_MERGE_ADDS,
    CLOCK_BACKWARDS,
    DROP_SIBLING,
    CONTEXT_IGNORED,
    CONTEXT_OF_COORDINATOR,
    CONTEXT_OF_ONE_REPLICA,
    DOT_REUSED,
    REMOVE_ALL,
    SET_UNION,
];

/// Those that these settings have a place for.
pub(super) fn of(config: Config) -> Vec<PlantedBug> {
    let has_place = |bug: &PlantedBug| match *bug {
        MERKLE_HASHES_NAMES => config.anti_entropy,
        NO_WRITE_BACK | ASYNC_WRITE_BACK => config.write_back,
        CLOCK_BACKWARDS => config.conflict == Conflict::Hlc,
        // One answer is all that a read of one replica has.
        CONTEXT_OF_ONE_REPLICA => config.conflict == Conflict::Siblings && config.r > 1,
        DROP_SIBLING | CONTEXT_IGNORED | CONTEXT_OF_COORDINATOR | DOT_REUSED => {
            config.conflict == Conflict::Siblings
        }
        HINT_COUNTS_IN_STRICT => config.hints == Hints::Kept,
        // Where it is a copy beside enough others, nobody misses it.
        HINT_OFFERED_ONCE => config.hints == Hints::Counted,
        _ => true,
    };
    ALL.iter().copied().filter(has_place).collect()
}

//! What consistency models are called, and one sentence on each.

use super::{Consistency, Versions};

/// The names of `k`-atomicity, from 2 on.
const K_ATOMIC: [&str; 8] = [
    "2-atomic", "3-atomic", "4-atomic", "5-atomic", "6-atomic", "7-atomic", "8-atomic", "9-atomic",
];

impl Consistency {
    /// The name on the command line, in reports and in stored runs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Sequential => "sequential",
            Self::CausalConvergence => "causal-convergence",
            Self::CausalMemory => "causal-memory",
            Self::Causal => "causal",
            Self::Pram => "pram",
            Self::ReadYourWrites => "read-your-writes",
            Self::MonotonicReads => "monotonic-reads",
            Self::MonotonicWrites => "monotonic-writes",
            Self::WritesFollowReads => "writes-follow-reads",
            Self::Regular => "regular",
            Self::Safe => "safe",
            Self::KAtomic(versions) => K_ATOMIC[usize::from(versions.0 - Versions::TWO.0)],
            Self::BoundedStaleness => "bounded-staleness",
            Self::Prefix => "prefix",
            Self::Durable => "durable",
            Self::StrongConvergent => "strong-convergent",
            Self::Convergent => "convergent",
            Self::StrictSerializable => "strict-serializable",
            Self::StrongSessionSerializable => "strong-session-serializable",
            Self::Serializable => "serializable",
            Self::StrongSnapshotIsolation => "strong-snapshot-isolation",
            Self::StrongSessionSnapshotIsolation => "strong-session-snapshot-isolation",
            Self::SnapshotIsolation => "snapshot-isolation",
            Self::ParallelSnapshotIsolation => "parallel-snapshot-isolation",
            Self::TransactionalCausal => "transactional-causal",
            Self::RepeatableRead => "repeatable-read",
            Self::CursorStability => "cursor-stability",
            Self::ReadAtomic => "read-atomic",
            Self::MonotonicAtomicView => "monotonic-atomic-view",
            Self::ReadCommitted => "read-committed",
            Self::ReadUncommitted => "read-uncommitted",
        }
    }

    /// What it asks, in one sentence that begins with a small letter, without a full stop.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Linearizable => {
                "every operation takes effect at one instant between its invocation and its completion"
            }
            Self::Sequential => {
                "one order of all operations explains them, and has those of each session in their order"
            }
            Self::CausalConvergence => {
                "all sessions put writes in one order, which is that of causality (CCv)"
            }
            Self::CausalMemory => {
                "to each session one order explains all that causally precedes its operations (CM)"
            }
            Self::Causal => "to each read an order explains what causally precedes it (CC)",
            Self::Pram => {
                "to each session one order explains all writes and its own reads, and has the writes of \
                 each session in their order"
            }
            Self::ReadYourWrites => "a read sees what its session wrote before it",
            Self::MonotonicReads => "a read sees what earlier reads of its session saw",
            Self::MonotonicWrites => "who sees a write sees what its session wrote before it",
            Self::WritesFollowReads => "who sees a write sees what its session had seen before it",
            Self::Regular => {
                "a read sees the last write completed before it, or one that overlaps it"
            }
            Self::Safe => "a read that no write overlaps sees the last write completed before it",
            Self::KAtomic(Versions::TWO) => {
                "a read sees one of the last 2 writes (likewise 3-atomic to 9-atomic)"
            }
            Self::KAtomic(_) => "a read sees one of the last few writes, as many as the name says",
            Self::BoundedStaleness => {
                "a read sees what a read a bounded time earlier could have seen"
            }
            Self::Prefix => "a read sees what some beginning of one order of the writes left",
            Self::Durable => "what was acknowledged is still there, or overwritten, at the end",
            Self::StrongConvergent => {
                "replicas to which the same was delivered are the same, at any time"
            }
            Self::Convergent => "replicas agree once faults have ended and the cluster rests",
            Self::StrictSerializable => {
                "one order of all transactions explains them, and is that of real time"
            }
            Self::StrongSessionSerializable => {
                "one order of all transactions explains them, and has those of each session in order"
            }
            Self::Serializable => "one order of all transactions explains them",
            Self::StrongSnapshotIsolation => {
                "snapshot isolation, with snapshots as new as the transaction's start"
            }
            Self::StrongSessionSnapshotIsolation => {
                "snapshot isolation, with snapshots that have what the session did before"
            }
            Self::SnapshotIsolation => {
                "a transaction reads a snapshot, and no two that overlap write one object"
            }
            Self::ParallelSnapshotIsolation => {
                "snapshot isolation, where snapshots need not be of one order"
            }
            Self::TransactionalCausal => "a transaction sees all that causally precedes it",
            Self::RepeatableRead => "what a transaction read stays as it read it",
            Self::CursorStability => {
                "what a transaction reads and then writes was not written in between"
            }
            Self::ReadAtomic => "a transaction sees all writes of another, or none",
            Self::MonotonicAtomicView => {
                "a transaction that sees one write of another sees all of them from then on"
            }
            Self::ReadCommitted => "a transaction reads what was committed, in its last form",
            Self::ReadUncommitted => "one order of all writes explains them",
        }
    }
}

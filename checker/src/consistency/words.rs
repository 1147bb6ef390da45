//! What consistency models are called, and one sentence on each.

use super::{Consistency, StalenessBound, Versions};

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
            Self::BoundedStaleness(bound) => bound.model_name(),
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
            Self::Linearizable => "each operation takes effect at one instant while it runs",
            Self::Sequential => "one order explains all operations and keeps each session's order",
            Self::CausalConvergence => {
                "all sessions see writes in one order that respects causality (CCv)"
            }
            Self::CausalMemory => "for each session, one order explains its causal past (CM)",
            Self::Causal => "for each read, an order explains its causal past (CC)",
            Self::Pram => "for each session, one order explains all writes and its own reads",
            Self::ReadYourWrites => "a read sees the earlier writes of its own session",
            Self::MonotonicReads => "a read sees everything that earlier reads of its session saw",
            Self::MonotonicWrites => {
                "a process that sees a write sees the earlier writes of its session"
            }
            Self::WritesFollowReads => {
                "a process that sees a write sees what its session had seen before"
            }
            Self::Regular => {
                "a read sees the last write completed before it, or one that overlaps it"
            }
            Self::Safe => "a read that overlaps no write sees the last completed write",
            Self::KAtomic(Versions::TWO) => {
                "a read sees one of the last 2 writes (likewise 3-atomic to 9-atomic)"
            }
            Self::KAtomic(_) => "a read sees one of the last k writes (k is in the name)",
            Self::BoundedStaleness(StalenessBound::LEAST) => {
                "a read sees what a read 1 ms earlier could have seen (likewise 2ms, 5ms, ... to 10s)"
            }
            Self::BoundedStaleness(_) => {
                "a read sees what a read that much earlier could have seen (the time is in the name)"
            }
            Self::Prefix => "a read of a key sees a prefix of one order of the writes of that key",
            Self::Durable => "an acknowledged write is still there at the end, or overwritten",
            Self::StrongConvergent => "replicas that received the same updates are always equal",
            Self::Convergent => "replicas agree once faults have ended and the cluster rests",
            Self::StrictSerializable => {
                "one order explains all transactions and respects real time"
            }
            Self::StrongSessionSerializable => {
                "one order explains all transactions and keeps each session's order"
            }
            Self::Serializable => "one order explains all transactions",
            Self::StrongSnapshotIsolation => {
                "snapshot isolation; a snapshot is as new as its transaction's start"
            }
            Self::StrongSessionSnapshotIsolation => {
                "snapshot isolation; a snapshot has the session's earlier transactions"
            }
            Self::SnapshotIsolation => {
                "transactions read a snapshot; no two that overlap write one object"
            }
            Self::ParallelSnapshotIsolation => {
                "snapshot isolation without one order of all snapshots"
            }
            Self::TransactionalCausal => "a transaction sees everything in its causal past",
            Self::RepeatableRead => "what a transaction has read does not change under it",
            Self::CursorStability => {
                "what a transaction reads and then writes is not written in between"
            }
            Self::ReadAtomic => "a transaction sees all writes of another one, or none",
            Self::MonotonicAtomicView => {
                "after it sees one write of another, a transaction sees all of them"
            }
            Self::ReadCommitted => "a transaction reads only committed values, in their final form",
            Self::ReadUncommitted => "one order explains all writes",
        }
    }
}

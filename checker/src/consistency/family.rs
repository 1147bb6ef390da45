//! What sort of thing a consistency model speaks of.

use super::Consistency;

/// What a consistency model speaks of, and so what it takes to judge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsistencyFamily {
    /// Of all operations on one object, in real time.
    RealTime,
    /// Of the operations of sessions, whatever the time.
    Sessions,
    /// Of what replicas hold in the end, or at any time.
    Replicas,
    /// Of transactions.
    Transactions,
}

impl Consistency {
    /// What it speaks of.
    pub fn family(self) -> ConsistencyFamily {
        match self {
            Self::Linearizable
            | Self::Regular
            | Self::Safe
            | Self::KAtomic(_)
            | Self::BoundedStaleness(_)
            | Self::Prefix => ConsistencyFamily::RealTime,
            Self::Sequential
            | Self::CausalConvergence
            | Self::CausalMemory
            | Self::Causal
            | Self::Pram
            | Self::ReadYourWrites
            | Self::MonotonicReads
            | Self::MonotonicWrites
            | Self::WritesFollowReads => ConsistencyFamily::Sessions,
            Self::Durable | Self::StrongConvergent | Self::Convergent => {
                ConsistencyFamily::Replicas
            }
            Self::StrictSerializable
            | Self::StrongSessionSerializable
            | Self::Serializable
            | Self::StrongSnapshotIsolation
            | Self::StrongSessionSnapshotIsolation
            | Self::SnapshotIsolation
            | Self::ParallelSnapshotIsolation
            | Self::TransactionalCausal
            | Self::RepeatableRead
            | Self::CursorStability
            | Self::ReadAtomic
            | Self::MonotonicAtomicView
            | Self::ReadCommitted
            | Self::ReadUncommitted => ConsistencyFamily::Transactions,
        }
    }
}

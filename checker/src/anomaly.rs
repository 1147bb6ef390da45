//! Named ways for a history to be wrong.

use std::fmt;

use crate::{OpIndex, Value, Witness};

/// One thing wrong with a history, with an argument that a person can check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Anomaly {
    /// What kind of anomaly.
    pub class: AnomalyClass,
    /// The object concerned, where there are several.
    pub key: Option<Value>,
    /// The anomaly in one sentence.
    pub summary: String,
    /// The steps of the argument, in order.
    pub facts: Vec<Fact>,
    /// The operations that show it.
    pub witness: Witness,
}

/// One step of an argument, with the operations that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Fact {
    /// What is so.
    pub text: String,
    /// Where to look.
    pub ops: Vec<OpIndex>,
}

/// Kinds of anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum AnomalyClass {
    /// A read returned a value that had been overwritten before the read began.
    StaleRead,
    /// A read returned a value whose write had not begun when the read ended.
    FutureRead,
    /// A read returned a value that nothing had written.
    ReadFromNowhere,
    /// An acknowledged write had no effect, and was not overwritten.
    LostWrite,
    /// Two compare-and-sets swapped the same value away.
    DoubleCas,
    /// No order of the operations explains what they returned, for no simpler reason.
    NonLinearizable,
    /// An acknowledged element is in no final read.
    LostElement,
    /// An element is in a final read although its removal was acknowledged after its addition.
    ResurrectedElement,
    /// An element was known to be present, and a later read missed it.
    StaleElement,
    /// A read holds an element that was never added.
    PhantomElement,
    /// A read holds an element or value whose addition or write had definitely failed.
    FalseFailure,
    /// An element was returned more often than it was added.
    DuplicateElement,
    /// Elements came out in an order no such container could give.
    OutOfOrder,
    /// A container said it was empty, or an element absent, when it could not have been.
    FalseEmpty,
    /// A counter's value lies outside what its additions allow.
    CounterOutOfBounds,
    /// A lock was acquired while it was held.
    DoubleAcquire,
    /// Two reads of a list disagree on the order of its elements.
    IncompatibleOrder,
    /// Replicas disagree in the end.
    Divergence,
    /// No one order of the writes has each read see the last write before it, or one that overlaps
    /// it, for no simpler reason.
    NonRegular,
    /// No one order of the writes has each read see the state after a prefix of it, for no simpler
    /// reason.
    NonPrefix,
    /// No order of the operations on a register has each read return one of the last few writes, for no
    /// simpler reason.
    NonKAtomic,
    /// A session did not see what it had written.
    ReadYourWritesViolation,
    /// A session did not see what it had seen.
    NonMonotonicRead,
    /// A session saw a write, and not what the writing session had written before.
    NonMonotonicWrite,
    /// A session saw a write, and not what the writing session had seen before.
    WritesFollowReadsViolation,
    /// No one order of all writes explains the reads of a session.
    NonPram,
    /// An operation precedes itself causally.
    CyclicCo,
    /// A read returned the initial value although a write to its key precedes it causally.
    WriteCoInitRead,
    /// A read returned a write although a later one precedes it causally.
    WriteCoRead,
    /// Causal order, and the order in which sessions saw conflicting writes, form a cycle.
    CyclicCf,
    /// A read returned the initial value although what the reads of its session force puts a write
    /// before it.
    WriteHbInitRead,
    /// Causal order, and what the reads of one session force, form a cycle.
    CyclicHb,
    /// No one order of all operations, in which those of each session are in their order, explains
    /// what they returned.
    NonSequential,
    /// A number that is to be unique was handed out twice.
    DuplicateId,
    /// A lock was acquired with a number no greater than one returned before.
    FencingWentBack,
    /// Two reads saw two writes in different orders.
    LongFork,
    /// Balances add up to something else than they did.
    WrongTotal,
    /// A balance is negative.
    NegativeBalance,
    /// A value is still there although a write overwrote it that had seen it.
    SurvivingOverwritten,
    /// Transactions overwrote each other in a cycle.
    G0,
    /// A transaction read what one that failed had written.
    AbortedRead,
    /// A transaction read what another wrote and then wrote over or beyond.
    IntermediateRead,
    /// Transactions read from and overwrote each other in a cycle.
    G1c,
    /// The same, where one transaction missed what another wrote.
    GSingle,
    /// The same, where several missed what others wrote, no two of them in a row.
    GNonadjacent,
    /// The same, where two in a row missed what others wrote: write skew, for one.
    G2Item,
    /// `g0`, with the order of a process in the cycle.
    G0Process,
    /// `g1c`, with the order of a process in the cycle.
    G1cProcess,
    /// `g-single`, with the order of a process in the cycle.
    GSingleProcess,
    /// `g-nonadjacent`, with the order of a process in the cycle.
    GNonadjacentProcess,
    /// `g2-item`, with the order of a process in the cycle.
    G2ItemProcess,
    /// `g0`, with real time in the cycle.
    G0Realtime,
    /// `g1c`, with real time in the cycle.
    G1cRealtime,
    /// `g-single`, with real time in the cycle.
    GSingleRealtime,
    /// `g-nonadjacent`, with real time in the cycle.
    GNonadjacentRealtime,
    /// `g2-item`, with real time in the cycle.
    G2ItemRealtime,
    /// A transaction did not read what it had read and written itself.
    Internal,
    /// A transaction wrote on top of what one that failed had written.
    DirtyUpdate,
    /// Two transactions read the same version of an object, and both wrote to it.
    LostUpdate,
}

impl AnomalyClass {
    /// Every class.
    pub const ALL: [Self; 59] = [
        Self::StaleRead,
        Self::FutureRead,
        Self::ReadFromNowhere,
        Self::LostWrite,
        Self::DoubleCas,
        Self::NonLinearizable,
        Self::LostElement,
        Self::ResurrectedElement,
        Self::StaleElement,
        Self::PhantomElement,
        Self::FalseFailure,
        Self::DuplicateElement,
        Self::OutOfOrder,
        Self::FalseEmpty,
        Self::CounterOutOfBounds,
        Self::DoubleAcquire,
        Self::IncompatibleOrder,
        Self::Divergence,
        Self::NonRegular,
        Self::NonPrefix,
        Self::NonKAtomic,
        Self::ReadYourWritesViolation,
        Self::NonMonotonicRead,
        Self::NonMonotonicWrite,
        Self::WritesFollowReadsViolation,
        Self::NonPram,
        Self::CyclicCo,
        Self::WriteCoInitRead,
        Self::WriteCoRead,
        Self::CyclicCf,
        Self::WriteHbInitRead,
        Self::CyclicHb,
        Self::NonSequential,
        Self::DuplicateId,
        Self::FencingWentBack,
        Self::LongFork,
        Self::WrongTotal,
        Self::NegativeBalance,
        Self::SurvivingOverwritten,
        Self::G0,
        Self::AbortedRead,
        Self::IntermediateRead,
        Self::G1c,
        Self::GSingle,
        Self::GNonadjacent,
        Self::G2Item,
        Self::G0Process,
        Self::G1cProcess,
        Self::GSingleProcess,
        Self::GNonadjacentProcess,
        Self::G2ItemProcess,
        Self::G0Realtime,
        Self::G1cRealtime,
        Self::GSingleRealtime,
        Self::GNonadjacentRealtime,
        Self::G2ItemRealtime,
        Self::Internal,
        Self::DirtyUpdate,
        Self::LostUpdate,
    ];

    /// The stable name: files and scripts rely on it.
    pub fn name(self) -> &'static str {
        match self {
            Self::StaleRead => "stale-read",
            Self::FutureRead => "future-read",
            Self::ReadFromNowhere => "read-from-nowhere",
            Self::LostWrite => "lost-write",
            Self::DoubleCas => "double-cas",
            Self::NonLinearizable => "non-linearizable",
            Self::LostElement => "lost-element",
            Self::ResurrectedElement => "resurrected-element",
            Self::StaleElement => "stale-element",
            Self::PhantomElement => "phantom-element",
            Self::FalseFailure => "false-failure",
            Self::DuplicateElement => "duplicate-element",
            Self::OutOfOrder => "out-of-order",
            Self::FalseEmpty => "false-empty",
            Self::CounterOutOfBounds => "counter-out-of-bounds",
            Self::DoubleAcquire => "double-acquire",
            Self::IncompatibleOrder => "incompatible-order",
            Self::Divergence => "divergence",
            Self::NonRegular => "non-regular",
            Self::NonPrefix => "non-prefix",
            Self::NonKAtomic => "non-k-atomic",
            Self::ReadYourWritesViolation => "read-your-writes-violation",
            Self::NonMonotonicRead => "non-monotonic-read",
            Self::NonMonotonicWrite => "non-monotonic-write",
            Self::WritesFollowReadsViolation => "writes-follow-reads-violation",
            Self::NonPram => "non-pram",
            Self::CyclicCo => "cyclic-co",
            Self::WriteCoInitRead => "write-co-init-read",
            Self::WriteCoRead => "write-co-read",
            Self::CyclicCf => "cyclic-cf",
            Self::WriteHbInitRead => "write-hb-init-read",
            Self::CyclicHb => "cyclic-hb",
            Self::NonSequential => "non-sequential",
            Self::DuplicateId => "duplicate-id",
            Self::FencingWentBack => "fencing-went-back",
            Self::LongFork => "long-fork",
            Self::WrongTotal => "wrong-total",
            Self::NegativeBalance => "negative-balance",
            Self::SurvivingOverwritten => "surviving-overwritten",
            Self::G0 => "g0",
            Self::AbortedRead => "g1a",
            Self::IntermediateRead => "g1b",
            Self::G1c => "g1c",
            Self::GSingle => "g-single",
            Self::GNonadjacent => "g-nonadjacent",
            Self::G2Item => "g2-item",
            Self::G0Process => "g0-process",
            Self::G1cProcess => "g1c-process",
            Self::GSingleProcess => "g-single-process",
            Self::GNonadjacentProcess => "g-nonadjacent-process",
            Self::G2ItemProcess => "g2-item-process",
            Self::G0Realtime => "g0-realtime",
            Self::G1cRealtime => "g1c-realtime",
            Self::GSingleRealtime => "g-single-realtime",
            Self::GNonadjacentRealtime => "g-nonadjacent-realtime",
            Self::G2ItemRealtime => "g2-item-realtime",
            Self::Internal => "internal",
            Self::DirtyUpdate => "dirty-update",
            Self::LostUpdate => "lost-update",
        }
    }

    /// What reports call it: "stale read". A pattern of the literature has its name behind what it is.
    pub fn title(self) -> &'static str {
        match self {
            Self::StaleRead => "stale read",
            Self::FutureRead => "future read",
            Self::ReadFromNowhere => "read of a value that was never written",
            Self::LostWrite => "lost write",
            Self::DoubleCas => "double compare-and-set",
            Self::NonLinearizable => "linearizability violation",
            Self::LostElement => "lost element",
            Self::ResurrectedElement => "resurrected element",
            Self::StaleElement => "stale element",
            Self::PhantomElement => "phantom element",
            Self::FalseFailure => "effect of a failed operation",
            Self::DuplicateElement => "duplicate element",
            Self::OutOfOrder => "element out of order",
            Self::FalseEmpty => "false empty result",
            Self::CounterOutOfBounds => "counter out of bounds",
            Self::DoubleAcquire => "lock held twice",
            Self::IncompatibleOrder => "incompatible orders",
            Self::Divergence => "diverged replicas",
            Self::NonRegular => "regularity violation",
            Self::NonPrefix => "consistent-prefix violation",
            Self::NonKAtomic => "k-atomicity violation",
            Self::ReadYourWritesViolation => "read-your-writes violation",
            Self::NonMonotonicRead => "non-monotonic read",
            Self::NonMonotonicWrite => "monotonic-writes violation",
            Self::WritesFollowReadsViolation => "writes-follow-reads violation",
            Self::NonPram => "PRAM violation",
            Self::CyclicCo => "cycle in causal order (cyclic-CO)",
            Self::WriteCoInitRead => {
                "read of the initial value after a causally earlier write (write-CO-init-read)"
            }
            Self::WriteCoRead => "read of a causally overwritten value (write-CO-read)",
            Self::CyclicCf => "cycle of causal and conflict order (cyclic-CF)",
            Self::WriteHbInitRead => {
                "read of the initial value after a write that happened before it (write-HB-init-read)"
            }
            Self::CyclicHb => "cycle in happened-before order (cyclic-HB)",
            Self::NonSequential => "sequential consistency violation",
            Self::DuplicateId => "duplicate id",
            Self::FencingWentBack => "fencing number went back",
            Self::LongFork => "long fork",
            Self::WrongTotal => "wrong total",
            Self::NegativeBalance => "negative balance",
            Self::SurvivingOverwritten => "overwritten value that survives",
            Self::G0 => "write cycle (G0)",
            Self::AbortedRead => "read of an aborted transaction (G1a)",
            Self::IntermediateRead => "intermediate read (G1b)",
            Self::G1c => "circular information flow (G1c)",
            Self::GSingle => "read skew (G-single)",
            Self::GNonadjacent => "cycle with separate missed writes (G-nonadjacent)",
            Self::G2Item => "cycle with missed writes in a row (G2-item)",
            Self::G0Process => "write cycle with the order of a process (G0-process)",
            Self::G1cProcess => {
                "circular information flow with the order of a process (G1c-process)"
            }
            Self::GSingleProcess => "read skew with the order of a process (G-single-process)",
            Self::GNonadjacentProcess => {
                "cycle with separate missed writes and the order of a process (G-nonadjacent-process)"
            }
            Self::G2ItemProcess => {
                "cycle with missed writes in a row and the order of a process (G2-item-process)"
            }
            Self::G0Realtime => "write cycle with real time (G0-realtime)",
            Self::G1cRealtime => "circular information flow with real time (G1c-realtime)",
            Self::GSingleRealtime => "read skew with real time (G-single-realtime)",
            Self::GNonadjacentRealtime => {
                "cycle with separate missed writes and real time (G-nonadjacent-realtime)"
            }
            Self::G2ItemRealtime => {
                "cycle with missed writes in a row and real time (G2-item-realtime)"
            }
            Self::Internal => "internal inconsistency",
            Self::DirtyUpdate => "update of an aborted write",
            Self::LostUpdate => "lost update",
        }
    }
}

impl fmt::Display for AnomalyClass {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

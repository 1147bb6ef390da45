//! The consistency models of sessions that are judged here.

use std::fmt;

use crate::Consistency;

/// A consistency model of sessions on registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WeakModel {
    /// A read sees what its session wrote before.
    ReadYourWrites,
    /// A read sees what reads of its session saw before.
    MonotonicReads,
    /// Who sees a write sees what its session wrote before it.
    MonotonicWrites,
    /// Who sees a write sees what its session had seen before it.
    WritesFollowReads,
    /// To each session there is one order of all writes and its own reads.
    Pram,
    /// Each read has an order of what causally precedes it.
    Causal,
    /// To each session there is one order of all that causally precedes it.
    CausalMemory,
    /// All sessions put writes in one order, which is that of causality.
    CausalConvergence,
    /// There is one order of all operations, which is that of each session.
    Sequential,
}

impl WeakModel {
    /// Every model.
    pub const ALL: [Self; 9] = [
        Self::ReadYourWrites,
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::WritesFollowReads,
        Self::Pram,
        Self::Causal,
        Self::CausalMemory,
        Self::CausalConvergence,
        Self::Sequential,
    ];

    /// Which of all consistency models it is.
    pub fn consistency(self) -> Consistency {
        match self {
            Self::ReadYourWrites => Consistency::ReadYourWrites,
            Self::MonotonicReads => Consistency::MonotonicReads,
            Self::MonotonicWrites => Consistency::MonotonicWrites,
            Self::WritesFollowReads => Consistency::WritesFollowReads,
            Self::Pram => Consistency::Pram,
            Self::Causal => Consistency::Causal,
            Self::CausalMemory => Consistency::CausalMemory,
            Self::CausalConvergence => Consistency::CausalConvergence,
            Self::Sequential => Consistency::Sequential,
        }
    }
}

impl fmt::Display for WeakModel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.consistency().name())
    }
}

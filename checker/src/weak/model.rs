//! The consistency models of sessions that are judged here.

use std::fmt;

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

    /// Its name, as the field has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadYourWrites => "read-your-writes",
            Self::MonotonicReads => "monotonic-reads",
            Self::MonotonicWrites => "monotonic-writes",
            Self::WritesFollowReads => "writes-follow-reads",
            Self::Pram => "pram",
            Self::Causal => "causal",
            Self::CausalMemory => "causal-memory",
            Self::CausalConvergence => "causal-convergence",
            Self::Sequential => "sequential",
        }
    }
}

impl fmt::Display for WeakModel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

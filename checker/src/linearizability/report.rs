//! What came of checking.

use crate::{Anomaly, ModelKind, Value, Verdict};

/// How a part was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum Method {
    /// By the zones of a register with unique writes.
    Zones,
    /// By the chains of a register with unique writes and swaps.
    Chains,
    /// By the longest read of a list or text that only grows.
    LongestRead,
    /// By the monitor for a collection or counter: see [`crate::monitors`].
    Monitor,
    /// By a read that no order could explain.
    Refutation,
    /// By search over configurations.
    Search,
    /// Not at all: an operation was not understood.
    Declined,
}

impl Method {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zones => "zones",
            Self::Chains => "chains",
            Self::LongestRead => "longest-read",
            Self::Monitor => "monitor",
            Self::Refutation => "refutation",
            Self::Search => "search",
            Self::Declined => "declined",
        }
    }
}

/// The verdict on a history, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Report {
    /// What it was judged against.
    pub model: ModelKind,
    /// The conclusion.
    pub verdict: Verdict<Anomaly>,
    /// Each part, in the order of the keys' first use.
    pub parts: Vec<PartReport>,
}

/// What became of one part of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct PartReport {
    /// The key, if the operations have one.
    pub key: Option<Value>,
    /// The word for its verdict.
    pub verdict: String,
    /// How it was judged.
    pub method: Method,
    /// Its operations, failed ones and all.
    pub operations: u64,
    /// Configurations visited.
    pub configurations: u64,
    /// Bytes the search held.
    pub bytes: u64,
}

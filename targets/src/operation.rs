//! Kinds of operation.

use serde::{Deserialize, Serialize};

/// A kind of operation: what a target offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// The read of a register.
    Get,
    /// The write of a register.
    Put,
    /// The compare-and-set of a register.
    Cas,
    /// The addition to a grow-only set.
    Add,
    /// The read of a whole set.
    Elements,
    /// The addition to a counter.
    Increment,
    /// The read of a counter.
    Count,
    /// The read of all values of a multi-value register.
    Values,
    /// The write of a multi-value register.
    Assign,
    /// The addition to an observed-remove set.
    Insert,
    /// The removal from an observed-remove set.
    Remove,
    /// The read of a whole observed-remove set.
    Members,
    /// The appending to a list.
    Append,
    /// The read of a whole list.
    Items,
    /// The putting into a queue.
    Enqueue,
    /// The taking from a queue.
    Dequeue,
    /// The acquiring of a lock.
    Acquire,
    /// The releasing of a lock.
    Release,
    /// Several parts, all or nothing.
    Transaction,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Get,
        Self::Put,
        Self::Cas,
        Self::Add,
        Self::Elements,
        Self::Increment,
        Self::Count,
        Self::Values,
        Self::Assign,
        Self::Insert,
        Self::Remove,
        Self::Members,
        Self::Append,
        Self::Items,
        Self::Enqueue,
        Self::Dequeue,
        Self::Acquire,
        Self::Release,
        Self::Transaction,
    ];

    /// Those of a store that keeps one value of each object: neither siblings, nor additions apart from each
    /// other.
    pub(crate) const OF_ONE_VALUE: [Self; 14] = [
        Self::Get,
        Self::Put,
        Self::Cas,
        Self::Add,
        Self::Elements,
        Self::Increment,
        Self::Count,
        Self::Append,
        Self::Items,
        Self::Enqueue,
        Self::Dequeue,
        Self::Acquire,
        Self::Release,
        Self::Transaction,
    ];
}

//! Consistency models: what a history can be checked against, and which model implies which.
//!
//! The names are those of the field (<https://jepsen.io/consistency>), and of the papers where that
//! page has none. A *model* ([`ModelKind`](crate::ModelKind)) is what one object does when it is used
//! by one client alone; a *consistency model* is what may be different when many clients use many
//! copies of it.
//!
//! [`EDGES`] has each implication together with its source, and [`Consistency::implies`] what follows
//! from them. [`crate::ladder`] says which of them a history keeps.

mod bound;
mod edges;
mod family;
mod words;

#[cfg(test)]
mod tests;

pub use bound::StalenessBound;
pub use edges::{EDGES, Edge};
pub use family::ConsistencyFamily;

use std::fmt;
use std::str::FromStr;

/// A consistency model. Those of one family come together, the stronger ones first where one implies
/// the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(into = "&'static str", try_from = "String"))]
pub enum Consistency {
    /// Every operation takes effect at one instant between its invocation and its completion.
    Linearizable,
    /// There is one order of all operations, in which those of each session are in their order.
    Sequential,
    /// All sessions put writes in one order, which is that of causality (`CCv`).
    CausalConvergence,
    /// To each session there is one order of all that causally precedes its operations (CM).
    CausalMemory,
    /// To each read there is an order of what causally precedes it (CC).
    Causal,
    /// To each session there is one order of all writes and its own reads.
    Pram,
    /// A read sees what its session wrote before it.
    ReadYourWrites,
    /// A read sees what earlier reads of its session saw.
    MonotonicReads,
    /// Who sees a write sees what its session wrote before it.
    MonotonicWrites,
    /// Who sees a write sees what its session had seen before it.
    WritesFollowReads,
    /// Every read sees the last write before it, or one that overlaps it.
    Regular,
    /// Every read that no write overlaps sees the last write before it.
    Safe,
    /// Every read sees one of the last few writes.
    KAtomic(Versions),
    /// Every read is one that could have begun this much earlier.
    BoundedStaleness(StalenessBound),
    /// Every read sees what a beginning of the writes left, however old.
    Prefix,
    /// What was acknowledged is still there, or overwritten, at the end.
    Durable,
    /// Replicas that were told the same are the same, at any time.
    StrongConvergent,
    /// Replicas agree at the end.
    Convergent,
    /// There is one order of all transactions, which is that of real time.
    StrictSerializable,
    /// There is one order of all transactions, in which those of each session are in their order.
    StrongSessionSerializable,
    /// There is one order of all transactions.
    Serializable,
    /// A transaction reads a snapshot that is as new as its start.
    StrongSnapshotIsolation,
    /// A transaction reads a snapshot that has what its session did before.
    StrongSessionSnapshotIsolation,
    /// A transaction reads a snapshot, and no two that overlap write the same object.
    SnapshotIsolation,
    /// The same, but snapshots need not be of one order.
    ParallelSnapshotIsolation,
    /// Transactions see what causally precedes them.
    TransactionalCausal,
    /// What a transaction read stays as it read it.
    RepeatableRead,
    /// What a transaction read and then writes was not written in between.
    CursorStability,
    /// Who sees one write of a transaction sees all of them.
    ReadAtomic,
    /// Who sees one write of a transaction sees all of them from then on.
    MonotonicAtomicView,
    /// A transaction reads what was committed, and in its last form.
    ReadCommitted,
    /// Transactions put their writes in one order.
    ReadUncommitted,
}

/// How many of the last writes a read may see one of: from 2 to 9. One would be linearizability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(into = "u64", try_from = "u64"))]
pub struct Versions(u8);

impl Versions {
    /// The least.
    pub const TWO: Self = Self(2);
    /// The most that is asked about.
    pub const MAX: Self = Self(9);

    /// Every number of versions.
    pub const ALL: [Self; 8] =
        [Self(2), Self(3), Self(4), Self(5), Self(6), Self(7), Self(8), Self(9)];

    /// `versions`, if that is from 2 to 9.
    pub fn new(versions: u64) -> Option<Self> {
        u8::try_from(versions).ok().map(Self).filter(|it| (Self::TWO..=Self::MAX).contains(it))
    }

    /// The number.
    pub fn get(self) -> u64 {
        u64::from(self.0)
    }
}

/// Files have the number.
impl From<Versions> for u64 {
    fn from(versions: Versions) -> Self {
        versions.get()
    }
}

impl TryFrom<u64> for Versions {
    type Error = UnknownConsistency;

    fn try_from(versions: u64) -> Result<Self, UnknownConsistency> {
        Self::new(versions).ok_or_else(|| UnknownConsistency(format!("{versions}-atomic")))
    }
}

impl Consistency {
    /// Every consistency model, in the order in which they are listed.
    pub const ALL: [Self; 51] = [
        Self::Linearizable,
        Self::Sequential,
        Self::CausalConvergence,
        Self::CausalMemory,
        Self::Causal,
        Self::Pram,
        Self::ReadYourWrites,
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::WritesFollowReads,
        Self::Regular,
        Self::Safe,
        Self::KAtomic(Versions(2)),
        Self::KAtomic(Versions(3)),
        Self::KAtomic(Versions(4)),
        Self::KAtomic(Versions(5)),
        Self::KAtomic(Versions(6)),
        Self::KAtomic(Versions(7)),
        Self::KAtomic(Versions(8)),
        Self::KAtomic(Versions(9)),
        Self::BoundedStaleness(StalenessBound::ALL[0]),
        Self::BoundedStaleness(StalenessBound::ALL[1]),
        Self::BoundedStaleness(StalenessBound::ALL[2]),
        Self::BoundedStaleness(StalenessBound::ALL[3]),
        Self::BoundedStaleness(StalenessBound::ALL[4]),
        Self::BoundedStaleness(StalenessBound::ALL[5]),
        Self::BoundedStaleness(StalenessBound::ALL[6]),
        Self::BoundedStaleness(StalenessBound::ALL[7]),
        Self::BoundedStaleness(StalenessBound::ALL[8]),
        Self::BoundedStaleness(StalenessBound::ALL[9]),
        Self::BoundedStaleness(StalenessBound::ALL[10]),
        Self::BoundedStaleness(StalenessBound::ALL[11]),
        Self::BoundedStaleness(StalenessBound::ALL[12]),
        Self::Prefix,
        Self::Durable,
        Self::StrongConvergent,
        Self::Convergent,
        Self::StrictSerializable,
        Self::StrongSessionSerializable,
        Self::Serializable,
        Self::StrongSnapshotIsolation,
        Self::StrongSessionSnapshotIsolation,
        Self::SnapshotIsolation,
        Self::ParallelSnapshotIsolation,
        Self::TransactionalCausal,
        Self::RepeatableRead,
        Self::CursorStability,
        Self::ReadAtomic,
        Self::MonotonicAtomicView,
        Self::ReadCommitted,
        Self::ReadUncommitted,
    ];

    /// Whether whatever is this is also that: the closure of [`EDGES`].
    pub fn implies(self, weaker: Self) -> bool {
        edges::implies(self, weaker)
    }

    /// All others that whatever is this is also.
    pub fn implied(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |&it| it != self && self.implies(it))
    }

    /// Its place in [`Self::ALL`].
    fn place(self) -> usize {
        Self::ALL.iter().position(|&it| it == self).expect("all of them are there")
    }
}

impl fmt::Display for Consistency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// There is no consistency model of this name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("no consistency model is called `{}`", crate::visible(.0))]
pub struct UnknownConsistency(pub String);

impl FromStr for Consistency {
    type Err = UnknownConsistency;

    fn from_str(name: &str) -> Result<Self, UnknownConsistency> {
        // `k-atomic:3` is another word for `3-atomic`.
        let versions =
            name.strip_prefix("k-atomic:").and_then(|it| Versions::new(it.parse().ok()?));
        let named = Self::ALL.into_iter().find(|it| it.name() == name);
        let named = named.or(versions.map(Self::KAtomic));
        named.ok_or_else(|| UnknownConsistency(name.to_owned()))
    }
}

/// Files have the name.
impl From<Consistency> for &'static str {
    fn from(model: Consistency) -> Self {
        model.name()
    }
}

impl TryFrom<String> for Consistency {
    type Error = UnknownConsistency;

    fn try_from(name: String) -> Result<Self, UnknownConsistency> {
        name.parse()
    }
}

//! Invariants: what each kind of object promises however weak its consistency is.

use std::fmt;
use std::str::FromStr;

/// An invariant of one kind of object. The names are those of Jepsen's checkers where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum Invariant {
    /// Of a set: nothing known to be there is gone for good, nor back after its removal.
    SetFull,
    /// Of generated numbers: no two are the same.
    UniqueIds,
    /// Of queues: everything put in comes out, and only once; the order does not matter.
    TotalQueue,
    /// Of values that only grow: no process reads a smaller one after a greater one.
    Monotonic,
    /// The same of all processes together, in real time.
    MonotonicRealtime,
    /// Of reads of several objects: of any two, one sees all that the other sees.
    LongFork,
    /// Of accounts: the sum of all balances stays the same, and none is negative.
    Bank,
    /// Of a lock: no two processes hold it at once.
    MutualExclusion,
    /// Of a lock that hands out numbers: each number is greater than those before it.
    Fencing,
    /// Of a counter: a read counts what was acknowledged before, and nothing that was not asked for.
    CounterBounds,
    /// Of a set in which additions win: what no removal can have observed is there, and what one did is not.
    OrSet,
    /// Of a register with several values: exactly those survive that no other write had seen.
    MvRegister,
    /// Of a register in which the last write wins: no write is lost to an older one.
    LwwRegister,
    /// Of a counter of replicas: a read counts nothing that was not asked for, a final one all.
    PnCounter,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::SetFull,
        Self::UniqueIds,
        Self::TotalQueue,
        Self::Monotonic,
        Self::MonotonicRealtime,
        Self::LongFork,
        Self::Bank,
        Self::MutualExclusion,
        Self::Fencing,
        Self::CounterBounds,
        Self::OrSet,
        Self::MvRegister,
        Self::LwwRegister,
        Self::PnCounter,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SetFull => "set-full",
            Self::UniqueIds => "unique-ids",
            Self::TotalQueue => "total-queue",
            Self::Monotonic => "monotonic",
            Self::MonotonicRealtime => "monotonic-realtime",
            Self::LongFork => "long-fork",
            Self::Bank => "bank",
            Self::MutualExclusion => "mutual-exclusion",
            Self::Fencing => "fencing",
            Self::CounterBounds => "counter-bounds",
            Self::OrSet => "or-set",
            Self::MvRegister => "mv-register",
            Self::LwwRegister => "lww-register",
            Self::PnCounter => "pn-counter",
        }
    }

    /// One line about it: the operations, and what is never seen.
    pub fn summary(self) -> &'static str {
        match self {
            Self::SetFull => {
                "add, remove, read: no known element is gone for good, or back after its removal, or \
                 there twice"
            }
            Self::UniqueIds => "generate: no number is handed out twice",
            Self::TotalQueue => {
                "enqueue, dequeue, in any order: everything comes out once, and nothing else does"
            }
            Self::Monotonic => {
                "read, of values that only grow: no process reads a smaller one after a greater one"
            }
            Self::MonotonicRealtime => {
                "the same, by any process: no read returns less than one that ended before it began"
            }
            Self::LongFork => {
                "write once a key, read of several keys: of two reads, one sees what the other sees"
            }
            Self::Bank => {
                "transfer, read of all balances: their sum is the same, and none is negative"
            }
            Self::MutualExclusion => "acquire, release: no two processes hold the lock at once",
            Self::Fencing => "acquire returns a number: each is greater than all before it",
            Self::CounterBounds => {
                "add, read: a read counts all acknowledged before, and nothing not asked for"
            }
            Self::OrSet => {
                "add, remove, final reads: what no remove can have observed is there, and what one did is not"
            }
            Self::MvRegister => {
                "write, read, final reads of all values: those survive that no other write had seen, and no others"
            }
            Self::LwwRegister => {
                "write, cas, final reads: no acknowledged write is lost to an older one; why others are gone"
            }
            Self::PnCounter => {
                "add, read, final reads: nothing is counted that was not asked for, and in the end everything"
            }
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// There is no invariant of this name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no invariant `{}`", crate::visible(.0))]
pub struct UnknownInvariant(pub String);

impl FromStr for Invariant {
    type Err = UnknownInvariant;

    fn from_str(name: &str) -> Result<Self, UnknownInvariant> {
        let named = Self::ALL.into_iter().find(|it| it.name() == name);
        named.ok_or_else(|| UnknownInvariant(name.to_owned()))
    }
}

//! What a replica holds under one key: a join-semilattice.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Dotted, PnCounter};
use crate::store::Fnv;
use crate::{Incarnation, KvOp, NodeId, Returned, Tokens, Value};

/// Which of two writes of a register is the later. Ordered by its fields, first to last.
///
/// Unique: a node gives out a counter at most once in an incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// One more than the highest seen, or the coordinator's wall clock.
    pub counter: u64,
    /// The coordinator.
    pub node: NodeId,
    /// Its incarnation.
    pub incarnation: Incarnation,
}

/// What is held under a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Item {
    /// A register: the later version wins.
    Register {
        /// Which write.
        version: Version,
        /// What it wrote.
        value: Value,
    },
    /// A grow-only set: the union wins.
    Set(BTreeSet<Value>),
    /// A counter: the greater numbers of each coordinator win.
    Counter(PnCounter),
    /// A multi-value register: the writes win that no other had seen.
    Siblings(Dotted),
    /// An observed-remove set: the additions win that no removal had observed.
    OrSet(Dotted),
}

impl Item {
    /// The counter of its version; 0 of what has none.
    pub(super) fn counter(&self) -> u64 {
        match self {
            Self::Register { version, .. } => version.counter,
            Self::Set(_) | Self::Counter(_) | Self::Siblings(_) | Self::OrSet(_) => 0,
        }
    }

    /// Joins `other` into this; `false` if that changed nothing.
    ///
    /// A key that is a register to one client and a set to another stays what it was first: a
    /// client's mistake, kept from spreading.
    pub fn join(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Register { version, value }, Self::Register { version: theirs, value: new })
                if theirs > version =>
            {
                (*version, *value) = (*theirs, *new);
                true
            }
            (Self::Set(mine), Self::Set(theirs)) => {
                let before = mine.len();
                mine.extend(theirs);
                mine.len() > before
            }
            (Self::Counter(mine), Self::Counter(theirs)) => mine.join(theirs),
            (Self::Siblings(mine), Self::Siblings(theirs))
            | (Self::OrSet(mine), Self::OrSet(theirs)) => mine.join(theirs),
            (
                Self::Register { .. }
                | Self::Set(_)
                | Self::Counter(_)
                | Self::Siblings(_)
                | Self::OrSet(_),
                _,
            ) => false,
        }
    }

    /// What a read `op` returns of it; `None`: nothing is held.
    pub(crate) fn returned(item: Option<&Self>, op: &KvOp) -> Returned {
        match (item, op) {
            (Some(Self::Register { value, .. }), KvOp::Get { .. }) => Returned::Value(Some(*value)),
            (Some(Self::Set(set)), KvOp::Elements { .. }) => {
                Returned::Elements(set.iter().copied().collect())
            }
            (Some(Self::Counter(counter)), KvOp::Count { .. }) => Returned::Count(counter.sum()),
            (Some(Self::Siblings(siblings)), KvOp::Values { .. }) => {
                Returned::Values(siblings.values())
            }
            // Where one write wins, a register never has two values.
            (Some(Self::Register { value, .. }), KvOp::Values { .. }) => {
                Returned::Values(vec![*value])
            }
            (Some(Self::OrSet(set)), KvOp::Members { .. }) => Returned::Elements(set.elements()),
            (_, KvOp::Values { .. }) => Returned::Values(Vec::new()),
            (_, KvOp::Elements { .. } | KvOp::Members { .. }) => Returned::Elements(Vec::new()),
            (_, KvOp::Count { .. }) => Returned::Count(0),
            (_, _) => Returned::Value(None),
        }
    }

    /// What a client that reads it is to send with its next write: which writes it has seen.
    pub(crate) fn tokens(item: Option<&Self>) -> Tokens {
        let context = match item {
            Some(Self::Siblings(siblings)) => Some(siblings.context().token()),
            Some(Self::Register { .. } | Self::Set(_) | Self::Counter(_) | Self::OrSet(_))
            | None => None,
        };
        Tokens { session: None, context }
    }

    pub(crate) fn hash_into(&self, hash: &mut Fnv) {
        match self {
            Self::Register { version, value } => {
                hash.number(version.counter);
                hash.number(u64::from(version.node.0));
                hash.number(version.incarnation);
                hash.number(value.cast_unsigned());
            }
            Self::Counter(counter) => counter.hash_into(hash),
            Self::Siblings(values) | Self::OrSet(values) => values.hash_into(hash),
            Self::Set(set) => {
                hash.number(set.len() as u64);
                for element in set {
                    hash.number(element.cast_unsigned());
                }
            }
        }
    }
}

//! What coordinators and replicas say to each other and write to disk.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Item;
use super::tree::Range;
use crate::{Incarnation, Key, NodeId, Purpose};

/// An operation of a coordinator, unique over all incarnations.
///
/// A late response may belong to a request from before a crash, and must not count for a later
/// operation. The incarnation is durable before a node serves, so it distinguishes the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId {
    /// The incarnation of the coordinator that began it.
    pub incarnation: Incarnation,
    /// Its number in that incarnation, from 1.
    pub number: u64,
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Message {
    /// What do you hold?
    Query {
        /// The coordinator's operation.
        operation: OperationId,
        /// Under which key.
        key: Key,
    },
    /// This.
    Queried {
        /// As asked.
        operation: OperationId,
        /// What is held.
        item: Option<Item>,
    },
    /// Hold this, joined with what you have.
    Store {
        /// The coordinator's operation; `None` if it wants no answer.
        operation: Option<OperationId>,
        /// Under which key.
        key: Key,
        /// What.
        item: Item,
    },
    /// Keep this for a replica that does not answer, and give it to it later.
    Hint {
        /// The coordinator's operation.
        operation: OperationId,
        /// The replica.
        home: NodeId,
        /// Under which key.
        key: Key,
        /// What.
        item: Item,
    },
    /// It is on the sender's disk.
    Stored {
        /// As asked.
        operation: OperationId,
    },
    /// Of the keys that we share I have this hash.
    Compare {
        /// To be named in the answer: the asker's life, and how often its store has changed in it.
        round: OperationId,
        /// Of all keys that both are replicas of.
        hash: u64,
    },
    /// So have I, on my disk.
    Same {
        /// As asked.
        round: OperationId,
    },
    /// I have these hashes below that range.
    Branch {
        /// A range of keys that we share.
        range: Range,
        /// Of the ranges below it, in order.
        hashes: Vec<u64>,
    },
    /// I hold these under the keys of that leaf.
    Leaf {
        /// Which.
        leaf: Range,
        /// All of them, in the order of keys.
        items: Vec<(Key, Item)>,
    },
}

impl Message {
    /// What it is sent for.
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::Compare { .. } | Self::Same { .. } => Purpose::Upkeep,
            Self::Query { .. }
            | Self::Queried { .. }
            | Self::Store { .. }
            | Self::Hint { .. }
            | Self::Stored { .. }
            | Self::Branch { .. }
            | Self::Leaf { .. } => Purpose::Operation,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |f: &mut fmt::Formatter<'_>, item: &Item| match item {
            Item::Register { value, .. } => write!(f, " {value}"),
            Item::Set(set) if set.len() == 1 => {
                write!(f, " {{{}}}", set.first().copied().unwrap_or_default())
            }
            Item::Set(set) => write!(f, " {{{} elements}}", set.len()),
            Item::Counter(counter) => write!(f, " {}", counter.sum()),
            Item::Siblings(values) | Item::OrSet(values) => write!(f, " {:?}", values.values()),
        };
        match self {
            Self::Query { key, .. } => write!(f, "query {key}"),
            Self::Queried { item: None, .. } => f.write_str("holds nothing"),
            Self::Queried { item: Some(item), .. } => {
                f.write_str("holds")?;
                held(f, item)
            }
            Self::Store { key, item, .. } => {
                write!(f, "store {key}")?;
                held(f, item)
            }
            Self::Hint { home, key, item, .. } => {
                write!(f, "hint for {home}: {key}")?;
                held(f, item)
            }
            Self::Stored { .. } => f.write_str("stored"),
            Self::Compare { .. } => f.write_str("compare"),
            Self::Same { .. } => f.write_str("same"),
            Self::Branch { .. } => f.write_str("branch"),
            Self::Leaf { items, .. } => write!(f, "leaf of {}", items.len()),
        }
    }
}

/// On disk: an item to be joined under a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which key.
    pub key: Key,
    /// What was stored.
    pub item: Item,
    /// The replica that it is kept for; `None` if this node is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint_for: Option<NodeId>,
}

//! What leaders say to each other and write to disk.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{KvOp, Nanos, NodeId, Purpose};

/// A write of a leader. On disk, and in messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The leader that took it.
    pub origin: NodeId,
    /// Its number among those of its origin, from 1.
    pub number: u64,
    /// When its origin took it, by its wall clock; later than all earlier ones of the same origin.
    pub stamp: Nanos,
    /// What it does.
    pub op: KvOp,
}

/// How many updates of each origin a leader holds (Parker et al., IEEE TSE 1983).
pub type VersionVector = BTreeMap<NodeId, u64>;

/// Between leaders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Message {
    /// Updates to apply; the receiver answers with what it holds.
    Ship {
        /// Those of one origin in the order of their numbers.
        updates: Vec<Update>,
    },
    /// The sender's disk holds this.
    Holds {
        /// Each origin once.
        held: Vec<(NodeId, u64)>,
    },
}

impl Message {
    /// What it is sent for.
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::Ship { updates } if updates.is_empty() => Purpose::Upkeep,
            Self::Ship { .. } | Self::Holds { .. } => Purpose::Operation,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ship { updates } if updates.is_empty() => f.write_str("what do you hold?"),
            Self::Ship { updates } => {
                f.write_str("ship")?;
                updates.iter().try_for_each(|it| write!(f, " {}#{}", it.origin, it.number))
            }
            Self::Holds { held } => {
                f.write_str("holds")?;
                held.iter().try_for_each(|(origin, number)| write!(f, " {origin}#{number}"))
            }
        }
    }
}

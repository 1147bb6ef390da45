//! What nodes tell of themselves, for invariants and drawings.

use std::fmt;

use crate::{Incarnation, Key, NodeId};

/// Something that happened in a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceEvent {
    /// It takes itself to be the primary of an epoch, from now on.
    Leads {
        /// Which.
        epoch: u64,
        /// The last entry of its log: where, and the epoch in which it was made.
        last: (u64, u64),
    },
    /// It counts the vote of a node, which may be its own.
    Counts {
        /// The epoch in which it wants to lead.
        epoch: u64,
        /// Whose vote.
        voter: NodeId,
    },
    /// It follows another node in an epoch, from now on.
    Follows {
        /// Which.
        epoch: u64,
        /// The leader, if it is known.
        leader: Option<NodeId>,
    },
    /// It has applied the entry at a place of its log.
    Applied {
        /// Where, from 1.
        index: u64,
        /// The epoch in which the entry was made.
        epoch: u64,
    },
    /// It has taken what the entries up to a place made, in place of the entries.
    Installed {
        /// The last of them.
        index: u64,
        /// The epoch in which that entry was made.
        epoch: u64,
    },
    /// It has forgotten the entries beyond a place of its log, which another primary has overwritten.
    Forgot {
        /// The last that is left.
        len: u64,
    },
    /// It holds a version of a key that it did not hold before.
    Holds {
        /// Which key.
        key: Key,
        /// The version's counter, coordinator and the coordinator's life.
        version: (u64, NodeId, Incarnation),
    },
}

impl TraceEvent {
    /// Whether it is a change of roles: rare enough to be written into a log for people.
    pub fn is_about_roles(&self) -> bool {
        matches!(self, Self::Leads { .. } | Self::Follows { .. })
    }
}

impl fmt::Display for TraceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leads { epoch, .. } => write!(f, "leads epoch {epoch}"),
            Self::Counts { epoch, voter } => {
                write!(f, "counts the vote of {voter} in epoch {epoch}")
            }
            Self::Follows { epoch, leader: Some(leader) } => {
                write!(f, "follows {leader} in epoch {epoch}")
            }
            Self::Follows { epoch, leader: None } => write!(f, "follows in epoch {epoch}"),
            Self::Applied { index, epoch } => write!(f, "applied #{index} of epoch {epoch}"),
            Self::Installed { index, epoch } => {
                write!(f, "installed all up to #{index} of epoch {epoch}")
            }
            Self::Forgot { len } => write!(f, "forgot all after #{len}"),
            Self::Holds { key, version: (counter, node, incarnation) } => {
                write!(f, "holds {key} of {node}, life {incarnation}, at {counter}")
            }
        }
    }
}

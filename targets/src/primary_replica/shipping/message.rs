//! What primary and replicas say to each other and write to disk.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{KvOp, Purpose};

/// One place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The epoch of the primary that appended it.
    pub epoch: u64,
    /// What to do; nothing in the first entry of an epoch, which only marks it.
    pub op: Option<KvOp>,
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Message {
    /// The primary of `epoch` has these entries after entry `previous`. With no entries: a heartbeat.
    Append {
        /// The sender's epoch.
        epoch: u64,
        /// The entry before the first one sent.
        previous: u64,
        /// Its epoch, so that the receiver can tell whether it has the same one.
        previous_epoch: u64,
        /// What follows.
        entries: Vec<Entry>,
    },
    /// The first `matched` entries are the primary's, and on the sender's disk.
    Ack {
        /// The epoch acknowledged.
        epoch: u64,
        /// How many entries.
        matched: u64,
    },
    /// The sender is in a later epoch, or lacks the entry before those sent.
    Reject {
        /// The sender's epoch.
        epoch: u64,
        /// How many entries it may share with the primary.
        len: u64,
    },
}

impl Message {
    /// What it is sent for.
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::Append { entries, .. } if entries.is_empty() => Purpose::Upkeep,
            Self::Append { .. } | Self::Ack { .. } | Self::Reject { .. } => Purpose::Operation,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append { epoch, previous, entries, .. } if entries.is_empty() => {
                write!(f, "heartbeat e{epoch} #{previous}")
            }
            Self::Append { epoch, previous, entries, .. } => {
                write!(f, "append e{epoch} #{}", previous + 1)?;
                if entries.len() > 1 {
                    write!(f, "-{}", previous + entries.len() as u64)?;
                }
                Ok(())
            }
            Self::Ack { epoch, matched } => write!(f, "ack e{epoch} #{matched}"),
            Self::Reject { epoch, len } => write!(f, "reject e{epoch} #{len}"),
        }
    }
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// The node has seen this epoch.
    Epoch(u64),
    /// An entry after the last.
    Append(Entry),
    /// The log is cut to this number of entries.
    Truncate(u64),
}

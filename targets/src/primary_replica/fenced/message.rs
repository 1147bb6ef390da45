//! What the nodes of a fenced cluster say to each other and write to disk.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Purpose;
use crate::raft::{Entry, Place};

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub enum Message {
    /// Would the receiver take the sender for its primary, in this epoch? Binds nobody.
    Ask {
        /// Which.
        epoch: u64,
    },
    /// It would.
    Would {
        /// The epoch that was asked for.
        epoch: u64,
    },
    /// Follow no primary of an earlier epoch any more, and say where the log ends.
    Fence {
        /// The sender's epoch.
        epoch: u64,
    },
    /// The sender follows no earlier one.
    Fenced {
        /// The epoch that it promised to.
        epoch: u64,
        /// The end of its log.
        last: Place,
    },
    /// What does the receiver's log hold after this place?
    Fetch {
        /// The sender's epoch.
        epoch: u64,
        /// The last place that both may share.
        after: Place,
    },
    /// It holds this. With no entries: another place that both may share.
    Fetched {
        /// The epoch of the receiver.
        epoch: u64,
        /// The place before the first entry.
        previous: Place,
        /// What follows.
        entries: Vec<Entry>,
    },
    /// The primary of `epoch` has these entries after `previous`. With none: a heartbeat.
    Append {
        /// The sender's epoch.
        epoch: u64,
        /// The place before the first entry.
        previous: Place,
        /// What follows.
        entries: Vec<Entry>,
        /// How many entries are committed.
        commit: u64,
        /// To be sent back in the answer, so that the sender knows since when it is followed.
        beat: u64,
    },
    /// The log up to `matched` is the primary's, and on the sender's disk.
    Ack {
        /// The epoch acknowledged.
        epoch: u64,
        /// Up to where.
        matched: u64,
        /// That of the message it answers.
        beat: u64,
    },
    /// The sender is in a later epoch, or lacks what is before the entries that were sent.
    Reject {
        /// The sender's epoch.
        epoch: u64,
        /// The last place that its log may share with the primary's.
        shares: Place,
        /// That of the message it answers.
        beat: u64,
    },
}

impl Message {
    /// What it is sent for.
    pub(in super::super) fn purpose(&self) -> Purpose {
        match self {
            Self::Ask { .. } | Self::Would { .. } | Self::Fence { .. } | Self::Fenced { .. } => {
                Purpose::Upkeep
            }
            Self::Append { entries, .. } if entries.is_empty() => Purpose::Upkeep,
            Self::Fetch { .. }
            | Self::Fetched { .. }
            | Self::Append { .. }
            | Self::Ack { .. }
            | Self::Reject { .. } => Purpose::Operation,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { epoch } => write!(f, "would? e{epoch}"),
            Self::Would { epoch } => write!(f, "would e{epoch}"),
            Self::Fence { epoch } => write!(f, "fence e{epoch}"),
            Self::Fenced { epoch, last } => write!(f, "fenced e{epoch} {last}"),
            Self::Fetch { epoch, after } => write!(f, "fetch e{epoch} {after}"),
            Self::Fetched { epoch, previous, entries } => {
                write!(f, "fetched e{epoch} {previous}+{}", entries.len())
            }
            Self::Append { epoch, previous, entries, .. } if entries.is_empty() => {
                write!(f, "heartbeat e{epoch} {previous}")
            }
            Self::Append { epoch, previous, entries, .. } => {
                write!(f, "append e{epoch} #{}", previous.index + 1)?;
                if entries.len() > 1 {
                    write!(f, "-{}", previous.index + entries.len() as u64)?;
                }
                Ok(())
            }
            Self::Ack { epoch, matched, .. } => write!(f, "ack e{epoch} #{matched}"),
            Self::Reject { epoch, shares, .. } => write!(f, "reject e{epoch} {shares}"),
        }
    }
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The node follows no primary of an earlier epoch.
    Epoch(u64),
    /// An entry after the last.
    Append(Entry),
    /// Only the entries up to here are left.
    Truncate(u64),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epoch(epoch) => write!(f, "epoch {epoch}"),
            Self::Append(entry) => write!(f, "entry of e{}", entry.term),
            Self::Truncate(len) => write!(f, "forget all after #{len}"),
        }
    }
}

//! What the nodes say to each other and write to disk.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::fenced;
use crate::{Incarnation, Purpose, raft};

/// What the service answers a session about the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// It holds the lock under this number.
    Yours(u64),
    /// It does not hold it under this number, or an earlier one.
    NotYours(u64),
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// Among the members of the service.
    Service(raft::Message),
    /// The sender's session is alive.
    Beat {
        /// The sender's life.
        life: Incarnation,
        /// To be sent back in the answer.
        beat: u64,
        /// The number of the lock that this life holds.
        holds: Option<u64>,
    },
    /// The answer of the service.
    Told {
        /// The receiver's life.
        life: Incarnation,
        /// That of the beat.
        beat: u64,
        /// Whether the lock is its.
        lock: Lock,
    },
    /// Of the data.
    Data(fenced::Message),
}

impl Message {
    /// What it is sent for.
    pub(in super::super) fn purpose(&self) -> Purpose {
        match self {
            // The service chooses primaries; operations do not go through it.
            Self::Service(_) | Self::Beat { .. } | Self::Told { .. } => Purpose::Upkeep,
            Self::Data(message) => message.purpose(),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(message) => write!(f, "service: {message}"),
            Self::Beat { holds: None, .. } => f.write_str("alive"),
            Self::Beat { holds: Some(number), .. } => write!(f, "alive, holds {number}"),
            Self::Told { lock: Lock::Yours(number), .. } => write!(f, "holds {number}"),
            Self::Told { lock: Lock::NotYours(number), .. } => write!(f, "lock at {number}"),
            Self::Data(message) => write!(f, "{message}"),
        }
    }
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// Of the service.
    Service(raft::Record),
    /// Of the data.
    Data(fenced::Record),
}

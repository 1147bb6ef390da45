//! The trace of a run: what happened inside the cluster, a line each.
//!
//! A history says what clients saw. A trace says why: which messages were sent and what became of
//! them, which records were written and when they were durable, what nodes took in and told of
//! themselves, and what faults did. No verdict is made from it.

mod read;
mod write;

use serde::{Deserialize, Serialize};

use crate::strict::Header;

pub use read::{TraceEnding, TraceReader};
pub use write::TraceWriter;

/// The file of a run's trace.
pub const TRACE_FILE: &str = "trace.jsonl";

/// What a trace begins with.
const HEADER: Header = Header { format: "rashomon-trace", version: 1 };

/// A line of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceLine {
    /// When it happened, in nanoseconds since the start of the run. 0 for what happened before.
    pub time: u64,
    /// What.
    #[serde(flatten)]
    pub occurrence: Occurrence,
}

/// One message between nodes. A message has one copy, and a second where a fault doubles it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageCopy {
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// Which of the messages from that sender to that receiver, from 0.
    pub message: u64,
    /// 1, or 2 for the second copy.
    pub copy: u8,
}

/// Why a message did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// A fault took it.
    Fault,
    /// A fault damaged it, and the receiver's checksum refused it.
    Damaged,
    /// The receiver was dead.
    Dead,
    /// The receiver did not take it: no connection could be made, or it broke, or a stopped receiver had
    /// no room for more. On real processes only.
    NotTaken,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Occurrence {
    /// A client began an operation.
    Invoked {
        /// The index of the event in the history.
        index: u64,
        /// The process.
        process: u64,
        /// The node that is asked first.
        node: String,
        /// The operation, in words.
        what: String,
    },
    /// A client learnt how an operation ended.
    Completed {
        /// The index of the event in the history.
        index: u64,
        /// The process.
        process: u64,
        /// The node that was asked last.
        node: String,
        /// `ok`, `fail` or `info`, and the value or the reason.
        what: String,
    },
    /// A node took in a request of a client.
    Request {
        /// The node.
        node: String,
        /// The number by which the node answers, unique in each of its lives.
        request: u64,
        /// The process that asks, if it says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<u64>,
        /// What it asks.
        what: String,
    },
    /// An answer to a client left a node: everything it rests on is durable.
    Reply {
        /// The node.
        node: String,
        /// The request that is answered.
        request: u64,
        /// The answer.
        what: String,
    },
    /// A message left a node: one copy is on its way.
    Sent {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
        /// What it says.
        what: String,
    },
    /// A fault put a second copy on its way.
    Doubled {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
        /// The fault's place in the plan.
        span: u32,
    },
    /// A fault delays a message.
    Delayed {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
        /// The fault's place in the plan.
        span: u32,
    },
    /// A message reached a node. A stopped node takes it in when it goes on.
    Delivered {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
    },
    /// A message will not arrive.
    Lost {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
        /// Why.
        why: Loss,
        /// The fault's place in the plan, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        span: Option<u32>,
    },
    /// A fault keeps a message back that would arrive now.
    Held {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
        /// The fault's place in the plan.
        span: u32,
    },
    /// The fault that kept a message back is over: it is on its way again.
    Released {
        /// Which.
        #[serde(flatten)]
        message: MessageCopy,
        /// The fault's place in the plan.
        span: u32,
    },
    /// A node asked its disk to keep a record.
    Persist {
        /// The node.
        node: String,
        /// The record's number, which grows by one with each of this life of the node, from 1.
        record: u64,
        /// The record, as JSON, as much of it as a line has room for.
        what: String,
    },
    /// A node learnt that all its records up to this one survive a crash.
    Durable {
        /// The node.
        node: String,
        /// The last of them.
        record: u64,
    },
    /// A timer that a node had set was due.
    Timer {
        /// The node.
        node: String,
        /// Which.
        what: String,
    },
    /// A node started.
    Started {
        /// The node.
        node: String,
        /// How often it has started, this time included.
        life: u64,
    },
    /// A node was killed.
    Killed {
        /// The node.
        node: String,
        /// Records lost with it, as far as they can be counted: none on real processes.
        records_lost: u64,
    },
    /// A node was stopped.
    Paused {
        /// The node.
        node: String,
    },
    /// A stopped node goes on.
    Resumed {
        /// The node.
        node: String,
    },
    /// A node told something of itself.
    Told {
        /// The node.
        node: String,
        /// What.
        #[serde(flatten)]
        word: NodeWord,
    },
    /// A fault of the plan struck.
    Struck {
        /// Its place in the plan.
        span: u32,
        /// What it is.
        what: String,
        /// The nodes it is aimed at.
        on: Vec<String>,
    },
    /// A fault of the plan ended.
    Healed {
        /// Its place in the plan.
        span: u32,
    },
    /// The last line, if the run came to its end.
    End {
        /// How many lines were left out, all at the end, because the file had reached its limit.
        not_written: u64,
    },
}

/// What a node tells of itself, for invariants and drawings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "kebab-case")]
pub enum NodeWord {
    /// It takes itself to be the primary of an epoch, from now on.
    Leads {
        /// Which.
        epoch: u64,
        /// Where its log ends.
        #[serde(default)]
        index: u64,
        /// The epoch in which the last entry of its log was made.
        #[serde(default)]
        made: u64,
    },
    /// It counts the vote of a node, which may be its own.
    Counts {
        /// The epoch in which it wants to lead.
        epoch: u64,
        /// Whose vote.
        voter: String,
    },
    /// It follows another node in an epoch, from now on.
    Follows {
        /// Which.
        epoch: u64,
        /// The leader, if it knows one.
        leader: Option<String>,
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
    /// It has forgotten the entries beyond a place of its log.
    Forgot {
        /// The last that is left.
        len: u64,
    },
    /// It holds a version of a key that it did not hold before.
    Holds {
        /// Which key.
        key: String,
        /// The version's counter.
        counter: u64,
        /// The version's coordinator.
        by: String,
        /// The coordinator's life.
        life: u64,
    },
}

impl Occurrence {
    /// The node at which it happened: the sender of a message that leaves, the receiver of one that
    /// arrives or does not. `None` for what concerns the whole cluster.
    pub fn node(&self) -> Option<&str> {
        match self {
            Self::Invoked { node, .. }
            | Self::Completed { node, .. }
            | Self::Request { node, .. }
            | Self::Reply { node, .. }
            | Self::Persist { node, .. }
            | Self::Durable { node, .. }
            | Self::Timer { node, .. }
            | Self::Started { node, .. }
            | Self::Killed { node, .. }
            | Self::Paused { node }
            | Self::Resumed { node }
            | Self::Told { node, .. } => Some(node),
            Self::Sent { message, .. }
            | Self::Doubled { message, .. }
            | Self::Delayed { message, .. } => Some(&message.from),
            Self::Delivered { message }
            | Self::Lost { message, .. }
            | Self::Held { message, .. }
            | Self::Released { message, .. } => Some(&message.to),
            Self::Struck { .. } | Self::Healed { .. } | Self::End { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;

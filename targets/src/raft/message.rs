//! What members say to each other and write to disk.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entry::{Command, Entry, Place};
use super::machine::Machine;
use crate::{Caller, Incarnation, KvOp, NodeId, Purpose};

/// All that the entries up to a place have made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last of them.
    pub place: Place,
    /// Who the members were then, if not those of the start of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) members: Option<Vec<NodeId>>,
    /// What they made.
    pub(super) machine: Machine,
}

/// What an `Ask` is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Round {
    /// Whether the sender would be elected. Binds nobody.
    Before,
    /// A vote.
    Vote,
    /// A vote for a node that the leader has asked to take over.
    Handover,
}

/// Between members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub enum Message {
    /// Asks for a vote in `term`, or for the prospect of one.
    Ask {
        /// Which.
        round: Round,
        /// The term that the sender would lead.
        term: u64,
        /// The end of its log.
        last: Place,
    },
    /// An answer to that.
    Vote {
        /// What was asked for.
        round: Round,
        /// The term that was asked for if it is granted; the sender's own if not.
        term: u64,
        /// Whether the sender votes, or would vote, for the receiver.
        granted: bool,
    },
    /// The leader of `term` has these entries after `previous`. With none: a heartbeat.
    Append {
        /// The sender's term.
        term: u64,
        /// The place before the first entry.
        previous: Place,
        /// What follows.
        entries: Vec<Entry>,
        /// How many entries are committed.
        commit: u64,
        /// To be sent back in the answer, so that the sender knows since when it is followed.
        beat: u64,
    },
    /// The log up to `matched` is the leader's, and on the sender's disk.
    Ack {
        /// The term acknowledged.
        term: u64,
        /// Up to where.
        matched: u64,
        /// That of the message it answers.
        beat: u64,
    },
    /// The sender is in a later term, or lacks what is before the entries that were sent.
    Refuse {
        /// The sender's term.
        term: u64,
        /// The last place that its log may share with the leader's.
        shares: Place,
        /// That of the message it answers; 0 if that was of an earlier term.
        beat: u64,
    },
    /// All that the entries up to a place made, in their stead.
    Snapshot {
        /// The sender's term.
        term: u64,
        /// What they made.
        snapshot: Box<Snapshot>,
        /// As in `Append`.
        beat: u64,
    },
    /// The leader of `term` asks the receiver to campaign at once.
    TakeOver {
        /// The sender's term.
        term: u64,
    },
    /// A follower was asked for a write.
    Propose {
        /// The voter.
        caller: Caller,
        /// Which.
        op: KvOp,
    },
    /// A follower was asked for a read: up to where must it have applied the log?
    AskIndex {
        /// The sender's life, and a number in it.
        read: (Incarnation, u64),
    },
    /// The answer of a leader which was one after it was asked.
    Index {
        /// Which read.
        read: (Incarnation, u64),
        /// Up to where.
        index: u64,
    },
}

impl Message {
    /// What it is sent for.
    pub(crate) fn purpose(&self) -> Purpose {
        match self {
            Self::Ask { .. } | Self::Vote { .. } | Self::TakeOver { .. } => Purpose::Upkeep,
            Self::Append { entries, .. } if entries.is_empty() => Purpose::Upkeep,
            Self::Append { .. }
            | Self::Ack { .. }
            | Self::Refuse { .. }
            | Self::Snapshot { .. }
            | Self::Propose { .. }
            | Self::AskIndex { .. }
            | Self::Index { .. } => Purpose::Operation,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { round: Round::Before, term, last } => write!(f, "would? t{term} {last}"),
            Self::Ask { round: Round::Vote, term, last } => write!(f, "vote? t{term} {last}"),
            Self::Ask { round: Round::Handover, term, last } => {
                write!(f, "vote, as the leader hands over? t{term} {last}")
            }
            Self::Vote { round, term, granted } => {
                let would = if *round == Round::Before { "would" } else { "vote" };
                write!(f, "{would} {} t{term}", if *granted { "yes" } else { "no" })
            }
            Self::Append { term, previous, entries, .. } if entries.is_empty() => {
                write!(f, "heartbeat t{term} {previous}")
            }
            Self::Append { term, previous, entries, .. } => {
                write!(f, "append t{term} #{}", previous.index + 1)?;
                if entries.len() > 1 {
                    write!(f, "-{}", previous.index + entries.len() as u64)?;
                }
                Ok(())
            }
            Self::Ack { term, matched, .. } => write!(f, "ack t{term} #{matched}"),
            Self::Refuse { term, shares, .. } => write!(f, "refuse t{term} {shares}"),
            Self::Snapshot { term, snapshot, .. } => {
                write!(f, "snapshot t{term} {}", snapshot.place)
            }
            Self::TakeOver { term } => write!(f, "take over t{term}"),
            Self::Propose { caller: Caller { client, seq }, .. } => {
                write!(f, "propose c{client}.{seq}")
            }
            Self::AskIndex { .. } => f.write_str("index?"),
            Self::Index { index, .. } => write!(f, "index #{index}"),
        }
    }
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The node is in this term, and has voted for this one.
    Term(u64, Option<NodeId>),
    /// An entry after the last.
    Append(Entry),
    /// Only the entries up to here are left.
    Truncate(u64),
    /// The entries up to a place made this, and need not be kept.
    Compact(Box<Snapshot>),
    /// The log is this and nothing after it.
    Install(Box<Snapshot>),
    /// Nothing is left of the log and of what it made. It had this number of entries.
    Reset(u64),
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term, None) => write!(f, "term {term}"),
            Self::Term(term, Some(node)) => write!(f, "term {term}, vote {node}"),
            Self::Append(Entry { term, command: Command::Members(members) }) => {
                let names: Vec<String> = members.iter().map(NodeId::to_string).collect();
                write!(f, "entry of t{term}: members {}", names.join(" "))
            }
            Self::Append(entry) => write!(f, "entry of t{}", entry.term),
            Self::Truncate(len) => write!(f, "forget all after #{len}"),
            Self::Compact(snapshot) => write!(f, "compact up to {}", snapshot.place),
            Self::Reset(len) => write!(f, "forget all {len} entries"),
            Self::Install(snapshot) => write!(f, "install {}", snapshot.place),
        }
    }
}

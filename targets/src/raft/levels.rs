//! The ways to answer a read, and to take a write.

use serde::{Deserialize, Serialize};

use crate::Choice;

/// How reads are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// As writes are: by an entry of the log.
    Log,
    /// By the leader, once a majority has confirmed that it leads.
    #[default]
    ReadIndex,
    /// By the leader, as long as it holds a lease from a majority.
    Lease,
    /// By the leader, asking nobody: stale if there is another.
    LeaderLocal,
    /// By any node, from what it has applied: stale.
    FollowerLocal,
    /// By any node, once it has applied what the leader says is committed.
    FollowerIndex,
}

impl Choice for Reads {
    const ALL: &'static [Self] = &[
        Self::Log,
        Self::ReadIndex,
        Self::Lease,
        Self::LeaderLocal,
        Self::FollowerLocal,
        Self::FollowerIndex,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::ReadIndex => "read-index",
            Self::Lease => "lease",
            Self::LeaderLocal => "leader-local",
            Self::FollowerLocal => "follower-local",
            Self::FollowerIndex => "follower-index",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Log => "Reads are entries of the log",
            Self::ReadIndex => "The leader answers once a majority confirms that it leads",
            Self::Lease => "The leader answers while it holds a lease from a majority",
            Self::LeaderLocal => "The leader answers without asking the others",
            Self::FollowerLocal => "Any node answers from what it has applied",
            Self::FollowerIndex => "Any node answers once it has applied what the leader committed",
        }
    }
}

/// Who takes writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// The leader. Any other node sends clients to it.
    #[default]
    Leader,
    /// Any node: a follower passes them on to the leader, again and again until they are applied.
    Any,
}

impl Choice for Writes {
    const ALL: &'static [Self] = &[Self::Leader, Self::Any];

    fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Any => "any",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Leader => "Only the leader takes writes",
            Self::Any => "A follower forwards writes, and resends them until they are applied",
        }
    }
}

impl Writes {
    /// Whether any node takes them.
    pub(crate) fn at_any_node(self) -> bool {
        self == Self::Any
    }
}

impl Reads {
    /// Whether any node answers them.
    pub(crate) fn at_any_node(self) -> bool {
        matches!(self, Self::FollowerLocal | Self::FollowerIndex)
    }
}

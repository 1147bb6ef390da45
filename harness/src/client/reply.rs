//! What became of an operation that was asked of a node, in nobody's wire format.

use std::fmt;

use rashomon_targets::NodeId;
use rashomon_workloads::Returned;

/// What became of a call, as far as the client's end can tell; in nobody's wire format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It took effect, and returned this.
    Done(Returned),
    /// It certainly had no effect, and never will.
    Refused {
        /// Why.
        why: Why,
        /// The node to ask instead.
        hint: Option<NodeId>,
    },
    /// Nobody knows, and here is why: it may take effect at any later time, or never. No answer came.
    Lost(String),
    /// The same, and it is the node that says so.
    Unsure(String),
}

/// Why a call certainly had no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The connection was refused before a byte was sent.
    Unreached,
    /// There was no room for a connection on this machine, so nothing was sent.
    Unsent(String),
    /// The node does not take such operations, but another does.
    NotPrimary,
    /// The node holds no copy of the object, and was asked for its own.
    NotReplica,
    /// The node has no such operation.
    NotOffered(String),
    /// As the node says.
    Told(String),
}

impl Reply {
    /// A refusal without a hint.
    pub(crate) fn refused(why: Why) -> Self {
        Self::Refused { why, hint: None }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreached => f.write_str("connection refused"),
            Self::Unsent(why) => write!(f, "not sent: {why}"),
            Self::NotPrimary => f.write_str("not-primary"),
            Self::NotReplica => f.write_str("not-replica"),
            Self::NotOffered(what) => write!(f, "not offered: {what}"),
            Self::Told(why) => f.write_str(why),
        }
    }
}

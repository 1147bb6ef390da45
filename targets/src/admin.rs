//! Administrative requests to one node.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FailCode, NodeId};

/// An administrative request to a node, over a connection that no fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "admin", rename_all = "kebab-case")]
pub enum Admin {
    /// Set the node's wall clock apart from the true one, until it is set again or the node's process
    /// ends. The shell does this, so every node takes it; neither the node nor its host notices.
    SetClock {
        /// How far ahead, in nanoseconds; behind if negative.
        ahead: i64,
    },
    /// Have both clocks of the node, and the timers that it sets from now on, run at another rate, as long as
    /// [`SetClock`](Self::SetClock) holds. The wall clock is set right first, but for what that says.
    SetRate {
        /// How much they gain, in millionths; they lose if negative.
        gains: i32,
    },
    /// Stop being the primary. Another node may become it, or the same one again.
    StepDown,
    /// Stop being the primary once this node has everything, and have it be the primary at once. A primary
    /// that cannot hand over in time goes on.
    Transfer {
        /// Who is to be the primary.
        to: NodeId,
    },
    /// Have this node become a member, once it has caught up. Without it, it holds nothing back and decides nothing.
    Add {
        /// Which.
        node: NodeId,
    },
    /// Have this node be a member no longer.
    Remove {
        /// Which.
        node: NodeId,
    },
    /// Throw away the log and what it made, but not what keeps the promises that were made: see the family. Members
    /// refuse.
    Reset,
    /// Write the state down in place of the log that made it. Some of the log may be kept for members
    /// that lag.
    Compact,
}

impl Admin {
    /// Whether it is about the clocks of the node's machine: they stay as they were set last, whatever the node does.
    pub fn is_of_clocks(self) -> bool {
        matches!(self, Self::SetClock { .. } | Self::SetRate { .. })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SetClock { .. } => "set-clock",
            Self::SetRate { .. } => "set-rate",
            Self::StepDown => "step-down",
            Self::Transfer { .. } => "transfer",
            Self::Add { .. } => "add",
            Self::Remove { .. } => "remove",
            Self::Reset => "reset",
            Self::Compact => "compact",
        }
    }
}

impl fmt::Display for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why an administrative request was refused: nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminRefused {
    /// What was asked.
    pub admin: Admin,
    /// [`FailCode::Unsupported`] if the node has no such operation, else why it cannot do it now.
    pub code: FailCode,
}

impl fmt::Display for AdminRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            FailCode::Unsupported => write!(f, "this target has no {}", self.admin),
            FailCode::NotPrimary => write!(f, "{} is for the primary", self.admin),
            code => write!(f, "{} cannot be done now: {code:?}", self.admin),
        }
    }
}

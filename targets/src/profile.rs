//! The description of a family, so that other code need not know which family it is.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Nanos, Operation};

/// The nodes that take operations of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taker {
    /// The primary.
    Primary,
    /// Nodes other than the primary.
    Replicas,
    /// Any node.
    Anyone,
}

/// How the primary of a cluster is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leadership {
    /// It has none.
    None,
    /// The first node is the primary for ever.
    Fixed,
    /// Another node takes over when it no longer hears the primary.
    Taken {
        /// At most this long, in nanoseconds, after the primary was last heard.
        within: Nanos,
    },
}

/// The timeouts for a target, in nanoseconds. A time that a file does not give is that of
/// [`Pace::LOCAL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// The longest wait for a node to serve after its first start; after that there is no run.
    pub ready_within: Nanos,
    /// Load starts this long after all nodes serve, even if they have not come to rest.
    pub calm_within: Nanos,
    /// The longest wait of a process for a response.
    pub patience: Nanos,
    /// The longest wait for a cluster to come to rest after its faults have ended.
    pub settle_within: Nanos,
    /// The time between two probes of a cluster that comes to rest.
    pub look_every: Nanos,
    /// A node that does not report within this time whether it is at rest is taken to be busy.
    pub look_within: Nanos,
    /// A node that cannot be probed counts as at rest if it has sent nothing for this long, and no
    /// message
    /// to it is in transit.
    pub quiet: Nanos,
}

impl Pace {
    /// That of a cluster on one machine or in simulation, whose timers are some hundred
    /// milliseconds.
    pub const LOCAL: Self = Self {
        ready_within: 20_000_000_000,
        calm_within: 5_000_000_000,
        patience: 1_000_000_000,
        settle_within: 15_000_000_000,
        look_every: 20_000_000,
        look_within: 300_000_000,
        quiet: 500_000_000,
    };
}

impl Default for Pace {
    fn default() -> Self {
        Self::LOCAL
    }
}

/// The description of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The operations that it offers. Any other is answered [`crate::FailCode::Unsupported`].
    pub offers: Cow<'static, [Operation]>,
    /// The nodes that take operations with an effect.
    pub writes: Taker,
    /// The nodes that take operations without an effect.
    pub reads: Taker,
    /// How its primary is chosen.
    pub leadership: Leadership,
    /// How many nodes hold a copy of a key.
    pub copies: u16,
    /// The default number of keys in use at a time: few, so that operations conflict.
    pub keys: u32,
    /// Its timeouts.
    pub pace: Pace,
}

impl Profile {
    /// Of a cluster of equals on one machine: any node reads and writes registers, and all of the
    /// `nodes` hold a copy of every key.
    pub fn of_equals(nodes: u16) -> Self {
        Self {
            offers: Cow::Borrowed(&[Operation::Get, Operation::Put]),
            writes: Taker::Anyone,
            reads: Taker::Anyone,
            leadership: Leadership::None,
            copies: nodes,
            keys: 3,
            pace: Pace::LOCAL,
        }
    }

    /// Whether there is a primary, which faults can aim at.
    pub fn has_primary(&self) -> bool {
        self.leadership != Leadership::None
    }
}

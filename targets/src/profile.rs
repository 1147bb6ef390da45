//! What a family says of itself, so that nobody need know which family it is.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Nanos, Operation};

/// Who takes operations of a kind.
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

/// How a cluster comes to have a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leadership {
    /// It has none.
    None,
    /// The first node is the primary for ever.
    Fixed,
    /// Another node takes over when it misses the primary.
    Taken {
        /// At most this long, in nanoseconds, after the primary was last heard.
        within: Nanos,
    },
}

/// How long to wait for a target, in nanoseconds. Where what is read gives no time, it is that of
/// [`Pace::LOCAL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// A node that does not serve this long after its first start is not waited for: there is no run.
    pub ready_within: Nanos,
    /// Load starts this long after all nodes serve, even if they have not come to rest.
    pub calm_within: Nanos,
    /// A process waits this long for an answer.
    pub patience: Nanos,
    /// A cluster that has not come to rest this long after its faults have ended is not waited for.
    pub settle_within: Nanos,
    /// How often a cluster that comes to rest is looked at.
    pub look_every: Nanos,
    /// A node that does not say within this time whether it rests is taken to be busy.
    pub look_within: Nanos,
    /// A node that cannot be asked rests if it has said nothing for this long, with nothing on its way
    /// to it.
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

/// What a target says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The operations that it offers. Any other is answered [`crate::FailCode::Unsupported`].
    pub offers: Cow<'static, [Operation]>,
    /// Who takes operations that change something.
    pub writes: Taker,
    /// Who takes operations that change nothing.
    pub reads: Taker,
    /// How it comes to have a primary.
    pub leadership: Leadership,
    /// How many nodes hold a copy of a key.
    pub copies: u16,
    /// Keys in use at a time, where nobody says: few, so that operations meet.
    pub keys: u32,
    /// How long to wait for it.
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

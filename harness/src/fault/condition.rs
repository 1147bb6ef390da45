//! When a fault strikes: at its time, or once something is so.

use std::fmt;

use rashomon_checker::Time;
use serde::{Deserialize, Serialize};

/// What a fault waits for, from its time on, for at most as long as it lasts: then it strikes all the same.
/// In a world in which the condition cannot be seen it strikes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Condition {
    /// A node that it strikes holds records that are not durable. Seen in simulation only.
    Undurable,
}

impl Condition {
    /// How often it looks: a write to a disk takes several times as long.
    pub(crate) const LOOKS_EVERY: Time = Time(50_000);
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undurable => f.write_str("once it holds what is not durable"),
        }
    }
}

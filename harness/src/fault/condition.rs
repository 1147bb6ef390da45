//! When a fault strikes: at its time, or once something is so.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a fault waits for, from its time on, for at most half as long as it is to last: then it strikes all the
/// same, and in any case it ends when it was to end. In a world in which the condition cannot be seen it strikes
/// at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Condition {
    /// A node that it strikes holds records that are not durable. Seen in simulation only.
    Undurable,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undurable => f.write_str("once it holds what is not durable"),
        }
    }
}

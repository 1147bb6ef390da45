//! The disks of nodes: how records lie in a log, and what can be wrong with a disk. The same for real nodes and
//! for simulated ones; no I/O is here.

mod damage;
pub(crate) mod record;

use serde::{Deserialize, Serialize};

pub(crate) use damage::Damage;

/// The exit code of a node whose disk does not take a write: it must not go on as if it had.
pub(crate) const DISK_FAILED: i32 = 74;
/// The exit code of a node that does not start, as its log is damaged before its end.
pub(crate) const LOG_DAMAGED: i32 = 65;

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiskTrouble {
    /// How much longer each write takes, in nanoseconds.
    pub(crate) slow_by: u64,
    /// How the next write fails.
    pub(crate) fails: Option<WriteFailure>,
    /// Whether it says that it has written what it only holds in a cache, which a loss of power empties.
    pub(crate) lies: bool,
}

/// How a write fails. The node ends: after a write that has failed, nobody knows what the disk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WriteFailure {
    /// The disk refuses it: nothing of it is there.
    Write,
    /// The disk takes it, and `fsync` fails: it is there, and nobody was told so.
    Sync,
    /// The disk is full: the first half of it is there.
    Full,
    /// The power fails in its middle: the first half of it is there.
    Torn,
}

impl WriteFailure {
    /// How many bytes of a write of `length` bytes are on the disk.
    pub(crate) fn leaves(self, length: usize) -> usize {
        match self {
            Self::Write => 0,
            Self::Sync => length,
            Self::Full | Self::Torn => length / 2,
        }
    }

    /// What the system says.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Write => "write: Input/output error",
            Self::Sync => "fsync: Input/output error",
            Self::Full => "write: No space left on device",
            Self::Torn => "the power failed during a write",
        }
    }
}

impl DiskTrouble {
    /// Both at once.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            slow_by: self.slow_by.max(other.slow_by),
            fails: self.fails.or(other.fails),
            lies: self.lies || other.lies,
        }
    }
}

/// What a disk in trouble has done in one life of its node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DiskCounts {
    /// Writes that it delayed.
    pub(crate) delayed: u64,
    /// Records that it said to have written, and only held in its cache.
    pub(crate) lied: u64,
    /// Those of them that it still holds there.
    pub(crate) unwritten: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_troubles_at_once_are_the_worse_of_each() {
        let slow = |slow_by| DiskTrouble { slow_by, ..DiskTrouble::default() };
        let full = DiskTrouble { fails: Some(WriteFailure::Full), ..DiskTrouble::default() };
        let lies = DiskTrouble { lies: true, ..DiskTrouble::default() };
        let all = slow(3).and(slow(5)).and(full).and(lies);
        assert_eq!(all, DiskTrouble { slow_by: 5, fails: Some(WriteFailure::Full), lies: true });
    }
}

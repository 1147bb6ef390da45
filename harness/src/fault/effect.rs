//! What a fault does to the messages on a link.

use std::fmt;

use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

/// An effect on every message of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub(crate) enum LinkEffect {
    /// Lost when it would be delivered: also what was on its way when the fault struck.
    Drop,
    /// Kept back, and delivered when the fault heals.
    Hold,
    /// Some are lost.
    Loss {
        /// How many of a thousand.
        per_mille: u16,
    },
    /// All come later, by up to twice this.
    Delay {
        /// The mean, in nanoseconds.
        mean: u64,
    },
    /// Some come twice.
    Duplicate {
        /// How many of a thousand.
        per_mille: u16,
    },
    /// Some are overtaken by others.
    Reorder {
        /// How many of a thousand are kept back.
        per_mille: u16,
        /// For how long, in nanoseconds.
        by: u64,
    },
    /// In some, a bit changes on the way. The checksum of the frame refuses them.
    Corrupt {
        /// How many of a thousand.
        per_mille: u16,
    },
}

/// What one effect does to one message when it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fate {
    /// It is lost.
    pub(super) lost: bool,
    /// How much longer it takes, in nanoseconds.
    pub(super) late: u64,
    /// It comes twice.
    pub(super) twice: bool,
    /// A bit of it changes: this one, modulo how many it has.
    pub(super) flip: Option<u64>,
}

impl LinkEffect {
    /// What becomes of a message sent now. [`Drop`](Self::Drop) and [`Hold`](Self::Hold) strike at
    /// delivery, so they do nothing here.
    pub(super) fn fate(self, rng: &mut Rng) -> Fate {
        let untouched = Fate::default();
        match self {
            Self::Drop | Self::Hold => untouched,
            Self::Loss { per_mille } => Fate { lost: rng.per_mille(per_mille), ..untouched },
            Self::Delay { mean } => Fate { late: rng.between(0, 2 * mean), ..untouched },
            Self::Duplicate { per_mille } => Fate { twice: rng.per_mille(per_mille), ..untouched },
            Self::Corrupt { per_mille } => {
                let flip = rng.per_mille(per_mille).then(|| rng.next_u64());
                Fate { flip, ..untouched }
            }
            Self::Reorder { per_mille, by } => {
                let late = if rng.per_mille(per_mille) { rng.between(0, by) } else { 0 };
                Fate { late, ..untouched }
            }
        }
    }
}

/// How long a message takes on a link that nothing is wrong with, in nanoseconds.
///
/// Up to five milliseconds, as between zones of a city; one in ten takes up to 15 ms more. The
/// tail is what shows the interesting overlaps: on a link that is always quick a replica is never
/// seen to lag.
pub(super) fn usual_delay(rng: &mut Rng) -> u64 {
    let usual = rng.between(500_000, 5_000_000);
    if rng.below(10) == 0 { usual + rng.between(0, 15_000_000) } else { usual }
}

impl fmt::Display for LinkEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop => f.write_str("partition"),
            Self::Hold => f.write_str("jam"),
            Self::Loss { per_mille } => write!(f, "loss {}.{} %", per_mille / 10, per_mille % 10),
            Self::Delay { mean } => write!(f, "delay {} ms", mean / 1_000_000),
            Self::Duplicate { per_mille } => {
                write!(f, "duplicate {}.{} %", per_mille / 10, per_mille % 10)
            }
            Self::Corrupt { per_mille } => {
                write!(f, "corrupt {}.{} %", per_mille / 10, per_mille % 10)
            }
            Self::Reorder { by, .. } => write!(f, "reorder within {} ms", by / 1_000_000),
        }
    }
}

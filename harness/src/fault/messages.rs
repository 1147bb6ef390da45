//! Messages lost, delayed, duplicated or out of order.

use std::fmt;

use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::effect::LinkMemory;
use super::on_links::Percent;
use super::{Definition, Fate, FaultMenu, LinkEffect, OnLinks, Track};

/// An unreliable network.
pub(crate) type Messages = OnLinks<Disorder>;

/// What it does to single messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub(crate) enum Disorder {
    /// Some are lost.
    Loss {
        /// The probability, in thousandths.
        per_mille: u16,
    },
    /// All come later, by up to twice this.
    Delay {
        /// The mean, in nanoseconds.
        mean: u64,
    },
    /// Some come twice.
    Duplicate {
        /// The probability, in thousandths.
        per_mille: u16,
    },
    /// Some are overtaken by others.
    Reorder {
        /// The probability that a message is held back, in thousandths.
        per_mille: u16,
        /// For how long, in nanoseconds.
        by: u64,
    },
}

impl Definition for Messages {
    const SUMMARY: &'static str = "messages are lost, delayed, duplicated or reordered";
    const PARAMETERS: &'static str = "shape and direction as for partition; effect: loss (per_mille: of 1000 messages), delay \
                                      (mean: nanoseconds, at most twice that), duplicate (per_mille) or reorder (per_mille, \
                                      by: nanoseconds at most); drawn: all links, one of loss 200, delay 20 ms, duplicate \
                                      300, reorder 300 by 50 ms";
    const WORDS: &'static [&'static str] = &["loss", "delay", "duplicate", "reorder"];
    const TRACK: Track = Track::Network;
    const IDLE: &'static str =
        "it met no message of an operation, and none failed, or none was under way";

    fn draw(rng: &mut Rng, _menu: &FaultMenu) -> Self {
        Self::all(match rng.below(4) {
            0 => Disorder::Loss { per_mille: 200 },
            1 => Disorder::Delay { mean: 20_000_000 },
            2 => Disorder::Duplicate { per_mille: 300 },
            _ => Disorder::Reorder { per_mille: 300, by: 50_000_000 },
        })
    }
}

impl LinkEffect for Disorder {
    fn on_send(&self, rng: &mut Rng, _memory: &mut LinkMemory) -> Fate {
        let untouched = Fate::default();
        match *self {
            Self::Loss { per_mille } => Fate { lost: rng.per_mille(per_mille), ..untouched },
            Self::Delay { mean } => Fate { late: rng.between(0, 2 * mean), ..untouched },
            Self::Duplicate { per_mille } => Fate { twice: rng.per_mille(per_mille), ..untouched },
            Self::Reorder { per_mille, by } => {
                let late = if rng.per_mille(per_mille) { rng.between(0, by) } else { 0 };
                Fate { late, ..untouched }
            }
        }
    }
}

impl fmt::Display for Disorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Loss { per_mille } => write!(f, "loss {}", Percent(per_mille)),
            Self::Delay { mean } => write!(f, "delay {} ms", mean / 1_000_000),
            Self::Duplicate { per_mille } => write!(f, "duplicate {}", Percent(per_mille)),
            Self::Reorder { by, .. } => write!(f, "reorder within {} ms", by / 1_000_000),
        }
    }
}

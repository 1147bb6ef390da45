//! The family's planted bugs. Those of its protocols can be planted in the families that have them alone.

use crate::PlantedBug;
use crate::bug::hunt;

/// A node that knows no leader serves records from the protocol of logs.
pub const FALLS_BACK_TO_LOGS: PlantedBug = PlantedBug::new(
    "hybrid-falls-back-to-logs",
    "hybrid: a node without a leader serves records by quorums of logs; records split",
)
.sought(&[hunt("lost-write", "hybrid --faults partition,kill --time 3s")]);

pub(super) const ALL: &[PlantedBug] = &[FALLS_BACK_TO_LOGS];

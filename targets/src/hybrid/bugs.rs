//! The family's planted bugs. Those of its protocols can be planted in the families that have them alone.

use crate::PlantedBug;

/// A node that knows no leader serves records from the protocol of logs.
pub const FALLS_BACK_TO_LOGS: PlantedBug = PlantedBug {
    name: "hybrid-falls-back-to-logs",
    summary: "hybrid: a node without a leader serves records by quorums of logs; records split",
};

pub(super) const ALL: &[PlantedBug] = &[FALLS_BACK_TO_LOGS];

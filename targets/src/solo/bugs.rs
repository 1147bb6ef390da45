//! The family's planted bug.

use crate::PlantedBug;
use crate::bug::hunt;

/// The holder does again what a message asks again.
pub const TAKES_TWICE: PlantedBug = PlantedBug::new(
    "solo-takes-twice",
    "solo: a write that a message asks for twice is done twice; overwritten values come back",
)
.sought(&[hunt("stale-read", "solo --faults messages")]);

pub(super) const ALL: &[PlantedBug] = &[TAKES_TWICE];

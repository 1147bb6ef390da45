//! The family's planted bug.

use crate::PlantedBug;

/// The holder does again what a message asks again.
pub const TAKES_TWICE: PlantedBug = PlantedBug {
    name: "solo-takes-twice",
    summary: "solo: a write that a message asks for twice is done twice; overwritten values come back",
};

pub(super) const ALL: &[PlantedBug] = &[TAKES_TWICE];
